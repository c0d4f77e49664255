/* The families whose NLRI we read, and bins of them. What one NLRI is made of is in nlri/. */
#include "proto/bgp/nlri.h"
#include <string.h>
#include "common/ledger.h"

static const struct nlri_ops *const nlri_table[FAMILIES_NAMED] = {
	[IPV4_UNICAST] = &nlri_ipv4_unicast,
	[IPV4_MULTICAST] = &nlri_ipv4_multicast,
	[IPV6_UNICAST] = &nlri_ipv6_unicast,
	[IPV6_MULTICAST] = &nlri_ipv6_multicast,
	[IPV4_NLRI_MPLS] = &nlri_ipv4_mpls,
	[IPV6_NLRI_MPLS] = &nlri_ipv6_mpls,
	[IPV4_MCAST_VPN] = &nlri_ipv4_mcast_vpn,
	[IPV6_MCAST_VPN] = &nlri_ipv6_mcast_vpn,
	[IPV4_MUP] = &nlri_ipv4_mup,
	[IPV6_MUP] = &nlri_ipv6_mup,
	[IPV4_SR_POLICY] = &nlri_ipv4_sr_policy,
	[IPV6_SR_POLICY] = &nlri_ipv6_sr_policy,
	[IPV4_FLOW] = &nlri_ipv4_flow,
	[IPV4_FLOW_VPN] = &nlri_ipv4_flow_vpn,
	[IPV6_FLOW] = &nlri_ipv6_flow,
	[IPV6_FLOW_VPN] = &nlri_ipv6_flow_vpn,
	[IPV4_MPLS_VPN] = &nlri_ipv4_mpls_vpn,
	[IPV4_RTC] = &nlri_ipv4_rtc,
	[IPV6_MPLS_VPN] = &nlri_ipv6_mpls_vpn,
	[L2VPN_VPLS] = &nlri_l2vpn_vpls,
	[L2VPN_EVPN] = &nlri_l2vpn_evpn,
	[BGP_LS] = &nlri_bgp_ls,
	[BGP_LS_VPN] = &nlri_bgp_ls_vpn,
};

const struct nlri_ops *
nlri_ops(enum family family)
{
	if (family < FAMILIES_NAMED)
		return nlri_table[family];
	return family < FAMILIES && family_table[family].afi != 0 ? &nlri_raw : NULL;
}

bool
nlri_prefix(enum family f, struct reader nlri, struct prefix *p)
{
	const struct nlri_ops *ops = nlri_ops(f);
	uint8_t room[NLRI_PREFIX_MAX];
	struct reader k;

	*p = (struct prefix){ .addr.family = family_table[f].afi == AFI_IPV6 ? 6 : 4 };
	if (!ops || !ops->prefix)
		return false;
	k = ops->prefix(nlri, room);
	p->len = reader_u8(&k);
	if (!reader_ok(&k) || k.left > addr_size(&p->addr))
		return false;
	if (k.left > 0)
		memcpy(p->addr.bytes, k.at, k.left);
	return true;
}

struct reader (*nlri_key(enum family family))(struct reader, uint8_t[NLRI_KEY_MAX])
{
	const struct nlri_ops *ops = nlri_ops(family);

	return ops ? ops->key : NULL;
}

bool
nlri_step(enum family family, bool path_ids, struct reader *bin, struct nlri *n)
{
	const struct nlri_ops *ops = nlri_ops(family);

	if (bin->left == 0 || !ops)
		return false;
	n->path_id = path_ids ? reader_u32(bin) : 0;
	n->octets = ops->take(bin);
	return reader_ok(bin);
}

void
nlri_prefetch(const struct ledger *l, enum family f, bool path_ids, struct reader bin)
{
	struct nlri nlri;

	while (nlri_next(f, path_ids, &bin, &nlri))
		ledger_prefetch(l, nlri.path_id, nlri.octets);
}

size_t
nlri_count(enum family family, bool path_ids, struct reader bin)
{
	struct nlri n;
	size_t count = 0;

	while (nlri_next(family, path_ids, &bin, &n))
		count++;
	return count;
}

int
nlri_parse(enum family family, bool path_ids, struct reader *r, struct writer *w, unsigned *ignored)
{
	const struct nlri_ops *ops = nlri_ops(family);
	int worst = NLRI_TAKEN;

	if (!ops)
		return -1;
	while (r->left > 0) {
		size_t mark = w->len;
		int said;

		if (path_ids)
			writer_u32(w, reader_u32(r));
		said = ops->parse(r, w);
		if (said < 0)
			return -1;
		if (said == NLRI_TO_WITHDRAW) {
			worst = said;
		} else if (said == NLRI_LEFT_OUT) {
			w->len = mark;
			++*ignored;
		}
	}
	return reader_ok(r) && writer_ok(w) ? worst : -1;
}

static void
path_id_tree(bool path_ids, uint32_t path_id, struct tree *tree)
{
	struct addr id = addr_v4(path_id);
	char text[ADDR_TEXT];

	if (path_ids)
		tree_put_text(tree, "path-information", addr_print(&id, text));
}

void
nlri_tree(enum family family, bool path_ids, const struct nlri *n, struct reader next_hop,
    struct tree *tree)
{
	const struct nlri_ops *ops = nlri_ops(family);

	if (ops && ops->tree_hop)
		ops->tree_hop(n->octets, next_hop, tree);
	else if (ops)
		ops->tree(n->octets, tree);
	path_id_tree(path_ids, n->path_id, tree);
}

void
nlri_tree_42(enum family family, bool path_ids, const struct nlri *n, struct reader next_hop,
    struct tree *tree)
{
	const struct nlri_ops *ops = nlri_ops(family);

	if (!ops || !ops->tree_42) {
		nlri_tree(family, path_ids, n, next_hop, tree);
		return;
	}
	ops->tree_42(n->octets, tree);
	path_id_tree(path_ids, n->path_id, tree);
}

bool
nlri_hop_ipv4(size_t len)
{
	return len == 4;
}

bool
nlri_hop_ipv6(size_t len)
{
	return len == 16 || len == 32;
}

bool
nlri_hop_any(size_t len)
{
	return nlri_hop_ipv4(len) || nlri_hop_ipv6(len);
}

void
path_id_print(uint32_t id, struct text *t)
{
	struct addr addr = addr_v4(id);
	char text[ADDR_TEXT];

	text_add(t, addr_print(&addr, text));
}

int
path_id_scan(struct words *words, uint32_t *id, struct reason *why)
{
	const char *word = words_peek(words);
	struct addr addr;
	uint64_t number;

	if (words_left(words) && word_uint(word, words->at->len, UINT32_MAX, &number) == 0)
		*id = (uint32_t)number;
	else if (addr_scan(&addr, word) == 0 && addr.family == 4)
		*id = addr_u32(&addr);
	else
		return words_wrong(words, why, "a path identifier (0.0.0.1 or 1)");
	words_next(words);
	return 0;
}
