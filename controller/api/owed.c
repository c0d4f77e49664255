#include "controller/api/owed.h"
#include <string.h>
#include "common/mem.h"

enum {
	ERROR = 0x80, /* the upper bit of a run: which word; the others: how often */
	RUN_MAX = 0x7f,
	PART_OCTETS = 16 * 1024 /* a part is added to until it is so long */
};

struct part {
	struct list link;
	bool acks;
	struct octets octets; /* text, or runs */
	size_t at;
};

void
owed_init(struct owed *o)
{
	list_init(&o->parts);
	o->octets = 0;
	o->acks = 0;
}

static void
drop(struct part *p)
{
	list_remove(&p->link);
	octets_fini(&p->octets);
	mem_free(p);
}

void
owed_clear(struct owed *o)
{
	LIST_EACH(link, &o->parts)
		drop(LIST_ENTRY(link, struct part, link));
	owed_init(o);
}

bool
owed_empty(const struct owed *o)
{
	return list_empty(&o->parts);
}

/* The last part when it is of that kind, else a new one. */
static struct part *
last(struct owed *o, bool acks)
{
	struct part *p = LIST_ENTRY(o->parts.prev, struct part, link);

	if (!list_empty(&o->parts) && p->acks == acks && p->octets.len < PART_OCTETS)
		return p;
	p = mem_zero(sizeof *p);
	p->acks = acks;
	list_add(&o->parts, &p->link);
	o->octets += sizeof *p;
	return p;
}

void
owed_text(struct owed *o, const void *text, size_t len)
{
	if (len == 0)
		return;
	octets_add(&last(o, false)->octets, text, len);
	o->octets += len;
}

void
owed_ack(struct owed *o, bool error)
{
	struct part *p = last(o, true);
	uint8_t kind = error ? ERROR : 0, run = kind | 1;
	uint8_t *end = p->octets.len > p->at ? p->octets.base + p->octets.len - 1 : NULL;

	o->acks++;
	if (end && (*end & ERROR) == kind && (*end & RUN_MAX) < RUN_MAX) {
		(*end)++;
		return;
	}
	octets_add(&p->octets, &run, 1);
	o->octets++;
}

static void
take_runs(struct owed *o, struct part *p, struct octets *out, size_t want)
{
	while (p->at < p->octets.len && out->len < want) {
		uint8_t run = p->octets.base[p->at++];

		for (uint8_t n = run & RUN_MAX; n > 0; n--)
			octets_add(out, run & ERROR ? "error\n" : "done\n", run & ERROR ? 6 : 5);
		o->acks -= run & RUN_MAX;
		o->octets--;
	}
}

static void
take_text(struct owed *o, struct part *p, struct octets *out, size_t want)
{
	size_t some = want - out->len, left = p->octets.len - p->at;

	if (some > left)
		some = left;
	octets_add(out, p->octets.base + p->at, some);
	p->at += some;
	o->octets -= some;
}

void
owed_take(struct owed *o, struct octets *out, size_t want)
{
	while (!list_empty(&o->parts) && out->len < want) {
		struct part *p = LIST_ENTRY(o->parts.next, struct part, link);

		if (p->acks)
			take_runs(o, p, out, want);
		else
			take_text(o, p, out, want);
		if (p->at < p->octets.len)
			return;
		o->octets -= sizeof *p;
		drop(p);
	}
}
