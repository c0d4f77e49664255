/* Flow specifications as they are typed: each keyword of `match` leaves a part, and these make the NLRI, in the
 * order of their types. What several statements say of one component is one list. */
#include <string.h>
#include <strings.h>
#include "common/addr.h"
#include "proto/bgp/nlri/flow.h"
#include "proto/bgp/rd.h"

enum { PART_FLOW = PART_OWN, LIST_MAX = 2048, EITHER = 0, ONLY_IPV4 = 4, ONLY_IPV6 = 6 };

/* An operator that is written in front of a value. Longer ones first. */
static const struct sign {
	const char *text;
	uint8_t op;
} numeric[] = {
	{ "!=", FLOW_LESS | FLOW_MORE },
	{ ">=", FLOW_MORE | FLOW_EQUAL },
	{ "<=", FLOW_LESS | FLOW_EQUAL },
	{ ">", FLOW_MORE },
	{ "<", FLOW_LESS },
	{ "=", FLOW_EQUAL },
	{ "true", FLOW_NUMERIC },
	{ "false", 0 },
	{ "", FLOW_EQUAL },
}, bitmask[] = {
	{ "!=", FLOW_NOT | FLOW_MATCH },
	{ "!", FLOW_NOT },
	{ "=", FLOW_MATCH },
	{ "", 0 },
};

static const struct sign *
sign_of(const struct flow_kind *k, const char *at)
{
	const struct sign *s = k->form == FLOW_BITS ? bitmask : numeric;

	while (strncasecmp(at, s->text, strlen(s->text)) != 0)
		s++;
	return s;
}

/* A name or a number. */
static int
value_scan(const struct flow_kind *k, const char *at, size_t len, uint32_t *value)
{
	uint64_t number;

	for (const struct flow_name *n = k->names; n && n->name; n++)
		if (strlen(n->name) == len && strncasecmp(at, n->name, len) == 0) {
			*value = n->value;
			return 0;
		}
	if (len == 0 || word_uint(at, len, k->max, &number) < 0)
		return -1;
	*value = (uint32_t)number;
	return 0;
}

/* syn+ack */
static int
bits_scan(const struct flow_kind *k, const char *at, size_t len, uint32_t *value)
{
	*value = 0;
	for (;;) {
		const char *plus = memchr(at, '+', len);
		size_t one = plus ? (size_t)(plus - at) : len;
		uint32_t bits;

		if (value_scan(k, at, one, &bits) < 0)
			return -1;
		*value |= bits;
		if (!plus)
			return 0;
		at += one + 1;
		len -= one + 1;
	}
}

/* >8080&<8088: what is ANDed has a bit of its own. */
static int
word_scan(const struct flow_kind *k, const char *at, struct writer *w)
{
	unsigned and = 0;

	for (;;) {
		const struct sign *s = sign_of(k, at);
		size_t len = strcspn(at, "&"), skip = strlen(s->text);
		bool bare = k->form == FLOW_NUMBERS && (s->op == 0 || s->op == FLOW_NUMERIC);
		uint32_t value = 0;
		int ok = 0;

		if (len < skip)
			return -1;
		if (k->form == FLOW_BITS)
			ok = bits_scan(k, at + skip, len - skip, &value);
		else if (!bare || len > skip) /* true and false need no value */
			ok = value_scan(k, at + skip, len - skip, &value);
		if (ok < 0)
			return -1;
		flow_operator(w, s->op | and, value);
		if (at[len] == '\0')
			return 0;
		at += len + 1;
		and = FLOW_AND;
	}
}

static int
values_scan(struct words *words, const struct flow_kind *k, struct writer *w, struct reason *why)
{
	bool many = words_take(words, "[");

	do {
		if (!words_left(words) || word_scan(k, words_peek(words), w) < 0)
			return words_wrong(words, why, k->what);
		words_next(words);
	} while (many && !words_take(words, "]"));
	if (!writer_ok(w))
		return words_wrong(words, why, "fewer values");
	return 0;
}

/* The part of a component: of which AFI it must be, and its octets. */
static int
scan_values(
    struct words *words, struct route_draft *d, unsigned type, unsigned only, struct reason *why)
{
	uint8_t memory[LIST_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	writer_u8(&w, only);
	if (values_scan(words, flow_kind(type, only == ONLY_IPV6), &w, why) < 0)
		return -1;
	part_add(d, (uint8_t)(PART_FLOW + type), writer_read(&w));
	return 0;
}

/* ADDRESS/LENGTH, of IPv6 with /OFFSET behind it or without. */
static int
prefix_of(const char *word, struct prefix *p, uint64_t *offset)
{
	char text[PREFIX_TEXT + 8];
	size_t len = strlen(word);
	char *slash, *second;

	*offset = 0;
	if (len >= sizeof text)
		return -1;
	memcpy(text, word, len + 1);
	slash = strchr(text, '/');
	second = slash ? strchr(slash + 1, '/') : NULL;
	if (second) {
		*second = '\0';
		if (word_uint(second + 1, strlen(second + 1), 127, offset) < 0)
			return -1;
	}
	if (prefix_scan(p, text) < 0 || (second && p->addr.family != 6))
		return -1;
	prefix_mask(p);
	return *offset > 0 && *offset >= p->len ? -1 : 0;
}

static int
scan_prefix(
    struct words *words, struct route_draft *d, unsigned type, unsigned only, struct reason *why)
{
	uint8_t memory[32];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader before;
	struct prefix p;
	uint64_t offset;

	if (part_find(d, (uint8_t)(PART_FLOW + type), &before))
		return reason_set(why, words->line, words->column,
		    "expected another component: a flow has one %s (RFC 8955 section 4.2)",
		    type == FLOW_SOURCE ? "source" : "destination");
	if (prefix_of(words_peek(words), &p, &offset) < 0 || (only && p.addr.family != only))
		return words_wrong(words, why,
		    only == ONLY_IPV4   ? "an IPv4 prefix (10.0.0.0/24)"
		    : only == ONLY_IPV6 ? "an IPv6 prefix, an offset behind it or none "
					  "(2001:db8::/32, 2001:db8::/32/16)"
					: "a prefix (10.0.0.0/24, 2001:db8::/32, "
					  "2001:db8::/32/16)");
	words_next(words);
	writer_u8(&w, p.addr.family);
	writer_u8(&w, p.len);
	if (p.addr.family == 6)
		writer_u8(&w, offset);
	writer_bytes(&w, p.addr.bytes, (p.len + 7u) / 8);
	part_add(d, (uint8_t)(PART_FLOW + type), writer_read(&w));
	return 0;
}

#define VALUES(name, type, only)                                                                   \
	static int scan_##name(struct words *words, struct route_draft *d, struct reason *why)     \
	{                                                                                          \
		return scan_values(words, d, type, only, why);                                     \
	}
#define PREFIX(name, type, only)                                                                   \
	static int scan_##name(struct words *words, struct route_draft *d, struct reason *why)     \
	{                                                                                          \
		return scan_prefix(words, d, type, only, why);                                     \
	}

PREFIX(destination, FLOW_DESTINATION, EITHER)
PREFIX(destination4, FLOW_DESTINATION, ONLY_IPV4)
PREFIX(destination6, FLOW_DESTINATION, ONLY_IPV6)
PREFIX(source, FLOW_SOURCE, EITHER)
PREFIX(source4, FLOW_SOURCE, ONLY_IPV4)
PREFIX(source6, FLOW_SOURCE, ONLY_IPV6)
VALUES(protocol, FLOW_PROTOCOL, ONLY_IPV4)
VALUES(next_header, FLOW_PROTOCOL, ONLY_IPV6)
VALUES(port, FLOW_PORT, EITHER)
VALUES(destination_port, FLOW_DESTINATION_PORT, EITHER)
VALUES(source_port, FLOW_SOURCE_PORT, EITHER)
VALUES(icmp_type, FLOW_ICMP_TYPE, EITHER)
VALUES(icmp_code, FLOW_ICMP_CODE, EITHER)
VALUES(tcp_flags, FLOW_TCP_FLAGS, EITHER)
VALUES(packet_length, FLOW_PACKET_LENGTH, EITHER)
VALUES(dscp, FLOW_DSCP, ONLY_IPV4)
VALUES(traffic_class, FLOW_DSCP, ONLY_IPV6)
VALUES(fragment, FLOW_FRAGMENT, EITHER)
VALUES(flow_label, FLOW_LABEL, ONLY_IPV6)

const struct nlri_word flow_words[] = {
	{ "destination", scan_destination },
	{ "destination-ipv4", scan_destination4 },
	{ "destination-ipv6", scan_destination6 },
	{ "source", scan_source },
	{ "source-ipv4", scan_source4 },
	{ "source-ipv6", scan_source6 },
	{ "protocol", scan_protocol },
	{ "next-header", scan_next_header },
	{ "port", scan_port },
	{ "destination-port", scan_destination_port },
	{ "source-port", scan_source_port },
	{ "icmp-type", scan_icmp_type },
	{ "icmp-code", scan_icmp_code },
	{ "tcp-flags", scan_tcp_flags },
	{ "packet-length", scan_packet_length },
	{ "dscp", scan_dscp },
	{ "traffic-class", scan_traffic_class },
	{ "fragment", scan_fragment },
	{ "flow-label", scan_flow_label },
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "accept", flow_scan_accept },
	{ "discard", flow_scan_discard },
	{ "rate-limit", flow_scan_rate_limit },
	{ "redirect", flow_scan_redirect },
	{ "redirect-to-nexthop", flow_scan_redirect_next_hop },
	{ "redirect-to-nexthop-ietf", flow_scan_redirect_ietf },
	{ "copy", flow_scan_copy },
	{ "mark", flow_scan_mark },
	{ "action", flow_scan_action },
	{ "interface-set", flow_scan_interface_set },
	{ 0 },
};

const char *const flow_blocks[] = { "match", "then", "scope", NULL };

/* The AFI that the components ask for, 0 when it is all the same to them; -1 when they differ. */
static int
afi_asked(const struct route_draft *d)
{
	struct reader parts = octets_read(&d->parts);
	struct part p;
	int afi = EITHER;

	while (part_next(&parts, &p)) {
		int only = p.tag > PART_FLOW ? reader_u8(&p.value) : EITHER;

		if (only != EITHER && afi != EITHER && only != afi)
			return -1;
		if (only != EITHER)
			afi = only;
	}
	return afi;
}

static int
settle_family(struct route_draft *d, struct reason *why)
{
	bool ipv6 = d->family == IPV6_FLOW || d->family == IPV6_FLOW_VPN, vpn;
	struct reader rd;
	int afi = afi_asked(d);

	if (afi < 0 || (ipv6 && afi == ONLY_IPV4))
		return reason_set(why, 0, 0, "a flow is of IPv4 or of IPv6, not of both");
	vpn = part_find(d, PART_RD, &rd);
	if (!vpn && (d->family == IPV4_FLOW_VPN || d->family == IPV6_FLOW_VPN))
		return reason_set(why, 0, 0, "%s needs rd", family_name(d->family));
	if (ipv6 || afi == ONLY_IPV6)
		d->family = vpn ? IPV6_FLOW_VPN : IPV6_FLOW;
	else
		d->family = vpn ? IPV4_FLOW_VPN : IPV4_FLOW;
	return 0;
}

/* The operators of one statement. Gives where the last one is. */
static size_t
put_operators(struct reader r, struct writer *w)
{
	size_t last = w->len;

	while (r.left > 0) {
		unsigned op = reader_u8(&r), wide = 1u << (op >> 4 & 3);

		last = w->len;
		writer_u8(w, op);
		writer_copy(w, reader_sub(&r, wide));
	}
	return last;
}

static void
put_component(const struct route_draft *d, unsigned type, struct writer *w)
{
	struct reader parts = octets_read(&d->parts);
	bool prefix = flow_kind(type, true)->form == FLOW_PREFIX;
	size_t last = 0;
	struct part p;

	while (part_next(&parts, &p)) {
		if (p.tag != PART_FLOW + type)
			continue;
		if (last == 0)
			writer_u8(w, type);
		reader_u8(&p.value);
		if (prefix) {
			last = w->len;
			writer_copy(w, p.value);
		} else {
			last = put_operators(p.value, w);
		}
	}
	if (!prefix && last > 0 && writer_ok(w))
		w->base[last] |= FLOW_END;
}

int
flow_build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	uint8_t memory[NLRI_MAX];
	struct writer body = writer_of(memory, sizeof memory);
	struct reader rd = { 0 };
	size_t empty;

	(void)typed;
	if (settle_family(d, why) < 0)
		return -1;
	if (part_find(d, PART_RD, &rd))
		writer_copy(&body, rd);
	empty = body.len;
	for (unsigned type = FLOW_DESTINATION; type < FLOW_TYPES; type++)
		put_component(d, type, &body);
	if (body.len == empty)
		return reason_set(why, 0, 0, "a flow needs something to match");
	if (!writer_ok(&body) || flow_put(writer_read(&body), w) < 0)
		return reason_set(why, 0, 0, "a flow has at most 4094 octets");
	return 0;
}
