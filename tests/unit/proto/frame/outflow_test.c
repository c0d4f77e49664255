#include "proto/frame/outflow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "proto/frame/link.h"

enum { NOW = 1000000, SENT = 256 };

/* Where frames go: what was sent, as opened again, and after how many it says "not now". */
struct wire {
	unsigned room, count;
	struct {
		enum frame_type type;
		uint64_t sequence, acknowledged;
		uint32_t messages;
		size_t len;
	} frame[SENT];
};

static struct unpack *unpack;
static struct wire wire;
static struct outflow out;

static int
start(void **state)
{
	(void)state;
	unpack = unpack_new();
	memset(&wire, 0, sizeof wire);
	wire.room = SENT;
	outflow_init(&out);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	unpack_free(unpack);
	outflow_fini(&out);
	return 0;
}

static int
send_frame(void *arg, const void *bytes, size_t len)
{
	struct reason why = { 0 };
	struct frame f;

	assert_ptr_equal(arg, &wire);
	if (wire.count >= wire.room)
		return -1;
	assert_int_equal(frame_open(unpack, bytes, len, &f, &why), 0);
	wire.frame[wire.count].type = f.type;
	wire.frame[wire.count].sequence = f.sequence;
	wire.frame[wire.count].acknowledged = f.acknowledged;
	wire.frame[wire.count].messages = f.type == FRAME_ROUTES ? node_count(f.body) : 0;
	wire.frame[wire.count].len = len;
	wire.count++;
	return 0;
}

static int
send_all(uint64_t applied)
{
	return outflow_send(&out, applied, send_frame, &wire);
}

/* One message of about so many octets; false without credit. */
static bool
add(size_t octets)
{
	struct routes_writer *w = outflow_batch(&out, NOW);
	static const uint8_t zero[5] = { 32, 10, 0, 0, 1 };
	struct route_value value = { .next_hop = reader_of(zero, 4) };

	if (!w)
		return false;
	routes_message(w, true, 1, (struct reader){ 0 }, 0, 0);
	routes_announce(w, IPV4_UNICAST, false, &value);
	for (size_t n = 0; n < octets; n += sizeof zero)
		routes_nlri(w, false, 0, reader_of(zero, sizeof zero));
	routes_message_end(w);
	outflow_added(&out, NOW);
	return true;
}

static void
say(bool answer)
{
	struct link_ping ping = { .answer = answer };
	struct pack frame = { 0 };

	link_ping_pack(&ping, &frame);
	outflow_say(&out, &frame, NOW);
	assert_null(frame.base); /* taken */
}

static void
control_frames_and_batches_leave_in_the_order_they_came(void **state)
{
	static const enum frame_type types[] = { FRAME_PING, FRAME_ROUTES, FRAME_PING, FRAME_PING,
		FRAME_ROUTES };
	static const uint32_t messages[] = { 0, 2, 0, 0, 1 };

	say(false);
	add(10);
	add(10);
	say(false);
	say(false);
	add(10);
	assert_false(outflow_empty(&out));
	assert_int_equal(send_all(7), 4); /* the last batch is still open */
	assert_true(outflow_empty(&out));
	outflow_acknowledged(&out, 4, NOW);
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(8), 1);
	assert_int_equal(wire.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(wire.frame[i].type, types[i]);
		assert_int_equal(wire.frame[i].sequence, i + 1);
		assert_int_equal(wire.frame[i].acknowledged, i < 4 ? 7 : 8);
		assert_int_equal(wire.frame[i].messages, messages[i]);
	}
	(void)state;
}

/* So many small frames are on their way that the next one waits. */
static void
crowd(void)
{
	for (unsigned i = 0; i < WINDOW_SMALL; i++) {
		add(10);
		outflow_settle(&out, NOW);
	}
}

static void
a_small_batch_waits_while_some_are_unacknowledged(void **state)
{
	add(10);
	assert_int_equal(send_all(0), 0);
	outflow_settle(&out, NOW); /* nothing on its way: at once */
	assert_int_equal(send_all(0), 1);
	for (unsigned i = 1; i < WINDOW_SMALL; i++) {
		add(10);
		outflow_settle(&out, NOW);
		assert_int_equal(send_all(0), 1); /* a few: neither */
	}
	add(10);
	outflow_settle(&out, NOW);
	add(10);
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(0), 0);
	assert_true(outflow_acknowledged(&out, 1, NOW + 100));
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(0), 1);
	assert_int_equal(wire.frame[WINDOW_SMALL].messages, 2);
	(void)state;
}

static void
a_full_batch_does_not_wait(void **state)
{
	crowd();
	add(FRAME_BATCH);
	assert_int_equal(send_all(0), WINDOW_SMALL + 1);
	assert_int_equal(wire.frame[WINDOW_SMALL].messages, 1);
	assert_in_range(wire.frame[WINDOW_SMALL].len, FRAME_BATCH, FRAME_BATCH + 1024);
	(void)state;
}

static void
a_control_frame_takes_the_batch_before_it_along(void **state)
{
	crowd();
	add(10); /* would wait */
	say(true);
	assert_int_equal(send_all(0), WINDOW_SMALL + 2);
	assert_int_equal(wire.frame[WINDOW_SMALL].type, FRAME_ROUTES);
	assert_int_equal(wire.frame[WINDOW_SMALL + 1].type, FRAME_PING);
	(void)state;
}

static void
without_credit_there_is_no_batch_but_control_frames_leave(void **state)
{
	unsigned batches = 0;

	while (add(FRAME_BATCH))
		batches++;
	assert_in_range(batches, 4, WINDOW_START / FRAME_BATCH);
	assert_null(outflow_batch(&out, NOW));
	say(true);
	assert_int_equal(send_all(0), batches + 1);
	assert_int_equal(wire.frame[batches].type, FRAME_PING);
	assert_true(outflow_acknowledged(&out, 1, NOW));
	assert_non_null(outflow_batch(&out, NOW));
	(void)state;
}

static void
frames_are_bounded_too(void **state)
{
	unsigned batches = 0;

	/* each batch is cut short by a control frame */
	while (batches < SENT && add(10)) {
		say(true);
		batches++;
	}
	assert_int_equal(batches, WINDOW_FRAMES);
	(void)state;
}

static void
a_stuck_send_keeps_frames_and_order(void **state)
{
	for (int i = 0; i < 6; i++) {
		add(10);
		say(true);
	}
	wire.room = 3;
	assert_int_equal(send_all(1), -1);
	assert_int_equal(wire.count, 3);
	assert_int_equal(send_all(2), -1);
	assert_int_equal(wire.count, 3);
	wire.room = SENT;
	say(false);
	assert_int_equal(send_all(9), 10);
	assert_int_equal(wire.count, 13);
	for (unsigned i = 0; i < 13; i++) {
		assert_int_equal(wire.frame[i].sequence, i + 1);
		assert_int_equal(wire.frame[i].acknowledged, i < 3 ? 1 : 9);
		assert_int_equal(wire.frame[i].type, i % 2 || i == 12 ? FRAME_PING : FRAME_ROUTES);
	}
	assert_int_equal(send_all(9), 0);
	(void)state;
}

static void
an_empty_batch_is_never_sent(void **state)
{
	assert_non_null(outflow_batch(&out, NOW));
	outflow_settle(&out, NOW);
	say(true);
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(0), 1);
	assert_int_equal(wire.frame[0].type, FRAME_PING);
	assert_false(outflow_acknowledged(&out, 1, NOW));
	/* and is still good */
	assert_true(add(10));
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(0), 1);
	assert_int_equal(wire.frame[1].messages, 1);
	(void)state;
}

static void
after_a_reset_numbers_begin_again_and_credit_is_whole(void **state)
{
	while (add(FRAME_BATCH))
		;
	say(true);
	send_all(0);
	say(true);
	outflow_acknowledged(&out, 1, NOW);
	add(10);
	outflow_reset(&out);
	assert_true(outflow_empty(&out));
	wire.count = 0;
	assert_int_equal(send_all(0), 0);
	add(10);
	outflow_settle(&out, NOW);
	say(true);
	assert_int_equal(send_all(0), 2);
	assert_int_equal(wire.frame[0].sequence, 1);
	assert_int_equal(wire.frame[0].messages, 1);
	assert_int_equal(wire.frame[1].sequence, 2);
	(void)state;
}

/* Its number would be missed by who reads, and its octets fit into no socket. */
static void
a_frame_that_is_too_long_is_left_out_and_the_others_go_on(void **state)
{
	add(10);
	add(FRAME_OCTETS_MAX);
	say(false);
	assert_int_equal(outflow_left_out(&out), 1);
	assert_int_equal(outflow_left_out(&out), 0);
	add(10);
	outflow_settle(&out, NOW);
	assert_int_equal(send_all(1), 2);
	assert_int_equal(wire.frame[0].type, FRAME_PING);
	assert_int_equal(wire.frame[0].sequence, 1);
	assert_int_equal(wire.frame[1].type, FRAME_ROUTES);
	assert_int_equal(wire.frame[1].sequence, 2);
	assert_int_equal(wire.frame[1].messages, 1);
	/* it takes no credit either */
	assert_true(outflow_acknowledged(&out, 2, NOW));
	assert_int_equal(out.window.in_flight, 0);
	(void)state;
}

/* What leaves at the end of a turn at `now` when nothing is to be said. */
static unsigned
leaves(uint64_t now)
{
	unsigned before = wire.count;

	outflow_settle(&out, now);
	send_all(5);
	return wire.count - before;
}

static void
an_acknowledgement_waits_for_a_frame_to_carry_it_and_not_for_long(void **state)
{
	assert_int_equal(outflow_owed_by(&out), 0);
	outflow_owe(&out, 100, NOW);
	assert_int_equal(outflow_owed_by(&out), NOW + OUTFLOW_ACK_DELAY);
	outflow_owe(&out, 100, NOW + 1000); /* the first one's time holds */
	assert_int_equal(leaves(NOW + OUTFLOW_ACK_DELAY - 1), 0);
	assert_int_equal(leaves(NOW + OUTFLOW_ACK_DELAY), 1);
	assert_int_equal(wire.frame[0].type, FRAME_PING);
	assert_int_equal(wire.frame[0].acknowledged, 5);
	assert_int_equal(outflow_owed_by(&out), 0);
	assert_int_equal(leaves(NOW + 2 * OUTFLOW_ACK_DELAY), 0);

	/* a batch carries it as well */
	outflow_owe(&out, 100, NOW);
	add(10);
	assert_int_equal(leaves(NOW), 1);
	assert_int_equal(wire.frame[1].type, FRAME_ROUTES);
	assert_int_equal(outflow_owed_by(&out), 0);
	(void)state;
}

static void
some_frames_or_many_octets_are_acknowledged_at_once(void **state)
{
	for (unsigned i = 1; i < OUTFLOW_ACK_FRAMES; i++)
		outflow_owe(&out, 100, NOW);
	assert_int_equal(leaves(NOW), 0);
	outflow_owe(&out, 100, NOW);
	assert_int_equal(leaves(NOW), 1);

	outflow_owe(&out, OUTFLOW_ACK_OCTETS - 1, NOW); /* counted anew */
	assert_int_equal(leaves(NOW), 0);
	outflow_owe(&out, 1, NOW);
	assert_int_equal(leaves(NOW), 1);

	outflow_owe(&out, 1, NOW);
	outflow_owe_now(&out, NOW);
	outflow_owe(&out, 1, NOW); /* does not put it off again */
	assert_int_equal(leaves(NOW), 1);
	(void)state;
}

static void
what_cannot_be_sent_is_owed_still_and_a_reset_forgets_it(void **state)
{
	outflow_owe_now(&out, NOW);
	wire.room = 0;
	assert_int_equal(leaves(NOW), 0);
	assert_int_equal(outflow_owed_by(&out), NOW);
	wire.room = SENT;
	assert_int_equal(leaves(NOW), 1); /* the one PING */
	outflow_owe_now(&out, NOW);
	outflow_reset(&out);
	assert_int_equal(outflow_owed_by(&out), 0);
	(void)state;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(control_frames_and_batches_leave_in_the_order_they_came),
		TEST(a_small_batch_waits_while_some_are_unacknowledged),
		TEST(a_full_batch_does_not_wait),
		TEST(a_control_frame_takes_the_batch_before_it_along),
		TEST(without_credit_there_is_no_batch_but_control_frames_leave),
		TEST(frames_are_bounded_too),
		TEST(a_stuck_send_keeps_frames_and_order),
		TEST(an_empty_batch_is_never_sent),
		TEST(after_a_reset_numbers_begin_again_and_credit_is_whole),
		TEST(a_frame_that_is_too_long_is_left_out_and_the_others_go_on),
		TEST(an_acknowledgement_waits_for_a_frame_to_carry_it_and_not_for_long),
		TEST(some_frames_or_many_octets_are_acknowledged_at_once),
		TEST(what_cannot_be_sent_is_owed_still_and_a_reset_forgets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
