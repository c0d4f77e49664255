/* Canonical routes become whole UPDATE messages of a session. What differs between the forms (fields of
 * RFC 4271 or an MP attribute, announce or withdraw, path ids) is settled once in a struct shape; then
 * messages are filled with as many NLRI as fit and are wanted. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "common/addr.h"
#include "common/mem.h"
#include "proto/bgp/message.h"
#include "proto/bgp/otc.h"
#include "proto/bgp/update.h"

enum {
	LENGTHS = 4, /* of the withdrawn routes and of the attributes */
	HEAD_MAX = 5 + 2 * (8 + 16), /* family, next hop with RDs, reserved octet */
	FEW = 128, /* NLRI, whose places are an octet, */
	FEW_OCTETS = 6, /* of which each has no more than these */
	END_OF_RIB_FLAGS = ATTR_OPTIONAL | ATTR_EXTENDED /* as ExaBGP writes it */
};

/* What the messages of one call have in common. */
struct shape {
	bool withdraw;
	uint8_t mp; /* MP_REACH or MP_UNREACH, 0: the fields of RFC 4271 */
	bool path_ids;
	uint8_t untold; /* octets at the front of an NLRI that are ours alone */
	bool many; /* NLRI share messages */
	bool sorted;
	size_t room; /* octets for NLRI in their field or MP attribute */
	struct reader attributes; /* encoded, the MP attribute apart */
	uint8_t head[HEAD_MAX]; /* of the MP attribute, before the NLRI */
	size_t head_len;
};

static bool
has_add_path(const struct session_params *p, enum family family)
{
	return p->add_path_send & family_bit(family);
}

static size_t
body_max(const struct session_params *p)
{
	return params_message_max(p) - MESSAGE_HEADER - LENGTHS;
}

/* For the attributes of one message, used again by the next. Not on the stack: whose pages the compiler touches one by
 * one, in case it ends there. */
static struct writer
attributes_room(const struct session_params *p)
{
	static uint8_t memory[MESSAGE_MAX_EXTENDED];

	return writer_of(memory, body_max(p));
}

static size_t
wire_size(const struct shape *s, const struct nlri *n)
{
	return n->octets.left - s->untold + (s->path_ids ? 4 : 0);
}

/* The octets of the field, given those of its NLRI. */
static size_t
field_size(const struct shape *s, size_t nlri)
{
	size_t value = s->head_len + nlri;

	if (!s->mp)
		return nlri;
	return value + (value > UINT8_MAX ? 4 : 3);
}

/* How many of the NLRI go into the next message, and their octets. 0: not even one fits. */
static size_t
fill(const struct shape *s, const struct nlri *nlri, size_t count, size_t *octets)
{
	size_t n = 0;

	*octets = 0;
	if (!s->many && count > 1)
		count = 1;
	while (n < count) {
		size_t more = *octets + wire_size(s, &nlri[n]);

		if (field_size(s, more) > s->room)
			break;
		*octets = more;
		n++;
	}
	return n;
}

static void
put_nlri(struct writer *w, const struct shape *s, const struct nlri *nlri, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (s->path_ids)
			writer_u32(w, nlri[i].path_id);
		writer_bytes(w, nlri[i].octets.at + s->untold, nlri[i].octets.left - s->untold);
	}
}

static void
put_mp(
    struct writer *w, const struct shape *s, const struct nlri *nlri, size_t count, size_t octets)
{
	size_t value = s->head_len + octets;
	bool extended = value > UINT8_MAX;

	writer_u8(w, extended ? ATTR_OPTIONAL | ATTR_EXTENDED : ATTR_OPTIONAL);
	writer_u8(w, s->mp);
	if (extended)
		writer_u16(w, value);
	else
		writer_u8(w, value);
	writer_bytes(w, s->head, s->head_len);
	put_nlri(w, s, nlri, count);
}

/* MP_UNREACH first, MP_REACH last, as ExaBGP puts them. */
static void
put_message(
    struct octets *out, const struct shape *s, const struct nlri *nlri, size_t count, size_t octets)
{
	size_t size = MESSAGE_HEADER + LENGTHS + s->attributes.left + field_size(s, octets);
	struct writer w = writer_of(octets_room(out, size), size);
	size_t message = message_begin(&w, MESSAGE_UPDATE), field;

	field = writer_begin_u16(&w);
	if (!s->mp && s->withdraw)
		put_nlri(&w, s, nlri, count);
	writer_end_u16(&w, field);
	field = writer_begin_u16(&w);
	if (s->mp == ATTR_MP_UNREACH)
		put_mp(&w, s, nlri, count, octets);
	writer_copy(&w, s->attributes);
	if (s->mp == ATTR_MP_REACH)
		put_mp(&w, s, nlri, count, octets);
	writer_end_u16(&w, field);
	if (!s->mp && !s->withdraw)
		put_nlri(&w, s, nlri, count);
	message_end(&w, message);
	assert(writer_ok(&w) && w.len == size);
}

static int
compare(const void *a, const void *b)
{
	const struct reader *x = &((const struct nlri *)a)->octets,
			    *y = &((const struct nlri *)b)->octets;
	int order = memcmp(x->at, y->at, x->left < y->left ? x->left : y->left);

	return order ? order : (x->left > y->left) - (x->left < y->left);
}

static int
compare_paths(const void *a, const void *b)
{
	uint32_t x = ((const struct nlri *)a)->path_id, y = ((const struct nlri *)b)->path_id;

	return x == y ? compare(a, b) : x < y ? -1 : 1;
}

/* Of few octets, which is most of what there is to sort: compares as compare does, and leaves room for a place. */
static uint64_t
rank_of(const struct reader *octets)
{
	uint64_t r = 0;

	for (size_t i = 0; i < octets->left; i++)
		r = r << 8 | octets->at[i];
	return r << (64 - 8 * octets->left) | octets->left << 8;
}

/* Shell's sort, one of its rounds: each goes forward past those that are `gap` apart and greater. */
static void
sort_by(size_t gap, uint64_t *rank, size_t count)
{
	for (size_t i = gap; i < count; i++) {
		uint64_t r = rank[i];
		size_t at = i;

		for (; at >= gap && rank[at - gap] > r; at -= gap)
			rank[at] = rank[at - gap];
		rank[at] = r;
	}
}

/* As below, without a call for each two that are compared. False: it is for qsort. */
static bool
sort_few(const struct nlri *nlri, size_t count, struct nlri **sorted)
{
	static const uint8_t gaps[] = { 57, 23, 10, 4, 1 };
	uint64_t rank[FEW];
	bool ordered = true;

	*sorted = NULL;
	if (count > FEW)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (nlri[i].octets.left - 1 >= FEW_OCTETS)
			return false;
		rank[i] = rank_of(&nlri[i].octets) | i;
		ordered &= i == 0 || rank[i - 1] < rank[i];
	}
	if (ordered)
		return true;
	for (unsigned g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
		sort_by(gaps[g], rank, count);
	*sorted = mem_alloc(count * sizeof **sorted);
	for (size_t i = 0; i < count; i++)
		(*sorted)[i] = nlri[rank[i] & (FEW - 1)];
	return true;
}

/* A copy in ExaBGP's order (path id, length of the mask, address), or NULL when it is in that order. */
static struct nlri *
sort(const struct shape *s, const struct nlri *nlri, size_t count)
{
	int (*order)(const void *, const void *) = s->path_ids ? compare_paths : compare;
	struct nlri *copy;
	size_t i = 1;

	if (!s->path_ids && sort_few(nlri, count, &copy))
		return copy;
	while (i < count && order(&nlri[i - 1], &nlri[i]) <= 0)
		i++;
	if (i >= count)
		return NULL;
	copy = mem_copy(nlri, count * sizeof *nlri);
	qsort(copy, count, sizeof *copy, order);
	return copy;
}

/* -1: one of them does not fit into a message. */
static int
put_messages(struct octets *out, const struct shape *s, const struct nlri *nlri, size_t count)
{
	struct nlri *copy = s->sorted ? sort(s, nlri, count) : NULL;
	size_t octets, n = 1;

	if (copy)
		nlri = copy;
	for (size_t i = 0; i < count && n > 0; i += n) {
		n = fill(s, nlri + i, count - i, &octets);
		if (n > 0)
			put_message(out, s, nlri + i, n, octets);
	}
	mem_free(copy);
	return n > 0 ? 0 : -1;
}

/* NEXT_HOP goes along with every IPv4 next hop but those of families that have no use for it. */
static struct reader
next_hop_attribute(enum family family, struct reader hop)
{
	return hop.left == 4 && !family_table[family].bare_hop ? hop : (struct reader){ 0 };
}

/* 0.0.0.0 is how ExaBGP writes that a withdraw has none. */
static struct reader
withdrawn_hop(enum family family, struct reader hop)
{
	struct addr addr = addr_of(hop.at, hop.left == 4 ? 4 : 0);

	return addr_is_any(&addr) ? (struct reader){ 0 } : next_hop_attribute(family, hop);
}

/* The next hop as a VPN family has it: zero octets for an RD before each address, and IPv4 addresses
 * mapped where the family has IPv6 ones only (RFC 4364 section 4.3.2, RFC 4659 section 3.2.1.2). */
static void
put_hop(struct writer *w, enum family family, struct reader hop)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool rd = family_table[family].rd;

	while (hop.left > 0) {
		size_t len = hop.left < 16 ? hop.left : 16;

		if (rd)
			writer_u64(w, 0);
		if (len == 4 && family_table[family].mapped)
			writer_bytes(w, mapped, sizeof mapped);
		writer_copy(w, reader_sub(&hop, len));
	}
}

/* A global next hop alone has our link-local address behind it where both sides agreed on that (RFC 2545
 * section 3). The unspecified one is none: a peer would take what stands behind it as the next hop. */
static bool
has_link_local(const struct session_params *p, enum family family, struct reader hop)
{
	struct addr first = addr_of(hop.at, hop.left == 16 ? 16 : 0);

	return p->link_local.family == 6 && family_table[family].afi == AFI_IPV6 &&
	       first.family == 6 && !addr_is_any(&first) && !addr_is_link_local(&first);
}

static void
put_head(struct shape *s, const struct session_params *p, enum family family, struct reader hop)
{
	struct writer w = writer_of(s->head, sizeof s->head);
	size_t mark;

	writer_u16(&w, family_table[family].afi);
	writer_u8(&w, family_table[family].safi);
	if (!s->withdraw) {
		mark = writer_begin_u8(&w);
		put_hop(&w, family, hop);
		if (has_link_local(p, family, hop))
			put_hop(&w, family, reader_of(p->link_local.bytes, 16));
		writer_end_u8(&w, mark);
		writer_u8(&w, 0);
	}
	s->head_len = w.len;
}

/* IPv4 unicast whose next hop is typed by number has it in the attributes. */
static bool
is_classic(enum family family, const struct route_value *value)
{
	struct attr typed;

	if (family != IPV4_UNICAST)
		return false;
	return value->next_hop.left == 4 ||
	       (value->next_hop.left == 0 && attrs_find(value->raw, ATTR_NEXT_HOP, &typed));
}

static void
encode_attributes(struct writer *w, const struct session_params *p, enum family family,
    const struct route_value *value)
{
	struct reader hop = next_hop_attribute(family, value->next_hop);
	struct octets block = { 0 };
	struct writer all;
	size_t size;

	if (otc_told(p, family, value->attributes, value->raw) != OTC_ADD) {
		attrs_encode(w, value->attributes, value->raw, hop, p);
		return;
	}
	size = value->attributes.left + OTC_SIZE;
	all = writer_of(octets_room(&block, size), size);
	otc_put(&all, value->attributes, p->local_as);
	attrs_encode(w, writer_read(&all), value->raw, hop, p);
	octets_fini(&block);
}

/* Nobody could cut two of a family that we know by number only. */
static bool
shares(const struct session_params *p, enum family family)
{
	if (family >= FAMILIES_NAMED)
		return false;
	return p->group == GROUP_ALL || (p->group == GROUP_EXABGP && family_table[family].packs);
}

/* Without the head, which is made when it is known that the next hop can be carried. */
static struct shape
announce_shape(const struct session_params *p, enum family family, const struct route_value *value)
{
	return (struct shape){
		.mp = is_classic(family, value) ? 0 : ATTR_MP_REACH,
		.path_ids = has_add_path(p, family),
		.untold = nlri_ops(family)->untold,
		.many = shares(p, family),
		.sorted = p->group == GROUP_EXABGP && family_table[family].packs,
	};
}

static bool
carries_hop(const struct shape *s, enum family family, size_t len)
{
	return !s->mp || len == 4 || len == 16 || len == 32 ||
	       (len == 0 && family_table[family].no_hop);
}

int
update_announce(struct octets *out, const struct session_params *p, enum family family,
    const struct route_value *value, const struct nlri *nlri, size_t count)
{
	struct writer w = attributes_room(p);
	size_t start = out->len;
	struct shape s = announce_shape(p, family, value);

	if (!carries_hop(&s, family, value->next_hop.left))
		return -1;
	if (otc_told(p, family, value->attributes, value->raw) == OTC_LEAK)
		return -1;
	if (s.mp)
		put_head(&s, p, family, value->next_hop);
	encode_attributes(&w, p, family, value);
	if (!writer_ok(&w))
		return -1;
	s.attributes = writer_read(&w);
	s.room = w.cap - w.len;
	if (put_messages(out, &s, nlri, count) == 0)
		return 0;
	out->len = start;
	return -1;
}

static size_t
attributes_size(const struct session_params *p, enum family family, const struct route_value *value)
{
	enum { MORE = 64 }; /* NEXT_HOP and OTC */
	/* AS4_PATH beside AS_PATH, at the worst */
	size_t most = 2 * (value->attributes.left + value->raw.left) + MORE;
	struct octets block = { 0 };
	struct writer w = writer_of(octets_room(&block, most), most);

	encode_attributes(&w, p, family, value);
	octets_fini(&block);
	return writer_ok(&w) ? w.len : most;
}

static size_t
longest_field(const struct shape *s, const struct nlri *nlri, size_t count)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++)
		if (field_size(s, wire_size(s, &nlri[i])) > longest)
			longest = field_size(s, wire_size(s, &nlri[i]));
	return longest;
}

bool
update_hindered(const struct session_params *p, enum family family, const struct route_value *value,
    const struct nlri *nlri, size_t count, struct reason *why)
{
	struct shape s = announce_shape(p, family, value);
	unsigned most = params_message_max(p);
	size_t size;

	if (otc_told(p, family, value->attributes, value->raw) == OTC_LEAK)
		return reason_set(why, 0, 0, "it is for customers only (RFC 9234)") < 0;
	size = attributes_size(p, family, value);
	if (size > body_max(p))
		return reason_set(why, 0, 0, "attributes of %zu octets do not fit a message of %u",
			   size, most) < 0;
	if (!carries_hop(&s, family, value->next_hop.left))
		return reason_set(why, 0, 0, "no next hop that %s has", family_name(family)) < 0;
	if (s.mp)
		put_head(&s, p, family, value->next_hop);
	if (size + longest_field(&s, nlri, count) > body_max(p))
		return reason_set(why, 0, 0,
			   "attributes of %zu octets leave no room for the route in a message of "
			   "%u",
			   size, most) < 0;
	return false;
}

bool
update_unhindered(enum family family, const struct route_value *value, const struct nlri *nlri)
{
	enum { SMALL = 1024 }; /* twice that (AS4_PATH) fits any message */
	struct attr otc;

	return value->attributes.left + value->raw.left + nlri->octets.left <= SMALL &&
	       (nlri_hop_any(value->next_hop.left) || family_table[family].no_hop) &&
	       !attrs_find(value->attributes, ATTR_OTC, &otc) &&
	       !attrs_find(value->raw, ATTR_OTC, &otc);
}

void
update_withdraw(struct octets *out, const struct session_params *p, enum family family,
    const struct route_value *value, const struct nlri *nlri, size_t count)
{
	struct writer w = attributes_room(p);
	struct shape s = {
		.withdraw = true,
		.mp = family == IPV4_UNICAST ? 0 : ATTR_MP_UNREACH,
		.path_ids = has_add_path(p, family),
		.untold = nlri_ops(family)->untold,
		.many = p->group == GROUP_ALL && family < FAMILIES_NAMED,
		.room = body_max(p),
	};
	size_t start = out->len;

	if (s.mp)
		put_head(&s, p, family, (struct reader){ 0 });
	if (s.mp && value) {
		attrs_encode(
		    &w, value->attributes, value->raw, withdrawn_hop(family, value->next_hop), p);
		if (writer_ok(&w)) {
			s.attributes = writer_read(&w);
			s.room -= w.len;
		}
	}
	if (put_messages(out, &s, nlri, count) == 0 || s.attributes.left == 0)
		return;
	/* they do not fit beside them */
	out->len = start;
	update_withdraw(out, p, family, NULL, nlri, count);
}

int
update_attributes(
    struct octets *out, const struct session_params *p, const struct route_value *value)
{
	struct writer w = attributes_room(p);
	struct shape s = { 0 };

	attrs_encode(&w, value->attributes, value->raw,
	    next_hop_attribute(IPV4_UNICAST, value->next_hop), p);
	if (!writer_ok(&w))
		return -1;
	s.attributes = writer_read(&w);
	put_message(out, &s, NULL, 0, 0);
	return 0;
}

/* RFC 4724 section 2; ExaBGP's length of two octets is kept, octet for octet. */
void
update_end_of_rib(struct octets *out, enum family family)
{
	uint8_t memory[MESSAGE_HEADER + LENGTHS + 7];
	struct writer w = writer_of(memory, sizeof memory);
	size_t message = message_begin(&w, MESSAGE_UPDATE), list, value;

	writer_u16(&w, 0);
	list = writer_begin_u16(&w);
	if (family != IPV4_UNICAST) {
		writer_u8(&w, END_OF_RIB_FLAGS);
		writer_u8(&w, ATTR_MP_UNREACH);
		value = writer_begin_u16(&w);
		writer_u16(&w, family_table[family].afi);
		writer_u8(&w, family_table[family].safi);
		writer_end_u16(&w, value);
	}
	writer_end_u16(&w, list);
	message_end(&w, message);
	octets_add(out, memory, w.len);
}
