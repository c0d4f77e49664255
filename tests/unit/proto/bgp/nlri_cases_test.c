/* Plays tests/cases/nlri-*.case. Keys of a record:
 *      family     "ipv4 mpls-vpn"
 *      wire       one NLRI as received
 *      malformed  it is refused; ignored: well-formed and left out
 *      canonical  what becomes of it; without the key the same octets
 *      key        its identity
 *      text       as printed; typed behind the family's name it makes the same NLRI
 *      json       its members of ExaBGP's NLRI map
 *      prefix     the prefix that it is about
 * Besides, every NLRI is cut off at each of its octets and every octet is changed: nothing is read beyond its
 * end, and what is accepted is canonical already the second time. */
#include "proto/bgp/nlri.h"
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/json.h"
#include "common/words.h"
#include "proto/bgp/route.h"
#include "tests/tools/cases.h"

static void
fail_case(const struct test_case *c, const char *what, const char *got)
{
	print_error("%s:%u (%s): %s: %s\n", c->name, c->line, c->title, what, got);
	fail();
}

static void
same_octets(const struct test_case *c, const char *what, const char *hex, struct reader got)
{
	uint8_t want[NLRI_MAX];
	size_t len = case_hex(hex, want, sizeof want);
	struct text t = { 0 };

	text_hex(&t, got.at, got.left);
	if (!reader_equal(got, reader_of(want, len)))
		fail_case(c, what, text_str(&t));
	text_fini(&t);
}

static enum family
family_of_case(const struct test_case *c)
{
	char afi[16], safi[16];
	enum family f = FAMILY_UNKNOWN;

	if (sscanf(case_get(c, "family"), "%15s %15s", afi, safi) == 2)
		f = family_by_name(afi, safi);
	if (!nlri_ops(f))
		fail_case(c, "family", "not built");
	return f;
}

/* 0 with one canonical NLRI, 1 ignored, -1 malformed. */
static int
parse(enum family f, struct reader wire, struct writer *w)
{
	unsigned ignored = 0;
	int ok = nlri_parse(f, false, &wire, w, &ignored);

	return ok < 0 ? -1 : (int)ignored;
}

static void
check_text(const struct test_case *c, enum family f, struct reader nlri)
{
	struct words_line line = { 0 };
	struct route_draft d = { 0 };
	struct text t = { 0 }, typed = { 0 };
	struct reason why = { 0 };
	struct words words;

	nlri_ops(f)->print(nlri, &t);
	if (!case_get(c, "text"))
		goto out;
	if (strcmp(case_get(c, "text"), text_str(&t)) != 0)
		fail_case(c, "text", text_str(&t));
	text_printf(&typed, "%s %s", family_name(f), text_str(&t));
	if (words_cut(&line, text_str(&typed), typed.len, 1, WORDS_API, &why) < 0)
		fail_case(c, "words", why.text);
	words = words_of(&line);
	if (route_scan(&words, &d, &why) < 0)
		fail_case(c, "what was printed is refused", why.text);
	if (d.family != f)
		fail_case(c, "what was printed is of family", family_name(d.family));
	if (!reader_equal(octets_read(&d.nlri), nlri))
		fail_case(c, "what was printed is another NLRI", text_str(&typed));
out:
	route_draft_fini(&d);
	words_line_fini(&line);
	text_fini(&typed);
	text_fini(&t);
}

static void
check_json(const struct test_case *c, enum family f, struct reader nlri)
{
	struct nlri n = { 0, nlri };
	struct text t = { 0 };
	struct tree tree = tree_json(&t);
	char got[CASE_LINE_MAX];
	const char *want = case_get(c, "json");

	tree_map(&tree);
	nlri_tree(f, false, &n, reader_of(NULL, 0), &tree);
	tree_map_end(&tree);
	/* { "a": 1 } is how it comes; cases say {"a": 1} */
	snprintf(got, sizeof got, "{%.*s}", (int)(t.len > 4 ? t.len - 4 : 0), text_str(&t) + 2);
	if (want) {
		struct text plain = { 0 };

		for (const char *p = got; *p; p++)
			if (!(*p == ' ' &&
				(p[-1] == '[' || p[-1] == '{' || p[1] == ']' || p[1] == '}')))
				text_char(&plain, *p);
		if (strcmp(text_str(&plain), want) != 0)
			fail_case(c, "json", text_str(&plain));
		text_fini(&plain);
	}
	text_fini(&t);
}

static void
check_octets(const struct test_case *c, enum family f, struct reader nlri)
{
	const struct nlri_ops *ops = nlri_ops(f);
	const char *canonical = case_get(c, "canonical");
	uint8_t key[NLRI_KEY_MAX], prefix[NLRI_PREFIX_MAX];

	same_octets(c, "canonical", canonical ? canonical : case_get(c, "wire"), nlri);
	if (nlri_count(f, false, nlri) != 1)
		fail_case(c, "take", "it is not one NLRI");
	if (case_get(c, "key"))
		same_octets(c, "key", case_get(c, "key"), ops->key ? ops->key(nlri, key) : nlri);
	if (case_get(c, "prefix"))
		same_octets(c, "prefix", case_get(c, "prefix"), ops->prefix(nlri, prefix));
}

/* Whatever comes: all functions stay inside, and canonical form is stable. */
static void
survive(const struct test_case *c, enum family f, struct reader wire)
{
	uint8_t memory[2 * NLRI_MAX], again[2 * NLRI_MAX], key[NLRI_KEY_MAX],
	    prefix[NLRI_PREFIX_MAX];
	uint8_t *exact = malloc(wire.left ? wire.left : 1); /* so that a read too far is seen */
	struct writer w = writer_of(memory, sizeof memory), w2 = writer_of(again, sizeof again);
	const struct nlri_ops *ops = nlri_ops(f);
	struct reader bin;
	struct nlri n;

	memcpy(exact, wire.at, wire.left);
	if (parse(f, reader_of(exact, wire.left), &w) == 0) {
		bin = writer_read(&w);
		if (parse(f, bin, &w2) != 0 || !reader_equal(writer_read(&w2), bin))
			fail_case(c, "canonical", "is not stable");
		while (nlri_next(f, false, &bin, &n)) {
			struct text t = { 0 };
			struct tree tree = tree_json(&t);

			if (ops->key)
				ops->key(n.octets, key);
			if (ops->prefix)
				ops->prefix(n.octets, prefix);
			ops->print(n.octets, &t);
			text_clear(&t);
			tree_map(&tree);
			nlri_tree(f, false, &n, reader_of(NULL, 0), &tree);
			tree_map_end(&tree);
			text_fini(&t);
		}
		if (!reader_done(&bin))
			fail_case(c, "take", "does not end where parse did");
	}
	free(exact);
}

static void
damage(const struct test_case *c, enum family f, struct reader wire)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff, 0x10 };
	uint8_t memory[NLRI_MAX];

	for (size_t len = 0; len < wire.left; len++)
		survive(c, f, reader_of(wire.at, len));
	for (size_t i = 0; i < wire.left; i++)
		for (size_t k = 0; k < sizeof flips; k++) {
			memcpy(memory, wire.at, wire.left);
			memory[i] ^= flips[k];
			survive(c, f, reader_of(memory, wire.left));
		}
}

static void
play_one(const struct test_case *c)
{
	uint8_t wire[NLRI_MAX], memory[NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	size_t len = case_hex(case_get(c, "wire"), wire, sizeof wire);
	enum family f = family_of_case(c);
	int got = parse(f, reader_of(wire, len), &w);

	if (got < 0 && !case_get(c, "malformed"))
		fail_case(c, "wire", "malformed");
	if (got >= 0 && case_get(c, "malformed"))
		fail_case(c, "malformed", "accepted");
	if ((got > 0) != !!case_get(c, "ignored"))
		fail_case(c, "ignored", "or not");
	if (got == 0) {
		check_octets(c, f, writer_read(&w));
		check_text(c, f, writer_read(&w));
		check_json(c, f, writer_read(&w));
	}
	damage(c, f, reader_of(wire, len));
}

static unsigned
play(const char *path)
{
	struct cases cases;
	struct test_case c;
	char name[64];
	unsigned count = 0;

	snprintf(name, sizeof name, "%s", strrchr(path, '/') + 1);
	*strrchr(name, '.') = '\0';
	cases_open(&cases, name);
	for (; cases_next(&cases, &c); case_fini(&c), count++)
		play_one(&c);
	return count;
}

static void
every_nlri_case(void **state)
{
	unsigned count = 0;
	glob_t files;

	assert_int_equal(glob(CASES "/nlri-*.case", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		count += play(files.gl_pathv[i]);
	globfree(&files);
	assert_true(count > 20);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_nlri_case) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
