/* Routes that go out: random ones come back in as they were, and what a session cannot carry is not sent. */
#include "proto/bgp/update.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "proto/bgp/message.h"
#include "tests/unit/proto/bgp/sessions.h"

/* ---- random routes, out and in again ---- */

enum { ROUTES = 700 };

static uint8_t nlri_memory[ROUTES * 17];

static void
random_nlri(enum family family, struct nlri *nlri, size_t count)
{
	unsigned width = family_table[family].afi == AFI_IPV4 ? 32 : 128;
	struct writer w = writer_of(nlri_memory, sizeof nlri_memory);

	for (size_t i = 0; i < count; i++) {
		uint8_t raw[17] = { (uint8_t)rnd(width + 1) };
		struct reader r = reader_of(raw, sizeof raw);
		size_t mark = w.len;

		for (size_t j = 1; j < sizeof raw; j++)
			raw[j] = (uint8_t)rnd(0xe0);
		assert_int_equal(nlri_ops(family)->parse(&r, &w), 0);
		nlri[i].octets = reader_of(w.base + mark, w.len - mark);
		nlri[i].path_id = rnd(5);
	}
}

/* Attributes with a wide ASN or two, and padding of an unknown attribute. */
static struct reader
random_attributes(uint8_t *memory, size_t cap, size_t padding, bool ibgp)
{
	struct writer w = writer_of(memory, cap), path;
	uint8_t octets[66], *pad = calloc(1, padding + 1);

	path = writer_of(octets, sizeof octets);
	writer_u8(&path, SEGMENT_SEQUENCE);
	writer_u8(&path, 1 + rnd(15));
	for (unsigned i = octets[1]; i > 0; i--)
		writer_u32(&path, 1 + rnd(rnd(2) ? 65000 : 100000));
	octets[0] = SEGMENT_SEQUENCE;
	attrs_put(&w, ATTR_TRANSITIVE, ATTR_ORIGIN, reader_of("", 1));
	attrs_put(&w, ATTR_TRANSITIVE, ATTR_AS_PATH, writer_read(&path));
	if (ibgp)
		attrs_put(&w, ATTR_TRANSITIVE, ATTR_LOCAL_PREF, reader_of("\0\0\0\144", 4));
	if (padding > 0)
		attrs_put(&w, ATTR_OPTIONAL | ATTR_TRANSITIVE, 250, reader_of(pad, padding));
	free(pad);
	assert_true(writer_ok(&w));
	return writer_read(&w);
}

struct seen {
	uint32_t path_id;
	struct reader octets;
};

static int
by_route(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	size_t least = x->octets.left < y->octets.left ? x->octets.left : y->octets.left;
	int order = memcmp(x->octets.at, y->octets.at, least);

	if (order == 0 && x->octets.left != y->octets.left)
		order = x->octets.left < y->octets.left ? -1 : 1;
	return order ? order : x->path_id < y->path_id ? -1 : x->path_id > y->path_id;
}

static uint8_t came_memory[ROUTES * 21];

struct trip {
	struct session_params p;
	enum family family;
	struct route_value value;
	struct seen went[ROUTES], came[ROUTES];
	size_t count, messages;
	bool withdraw;
};

static void
collect(struct trip *t, const struct update_part *part, struct writer *w)
{
	struct reader bin = part->nlri;
	struct nlri n;

	assert_int_equal(part->family, t->family);
	assert_int_equal(part->path_ids, !!(t->p.add_path_receive & family_bit(t->family)));
	while (nlri_next(part->family, part->path_ids, &bin, &n)) {
		size_t mark = w->len;

		assert_true(t->count < ROUTES);
		writer_copy(w, n.octets);
		t->came[t->count].octets = reader_of(w->base + mark, w->len - mark);
		t->came[t->count++].path_id = n.path_id;
	}
	assert_true(reader_done(&bin));
}

/* Frames the stream again and takes every message in. */
static void
receive(struct trip *t, const struct octets *out)
{
	struct reader stream = octets_read(out);
	struct writer w = writer_of(came_memory, sizeof came_memory);

	t->count = t->messages = 0;
	while (stream.left > 0) {
		struct reader head = reader_sub(&stream, MESSAGE_HEADER), body;
		struct update u;
		size_t length;

		reader_sub(&head, 16);
		length = reader_u16(&head);
		assert_int_equal(reader_u8(&head), MESSAGE_UPDATE);
		assert_true(length <= params_message_max(&t->p));
		body = reader_sub(&stream, length - MESSAGE_HEADER);
		assert_true(reader_ok(&body));
		u = parse(body, &t->p);
		assert_int_equal(u.worst, PENALTY_NONE);
		assert_int_equal(u.announces, !t->withdraw);
		assert_int_equal(u.withdraws, t->withdraw);
		collect(t, t->withdraw ? &u.withdraw[0] : &u.announce[0], &w);
		if (!t->withdraw) {
			assert_true(reader_equal(u.attributes, t->value.attributes));
			assert_true(reader_equal(u.announce[0].next_hop, t->value.next_hop));
		}
		t->messages++;
	}
}

/* ExaBGP's order: path id, length, octets. */
static void
are_in_order(const struct seen *came, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		assert_true(came[i - 1].path_id <= came[i].path_id);
		if (came[i - 1].path_id == came[i].path_id)
			assert_true(by_route(&came[i - 1], &came[i]) <= 0);
	}
}

static void
compare_trip(struct trip *t, const struct nlri *nlri, size_t count)
{
	bool paths = t->p.add_path_send & family_bit(t->family);

	assert_int_equal(t->count, count);
	for (size_t i = 0; i < count; i++)
		t->went[i] = (struct seen){ paths ? nlri[i].path_id : 0, nlri[i].octets };
	if (t->p.group == GROUP_NONE)
		assert_int_equal(t->messages, count);
	if (t->p.group != GROUP_EXABGP)
		for (size_t i = 0; i < count; i++)
			assert_int_equal(by_route(&t->went[i], &t->came[i]), 0);
	else if (!t->withdraw && family_table[t->family].packs)
		are_in_order(t->came, count);
	qsort(t->went, count, sizeof t->went[0], by_route);
	qsort(t->came, count, sizeof t->came[0], by_route);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(by_route(&t->went[i], &t->came[i]), 0);
}

static bool
all_unhindered(const struct trip *t, const struct nlri *nlri, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!update_unhindered(t->family, &t->value, &nlri[i]))
			return false;
	return true;
}

static void
random_trip(unsigned round)
{
	static const enum family families[] = { IPV4_UNICAST, IPV6_UNICAST, IPV4_MULTICAST,
		IPV6_MULTICAST };
	static struct trip t;
	static uint8_t attributes[80000];
	static const uint8_t hop[32] = { 0x20, 1, 0xd, 0xb8, [15] = 1, [16] = 0xfe,
		0x80, [31] = 1 };
	static const uint8_t hop4[4] = { 192, 0, 2, 1 };
	struct octets out = { 0 };
	struct nlri nlri[ROUTES];
	size_t count = 1 + rnd(rnd(2) ? 20 : ROUTES), padding = 0;
	struct reason why = { 0 };
	bool hindered;

	t.p = session_of(rnd(2) ? "nexthop6" : "nexthop6 ebgp");
	t.p.asn4 = rnd(2);
	t.p.extended_message = rnd(2);
	t.p.add_path_receive = t.p.add_path_send = rnd(2) ? t.p.families : 0;
	t.p.group = (enum group_updates)(round % 3);
	t.family = families[rnd(4)];
	/* up to the last octets that leave room for one route, and past them */
	if (rnd(3) == 0)
		padding = params_message_max(&t.p) - 60 - rnd(300);
	random_nlri(t.family, nlri, count);
	t.value.attributes =
	    random_attributes(attributes, sizeof attributes, padding, params_ibgp(&t.p));
	t.value.next_hop = rnd(2) && family_table[t.family].afi == AFI_IPV4
			       ? reader_of(hop4, 4)
			       : reader_of(hop, rnd(2) ? 16 : 32);
	t.withdraw = false;
	octets_add(&out, "before", 6);
	hindered = update_hindered(&t.p, t.family, &t.value, nlri, count, &why);
	if (update_announce(&out, &t.p, t.family, &t.value, nlri, count) < 0) {
		assert_true(padding > 0);
		assert_true(hindered);
		assert_false(all_unhindered(&t, nlri, count));
		assert_int_equal(out.len, 6);
	} else {
		assert_false(hindered);
		octets_drop_front(&out, 6);
		receive(&t, &out);
		compare_trip(&t, nlri, count);
	}
	octets_clear(&out);
	t.withdraw = true;
	update_withdraw(&out, &t.p, t.family, NULL, nlri, count);
	receive(&t, &out);
	compare_trip(&t, nlri, count);
	octets_fini(&out);
}

static void
routes_that_go_out_come_back_the_same(void **state)
{
	seed = 1;
	for (unsigned round = 0; round < 1500; round++)
		random_trip(round);
	(void)state;
}

static struct octets
announce_many(struct session_params *p, size_t count)
{
	static struct nlri nlri[5000];
	static uint8_t memory[5000][5];
	static const uint8_t block[] = { 0x40, 1, 1, 0, 0x40, 2, 0 };
	struct route_value value = { .next_hop = reader_of("\12\0\0\1", 4),
		.attributes = reader_of(block, sizeof block) };
	struct octets out = { 0 };

	assert_true(count <= 5000);
	for (size_t i = 0; i < count; i++) {
		memory[i][0] = 32;
		memory[i][1] = 10;
		memory[i][3] = (uint8_t)((count - i) >> 8);
		memory[i][4] = (uint8_t)(count - i);
		nlri[i].octets = reader_of(memory[i], 5);
		nlri[i].path_id = 0;
	}
	assert_int_equal(update_announce(&out, p, IPV4_UNICAST, &value, nlri, count), 0);
	return out;
}

static void
messages_are_filled_to_the_last_octet_that_fits(void **state)
{
	struct session_params p = session_of(NULL);
	struct octets out = announce_many(&p, 1000);
	/* 4096 - 19 - 4 - 14 = 4059: 811 of five octets */
	struct reader r = octets_read(&out);

	reader_sub(&r, 16);
	assert_int_equal(reader_u16(&r), 19 + 4 + 14 + 811 * 5);
	assert_int_equal(out.len, 2 * (19 + 4 + 14) + 1000 * 5);
	octets_fini(&out);
	p.extended_message = true;
	out = announce_many(&p, 1000);
	assert_int_equal(out.len, 19 + 4 + 14 + 1000 * 5);
	octets_fini(&out);
	p.group = GROUP_NONE;
	out = announce_many(&p, 10);
	assert_int_equal(out.len, 10 * (19 + 4 + 14 + 5));
	octets_fini(&out);
	(void)state;
}

static void
exabgp_sorts_what_it_packs(void **state)
{
	struct session_params p = session_of(NULL);
	struct octets out = announce_many(&p, 3);
	struct reader r = octets_read(&out);

	reader_sub(&r, 19 + 4 + 14);
	for (unsigned i = 1; i <= 3; i++) {
		reader_sub(&r, 4);
		assert_int_equal(reader_u8(&r), i);
	}
	assert_true(reader_done(&r));
	octets_fini(&out);
	(void)state;
}

static void
path_ids_sort_before_lengths(void **state)
{
	struct session_params p = session_of("add-path");
	struct route_value value = { .next_hop = reader_of("\12\0\0\1", 4) };
	struct nlri nlri[] = { { 2, reader_of("\10\12", 2) }, { 1, reader_of("\20\12\1", 3) },
		{ 2, reader_of("\10\11", 2) }, { 1, reader_of("\10\13", 2) } };
	static const char want[] = "\0\0\0\1\10\13"
				   "\0\0\0\1\20\12\1"
				   "\0\0\0\2\10\11"
				   "\0\0\0\2\10\12";
	struct octets out = { 0 };
	struct reader r;

	assert_int_equal(update_announce(&out, &p, IPV4_UNICAST, &value, nlri, 4), 0);
	r = octets_read(&out);
	reader_sub(&r, 19 + 4 + 7);
	assert_true(reader_equal(r, reader_of(want, sizeof want - 1)));
	octets_fini(&out);
	(void)state;
}

/* 21 octets before them, then thirteen routes of 17 octets and one of 13 or 14. */
static void
a_field_of_255_octets_has_a_length_of_one(void **state)
{
	static const uint8_t zero[16], hop[16] = { 0x20, 1, [15] = 1 };
	struct session_params p = session_of(NULL);
	struct route_value value = { .next_hop = reader_of(hop, 16) };
	struct nlri nlri[14];
	uint8_t host[17] = { 128 }, last[14] = { 96 };
	struct octets out = { 0 };

	memcpy(host + 1, zero, sizeof zero);
	for (size_t i = 0; i < 14; i++)
		nlri[i] = (struct nlri){ 0, reader_of(host, sizeof host) };
	p.group = GROUP_ALL;
	for (size_t len = 13; len <= 14; len++) {
		bool extended = len == 14;

		last[0] = (uint8_t)(8 * (len - 1));
		nlri[13].octets = reader_of(last, len);
		octets_clear(&out);
		assert_int_equal(update_announce(&out, &p, IPV6_UNICAST, &value, nlri, 14), 0);
		assert_int_equal(out.len, 19 + 4 + 242 + len + (extended ? 4 : 3));
		assert_int_equal(out.base[23], extended ? 0x90 : 0x80);
		assert_int_equal(out.base[25], extended ? 1 : 255);
	}
	octets_fini(&out);
	(void)state;
}

static void
attributes_that_do_not_fit_leave_nothing(void **state)
{
	static uint8_t memory[5000];
	struct session_params p = session_of(NULL);
	struct route_value value = { .next_hop = reader_of("\12\0\0\1", 4) };
	struct nlri nlri = { .octets = reader_of("\10\12", 2) };
	struct octets out = { 0 };

	char text[80];

	/* one octet too many for the smaller message: 23 + 17 + 7 (NEXT_HOP) + pad header 4 + pad + 2 */
	for (size_t pad = 4040; pad < 4080; pad++) {
		struct writer w = writer_of(memory, sizeof memory);
		struct reason why = { 0 };
		size_t size;
		bool fits;

		attrs_put(&w, ATTR_OPTIONAL | ATTR_TRANSITIVE, 250, reader_of(scratch_memory, pad));
		value.attributes = writer_read(&w);
		fits = 19 + 4 + 7 + w.len + 2 <= 4096;
		p.extended_message = false;
		assert_int_equal(
		    update_announce(&out, &p, IPV4_UNICAST, &value, &nlri, 1), fits ? 0 : -1);
		assert_int_equal(out.len > 0, fits);
		assert_int_equal(update_hindered(&p, IPV4_UNICAST, &value, &nlri, 1, &why), !fits);
		size = 7 + w.len;
		snprintf(text, sizeof text, "attributes of %zu octets %s a message of 4096", size,
		    19 + 4 + size <= 4096 ? "leave no room for the route in" : "do not fit");
		assert_string_equal(why.text, fits ? "" : text);
		octets_clear(&out);
		p.extended_message = true;
		assert_int_equal(update_announce(&out, &p, IPV4_UNICAST, &value, &nlri, 1), 0);
		assert_false(update_hindered(&p, IPV4_UNICAST, &value, &nlri, 1, &why));
		octets_clear(&out);
	}
	octets_fini(&out);
	(void)state;
}

static void
what_may_be_hindered_is_known_without_a_session(void **state)
{
	static const uint8_t octets[2000], otc[7] = { 0xc0, ATTR_OTC, 4, 0, 0, 0, 1 };
	struct session_params p = session_of("ebgp");
	struct route_value value = { .next_hop = reader_of("\300\0\2\1", 4) };
	struct nlri nlri = { .octets = reader_of("\10\12", 2) };
	struct reason why = { 0 };

	assert_true(update_unhindered(IPV4_UNICAST, &value, &nlri));
	value.attributes = reader_of(otc, sizeof otc);
	assert_false(update_unhindered(IPV4_UNICAST, &value, &nlri));
	p.role = BGP_ROLE_CUSTOMER;
	assert_true(update_hindered(&p, IPV4_UNICAST, &value, &nlri, 1, &why));
	value.raw = value.attributes;
	value.attributes.left = 0;
	assert_false(update_unhindered(IPV4_UNICAST, &value, &nlri));
	assert_true(update_hindered(&p, IPV4_UNICAST, &value, &nlri, 1, &why));
	value.raw.left = 0;
	nlri.octets = reader_of(octets, sizeof octets);
	assert_false(update_unhindered(IPV4_FLOW, &value, &nlri));
	nlri.octets.left = 2;
	value.next_hop.left = 0;
	assert_false(update_unhindered(IPV6_UNICAST, &value, &nlri));
	assert_true(update_hindered(&p, IPV6_UNICAST, &value, &nlri, 1, &why));
	assert_true(update_unhindered(IPV4_FLOW, &value, &nlri));
	(void)state;
}

static void
a_next_hop_that_cannot_be_carried_is_refused(void **state)
{
	struct session_params p = session_of(NULL);
	struct route_value value = { 0 };
	struct nlri nlri = { .octets = reader_of("\10\12", 2) };
	struct octets out = { 0 };
	struct reason why = { 0 };

	assert_int_equal(update_announce(&out, &p, IPV4_UNICAST, &value, &nlri, 1), -1);
	assert_int_equal(update_announce(&out, &p, IPV6_UNICAST, &value, &nlri, 1), -1);
	value.next_hop = reader_of("\12\0\0\1\0", 5);
	assert_int_equal(update_announce(&out, &p, IPV6_UNICAST, &value, &nlri, 1), -1);
	assert_true(update_hindered(&p, IPV6_UNICAST, &value, &nlri, 1, &why));
	assert_string_equal(why.text, "no next hop that ipv6 unicast has");
	assert_int_equal(out.len, 0);
	octets_fini(&out);
	(void)state;
}

static void
wire_is(const struct octets *out, const char *hex)
{
	struct reader got = octets_read(out);
	struct text text = { 0 };

	reader_sub(&got, MESSAGE_HEADER);
	text_hex(&text, got.at, got.left);
	assert_string_equal(text_str(&text), hex);
	text_fini(&text);
}

static void
the_end_of_a_rib_has_two_forms(void **state)
{
	struct octets out = { 0 };

	update_end_of_rib(&out, IPV4_UNICAST);
	wire_is(&out, "00000000");
	octets_clear(&out);
	update_end_of_rib(&out, IPV6_UNICAST);
	wire_is(&out, "00000007900f0003000201");
	octets_clear(&out);
	update_end_of_rib(&out, IPV4_MPLS_VPN);
	wire_is(&out, "00000007900f0003000180");
	octets_fini(&out);
	(void)state;
}

static void
attributes_go_out_without_routes(void **state)
{
	struct session_params p = session_of(NULL);
	struct route_value value = { .next_hop = reader_of("\1\2\3\4", 4),
		.attributes = reader_of("\100\1\1\0", 4) };
	struct octets out = { 0 };

	assert_int_equal(update_attributes(&out, &p, &value), 0);
	wire_is(&out, "0000000b4001010040030401020304");
	octets_fini(&out);
	(void)state;
}

/* RFC 2545 section 3 */
static void
our_link_local_address_goes_with_a_global_next_hop(void **state)
{
	static const struct {
		enum family family;
		const char *hop, *wire;
	} row[] = {
		{ IPV6_UNICAST, "2001:db8::ffff",
		    "0000003840010100400200"
		    "800e2e000201"
		    "2020010db800000000000000000000fffffe80000000000000000000000000000100"
		    "4020010db800010000" },
		{ IPV6_UNICAST, "fe80::2",
		    "0000002840010100400200"
		    "800e1e000201"
		    "10fe80000000000000000000000000000200"
		    "4020010db800010000" },
		/* a peer would take an address behind none as the next hop */
		{ IPV6_UNICAST, "::",
		    "0000002840010100400200"
		    "800e1e000201"
		    "100000000000000000000000000000000000"
		    "4020010db800010000" },
	};
	struct session_params p = session_of(NULL);
	struct nlri n = { .octets = reader_of("\100\40\1\15\270\0\1\0\0", 9) };

	addr_scan(&p.link_local, "fe80::1");
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct route_value value = { .attributes = reader_of("\100\1\1\0\100\2\0", 7) };
		struct octets out = { 0 };
		struct addr hop;

		addr_scan(&hop, row[i].hop);
		value.next_hop = reader_of(hop.bytes, 16);
		assert_int_equal(update_announce(&out, &p, row[i].family, &value, &n, 1), 0);
		wire_is(&out, row[i].wire);
		octets_fini(&out);
	}
	(void)state;
}

/* The family of the NLRI matters to nobody here, so the forms of VPN families are right already. */
static void
vpn_next_hops_stand_behind_a_distinguisher(void **state)
{
	static const uint8_t block[] = { 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100 };
	static const char nlri[] = "\210\0\6\100\0\14\201\0\0\0\1\0\0\0\2\12\0\0";
	struct session_params p = session_of(NULL);
	struct route_value value = { .next_hop = reader_of("\1\2\3\4", 4),
		.attributes = reader_of(block, sizeof block) };
	struct nlri n = { .octets = reader_of(nlri, sizeof nlri - 1) };
	struct octets out = { 0 };

	assert_int_equal(update_announce(&out, &p, IPV4_MPLS_VPN, &value, &n, 1), 0);
	wire_is(&out, "0000003b40010100400200400304010203044005040000006480"
		      "0e23000180"
		      "0c0000000000000000010203040088000640000c810000000100000002"
		      "0a0000");
	octets_clear(&out);
	assert_int_equal(update_announce(&out, &p, IPV6_MPLS_VPN, &value, &n, 1), 0);
	wire_is(&out,
	    "0000004740010100400200400304010203044005040000006480"
	    "0e2f000280"
	    "18000000000000000000000000000000000000ffff010203040088000640000c810000000100000002"
	    "0a0000");
	octets_fini(&out);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_that_go_out_come_back_the_same),
		cmocka_unit_test(messages_are_filled_to_the_last_octet_that_fits),
		cmocka_unit_test(exabgp_sorts_what_it_packs),
		cmocka_unit_test(path_ids_sort_before_lengths),
		cmocka_unit_test(a_field_of_255_octets_has_a_length_of_one),
		cmocka_unit_test(attributes_that_do_not_fit_leave_nothing),
		cmocka_unit_test(what_may_be_hindered_is_known_without_a_session),
		cmocka_unit_test(a_next_hop_that_cannot_be_carried_is_refused),
		cmocka_unit_test(the_end_of_a_rib_has_two_forms),
		cmocka_unit_test(attributes_go_out_without_routes),
		cmocka_unit_test(our_link_local_address_goes_with_a_global_next_hop),
		cmocka_unit_test(vpn_next_hops_stand_behind_a_distinguisher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
