/* NLRI. [ family, session, a bin of it ] as received, or its text. What is accepted is its own canonical form, is
 * shown alike in all forms and typed again from what is printed. */
#include "proto/bgp/nlri.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/look.h"
#include "tests/tools/retyped.h"

enum { ROOM = 400 * 1024 };

struct shown {
	enum family family;
	bool path_ids;
	struct nlri nlri;
};

static enum family
family_of_octet(uint8_t octet)
{
	enum family known[FAMILIES];
	unsigned count = 0;

	family_by_numbers(AFI_IPV4, 99); /* one without a name */
	for (unsigned f = 0; f < FAMILIES; f++) {
		if (nlri_ops(f) && family_table[f].afi != 0)
			known[count++] = f;
		if (count > 0 && known[count - 1] == octet)
			return octet;
	}
	return known[octet % count];
}

static void
show_nlri(const void *arg, struct tree *t)
{
	const struct shown *s = arg;

	/* as both versions have it */
	tree_list(t);
	tree_map(t);
	nlri_tree(s->family, s->path_ids, &s->nlri, reader_of(NULL, 0), t);
	tree_map_end(t);
	tree_map(t);
	nlri_tree_42(s->family, s->path_ids, &s->nlri, reader_of(NULL, 0), t);
	tree_map_end(t);
	tree_list_end(t);
}

/* What contradicts itself is withdrawn when it comes and refused when it is typed. */
static bool
to_be_announced(const struct nlri_ops *ops, struct reader nlri)
{
	uint8_t memory[NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	return ops->untold > 0 || ops->parse(&nlri, &w) != NLRI_TO_WITHDRAW;
}

static void
check_one(enum family f, bool path_ids, const struct nlri *n)
{
	const struct nlri_ops *ops = nlri_ops(f);
	struct shown shown = { f, path_ids, *n };
	uint8_t key[NLRI_KEY_MAX], prefix[NLRI_PREFIX_MAX];
	struct text text = { 0 };
	struct reason why = { 0 }, unfit = { 0 };
	const char *wrong;

	fuzz_require(n->octets.left <= NLRI_MAX, "longer than an NLRI may be");
	if (ops->key)
		fuzz_require(ops->key(n->octets, key).at, "no key");
	if (ops->prefix)
		ops->prefix(n->octets, prefix);
	look(f, n->octets);
	fuzz_shown(show_nlri, &shown);
	wrong = to_be_announced(ops, n->octets) ? retyped_nlri(f, n->octets, &text, &why) : NULL;
	fuzz_require(!wrong, "%s: %s (%s)", wrong, text_str(&text), why.text);
	if (ops->check)
		ops->check(n->octets, &unfit);
	text_fini(&text);
}

static void
check_bin(enum family f, bool path_ids, struct reader bin)
{
	static uint8_t memory[ROOM];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader again = bin;
	unsigned ignored = 0;
	struct nlri n;

	/* a group may be typed as unicast; nobody who receives it believes it. What has octets of ours in front is
	 * not what is received. */
	if (nlri_ops(f)->untold == 0)
		fuzz_require(nlri_parse(f, path_ids, &again, &w, &ignored) >= 0 &&
				 (ignored > 0 || reader_equal(writer_read(&w), bin)),
		    "%s: the canonical form is not stable", family_name(f));
	while (nlri_next(f, path_ids, &bin, &n))
		check_one(f, path_ids, &n);
	fuzz_require(reader_done(&bin), "%s: take does not end where parse does", family_name(f));
}

static void
as_text(enum family f, const uint8_t *data, size_t len)
{
	struct text line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };

	text_printf(&line, "%s ", family_name(f));
	text_addn(&line, (const char *)data, len);
	if (typed(text_str(&line), line.len, &d, &why) == 0)
		check_bin(d.family, false, octets_read(&d.nlri));
	else
		fuzz_require(reason_given(&why), "refused without a reason");
	route_draft_fini(&d);
	text_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t memory[ROOM];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader r;
	unsigned ignored = 0;
	bool path_ids;
	enum family f;

	if (len < 2 || len > UINT16_MAX)
		return 0;
	f = family_of_octet(data[0]);
	path_ids = data[1] & ON_PATHS;
	r = reader_of(data + 2, len - 2);
	if (data[1] & AS_TEXT)
		as_text(f, data + 2, len - 2);
	else if (nlri_parse(f, path_ids, &r, &w, &ignored) >= 0)
		check_bin(f, path_ids, writer_read(&w));
	return 0;
}
