/* BGP-LS as it is typed: what it is about, then keywords. Each keyword leaves a descriptor as it stands on the
 * wire; build puts them into order behind protocol and identifier. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/nlri/bgpls.h"
#include "proto/bgp/rd.h"

enum { PART_PROTOCOL = PART_OWN, PART_IDENTIFIER, PART_TLV, PART_OCTETS };
enum { TLV_MAX = 1024 };

static const char *const protocols[] = { NULL, "isis-l1", "isis-l2", "ospfv2", "direct", "static",
	"ospfv3", "bgp", "rsvp-te", "segment-routing" };

enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

const char *
bgpls_protocol(uint8_t number)
{
	return number < PROTOCOLS ? protocols[number] : NULL;
}

static const struct node_word {
	const char *word;
	uint16_t type;
} node_words[] = {
	{ "autonomous-system", BGPLS_AS },
	{ "bgp-ls-identifier", BGPLS_IDENTIFIER },
	{ "ospf-area-id", BGPLS_AREA },
	{ "router-id", BGPLS_ROUTER_ID },
	{ "bgp-router-id", BGPLS_BGP_ROUTER_ID },
	{ "member-as-number", BGPLS_MEMBER_AS },
};

enum { NODE_WORDS = sizeof node_words / sizeof *node_words };

const char *
bgpls_node_word(uint16_t type)
{
	for (size_t i = 0; i < NODE_WORDS; i++)
		if (node_words[i].type == type)
			return node_words[i].word;
	return NULL;
}

static void
put_tlv(struct writer *w, uint16_t type, struct reader value)
{
	writer_u16(w, type);
	writer_u16(w, value.left);
	writer_copy(w, value);
}

static void
add_tlv(struct route_draft *d, uint16_t type, struct reader value)
{
	uint8_t memory[BGPLS_TLV_HEAD + TLV_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	put_tlv(&w, type, value);
	part_add(d, PART_TLV, writer_read(&w));
}

static void
add_number(struct route_draft *d, uint8_t tag, uint64_t number)
{
	uint8_t octets[8];
	struct writer w = writer_of(octets, sizeof octets);

	writer_u64(&w, number);
	part_add(d, tag, writer_read(&w));
}

/* Opens the NLRI with its type; a prefix and a SID are descriptors. */
int
bgpls_scan(struct words *words, struct writer *w, struct reason *why)
{
	struct prefix p;
	struct addr sid;

	if (words_take(words, "generic"))
		return 0;
	if (words_take(words, "node")) {
		writer_u16(w, BGPLS_NODE);
	} else if (words_take(words, "link")) {
		writer_u16(w, BGPLS_LINK);
	} else if (words_take(words, "prefix")) {
		if (prefix_scan(&p, words_peek(words)) < 0)
			return words_wrong(words, why, "a prefix (10.0.0.0/24, 2001:db8::/32)");
		words_next(words);
		prefix_mask(&p);
		writer_u16(w, p.addr.family == 4 ? BGPLS_PREFIX_V4 : BGPLS_PREFIX_V6);
		writer_u16(w, BGPLS_REACHABILITY);
		writer_u16(w, 1 + (p.len + 7u) / 8);
		writer_u8(w, p.len);
		writer_bytes(w, p.addr.bytes, (p.len + 7u) / 8);
	} else if (words_take(words, "srv6-sid")) {
		if (addr_scan(&sid, words_peek(words)) < 0 || sid.family != 6)
			return words_wrong(words, why, "an SRv6 SID (an IPv6 address)");
		words_next(words);
		writer_u16(w, BGPLS_SRV6_SID);
		put_tlv(w, BGPLS_SID, reader_of(sid.bytes, 16));
	} else {
		return words_wrong(
		    words, why, "something of BGP-LS (node, link, prefix, srv6-sid, generic)");
	}
	return 0;
}

static int
scan_protocol(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t number = 1;

	while (number < PROTOCOLS && !words_take(words, protocols[number]))
		number++;
	if (number == PROTOCOLS &&
	    words_uint(words, 0, UINT8_MAX, "a protocol (isis-l2, ospfv2, ..., or its number)",
		&number, why) < 0)
		return -1;
	add_number(d, PART_PROTOCOL, number);
	return 0;
}

static int
scan_identifier(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t number;

	if (words_uint(words, 0, UINT64_MAX, "an identifier", &number, why) < 0)
		return -1;
	add_number(d, PART_IDENTIFIER, number);
	return 0;
}

/* 0101.3400.0041 and 0101.3400.0041.03, with or without the points. */
static int
iso_octets(const char *word, struct writer *w)
{
	char digits[16];
	uint8_t octets[7];
	size_t n = 0;

	for (; *word; word++) {
		if (*word == '.')
			continue;
		if (n == sizeof digits - 1)
			return -1;
		digits[n++] = *word;
	}
	if ((n != 12 && n != 14) || word_octets(digits, octets, n / 2) < 0)
		return -1;
	writer_bytes(w, octets, n / 2);
	return 0;
}

/* 10.0.0.1, and 10.0.0.1:10.0.0.2 of a network */
static int
ospf_octets(const char *word, struct writer *w)
{
	const char *colon = strchr(word, ':');
	char first[ADDR_TEXT];
	struct addr router, interface;

	snprintf(first, sizeof first, "%.*s", (int)(colon ? colon - word : ADDR_TEXT), word);
	if (addr_scan(&router, first) < 0 || router.family != 4)
		return -1;
	if (colon && (addr_scan(&interface, colon + 1) < 0 || interface.family != 4))
		return -1;
	writer_bytes(w, router.bytes, 4);
	if (colon)
		writer_bytes(w, interface.bytes, 4);
	return 0;
}

static int
scan_router_id(struct words *words, struct writer *w, struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;

	if (len > 2 && len % 2 == 0 && len <= 2 + 2 * 64 && word[0] == '0' && word[1] == 'x') {
		uint8_t octets[64];

		if (word_octets(word + 2, octets, len / 2 - 1) < 0)
			return words_wrong(words, why, "octets");
		writer_bytes(w, octets, len / 2 - 1);
	} else if (ospf_octets(word, w) < 0 && iso_octets(word, w) < 0) {
		return words_wrong(words, why,
		    "a router id (10.0.0.1, 0101.3400.0041, 0101.3400.0041.03, or octets)");
	}
	words_next(words);
	return 0;
}

static int
scan_dotted(struct words *words, struct writer *w, struct reason *why)
{
	struct addr addr;
	uint64_t number;

	if (addr_scan(&addr, words_peek(words)) == 0 && addr.family == 4) {
		words_next(words);
		writer_bytes(w, addr.bytes, 4);
		return 0;
	}
	if (words_uint(words, 0, UINT32_MAX, "an identifier (0.0.0.1 or 1)", &number, why) < 0)
		return -1;
	writer_u32(w, number);
	return 0;
}

static int
scan_node_value(uint16_t type, struct words *words, struct writer *w, struct reason *why)
{
	uint64_t number;

	if (type == BGPLS_ROUTER_ID)
		return scan_router_id(words, w, why);
	if (type == BGPLS_AREA || type == BGPLS_BGP_ROUTER_ID)
		return scan_dotted(words, w, why);
	if (words_uint(words, 0, UINT32_MAX, "a number of 32 bits", &number, why) < 0)
		return -1;
	writer_u32(w, number);
	return 0;
}

/* [ autonomous-system 1 router-id 10.0.0.1 ]: in the order of the wire, whichever was typed. */
static int
scan_node(struct words *words, struct route_draft *d, uint16_t node, struct reason *why)
{
	uint8_t memory[NODE_WORDS][BGPLS_TLV_HEAD + 64], all[sizeof memory];
	struct writer part[NODE_WORDS] = { 0 }, w = writer_of(all, sizeof all);

	if (words_expect(words, "[", why) < 0)
		return -1;
	while (!words_take(words, "]")) {
		size_t i = 0, mark;

		while (i < NODE_WORDS && strcmp(words_peek(words), node_words[i].word) != 0)
			i++;
		if (i == NODE_WORDS)
			return words_wrong(words, why,
			    "what a node is known by (autonomous-system, bgp-ls-identifier, "
			    "ospf-area-id, router-id, bgp-router-id, member-as-number), or ]");
		words_next(words);
		part[i] = writer_of(memory[i], sizeof memory[i]);
		writer_u16(&part[i], node_words[i].type);
		mark = writer_begin_u16(&part[i]);
		if (scan_node_value(node_words[i].type, words, &part[i], why) < 0)
			return -1;
		writer_end_u16(&part[i], mark);
	}
	for (size_t i = 0; i < NODE_WORDS; i++)
		writer_copy(&w, writer_read(&part[i]));
	add_tlv(d, node, writer_read(&w));
	return 0;
}

static int
scan_local(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_node(words, d, BGPLS_LOCAL_NODE, why);
}

static int
scan_remote(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_node(words, d, BGPLS_REMOTE_NODE, why);
}

/* link-identifiers 16 0 */
static int
scan_link_ids(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t octets[8];
	struct writer w = writer_of(octets, sizeof octets);
	uint64_t local, remote;

	if (words_uint(words, 0, UINT32_MAX, "the link's local identifier", &local, why) < 0 ||
	    words_uint(words, 0, UINT32_MAX, "the link's remote identifier", &remote, why) < 0)
		return -1;
	writer_u32(&w, local);
	writer_u32(&w, remote);
	add_tlv(d, BGPLS_LINK_IDS, writer_read(&w));
	return 0;
}

static int
scan_address(
    struct words *words, struct route_draft *d, uint16_t v4, uint16_t v6, struct reason *why)
{
	struct addr addr;

	if (addr_scan(&addr, words_peek(words)) < 0)
		return words_wrong(words, why, "an address");
	words_next(words);
	add_tlv(d, addr.family == 4 ? v4 : v6, reader_of(addr.bytes, addr_size(&addr)));
	return 0;
}

static int
scan_interface(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_address(words, d, BGPLS_INTERFACE_V4, BGPLS_INTERFACE_V6, why);
}

static int
scan_neighbor(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_address(words, d, BGPLS_NEIGHBOR_V4, BGPLS_NEIGHBOR_V6, why);
}

/* One, or many in brackets. */
static int
scan_topologies(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t octets[TLV_MAX];
	struct writer w = writer_of(octets, sizeof octets);
	bool several = words_take(words, "[");
	uint64_t number;

	do {
		if (words_uint(words, 0, UINT16_MAX, "a topology", &number, why) < 0)
			return -1;
		writer_u16(&w, number);
	} while (several && !words_take(words, "]"));
	if (!writer_ok(&w))
		return words_wrong(words, why, "fewer topologies");
	add_tlv(d, BGPLS_TOPOLOGIES, writer_read(&w));
	return 0;
}

static int
scan_route_type(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t octet;
	uint64_t number;

	if (words_uint(words, 0, UINT8_MAX, "an OSPF route type", &number, why) < 0)
		return -1;
	octet = (uint8_t)number;
	add_tlv(d, BGPLS_OSPF_ROUTE_TYPE, reader_of(&octet, 1));
	return 0;
}

static int
scan_octets(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_octets(words, d, PART_OCTETS, "the NLRI (0x and its octets)", why);
}

/* By type, then by value (RFC 7752 section 3.1). */
static int
tlv_order(struct reader a, struct reader b)
{
	size_t size = a.left < b.left ? a.left : b.left;
	uint16_t x = reader_u16(&a), y = reader_u16(&b);
	int by_value;

	if (x != y)
		return x < y ? -1 : 1;
	reader_u16(&a);
	reader_u16(&b);
	by_value = memcmp(a.at, b.at, size - BGPLS_TLV_HEAD);
	return by_value ? by_value : (a.left > b.left) - (a.left < b.left);
}

/* The least one behind `last`: so they come in order, and none comes twice. */
static bool
next_tlv(const struct route_draft *d, struct reader typed, struct reader last, struct reader *next)
{
	struct reader parts = octets_read(&d->parts);
	struct part p = { .tag = PART_TLV, .value = typed };
	bool found = false;

	if (typed.left == 0 && !part_next(&parts, &p))
		return false;
	do {
		if (p.tag != PART_TLV || (last.left > 0 && tlv_order(p.value, last) <= 0))
			continue;
		if (!found || tlv_order(p.value, *next) < 0)
			*next = p.value;
		found = true;
	} while (part_next(&parts, &p));
	return found;
}

static int
settle(struct reader nlri, bool vpn, struct writer *w, struct reason *why)
{
	size_t mark = w->len;

	if (bgpls_parse(&nlri, vpn, w) == NLRI_TAKEN && reader_done(&nlri))
		return 0;
	w->len = mark;
	return reason_set(why, 0, 0, "these words make no BGP-LS route");
}

static int
put_head(const struct route_draft *d, bool vpn, struct writer *w, struct reason *why)
{
	struct reader rd, protocol, identifier;

	if (vpn && !part_find(d, PART_RD, &rd))
		return reason_set(why, 0, 0, "a route of BGP-LS-VPN needs rd");
	if (vpn)
		writer_copy(w, rd);
	if (!part_find(d, PART_PROTOCOL, &protocol))
		return reason_set(why, 0, 0, "a BGP-LS route needs protocol");
	writer_u8(w, reader_u64(&protocol));
	writer_u64(w, part_find(d, PART_IDENTIFIER, &identifier) ? reader_u64(&identifier) : 0);
	return 0;
}

static int
check_nodes(struct reader tlvs, uint16_t type, struct reason *why)
{
	if (bgpls_find(tlvs, BGPLS_LOCAL_NODE).left == 0)
		return reason_set(
		    why, 0, 0, "a BGP-LS route needs local and what the node is known by");
	if (type == BGPLS_LINK && bgpls_find(tlvs, BGPLS_REMOTE_NODE).left == 0)
		return reason_set(why, 0, 0, "a link needs remote and what the node is known by");
	return 0;
}

int
bgpls_build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	bool vpn = d->family == BGP_LS_VPN;
	uint16_t type = typed.left > 0 ? reader_u16(&typed) : 0;
	struct reader octets = { 0 }, tlv = { 0 }, tlvs;
	uint8_t memory[NLRI_MAX];
	struct writer own = writer_of(memory, sizeof memory);
	size_t mark, first;

	if (!type)
		return part_find(d, PART_OCTETS, &octets)
			   ? settle(octets, vpn, w, why)
			   : reason_set(why, 0, 0, "a generic BGP-LS route needs octets");
	writer_u16(&own, type);
	mark = writer_begin_u16(&own);
	if (put_head(d, vpn, &own, why) < 0)
		return -1;
	first = own.len;
	while (writer_ok(&own) && next_tlv(d, typed, tlv, &tlv))
		writer_copy(&own, tlv);
	writer_end_u16(&own, mark);
	tlvs = reader_of(own.base + first, own.len - first);
	if (check_nodes(tlvs, type, why) < 0)
		return -1;
	return writer_ok(&own) ? settle(writer_read(&own), vpn, w, why)
			       : reason_set(why, 0, 0, "the BGP-LS route is too long");
}

#define WORDS                                                                                      \
	{ "protocol", scan_protocol }, { "identifier", scan_identifier }, { "local", scan_local }, \
	    { "remote", scan_remote }, { "link-identifiers", scan_link_ids },                      \
	    { "interface-address", scan_interface }, { "neighbor-address", scan_neighbor },        \
	    { "multi-topology", scan_topologies }, { "ospf-route-type", scan_route_type },         \
	{                                                                                          \
		"octets", scan_octets                                                              \
	}

const struct nlri_word bgpls_words[] = { WORDS, { 0 } };
const struct nlri_word bgpls_vpn_words[] = {
	WORDS,
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ 0 },
};
