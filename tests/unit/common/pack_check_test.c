/* pack_check against the library: what passes is unpacked, what the library takes within the bounds passes. */
#include "common/pack.h"
#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 200000, LONGEST = 48 };

static msgpack_zone zone;

/* Copied to memory of exactly that size, so that a read past the end is seen. */
static int
check(const void *bytes, size_t len)
{
	uint8_t *exact = calloc(1, len ? len : 1);
	int result;

	memcpy(exact, bytes, len);
	result = pack_check(exact, len);
	free(exact);
	return result;
}

static bool
unpacks(const uint8_t *bytes, size_t len)
{
	msgpack_object value;
	size_t at = 0;

	msgpack_zone_clear(&zone);
	return msgpack_unpack((const char *)bytes, len, &at, &zone, &value) ==
	       MSGPACK_UNPACK_SUCCESS;
}

/* Half of the first octets begin containers; large counts would make the library ask for gigabytes. */
static size_t
invent(uint8_t *bytes, unsigned *seed)
{
	size_t len = 1 + (size_t)rand_r(seed) % LONGEST;

	for (size_t i = 0; i < len; i++) {
		bytes[i] = (uint8_t)rand_r(seed);
		if (rand_r(seed) % 3 == 0)
			bytes[i] = (uint8_t)(0x90 + rand_r(seed) % 0x50);
		else if (rand_r(seed) % 2)
			bytes[i] &= 7;
	}
	return len;
}

static void
what_passes_is_unpacked_by_the_library(void **state)
{
	unsigned seed = 1;
	int passed = 0;

	for (int i = 0; i < ROUNDS; i++) {
		uint8_t bytes[LONGEST];
		size_t len = invent(bytes, &seed), n = len;

		/* Most random octets are a value and something more: look for where it ends. */
		while (n > 0 && check(bytes, n) < 0)
			n = n == len ? (size_t)rand_r(&seed) % len : n - 1;
		if (n == 0)
			continue;
		passed++;
		if (!unpacks(bytes, n))
			fail_msg("round %d: %zu octets pass, but the library refuses them", i, n);
	}
	assert_true(passed > ROUNDS / 10);
	(void)state;
}

static void
what_the_library_unpacks_passes(void **state)
{
	unsigned seed = 2;
	int taken = 0;

	for (int i = 0; i < ROUNDS; i++) {
		uint8_t bytes[LONGEST];
		size_t len = invent(bytes, &seed);

		for (size_t k = 0; k < len; k++)
			if (bytes[k] >= 0xdc && bytes[k] <= 0xdf)
				bytes[k] =
				    (uint8_t)(bytes[k] == 0xdd || bytes[k] == 0xdf ? 0x91 : 0x82);
		for (size_t n = len; n > 0; n--) {
			if (!unpacks(bytes, n))
				continue;
			taken++;
			if (check(bytes, n) < 0)
				fail_msg("round %d: the library takes %zu octets that do not pass",
				    i, n);
			break;
		}
	}
	assert_true(taken > ROUNDS / 10);
	(void)state;
}

static void
counts_beyond_what_was_sent_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\xdd\x04\x00\x00\x00", 5 }, /* 2 GiB for the library */
		{ "\xdf\x10\x00\x00\x00", 5 }, /* 16 GiB */
		{ "\xdd\xff\xff\xff\xff", 5 },
		{ "\xdf\xff\xff\xff\xff", 5 },
		{ "\xdc\xff\xff\x01", 4 },
		{ "\xdb\xff\xff\xff\xff"
		  "a",
		    6 },
		{ "\xc6\xff\xff\xff\xff"
		  "a",
		    6 },
		{ "\xc9\xff\xff\xff\xff\x01"
		  "a",
		    7 },
		/* Each count fits on its own, but not what was promised before it. */
		{ "\x94\x93\x01\x01", 4 },
		{ "\x92\x93\x01\x01\x01", 5 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(check(rows[i].bytes, rows[i].len), -1);
	(void)state;
}

static void
anything_but_one_whole_value_is_refused(void **state)
{
	assert_int_equal(check("", 0), -1);
	assert_int_equal(pack_check(NULL, 0), -1);
	assert_int_equal(check("\x01", 1), 0);
	assert_int_equal(check("\x01\x01", 2), -1);
	assert_int_equal(check("\xc1", 1), -1);
	assert_int_equal(check("\x92\x01\xc1", 3), -1);
	assert_int_equal(check("\x81\x01", 2), -1);
	assert_int_equal(check("\x81\x01\x80", 3), 0);
	assert_int_equal(check("\xa3"
			       "ab",
			     3),
	    -1);
	assert_int_equal(check("\xa2"
			       "ab",
			     3),
	    0);
	assert_int_equal(check("\xd8\x01"
			       "0123456789abcde",
			     17),
	    -1);
	assert_int_equal(check("\xd8\x01"
			       "0123456789abcdef",
			     18),
	    0);
	(void)state;
}

static void
every_cut_of_every_kind_of_value_is_refused(void **state)
{
	struct pack p = { 0 };

	pack_array(&p, 9);
	pack_uint(&p, UINT64_MAX);
	pack_int(&p, INT32_MIN);
	pack_real(&p, 0.1);
	pack_nil(&p);
	pack_bool(&p, true);
	pack_text(&p, "thirty-two octets make it an str8");
	pack_bin(&p, "bin", 3);
	pack_map(&p, 1);
	pack_text(&p, "key");
	pack_array(&p, 0);
	pack_copy(&p, "\xc7\x02\x05xy", 5);
	assert_int_equal(check(p.base, p.len), 0);
	for (size_t n = 0; n < p.len; n++)
		assert_int_equal(check(p.base, n), -1);
	pack_fini(&p);
	(void)state;
}

static void
depth_and_number_of_nodes_are_bounded(void **state)
{
	uint8_t deep[PACK_DEPTH + 2], *wide = malloc(PACK_NODES + 5);

	memset(deep, 0x91, sizeof deep);
	deep[PACK_DEPTH] = 0xc0;
	assert_int_equal(check(deep, PACK_DEPTH + 1), 0);
	deep[PACK_DEPTH] = 0x90; /* an empty container is one level more */
	assert_int_equal(check(deep, PACK_DEPTH + 1), -1);

	memset(wide, 0xc0, PACK_NODES + 5);
	memcpy(wide, "\xdd\x00\x0f\xff\xff", 5);
	assert_int_equal(check(wide, PACK_NODES - 1 + 5), 0);
	memcpy(wide, "\xdd\x00\x10\x00\x00", 5);
	assert_int_equal(check(wide, PACK_NODES + 5), -1);
	free(wide);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_is_unpacked_by_the_library),
		cmocka_unit_test(what_the_library_unpacks_passes),
		cmocka_unit_test(counts_beyond_what_was_sent_are_refused),
		cmocka_unit_test(anything_but_one_whole_value_is_refused),
		cmocka_unit_test(every_cut_of_every_kind_of_value_is_refused),
		cmocka_unit_test(depth_and_number_of_nodes_are_bounded),
	};
	int failed;

	msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	msgpack_zone_destroy(&zone);
	return failed;
}
