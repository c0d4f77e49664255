/* The hot frame: what was received as an UPDATE comes out of a frame as it went in; what is malformed is
 * refused; mutated frames do no harm, and what is given of them keeps the promise of routes.h. */
#include "proto/frame/routes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "proto/frame/link.h"
#include "tests/tools/unpack.h"

enum { MUTATIONS = 200000, UPDATES = 2000 };

#define IGP      "\x40\x01\x01\x00"
#define AS_PATH  "\x40\x02\x06\x02\x01\x00\x00\xfd\xe9"
#define NEXT_HOP "\x40\x03\x04\x0a\x00\x00\x01"
#define BLOCK    IGP AS_PATH
#define NET_24   "\x18\x0a\x01\x02"
#define NET_8    "\x08\x0b"
#define NET_0    "\x00"
#define NET6_32  "\x20\x20\x01\x0d\xb8"

static struct routes_writer writer;
static struct routes_message message;

static struct reader
lit(const char *s, size_t len)
{
	return reader_of(s, len);
}
#define BYTES(s) lit(s, sizeof(s) - 1)

static struct routes_cursor
open_frame(void)
{
	struct reason why = { 0 };
	struct frame f;

	frame_stamp(&packed, 1, 0);
	assert_int_equal(frame_open(unpack, packed.base, packed.len, &f, &why), 0);
	assert_int_equal(f.type, FRAME_ROUTES);
	return routes_open(f.body);
}

static int
next(struct routes_cursor *c)
{
	struct reason why = { 0 };
	int said = routes_next(c, &message, &why);

	assert_int_equal(said < 0, reason_given(&why));
	return said;
}

static void
same(struct reader got, struct reader want)
{
	assert_int_equal(got.left, want.left);
	if (want.left > 0)
		assert_memory_equal(got.at, want.at, want.left);
}

/* --- an UPDATE in, a message out --- */

static uint8_t scratch[UPDATE_SCRATCH];

static struct session_params
session(bool add_path)
{
	struct session_params p = { .local_as = 65000,
		.peer_as = 65001,
		.asn4 = true,
		.families = (UINT32_C(1) << FAMILIES_NAMED) - 1 };

	if (add_path)
		p.add_path_receive = p.families;
	return p;
}

static void
same_update(const struct update *u, uint32_t peer, uint32_t flags, struct reader original)
{
	unsigned withdraws = u->withdraws + u->end_of_rib;

	assert_true(message.one_peer);
	assert_int_equal(message.peer, peer);
	assert_int_equal(message.flags, flags |
					    (u->worst == PENALTY_WITHDRAW ? ROUTES_TREATED : 0) |
					    (u->end_of_rib ? ROUTES_END_OF_RIB : 0));
	assert_int_equal(message.owner, 0);
	same(message.original, original);
	assert_int_equal(message.announces, u->announces);
	assert_int_equal(message.withdraws, withdraws);
	for (unsigned i = 0; i < u->announces; i++) {
		assert_int_equal(message.announce[i].family, u->announce[i].family);
		assert_int_equal(message.announce[i].path_ids, u->announce[i].path_ids);
		same(message.announce[i].nlri, u->announce[i].nlri);
		same(message.announce[i].value.next_hop, u->announce[i].next_hop);
		same(message.announce[i].value.attributes, u->attributes);
		assert_int_equal(message.announce[i].value.raw.left, 0);
	}
	for (unsigned i = 0; i < u->withdraws; i++) {
		assert_int_equal(message.withdraw[i].family, u->withdraw[i].family);
		assert_int_equal(message.withdraw[i].path_ids, u->withdraw[i].path_ids);
		same(message.withdraw[i].nlri, u->withdraw[i].nlri);
		same(message.withdraw[i].value.attributes,
		    i == 0 && u->announces == 0 ? u->attributes : (struct reader){ 0 });
	}
	if (u->end_of_rib) {
		assert_int_equal(message.withdraw[u->withdraws].family, u->end_of_rib_family);
		assert_int_equal(message.withdraw[u->withdraws].nlri.left, 0);
	}
}

static void
goes_through(struct reader body, bool add_path, struct reader original)
{
	struct session_params p = session(add_path);
	struct writer w = writer_of(scratch, sizeof scratch);
	struct routes_cursor c;
	struct update u;

	update_parse(&u, body, &p, &w);
	assert_int_not_equal(u.worst, PENALTY_RESET);
	routes_begin(&writer, &packed);
	assert_true(routes_empty(&writer));
	routes_update(&writer, 65535, 0, &u, original);
	routes_update(&writer, 0, ROUTES_REPLAY, &u, (struct reader){ 0 });
	assert_false(routes_empty(&writer));
	routes_end(&writer);
	c = open_frame();
	assert_int_equal(next(&c), 1);
	same_update(&u, 65535, 0, original);
	assert_int_equal(next(&c), 1);
	same_update(&u, 0, ROUTES_REPLAY, (struct reader){ 0 });
	assert_int_equal(next(&c), 0);
	assert_int_equal(next(&c), 0);
}

#define GOES(octets, add_path) goes_through(BYTES(octets), add_path, BYTES(octets))

static void
an_update_comes_out_as_it_went_in(void **state)
{
	/* announced, withdrawn, both, with path ids, IPv6 both ways, treated as withdrawn, End-of-RIBs */
	GOES("\0\0\0\x14" IGP AS_PATH NEXT_HOP NET_24 NET_8 NET_0, false);
	GOES("\0\4" NET_24 "\0\0", false);
	GOES("\0\2" NET_8 "\0\x14" IGP AS_PATH NEXT_HOP NET_24, false);
	GOES("\0\x06\0\0\0\7" NET_8 "\0\x14" IGP AS_PATH NEXT_HOP "\0\0\0\1" NET_24
	     "\0\0\0\2" NET_24,
	    true);
	GOES("\0\0\0\x2a" IGP AS_PATH
	     "\x80\x0e\x1a\0\2\1\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0" NET6_32,
	    false);
	GOES("\0\0\0\x0b\x80\x0f\x08\0\2\1" NET6_32, false);
	GOES("\0\0\0\x0d\x40\x01\x01\x09" AS_PATH NET_24, false);
	GOES("\0\0\0\0", false);
	GOES("\0\0\0\x06\x80\x0f\x03\0\2\1", false);
	GOES("\0\0\0\x06\x80\x0f\x03\0\1\x85", false);
	(void)state;
}

static void
put_prefixes(struct writer *w, bool ids, unsigned octets)
{
	for (long n = random() % 40; n > 0; n--) {
		unsigned len = (unsigned)random() % (8 * octets + 1);

		if (ids)
			writer_u32(w, (uint32_t)random());
		writer_u8(w, len);
		for (unsigned i = 0; i < (len + 7) / 8; i++)
			writer_u8(w, (unsigned)random() & 127);
	}
}

/* A body of random routes; attributes in any order, some of them unknown ones. */
static size_t
random_body(uint8_t *out, size_t size, bool ids)
{
	struct writer w = writer_of(out, size);
	size_t length, mark;

	length = writer_begin_u16(&w);
	put_prefixes(&w, ids, 4);
	writer_end_u16(&w, length);
	length = writer_begin_u16(&w);
	writer_bytes(&w, IGP AS_PATH NEXT_HOP, 20);
	if (random() % 2) {
		writer_bytes(&w, "\xc0\xf0", 2);
		mark = writer_begin_u8(&w);
		for (long n = random() % 100; n > 0; n--)
			writer_u8(&w, (unsigned)random() & 255);
		writer_end_u8(&w, mark);
	}
	if (random() % 2) {
		writer_bytes(&w, "\x90\x0e", 2);
		mark = writer_begin_u16(&w);
		writer_bytes(&w, "\0\2\1\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0", 21);
		put_prefixes(&w, ids, 16);
		writer_end_u16(&w, mark);
	}
	if (random() % 2) {
		writer_bytes(&w, "\x90\x0f", 2);
		mark = writer_begin_u16(&w);
		writer_bytes(&w, "\0\1\2", 3);
		put_prefixes(&w, ids, 4);
		writer_end_u16(&w, mark);
	}
	writer_end_u16(&w, length);
	put_prefixes(&w, ids, 4);
	assert_true(writer_ok(&w));
	return w.len;
}

static void
random_updates_come_out_as_they_went_in(void **state)
{
	static uint8_t body[8192];

	srandom(7);
	for (int i = 0; i < UPDATES; i++) {
		bool ids = random() % 2;
		size_t len = random_body(body, sizeof body, ids);

		goes_through(reader_of(body, len), ids,
		    random() % 2 ? reader_of(body, len) : (struct reader){ 0 });
	}
	(void)state;
}

/* --- messages in pieces --- */

static const struct route_value *
value_of(const char *hop, size_t hop_len, struct reader attributes, struct reader raw)
{
	static struct route_value v;

	v = (struct route_value){
		.next_hop = reader_of(hop, hop_len), .attributes = attributes, .raw = raw
	};
	return &v;
}

static void
a_bitmap_or_one_peer_comes_back(void **state)
{
	struct routes_cursor c;

	routes_begin(&writer, &packed);
	routes_message(&writer, true, 42, (struct reader){ 0 }, ROUTES_HELD, 7);
	routes_message_end(&writer);
	routes_message(&writer, false, 0, BYTES("\x01\x00\x80"), ROUTES_REPLAY, UINT32_MAX);
	routes_message_end(&writer);
	routes_message(&writer, false, 0, (struct reader){ 0 }, 0, 0);
	routes_message_end(&writer);
	routes_message(&writer, true, LINK_PEER_ANY, (struct reader){ 0 }, 0, 0);
	routes_message_end(&writer);
	routes_end(&writer);
	c = open_frame();
	assert_int_equal(next(&c), 1);
	assert_true(message.one_peer);
	assert_int_equal(message.peer, 42);
	assert_int_equal(message.flags, ROUTES_HELD);
	assert_int_equal(message.owner, 7);
	assert_int_equal(next(&c), 1);
	assert_false(message.one_peer);
	same(message.peers, BYTES("\x01\x00\x80"));
	assert_int_equal(message.owner, UINT32_MAX);
	assert_int_equal(message.announces + message.withdraws, 0);
	assert_int_equal(next(&c), 1);
	assert_false(message.one_peer);
	assert_int_equal(message.peers.left, 0);
	assert_int_equal(next(&c), 1);
	assert_int_equal(message.peer, LINK_PEER_ANY);
	assert_int_equal(next(&c), 0);
	(void)state;
}

static void
parts_of_announces_and_withdraws_come_back(void **state)
{
	struct routes_part *a = message.announce, *w = message.withdraw;
	struct routes_cursor c;

	routes_begin(&writer, &packed);
	routes_message(&writer, true, 1, (struct reader){ 0 }, 0, 0);
	routes_announce(&writer, IPV4_UNICAST, true,
	    value_of("\x0a\0\0\1", 4, BYTES(BLOCK), BYTES("\xc0\xfe\x01x")));
	routes_nlri(&writer, true, 0x01020304, BYTES(NET_24));
	routes_nlri(&writer, true, UINT32_MAX, BYTES(NET_24));
	routes_announce(&writer, IPV6_UNICAST, false,
	    value_of("0123456789abcdef0123456789abcdef", 32, BYTES(""), BYTES("")));
	routes_nlri(&writer, false, 99, BYTES(NET6_32));
	routes_announce(&writer, IPV4_MULTICAST, false, value_of("", 0, BYTES(BLOCK), BYTES("")));
	routes_withdraw(&writer, IPV4_UNICAST, false, NULL);
	routes_nlri(&writer, false, 0, BYTES(NET_8));
	routes_withdraw(&writer, IPV4_UNICAST, true, value_of("", 0, BYTES(IGP), BYTES("")));
	routes_nlri(&writer, true, 5, BYTES(NET_0));
	routes_withdraw(
	    &writer, IPV6_UNICAST, false, value_of("", 0, BYTES(""), BYTES("\xc0\xfe\x00")));
	routes_nlri(&writer, false, 0, BYTES(NET6_32));
	routes_withdraw(&writer, IPV4_UNICAST, false, value_of("1234", 4, BYTES(""), BYTES("")));
	routes_message_end(&writer);
	routes_end(&writer);

	c = open_frame();
	assert_int_equal(next(&c), 1);
	assert_int_equal(message.announces, 3);
	assert_int_equal(message.withdraws, 4);
	same(a[0].nlri, BYTES("\1\2\3\4" NET_24 "\xff\xff\xff\xff" NET_24));
	assert_true(a[0].path_ids);
	same(a[0].value.next_hop, BYTES("\x0a\0\0\1"));
	same(a[0].value.attributes, BYTES(BLOCK));
	same(a[0].value.raw, BYTES("\xc0\xfe\x01x"));
	assert_int_equal(a[1].family, IPV6_UNICAST);
	same(a[1].nlri, BYTES(NET6_32));
	assert_int_equal(a[1].value.next_hop.left, 32);
	assert_int_equal(a[2].family, IPV4_MULTICAST);
	assert_int_equal(a[2].nlri.left, 0); /* attributes alone */
	same(w[0].nlri, BYTES(NET_8));
	assert_false(w[0].path_ids);
	assert_int_equal(w[0].value.attributes.left, 0);
	same(w[1].nlri, BYTES("\0\0\0\5" NET_0));
	assert_true(w[1].path_ids);
	same(w[1].value.attributes, BYTES(IGP));
	assert_int_equal(w[2].family, IPV6_UNICAST);
	same(w[2].value.raw, BYTES("\xc0\xfe\x00"));
	assert_int_equal(w[3].nlri.left, 0);
	assert_int_equal(next(&c), 0);
	(void)state;
}

static void
as_many_parts_as_are_allowed_come_back_and_one_more_is_refused(void **state)
{
	for (unsigned parts = ROUTES_PARTS; parts <= ROUTES_PARTS + 1; parts++) {
		struct routes_cursor c;

		routes_begin(&writer, &packed);
		routes_message(&writer, true, 1, (struct reader){ 0 }, 0, 0);
		for (unsigned i = 0; i < parts; i++) {
			routes_withdraw(&writer, IPV4_UNICAST, false, NULL);
			routes_nlri(&writer, false, 0, BYTES(NET_8));
		}
		routes_message_end(&writer);
		routes_end(&writer);
		c = open_frame();
		assert_int_equal(next(&c), parts == ROUTES_PARTS ? 1 : -1);
	}
	(void)state;
}

/* --- what is malformed --- */

/* A message written by hand around one announce or withdraw of so many elements. */
struct hand {
	bool announce;
	uint32_t family;
	struct reader hop, attributes, raw, nlri;
	unsigned drop; /* so many elements less */
	bool path_ids;
};

static int
by_hand(const struct hand *h)
{
	struct routes_cursor c;
	unsigned count = 6 - h->drop, at = 0;
	size_t list;

	frame_begin(&packed, FRAME_ROUTES);
	list = pack_begin_array(&packed);
	pack_array(&packed, 6);
	pack_uint(&packed, 1);
	pack_uint(&packed, 0);
	pack_uint(&packed, 0);
	pack_nil(&packed);
	if (!h->announce)
		pack_array(&packed, 0);
	pack_array(&packed, 1);
	pack_array(&packed, count);
	if (at++ < count)
		pack_uint(&packed, h->family);
	if (at++ < count)
		pack_bool(&packed, h->path_ids);
	if (at++ < count)
		pack_bin(&packed, h->hop.at, h->hop.left);
	if (at++ < count)
		pack_bin(&packed, h->attributes.at, h->attributes.left);
	if (at++ < count)
		pack_bin(&packed, h->raw.at, h->raw.left);
	if (at++ < count)
		pack_bin(&packed, h->nlri.at, h->nlri.left);
	if (h->announce)
		pack_array(&packed, 0);
	pack_end(&packed, list, 1);
	c = open_frame();
	return next(&c);
}

static struct hand
good(void)
{
	return (struct hand){ .announce = true,
		.family = 257,
		.hop = BYTES("\x0a\0\0\1"),
		.attributes = BYTES(BLOCK),
		.nlri = BYTES(NET_24) };
}

static void
malformed_parts_are_refused(void **state)
{
	struct hand h = good();

	assert_int_equal(by_hand(&h), 1);
	h.announce = false;
	assert_int_equal(by_hand(&h), 1);
	for (h = good(), h.drop = 1; h.drop <= 6; h.drop++)
		assert_int_equal(by_hand(&h), -1);
	/* NLRI that do not end at their end, or are too long for their family */
	h = good();
	h.nlri = BYTES(NET_24 "\x18\x0a\x01");
	assert_int_equal(by_hand(&h), -1);
	h.nlri = BYTES("\x21\x0a\x01\x02\x03\x80");
	assert_int_equal(by_hand(&h), -1);
	h.nlri = BYTES(NET_24);
	h.path_ids = true;
	assert_int_equal(by_hand(&h), -1);
	h.nlri = BYTES("\0\0\0\1" NET_24 "\0\0\0");
	assert_int_equal(by_hand(&h), -1);
	h.nlri = BYTES("\0\0\0\1" NET_24 "\0\0\0\2");
	assert_int_equal(by_hand(&h), -1);
	/* attributes that are not framed */
	for (size_t cut = 1; cut < sizeof BLOCK - 1; cut++) {
		h = good();
		h.attributes.left -= cut;
		assert_int_equal(by_hand(&h), cut == 9 ? 1 : -1);
		h = good();
		h.raw = BYTES(BLOCK);
		h.raw.left -= cut;
		assert_int_equal(by_hand(&h), cut == 9 ? 1 : -1);
	}
	/* next hops of other lengths */
	for (size_t len = 0; len <= 33; len++) {
		h = good();
		h.hop = reader_of("0123456789abcdef0123456789abcdef0", len);
		assert_int_equal(
		    by_hand(&h), len == 0 || len == 4 || len == 16 || len == 32 ? 1 : -1);
	}
	(void)state;
}

static void
values_longer_than_any_message_are_refused(void **state)
{
	static uint8_t block[70000] = { 0xd0, 0xfe, 0xff,
		0xfb }; /* one of 65531 octets: 65535 in all */
	struct hand h = good();

	h.attributes = reader_of(block, 65535);
	assert_int_equal(by_hand(&h), 1);
	h.raw = h.attributes;
	assert_int_equal(by_hand(&h), 1);
	memcpy(block + 65535, "\x40\x01\x00", 3);
	h.attributes = reader_of(block, 65538);
	assert_int_equal(by_hand(&h), -1);
	h = good();
	h.raw = reader_of(block, 65538);
	assert_int_equal(by_hand(&h), -1);
	(void)state;
}

static void
families_that_are_not_known_are_skipped_alone(void **state)
{
	static const uint32_t unknown[] = { 0, 9 * 256 + 9, 258 + 65536 * 256 };
	struct hand h = good();

	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		h.family = unknown[i];
		h.nlri = BYTES("\xff\xff");
		assert_int_equal(by_hand(&h), 1);
		assert_int_equal(message.announces, 0);
	}
	(void)state;
}

/* A message of given octets for each of its six elements, NULL: a good one. */
static int
message_of(const char *const element[6], const size_t len[6])
{
	static const char *const good_element[6] = { "\x01", "\x00", "\x00", "\xc0", "\x90",
		"\x90" };
	struct routes_cursor c;
	size_t list;

	frame_begin(&packed, FRAME_ROUTES);
	list = pack_begin_array(&packed);
	pack_array(&packed, 6);
	for (int i = 0; i < 6; i++)
		if (element[i])
			pack_copy(&packed, element[i], len[i]);
		else
			pack_copy(&packed, good_element[i], 1);
	pack_end(&packed, list, 1);
	c = open_frame();
	return next(&c);
}

static int
element_of(int place, const char *octets, size_t len)
{
	const char *element[6] = { 0 };
	size_t lens[6] = { 0 };

	element[place] = octets;
	lens[place] = len;
	return message_of(element, lens);
}
#define ELEMENT(place, octets) element_of(place, octets, sizeof octets - 1)

static void
messages_for_nobody_and_lists_that_are_none_are_refused(void **state)
{
	static uint8_t bitmap[3 + 8194] = { 0xc5, 0x20, 0x00 };

	assert_int_equal(ELEMENT(0, "\x05"), 1);
	assert_int_equal(ELEMENT(0, "\xff"), -1);
	assert_int_equal(ELEMENT(0, "\xc0"), -1);
	assert_int_equal(ELEMENT(0, "\xa1x"), -1);
	assert_int_equal(ELEMENT(0, "\xcf\0\0\0\1\0\0\0\1"), -1);
	assert_int_equal(element_of(0, (const char *)bitmap, 3 + 8192), 1);
	bitmap[2] = 1;
	assert_int_equal(element_of(0, (const char *)bitmap, 3 + 8193), -1);
	for (int list = 4; list <= 5; list++) {
		assert_int_equal(ELEMENT(list, "\xc0"), -1);
		assert_int_equal(ELEMENT(list, "\x80"), -1);
		assert_int_equal(ELEMENT(list, "\x91\xc0"), -1);
		assert_int_equal(ELEMENT(list, "\x91\x90"), -1);
	}
	(void)state;
}

static void
a_message_that_is_no_array_of_six_is_refused(void **state)
{
	struct routes_cursor c;

	frame_begin(&packed, FRAME_ROUTES);
	pack_array(&packed, 1);
	pack_array(&packed, 5);
	for (int i = 0; i < 5; i++)
		pack_uint(&packed, 1);
	c = open_frame();
	assert_int_equal(next(&c), -1);

	/* a body that is no list has no messages */
	frame_begin(&packed, FRAME_ROUTES);
	pack_map(&packed, 1);
	pack_nil(&packed);
	pack_nil(&packed);
	c = open_frame();
	assert_int_equal(next(&c), 0);
	(void)state;
}

/* The End-of-RIB is about the first withdraw: where that was skipped it must not fall to the next. */
static void
an_end_of_rib_of_an_unknown_family_is_no_other_family_s(void **state)
{
	const char *element[6] = {
		[1] = "\x02", [5] = "\x92\x93\xcd\x09\x09\xc2\xc4\x00\x93\xcd\x01\x01\xc2\xc4\x00"
	};
	size_t len[6] = { [1] = 1, [5] = 15 };

	assert_int_equal(message_of(element, len), 1);
	assert_int_equal(message.withdraws, 1);
	assert_int_equal(message.flags, 0);
	element[5] = "\x91\x93\xcd\x01\x01\xc2\xc4\x00";
	len[5] = 8;
	assert_int_equal(message_of(element, len), 1);
	assert_int_equal(message.flags, ROUTES_END_OF_RIB);
	element[5] = "\x90";
	len[5] = 1;
	assert_int_equal(message_of(element, len), 1);
	assert_int_equal(message.flags, 0);
	(void)state;
}

/* --- mutations --- */

static bool
framed(struct reader block)
{
	struct attr a;

	while (attrs_next(&block, &a))
		;
	return reader_done(&block);
}

static void
keeps_its_promise(const struct routes_part *part)
{
	struct reader bin = part->nlri;
	struct nlri n;
	size_t hop = part->value.next_hop.left;

	assert_true(part->family < FAMILIES);
	while (nlri_next(part->family, part->path_ids, &bin, &n))
		assert_true(n.octets.left > 0);
	assert_true(reader_done(&bin));
	assert_true(hop == 0 || hop == 4 || hop == 16 || hop == 32);
	assert_true(framed(part->value.attributes));
	assert_true(framed(part->value.raw));
}

/* A frame with all that a frame can hold. */
static void
everything(void)
{
	static const char body[] = "\0\2" NET_8 "\0\x14" IGP AS_PATH NEXT_HOP NET_24 NET_0;
	struct session_params p = session(false);
	struct writer w = writer_of(scratch, sizeof scratch);
	struct update u;

	update_parse(&u, BYTES(body), &p, &w);
	routes_begin(&writer, &packed);
	routes_update(&writer, 7, 0, &u, BYTES(body));
	routes_message(&writer, false, 0, BYTES("\xff\x01"), ROUTES_REPLAY, 300);
	routes_announce(&writer, IPV6_UNICAST, true,
	    value_of("0123456789abcdef", 16, BYTES(BLOCK), BYTES("\xc0\xfe\x02xy")));
	routes_nlri(&writer, true, 1, BYTES(NET6_32));
	routes_nlri(&writer, true, 2, BYTES(NET6_32));
	routes_withdraw(&writer, IPV4_MULTICAST, false, value_of("", 0, BYTES(IGP), BYTES("")));
	routes_nlri(&writer, false, 0, BYTES(NET_24));
	routes_withdraw(&writer, IPV4_FLOW, false, NULL);
	routes_message_end(&writer);
	routes_end(&writer);
	frame_stamp(&packed, 1, 2);
}

/* Some octets change; mostly few, so that most frames are still frames. */
static size_t
mutate(uint8_t *to, const uint8_t *from, size_t len)
{
	long changes = 1 + random() % 4;

	memcpy(to, from, len);
	for (; changes > 0; changes--) {
		size_t at = 3 + (size_t)random() % (len - 3);

		switch (random() % 5) {
		case 0:
			to[at] = (uint8_t)random();
			break;
		case 1:
			to[at] = (uint8_t)(to[at] ^ 1 << random() % 8);
			break;
		case 2:
			to[at] = (uint8_t)(to[at] + 1);
			break;
		case 3:
			to[at] = (uint8_t)(to[at] - 1);
			break;
		default: /* an octet less, or a run said twice */
			if (random() % 2) {
				memmove(to + at, to + at + 1, len - at - 1);
				len--;
			} else if (len < 900) {
				size_t run = 1 + (size_t)random() % (len - at);

				run = run > 64 ? 64 : run;
				memmove(to + at + run, to + at, len - at);
				len += run;
			}
		}
	}
	return len;
}

static void
mutated_frames_do_no_harm(void **state)
{
	unsigned opened = 0, given = 0, parts = 0, refused = 0;
	struct unpack *own = unpack_new();

	srandom(1);
	everything();
	for (int i = 0; i < MUTATIONS; i++) {
		uint8_t mutated[1024];
		size_t len = mutate(mutated, packed.base, packed.len);
		uint8_t *exact = malloc(len); /* so that a read past its end is seen */
		struct reason why = { 0 };
		struct routes_cursor c;
		struct frame f;
		int said;

		memcpy(exact, mutated, len);
		if (frame_open(own, exact, len, &f, &why) == 0) {
			opened++;
			c = routes_open(f.body);
			while ((said = routes_next(&c, &message, &why)) > 0) {
				given++;
				for (unsigned k = 0; k < message.announces; k++, parts++)
					keeps_its_promise(&message.announce[k]);
				for (unsigned k = 0; k < message.withdraws; k++, parts++)
					keeps_its_promise(&message.withdraw[k]);
			}
			refused += said < 0;
			assert_int_equal(said < 0, reason_given(&why));
		}
		free(exact);
	}
	print_message("%d mutations: %u frames, %u messages with %u parts given, %u refused\n",
	    MUTATIONS, opened, given, parts, refused);
	/* else this tests nothing */
	assert_true(opened > MUTATIONS / 10 && given > MUTATIONS / 10 && refused > MUTATIONS / 100);
	unpack_free(own);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_comes_out_as_it_went_in),
		cmocka_unit_test(random_updates_come_out_as_they_went_in),
		cmocka_unit_test(a_bitmap_or_one_peer_comes_back),
		cmocka_unit_test(parts_of_announces_and_withdraws_come_back),
		cmocka_unit_test(as_many_parts_as_are_allowed_come_back_and_one_more_is_refused),
		cmocka_unit_test(malformed_parts_are_refused),
		cmocka_unit_test(values_longer_than_any_message_are_refused),
		cmocka_unit_test(families_that_are_not_known_are_skipped_alone),
		cmocka_unit_test(messages_for_nobody_and_lists_that_are_none_are_refused),
		cmocka_unit_test(a_message_that_is_no_array_of_six_is_refused),
		cmocka_unit_test(an_end_of_rib_of_an_unknown_family_is_no_other_family_s),
		cmocka_unit_test(mutated_frames_do_no_harm),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
