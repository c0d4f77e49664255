#include "proto/bgp/mrt_table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/mem.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/update.h"

enum { TABLE_DUMP_V2 = 13, INDEX = 1, RIB_IPV4 = 2, RIB_IPV6 = 4, RIB_IPV4_ADDPATH = 8 };

static uint8_t memory[512];
static const char *why;

/* An index of one peer, 192.0.2.1 of AS 70000. */
static struct reader
index_of_peers(void)
{
	struct writer w = writer_of(memory, sizeof memory);

	writer_u32(&w, 0x0a000001);
	writer_u16(&w, 2);
	writer_bytes(&w, "me", 2);
	writer_u16(&w, 1);
	writer_u8(&w, 2);
	writer_u32(&w, 1);
	writer_u32(&w, 0xc0000201);
	writer_u32(&w, 70000);
	return writer_read(&w);
}

static void
entry(struct writer *w, bool add_path, const void *more, size_t len)
{
	static const uint8_t attributes[] = { 0x40, 1, 1, 0, 0x40, 2, 0 };

	writer_u16(w, 0);
	writer_u32(w, 900);
	if (add_path)
		writer_u32(w, 7);
	writer_u16(w, sizeof attributes + len);
	writer_bytes(w, attributes, sizeof attributes);
	writer_bytes(w, more, len);
}

static struct reader
rib_ipv4(bool add_path)
{
	static const uint8_t next_hop[] = { 0x40, 3, 4, 192, 0, 2, 9 };
	struct writer w = writer_of(memory, sizeof memory);

	writer_u32(&w, 0);
	writer_u32(&w, 0x180a0000);
	writer_u16(&w, 2);
	entry(&w, add_path, next_hop, sizeof next_hop);
	entry(&w, add_path, next_hop, sizeof next_hop);
	return writer_read(&w);
}

static int
record(struct mrt_table *t, uint16_t subtype, struct reader r)
{
	struct mrt_header h = { 1000, TABLE_DUMP_V2, subtype, (uint32_t)r.left };
	bool other;

	return mrt_table_record(t, &h, r, &other, &why);
}

static void
read_back(const struct mrt_message *m, struct update *u)
{
	static uint8_t scratch[UPDATE_SCRATCH];
	struct session_params p = { .asn4 = m->asn4, .families = ~UINT32_C(0), .offline = true };
	struct writer w = writer_of(scratch, sizeof scratch);
	struct reader r = m->message;

	p.add_path_receive = m->add_path ? p.families : 0;
	reader_take(&r, 19);
	update_parse(u, r, &p, &w);
	assert_int_equal(u->worst, PENALTY_NONE);
	assert_int_equal(u->complaints, 0);
}

static void
each_entry_is_an_update_of_its_peer(void **state)
{
	struct addr peer = addr_v4(0xc0000201);

	for (int add_path = 0; add_path < 2; add_path++) {
		struct mrt_table t = { 0 };
		struct mrt_message m;
		struct update u;
		struct nlri nlri;

		assert_int_equal(record(&t, INDEX, index_of_peers()), 0);
		assert_int_equal(
		    record(&t, add_path ? RIB_IPV4_ADDPATH : RIB_IPV4, rib_ipv4(add_path)), 1);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(mrt_table_next(&t, &m, &why), 1);
			assert_true(addr_equal(&m.peer, &peer));
			assert_int_equal(m.peer_as, 70000);
			assert_int_equal(m.seconds, 900);
			read_back(&m, &u);
			assert_int_equal(u.announces, 1);
			assert_true(
			    nlri_next(u.announce[0].family, add_path, &u.announce[0].nlri, &nlri));
			assert_int_equal(nlri.path_id, add_path ? 7 : 0);
			assert_true(reader_equal(nlri.octets, reader_of("\x18\x0a\0\0", 4)));
		}
		assert_int_equal(mrt_table_next(&t, &m, &why), 0);
		mrt_table_fini(&t);
	}
	(void)state;
}

/* RFC 6396 section 4.3.4: the next hop alone; and as some write it, all of MP_REACH_NLRI. */
static void
the_next_hop_stands_in_either_form(void **state)
{
	static const uint8_t forms[2][30] = {
		{ 0x80, 14, 17, 16, 0x20, 1, [19] = 9 },
		{ 0x80, 14, 21, 0, 2, 1, 16, 0x20, 1, [22] = 9 },
	};
	static const size_t lengths[] = { 20, 24 };

	for (int i = 0; i < 2; i++) {
		struct mrt_table t = { 0 };
		struct mrt_message m;
		struct update u;
		struct writer w = writer_of(memory, sizeof memory);

		assert_int_equal(record(&t, INDEX, index_of_peers()), 0);
		w.len = 0;
		writer_u32(&w, 0);
		writer_u8(&w, 16);
		writer_u16(&w, 0x2001);
		writer_u16(&w, 1);
		entry(&w, false, forms[i], lengths[i]);
		assert_int_equal(record(&t, RIB_IPV6, writer_read(&w)), 1);
		assert_int_equal(mrt_table_next(&t, &m, &why), 1);
		read_back(&m, &u);
		assert_int_equal(u.announces, 1);
		assert_int_equal(u.announce[0].family, IPV6_UNICAST);
		assert_int_equal(u.announce[0].next_hop.left, 16);
		assert_int_equal(u.announce[0].next_hop.at[15], 9);
		mrt_table_fini(&t);
	}
	(void)state;
}

static void
a_record_that_is_cut_is_malformed(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct reader whole = i ? index_of_peers() : rib_ipv4(false);

		for (size_t len = 0; len < whole.left; len++) {
			uint8_t *copy =
			    malloc(len ? len : 1); /* of its own, so that a step beyond is seen */
			struct mrt_table t = { 0 };
			struct mrt_message m;
			int got;

			t.peers = mem_zero(sizeof *t.peers);
			t.peer_count = 1;
			memcpy(copy, whole.at, len);
			got = record(&t, i ? INDEX : RIB_IPV4, reader_of(copy, len));
			while (got > 0)
				got = mrt_table_next(&t, &m, &why);
			assert_int_equal(got, -1);
			mrt_table_fini(&t);
			free(copy);
		}
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_entry_is_an_update_of_its_peer),
		cmocka_unit_test(the_next_hop_stands_in_either_form),
		cmocka_unit_test(a_record_that_is_cut_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
