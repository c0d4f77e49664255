#include "proto/bgp/mrt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/writer.h"

enum { BGP4MP = 16, BGP4MP_ET = 17, TABLE_DUMP_V2 = 13 };

/* A record's body: as numbers of `as` octets, addresses of `afi`, then "xyz" for a message. */
static struct reader
body(bool extended, size_t as, uint16_t afi)
{
	static uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	uint8_t peer[16] = { 192, 0, 2, 1 }, local[16] = { 192, 0, 2, 2 };

	if (extended)
		writer_u32(&w, 250000);
	for (uint32_t n = 65001; n <= 65002; n++)
		if (as == 4)
			writer_u32(&w, n);
		else
			writer_u16(&w, (uint16_t)n);
	writer_u16(&w, 7);
	writer_u16(&w, afi);
	writer_bytes(&w, peer, afi == 2 ? 16 : 4);
	writer_bytes(&w, local, afi == 2 ? 16 : 4);
	writer_bytes(&w, "xyz", 3);
	return writer_read(&w);
}

static int
take(struct mrt_message *m, uint16_t type, uint16_t subtype, struct reader r)
{
	struct mrt_header h = { 1000, type, subtype, (uint32_t)r.left };

	return mrt_message(m, &h, r);
}

static void
the_header_is_read_and_its_length_bounded(void **state)
{
	uint8_t octets[MRT_HEADER] = { 0, 0, 3, 232, 0, 16, 0, 4, 0, 0, 0, 9 };
	struct mrt_header h;

	assert_int_equal(mrt_header(&h, reader_of(octets, sizeof octets)), 0);
	assert_int_equal(h.seconds, 1000);
	assert_int_equal(h.type, 16);
	assert_int_equal(h.subtype, 4);
	assert_int_equal(h.length, 9);
	assert_int_equal(mrt_header(&h, reader_of(octets, sizeof octets - 1)), -1);
	octets[9] = 0x10;
	assert_int_equal(mrt_header(&h, reader_of(octets, sizeof octets)), -1);
	(void)state;
}

static void
a_subtype_says_what_the_session_had(void **state)
{
	static const struct {
		uint16_t subtype;
		bool asn4, sent, add_path;
	} rows[] = { { 1, 0, 0, 0 }, { 4, 1, 0, 0 }, { 6, 0, 1, 0 }, { 7, 1, 1, 0 }, { 8, 0, 0, 1 },
		{ 9, 1, 0, 1 }, { 10, 0, 1, 1 }, { 11, 1, 1, 1 } };
	struct mrt_message m;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reader r = body(false, rows[i].asn4 ? 4 : 2, 1);

		assert_int_equal(take(&m, BGP4MP, rows[i].subtype, r), 1);
		assert_int_equal(m.asn4, rows[i].asn4);
		assert_int_equal(m.sent, rows[i].sent);
		assert_int_equal(m.add_path, rows[i].add_path);
		assert_int_equal(m.peer_as, 65001);
		assert_int_equal(m.local_as, 65002);
		assert_true(reader_equal(m.message, reader_of("xyz", 3)));
	}
	(void)state;
}

static void
addresses_are_of_either_version(void **state)
{
	struct addr expected = addr_v4(0xc0000202);
	struct mrt_message m;

	assert_int_equal(take(&m, BGP4MP, 4, body(false, 4, 1)), 1);
	assert_true(addr_equal(&m.local, &expected));
	assert_int_equal(take(&m, BGP4MP, 4, body(false, 4, 2)), 1);
	assert_int_equal(m.local.family, 6);
	assert_int_equal(m.local.bytes[3], 2);
	assert_int_equal(take(&m, BGP4MP, 4, body(false, 4, 3)), -1);
	(void)state;
}

static void
the_extended_kind_has_microseconds(void **state)
{
	struct mrt_message m;

	assert_int_equal(take(&m, BGP4MP_ET, 4, body(true, 4, 1)), 1);
	assert_int_equal(m.microseconds, 250000);
	assert_int_equal(m.seconds, 1000);
	assert_int_equal(m.peer_as, 65001);
	(void)state;
}

static void
other_records_are_no_messages(void **state)
{
	struct mrt_message m;

	assert_int_equal(take(&m, TABLE_DUMP_V2, 1, body(false, 4, 1)), 0);
	assert_int_equal(take(&m, BGP4MP, 0, body(false, 4, 1)), 0);
	assert_int_equal(take(&m, BGP4MP, 5, body(false, 4, 1)), 0);
	assert_int_equal(take(&m, BGP4MP, 2, body(false, 4, 1)), 0);
	(void)state;
}

static void
a_record_that_is_cut_is_malformed(void **state)
{
	struct mrt_message m;
	struct reader whole = body(true, 4, 2);

	for (size_t len = 0; len < whole.left - 3; len++) {
		uint8_t *copy =
		    malloc(len ? len : 1); /* of its own, so that a step beyond is seen */

		memcpy(copy, whole.at, len);
		assert_int_equal(take(&m, BGP4MP_ET, 4, reader_of(copy, len)), -1);
		free(copy);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_read_and_its_length_bounded),
		cmocka_unit_test(a_subtype_says_what_the_session_had),
		cmocka_unit_test(addresses_are_of_either_version),
		cmocka_unit_test(the_extended_kind_has_microseconds),
		cmocka_unit_test(other_records_are_no_messages),
		cmocka_unit_test(a_record_that_is_cut_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
