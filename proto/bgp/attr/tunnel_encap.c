/* TUNNEL_ENCAP (RFC 9012 section 2): TLVs of a tunnel type and a length, each of sub-TLVs. Tunnels that we don't
 * know are carried as they came; lengths that don't add up make all of it malformed (section 13). An SR policy
 * has to be right in all its parts (RFC 9830 section 5), and is one. In text a tunnel is its name or number
 * and keywords: [ vxlan endpoint 10.0.0.1 udp-port 4789, 99 sub-tlv 1 0x0a ]. */
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/tunnel.h"

/* IANA's registry of tunnel types. */
static const struct kind {
	uint16_t type;
	const char *name;
} kinds[] = {
	{ 1, "l2tpv3" },
	{ 2, "gre" },
	{ 7, "ip-in-ip" },
	{ 8, "vxlan" },
	{ 9, "nvgre" },
	{ 10, "mpls" },
	{ 11, "mpls-in-gre" },
	{ 12, "vxlan-gpe" },
	{ 13, "mpls-in-udp" },
	{ 14, "ipv6" },
	{ TUNNEL_SR_POLICY, "sr-policy" },
	{ 16, "bare" },
	{ 19, "geneve" },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct tunnel_sub *
table_of(unsigned type)
{
	return type == TUNNEL_SR_POLICY ? tunnel_policy_subs : tunnel_subs;
}

static const char *
name_of(unsigned type)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].type == type)
			return kinds[i].name;
	return NULL;
}

static bool
tunnel_tlv(struct reader *r, unsigned *type, struct reader *subs)
{
	if (r->left == 0)
		return false;
	*type = reader_u16(r);
	*subs = reader_sub(r, reader_u16(r));
	return reader_ok(r);
}

static int
tunnel_encap_check(struct reader value, const struct session_params *p)
{
	unsigned type, policies = 0;
	struct reader subs;

	(void)p;
	while (tunnel_tlv(&value, &type, &subs)) {
		if (!tunnel_framed(subs))
			return -1;
		if (type == TUNNEL_SR_POLICY && (++policies > 1 || !tunnel_policy_fits(subs)))
			return -1;
	}
	return reader_done(&value) ? 0 : -1;
}

bool
tunnel_policy(struct reader value, struct reader *subs)
{
	unsigned type;

	while (tunnel_tlv(&value, &type, subs))
		if (type == TUNNEL_SR_POLICY)
			return true;
	return false;
}

/* --- text --- */

static int
scan_type(struct words *words, uint64_t *type, struct reason *why)
{
	for (size_t i = 0; i < KINDS; i++)
		if (words_take(words, kinds[i].name)) {
			*type = kinds[i].type;
			return 0;
		}
	return words_uint(words, 0, UINT16_MAX, "a tunnel (vxlan, sr-policy, a number)", type, why);
}

static int
tunnel_encap_scan(struct words *words, struct writer *w, struct reason *why)
{
	size_t start = w->len, mark;
	uint64_t type;

	if (words_expect(words, "[", why) < 0)
		return -1;
	do {
		if (scan_type(words, &type, why) < 0)
			return -1;
		writer_u16(w, type);
		mark = writer_begin_u16(w);
		if (tunnel_scan(table_of((unsigned)type), words, w, why) < 0)
			return -1;
		writer_end_u16(w, mark);
	} while (words_take(words, ","));
	if (words_expect(words, "]", why) < 0)
		return -1;
	if (writer_ok(w) &&
	    tunnel_encap_check(reader_of(w->base + start, w->len - start), NULL) < 0)
		return reason_set(why, words->line, words->column,
		    "an SR policy that no router would take (RFC 9830)");
	return 0;
}

static void
tunnel_encap_print(struct reader value, struct text *t)
{
	const char *between = "[ ", *name;
	struct reader subs;
	unsigned type;

	while (tunnel_tlv(&value, &type, &subs)) {
		name = name_of(type);
		text_add(t, between);
		if (name)
			text_add(t, name);
		else
			text_uint(t, type);
		tunnel_print(table_of(type), subs, t);
		between = ", ";
	}
	text_add(t, " ]");
}

static void
tree_tunnel(unsigned type, struct reader subs, struct tree *tree)
{
	tree_map(tree);
	tree_put_uint(tree, "type", type);
	if (name_of(type))
		tree_put_text(tree, "name", name_of(type));
	tunnel_tree(tunnel_subs, subs, tree);
	tree_map_end(tree);
}

/* The SR policy as ExaBGP has it; other tunnels, of which there may be many of a type, in a list. */
static void
tunnel_encap_tree(struct reader value, struct tree *tree)
{
	struct reader all = value, subs;
	bool others = false;
	unsigned type;

	tree_map(tree);
	for (; tunnel_tlv(&all, &type, &subs); others |= type != TUNNEL_SR_POLICY) {
		if (type != TUNNEL_SR_POLICY)
			continue;
		tree_key(tree, "sr-policy");
		tree_map(tree);
		tunnel_tree(tunnel_policy_subs, subs, tree);
		tree_map_end(tree);
	}
	if (others) {
		tree_key(tree, "tunnels");
		tree_list(tree);
		while (tunnel_tlv(&value, &type, &subs))
			if (type != TUNNEL_SR_POLICY)
				tree_tunnel(type, subs, tree);
		tree_list_end(tree);
	}
	tree_map_end(tree);
}

const struct attr_ops attr_tunnel_encap = {
	.code = ATTR_TUNNEL_ENCAP,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "tunnel-encap",
	.name = "tunnel-encap",
	.check = tunnel_encap_check,
	.scan = tunnel_encap_scan,
	.print = tunnel_encap_print,
	.tree = tunnel_encap_tree,
};
