/* NLRI of a family of which we know the numbers only: all that one field of an UPDATE has of it is one, octets
 * that nobody here can cut. They are identified by what they are, so a withdraw takes back just what was announced
 * in one field. Our own form has a length of two octets in front, which never travels. */
#include <string.h>
#include "proto/bgp/nlri/part.h"

enum { HEAD = 2 };

static int
parse(struct reader *r, struct writer *w)
{
	struct reader all = reader_rest(r);

	if (all.left == 0 || all.left > NLRI_MAX - HEAD)
		return NLRI_LEFT_OUT;
	writer_u16(w, all.left);
	writer_copy(w, all);
	return writer_ok(w) ? NLRI_TAKEN : NLRI_MALFORMED;
}

static struct reader
take(struct reader *r)
{
	struct reader ahead = *r;
	size_t len = reader_u16(&ahead);

	return reader_sub(r, reader_ok(&ahead) ? HEAD + len : SIZE_MAX);
}

static bool
next_hop_length(size_t len)
{
	return len == 0 || nlri_hop_any(len);
}

static int
scan(struct words *words, struct writer *w, struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t octets[NLRI_MAX];

	if (len < 4 || len % 2 || len / 2 - 1 > NLRI_MAX - HEAD || word[0] != '0' ||
	    word[1] != 'x' || word_octets(word + 2, octets, len / 2 - 1) < 0)
		return words_wrong(words, why, "the octets of the NLRI (0x0102)");
	words_next(words);
	writer_u16(w, len / 2 - 1);
	writer_bytes(w, octets, len / 2 - 1);
	return 0;
}

static void
print(struct reader nlri, struct text *t)
{
	reader_u16(&nlri);
	text_add(t, "0x");
	text_hex(t, nlri.at, nlri.left);
}

static void
to_tree(struct reader nlri, struct tree *tree)
{
	reader_u16(&nlri);
	tree_key(tree, "parsed");
	tree_bool(tree, false);
	part_tree_raw(nlri, tree);
}

const struct nlri_ops nlri_raw = {
	.parse = parse,
	.take = take,
	.untold = HEAD,
	.next_hop_length = next_hop_length,
	.scan = scan,
	.print = print,
	.tree = to_tree,
};
