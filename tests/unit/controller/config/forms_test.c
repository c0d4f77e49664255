/* Plays tests/cases/config-forms.case. Keys of a record:
 *      in       where the statements stand: a whole file, a neighbor, a section of it, or behind a route
 *      takes    statements that are read; \n is a line's end
 *      refuses  statements that are not: the error has its place, and says what was expected */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "controller/config/config.h"
#include "tests/tools/forms.h"

#define PEER "neighbor 192.0.2.1 { local-address 192.0.2.2; local-as 65000; peer-as 65001;\n"

static const struct place {
	const char *name, *before, *behind;
} places[] = {
	{ "file", "", "\n" },
	{ "neighbor", PEER, "\n}\n" },
	{ "capability", PEER "capability {", "}\n}\n" },
	{ "static", PEER "static {", "}\n}\n" },
	{ "route", PEER "static { route 10.0.0.0/24 next-hop 192.0.2.9 ", "; }\n}\n" },
	{ "block", PEER "static { route 10.0.0.0/24 { next-hop 192.0.2.9;", "} }\n}\n" },
	{ "ipv4", PEER "announce { ipv4 {", "} }\n}\n" },
	{ "ipv6", PEER "announce { ipv6 {", "} }\n}\n" },
	{ "flow", PEER "flow {", "}\n}\n" },
	{ "l2vpn", PEER "l2vpn {", "}\n}\n" },
};

static const struct place *
place_of(const struct test_case *c)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (strcmp(places[i].name, case_get(c, "in")) == 0)
			return &places[i];
	case_fail(c, "in", case_get(c, "in"), "a place");
	return NULL;
}

static void
put(struct text *t, const char *statements)
{
	for (const char *at = statements; *at; at++) {
		bool end = at[0] == '\\' && at[1] == 'n';

		text_char(t, end ? '\n' : at[0]);
		at += end;
	}
}

static void
check(const struct test_case *c, const char *statements, bool taken)
{
	const struct place *place = place_of(c);
	struct config_error e = { .text = "" };
	struct text t = { 0 };
	struct config *config;

	text_add(&t, place->before);
	put(&t, statements);
	text_add(&t, place->behind);
	config = config_load_text("test.conf", text_str(&t), t.len, &e);
	text_fini(&t);
	if (!config != !taken)
		case_fail(c, taken ? "takes" : "refuses", taken ? e.text : "no error", statements);
	if (!taken && (e.line == 0 || e.text[0] == '\0'))
		case_fail(c, "refuses", "no place", statements);
	config_free(config);
}

static void
play(const struct test_case *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->at[i].key, "in") != 0)
			check(c, c->at[i].value, strcmp(c->at[i].key, "takes") == 0);
}

static void
what_may_be_said_is_read_and_nothing_else(void **state)
{
	cases_play("config-forms", play);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_said_is_read_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
