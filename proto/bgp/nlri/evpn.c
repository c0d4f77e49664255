/* EVPN (RFC 7432 section 7, RFC 9136 section 3.1): a type, a length in octets, and what the type says. What a
 * route is identified by leaves out labels always, the ESI where a MAC or a prefix is told, and the gateway.
 * Types of RFC 9251 and 9572 are carried as they came. Types that nobody has defined are left out (RFC 7606
 * section 5.4); so is what is none of its type, as its length says where the next one starts. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/evpn.h"
#include "proto/bgp/rd.h"

const struct evpn_kind evpn_kinds[EVPN_KINDS] = {
	{ EVPN_ETHERNET_AD, EVPN_HAS_ESI | EVPN_HAS_TAG | EVPN_HAS_LABEL, "ethernet-ad",
	    "Ethernet Auto-Discovery" },
	{ EVPN_MAC_IP,
	    EVPN_HAS_ESI | EVPN_HAS_TAG | EVPN_HAS_MAC | EVPN_HAS_IP | EVPN_HAS_ANY_IP |
		EVPN_HAS_LABEL | EVPN_HAS_LABEL2,
	    "mac-ip", "MAC/IP advertisement" },
	{ EVPN_MULTICAST, EVPN_HAS_TAG | EVPN_HAS_IP, "multicast",
	    "Inclusive Multicast Ethernet Tag" },
	{ EVPN_SEGMENT, EVPN_HAS_ESI | EVPN_HAS_IP, "ethernet-segment", "Ethernet Segment" },
	{ EVPN_PREFIX, EVPN_HAS_ESI | EVPN_HAS_TAG | EVPN_HAS_NETWORK | EVPN_HAS_LABEL, "prefix",
	    "IP Prefix Advertisement" },
};

const struct evpn_kind *
evpn_kind(uint8_t type)
{
	for (size_t i = 0; i < EVPN_KINDS; i++)
		if (evpn_kinds[i].type == type)
			return &evpn_kinds[i];
	return NULL;
}

static void
cut_ip(struct reader *r, bool any, struct evpn *e)
{
	unsigned bits = reader_u8(r);

	e->ip =
	    reader_sub(r, bits == 32 || bits == 128 || (any && bits == 0) ? bits / 8 : SIZE_MAX);
}

/* A prefix and its gateway, each with the octets of a whole address: what is left says of which family. */
static void
cut_network(struct reader *r, struct evpn *e)
{
	size_t size;

	e->bits = reader_u8(r);
	size = r->left == 2 * 4 + LABEL_SIZE ? 4 : 16;
	e->ip = reader_sub(r, e->bits <= 8 * size ? size : SIZE_MAX);
	e->gateway = reader_sub(r, size);
}

/* What is behind type and length; false when it is no such route. */
static bool
cut(struct reader r, uint8_t type, struct evpn *e)
{
	const struct evpn_kind *kind = evpn_kind(type);
	unsigned has = kind ? kind->has : 0;
	bool two;

	memset(e, 0, sizeof *e);
	e->kind = kind;
	if (!kind)
		return type > EVPN_PREFIX && type <= EVPN_LAST_TYPE;
	e->rd = reader_sub(&r, RD_SIZE);
	if (has & EVPN_HAS_ESI)
		e->esi = reader_sub(&r, EVPN_ESI_SIZE);
	if (has & EVPN_HAS_TAG)
		e->tag = reader_sub(&r, 4);
	if (has & EVPN_HAS_MAC)
		e->mac =
		    reader_sub(&r, reader_u8(&r) == 8 * EVPN_MAC_SIZE ? EVPN_MAC_SIZE : SIZE_MAX);
	if (has & EVPN_HAS_IP)
		cut_ip(&r, has & EVPN_HAS_ANY_IP, e);
	if (has & EVPN_HAS_NETWORK)
		cut_network(&r, e);
	two = (has & EVPN_HAS_LABEL2) && r.left > LABEL_SIZE;
	if (has & EVPN_HAS_LABEL)
		e->labels = reader_sub(&r, two ? 2 * LABEL_SIZE : LABEL_SIZE);
	return reader_done(&r);
}

bool
evpn_cut(struct reader nlri, struct evpn *e)
{
	uint8_t type = reader_u8(&nlri);

	reader_u8(&nlri);
	return cut(nlri, type, e);
}

bool
evpn_is_zero(struct reader r)
{
	while (r.left > 0)
		if (reader_u8(&r) != 0)
			return false;
	return true;
}

static void
put_address(struct writer *w, const struct evpn *e)
{
	struct prefix p = { .addr = addr_of(e->ip.at, e->ip.left), .len = e->bits };

	prefix_mask(&p);
	writer_u8(w, p.len);
	writer_bytes(w, p.addr.bytes, addr_size(&p.addr));
}

/* Host bits of a prefix are cleared. */
static void
put(struct writer *w, uint8_t type, struct reader body, const struct evpn *e)
{
	writer_u8(w, type);
	writer_u8(w, body.left);
	if (!e->kind || !(e->kind->has & EVPN_HAS_NETWORK)) {
		writer_copy(w, body);
		return;
	}
	writer_copy(w, e->rd);
	writer_copy(w, e->esi);
	writer_copy(w, e->tag);
	put_address(w, e);
	writer_copy(w, e->gateway);
	writer_copy(w, e->labels);
}

/* A prefix is reached through a segment or through a gateway: both is a contradiction (RFC 9136 3.2). */
int
evpn_parse(struct reader *r, struct writer *w)
{
	uint8_t type = reader_u8(r);
	struct reader body = reader_sub(r, reader_u8(r));
	size_t mark = w->len;
	struct evpn e;

	if (!reader_ok(r))
		return -1;
	if (!cut(body, type, &e))
		return NLRI_LEFT_OUT;
	put(w, type, body, &e);
	if (writer_ok(w))
		return evpn_is_zero(e.gateway) || evpn_is_zero(e.esi) ? 0 : NLRI_TO_WITHDRAW;
	w->len = mark;
	return -1;
}

static struct reader
take(struct reader *r)
{
	return part_take(r, EVPN_HEAD);
}

static struct reader
key(struct reader nlri, uint8_t room[NLRI_KEY_MAX])
{
	struct writer w = writer_of(room, NLRI_KEY_MAX);
	struct evpn e;

	if (!evpn_cut(nlri, &e) || !e.kind || !(e.kind->has & EVPN_HAS_LABEL))
		return nlri;
	writer_u8(&w, e.kind->type);
	writer_copy(&w, e.rd);
	if (e.kind->type == EVPN_ETHERNET_AD)
		writer_copy(&w, e.esi);
	writer_copy(&w, e.tag);
	writer_copy(&w, e.mac);
	if (e.kind->has & EVPN_HAS_NETWORK)
		writer_u8(&w, e.bits);
	writer_copy(&w, e.ip);
	return writer_read(&w);
}

const struct nlri_ops nlri_l2vpn_evpn = {
	.parse = evpn_parse,
	.take = take,
	.key = key,
	.next_hop_length = nlri_hop_any,
	.scan = evpn_scan,
	.words = evpn_words,
	.build = evpn_build,
	.print = evpn_print,
	.tree = evpn_tree,
};
