/* The BGP-LS attribute (RFC 9552 section 5.3): TLVs that say more of a node, a link or a prefix. They are kept
 * as they came, known or not. A TLV whose length cannot be costs the attribute, not the route (section 8.2.2);
 * what is said is not looked into. */
#include <stdlib.h>
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/bgpls.h"

enum { TLV_HEAD = 4, TLVS_MAX = 65536 / TLV_HEAD };

/* Where a TLV stands: codes in order, those of one code (or one name) as they came. */
struct place {
	uint16_t code, at;
};

bool
bgpls_attr_next(struct reader *r, uint16_t *code, struct reader *value)
{
	if (r->left == 0)
		return false;
	*code = reader_u16(r);
	*value = reader_sub(r, reader_u16(r));
	return reader_ok(r);
}

static int
bgpls_check(struct reader value, const struct session_params *p)
{
	struct reader tlv;
	uint16_t code;

	(void)p;
	while (bgpls_attr_next(&value, &code, &tlv))
		if (!bgpls_tlv_ok(code, tlv))
			return -1;
	return reader_done(&value) ? 0 : -1;
}

static int
place_order(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static size_t
places(struct reader value, struct place at[TLVS_MAX])
{
	const uint8_t *start = value.at;
	struct reader tlv, here = value;
	size_t count = 0;
	uint16_t code;

	for (; count < TLVS_MAX && bgpls_attr_next(&value, &code, &tlv); here = value)
		at[count++] = (struct place){ bgpls_leader(code), (uint16_t)(here.at - start) };
	qsort(at, count, sizeof *at, place_order);
	return count;
}

static struct reader
value_at(struct reader value, const struct place *p)
{
	struct reader tlv = { 0 };
	uint16_t code;

	reader_take(&value, p->at);
	bgpls_attr_next(&value, &code, &tlv);
	return tlv;
}

static void
tree_octets(struct reader value, const struct place *p, size_t count, struct tree *tree)
{
	if (count == 0)
		return;
	bgpls_generic_key(p->code, tree);
	tree_list(tree);
	for (size_t i = 0; i < count; i++) {
		struct reader tlv = value_at(value, &p[i]);

		tree_hex(tree, tlv.at, tlv.left);
	}
	tree_list_end(tree);
}

/* All of one code. Where more than one was not expected the others are shown as octets; so is a second one of
 * those that put members of their own, as they share names. */
static void
tree_code(struct reader value, const struct place *p, size_t count, bool *bare, struct tree *tree)
{
	const struct bgpls_tlv *known = bgpls_tlv(p->code);

	if (!known || (known->form == BGPLS_BARE && *bare)) {
		tree_octets(value, p, count, tree);
		return;
	}
	if (known->form == BGPLS_BARE)
		*bare = true;
	else
		tree_key(tree, known->name);
	if (known->form == BGPLS_MANY) {
		tree_list(tree);
		for (size_t i = 0; i < count; i++)
			known->tree(known, value_at(value, &p[i]), tree);
		tree_list_end(tree);
		return;
	}
	known->tree(known, value_at(value, p), tree);
	tree_octets(value, p + 1, count - 1, tree);
}

static void
bgpls_tree(struct reader value, struct tree *tree)
{
	struct place at[TLVS_MAX];
	size_t count = places(value, at), next;
	bool bare = false;

	tree_map(tree);
	for (size_t i = 0; i < count; i = next) {
		for (next = i + 1; next < count && at[next].code == at[i].code;)
			next++;
		tree_code(value, &at[i], next - i, &bare, tree);
	}
	tree_map_end(tree);
}

const struct attr_ops attr_bgp_ls = {
	.code = ATTR_BGP_LS,
	.flags = ATTR_OPTIONAL,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_DISCARD,
	.empty = true,
	.name = "bgp-ls",
	.check = bgpls_check,
	.tree = bgpls_tree,
};
