/* Multicast in VPNs (RFC 6514 section 4): a type, a length in octets, and what the type says. The AFI is that
 * of the customer's multicast, so of sources and groups; where a route comes from has an address of either.
 * All octets are the identity. A type that we don't know is left out (RFC 7606 section 5.4). */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/nlri/part.h"
#include "proto/bgp/rd.h"

enum {
	INTRA_AS = 1,
	INTER_AS = 2,
	S_PMSI = 3,
	LEAF = 4,
	SOURCE_ACTIVE = 5,
	SHARED_JOIN = 6,
	SOURCE_JOIN = 7,
	HEAD = 2 /* type and length */
};

enum {
	PART_SOURCE_AS = PART_OWN,
	PART_SOURCE,
	PART_GROUP,
	PART_ORIGINATOR,
	PART_KEY,
};

/* What the routes are made of, in the order of the wire. */
enum { RD = 1, AS = 2, KEY = 4, SOURCE = 8, GROUP = 16, ORIGINATOR = 32, WILD = 64 };

static const struct kind {
	uint8_t type, has; /* WILD: a source or a group of no octets is any (RFC 6625 section 2) */
	const char *word;
	const char *source; /* the word for it */
	const char *name; /* ExaBGP's; NULL: it shows the octets */
} kinds[] = {
	{ INTRA_AS, RD | ORIGINATOR, "intra-as-ad", NULL, NULL },
	{ INTER_AS, RD | AS, "inter-as-ad", NULL, NULL },
	{ S_PMSI, RD | SOURCE | GROUP | ORIGINATOR | WILD, "s-pmsi-ad", "source", NULL },
	{ LEAF, KEY | ORIGINATOR, "leaf-ad", NULL, NULL },
	{ SOURCE_ACTIVE, RD | SOURCE | GROUP, "source-ad", "source", "Source Active A-D Route" },
	{ SHARED_JOIN, RD | AS | SOURCE | GROUP, "shared-join", "rp",
	    "C-Multicast Shared Tree Join route" },
	{ SOURCE_JOIN, RD | AS | SOURCE | GROUP, "source-join", "source",
	    "C-Multicast Source Tree Join route" },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct kind *
kind_of(uint8_t type)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

struct mcast {
	const struct kind *kind;
	struct reader rd, as, key, source, group, originator;
};

/* A length in bits and an address. */
static struct reader
cut_address(struct reader *r, size_t size, bool wild)
{
	unsigned bits = reader_u8(r);
	bool fits = bits == 8 * size || (wild && bits == 0);

	return reader_sub(r, fits ? bits / 8 : SIZE_MAX);
}

/* The route that a leaf answers to: a whole NLRI, which says how long it is, or another key that was agreed on;
 * then four octets of originator are behind it. */
static struct reader
cut_key(struct reader *r)
{
	size_t own = r->left >= HEAD ? HEAD + (size_t)r->at[1] : SIZE_MAX - 16;

	if (r->left == own + 4 || r->left == own + 16)
		return reader_sub(r, own);
	return reader_sub(r, r->left > 4 ? r->left - 4 : SIZE_MAX);
}

/* What is behind type and length; false when it is no such route. */
static bool
cut(struct reader r, uint8_t type, size_t size, struct mcast *m)
{
	const struct kind *kind = kind_of(type);
	unsigned has = kind ? kind->has : 0;

	memset(m, 0, sizeof *m);
	m->kind = kind;
	if (has & RD)
		m->rd = reader_sub(&r, RD_SIZE);
	if (has & AS)
		m->as = reader_sub(&r, 4);
	if (has & KEY)
		m->key = cut_key(&r);
	if (has & SOURCE)
		m->source = cut_address(&r, size, has & WILD);
	if (has & GROUP)
		m->group = cut_address(&r, size, has & WILD);
	if (has & ORIGINATOR)
		m->originator = reader_sub(&r, r.left == 4 || r.left == 16 ? r.left : SIZE_MAX);
	return kind && reader_done(&r);
}

static int
parse(struct reader *r, struct writer *w, size_t size)
{
	uint8_t type = reader_u8(r);
	struct reader body = reader_sub(r, reader_u8(r));
	struct mcast m;

	if (!reader_ok(r))
		return -1;
	if (!kind_of(type))
		return NLRI_LEFT_OUT;
	if (!cut(body, type, size, &m))
		return -1;
	writer_u8(w, type);
	writer_u8(w, body.left);
	writer_copy(w, body);
	return writer_ok(w) ? 0 : -1;
}

static int
ipv4_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, 4);
}

static int
ipv6_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, 16);
}

static struct reader
take(struct reader *r)
{
	return part_take(r, HEAD);
}

/* --- text --- */

static int
scan(struct words *words, struct writer *w, struct reason *why)
{
	for (size_t i = 0; i < KINDS; i++)
		if (words_take(words, kinds[i].word)) {
			writer_u8(w, kinds[i].type);
			return 0;
		}
	return words_wrong(words, why,
	    "a route of multicast VPN (source-ad, shared-join, source-join, intra-as-ad, "
	    "inter-as-ad, s-pmsi-ad, leaf-ad)");
}

static int
scan_source(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_SOURCE, why);
}

static int
scan_group(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_GROUP, why);
}

static int
scan_originator(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_ORIGINATOR, why);
}

static int
scan_source_as(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(
	    words, d, PART_SOURCE_AS, UINT32_MAX, "the AS number of the source", why);
}

/* 0x and the octets of the NLRI that is answered. */
static int
scan_key(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_octets(
	    words, d, PART_KEY, "the NLRI that is answered (0x and its octets)", why);
}

/* One field, with its length in bits where the wire has it. */
static int
put(struct route_draft *d, uint8_t tag, bool bits, const char *word, struct writer *w,
    struct reason *why)
{
	struct reader value = { 0 };

	if (!part_find(d, tag, &value) && word)
		return reason_set(why, 0, 0, "this multicast VPN route needs %s", word);
	if (bits)
		writer_u8(w, 8 * value.left);
	writer_copy(w, value);
	return 0;
}

static int
put_fields(struct route_draft *d, const struct kind *k, struct writer *w, struct reason *why)
{
	bool wild = k->has & WILD;

	if ((k->has & RD) && put(d, PART_RD, false, "rd", w, why) < 0)
		return -1;
	if ((k->has & AS) && put(d, PART_SOURCE_AS, false, "source-as", w, why) < 0)
		return -1;
	if ((k->has & KEY) && put(d, PART_KEY, false, "route-key", w, why) < 0)
		return -1;
	if ((k->has & SOURCE) && put(d, PART_SOURCE, true, wild ? NULL : k->source, w, why) < 0)
		return -1;
	if ((k->has & GROUP) && put(d, PART_GROUP, true, wild ? NULL : "group", w, why) < 0)
		return -1;
	if ((k->has & ORIGINATOR) && put(d, PART_ORIGINATOR, false, "originator", w, why) < 0)
		return -1;
	return 0;
}

static int
build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	size_t size = family_table[d->family].afi == AFI_IPV6 ? 16 : 4, mark;
	const struct kind *kind = kind_of(reader_u8(&typed));
	struct reader body;
	struct mcast m;

	if (!kind)
		return reason_set(why, 0, 0, "no route of multicast VPN");
	writer_u8(w, kind->type);
	mark = writer_begin_u8(w);
	if (put_fields(d, kind, w, why) < 0)
		return -1;
	writer_end_u8(w, mark);
	body = writer_read(w);
	reader_take(&body, HEAD);
	if (writer_ok(w) && cut(body, kind->type, size, &m))
		return 0;
	if (kind->type == LEAF)
		return reason_set(why, 0, 0, "route-key has no octets, or too many");
	return reason_set(why, 0, 0, "the addresses of an %s route are of %s",
	    family_name(d->family), size == 4 ? "IPv4" : "IPv6");
}

static void
print(struct reader nlri, struct text *t, size_t size)
{
	uint8_t type = reader_u8(&nlri);
	struct mcast m;

	reader_u8(&nlri);
	if (!cut(nlri, type, size, &m))
		return;
	text_add(t, m.kind->word);
	part_print_address(m.kind->source ? m.kind->source : "source", m.source, t);
	part_print_address("group", m.group, t);
	if (m.kind->has & RD) {
		text_add(t, " rd ");
		rd_print(m.rd, t);
	}
	if (m.kind->has & AS)
		text_printf(t, " source-as %u", reader_u32(&m.as));
	if (m.kind->has & KEY) {
		text_add(t, " route-key 0x");
		text_hex(t, m.key.at, m.key.left);
	}
	part_print_address("originator", m.originator, t);
}

static void
ipv4_print(struct reader nlri, struct text *t)
{
	print(nlri, t, 4);
}

static void
ipv6_print(struct reader nlri, struct text *t)
{
	print(nlri, t, 16);
}

static void
tree_fields(const struct mcast *m, struct tree *tree)
{
	struct reader as = m->as;
	char text[RD_TEXT];

	tree_put_text(tree, "name", m->kind->name);
	tree_put_text(tree, "rd", rd_text(m->rd, text));
	if (m->kind->has & AS) {
		snprintf(text, sizeof text, "%u", reader_u32(&as));
		tree_put_text(tree, "source-as", text);
	}
	part_tree_address("source", m->source, tree);
	part_tree_address("group", m->group, tree);
}

static void
to_tree(struct reader nlri, struct tree *tree, size_t size)
{
	struct reader body = nlri;
	uint8_t type = reader_u8(&body);
	struct mcast m;
	bool named;

	reader_u8(&body);
	named = cut(body, type, size, &m) && m.kind->name;
	tree_put_uint(tree, "code", type);
	tree_key(tree, "parsed");
	tree_bool(tree, named);
	part_tree_raw(nlri, tree);
	if (named)
		tree_fields(&m, tree);
}

static void
ipv4_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, 4);
}

static void
ipv6_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, 16);
}

static const struct nlri_word own_words[] = {
	{ "source", scan_source },
	{ "rp", scan_source },
	{ "group", scan_group },
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "source-as", scan_source_as },
	{ "originator", scan_originator },
	{ "route-key", scan_key },
	{ 0 },
};

const struct nlri_ops nlri_ipv4_mcast_vpn = {
	.parse = ipv4_parse,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.words = own_words,
	.build = build,
	.print = ipv4_print,
	.tree = ipv4_tree,
};

const struct nlri_ops nlri_ipv6_mcast_vpn = {
	.parse = ipv6_parse,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.words = own_words,
	.build = build,
	.print = ipv6_print,
	.tree = ipv6_tree,
};
