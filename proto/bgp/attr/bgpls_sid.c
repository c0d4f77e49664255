/* SIDs in the BGP-LS attribute: of MPLS (RFC 9085) and of IPv6 (RFC 9514). */
#include "common/addr.h"
#include "proto/bgp/attr/bgpls.h"

enum {
	SUB_LABEL = 1161, /* SID/Label */
	SUB_STRUCTURE = 1252,
	SID_SIZE = 16,
	STRUCTURE_SIZE = 4,
	LABEL = 0xfffff
};

/* RFC 8667 sections 2.1.1 and 2.2.1; RFC 9514 section 4.1; RFC 9352 section 7.1 and RFC 9513 section 7.1. */
const struct bgpls_flag bgpls_adjacency_flags[] = { { "F", 0x80 }, { "B", 0x40 }, { "V", 0x20 },
	{ "L", 0x10 }, { "S", 0x08 }, { "P", 0x04 }, { 0 } };
const struct bgpls_flag bgpls_prefix_sid_flags[] = { { "R", 0x80 }, { "N", 0x40 }, { "P", 0x20 },
	{ "E", 0x10 }, { "V", 0x08 }, { "L", 0x04 }, { 0 } };
const struct bgpls_flag bgpls_srv6_flags[] = { { "B", 0x80 }, { "S", 0x40 }, { "P", 0x20 }, { 0 } };
const struct bgpls_flag bgpls_locator_flags[] = { { "D", 0x80 }, { "A", 0x40 }, { 0 } };

/* --- of MPLS --- */

/* A range and the first label of it, in a TLV of its own. */
static bool
range_next(struct reader *r, uint32_t *range, uint32_t *first)
{
	struct reader label;
	uint16_t code;

	if (r->left == 0)
		return false;
	*range = reader_u24(r);
	if (!bgpls_attr_next(r, &code, &label) || code != SUB_LABEL ||
	    (label.left != 3 && label.left != 4)) {
		reader_take(r, SIZE_MAX); /* neither is there a next one */
		return false;
	}
	*first = label.left == 3 ? reader_u24(&label) & LABEL : reader_u32(&label);
	return true;
}

bool
bgpls_check_ranges(struct reader r)
{
	uint32_t range, first;

	reader_u16(&r);
	while (range_next(&r, &range, &first))
		;
	return reader_done(&r);
}

void
bgpls_tree_ranges(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint32_t range, first;

	bgpls_tree_flags(tlv->name, tlv->flags, reader_u8(&r), tree);
	reader_u8(&r);
	tree_key(tree, "sids");
	tree_list(tree);
	while (range_next(&r, &range, &first)) {
		tree_list(tree);
		tree_uint(tree, range);
		tree_uint(tree, first);
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

/* A label where it is a value of local meaning, in three octets; an index in four. What is neither is told as
 * octets. */
static bool
sid_is_plain(struct reader sid, uint8_t flags, uint8_t v, uint8_t l)
{
	bool label = (flags & v) && (flags & l), index = !(flags & v) && !(flags & l);

	return (label && sid.left == 3) || (index && sid.left == 4);
}

static void
tree_sids(struct reader sid, bool plain, struct tree *tree)
{
	tree_key(tree, "sids");
	tree_list(tree);
	if (plain)
		tree_uint(tree, sid.left == 3 ? reader_u24(&sid) & LABEL : reader_u32(&sid));
	tree_list_end(tree);
}

static void
tree_undecoded(struct reader sid, bool plain, struct tree *tree)
{
	tree_key(tree, "undecoded-sids");
	tree_list(tree);
	if (!plain)
		tree_hex(tree, sid.at, sid.left);
	tree_list_end(tree);
}

/* Six octets are a system of IS-IS, four a router of OSPF. */
static void
tree_neighbor(const char *key, struct reader id, struct tree *tree)
{
	struct addr addr = addr_of(id.at, id.left);
	struct text hex = { 0 };
	char text[ADDR_TEXT];

	if (id.left == 4) {
		tree_put_text(tree, key, addr_print(&addr, text));
		return;
	}
	text_hex(&hex, id.at, id.left);
	tree_put_text(tree, key, text_str(&hex));
	text_fini(&hex);
}

/* RFC 9085 sections 2.2.1 and, with a neighbor of a LAN, 2.2.2 */
void
bgpls_tree_adjacency(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint8_t flags = reader_u8(&r), weight = reader_u8(&r);
	bool plain;

	reader_u16(&r);
	tree_map(tree);
	bgpls_tree_flags("flags", tlv->flags, flags, tree);
	if (r.left > 4)
		tree_neighbor("neighbor-id", reader_sub(&r, r.left > 8 ? 6 : 4), tree);
	plain = sid_is_plain(r, flags, 0x20, 0x10);
	tree_sids(r, plain, tree);
	tree_put_uint(tree, "weight", weight);
	tree_undecoded(r, plain, tree);
	tree_map_end(tree);
}

/* RFC 9085 section 2.3.1 */
void
bgpls_tree_prefix_sid(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint8_t flags = reader_u8(&r), algorithm = reader_u8(&r);
	bool plain;

	reader_u16(&r);
	plain = sid_is_plain(r, flags, 0x08, 0x04);
	bgpls_tree_flags(tlv->name, tlv->flags, flags, tree);
	tree_sids(r, plain, tree);
	tree_undecoded(r, plain, tree);
	tree_put_uint(tree, "sr-algorithm", algorithm);
}

/* --- of IPv6 --- */

static bool
subs_ok(struct reader r)
{
	struct reader value;
	uint16_t code;

	while (bgpls_attr_next(&r, &code, &value))
		if (code == SUB_STRUCTURE && value.left != STRUCTURE_SIZE)
			return false;
	return reader_done(&r);
}

static bool
subs_ok_behind(struct reader r, size_t head)
{
	reader_take(&r, head);
	return reader_ok(&r) && subs_ok(r);
}

bool
bgpls_check_srv6_adjacency(struct reader r)
{
	return subs_ok_behind(r, 6 + SID_SIZE);
}

bool
bgpls_check_srv6_isis(struct reader r)
{
	return subs_ok_behind(r, 6 + 6 + SID_SIZE);
}

bool
bgpls_check_srv6_ospf(struct reader r)
{
	return subs_ok_behind(r, 6 + 4 + SID_SIZE);
}

bool
bgpls_check_locator(struct reader r)
{
	return subs_ok_behind(r, 8);
}

/* RFC 9514 section 8 */
void
bgpls_tree_structure(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	tree_put_uint(tree, "loc_block_len", reader_u8(&r));
	tree_put_uint(tree, "loc_node_len", reader_u8(&r));
	tree_put_uint(tree, "func_len", reader_u8(&r));
	tree_put_uint(tree, "arg_len", reader_u8(&r));
	tree_map_end(tree);
	(void)tlv;
}

/* The first structure; other sub-TLVs are not defined yet. */
static void
tree_subs(struct reader r, struct tree *tree)
{
	struct reader value;
	uint16_t code;

	while (bgpls_attr_next(&r, &code, &value))
		if (code == SUB_STRUCTURE) {
			tree_key(tree, "srv6-sid-structure");
			bgpls_tree_structure(NULL, value, tree);
			return;
		}
}

/* RFC 9514 section 4.1 and, with a neighbor of a LAN, 4.2 */
void
bgpls_tree_srv6_adjacency(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint16_t behavior = reader_u16(&r);
	uint8_t flags = reader_u8(&r), algorithm = reader_u8(&r), weight = reader_u8(&r);
	struct reader neighbor, sid;
	char text[ADDR_TEXT];
	struct addr addr;

	reader_u8(&r);
	neighbor = reader_sub(&r, (size_t)tlv->min - 6 - SID_SIZE);
	sid = reader_sub(&r, SID_SIZE);
	addr = addr_of(sid.at, sid.left);
	tree_map(tree);
	bgpls_tree_flags("flags", tlv->flags, flags, tree);
	if (neighbor.left > 0)
		tree_neighbor("neighbor-id", neighbor, tree);
	tree_put_uint(tree, "behavior", behavior);
	tree_put_uint(tree, "algorithm", algorithm);
	tree_put_uint(tree, "weight", weight);
	tree_put_text(tree, "sid", addr_print(&addr, text));
	tree_subs(r, tree);
	tree_map_end(tree);
}

/* RFC 9514 section 5.1 */
void
bgpls_tree_locator(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	bgpls_tree_flags("flags", tlv->flags, reader_u8(&r), tree);
	tree_put_uint(tree, "algorithm", reader_u8(&r));
	reader_u16(&r);
	tree_put_uint(tree, "metric", reader_u32(&r));
	tree_map_end(tree);
}

/* RFC 9514 section 7.1 */
void
bgpls_tree_behavior(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	tree_put_uint(tree, "behavior", reader_u16(&r));
	tree_put_uint(tree, "flags", reader_u8(&r));
	tree_put_uint(tree, "algorithm", reader_u8(&r));
	tree_map_end(tree);
	(void)tlv;
}

/* RFC 9514 section 7.2 */
void
bgpls_tree_peer_sid(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	bgpls_tree_flags("flags", tlv->flags, reader_u8(&r), tree);
	tree_put_uint(tree, "weight", reader_u8(&r));
	reader_u16(&r);
	tree_put_uint(tree, "peer-as", reader_u32(&r));
	tree_neighbor("peer-bgp-identifier", r, tree);
	tree_map_end(tree);
}
