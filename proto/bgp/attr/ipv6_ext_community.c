/* IPv6 Address Specific Extended Communities (RFC 5701), in hexadecimal. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr/ext_community.h"
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/value.h"

enum { IPV6_EXT = 20 };

static int
ipv6_ext_community_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return items_check(value, IPV6_EXT);
}

static int
one_scan(struct words *words, struct writer *w, struct reason *reason)
{
	const char *text = words_peek(words);
	uint8_t value[IPV6_EXT];

	if (strncmp(text, "0x", 2) != 0 || strlen(text) != 2 + 2 * IPV6_EXT ||
	    wide_scan(text, value, sizeof value) < 0)
		return words_wrong(words, reason, "an IPv6 extended community (0x and 40 digits)");
	words_next(words);
	writer_bytes(w, value, sizeof value);
	return 0;
}

static int
ipv6_ext_community_scan(struct words *words, struct writer *w, struct reason *reason)
{
	size_t mark = w->len;

	if (items_scan(words, w, reason, one_scan) < 0)
		return -1;
	items_sort(w, mark, IPV6_EXT, false);
	return 0;
}

static void
one_print(struct reader value, struct text *t)
{
	text_add(t, "0x");
	text_hex(t, value.at, value.left);
}

static void
ipv6_ext_community_print(struct reader value, struct text *t)
{
	items_print(value, IPV6_EXT, t, one_print);
}

/* draft-ietf-idr-flowspec-redirect-ip */
static void
one_show(struct reader value, struct text *t)
{
	char text[ADDR_TEXT];
	struct reader r = value;
	unsigned kind = reader_u16(&r);
	struct reader octets = reader_sub(&r, 16);
	struct addr hop = addr_of(octets.at, octets.left);
	unsigned copy = reader_u16(&r);

	if (reader_done(&r) && kind == FLOW_NEXT_HOP_IPV6 && copy <= 1)
		text_printf(t, "%s-to-nexthop-ietf %s%s", copy ? "copy" : "redirect",
		    addr_print(&hop, text), copy ? " (with copy)" : "");
	else
		one_print(value, t);
}

/* As ExaBGP, which has no name for the attribute: a text under its number. */
static void
ipv6_ext_community_tree(struct reader value, struct tree *tree)
{
	struct text text = { 0 };

	while (value.left > 0) {
		one_show(reader_sub(&value, IPV6_EXT), &text);
		if (value.left > 0)
			text_char(&text, ' ');
	}
	tree_text(tree, text_str(&text));
	text_fini(&text);
}

const struct attr_ops attr_ipv6_ext_community = {
	.code = ATTR_IPV6_EXT_COMMUNITY,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "ipv6-extended-community",
	.name = "attribute-0x19-0xC0",
	.check = ipv6_ext_community_check,
	.scan = ipv6_ext_community_scan,
	.print = ipv6_ext_community_print,
	.tree = ipv6_ext_community_tree,
};
