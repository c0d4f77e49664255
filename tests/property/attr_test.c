/* For every attribute that attr_ops has: VALUES generated values come off the wire as they went onto it, over
 * sessions of four and of two octets an ASN; what is printed is typed to the same value and printed alike again; what
 * is shown says the same as JSON, as msgpack, and read back. An attribute without a generator fails by its name. */
#include "proto/bgp/attr.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attr/bgpls.h"
#include "proto/bgp/attrs.h"
#include "tests/property/random.h"
#include "tests/tools/agree.h"
#include "tests/tools/typed.h"

enum { ROOM = 140 * 1024 };

/* ---- generators: a canonical value ---- */

static void
make_origin(struct random *x, struct writer *w)
{
	writer_u8(w, random_below(x, 3));
}

static uint64_t
some_asn(struct random *x, unsigned bits)
{
	uint64_t asn = random_bits(x, random_one_in(x, 2) ? 16 : bits);

	return asn ? asn : 1;
}

static void
make_segments(struct random *x, struct writer *w, unsigned least, unsigned most, unsigned left)
{
	while (left-- > 0) {
		unsigned count = random_one_in(x, 32) ? 255 : random_from(x, 1, 8);

		writer_u8(w, random_from(x, least, most));
		writer_u8(w, count);
		while (count-- > 0)
			writer_u32(w, some_asn(x, least < SEGMENT_CONFED_SEQUENCE ? 32 : 16));
	}
}

/* Segments of a confederation stand first (RFC 5065 section 5.3), and an old speaker carries no wide ASN of
 * theirs (RFC 6793 section 4.2.2). */
static void
make_as_path(struct random *x, struct writer *w)
{
	make_segments(x, w, SEGMENT_CONFED_SEQUENCE, SEGMENT_CONFED_SET, random_below(x, 3));
	make_segments(x, w, SEGMENT_SET, SEGMENT_SEQUENCE, random_below(x, 4));
}

static void
make_as4_path(struct random *x, struct writer *w)
{
	make_segments(x, w, SEGMENT_SET, SEGMENT_SEQUENCE, random_below(x, 5));
}

static void
make_host(struct random *x, struct writer *w)
{
	writer_u32(w, random_from(x, 1, UINT32_C(0xdfffffff)));
}

static void
make_number(struct random *x, struct writer *w)
{
	writer_u32(w, random_bits(x, 32));
}

static void
make_nothing(struct random *x, struct writer *w)
{
	(void)x;
	(void)w;
}

static void
make_aggregator(struct random *x, struct writer *w)
{
	writer_u32(w, some_asn(x, 32));
	writer_u32(w, random_bits(x, 32));
}

static void
make_addresses(struct random *x, struct writer *w)
{
	for (unsigned left = random_from(x, 1, 20); left > 0; left--)
		writer_u32(w, random_bits(x, 32));
}

/* Sorted as typed lists are; repeats dropped. */
static void
end_list(struct writer *w, size_t size)
{
	items_sort(w, 0, size, true);
}

static void
make_community(struct random *x, struct writer *w)
{
	for (unsigned left = random_from(x, 1, 40); left > 0; left--)
		writer_u32(
		    w, random_one_in(x, 3) ? 0xffff0000 | random_bits(x, 16) : random_bits(x, 32));
	end_list(w, 4);
}

/* Half of them of a type and subtype that has a name. */
static void
make_ext_community(struct random *x, struct writer *w)
{
	static const uint16_t kinds[] = { 0x0002, 0x0102, 0x0202, 0x0003, 0x0103, 0x0203, 0x8006,
		0x8007, 0x8008, 0x8108, 0x8208, 0x8009, 0x800a, 0x800c, 0x0800, 0x4004, 0x0c00,
		0x030b, 0x030c, 0x0600, 0x0601, 0x0602, 0x0603, 0x8a02, 0x4300 };

	for (unsigned left = random_from(x, 1, 20); left > 0; left--) {
		unsigned small = random_below(x, 3);

		writer_u16(w, random_one_in(x, 2)
				  ? kinds[random_below(x, sizeof kinds / sizeof kinds[0])]
				  : random_bits(x, 16));
		writer_u16(w, small ? random_bits(x, 4) : random_bits(x, 16));
		writer_u32(w, small == 1 ? random_bits(x, 6) : random_bits(x, 32));
	}
	end_list(w, 8);
}

static void
make_ipv6_ext_community(struct random *x, struct writer *w)
{
	for (unsigned left = random_from(x, 1, 10); left > 0; left--)
		random_octets(x, w, 20);
	end_list(w, 20);
}

static void
make_large_community(struct random *x, struct writer *w)
{
	for (unsigned left = 3 * random_from(x, 1, 20); left > 0; left--)
		writer_u32(w, random_bits(x, 32));
	end_list(w, 12);
}

/* A TLV of the metric, and at times others. */
static void
make_aigp(struct random *x, struct writer *w)
{
	writer_u8(w, 1);
	writer_u16(w, 11);
	writer_u64(w, random_bits(x, 64));
	if (random_one_in(x, 4)) {
		unsigned len = random_below(x, 20);

		writer_u8(w, random_from(x, 2, 255));
		writer_u16(w, 3 + len);
		random_octets(x, w, len);
	}
}

static void
make_index(struct random *x, struct writer *w)
{
	size_t mark;

	writer_u8(w, 1);
	writer_u16(w, 7);
	writer_u24(w, 0);
	writer_u32(w, random_bits(x, 32));
	if (random_one_in(x, 2))
		return;
	writer_u8(w, 3);
	mark = writer_begin_u16(w);
	writer_u16(w, 0);
	for (unsigned left = random_from(x, 1, 5); left > 0; left--) {
		writer_u24(w, random_bits(x, 24));
		writer_u24(w, random_bits(x, 24));
	}
	writer_end_u16(w, mark);
}

/* A service of layer 3 or 2 (RFC 9252). */
static void
make_service(struct random *x, struct writer *w)
{
	size_t mark, inner;

	writer_u8(w, random_from(x, 5, 6));
	mark = writer_begin_u16(w);
	writer_u8(w, 0);
	writer_u8(w, 1);
	inner = writer_begin_u16(w);
	writer_u8(w, 0);
	random_octets(x, w, 16);
	writer_u8(w, random_one_in(x, 4) ? random_bits(x, 8) : 0);
	writer_u16(w, random_bits(x, 16));
	writer_u8(w, 0);
	if (random_one_in(x, 2)) {
		unsigned block = random_from(x, 0, 64), node = random_from(x, 0, 64);

		writer_u8(w, 1);
		writer_u16(w, 6);
		writer_u8(w, block);
		writer_u8(w, node);
		writer_u8(w, random_from(x, 0, 128 - block - node));
		writer_u8(w, 0);
		writer_u16(w, 0);
	}
	writer_end_u16(w, inner);
	writer_end_u16(w, mark);
}

static void
make_prefix_sid(struct random *x, struct writer *w)
{
	if (random_one_in(x, 2))
		make_index(x, w);
	else
		make_service(x, w);
}

/* ---- tunnels (RFC 9012) and SR policies (RFC 9830, 9831) ---- */

static void
put_sub(struct random *x, struct writer *w, unsigned type, size_t len)
{
	writer_u8(w, type);
	if (type < 128)
		writer_u8(w, len);
	else
		writer_u16(w, len);
	random_octets(x, w, len);
}

/* Flags, then a node or a link, and at times a SID and a behavior: what each type may have of octets. */
static void
make_segment(struct random *x, struct writer *w)
{
	static const struct {
		uint8_t type, sizes, size[3];
	} kinds[] = { { 1, 1, { 6 } }, { 13, 2, { 18, 26 } }, { 3, 2, { 6, 10 } },
		{ 4, 2, { 18, 22 } }, { 5, 2, { 10, 14 } }, { 6, 2, { 10, 14 } },
		{ 7, 2, { 42, 46 } }, { 8, 2, { 34, 38 } }, { 14, 3, { 18, 34, 42 } },
		{ 15, 3, { 42, 58, 66 } }, { 16, 3, { 34, 50, 58 } } };
	unsigned k = random_below(x, sizeof kinds / sizeof kinds[0]);

	writer_u8(w, kinds[k].type);
	writer_u8(w, kinds[k].size[0]);
	w->base[w->len - 1] = kinds[k].size[random_below(x, kinds[k].sizes)];
	random_octets(x, w, w->base[w->len - 1]);
}

static void
make_segment_list(struct random *x, struct writer *w)
{
	size_t mark;

	writer_u8(w, 128);
	mark = writer_begin_u16(w);
	writer_u8(w, 0);
	if (random_one_in(x, 2)) {
		writer_u8(w, 9);
		writer_u8(w, 6);
		writer_u16(w, 0);
		writer_u32(w, random_from(x, 1, UINT32_MAX - 1));
	}
	for (unsigned left = random_from(x, 1, 5); left > 0; left--)
		make_segment(x, w);
	if (random_one_in(x, 4))
		put_sub(x, w, random_from(x, 100, 127), random_below(x, 9));
	writer_end_u16(w, mark);
}

static void
make_name(struct random *x, struct writer *w, uint8_t type)
{
	size_t mark;

	writer_u8(w, type);
	mark = writer_begin_u16(w);
	writer_u8(w, 0);
	for (unsigned left = random_from(x, 1, 30); left > 0; left--)
		writer_u8(w, random_from(x, ' ', '~'));
	writer_end_u16(w, mark);
}

static void
make_policy(struct random *x, struct writer *w)
{
	static const uint8_t binding[] = { 2, 6, 18 }, srv6[] = { 18, 26 };

	if (random_one_in(x, 2))
		put_sub(x, w, 12, 6);
	if (random_one_in(x, 2))
		put_sub(x, w, 13, binding[random_below(x, 3)]);
	if (random_one_in(x, 4))
		put_sub(x, w, 15, 2);
	for (unsigned left = random_below(x, 3); left > 0; left--)
		put_sub(x, w, 20, srv6[random_below(x, 2)]);
	if (random_one_in(x, 4))
		make_name(x, w, 129);
	if (random_one_in(x, 4))
		make_name(x, w, 130);
	for (unsigned left = random_below(x, 4); left > 0; left--)
		make_segment_list(x, w);
	if (random_one_in(x, 4))
		put_sub(x, w, random_from(x, 100, 127), random_below(x, 9));
}

static void
make_tunnel_encap(struct random *x, struct writer *w)
{
	unsigned count = random_from(x, 1, 4), policy = random_below(x, 8);

	for (unsigned i = 0; i < count; i++) {
		unsigned type = random_from(x, 1, 20);
		size_t mark;

		type = i == policy ? 15 : type == 15 ? 8 : type;
		writer_u16(w, type);
		mark = writer_begin_u16(w);
		if (type == 15)
			make_policy(x, w);
		for (unsigned left = random_below(x, 5); left > 0 && type != 15; left--)
			put_sub(x, w,
			    random_one_in(x, 4) ? random_below(x, 256) : random_from(x, 1, 13),
			    random_below(x, 12));
		writer_end_u16(w, mark);
	}
}

/* Tunnels that have a name, with an identifier that is one of theirs. */
static void
make_pmsi(struct random *x, struct writer *w)
{
	static const uint8_t kinds[][2] = { { 0, 0 }, { 1, 12 }, { 1, 24 }, { 3, 8 }, { 3, 32 },
		{ 4, 8 }, { 4, 32 }, { 5, 8 }, { 5, 32 }, { 6, 4 }, { 6, 16 } };
	const uint8_t *kind = kinds[random_below(x, sizeof kinds / sizeof *kinds)];

	writer_u8(w, random_bits(x, 8));
	writer_u8(w, kind[0]);
	writer_u24(w, random_bits(x, 24) & (random_one_in(x, 2) ? 0xfffff0 : 0xffffff));
	random_octets(x, w, kind[1]);
}

/* Names are text here: msgpack has none for other octets. */
static void
make_bgp_ls(struct random *x, struct writer *w)
{
	for (unsigned left = random_below(x, 12); left > 0; left--) {
		uint16_t code = (uint16_t)random_from(x, 1024, 1260);
		const struct bgpls_tlv *known = bgpls_tlv(code);
		unsigned min = known ? known->min : 0, max = known ? known->max : 40;
		size_t len, mark = w->len;

		max = max > min + 40 ? min + 40 : max;
		len = min + (known ? known->step : 1u) *
				random_from(x, 0, (max - min) / (known ? known->step : 1u));
		writer_u16(w, code);
		writer_u16(w, len);
		if (code == 1026 || code == 1098)
			for (; len > 0; len--)
				writer_u8(w, random_from(x, ' ', '~'));
		else
			random_octets(x, w, len);
		if (known && known->check &&
		    !known->check(reader_of(w->base + mark + 4, w->len - mark - 4)))
			w->len = mark;
	}
}

static void (*const make[256])(struct random *, struct writer *) = {
	[ATTR_ORIGIN] = make_origin,
	[ATTR_AS_PATH] = make_as_path,
	[ATTR_NEXT_HOP] = make_host,
	[ATTR_MED] = make_number,
	[ATTR_LOCAL_PREF] = make_number,
	[ATTR_ATOMIC_AGGREGATE] = make_nothing,
	[ATTR_AGGREGATOR] = make_aggregator,
	[ATTR_COMMUNITY] = make_community,
	[ATTR_ORIGINATOR_ID] = make_number,
	[ATTR_CLUSTER_LIST] = make_addresses,
	[ATTR_EXT_COMMUNITY] = make_ext_community,
	[ATTR_AS4_PATH] = make_as4_path,
	[ATTR_AS4_AGGREGATOR] = make_aggregator,
	[ATTR_PMSI] = make_pmsi,
	[ATTR_TUNNEL_ENCAP] = make_tunnel_encap,
	[ATTR_IPV6_EXT_COMMUNITY] = make_ipv6_ext_community,
	[ATTR_AIGP] = make_aigp,
	[ATTR_BGP_LS] = make_bgp_ls,
	[ATTR_LARGE_COMMUNITY] = make_large_community,
	[ATTR_OTC] = make_number,
	[ATTR_PREFIX_SID] = make_prefix_sid,
};

/* ---- what must be so ---- */

static void
fail_of(const struct attr_ops *ops, unsigned number, const char *wrong, struct reader value,
    const char *detail)
{
	struct text hex = { 0 };

	text_hex(&hex, value.at, value.left);
	print_error("%s, value %u, %s: %s: %s\n", ops->name, number, text_str(&hex), wrong, detail);
	text_fini(&hex);
	fail();
}

static void
crosses_sessions(const struct attr_ops *ops, unsigned number, struct reader block, bool asn4)
{
	static uint8_t wire[ROOM], memory[ROOM];
	struct session_params p = { .local_as = 1, .peer_as = 1, .asn4 = asn4, .aigp = true };
	struct writer sent = writer_of(wire, ROOM), w = writer_of(memory, ROOM);
	struct attrs_in in;

	attrs_encode(&sent, block, (struct reader){ 0 }, (struct reader){ 0 }, &p);
	attrs_parse(&in, writer_read(&sent), &p, &w);
	if (in.worst != PENALTY_NONE)
		fail_of(
		    ops, number, in.complaint[0].what, block, asn4 ? "four octets" : "two octets");
	if (!reader_equal(in.block, block))
		fail_of(ops, number, "comes back otherwise", block,
		    asn4 ? "four octets" : "two octets");
}

/* What has words is an attribute of the draft; what is shown by number only is raw. */
static void
travels_as_text(const struct attr_ops *ops, unsigned number, struct reader block)
{
	struct text line = { 0 }, again = { 0 };
	struct reason why = { 0 };
	struct route_draft d = { 0 };

	text_add(&line, "route 10.0.0.0/24 next-hop 192.0.2.1");
	attrs_print(block, &line);
	if (typed(text_str(&line), line.len, &d, &why) < 0)
		fail_of(ops, number, text_str(&line), block, why.text);
	if (!reader_equal(octets_read(d.raw.len > 0 ? &d.raw : &d.attributes), block))
		fail_of(ops, number, text_str(&line), block, "is typed to something else");
	text_add(&again, "route 10.0.0.0/24 next-hop 192.0.2.1");
	attrs_print(octets_read(&d.attributes), &again);
	attrs_print_opaque(octets_read(&d.raw), &again);
	assert_string_equal(text_str(&again), text_str(&line));
	route_draft_fini(&d);
	text_fini(&line);
	text_fini(&again);
}

static void
show(const void *block, struct tree *t)
{
	tree_map(t);
	attrs_tree(*(const struct reader *)block, t);
	tree_map_end(t);
}

static void
travels_as_tree(const struct attr_ops *ops, unsigned number, struct reader block)
{
	struct text json = { 0 };
	const char *wrong = shown_disagrees(show, &block, &json);

	if (wrong)
		fail_of(ops, number, wrong, block, text_str(&json));
	text_fini(&json);
}

/* No part of a block: its words are those of the value alone. */
static void
next_hop_is_typed(const struct attr_ops *ops, unsigned number, struct reader value)
{
	struct text text = { 0 };
	struct words_line line = { 0 };
	struct words words;
	struct reason why = { 0 };
	uint8_t memory[16];
	struct writer w = writer_of(memory, sizeof memory);

	ops->print(value, &text);
	assert_int_equal(words_cut(&line, text_str(&text), text.len, 1, WORDS_API, &why), 0);
	words = words_of(&line);
	if (ops->scan(&words, &w, &why) < 0 || !reader_equal(writer_read(&w), value))
		fail_of(ops, number, text_str(&text), value, why.text);
	words_line_fini(&line);
	text_fini(&text);
}

/* AS4_PATH and AS4_AGGREGATOR exist between speakers alone: what they carry is in a block as AS_PATH and
 * AGGREGATOR, and goes through an old speaker with them. */
static uint8_t
code_in_block(uint8_t code)
{
	switch (code) {
	case ATTR_AS4_PATH:
		return ATTR_AS_PATH;
	case ATTR_AS4_AGGREGATOR:
		return ATTR_AGGREGATOR;
	default:
		return code;
	}
}

static void
agrees_in_octets_text_and_json(void **state)
{
	static uint8_t memory[ROOM], value[ROOM];
	const struct attr_ops *ops = *state;
	uint8_t code = code_in_block(ops->code);
	struct random x = random_of(ops->code);

	if (!make[ops->code])
		fail_msg("%s has no generator: add one to make[]", ops->name);
	for (unsigned i = 0; i < VALUES; i++) {
		struct writer w = writer_of(value, ROOM), list = writer_of(memory, ROOM);

		make[ops->code](&x, &w);
		attrs_put(&list, attr_ops(code)->flags, code, writer_read(&w));
		assert_true(writer_ok(&list));
		if (code == ATTR_NEXT_HOP) {
			next_hop_is_typed(ops, i, writer_read(&w));
			continue;
		}
		crosses_sessions(ops, i, writer_read(&list), true);
		crosses_sessions(ops, i, writer_read(&list), false);
		travels_as_text(ops, i, writer_read(&list));
		travels_as_tree(ops, i, writer_read(&list));
	}
}

int
main(void)
{
	struct CMUnitTest tests[256];
	size_t count = 0;

	for (unsigned code = 0; code < 256; code++)
		if (attr_ops((uint8_t)code))
			tests[count++] = (struct CMUnitTest){
				.name = attr_ops((uint8_t)code)->name,
				.test_func = agrees_in_octets_text_and_json,
				.initial_state = (void *)(uintptr_t)attr_ops((uint8_t)code),
			};
	return _cmocka_run_group_tests("attributes", tests, count, NULL, NULL);
}
