/* Prefixes with labels (RFC 8277 section 2), and behind a route distinguisher those of VPNs (RFC 4364 section
 * 4.3.4, RFC 4659 section 3.2): a length in bits of all that follows, labels, RD, prefix. The labels say how
 * to get there and are no part of what it is: the key has none. */
#include <string.h>
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/part.h"
#include "proto/bgp/rd.h"

enum { IPV4_BITS = 32, IPV6_BITS = 128, RD_BITS = 8 * RD_SIZE, LABEL_BITS = 8 * LABEL_SIZE };

static size_t
octets_of(unsigned bits)
{
	return (bits + 7) / 8;
}

/* What an NLRI is made of; false when it is none. */
struct labelled {
	struct reader labels, rd, prefix; /* prefix: its octets without the length */
	unsigned bits; /* of the prefix */
};

static bool
cut(struct reader *r, bool vpn, unsigned width, struct labelled *l)
{
	unsigned bits = reader_u8(r), ahead;
	struct reader all = reader_sub(r, octets_of(bits));

	l->labels = labels_take(&all);
	l->rd = reader_sub(&all, vpn ? RD_SIZE : 0);
	ahead = (unsigned)(l->labels.left + l->rd.left) * 8;
	if (!reader_ok(r) || !reader_ok(&all) || bits < ahead || bits - ahead > width)
		return false;
	l->bits = bits - ahead;
	l->prefix = reader_rest(&all);
	return true;
}

/* Host bits of a prefix that was written last are cleared. */
static void
mask(struct writer *w, unsigned bits)
{
	if (bits % 8 && writer_ok(w))
		w->base[w->len - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

static int
parse(struct reader *r, struct writer *w, bool vpn, unsigned width)
{
	struct labelled l;

	if (!cut(r, vpn, width, &l))
		return -1;
	writer_u8(w, (l.labels.left + l.rd.left) * 8 + l.bits);
	writer_copy(w, l.labels);
	writer_copy(w, l.rd);
	writer_copy(w, l.prefix);
	mask(w, l.bits);
	return writer_ok(w) ? 0 : -1;
}

static int
ipv4_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, false, IPV4_BITS);
}

static int
ipv6_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, false, IPV6_BITS);
}

static int
ipv4_vpn_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, true, IPV4_BITS);
}

static int
ipv6_vpn_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, true, IPV6_BITS);
}

static struct reader
take(struct reader *r, bool vpn, unsigned width)
{
	struct reader ahead = *r;
	struct labelled l;

	return reader_sub(r, cut(&ahead, vpn, width, &l) ? r->left - ahead.left : SIZE_MAX);
}

static struct reader
ipv4_take(struct reader *r)
{
	return take(r, false, IPV4_BITS);
}

static struct reader
ipv6_take(struct reader *r)
{
	return take(r, false, IPV6_BITS);
}

static struct reader
ipv4_vpn_take(struct reader *r)
{
	return take(r, true, IPV4_BITS);
}

static struct reader
ipv6_vpn_take(struct reader *r)
{
	return take(r, true, IPV6_BITS);
}

static struct reader
key(struct reader nlri, uint8_t room[NLRI_KEY_MAX])
{
	unsigned bits = reader_u8(&nlri);
	struct writer w = writer_of(room, NLRI_KEY_MAX);

	writer_u8(&w, bits - labels_take(&nlri).left * 8);
	writer_copy(&w, nlri);
	return writer_read(&w);
}

static struct reader
prefix(struct reader nlri, uint8_t room[NLRI_PREFIX_MAX], bool vpn)
{
	struct writer w = writer_of(room, NLRI_PREFIX_MAX);
	struct labelled l;

	if (cut(&nlri, vpn, IPV6_BITS, &l)) {
		writer_u8(&w, l.bits);
		writer_copy(&w, l.prefix);
	}
	return writer_read(&w);
}

static struct reader
plain_prefix(struct reader nlri, uint8_t room[NLRI_PREFIX_MAX])
{
	return prefix(nlri, room, false);
}

static struct reader
vpn_prefix(struct reader nlri, uint8_t room[NLRI_PREFIX_MAX])
{
	return prefix(nlri, room, true);
}

/* --- text --- */

static int
scan_ipv4(struct words *words, struct writer *w, struct reason *why)
{
	return nlri_ipv4_unicast.scan(words, w, why);
}

static int
scan_ipv6(struct words *words, struct writer *w, struct reason *why)
{
	return nlri_ipv6_unicast.scan(words, w, why);
}

/* Without labels there is the field that says so: enough to withdraw it. */
static int
build(const struct route_draft *d, struct reader typed, struct writer *w, bool vpn,
    struct reason *why)
{
	static const uint8_t no_labels[LABEL_SIZE] = { 0x80 };
	struct reader labels = reader_of(no_labels, sizeof no_labels), rd = { 0 };
	unsigned bits = reader_u8(&typed);

	part_find(d, PART_LABELS, &labels);
	if (vpn && !part_find(d, PART_RD, &rd))
		return reason_set(
		    why, 0, 0, "a route of a VPN needs a route distinguisher (rd 65000:1)");
	writer_u8(w, (labels.left + rd.left) * 8 + bits);
	writer_copy(w, labels);
	writer_copy(w, rd);
	writer_copy(w, typed);
	return writer_ok(w) ? 0 : reason_set(why, 0, 0, "more labels than its length can say");
}

static int
build_plain(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	return build(d, typed, w, false, why);
}

static int
build_vpn(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	return build(d, typed, w, true, why);
}

static int
check(struct reader nlri, struct reason *why)
{
	reader_u8(&nlri);
	if (reader_u24(&nlri) != LABEL_NONE)
		return 0;
	return reason_set(why, 0, 0, "a labelled route needs a label (label 100)");
}

static void
print(struct reader nlri, struct text *t, bool vpn, unsigned width)
{
	const struct nlri_ops *plain = width == IPV4_BITS ? &nlri_ipv4_unicast : &nlri_ipv6_unicast;
	uint8_t room[NLRI_PREFIX_MAX];
	struct reader ahead = nlri;
	struct labelled l;

	if (!cut(&ahead, vpn, width, &l))
		return;
	plain->print(prefix(nlri, room, vpn), t);
	text_add(t, " label ");
	labels_print(l.labels, t);
	if (!vpn)
		return;
	text_add(t, " rd ");
	rd_print(l.rd, t);
}

static void
ipv4_print(struct reader nlri, struct text *t)
{
	print(nlri, t, false, IPV4_BITS);
}

static void
ipv6_print(struct reader nlri, struct text *t)
{
	print(nlri, t, false, IPV6_BITS);
}

static void
ipv4_vpn_print(struct reader nlri, struct text *t)
{
	print(nlri, t, true, IPV4_BITS);
}

static void
ipv6_vpn_print(struct reader nlri, struct text *t)
{
	print(nlri, t, true, IPV6_BITS);
}

static void
to_tree(struct reader nlri, struct tree *tree, bool vpn, unsigned width,
    void (*labels)(struct reader, struct tree *))
{
	const struct nlri_ops *plain = width == IPV4_BITS ? &nlri_ipv4_unicast : &nlri_ipv6_unicast;
	uint8_t room[NLRI_PREFIX_MAX];
	struct reader ahead = nlri;
	char text[RD_TEXT];
	struct labelled l;

	if (!cut(&ahead, vpn, width, &l))
		return;
	plain->tree(prefix(nlri, room, vpn), tree);
	tree_key(tree, "label");
	labels(l.labels, tree);
	if (!vpn)
		return;
	tree_key(tree, "rd");
	tree_text(tree, rd_text(l.rd, text));
}

static void
ipv4_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, false, IPV4_BITS, labels_tree);
}

static void
ipv6_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, false, IPV6_BITS, labels_tree);
}

static void
ipv4_vpn_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, true, IPV4_BITS, labels_tree);
}

static void
ipv6_vpn_tree(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, true, IPV6_BITS, labels_tree);
}

static void
ipv4_tree_42(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, false, IPV4_BITS, labels_tree_bare);
}

static void
ipv6_tree_42(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, false, IPV6_BITS, labels_tree_bare);
}

static void
ipv4_vpn_tree_42(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, true, IPV4_BITS, labels_tree_bare);
}

static void
ipv6_vpn_tree_42(struct reader nlri, struct tree *tree)
{
	to_tree(nlri, tree, true, IPV6_BITS, labels_tree_bare);
}

static const struct nlri_word label_words[] = {
	{ "label", part_scan_labels },
	{ 0 },
};

static const struct nlri_word vpn_words[] = {
	{ "label", part_scan_labels },
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ 0 },
};

const struct nlri_ops nlri_ipv4_mpls = {
	.parse = ipv4_parse,
	.take = ipv4_take,
	.key = key,
	.next_hop_length = nlri_hop_ipv4,
	.prefix = plain_prefix,
	.scan = scan_ipv4,
	.words = label_words,
	.build = build_plain,
	.check = check,
	.print = ipv4_print,
	.tree = ipv4_tree,
	.tree_42 = ipv4_tree_42,
};

const struct nlri_ops nlri_ipv6_mpls = {
	.parse = ipv6_parse,
	.take = ipv6_take,
	.key = key,
	.next_hop_length = nlri_hop_ipv6,
	.prefix = plain_prefix,
	.scan = scan_ipv6,
	.words = label_words,
	.build = build_plain,
	.check = check,
	.print = ipv6_print,
	.tree = ipv6_tree,
	.tree_42 = ipv6_tree_42,
};

const struct nlri_ops nlri_ipv4_mpls_vpn = {
	.parse = ipv4_vpn_parse,
	.take = ipv4_vpn_take,
	.key = key,
	.next_hop_length = nlri_hop_ipv4,
	.prefix = vpn_prefix,
	.scan = scan_ipv4,
	.words = vpn_words,
	.build = build_vpn,
	.check = check,
	.print = ipv4_vpn_print,
	.tree = ipv4_vpn_tree,
	.tree_42 = ipv4_vpn_tree_42,
};

const struct nlri_ops nlri_ipv6_mpls_vpn = {
	.parse = ipv6_vpn_parse,
	.take = ipv6_vpn_take,
	.key = key,
	.next_hop_length = nlri_hop_ipv6,
	.prefix = vpn_prefix,
	.scan = scan_ipv6,
	.words = vpn_words,
	.build = build_vpn,
	.check = check,
	.print = ipv6_vpn_print,
	.tree = ipv6_vpn_tree,
	.tree_42 = ipv6_vpn_tree_42,
};
