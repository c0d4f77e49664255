/* Advertise: rib_out to the peers.
 *
 * The round goes over the outlets. For one that has something in front of a reader and room in its session's
 * queue, a slice is taken, grouped by value and encoded once, and the chunk is handed to every outlet whose
 * reader stands at the same place, whose session is sent the same octets for the same route, and for whom
 * the same entries are meant. */
#include "speaker/advertise.h"
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/slice.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"
#include "speaker/border.h"
#include "speaker/limit.h"
#include "speaker/owners.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"

enum {
	PARTY_MAX = 1024,
	AUDIENCES_MAX = 32,
	OWNERS_LIMITED = 16,
	SLICE_OCTETS = 128 * 1024,
	SLICE_PACED = 4 * 1024,
	READ_FIRST = 2000 /* microseconds */
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

struct advertise {
	struct speaker *speaker;
	struct loop_item *work;
	struct list outlets;
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

/* --- packing --- */

/* With a rate-limit nothing waits in the queue that could still be said anew in the ledger. */
static bool
has_room(const struct outlet *o)
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
gather(struct advertise *a, struct outlet *lead, enum family family)
{
	uint32_t audience[AUDIENCES_MAX];
	unsigned different = audiences_of(&a->slice, audience);
	size_t n = ledger_reader_beside(lead->reader[family], a->beside, PARTY_MAX);

	if (different == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct outlet *o = ledger_reader_party(a->beside[i]);

		if (o == lead || !o || !o->peer || a->beside[i] != o->reader[family] ||
		    !has_room(o) || o->told != lead->told ||
		    limits_hold(o, family) != a->want.held ||
		    o->peer->config.rate_limit != lead->peer->config.rate_limit ||
		    !params_same_encoding(&o->peer->params, &lead->peer->params))
			continue;
		if (same_for(
			a->speaker->sets, audience, different, lead->peer->slot, o->peer->slot)) {
			a->reader[a->party_count] = a->beside[i];
			a->party[a->party_count++] = o;
		}
	}
}

/* To a peer that was sent no route in this session yet nothing is withdrawn, as ExaBGP's first pass has no
 * withdraws; later on it is sent those of routes that it was never told, too. */
static void
encode_withdraw(struct advertise *a, const struct outlet *lead, enum family family,
    const struct blob *value, size_t n)
{
	struct route_value v = route_value_of(blob_read(value));

	if (lead->told)
		update_withdraw(
		    &a->encoded, &lead->peer->params, family, value ? &v : NULL, a->nlri, n);
}

/* All who are packed for together lack it for the same reason. */
static void
complain(struct advertise *a, enum family family, const struct route_value *v, size_t n)
{
	struct reason why = { 0 };

	for (size_t i = 0; i < a->party_count; i++) {
		struct peer *peer = a->party[i]->peer;

		if (!log_allow(&peer->complaints, 5))
			continue;
		if (!reason_given(&why))
			(void)update_hindered(&peer->params, family, v, a->nlri, n, &why);
		log_warning(peer->name, "%zu %s not sent: %s", n,
		    n == 1 ? "route is" : "routes are", why.text);
	}
}

/* `n` NLRI of a->nlri as entry e says: under its value, or withdrawn. Gives the change of what the peer is
 * told. */
static int
encode(struct advertise *a, struct outlet *lead, enum family family, const struct ledger_entry *e,
    size_t n)
{
	const struct session_params *p = &lead->peer->params;
	struct route_value v;

	if (e->mark) {
		encode_withdraw(a, lead, family, ledger_value(e), n);
		return -(int)n;
	}
	v = route_value_of(blob_read(ledger_value(e)));
	if (update_announce(&a->encoded, p, family, &v, a->nlri, n) == 0) {
		a->announces = true;
		return (int)n;
	}
	/* what it was told of them before is not so any more */
	encode_withdraw(a, lead, family, NULL, n);
	complain(a, family, &v, n);
	return 0;
}

static int
encode_group(
    struct advertise *a, struct outlet *lead, enum family family, const struct slice_group *g)
{
	struct ledger *l = a->speaker->out->told[family].ledger;
	const struct ledger_entry *first = a->slice.entry[g->first];
	size_t n = 0;

	for (uint16_t i = g->first; i != SLICE_END; i = a->slice.next[i])
		a->nlri[n++] = (struct nlri){ ledger_path_id(l, a->slice.entry[i]),
			ledger_key(l, a->slice.entry[i]) };
	return encode(a, lead, family, first, n);
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
one_path_of_many(const struct advertise *a, const struct outlet *lead, enum family family)
{
	struct ledger *l = a->speaker->out->told[family].ledger;

	if (lead->peer->params.add_path_send & family_bit(family))
		return false;
	for (unsigned i = 0; i < a->slice.entries; i++) {
		const struct ledger_entry *e = a->slice.entry[i];

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
encode_in_order(struct advertise *a, struct outlet *lead, enum family family)
{
	struct ledger *l = a->speaker->out->told[family].ledger;
	int announced = 0;

	for (unsigned i = 0; i < a->slice.entries; i++) {
		const struct ledger_entry *e = a->slice.entry[i], *other;

		if (!wanted(&a->want, e))
			continue;
		other = e->mark ? other_path(lead, l, ledger_key(l, e)) : NULL;
		if (other)
			e = other;
		a->nlri[0] = (struct nlri){ 0, ledger_key(l, e) };
		announced += encode(a, lead, family, e, 1);
	}
	return announced;
}

/* Withdraws first, then announces, as first seen. */
static int
encode_slice(struct advertise *a, struct outlet *lead, enum family family)
{
	int announced = 0;

	for (int marks = 1; marks >= 0; marks--)
		for (unsigned i = 0; i < a->slice.groups; i++)
			if (a->slice.entry[a->slice.group[i].first]->mark == (marks == 1))
				announced += encode_group(a, lead, family, &a->slice.group[i]);
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
hand_out(struct advertise *a, int announced)
{
	struct chunk *c = NULL;

	if (a->encoded.len > 0)
		c = chunk_new(
		    a->encoded.base, a->encoded.len, messages_in(octets_read(&a->encoded)));
	for (size_t i = 0; i < a->party_count; i++) {
		struct outlet *o = a->party[i];

		if (c)
			session_send(o->peer->session, chunk_get(c));
		o->told |= a->announces;
		o->advertised = (uint64_t)((int64_t)o->advertised + announced);
		if ((int64_t)o->advertised < 0)
			o->advertised = 0;
		ledger_reader_pass(a->reader[i], a->slice.entries);
	}
	chunk_put(c);
}

/* What of the slice limits hold, by owner. There are few of them; else the slice ends before one too many. */
static void
find_held(struct advertise *a)
{
	const struct wanting *w = &a->want;

	a->held_count = 0;
	for (unsigned i = 0; w->held && i < a->slice.entries; i++) {
		const struct ledger_entry *e = a->slice.entry[i];
		uint32_t owner = ledger_owner(a->slice.ledger, e);
		size_t k = 0;

		if (!is_held(w, owner) || !is_member(w->outlet, a->slice.ledger, e))
			continue;
		while (k < a->held_count && a->held[k].owner != owner)
			k++;
		if (k == OWNERS_LIMITED) {
			a->slice.entries = (uint16_t)i;
			return;
		}
		if (k == a->held_count) {
			a->held[a->held_count].owner = owner;
			a->held[a->held_count++].count = 0;
		}
		a->held[k].count++;
	}
}

/* That stays for the readers of the limits, which begin where the outlets' are now. */
static void
leave_held(struct advertise *a)
{
	for (size_t i = 0; i < a->held_count; i++)
		for (size_t p = 0; p < a->party_count; p++)
			limit_hold_back(
			    a->party[p], a->want.family, a->held[i].owner, a->held[i].count);
}

static void
take(struct advertise *a, const struct wanting *want, struct ledger_reader *r)
{
	octets_clear(&a->encoded);
	a->announces = false;
	a->want = *want;
	slice_take(&a->slice, a->speaker->out->told[want->family].ledger, r,
	    want->outlet->peer->config.rate_limit > 0 ? SLICE_PACED : SLICE_OCTETS);
}

/* Alone, or together with those who are sent the same octets. */
static void
tell(struct advertise *a, struct outlet *lead, struct ledger_reader *r, bool alone)
{
	enum family family = a->want.family;
	int announced;

	a->party[0] = lead;
	a->reader[0] = r;
	a->party_count = 1;
	if (one_path_of_many(a, lead, family)) {
		announced = encode_in_order(a, lead, family);
	} else {
		/* what one owner says is not packed with what another does: theirs are changes of their own */
		slice_group(&a->slice, SLICE_BY_OWNER, wanted, &a->want);
		if (!alone)
			gather(a, lead, family);
		announced = encode_slice(a, lead, family);
	}
	leave_held(a);
	hand_out(a, announced);
}

static void
pack(struct advertise *a, struct outlet *lead, enum family family)
{
	take(a,
	    &(struct wanting){
		.outlet = lead, .family = family, .held = limits_hold(lead, family) },
	    lead->reader[family]);
	find_held(a);
	tell(a, lead, lead->reader[family], false);
}

/* Of one limit, as much as it allows now. */
static void
pack_limited(struct advertise *a, struct limit *m, enum family family, uint32_t most)
{
	struct outlet *o = m->outlet;
	unsigned n = 0, i;

	take(a,
	    &(struct wanting){ .outlet = o, .family = family, .of_limit = true, .owner = m->owner },
	    m->reader[family]);
	a->held_count = 0;
	for (i = 0; i < a->slice.entries; i++)
		if (wanted(&a->want, a->slice.entry[i]) && n++ == most)
			break;
	a->slice.entries = (uint16_t)i;
	limit_took(m, family, n > most ? most : n);
	tell(a, o, m->reader[family], true);
}

/* --- maximum-prefix-out --- */

/* What is meant for it, in all families: of each set of peers that it is in. */
static uint64_t
prefixes_for(const struct outlet *o)
{
	const struct speaker *s = o->peer->speaker;
	uint64_t n = 0;

	for (int f = 0; f < FAMILIES; f++) {
		const struct ledger *l = s->out->told[f].ledger;

		for (uint32_t set = 1; l && set < ledger_audiences(l); set++)
			if (ledger_count_for(l, set) > 0 && set_has(s->sets, set, o->peer->slot))
				n += ledger_count_for(l, set);
	}
	return n;
}

/* True: the peer was reset. The exact number is looked for when the bound passes the limit. */
static bool
over_max_prefix(struct outlet *o)
{
	uint32_t limit = o->peer->config.max_prefix_out;
	struct fault f = { 0 };

	if (limit == 0 || o->advertised <= limit)
		return false;
	o->advertised = prefixes_for(o);
	if (o->advertised <= limit)
		return false;
	fault_set(&f, NOTIFY_CEASE, CEASE_MAX_PREFIX, NULL, 0,
	    "more than %u prefixes were to be announced", limit);
	peer_reset(o->peer, &f);
	return true;
}

/* --- refreshes --- */

/* RFC 7313 section 4: BoRR, all again, EoRR. What is asked for again before the end, or while the queue is full,
 * is one more together: a peer that goes on asking must not fill its own queue. */
static void
begin_refreshes(struct outlet *o)
{
	for (int i = 0; i < FAMILIES && (o->refresh_due & ~o->refreshing); i++) {
		enum family f = (enum family)i;

		if (!(o->refresh_due & ~o->refreshing & family_bit(f)))
			continue;
		o->refresh_due &= ~family_bit(f);
		o->refreshing |= family_bit(f);
		border_refresh(o, f);
	}
}

/* --- the round --- */

/* What limits allow. True when a slice of it was packed. */
static bool
serve_limits(struct advertise *a, struct outlet *o)
{
	LIST_EACH(link, &o->limits) {
		struct limit *m = LIST_ENTRY(link, struct limit, link);

		for (int f = 0; f < FAMILIES; f++) {
			uint32_t most;

			if (!m->reader[f] || ledger_reader_live(m->reader[f]))
				continue;
			most = limit_allows(m, (enum family)f);
			if (most == 0)
				continue;
			o->limit_was_last = true;
			list_remove(&m->link); /* the next turn is another's */
			list_add(&o->limits, &m->link);
			pack_limited(a, m, (enum family)f, most);
			return true;
		}
		limit_rest(m);
	}
	return false;
}

static bool
serve_own(struct advertise *a, struct outlet *o)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (!o->reader[f] || ledger_reader_live(o->reader[f]))
			continue;
		o->limit_was_last = false;
		pack(a, o, (enum family)f);
		return true;
	}
	return false;
}

/* True when this outlet has more to do now. */
static bool
serve(struct advertise *a, struct outlet *o)
{
	if (over_max_prefix(o))
		return false;
	o->full = !has_room(o);
	if (o->full)
		return false;
	begin_refreshes(o);
	/* in turns: what a limit lets go may be a long way behind */
	if (o->limit_was_last)
		return serve_own(a, o) || serve_limits(a, o);
	return serve_limits(a, o) || serve_own(a, o);
}

/* The next turn begins there: else the time of a turn could always go to the same ones, busy or not. */
static void
begin_at(struct advertise *a, struct list *link)
{
	if (link == &a->outlets)
		return;
	list_remove(&a->outlets);
	list_add(link, &a->outlets);
}

/* Each outlet's turn is one slice. */
static enum loop_verdict
round_of(void *self)
{
	struct advertise *a = self;
	bool more = true;

	while (more) {
		more = false;
		LIST_EACH(link, &a->outlets) {
			struct outlet *o = LIST_ENTRY(link, struct outlet, link);

			more |= serve(a, o); /* which may be the end of it */
			if (loop_spent(a->speaker->loop)) {
				begin_at(a, link_next);
				return LOOP_NOW;
			}
		}
	}
	return LOOP_LATER;
}

void
advertise_wake(struct advertise *a)
{
	loop_wake(a->work);
}

void
advertise_limit(struct outlet *o)
{
	struct advertise *a = o->peer->speaker->advertise;

	o->full = !has_room(o);
	while (!o->full && !over_max_prefix(o) && serve_limits(a, o)) {
		o->full = !has_room(o);
		if (loop_spent(a->speaker->loop)) {
			advertise_wake(a);
			return;
		}
	}
}

void
advertise_peer_written(struct peer *peer)
{
	struct outlet *o = peer->out;

	if (!o)
		return;
	borders_written(o);
	/* a round looks at every outlet: not for each KEEPALIVE that leaves */
	if (o->full && session_queued(peer->session) <= SESSION_QUEUE_LOW)
		advertise_wake(peer->speaker->advertise);
}

/* --- peers --- */

static void
open_readers(struct outlet *o)
{
	struct peer *peer = o->peer;

	for (int f = 0; f < FAMILIES; f++)
		if (peer->params.families & family_bit((enum family)f))
			o->reader[f] = ledger_reader_open(
			    rib_out_ledger(peer->speaker->out, (enum family)f), o, true);
}

static void
begin(void *self)
{
	struct outlet *o = self;

	o->waits = false;
	borders_begin(o);
	advertise_wake(o->peer->speaker->advertise);
}

/* ExaBGP reads what came right behind the KEEPALIVE before it tells anything. Who is to take us for one must not be
 * told End-of-RIB before it is told that what it said is wrong. */
static void
read_first(struct outlet *o)
{
	struct loop *loop = o->peer->speaker->loop;

	o->begin = (struct loop_timer){ .fire = begin, .self = o };
	o->waits = o->peer->config.as_exabgp;
	if (o->waits)
		loop_timer_set(loop, &o->begin, loop_now(loop) + READ_FIRST);
}

void
advertise_peer_up(struct peer *peer)
{
	struct advertise *a = peer->speaker->advertise;
	struct outlet *o = mem_zero(sizeof *o);

	o->peer = peer;
	list_init(&o->receipts);
	list_init(&o->limits);
	o->beginning = peer->params.families;
	list_add(&a->outlets, &o->link);
	peer->out = o;
	read_first(o);
	if (!peer->changed)
		open_readers(o);
	borders_begin(o);
	advertise_wake(a);
}

void
advertise_peer_down(struct peer *peer)
{
	struct outlet *o = peer->out;

	if (!o)
		return;
	peer->out = NULL;
	loop_timer_stop(peer->speaker->loop, &o->begin);
	list_remove(&o->link);
	limits_close(o);
	for (int f = 0; f < FAMILIES; f++)
		if (o->reader[f])
			ledger_reader_close(o->reader[f]);
	borders_down(o);
	mem_free(o);
}

void
advertise_overrun(struct outlet *o)
{
	struct fault f = { 0 };
	struct peer *peer = o->peer;

	fault_set(&f, NOTIFY_CEASE, CEASE_RESOURCES, NULL, 0, "it takes updates too slowly");
	advertise_peer_down(peer);
	peer_reset(peer, &f);
}

void
advertise_complete(struct peer *peer)
{
	peer->complete = true;
	if (peer->changed && peer->out)
		open_readers(peer->out);
	peer->changed = false;
	if (peer->out)
		borders_begin(peer->out);
	advertise_wake(peer->speaker->advertise);
}

void
advertise_refresh(struct peer *peer, enum family family, bool borders)
{
	struct outlet *o = peer->out;

	if (!o || !o->reader[family])
		return;
	if (borders) {
		o->refresh_due |= family_bit(family);
	} else {
		ledger_reader_to_head(o->reader[family]);
		if (!(o->flushing & family_bit(family))) {
			o->flushing |= family_bit(family);
			border_flush(o, family);
		}
	}
	if (borders && has_room(o))
		begin_refreshes(o);
	advertise_wake(peer->speaker->advertise);
}

/* --- life --- */

struct advertise *
advertise_open(struct speaker *speaker)
{
	struct advertise *a = mem_zero(sizeof *a);

	a->speaker = speaker;
	a->work = loop_work(speaker->loop, LOOP_WORK, round_of, a);
	list_init(&a->outlets);
	return a;
}

void
advertise_close(struct advertise *a)
{
	if (!a)
		return;
	loop_close(a->work);
	octets_fini(&a->encoded);
	mem_free(a);
}
