/* Mirror: rib_in to the controller, live or behind. */
#include "speaker/mirror.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/slice.h"
#include "proto/bgp/message.h"
#include "speaker/link.h"
#include "speaker/rib_in_kept.h"

enum { SLICE_OCTETS = 48 * 1024 };

/* What the controller wants of a peer, and how far it has been told. */
struct wish {
	bool updates, packets;
	bool live; /* what happens from now on: nothing is restated */
	uint32_t messages; /* as in link_interest */
	bool restating; /* BEGIN was said, END not yet */
	uint32_t end_of_rib_due; /* families whose End-of-RIB came while the reader was behind */
};

struct mirror {
	struct speaker *speaker;
	struct loop_item *work;
	struct wish *wish; /* by peer number */
	size_t wishes;
	uint32_t next; /* whose turn it is */
	struct slice slice;
};

static struct wish *
wish_of(struct mirror *m, uint32_t peer)
{
	return peer < m->wishes ? &m->wish[peer] : NULL;
}

static struct wish *
wanted(struct peer *peer)
{
	struct wish *w = wish_of(peer->speaker->mirror, peer->config.peer);

	return w && w->updates && peer->in && link_up(peer->speaker->link) ? w : NULL;
}

/* --- live --- */

static bool
family_live(const struct rib_in *in, enum family f)
{
	return f >= FAMILIES || !in->ledger[f] ||
	       (in->reader[f] && ledger_reader_live(in->reader[f]));
}

bool
mirror_live(struct peer *peer, const struct update *u)
{
	struct wish *w = wanted(peer);

	if (!w || !link_batch(peer->speaker->link))
		return false;
	for (unsigned i = 0; i < u->announces; i++)
		if (!family_live(peer->in, u->announce[i].family))
			return false;
	for (unsigned i = 0; i < u->withdraws; i++)
		if (!family_live(peer->in, u->withdraw[i].family))
			return false;
	return !u->end_of_rib || family_live(peer->in, u->end_of_rib_family);
}

static void
told(struct rib_in *in, enum family f)
{
	if (f < FAMILIES && in->reader[f])
		ledger_reader_to_tail(in->reader[f]);
}

void
mirror_update(struct peer *peer, const struct update *u, struct reader original, bool live)
{
	struct wish *w = wanted(peer);
	struct link *link = peer->speaker->link;

	if (!w)
		return;
	if (!live) {
		if (u->end_of_rib && u->end_of_rib_family < FAMILIES)
			w->end_of_rib_due |= family_bit(u->end_of_rib_family);
		loop_wake(peer->speaker->mirror->work);
		return;
	}
	routes_update(link_batch(link), peer->config.peer, 0, u,
	    w->packets ? original : (struct reader){ 0 });
	link_batch_added(link);
	for (unsigned i = 0; i < u->announces; i++)
		told(peer->in, u->announce[i].family);
	for (unsigned i = 0; i < u->withdraws; i++)
		told(peer->in, u->withdraw[i].family);
}

bool
mirror_wants_packets(struct peer *peer)
{
	const struct wish *w = wanted(peer);

	return w && w->packets;
}

/* --- other messages, and those that we send --- */

static uint8_t
type_of(struct reader message)
{
	reader_take(&message, MESSAGE_HEADER - 1);
	return reader_u8(&message);
}

static void
count(struct peer *peer, uint8_t type, bool sent)
{
	if (type < PEER_TYPES)
		(sent ? peer->types_out : peer->types_in)[type]++;
}

/* Without credit it is left out: nothing is kept for a controller that is too slow. */
static void
tell(struct peer *peer, uint8_t type, bool sent, struct reader message)
{
	struct wish *w = wish_of(peer->speaker->mirror, peer->config.peer);
	struct update none = { .announces = 0 };
	struct routes_writer *batch;

	if (!w || type > 15 || !(w->messages & (sent ? (uint32_t)LINK_SENT : 1u) << type))
		return;
	batch = link_batch(peer->speaker->link);
	if (!batch)
		return;
	routes_update(batch, peer->config.peer,
	    (sent ? ROUTES_SENT : 0u) | (type == MESSAGE_UPDATE ? 0u : ROUTES_OTHER), &none,
	    message);
	link_batch_added(peer->speaker->link);
}

void
mirror_heard(struct peer *peer, struct reader message)
{
	uint8_t type = type_of(message);

	count(peer, type, false);
	if (type != MESSAGE_UPDATE)
		tell(peer, type, false, message);
}

bool
mirror_wants_sent(const struct peer *peer)
{
	const struct wish *w = wish_of(peer->speaker->mirror, peer->config.peer);

	return w && (w->messages & (uint32_t)LINK_SENT << MESSAGE_UPDATE);
}

/* Our own octets: whole messages, one behind the other. */
void
mirror_sent(struct peer *peer, struct reader messages)
{
	while (messages.left >= MESSAGE_HEADER) {
		struct reader at = messages;
		uint16_t length;
		uint8_t type = type_of(messages);

		reader_take(&at, 16);
		length = reader_u16(&at);
		count(peer, type, true);
		tell(peer, type, true, reader_sub(&messages, length));
	}
}

/* --- behind --- */

static void
end_of_rib(struct peer *peer, enum family f, struct routes_writer *w, uint32_t flags)
{
	struct update u = { .end_of_rib = true, .end_of_rib_family = f };

	routes_update(w, peer->config.peer, flags, &u, (struct reader){ 0 });
	link_batch_added(peer->speaker->link);
}

static void
put_group(struct mirror *m, struct peer *peer, enum family f, const struct slice_group *g,
    struct routes_writer *w, uint32_t flags, uint32_t since)
{
	bool stale = (flags & ROUTES_STALE) != 0;
	struct ledger *l = peer->in->ledger[f];
	const struct ledger_entry *first = m->slice.entry[g->first];
	bool path_ids = (peer->params.add_path_receive & family_bit(f)) != 0, begun = false;
	struct route_value v = route_value_of(blob_read(ledger_value(first)));

	for (uint16_t i = g->first; i != SLICE_END; i = m->slice.next[i]) {
		const struct ledger_entry *e = m->slice.entry[i];

		if ((!e->mark && ledger_said_in(l, e) < since) != stale)
			continue;
		if (!begun)
			routes_message(w, true, peer->config.peer, (struct reader){ 0 }, flags, 0);
		if (!begun && first->mark)
			routes_withdraw(w, f, path_ids, NULL);
		else if (!begun)
			routes_announce(w, f, path_ids, &v);
		begun = true;
		routes_nlri(w, path_ids, ledger_path_id(l, e), ledger_key(l, e));
	}
	if (begun)
		routes_message_end(w);
}

/* One slice of one family; false when the lane takes nothing now. */
static bool
catch_up(
    struct mirror *m, struct peer *peer, enum family f, struct ledger_reader *r, uint32_t flags)
{
	struct link *link = peer->speaker->link;
	struct routes_writer *w = link_batch(link);
	uint32_t since = rib_in_kept_since(peer->in, f);

	if (!w)
		return false;
	slice_take(&m->slice, peer->in->ledger[f], r, SLICE_OCTETS);
	slice_group(&m->slice, SLICE_BY_VALUE, NULL, NULL);
	for (unsigned i = 0; i < m->slice.groups; i++) {
		put_group(m, peer, f, &m->slice.group[i], w, flags, since);
		if (since > 0)
			put_group(m, peer, f, &m->slice.group[i], w, flags | ROUTES_STALE, since);
	}
	link_batch_added(link);
	ledger_reader_pass(r, m->slice.entries);
	rib_in_passed(peer->in, f);
	return true;
}

/* False when the lane takes no more of them now: then they are said once more. */
static bool
ends_of_rib(struct peer *peer, uint32_t families, uint32_t flags)
{
	for (int f = 0; f < FAMILIES; f++) {
		struct routes_writer *batch;

		if (!(families & family_bit((enum family)f)))
			continue;
		batch = link_batch(peer->speaker->link);
		if (!batch)
			return false;
		end_of_rib(peer, (enum family)f, batch, flags);
	}
	return true;
}

enum progress { NOTHING, SOME, STUCK };

static enum progress
progress(bool some)
{
	return some ? SOME : STUCK;
}

/* What is new, as long as it could not be said as it happened; End-of-RIBs that came meanwhile. */
static enum progress
tell_news(struct mirror *m, struct peer *peer, struct wish *w)
{
	for (int f = 0; f < FAMILIES; f++)
		if (peer->in->reader[f] && !ledger_reader_live(peer->in->reader[f]))
			return progress(
			    catch_up(m, peer, (enum family)f, peer->in->reader[f], ROUTES_REPLAY));
	if (!w->end_of_rib_due)
		return NOTHING;
	if (!ends_of_rib(peer, w->end_of_rib_due, ROUTES_REPLAY))
		return STUCK;
	w->end_of_rib_due = 0;
	return SOME;
}

static void
close_again(struct rib_in *in)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (in->again[f])
			ledger_reader_close(in->again[f]);
		in->again[f] = NULL;
	}
}

/* What there is, once more, beside what happens meanwhile. */
static enum progress
tell_again(struct mirror *m, struct peer *peer, struct wish *w)
{
	uint32_t flags = ROUTES_REPLAY | ROUTES_RESTATED;
	struct link_border b = { .received = true, .peer = peer->config.peer };

	if (!w->restating)
		return NOTHING;
	for (int f = 0; f < FAMILIES; f++)
		if (peer->in->again[f] && !ledger_reader_live(peer->in->again[f]))
			return progress(
			    catch_up(m, peer, (enum family)f, peer->in->again[f], flags));
	if (!ends_of_rib(peer, peer->in->end_of_rib, flags))
		return STUCK;
	link_border(peer->speaker->link, FRAME_END, &b);
	close_again(peer->in);
	w->restating = false;
	return SOME;
}

static enum progress
serve(struct mirror *m, struct peer *peer)
{
	struct wish *w = wanted(peer);
	enum progress news = w ? tell_news(m, peer, w) : NOTHING;

	return w && news == NOTHING ? tell_again(m, peer, w) : news;
}

/* Round the peers; each gets a slice. Without credit the link wakes us (mirror_credit). */
static enum loop_verdict
round_of(void *self)
{
	struct mirror *m = self;
	struct speaker *s = m->speaker;
	uint32_t idle = 0;

	while (idle < s->peers_cap) {
		struct peer *p;

		m->next = m->next + 1 < s->peers_cap ? m->next + 1 : 0;
		p = s->peers[m->next];
		switch (p ? serve(m, p) : NOTHING) {
		case NOTHING:
			idle++;
			break;
		case SOME:
			idle = 0;
			break;
		case STUCK:
			return LOOP_LATER;
		}
		if (loop_spent(s->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

/* --- interest --- */

static void
close_readers(struct peer *peer)
{
	if (!peer->in)
		return;
	close_again(peer->in);
	for (int f = 0; f < FAMILIES; f++) {
		if (peer->in->reader[f])
			ledger_reader_close(peer->in->reader[f]);
		peer->in->reader[f] = NULL;
	}
}

/* From now on: what was before is not said by these. */
static void
open_readers(struct peer *peer)
{
	for (int f = 0; f < FAMILIES; f++)
		if (peer->in->ledger[f] && !peer->in->reader[f])
			peer->in->reader[f] = ledger_reader_open(peer->in->ledger[f], peer, false);
}

/* A restatement from the head: BEGIN now, END when those readers have come to the tail. */
static void
restate(struct peer *peer, struct wish *w, bool lost)
{
	struct link_border b = { .received = true, .peer = peer->config.peer, .lost = lost };
	struct rib_in *in = peer->in;

	link_border(peer->speaker->link, FRAME_BEGIN, &b);
	for (int f = 0; f < FAMILIES && !w->live; f++) {
		if (in->again[f])
			ledger_reader_to_head(in->again[f]);
		else if (in->ledger[f])
			in->again[f] = ledger_reader_open(in->ledger[f], peer, true);
	}
	open_readers(peer);
	w->restating = !w->live;
	loop_wake(peer->speaker->mirror->work);
}

static struct wish *
make_wish(struct mirror *m, uint32_t peer)
{
	size_t before = m->wishes;

	m->wish = mem_grow(m->wish, &m->wishes, peer + 1u, sizeof *m->wish);
	for (size_t i = before; i < m->wishes; i++)
		m->wish[i] = (struct wish){ 0 };
	return &m->wish[peer];
}

void
mirror_interest(struct mirror *m, const struct link_interest *i)
{
	struct peer *peer = peer_by_number(m->speaker, i->peer);
	struct wish *w, before;

	if (i->peer >= LINK_PEERS_MAX)
		return;
	w = make_wish(m, i->peer);
	before = *w;
	w->updates = i->updates;
	w->live = i->live;
	w->packets = i->packets;
	w->messages = i->messages;
	if (!w->updates || w->live)
		w->restating = false;
	if (!w->updates)
		w->end_of_rib_due = 0;
	if (!peer || !peer->in)
		return;
	if (!w->restating)
		close_again(peer->in);
	if (!w->updates)
		close_readers(peer);
	else if (!w->live && (!before.updates || before.live))
		restate(peer, w, false);
	else
		open_readers(peer);
}

void
mirror_peer_up(struct peer *peer)
{
	struct wish *w = wanted(peer);

	if (w && w->live)
		open_readers(peer);
	else if (w)
		restate(peer, w, false);
}

void
mirror_peer_down(struct peer *peer)
{
	struct wish *w = wish_of(peer->speaker->mirror, peer->config.peer);

	if (w) {
		w->restating = false;
		w->end_of_rib_due = 0;
	}
}

void
mirror_peer_kept(struct peer *peer)
{
	struct wish *w = wish_of(peer->speaker->mirror, peer->config.peer);

	if (w)
		w->end_of_rib_due = 0;
}

void
mirror_ledger(struct peer *peer, enum family f)
{
	if (wanted(peer))
		peer->in->reader[f] = ledger_reader_open(peer->in->ledger[f], peer, true);
}

void
mirror_changed(struct peer *peer)
{
	loop_wake(peer->speaker->mirror->work);
}

/* The reader of the news passes over what it could not say: nobody knows any more what was withdrawn. */
void
mirror_overrun(struct peer *peer, struct ledger_reader *r)
{
	struct wish *w = wanted(peer);
	bool news = false;

	if (!w) {
		close_readers(peer);
		return;
	}
	log_warning(peer->name, "the controller takes its routes too slowly: they are restated");
	for (int f = 0; f < FAMILIES; f++)
		news |= peer->in->reader[f] == r;
	if (news)
		ledger_reader_to_tail(r);
	else
		ledger_reader_to_head(r);
	restate(peer, w, news);
}

void
mirror_lane_down(struct mirror *m)
{
	for (uint32_t i = 0; i < m->wishes; i++)
		m->wish[i] = (struct wish){ 0 };
	for (uint32_t i = 0; i < m->speaker->peers_cap; i++)
		if (m->speaker->peers[i])
			close_readers(m->speaker->peers[i]);
}

void
mirror_credit(struct mirror *m)
{
	loop_wake(m->work);
}

struct mirror *
mirror_open(struct speaker *speaker)
{
	struct mirror *m = mem_zero(sizeof *m);

	m->speaker = speaker;
	m->work = loop_work(speaker->loop, LOOP_WORK, round_of, m);
	return m;
}

void
mirror_close(struct mirror *m)
{
	if (!m)
		return;
	loop_close(m->work);
	mem_free(m->wish);
	mem_free(m);
}
