/* Mobile user plane (draft-ietf-bess-mup-safi): an architecture, a type, a length in octets and what the type
 * says: segments (isd, dsd) and sessions (t1st, t2st). What is malformed within its length is skipped, as are
 * other architectures and types (section 3.1). Of a session of type 1 all but RD and prefix says how to get
 * there and is no part of the key. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/nlri/part.h"
#include "proto/bgp/rd.h"

enum { ISD = 1, DSD = 2, T1ST = 3, T2ST = 4, ARCH_5G = 1, HEAD = 4, TEID_BITS = 32, QFI_MAX = 63 };

enum {
	PART_TEID = PART_OWN, /* four octets, and how many bits of them count */
	PART_QFI,
	PART_ENDPOINT,
	PART_SOURCE,
};

static const struct kind {
	uint8_t type;
	const char *word, *name; /* name: ExaBGP's */
} kinds[] = {
	{ ISD, "mup-isd", "InterworkSegmentDiscoveryRoute" },
	{ DSD, "mup-dsd", "DirectSegmentDiscoveryRoute" },
	{ T1ST, "mup-t1st", "Type1SessionTransformedRoute" },
	{ T2ST, "mup-t2st", "Type2SessionTransformedRoute" },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct kind *
kind_of(unsigned type)
{
	return type >= 1 && type <= KINDS ? &kinds[type - 1] : NULL;
}

struct mup {
	const struct kind *kind;
	struct reader rd, prefix; /* of a dsd and a t2st: the address */
	unsigned bits; /* of the prefix */
	unsigned teid_bits;
	uint32_t teid;
	uint8_t qfi;
	struct reader endpoint, source; /* source: empty when there is none */
};

static size_t
octets_of(unsigned bits)
{
	return (bits + 7) / 8;
}

/* A length in bits and a host of either family. */
static struct reader
cut_host(struct reader *r)
{
	unsigned bits = reader_u8(r);

	return reader_sub(r, bits == 32 || bits == 128 ? bits / 8 : SIZE_MAX);
}

static void
cut_prefix(struct reader *r, unsigned width, struct mup *m)
{
	m->bits = reader_u8(r);
	m->prefix = reader_sub(r, m->bits <= width ? octets_of(m->bits) : SIZE_MAX);
}

/* The source came later: routes without it end here, or say that it has no bits. */
static bool
cut_session(struct reader *r, struct mup *m)
{
	m->teid_bits = TEID_BITS;
	m->teid = reader_u32(r);
	m->qfi = reader_u8(r);
	m->endpoint = cut_host(r);
	if (r->left == 1 && reader_peek(r) == 0)
		reader_u8(r);
	else if (r->left > 0)
		m->source = cut_host(r);
	return m->teid != 0;
}

/* An address and bits of a TEID behind it, in one length; the TEID is in the lowest bits of its octets. */
static bool
cut_endpoint(struct reader *r, unsigned width, struct mup *m)
{
	unsigned bits = reader_u8(r);
	struct reader teid;

	m->bits = bits < width ? bits : width;
	m->teid_bits = bits - m->bits;
	m->prefix = reader_sub(r, octets_of(m->bits));
	if (m->teid_bits > TEID_BITS)
		return false;
	teid = reader_sub(r, octets_of(m->teid_bits));
	while (teid.left > 0)
		m->teid = m->teid << 8 | reader_u8(&teid);
	return m->teid_bits < TEID_BITS || m->teid != 0;
}

/* What is behind the head; false when it is no such route. */
static bool
cut(struct reader r, unsigned type, unsigned width, struct mup *m)
{
	bool ok = true;

	memset(m, 0, sizeof *m);
	m->kind = kind_of(type);
	m->rd = reader_sub(&r, RD_SIZE);
	if (type == DSD) {
		m->bits = width;
		m->prefix = reader_sub(&r, width / 8);
	} else if (type == T2ST) {
		ok = cut_endpoint(&r, width, m);
	} else {
		cut_prefix(&r, width, m);
		ok = type != T1ST || cut_session(&r, m);
	}
	return ok && m->kind && reader_done(&r);
}

static void
put_prefix(struct writer *w, struct reader octets, unsigned bits)
{
	writer_copy(w, octets);
	if (bits % 8 && writer_ok(w))
		w->base[w->len - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

static void
put_host(struct writer *w, struct reader host)
{
	writer_u8(w, 8 * host.left);
	writer_copy(w, host);
}

static void
put_teid(struct writer *w, const struct mup *m)
{
	uint32_t teid = m->teid;

	if (m->teid_bits < TEID_BITS)
		teid &= (UINT32_C(1) << m->teid_bits) - 1;
	for (size_t left = octets_of(m->teid_bits); left > 0; left--)
		writer_u8(w, teid >> 8 * (left - 1) & 0xff);
}

static int
put(struct writer *w, const struct mup *m)
{
	size_t mark;

	writer_u8(w, ARCH_5G);
	writer_u16(w, m->kind->type);
	mark = writer_begin_u8(w);
	writer_copy(w, m->rd);
	if (m->kind->type != DSD)
		writer_u8(w, m->bits + (m->kind->type == T2ST ? m->teid_bits : 0));
	put_prefix(w, m->prefix, m->bits);
	if (m->kind->type == T2ST)
		put_teid(w, m);
	if (m->kind->type == T1ST) {
		writer_u32(w, m->teid);
		writer_u8(w, m->qfi);
		put_host(w, m->endpoint);
		if (m->source.left > 0)
			put_host(w, m->source);
	}
	writer_end_u8(w, mark);
	return writer_ok(w) ? 0 : -1;
}

static int
parse(struct reader *r, struct writer *w, unsigned width)
{
	uint8_t arch = reader_u8(r);
	unsigned type = reader_u16(r);
	struct reader body = reader_sub(r, reader_u8(r));
	struct mup m;

	if (!reader_ok(r))
		return -1;
	if (arch != ARCH_5G || !cut(body, type, width, &m))
		return NLRI_LEFT_OUT;
	return put(w, &m);
}

static int
ipv4_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, 32);
}

static int
ipv6_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, 128);
}

static struct reader
take(struct reader *r)
{
	return part_take(r, HEAD);
}

static struct reader
key(struct reader nlri, uint8_t room[NLRI_KEY_MAX])
{
	struct writer w = writer_of(room, NLRI_KEY_MAX);
	struct reader body = nlri;
	struct mup m;

	reader_u8(&body);
	if (reader_u16(&body) != T1ST)
		return nlri;
	reader_u8(&body);
	if (!cut(body, T1ST, 128, &m)) /* IPv4's are shorter, no more */
		return nlri;
	writer_u8(&w, ARCH_5G);
	writer_u16(&w, T1ST);
	writer_copy(&w, m.rd);
	writer_u8(&w, m.bits);
	writer_copy(&w, m.prefix);
	return writer_read(&w);
}

/* --- text --- */

static const struct kind *
scan_kind(struct words *words)
{
	for (size_t i = 0; i < KINDS; i++)
		if (words_take(words, kinds[i].word))
			return &kinds[i];
	return NULL;
}

/* What is typed is kept as type, address family, bits and 16 octets till the RD and the rest are known. */
static int
scan(struct words *words, struct writer *w, struct reason *why)
{
	const struct kind *kind = scan_kind(words);
	bool prefixes = kind && kind->type != DSD;
	struct prefix p;

	if (!kind)
		return words_wrong(words, why,
		    "a route of the mobile user plane (mup-isd, mup-dsd, mup-t1st, mup-t2st)");
	if (prefix_scan(&p, words_peek(words)) < 0 ||
	    (!prefixes && p.len != 8 * addr_size(&p.addr)))
		return words_wrong(
		    words, why, prefixes ? "a prefix (10.0.0.0/24, 2001:db8::/32)" : "an address");
	if (!prefix_clean(&p))
		return reason_set(why, words->at->line, words->at->column,
		    "%s is not a valid network", words->at->at);
	words_next(words);
	writer_u8(w, kind->type);
	writer_u8(w, p.addr.family);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, sizeof p.addr.bytes);
	return 0;
}

/* 12345, or 15/4: the value and how many bits it has. */
static int
scan_teid(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words), *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	uint64_t teid, bits = TEID_BITS;
	uint8_t octets[5];
	struct writer w = writer_of(octets, sizeof octets);

	if (!words_left(words) || word_uint(word, len, UINT32_MAX, &teid) < 0 ||
	    (slash && word_uint(slash + 1, strlen(slash + 1), TEID_BITS, &bits) < 0) ||
	    teid >> bits)
		return words_wrong(words, why, "a TEID (12345, or 15/4: a value and its bits)");
	words_next(words);
	writer_u32(&w, teid);
	writer_u8(&w, bits);
	part_add(d, PART_TEID, writer_read(&w));
	return 0;
}

static int
scan_qfi(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t qfi;
	uint8_t octet;

	if (words_uint(words, 0, QFI_MAX, "a QoS flow identifier", &qfi, why) < 0)
		return -1;
	octet = (uint8_t)qfi;
	part_add(d, PART_QFI, reader_of(&octet, 1));
	return 0;
}

static int
scan_endpoint(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_ENDPOINT, why);
}

static int
scan_source(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_SOURCE, why);
}

static int
build_session(const struct route_draft *d, struct mup *m, struct reason *why)
{
	struct reader qfi = { 0 };

	if (m->teid == 0)
		return reason_set(why, 0, 0, "mup-t1st needs teid, and not 0");
	if (!part_find(d, PART_QFI, &qfi))
		return reason_set(why, 0, 0, "mup-t1st needs qfi");
	if (!part_find(d, PART_ENDPOINT, &m->endpoint))
		return reason_set(why, 0, 0, "mup-t1st needs endpoint");
	if (m->teid_bits != TEID_BITS)
		return reason_set(why, 0, 0, "the teid of mup-t1st has all its bits");
	m->qfi = reader_u8(&qfi);
	part_find(d, PART_SOURCE, &m->source);
	return 0;
}

static int
build_endpoint(const struct mup *m, unsigned width, struct reason *why)
{
	if (m->bits < width && m->teid_bits > 0)
		return reason_set(why, 0, 0, "teid goes with a whole address, not a prefix");
	if (m->teid_bits == TEID_BITS && m->teid == 0)
		return reason_set(why, 0, 0, "mup-t2st has a teid that is not 0");
	return 0;
}

static int
build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	unsigned width = family_table[d->family].afi == AFI_IPV6 ? 128 : 32, family;
	struct mup m = { .kind = kind_of(reader_u8(&typed)) };
	struct reader teid;

	family = reader_u8(&typed);
	m.bits = reader_u8(&typed);
	m.prefix = reader_sub(&typed, octets_of(m.bits));
	if (!m.kind || (family == 6) != (width == 128))
		return reason_set(why, 0, 0, "the address of an %s route is of %s",
		    family_name(d->family), width == 32 ? "IPv4" : "IPv6");
	if (!part_find(d, PART_RD, &m.rd))
		return reason_set(why, 0, 0, "%s needs rd", m.kind->word);
	if (part_find(d, PART_TEID, &teid)) {
		m.teid = reader_u32(&teid);
		m.teid_bits = reader_u8(&teid);
	}
	if (m.kind->type == T1ST && build_session(d, &m, why) < 0)
		return -1;
	if (m.kind->type == T2ST && build_endpoint(&m, width, why) < 0)
		return -1;
	return put(w, &m) == 0 ? 0 : reason_set(why, 0, 0, "longer than it can be");
}

static struct prefix
prefix_of(const struct mup *m, unsigned width)
{
	struct prefix p = { .addr.family = width == 128 ? 6 : 4, .len = (uint8_t)m->bits };

	if (m->prefix.left > 0)
		memcpy(p.addr.bytes, m->prefix.at, m->prefix.left);
	return p;
}

static bool
cut_whole(struct reader nlri, unsigned width, struct mup *m)
{
	unsigned type;

	reader_u8(&nlri);
	type = reader_u16(&nlri);
	reader_u8(&nlri);
	return cut(nlri, type, width, m);
}

static void
print(struct reader nlri, struct text *t, unsigned width)
{
	char text[PREFIX_TEXT];
	struct prefix p;
	struct mup m;

	if (!cut_whole(nlri, width, &m))
		return;
	p = prefix_of(&m, width);
	text_printf(t, "%s ", m.kind->word);
	if (m.kind->type == DSD || (m.kind->type == T2ST && m.bits == width))
		text_add(t, addr_print(&p.addr, text));
	else
		text_add(t, prefix_print(&p, text));
	text_add(t, " rd ");
	rd_print(m.rd, t);
	if (m.kind->type == T2ST && m.bits == width)
		text_printf(t, " teid %u/%u", m.teid, m.teid_bits);
	if (m.kind->type != T1ST)
		return;
	text_printf(t, " teid %u qfi %u", m.teid, m.qfi);
	part_print_address("endpoint", m.endpoint, t);
	part_print_address("source", m.source, t);
}

static void
ipv4_print(struct reader nlri, struct text *t)
{
	print(nlri, t, 32);
}

static void
ipv6_print(struct reader nlri, struct text *t)
{
	print(nlri, t, 128);
}

static void
tree_host(const char *length, const char *ip, struct reader host, struct tree *tree)
{
	tree_put_uint(tree, length, 8 * host.left);
	part_tree_address(ip, host, tree);
}

static void
tree_number(const char *key, uint32_t n, struct tree *tree)
{
	char text[16];

	snprintf(text, sizeof text, "%u", n);
	tree_put_text(tree, key, text);
}

/* The prefix, the endpoint or the address, and what is in front of the RD. */
static void
tree_front(const struct mup *m, unsigned width, struct tree *tree)
{
	struct prefix p = prefix_of(m, width);
	char text[ADDR_TEXT];
	const char *ip = addr_print(&p.addr, text);

	if (m->kind->type == DSD) {
		tree_put_text(tree, "ip", ip);
	} else if (m->kind->type == T2ST) {
		tree_put_uint(tree, "endpoint_len", m->bits + m->teid_bits);
		tree_put_text(tree, "endpoint_ip", ip);
		tree_number("teid", m->teid, tree);
	} else {
		tree_put_uint(tree, "prefix_ip_len", m->bits);
		tree_put_text(tree, "prefix_ip", ip);
	}
	if (m->kind->type == T1ST) {
		tree_number("teid", m->teid, tree);
		tree_number("qfi", m->qfi, tree);
	}
}

static void
to_tree(struct reader nlri, struct tree *tree, unsigned width)
{
	char text[RD_TEXT];
	struct mup m;

	if (!cut_whole(nlri, width, &m))
		return;
	tree_put_text(tree, "name", m.kind->name);
	tree_put_uint(tree, "arch", ARCH_5G);
	tree_put_uint(tree, "code", m.kind->type);
	tree_front(&m, width, tree);
	tree_put_text(tree, "rd", rd_text(m.rd, text));
	if (m.kind->type == T1ST)
		tree_host("endpoint_ip_len", "endpoint_ip", m.endpoint, tree);
	if (m.source.left > 0)
		tree_host("source_ip_len", "source_ip", m.source, tree);
	part_tree_raw(nlri, tree);
}

static void
ipv4_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, 32);
}

static void
ipv6_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, 128);
}

static const struct nlri_word own_words[] = {
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "teid", scan_teid },
	{ "qfi", scan_qfi },
	{ "endpoint", scan_endpoint },
	{ "source", scan_source },
	{ 0 },
};

const struct nlri_ops nlri_ipv4_mup = {
	.parse = ipv4_parse,
	.take = take,
	.key = key,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.words = own_words,
	.build = build,
	.print = ipv4_print,
	.tree = ipv4_tree,
};

const struct nlri_ops nlri_ipv6_mup = {
	.parse = ipv6_parse,
	.take = take,
	.key = key,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.words = own_words,
	.build = build,
	.print = ipv6_print,
	.tree = ipv6_tree,
};
