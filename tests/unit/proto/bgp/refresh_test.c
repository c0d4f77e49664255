/* Plays tests/cases/refresh.case. Keys of a record:
 *      session   words: refresh, enhanced; IPv4 and IPv6 unicast are negotiated
 *      wire      the body of a ROUTE-REFRESH
 *      fault     CODE SUBCODE DATA; ignored: a word out of the reason; else it is acted on
 *      json      as shown
 *      sent      same: encoded again it is the same */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/message.h"
#include "proto/bgp/refresh.h"
#include "tests/tools/forms.h"

static struct session_params
session_of(const struct test_case *c)
{
	const char *words = case_get(c, "session");

	words = words ? words : "";
	return (struct session_params){ .refresh = strstr(words, "refresh"),
		.enhanced_refresh = strstr(words, "enhanced"),
		.families = family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST) };
}

static void
check_json(const struct test_case *c, const struct refresh *r)
{
	struct text text = { 0 };
	struct tree tree = tree_json(&text);

	refresh_tree(r, &tree);
	if (case_get(c, "json"))
		case_same_text(c, "json", text_str(&text), case_get(c, "json"));
	text_fini(&text);
}

static void
check_sent(const struct test_case *c, const struct refresh *r)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	struct message m;
	struct fault f;

	refresh_encode(r->family, (enum refresh_kind)r->kind, &w);
	assert_int_equal(
	    message_parse(&m, writer_read(&w), &(struct message_limits){ .refresh = true }, &f), 1);
	assert_int_equal(m.type, MESSAGE_REFRESH);
	case_same_octets(c, "sent", m.body, case_get(c, "wire"));
}

static void
play(const struct test_case *c)
{
	static uint8_t wire[CASE_OCTETS];
	size_t len = case_hex(case_get(c, "wire"), wire, sizeof wire);
	const char *ignored = case_get(c, "ignored"), *fault = case_get(c, "fault");
	struct session_params p = session_of(c);
	struct refresh r;
	struct fault f;
	int result = refresh_parse(&r, reader_of(wire, len), &p, &f);

	if (result < 0)
		case_same_fault(c, &f, fault);
	else if (fault)
		case_fail(c, "fault", NULL, fault);
	if (result > 0 && (!ignored || !strstr(f.text, ignored)))
		case_fail(c, "ignored", f.text, ignored);
	if (result <= 0 && ignored)
		case_fail(c, "ignored", NULL, ignored);
	check_json(c, &r);
	if (case_get(c, "sent"))
		check_sent(c, &r);
}

static void
refreshes_are_judged_as_the_cases_say(void **state)
{
	cases_play("refresh", play);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refreshes_are_judged_as_the_cases_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
