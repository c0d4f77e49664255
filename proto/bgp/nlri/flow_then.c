/* What is done with the packets of a flow (RFC 8955 section 7, RFC 8956 section 6, RFC 5701): extended communities,
 * and a next hop where they are sent there. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/ext_community.h"
#include "proto/bgp/nlri/flow.h"

enum {
	RATE_BYTES = 0x8006,
	RATE_PACKETS = 0x800c,
	ACTION = 0x8007,
	REDIRECT = 0x8008,
	REDIRECT_IPV4 = 0x8108,
	REDIRECT_AS4 = 0x8208,
	MARK = 0x8009,
	NEXT_HOP = 0x0800,
	REDIRECT_IPV6 = 0x000d
};

#define RATE_MAX UINT64_C(1000000000000)

static int
add(struct route_draft *d, unsigned kind, uint64_t value, struct reason *why)
{
	uint8_t octets[8];
	struct writer w = writer_of(octets, sizeof octets);

	writer_u64(&w, (uint64_t)kind << 48 | value);
	return route_draft_attribute(d, ATTR_EXT_COMMUNITY, writer_read(&w), why);
}

static int
add_ipv6(struct route_draft *d, unsigned kind, const struct addr *addr, uint64_t local,
    struct reason *why)
{
	uint8_t octets[20];
	struct writer w = writer_of(octets, sizeof octets);

	writer_u16(&w, kind);
	writer_bytes(&w, addr->bytes, 16);
	writer_u16(&w, local);
	return route_draft_attribute(d, ATTR_IPV6_EXT_COMMUNITY, writer_read(&w), why);
}

/* Where the packets go is the next hop, whatever one was said before. */
static int
add_next_hop(struct route_draft *d, const struct addr *hop, uint64_t copy, struct reason *why)
{
	d->next_hop_self = false;
	d->next_hop_len = (uint8_t)addr_size(hop);
	memcpy(d->next_hop, hop->bytes, addr_size(hop));
	return add(d, NEXT_HOP, copy, why);
}

int
flow_scan_accept(struct words *words, struct route_draft *d, struct reason *why)
{
	(void)words;
	(void)d;
	(void)why;
	return 0;
}

int
flow_scan_discard(struct words *words, struct route_draft *d, struct reason *why)
{
	(void)words;
	return add(d, RATE_BYTES, 0, why);
}

int
flow_scan_rate_limit(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t rate;
	uint32_t bits;
	bool packets;
	float f;

	if (words_uint(words, 0, UINT64_MAX, "a rate", &rate, why) < 0)
		return -1;
	packets = words_take(words, "packets");
	if (!packets)
		words_take(words, "bytes");
	f = (float)(rate > RATE_MAX ? RATE_MAX : rate);
	memcpy(&bits, &f, sizeof bits);
	return add(d, packets ? RATE_PACKETS : RATE_BYTES, bits, why);
}

/* AS:N or ADDRESS:N, as a route target is written. */
static int
scan_target(const char *word, unsigned *kind, uint64_t *value)
{
	const char *colon = strrchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : 0;
	char text[ADDR_TEXT];
	struct addr addr;
	uint64_t asn, local;

	if (!colon || len == 0 || len >= sizeof text ||
	    word_uint(colon + 1, strlen(colon + 1), UINT32_MAX, &local) < 0)
		return -1;
	memcpy(text, word, len);
	text[len] = '\0';
	if (addr_scan(&addr, text) == 0 && addr.family == 4) {
		*kind = REDIRECT_IPV4;
		*value = (uint64_t)addr_u32(&addr) << 16 | local;
		return local <= UINT16_MAX ? 0 : -1;
	}
	if (word_uint(text, len, UINT32_MAX, &asn) < 0)
		return -1;
	*kind = asn > UINT16_MAX ? REDIRECT_AS4 : REDIRECT;
	*value = asn > UINT16_MAX ? asn << 16 | local : asn << 32 | local;
	return asn <= UINT16_MAX || local <= UINT16_MAX ? 0 : -1;
}

/* "[2001:db8::1]:80", quoted. */
static int
scan_ipv6_word(const char *word, struct addr *addr, uint64_t *local)
{
	size_t len = strcspn(word, "]");
	char text[ADDR_TEXT];

	if (word[0] != '[' || len > sizeof text || word[len] == '\0' || word[len + 1] != ':')
		return -1;
	memcpy(text, word + 1, len - 1);
	text[len - 1] = '\0';
	if (addr_scan(addr, text) < 0 || addr->family != 6)
		return -1;
	return word_uint(word + len + 2, strlen(word + len + 2), UINT16_MAX, local);
}

/* [2001:db8::1]:80. The brackets may be words of their own. */
static int
scan_ipv6_target(struct words *words, struct addr *addr, uint64_t *local)
{
	struct words ahead = *words;
	const char *word;

	if (scan_ipv6_word(words_peek(words), addr, local) == 0) {
		words_next(words);
		return 0;
	}
	if (!words_take(&ahead, "[") || addr_scan(addr, words_peek(&ahead)) < 0 ||
	    addr->family != 6)
		return -1;
	words_next(&ahead);
	if (!words_take(&ahead, "]"))
		return -1;
	word = words_peek(&ahead);
	if (word[0] != ':' || word_uint(word + 1, strlen(word + 1), UINT16_MAX, local) < 0)
		return -1;
	words_next(&ahead);
	*words = ahead;
	return 0;
}

int
flow_scan_redirect(struct words *words, struct route_draft *d, struct reason *why)
{
	struct addr addr;
	uint64_t value;
	unsigned kind;

	if (scan_ipv6_target(words, &addr, &value) == 0)
		return add_ipv6(d, REDIRECT_IPV6, &addr, value, why);
	if (addr_scan(&addr, words_peek(words)) == 0) {
		words_next(words);
		return add_next_hop(d, &addr, 0, why);
	}
	if (scan_target(words_peek(words), &kind, &value) < 0)
		return words_wrong(
		    words, why, "where to (65000:1, 192.0.2.1:1, [2001:db8::1]:1, or an address)");
	words_next(words);
	return add(d, kind, value, why);
}

int
flow_scan_redirect_next_hop(struct words *words, struct route_draft *d, struct reason *why)
{
	(void)words;
	return add(d, NEXT_HOP, 0, why);
}

static int
scan_address(struct words *words, struct addr *addr, struct reason *why)
{
	if (addr_scan(addr, words_peek(words)) < 0)
		return words_wrong(words, why, "an address");
	words_next(words);
	return 0;
}

int
flow_scan_redirect_ietf(struct words *words, struct route_draft *d, struct reason *why)
{
	struct addr addr;

	if (scan_address(words, &addr, why) < 0)
		return -1;
	if (addr.family == 6)
		return add_ipv6(d, FLOW_NEXT_HOP_IPV6, &addr, 0, why);
	return add(d, FLOW_NEXT_HOP_IPV4, (uint64_t)addr_u32(&addr) << 16, why);
}

int
flow_scan_copy(struct words *words, struct route_draft *d, struct reason *why)
{
	struct addr addr;

	return scan_address(words, &addr, why) < 0 ? -1 : add_next_hop(d, &addr, 1, why);
}

int
flow_scan_mark(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t dscp;

	return words_uint(words, 0, 63, "a DSCP", &dscp, why) < 0 ? -1 : add(d, MARK, dscp, why);
}

int
flow_scan_action(struct words *words, struct route_draft *d, struct reason *why)
{
	static const char *const bits[] = { NULL, "terminal", "sample", "sample-terminal" };

	for (unsigned i = 1; i < 4; i++)
		if (words_take(words, bits[i]))
			return add(d, ACTION, i, why);
	return words_wrong(words, why, "sample, terminal or sample-terminal");
}

int
flow_scan_interface_set(struct words *words, struct route_draft *d, struct reason *why)
{
	bool many = words_take(words, "[");
	uint64_t value;

	do {
		if (!words_left(words) ||
		    ext_community_interface_set(words_peek(words), &value) < 0)
			return words_wrong(words, why, "a set of interfaces (input:65000:1)");
		words_next(words);
		if (add(d, (unsigned)(value >> 48), value & UINT64_C(0xffffffffffff), why) < 0)
			return -1;
	} while (many && !words_take(words, "]"));
	return 0;
}
