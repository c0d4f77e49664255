#include "common/json.h"
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/tree.h"

static void
strings_are_escaped_as_rfc_8259_wants_it(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		const char *json;
	} rows[] = {
		{ "", 0, "\"\"" },
		{ "plain text", 10, "\"plain text\"" },
		{ "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "\0\x01\x1b\x1f\x7f", 5, "\"\\u0000\\u0001\\u001b\\u001f\x7f\"" },
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 14,
		    "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "caf\xe9", 4, "\"caf\\u00e9\"" },
		{ "\xc3", 1, "\"\\u00c3\"" },
		{ "\xe2\x82x", 3, "\"\\u00e2\\u0082x\"" },
		{ "\xff\xfe", 2, "\"\\u00ff\\u00fe\"" },
		{ "\xed\xa0\x80", 3, "\"\\u00ed\\u00a0\\u0080\"" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text t = { 0 };

		json_string(&t, rows[i].octets, rows[i].len);
		assert_string_equal(text_str(&t), rows[i].json);
		text_fini(&t);
	}
	(void)state;
}

static void
containers_are_spaced_as_exabgp_spaces_them(void **state)
{
	struct text t = { 0 };
	struct tree tree = tree_json(&t);

	tree_map(&tree);
	tree_key(&tree, "a");
	tree_uint(&tree, 1);
	tree_key(&tree, "b");
	tree_list(&tree);
	tree_uint(&tree, 1);
	tree_int(&tree, -2);
	tree_list(&tree);
	tree_list_end(&tree);
	tree_map(&tree);
	tree_map_end(&tree);
	tree_list_end(&tree);
	tree_keyn(&tree, "cdef", 1);
	tree_map(&tree);
	tree_key(&tree, "\"");
	tree_null(&tree);
	tree_map_end(&tree);
	tree_key(&tree, "d");
	tree_list(&tree);
	tree_bool(&tree, true);
	tree_bool(&tree, false);
	tree_text(&tree, "x");
	tree_hex(&tree, "\x00\xab", 2);
	tree_hex(&tree, NULL, 0);
	tree_list_end(&tree);
	tree_map_end(&tree);
	assert_string_equal(text_str(&t),
	    "{ \"a\": 1, \"b\": [ 1, -2, [ ], {  } ], \"c\": { \"\\\"\": null }, "
	    "\"d\": [ true, false, \"x\", \"0x00AB\", \"0x\" ] }");
	text_fini(&t);
	(void)state;
}

static const char *
real(struct text *t, double number)
{
	struct tree tree = tree_json(t);

	text_clear(t);
	tree_real(&tree, number);
	return text_str(t);
}

static void
reals_are_short_and_keep_their_point(void **state)
{
	struct text t = { 0 };

	assert_string_equal(real(&t, 0), "0.0");
	assert_string_equal(real(&t, -0.0), "-0.0");
	assert_string_equal(real(&t, 0.1), "0.1");
	assert_string_equal(real(&t, -2.5), "-2.5");
	assert_string_equal(real(&t, 0.000001), "0.000001");
	assert_string_equal(real(&t, 125000000.0), "125000000.0");
	assert_string_equal(real(&t, 1795331870.668212), "1795331870.668212");
	assert_string_equal(real(&t, 1.5e9 + 0.05), "1500000000.05");
	assert_string_equal(real(&t, 1e10), "10000000000.0");
	assert_string_equal(real(&t, 1e300), "1e+300");
	assert_string_equal(real(&t, 1.0 / 3), "0.3333333333333333");
	assert_string_equal(real(&t, HUGE_VAL), "null");
	assert_string_equal(real(&t, -HUGE_VAL), "null");
	assert_string_equal(real(&t, (double)NAN), "null");
	text_fini(&t);
	(void)state;
}

static void
reals_read_back_as_the_same_number(void **state)
{
	struct text t = { 0 };
	unsigned seed = 5;

	for (int i = 0; i < 50000; i++) {
		double number = ldexp(rand_r(&seed) - RAND_MAX / 2, rand_r(&seed) % 80 - 60);

		if (i & 1)
			number = (rand_r(&seed) * 1e6 + rand_r(&seed) % 1000000) / 1e6;
		assert_true(strtod(real(&t, number), NULL) == number);
		assert_non_null(strpbrk(t.base, ".e"));
	}
	text_fini(&t);
	(void)state;
}

static void
integers_are_exact_to_their_ends(void **state)
{
	struct text t = { 0 };
	struct tree tree = tree_json(&t);

	tree_list(&tree);
	tree_uint(&tree, UINT64_MAX);
	tree_int(&tree, INT64_MIN);
	tree_int(&tree, INT64_MAX);
	tree_int(&tree, 0);
	tree_list_end(&tree);
	assert_string_equal(
	    text_str(&t), "[ 18446744073709551615, -9223372036854775808, 9223372036854775807, 0 ]");
	text_fini(&t);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped_as_rfc_8259_wants_it),
		cmocka_unit_test(containers_are_spaced_as_exabgp_spaces_them),
		cmocka_unit_test(reals_are_short_and_keep_their_point),
		cmocka_unit_test(reals_read_back_as_the_same_number),
		cmocka_unit_test(integers_are_exact_to_their_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
