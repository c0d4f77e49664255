/* Plays tests/cases/notification.case. Keys of a record:
 *      wire           the body of a NOTIFICATION
 *      refused        there are no two codes in it; nothing is to be answered
 *      text, json     as shown
 *      communication  what RFC 9003 text there is, or `bad`
 *      send           CODE SUBCODE TEXT: what we send; `data` in hexadecimal instead of the text
 *      sent           its body */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/utf8.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "tests/tools/forms.h"

static uint8_t wire[CASE_OCTETS];

static void
check_shown(const struct test_case *c, const struct notification *n)
{
	struct text text = { 0 };
	struct tree tree = tree_json(&text);
	const char *communication = case_get(c, "communication");

	if (case_get(c, "json")) {
		notification_tree(n, &tree);
		case_same_text(c, "json", text_str(&text), case_get(c, "json"));
		text_clear(&text);
	}
	notification_print(n, &text);
	if (case_get(c, "text"))
		case_same_text(c, "text", text_str(&text), case_get(c, "text"));
	if (text.len > 400)
		case_fail(c, "text", text_str(&text), "a line of a log");
	if (communication)
		case_same_text(c, "communication", n->communication_bad ? "bad" : n->communication,
		    communication);
	text_fini(&text);
}

static void
received(const struct test_case *c)
{
	size_t len = case_hex(case_get(c, "wire"), wire, sizeof wire);
	struct notification n;
	struct fault f;

	if (notification_parse(&n, reader_of(wire, len), &f) < 0) {
		if (!case_get(c, "refused"))
			case_fail(c, "result", "refused", "accepted");
		assert_int_equal(f.code, 0);
		return;
	}
	if (case_get(c, "refused"))
		case_fail(c, "result", "accepted", "refused");
	check_shown(c, &n);
}

static void
sent(const struct test_case *c)
{
	static uint8_t memory[MESSAGE_MAX];
	const char *send = case_get(c, "send"), *data = case_get(c, "data");
	struct writer w = writer_of(memory, sizeof memory);
	unsigned code, subcode;
	struct message m;
	struct fault f;
	int used = 0;

	assert_int_equal(sscanf(send, "%u %u %n", &code, &subcode, &used), 2);
	if (data)
		fault_set(&f, (uint8_t)code, (uint8_t)subcode, wire,
		    case_hex(data, wire, sizeof wire), " ");
	else
		fault_set(
		    &f, (uint8_t)code, (uint8_t)subcode, send + used, strlen(send + used), " ");
	notification_encode(&f, &w);
	assert_true(writer_ok(&w));
	assert_int_equal(
	    message_parse(&m, writer_read(&w), &(struct message_limits){ .refresh = true }, &f), 1);
	assert_int_equal(m.type, MESSAGE_NOTIFICATION);
	assert_int_equal(m.length, w.len);
	case_same_octets(c, "sent", m.body, case_get(c, "sent"));
}

static void
play(const struct test_case *c)
{
	if (case_get(c, "wire"))
		received(c);
	if (case_get(c, "send"))
		sent(c);
}

static void
notifications_are_shown_and_sent_as_the_cases_say(void **state)
{
	cases_play("notification", play);
	(void)state;
}

/* T01, T06: whatever comes, what is shown of it is one line of text. */
static void
what_is_shown_is_one_line_of_text(void **state)
{
	uint32_t seed = 12345;
	struct notification n;
	struct fault f;

	for (int i = 0; i < 50000; i++) {
		size_t len = 2 + (seed >> 16) % 300;
		uint8_t *octets = malloc(len);
		struct text text = { 0 };

		for (size_t j = 0; j < len; j++) {
			seed = seed * 1103515245 + 12345;
			octets[j] = (uint8_t)(seed >> 16 & (i & 1 ? 0xff : 0x7f));
		}
		octets[0] = i & 2 ? 6 : octets[0];
		octets[1] = i & 2 ? (i & 4 ? 2 : 9) : octets[1];
		if (len > 4 && (i & 8)) {
			octets[2] = (uint8_t)(octets[1] == 2 ? len - 3 : 6);
			octets[3] = octets[1] == 2 ? octets[3] : 4;
			octets[4] = octets[1] == 2 ? octets[4] : (uint8_t)(len - 5);
		}
		assert_int_equal(notification_parse(&n, reader_of(octets, len), &f), 0);
		notification_print(&n, &text);
		assert_true(utf8_valid(text_str(&text), text.len));
		assert_true(utf8_valid(n.communication, strlen(n.communication)));
		for (size_t j = 0; j < text.len; j++)
			assert_true((unsigned char)text.base[j] >= 0x20 && text.base[j] != 0x7f);
		text_fini(&text);
		free(octets);
	}
	(void)state;
}

static void
every_code_has_a_name(void **state)
{
	char number[4];

	assert_string_equal(fault_code_name(NOTIFY_CEASE), "Cease");
	assert_string_equal(fault_code_name(NOTIFY_SEND_HOLD), "Send Hold Timer Expired");
	assert_string_equal(fault_subcode_name(NOTIFY_OPEN, OPEN_ROLE), "Role Mismatch");
	assert_string_equal(
	    fault_subcode_name(NOTIFY_REFRESH, REFRESH_BAD_LENGTH), "Invalid Message Length");
	assert_string_equal(fault_code_name(0), "0");
	for (unsigned code = 9; code <= 255; code++) {
		snprintf(number, sizeof number, "%u", code);
		assert_string_equal(fault_code_name((uint8_t)code), number);
		assert_string_equal(fault_subcode_name(NOTIFY_HOLD, (uint8_t)code), number);
		assert_string_equal(fault_subcode_name((uint8_t)code, 0), "");
	}
	(void)state;
}

static void
the_data_of_a_fault_is_cut_at_255_octets(void **state)
{
	static const uint8_t octets[300] = { 1, 2, 3 };
	struct fault f;

	assert_int_equal(fault_set(&f, 3, 1, octets, sizeof octets, "%s", "why"), -1);
	assert_int_equal(f.data_len, 255);
	assert_string_equal(f.text, "why");
	assert_int_equal(fault_set(&f, 3, 1, NULL, 0, "%0200u", 7U), -1);
	assert_int_equal(f.data_len, 0);
	assert_int_equal(strlen(f.text), sizeof f.text - 1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notifications_are_shown_and_sent_as_the_cases_say),
		cmocka_unit_test(what_is_shown_is_one_line_of_text),
		cmocka_unit_test(every_code_has_a_name),
		cmocka_unit_test(the_data_of_a_fault_is_cut_at_255_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
