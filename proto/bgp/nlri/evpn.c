/* EVPN (RFC 7432 section 7, RFC 9136 section 3.1): a type, a length in octets, and what the type says. What a
 * route is identified by leaves out labels always, the ESI where a MAC or a prefix is told, and the gateway.
 * Types of RFC 9251 and 9572 are carried as they came. Types that nobody has defined are left out (RFC 7606
 * section 5.4); so is what is none of its type, as its length says where the next one starts. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/part.h"
#include "proto/bgp/rd.h"

enum {
	ETHERNET_AD = 1,
	MAC_IP = 2,
	MULTICAST = 3,
	SEGMENT = 4,
	PREFIX = 5,
	LAST_TYPE = 11, /* leaf A-D, RFC 9572 */
	HEAD = 2, /* type and length */
	ESI_SIZE = 10,
	MAC_SIZE = 6,
	BOTTOM = 1,
	SHIFT = 4,
	EVPN_MAX = HEAD + 255
};

enum {
	PART_ESI = PART_OWN,
	PART_TAG,
	PART_MAC,
	PART_IP,
	PART_GATEWAY,
	PART_OCTETS,
};

/* What the routes are made of, in the order of the wire behind their RD. */
enum { ESI = 1, TAG = 2, MAC = 4, IP = 8, ANY_IP = 16, NETWORK = 32, LABEL = 64, LABEL2 = 128 };

static const struct kind {
	uint8_t type, has; /* ANY_IP: or none; LABEL2: a second one may be there */
	const char *word, *name;
} kinds[] = {
	{ ETHERNET_AD, ESI | TAG | LABEL, "ethernet-ad", "Ethernet Auto-Discovery" },
	{ MAC_IP, ESI | TAG | MAC | IP | ANY_IP | LABEL | LABEL2, "mac-ip",
	    "MAC/IP advertisement" },
	{ MULTICAST, TAG | IP, "multicast", "Inclusive Multicast" },
	{ SEGMENT, ESI | IP, "ethernet-segment", "Ethernet Segment" },
	{ PREFIX, ESI | TAG | NETWORK | LABEL, "prefix", "IP Prefix advertisement" },
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

struct evpn {
	const struct kind *kind; /* NULL: carried as it came */
	struct reader rd, esi, tag, mac, ip, gateway, labels;
	uint8_t bits; /* of the IP prefix; its octets are in `ip` */
};

static void
cut_ip(struct reader *r, bool any, struct evpn *e)
{
	unsigned bits = reader_u8(r);

	e->ip =
	    reader_sub(r, bits == 32 || bits == 128 || (any && bits == 0) ? bits / 8 : SIZE_MAX);
}

/* A prefix and its gateway, each with the octets of a whole address: what is left says of which family. */
static void
cut_network(struct reader *r, struct evpn *e)
{
	size_t size;

	e->bits = reader_u8(r);
	size = r->left == 2 * 4 + LABEL_SIZE ? 4 : 16;
	e->ip = reader_sub(r, e->bits <= 8 * size ? size : SIZE_MAX);
	e->gateway = reader_sub(r, size);
}

/* What is behind type and length; false when it is no such route. */
static bool
cut(struct reader r, uint8_t type, struct evpn *e)
{
	const struct kind *kind = kind_of(type);
	unsigned has = kind ? kind->has : 0;
	bool two;

	memset(e, 0, sizeof *e);
	e->kind = kind;
	if (!kind)
		return type > PREFIX && type <= LAST_TYPE;
	e->rd = reader_sub(&r, RD_SIZE);
	if (has & ESI)
		e->esi = reader_sub(&r, ESI_SIZE);
	if (has & TAG)
		e->tag = reader_sub(&r, 4);
	if (has & MAC)
		e->mac = reader_sub(&r, reader_u8(&r) == 8 * MAC_SIZE ? MAC_SIZE : SIZE_MAX);
	if (has & IP)
		cut_ip(&r, has & ANY_IP, e);
	if (has & NETWORK)
		cut_network(&r, e);
	two = (has & LABEL2) && r.left > LABEL_SIZE;
	if (has & LABEL)
		e->labels = reader_sub(&r, two ? 2 * LABEL_SIZE : LABEL_SIZE);
	return reader_done(&r);
}

static bool
cut_nlri(struct reader nlri, struct evpn *e)
{
	uint8_t type = reader_u8(&nlri);

	reader_u8(&nlri);
	return cut(nlri, type, e);
}

static bool
is_zero(struct reader r)
{
	while (r.left > 0)
		if (reader_u8(&r) != 0)
			return false;
	return true;
}

static void
put_address(struct writer *w, const struct evpn *e)
{
	struct prefix p = { .addr = addr_of(e->ip.at, e->ip.left), .len = e->bits };

	prefix_mask(&p);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, addr_size(&p.addr));
}

/* Host bits of a prefix are cleared. */
static void
put(struct writer *w, uint8_t type, struct reader body, const struct evpn *e)
{
	writer_u8(w, type);
	writer_u8(w, body.left);
	if (!e->kind || !(e->kind->has & NETWORK)) {
		writer_copy(w, body);
		return;
	}
	writer_copy(w, e->rd);
	writer_copy(w, e->esi);
	writer_copy(w, e->tag);
	put_address(w, e);
	writer_copy(w, e->gateway);
	writer_copy(w, e->labels);
}

/* A prefix is reached through a segment or through a gateway: both is a contradiction (RFC 9136 3.2). */
static int
parse(struct reader *r, struct writer *w)
{
	uint8_t type = reader_u8(r);
	struct reader body = reader_sub(r, reader_u8(r));
	size_t mark = w->len;
	struct evpn e;

	if (!reader_ok(r))
		return -1;
	if (!cut(body, type, &e))
		return 1;
	put(w, type, body, &e);
	if (writer_ok(w))
		return is_zero(e.gateway) || is_zero(e.esi) ? 0 : NLRI_TO_WITHDRAW;
	w->len = mark;
	return -1;
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
	struct evpn e;

	if (!cut_nlri(nlri, &e) || !e.kind || !(e.kind->has & LABEL))
		return nlri;
	writer_u8(&w, e.kind->type);
	writer_copy(&w, e.rd);
	if (e.kind->type == ETHERNET_AD)
		writer_copy(&w, e.esi);
	writer_copy(&w, e.tag);
	writer_copy(&w, e.mac);
	if (e.kind->has & NETWORK)
		writer_u8(&w, e.bits);
	writer_copy(&w, e.ip);
	return writer_read(&w);
}

/* --- text --- */

static int
scan_network(struct words *words, struct writer *w, struct reason *why)
{
	struct prefix p;

	if (prefix_scan(&p, words_peek(words)) < 0)
		return words_wrong(words, why, "a prefix (10.0.0.0/24, 2001:db8::/32)");
	words_next(words);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, addr_size(&p.addr));
	return 0;
}

/* The type, and the prefix where it is about one. No type: the octets say it all. */
static int
scan(struct words *words, struct writer *w, struct reason *why)
{
	if (words_take(words, "generic"))
		return 0;
	for (size_t i = 0; i < KINDS; i++)
		if (words_take(words, kinds[i].word)) {
			writer_u8(w, kinds[i].type);
			return kinds[i].has & NETWORK ? scan_network(words, w, why) : 0;
		}
	return words_wrong(words, why,
	    "a route of EVPN (ethernet-ad, mac-ip, multicast, ethernet-segment, prefix, generic)");
}

/* Pairs of digits with colons between them, exactly as many as `out` holds. */
static int
scan_colons(const char *word, size_t len, uint8_t *out, size_t size)
{
	if (len != 3 * size - 1)
		return -1;
	for (size_t i = 0; i < size; i++)
		if (word_octets(word + 3 * i, &out[i], 1) < 0 || (i + 1 < size && word[3 * i + 2] != ':'))
			return -1;
	return 0;
}

static int
scan_esi(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t esi[ESI_SIZE] = { 0 };

	if (strcmp(word, "-") != 0 && strcmp(word, "0") != 0 &&
	    scan_colons(word, len, esi, sizeof esi) < 0)
		return words_wrong(
		    words, why, "an ESI (ten octets as 00:11:22:33:44:55:66:77:88:99, or -)");
	words_next(words);
	part_add(d, PART_ESI, reader_of(esi, sizeof esi));
	return 0;
}

static int
scan_mac(struct words *words, struct route_draft *d, struct reason *why)
{
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t mac[MAC_SIZE];

	if (scan_colons(words_peek(words), len, mac, sizeof mac) < 0)
		return words_wrong(words, why, "a MAC address (00:11:22:33:44:55)");
	words_next(words);
	part_add(d, PART_MAC, reader_of(mac, sizeof mac));
	return 0;
}

static int
scan_tag(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_TAG, UINT32_MAX, "an Ethernet tag", why);
}

static int
scan_ip(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_IP, why);
}

static int
scan_gateway(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_GATEWAY, why);
}

static int
scan_octets(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_octets(words, d, PART_OCTETS, "the NLRI (0x and its octets)", why);
}

static int
scan_number(struct words *words, struct writer *w, bool label, struct reason *why)
{
	uint64_t number;

	if (words_uint(words, 0, label ? LABEL_MAX : 0xffffff, label ? "a label" : "a VNI", &number,
		why) < 0)
		return -1;
	writer_u24(w, label ? number << SHIFT | BOTTOM : number);
	return 0;
}

/* One, or two in brackets. They are no stack: each is for itself. */
static int
scan_numbers(struct words *words, struct route_draft *d, bool label, struct reason *why)
{
	uint8_t octets[2 * LABEL_SIZE];
	struct writer w = writer_of(octets, sizeof octets);
	bool several = words_take(words, "[");

	do {
		if (scan_number(words, &w, label, why) < 0)
			return -1;
		if (several)
			words_take(words, ",");
	} while (several && !words_take(words, "]"));
	if (!writer_ok(&w))
		return words_wrong(words, why, "two labels at most");
	part_add(d, PART_LABELS, writer_read(&w));
	return 0;
}

static int
scan_label(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_numbers(words, d, true, why);
}

static int
scan_vni(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_numbers(words, d, false, why);
}

/* What was given, or as many zero octets. */
static void
put_part(const struct route_draft *d, uint8_t tag, size_t size, struct writer *w)
{
	static const uint8_t zero[16];
	struct reader value = reader_of(zero, size);

	part_find(d, tag, &value);
	writer_copy(w, value);
}

static int
put_ip(const struct route_draft *d, bool any, struct writer *w, struct reason *why)
{
	struct reader ip = { 0 };

	if (!part_find(d, PART_IP, &ip) && !any)
		return reason_set(why, 0, 0, "this EVPN route needs ip");
	writer_u8(w, 8 * ip.left);
	writer_copy(w, ip);
	return 0;
}

static int
put_mac(const struct route_draft *d, struct writer *w, struct reason *why)
{
	struct reader mac;

	if (!part_find(d, PART_MAC, &mac))
		return reason_set(why, 0, 0, "a mac-ip route needs mac");
	writer_u8(w, 8 * MAC_SIZE);
	writer_copy(w, mac);
	return 0;
}

static int
put_fields(const struct route_draft *d, unsigned has, struct reader network, struct writer *w,
    struct reason *why)
{
	struct reader rd;

	if (!part_find(d, PART_RD, &rd))
		return reason_set(why, 0, 0, "an EVPN route needs rd");
	writer_copy(w, rd);
	if (has & ESI)
		put_part(d, PART_ESI, ESI_SIZE, w);
	if (has & TAG)
		put_part(d, PART_TAG, 4, w);
	if ((has & MAC) && put_mac(d, w, why) < 0)
		return -1;
	if ((has & IP) && put_ip(d, has & ANY_IP, w, why) < 0)
		return -1;
	writer_copy(w, network);
	if (has & NETWORK)
		put_part(d, PART_GATEWAY, network.left - 1, w);
	if (has & LABEL)
		put_part(d, PART_LABELS, LABEL_SIZE, w);
	return 0;
}

/* As if it had come from a neighbor: what would not be taken is not told. */
static int
settle(struct reader nlri, struct writer *w, struct reason *why)
{
	size_t mark = w->len;
	int said = parse(&nlri, w);

	if (said == 0 && reader_done(&nlri))
		return 0;
	w->len = mark;
	return reason_set(why, 0, 0,
	    said == NLRI_TO_WITHDRAW ? "a prefix has an ESI or a gateway, not both"
				     : "these words make no EVPN route");
}

static int
build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	const struct kind *kind = typed.left > 0 ? kind_of(reader_u8(&typed)) : NULL;
	uint8_t memory[EVPN_MAX];
	struct writer own = writer_of(memory, sizeof memory);
	struct reader octets = { 0 };
	size_t mark;

	if (!kind) {
		if (!part_find(d, PART_OCTETS, &octets))
			return reason_set(why, 0, 0, "a generic EVPN route needs octets");
		return settle(octets, w, why);
	}
	writer_u8(&own, kind->type);
	mark = writer_begin_u8(&own);
	if (put_fields(d, kind->has, typed, &own, why) < 0)
		return -1;
	writer_end_u8(&own, mark);
	return settle(writer_read(&own), w, why);
}

static void
colons(struct reader octets, const char *format, struct text *t)
{
	for (size_t i = 0; i < octets.left; i++) {
		char octet[4];

		snprintf(octet, sizeof octet, *format == 'X' ? "%02X" : "%02x", octets.at[i]);
		text_add(t, i > 0 ? ":" : "");
		text_add(t, octet);
	}
}

static void
esi_print(struct reader esi, struct text *t)
{
	if (is_zero(esi))
		text_add(t, "-");
	else
		colons(esi, "x", t);
}

/* Labels where all are, in their upper bits; else what the octets say. */
static void
labels_out(struct reader labels, struct text *t)
{
	bool several = labels.left > LABEL_SIZE, label = true;

	for (struct reader r = labels; r.left > 0;)
		label &= (reader_u24(&r) & 0xf) == BOTTOM;
	text_add(t, label ? " label" : " vni");
	text_add(t, several ? " [" : "");
	while (labels.left > 0)
		text_printf(t, " %u", reader_u24(&labels) >> (label ? SHIFT : 0));
	text_add(t, several ? " ]" : "");
}

static void
print_fields(struct evpn *e, struct text *t)
{
	unsigned has = e->kind->has;

	if (has & ESI) {
		text_add(t, " esi ");
		esi_print(e->esi, t);
	}
	if (has & TAG)
		text_printf(t, " ethernet-tag %u", reader_u32(&e->tag));
	if (has & MAC) {
		text_add(t, " mac ");
		colons(e->mac, "X", t);
	}
	if (has & IP)
		part_print_address("ip", e->ip, t);
	if ((has & NETWORK) && !is_zero(e->gateway))
		part_print_address("gateway", e->gateway, t);
	if (has & LABEL)
		labels_out(e->labels, t);
}

static void
print(struct reader nlri, struct text *t)
{
	char text[PREFIX_TEXT];
	struct evpn e;

	if (!cut_nlri(nlri, &e) || !e.kind) {
		text_add(t, "generic octets 0x");
		text_hex(t, nlri.at, nlri.left);
		return;
	}
	text_add(t, e.kind->word);
	if (e.kind->has & NETWORK) {
		struct prefix p = { .addr = addr_of(e.ip.at, e.ip.left), .len = e.bits };

		text_printf(t, " %s", prefix_print(&p, text));
	}
	text_add(t, " rd ");
	rd_print(e.rd, t);
	print_fields(&e, t);
}

static void
tree_out(struct tree *tree, const char *key, struct text *value)
{
	tree_put_text(tree, key, text_str(value));
	text_fini(value);
}

/* [[100, 1601]]: each label and the three octets that it came in, if they say anything. */
static void
tree_labels(struct tree *tree, struct reader labels)
{
	tree_key(tree, "label");
	tree_list(tree);
	while (labels.left > 0) {
		uint32_t octets = reader_u24(&labels);

		tree_list(tree);
		tree_uint(tree, octets >> SHIFT);
		if (octets != 0)
			tree_uint(tree, octets);
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

static void
tree_fields(struct tree *tree, struct evpn *e)
{
	unsigned has = e->kind->has;
	struct text esi = { 0 }, mac = { 0 };
	char rd[RD_TEXT];

	tree_put_text(tree, "name", e->kind->name);
	tree_put_text(tree, "rd", rd_text(e->rd, rd));
	if (has & ESI) {
		esi_print(e->esi, &esi);
		tree_out(tree, "esi", &esi);
	}
	if (has & TAG)
		tree_put_uint(tree, "ethernet-tag", reader_u32(&e->tag));
	if (has & MAC) {
		colons(e->mac, "X", &mac);
		tree_out(tree, "mac", &mac);
	}
	if (has & LABEL)
		tree_labels(tree, e->labels);
	if (e->ip.left > 0)
		part_tree_address("ip", e->ip, tree);
	if (!(has & NETWORK))
		return;
	tree_put_uint(tree, "iplen", e->bits);
	part_tree_address("gateway", e->gateway, tree);
}

static void
to_tree(struct reader nlri, struct tree *tree)
{
	struct evpn e;
	bool named = cut_nlri(nlri, &e) && e.kind;

	tree_put_uint(tree, "code", reader_peek(&nlri));
	tree_key(tree, "parsed");
	tree_bool(tree, named);
	part_tree_raw(nlri, tree);
	if (named)
		tree_fields(tree, &e);
}

static const struct nlri_word own_words[] = {
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "esi", scan_esi },
	{ "ethernet-tag", scan_tag },
	{ "mac", scan_mac },
	{ "ip", scan_ip },
	{ "gateway", scan_gateway },
	{ "label", scan_label },
	{ "vni", scan_vni },
	{ "octets", scan_octets },
	{ 0 },
};

const struct nlri_ops nlri_l2vpn_evpn = {
	.parse = parse,
	.take = take,
	.key = key,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.words = own_words,
	.build = build,
	.print = print,
	.tree = to_tree,
};
