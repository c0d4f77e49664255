/* EVPN as it is typed: a type, the prefix where it is about one, and keywords, each of which leaves a part. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/evpn.h"

enum {
	PART_ESI = PART_OWN,
	PART_TAG,
	PART_MAC,
	PART_IP,
	PART_GATEWAY,
	PART_OCTETS,
};

static int
scan_network(struct words *words, struct writer *w, struct reason *why)
{
	struct prefix p;

	if (prefix_scan(&p, words_peek(words)) < 0)
		return words_wrong(words, why, "a prefix (10.0.0.0/24, 2001:db8::/32)");
	words_next(words);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, addr_size(&p.addr));
	return 0;
}

/* The type, and the prefix where it is about one. No type: the octets say it all. */
int
evpn_scan(struct words *words, struct writer *w, struct reason *why)
{
	if (words_take(words, "generic"))
		return 0;
	for (size_t i = 0; i < EVPN_KINDS; i++)
		if (words_take(words, evpn_kinds[i].word)) {
			writer_u8(w, evpn_kinds[i].type);
			return evpn_kinds[i].has & EVPN_HAS_NETWORK ? scan_network(words, w, why)
								    : 0;
		}
	return words_wrong(words, why,
	    "a route of EVPN (ethernet-ad, mac-ip, multicast, ethernet-segment, prefix, generic)");
}

/* Pairs of digits with colons between them, exactly as many as `out` holds. */
static int
scan_colons(const char *word, size_t len, uint8_t *out, size_t size)
{
	if (len != 3 * size - 1)
		return -1;
	for (size_t i = 0; i < size; i++)
		if (word_octets(word + 3 * i, &out[i], 1) < 0 ||
		    (i + 1 < size && word[3 * i + 2] != ':'))
			return -1;
	return 0;
}

static int
scan_esi(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t esi[EVPN_ESI_SIZE] = { 0 };

	if (strcmp(word, "-") != 0 && strcmp(word, "0") != 0 &&
	    scan_colons(word, len, esi, sizeof esi) < 0)
		return words_wrong(
		    words, why, "an ESI (ten octets as 00:11:22:33:44:55:66:77:88:99, or -)");
	words_next(words);
	part_add(d, PART_ESI, reader_of(esi, sizeof esi));
	return 0;
}

static int
scan_mac(struct words *words, struct route_draft *d, struct reason *why)
{
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t mac[EVPN_MAC_SIZE];

	if (scan_colons(words_peek(words), len, mac, sizeof mac) < 0)
		return words_wrong(words, why, "a MAC address (00:11:22:33:44:55)");
	words_next(words);
	part_add(d, PART_MAC, reader_of(mac, sizeof mac));
	return 0;
}

static int
scan_tag(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_number(words, d, PART_TAG, UINT32_MAX, "an Ethernet tag", why);
}

static int
scan_ip(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_IP, why);
}

static int
scan_gateway(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_address(words, d, PART_GATEWAY, why);
}

static int
scan_octets(struct words *words, struct route_draft *d, struct reason *why)
{
	return part_scan_octets(words, d, PART_OCTETS, "the NLRI (0x and its octets)", why);
}

static int
scan_number(struct words *words, struct writer *w, bool label, struct reason *why)
{
	uint64_t number;

	if (words_uint(words, 0, label ? LABEL_MAX : 0xffffff, label ? "a label" : "a VNI", &number,
		why) < 0)
		return -1;
	writer_u24(w, label ? number << LABEL_SHIFT | LABEL_BOTTOM : number);
	return 0;
}

/* One, or two in brackets. They are no stack: each is for itself. */
static int
scan_numbers(struct words *words, struct route_draft *d, bool label, struct reason *why)
{
	uint8_t octets[2 * LABEL_SIZE];
	struct writer w = writer_of(octets, sizeof octets);
	bool several = words_take(words, "[");

	do {
		if (scan_number(words, &w, label, why) < 0)
			return -1;
		if (several)
			words_take(words, ",");
	} while (several && !words_take(words, "]"));
	if (!writer_ok(&w))
		return words_wrong(words, why, "two labels at most");
	part_add(d, PART_LABELS, writer_read(&w));
	return 0;
}

static int
scan_label(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_numbers(words, d, true, why);
}

static int
scan_vni(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_numbers(words, d, false, why);
}

/* What was given, or as many zero octets. */
static void
put_part(const struct route_draft *d, uint8_t tag, size_t size, struct writer *w)
{
	static const uint8_t zero[16];
	struct reader value = reader_of(zero, size);

	part_find(d, tag, &value);
	writer_copy(w, value);
}

static int
put_ip(const struct route_draft *d, bool any, struct writer *w, struct reason *why)
{
	struct reader ip = { 0 };

	if (!part_find(d, PART_IP, &ip) && !any)
		return reason_set(why, 0, 0, "this EVPN route needs ip");
	writer_u8(w, 8 * ip.left);
	writer_copy(w, ip);
	return 0;
}

static int
put_mac(const struct route_draft *d, struct writer *w, struct reason *why)
{
	struct reader mac;

	if (!part_find(d, PART_MAC, &mac))
		return reason_set(why, 0, 0, "a mac-ip route needs mac");
	writer_u8(w, 8 * EVPN_MAC_SIZE);
	writer_copy(w, mac);
	return 0;
}

static int
put_fields(const struct route_draft *d, unsigned has, struct reader network, struct writer *w,
    struct reason *why)
{
	struct reader rd;

	if (!part_find(d, PART_RD, &rd))
		return reason_set(why, 0, 0, "an EVPN route needs rd");
	writer_copy(w, rd);
	if (has & EVPN_HAS_ESI)
		put_part(d, PART_ESI, EVPN_ESI_SIZE, w);
	if (has & EVPN_HAS_TAG)
		put_part(d, PART_TAG, 4, w);
	if ((has & EVPN_HAS_MAC) && put_mac(d, w, why) < 0)
		return -1;
	if ((has & EVPN_HAS_IP) && put_ip(d, has & EVPN_HAS_ANY_IP, w, why) < 0)
		return -1;
	writer_copy(w, network);
	if (has & EVPN_HAS_NETWORK)
		put_part(d, PART_GATEWAY, network.left - 1, w);
	if (has & EVPN_HAS_LABEL)
		put_part(d, PART_LABELS, LABEL_SIZE, w);
	return 0;
}

/* As if it had come from a neighbor: what would not be taken is not told. */
static int
settle(struct reader nlri, struct writer *w, struct reason *why)
{
	size_t mark = w->len;
	int said = evpn_parse(&nlri, w);

	if (said == 0 && reader_done(&nlri))
		return 0;
	w->len = mark;
	return reason_set(why, 0, 0,
	    said == NLRI_TO_WITHDRAW ? "a prefix has an ESI or a gateway, not both"
				     : "these words make no EVPN route");
}

int
evpn_build(struct route_draft *d, struct reader typed, struct writer *w, struct reason *why)
{
	const struct evpn_kind *kind = typed.left > 0 ? evpn_kind(reader_u8(&typed)) : NULL;
	uint8_t memory[EVPN_MAX];
	struct writer own = writer_of(memory, sizeof memory);
	struct reader octets = { 0 };
	size_t mark;

	if (!kind) {
		if (!part_find(d, PART_OCTETS, &octets))
			return reason_set(why, 0, 0, "a generic EVPN route needs octets");
		return settle(octets, w, why);
	}
	writer_u8(&own, kind->type);
	mark = writer_begin_u8(&own);
	if (put_fields(d, kind->has, typed, &own, why) < 0)
		return -1;
	writer_end_u8(&own, mark);
	return settle(writer_read(&own), w, why);
}

const struct nlri_word evpn_words[] = {
	{ "rd", part_scan_rd },
	{ "route-distinguisher", part_scan_rd },
	{ "esi", scan_esi },
	{ "ethernet-tag", scan_tag },
	{ "mac", scan_mac },
	{ "ip", scan_ip },
	{ "gateway", scan_gateway },
	{ "label", scan_label },
	{ "vni", scan_vni },
	{ "octets", scan_octets },
	{ 0 },
};
