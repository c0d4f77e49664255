/* Prefix-SID (RFC 8669, 9252): TLVs. A label index and the SRGBs it counts from, or the SRv6 SID of a layer 3
 * or layer 2 service. TLVs that we don't know are kept (RFC 8669 section 6); what is malformed costs the
 * attribute. Text has words for what an operator gives; other combinations are shown by number. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr.h"

enum {
	TLV_RESERVED = 0,
	TLV_LABEL_INDEX = 1,
	TLV_IPV6_SID = 2, /* of the drafts before RFC 8669; ExaBGP shows it */
	TLV_SRGB = 3,
	TLV_L3_SERVICE = 5,
	TLV_L2_SERVICE = 6,
	SUB_SID = 1, /* in a service: SRv6 SID information */
	SUB_STRUCTURE = 1, /* in that: the SID's structure */
	INDEX_SIZE = 7,
	IPV6_SID_SIZE = 3 + 16,
	SRGB_SIZE = 6,
	SID_SIZE = 16,
	STRUCTURE_SIZE = 6,
	ANY_BEHAVIOR = 0xffff,
	UINT24_MAX = 0xffffff
};

static bool
tlv_next(struct reader *r, uint8_t *type, struct reader *value)
{
	if (r->left == 0)
		return false;
	*type = reader_u8(r);
	*value = reader_sub(r, reader_u16(r));
	return reader_ok(r);
}

/* SRv6 SID information: RFC 9252 section 3.1. */
struct sid {
	uint8_t address[SID_SIZE], flags;
	uint16_t behavior;
	bool has_structure;
	uint8_t structure[STRUCTURE_SIZE];
};

static bool
cut_sid(struct reader r, struct sid *s)
{
	struct reader address, value;
	uint8_t type;

	memset(s, 0, sizeof *s);
	reader_u8(&r);
	address = reader_sub(&r, SID_SIZE);
	s->flags = reader_u8(&r);
	s->behavior = reader_u16(&r);
	reader_u8(&r);
	if (!reader_ok(&r))
		return false;
	memcpy(s->address, address.at, SID_SIZE);
	while (tlv_next(&r, &type, &value)) {
		if (type != SUB_STRUCTURE || s->has_structure)
			continue;
		if (value.left != STRUCTURE_SIZE)
			return false;
		memcpy(s->structure, value.at, STRUCTURE_SIZE);
		s->has_structure = true;
	}
	return reader_done(&r);
}

static bool
service_ok(struct reader r)
{
	struct reader value;
	struct sid sid;
	uint8_t type;

	reader_u8(&r);
	while (tlv_next(&r, &type, &value))
		if (type == SUB_SID && !cut_sid(value, &sid))
			return false;
	return reader_done(&r);
}

static bool
tlv_ok(uint8_t type, struct reader value)
{
	switch (type) {
	case TLV_RESERVED:
		return false;
	case TLV_LABEL_INDEX:
		return value.left == INDEX_SIZE;
	case TLV_SRGB:
		return value.left >= 2 + SRGB_SIZE && (value.left - 2) % SRGB_SIZE == 0;
	case TLV_L3_SERVICE:
	case TLV_L2_SERVICE:
		return service_ok(value);
	default:
		return true;
	}
}

static int
prefix_sid_check(struct reader value, const struct session_params *p)
{
	struct reader tlv;
	uint8_t type;

	(void)p;
	while (tlv_next(&value, &type, &tlv))
		if (!tlv_ok(type, tlv))
			return -1;
	return reader_done(&value) ? 0 : -1;
}

/* --- text --- */

/* Parentheses may stick to words in files, and are words in commands: a place in the next word. */
struct place {
	struct words *words;
	size_t at;
};

static const char *
place_text(const struct place *p)
{
	return words_peek(p->words) + p->at;
}

static void
place_move(struct place *p, size_t len)
{
	p->at += len;
	if (*place_text(p) == '\0') {
		words_next(p->words);
		p->at = 0;
	}
}

static bool
place_take(struct place *p, const char *literal)
{
	size_t len = strlen(literal);

	if (strncmp(place_text(p), literal, len) != 0)
		return false;
	place_move(p, len);
	return true;
}

static size_t
place_len(const struct place *p)
{
	return strcspn(place_text(p), "()[],");
}

static int
place_expect(struct place *p, const char *literal, struct reason *why)
{
	return place_take(p, literal) ? 0 : words_wrong(p->words, why, literal);
}

static int
place_uint(struct place *p, uint64_t max, const char *what, uint64_t *n, struct reason *why)
{
	size_t len = place_len(p);

	if (len == 0 || word_uint(place_text(p), len, max, n) < 0)
		return words_wrong(p->words, why, what);
	place_move(p, len);
	return 0;
}

/* ( base, range ) */
static int
scan_srgb(struct place *p, struct writer *w, struct reason *why)
{
	uint64_t base, range;

	if (place_expect(p, "(", why) < 0 ||
	    place_uint(p, UINT24_MAX, "the first label of an SRGB", &base, why) < 0)
		return -1;
	place_take(p, ",");
	if (place_uint(p, UINT24_MAX, "how many labels an SRGB has", &range, why) < 0)
		return -1;
	writer_u24(w, base);
	writer_u24(w, range);
	return place_expect(p, ")", why);
}

static int
scan_srgbs(struct place *p, struct writer *w, struct reason *why)
{
	size_t mark;

	if (place_expect(p, "[", why) < 0)
		return -1;
	writer_u8(w, TLV_SRGB);
	mark = writer_begin_u16(w);
	writer_u16(w, 0);
	do {
		if (scan_srgb(p, w, why) < 0)
			return -1;
		place_take(p, ",");
	} while (!place_take(p, "]"));
	writer_end_u16(w, mark);
	return 0;
}

/* IDX ], or IDX, [ ( base, range ) ... ] ] */
static int
scan_index(struct place *p, struct writer *w, struct reason *why)
{
	uint64_t number;

	if (place_uint(p, UINT32_MAX, "a label index", &number, why) < 0)
		return -1;
	writer_u8(w, TLV_LABEL_INDEX);
	writer_u16(w, INDEX_SIZE);
	writer_u24(w, 0);
	writer_u32(w, number);
	place_take(p, ",");
	if (strcmp(place_text(p), "]") != 0 && scan_srgbs(p, w, why) < 0)
		return -1;
	return place_expect(p, "]", why);
}

/* 64,24,16,0,0,0 ] */
static int
scan_structure(struct place *p, struct writer *w, struct reason *why)
{
	writer_u8(w, SUB_STRUCTURE);
	writer_u16(w, STRUCTURE_SIZE);
	for (unsigned i = 0; i < STRUCTURE_SIZE; i++) {
		uint64_t n;

		if (i > 0)
			place_take(p, ",");
		if (place_uint(p, UINT8_MAX, "the structure of a SID (64,24,16,0,0,0)", &n, why) <
		    0)
			return -1;
		writer_u8(w, n);
	}
	return place_expect(p, "]", why);
}

static int
scan_sid(struct place *p, struct writer *w, struct reason *why)
{
	uint64_t behavior = ANY_BEHAVIOR;
	size_t len = place_len(p);
	char text[ADDR_TEXT];
	struct addr sid;

	snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : 0), place_text(p));
	if (addr_scan(&sid, text) < 0 || sid.family != 6)
		return words_wrong(p->words, why, "an SRv6 SID (an IPv6 address)");
	place_move(p, len);
	if (place_len(p) > 0 &&
	    place_uint(p, UINT16_MAX, "an endpoint behavior", &behavior, why) < 0)
		return -1;
	writer_u8(w, 0);
	writer_bytes(w, sid.bytes, SID_SIZE);
	writer_u8(w, 0);
	writer_u16(w, behavior);
	writer_u8(w, 0);
	return place_take(p, "[") ? scan_structure(p, w, why) : 0;
}

/* l3-service SID BEHAVIOR [ 64,24,16,0,0,0 ] ) */
static int
scan_service(struct place *p, struct writer *w, struct reason *why)
{
	size_t service, sid;

	/* vpn and l3vpn are older words for it */
	if (place_take(p, "l3-service") || place_take(p, "vpn") || place_take(p, "l3vpn"))
		writer_u8(w, TLV_L3_SERVICE);
	else if (place_take(p, "l2-service"))
		writer_u8(w, TLV_L2_SERVICE);
	else
		return words_wrong(p->words, why, "l3-service or l2-service");
	service = writer_begin_u16(w);
	writer_u8(w, 0);
	writer_u8(w, SUB_SID);
	sid = writer_begin_u16(w);
	if (scan_sid(p, w, why) < 0)
		return -1;
	writer_end_u16(w, sid);
	writer_end_u16(w, service);
	return place_expect(p, ")", why);
}

/* [ of a label index, ( of a service: either word takes both. */
static int
prefix_sid_scan(struct words *words, struct writer *w, struct reason *why)
{
	struct place p = { .words = words };

	if (place_take(&p, "["))
		return scan_index(&p, w, why);
	if (place_take(&p, "("))
		return scan_service(&p, w, why);
	return words_wrong(
	    words, why, "a prefix SID ([ 300 ], or ( l3-service 2001:db8:1:1:: 0x48 ))");
}

static void
print_index(struct reader value, struct text *t)
{
	struct reader tlv;
	uint8_t type;

	tlv_next(&value, &type, &tlv);
	reader_u24(&tlv);
	text_printf(t, "[ %u", reader_u32(&tlv));
	if (tlv_next(&value, &type, &tlv)) {
		const char *between = ", [ ";

		reader_u16(&tlv);
		while (tlv.left > 0) {
			uint32_t base = reader_u24(&tlv);

			text_printf(t, "%s( %u,%u )", between, base, reader_u24(&tlv));
			between = ", ";
		}
		text_add(t, " ]");
	}
	text_add(t, " ]");
}

/* The one SID of a service. */
static bool
sid_of(struct reader value, uint8_t *service, struct sid *sid)
{
	struct reader tlv, sub;
	uint8_t type;

	return tlv_next(&value, service, &tlv) &&
	       (*service == TLV_L3_SERVICE || *service == TLV_L2_SERVICE) &&
	       (reader_u8(&tlv), tlv_next(&tlv, &type, &sub)) && type == SUB_SID &&
	       cut_sid(sub, sid);
}

static void
print_service(uint8_t service, const struct sid *s, struct text *t)
{
	struct addr sid = addr_of(s->address, SID_SIZE);
	char text[ADDR_TEXT];

	text_printf(t, "( %s %s 0x%x", service == TLV_L3_SERVICE ? "l3-service" : "l2-service",
	    addr_print(&sid, text), s->behavior);
	for (unsigned i = 0; s->has_structure && i < STRUCTURE_SIZE; i++)
		text_printf(t, "%s%u", i == 0 ? " [ " : ",", s->structure[i]);
	text_add(t, s->has_structure ? " ] )" : " )");
}

/* What its text makes when it is typed; nothing where that would be something else. */
static void
prefix_sid_print(struct reader value, struct text *t)
{
	uint8_t memory[256], type, service;
	struct writer w = writer_of(memory, sizeof memory);
	struct words_line line = { 0 };
	struct text said = { 0 };
	struct reason why;
	struct words words;
	struct sid sid;

	type = reader_peek(&value);
	if (type == TLV_LABEL_INDEX)
		print_index(value, &said);
	else if (sid_of(value, &service, &sid))
		print_service(service, &sid, &said);
	if (said.len > 0 && words_cut(&line, text_str(&said), said.len, 1, WORDS_API, &why) == 0) {
		words = words_of(&line);
		if (prefix_sid_scan(&words, &w, &why) == 0 && writer_ok(&w) &&
		    reader_equal(writer_read(&w), value))
			text_add(t, text_str(&said));
	}
	words_line_fini(&line);
	text_fini(&said);
}

static const char *
prefix_sid_word(struct reader value)
{
	uint8_t type = reader_peek(&value);

	return type == TLV_L3_SERVICE || type == TLV_L2_SERVICE ? "bgp-prefix-sid-srv6"
								: "bgp-prefix-sid";
}

static void
tree_srgbs(struct reader tlv, struct tree *tree)
{
	tree_key(tree, "sr-srgbs");
	tree_list(tree);
	reader_u16(&tlv);
	while (tlv.left > 0) {
		tree_list(tree);
		tree_uint(tree, reader_u24(&tlv));
		tree_uint(tree, reader_u24(&tlv));
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

static void
tree_sid(const struct sid *s, struct tree *tree)
{
	static const char *const names[STRUCTURE_SIZE] = { "locator-block-length",
		"locator-node-length", "function-length", "argument-length", "transposition-length",
		"transposition-offset" };
	struct addr sid = addr_of(s->address, SID_SIZE);
	char text[ADDR_TEXT];

	tree_map(tree);
	tree_put_text(tree, "sid", addr_print(&sid, text));
	tree_put_uint(tree, "flags", s->flags);
	tree_put_uint(tree, "endpoint_behavior", s->behavior);
	if (s->has_structure) {
		tree_key(tree, "structure");
		tree_map(tree);
		for (unsigned i = 0; i < STRUCTURE_SIZE; i++)
			tree_put_uint(tree, names[i], s->structure[i]);
		tree_map_end(tree);
	}
	tree_map_end(tree);
}

static void
tree_service(const char *name, struct reader tlv, struct tree *tree)
{
	struct reader sub;
	struct sid sid;
	uint8_t type;

	tree_key(tree, name);
	tree_list(tree);
	reader_u8(&tlv);
	while (tlv_next(&tlv, &type, &sub))
		if (type == SUB_SID && cut_sid(sub, &sid))
			tree_sid(&sid, tree);
	tree_list_end(tree);
}

static void
tree_ipv6_sid(struct reader tlv, struct tree *tree)
{
	struct addr sid;
	char text[ADDR_TEXT];

	if (tlv.left != IPV6_SID_SIZE)
		return;
	reader_u24(&tlv);
	sid = addr_of(tlv.at, SID_SIZE);
	tree_put_text(tree, "sr-v6-sid", addr_print(&sid, text));
}

/* Of a type that is there more than once the first one counts. */
static void
prefix_sid_tree(struct reader value, struct tree *tree)
{
	bool seen[TLV_L2_SERVICE + 1] = { false };
	struct reader tlv;
	uint8_t type;

	tree_map(tree);
	while (tlv_next(&value, &type, &tlv)) {
		if (type > TLV_L2_SERVICE || seen[type])
			continue;
		seen[type] = true;
		if (type == TLV_LABEL_INDEX) {
			reader_u24(&tlv);
			tree_put_uint(tree, "sr-label-index", reader_u32(&tlv));
		} else if (type == TLV_IPV6_SID) {
			tree_ipv6_sid(tlv, tree);
		} else if (type == TLV_SRGB) {
			tree_srgbs(tlv, tree);
		} else if (type == TLV_L3_SERVICE || type == TLV_L2_SERVICE) {
			tree_service(
			    type == TLV_L3_SERVICE ? "l3-service" : "l2-service", tlv, tree);
		}
	}
	tree_map_end(tree);
}

const struct attr_ops attr_prefix_sid = {
	.code = ATTR_PREFIX_SID,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_DISCARD,
	.word = "bgp-prefix-sid",
	.other_word = "bgp-prefix-sid-srv6",
	.word_of = prefix_sid_word,
	.name = "bgp-prefix-sid",
	.check = prefix_sid_check,
	.scan = prefix_sid_scan,
	.print = prefix_sid_print,
	.tree = prefix_sid_tree,
};
