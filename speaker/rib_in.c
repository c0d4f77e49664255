/* rib_in: applies a peer's UPDATEs to its ledgers, and hands them on to the mirror. */
#include "speaker/rib_in.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/retire.h"
#include "common/writer.h"
#include "proto/bgp/message.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"
#include "speaker/link.h"
#include "speaker/mirror.h"
#include "speaker/rib_in_kept.h"
#include "speaker/rib_in_stale.h"
#include "speaker/session.h"

enum { REAPS = 16, REAP_STEPS = 4096, SOON_OCTETS = 512 };

static void
release(void *self, struct blob *value, uint32_t audience)
{
	struct speaker *s = self;

	(void)audience;
	blob_put(s->values, value);
}

/* The mirror's reader was left so far behind that marks pile up: it starts again from the head. */
static void
overrun(void *self, struct ledger_reader *r)
{
	(void)self;
	mirror_overrun(ledger_reader_party(r), r);
}

static const struct ledger_ops ops = { .release = release, .overrun = overrun };

static struct ledger *
ledger_of(struct rib_in *in, enum family family)
{
	if (!in->ledger[family]) {
		in->ledger[family] = ledger_new(&ops, in->peer->speaker);
		ledger_identity(in->ledger[family], nlri_key(family));
		if (nlri_is_short(family))
			ledger_short(in->ledger[family]);
		if (in->peer->params.add_path_receive & family_bit(family))
			ledger_own_paths(in->ledger[family]);
		ledger_passing(in->ledger[family], in->peer->config.no_rib_in);
		mirror_ledger(in->peer, family);
	}
	return in->ledger[family];
}

struct rib_in *
rib_in_open(struct peer *peer)
{
	struct rib_in *in = mem_zero(sizeof *in);

	in->peer = peer;
	peer->in = in;
	rib_in_stale_open(in);
	rib_in_kept_open(in);
	return in;
}

void
rib_in_drop(struct rib_in *in, enum family f)
{
	uint32_t others = ~family_bit(f);

	if (in->reader[f])
		ledger_reader_close(in->reader[f]);
	in->reader[f] = NULL;
	if (in->again[f])
		ledger_reader_close(in->again[f]);
	in->again[f] = NULL;
	if (in->ledger[f])
		rib_in_count(in, -(int)ledger_count(in->ledger[f]));
	retire_ledger(in->peer->speaker->retire, &in->ledger[f]);
	in->end_of_rib &= others;
	in->stale &= others;
	in->sweeping &= others;
	in->kept &= others;
	in->kept_long &= others;
	in->marking &= others;
}

void
rib_in_close(struct peer *peer)
{
	struct rib_in *in = peer->in;

	if (!in)
		return;
	peer->in = NULL;
	for (int f = 0; f < FAMILIES; f++)
		rib_in_drop(in, (enum family)f);
	rib_in_stale_close(in);
	rib_in_kept_close(in);
	mem_free(in);
}

void
rib_in_count(struct rib_in *in, int change)
{
	if (in->peer->config.no_rib_in)
		return;
	in->count = (uint32_t)((int64_t)in->count + change);
	in->peer->speaker->routes_in = (uint64_t)((int64_t)in->peer->speaker->routes_in + change);
}

/* Nothing is kept for longer than it takes to hand it on. */
void
rib_in_passed(struct rib_in *in, enum family f)
{
	for (unsigned i = 0; i < REAPS && in->peer->config.no_rib_in && in->ledger[f] &&
			     !ledger_reap(in->ledger[f], REAP_STEPS);
	     i++)
		;
}

static void
passed(struct rib_in *in, const struct update *u)
{
	for (unsigned i = 0; i < u->announces; i++)
		rib_in_passed(in, u->announce[i].family);
	for (unsigned i = 0; i < u->withdraws; i++)
		rib_in_passed(in, u->withdraw[i].family);
}

/* Whether there was anything to withdraw. */
static bool
withdraw_part(struct rib_in *in, const struct update_part *part)
{
	uint32_t before = in->count;
	struct ledger *l =
	    in->peer->config.no_rib_in ? ledger_of(in, part->family) : in->ledger[part->family];
	struct reader bin = part->nlri;
	struct nlri nlri;

	if (l)
		nlri_prefetch(l, part->family, part->path_ids, bin);
	while (l && nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		struct ledger_entry *e = ledger_find(l, nlri.path_id, nlri.octets);

		if (!e && in->peer->config.no_rib_in) /* who has it may have been told long ago */
			e = ledger_put(l, nlri.path_id, nlri.octets, NULL, 0, 0);
		if (e && !e->mark) {
			ledger_withdraw(l, e, NULL);
			rib_in_count(in, -1);
		}
	}
	return in->count < before;
}

static bool
write_value(const struct update *u, const struct update_part *part, struct writer *w)
{
	struct route_value v = { .next_hop = part->next_hop, .attributes = update_said(u, part) };

	route_value_write(&v, w);
	return writer_ok(w);
}

/* What is of a session that ended (older than `since`) is news when it is said again. */
static void
announce_one(struct rib_in *in, struct ledger *l, const struct nlri *nlri, struct blob *value,
    uint32_t since)
{
	struct ledger_walk at = { 0 };
	bool room = ledger_has_room(l);
	struct ledger_entry *e = ledger_same(l, nlri->path_id, nlri->octets, &at);

	if (!room && (!e || e->mark)) {
		in->full = true;
	} else if (!e) {
		ledger_put_walked(l, &at, nlri->path_id, nlri->octets, blob_get(value), 0, 0);
		rib_in_count(in, 1);
	} else if (e->mark || ledger_value(e) != value || ledger_said_in(l, e) < since ||
		   !ledger_spelt(l, e, nlri->octets)) {
		ledger_spell(l, e, nlri->octets);
		rib_in_count(in, e->mark);
		ledger_change(l, e, blob_get(value), 0, 0);
	} else {
		ledger_restate(l, e, 0);
	}
}

/* Its NLRI of RFC 4271 are asked for as they came: nobody has read them yet, and what is asked for in vain does no harm. */
void
rib_in_soon(struct peer *peer, const struct message *m)
{
	struct rib_in *in = peer->in;
	struct ledger *l = in ? in->ledger[IPV4_UNICAST] : NULL;
	struct reader nlri = update_ahead(m->body);

	if (!l || nlri.left == 0 || nlri.left > SOON_OCTETS)
		return;
	in->soon[0] = in->soon[1];
	in->soon[1] = m->header.at;
	nlri_prefetch(
	    l, IPV4_UNICAST, peer->params.add_path_receive & family_bit(IPV4_UNICAST), nlri);
}

static void
announce_part(struct rib_in *in, const struct update *u, const struct update_part *part, bool asked)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct speaker *s = in->peer->speaker;
	struct ledger *l = in->ledger[part->family];
	struct reader bin = part->nlri;
	uint32_t since = rib_in_kept_since(in, part->family), hash;
	struct writer w = writer_of(memory, sizeof memory);
	struct blob *value;
	struct nlri nlri;

	if (!write_value(u, part, &w))
		return;
	hash = blobs_soon(s->values, memory, w.len);
	/* before the value is looked for: they come meanwhile */
	if (!asked || part->family != IPV4_UNICAST)
		nlri_prefetch(l, part->family, part->path_ids, part->nlri);
	value = blob_intern_hashed(s->values, hash, memory, w.len);
	while (nlri_next(part->family, part->path_ids, &bin, &nlri))
		announce_one(in, l, &nlri, value, since);
	blob_put(s->values, value);
}

/* RFC 4486: data is AFI, SAFI and the limit. */
static int
too_many(const struct peer *peer, const struct update *u, struct fault *f)
{
	const struct family_info *i =
	    &family_table[u->announces ? u->announce[0].family : IPV4_UNICAST];
	uint8_t data[7];
	struct writer w = writer_of(data, sizeof data);

	writer_u16(&w, i->afi);
	writer_u8(&w, i->safi);
	writer_u32(&w, peer->config.max_prefix_in);
	return fault_set(f, NOTIFY_CEASE, CEASE_MAX_PREFIX, data, w.len, "more than %u prefixes",
	    peer->config.max_prefix_in);
}

static struct peer *
newest_peer(struct speaker *s)
{
	struct peer *newest = NULL;

	for (uint32_t i = 0; i < s->peers_cap; i++) {
		struct peer *p = s->peers[i];

		if (p && p->in && p->in->count > 0 && (!newest || p->since > newest->since))
			newest = p;
	}
	return newest;
}

/* The cap of the process: the newest peer goes, so that those who were there stay. */
static int
over_cap(struct peer *peer, struct fault *f)
{
	struct peer *newest = newest_peer(peer->speaker);
	struct fault other = { 0 };
	struct fault *of = newest == peer ? f : &other;

	fault_set(of, NOTIFY_CEASE, CEASE_RESOURCES, NULL, 0,
	    "this speaker holds its limit of %llu routes",
	    (unsigned long long)peer->speaker->options.max_routes);
	if (newest == peer)
		return -1;
	if (newest->session) {
		peer_reset(newest, &other);
	} else { /* kept for it to come back */
		rib_in_close(newest);
		link_peer_state(newest->speaker->link, newest);
	}
	return 0;
}

int
rib_in_update(struct peer *peer, const struct update *u, struct reader original, struct fault *f)
{
	struct rib_in *in = peer->in;
	struct speaker *s = peer->speaker;
	bool asked = in->soon[0] == original.at || in->soon[1] == original.at;
	bool live, news = u->worst != PENALTY_WITHDRAW || peer->config.no_rib_in;

	for (unsigned i = 0; i < u->announces; i++)
		ledger_of(in, u->announce[i].family);
	live = mirror_live(peer, u);
	for (unsigned i = 0; i < u->withdraws; i++)
		news |= withdraw_part(in, &u->withdraw[i]);
	for (unsigned i = 0; i < u->announces; i++)
		announce_part(in, u, &u->announce[i], asked);
	if (u->end_of_rib && u->end_of_rib_family < FAMILIES)
		in->end_of_rib |= family_bit(u->end_of_rib_family);
	/* treated as withdraw, of routes that nobody knew: something only for who reads octets */
	if (news || mirror_wants_packets(peer))
		mirror_update(peer, u, original, live);
	if (u->end_of_rib && u->end_of_rib_family < FAMILIES)
		rib_in_kept_end(in, u->end_of_rib_family);
	passed(in, u);
	if (peer->config.max_prefix_in > 0 && in->count > peer->config.max_prefix_in)
		return too_many(peer, u, f);
	if (in->full)
		return fault_set(f, NOTIFY_CEASE, CEASE_RESOURCES, NULL, 0,
		    "a peer may have %d routes of a family here", LEDGER_ENTRIES_MOST);
	if (s->options.max_routes > 0 && s->routes_in > s->options.max_routes)
		return over_cap(peer, f);
	return 0;
}
