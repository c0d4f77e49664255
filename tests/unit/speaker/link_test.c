/* The lane to a controller that is played here, over a real socket: what a welcome brings, what is given back. */
#include "speaker/link.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/sock.h"
#include "common/text.h"
#include "common/writer.h"
#include "speaker/rib_out.h"

enum { SECOND = 1000000 };

static struct speaker speaker;
static struct loop *loop;
static char endpoint[64];

/* The controller that is there now. */
static struct sock *sock;
static struct unpack *unpack;
static struct text said;
static uint64_t epoch, hello, sequence, applied; /* `hello` is the number of the last one */
static size_t longest;

static enum loop_verdict
nothing(void *self)
{
	(void)self;
	return LOOP_LATER;
}

static int
start(void **state)
{
	struct speaker_options o = { .name = "edge", .port = 179 };
	struct sock_options so = {
		.kind = SOCK_ROUTER, .endpoint = endpoint, .max_message = FRAME_OCTETS_MAX
	};

	(void)state;
	log_open(STDERR_FILENO, LOG_TEXT, LOG_LEVEL_NONE, "test");
	snprintf(endpoint, sizeof endpoint, "unix:///tmp/ambo-link-test-%d", (int)getpid());
	snprintf(o.controller, sizeof o.controller, "%s", endpoint);
	loop = loop_new_test();
	sock = sock_open(&so);
	assert_non_null(sock);
	sock_readable(sock, loop, nothing, NULL);
	unpack = unpack_new();
	hello = sequence = applied = longest = 0;
	return speaker_open(&speaker, loop, &o);
}

static int
end(void **state)
{
	(void)state;
	speaker_close(&speaker);
	sock_close(sock);
	unpack_free(unpack);
	text_fini(&said);
	loop_free(loop);
	unlink(endpoint + strlen("unix://"));
	return 0;
}

/* --- what the controller hears --- */

static void
hear_routes(const struct node *body)
{
	static struct routes_message m;
	struct routes_cursor c = routes_open(body);
	struct reason why = { 0 };
	int got;

	while ((got = routes_next(&c, &m, &why)) > 0) {
		struct reader bin = m.announce[0].nlri;
		struct nlri n;

		text_printf(&said, "%s of %u", m.flags & ROUTES_HELD ? "held" : "routes", m.owner);
		while (nlri_next(m.announce[0].family, m.announce[0].path_ids, &bin, &n)) {
			text_add(&said, " +");
			nlri_ops(m.announce[0].family)->print(n.octets, &said);
		}
		text_char(&said, '\n');
	}
	assert_int_equal(got, 0);
}

static void
hear_frame(const struct frame *f)
{
	struct link_hello h;
	struct link_owner owner;
	struct link_peer_state peer;
	struct reason why = { 0 };
	char address[ADDR_TEXT];

	switch (f->type) {
	case FRAME_HELLO:
		assert_int_equal(link_hello_unpack(&h, f->body, &why), 0);
		hello = h.number;
		break;
	case FRAME_OWNER:
		assert_int_equal(link_owner_unpack(&owner, f->body, &why), 0);
		text_printf(&said, "owner %u %s\n", owner.owner, owner.name);
		break;
	case FRAME_PEER_STATE:
		assert_int_equal(link_peer_state_unpack(&peer, f->body, &why), 0);
		text_printf(&said, "state %u %s\n", peer.peer, addr_print(&peer.address, address));
		break;
	case FRAME_ROUTES:
		hear_routes(f->body);
		break;
	case FRAME_PING:
		break;
	default:
		text_printf(&said, "%s\n", frame_type_name(f->type));
	}
}

static uint8_t id[255];
static size_t id_len;

static void
say(struct pack *p)
{
	frame_stamp(p, sequence, applied);
	assert_int_equal(sock_send(sock, reader_of(id, id_len), false, p->base, p->len), 0);
	pack_fini(p);
	sequence++;
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_turn(loop, 1), 0);
}

static void
say_bare(enum frame_type type)
{
	struct pack p = { 0 };

	link_bare_pack(type, &p);
	say(&p);
}

/* What has come since the last look. */
static const char *
heard(void)
{
	static char taken[1 << 16];
	struct sock_message m;
	struct reason why = { 0 };
	struct frame f;

	for (int quiet = 0; quiet < 10; quiet++) {
		assert_int_equal(loop_turn(loop, 1), 0);
		while (sock_receive(sock, &m) > 0) {
			quiet = 0;
			assert_int_equal(frame_open(unpack, m.body.at, m.body.left, &f, &why), 0);
			assert_true(m.routing_id.left <= sizeof id);
			memcpy(id, m.routing_id.at, m.routing_id.left);
			id_len = m.routing_id.left;
			longest = m.body.left > longest ? m.body.left : longest;
			if (f.sequence > 0)
				assert_int_equal(f.sequence, ++applied);
			hear_frame(&f);
		}
	}
	snprintf(taken, sizeof taken, "%s", text_str(&said));
	text_clear(&said);
	return taken;
}

static void
hears(const char *want)
{
	assert_string_equal(heard(), want);
}

/* A controller that has just come. */
static void
welcome(bool adopt)
{
	struct link_welcome w = {
		.epoch = ++epoch, .term = 1, .version = FRAME_VERSION, .adopt = adopt
	};
	struct pack p = { 0 };

	if (hello > 0)
		say_bare(FRAME_RESET);
	loop_test_advance(loop, SECOND);
	(void)heard();
	w.number = hello;
	sequence = applied = 0;
	link_welcome_pack(&w, &p);
	say(&p);
}

/* --- what there is to be given back --- */

/* IPv4 route number n, for the peers of this bitmap. */
static void
hold(uint32_t n, struct reader peers, uint32_t owner, uint32_t med)
{
	static struct routes_message m;
	uint8_t block[16], nlri[5];
	struct writer w = writer_of(block, sizeof block), net = writer_of(nlri, sizeof nlri);

	writer_bytes(&w, "\x40\x01\x01\x00\x80\x04\x04", 7);
	writer_u32(&w, med);
	writer_u8(&net, 32);
	writer_u32(&net, 0x0a000000 + n);
	m = (struct routes_message){ .peers = peers, .owner = owner, .announces = 1 };
	m.announce[0] = (struct routes_part){ .family = IPV4_UNICAST,
		.nlri = writer_read(&net),
		.value = {
		    .next_hop = reader_of("\x0a\x09\x09\x09", 4), .attributes = writer_read(&w) } };
	rib_out_message(speaker.out, &m);
}

/* What it is for stands before each group of routes, and numbers may be high: in few octets all the same. */
static void
a_frame_has_a_bound_however_high_the_numbers_are(void **state)
{
	static uint8_t bitmap[LINK_PEERS_MAX / 8];
	const char *at;
	unsigned routes = 0;

	bitmap[sizeof bitmap - 1] = 1;
	for (uint32_t n = 0; n < 700; n++)
		hold(n, reader_of(bitmap, sizeof bitmap), 0, n);
	welcome(true);
	for (int i = 0; i < 200 && routes < 700; i++) {
		for (at = heard(); (at = strstr(at, "held ")); at++)
			routes++;
		say_bare(FRAME_PING); /* acknowledges */
	}
	assert_int_equal(routes, 700);
	assert_true(longest < FRAME_BATCH + ROUTES_SLICE + ROUTES_HEADS);
	(void)state;
}

static void
name(uint32_t number, const char *text)
{
	struct link_owner o = { .owner = number };
	struct pack p = { 0 };

	snprintf(o.name, sizeof o.name, "%s", text);
	link_owner_pack(&o, &p);
	say(&p);
}

/* What the first said, and the second did not come to say again, is the first's owner's for the third. */
static void
owners_outlive_a_controller_that_dies_while_it_says_all_again(void **state)
{
	static const struct reader peers = { .at = (const uint8_t *)"\2", .left = 1 };

	welcome(false);
	name(1, "configuration");
	name(2, "anycast");
	hold(1, peers, 2, 0);
	hold(2, peers, 2, 0);
	welcome(false);
	name(1, "anycast");
	name(2, "configuration");
	hold(1, peers, 1, 0);
	(void)heard();
	welcome(true);
	hears("owner 1 configuration\nowner 2 anycast\nheld of 2 +10.0.0.1/32 "
	      "+10.0.0.2/32\nheld-end\n");
	(void)state;
}

static void
a_controller_that_knows_all_is_given_nothing(void **state)
{
	hold(1, reader_of("\x02", 1), 0, 0);
	welcome(true);
	hears("held of 0 +10.0.0.1/32\nheld-end\n");
	welcome(false);
	hears("held-end\n");
	(void)state;
}

/* It is lost when it was silent for 5 s. */
static void
a_peer_with_controller_loss_is_an_orphan_without_one(void **state)
{
	struct link_peer c = { .peer = 1, .address = addr_v4(0x7f00000b), .passive = true,
		.local_as = 1, .router_id = 1, .controller_loss = 10, .ttl_in = -1, .ttl_out = -1 };

	welcome(false);
	struct peer *peer = peer_configure(&speaker, &c);

	for (int i = 0; i < 14; i++) {
		loop_test_advance(loop, SECOND);
		(void)heard();
		assert_false(peer->orphaned);
	}
	for (int i = 0; i < 4; i++) {
		loop_test_advance(loop, SECOND);
		(void)heard();
	}
	assert_true(peer->orphaned);
	assert_string_equal(peer->why, "no controller for 10 s");
	welcome(false);
	(void)heard();
	assert_false(peer->orphaned);
	(void)state;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(owners_outlive_a_controller_that_dies_while_it_says_all_again),
		TEST(a_controller_that_knows_all_is_given_nothing),
		TEST(a_frame_has_a_bound_however_high_the_numbers_are),
		TEST(a_peer_with_controller_loss_is_an_orphan_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
