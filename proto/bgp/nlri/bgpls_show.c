/* BGP-LS as it is shown: in words that bgpls_scan.c reads, and as a tree with ExaBGP's members. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/nlri/bgpls.h"
#include "proto/bgp/rd.h"

static const char *
address(struct reader octets, char out[ADDR_TEXT])
{
	struct addr addr = addr_of(octets.at, octets.left);

	return addr_print(&addr, out);
}

/* --- text --- */

/* 10.0.0.1, 10.0.0.1:10.0.0.2, 0101.3400.0041, 0101.3400.0041.03; other lengths as octets */
static void
print_router_id(struct reader id, struct text *t)
{
	char text[ADDR_TEXT];

	if (id.left == 4 || id.left == 8) {
		text_add(t, address(reader_sub(&id, 4), text));
		if (id.left > 0)
			text_printf(t, ":%s", address(id, text));
	} else if (id.left == 6 || id.left == 7) {
		for (const char *point = ""; id.left > 0; point = ".") {
			struct reader two = reader_sub(&id, id.left > 1 ? 2 : 1);

			text_add(t, point);
			text_hex(t, two.at, two.left);
		}
	} else {
		text_add(t, "0x");
		text_hex(t, id.at, id.left);
	}
}

static void
print_node(const char *word, struct reader node, struct text *t)
{
	struct reader value;
	char text[ADDR_TEXT];
	uint16_t type;

	text_printf(t, " %s [", word);
	while (bgpls_tlv_next(&node, &type, &value)) {
		text_printf(t, " %s ", bgpls_node_word(type));
		if (type == BGPLS_ROUTER_ID)
			print_router_id(value, t);
		else if (type == BGPLS_AREA || type == BGPLS_BGP_ROUTER_ID)
			text_add(t, address(value, text));
		else
			text_uint(t, reader_u32(&value));
	}
	text_add(t, " ]");
}

static void
print_topologies(struct reader r, struct text *t)
{
	bool several = r.left > 2;

	text_add(t, several ? " multi-topology [" : " multi-topology");
	while (r.left > 0)
		text_printf(t, " %u", reader_u16(&r));
	text_add(t, several ? " ]" : "");
}

static void
print_tlv(uint16_t type, struct reader value, struct text *t)
{
	uint32_t number;

	switch (type) {
	case BGPLS_LOCAL_NODE:
	case BGPLS_REMOTE_NODE:
		print_node(type == BGPLS_LOCAL_NODE ? "local" : "remote", value, t);
		break;
	case BGPLS_LINK_IDS:
		number = reader_u32(&value);
		text_printf(t, " link-identifiers %u %u", number, reader_u32(&value));
		break;
	case BGPLS_INTERFACE_V4:
	case BGPLS_INTERFACE_V6:
		part_print_address("interface-address", value, t);
		break;
	case BGPLS_NEIGHBOR_V4:
	case BGPLS_NEIGHBOR_V6:
		part_print_address("neighbor-address", value, t);
		break;
	case BGPLS_TOPOLOGIES:
		print_topologies(value, t);
		break;
	case BGPLS_OSPF_ROUTE_TYPE:
		text_printf(t, " ospf-route-type %u", reader_u8(&value));
		break;
	}
}

/* Words are there for all of a node, and make it again: in order, and router ids not too long. */
static bool
node_has_words(struct reader node)
{
	struct reader value;
	uint16_t type, last = 0;

	for (; bgpls_tlv_next(&node, &type, &value); last = type)
		if (type <= last || !bgpls_node_word(type) || value.left == 0 || value.left > 64)
			return false;
	return true;
}

static bool
tlv_has_words(const struct bgpls *b, uint16_t type, struct reader value)
{
	bool v6 = b->type == BGPLS_PREFIX_V6;
	struct prefix p;

	if (type == BGPLS_LOCAL_NODE || type == BGPLS_REMOTE_NODE)
		return node_has_words(value);
	if (type == BGPLS_SID)
		return b->type == BGPLS_SRV6_SID;
	if (type != BGPLS_REACHABILITY)
		return type >= BGPLS_LINK_IDS && type <= BGPLS_OSPF_ROUTE_TYPE && value.left <= 512;
	if (b->kind->needs != BGPLS_REACHABILITY || value.left == 0)
		return false;
	p = bgpls_prefix(value, v6);
	reader_u8(&value);
	return reader_equal(value, reader_of(p.addr.bytes, (p.len + 7u) / 8));
}

/* Of one type by value, as build orders them. */
static bool
same_type_rises(struct reader last, struct reader value)
{
	size_t size = last.left < value.left ? last.left : value.left;
	int by_value = memcmp(last.at, value.at, size);

	return by_value < 0 || (by_value == 0 && last.left < value.left);
}

static bool
has_words(const struct bgpls *b)
{
	struct reader r = b->tlvs, value, last_value = { 0 };
	uint16_t type, last = 0;

	for (; bgpls_tlv_next(&r, &type, &value); last = type, last_value = value)
		if (!tlv_has_words(b, type, value) ||
		    (type == last &&
			(type >= BGPLS_REACHABILITY || !same_type_rises(last_value, value))))
			return false;
	return true;
}

void
bgpls_print(struct reader nlri, bool vpn, struct text *t)
{
	char prefix[PREFIX_TEXT], sid[ADDR_TEXT];
	struct reader value;
	const char *protocol;
	uint16_t type;
	struct bgpls b;

	if (!bgpls_cut(nlri, vpn, &b) || !b.kind || !has_words(&b)) {
		text_add(t, "generic octets 0x");
		text_hex(t, nlri.at, nlri.left);
		return;
	}
	text_add(t, b.kind->word);
	if (b.kind->needs == BGPLS_REACHABILITY) {
		struct prefix p =
		    bgpls_prefix(bgpls_find(b.tlvs, BGPLS_REACHABILITY), b.type == BGPLS_PREFIX_V6);

		text_printf(t, " %s", prefix_print(&p, prefix));
	} else if (b.kind->needs == BGPLS_SID) {
		text_printf(t, " %s", address(bgpls_find(b.tlvs, BGPLS_SID), sid));
	}
	if (vpn) {
		text_add(t, " rd ");
		rd_print(b.rd, t);
	}
	protocol = bgpls_protocol(b.protocol);
	text_printf(t, " protocol %s", protocol ? protocol : "");
	if (!protocol)
		text_uint(t, b.protocol);
	text_add(t, " identifier ");
	text_uint(t, b.identifier);
	while (bgpls_tlv_next(&b.tlvs, &type, &value))
		print_tlv(type, value, t);
}

/* --- tree --- */

static void
tree_hex_text(const char *key, struct reader octets, struct tree *tree)
{
	struct text hex = { 0 };

	text_hex(&hex, octets.at, octets.left);
	tree_put_text(tree, key, text_str(&hex));
	text_fini(&hex);
}

/* A descriptor that we don't know, as ExaBGP shows an attribute of that sort. */
static void
generic_key(uint16_t type, struct tree *tree)
{
	char key[24];

	snprintf(key, sizeof key, "generic-lsid-%u", type);
	tree_key(tree, key);
}

static void
tree_generic(uint16_t type, struct reader value, struct tree *tree)
{
	generic_key(type, tree);
	tree_list(tree);
	tree_hex(tree, value.at, value.left);
	tree_list_end(tree);
}

/* Of a pseudonode, the designated router's (RFC 9552 section 5.2.1.4). */
static void
tree_router_id(struct reader id, struct tree *tree)
{
	struct reader octets = id;
	char number[8];

	if (id.left == 4 || id.left == 8) {
		part_tree_address("router-id", reader_sub(&id, 4), tree);
		if (id.left > 0)
			part_tree_address("designated-router-id", id, tree);
		return;
	}
	tree_hex_text("router-id", octets, tree);
	if (id.left == 7) {
		reader_sub(&id, 6);
		snprintf(number, sizeof number, "%u", reader_u8(&id));
		tree_put_text(tree, "psn", number);
	}
}

static void
tree_node_one(uint16_t type, struct reader value, struct tree *tree)
{
	char number[16];

	switch (type) {
	case BGPLS_AS:
	case BGPLS_MEMBER_AS:
		tree_put_uint(tree, bgpls_node_word(type), reader_u32(&value));
		break;
	case BGPLS_IDENTIFIER:
		snprintf(number, sizeof number, "%u", reader_u32(&value));
		tree_put_text(tree, bgpls_node_word(type), number);
		break;
	case BGPLS_AREA:
	case BGPLS_BGP_ROUTER_ID:
		part_tree_address(bgpls_node_word(type), value, tree);
		break;
	case BGPLS_ROUTER_ID:
		tree_router_id(value, tree);
		break;
	default:
		tree_generic(type, value, tree);
	}
}

static void
tree_node(const char *key, struct reader node, struct tree *tree)
{
	struct reader value;
	uint16_t type;

	tree_key(tree, key);
	tree_list(tree);
	while (bgpls_tlv_next(&node, &type, &value)) {
		tree_map(tree);
		tree_node_one(type, value, tree);
		tree_map_end(tree);
	}
	tree_list_end(tree);
}

/* All of two types, one behind the other. */
static void
tree_addresses(const char *key, struct reader tlvs, uint16_t v4, uint16_t v6, struct tree *tree)
{
	struct reader value;
	char text[ADDR_TEXT];
	uint16_t type;

	tree_key(tree, key);
	tree_list(tree);
	while (bgpls_tlv_next(&tlvs, &type, &value))
		if (type == v4 || type == v6)
			tree_text(tree, address(value, text));
	tree_list_end(tree);
}

/* The upper four bits are reserved (RFC 9552 section 5.2.2.1). */
static void
tree_topologies(struct reader tlvs, struct tree *tree)
{
	struct reader value;
	uint16_t type;

	tree_key(tree, "multi-topology-ids");
	tree_list(tree);
	while (bgpls_tlv_next(&tlvs, &type, &value))
		while (type == BGPLS_TOPOLOGIES && value.left > 0)
			tree_uint(tree, reader_u16(&value) & 0xfff);
	tree_list_end(tree);
}

static void
tree_link(struct reader tlvs, struct tree *tree)
{
	struct reader value;
	uint16_t type;

	tree_node("remote-node-descriptors", bgpls_find(tlvs, BGPLS_REMOTE_NODE), tree);
	tree_addresses("interface-addresses", tlvs, BGPLS_INTERFACE_V4, BGPLS_INTERFACE_V6, tree);
	tree_addresses("neighbor-addresses", tlvs, BGPLS_NEIGHBOR_V4, BGPLS_NEIGHBOR_V6, tree);
	tree_topologies(tlvs, tree);
	tree_key(tree, "link-identifiers");
	tree_list(tree);
	while (bgpls_tlv_next(&tlvs, &type, &value)) {
		if (type != BGPLS_LINK_IDS)
			continue;
		tree_map(tree);
		tree_put_uint(tree, "link-local-id", reader_u32(&value));
		tree_put_uint(tree, "link-remote-id", reader_u32(&value));
		tree_map_end(tree);
	}
	tree_list_end(tree);
}

static void
tree_prefix(const struct bgpls *b, struct tree *tree)
{
	struct prefix p =
	    bgpls_prefix(bgpls_find(b->tlvs, BGPLS_REACHABILITY), b->type == BGPLS_PREFIX_V6);
	char text[PREFIX_TEXT];

	tree_put_text(tree, "ip-reachability-tlv", addr_print(&p.addr, text));
	tree_put_text(tree, "ip-reach-prefix", prefix_print(&p, text));
}

/* Where there is none ExaBGP says so in its own language. */
static void
tree_next_hop(struct reader hop, struct tree *tree)
{
	char text[ADDR_TEXT];

	hop.left = hop.left > 16 ? 16 : hop.left;
	tree_put_text(tree, "nexthop", hop.left > 0 ? address(hop, text) : "None");
}

/* In order of type, so that those of one type stand together. */
static void
tree_unknown(struct reader tlvs, struct tree *tree)
{
	struct reader value;
	bool open = false;
	uint16_t type, last = 0;

	while (bgpls_tlv_next(&tlvs, &type, &value)) {
		if ((type >= BGPLS_LOCAL_NODE && type <= BGPLS_REACHABILITY) || type == BGPLS_SID)
			continue;
		if (open && type != last)
			tree_list_end(tree);
		if (!open || type != last) {
			generic_key(type, tree);
			tree_list(tree);
		}
		tree_hex(tree, value.at, value.left);
		open = true;
		last = type;
	}
	if (open)
		tree_list_end(tree);
}

static void
tree_kind(const struct bgpls *b, struct reader next_hop, struct tree *tree)
{
	struct reader route_type = bgpls_find(b->tlvs, BGPLS_OSPF_ROUTE_TYPE);

	if (b->type == BGPLS_LINK)
		tree_link(b->tlvs, tree);
	else if (bgpls_find(b->tlvs, BGPLS_TOPOLOGIES).left > 0)
		tree_topologies(b->tlvs, tree);
	if (b->kind->needs == BGPLS_REACHABILITY)
		tree_prefix(b, tree);
	if (b->kind->needs == BGPLS_SID)
		part_tree_address("srv6-sid", bgpls_find(b->tlvs, BGPLS_SID), tree);
	if (b->kind->hop)
		tree_next_hop(next_hop, tree);
	if (route_type.left > 0)
		tree_put_uint(tree, "ospf-route-type", reader_u8(&route_type));
}

void
bgpls_tree(struct reader nlri, bool vpn, struct reader next_hop, struct tree *tree)
{
	char rd[RD_TEXT];
	struct bgpls b;

	if (!bgpls_cut(nlri, vpn, &b) || !b.kind) {
		tree_put_uint(tree, "code", b.type);
		tree_key(tree, "parsed");
		tree_bool(tree, false);
		part_tree_raw(nlri, tree);
		return;
	}
	tree_put_text(tree, "ls-nlri-type", b.kind->name);
	tree_put_uint(tree, "l3-routing-topology", b.identifier);
	tree_put_uint(tree, "protocol-id", b.protocol);
	tree_node(b.type == BGPLS_LINK ? "local-node-descriptors" : "node-descriptors",
	    bgpls_find(b.tlvs, BGPLS_LOCAL_NODE), tree);
	tree_kind(&b, next_hop, tree);
	tree_unknown(b.tlvs, tree);
	if (vpn)
		tree_put_text(tree, "rd", rd_text(b.rd, rd));
}
