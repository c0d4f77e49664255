#include "proto/bgp/mrt_table.h"
#include <string.h>
#include "common/mem.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/nlri.h"

enum { TABLE_DUMP = 12, TABLE_DUMP_V2 = 13 };
enum { PEER_INDEX_TABLE = 1, RIB_GENERIC = 6, RIB_GENERIC_ADDPATH = 12 };
enum { SAFI_UNICAST = 1, SAFI_MULTICAST = 2 };
enum { PEER_IPV6 = 1, PEER_AS4 = 2 }; /* RFC 6396 section 4.3.1 */

void
mrt_table_fini(struct mrt_table *t)
{
	mem_free(t->peers);
	octets_fini(&t->message);
	*t = (struct mrt_table){ 0 };
}

static int
wrong(const char **why, const char *what)
{
	*why = what;
	return -1;
}

/* --- the index of peers --- */

static struct mrt_peer
peer_entry(struct reader *r)
{
	uint8_t type = reader_u8(r);
	struct mrt_peer p = { 0 };
	struct reader address;

	reader_u32(r); /* its BGP identifier */
	address = reader_sub(r, type & PEER_IPV6 ? 16 : 4);
	p.address = addr_of(address.at, address.left);
	p.asn = type & PEER_AS4 ? reader_u32(r) : reader_u16(r);
	return p;
}

/* Its 16-bit number bounds what is allocated, and each peer has octets in the record. */
static int
peer_index(struct mrt_table *t, struct reader r, const char **why)
{
	size_t count, cap = 0;

	mem_free(t->peers);
	t->peers = NULL;
	t->peer_count = 0;
	t->collector = reader_u32(&r);
	reader_sub(&r, reader_u16(&r)); /* the name of the view */
	count = reader_u16(&r);
	for (size_t i = 0; i < count && reader_ok(&r); i++) {
		t->peers = mem_grow(t->peers, &cap, i + 1, sizeof *t->peers);
		t->peers[i] = peer_entry(&r);
	}
	if (!reader_ok(&r))
		return wrong(why, "the index of peers is cut off");
	t->peer_count = count;
	return 0;
}

/* --- which NLRI --- */

/* RFC 6396 section 4.3.2: a prefix, as UPDATE has it. */
static struct reader
take_prefix(struct reader *r)
{
	struct reader whole = *r;
	uint8_t bits = reader_u8(r);

	reader_take(r, (bits + 7u) / 8u);
	whole.left = reader_ok(r) ? whole.left - r->left : 0;
	return whole;
}

/* One NLRI of any family: only its codec knows where it ends. */
static int
take_nlri(struct mrt_table *t, struct reader *r, const char **why)
{
	static uint8_t memory[NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	enum family family = family_of(t->afi, t->safi);
	const struct nlri_ops *ops = family == FAMILY_UNKNOWN ? NULL : nlri_ops(family);

	t->nlri = *r;
	if (!ops)
		return wrong(why, "a table of a family that is not known here");
	if (ops->parse(r, &w) == NLRI_MALFORMED)
		return wrong(why, "its NLRI is malformed");
	t->nlri.left -= r->left;
	return 0;
}

/* RFC 6396 sections 4.3.2 and 4.3.3, RFC 8050 section 4. False: of another kind. */
static bool
kind_of(struct mrt_table *t, uint16_t subtype)
{
	static const struct {
		uint8_t subtype, afi, safi;
		bool add_path;
	} kinds[] = {
		{ 2, AFI_IPV4, SAFI_UNICAST, false },
		{ 3, AFI_IPV4, SAFI_MULTICAST, false },
		{ 4, AFI_IPV6, SAFI_UNICAST, false },
		{ 5, AFI_IPV6, SAFI_MULTICAST, false },
		{ RIB_GENERIC, 0, 0, false },
		{ 8, AFI_IPV4, SAFI_UNICAST, true },
		{ 9, AFI_IPV4, SAFI_MULTICAST, true },
		{ 10, AFI_IPV6, SAFI_UNICAST, true },
		{ 11, AFI_IPV6, SAFI_MULTICAST, true },
		{ RIB_GENERIC_ADDPATH, 0, 0, true },
	};

	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].subtype == subtype) {
			t->afi = kinds[i].afi;
			t->safi = kinds[i].safi;
			t->add_path = kinds[i].add_path;
			return true;
		}
	return false;
}

static int
rib(struct mrt_table *t, struct reader r, const char **why)
{
	reader_u32(&r); /* the sequence number */
	if (t->afi == 0) {
		t->afi = reader_u16(&r);
		t->safi = reader_u8(&r);
		if (take_nlri(t, &r, why) < 0)
			return -1;
	} else {
		t->nlri = take_prefix(&r);
	}
	t->entry_count = reader_u16(&r);
	t->entries = r;
	if (!reader_ok(&r))
		return wrong(why, "the record is cut off");
	return 1;
}

/* --- a route becomes a message --- */

static void
header(struct octets *out, uint8_t flags, uint8_t code, size_t length)
{
	uint8_t octet[4] = { (uint8_t)(flags | ATTR_EXTENDED), code, (uint8_t)(length >> 8),
		(uint8_t)length };

	octets_add(out, octet, sizeof octet);
}

/* In a table MP_REACH_NLRI is its next hop alone (RFC 6396 section 4.3.4); some write all of it. */
static struct reader
next_hop_of(struct reader value)
{
	size_t all = value.left;
	struct reader whole = value;
	uint8_t length = reader_u8(&value);

	if (length + 1u == all)
		return reader_sub(&value, length);
	reader_u16(&whole);
	reader_u8(&whole);
	return reader_sub(&whole, reader_u8(&whole));
}

/* The path id, four octets, or nothing, and the NLRI. */
static void
put_nlri(struct octets *out, const struct mrt_table *t, struct reader path_id)
{
	octets_add(out, path_id.at, path_id.left);
	octets_add(out, t->nlri.at, t->nlri.left);
}

static void
put_mp_reach(
    struct octets *out, const struct mrt_table *t, struct reader hop, struct reader path_id)
{
	uint8_t head[4] = { (uint8_t)(t->afi >> 8), (uint8_t)t->afi, t->safi, (uint8_t)hop.left };

	header(out, ATTR_OPTIONAL, ATTR_MP_REACH,
	    sizeof head + hop.left + 1 + path_id.left + t->nlri.left);
	octets_add(out, head, sizeof head);
	octets_add(out, hop.at, hop.left);
	octets_add(out, "", 1); /* reserved */
	put_nlri(out, t, path_id);
}

/* Some write a next hop of IPv4 beside NLRI of other families (RFC 4364 section 4.3.2 has an RD before it). */
static void
put_other_hop(
    struct octets *out, const struct mrt_table *t, struct reader hop, struct reader path_id)
{
	static const uint8_t zero[8];
	uint8_t octets[sizeof zero + 4];
	struct writer w = writer_of(octets, sizeof octets);
	enum family family = family_of(t->afi, t->safi);

	if (hop.left == 4 && family != FAMILY_UNKNOWN && family_table[family].rd)
		writer_bytes(&w, zero, sizeof zero);
	if (hop.left == 4)
		writer_copy(&w, hop);
	put_mp_reach(out, t, writer_read(&w), path_id);
}

/* The attributes, MP_REACH_NLRI written anew with the NLRI unless the classic fields hold these. False: cut off. */
static bool
put_attributes(struct octets *out, const struct mrt_table *t, struct reader list,
    struct reader path_id, bool classic)
{
	bool reached = classic;
	struct reader hop = { 0 };

	while (list.left > 0) {
		struct reader whole = list;
		struct attr a;

		if (!attrs_next(&list, &a))
			return false;
		if (a.code == ATTR_MP_REACH && !reached) {
			put_mp_reach(out, t, next_hop_of(a.value), path_id);
			reached = true;
		} else if (a.code == ATTR_NEXT_HOP && !classic) {
			hop = a.value;
		} else if (a.code != ATTR_MP_REACH && a.code != ATTR_MP_UNREACH) {
			octets_add(out, whole.at, whole.left - list.left);
		}
	}
	if (!reached)
		put_other_hop(out, t, hop, path_id);
	return true;
}

static bool
has_mp_reach(struct reader list)
{
	struct attr a;

	while (attrs_next(&list, &a))
		if (a.code == ATTR_MP_REACH)
			return true;
	return false;
}

static void
patch_u16(struct octets *out, size_t at, size_t value)
{
	out->base[at] = (uint8_t)(value >> 8);
	out->base[at + 1] = (uint8_t)value;
}

static int
build(struct mrt_table *t, struct reader attributes, struct reader path_id, const char **why)
{
	enum { LENGTH = 16, LIST = MESSAGE_HEADER + 2, ATTRIBUTES = LIST + 2 };
	bool classic = t->afi == AFI_IPV4 && t->safi == SAFI_UNICAST && !has_mp_reach(attributes);
	uint8_t *head;

	octets_clear(&t->message);
	head = octets_room(&t->message, ATTRIBUTES);
	memset(head, 0xff, LENGTH);
	memset(head + LENGTH, 0, ATTRIBUTES - LENGTH);
	head[LENGTH + 2] = MESSAGE_UPDATE;
	if (!put_attributes(&t->message, t, attributes, path_id, classic))
		return wrong(why, "attributes of a route are cut off");
	patch_u16(&t->message, LIST, t->message.len - ATTRIBUTES);
	if (classic)
		put_nlri(&t->message, t, path_id);
	if (t->message.len > MESSAGE_MAX_EXTENDED)
		return wrong(why, "a route is longer than a message can be");
	patch_u16(&t->message, LENGTH, t->message.len);
	return 0;
}

static int
give(struct mrt_table *t, const struct mrt_peer *peer, uint32_t seconds, bool asn4,
    struct reader attributes, struct reader path_id, struct mrt_message *m, const char **why)
{
	if (build(t, attributes, path_id, why) < 0)
		return -1;
	*m = (struct mrt_message){ .seconds = seconds,
		.peer_as = peer->asn,
		.local_as = peer->asn, /* nobody says whose table it is */
		.peer = peer->address,
		.local = addr_v4(t->collector),
		.asn4 = asn4,
		.add_path = t->add_path,
		.message = octets_read(&t->message) };
	return 1;
}

/* --- TABLE_DUMP: one route a record (RFC 6396 section 4.2) --- */

static int
old_record(struct mrt_table *t, uint16_t afi, struct reader r, const char **why)
{
	if (afi != AFI_IPV4 && afi != AFI_IPV6)
		return wrong(why, "a table of a family that is not known here");
	*t = (struct mrt_table){ .peers = t->peers,
		.peer_count = t->peer_count,
		.seconds = t->seconds,
		.message = t->message,
		.afi = afi,
		.safi = SAFI_UNICAST,
		.first = true,
		.entry_count = 1 };
	reader_u16(&r); /* the view */
	reader_u16(&r); /* the sequence number */
	t->entries = r;
	return 1;
}

static int
old_next(struct mrt_table *t, struct mrt_message *m, const char **why)
{
	static uint8_t nlri[1 + 16];
	struct reader r = t->entries, address;
	struct mrt_peer peer;
	size_t size = t->afi == AFI_IPV4 ? 4 : 16;
	uint32_t seconds;

	address = reader_sub(&r, size);
	nlri[0] = reader_u8(&r);
	reader_u8(&r); /* the status: always 1 */
	seconds = reader_u32(&r);
	peer.address = addr_of(NULL, 0);
	if (reader_ok(&r) && nlri[0] <= size * 8) {
		memcpy(nlri + 1, address.at, size);
		t->nlri = reader_of(nlri, 1 + (nlri[0] + 7u) / 8u);
		address = reader_sub(&r, size);
		peer.address = addr_of(address.at, address.left);
	} else {
		return wrong(why, "its prefix is malformed");
	}
	peer.asn = reader_u16(&r);
	address = reader_sub(&r, reader_u16(&r));
	if (!reader_ok(&r))
		return wrong(why, "the record is cut off");
	return give(t, &peer, seconds, false, address, (struct reader){ 0 }, m, why);
}

/* --- the walk --- */

int
mrt_table_record(struct mrt_table *t, const struct mrt_header *h, struct reader body, bool *other,
    const char **why)
{
	*other = false;
	t->seconds = h->seconds;
	t->entry_count = 0;
	t->first = false;
	if (h->type == TABLE_DUMP)
		return old_record(t, h->subtype, body, why);
	if (h->type == TABLE_DUMP_V2 && h->subtype == PEER_INDEX_TABLE)
		return peer_index(t, body, why);
	if (h->type == TABLE_DUMP_V2 && kind_of(t, h->subtype))
		return rib(t, body, why);
	*other = true;
	return 0;
}

int
mrt_table_next(struct mrt_table *t, struct mrt_message *m, const char **why)
{
	struct reader *r = &t->entries;
	struct reader path_id, attributes;
	uint16_t number;
	uint32_t seconds;

	if (t->entry_count == 0)
		return 0;
	t->entry_count--;
	if (t->first)
		return old_next(t, m, why);
	number = reader_u16(r);
	seconds = reader_u32(r);
	path_id = reader_sub(r, t->add_path ? 4 : 0);
	attributes = reader_sub(r, reader_u16(r));
	if (!reader_ok(r)) {
		t->entry_count = 0;
		return wrong(why, "the routes of a record are cut off");
	}
	if (number >= t->peer_count)
		return wrong(why, "a route is of a peer that is not in the index");
	return give(t, &t->peers[number], seconds, true, attributes, path_id, m, why);
}
