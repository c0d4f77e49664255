/* Sub-TLVs of an SR policy (RFC 9830 section 2.4): what a candidate path is worth and called, its binding SIDs,
 * its segment lists. */
#include "common/utf8.h"
#include "proto/bgp/attr/segment.h"
#include "proto/bgp/attr/tunnel.h"

enum {
	PREFERENCE = 12,
	BINDING_SID = 13,
	ENLP = 14,
	PRIORITY = 15,
	SRV6_BINDING_SID = 20,
	SEGMENT_LIST = 128,
	CANDIDATE_PATH_NAME = 129,
	POLICY_NAME = 130
};

enum { HEAD = 2, LIST_WEIGHT = 9, NAME_MAX = 1024 };
/* ExaBGP sets a bit that RFC 9830 leaves unassigned where a binding SID is a label. */
enum { BINDING_LABEL_FLAGS = 0x10, SRV6_BINDING_BEHAVIOR = 0x20 };

static int
scan_flags(struct words *words, uint64_t *flags, struct reason *why)
{
	return words_take(words, "flags")
		   ? words_uint(words, 0, UINT8_MAX, "flags of a SID", flags, why)
		   : 0;
}

static void
print_flags(unsigned flags, unsigned usual, struct text *t)
{
	if (flags != usual)
		text_printf(t, " flags 0x%02x", flags);
}

/* --- binding SID: flags, reserved, and nothing, a label, or an SRv6 SID as before RFC 9830 --- */

static bool
binding_fits(struct reader value)
{
	return value.left == HEAD || value.left == HEAD + STACK_ENTRY_SIZE ||
	       value.left == HEAD + SRV6_SID_SIZE;
}

static int
binding_scan(struct words *words, struct writer *w, struct reason *why)
{
	uint8_t memory[SRV6_SID_SIZE];
	struct writer sid = writer_of(memory, sizeof memory);
	uint64_t flags = 0;
	int ok = 0;

	if (words_take(words, "mpls")) {
		flags = BINDING_LABEL_FLAGS;
		ok = stack_entry_scan(words, &sid, why);
	} else if (words_take(words, "srv6")) {
		ok = srv6_sid_scan(words, &sid, why);
	} else if (!words_take(words, "null")) {
		return words_wrong(
		    words, why, "a binding SID (mpls 24000, srv6 2001:db8::1, null)");
	}
	if (ok < 0 || scan_flags(words, &flags, why) < 0)
		return -1;
	writer_u8(w, flags);
	writer_u8(w, 0);
	writer_copy(w, writer_read(&sid));
	return 0;
}

static bool
binding_print(struct reader value, struct text *t)
{
	unsigned flags = reader_u8(&value), usual = 0;

	if (reader_u8(&value) != 0)
		return false;
	if (value.left == 0) {
		text_add(t, " null");
	} else if (value.left == STACK_ENTRY_SIZE) {
		text_add(t, " mpls");
		stack_entry_print(value, t);
		usual = BINDING_LABEL_FLAGS;
	} else {
		text_add(t, " srv6");
		srv6_sid_print(value, t);
	}
	print_flags(flags, usual, t);
	return true;
}

/* RFC 9830 section 2.4.2: S, I; the same for SRv6. */
static void
tree_sid_flags(unsigned flags, struct tree *tree)
{
	if (flags & 0x80) {
		tree_key(tree, "specified-only");
		tree_bool(tree, true);
	}
	if (flags & 0x40) {
		tree_key(tree, "drop-upon-invalid");
		tree_bool(tree, true);
	}
}

static void
binding_tree(struct reader value, struct tree *tree)
{
	unsigned flags = reader_u8(&value);

	reader_u8(&value);
	tree_map(tree);
	if (value.left == 0) {
		tree_put_text(tree, "type", "null");
	} else if (value.left == STACK_ENTRY_SIZE) {
		tree_put_text(tree, "type", "mpls");
		tree_put_uint(tree, "label", reader_u32(&value) >> 12);
	} else {
		tree_put_text(tree, "type", "srv6");
		srv6_sid_tree(value, tree);
	}
	tree_sid_flags(flags, tree);
	tree_map_end(tree);
}

/* --- SRv6 binding SID: flags, reserved, SID, and its behavior where it says so --- */

static bool
srv6_binding_fits(struct reader value)
{
	return value.left == HEAD + SRV6_SID_SIZE ||
	       value.left == HEAD + SRV6_SID_SIZE + BEHAVIOR_SIZE;
}

static int
srv6_binding_scan(struct words *words, struct writer *w, struct reason *why)
{
	uint8_t memory[SRV6_SID_SIZE + BEHAVIOR_SIZE];
	struct writer sid = writer_of(memory, sizeof memory);
	uint64_t flags = 0;

	if (srv6_sid_scan(words, &sid, why) < 0)
		return -1;
	if (words_take(words, "endpoint-behavior")) {
		flags = SRV6_BINDING_BEHAVIOR;
		if (behavior_scan(words, &sid, why) < 0)
			return -1;
	}
	if (scan_flags(words, &flags, why) < 0)
		return -1;
	writer_u8(w, flags);
	writer_u8(w, 0);
	writer_copy(w, writer_read(&sid));
	return 0;
}

static bool
srv6_binding_print(struct reader value, struct text *t)
{
	unsigned flags = reader_u8(&value), usual = 0;

	if (reader_u8(&value) != 0)
		return false;
	srv6_sid_print(reader_sub(&value, SRV6_SID_SIZE), t);
	if (value.left > 0) {
		usual = SRV6_BINDING_BEHAVIOR;
		if (!behavior_print(value, t))
			return false;
	}
	print_flags(flags, usual, t);
	return true;
}

static void
srv6_binding_tree(struct reader value, struct tree *tree)
{
	unsigned flags = reader_u8(&value);

	reader_u8(&value);
	tree_map(tree);
	srv6_sid_tree(reader_sub(&value, SRV6_SID_SIZE), tree);
	if (value.left > 0)
		behavior_tree(value, tree);
	tree_sid_flags(flags, tree);
	tree_map_end(tree);
}

/* --- names: a reserved octet and text --- */

static bool
name_fits(struct reader value)
{
	return value.left >= 1;
}

static int
name_scan(struct words *words, struct writer *w, struct reason *why)
{
	if (!words_left(words) || words->at->len == 0 || words->at->len > NAME_MAX)
		return words_wrong(words, why, "a name of at most 1024 octets");
	writer_u8(w, 0);
	writer_bytes(w, words->at->at, words->at->len);
	words_next(words);
	return 0;
}

/* In quotes, so without any, and without what would be read as an escape. */
static bool
name_print(struct reader value, struct text *t)
{
	if (reader_u8(&value) != 0 || value.left == 0 || value.left > NAME_MAX)
		return false;
	text_add(t, " \"");
	while (value.left > 0) {
		uint8_t octet = reader_u8(&value);

		if (octet < ' ' || octet > '~' || octet == '"' || octet == '\'' || octet == '\\')
			return false;
		text_char(t, (char)octet);
	}
	text_char(t, '"');
	return true;
}

/* What is no text comes as octets. */
static void
name_tree(struct reader value, struct tree *tree)
{
	reader_u8(&value);
	if (utf8_valid((const char *)value.at, value.left))
		tree_textn(tree, (const char *)value.at, value.left);
	else
		tree_hex(tree, value.at, value.left);
}

/* --- segment lists: a reserved octet, a weight, segments --- */

static bool
weight_fits(struct reader value)
{
	return value.left == HEAD + 4;
}

static bool
list_fits(struct reader value)
{
	struct reader sub;
	unsigned weights = 0;
	uint8_t type;

	reader_u8(&value);
	while (tunnel_next(&value, &type, &sub)) {
		if (type == LIST_WEIGHT ? ++weights > 1 || !weight_fits(sub)
					: segment_known(type) && !segment_fits(type, sub))
			return false;
	}
	return reader_done(&value);
}

static int
scan_weight(struct words *words, bool again, struct writer *w, struct reason *why)
{
	uint64_t weight;
	size_t mark;

	if (words_uint(words, 0, UINT32_MAX, "the weight of a segment list", &weight, why) < 0)
		return -1;
	if (again)
		return 0;
	mark = tunnel_begin(w, LIST_WEIGHT);
	writer_u16(w, 0);
	writer_u32(w, weight);
	tunnel_end(w, LIST_WEIGHT, mark);
	return 0;
}

/* weight 1 segment type-a mpls 16001 segment 99 0x0102: a segment by number is any sub-TLV. */
static int
list_scan(struct words *words, struct writer *w, struct reason *why)
{
	bool weighed = false;

	writer_u8(w, 0);
	while (words_left(words)) {
		if (words_take(words, "weight")) {
			if (scan_weight(words, weighed, w, why) < 0)
				return -1;
			weighed = true;
		} else if (words_take(words, "segment")) {
			bool number = *words_peek(words) >= '0' && *words_peek(words) <= '9';

			if ((number ? tunnel_octets_scan : segment_scan)(words, w, why) < 0)
				return -1;
		} else {
			return 0;
		}
	}
	return 0;
}

static bool
print_weight(struct reader value, struct text *t)
{
	if (!weight_fits(value) || reader_u16(&value) != 0)
		return false;
	text_printf(t, " weight %u", reader_u32(&value));
	return true;
}

static bool
list_print(struct reader value, struct text *t)
{
	struct reader sub;
	uint8_t type;

	if (reader_u8(&value) != 0)
		return false;
	while (tunnel_next(&value, &type, &sub)) {
		size_t start = t->len;

		if (type == LIST_WEIGHT && print_weight(sub, t))
			continue;
		text_add(t, " segment");
		if (segment_print(type, sub, t))
			continue;
		text_cut(t, start);
		text_printf(t, " segment %u 0x", type);
		text_hex(t, sub.at, sub.left);
	}
	return true;
}

static void
tree_weight(struct reader value, struct tree *tree)
{
	struct reader sub;
	uint8_t type;

	while (tunnel_next(&value, &type, &sub))
		if (type == LIST_WEIGHT) {
			reader_u16(&sub);
			tree_put_uint(tree, "weight", reader_u32(&sub));
		}
}

static void
list_tree(struct reader value, struct tree *tree)
{
	struct reader sub;
	uint8_t type;

	reader_u8(&value);
	tree_map(tree);
	tree_weight(value, tree);
	tree_key(tree, "segments");
	tree_list(tree);
	while (tunnel_next(&value, &type, &sub)) {
		if (type == LIST_WEIGHT)
			continue;
		tree_map(tree);
		segment_tree(type, sub, tree);
		tree_map_end(tree);
	}
	tree_list_end(tree);
	tree_map_end(tree);
}

const struct tunnel_sub tunnel_policy_subs[] = {
	{ .type = PREFERENCE, .before = 2, .size = 4, .word = "preference" },
	{ .type = PRIORITY, .size = 1, .after = 1, .word = "priority" },
	{ .type = BINDING_SID,
	    .word = "binding-sid",
	    .fits = binding_fits,
	    .scan = binding_scan,
	    .print = binding_print,
	    .tree = binding_tree },
	{ .type = SRV6_BINDING_SID,
	    .many = true,
	    .word = "srv6-binding-sid",
	    .fits = srv6_binding_fits,
	    .scan = srv6_binding_scan,
	    .print = srv6_binding_print,
	    .tree = srv6_binding_tree },
	{ .type = ENLP, .before = 2, .size = 1, .word = "enlp" },
	{ .type = POLICY_NAME,
	    .word = "policy-name",
	    .fits = name_fits,
	    .scan = name_scan,
	    .print = name_print,
	    .tree = name_tree },
	{ .type = CANDIDATE_PATH_NAME,
	    .word = "candidate-path-name",
	    .fits = name_fits,
	    .scan = name_scan,
	    .print = name_print,
	    .tree = name_tree },
	{ .type = SEGMENT_LIST,
	    .many = true,
	    .word = "segment-list",
	    .key = "segment-lists",
	    .fits = list_fits,
	    .scan = list_scan,
	    .print = list_print,
	    .tree = list_tree },
	{ 0 },
};

bool
tunnel_policy_fits(struct reader subs)
{
	bool seen[UINT8_MAX + 1] = { false };
	const struct tunnel_sub *sub;
	struct reader value;
	uint8_t type;

	while (tunnel_next(&subs, &type, &value)) {
		sub = tunnel_sub_of(tunnel_policy_subs, type);
		if (sub && ((seen[type] && !sub->many) || !tunnel_sub_fits(sub, value)))
			return false;
		seen[type] = true;
	}
	return reader_done(&subs);
}
