/* Files of ROAs, as validators write them and as nobody should. */
#include "controller/cli/roa_file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct roas *
scanned(const char *text, struct reason *why)
{
	*why = (struct reason){ .line = 0 };
	return roa_file_scan(text, strlen(text), why);
}

static void
reads(const char *text, size_t count, const char *route, uint32_t origin, enum rpki_state state)
{
	struct reason why;
	struct roas *r = scanned(text, &why);
	struct prefix p;

	if (!r)
		fail_msg("%s: %s", text, why.text);
	assert_int_equal(roas_count(r), count);
	assert_int_equal(prefix_scan(&p, route), 0);
	assert_int_equal(roas_validate(r, &p, origin), state);
	roas_free(r);
}

static void
refuses(const char *text, const char *said)
{
	struct reason why;

	assert_null(scanned(text, &why));
	if (!strstr(why.text, said))
		fail_msg("\"%s\" does not say \"%s\"", why.text, said);
}

static void
roas_are_read_as_validators_write_them(void **s)
{
	(void)s;
	reads("{\"metadata\": {\"builddate\": \"x\", \"counts\": {\"a\": 1}},\n \"roas\": "
	      "[{\"prefix\": "
	      "\"10.0.0.0/8\", \"maxLength\": 16, \"asn\": \"AS65001\", \"ta\": \"arin\"},\n"
	      "{\"asn\": 65002, \"prefix\": \"2001:db8::/32\", \"maxLength\": \"48\"}]}",
	    2, "10.1.0.0/16", 65001, RPKI_VALID);
	reads("[{\"asn\":\"as7\",\"prefix\":\"10.0.0.0\\/8\"}]", 1, "10.1.0.0/16", 7, RPKI_INVALID);
	reads("{\"roas\":[{\"asn\":\"AS7\",\"prefix\":\"10.0.0.0/8\",\"note\":\"a \\\"}{ b\"}]}", 1,
	    "10.0.0.0/8", 7, RPKI_VALID);
}

static void
what_is_wrong_is_named_with_its_line(void **s)
{
	(void)s;
	refuses("", "no ROA");
	refuses("{\"roas\": []}", "no ROA");
	refuses("{\n\"prefix\": \"10.0.0.1/8\", \"asn\": 1}", "line 2: expected a prefix");
	refuses("{\"prefix\": \"10.0.0.0/8\",\n\n \"asn\": \"x\"}", "line 3: expected an AS");
	refuses("{\"prefix\": \"10.0.0.0/8\", \"asn\": 4294967296}", "an AS");
	refuses("{\"prefix\": \"10.0.0.0/8\", \"asn\": 1, \"maxLength\": 7}", "a length");
	refuses("{\"prefix\": \"10.0.0.0/8\", \"asn\": 1, \"maxLength\": 33}", "a length");
	refuses("{\"prefix\": \"10.0.0.0/8\", \"asn\": 1, \"maxLength\": 1000}", "a length");
}

static void
any_octets_come_to_an_end(void **s)
{
	static const char odd[] = "{\"prefix\": \0 \x01 \xff \\ \"\\";
	struct reason why;

	(void)s;
	for (size_t n = 0; n <= sizeof odd; n++) {
		why = (struct reason){ .line = 0 };
		assert_null(roa_file_scan(odd, n, &why));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roas_are_read_as_validators_write_them),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(any_octets_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
