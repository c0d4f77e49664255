/* Plays tests/cases/attr-*.case. Keys of a record:
 *      session   words: asn2, ebgp, no-aigp; else a four-octet iBGP session with AIGP
 *      wire      a list as received          given     a canonical block instead
 *      fault     what it costs: discard, withdraw, reset CODE SUBCODE [DATA], and "lost"
 *      block     what becomes of it: as `wire` when there is no fault, else nothing
 *      sent      the block encoded for the session: as `wire` when there is no fault
 *      text      what the block prints and scans from; shown: what it only prints; typed: what it only
 *                scans from; wrong: what is refused
 *      json      the block as a tree
 *      next-hop, mp-reach, mp-unreach        what is lifted out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/attrs.h"
#include "tests/tools/cases.h"

enum { ROOM = 256 * 1024 };

struct bytes {
	uint8_t at[ROOM];
	size_t len;
};

static struct bytes wire, block, expected, encoded;

static void
fail_case(const struct test_case *c, const char *what, const char *got)
{
	fail_msg("%s:%u (%s): %s%s%s", c->name, c->line, c->title, what, got ? ": " : "",
	    got ? got : "");
}

static void
same(const struct test_case *c, const char *what, struct reader got, const struct bytes *want)
{
	struct text text = { 0 };

	if (reader_equal(got, reader_of(want->at, want->len)))
		return;
	text_add(&text, "got ");
	text_hex(&text, got.at, got.left < 200 ? got.left : 200);
	text_add(&text, ", wanted ");
	text_hex(&text, want->at, want->len < 200 ? want->len : 200);
	fail_case(c, what, text_str(&text));
}

static struct session_params
session_of(const struct test_case *c)
{
	const char *words = case_get(c, "session");
	struct session_params p = {
		.local_as = 65000, .peer_as = 65000, .asn4 = true, .aigp = true
	};

	words = words ? words : "";
	if (strstr(words, "asn2"))
		p.asn4 = false;
	if (strstr(words, "ebgp"))
		p.peer_as = 65001;
	if (strstr(words, "no-aigp"))
		p.aigp = false;
	return p;
}

static void
hex(const struct test_case *c, const char *key, const char *otherwise, struct bytes *out)
{
	const char *text = case_get(c, key);

	text = text ? text : otherwise;
	out->len = text ? case_hex(text, out->at, ROOM) : 0;
}

static void
check_fault(const struct test_case *c, const struct attrs_in *in)
{
	static const char *const names[] = { "none", "discard", "withdraw", "reset" };
	const char *fault = case_get(c, "fault");
	char got[64];

	fault = fault ? fault : "none";
	if (strncmp(fault, names[in->worst], strlen(names[in->worst])) != 0)
		fail_case(c, "fault", names[in->worst]);
	if (in->lost != !!strstr(fault, "lost"))
		fail_case(c, "lost", in->lost ? "yes" : "no");
	if ((in->worst != PENALTY_NONE) != (in->complaints > 0))
		fail_case(c, "a complaint for every fault", NULL);
	if (in->worst == PENALTY_RESET) {
		unsigned code, subcode;
		int used = 0;

		assert_int_equal(sscanf(fault, "reset %u %u%n", &code, &subcode, &used), 2);
		snprintf(got, sizeof got, "%u %u", in->fault.code, in->fault.subcode);
		if (in->fault.code != code || in->fault.subcode != subcode)
			fail_case(c, "reset", got);
		expected.len = case_hex(fault + used, expected.at, ROOM);
		if (expected.len)
			same(c, "data", reader_of(in->fault.data, in->fault.data_len), &expected);
	}
}

static void
check_lifted(const struct test_case *c, const struct attrs_in *in)
{
	hex(c, "next-hop", NULL, &expected);
	same(c, "next hop", reader_of(in->next_hop, in->has_next_hop ? 4 : 0), &expected);
	hex(c, "mp-reach", NULL, &expected);
	if (case_get(c, "mp-reach"))
		same(c, "MP_REACH", in->mp_reach, &expected);
	hex(c, "mp-unreach", NULL, &expected);
	if (case_get(c, "mp-unreach"))
		same(c, "MP_UNREACH", in->mp_unreach, &expected);
}

static void
receive(const struct test_case *c, const struct session_params *p)
{
	const char *list = case_get(c, "wire");
	struct writer w = writer_of(block.at, ROOM);
	struct attrs_in in;

	hex(c, "wire", NULL, &wire);
	attrs_parse(&in, reader_of(wire.at, wire.len), p, &w);
	block.len = in.block.left;
	check_fault(c, &in);
	check_lifted(c, &in);
	hex(c, "block", in.worst == PENALTY_NONE ? list : "", &expected);
	if (case_get(c, "block") || in.worst == PENALTY_NONE)
		same(c, "block", in.block, &expected);
	if (case_get(c, "sent") || in.worst == PENALTY_NONE) {
		w = writer_of(encoded.at, ROOM);
		attrs_encode(&w, in.block, reader_of(NULL, 0),
		    reader_of(in.next_hop, in.has_next_hop ? 4 : 0), p);
		hex(c, "sent", list, &expected);
		same(c, "sent", writer_read(&w), &expected);
	}
}

static void
given(const struct test_case *c, const struct session_params *p)
{
	struct writer w = writer_of(encoded.at, ROOM);

	hex(c, "given", NULL, &block);
	hex(c, "sent", NULL, &expected);
	attrs_encode(&w, reader_of(block.at, block.len), reader_of(NULL, 0), reader_of(NULL, 0), p);
	same(c, "sent", writer_read(&w), &expected);
}

/* The words of a line to a block; -1 when they are refused. */
static int
scan(const char *line, int flags, struct writer *w, struct reason *reason)
{
	struct words_line cut = { 0 };
	struct words words;
	int result = words_cut(&cut, line, strlen(line), 1, flags, reason);

	words = words_of(&cut);
	while (result == 0 && words_left(&words)) {
		const struct attr_ops *ops = attr_by_word(words_next(&words)->at);
		size_t mark;

		if (!ops) {
			result = words_wrong(&words, reason, "an attribute");
			break;
		}
		mark = attrs_begin(w, ops->flags, ops->code);
		result = ops->scan(&words, w, reason);
		if (result == 0)
			result = attrs_end(w, mark);
	}
	words_line_fini(&cut);
	return result;
}

static void
check_scan(const struct test_case *c, const char *line)
{
	for (int flags = WORDS_FILE; flags <= WORDS_API; flags++) {
		struct writer w = writer_of(encoded.at, ROOM);
		struct reason reason = { 0 };

		if (scan(line, flags, &w, &reason) < 0)
			fail_msg("%s:%u: %s: %s", c->name, c->line, line, reason.text);
		same(c, line, writer_read(&w), &block);
	}
}

static void
check_wrong(const struct test_case *c, const char *line)
{
	for (int flags = WORDS_FILE; flags <= WORDS_API; flags++) {
		struct writer w = writer_of(encoded.at, ROOM);
		struct reason reason = { 0 };

		if (scan(line, flags, &w, &reason) == 0)
			fail_case(c, "taken though it is wrong", line);
		if (!reason_given(&reason))
			fail_case(c, "refused without a reason", line);
	}
}

static void
check_print(const struct test_case *c, const char *want)
{
	struct text text = { 0 };

	attrs_print(reader_of(block.at, block.len), &text);
	if (strcmp(text_str(&text) + (text.len > 0), want) != 0)
		fail_case(c, "printed", text_str(&text));
	text_fini(&text);
}

/* Blanks mean nothing in JSON, and no text of ours has one that matters. */
static void
without_blanks(const char *from, char *to)
{
	do {
		if (*from != ' ')
			*to++ = *from;
	} while (*from++);
}

static void
check_json(const struct test_case *c, const char *want)
{
	static char left[CASE_LINE_MAX], right[CASE_LINE_MAX];
	struct text text = { 0 };
	struct tree tree = tree_json(&text);

	tree_map(&tree);
	attrs_tree(reader_of(block.at, block.len), &tree);
	tree_map_end(&tree);
	without_blanks(text_str(&text), left);
	without_blanks(want, right);
	if (strcmp(left, right) != 0)
		fail_case(c, "JSON", text_str(&text));
	text_fini(&text);
}

static void
play(const struct test_case *c)
{
	struct session_params p = session_of(c);

	if (case_get(c, "wire"))
		receive(c, &p);
	if (case_get(c, "given"))
		given(c, &p);
	for (size_t i = 0; i < c->count; i++) {
		const char *key = c->at[i].key, *value = c->at[i].value;

		if (strcmp(key, "text") == 0 || strcmp(key, "shown") == 0)
			check_print(c, value);
		if (strcmp(key, "text") == 0 || strcmp(key, "typed") == 0) {
			if (!case_get(c, "wire"))
				hex(c, "block", NULL, &block);
			check_scan(c, value);
		}
		if (strcmp(key, "wrong") == 0)
			check_wrong(c, value);
		if (strcmp(key, "json") == 0)
			check_json(c, value);
	}
}

static void
every_case_agrees_in_octets_text_and_json(void **state)
{
	static struct cases cases;
	struct test_case c;
	unsigned played = 0;

	for (cases_open(&cases, *state); cases_next(&cases, &c); case_fini(&c), played++)
		play(&c);
	assert_true(played >= 3);
}

static void
words_are_found_and_listed(void **state)
{
	const char *const *words = attr_words();
	size_t count = 0;

	(void)state;
	for (; words[count]; count++)
		assert_non_null(attr_by_word(words[count]));
	assert_int_equal(count, 19);
	assert_null(attr_by_word("as4-path"));
	assert_null(attr_by_word(""));
	assert_ptr_equal(attr_by_word("local-preference"), &attr_local_pref);
}

static void
each_code_has_its_own_entry(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		const struct attr_ops *ops = attr_ops((uint8_t)code);

		found += ops != NULL;
		if (ops)
			assert_int_equal(ops->code, code);
	}
	assert_int_equal(found, 21);
}

#define CASES_OF(file)                                                                             \
	{                                                                                          \
		.name = file ".case", .test_func = every_case_agrees_in_octets_text_and_json,      \
		.initial_state = file                                                              \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES_OF("attr-origin"),
		CASES_OF("attr-as_path"),
		CASES_OF("attr-next_hop"),
		CASES_OF("attr-med"),
		CASES_OF("attr-local_pref"),
		CASES_OF("attr-atomic_aggregate"),
		CASES_OF("attr-aggregator"),
		CASES_OF("attr-community"),
		CASES_OF("attr-originator_id"),
		CASES_OF("attr-cluster_list"),
		CASES_OF("attr-ext_community"),
		CASES_OF("attr-as4_path"),
		CASES_OF("attr-as4_aggregator"),
		CASES_OF("attr-ipv6_ext_community"),
		CASES_OF("attr-aigp"),
		CASES_OF("attr-large_community"),
		CASES_OF("attr-pmsi"),
		CASES_OF("attr-otc"),
		CASES_OF("attr-prefix_sid"),
		CASES_OF("attr-tunnel_encap"),
		CASES_OF("attr-bgpls"),
		CASES_OF("attr-list"),
		cmocka_unit_test(words_are_found_and_listed),
		cmocka_unit_test(each_code_has_its_own_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
