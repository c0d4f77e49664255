/* For every family that nlri_ops has: of VALUES generated NLRI, what is printed is typed to the same octets and
 * printed alike again, the octets are their own canonical form, and what is shown of them says the same as JSON, as
 * msgpack, and read back. A family without a generator fails by its name. */
#include "proto/bgp/nlri.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/bgpls.h"
#include "proto/bgp/nlri/flow.h"
#include "proto/bgp/rd.h"
#include "tests/property/random.h"
#include "tests/tools/agree.h"
#include "tests/tools/typed.h"

/* ---- what several families have ---- */

static void
make_rd(struct random *x, struct writer *w)
{
	writer_u16(w, random_one_in(x, 8) ? random_bits(x, 16) : random_below(x, 3));
	random_octets(x, w, RD_SIZE - 2);
}

/* 1 to `most` of them, the bottom marked. In front of others 0 and 0x800000 are no labels (RFC 8277 section 2.4). */
static unsigned
make_labels(struct random *x, struct writer *w, unsigned most)
{
	unsigned count = random_one_in(x, 4) ? random_from(x, 1, most) : 1;

	for (unsigned i = 1; i <= count; i++) {
		uint64_t label = random_bits(x, 20);

		if (i == 1 && count > 1 && (label == 0 || label << LABEL_SHIFT == LABEL_NONE))
			label = 3;
		writer_u24(w, label << LABEL_SHIFT | (i == count ? LABEL_BOTTOM : 0));
	}
	return count;
}

/* A length of one octet and what it says the length of; the caller ends it. */
static size_t
begin_typed(struct writer *w, uint8_t type)
{
	writer_u8(w, type);
	return writer_begin_u8(w);
}

/* ---- prefixes ---- */

/* Groups are no unicast. */
static void
make_prefix(struct random *x, struct writer *w, unsigned width, bool groups)
{
	size_t mark = w->len;
	unsigned bits = random_length(x, width);

	writer_u8(w, bits);
	random_prefix_octets(x, w, bits);
	if (!groups && bits > 0 && w->base[mark + 1] >= (width == 32 ? 0xe0 : 0xff))
		w->base[mark + 1] &= 0x7f;
}

static void
ipv4_unicast(struct random *x, struct writer *w)
{
	make_prefix(x, w, 32, false);
}

static void
ipv4_multicast(struct random *x, struct writer *w)
{
	make_prefix(x, w, 32, true);
}

static void
ipv6_unicast(struct random *x, struct writer *w)
{
	make_prefix(x, w, 128, false);
}

static void
ipv6_multicast(struct random *x, struct writer *w)
{
	make_prefix(x, w, 128, true);
}

static void
make_labelled(struct random *x, struct writer *w, unsigned width, bool vpn)
{
	unsigned bits = random_length(x, width), rd = vpn ? 8 * RD_SIZE : 0;
	size_t mark = w->len;
	unsigned labels;

	writer_u8(w, 0);
	labels = make_labels(x, w, (255 - rd - bits) / (8 * LABEL_SIZE));
	if (vpn)
		make_rd(x, w);
	random_prefix_octets(x, w, bits);
	w->base[mark] = (uint8_t)(labels * 8 * LABEL_SIZE + rd + bits);
}

static void
ipv4_labelled(struct random *x, struct writer *w)
{
	make_labelled(x, w, 32, false);
}

static void
ipv6_labelled(struct random *x, struct writer *w)
{
	make_labelled(x, w, 128, false);
}

static void
ipv4_vpn(struct random *x, struct writer *w)
{
	make_labelled(x, w, 32, true);
}

static void
ipv6_vpn(struct random *x, struct writer *w)
{
	make_labelled(x, w, 128, true);
}

/* ---- MCAST-VPN (RFC 6514 section 4) ---- */

static void
make_mcast_body(struct random *x, struct writer *w, uint8_t type, size_t size)
{
	bool wild = type == 3;

	if (type != 4)
		make_rd(x, w);
	if (type == 2 || type == 6 || type == 7)
		writer_u32(w, random_bits(x, 32));
	for (int i = 0; i < 2 && type >= 3 && type != 4; i++) {
		if (wild && random_one_in(x, 4))
			writer_u8(w, 0);
		else
			random_host(x, w, size);
	}
	if (type == 1 || type == 3)
		random_octets(x, w, random_size(x));
}

static void
make_mcast(struct random *x, struct writer *w, size_t size)
{
	static const uint8_t keys[] = { 2, 3 };
	uint8_t type = (uint8_t)random_from(x, 1, 7);
	size_t mark = begin_typed(w, type), inner;

	if (type == 4) { /* a leaf answers to a route */
		uint8_t key = keys[random_below(x, 2)];

		inner = begin_typed(w, key);
		make_mcast_body(x, w, key, size);
		writer_end_u8(w, inner);
		random_octets(x, w, random_size(x));
	} else {
		make_mcast_body(x, w, type, size);
	}
	writer_end_u8(w, mark);
}

static void
ipv4_mcast_vpn(struct random *x, struct writer *w)
{
	make_mcast(x, w, 4);
}

static void
ipv6_mcast_vpn(struct random *x, struct writer *w)
{
	make_mcast(x, w, 16);
}

/* ---- MUP (draft-ietf-bess-mup-safi) ---- */

static void
make_session(struct random *x, struct writer *w)
{
	uint64_t teid = random_bits(x, 32);

	writer_u32(w, teid ? teid : 1);
	writer_u8(w, random_from(x, 0, 63));
	random_host(x, w, random_size(x));
	if (random_one_in(x, 2))
		random_host(x, w, random_size(x));
}

static void
make_endpoint(struct random *x, struct writer *w, unsigned width)
{
	unsigned bits = random_from(x, 0, 32);
	uint64_t teid = random_bits(x, 32) & ((UINT64_C(1) << bits) - 1);

	writer_u8(w, width + bits);
	random_octets(x, w, width / 8);
	if (bits == 32 && teid == 0)
		teid = 1;
	for (unsigned left = (bits + 7) / 8; left > 0; left--)
		writer_u8(w, teid >> 8 * (left - 1) & 0xff);
}

static void
make_mup(struct random *x, struct writer *w, unsigned width)
{
	unsigned type = random_from(x, 1, 4);
	size_t mark;

	writer_u8(w, 1);
	writer_u16(w, type);
	mark = writer_begin_u8(w);
	make_rd(x, w);
	if (type == 1 || type == 3)
		make_prefix(x, w, width, true);
	if (type == 2)
		random_octets(x, w, width / 8);
	if (type == 3)
		make_session(x, w);
	if (type == 4)
		make_endpoint(x, w, width);
	writer_end_u8(w, mark);
}

static void
ipv4_mup(struct random *x, struct writer *w)
{
	make_mup(x, w, 32);
}

static void
ipv6_mup(struct random *x, struct writer *w)
{
	make_mup(x, w, 128);
}

/* ---- SR policies (RFC 9830 section 2.1) ---- */

static void
make_sr_policy(struct random *x, struct writer *w, size_t address)
{
	writer_u8(w, 8 * (8 + address));
	writer_u32(w, random_bits(x, 32));
	writer_u32(w, random_bits(x, 32));
	random_octets(x, w, address);
}

static void
ipv4_sr_policy(struct random *x, struct writer *w)
{
	make_sr_policy(x, w, 4);
}

static void
ipv6_sr_policy(struct random *x, struct writer *w)
{
	make_sr_policy(x, w, 16);
}

/* ---- RTC (RFC 4684 section 4) ---- */

static void
ipv4_rtc(struct random *x, struct writer *w)
{
	unsigned bits = random_one_in(x, 2) ? 96 : random_from(x, 31, 96);

	bits = bits == 31 ? 0 : bits; /* every target */
	writer_u8(w, bits);
	random_prefix_octets(x, w, bits);
}

/* ---- VPLS (RFC 4761 section 3.2.2, RFC 6624 section 4) ---- */

static void
l2vpn_vpls(struct random *x, struct writer *w)
{
	size_t mark = writer_begin_u16(w);

	make_rd(x, w);
	for (int i = 0; i < 3; i++)
		writer_u16(w, random_bits(x, 16));
	writer_u24(w, random_bits(x, 20) << LABEL_SHIFT | LABEL_BOTTOM);
	writer_end_u16(w, mark);
}

/* ---- EVPN (RFC 7432 section 7, RFC 9136 section 3.1) ---- */

static void
make_evpn_prefix(struct random *x, struct writer *w)
{
	size_t size = random_size(x);
	unsigned bits = random_length(x, (unsigned)size * 8);
	bool segment = random_one_in(x, 2);

	random_octets(x, w, segment ? 10 : 0);
	for (int i = 0; i < 10 && !segment; i++)
		writer_u8(w, 0);
	writer_u32(w, random_bits(x, 32));
	writer_u8(w, bits);
	random_prefix_octets(x, w, bits);
	for (size_t left = size - (bits + 7) / 8; left > 0; left--)
		writer_u8(w, 0);
	for (size_t i = 0; i < size && segment; i++)
		writer_u8(w, 0);
	random_octets(x, w, segment ? 0 : size);
	writer_u24(w, random_bits(x, 24));
}

static void
make_mac(struct random *x, struct writer *w)
{
	random_octets(x, w, 10);
	writer_u32(w, random_bits(x, 32));
	writer_u8(w, 48);
	random_octets(x, w, 6);
	if (random_one_in(x, 3))
		writer_u8(w, 0);
	else
		random_host(x, w, random_size(x));
	writer_u24(w, random_bits(x, 24));
	if (random_one_in(x, 3))
		writer_u24(w, random_bits(x, 24));
}

static void
l2vpn_evpn(struct random *x, struct writer *w)
{
	uint8_t type = (uint8_t)random_from(x, 1, 11);
	size_t mark = begin_typed(w, type);

	if (type > 5)
		random_octets(x, w, random_from(x, 0, 60));
	else
		make_rd(x, w);
	if (type == 1 || type == 4)
		random_octets(x, w, 10);
	if (type == 1 || type == 3)
		writer_u32(w, random_bits(x, 32));
	if (type == 1)
		writer_u24(w, random_bits(x, 24));
	if (type == 2)
		make_mac(x, w);
	if (type == 3 || type == 4)
		random_host(x, w, random_size(x));
	if (type == 5)
		make_evpn_prefix(x, w);
	writer_end_u8(w, mark);
}

/* ---- BGP-LS (RFC 9552 section 5.2, RFC 9514 section 6) ---- */

static void
make_tlv(struct random *x, struct writer *w, uint16_t type, size_t len)
{
	writer_u16(w, type);
	writer_u16(w, len);
	random_octets(x, w, len);
}

/* Router ids of each length that has a form of its own, and others. */
static void
make_bgpls_node(struct random *x, struct writer *w, uint16_t type)
{
	static const uint8_t sizes[] = { 4, 6, 7, 8 };
	size_t mark;

	writer_u16(w, type);
	mark = writer_begin_u16(w);
	for (uint16_t sub = BGPLS_AS; sub <= BGPLS_AREA; sub++)
		if (random_one_in(x, 2))
			make_tlv(x, w, sub, 4);
	make_tlv(x, w, BGPLS_ROUTER_ID,
	    random_one_in(x, 8) ? random_from(x, 0, 80) : sizes[random_below(x, 4)]);
	for (uint16_t sub = BGPLS_BGP_ROUTER_ID; sub <= BGPLS_MEMBER_AS; sub++)
		if (random_one_in(x, 4))
			make_tlv(x, w, sub, 4);
	if (random_one_in(x, 8))
		make_tlv(
		    x, w, (uint16_t)random_from(x, BGPLS_SID + 1, UINT16_MAX), random_below(x, 20));
	writer_end_u16(w, mark);
}

/* Mostly as it should be, sometimes with host bits, octets left out, or more of them. */
static void
make_bgpls_reachability(struct random *x, struct writer *w, unsigned width)
{
	unsigned bits = random_length(x, width);
	size_t mark;

	writer_u16(w, BGPLS_REACHABILITY);
	mark = writer_begin_u16(w);
	writer_u8(w, bits);
	if (random_one_in(x, 4))
		random_octets(x, w, random_from(x, 0, width / 8));
	else
		random_prefix_octets(x, w, bits);
	writer_end_u16(w, mark);
}

static void
make_bgpls_descriptors(struct random *x, struct writer *w, uint16_t type)
{
	static const uint8_t sizes[] = { 8, 4, 4, 16, 16 };

	make_bgpls_node(x, w, BGPLS_LOCAL_NODE);
	if (type == BGPLS_LINK)
		make_bgpls_node(x, w, BGPLS_REMOTE_NODE);
	for (uint16_t i = 0; type == BGPLS_LINK && i < sizeof sizes; i++)
		for (unsigned left = random_below(x, 3); left > 0; left--)
			make_tlv(x, w, BGPLS_LINK_IDS + i, sizes[i]);
	if (random_one_in(x, 3))
		make_tlv(x, w, BGPLS_TOPOLOGIES, 2 * random_from(x, 1, 4));
	if (type != BGPLS_LINK && random_one_in(x, 3))
		make_tlv(x, w, BGPLS_OSPF_ROUTE_TYPE, 1);
	if (type == BGPLS_PREFIX_V4 || type == BGPLS_PREFIX_V6)
		make_bgpls_reachability(x, w, type == BGPLS_PREFIX_V4 ? 32 : 128);
	if (type == BGPLS_SRV6_SID)
		make_tlv(x, w, BGPLS_SID, 16);
	if (random_one_in(x, 8))
		make_tlv(x, w, 1000, random_below(x, 20));
}

static void
make_bgpls(struct random *x, struct writer *w, bool vpn)
{
	uint16_t type =
	    (uint16_t)(random_one_in(x, 16) ? random_bits(x, 16) : random_from(x, 1, 6));
	size_t mark;

	writer_u16(w, type);
	mark = writer_begin_u16(w);
	if (vpn)
		make_rd(x, w);
	if (bgpls_kind(type)) {
		writer_u8(w, random_one_in(x, 8) ? random_bits(x, 8) : random_from(x, 1, 9));
		writer_u64(w, random_bits(x, 64));
		make_bgpls_descriptors(x, w, type);
	} else {
		random_octets(x, w, random_from(x, 0, 60));
	}
	writer_end_u16(w, mark);
}

static void
bgp_ls(struct random *x, struct writer *w)
{
	make_bgpls(x, w, false);
}

static void
bgp_ls_vpn(struct random *x, struct writer *w)
{
	make_bgpls(x, w, true);
}

/* ---- flow specifications (RFC 8955, 8956) ---- */

static void
make_flow_prefix(struct random *x, struct writer *w, bool ipv6)
{
	unsigned bits = random_length(x, ipv6 ? 128 : 32), offset = 0;
	size_t mark;

	writer_u8(w, bits);
	if (ipv6 && bits > 0 && random_one_in(x, 2))
		offset = random_from(x, 0, bits - 1);
	if (ipv6)
		writer_u8(w, offset);
	mark = w->len;
	random_prefix_octets(x, w, bits);
	for (unsigned bit = 0; bit < offset && writer_ok(w); bit++)
		w->base[mark + bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void
make_flow_values(struct random *x, struct writer *w, const struct flow_kind *k)
{
	unsigned count = random_one_in(x, 2) ? 1 : random_from(x, 1, 12);
	unsigned mask = k->form == FLOW_BITS ? FLOW_BITMASK : FLOW_NUMERIC;

	for (unsigned i = 1; i <= count; i++) {
		unsigned op = (unsigned)random_next(x) & mask;
		uint32_t value = (uint32_t)random_bits(x, 32) & k->max;

		op |= i == count ? FLOW_END : 0;
		op |= i > 1 && random_one_in(x, 3) ? FLOW_AND : 0;
		flow_operator(w, op, value);
	}
}

static void
make_flow(struct random *x, struct writer *w, bool ipv6, bool vpn)
{
	uint8_t memory[NLRI_MAX];
	struct writer body = writer_of(memory, sizeof memory);
	size_t bare;

	if (vpn)
		make_rd(x, &body);
	bare = body.len;
	while (body.len == bare)
		for (unsigned type = 1; type < FLOW_TYPES; type++) {
			const struct flow_kind *k = flow_kind(type, ipv6);

			if (!k || !random_one_in(x, 4))
				continue;
			writer_u8(&body, type);
			if (k->form == FLOW_PREFIX)
				make_flow_prefix(x, &body, ipv6);
			else
				make_flow_values(x, &body, k);
		}
	flow_put(writer_read(&body), w);
}

static void
ipv4_flow(struct random *x, struct writer *w)
{
	make_flow(x, w, false, false);
}

static void
ipv4_flow_vpn(struct random *x, struct writer *w)
{
	make_flow(x, w, false, true);
}

static void
ipv6_flow(struct random *x, struct writer *w)
{
	make_flow(x, w, true, false);
}

static void
ipv6_flow_vpn(struct random *x, struct writer *w)
{
	make_flow(x, w, true, true);
}

/* ---- families without a name: a length of ours, and octets ---- */

static void
numbered(struct random *x, struct writer *w)
{
	size_t mark = writer_begin_u16(w);

	random_octets(x, w, random_from(x, 1, 80));
	writer_end_u16(w, mark);
}

/* ---- */

/* One canonical NLRI. */
static void (*const make[FAMILIES])(struct random *, struct writer *) = {
	[IPV4_UNICAST] = ipv4_unicast,
	[IPV4_MULTICAST] = ipv4_multicast,
	[IPV4_NLRI_MPLS] = ipv4_labelled,
	[IPV4_MCAST_VPN] = ipv4_mcast_vpn,
	[IPV4_MUP] = ipv4_mup,
	[IPV4_MPLS_VPN] = ipv4_vpn,
	[IPV4_SR_POLICY] = ipv4_sr_policy,
	[IPV4_RTC] = ipv4_rtc,
	[IPV4_FLOW] = ipv4_flow,
	[IPV4_FLOW_VPN] = ipv4_flow_vpn,
	[IPV6_UNICAST] = ipv6_unicast,
	[IPV6_MULTICAST] = ipv6_multicast,
	[IPV6_NLRI_MPLS] = ipv6_labelled,
	[IPV6_MCAST_VPN] = ipv6_mcast_vpn,
	[IPV6_SR_POLICY] = ipv6_sr_policy,
	[IPV6_MUP] = ipv6_mup,
	[IPV6_MPLS_VPN] = ipv6_vpn,
	[IPV6_FLOW] = ipv6_flow,
	[IPV6_FLOW_VPN] = ipv6_flow_vpn,
	[L2VPN_VPLS] = l2vpn_vpls,
	[L2VPN_EVPN] = l2vpn_evpn,
	[BGP_LS] = bgp_ls,
	[BGP_LS_VPN] = bgp_ls_vpn,
	[FAMILIES_NAMED] = numbered,
};

struct shown {
	enum family family;
	struct nlri nlri;
};

static void
show(const void *arg, struct tree *t)
{
	const struct shown *s = arg;

	tree_map(t);
	nlri_tree(s->family, true, &s->nlri, reader_of("\xc0\x00\x02\x01", 4), t);
	tree_map_end(t);
}

static void
fail_of(enum family f, unsigned number, const char *wrong, struct reader nlri, const char *detail)
{
	struct text hex = { 0 };

	text_hex(&hex, nlri.at, nlri.left);
	print_error(
	    "%s, value %u, %s: %s: %s\n", family_name(f), number, text_str(&hex), wrong, detail);
	text_fini(&hex);
	fail();
}

/* parse, take */
static void
is_canonical(enum family f, unsigned number, struct reader nlri)
{
	uint8_t memory[NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader wire = nlri, bin = nlri;
	unsigned ignored = 0;
	struct nlri n;

	reader_take(&wire, nlri_ops(f)->untold);
	if (nlri_parse(f, false, &wire, &w, &ignored) != NLRI_TAKEN || ignored > 0)
		fail_of(f, number, "parse", nlri, "refused or left out");
	if (!reader_equal(writer_read(&w), nlri))
		fail_of(f, number, "parse", nlri, "not canonical");
	if (!nlri_next(f, false, &bin, &n) || bin.left > 0)
		fail_of(f, number, "take", nlri, "not one NLRI");
}

/* print, scan, print */
static void
travels_as_text(enum family f, unsigned number, struct reader nlri)
{
	struct text line = { 0 }, first = { 0 }, again = { 0 };
	struct reason why = { 0 };
	struct route_draft d = { 0 };

	nlri_ops(f)->print(nlri, &first);
	text_printf(&line, "%s %s", family_name(f), text_str(&first));
	if (typed(text_str(&line), line.len, &d, &why) < 0)
		fail_of(f, number, text_str(&line), nlri, why.text);
	if (d.family != f || !reader_equal(octets_read(&d.nlri), nlri))
		fail_of(f, number, text_str(&line), nlri, "is typed to something else");
	nlri_ops(f)->print(octets_read(&d.nlri), &again);
	assert_string_equal(text_str(&again), text_str(&first));
	route_draft_fini(&d);
	text_fini(&line);
	text_fini(&first);
	text_fini(&again);
}

static void
travels_as_tree(enum family f, unsigned number, struct reader nlri)
{
	struct shown shown = { f, { 0x01020304, nlri } };
	struct text json = { 0 };
	const char *wrong = shown_disagrees(show, &shown, &json);

	if (wrong)
		fail_of(f, number, wrong, nlri, text_str(&json));
	text_fini(&json);
}

static void
agrees_in_octets_text_and_json(void **state)
{
	enum family f = (enum family)(uintptr_t)*state;
	struct random x = random_of(f);

	if (!make[f])
		fail_msg("%s has no generator: add one to make[]", family_name(f));
	for (unsigned i = 0; i < VALUES; i++) {
		uint8_t memory[NLRI_MAX];
		struct writer w = writer_of(memory, sizeof memory);

		make[f](&x, &w);
		assert_true(writer_ok(&w) && w.len > 0);
		is_canonical(f, i, writer_read(&w));
		travels_as_text(f, i, writer_read(&w));
		travels_as_tree(f, i, writer_read(&w));
	}
}

int
main(void)
{
	struct CMUnitTest tests[FAMILIES];
	size_t count = 0;

	family_by_numbers(AFI_IPV4, 99);
	for (uintptr_t f = 0; f < FAMILIES; f++)
		if (nlri_ops((enum family)f) && family_table[f].afi != 0)
			tests[count++] = (struct CMUnitTest){
				.name = family_name((enum family)f),
				.test_func = agrees_in_octets_text_and_json,
				.initial_state = (void *)f,
			};
	return _cmocka_run_group_tests("families", tests, count, NULL, NULL);
}
