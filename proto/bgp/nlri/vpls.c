/* VPLS (RFC 4761 section 3.2.2): a length of two octets, RD, VE ID, VE block offset and size, label base. TLVs
 * may stand behind (RFC 6624 section 4). What a block is identified by is its RD, VE ID and offset; labels are
 * what it says. What is shorter is another's (RFC 6074 has 12 octets here): its length says where the next one
 * starts, so only it is left out. */
#include <string.h>
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/part.h"
#include "proto/bgp/rd.h"

enum { HEAD = 2 };

enum { PART_ENDPOINT = PART_OWN, PART_BASE, PART_OFFSET, PART_SIZE, PART_TLV };

struct vpls {
	struct reader rd, tlvs;
	uint16_t endpoint, offset, size;
	uint32_t base;
};

static bool
cut(struct reader body, struct vpls *v)
{
	v->rd = reader_sub(&body, RD_SIZE);
	v->endpoint = reader_u16(&body);
	v->offset = reader_u16(&body);
	v->size = reader_u16(&body);
	v->base = reader_u24(&body) >> LABEL_SHIFT;
	v->tlvs = reader_rest(&body);
	return reader_ok(&body);
}

static struct vpls
vpls_of(struct reader nlri)
{
	struct vpls v = { 0 };

	reader_u16(&nlri);
	cut(nlri, &v);
	return v;
}

static void
put(const struct vpls *v, struct writer *w)
{
	size_t mark = writer_begin_u16(w);

	writer_copy(w, v->rd);
	writer_u16(w, v->endpoint);
	writer_u16(w, v->offset);
	writer_u16(w, v->size);
	writer_u24(w, v->base << LABEL_SHIFT | LABEL_BOTTOM);
	writer_copy(w, v->tlvs);
	writer_end_u16(w, mark);
}

static int
parse(struct reader *r, struct writer *w)
{
	struct reader body = reader_sub(r, reader_u16(r));
	size_t mark = w->len;
	struct vpls v;

	if (!reader_ok(r) || body.left > NLRI_MAX - HEAD)
		return -1;
	if (!cut(body, &v))
		return NLRI_LEFT_OUT;
	put(&v, w);
	if (writer_ok(w))
		return 0;
	w->len = mark;
	return -1;
}

static struct reader
take(struct reader *r)
{
	struct reader ahead = *r;
	size_t len = reader_u16(&ahead);

	return reader_sub(r, reader_ok(&ahead) ? HEAD + len : SIZE_MAX);
}

/* RD, VE ID and offset stand together. */
static struct reader
key(struct reader nlri, uint8_t room[NLRI_KEY_MAX])
{
	(void)room;
	reader_u16(&nlri);
	return reader_sub(&nlri, RD_SIZE + 4);
}

/* --- text --- */

static int
scan_endpoint(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_ENDPOINT, UINT16_MAX, "the endpoint (VE ID)", why);
}

static int
scan_base(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_BASE, LABEL_MAX, "the label base", why);
}

static int
scan_offset(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_OFFSET, UINT16_MAX, "the offset of the block", why);
}

static int
scan_size(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_SIZE, UINT16_MAX, "the size of the block", why);
}

static int
scan_tlv(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_octets(words, d, PART_TLV, "the TLVs (0x and their octets)", why);
}

static int
number(
    const struct route_draft *d, uint8_t tag, const char *word, uint32_t *value, struct reason *why)
{
	struct reader octets;

	if (!part_find(d, tag, &octets))
		return reason_set(why, 0, 0, "a VPLS route needs %s", word);
	*value = reader_u32(&octets);
	return 0;
}

static int
build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	uint32_t endpoint = 0, offset = 0, size = 0;
	struct vpls v = { 0 };

	(void)typed;
	if (!part_find(d, PART_RD, &v.rd))
		return reason_set(why, 0, 0, "a VPLS route needs rd");
	if (number(d, PART_ENDPOINT, "endpoint", &endpoint, why) < 0 ||
	    number(d, PART_BASE, "base", &v.base, why) < 0 ||
	    number(d, PART_OFFSET, "offset", &offset, why) < 0 ||
	    number(d, PART_SIZE, "size", &size, why) < 0)
		return -1;
	v.endpoint = (uint16_t)endpoint;
	v.offset = (uint16_t)offset;
	v.size = (uint16_t)size;
	part_find(d, PART_TLV, &v.tlvs);
	put(&v, w);
	return writer_ok(w) ? 0 : reason_set(why, 0, 0, "more TLVs than a message holds");
}

static void
print(struct reader nlri, struct text *t)
{
	struct vpls v = vpls_of(nlri);

	text_add(t, "rd ");
	rd_print(v.rd, t);
	text_printf(
	    t, " endpoint %u base %u offset %u size %u", v.endpoint, v.base, v.offset, v.size);
	if (v.tlvs.left == 0)
		return;
	text_add(t, " tlv 0x");
	text_hex(t, v.tlvs.at, v.tlvs.left);
}

static void
to_tree(struct reader nlri, struct tree *tree)
{
	struct vpls v = vpls_of(nlri);
	char text[RD_TEXT];

	tree_put_text(tree, "rd", rd_text(v.rd, text));
	tree_put_uint(tree, "endpoint", v.endpoint);
	tree_put_uint(tree, "base", v.base);
	tree_put_uint(tree, "offset", v.offset);
	tree_put_uint(tree, "size", v.size);
	if (v.tlvs.left == 0)
		return;
	tree_key(tree, "tlv");
	tree_hex(tree, v.tlvs.at, v.tlvs.left);
}

static const struct nlri_word own_words[] = {
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "endpoint", scan_endpoint },
	{ "base", scan_base },
	{ "offset", scan_offset },
	{ "size", scan_size },
	{ "tlv", scan_tlv },
	{ 0 },
};

const struct nlri_ops nlri_l2vpn_vpls = {
	.parse = parse,
	.take = take,
	.key = key,
	.next_hop_length = nlri_hop_any,
	.words = own_words,
	.build = build,
	.print = print,
	.tree = to_tree,
};
