#include "proto/frame/field.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "common/addr.h"
#include "proto/bgp/family.h"
#include "tests/tools/unpack.h"

struct thing {
	bool yes;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	int32_t i32;
	char text[8];
	char secret[8];
	struct addr addr;
	uint8_t bits[4];
	uint32_t families;
	uint8_t family_u8[FAMILIES];
	uint16_t family_u16[FAMILIES];
};

static const struct field fields[] = {
	FIELD(thing, yes, FIELD_BOOL),
	FIELD(thing, u8, FIELD_U8),
	FIELD(thing, u16, FIELD_U16),
	FIELD(thing, u32, FIELD_U32),
	FIELD(thing, u64, FIELD_U64),
	FIELD(thing, i32, FIELD_I32),
	FIELD(thing, text, FIELD_TEXT),
	FIELD(thing, secret, FIELD_SECRET),
	FIELD(thing, addr, FIELD_ADDR),
	FIELD(thing, bits, FIELD_BITS),
	FIELD(thing, families, FIELD_FAMILIES),
	FIELD(thing, family_u8, FIELD_FAMILY_U8),
	FIELD(thing, family_u16, FIELD_FAMILY_U16),
	FIELD_LAST,
};

/* What is not set is -1 in a signed field, and zero in all others. */
static struct thing *
fresh(void)
{
	static struct thing thing;

	memset(&thing, 0, sizeof thing);
	thing.i32 = -1;
	return &thing;
}

static const struct node *
node_of(const struct thing *thing)
{
	pack_clear(&packed);
	fields_pack(fields, thing, &packed);
	return unpack_open(unpack, packed.base, packed.len);
}

static void
what_was_packed_comes_back(const struct thing *thing)
{
	static struct thing back;
	struct reason why = { 0 };

	memset(&back, 0, sizeof back);
	back.i32 = -1;
	assert_int_equal(fields_unpack(fields, node_of(thing), &back, &why), 0);
	assert_memory_equal(&back, thing, sizeof back);
}

static void
fields_with_nothing_set_are_an_empty_map(void **state)
{
	const struct node *map = node_of(fresh());

	assert_int_equal(node_kind(map), NODE_MAP);
	assert_int_equal(node_count(map), 0);
	what_was_packed_comes_back(fresh());
	(void)state;
}

static void
fields_with_everything_set_come_back(void **state)
{
	struct thing *t = fresh();

	*t = (struct thing){ .yes = true,
		.u8 = UINT8_MAX,
		.u16 = UINT16_MAX,
		.u32 = UINT32_MAX,
		.u64 = UINT64_MAX,
		.i32 = INT32_MAX,
		.text = "seven!!",
		.secret = "hush" };
	addr_scan(&t->addr, "2001:db8::1");
	memset(t->bits, 0xff, sizeof t->bits);
	t->families = (UINT32_C(1) << FAMILIES_NAMED) - 1;
	for (unsigned i = 0; i < FAMILIES_NAMED; i++) {
		t->family_u8[i] = (uint8_t)(255 - i);
		t->family_u16[i] = (uint16_t)(65535 - i);
	}
	what_was_packed_comes_back(t);
	assert_int_equal(node_count(node_of(t)), sizeof fields / sizeof fields[0] - 1);
	(void)state;
}

static void
each_value_at_its_edges_comes_back(void **state)
{
	static const int32_t ints[] = { -1, 0, 1, 127, 255, INT32_MAX };
	static const uint64_t numbers[] = { 0, 1, 127, 128, 65535, UINT32_MAX, UINT64_MAX };
	struct thing *t;

	for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
		t = fresh();
		t->i32 = ints[i];
		what_was_packed_comes_back(t);
	}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		t = fresh();
		t->u8 = (uint8_t)numbers[i];
		t->u16 = (uint16_t)numbers[i];
		t->u32 = (uint32_t)numbers[i];
		t->u64 = numbers[i];
		what_was_packed_comes_back(t);
	}
	for (unsigned i = 0; i < 32; i++) {
		t = fresh();
		t->bits[i / 8] = (uint8_t)(1 << i % 8);
		what_was_packed_comes_back(t);
	}
	for (unsigned i = 0; i < FAMILIES_NAMED; i++) {
		t = fresh();
		t->families = family_bit((enum family)i);
		t->family_u8[i] = 3;
		t->family_u16[i] = 300;
		what_was_packed_comes_back(t);
	}
	t = fresh();
	addr_scan(&t->addr, "192.0.2.1");
	what_was_packed_comes_back(t);
	addr_scan(&t->addr, "0.0.0.0");
	what_was_packed_comes_back(t);
	(void)state;
}

static void
unknown_keys_are_ignored_and_missing_ones_left(void **state)
{
	struct thing *t = fresh();
	struct reason why = { 0 };

	t->u8 = 9;
	t->u32 = 7;
	pack_clear(&packed);
	pack_map(&packed, 4);
	pack_text(&packed, "later");
	pack_array(&packed, 1);
	pack_text(&packed, "anything");
	pack_uint(&packed, 1);
	pack_uint(&packed, 2);
	pack_text(&packed, "u8 ");
	pack_uint(&packed, 300);
	pack_text(&packed, "u16");
	pack_uint(&packed, 65535);
	assert_int_equal(
	    fields_unpack(fields, unpack_open(unpack, packed.base, packed.len), t, &why), 0);
	assert_int_equal(t->u8, 9);
	assert_int_equal(t->u16, 65535);
	assert_int_equal(t->u32, 7);
	assert_int_equal(t->i32, -1);
	(void)state;
}

/* A map of one key whose value is these octets of msgpack. */
static int
unpack_one(const char *name, const void *value, size_t len, struct reason *why)
{
	*why = (struct reason){ 0 };
	pack_clear(&packed);
	pack_map(&packed, 1);
	pack_text(&packed, name);
	pack_copy(&packed, value, len);
	return fields_unpack(fields, unpack_open(unpack, packed.base, packed.len), fresh(), why);
}

#define REFUSED(name, value)                                                                       \
	assert_int_equal(unpack_one(name, value, sizeof value - 1, &why), -1);                     \
	assert_non_null(strstr(why.text, "field " name ":"))
#define TAKEN(name, value) assert_int_equal(unpack_one(name, value, sizeof value - 1, &why), 0)

static void
wrong_kinds_are_refused_with_the_name_of_the_field(void **state)
{
	static const char *const kinds[] = { "\xc0", "\xc3", "\x01", "\xfe", "\xca\x3f\0\0\0",
		"\xa1x", "\xc4\x01x", "\x90", "\x80", "\xd4\x01x" };
	static const size_t lens[] = { 1, 1, 1, 1, 5, 2, 3, 1, 1, 3 };
	/* which of them each field takes, by place */
	static const struct {
		const char *name;
		const char *takes;
	} row[] = {
		{ "yes", "0100000000" },
		{ "u8", "0010000000" },
		{ "u16", "0010000000" },
		{ "u32", "0010000000" },
		{ "u64", "0010000000" },
		{ "i32", "0010000000" },
		{ "text", "0000010000" },
		{ "secret", "0000010000" },
		{ "addr", "0000000000" },
		{ "bits", "0000001000" },
		{ "families", "0000000100" },
		{ "family_u8", "0000000010" },
		{ "family_u16", "0000000010" },
	};
	struct reason why;

	assert_int_equal(sizeof row / sizeof row[0], sizeof fields / sizeof fields[0] - 1);
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
			bool takes = row[i].takes[k] == '1';

			assert_int_equal(
			    unpack_one(row[i].name, kinds[k], lens[k], &why), takes ? 0 : -1);
			assert_true(takes || strstr(why.text, row[i].name));
		}
	(void)state;
}

static void
values_out_of_range_are_refused(void **state)
{
	struct reason why;

	REFUSED("u8", "\xcd\x01\x00");
	REFUSED("u16", "\xce\x00\x01\x00\x00");
	REFUSED("u32", "\xcf\0\0\0\1\0\0\0\0");
	REFUSED("i32", "\xce\x80\0\0\0");
	REFUSED("text", "\xa8"
			"12345678");
	REFUSED("text", "\xa3"
			"a\0b");
	TAKEN("text", "\xa7"
		      "1234567");
	TAKEN("text", "\xa0");
	REFUSED("addr", "\xc4\x03"
			"123");
	REFUSED("addr", "\xc4\x05"
			"12345");
	TAKEN("addr", "\xc4\x00");
	TAKEN("addr", "\xc4\x04"
		      "1234");
	REFUSED("addr", "\xc4\x11"
			"12345678901234567");
	REFUSED("bits", "\xc4\x05"
			"12345");
	TAKEN("bits", "\xc4\x00");
	REFUSED("family_u8", "\x81\xcd\x01\x01\xcd\x01\x00");
	TAKEN("family_u8", "\x81\xcd\x01\x01\xcc\xff");
	REFUSED("family_u8", "\x81\xcd\x01\x01\xa1x");
	REFUSED("family_u16", "\x81\xcd\x01\x01\xce\0\1\0\0");
	TAKEN("i32", "\xff");
	REFUSED("i32", "\xfe"); /* of the negative ones only "not set" has a meaning */
	(void)state;
}

static void
families_that_are_none_are_skipped(void **state)
{
	struct thing *t = fresh();
	struct reason why;

	/* ipv4 unicast, AFI 0 SAFI 9, one beyond 32 bits whose lower half is ipv4 unicast, a text, ipv6 unicast */
	TAKEN("families", "\x95\xcd\x01\x01\x09\xcf\0\0\0\1\0\0\1\1\xa1x\xcd\x02\x01");
	assert_int_equal(t->families, family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST));
	TAKEN("families", "\x91\xcf\0\0\0\1\0\0\1\1");
	assert_int_equal(t->families, 0);
	TAKEN("family_u8", "\x82\xcd\x09\x09\xa1x\xcd\x02\x01\x05");
	assert_int_equal(t->family_u8[IPV6_UNICAST], 5);
	(void)state;
}

static void
families_without_a_name_are_known_by_number_from_then_on(void **state)
{
	struct thing *t = fresh();
	struct reason why;

	TAKEN("families", "\x92\xcd\x09\x09\xcd\x01\x01");
	assert_int_equal(t->families, family_bit(IPV4_UNICAST) | family_bit(family_of(9, 9)));
	TAKEN("family_u8", "\x81\xcd\x09\x09\x05");
	assert_int_equal(t->family_u8[family_of(9, 9)], 5);
	(void)state;
}

static void
a_body_that_is_no_map_is_refused(void **state)
{
	struct reason why = { 0 };

	assert_int_equal(fields_unpack(fields, NULL, fresh(), &why), -1);
	assert_true(reason_given(&why));
	why = (struct reason){ 0 };
	assert_int_equal(fields_unpack(fields, unpack_open(unpack, "\x90", 1), fresh(), &why), -1);
	assert_true(reason_given(&why));
	(void)state;
}

static void
fields_print_what_is_set_and_no_secret(void **state)
{
	struct thing *t = fresh();
	struct text text = { 0 };

	fields_print(fields, t, &text);
	assert_string_equal(text_str(&text), "");
	t->yes = true;
	t->u64 = UINT64_MAX;
	t->i32 = 0;
	strcpy(t->text, "a b");
	strcpy(t->secret, "hush");
	addr_scan(&t->addr, "192.0.2.1");
	t->bits[1] = 0x80;
	t->families = family_bit(IPV4_UNICAST) | family_bit(IPV6_FLOW);
	t->family_u16[IPV4_UNICAST] = 9;
	fields_print(fields, t, &text);
	assert_string_equal(text_str(&text),
	    "yes=1 u64=18446744073709551615 i32=0 text=\"a b\" secret=(hidden) addr=192.0.2.1 "
	    "bits=0080 families=[ipv4 unicast][ipv6 flow] family_u16=[ipv4 unicast: 9]");
	text_fini(&text);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_with_nothing_set_are_an_empty_map),
		cmocka_unit_test(fields_with_everything_set_come_back),
		cmocka_unit_test(each_value_at_its_edges_comes_back),
		cmocka_unit_test(unknown_keys_are_ignored_and_missing_ones_left),
		cmocka_unit_test(wrong_kinds_are_refused_with_the_name_of_the_field),
		cmocka_unit_test(values_out_of_range_are_refused),
		cmocka_unit_test(families_that_are_none_are_skipped),
		cmocka_unit_test(families_without_a_name_are_known_by_number_from_then_on),
		cmocka_unit_test(a_body_that_is_no_map_is_refused),
		cmocka_unit_test(fields_print_what_is_set_and_no_secret),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
