#include "proto/frame/outflow.h"
#include "common/mem.h"
#include "proto/frame/link.h"

struct outgoing {
	struct list link;
	struct pack frame;
	uint64_t sequence;
};

void
outflow_init(struct outflow *o)
{
	*o = (struct outflow){ 0 };
	list_init(&o->queue);
	window_init(&o->window);
}

static void
drop(struct outgoing *g)
{
	list_remove(&g->link);
	pack_fini(&g->frame);
	mem_free(g);
}

void
outflow_reset(struct outflow *o)
{
	LIST_EACH(link, &o->queue)
		drop(LIST_ENTRY(link, struct outgoing, link));
	pack_clear(&o->batch);
	o->batch_open = false;
	o->sequence = 0;
	o->owed_by = 0;
	window_init(&o->window);
}

void
outflow_fini(struct outflow *o)
{
	outflow_reset(o);
	pack_fini(&o->batch);
}

static void
push(struct outflow *o, struct pack *frame)
{
	struct outgoing *g;

	if (frame->len > FRAME_OCTETS_MAX) {
		pack_fini(frame);
		o->left_out++;
		return;
	}
	g = mem_zero(sizeof *g);
	g->frame = *frame;
	g->sequence = ++o->sequence;
	*frame = (struct pack){ 0 };
	list_add(&o->queue, &g->link);
}

static void
finish_batch(struct outflow *o, uint64_t now)
{
	if (!o->batch_open || routes_empty(&o->writer))
		return;
	routes_end(&o->writer);
	o->batch_open = false;
	if (o->batch.len <= FRAME_OCTETS_MAX)
		window_sent(&o->window, o->sequence + 1, o->batch.len, now);
	push(o, &o->batch);
}

struct routes_writer *
outflow_batch(struct outflow *o, uint64_t now)
{
	if (o->batch_open && o->batch.len >= FRAME_BATCH)
		finish_batch(o, now);
	if (!o->batch_open) {
		if (!window_open(&o->window))
			return NULL;
		routes_begin(&o->writer, &o->batch);
		o->batch_open = true;
	}
	return &o->writer;
}

void
outflow_added(struct outflow *o, uint64_t now)
{
	if (o->batch.len >= FRAME_BATCH)
		finish_batch(o, now);
}

void
outflow_say(struct outflow *o, struct pack *frame, uint64_t now)
{
	finish_batch(o, now);
	push(o, frame);
}

void
outflow_settle(struct outflow *o, uint64_t now)
{
	struct link_ping ping = { 0 };
	struct pack p = { 0 };

	if (o->batch_open && (o->batch.len >= FRAME_BATCH || !window_crowded(&o->window)))
		finish_batch(o, now);
	if (o->owed_by != 0 && o->owed_by <= now && list_empty(&o->queue)) {
		link_ping_pack(&ping, &p);
		outflow_say(o, &p, now);
	}
}

bool
outflow_empty(const struct outflow *o)
{
	return list_empty(&o->queue);
}

int
outflow_send(
    struct outflow *o, uint64_t applied, int (*send)(void *arg, const void *, size_t), void *arg)
{
	int sent = 0;

	LIST_EACH(link, &o->queue) {
		struct outgoing *g = LIST_ENTRY(link, struct outgoing, link);

		frame_stamp(&g->frame, g->sequence, applied);
		if (send(arg, g->frame.base, g->frame.len) < 0)
			return -1;
		drop(g);
		sent++;
		o->owed_by = 0;
	}
	return sent;
}

unsigned
outflow_left_out(struct outflow *o)
{
	unsigned n = o->left_out;

	o->left_out = 0;
	return n;
}

bool
outflow_acknowledged(struct outflow *o, uint64_t sequence, uint64_t now)
{
	return window_acknowledged(&o->window, sequence, now);
}

void
outflow_owe_now(struct outflow *o, uint64_t now)
{
	o->owed_by = now;
}

void
outflow_owe(struct outflow *o, size_t octets, uint64_t now)
{
	if (o->owed_by == 0) {
		o->owed_by = now + OUTFLOW_ACK_DELAY;
		o->owed_frames = 0;
		o->owed_octets = 0;
	}
	o->owed_frames++;
	o->owed_octets += octets;
	if (o->owed_by > now &&
	    (o->owed_frames >= OUTFLOW_ACK_FRAMES || o->owed_octets >= OUTFLOW_ACK_OCTETS))
		o->owed_by = now;
}

uint64_t
outflow_owed_by(const struct outflow *o)
{
	return o->owed_by;
}
