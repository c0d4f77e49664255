/* What a case says against what came out: octets, text, JSON, the NOTIFICATION. For tests whose cases are played
 * one by one; a difference fails the test with the place of the case. */
#ifndef TESTS_TOOLS_FORMS_H
#define TESTS_TOOLS_FORMS_H
#include "common/text.h"
#include "common/tree.h"
#include "proto/bgp/fault.h"
#include "tests/tools/cases.h"

enum { CASE_OCTETS = 70000, CASE_SHOWN = 200 };

static inline void
case_fail(const struct test_case *c, const char *what, const char *got, const char *wanted)
{
	fail_msg("%s:%u (%s): %s: got %s, wanted %s", c->name, c->line, c->title, what,
	    got ? got : "none", wanted ? wanted : "none");
}

static inline void
case_same_text(const struct test_case *c, const char *what, const char *got, const char *wanted)
{
	if (!wanted || strcmp(got, wanted) != 0)
		case_fail(c, what, got, wanted);
}

/* `wanted` in hexadecimal. */
static inline void
case_same_octets(const struct test_case *c, const char *what, struct reader got, const char *wanted)
{
	static uint8_t octets[CASE_OCTETS];
	size_t len = case_hex(wanted, octets, sizeof octets);
	struct text text = { 0 };

	if (reader_equal(got, reader_of(octets, len)))
		return;
	text_hex(&text, got.at, got.left < CASE_SHOWN ? got.left : CASE_SHOWN);
	case_fail(c, what, text_str(&text), wanted);
}

/* "CODE SUBCODE", and the data in hexadecimal behind it if there is any. */
static inline void
case_same_fault(const struct test_case *c, const struct fault *got, const char *wanted)
{
	struct text text = { 0 };
	unsigned code, subcode;
	int used = 0;

	text_printf(&text, "%u %u ", got->code, got->subcode);
	text_hex(&text, got->data, got->data_len);
	text_printf(&text, " (%s)", got->text);
	if (!wanted || sscanf(wanted, "%u %u%n", &code, &subcode, &used) != 2 ||
	    got->code != code || got->subcode != subcode)
		case_fail(c, "fault", text_str(&text), wanted);
	case_same_octets(c, "data", reader_of(got->data, got->data_len), wanted + used);
	if (!got->text[0])
		case_fail(c, "words for the log", "", "some");
	text_fini(&text);
}

/* Plays every case of a file. */
static inline void
cases_play(const char *name, void (*play)(const struct test_case *))
{
	static struct cases cases;
	struct test_case c;
	unsigned played = 0;

	cases_open(&cases, name);
	for (; cases_next(&cases, &c); played++) {
		play(&c);
		case_fini(&c);
	}
	assert_true(played > 0);
}
#endif
