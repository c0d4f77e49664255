/* Extended communities (RFC 4360, 4364, 5668, 7674, 8955): eight octets, as a name with parts where there is
 * one and in hexadecimal where there is none. What is printed scans to the same octets. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include "common/addr.h"
#include "proto/bgp/attr/ext_community.h"
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/value.h"

enum { EXT = 8, PARTS = 4 };

/* How the first part was written: a row takes some of these. */
enum { PLAIN = 1, WIDE = 2, DOTTED = 4, ANY = 7 };

/* name:PART:PART..., the octets of each part. Of the rows of a type the first one prints. */
static const struct form {
	const char *name;
	uint8_t type, subtype;
	uint8_t takes;
	uint8_t width[PARTS];
	const char *shown; /* in JSON, when it is not the name */
} forms[] = {
	{ "target", 0x00, 0x02, PLAIN, { 2, 4 }, NULL },
	/* ExaBGP writes a wide ASN as an address: never RFC 5668's type 0x02. */
	{ "target", 0x01, 0x02, WIDE | DOTTED, { 4, 2 }, NULL },
	{ "target4", 0x01, 0x02, ANY, { 4, 2 }, NULL },
	{ "target-asn4", 0x02, 0x02, ANY, { 4, 2 }, "target" },
	{ "origin", 0x00, 0x03, PLAIN, { 2, 4 }, NULL },
	{ "origin", 0x01, 0x03, WIDE | DOTTED, { 4, 2 }, NULL },
	{ "origin4", 0x01, 0x03, ANY, { 4, 2 }, NULL },
	{ "origin-asn4", 0x02, 0x03, ANY, { 4, 2 }, "origin" },
	{ "redirect", 0x80, 0x08, PLAIN, { 2, 4 }, NULL },
	{ "redirect", 0x81, 0x08, DOTTED, { 4, 2 }, NULL },
	{ "redirect", 0x82, 0x08, WIDE, { 4, 2 }, NULL },
	{ "l2info", 0x80, 0x0a, ANY, { 1, 1, 2, 2 }, NULL },
	{ "mup", 0x0c, 0x00, ANY, { 2, 4 }, NULL },
};

/* One value and no more. */
static const struct phrase {
	const char *first, *second;
	uint64_t value;
} phrases[] = {
	{ "redirect-to-nexthop", NULL, 0x0800000000000000 },
	{ "copy-to-nexthop", NULL, 0x0800000000000001 },
	{ "action", "terminal", 0x8007000000000001 },
	{ "action", "sample", 0x8007000000000002 },
	{ "action", "sample-terminal", 0x8007000000000003 },
};

/* Kinds of tunnel (RFC 9012 section 4.1), as ExaBGP calls them. */
static const struct encapsulation {
	const char *name;
	uint16_t type;
} encapsulations[] = {
	{ "L2TPv3", 1 },
	{ "GRE", 2 },
	{ "IP-in-IP", 7 },
	{ "VXLAN", 8 },
	{ "NVGRE", 9 },
	{ "MPLS", 10 },
	{ "VXLAN-GPE", 12 },
	{ "MPLS-in-UDP", 13 },
};

/* The type octets of the rest. BANDWIDTH and RATE: an ASN of two octets and a float of four. */
enum {
	BANDWIDTH = 0x4004,
	RATE_BYTES = 0x8006,
	RATE_PACKETS = 0x800c,
	MARK = 0x8009,
	ENCAPSULATION = 0x030c,
	MAC_MOBILITY = 0x0600, /* RFC 7432 section 7.7: a flag and a sequence number */
	ORIGIN = 0x0003,
	ORIGIN_IPV4 = 0x0103,
	INTERFACE_SET =
	    0x0702, /* draft-ietf-idr-flowspec-interfaceset: an ASN, two bits of direction and a group */
	NOT_TRANSITIVE = 0x4000,
	DSCP_MAX = 63,
	GROUP_MAX = 0x3fff,
	DIRECTIONS = 4
};

static const char *const directions[DIRECTIONS] = { "", "input", "output", "input-output" };

enum {
	FORMS = sizeof forms / sizeof forms[0],
	PHRASES = sizeof phrases / sizeof phrases[0],
	ENCAPSULATIONS = sizeof encapsulations / sizeof encapsulations[0]
};

static int
ext_community_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return items_check(value, EXT);
}

/* Decimal, 0x, dotted, or decimal with an L behind it. Gives how it was written. */
static int
number_of(struct part part, uint64_t *n)
{
	uint32_t address;

	if (memchr(part.at, '.', part.len)) {
		if (part_ipv4(&part, &address) < 0)
			return -1;
		*n = address;
		return DOTTED;
	}
	if (part.at[part.len - 1] == 'L') {
		part.len--;
		return part_uint(&part, UINT32_MAX, n) < 0 ? -1 : WIDE;
	}
	if (part_uint(&part, UINT32_MAX, n) < 0)
		return -1;
	return *n > UINT16_MAX ? WIDE : PLAIN;
}

static const struct form *
form_named(const struct part *name, int written)
{
	for (size_t i = 0; i < FORMS; i++)
		if (part_is(name, forms[i].name) && (forms[i].takes & written))
			return &forms[i];
	return NULL;
}

static int
form_pack(const struct form *form, const uint64_t *n, size_t count, uint64_t *value)
{
	size_t i = 0;

	*value = (uint64_t)form->type << 8 | form->subtype;
	for (; i < PARTS && form->width[i]; i++) {
		unsigned bits = 8u * form->width[i];

		if (i == count || n[i] >> bits)
			return -1;
		*value = *value << bits | n[i];
	}
	return i == count ? 0 : -1;
}

/* Two parts without a name are a target. */
static int
form_scan(const struct part *part, size_t count, uint64_t *value)
{
	const struct part target = { "target", 6 };
	const struct part *name = count == 2 ? &target : part;
	const struct form *form;
	uint64_t n[PARTS];
	int written = 0;

	if (count != 2) {
		part++;
		count--;
	}
	for (size_t i = 0; i < count; i++) {
		int how = number_of(part[i], &n[i]);

		if (how < 0)
			return -1;
		if (i == 0)
			written = how;
	}
	form = form_named(name, written);
	return form ? form_pack(form, n, count, value) : -1;
}

static uint32_t
float_bits(uint64_t n)
{
	float f = (float)n;
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	return bits;
}

static int
bandwidth_scan(const struct part *part, size_t count, uint64_t *value)
{
	uint64_t asn, rate;

	if (count != 3 || !part_is(&part[0], "bandwidth") ||
	    part_uint(&part[1], UINT16_MAX, &asn) < 0 || part_uint(&part[2], UINT64_MAX, &rate) < 0)
		return -1;
	*value = (uint64_t)BANDWIDTH << 48 | asn << 32 | float_bits(rate);
	return 0;
}

static int
rate_scan(const struct part *part, size_t count, uint64_t *value)
{
	bool packets = count == 3 && part_is(&part[2], "packets");
	uint64_t rate;

	if (!part_is(&part[0], "rate-limit") || (count != 2 && !packets) ||
	    part_uint(&part[1], UINT64_MAX, &rate) < 0)
		return -1;
	*value = (uint64_t)(packets ? RATE_PACKETS : RATE_BYTES) << 48 | float_bits(rate);
	return 0;
}

/* encap:VXLAN */
static int
encapsulation_scan(const struct part *part, size_t count, uint64_t *value)
{
	if (count != 2 || !part_is(&part[0], "encap"))
		return -1;
	for (size_t i = 0; i < ENCAPSULATIONS; i++)
		if (part_is(&part[1], encapsulations[i].name)) {
			*value = (uint64_t)ENCAPSULATION << 48 | encapsulations[i].type;
			return 0;
		}
	return -1;
}

/* mac-mobility:5, mac-mobility:5:sticky */
static int
mobility_scan(const struct part *part, size_t count, uint64_t *value)
{
	bool sticky = count == 3 && part_is(&part[2], "sticky");
	uint64_t sequence;

	if (!part_is(&part[0], "mac-mobility") || (count != 2 && !sticky) ||
	    part_uint(&part[1], UINT32_MAX, &sequence) < 0)
		return -1;
	*value = (uint64_t)MAC_MOBILITY << 48 | (uint64_t)sticky << 40 | sequence;
	return 0;
}

/* [transitive:]input:65000:1 */
static int
interface_scan(const struct part *part, size_t count, uint64_t *value)
{
	uint64_t kind = INTERFACE_SET, way = 1, asn, group;

	if (count < 3 || count > 4)
		return -1;
	if (count == 4 && part_is(&part[0], "non-transitive"))
		kind |= NOT_TRANSITIVE;
	else if (count == 4 && !part_is(&part[0], "transitive"))
		return -1;
	part += count == 4;
	while (way < DIRECTIONS && !part_is(&part[0], directions[way]))
		way++;
	if (way == DIRECTIONS || part_uint(&part[1], UINT32_MAX, &asn) < 0 ||
	    part_uint(&part[2], GROUP_MAX, &group) < 0)
		return -1;
	*value = kind << 48 | asn << 16 | way << 14 | group;
	return 0;
}

int
ext_community_interface_set(const char *text, uint64_t *value)
{
	struct part part[PARTS];

	return interface_scan(part, parts_of(text, part, PARTS), value);
}

int
ext_community_of(const char *text, uint64_t *value)
{
	struct part part[PARTS + 1];
	uint8_t octets[EXT] = { 0 };
	struct reader r = reader_of(octets, EXT);
	size_t count;

	if (strncasecmp(text, "0x", 2) == 0 && !strchr(text, ':')) {
		if (strlen(text) != 2 + 2 * EXT || wide_scan(text, octets, EXT) < 0)
			return -1;
		*value = reader_u64(&r);
		return 0;
	}
	count = parts_of(text, part, PARTS + 1);
	if (count < 2)
		return -1;
	if (bandwidth_scan(part, count, value) == 0 || rate_scan(part, count, value) == 0 ||
	    encapsulation_scan(part, count, value) == 0 || mobility_scan(part, count, value) == 0)
		return 0;
	if (part_is(&part[0], "interface-set"))
		return interface_scan(part + 1, count - 1, value);
	return form_scan(part, count, value);
}

static int
mark_scan(struct words *words, uint64_t *value, struct reason *reason)
{
	uint64_t dscp;

	if (words_uint(words, 0, DSCP_MAX, "a DSCP", &dscp, reason) < 0)
		return -1;
	*value = (uint64_t)MARK << 48 | dscp;
	return 0;
}

/* redirect-to-nexthop-ietf 192.0.2.1 */
static int
next_hop_scan(struct words *words, bool copy, uint64_t *value, struct reason *reason)
{
	struct addr a;

	if (addr_scan(&a, words_peek(words)) < 0 || addr_size(&a) != 4)
		return words_wrong(words, reason, "an IPv4 address");
	words_next(words);
	*value = (uint64_t)FLOW_NEXT_HOP_IPV4 << 48 | (uint64_t)a.bytes[0] << 40 |
		 (uint64_t)a.bytes[1] << 32 | (uint64_t)a.bytes[2] << 24 |
		 (uint64_t)a.bytes[3] << 16 | copy;
	return 0;
}

/* "mark 10" and "action sample" are two words. */
static int
phrase_scan(struct words *words, uint64_t *value, struct reason *reason)
{
	if (words_take(words, "redirect-to-nexthop-ietf"))
		return next_hop_scan(words, false, value, reason);
	if (words_take(words, "copy-to-nexthop-ietf"))
		return next_hop_scan(words, true, value, reason);
	if (words_take(words, "mark"))
		return mark_scan(words, value, reason);
	for (size_t i = 0; i < PHRASES; i++) {
		struct words ahead = *words;

		if (!words_take(&ahead, phrases[i].first) ||
		    (phrases[i].second && !words_take(&ahead, phrases[i].second)))
			continue;
		*words = ahead;
		*value = phrases[i].value;
		return 0;
	}
	return words_wrong(
	    words, reason, "an extended community (target:65000:1, 0x and 16 digits)");
}

static int
one_scan(struct words *words, struct writer *w, struct reason *reason)
{
	uint64_t value = 0;

	if (ext_community_of(words_peek(words), &value) == 0)
		words_next(words);
	else if (phrase_scan(words, &value, reason) < 0)
		return -1;
	writer_u64(w, value);
	return 0;
}

static int
ext_community_scan(struct words *words, struct writer *w, struct reason *reason)
{
	size_t mark = w->len;

	if (items_scan(words, w, reason, one_scan) < 0)
		return -1;
	items_sort(w, mark, EXT, false);
	return 0;
}

/* The first part says which row it is: so that scan finds the same one. */
static void
first_print(const struct form *form, uint64_t n, bool shown, struct text *t)
{
	unsigned a = n >> 24 & 0xff, b = n >> 16 & 0xff, c = n >> 8 & 0xff, d = n & 0xff;

	if (!(form->takes & PLAIN) && (form->takes & DOTTED))
		text_printf(t, ":%u.%u.%u.%u", a, b, c, d);
	else
		text_printf(t, ":%" PRIu64 "%s", n,
		    (form->takes == WIDE && n <= UINT16_MAX) || (shown && form->shown) ? "L" : "");
}

static const struct form *
form_of(uint64_t value)
{
	for (size_t i = 0; i < FORMS; i++)
		if (value >> 48 == ((uint64_t)forms[i].type << 8 | forms[i].subtype))
			return &forms[i];
	return NULL;
}

static bool
form_print(uint64_t value, bool shown, struct text *t)
{
	const struct form *form = form_of(value);
	unsigned left = 48;

	if (!form)
		return false;
	text_add(t, shown && form->shown ? form->shown : form->name);
	for (size_t i = 0; i < PARTS && form->width[i]; i++) {
		unsigned bits = 8u * form->width[i];
		uint64_t n = value >> (left - bits) & ((UINT64_C(1) << bits) - 1);

		if (i == 0)
			first_print(form, n, shown, t);
		else
			text_printf(t, ":%" PRIu64, n);
		left -= bits;
	}
	return true;
}

/* Only what is a whole number: text has no other. */
static bool
rate_print(uint64_t value, struct text *t)
{
	unsigned kind = (unsigned)(value >> 48), asn = value >> 32 & 0xffff;
	uint32_t bits = (uint32_t)value;
	float rate;

	memcpy(&rate, &bits, sizeof rate);
	if (kind != BANDWIDTH && (asn != 0 || (kind != RATE_BYTES && kind != RATE_PACKETS)))
		return false;
	if (!(rate >= 0 && rate < 0x1p64f) || signbit(rate) || truncf(rate) != rate)
		return false;
	if (kind == BANDWIDTH)
		text_printf(t, "bandwidth:%u:%" PRIu64, asn, (uint64_t)rate);
	else
		text_printf(t, "rate-limit:%" PRIu64 "%s", (uint64_t)rate,
		    kind == RATE_PACKETS ? ":packets" : "");
	return true;
}

static bool
evpn_print(uint64_t value, struct text *t)
{
	uint64_t rest = value & 0xffffffffffff;

	for (size_t i = 0; value >> 48 == ENCAPSULATION && i < ENCAPSULATIONS; i++)
		if (encapsulations[i].type == rest) {
			text_printf(t, "encap:%s", encapsulations[i].name);
			return true;
		}
	if (value >> 48 != MAC_MOBILITY || rest >> 32 & 0xfeff)
		return false;
	text_printf(t, "mac-mobility:%u%s", (unsigned)(uint32_t)value, rest >> 40 ? ":sticky" : "");
	return true;
}

static bool
phrase_print(uint64_t value, struct text *t)
{
	if (value >> 48 == MARK && (value & 0xffffffffffff) <= DSCP_MAX) {
		text_printf(t, "mark %" PRIu64, value & DSCP_MAX);
		return true;
	}
	for (size_t i = 0; i < PHRASES; i++)
		if (phrases[i].value == value) {
			text_add(t, phrases[i].first);
			if (phrases[i].second)
				text_printf(t, " %s", phrases[i].second);
			return true;
		}
	return false;
}

static void
word_print(uint64_t value, bool shown, struct text *t)
{
	if (!rate_print(value, t) && !evpn_print(value, t) && !form_print(value, shown, t))
		text_printf(t, "0x%016" PRIx64, value);
}

static void
dotted_print(uint32_t n, struct text *t)
{
	text_printf(t, "%u.%u.%u.%u", n >> 24, n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff);
}

/* As ExaBGP shows what is typed in another form, or would lose something when it is typed so. */
static bool
shown_print(uint64_t value, struct text *t)
{
	unsigned kind = (unsigned)(value >> 48), way = value >> 14 & 3;

	switch (kind) {
	case RATE_BYTES:
	case RATE_PACKETS: /* whoever's AS it says */
		return rate_print(value & ~(UINT64_C(0xffff) << 32), t);
	case ORIGIN:
		text_printf(t, "origin:%u:", (unsigned)(value >> 32 & 0xffff));
		dotted_print((uint32_t)value, t);
		return true;
	case ORIGIN_IPV4: /* the number first, as of the other */
		text_printf(t, "origin:%u:", (unsigned)(value & 0xffff));
		dotted_print((uint32_t)(value >> 16), t);
		return true;
	case FLOW_NEXT_HOP_IPV4:
		text_printf(t, "%s-to-nexthop-ietf ", value & 1 ? "copy" : "redirect");
		dotted_print((uint32_t)(value >> 16), t);
		text_add(t, value & 1 ? " (with copy)" : "");
		return true;
	case INTERFACE_SET:
	case INTERFACE_SET | NOT_TRANSITIVE:
		if (way == 0)
			return false;
		text_printf(t, "interface-set:%s:%u:%u", directions[way], (unsigned)(value >> 16),
		    (unsigned)(value & GROUP_MAX));
		return true;
	default:
		return false;
	}
}

static void
value_print(uint64_t value, bool shown, struct text *t)
{
	if (shown && shown_print(value, t))
		return;
	if (!phrase_print(value, t))
		word_print(value, shown, t);
}

void
ext_community_word(uint64_t value, struct text *t)
{
	word_print(value, false, t);
}

static void
one_print(struct reader value, struct text *t)
{
	value_print(reader_u64(&value), false, t);
}

static void
ext_community_print(struct reader value, struct text *t)
{
	items_print(value, EXT, t, one_print);
}

static void
one_show(struct reader value, struct text *t)
{
	value_print(reader_u64(&value), true, t);
}

void
ext_community_show(struct reader value, struct text *t)
{
	items_print(value, EXT, t, one_show);
}

static void
ext_community_tree(struct reader value, struct tree *tree)
{
	struct text text = { 0 };

	tree_list(tree);
	while (value.left > 0) {
		uint64_t one = reader_u64(&value);

		text_clear(&text);
		value_print(one, true, &text);
		tree_map(tree);
		tree_key(tree, "value");
		tree_uint(tree, one);
		tree_key(tree, "string");
		tree_text(tree, text_str(&text));
		tree_map_end(tree);
	}
	tree_list_end(tree);
	text_fini(&text);
}

const struct attr_ops attr_ext_community = {
	.code = ATTR_EXT_COMMUNITY,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "extended-community",
	.name = "extended-community",
	.check = ext_community_check,
	.scan = ext_community_scan,
	.print = ext_community_print,
	.tree = ext_community_tree,
};
