/* Routes in bulk: groups that share family, next hop and attributes, all of them as the wire has them.
 *
 *      { op, neighbor, wait, groups: [ [ family, next hop, attributes, nlri, path ids ], ... ] }
 *
 * A group is checked whole before anything of it is told: a malformed NLRI costs its group. */
#include "controller/api/bulk.h"
#include <string.h>
#include "common/mem.h"
#include "controller/intent.h"
#include "controller/plan.h"
#include "controller/watchdog.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"

enum { CHECKED = 256, TOLD = 64 /* NLRI a step */, GROUPS = 4 };

/* As it came, in the bulk's own memory. */
struct group {
	enum family family;
	bool self, typed; /* next hop self; the attributes are words */
	bool path_ids, shapeless;
	struct reader next_hop, attributes, nlri;
};

/* What a group's next hop and attributes come to. */
struct drafted {
	struct group of;
	bool ready;
	struct route_draft draft;
	struct plan_soon soon;
};

enum phase { PHASE_BEGIN, PHASE_CHECK, PHASE_TELL };

struct bulk_routes {
	bool withdraw;
	struct reader selector;
	struct neighbor **neighbor; /* that it means, on these grounds */
	size_t neighbors, cap;
	uint64_t grounds;
	struct group *group;
	enum phase phase;
	struct drafted drafted[2];
	struct drafted *now, *ahead; /* of the group under way; of the next, where it has others */
	struct plan plan; /* of the draft; it stands for groups that follow, too */
	struct reader in; /* NLRI not checked yet */
	struct octets nlri; /* canonical */
	size_t checked, told, tells; /* how many; octets of them; NLRI */
	struct words_line line;
};

/* --- the shape of a request --- */

static enum family
family_of_node(const struct node *n)
{
	char name[48], *blank;

	if (node_kind(n) == NODE_UINT) {
		uint64_t code = node_uint(n, 0);

		return code <= FAMILY_CODE_MAX ? family_by_code((uint32_t)code) : FAMILY_UNKNOWN;
	}
	node_text(n, name, sizeof name);
	blank = strchr(name, ' ');
	if (!blank)
		return FAMILY_UNKNOWN;
	*blank = '\0';
	return family_by_name(name, blank + 1);
}

/* An address is told as its octets, or as text; nothing: it is among the attributes, or there is none. */
static bool
read_hop(const struct node *n, struct reader *octets, bool *self)
{
	struct reader r = node_bytes(n);

	if (node_kind(n) == NODE_NIL || node_kind(n) == NODE_NONE)
		return true;
	*self = node_kind(n) == NODE_TEXT && r.left == 4 && memcmp(r.at, "self", 4) == 0;
	if (!*self)
		*octets = r;
	return *self || node_kind(n) == NODE_BIN;
}

static struct group
read_group(const struct bulk *b, struct reader message, const struct node *n)
{
	const struct node *attributes = node_at(n, 2), *nlri = node_at(n, 3);
	struct group g = { .family = family_of_node(node_at(n, 0)),
		.typed = node_kind(attributes) == NODE_TEXT,
		.path_ids = node_bool(node_at(n, 4), false) };
	struct reader hop = { 0 };

	g.shapeless = node_kind(n) != NODE_ARRAY || !read_hop(node_at(n, 1), &hop, &g.self) ||
		      node_kind(nlri) != NODE_BIN ||
		      (attributes && !g.typed && node_kind(attributes) != NODE_BIN &&
			  node_kind(attributes) != NODE_NIL);
	g.next_hop = bulk_lent(b, message, hop);
	g.attributes = bulk_lent(b, message, node_bytes(attributes));
	g.nlri = bulk_lent(b, message, node_bytes(nlri));
	return g;
}

/* --- for whom --- */

/* Again when the grounds have changed: who is gone is not told any more, and who has come is. */
static int
choose(struct bulk *b, struct reason *why)
{
	struct bulk_routes *x = b->of_routes;
	struct call c = { .api = b->api, .request = b->request };
	int ok;

	if (x->grounds == b->api->controller->grounds && x->neighbor)
		return 0;
	x->grounds = b->api->controller->grounds;
	words_line_clear(&x->line);
	if (x->selector.left > 0 && (words_cut(&x->line, "neighbor ", 9, 1, WORDS_API, why) < 0 ||
					words_cut(&x->line, (const char *)x->selector.at,
					    x->selector.left, 1, WORDS_API, why) < 0)) {
		x->grounds = 0; /* the next group is to hear of it, too */
		return -1;
	}
	c.words = words_of(&x->line);
	ok = call_choose(&c) < 0 || call_end(&c) < 0 ? -1 : 0;
	*why = c.why;
	x->neighbors = ok == 0 ? c.count : 0;
	x->neighbor = mem_grow(x->neighbor, &x->cap, x->neighbors + 1, sizeof *x->neighbor);
	if (x->neighbors > 0)
		memcpy(x->neighbor, c.neighbor, x->neighbors * sizeof *x->neighbor);
	if (ok < 0)
		x->grounds = 0;
	return ok;
}

/* --- a group's draft --- */

/* As from a session inside the AS: nothing that an operator may say is unwanted there. */
static int
take_attributes(struct route_draft *d, struct reader list, struct reason *why)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	const struct session_params p = { .local_as = 1, .peer_as = 1, .asn4 = true, .aigp = true };
	struct writer w = writer_of(memory, sizeof memory);
	struct attrs_in in;

	attrs_parse(&in, list, &p, &w);
	if (in.complaints > 0)
		return complaint_refuse(&in.complaint[0], why);
	if (in.has_mp_reach || in.has_mp_unreach)
		return reason_set(why, 0, 0, "attributes with an MP_REACH_NLRI or MP_UNREACH_NLRI");
	octets_add(&d->attributes, in.block.at, in.block.left);
	if (in.has_next_hop && !d->next_hop_self && d->next_hop_len == 0) {
		d->next_hop_len = sizeof in.next_hop;
		memcpy(d->next_hop, in.next_hop, sizeof in.next_hop);
	}
	return 0;
}

/* Words as behind `attributes`; what is of one route, or asks for more than to be told, does not belong there. */
static int
type_attributes(
    struct bulk_routes *x, struct route_draft *d, struct reader text, struct reason *why)
{
	struct words words;

	words_line_clear(&x->line);
	if (words_cut(&x->line, "attributes ", 11, 1, WORDS_API, why) < 0 ||
	    words_cut(&x->line, (const char *)text.at, text.left, 1, WORDS_API, why) < 0)
		return -1;
	words = words_of(&x->line);
	d->family = IPV4_UNICAST; /* which has no words of its own */
	if (route_scan(&words, d, why) < 0)
		return -1;
	if (words_left(&words))
		return words_wrong(&words, why, "a keyword of a route");
	if (d->nlri.len > 0 || d->split || d->watchdog[0] || d->withdrawn || d->has_path_id)
		return reason_set(why, 0, 0,
		    "nlri, split, watchdog, withdraw and path-information do not stand among "
		    "attributes");
	return 0;
}

static int
check_draft(const struct route_draft *d, struct reason *why)
{
	const struct nlri_ops *ops = nlri_ops(d->family);
	const char *lacks = ops->lacks ? ops->lacks(octets_read(&d->attributes)) : NULL;
	struct attr typed;

	if (lacks)
		return reason_set(why, 0, 0, "%s", lacks);
	if (d->next_hop_self || attrs_find(octets_read(&d->raw), ATTR_NEXT_HOP, &typed))
		return 0;
	if (d->next_hop_len == 0)
		return family_table[d->family].no_hop ? 0 : reason_set(why, 0, 0, "no next hop");
	/* IPv4 may have IPv6 ones (RFC 8950) */
	if (!ops->next_hop_length(d->next_hop_len) && !nlri_hop_any(d->next_hop_len))
		return reason_set(why, 0, 0, "a next hop of %u octets", d->next_hop_len);
	return 0;
}

static int
make_draft(struct bulk_routes *x, struct route_draft *d, const struct group *g, struct reason *why)
{
	route_draft_clear(d);
	d->family = g->family;
	d->has_family = true;
	d->next_hop_self = g->self;
	d->next_hop_len = (uint8_t)g->next_hop.left;
	if (g->next_hop.left > 0)
		memcpy(d->next_hop, g->next_hop.at, g->next_hop.left);
	if (g->typed && type_attributes(x, d, g->attributes, why) < 0)
		return -1;
	if (!g->typed && take_attributes(d, g->attributes, why) < 0)
		return -1;
	d->family = g->family;
	return x->withdraw ? 0 : check_draft(d, why);
}

/* But for their NLRI. */
static bool
same_draft(const struct group *a, const struct group *b)
{
	return a->family == b->family && a->self == b->self && a->typed == b->typed &&
	       reader_equal(a->next_hop, b->next_hop) && reader_equal(a->attributes, b->attributes);
}

static int
make_plan(struct bulk *b, struct reason *why)
{
	struct bulk_routes *x = b->of_routes;
	struct controller *k = b->api->controller;

	if (choose(b, why) < 0)
		return -1;
	if (plan_stands(&x->plan))
		return 0;
	plan_fini(&x->plan);
	if (x->withdraw)
		plan_withdraw(&x->plan, k, &x->now->draft, x->neighbor, x->neighbors);
	else if (plan_announce(&x->plan, k, &x->now->draft, &x->now->soon, x->neighbor,
		     x->neighbors, why) < 0) {
		plan_fini(&x->plan); /* it does not stand for groups that follow */
		return -1;
	}
	return 0;
}

static int
check_group(const struct group *g, struct reason *why)
{
	if (g->shapeless)
		return reason_set(
		    why, 0, 0, "expected [family, next hop, attributes, nlri, path ids]");
	if (g->family == FAMILY_UNKNOWN || !nlri_ops(g->family))
		return reason_set(why, 0, 0, "no such family");
	if (g->next_hop.left > 0 && !nlri_hop_any(g->next_hop.left))
		return reason_set(why, 0, 0, "a next hop of %zu octets", g->next_hop.left);
	return g->nlri.left == 0 ? reason_set(why, 0, 0, "no NLRI") : 0;
}

static int
draft(struct bulk_routes *x, struct drafted *d, const struct group *g, struct reason *why)
{
	octets_clear(&d->soon.octets);
	d->of = *g;
	d->ready = make_draft(x, &d->draft, g, why) == 0;
	return d->ready ? 0 : -1;
}

/* The draft of the next group is made while this one is told, and the places of its value and of its first NLRI are
 * asked for: they have come when its turn does. What is wrong with it is told then. */
static void
look_ahead(struct bulk *b)
{
	struct bulk_routes *x = b->of_routes;
	const struct group *next = b->at + 1 < b->count ? &x->group[b->at + 1] : NULL;
	struct controller *k = b->api->controller;
	struct reason why;
	struct nlri nlri;
	struct reader bin;

	why.text[0] = '\0';
	if (!next || x->withdraw || check_group(next, &why) < 0)
		return;
	bin = next->nlri;
	if (next->family == x->now->of.family && !nlri_key(next->family) &&
	    nlri_next(next->family, next->path_ids, &bin, &nlri))
		plan_prefetch(
		    &x->plan, next->path_ids, reader_of(next->nlri.at, next->nlri.left - bin.left));
	if (x->neighbors > 0 && !same_draft(&x->now->of, next) &&
	    !(x->ahead->ready && same_draft(&x->ahead->of, next)) &&
	    draft(x, x->ahead, next, &why) == 0)
		plan_soon(&x->ahead->soon, k, &x->ahead->draft, x->neighbor[0]);
}

static int
begin(struct bulk *b, const struct group *g, struct reason *why)
{
	struct bulk_routes *x = b->of_routes;

	x->checked = x->told = x->tells = 0;
	if (check_group(g, why) < 0)
		return -1;
	if (!x->now->ready || !same_draft(&x->now->of, g)) {
		plan_fini(&x->plan);
		if (x->ahead->ready && same_draft(&x->ahead->of, g)) {
			struct drafted *was = x->now;

			x->now = x->ahead;
			x->ahead = was;
		} else if (draft(x, x->now, g, why) < 0)
			return -1;
	}
	if (make_plan(b, why) < 0)
		return -1;
	look_ahead(b);
	octets_clear(&x->nlri);
	x->in = g->nlri;
	return 0;
}

/* --- its NLRI --- */

static int
check_one(struct bulk_routes *x, const struct group *g, struct reason *why)
{
	const struct nlri_ops *ops = nlri_ops(g->family);
	uint8_t memory[NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct reason inner = { 0 };
	int said;

	if (g->path_ids) {
		const uint8_t *id = reader_take(&x->in, 4);

		if (!id)
			return reason_set(why, 0, 0, "NLRI %zu: malformed", x->checked);
		octets_add(&x->nlri, id, 4);
	}
	said = ops->parse(&x->in, &w);
	if (said < 0 || !reader_ok(&x->in) || !writer_ok(&w))
		return reason_set(why, 0, 0, "NLRI %zu: malformed", x->checked);
	if (said == NLRI_LEFT_OUT)
		return reason_set(why, 0, 0, "NLRI %zu: none of its family", x->checked);
	if (said == NLRI_TO_WITHDRAW && !x->withdraw)
		return reason_set(why, 0, 0, "NLRI %zu: contradicts itself", x->checked);
	if (!x->withdraw && ops->check && ops->check(writer_read(&w), &inner) < 0)
		return reason_set(why, 0, 0, "NLRI %zu: %s", x->checked, inner.text);
	octets_add(&x->nlri, memory, w.len);
	x->checked++;
	return 0;
}

/* 1: all are well, 0: so far, -1. */
static int
check_some(struct bulk *b, const struct group *g, struct reason *why)
{
	struct bulk_routes *x = b->of_routes;

	for (unsigned i = 0; i < CHECKED && x->in.left > 0; i++)
		if (check_one(x, g, why) < 0)
			return -1;
	return x->in.left == 0;
}

/* What a client has under a watchdog is found by its draft. */
static void
leave_watchdogs(struct bulk *b, const struct group *g, const struct nlri *nlri)
{
	struct bulk_routes *x = b->of_routes;
	struct controller *k = b->api->controller;
	struct route_draft d = { .family = g->family, .path_id = nlri->path_id };

	if (!watchdog_any(k))
		return;
	octets_add(&d.nlri, nlri->octets.at, nlri->octets.left);
	watchdog_leave(k, &d, x->neighbor, x->neighbors);
	route_draft_fini(&d);
}

/* Those that are told with this step. */
static struct reader
next_some(const struct group *g, struct reader bin)
{
	struct reader rest = bin;
	struct nlri nlri;

	for (unsigned i = 0; i < TOLD && nlri_next(g->family, g->path_ids, &rest, &nlri);)
		i++;
	return reader_of(bin.at, bin.left - rest.left);
}

/* Of what has one value the longest are the first that a message has no room for; policies may make another value of each. */
static void
look_at(struct bulk *b, const struct group *g, struct nlri nlri, size_t *longest)
{
	const struct bulk_routes *x = b->of_routes;

	if (b->request->wait != API_WAIT_SENT ||
	    (nlri.octets.left <= *longest && !b->api->controller->gates))
		return;
	*longest = nlri.octets.left > *longest ? nlri.octets.left : *longest;
	left_out_look(&b->left_out, x->neighbor, x->neighbors, g->family, nlri);
}

/* Of the NLRI that was told last; those before it are told. */
static int
no_room(const struct bulk_routes *x, const struct refusal *refused, struct reason *why)
{
	struct reason inner = { 0 };

	(void)intent_no_room(refused->full_at, x->now->of.family, &inner);
	return reason_set(why, 0, 0, "NLRI %zu: %s", x->tells - 1, inner.text);
}

/* 1: that was all, 0: there is more, -1: it can't be told any more. */
static int
tell_some(struct bulk *b, const struct group *g, struct reason *why)
{
	struct bulk_routes *x = b->of_routes;
	struct reader bin = octets_read(&x->nlri);
	struct refusal refused = { 0 };
	struct nlri nlri;
	size_t longest = 0;
	unsigned i = 0;

	if (make_plan(b, why) < 0)
		return -1;
	reader_take(&bin, x->told);
	if (x->checked > 1)
		plan_prefetch(&x->plan, g->path_ids, next_some(g, bin));
	for (; i < TOLD && refused.full == 0 && nlri_next(g->family, g->path_ids, &bin, &nlri);
	     i++) {
		if (x->withdraw) {
			leave_watchdogs(b, g, &nlri);
			b->news += plan_untell(&x->plan, nlri.path_id, nlri.octets);
		} else {
			b->news += plan_tell(&x->plan, nlri.path_id, nlri.octets,
			    b->request->client->owner, &refused);
			look_at(b, g, nlri, &longest);
		}
	}
	bulk_refused(b, &refused);
	b->routes += x->plan.count > 0 ? i - (refused.full > 0) : 0;
	x->told = x->nlri.len - bin.left;
	x->tells += i;
	return refused.full > 0 ? no_room(x, &refused, why) : bin.left == 0;
}

static void
told_all(struct bulk *b, const struct group *g)
{
	struct bulk_routes *x = b->of_routes;

	b->skipped += x->plan.skipped;
	bulk_touch(b, x->neighbor, x->neighbors, g->family);
}

/* True at the end of all. */
static bool
step_group(struct bulk *b)
{
	struct bulk_routes *x = b->of_routes;
	const struct group *g = &x->group[b->at];
	struct reason why = { 0 };
	int ok = 0;

	if (b->at == b->count)
		return true;
	if (x->phase == PHASE_BEGIN) {
		ok = begin(b, g, &why);
		x->phase = PHASE_CHECK;
	}
	if (ok == 0 && x->phase == PHASE_CHECK) {
		ok = check_some(b, g, &why);
		if (ok > 0)
			x->phase = PHASE_TELL;
		ok = ok < 0 ? -1 : 0;
	}
	if (ok == 0 && x->phase == PHASE_TELL)
		ok = tell_some(b, g, &why);
	if (ok == 0)
		return false;
	if (ok < 0)
		bulk_fail(b, b->at, &why);
	if (ok > 0 || x->tells > 0)
		told_all(b, g);
	x->phase = PHASE_BEGIN;
	return ++b->at == b->count;
}

/* Some groups, where they are small. */
static bool
step(struct bulk *b)
{
	size_t at = b->at;

	for (unsigned i = 0; i < GROUPS && b->at == at + i; i++)
		if (step_group(b))
			return true;
	return false;
}

static void
drafted_fini(struct drafted *d)
{
	route_draft_fini(&d->draft);
	octets_fini(&d->soon.octets);
}

static void
fini(struct bulk *b)
{
	struct bulk_routes *x = b->of_routes;

	plan_fini(&x->plan);
	drafted_fini(&x->drafted[0]);
	drafted_fini(&x->drafted[1]);
	octets_fini(&x->nlri);
	words_line_fini(&x->line);
	mem_free(x->neighbor);
	mem_free(x->group);
	mem_free(x);
}

static const struct bulk_ops ops = { step, fini };

void
bulk_routes_request(struct request *r, const struct api_request *a)
{
	size_t count = node_count(a->list);
	struct bulk_routes *x;
	struct reason why = { 0 };
	struct bulk *b;

	if (count > BULK_MAX) {
		request_done(&r, "error", "more than %d groups in one request", BULK_MAX);
		return;
	}
	b = bulk_new(r, &ops, a->message, count);
	b->of_routes = x = mem_zero(sizeof *x);
	x->now = &x->drafted[0];
	x->ahead = &x->drafted[1];
	x->withdraw = a->withdraw;
	x->selector = bulk_lent(b, a->message, a->neighbor);
	x->group = mem_alloc((count + 1) * sizeof *x->group);
	request_weigh(r, count * sizeof *x->group);
	for (size_t i = 0; i < count; i++)
		x->group[i] = read_group(b, a->message, node_at(a->list, (uint32_t)i));
	if (choose(b, &why) < 0) {
		bulk_drop(b);
		request_refuse(&r, &why);
	}
}
