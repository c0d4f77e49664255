/* Plays tests/cases/header.case. Keys of a record:
 *      limits    words: extended, operational, no-refresh
 *      wire      the front of a stream
 *      message   TYPE LENGTH: what stands there, whole
 *      more      octets are missing, and nothing is wrong so far
 *      fault     CODE SUBCODE DATA: the NOTIFICATION that ends it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/message.h"
#include "tests/tools/forms.h"

static const struct message_limits plain = { .refresh = true };

static struct message_limits
limits_of(const struct test_case *c)
{
	const char *words = case_get(c, "limits");

	words = words ? words : "";
	return (struct message_limits){ .extended = strstr(words, "extended"),
		.operational = strstr(words, "operational"),
		.refresh = !strstr(words, "no-refresh") };
}

static void
play(const struct test_case *c)
{
	static uint8_t wire[CASE_OCTETS];
	size_t len = case_hex(case_get(c, "wire"), wire, sizeof wire);
	struct message_limits limits = limits_of(c);
	struct message m;
	struct fault f;
	char got[64];
	int result = message_parse(&m, reader_of(wire, len), &limits, &f);

	if (result < 0) {
		case_same_fault(c, &f, case_get(c, "fault"));
	} else if (result == 0) {
		if (!case_get(c, "more"))
			case_fail(c, "result", "more", "another");
	} else {
		snprintf(got, sizeof got, "%s %zu", message_type_name(m.type), m.length);
		case_same_text(c, "message", got, case_get(c, "message"));
		assert_int_equal(m.header.left, MESSAGE_HEADER);
		assert_ptr_equal(m.header.at, wire);
		assert_int_equal(m.body.left, m.length - MESSAGE_HEADER);
		assert_ptr_equal(m.body.at, wire + MESSAGE_HEADER);
	}
}

static void
headers_are_judged_as_the_cases_say(void **state)
{
	cases_play("header", play);
	(void)state;
}

/* H21: whatever way the octets come, the message is there with the last of them and not before. */
static void
a_message_is_whole_with_its_last_octet(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	struct message m;
	struct fault f;
	size_t mark = message_begin(&w, MESSAGE_UPDATE);

	writer_u32(&w, 0);
	message_end(&w, mark);
	for (size_t len = 0; len < w.len; len++)
		assert_int_equal(message_parse(&m, reader_of(memory, len), &plain, &f), 0);
	assert_int_equal(message_parse(&m, reader_of(memory, w.len), &plain, &f), 1);
	assert_int_equal(message_parse(&m, reader_of(memory, sizeof memory), &plain, &f), 1);
	assert_int_equal(m.length, 23);
	(void)state;
}

/* H22 */
static void
ninety_nine_good_messages_come_before_the_bad_one(void **state)
{
	uint8_t memory[100 * MESSAGE_HEADER];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader stream;
	struct message m;
	struct fault f;

	for (int i = 0; i < 100; i++)
		keepalive_encode(&w);
	assert_true(writer_ok(&w));
	memory[sizeof memory - 1] = 9;
	stream = writer_read(&w);
	for (int i = 0; i < 99; i++) {
		assert_int_equal(message_parse(&m, stream, &plain, &f), 1);
		assert_int_equal(m.type, MESSAGE_KEEPALIVE);
		reader_take(&stream, m.length);
	}
	assert_int_equal(message_parse(&m, stream, &plain, &f), -1);
	assert_int_equal(f.code, NOTIFY_HEADER);
	assert_int_equal(f.subcode, HEADER_BAD_TYPE);
	(void)state;
}

static void
what_is_begun_and_ended_has_its_length(void **state)
{
	static uint8_t memory[70000];
	struct writer w = writer_of(memory, sizeof memory);
	struct message m;
	struct fault f;
	size_t mark;

	writer_u8(&w, 0); /* a message need not be the first thing in a writer */
	mark = message_begin(&w, MESSAGE_NOTIFICATION);
	writer_u16(&w, 0x0602);
	message_end(&w, mark);
	assert_int_equal(message_parse(&m, reader_of(memory + 1, w.len - 1), &plain, &f), 1);
	assert_int_equal(m.type, MESSAGE_NOTIFICATION);
	assert_int_equal(m.length, 21);

	mark = message_begin(&w, MESSAGE_UPDATE);
	writer_room(&w, 65536 - MESSAGE_HEADER);
	assert_true(writer_ok(&w));
	message_end(&w, mark);
	assert_false(writer_ok(&w));
	(void)state;
}

static void
types_have_names(void **state)
{
	assert_string_equal(message_type_name(MESSAGE_OPEN), "open");
	assert_string_equal(message_type_name(MESSAGE_OPERATIONAL), "operational");
	assert_string_equal(message_type_name(0), "unknown");
	assert_string_equal(message_type_name(7), "unknown");
	assert_string_equal(message_type_name(255), "unknown");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_judged_as_the_cases_say),
		cmocka_unit_test(a_message_is_whole_with_its_last_octet),
		cmocka_unit_test(ninety_nine_good_messages_come_before_the_bad_one),
		cmocka_unit_test(what_is_begun_and_ended_has_its_length),
		cmocka_unit_test(types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
