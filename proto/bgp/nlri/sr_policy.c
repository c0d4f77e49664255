/* SR policies (RFC 9830 section 2.1): a length in bits, distinguisher, color, endpoint. All of it is identity.
 * The endpoint is an address of the family, so typing one decides which of both a route is of. What the policy
 * is stands in its TUNNEL_ENCAP: ExaBGP's words for that are keywords here, and make the attribute. */
#include "proto/bgp/attr/tunnel.h"
#include "proto/bgp/attrs.h"
#include "common/addr.h"
#include "proto/bgp/nlri/part.h"

enum { FIXED = 8, IPV4 = 4, IPV6 = 16, TLV_HEAD = 4 };

enum {
	PART_DISTINGUISHER = PART_OWN,
	PART_COLOR,
	PART_ENDPOINT,
	PART_SUB /* one keyword: sub-TLVs */
};

/* Of another length it is left out, as long as its octets are there (RFC 9830 section 5). */
static int
parse(struct reader *r, struct writer *w, size_t address)
{
	size_t bits = reader_u8(r);
	struct reader body = reader_sub(r, (bits + 7) / 8);

	if (!reader_ok(r))
		return NLRI_MALFORMED;
	if (bits != 8 * (FIXED + address))
		return NLRI_LEFT_OUT;
	writer_u8(w, bits);
	writer_copy(w, body);
	return writer_ok(w) ? NLRI_TAKEN : NLRI_MALFORMED;
}

static int
parse_ipv4(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV4);
}

static int
parse_ipv6(struct reader *r, struct writer *w)
{
	return parse(r, w, IPV6);
}

static struct reader
take(struct reader *r)
{
	return reader_sub(r, r->left > 0 ? 1 + reader_peek(r) / 8u : SIZE_MAX);
}

/* RFC 9830 section 4.2.1. */
static const char *
lacks(struct reader attributes)
{
	struct reader policy;
	struct attr tunnel;

	if (attrs_find(attributes, ATTR_TUNNEL_ENCAP, &tunnel) &&
	    tunnel_policy(tunnel.value, &policy))
		return NULL;
	return "has an SR policy, and no tunnel attribute says what it is";
}

/* --- text --- */

static int
scan_distinguisher(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_DISTINGUISHER, UINT32_MAX, "a distinguisher", why);
}

static int
scan_color(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_COLOR, UINT32_MAX, "a color", why);
}

static int
scan_endpoint(struct words *words, struct route_draft *d, struct reason *why)
{
	bool ipv6 = d->family == IPV6_SR_POLICY;
	struct addr a;

	if (!d->of_form && addr_scan(&a, words_peek(words)) == 0 && (a.family == 6) != ipv6)
		return words_wrong(words, why,
		    ipv6 ? "an IPv6 endpoint, or ipv4 in front of sr-policy"
			 : "an IPv4 endpoint, or ipv6 in front of sr-policy");
	return part_scan_address(words, d, PART_ENDPOINT, why);
}

/* The keyword itself is taken already: it is the one before the words that are left. */
static int
scan_sub(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t memory[ATTR_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct words keyword = { words->at - 1, words->at, words->line, words->column };
	const struct tunnel_sub *sub = tunnel_policy_subs;

	while (sub->word && !words_take(&keyword, sub->word))
		sub++;
	if ((sub->word ? tunnel_sub_scan(sub, words, &w, why)
		       : tunnel_octets_scan(words, &w, why)) < 0)
		return -1;
	if (!writer_ok(&w))
		return reason_set(
		    why, words->line, words->column, "more than an attribute can hold");
	part_add(d, PART_SUB, writer_read(&w));
	return 0;
}

/* Sub-TLVs in the order in which they were typed; of one that may be there once the first stands. */
static void
gather(const struct route_draft *d, struct writer *w)
{
	bool given[UINT8_MAX + 1] = { false };
	struct reader parts = octets_read(&d->parts);
	struct part p;

	while (part_next(&parts, &p)) {
		uint8_t type = reader_peek(&p.value);
		const struct tunnel_sub *sub = tunnel_sub_of(tunnel_policy_subs, type);

		if (p.tag != PART_SUB || (sub && !sub->many && given[type]))
			continue;
		given[type] = true;
		writer_copy(w, p.value);
	}
}

/* An announcement has a tunnel even if nothing is said of it; what has no next hop is a withdraw. */
static int
build_tunnel(struct route_draft *d, struct reason *why)
{
	uint8_t memory[ATTR_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader subs;
	struct attr old;
	size_t mark;
	bool said = part_find(d, PART_SUB, &subs);

	if (attrs_find(octets_read(&d->attributes), ATTR_TUNNEL_ENCAP, &old) ||
	    attrs_find(octets_read(&d->raw), ATTR_TUNNEL_ENCAP, &old))
		return said ? reason_set(why, 0, 0, "the tunnel of an SR policy is said twice") : 0;
	if (!said && d->next_hop_len == 0 && !d->next_hop_self)
		return 0;
	writer_u16(&w, TUNNEL_SR_POLICY);
	mark = writer_begin_u16(&w);
	gather(d, &w);
	writer_end_u16(&w, mark);
	if (!writer_ok(&w))
		return reason_set(why, 0, 0, "an SR policy is more than an attribute can hold");
	subs = writer_read(&w);
	reader_u32(&subs);
	if (!tunnel_policy_fits(subs))
		return reason_set(why, 0, 0, "an SR policy that no router would take (RFC 9830)");
	return route_draft_attribute(d, ATTR_TUNNEL_ENCAP, writer_read(&w), why);
}

static int
build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	struct reader distinguisher, color, endpoint;

	(void)typed;
	if (!part_find(d, PART_DISTINGUISHER, &distinguisher))
		return reason_set(why, 0, 0, "an SR policy needs distinguisher");
	if (!part_find(d, PART_COLOR, &color))
		return reason_set(why, 0, 0, "an SR policy needs color");
	if (!part_find(d, PART_ENDPOINT, &endpoint))
		return reason_set(why, 0, 0, "an SR policy needs endpoint");
	d->family = endpoint.left == IPV4 ? IPV4_SR_POLICY : IPV6_SR_POLICY;
	writer_u8(w, 8 * (FIXED + endpoint.left));
	writer_copy(w, distinguisher);
	writer_copy(w, color);
	writer_copy(w, endpoint);
	return build_tunnel(d, why);
}

static void
print(struct reader nlri, struct text *t)
{
	reader_u8(&nlri);
	text_printf(t, "distinguisher %u", reader_u32(&nlri));
	text_printf(t, " color %u", reader_u32(&nlri));
	part_print_address("endpoint", nlri, t);
}

/* The keywords of the policy where its tunnel is one of them and no other. */
static bool
print_attribute(const struct attr *a, struct text *t)
{
	struct reader subs;

	if (a->code != ATTR_TUNNEL_ENCAP || !tunnel_policy(a->value, &subs) ||
	    subs.left + TLV_HEAD != a->value.left || subs.left == 0)
		return false;
	tunnel_print(tunnel_policy_subs, subs, t);
	return true;
}

static void
to_tree(struct reader nlri, struct tree *tree)
{
	reader_u8(&nlri);
	tree_put_uint(tree, "distinguisher", reader_u32(&nlri));
	tree_put_uint(tree, "color", reader_u32(&nlri));
	part_tree_address("endpoint", nlri, tree);
}

static const struct nlri_word own_words[] = {
	{ "distinguisher", scan_distinguisher },
	{ "color", scan_color },
	{ "endpoint", scan_endpoint },
	{ "preference", scan_sub },
	{ "priority", scan_sub },
	{ "binding-sid", scan_sub },
	{ "srv6-binding-sid", scan_sub },
	{ "enlp", scan_sub },
	{ "policy-name", scan_sub },
	{ "candidate-path-name", scan_sub },
	{ "segment-list", scan_sub },
	{ "sub-tlv", scan_sub },
	{ 0 },
};

const struct nlri_ops nlri_ipv4_sr_policy = {
	.parse = parse_ipv4,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.lacks = lacks,
	.words = own_words,
	.build = build,
	.print = print,
	.print_attribute = print_attribute,
	.tree = to_tree,
};

const struct nlri_ops nlri_ipv6_sr_policy = {
	.parse = parse_ipv6,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.lacks = lacks,
	.words = own_words,
	.build = build,
	.print = print,
	.print_attribute = print_attribute,
	.tree = to_tree,
};
