#include "controller/cli/segment.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/writer.h"

enum { ETHERNET = 1, RAW = 101 };

/* From 192.0.2.1 port 179 to 192.0.2.2 port 5, "xyz". */
static size_t
packet(uint8_t out[64], uint16_t fragment)
{
	struct writer w = writer_of(out, 64);
	static const uint8_t addresses[] = { 192, 0, 2, 1, 192, 0, 2, 2 };

	writer_u16(&w, 0x4500);
	writer_u16(&w, 20 + 24 + 3);
	writer_u16(&w, 0);
	writer_u16(&w, fragment);
	writer_u8(&w, 64);
	writer_u8(&w, 6);
	writer_u16(&w, 0);
	writer_bytes(&w, addresses, sizeof addresses);
	writer_u16(&w, 179);
	writer_u16(&w, 5);
	writer_u32(&w, 1234);
	writer_u32(&w, 0);
	writer_u16(&w, 0x6012); /* with an option; SYN and ACK */
	writer_u16(&w, 1);
	writer_u32(&w, 0);
	writer_u32(&w, 0);
	writer_bytes(&w, "xyz", 3);
	assert_true(writer_ok(&w));
	return w.len;
}

static void
a_segment_has_its_ends_numbers_and_octets(void **state)
{
	uint8_t octets[64];
	struct segment s;
	size_t len = packet(octets, 0x4000);
	struct addr from = addr_v4(0xc0000201), to = addr_v4(0xc0000202);

	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len)), SEGMENT_TCP);
	assert_true(addr_equal(&s.from, &from) && addr_equal(&s.to, &to));
	assert_int_equal(s.from_port, 179);
	assert_int_equal(s.to_port, 5);
	assert_int_equal(s.sequence, 1234);
	assert_true(s.syn && s.ack && !s.fin && !s.rst);
	assert_true(reader_equal(s.payload, reader_of("xyz", 3)));
	assert_int_equal(s.missing, 0);
	(void)state;
}

static void
octets_that_were_not_kept_are_counted_and_padding_is_not(void **state)
{
	uint8_t octets[80] = { 0 };
	struct segment s;
	size_t len = packet(octets, 0);

	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len - 2)), SEGMENT_TCP);
	assert_int_equal(s.payload.left, 1);
	assert_int_equal(s.missing, 2);
	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len + 9)), SEGMENT_TCP);
	assert_int_equal(s.payload.left, 3);
	(void)state;
}

static void
fragments_and_others_are_named(void **state)
{
	uint8_t octets[64];
	struct segment s;
	size_t len = packet(octets, 0x2000);

	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len)), SEGMENT_FRAGMENT);
	packet(octets, 1);
	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len)), SEGMENT_FRAGMENT);
	octets[9] = 17;
	assert_int_equal(segment_of(&s, RAW, reader_of(octets, len)), SEGMENT_OTHER);
	assert_int_equal(segment_of(&s, 9999, reader_of(octets, len)), SEGMENT_OTHER);
	assert_int_equal(segment_of(&s, ETHERNET, reader_of(octets, len)), SEGMENT_OTHER);
	(void)state;
}

static void
one_that_is_cut_is_malformed(void **state)
{
	uint8_t octets[64];
	size_t len = packet(octets, 0);

	for (size_t n = 1; n < len - 3; n++) {
		uint8_t *copy = malloc(n); /* of its own, so that a step beyond is seen */
		struct segment s;

		memcpy(copy, octets, n);
		assert_int_equal(segment_of(&s, RAW, reader_of(copy, n)), SEGMENT_MALFORMED);
		free(copy);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_has_its_ends_numbers_and_octets),
		cmocka_unit_test(octets_that_were_not_kept_are_counted_and_padding_is_not),
		cmocka_unit_test(fragments_and_others_are_named),
		cmocka_unit_test(one_that_is_cut_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
