/* Prefixes of IPv4 and IPv6 (RFC 4271 section 4.3, RFC 4760 section 5): a length in bits and as many octets
 * as it needs. SAFI 2 has the same form; what multicast takes from it is which prefixes make sense. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/nlri.h"

enum { IPV4_BITS = 32, IPV6_BITS = 128 };

static size_t
octets_of(unsigned bits)
{
	return (bits + 7) / 8;
}

/* 224.0.0.0/4, ff00::/8 or in them: no destination of a unicast route (RFC 4271 section 6.3). */
static bool
groups(unsigned width, unsigned bits, uint8_t first)
{
	return width == IPV4_BITS ? bits >= 4 && first >> 4 == 0xe : bits >= 8 && first == 0xff;
}

static int
parse(struct reader *r, struct writer *w, unsigned width, bool unicast)
{
	uint8_t bits = reader_u8(r), first = reader_peek(r);
	size_t len = octets_of(bits);
	const uint8_t *at = bits <= width ? reader_take(r, len) : NULL;
	uint8_t *out;

	if (!at)
		return -1;
	if (unicast && groups(width, bits, first))
		return NLRI_LEFT_OUT;
	out = writer_room(w, 1 + len);
	if (!out)
		return -1;
	out[0] = bits;
	memcpy(out + 1, at, len);
	if (bits % 8)
		out[len] &= (uint8_t)(0xff << (8 - bits % 8));
	return 0;
}

static int
ipv4_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV4_BITS, true);
}

static int
ipv6_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV6_BITS, true);
}

static int
ipv4_multicast_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV4_BITS, false);
}

static int
ipv6_multicast_parse(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV6_BITS, false);
}

static struct reader
take(struct reader *r, unsigned width)
{
	uint8_t bits = reader_peek(r);

	return reader_sub(r, bits <= width ? 1 + octets_of(bits) : SIZE_MAX);
}

static struct reader
ipv4_take(struct reader *r)
{
	return take(r, IPV4_BITS);
}

static struct reader
ipv6_take(struct reader *r)
{
	return take(r, IPV6_BITS);
}

static struct reader
prefix(struct reader nlri, uint8_t room[NLRI_PREFIX_MAX])
{
	(void)room;
	return nlri;
}

static int
scan(struct words *words, struct writer *w, struct reason *why, uint8_t family, const char *what)
{
	struct prefix p;

	if (prefix_scan(&p, words_peek(words)) < 0 || p.addr.family != family)
		return words_wrong(words, why, what);
	if (!prefix_clean(&p)) {
		char text[PREFIX_TEXT];

		prefix_mask(&p);
		return reason_set(why, words->at->line, words->at->column,
		    "%s is not a valid network: did you mean %s?", words->at->at,
		    prefix_print(&p, text));
	}
	words_next(words);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, octets_of(p.len));
	return 0;
}

static int
ipv4_scan(struct words *words, struct writer *w, struct reason *why)
{
	return scan(words, w, why, 4, "an IPv4 prefix (10.0.0.0/24)");
}

static int
ipv6_scan(struct words *words, struct writer *w, struct reason *why)
{
	return scan(words, w, why, 6, "an IPv6 prefix (2001:db8::/32)");
}

static const char *
text_of(struct reader nlri, uint8_t family, char out[PREFIX_TEXT])
{
	struct prefix p = { .addr.family = family, .len = reader_u8(&nlri) };
	size_t len = nlri.left < sizeof p.addr.bytes ? nlri.left : sizeof p.addr.bytes;

	if (len > 0)
		memcpy(p.addr.bytes, nlri.at, len);
	return prefix_print(&p, out);
}

static void
ipv4_print(struct reader nlri, struct text *t)
{
	char out[PREFIX_TEXT];

	text_add(t, text_of(nlri, 4, out));
}

static void
ipv6_print(struct reader nlri, struct text *t)
{
	char out[PREFIX_TEXT];

	text_add(t, text_of(nlri, 6, out));
}

static void
ipv4_tree(struct reader nlri, struct tree *tree)
{
	char out[PREFIX_TEXT];

	tree_key(tree, "nlri");
	tree_text(tree, text_of(nlri, 4, out));
}

static void
ipv6_tree(struct reader nlri, struct tree *tree)
{
	char out[PREFIX_TEXT];

	tree_key(tree, "nlri");
	tree_text(tree, text_of(nlri, 6, out));
}

const struct nlri_ops nlri_ipv4_unicast = {
	.parse = ipv4_parse,
	.take = ipv4_take,
	.next_hop_length = nlri_hop_ipv4,
	.prefix = prefix,
	.scan = ipv4_scan,
	.print = ipv4_print,
	.tree = ipv4_tree,
};

const struct nlri_ops nlri_ipv4_multicast = {
	.parse = ipv4_multicast_parse,
	.take = ipv4_take,
	.next_hop_length = nlri_hop_ipv4,
	.prefix = prefix,
	.scan = ipv4_scan,
	.print = ipv4_print,
	.tree = ipv4_tree,
};

const struct nlri_ops nlri_ipv6_unicast = {
	.parse = ipv6_parse,
	.take = ipv6_take,
	.next_hop_length = nlri_hop_ipv6,
	.prefix = prefix,
	.scan = ipv6_scan,
	.print = ipv6_print,
	.tree = ipv6_tree,
};

const struct nlri_ops nlri_ipv6_multicast = {
	.parse = ipv6_multicast_parse,
	.take = ipv6_take,
	.next_hop_length = nlri_hop_ipv6,
	.prefix = prefix,
	.scan = ipv6_scan,
	.print = ipv6_print,
	.tree = ipv6_tree,
};
