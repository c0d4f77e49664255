/* From packets to the messages of BGP: connections by their addresses and ports, both directions put together, cut into
 * messages, and read by what the OPENs in them agreed on. A connection is BGP when it has port 179, or from where it
 * has a marker on. */
#include <string.h>
#include "common/list.h"
#include "common/mem.h"
#include "controller/cli/cli.h"
#include "controller/cli/flow.h"
#include "controller/cli/kept.h"
#include "controller/cli/pcap.h"
#include "controller/cli/segment.h"
#include "proto/bgp/message.h"
#include "proto/bgp/open.h"

enum { BGP = 179, CONVERSATIONS = 1024, BUCKETS = 1024, MARKER = 16, AGAIN = 1 << 16 };

struct end {
	struct addr address;
	uint16_t port;
};

/* What one end sends. */
struct side {
	struct end end;
	struct flow flow;
	bool lost; /* not at the beginning of a message */
	bool opened;
	struct open open;
};

struct conversation {
	struct list bucket, used; /* the least recently used one first */
	struct side side[2];
};

struct walk {
	struct source *source;
	kept_each *each;
	void *self;
	double time; /* of the packet at hand */
	uint64_t offset;
	struct list bucket[BUCKETS], used;
	size_t conversations, waiting;
	unsigned fragments, malformed;
	int status;
};

static const uint8_t marker[MARKER] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* --- telling --- */

/* Something about what one side sent. */
static int
tell(struct walk *w, const struct conversation *c, int from, const char *what, size_t n)
{
	char text[2][ADDR_TEXT];

	return source_fail(w->source, w->offset, "%s port %u to %s port %u: %zu octets %s",
	    addr_print(&c->side[from].end.address, text[0]), c->side[from].end.port,
	    addr_print(&c->side[!from].end.address, text[1]), c->side[!from].end.port, n, what);
}

/* --- what was agreed on --- */

/* Of an end whose OPEN was not seen we think that it said the same. */
static struct open
mirrored(const struct open *o)
{
	static const uint8_t other[] = { [ADD_PATH_NONE] = ADD_PATH_NONE,
		[ADD_PATH_RECEIVE] = ADD_PATH_SEND,
		[ADD_PATH_SEND] = ADD_PATH_RECEIVE,
		[ADD_PATH_BOTH] = ADD_PATH_BOTH };
	struct open m = *o;

	for (enum family f = 0; f < FAMILIES; f++)
		m.caps.add_path[f] = other[m.caps.add_path[f] & 3];
	return m;
}

/* As the one has it who is told. False: nobody said anything yet. */
static bool
agree(const struct conversation *c, int from, struct session_params *p)
{
	const struct side *theirs = &c->side[from], *ours = &c->side[!from];
	struct open guess;

	if (!ours->opened && !theirs->opened)
		return false;
	guess = mirrored(ours->opened ? &ours->open : &theirs->open);
	params_negotiate(
	    p, ours->opened ? &ours->open : &guess, theirs->opened ? &theirs->open : &guess);
	return true;
}

static void
message(
    struct walk *w, struct conversation *c, int from, const struct message *m, struct reader whole)
{
	struct session_params agreed = { .offline = true };
	struct side *s = &c->side[from];
	struct fault f;
	struct kept k = { .time = w->time,
		.peer = s->end.address,
		.local = c->side[!from].end.address,
		.asn4 = true,
		.offset = w->offset,
		.message = whole };

	if (m->type == MESSAGE_OPEN)
		s->opened = open_parse(&s->open, m->body, &f) == 0;
	if (agree(c, from, &agreed)) {
		k.agreed = &agreed;
		k.peer_as = agreed.peer_as;
		k.local_as = agreed.local_as;
	}
	w->each(w->self, &k);
}

/* --- from octets to messages --- */

/* How far it is to a marker. False: there is none yet, and that far one can't begin. */
static bool
find_marker(struct reader r, size_t *far)
{
	size_t at = 0;

	while (at + MARKER <= r.left && memcmp(r.at + at, marker, MARKER) != 0)
		at++;
	*far = at;
	return at + MARKER <= r.left;
}

/* The next message of what one side sent: taken off the reader. False: there is no whole one. */
static bool
next_message(struct walk *w, struct side *s, struct reader *r, struct message *m)
{
	const struct message_limits limits = { true, true, true };
	struct fault f;
	size_t far;
	int got;

	for (;;) {
		if (s->lost) {
			s->lost = !find_marker(*r, &far);
			reader_take(r, far);
			if (s->lost)
				return false;
		}
		got = message_parse(m, *r, &limits, &f);
		if (got >= 0)
			return got > 0;
		w->status = source_fail(w->source, w->offset, "%s", f.text);
		reader_take(r, 1);
		s->lost = true;
	}
}

static void
cut(struct walk *w, struct conversation *c, int from)
{
	struct side *s = &c->side[from];
	struct reader r = octets_read(&s->flow.in);
	struct message m;

	while (next_message(w, s, &r, &m)) {
		const uint8_t *whole = reader_take(&r, m.length);

		message(w, c, from, &m, reader_of(whole, m.length));
	}
	octets_drop_front(&s->flow.in, s->flow.in.len - r.left);
}

/* Behind a hole the next message is looked for; the part of one before it goes. */
static bool
skip(struct walk *w, struct conversation *c, int from)
{
	struct side *s = &c->side[from];
	size_t partial = s->flow.in.len;

	if (!s->flow.early && s->flow.hole == 0)
		return false;
	octets_clear(&s->flow.in);
	w->status = tell(w, c, from, "are missing or of no use", partial + flow_skip(&s->flow));
	s->lost = true;
	cut(w, c, from);
	return true;
}

/* --- conversations --- */

static struct list *
bucket_of(struct walk *w, const struct end *a, const struct end *b)
{
	uint32_t sum = (uint32_t)(a->port + b->port);

	for (int i = 0; i < 16; i++) /* the same for both directions */
		sum = sum * 31 + a->address.bytes[i] + b->address.bytes[i];
	return &w->bucket[sum % BUCKETS];
}

static bool
end_equal(const struct end *a, const struct end *b)
{
	return a->port == b->port && addr_equal(&a->address, &b->address);
}

/* Nothing more comes: what waits is taken as it is. */
static void
finish(struct walk *w, struct conversation *c)
{
	for (int from = 0; from < 2; from++) {
		struct flow *f = &c->side[from].flow;

		while (skip(w, c, from))
			;
		if (f->in.len > 0)
			tell(w, c, from, "at the end are no whole message", f->in.len);
		flow_fini(f);
	}
	c->side[0].opened = c->side[1].opened = false;
}

static void
forget(struct walk *w, struct conversation *c)
{
	finish(w, c);
	list_remove(&c->bucket);
	list_remove(&c->used);
	mem_free(c);
	w->conversations--;
}

static struct conversation *
begin(struct walk *w, const struct end *from, const struct end *to)
{
	struct conversation *c;

	if (w->conversations == CONVERSATIONS)
		forget(w, LIST_ENTRY(w->used.next, struct conversation, used));
	c = mem_zero(sizeof *c);
	c->side[0].end = *from;
	c->side[1].end = *to;
	c->side[0].flow.all = c->side[1].flow.all = &w->waiting;
	list_add(bucket_of(w, from, to), &c->bucket);
	list_add(&w->used, &c->used);
	w->conversations++;
	return c;
}

/* Which one, and which side of it speaks. */
static struct conversation *
find(struct walk *w, const struct end *from, const struct end *to, int *side)
{
	LIST_EACH(at, bucket_of(w, from, to)) {
		struct conversation *c = LIST_ENTRY(at, struct conversation, bucket);

		for (*side = 0; *side < 2; ++*side)
			if (end_equal(&c->side[*side].end, from) &&
			    end_equal(&c->side[!*side].end, to)) {
				list_remove(&c->used);
				list_add(&w->used, &c->used);
				return c;
			}
	}
	*side = 0;
	return NULL;
}

static bool
is_bgp(const struct segment *s)
{
	return s->from_port == BGP || s->to_port == BGP ||
	       (s->payload.left >= MARKER && memcmp(s->payload.at, marker, MARKER) == 0);
}

/* A SYN that is not one sent again begins a new connection between the same ports. */
static void
open_flow(struct walk *w, struct conversation *c, int from, const struct segment *s)
{
	struct side *side = &c->side[from];
	uint32_t sequence = s->sequence + s->syn;

	if (s->syn && side->flow.started && side->flow.next - sequence > AGAIN)
		finish(w, c);
	if (side->flow.started)
		return;
	flow_start(&side->flow, sequence);
	side->lost = !s->syn;
}

static void
segment(struct walk *w, const struct segment *s)
{
	struct end from = { s->from, s->from_port }, to = { s->to, s->to_port };
	int side;
	struct conversation *c = find(w, &from, &to, &side);

	if (!c && !is_bgp(s))
		return;
	if (!c)
		c = begin(w, &from, &to);
	if (s->syn || s->payload.left > 0)
		open_flow(w, c, side, s);
	if (s->payload.left + s->missing == 0)
		return;
	flow_add(&c->side[side].flow, s->sequence + s->syn, s->payload, s->missing);
	cut(w, c, side);
	while (flow_crowded(&c->side[side].flow) && skip(w, c, side))
		;
}

/* --- packets --- */

static void
packet(struct walk *w, const struct pcap_packet *p, unsigned *others)
{
	struct segment s;

	w->time = p->time;
	w->offset = p->offset;
	switch (segment_of(&s, p->link, p->octets)) {
	case SEGMENT_TCP:
		segment(w, &s);
		return;
	case SEGMENT_FRAGMENT:
		w->fragments++;
		return;
	case SEGMENT_MALFORMED:
		w->malformed++;
		return;
	case SEGMENT_OTHER:
		++*others;
	}
}

static void
finish_all(struct walk *w)
{
	while (!list_empty(&w->used))
		forget(w, LIST_ENTRY(w->used.next, struct conversation, used));
	if (w->fragments > 0)
		cli_fail(
		    0, "%s: fragments of IP packets, left out: %u", w->source->name, w->fragments);
	if (w->malformed > 0)
		cli_fail(0, "%s: malformed packets, left out: %u", w->source->name, w->malformed);
}

int
pcap_file(struct source *s, kept_each *each, void *self, unsigned *others)
{
	struct walk *w = mem_zero(sizeof *w);
	struct pcap_packet p;
	struct pcap file;
	int status;

	w->source = s;
	w->each = each;
	w->self = self;
	w->status = -1;
	list_init(&w->used);
	for (int i = 0; i < BUCKETS; i++)
		list_init(&w->bucket[i]);
	if (pcap_open(&file, s))
		while (pcap_next(&file, &p) > 0)
			packet(w, &p, others);
	finish_all(w);
	status = w->status > file.status ? w->status : file.status;
	pcap_close(&file);
	mem_free(w);
	return status;
}
