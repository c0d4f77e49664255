/* The lane to the controller as a fake, for test programs of the speaker: it stands in for speaker/link.c
 * and writes down what is said, a line each:
 *
 *      state 1 Established: the session is up
 *      begin 1                                 (end 1: BEGIN and END of what peer 1 said)
 *      routes 1 replay -10.1.0.0/16 +10.0.0.0/24 via 10.0.0.1 origin igp
 *      sent 7 to 1: written
 *
 * Frames of routes are packed and read back as on the real lane. */
#ifndef TESTS_TOOLS_LANE_H
#define TESTS_TOOLS_LANE_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "common/mem.h"
#include "common/text.h"
#include "proto/bgp/attrs.h"
#include "speaker/link.h"

struct link {
	struct speaker *speaker;
	bool up;
	long credit; /* messages of routes that it still takes */
	bool states; /* lines of states too */
	struct text said;
	struct pack pack;
	struct routes_writer writer;
	struct unpack *unpack;
};

static struct link *lane;

/* What was said since the last look. */
static inline const char *
lane_said(void)
{
	static struct text taken;

	text_clear(&taken);
	if (!lane) { /* the end of a program */
		text_fini(&taken);
		return "";
	}
	text_add(&taken, text_str(&lane->said));
	text_clear(&lane->said);
	return text_str(&taken);
}

struct link *
link_open(struct speaker *speaker)
{
	struct link *l = mem_zero(sizeof *l);

	l->speaker = speaker;
	l->up = true;
	l->credit = 1L << 40;
	l->unpack = unpack_new();
	lane = l;
	return l;
}

void
link_close(struct link *l)
{
	if (!l)
		return;
	text_fini(&l->said);
	pack_fini(&l->pack);
	unpack_free(l->unpack);
	mem_free(l);
	lane = NULL;
	(void)lane_said();
}

bool
link_up(const struct link *l)
{
	return l->up;
}

void
link_peer_state(struct link *l, const struct peer *peer)
{
	if (l->states)
		text_printf(&l->said, "state %u %s: %s\n", peer->config.peer,
		    peer_state_name(peer->state), peer->why);
}

void
link_border(struct link *l, enum frame_type type, const struct link_border *b)
{
	text_printf(&l->said, "%s %u%s\n", frame_type_name(type), b->peer, b->lost ? " lost" : "");
}

void
link_sent(struct link *l, uint64_t id, uint32_t peer, enum sent_status status)
{
	static const char *const names[] = { "written", "superseded", "peer down" };

	text_printf(&l->said, "sent %u to %u: %s\n", (unsigned)id, peer, names[status]);
}

void
link_arrival(struct link *l, uint32_t range, const struct addr *address)
{
	char text[ADDR_TEXT];

	text_printf(&l->said, "arrival at %u of %s\n", range, addr_print(address, text));
}

void
link_reply(struct link *l, uint64_t id, bool failed, const char *text)
{
	text_printf(&l->said, "reply %u %s: %s\n", (unsigned)id, failed ? "failed" : "done", text);
}

struct routes_writer *
link_batch(struct link *l)
{
	if (!l->up || l->credit <= 0)
		return NULL;
	if (!l->writer.pack)
		routes_begin(&l->writer, &l->pack);
	return &l->writer;
}

static inline void
lane_part(struct text *t, const struct routes_part *part, char sign)
{
	struct reader bin = part->nlri, hop = part->value.next_hop;
	char out[ADDR_TEXT];
	struct nlri n;

	while (nlri_next(part->family, part->path_ids, &bin, &n)) {
		text_printf(t, " %c", sign);
		nlri_ops(part->family)->print(n.octets, t);
		if (part->path_ids)
			text_printf(t, "#%u", n.path_id);
	}
	if (part->nlri.left == 0)
		text_printf(t, " %c(%s)", sign, family_name(part->family));
	if (hop.left > 0) {
		struct addr addr = addr_of(hop.at, hop.left == 32 ? 16 : hop.left);

		text_printf(t, " via %s", addr_print(&addr, out));
	}
	attrs_print(part->value.attributes, t);
}

static inline void
lane_message(struct text *t, const struct routes_message *m)
{
	if (m->flags & (ROUTES_OTHER | ROUTES_SENT)) {
		text_printf(t, "%s %u type %u\n", m->flags & ROUTES_SENT ? "sent" : "heard", m->peer,
		    m->original.at[MESSAGE_HEADER - 1]);
		return;
	}
	text_printf(t, "routes %u%s%s%s%s", m->peer, m->flags & ROUTES_TREATED ? " treated" : "",
	    m->flags & ROUTES_END_OF_RIB ? " end-of-rib" : "",
	    m->flags & ROUTES_STALE ? " stale" : m->flags & ROUTES_RESTATED ? " again" : m->flags & ROUTES_REPLAY ? " replay" : "", m->original.left > 0 ? " original" : "");
	for (unsigned i = 0; i < m->withdraws; i++)
		lane_part(t, &m->withdraw[i], '-');
	for (unsigned i = 0; i < m->announces; i++)
		lane_part(t, &m->announce[i], '+');
	text_char(t, '\n');
}

void
link_batch_added(struct link *l)
{
	static struct routes_message m;
	struct reason why = { 0 };
	struct routes_cursor c;
	struct frame f;
	int got;

	if (routes_empty(&l->writer))
		return;
	routes_end(&l->writer);
	frame_stamp(&l->pack, 1, 1);
	assert_int_equal(frame_open(l->unpack, l->pack.base, l->pack.len, &f, &why), 0);
	c = routes_open(f.body);
	while ((got = routes_next(&c, &m, &why)) > 0) {
		lane_message(&l->said, &m);
		l->credit--;
	}
	assert_int_equal(got, 0);
	l->writer.pack = NULL;
}
#endif
