/* rpki { cache NAME { } } as it is written, and as it should not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "common/text.h"
#include "controller/config/config.h"

static struct config *
load(const char *text, struct config_error *e)
{
	*e = (struct config_error){ .line = 0 };
	return config_load_text("test", text, strlen(text), e);
}

static void
refused(const char *text, const char *said)
{
	struct config_error e;

	assert_null(load(text, &e));
	if (!strstr(e.text, said))
		fail_msg("\"%s\" does not say \"%s\"", e.text, said);
}

static void
a_cache_needs_an_address_and_has_defaults_for_the_rest(void **s)
{
	struct config_error e;
	struct config *c = load("rpki {\ncache a {\naddress 192.0.2.1;\n}\ncache b {\naddress "
				"2001:db8::1;\nport 3323;\npreference 0;\nrefresh 60;\nretry "
				"5;\nexpire 600;\n}\n}\nrpki {\ncache c {\naddress "
				"192.0.2.1;\nrefresh auto;\n}\n}\n",
	    &e);
	char address[ADDR_TEXT];

	(void)s;
	if (!c)
		fail_msg("%u: %s", e.line, e.text);
	assert_int_equal(c->cache_count, 3);
	assert_string_equal(c->caches[0].name, "a");
	assert_string_equal(addr_print(&c->caches[0].address, address), "192.0.2.1");
	assert_int_equal(c->caches[0].port, 323);
	assert_int_equal(c->caches[0].preference, 1);
	assert_int_equal(c->caches[0].refresh, 0);
	assert_string_equal(addr_print(&c->caches[1].address, address), "2001:db8::1");
	assert_int_equal(c->caches[1].port, 3323);
	assert_int_equal(c->caches[1].preference, 0);
	assert_int_equal(c->caches[1].refresh, 60);
	assert_int_equal(c->caches[1].retry, 5);
	assert_int_equal(c->caches[1].expire, 600);
	assert_int_equal(c->caches[2].refresh, 0);
	config_free(c);
}

static void
a_policy_that_asks_where_there_is_no_cache_is_noted(void **s)
{
#define ASKS "policy p {\nrule r {\nmatch {\nrpki valid;\n}\n}\n}\n"
	struct config_error e;
	struct config *c = load(ASKS, &e);

	(void)s;
	assert_non_null(c);
	assert_int_equal(c->notes.count, 1);
	assert_non_null(strstr(c->notes.name[0], "policy p asks for rpki"));
	config_free(c);
	c = load(ASKS "rpki {\ncache a {\naddress 192.0.2.1;\n}\n}\n", &e);
	assert_non_null(c);
	assert_int_equal(c->notes.count, 0);
	config_free(c);
}

static void
what_is_wrong_is_named(void **s)
{
	struct text many = { 0 };

	(void)s;
	refused("rpki {\ncache a {\n}\n}\n", "needs 'address'");
	refused("rpki {\ncache {\naddress 192.0.2.1;\n}\n}\n", "expected a name");
	refused("rpki {\ncache a {\naddress 192.0.2.1;\n}\ncache a {\naddress 192.0.2.2;\n}\n}\n",
	    "there already");
	refused("rpki {\ncache a {\naddress host;\n}\n}\n", "address");
	refused("rpki {\ncache a {\naddress 192.0.2.1;\nport 0;\n}\n}\n", "1..65535");
	refused("rpki {\ncache a {\naddress 192.0.2.1;\nprefer 1;\n}\n}\n", "preference");
	refused("rpki {\ncache a {\naddress 192.0.2.1;\nrefresh 60;\nexpire 59;\n}\n}\n",
	    "expires (59 s) no later than it is asked for news (60 s)");
	refused("rpki {\ncache a {\naddress 192.0.2.1;\nrefresh 60;\nexpire 60;\n}\n}\n",
	    "expires (60 s) no later than it is asked for news (60 s)");
	text_add(&many, "rpki {\n");
	for (int i = 0; i <= CONFIG_CACHES; i++)
		text_printf(&many, "cache c%d {\naddress 192.0.2.1;\n}\n", i);
	text_add(&many, "}\n");
	refused(text_str(&many), "at most 16 caches");
	text_fini(&many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cache_needs_an_address_and_has_defaults_for_the_rest),
		cmocka_unit_test(a_policy_that_asks_where_there_is_no_cache_is_noted),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
