#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

enum { ROOM = 256 * 1024, RANDOM_VALUES = 2000, RANDOM_LISTS = 200000 };

static uint8_t memory[4][ROOM];
static const struct reader none;

static struct session_params
session(bool asn4, bool ibgp)
{
	return (struct session_params){
		.local_as = 65000, .peer_as = ibgp ? 65000 : 65001, .asn4 = asn4, .aigp = true
	};
}

/* The same numbers in every run (splitmix64). */
static uint64_t seed;

static uint64_t
random_u64(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(random_u64() % n);
}

static void
assert_same(struct reader got, struct reader want, const char *what)
{
	struct text text = { 0 };

	if (reader_equal(got, want))
		return;
	text_hex(&text, got.at, got.left);
	text_add(&text, ", wanted ");
	text_hex(&text, want.at, want.left);
	fail_msg("%s: %s", what, text_str(&text));
}

/* ----------------------------------------------------------------------------------- random canonical values */

static uint32_t
random_asn(void)
{
	return below(2) ? 1 + below(65535) : (uint32_t)(random_u64() | 1);
}

static void
random_segment(struct writer *w, uint8_t type, uint32_t most)
{
	uint32_t count = 1 + below(most);
	bool confed = type == SEGMENT_CONFED_SEQUENCE || type == SEGMENT_CONFED_SET;

	writer_u8(w, type);
	writer_u8(w, count);
	while (count-- > 0)
		writer_u32(w, confed ? 1 + below(65535) : random_asn());
}

/* Confederation segments lead and have narrow ASNs: an old speaker could say nothing else. */
static void
random_path(struct writer *w)
{
	if (below(8) == 0)
		random_segment(w, (uint8_t)(SEGMENT_CONFED_SEQUENCE + below(2)), 4);
	for (uint32_t segments = below(4); segments > 0; segments--)
		random_segment(w, below(4) ? SEGMENT_SEQUENCE : SEGMENT_SET, below(50) ? 5 : 255);
}

static int
compare_items(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(size_t *)size);
}

/* Sorted, as what is typed becomes. Half of them of the first octets that are given, of which text knows
 * names. */
static void
random_items(struct writer *w, size_t size, const uint16_t *heads, uint32_t count_of_heads)
{
	size_t mark = w->len, count = 1 + below(5);

	for (size_t i = 0; i < count; i++) {
		uint8_t *item = writer_room(w, size);

		assert_non_null(item);
		for (size_t k = 0; k < size; k++)
			item[k] = below(3) ? 0 : (uint8_t)random_u64();
		if (below(4)) {
			uint16_t head = heads[below(count_of_heads)];

			item[0] = (uint8_t)(head >> 8);
			item[1] = (uint8_t)head;
		}
	}
	qsort_r(w->base + mark, count, size, compare_items, &size);
}

static void
random_large(struct writer *w)
{
	uint32_t first = below(1000);

	for (uint32_t count = 1 + below(5); count > 0; count--) {
		writer_u32(w, first += 1 + below(100000));
		writer_u32(w, (uint32_t)random_u64());
		writer_u32(w, below(10));
	}
}

/* A service with a structure or without. */
static void
random_service(struct writer *w)
{
	bool structure = below(2);
	size_t service, sid;

	writer_u8(w, 5 + below(2));
	service = writer_begin_u16(w);
	writer_u8(w, 0);
	writer_u8(w, 1);
	sid = writer_begin_u16(w);
	writer_u8(w, 0);
	writer_u64(w, random_u64());
	writer_u64(w, random_u64());
	writer_u8(w, 0);
	writer_u16(w, below(65536));
	writer_u8(w, 0);
	if (structure) {
		writer_u24(w, 0x010006);
		writer_u24(w, below(1 << 24));
		writer_u24(w, below(1 << 24));
	}
	writer_end_u16(w, sid);
	writer_end_u16(w, service);
}

/* A label index with SRGBs or without. */
static void
random_index(struct writer *w)
{
	uint32_t count = below(4);

	writer_u24(w, 0x010007);
	writer_u24(w, 0);
	writer_u32(w, (uint32_t)random_u64());
	if (count > 0) {
		writer_u24(w, 0x030002 + 6 * count);
		writer_u16(w, 0);
	}
	for (; count > 0; count--) {
		writer_u24(w, below(1 << 24));
		writer_u24(w, below(1 << 24));
	}
}

/* Octets of which many are zero, behind their type and length. */
static void
random_sub(struct writer *w, uint8_t type, size_t len)
{
	writer_u8(w, type);
	if (type < 128)
		writer_u8(w, len);
	else
		writer_u16(w, len);
	while (len-- > 0)
		writer_u8(w, below(2) ? 0 : random_u64() & 0xff);
}

/* Segments of all types, with all that they may have, and others. */
static void
random_segments(struct writer *w)
{
	static const struct {
		uint8_t type, len;
	} segments[] = { { 1, 6 }, { 13, 18 }, { 13, 26 }, { 3, 6 }, { 3, 10 }, { 4, 18 },
		{ 4, 22 }, { 5, 10 }, { 5, 14 }, { 6, 10 }, { 6, 14 }, { 7, 42 }, { 7, 46 },
		{ 8, 34 }, { 8, 38 }, { 14, 18 }, { 14, 34 }, { 14, 42 }, { 15, 42 }, { 15, 58 },
		{ 15, 66 }, { 16, 34 }, { 16, 50 }, { 16, 58 }, { 99, 3 }, { 200, 0 } };
	size_t mark;

	writer_u8(w, 128);
	mark = writer_begin_u16(w);
	writer_u8(w, below(10) == 0);
	if (below(2))
		random_sub(w, 9, 6);
	for (uint32_t count = below(6); count > 0; count--) {
		uint32_t i = below(sizeof segments / sizeof segments[0]);

		random_sub(w, segments[i].type, segments[i].len);
	}
	writer_end_u16(w, mark);
}

static void
random_policy(struct writer *w)
{
	static const uint8_t once[] = { 12, 6, 13, 6, 14, 3, 15, 2, 129, 9, 130, 1, 20, 18, 20, 26,
		11, 0, 255, 7 };

	for (size_t i = 0; i < sizeof once; i += 2)
		if (below(2))
			random_sub(w, once[i], once[i + 1]);
	for (uint32_t count = below(3); count > 0; count--)
		random_segments(w);
}

/* Some tunnels, one an SR policy. */
static void
random_tunnels(struct writer *w)
{
	uint32_t policy = below(4);

	for (uint32_t count = 1 + below(4); count > 0; count--) {
		uint32_t type = count - 1 == policy ? 15 : 16 * below(4) + below(15);
		size_t mark;

		writer_u16(w, type);
		mark = writer_begin_u16(w);
		if (type == 15)
			random_policy(w);
		for (uint32_t subs = type == 15 ? 0 : below(5); subs > 0; subs--)
			random_sub(w, (uint8_t)(below(4) ? below(10) : 125 + below(6)), below(12));
		writer_end_u16(w, mark);
	}
}

/* Tunnels of all types, with an identifier of a length that each may have. */
static void
random_pmsi(struct writer *w)
{
	static const uint8_t kinds[][2] = { { 0, 0 }, { 1, 12 }, { 1, 24 }, { 3, 8 }, { 3, 32 },
		{ 4, 8 }, { 5, 32 }, { 6, 4 }, { 6, 16 } };
	const uint8_t *kind = kinds[below(sizeof kinds / sizeof kinds[0])];

	writer_u8(w, random_u64() & 0xff);
	writer_u8(w, kind[0]);
	writer_u24(w, below(1 << 24) & (below(2) ? 0xffffff : 0xfffff0));
	for (unsigned i = 0; i < kind[1]; i++)
		writer_u8(w, random_u64() & 0xff);
}

static void
random_value(uint8_t code, struct writer *w)
{
	static const uint16_t community[] = { 0xffff, 0, 1, 65000 };
	static const uint16_t ext[] = { 0x0002, 0x0102, 0x0202, 0x0003, 0x0103, 0x0203, 0x8008,
		0x8108, 0x8208, 0x800a, 0x0c00, 0x4004, 0x8006, 0x800c, 0x8007, 0x8009, 0x0800,
		0x0702 };
	static const uint16_t ipv6[] = { 0x000c, 0x0002 };

	switch (code) {
	case ATTR_ORIGIN:
		writer_u8(w, below(3));
		break;
	case ATTR_AS_PATH:
		random_path(w);
		break;
	case ATTR_ATOMIC_AGGREGATE:
		break;
	case ATTR_AGGREGATOR:
		writer_u32(w, random_asn());
		writer_u32(w, (uint32_t)random_u64());
		break;
	case ATTR_COMMUNITY:
		random_items(w, 4, community, 4);
		break;
	case ATTR_CLUSTER_LIST:
		for (uint32_t count = 1 + below(5); count > 0; count--)
			writer_u32(w, (uint32_t)random_u64());
		break;
	case ATTR_EXT_COMMUNITY:
		random_items(w, 8, ext, sizeof ext / sizeof ext[0]);
		break;
	case ATTR_IPV6_EXT_COMMUNITY:
		random_items(w, 20, ipv6, 2);
		break;
	case ATTR_AIGP:
		writer_u8(w, 1);
		writer_u16(w, 11);
		writer_u64(w, random_u64());
		break;
	case ATTR_PREFIX_SID:
		below(2) ? random_index(w) : random_service(w);
		break;
	case ATTR_PMSI:
		random_pmsi(w);
		break;
	case ATTR_TUNNEL_ENCAP:
		random_tunnels(w);
		break;
	case ATTR_LARGE_COMMUNITY:
		random_large(w);
		break;
	default: /* a number, an address */
		writer_u32(w, (uint32_t)random_u64());
	}
}

static struct reader
value_at(uint8_t code, uint8_t *room)
{
	struct writer w = writer_of(room, ROOM);

	random_value(code, &w);
	assert_true(writer_ok(&w));
	return writer_read(&w);
}

/* Is it what a canonical block has? */
static bool
canonical(const struct attr_ops *ops)
{
	return ops && ops->code != ATTR_NEXT_HOP && ops->word;
}

static void
scan_again(const struct attr_ops *ops, const struct text *text, int flags, struct reader want)
{
	struct writer w = writer_of(memory[1], ROOM);
	struct reason reason = { 0 };
	struct words_line line = { 0 };
	struct words words;

	assert_int_equal(words_cut(&line, text_str(text), text->len, 1, flags, &reason), 0);
	words = words_of(&line);
	if (ops->scan(&words, &w, &reason) < 0)
		fail_msg("%s %s: %s", ops->word, text_str(text), reason.text);
	assert_false(words_left(&words));
	assert_same(writer_read(&w), want, text_str(text));
	words_line_fini(&line);
}

static void
what_is_printed_scans_to_the_same_octets(void **state)
{
	struct text text = { 0 };

	(void)state;
	seed = 1;
	for (unsigned code = 0; code < 256; code++)
		for (unsigned i = 0; canonical(attr_ops((uint8_t)code)) && i < RANDOM_VALUES; i++) {
			const struct attr_ops *ops = attr_ops((uint8_t)code);
			struct reader value = value_at((uint8_t)code, memory[0]);

			text_clear(&text);
			ops->print(value, &text);
			scan_again(ops, &text, WORDS_FILE, value);
			scan_again(ops, &text, WORDS_API, value);
		}
	text_fini(&text);
}

/* A block of random attributes, unknown ones among them. */
static struct reader
random_block(struct writer *w)
{
	for (unsigned code = 1; code < 256; code++) {
		const struct attr_ops *ops = attr_ops((uint8_t)code);

		if (canonical(ops) && below(2))
			attrs_put(w, ops->flags, (uint8_t)code, value_at((uint8_t)code, memory[3]));
		if (!ops && code != ATTR_MP_REACH && code != ATTR_MP_UNREACH && below(100) == 0)
			attrs_put(w, ATTR_OPTIONAL | ATTR_TRANSITIVE, (uint8_t)code,
			    reader_of(memory[3], below(600)));
	}
	assert_true(writer_ok(w));
	return writer_read(w);
}

static void
what_is_sent_is_received_as_the_same_block(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned i = 0; i < RANDOM_VALUES; i++)
		for (int asn4 = 0; asn4 < 2; asn4++) {
			struct session_params p = session(asn4, true);
			struct writer made = writer_of(memory[0], ROOM),
				      sent = writer_of(memory[1], ROOM),
				      got = writer_of(memory[2], ROOM);
			struct reader block = random_block(&made);
			struct attrs_in in;

			attrs_encode(&sent, block, none, none, &p);
			attrs_parse(&in, writer_read(&sent), &p, &got);
			assert_int_equal(in.worst, PENALTY_NONE);
			assert_int_equal(in.complaints, 0);
			assert_same(in.block, block, asn4 ? "four octets" : "two octets");
		}
}

/* ----------------------------------------------------------------------------------- random received lists */

/* The octets of an attribute that is nearly right: something is broken now and then. */
static void
random_attribute(struct writer *w, const struct session_params *p)
{
	uint8_t code = (uint8_t)(below(8) ? 1 + below(33) : random_u64());
	const struct attr_ops *ops = attr_ops(code);
	uint8_t flags = ops && below(20) ? ops->flags : (uint8_t)random_u64();
	struct writer value = writer_of(memory[3], ROOM);

	if (ops && below(10))
		random_value(code, &value);
	else
		for (uint32_t n = below(30); n > 0; n--)
			writer_u8(&value, below(3) ? below(4) : below(256));
	if (!p->asn4 && code == ATTR_AS_PATH && below(10)) {
		struct writer narrow = writer_of(memory[2], ROOM);

		path_narrow(writer_read(&value), &narrow);
		attrs_put(w, flags, code, writer_read(&narrow));
		return;
	}
	attrs_put(w, flags, code, writer_read(&value));
}

static struct reader
random_list(struct writer *w, const struct session_params *p)
{
	for (uint32_t count = below(8); count > 0; count--)
		random_attribute(w, p);
	for (uint32_t flips = below(4) == 0 ? 1 + below(3) : 0; flips > 0 && w->len > 0; flips--)
		w->base[below((uint32_t)w->len)] = (uint8_t)random_u64();
	if (below(8) == 0 && w->len > 0)
		w->len -= below((uint32_t)(w->len < 12 ? w->len : 12));
	return writer_read(w);
}

/* In its own memory, so that a step over the end is seen. */
static void
receive_random(const struct session_params *p, unsigned worst[4])
{
	struct writer made = writer_of(memory[0], ROOM), kept = writer_of(memory[1], ROOM),
		      again = writer_of(memory[2], ROOM);
	struct reader list = random_list(&made, p);
	uint8_t *exact = malloc(list.left ? list.left : 1);
	struct session_params wide = *p;
	struct attrs_in in;

	assert_non_null(exact);
	memcpy(exact, list.at, list.left);
	attrs_parse(&in, reader_of(exact, list.left), p, &kept);
	free(exact);
	worst[in.worst]++;
	assert_int_equal(in.complaints > 0, in.worst > PENALTY_NONE);
	wide.asn4 = true;
	struct reader block = in.block;

	attrs_parse(&in, block, &wide, &again);
	assert_int_equal(in.complaints, 0);
	assert_false(in.has_next_hop || in.has_mp_reach || in.has_mp_unreach || in.lost);
	assert_same(in.block, block, "fixpoint");
}

static void
any_list_becomes_a_block_that_stays_what_it_is(void **state)
{
	unsigned worst[4] = { 0 };

	(void)state;
	seed = 3;
	for (unsigned i = 0; i < RANDOM_LISTS; i++) {
		struct session_params p = session(i & 1, i & 2);

		receive_random(&p, worst);
	}
	/* The loop is worth something only if it comes to every end. */
	for (int i = 0; i < 4; i++)
		assert_true(worst[i] > RANDOM_LISTS / 100);
}

static void
any_block_prints_and_tells_itself(void **state)
{
	struct text text = { 0 };

	(void)state;
	seed = 4;
	for (unsigned i = 0; i < RANDOM_LISTS / 20; i++) {
		struct session_params p = session(true, true);
		struct writer w = writer_of(memory[0], ROOM);
		struct reader list = random_list(&w, &p);
		struct tree tree = tree_json(&text);

		text_clear(&text);
		attrs_print(list, &text);
		attrs_print_opaque(list, &text);
		text_clear(&text);
		tree_map(&tree);
		attrs_tree(list, &tree);
		tree_map_end(&tree);
		assert_int_equal(text_str(&text)[text.len - 1], '}');
	}
	text_fini(&text);
}

/* ------------------------------------------------------------------------------------- encode and overlay */

#define BYTES(...)                                                                                 \
	reader_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void
assert_sent(
    struct reader block, struct reader raw, struct reader next_hop, bool asn4, struct reader want)
{
	struct session_params p = session(asn4, true);
	struct writer w = writer_of(memory[0], ROOM);

	attrs_encode(&w, block, raw, next_hop, &p);
	assert_true(writer_ok(&w));
	assert_same(writer_read(&w), want, "sent");
}

static void
the_next_hop_has_its_place(void **state)
{
	(void)state;
	assert_sent(BYTES(0x40, 1, 1, 0, 0x40, 2, 0, 0x80, 4, 4, 0, 0, 0, 5), none,
	    BYTES(1, 2, 3, 4), true,
	    BYTES(0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 1, 2, 3, 4, 0x80, 4, 4, 0, 0, 0, 5));
	assert_sent(BYTES(0x40, 1, 1, 0), none, BYTES(1, 2, 3, 4), true,
	    BYTES(0x40, 1, 1, 0, 0x40, 3, 4, 1, 2, 3, 4));
	assert_sent(none, none, BYTES(1, 2, 3, 4), true, BYTES(0x40, 3, 4, 1, 2, 3, 4));
	assert_sent(none, none, none, true, none);
}

static void
what_was_typed_by_number_replaces_its_code(void **state)
{
	(void)state;
	assert_sent(BYTES(0x40, 1, 1, 0, 0x80, 4, 4, 0, 0, 0, 5), BYTES(0xc0, 1, 2, 9, 9), none,
	    true, BYTES(0xc0, 1, 2, 9, 9, 0x80, 4, 4, 0, 0, 0, 5));
	assert_sent(BYTES(0x40, 1, 1, 0), BYTES(0x40, 3, 1, 7), BYTES(1, 2, 3, 4), true,
	    BYTES(0x40, 1, 1, 0, 0x40, 3, 1, 7));
	/* verbatim: the flags and the form of the length too */
	assert_sent(BYTES(0x40, 1, 1, 0), BYTES(0x5f, 2, 0, 1, 7, 0xc0, 99, 0), none, true,
	    BYTES(0x40, 1, 1, 0, 0x5f, 2, 0, 1, 7, 0xc0, 99, 0));
	/* twice the same code: both */
	assert_sent(BYTES(0x40, 1, 1, 0), BYTES(0x40, 1, 1, 1, 0x40, 1, 1, 2), none, true,
	    BYTES(0x40, 1, 1, 1, 0x40, 1, 1, 2));
}

static void
an_old_speaker_gets_as4_right_behind(void **state)
{
	const struct reader block = BYTES(0x40, 2, 6, 2, 1, 0, 1, 0x11, 0x70, 0x80, 4, 4, 0, 0, 0,
	    5, 0xc0, 7, 8, 0, 1, 0x11, 0x70, 1, 2, 3, 4, 0xc0, 8, 4, 0, 1, 0, 2);

	(void)state;
	assert_sent(block, none, none, true, block);
	assert_sent(block, none, none, false,
	    BYTES(0x40, 2, 4, 2, 1, 0x5b, 0xa0, 0xc0, 17, 6, 2, 1, 0, 1, 0x11, 0x70, 0x80, 4, 4, 0,
		0, 0, 5, 0xc0, 7, 6, 0x5b, 0xa0, 1, 2, 3, 4, 0xc0, 18, 8, 0, 1, 0x11, 0x70, 1, 2, 3,
		4, 0xc0, 8, 4, 0, 1, 0, 2));
	/* AS_PATH or AS4_PATH typed by number: none of ours */
	assert_sent(BYTES(0x40, 2, 6, 2, 1, 0, 1, 0x11, 0x70), BYTES(0x40, 2, 1, 9), none, false,
	    BYTES(0x40, 2, 1, 9));
	assert_sent(BYTES(0x40, 2, 6, 2, 1, 0, 1, 0x11, 0x70), BYTES(0xc0, 17, 1, 9), none, false,
	    BYTES(0x40, 2, 4, 2, 1, 0x5b, 0xa0, 0xc0, 17, 1, 9));
	/* only a confederation segment is wide: AS4_PATH cannot carry it */
	assert_sent(BYTES(0x40, 2, 6, 3, 1, 0, 1, 0x11, 0x70), none, none, false,
	    BYTES(0x40, 2, 4, 3, 1, 0x5b, 0xa0));
}

static void
an_overlay_replaces_the_same_codes(void **state)
{
	struct writer w = writer_of(memory[0], ROOM);

	(void)state;
	attrs_overlay(&w, BYTES(0x40, 1, 1, 0, 0x80, 4, 4, 0, 0, 0, 5, 0xc0, 8, 4, 0, 1, 0, 2),
	    BYTES(0x40, 2, 0, 0x80, 4, 4, 0, 0, 0, 6, 0xc0, 99, 0));
	assert_same(writer_read(&w),
	    BYTES(0x40, 1, 1, 0, 0x40, 2, 0, 0x80, 4, 4, 0, 0, 0, 6, 0xc0, 8, 4, 0, 1, 0, 2, 0xc0,
		99, 0),
	    "overlay");
	w = writer_of(memory[0], ROOM);
	attrs_overlay(&w, none, none);
	assert_int_equal(w.len, 0);
}

static void
a_long_value_has_a_length_of_two_octets(void **state)
{
	static uint8_t value[70000];
	struct writer w = writer_of(memory[0], ROOM);
	struct reader block;
	struct attr a;
	size_t mark;

	(void)state;
	attrs_put(&w, 0xc0, 8, reader_of(value, 255));
	attrs_put(&w, 0xc0, 9, reader_of(value, 256));
	mark = attrs_begin(&w, 0xe0, 10);
	writer_bytes(&w, value, 255);
	assert_int_equal(attrs_end(&w, mark), 0);
	mark = attrs_begin(&w, 0xc0, 11);
	writer_bytes(&w, value, 65535);
	assert_int_equal(attrs_end(&w, mark), 0);
	block = writer_read(&w);
	mark = attrs_begin(&w, 0xc0, 12);
	writer_bytes(&w, value, 65536);
	assert_int_equal(attrs_end(&w, mark), -1);
	assert_same(writer_read(&w), block, "nothing of what is too long");
	assert_int_equal(block.left, 3 + 255 + 4 + 256 + 3 + 255 + 4 + 65535);
	assert_true(attrs_find(block, 11, &a));
	assert_int_equal(a.value.left, 65535);
	assert_int_equal(a.flags, 0xc0);
	assert_true(attrs_find(block, 10, &a));
	assert_int_equal(a.flags, 0xe0);
	assert_false(attrs_find(block, 12, &a));
}

/* 32,000 ASNs of two octets are more than an attribute can hold with four. */
static void
a_path_that_cannot_be_widened_withdraws(void **state)
{
	struct session_params p = session(false, true);
	struct writer w = writer_of(memory[0], ROOM), kept = writer_of(memory[1], ROOM);
	struct attrs_in in;
	size_t mark = attrs_begin(&w, 0x40, ATTR_AS_PATH);

	(void)state;
	for (int i = 0; i < 125; i++) {
		writer_u16(&w, 0x02ff);
		for (int k = 0; k < 255; k++)
			writer_u16(&w, 7);
	}
	assert_int_equal(attrs_end(&w, mark), 0);
	attrs_parse(&in, writer_read(&w), &p, &kept);
	assert_int_equal(in.worst, PENALTY_WITHDRAW);
	assert_string_equal(in.complaint[0].what, "too long");
	assert_int_equal(in.block.left, 0);
	assert_true(attrs_seen(&in, ATTR_AS_PATH));
	assert_false(attrs_seen(&in, ATTR_ORIGIN));
}

/* No more complaints than there is room for, and the worst counts although it is not among them. */
static void
complaints_end_but_the_worst_counts(void **state)
{
	struct session_params p = session(true, true);
	struct writer w = writer_of(memory[0], ROOM), kept = writer_of(memory[1], ROOM);
	struct attrs_in in;

	(void)state;
	for (int i = 0; i < 20; i++)
		attrs_put(&w, 0x40, ATTR_ATOMIC_AGGREGATE, none);
	attrs_put(&w, 0x40, ATTR_ORIGIN, none);
	attrs_parse(&in, writer_read(&w), &p, &kept);
	assert_int_equal(in.complaints, COMPLAINTS);
	assert_int_equal(in.worst, PENALTY_WITHDRAW);
	assert_same(in.block, BYTES(0x40, 6, 0), "the first stands");
}

static void
a_scratch_that_is_too_small_withdraws(void **state)
{
	struct session_params p = session(true, true);
	struct writer kept = writer_of(memory[1], 5);
	struct attrs_in in;

	(void)state;
	attrs_parse(&in, BYTES(0x40, 1, 1, 0, 0x80, 4, 4, 0, 0, 0, 5), &p, &kept);
	assert_int_equal(in.worst, PENALTY_WITHDRAW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_scans_to_the_same_octets),
		cmocka_unit_test(what_is_sent_is_received_as_the_same_block),
		cmocka_unit_test(any_list_becomes_a_block_that_stays_what_it_is),
		cmocka_unit_test(any_block_prints_and_tells_itself),
		cmocka_unit_test(the_next_hop_has_its_place),
		cmocka_unit_test(what_was_typed_by_number_replaces_its_code),
		cmocka_unit_test(an_old_speaker_gets_as4_right_behind),
		cmocka_unit_test(an_overlay_replaces_the_same_codes),
		cmocka_unit_test(a_long_value_has_a_length_of_two_octets),
		cmocka_unit_test(a_path_that_cannot_be_widened_withdraws),
		cmocka_unit_test(complaints_end_but_the_worst_counts),
		cmocka_unit_test(a_scratch_that_is_too_small_withdraws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
