/* Plays tests/cases/operational.case. Keys of a record:
 *      typed      the words of a command; encoded they are `wire`. Several times: all the same
 *      wire       the body of an OPERATIONAL
 *      unknown    its kind is none of ours
 *      malformed  a word out of the reason
 *      text, json as shown
 *      wrong      words that are refused; `says`: part of the reason
 * Besides, every body is cut off at each of its octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/operational.h"
#include "tests/tools/forms.h"

static int
scan(const char *typed, struct operational *o, struct words_line *line, struct reason *why)
{
	struct words w;

	assert_int_equal(words_cut(line, typed, strlen(typed), 1, WORDS_API, why), 0);
	w = words_of(line);
	if (operational_scan(&w, o, why) < 0)
		return -1;
	assert_false(words_left(&w));
	return 0;
}

static void
check_typed(const struct test_case *c, const char *typed)
{
	uint8_t memory[OPERATIONAL_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct operational o;

	if (scan(typed, &o, &line, &why) < 0)
		case_fail(c, "typed", why.text, typed);
	operational_encode(&o, &w);
	case_same_octets(c, "wire", writer_read(&w), case_get(c, "wire"));
	words_line_fini(&line);
}

static void
check_wrong(const struct test_case *c)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct operational o;

	assert_int_equal(scan(case_get(c, "wrong"), &o, &line, &why), -1);
	if (!strstr(why.text, case_get(c, "says")))
		case_fail(c, "says", why.text, case_get(c, "says"));
	words_line_fini(&line);
}

static void
check_cut(const uint8_t *wire, size_t len)
{
	struct reason why = { 0 };
	struct operational o;

	for (size_t i = 0; i < len; i++) {
		uint8_t *copy = malloc(i + 1);

		memcpy(copy, wire, i);
		assert_int_equal(operational_parse(&o, reader_of(copy, i), &why), -1);
		free(copy);
	}
}

static void
check_shown(const struct test_case *c, const struct operational *o)
{
	struct text text = { 0 };
	struct tree tree = tree_json(&text);

	operational_print(o, &text);
	case_same_text(c, "text", text_str(&text), case_get(c, "text"));
	text_clear(&text);
	operational_tree(o, &tree);
	if (case_get(c, "json"))
		case_same_text(c, "json", text_str(&text), case_get(c, "json"));
	text_fini(&text);
}

static void
play(const struct test_case *c)
{
	static uint8_t wire[CASE_OCTETS];
	const char *malformed = case_get(c, "malformed");
	struct reason why = { 0 };
	struct operational o;
	size_t len;
	int got;

	if (case_get(c, "wrong")) {
		check_wrong(c);
		return;
	}
	len = case_hex(case_get(c, "wire"), wire, sizeof wire);
	got = operational_parse(&o, reader_of(wire, len), &why);
	assert_int_equal(got, malformed ? -1 : case_get(c, "unknown") ? 1 : 0);
	if (malformed) {
		if (!strstr(why.text, malformed))
			case_fail(c, "malformed", why.text, malformed);
		return;
	}
	check_shown(c, &o);
	check_cut(wire, len);
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->at[i].key, "typed") == 0)
			check_typed(c, c->at[i].value);
}

static void
operational_messages_are_as_the_cases_say(void **state)
{
	cases_play("operational", play);
	(void)state;
}

static void
an_advisory_has_a_bound(void **state)
{
	char typed[OPERATIONAL_TEXT + 64] = "adm afi ipv4 safi unicast advisory ";
	size_t head = strlen(typed);
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct operational o;

	memset(typed + head, 'x', OPERATIONAL_TEXT);
	assert_int_equal(scan(typed, &o, &line, &why), 0);
	words_line_clear(&line);
	typed[head + OPERATIONAL_TEXT] = 'x';
	assert_int_equal(scan(typed, &o, &line, &why), -1);
	words_line_fini(&line);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operational_messages_are_as_the_cases_say),
		cmocka_unit_test(an_advisory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
