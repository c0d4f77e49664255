/* A speaker as a fake, for test programs of the controller: the other end of a lane, over the real socket of a
 * world (api/world.h). What it hears is written down, a line a frame:
 *
 *      welcome adopt                           refuse no speaker x in the configuration
 *      peer 0 192.0.2.1, peers-end, owner 1 configuration, begin, end, complete 0, interest 0 updates
 *      routes 0,1 of 7 +10.0.0.0/24 via 192.0.2.9 origin igp as-path [ 65000 ]
 *      command 1 teardown 0, receipt 1: 0,1
 * PINGs are left out. */
#ifndef TESTS_CONTROLLER_SPOKEN_H
#define TESTS_CONTROLLER_SPOKEN_H
#include "controller/intent.h"
#include "controller/lane_inner.h"
#include "controller/owners.h"
#include "tests/unit/controller/api/world.h"

enum { SECOND = 1000000 };

struct spoken {
	struct world *world;
	struct sock *sock;
	struct unpack *unpack;
	struct text said;
	struct link_hello hello;
	uint64_t sequence, applied;
	unsigned pings;
	bool greeted; /* its HELLO was answered */
	size_t longest; /* frame that it heard */
};

static inline struct spoken *
spoken_open(struct world *w, const char *name, uint64_t epoch)
{
	struct spoken *s = mem_zero(sizeof *s);
	struct sock_options o = {
		.kind = SOCK_DEALER, .endpoint = w->c.options.bind, .max_message = 1 << 22
	};
	char id[LINK_NAME + 24];

	snprintf(id, sizeof id, "%s.%u", name, (unsigned)epoch);
	o.routing_id = id;
	o.routing_id_len = strlen(id);
	s->world = w;
	s->sock = sock_open(&o);
	assert_non_null(s->sock);
	s->unpack = unpack_new();
	s->hello = (struct link_hello){ .epoch = epoch,
		.oldest = FRAME_VERSION_OLDEST,
		.newest = FRAME_VERSION,
		.software = "test" };
	snprintf(s->hello.name, sizeof s->hello.name, "%s", name);
	return s;
}

static inline void
spoken_close(struct spoken *s)
{
	sock_close(s->sock);
	unpack_free(s->unpack);
	text_fini(&s->said);
	mem_free(s);
}

enum { PATIENCE = 5000 /* turns of 2 ms at most: a busy machine may be late */ };

/* The turns in which what was sent arrives at the other side. */
static inline void
settle(struct world *w)
{
	for (int i = 0; i < 12; i++)
		loop_turn(w->loop, 2);
}

/* The lane that this speaker's last HELLO has got it, or NULL. */
static inline struct lane *
spoken_lane(const struct spoken *s)
{
	struct speaker_entry *e = fleet_speaker(s->world->c.fleet, s->hello.name);

	return e && e->lane && e->lane->speaker_epoch == s->hello.epoch &&
		       e->lane->attempt == s->hello.number
		   ? e->lane
		   : NULL;
}

/* The controller has taken all that was said on its lane; sooner when that has ended. */
static inline void
spoken_taken(const struct spoken *s)
{
	const struct lane *l;

	for (int i = 0; i < PATIENCE && (l = spoken_lane(s)) && l->applied < s->sequence; i++)
		loop_turn(s->world->loop, 2);
}

static inline void
advance(struct world *w, uint64_t microseconds)
{
	loop_test_advance(w->loop, microseconds);
	settle(w);
}

/* --- what it says --- */

static inline void
spoken_send(struct spoken *s, struct pack *p, uint64_t sequence, uint64_t applied)
{
	int sent = -1;

	frame_stamp(p, sequence, applied);
	for (int i = 0; i < PATIENCE && sent < 0; i++) {
		sent = sock_send(s->sock, (struct reader){ 0 }, false, p->base, p->len);
		if (sent < 0)
			loop_turn(s->world->loop, 2);
	}
	assert_int_equal(sent, 0);
	pack_fini(p);
	spoken_taken(s);
	settle(s->world);
}

static inline void
spoken_hello(struct spoken *s)
{
	struct pack p = { 0 };

	s->sequence = s->applied = 0;
	s->greeted = false;
	s->hello.number++;
	link_hello_pack(&s->hello, &p);
	spoken_send(s, &p, 0, 0);
}

static inline void
spoken_say(struct spoken *s, struct pack *p)
{
	spoken_send(s, p, ++s->sequence, s->applied);
}

static inline void
spoken_bare(struct spoken *s, enum frame_type type)
{
	struct pack p = { 0 };

	link_bare_pack(type, &p);
	spoken_say(s, &p);
}

static inline void
spoken_state(
    struct spoken *s, uint32_t number, const char *address, enum peer_state state, uint64_t session)
{
	struct link_peer_state st = { .peer = number,
		.state = (uint8_t)state,
		.session = session,
		.local_as = 65000,
		.peer_as = 65001,
		.families = family_bit(IPV4_UNICAST) };
	struct pack p = { 0 };

	assert_int_equal(addr_scan(&st.address, address), 0);
	assert_int_equal(addr_scan(&st.local, "192.0.2.254"), 0);
	link_peer_state_pack(&st, &p);
	spoken_say(s, &p);
}

static inline void
spoken_sent(struct spoken *s, uint64_t id, uint32_t peer, uint8_t status)
{
	struct link_sent st = { .id = id, .peer = peer, .status = status };
	struct pack p = { 0 };

	link_sent_pack(&st, &p);
	spoken_say(s, &p);
}

/* A route of its rib_out (bitmap of its numbers), or what peer `one` said (bitmap NULL). */
static inline void
spoken_route(struct spoken *s, struct reader bitmap, uint32_t one, uint32_t flags, uint32_t owner,
    const char *prefix)
{
	static const uint8_t igp[] = { 0x40, 1, 1, 0 }, hop[] = { 192, 0, 2, 8 };
	struct route_value v = { .next_hop = reader_of(hop, 4), .attributes = reader_of(igp, 4) };
	struct routes_writer w;
	struct pack p = { 0 };
	struct prefix net;
	uint8_t nlri[5];

	assert_int_equal(prefix_scan(&net, prefix), 0);
	nlri[0] = net.len;
	memcpy(nlri + 1, net.addr.bytes, 4);
	routes_begin(&w, &p);
	routes_message(&w, bitmap.left == 0, one, bitmap, flags, owner);
	routes_announce(&w, IPV4_UNICAST, false, &v);
	routes_nlri(&w, false, 0, reader_of(nlri, 1u + (net.len + 7u) / 8u));
	routes_message_end(&w);
	routes_end(&w);
	spoken_say(s, &p);
}

/* --- what it hears --- */

static inline void
spoken_bits(struct text *t, struct reader bitmap, uint32_t base)
{
	bool first = true;

	for (uint32_t i = 0; i < 8 * bitmap.left; i++)
		if (bitmap.at[i >> 3] & 1u << (i & 7)) {
			text_printf(t, "%s%u", first ? "" : ",", base + i);
			first = false;
		}
}

static inline void
spoken_part(struct text *t, const struct routes_part *part, char sign)
{
	struct reader bin = part->nlri, hop = part->value.next_hop;
	struct addr addr = addr_of(hop.at, hop.left);
	char out[ADDR_TEXT];
	struct nlri n;

	while (nlri_next(part->family, part->path_ids, &bin, &n)) {
		text_printf(t, " %c", sign);
		nlri_ops(part->family)->print(n.octets, t);
	}
	if (hop.left > 0)
		text_printf(t, " via %s", addr_print(&addr, out));
	attrs_print(part->value.attributes, t);
}

static inline void
spoken_routes(struct spoken *s, const struct node *body)
{
	static struct routes_message m;
	struct routes_cursor c = routes_open(body);
	struct reason why = { 0 };
	int got;

	while ((got = routes_next(&c, &m, &why)) > 0) {
		text_add(&s->said, "routes ");
		spoken_bits(&s->said, m.peers, 0);
		text_printf(&s->said, " of %u", m.owner);
		for (unsigned i = 0; i < m.withdraws; i++)
			spoken_part(&s->said, &m.withdraw[i], '-');
		for (unsigned i = 0; i < m.announces; i++)
			spoken_part(&s->said, &m.announce[i], '+');
		text_char(&s->said, '\n');
	}
	assert_int_equal(got, 0);
}

static inline void
spoken_frame(struct spoken *s, const struct frame *f)
{
	struct link_welcome welcome;
	struct link_refuse refuse;
	struct link_peer peer;
	struct link_peer_remove gone;
	struct link_owner owner;
	struct link_complete complete;
	struct link_interest interest;
	struct link_command command;
	struct link_receipt receipt;
	struct reason why = { 0 };
	char address[ADDR_TEXT];
	struct text *t = &s->said;

	switch (f->type) {
	case FRAME_WELCOME:
		s->greeted = true;
		assert_int_equal(link_welcome_unpack(&welcome, f->body, &why), 0);
		text_printf(t, "welcome%s\n", welcome.adopt ? " adopt" : "");
		break;
	case FRAME_REFUSE:
		s->greeted = true;
		assert_int_equal(link_refuse_unpack(&refuse, f->body, &why), 0);
		text_printf(t, "refuse %s\n", refuse.why);
		break;
	case FRAME_PEER:
		assert_int_equal(link_peer_unpack(&peer, f->body, &why), 0);
		text_printf(t, "peer %u %s\n", peer.peer, addr_print(&peer.address, address));
		break;
	case FRAME_PEER_REMOVE:
		assert_int_equal(link_peer_remove_unpack(&gone, f->body, &why), 0);
		text_printf(t, "peer-remove %u\n", gone.peer);
		break;
	case FRAME_OWNER:
		assert_int_equal(link_owner_unpack(&owner, f->body, &why), 0);
		text_printf(t, "owner %u %s\n", owner.owner, owner.name);
		break;
	case FRAME_COMPLETE:
		assert_int_equal(link_complete_unpack(&complete, f->body, &why), 0);
		text_printf(t, "complete %u\n", complete.peer);
		break;
	case FRAME_INTEREST:
		assert_int_equal(link_interest_unpack(&interest, f->body, &why), 0);
		text_printf(
		    t, "interest %u%s\n", interest.peer, interest.updates ? " updates" : "");
		break;
	case FRAME_COMMAND:
		assert_int_equal(link_command_unpack(&command, f->body, &why), 0);
		text_printf(
		    t, "command %u %s %u\n", (unsigned)command.id, command.what, command.peer);
		break;
	case FRAME_RECEIPT:
		assert_int_equal(link_receipt_unpack(&receipt, f->body, &why), 0);
		text_printf(t, "receipt %u: ", (unsigned)receipt.id);
		spoken_bits(t, reader_of(receipt.peers, sizeof receipt.peers), receipt.base);
		text_char(t, '\n');
		break;
	case FRAME_ROUTES:
		spoken_routes(s, f->body);
		break;
	case FRAME_PING:
		s->pings++;
		break;
	default:
		text_printf(t, "%s\n", frame_type_name(f->type));
	}
}

/* More is on its way: an answer to its HELLO, or what the lane has finished. */
static inline bool
spoken_behind(const struct spoken *s, int turns)
{
	const struct lane *l = spoken_lane(s);

	return (!s->greeted && turns < PATIENCE / 10) ||
	       (l && l->flow.sequence > s->applied && turns < PATIENCE);
}

/* Everything that has come since the last look. Frames come in their order, none is left out. */
static inline const char *
spoken_heard(struct spoken *s)
{
	static struct text taken;
	struct sock_message m;
	struct frame f;
	struct reason why = { 0 };

	text_clear(&taken);
	if (!s) { /* the end of a program */
		text_fini(&taken);
		return "";
	}
	for (int quiet = 0, turns = 0; quiet < 20 || spoken_behind(s, turns); quiet++, turns++) {
		loop_turn(s->world->loop, 2);
		while (sock_receive(s->sock, &m) > 0) {
			quiet = 0;
			s->longest = s->longest > m.body.left ? s->longest : m.body.left;
			assert_int_equal(
			    frame_open(s->unpack, m.body.at, m.body.left, &f, &why), 0);
			if (f.sequence > 0) {
				assert_int_equal(f.sequence, s->applied + 1);
				s->applied = f.sequence;
			}
			spoken_frame(s, &f);
		}
	}
	text_add(&taken, text_str(&s->said));
	text_clear(&s->said);
	return text_str(&taken);
}

/* From HELLO to the end of what the controller has to say; gives that. */
static inline const char *
spoken_join(struct spoken *s)
{
	spoken_hello(s);
	assert_has(spoken_heard(s), "welcome");
	spoken_bare(s, FRAME_HELD_END);
	return spoken_heard(s);
}
#endif
