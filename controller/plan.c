/* Plans: neighbors sorted by what a draft comes to for them. */
#include "controller/plan.h"
#include "common/audience.h"
#include "common/mem.h"
#include "common/writer.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/neighbor.h"
#include "controller/owners.h"
#include "controller/profile.h"
#include "controller/rib/rib.h"
#include "controller/said.h"
#include "proto/bgp/nlri.h"

enum { PROFILES = 64 };

/* What neighbors of one profile are told. */
struct told {
	struct profile profile;
	struct blob *value; /* a share; NULL: it can't be said to them */
};

/* Neighbors of one speaker that are told the same. */
struct group {
	struct speaker_entry *speaker;
	struct blob *value; /* a share */
	bool forgets;
	struct set_members members;
};

struct sorter {
	struct controller *controller;
	const struct route_draft *draft;
	const struct plan_soon *soon; /* of the draft; or NULL */
	bool withdraw;
	unsigned profiles;
	struct group *group;
	size_t count, cap;
	struct group first; /* mostly there is no other */
	struct told profile[PROFILES];
};

static void
sorter_init(struct sorter *s, struct controller *c, const struct route_draft *d)
{
	s->controller = c;
	s->draft = d;
	s->soon = NULL;
	s->withdraw = false;
	s->profiles = 0;
	s->group = NULL;
	s->count = s->cap = 0;
}

static struct profile
profile_of(const struct neighbor *n, const struct route_draft *d)
{
	struct profile p = { .local_as = neighbor_local_as(n),
		.aigp = n->config->capability.aigp,
		.member = n->config->member };

	/* local-as auto takes the peer's number: iBGP */
	p.ibgp = p.local_as == neighbor_peer_as(n);
	if (d->next_hop_self)
		p.self = profile_self(neighbor_local_address(n), n->config->router_id, d->family);
	return p;
}

/* None when they are too many, or with a withdraw go none; good until the next. */
static struct reader
value_octets(const struct profile *p, const struct route_draft *d, bool withdraw)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer value = writer_of(memory, sizeof memory);

	int ok = withdraw ? profile_withdraw(p, d, &value) : profile_value(p, d, &value);

	return reader_of(memory, ok < 0 ? 0 : value.len);
}

void
plan_soon(struct plan_soon *s, struct controller *c, const struct route_draft *d,
    const struct neighbor *n)
{
	const struct audience *told = &n->speaker->intent.told[d->family];
	struct reader value;

	octets_clear(&s->octets);
	s->profile = profile_of(n, d);
	value = value_octets(&s->profile, d, false);
	s->hash = blobs_soon(c->values, value.at, value.left);
	octets_add(&s->octets, value.at, value.left);
	if (told->ledger)
		nlri_prefetch(told->ledger, d->family, false, octets_read(&d->nlri));
}

static struct blob *
value_of(const struct sorter *s, const struct profile *p)
{
	struct controller *c = s->controller;
	const struct plan_soon *soon = s->soon;
	struct reader value;

	if (soon && soon->octets.len > 0 && profile_equal(&soon->profile, p))
		return blob_intern_hashed(
		    c->values, soon->hash, soon->octets.base, soon->octets.len);
	value = value_octets(p, s->draft, s->withdraw);
	return value.left > 0 ? blob_intern(c->values, value.at, value.left) : NULL;
}

static struct blob *
value_for(struct sorter *s, const struct profile *p)
{
	for (unsigned i = 0; i < s->profiles; i++)
		if (profile_equal(&s->profile[i].profile, p))
			return s->profile[i].value;
	if (s->profiles ==
	    PROFILES) /* more kinds of neighbors than we compare: the last place is reused */
		blob_put(s->controller->values, s->profile[--s->profiles].value);
	s->profile[s->profiles] = (struct told){ *p, value_of(s, p) };
	return s->profile[s->profiles++].value;
}

static struct group *
group_at(struct sorter *s, size_t i)
{
	return i == 0 ? &s->first : &s->group[i - 1];
}

static void
add_member(struct sorter *s, struct neighbor *n, struct blob *value)
{
	bool forgets = !n->config->adj_rib_out;
	struct group *g;
	size_t i = 0;

	while (i < s->count &&
	       (group_at(s, i)->speaker != n->speaker || group_at(s, i)->value != value ||
		   group_at(s, i)->forgets != forgets))
		i++;
	if (i == s->count) {
		if (i > 0)
			s->group = mem_grow(s->group, &s->cap, i, sizeof *s->group);
		*group_at(s, s->count++) = (struct group){
			.speaker = n->speaker, .value = blob_get(value), .forgets = forgets
		};
	}
	g = group_at(s, i);
	set_add(&g->members, n->number);
}

/* The groups become the parts of the plan, or go. */
static void
finish(struct sorter *s, struct plan *p, bool keep)
{
	struct controller *c = s->controller;

	for (unsigned i = 0; i < s->profiles; i++)
		blob_put(c->values, s->profile[i].value);
	if (keep && s->count > 0)
		p->part = mem_grow(p->part, &p->cap, s->count, sizeof *p->part);
	for (size_t i = 0; i < s->count; i++) {
		struct group *g = group_at(s, i);
		uint32_t set = set_of_members(c->sets, &g->members);

		if (keep) {
			p->part[p->count++] =
			    (struct plan_part){ g->speaker, g->value, set, g->forgets };
			continue;
		}
		set_put(c->sets, set);
		blob_put(c->values, g->value);
	}
	mem_free(s->group);
}

static int
sort_one(struct sorter *s, struct plan *plan, struct neighbor *n, struct reason *why)
{
	const struct route_draft *d = s->draft;
	struct profile p;
	struct blob *value;

	if (!(n->families & family_bit(d->family)) || !neighbor_peer_as(n) ||
	    !neighbor_local_as(n)) {
		plan->skipped++;
		return 0;
	}
	p = profile_of(n, d);
	if (d->next_hop_self && p.self.family == 0) {
		if (neighbor_settled(n))
			return reason_set(why, 0, 0,
			    "next-hop self: %s has no local address of that family", n->name);
		plan->skipped++; /* its session will tell */
		return 0;
	}
	value = value_for(s, &p);
	if (!value)
		return reason_set(why, 0, 0, "its attributes are too long");
	add_member(s, n, value);
	return 0;
}

static void
begin(struct plan *p, struct controller *c, enum family family)
{
	*p = (struct plan){ .controller = c, .family = family, .grounds = c->grounds };
}

int
plan_announce(struct plan *p, struct controller *c, const struct route_draft *d,
    const struct plan_soon *soon, struct neighbor *const *to, size_t count, struct reason *why)
{
	struct sorter s;
	int ok = 0;

	begin(p, c, d->family);
	if (!nlri_ops(d->family))
		return reason_set(why, 0, 0, "%s routes are not built yet", family_name(d->family));
	sorter_init(&s, c, d);
	s.soon = soon;
	for (size_t i = 0; ok == 0 && i < count; i++)
		ok = sort_one(&s, p, to[i], why);
	finish(&s, p, ok == 0);
	return ok;
}

/* The attributes cost nothing where they can't be had. */
void
plan_withdraw(struct plan *p, struct controller *c, const struct route_draft *d,
    struct neighbor *const *to, size_t count)
{
	struct sorter s;

	begin(p, c, d->family);
	if (!nlri_ops(d->family))
		return;
	sorter_init(&s, c, d);
	s.withdraw = true;
	for (size_t i = 0; i < count; i++) {
		struct blob *value = NULL;

		if (!(to[i]->families & family_bit(d->family)))
			continue;
		if (neighbor_peer_as(to[i]) && neighbor_local_as(to[i])) {
			struct profile profile = profile_of(to[i], d);

			value = value_for(&s, &profile);
		}
		add_member(&s, to[i], value);
	}
	finish(&s, p, true);
}

void
plan_fini(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		set_put(p->controller->sets, p->part[i].set);
		blob_put(p->controller->values, p->part[i].value);
	}
	mem_free(p->part);
	*p = (struct plan){ 0 };
}

bool
plan_stands(const struct plan *p)
{
	return p->controller && p->grounds == p->controller->grounds;
}

void
plan_prefetch(const struct plan *p, bool path_ids, struct reader bin)
{
	if (p->count == 0)
		return;
	/* of the first speaker: what is looked up in the ledgers of many would be gone again */
	nlri_prefetch(
	    intent_told(&p->part[0].speaker->intent, p->family)->ledger, p->family, path_ids, bin);
}

size_t
plan_tell(const struct plan *p, uint32_t path_id, struct reader nlri, uint32_t owner,
    struct refusal *refused)
{
	size_t all = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct plan_part *part = &p->part[i];
		struct audience *a = intent_told(&part->speaker->intent, p->family);
		size_t news;

		bool forgets = part->forgets && !owner_is_config(p->controller->owners, owner);

		if (!intent_has_room(&part->speaker->intent, p->family,
			(struct nlri){ path_id, nlri }, part->set)) {
			refused->full += set_count(a->sets, part->set);
			refused->full_at = part->speaker;
			continue;
		}
		if (p->controller->gates) {
			struct gated r = { p->family, nlri, part->value, owner };

			all += said_tell(part->speaker, &r, path_id, part->set, forgets, refused);
			continue;
		}
		if (forgets)
			audience_leave(a, path_id, nlri, part->set);
		news = audience_announce(a, path_id, nlri, blob_get(part->value), part->set, owner);
		if (news > 0)
			lane_wake(part->speaker->lane);
		all += news;
	}
	return all;
}

/* Those of the part who hear of the withdraw: not those for whom the route waits behind a policy. A share. */
static uint32_t
untold(const struct plan_part *part, enum family f, uint32_t path_id, struct reader nlri)
{
	struct intent *in = &part->speaker->intent;

	return in->said ? said_untell(part->speaker, f, path_id, nlri, part->set)
			: set_get(part->speaker->controller->sets, part->set);
}

size_t
plan_untell(const struct plan *p, uint32_t path_id, struct reader nlri)
{
	size_t known = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct plan_part *part = &p->part[i];
		struct audience *a = intent_told(&part->speaker->intent, p->family);
		uint32_t set = untold(part, p->family, path_id, nlri);

		if (set == SET_NONE)
			continue;
		known += audience_withdraw(a, path_id, nlri, blob_get(part->value), set, true);
		set_put(a->sets, set);
		rib_reconsider(p->controller, p->family, nlri);
		lane_wake(part->speaker->lane);
	}
	return known;
}
