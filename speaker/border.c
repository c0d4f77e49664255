#include "speaker/border.h"
#include "common/mem.h"
#include "common/octets.h"
#include "proto/bgp/update.h"
#include "speaker/link.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"

enum border_kind {
	BORDER_BEGUN, /* what there was at the beginning was told, and no End-of-RIB is to say so */
	BORDER_END_OF_RIB,
	BORDER_ONE_END_OF_RIB,
	BORDER_FLUSH,
	BORDER_REFRESH,
	BORDER_RECEIPT
};

/* A receipt has a barrier in every family of the peer; the last one passed completes it. */
struct receipt {
	struct list link; /* in outlet.receipts once all were passed */
	uint64_t id, octets;
	unsigned left;
	bool closed;
};

struct border {
	enum border_kind kind;
	struct outlet *outlet;
	enum family family;
	struct receipt *receipt;
};

static void
send_end_of_rib(struct outlet *o, enum family family)
{
	struct octets out = { 0 };

	update_end_of_rib(&out, family);
	session_send(o->peer->session, chunk_new(out.base, out.len, 1));
	octets_fini(&out);
}

/* All families at once and in the order that was negotiated, when the last barrier was passed. */
static void
end_of_rib_passed(struct outlet *o, enum family family)
{
	const struct session_params *p = &o->peer->params;

	o->beginning &= ~family_bit(family);
	o->end_of_rib_due &= ~family_bit(family);
	if (o->end_of_rib_due != 0)
		return;
	for (unsigned i = 0; i < p->family_count; i++)
		send_end_of_rib(o, (enum family)p->family_order[i]);
	o->peer->told_all = true;
}

static void
tell_receipt(struct outlet *o, struct receipt *r, enum sent_status status)
{
	link_sent(o->peer->speaker->link, r->id, o->peer->config.peer, status);
	mem_free(r);
}

static void
receipt_passed(struct outlet *o, struct receipt *r, bool closed)
{
	r->closed |= closed;
	if (--r->left > 0)
		return;
	if (r->closed) {
		tell_receipt(o, r, SENT_PEER_DOWN);
	} else if (session_queued(o->peer->session) == 0) {
		tell_receipt(o, r, SENT_WRITTEN);
	} else {
		r->octets = session_queued_total(o->peer->session);
		list_add(&o->receipts, &r->link);
	}
}

static void
send_refresh(struct outlet *o, enum family family, enum refresh_kind kind)
{
	uint8_t memory[32];
	struct writer w = writer_of(memory, sizeof memory);

	refresh_encode(family, kind, &w);
	session_send(o->peer->session, chunk_new(memory, w.len, 0));
}

/* As with End-of-RIB: families that are told again at the same time end when all of them were told, in the
 * order of their numbers, as ExaBGP has it. A family that waits is not begun again until then. */
static void
refresh_passed(struct outlet *o, enum family family)
{
	o->refreshed |= family_bit(family);
	if (o->refreshed != o->refreshing)
		return;
	for (enum family f = 0; f < FAMILIES; f++)
		if (o->refreshed & family_bit(f))
			send_refresh(o, f, REFRESH_END);
	o->refreshing = o->refreshed = 0;
}

static void
fire(void *arg, bool superseded, bool closed)
{
	struct border *b = arg;
	struct outlet *o = b->outlet;

	(void)superseded;
	switch (b->kind) {
	case BORDER_BEGUN:
		o->beginning &= ~family_bit(b->family);
		break;
	case BORDER_FLUSH:
		o->flushing &= ~family_bit(b->family);
		break;
	case BORDER_END_OF_RIB:
		if (!closed)
			end_of_rib_passed(o, b->family);
		break;
	case BORDER_ONE_END_OF_RIB:
		if (!closed)
			send_end_of_rib(o, b->family);
		break;
	case BORDER_REFRESH:
		if (!closed)
			refresh_passed(o, b->family);
		break;
	case BORDER_RECEIPT:
		receipt_passed(o, b->receipt, closed);
	}
	mem_free(b);
}

static const struct ledger_barrier_ops border_ops = { .fire = fire };

static void
border(struct outlet *o, enum family family, enum border_kind kind, struct receipt *receipt)
{
	struct border *b = mem_zero(sizeof *b);

	*b = (struct border){ kind, o, family, receipt };
	ledger_barrier(
	    rib_out_ledger(o->peer->speaker->out, family), o->reader[family], NULL, &border_ops, b);
}

void
borders_begin(struct outlet *o)
{
	const struct session_params *p = &o->peer->params;

	enum border_kind kind = o->peer->config.manual_eor ? BORDER_BEGUN : BORDER_END_OF_RIB;

	if (o->waits || o->end_of_rib_placed || !o->peer->complete)
		return;
	o->end_of_rib_placed = true;
	o->end_of_rib_due = p->families;
	for (unsigned i = 0; i < p->family_count; i++)
		border(o, (enum family)p->family_order[i], kind, NULL);
}

/* RFC 7313 section 4: everything is in front of the reader again, between two borders. */
void
border_refresh(struct outlet *o, enum family family)
{
	send_refresh(o, family, REFRESH_BEGIN);
	ledger_reader_to_head(o->reader[family]);
	border(o, family, BORDER_REFRESH, NULL);
}

void
border_flush(struct outlet *o, enum family family)
{
	border(o, family, BORDER_FLUSH, NULL);
}

void
border_end_of_rib(struct peer *peer, enum family family)
{
	if (peer->out && peer->out->reader[family])
		border(peer->out, family, BORDER_ONE_END_OF_RIB, NULL);
}

void
border_receipt(struct peer *peer, uint64_t id)
{
	struct outlet *o = peer->out;
	struct receipt *r;

	if (!o || peer->changed) { /* or nothing would be in front of it, and it sent */
		link_sent(peer->speaker->link, id, peer->config.peer, SENT_PEER_DOWN);
		return;
	}
	r = mem_zero(sizeof *r);
	r->id = id;
	r->left = 1;
	for (int f = 0; f < FAMILIES; f++)
		if (o->reader[f]) {
			r->left++;
			border(o, (enum family)f, BORDER_RECEIPT, r);
		}
	receipt_passed(o, r, false);
}

void
borders_written(struct outlet *o)
{
	LIST_EACH(link, &o->receipts) {
		struct receipt *r = LIST_ENTRY(link, struct receipt, link);

		if (session_written(o->peer->session) < r->octets)
			break;
		list_remove(&r->link);
		tell_receipt(o, r, SENT_WRITTEN);
	}
}

void
borders_down(struct outlet *o)
{
	LIST_EACH(link, &o->receipts)
		tell_receipt(o, LIST_ENTRY(link, struct receipt, link), SENT_PEER_DOWN);
}
