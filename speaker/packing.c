/* A slice of a ledger, from a reader to the sessions: taken, grouped by value, encoded once, and handed out. */
#include "speaker/packing.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/slice.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"
#include "speaker/limit.h"
#include "speaker/owners.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"

enum {
	PARTY_MAX = 1024,
	AUDIENCES_MAX = 32,
	OWNERS_LIMITED = 16,
	SLICE_OCTETS = 128 * 1024,
	SLICE_PACED = 4 * 1024
};

/* Of what is in front of a reader: what this outlet is told by it. */
struct wanting {
	const struct outlet *outlet;
	enum family family;
	bool of_limit; /* the reader is that of a limit: what this owner says */
	bool held; /* else: but for what limits hold */
	uint32_t owner;
	const struct ledger_entry
	    *asked; /* of the slice, the last one of other terms than those before it; or NULL */
	bool answer;
};

struct packing {
	struct speaker *speaker;
	struct octets encoded;
	bool announces;
	struct slice slice;
	struct nlri nlri[SLICE_MAX];
	struct ledger_reader *beside[PARTY_MAX];
	struct outlet *party[PARTY_MAX];
	struct ledger_reader *reader[PARTY_MAX]; /* of each of them: the one that is at it */
	size_t party_count;
	struct wanting want;
	struct {
		uint32_t owner;
		unsigned count;
	} held[OWNERS_LIMITED]; /* of the slice, what limits hold */
	size_t held_count;
};

/* With a rate-limit nothing waits in the queue that could still be said anew in the ledger. */
bool
packing_room(const struct outlet *o)
{
	size_t most = o->peer->config.rate_limit > 0 ? 1 : SESSION_QUEUE_HIGH;

	return !o->waits && session_queued(o->peer->session) < most;
}

static bool
is_member(const struct outlet *o, const struct ledger *l, const struct ledger_entry *e)
{
	return set_has(o->peer->speaker->sets, ledger_audience(l, e), o->peer->slot);
}

static bool
is_held(const struct wanting *w, uint32_t owner)
{
	return w->held && owners_limit(w->outlet->peer->speaker->out->owners, owner) > 0;
}

static bool
is_wanted(const struct wanting *w, const struct ledger *l, const struct ledger_entry *e)
{
	uint32_t owner;

	if (!is_member(w->outlet, l, e))
		return false;
	owner = ledger_owner(l, e);
	return w->of_limit ? owner == w->owner : !is_held(w, owner);
}

/* An entry's terms decide on it. */
static bool
wanted(void *arg, const struct ledger_entry *e)
{
	struct wanting *w = arg;
	const struct ledger *l = w->outlet->peer->speaker->out->told[w->family].ledger;

	if (!w->asked || !ledger_same_terms(l, w->asked, e)) {
		w->asked = e;
		w->answer = is_wanted(w, l, e);
	}
	return w->answer;
}

/* The different audiences of a slice; 0 when there are too many to compare. */
static unsigned
audiences_of(const struct slice *s, uint32_t out[AUDIENCES_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->entries; i++) {
		uint32_t audience = ledger_audience(s->ledger, s->entry[i]);
		unsigned j = 0;

		while (j < n && out[j] != audience)
			j++;
		if (j < n)
			continue;
		if (n == AUDIENCES_MAX)
			return 0;
		out[n++] = audience;
	}
	return n;
}

static bool
same_for(struct sets *sets, const uint32_t *audience, unsigned n, uint32_t a, uint32_t b)
{
	for (unsigned i = 0; i < n; i++)
		if (set_has(sets, audience[i], a) != set_has(sets, audience[i], b))
			return false;
	return true;
}

/* Who is packed for together with `lead`: itself first. */
static void
gather(struct packing *p, struct outlet *lead, enum family family)
{
	uint32_t audience[AUDIENCES_MAX];
	unsigned different = audiences_of(&p->slice, audience);
	size_t n = ledger_reader_beside(lead->reader[family], p->beside, PARTY_MAX);

	if (different == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct outlet *o = ledger_reader_party(p->beside[i]);

		if (o == lead || !o || !o->peer || p->beside[i] != o->reader[family] ||
		    !packing_room(o) || o->told != lead->told ||
		    limits_hold(o, family) != p->want.held ||
		    o->peer->config.rate_limit != lead->peer->config.rate_limit ||
		    !params_same_encoding(&o->peer->params, &lead->peer->params))
			continue;
		if (same_for(
			p->speaker->sets, audience, different, lead->peer->slot, o->peer->slot)) {
			p->reader[p->party_count] = p->beside[i];
			p->party[p->party_count++] = o;
		}
	}
}

/* To a peer that was sent no route in this session yet nothing is withdrawn, as ExaBGP's first pass has no
 * withdraws; later on it is sent those of routes that it was never told, too. */
static void
encode_withdraw(struct packing *p, const struct outlet *lead, enum family family,
    const struct blob *value, size_t n)
{
	struct route_value v = route_value_of(blob_read(value));

	if (lead->told)
		update_withdraw(
		    &p->encoded, &lead->peer->params, family, value ? &v : NULL, p->nlri, n);
}

/* All who are packed for together lack it for the same reason. */
static void
complain(struct packing *p, enum family family, const struct route_value *v, size_t n)
{
	struct reason why = { 0 };

	for (size_t i = 0; i < p->party_count; i++) {
		struct peer *peer = p->party[i]->peer;

		if (!log_allow(&peer->complaints, 5))
			continue;
		if (!reason_given(&why))
			(void)update_hindered(&peer->params, family, v, p->nlri, n, &why);
		log_warning(peer->name, "%zu %s not sent: %s", n,
		    n == 1 ? "route is" : "routes are", why.text);
	}
}

/* `n` NLRI of p->nlri as entry e says: under its value, or withdrawn. Gives the change of what the peer is
 * told. */
static int
encode(struct packing *p, struct outlet *lead, enum family family, const struct ledger_entry *e,
    size_t n)
{
	const struct session_params *params = &lead->peer->params;
	struct route_value v;

	if (e->mark) {
		encode_withdraw(p, lead, family, ledger_value(e), n);
		return -(int)n;
	}
	v = route_value_of(blob_read(ledger_value(e)));
	if (update_announce(&p->encoded, params, family, &v, p->nlri, n) == 0) {
		p->announces = true;
		return (int)n;
	}
	/* what it was told of them before is not so any more */
	encode_withdraw(p, lead, family, NULL, n);
	complain(p, family, &v, n);
	return 0;
}

static int
encode_group(
    struct packing *p, struct outlet *lead, enum family family, const struct slice_group *g)
{
	struct ledger *l = p->speaker->out->told[family].ledger;
	const struct ledger_entry *first = p->slice.entry[g->first];
	size_t n = 0;

	for (uint16_t i = g->first; i != SLICE_END; i = p->slice.next[i])
		p->nlri[n++] = (struct nlri){ ledger_path_id(l, p->slice.entry[i]),
			ledger_key(l, p->slice.entry[i]) };
	return encode(p, lead, family, first, n);
}

/* --- several paths to a peer that knows one --- */

static bool
has_other_path(struct ledger *l, const struct ledger_entry *of)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while ((e = ledger_path(l, ledger_key(l, of), &w)))
		if (!e->mark && ledger_path_id(l, e) != ledger_path_id(l, of))
			return true;
	return false;
}

/* A peer without ADD-PATH cannot tell the paths of a prefix apart. A path without an identifier is one of many
 * too, when it goes and others stay (for whomever: those who are packed for together may differ there). */
static bool
one_path_of_many(const struct packing *p, const struct outlet *lead, enum family family)
{
	struct ledger *l = p->speaker->out->told[family].ledger;

	if (lead->peer->params.add_path_send & family_bit(family))
		return false;
	for (unsigned i = 0; i < p->slice.entries; i++) {
		const struct ledger_entry *e = p->slice.entry[i];

		if (ledger_path_id(l, e) != 0 || (e->mark && has_other_path(l, e)))
			return true;
	}
	return false;
}

/* Another path of the key that this peer is to be told, or NULL. */
static const struct ledger_entry *
other_path(const struct outlet *lead, struct ledger *l, struct reader key)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e, *best = NULL;

	while ((e = ledger_path(l, key, &w)))
		if (!e->mark && is_member(lead, l, e) &&
		    (!best || ledger_path_id(l, e) < ledger_path_id(l, best)))
			best = e;
	return best;
}

/* One after the other, so that the path that changed last is the one the peer knows; when that goes, it is told
 * another, and a withdraw only when none is left. */
static int
encode_in_order(struct packing *p, struct outlet *lead, enum family family)
{
	struct ledger *l = p->speaker->out->told[family].ledger;
	int announced = 0;

	for (unsigned i = 0; i < p->slice.entries; i++) {
		const struct ledger_entry *e = p->slice.entry[i], *other;

		if (!wanted(&p->want, e))
			continue;
		other = e->mark ? other_path(lead, l, ledger_key(l, e)) : NULL;
		if (other)
			e = other;
		p->nlri[0] = (struct nlri){ 0, ledger_key(l, e) };
		announced += encode(p, lead, family, e, 1);
	}
	return announced;
}

/* Withdraws first, then announces, as first seen. */
static int
encode_slice(struct packing *p, struct outlet *lead, enum family family)
{
	int announced = 0;

	for (int marks = 1; marks >= 0; marks--)
		for (unsigned i = 0; i < p->slice.groups; i++)
			if (p->slice.entry[p->slice.group[i].first]->mark == (marks == 1))
				announced += encode_group(p, lead, family, &p->slice.group[i]);
	return announced;
}

static uint32_t
messages_in(struct reader octets)
{
	uint32_t n = 0;

	while (octets.left >= MESSAGE_HEADER) {
		reader_take(&octets, 16);
		reader_take(&octets, reader_u16(&octets) - 18u);
		n++;
	}
	return n;
}

static void
hand_out(struct packing *p, int announced)
{
	struct chunk *c = NULL;

	if (p->encoded.len > 0)
		c = chunk_new(
		    p->encoded.base, p->encoded.len, messages_in(octets_read(&p->encoded)));
	for (size_t i = 0; i < p->party_count; i++) {
		struct outlet *o = p->party[i];

		if (c)
			session_send(o->peer->session, chunk_get(c));
		o->told |= p->announces;
		o->advertised = (uint64_t)((int64_t)o->advertised + announced);
		if ((int64_t)o->advertised < 0)
			o->advertised = 0;
		ledger_reader_pass(p->reader[i], p->slice.entries);
	}
	chunk_put(c);
}

/* What of the slice limits hold, by owner. There are few of them; else the slice ends before one too many. */
static void
find_held(struct packing *p)
{
	const struct wanting *w = &p->want;

	p->held_count = 0;
	for (unsigned i = 0; w->held && i < p->slice.entries; i++) {
		const struct ledger_entry *e = p->slice.entry[i];
		uint32_t owner = ledger_owner(p->slice.ledger, e);
		size_t k = 0;

		if (!is_held(w, owner) || !is_member(w->outlet, p->slice.ledger, e))
			continue;
		while (k < p->held_count && p->held[k].owner != owner)
			k++;
		if (k == OWNERS_LIMITED) {
			p->slice.entries = (uint16_t)i;
			return;
		}
		if (k == p->held_count) {
			p->held[p->held_count].owner = owner;
			p->held[p->held_count++].count = 0;
		}
		p->held[k].count++;
	}
}

/* That stays for the readers of the limits, which begin where the outlets' are now. */
static void
leave_held(struct packing *p)
{
	for (size_t i = 0; i < p->held_count; i++)
		for (size_t j = 0; j < p->party_count; j++)
			limit_hold_back(
			    p->party[j], p->want.family, p->held[i].owner, p->held[i].count);
}

static void
take(struct packing *p, const struct wanting *want, struct ledger_reader *r)
{
	octets_clear(&p->encoded);
	p->announces = false;
	p->want = *want;
	slice_take(&p->slice, p->speaker->out->told[want->family].ledger, r,
	    want->outlet->peer->config.rate_limit > 0 ? SLICE_PACED : SLICE_OCTETS);
}

/* Alone, or together with those who are sent the same octets. */
static void
tell(struct packing *p, struct outlet *lead, struct ledger_reader *r, bool alone)
{
	enum family family = p->want.family;
	int announced;

	p->party[0] = lead;
	p->reader[0] = r;
	p->party_count = 1;
	if (one_path_of_many(p, lead, family)) {
		announced = encode_in_order(p, lead, family);
	} else {
		/* what one owner says is not packed with what another does: theirs are changes of their own */
		slice_group(&p->slice, SLICE_BY_OWNER, wanted, &p->want);
		if (!alone)
			gather(p, lead, family);
		announced = encode_slice(p, lead, family);
	}
	leave_held(p);
	hand_out(p, announced);
}

void
packing_tell(struct packing *p, struct outlet *lead, enum family family)
{
	take(p,
	    &(struct wanting){
		.outlet = lead, .family = family, .held = limits_hold(lead, family) },
	    lead->reader[family]);
	find_held(p);
	tell(p, lead, lead->reader[family], false);
}

/* Of one limit, as much as it allows now. */
void
packing_tell_limited(struct packing *p, struct limit *m, enum family family, uint32_t most)
{
	struct outlet *o = m->outlet;
	unsigned n = 0, i;

	take(p,
	    &(struct wanting){ .outlet = o, .family = family, .of_limit = true, .owner = m->owner },
	    m->reader[family]);
	p->held_count = 0;
	for (i = 0; i < p->slice.entries; i++)
		if (wanted(&p->want, p->slice.entry[i]) && n++ == most)
			break;
	p->slice.entries = (uint16_t)i;
	limit_took(m, family, n > most ? most : n);
	tell(p, o, m->reader[family], true);
}

/* --- life --- */

struct packing *
packing_new(struct speaker *speaker)
{
	struct packing *p = mem_zero(sizeof *p);

	p->speaker = speaker;
	return p;
}

void
packing_free(struct packing *p)
{
	octets_fini(&p->encoded);
	mem_free(p);
}
