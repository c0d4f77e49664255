#include "common/tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/pack.h"

/* A node told to a tree again: text that went through msgpack must come out as text that did not. Depth is
 * what the tests below build, so it may recurse. */
static void
tell(struct tree *t, const struct node *n)
{
	struct reader r = node_bytes(n);

	switch (node_kind(n)) {
	case NODE_NONE:
	case NODE_NIL:
		tree_null(t);
		break;
	case NODE_BOOL:
		tree_bool(t, node_bool(n, false));
		break;
	case NODE_UINT:
		tree_uint(t, node_uint(n, 0));
		break;
	case NODE_INT:
		tree_int(t, node_int(n, 0));
		break;
	case NODE_REAL:
		tree_real(t, node_real(n, 0));
		break;
	case NODE_TEXT:
	case NODE_BIN:
		tree_textn(t, (const char *)r.at, r.left);
		break;
	case NODE_ARRAY:
		tree_list(t);
		for (uint32_t i = 0; i < node_count(n); i++)
			tell(t, node_at(n, i));
		tree_list_end(t);
		break;
	case NODE_MAP:
		tree_map(t);
		for (uint32_t i = 0; i < node_count(n); i++) {
			r = node_bytes(node_key(n, i));
			tree_keyn(t, (const char *)r.at, r.left);
			tell(t, node_value(n, i));
		}
		tree_map_end(t);
		break;
	}
}

static void
something(struct tree *t, unsigned *seed, int depth)
{
	static const char octets[] = "\xff\x00\n\"\\text \xc3\xa9";
	int count = rand_r(seed) % 5;

	switch (rand_r(seed) % (depth > 0 ? 9 : 7)) {
	case 0:
		tree_uint(t, (uint64_t)rand_r(seed) << 33 >> rand_r(seed) % 64);
		break;
	case 1:
		tree_int(t, -(int64_t)((uint64_t)rand_r(seed) << 32 >> rand_r(seed) % 64));
		break;
	case 2:
		tree_real(t, rand_r(seed) / 1024.0);
		break;
	case 3:
		tree_bool(t, rand_r(seed) & 1);
		break;
	case 4:
		tree_null(t);
		break;
	case 5:
		tree_hex(t, octets, (size_t)count);
		break;
	case 6:
		tree_textn(t, octets + count, (size_t)rand_r(seed) % (sizeof octets - 5));
		break;
	case 7:
		tree_list(t);
		while (count-- > 0)
			something(t, seed, depth - 1);
		tree_list_end(t);
		break;
	case 8:
		tree_map(t);
		while (count-- > 0) {
			tree_keyn(t, octets + 4, (size_t)count);
			something(t, seed, depth - 1);
		}
		tree_map_end(t);
		break;
	}
}

static void
both_writers_say_the_same(void **state)
{
	struct unpack *u = unpack_new();
	struct text direct = { 0 }, through = { 0 };
	struct pack p = { 0 };

	for (unsigned i = 0; i < 5000; i++) {
		struct tree t = tree_json(&direct);
		unsigned seed = i;
		const struct node *root;

		text_clear(&direct);
		text_clear(&through);
		pack_clear(&p);
		something(&t, &seed, 4);
		seed = i;
		t = tree_pack(&p);
		something(&t, &seed, 4);
		root = unpack_open(u, p.base, p.len);
		assert_non_null(root);
		t = tree_json(&through);
		tell(&t, root);
		assert_string_equal(text_str(&direct), text_str(&through));
	}
	pack_fini(&p);
	text_fini(&direct);
	text_fini(&through);
	unpack_free(u);
	(void)state;
}

static void
in_msgpack_what_is_no_utf8_is_a_bin(void **state)
{
	struct unpack *u = unpack_new();
	struct pack p = { 0 };
	struct tree t = tree_pack(&p);
	const struct node *root;
	char out[8];

	tree_list(&t);
	tree_text(&t, "caf\xc3\xa9");
	tree_text(&t, "caf\xe9");
	tree_hex(&t, "\xab\x01", 2);
	tree_list_end(&t);
	root = unpack_open(u, p.base, p.len);
	assert_int_equal(node_kind(node_at(root, 0)), NODE_TEXT);
	assert_int_equal(node_kind(node_at(root, 1)), NODE_BIN);
	assert_string_equal(node_text(node_at(root, 2), out, sizeof out), "0xAB01");
	pack_fini(&p);
	unpack_free(u);
	(void)state;
}

static void
containers_nest_to_the_bound(void **state)
{
	struct text text = { 0 };
	struct tree t = tree_json(&text);

	for (int i = 1; i < TREE_DEPTH; i++)
		tree_list(&t);
	for (int i = 1; i < TREE_DEPTH; i++)
		tree_list_end(&t);
	assert_int_equal(text.len, (TREE_DEPTH - 2) * 4 + 3);
	assert_int_equal(t.depth, 0);
	text_fini(&text);
	(void)state;
}

static void
singles(struct tree *t, bool at_once)
{
	static const char *const texts[] = { "10.0.0.0/24", "",
		"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128" };

	tree_list(t);
	for (unsigned i = 0; i < 3; i++) {
		if (at_once) {
			tree_single(t, "nlri", sizeof "nlri" - 1, texts[i], strlen(texts[i]));
			continue;
		}
		tree_map(t);
		tree_put_text(t, "nlri", texts[i]);
		tree_map_end(t);
	}
	tree_list_end(t);
}

static void
a_map_of_one_text_may_be_told_at_once(void **state)
{
	struct unpack *unpack = unpack_new();
	struct text once = { 0 }, pieces = { 0 }, packed = { 0 };
	struct pack pack = { 0 };
	struct tree t = tree_json(&once);

	singles(&t, true);
	t = tree_json(&pieces);
	singles(&t, false);
	assert_string_equal(text_str(&once), text_str(&pieces));
	t = tree_pack(&pack);
	singles(&t, true);
	t = tree_json(&packed);
	tell(&t, unpack_open(unpack, pack.base, pack.len));
	assert_string_equal(text_str(&packed), text_str(&pieces));
	text_clear(&once);
	text_clear(&pieces);
	t = tree_json_dense(&once);
	singles(&t, true);
	t = tree_json_dense(&pieces);
	singles(&t, false);
	assert_string_equal(text_str(&once), text_str(&pieces));
	/* the members alone, in braces of somebody else */
	text_clear(&once);
	text_add(&once, "{ ");
	t = tree_json_members(&once);
	tree_put_text(&t, "a", "b");
	tree_key(&t, "c");
	tree_map(&t);
	tree_map_end(&t);
	text_add(&once, " }");
	assert_string_equal(text_str(&once), "{ \"a\": \"b\", \"c\": {  } }");
	text_fini(&once);
	text_fini(&pieces);
	text_fini(&packed);
	pack_fini(&pack);
	unpack_free(unpack);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_writers_say_the_same),
		cmocka_unit_test(in_msgpack_what_is_no_utf8_is_a_bin),
		cmocka_unit_test(containers_nest_to_the_bound),
		cmocka_unit_test(a_map_of_one_text_may_be_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
