/* IPv6 next hops for IPv4 NLRI, RFC 8950: (AFI, SAFI, next hop AFI) of six octets each. */
#include "proto/bgp/cap/caps.h"

static const enum family order[] = { IPV4_UNICAST, IPV4_MULTICAST, IPV4_NLRI_MPLS, IPV4_MPLS_VPN };
enum { ORDER = sizeof order / sizeof order[0] };

static int
parse(struct caps *c, struct reader *r)
{
	uint32_t got = 0;

	if (r->left % 6 != 0)
		return -1;
	while (r->left > 0) {
		uint16_t afi = reader_u16(r), safi = reader_u16(r), nexthop = reader_u16(r);
		enum family f = safi > UINT8_MAX ? FAMILY_UNKNOWN : family_of(afi, (uint8_t)safi);

		if (f != FAMILY_UNKNOWN && afi == AFI_IPV4 && nexthop == AFI_IPV6)
			got |= family_bit(f);
	}
	c->nexthop6 |= got;
	caps_add(c, CAP_NEXTHOP);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[6 * ORDER];
	struct writer w = writer_of(memory, sizeof memory);

	if (!caps_have(c, CAP_NEXTHOP))
		return;
	for (unsigned i = 0; i < ORDER; i++) {
		if (!(c->nexthop6 & family_bit(order[i])))
			continue;
		writer_u16(&w, AFI_IPV4);
		writer_u16(&w, family_table[order[i]].safi);
		writer_u16(&w, AFI_IPV6);
	}
	param(arg, CAP_NEXTHOP, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	bool first = true;

	text_add(t, "nexthop(");
	for (int f = 0; f < FAMILIES; f++)
		if (c->nexthop6 & family_bit((enum family)f)) {
			text_printf(t, "%s%s ipv6", first ? "" : ",", family_name((enum family)f));
			first = false;
		}
	text_char(t, ')');
}

static void
tree(const struct caps *c, struct tree *t)
{
	struct text word = { 0 };

	cap_name_tree(t, "nexthop");
	tree_key(t, "conversion");
	tree_list(t);
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->nexthop6 & family_bit((enum family)f)))
			continue;
		text_clear(&word);
		cap_family_text(AFI_IPV4, family_table[f].safi, &word);
		text_add(&word, "/ipv6");
		tree_text(t, text_str(&word));
	}
	tree_list_end(t);
	tree_map_end(t);
	text_fini(&word);
}

const struct cap_ops cap_nexthop = { CAP_NEXTHOP, "nexthop", parse, false, encode, print, tree };
