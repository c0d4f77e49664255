#include "common/pack.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void
numbers_come_back_as_they_went(void **state)
{
	static const int64_t edge[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, UINT32_MAX,
		INT64_MAX, -1, -32, -33, -128, -129, -32768, -32769, INT32_MIN, INT64_MIN };
	const uint32_t n = sizeof edge / sizeof edge[0];
	struct unpack *u = unpack_new();
	struct pack p = { 0 };
	const struct node *root;

	pack_array(&p, n + 3);
	for (uint32_t i = 0; i < n; i++)
		pack_int(&p, edge[i]);
	pack_uint(&p, UINT64_MAX);
	pack_real(&p, -0.1);
	pack_copy(&p, "\xca\x3f\x00\x00\x00", 5); /* 0.5 in four octets */
	root = unpack_open(u, p.base, p.len);
	assert_int_equal(node_count(root), n + 3);
	for (uint32_t i = 0; i < n; i++) {
		const struct node *v = node_at(root, i);

		assert_true(node_int(v, 7) == edge[i]);
		assert_int_equal(node_kind(v), edge[i] < 0 ? NODE_INT : NODE_UINT);
		assert_true(node_uint(v, 7) == (edge[i] < 0 ? 7 : (uint64_t)edge[i]));
	}
	assert_true(node_uint(node_at(root, n), 7) == UINT64_MAX);
	assert_true(node_int(node_at(root, n), 7) == 7);
	assert_true(node_real(node_at(root, n + 1), 0) == -0.1);
	assert_true(node_real(node_at(root, n + 2), 0) == 0.5);
	assert_true(node_real(node_at(root, 1), 0) == 1.0);
	assert_null(node_at(root, n + 3));
	pack_fini(&p);
	unpack_free(u);
	(void)state;
}

static void
texts_and_bins_of_every_header_width_come_back(void **state)
{
	static const size_t lens[] = { 0, 1, 31, 32, 255, 256, 65535, 65536 };
	struct unpack *u = unpack_new();
	char *octets = malloc(65536);

	memset(octets, 'x', 65536);
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		struct pack p = { 0 };
		const struct node *root;
		struct reader want = reader_of(octets, lens[i]);

		pack_array(&p, 2);
		pack_textn(&p, octets, lens[i]);
		pack_bin(&p, octets, lens[i]);
		root = unpack_open(u, p.base, p.len);
		assert_int_equal(node_kind(node_at(root, 0)), NODE_TEXT);
		assert_int_equal(node_kind(node_at(root, 1)), NODE_BIN);
		assert_true(reader_equal(node_bytes(node_at(root, 0)), want));
		assert_true(reader_equal(node_bytes(node_at(root, 1)), want));
		pack_fini(&p);
	}
	free(octets);
	unpack_free(u);
	(void)state;
}

static void
counts_and_lengths_that_come_later_are_patched(void **state)
{
	struct unpack *u = unpack_new();
	struct pack p = { 0 };
	const struct node *root;
	struct reader bin;
	size_t outer = pack_begin_map(&p), inner, octets;

	pack_text(&p, "list");
	inner = pack_begin_array(&p);
	for (int i = 0; i < 300; i++)
		pack_uint(&p, 1);
	pack_end(&p, inner, 300);
	pack_text(&p, "octets");
	octets = pack_bin_begin(&p);
	pack_raw(&p, "abc", 3);
	pack_raw(&p, "de", 2);
	pack_bin_end(&p, octets);
	pack_text(&p, "none");
	inner = pack_begin_array(&p);
	pack_end(&p, inner, 0);
	pack_end(&p, outer, 3);

	root = unpack_open(u, p.base, p.len);
	assert_int_equal(node_kind(root), NODE_MAP);
	assert_int_equal(node_count(root), 3);
	assert_int_equal(node_count(node_find(root, "list")), 300);
	bin = node_bytes(node_find(root, "octets"));
	assert_int_equal(bin.left, 5);
	assert_memory_equal(bin.at, "abcde", 5);
	assert_int_equal(node_kind(node_find(root, "none")), NODE_ARRAY);
	assert_int_equal(node_count(node_find(root, "none")), 0);
	pack_clear(&p);
	assert_int_equal(p.len, 0);
	pack_fini(&p);
	unpack_free(u);
	(void)state;
}

static void
maps_are_searched_by_text_and_by_number(void **state)
{
	struct unpack *u = unpack_new();
	struct pack p = { 0 };
	const struct node *root;
	char out[8];

	pack_map(&p, 4);
	pack_text(&p, "asn");
	pack_uint(&p, 65536);
	pack_uint(&p, 7);
	pack_bool(&p, true);
	pack_text(&p, "as");
	pack_text(&p, "longer than out");
	pack_bin(&p, "nil", 3);
	pack_nil(&p);
	root = unpack_open(u, p.base, p.len);
	assert_int_equal(node_uint(node_find(root, "asn"), 0), 65536);
	assert_true(node_bool(node_find_uint(root, 7), false));
	assert_null(node_find(root, "a"));
	assert_null(node_find(root, "nil"));
	assert_null(node_find_uint(root, 8));
	assert_int_equal(node_uint(node_key(root, 1), 0), 7);
	assert_int_equal(node_kind(node_value(root, 3)), NODE_NIL);
	assert_null(node_key(root, 4));
	assert_null(node_value(root, 4));
	assert_string_equal(node_text(node_find(root, "as"), out, sizeof out), "longer ");
	assert_string_equal(node_text(node_find(root, "asn"), out, sizeof out), "");
	assert_null(node_at(root, 0));
	pack_fini(&p);
	unpack_free(u);
	(void)state;
}

static void
what_is_not_there_gives_the_default(void **state)
{
	char out[4] = "xyz";
	struct reader r = node_bytes(NULL);

	assert_int_equal(node_kind(NULL), NODE_NONE);
	assert_int_equal(node_count(NULL), 0);
	assert_null(node_at(NULL, 0));
	assert_null(node_find(NULL, "a"));
	assert_null(node_find_uint(NULL, 1));
	assert_null(node_key(NULL, 0));
	assert_null(node_value(NULL, 0));
	assert_int_equal(node_uint(NULL, 5), 5);
	assert_int_equal(node_int(NULL, -5), -5);
	assert_true(node_real(NULL, 0.5) == 0.5);
	assert_true(node_bool(NULL, true));
	assert_false(reader_ok(&r));
	assert_string_equal(node_text(NULL, out, sizeof out), "");
	(void)state;
}

static void
what_is_refused_leaves_the_memory_usable(void **state)
{
	struct unpack *u = unpack_new();

	assert_null(unpack_open(u, "\xdf\x10\x00\x00\x00", 5));
	assert_null(unpack_open(u, NULL, 0));
	assert_null(unpack_open(u, "\x01\x02", 2));
	assert_int_equal(node_uint(unpack_open(u, "\x05", 1), 0), 5);
	assert_int_equal(node_kind(unpack_open(u, "\xd4\x01\x02", 3)), NODE_NONE); /* an ext */
	unpack_free(u);
	unpack_free(NULL);
	(void)state;
}

static void
large_values_are_unpacked_again_and_again(void **state)
{
	struct unpack *u = unpack_new();
	struct pack p = { 0 };

	pack_array(&p, 100000);
	for (uint32_t i = 0; i < 100000; i++)
		pack_uint(&p, i);
	for (int round = 0; round < 5; round++) {
		const struct node *root = unpack_open(u, p.base, p.len);

		assert_int_equal(node_uint(node_at(root, 99999), 0), 99999);
		assert_int_equal(node_uint(unpack_open(u, "\x05", 1), 0), 5);
	}
	pack_fini(&p);
	unpack_free(u);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_back_as_they_went),
		cmocka_unit_test(texts_and_bins_of_every_header_width_come_back),
		cmocka_unit_test(counts_and_lengths_that_come_later_are_patched),
		cmocka_unit_test(maps_are_searched_by_text_and_by_number),
		cmocka_unit_test(what_is_not_there_gives_the_default),
		cmocka_unit_test(what_is_refused_leaves_the_memory_usable),
		cmocka_unit_test(large_values_are_unpacked_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
