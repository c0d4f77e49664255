#include "proto/frame/frame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/tools/unpack.h"

static int
open_text(struct pack *p, struct frame *f, struct reason *why)
{
	*why = (struct reason){ 0 };
	return frame_open(unpack, p->base, p->len, f, why);
}

static void
a_finished_frame_is_stamped_and_comes_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 255, 65536, UINT32_MAX, UINT64_MAX };
	struct pack p = { 0 };
	struct reason why;
	struct frame f;

	for (unsigned type = 1; type < 128; type++) {
		frame_begin(&p, (enum frame_type)type);
		pack_text(&p, "body");
		assert_int_equal(frame_peek(reader_of(p.base, p.len)), type);
		for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
			size_t len = p.len;

			frame_stamp(&p, numbers[i], UINT64_MAX - numbers[i]);
			assert_int_equal(p.len, len);
			assert_int_equal(open_text(&p, &f, &why), 0);
			assert_int_equal(f.version, FRAME_VERSION);
			assert_int_equal(f.type, type);
			assert_true(f.sequence == numbers[i]);
			assert_true(f.acknowledged == UINT64_MAX - numbers[i]);
			assert_true(reader_equal(node_bytes(f.body), reader_of("body", 4)));
		}
	}
	pack_fini(&p);
	(void)state;
}

static void
the_head_is_what_the_page_says(void **state)
{
	static const char head[] = "\x95\x01\x0e\xcf\0\0\0\0\0\0\x01\x02\xcf\0\0\0\0\0\0\0\x07\x90";
	struct pack p = { 0 };

	frame_begin(&p, FRAME_ROUTES);
	pack_array(&p, 0);
	frame_stamp(&p, 258, 7);
	assert_int_equal(p.len, sizeof head - 1);
	assert_memory_equal(p.base, head, p.len);
	pack_fini(&p);
	(void)state;
}

/* A frame of five given values; each is msgpack. */
static void
build(struct pack *p, const char *version, size_t version_len, const char *type, size_t type_len)
{
	pack_clear(p);
	pack_array(p, 5);
	pack_copy(p, version, version_len);
	pack_copy(p, type, type_len);
	pack_uint(p, 1);
	pack_uint(p, 0);
	pack_map(p, 0);
}

static void
numbers_in_any_width_and_elements_behind_the_body_are_accepted(void **state)
{
	struct pack p = { 0 };
	struct reason why;
	struct frame f;

	pack_array(&p, 6);
	pack_uint(&p, 2);
	pack_uint(&p, 126);
	pack_uint(&p, 3);
	pack_uint(&p, 4);
	pack_map(&p, 0);
	pack_text(&p, "of a later version");
	assert_int_equal(open_text(&p, &f, &why), 0);
	assert_int_equal(f.version, 2);
	assert_int_equal(f.type, 126);
	assert_int_equal(f.sequence, 3);
	assert_int_equal(f.acknowledged, 4);
	assert_int_equal(node_kind(f.body), NODE_MAP);
	pack_fini(&p);
	(void)state;
}

static void
what_is_no_frame_is_refused_with_a_reason(void **state)
{
	struct pack p = { 0 };
	struct reason why;
	struct frame f;

#define REFUSED(version, type)                                                                     \
	build(&p, version, sizeof version - 1, type, sizeof type - 1);                             \
	assert_int_equal(open_text(&p, &f, &why), -1);                                             \
	assert_true(reason_given(&why))
	REFUSED("\x00", "\x01");
	REFUSED("\x01", "\x00");
	REFUSED("\x01", "\xcc\x80");
	REFUSED("\x01", "\xff");
	REFUSED("\xa1x", "\x01");
	REFUSED("\x01", "\xc0");
	/* numbers that would be good ones if their upper half were lost */
	REFUSED("\xcf\0\0\0\1\0\0\0\1", "\x01");
	REFUSED("\x01", "\xcf\0\0\0\1\0\0\0\1");

	pack_clear(&p);
	pack_array(&p, 4);
	for (uint8_t i = 1; i < 5; i++)
		pack_uint(&p, i);
	assert_int_equal(open_text(&p, &f, &why), -1);
	assert_true(reason_given(&why));
	pack_clear(&p);
	assert_int_equal(open_text(&p, &f, &why), -1);
	pack_map(&p, 0);
	assert_int_equal(open_text(&p, &f, &why), -1);
	frame_begin(&p, FRAME_PING);
	assert_int_equal(open_text(&p, &f, &why), -1); /* no body */
	pack_map(&p, 0);
	pack_map(&p, 0);
	assert_int_equal(open_text(&p, &f, &why), -1); /* something behind it */
	pack_fini(&p);
	(void)state;
}

static void
sequence_numbers_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "\x95\1\1\xa0\0\x80", "\x95\1\1\0\xa0\x80",
		"\x95\1\1\xff\0\x80", "\x95\1\1\xc0\0\x80" };
	static const size_t lens[] = { 6, 6, 6, 6 };
	struct reason why;
	struct frame f;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		why = (struct reason){ 0 };
		assert_int_equal(frame_open(unpack, bad[i], lens[i], &f, &why), -1);
		assert_true(reason_given(&why));
	}
	(void)state;
}

static void
a_frame_is_bounded(void **state)
{
	static const size_t head = 21 + 5;
	struct pack p = { 0 };
	uint8_t octet = 0;
	struct reason why;
	struct frame f;
	size_t mark;

	frame_begin(&p, FRAME_ROUTES);
	mark = pack_bin_begin(&p);
	while (p.len < FRAME_OCTETS_MAX)
		pack_raw(&p, &octet, 1);
	pack_bin_end(&p, mark);
	frame_stamp(&p, 1, 1);
	assert_int_equal(open_text(&p, &f, &why), 0);
	assert_int_equal(node_bytes(f.body).left, FRAME_OCTETS_MAX - head);
	pack_raw(&p, &octet, 1);
	pack_bin_end(&p, mark);
	assert_int_equal(open_text(&p, &f, &why), -1);
	assert_true(reason_given(&why));
	pack_fini(&p);
	(void)state;
}

static void
every_cut_of_a_frame_is_refused(void **state)
{
	struct pack p = { 0 };
	struct reason why;
	struct frame f;

	frame_begin(&p, FRAME_HELLO);
	pack_map(&p, 1);
	pack_text(&p, "name");
	pack_text(&p, "edge");
	frame_stamp(&p, UINT64_MAX, UINT64_MAX);
	assert_int_equal(open_text(&p, &f, &why), 0);
	for (size_t len = 0; len < p.len; len++) {
		why = (struct reason){ 0 };
		assert_int_equal(frame_open(unpack, p.base, len, &f, &why), -1);
	}
	pack_fini(&p);
	(void)state;
}

static void
peeking_gives_the_type_of_a_fixed_head_alone(void **state)
{
	assert_int_equal(frame_peek(reader_of("\x95\x01\x0e", 3)), FRAME_ROUTES);
	assert_int_equal(frame_peek(reader_of("\x95\x01", 2)), 0);
	assert_int_equal(frame_peek(reader_of("", 0)), 0);
	assert_int_equal(frame_peek(reader_of("\x94\x01\x0e", 3)), 0);
	assert_int_equal(frame_peek(reader_of("\x95\x00\x0e", 3)), 0);
	assert_int_equal(frame_peek(reader_of("\x95\x01\x80", 3)), 0);
	(void)state;
}

static void
every_type_has_a_name_of_its_own(void **state)
{
	for (int a = 1; a < FRAME_TYPES; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(frame_type_name((enum frame_type)a),
			    frame_type_name((enum frame_type)b));
	assert_string_equal(frame_type_name(FRAME_SENT), "sent");
	assert_string_equal(frame_type_name(FRAME_TYPES), "unknown");
	assert_string_equal(frame_type_name((enum frame_type)127), "unknown");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finished_frame_is_stamped_and_comes_back),
		cmocka_unit_test(the_head_is_what_the_page_says),
		cmocka_unit_test(numbers_in_any_width_and_elements_behind_the_body_are_accepted),
		cmocka_unit_test(what_is_no_frame_is_refused_with_a_reason),
		cmocka_unit_test(sequence_numbers_that_are_none_are_refused),
		cmocka_unit_test(a_frame_is_bounded),
		cmocka_unit_test(every_cut_of_a_frame_is_refused),
		cmocka_unit_test(peeking_gives_the_type_of_a_fixed_head_alone),
		cmocka_unit_test(every_type_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
