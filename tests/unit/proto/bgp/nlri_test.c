#include "proto/bgp/nlri.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "common/words.h"

static int
parse(enum family f, bool ids, const char *octets, size_t len, struct writer *w, unsigned *ignored)
{
	struct reader r = reader_of(octets, len);

	*ignored = 0;
	return nlri_parse(f, ids, &r, w, ignored);
}

#define PARSE(family, ids, octets) parse(family, ids, octets, sizeof octets - 1, &w, &ignored)

static void
holds(const struct writer *w, const char *octets, size_t len)
{
	assert_int_equal(w->len, len);
	assert_memory_equal(w->base, octets, len);
}

static void
host_bits_are_cleared(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	unsigned ignored;

	assert_int_equal(PARSE(IPV4_UNICAST, false,
			     "\24\12\11\37"
			     "\1\377"
			     "\0"),
	    0);
	holds(&w,
	    "\24\12\11\20"
	    "\1\200"
	    "\0",
	    7);
	w.len = 0;
	assert_int_equal(PARSE(IPV6_UNICAST, true,
			     "\0\0\0\7"
			     "\11\40\377"),
	    0);
	holds(&w,
	    "\0\0\0\7"
	    "\11\40\200",
	    7);
	(void)state;
}

static void
lengths_past_the_address_are_malformed(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	unsigned ignored;

	assert_int_equal(PARSE(IPV4_UNICAST, false, "\41\12\0\0\0\0"), -1);
	assert_int_equal(PARSE(IPV4_UNICAST, false, "\377"), -1);
	assert_int_equal(PARSE(IPV6_UNICAST, false, "\201\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), -1);
	assert_int_equal(PARSE(IPV4_UNICAST, false, "\30\12\0"), -1);
	assert_int_equal(PARSE(IPV4_UNICAST, true, "\0\0\0"), -1);
	assert_int_equal(PARSE(IPV4_UNICAST, true, "\30\12\1\1"), -1);
	(void)state;
}

static void
groups_are_left_out_of_unicast_only(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	unsigned ignored;

	assert_int_equal(PARSE(IPV4_UNICAST, true,
			     "\0\0\0\1\4\340"
			     "\0\0\0\2\10\12"),
	    0);
	assert_int_equal(ignored, 1);
	holds(&w, "\0\0\0\2\10\12", 6);
	w.len = 0;
	/* wider than the groups, and beside them */
	assert_int_equal(PARSE(IPV4_UNICAST, false,
			     "\3\340"
			     "\4\360"
			     "\10\337"),
	    0);
	assert_int_equal(ignored, 0);
	w.len = 0;
	assert_int_equal(PARSE(IPV4_MULTICAST, false, "\10\340"), 0);
	holds(&w, "\10\340", 2);
	w.len = 0;
	assert_int_equal(PARSE(IPV6_UNICAST, false,
			     "\10\377"
			     "\12\376\200"),
	    0);
	assert_int_equal(ignored, 1);
	holds(&w, "\12\376\200", 3);
	(void)state;
}

static void
a_bin_is_walked_to_its_end_or_its_fault(void **state)
{
	static const char good[] = "\0\0\0\1\0"
				   "\0\0\0\2\40\1\2\3\4";
	struct reader bin = reader_of(good, sizeof good - 1);
	struct nlri n;

	assert_int_equal(nlri_count(IPV4_UNICAST, true, bin), 2);
	assert_true(nlri_next(IPV4_UNICAST, true, &bin, &n));
	assert_int_equal(n.path_id, 1);
	assert_int_equal(n.octets.left, 1);
	assert_true(nlri_next(IPV4_UNICAST, true, &bin, &n));
	assert_int_equal(n.path_id, 2);
	assert_int_equal(n.octets.left, 5);
	assert_false(nlri_next(IPV4_UNICAST, true, &bin, &n));
	assert_true(reader_done(&bin));
	bin = reader_of("\41\1\2\3\4\5", 6);
	assert_false(nlri_next(IPV4_UNICAST, false, &bin, &n));
	assert_false(reader_done(&bin));
	bin = reader_of("\40\1\2", 3);
	assert_false(nlri_next(IPV4_UNICAST, false, &bin, &n));
	assert_false(reader_done(&bin));
	assert_false(nlri_next(FAMILY_UNKNOWN, false, &bin, &n));
	(void)state;
}

static void
only_built_families_have_operations(void **state)
{
	assert_non_null(nlri_ops(IPV4_UNICAST));
	assert_non_null(nlri_ops(IPV6_MULTICAST));
	assert_null(nlri_ops(FAMILY_UNKNOWN));
	(void)state;
}

static void
next_hops_are_as_long_as_an_address(void **state)
{
	for (size_t len = 0; len < 64; len++) {
		assert_int_equal(nlri_ipv4_unicast.next_hop_length(len), len == 4);
		assert_int_equal(nlri_ipv6_unicast.next_hop_length(len), len == 16 || len == 32);
	}
	(void)state;
}

/* What `text` scans to is printed as `printed`, or refused with `printed` as reason. */
static void
scans(enum family family, const char *text, const char *printed)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct text t = { 0 };
	uint8_t memory[32];
	struct writer w = writer_of(memory, sizeof memory);
	struct words words;

	assert_int_equal(words_cut(&line, text, strlen(text), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	if (nlri_ops(family)->scan(&words, &w, &why) < 0) {
		assert_int_equal(w.len, 0);
		text_add(&t, why.text);
	} else {
		assert_false(words_left(&words));
		nlri_ops(family)->print(writer_read(&w), &t);
	}
	assert_string_equal(text_str(&t), printed);
	text_fini(&t);
	words_line_fini(&line);
}

static void
text_is_scanned_and_printed(void **state)
{
	scans(IPV4_UNICAST, "10.0.0.0/24", "10.0.0.0/24");
	scans(IPV4_UNICAST, "10.0.0.1", "10.0.0.1/32");
	scans(IPV4_UNICAST, "0.0.0.0/0", "0.0.0.0/0");
	scans(IPV6_UNICAST, "2001:DB8::/32", "2001:db8::/32");
	scans(IPV6_UNICAST, "::/0", "::/0");
	scans(IPV6_UNICAST, "2605::2", "2605::2/128");
	scans(IPV4_UNICAST, "10.0.0.1/24",
	    "10.0.0.1/24 is not a valid network: did you mean 10.0.0.0/24?");
	scans(IPV6_UNICAST, "2001:db8::1/32",
	    "2001:db8::1/32 is not a valid network: did you mean 2001:db8::/32?");
	scans(IPV4_UNICAST, "2001:db8::/32",
	    "expected an IPv4 prefix (10.0.0.0/24), found \"2001:db8::/32\"");
	scans(IPV6_UNICAST, "10.0.0.0/24",
	    "expected an IPv6 prefix (2001:db8::/32), found \"10.0.0.0/24\"");
	scans(IPV4_UNICAST, "10.0.0.0/33",
	    "expected an IPv4 prefix (10.0.0.0/24), found \"10.0.0.0/33\"");
	scans(IPV4_UNICAST, "", "expected an IPv4 prefix (10.0.0.0/24), found the end of the line");
	(void)state;
}

static void
trees_name_the_path_where_there_is_one(void **state)
{
	struct text t = { 0 };
	struct tree tree = tree_json(&t);
	struct nlri n = { .path_id = 10, .octets = reader_of("\30\12\0\0", 4) };

	tree_map(&tree);
	nlri_tree(IPV4_UNICAST, true, &n, reader_of(NULL, 0), &tree);
	tree_map_end(&tree);
	assert_string_equal(
	    text_str(&t), "{ \"nlri\": \"10.0.0.0/24\", \"path-information\": \"0.0.0.10\" }");
	text_clear(&t);
	tree = tree_json(&t);
	tree_map(&tree);
	nlri_tree(IPV4_UNICAST, false, &n, reader_of(NULL, 0), &tree);
	tree_map_end(&tree);
	assert_string_equal(text_str(&t), "{ \"nlri\": \"10.0.0.0/24\" }");
	text_fini(&t);
	(void)state;
}

static int
path_id(const char *text, uint32_t *id)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct words words;
	int result;

	words_cut(&line, text, strlen(text), 1, WORDS_API, &why);
	words = words_of(&line);
	result = path_id_scan(&words, id, &why);
	assert_int_equal(reason_given(&why), result < 0);
	words_line_fini(&line);
	return result;
}

static void
path_ids_are_dotted_or_decimal(void **state)
{
	struct text t = { 0 };
	uint32_t id;

	assert_int_equal(path_id("1.2.3.4", &id), 0);
	assert_int_equal(id, 0x01020304);
	assert_int_equal(path_id("4294967295", &id), 0);
	assert_int_equal(id, UINT32_MAX);
	assert_int_equal(path_id("4294967296", &id), -1);
	assert_int_equal(path_id("1.2.3", &id), -1);
	assert_int_equal(path_id("::1", &id), -1);
	assert_int_equal(path_id("", &id), -1);
	path_id_print(258, &t);
	assert_string_equal(text_str(&t), "0.0.1.2");
	text_fini(&t);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_bits_are_cleared),
		cmocka_unit_test(lengths_past_the_address_are_malformed),
		cmocka_unit_test(groups_are_left_out_of_unicast_only),
		cmocka_unit_test(a_bin_is_walked_to_its_end_or_its_fault),
		cmocka_unit_test(only_built_families_have_operations),
		cmocka_unit_test(next_hops_are_as_long_as_an_address),
		cmocka_unit_test(text_is_scanned_and_printed),
		cmocka_unit_test(trees_name_the_path_where_there_is_one),
		cmocka_unit_test(path_ids_are_dotted_or_decimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
