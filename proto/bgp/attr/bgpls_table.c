/* The TLVs of the BGP-LS attribute that are shown by name: RFC 9552 section 5.3, RFC 9085, RFC 9514. The names
 * are ExaBGP's, and what it shows as octets (RFC 8814, SRLB) is not here. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr/bgpls.h"

void
bgpls_generic_key(uint16_t code, struct tree *tree)
{
	char key[24];

	snprintf(key, sizeof key, "generic-lsid-%u", code);
	tree_key(tree, key);
}

/* --- how values are shown --- */

static void
tree_number(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint64_t number = 0;

	while (r.left > 0)
		number = number << 8 | reader_u8(&r);
	tree_uint(tree, number);
	(void)tlv;
}

/* As many as there are, each as wide as the table says the length grows by. */
static void
tree_numbers(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	while (r.left > 0)
		tree_number(tlv, reader_sub(&r, tlv->step), tree);
}

/* The upper four bits are reserved (RFC 9552 section 5.2.2.1). */
static void
tree_topologies(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	while (r.left > 0)
		tree_uint(tree, reader_u16(&r) & 0xfff);
	(void)tlv;
}

/* Octets a second, IEEE 754. */
static void
tree_rate(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint32_t bits = reader_u32(&r);
	float number;

	memcpy(&number, &bits, sizeof number);
	if (isfinite(number))
		tree_real(tree, (double)number);
	else
		tree_null(tree);
	(void)tlv;
}

static void
tree_rates(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_list(tree);
	while (r.left > 0)
		tree_rate(tlv, reader_sub(&r, 4), tree);
	tree_list_end(tree);
}

static void
tree_name(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_textn(tree, (const char *)r.at, r.left);
	(void)tlv;
}

static void
tree_address(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	struct addr addr = addr_of(r.at, r.left);
	char text[ADDR_TEXT];

	tree_text(tree, addr_print(&addr, text));
	(void)tlv;
}

/* The area's octets as one decimal number, which is how ExaBGP tells it. */
static void
tree_area(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	uint8_t digits[96] = { 0 };
	char text[sizeof digits + 1];
	size_t count = 1;

	while (r.left > 0) {
		unsigned carry = reader_u8(&r);

		for (size_t i = 0; i < count || carry > 0; i++) {
			carry += digits[i] * 256u;
			digits[i] = (uint8_t)(carry % 10);
			carry /= 10;
			count = i < count ? count : i + 1;
		}
	}
	for (size_t i = 0; i < count; i++)
		text[i] = (char)('0' + digits[count - 1 - i]);
	tree_textn(tree, text, count);
	(void)tlv;
}

/* What stands behind the first octet is reserved. */
static void
tree_flags(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	bgpls_tree_flags(NULL, tlv->flags, reader_u8(&r), tree);
}

static void
tree_flags_keyed(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	bgpls_tree_flags("flags", tlv->flags, reader_u8(&r), tree);
	tree_map_end(tree);
}

/* IS-IS metrics of six bits come in one octet (RFC 9552 section 5.3.2.4). */
static void
tree_metric(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	if (r.left == 1)
		tree_uint(tree, reader_u8(&r) & 0x3f);
	else
		tree_number(tlv, r, tree);
}

static void
tree_link_ids(const struct bgpls_tlv *tlv, struct reader r, struct tree *tree)
{
	tree_map(tree);
	tree_put_uint(tree, "local-id", reader_u32(&r));
	tree_put_uint(tree, "remote-id", reader_u32(&r));
	tree_map_end(tree);
	(void)tlv;
}

/* --- the table --- */

static const struct bgpls_flag node_flags[] = { { "O", 0x80 }, { "T", 0x40 }, { "E", 0x20 },
	{ "B", 0x10 }, { "R", 0x08 }, { "V", 0x04 }, { 0 } };
static const struct bgpls_flag capability_flags[] = { { "I", 0x80 }, { "V", 0x40 }, { 0 } };
static const struct bgpls_flag srv6_capability_flags[] = { { "O", 0x40 }, { 0 } };
/* RFC 5307 section 1.2 */
static const struct bgpls_flag protection_flags[] = { { "ExtraTrafic", 0x01 },
	{ "Unprotected", 0x02 }, { "Shared", 0x04 }, { "Dedicated 1:1", 0x08 },
	{ "Dedicated 1+1", 0x10 }, { "Enhanced", 0x20 }, { 0 } };
static const struct bgpls_flag mpls_flags[] = { { "LDP", 0x80 }, { "RSVP-TE", 0x40 }, { 0 } };
static const struct bgpls_flag igp_flags[] = { { "D", 0x80 }, { "N", 0x40 }, { "L", 0x20 },
	{ "P", 0x10 }, { 0 } };
static const struct bgpls_flag prefix_flags[] = { { "X", 0x80 }, { "R", 0x40 }, { "N", 0x20 },
	{ 0 } };

enum { ANY = UINT16_MAX };

/* clang-format off */
static const struct bgpls_tlv table[] = {
	/* code, octets: least, most, step */
	{  258,  8,   8,  1, BGPLS_ONE,  "link-local-remote-identifiers", tree_link_ids },
	{  263,  2, ANY,  2, BGPLS_MANY, "multi-topology-ids", tree_topologies },
	{ 1024,  1,   1,  1, BGPLS_ONE,  "node-flags", tree_flags, node_flags },
	{ 1026,  1, 255,  1, BGPLS_ONE,  "node-name", tree_name },
	{ 1027,  1,  32,  1, BGPLS_MANY, "area-ids", tree_area },
	{ 1028,  4,   4,  1, BGPLS_MANY, "local-router-ids", tree_address },
	{ 1029, 16,  16,  1, BGPLS_MANY, "local-router-ids", tree_address },
	{ 1030,  4,   4,  1, BGPLS_MANY, "remote-router-ids", tree_address },
	{ 1031, 16,  16,  1, BGPLS_MANY, "remote-router-ids", tree_address },
	{ 1034, 12, ANY,  1, BGPLS_BARE, "sr-capability-flags", bgpls_tree_ranges, capability_flags, bgpls_check_ranges },
	{ 1035,  1, 256,  1, BGPLS_MANY, "sr-algorithms", tree_numbers },
	{ 1038,  4,   4,  1, BGPLS_ONE,  "srv6-capabilities", tree_flags_keyed, srv6_capability_flags },
	{ 1088,  4,   4,  1, BGPLS_ONE,  "admin-group-mask", tree_number },
	{ 1089,  4,   4,  1, BGPLS_ONE,  "maximum-link-bandwidth", tree_rate },
	{ 1090,  4,   4,  1, BGPLS_ONE,  "maximum-reservable-link-bandwidth", tree_rate },
	{ 1091, 32,  32,  1, BGPLS_ONE,  "unreserved-bandwidth", tree_rates },
	{ 1092,  4,   4,  1, BGPLS_ONE,  "te-metric", tree_number },
	{ 1093,  2,   2,  1, BGPLS_ONE,  "link-protection-flags", tree_flags, protection_flags },
	{ 1094,  1,   1,  1, BGPLS_ONE,  "mpls-mask", tree_flags, mpls_flags },
	{ 1095,  1,   3,  1, BGPLS_ONE,  "igp-metric", tree_metric },
	{ 1096,  4, ANY,  4, BGPLS_MANY, "shared-risk-link-groups", tree_numbers },
	{ 1098,  1, 255,  1, BGPLS_ONE,  "link-name", tree_name },
	{ 1099,  7,   8,  1, BGPLS_MANY, "sr-adjs", bgpls_tree_adjacency, bgpls_adjacency_flags },
	{ 1100, 11,  14,  1, BGPLS_MANY, "sr-adj-lans", bgpls_tree_adjacency, bgpls_adjacency_flags },
	{ 1106, 22, ANY,  1, BGPLS_MANY, "srv6-endx", bgpls_tree_srv6_adjacency, bgpls_srv6_flags, bgpls_check_srv6_adjacency },
	{ 1107, 28, ANY,  1, BGPLS_MANY, "srv6-lan-endx-isis", bgpls_tree_srv6_adjacency, bgpls_srv6_flags, bgpls_check_srv6_isis },
	{ 1108, 26, ANY,  1, BGPLS_MANY, "srv6-lan-endx-ospf", bgpls_tree_srv6_adjacency, bgpls_srv6_flags, bgpls_check_srv6_ospf },
	{ 1152,  1,   1,  1, BGPLS_ONE,  "igp-flags", tree_flags, igp_flags },
	{ 1153,  4, ANY,  4, BGPLS_MANY, "igp-route-tags", tree_numbers },
	{ 1154,  8, ANY,  8, BGPLS_MANY, "igp-extended-route-tags", tree_numbers },
	{ 1155,  4,   4,  1, BGPLS_ONE,  "prefix-metric", tree_number },
	{ 1156,  4,  16, 12, BGPLS_ONE,  "ospf-forwarding-address", tree_address },
	{ 1158,  7,   8,  1, BGPLS_BARE, "sr-prefix-flags", bgpls_tree_prefix_sid, bgpls_prefix_sid_flags },
	{ 1162,  8, ANY,  1, BGPLS_ONE,  "srv6-locator", bgpls_tree_locator, bgpls_locator_flags, bgpls_check_locator },
	{ 1170,  1, ANY,  1, BGPLS_ONE,  "sr-prefix-attribute-flags", tree_flags, prefix_flags },
	{ 1171,  4,  16, 12, BGPLS_ONE,  "sr-source-router-id", tree_address },
	{ 1250,  4,   4,  1, BGPLS_ONE,  "srv6-endpoint-behavior", bgpls_tree_behavior },
	{ 1251, 12,  12,  1, BGPLS_MANY, "srv6-bgp-peer-node-sids", bgpls_tree_peer_sid, bgpls_srv6_flags },
	{ 1252,  4,   4,  1, BGPLS_ONE,  "srv6-sid-structure", bgpls_tree_structure },
};
/* clang-format on */

const struct bgpls_tlv *
bgpls_tlv(uint16_t code)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].code == code)
			return &table[i];
	return NULL;
}

uint16_t
bgpls_leader(uint16_t code)
{
	const struct bgpls_tlv *t = bgpls_tlv(code);

	while (t && t > table && strcmp(t->name, t[-1].name) == 0)
		t--;
	return t ? t->code : code;
}

bool
bgpls_tlv_ok(uint16_t code, struct reader value)
{
	const struct bgpls_tlv *t = bgpls_tlv(code);

	if (!t)
		return true;
	if (value.left < t->min || value.left > t->max || (value.left - t->min) % t->step != 0)
		return false;
	return !t->check || t->check(value);
}

void
bgpls_tree_flags(const char *key, const struct bgpls_flag *flags, uint8_t octet, struct tree *tree)
{
	if (key)
		tree_key(tree, key);
	tree_map(tree);
	for (; flags->name; flags++) {
		tree_put_uint(tree, flags->name, (octet & flags->bit) != 0);
		octet &= (uint8_t)~flags->bit;
	}
	tree_put_uint(tree, "RSV", octet);
	tree_map_end(tree);
}
