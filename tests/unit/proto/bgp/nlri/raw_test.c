#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/words.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"

static enum family raw;

static int
to_numbers(void **state)
{
	raw = family_by_numbers(1, 81);
	assert_int_equal(raw, FAMILIES_NAMED);
	(void)state;
	return 0;
}

static struct session_params
session(void)
{
	return (struct session_params){ .local_as = 65533,
		.peer_as = 65533,
		.asn4 = true,
		.group = GROUP_ALL,
		.families = family_bit(raw) };
}

static void
all_of_a_field_is_one(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader field = reader_of("\x18\x0a\x00\x00\x20\x0a\x00\x00\x01", 9), bin;
	struct nlri n;
	unsigned ignored = 0;

	assert_int_equal(nlri_parse(raw, false, &field, &w, &ignored), NLRI_TAKEN);
	bin = writer_read(&w);
	assert_int_equal(nlri_count(raw, false, bin), 1);
	assert_true(nlri_next(raw, false, &bin, &n));
	assert_int_equal(n.octets.left, 2 + 9);
	assert_true(reader_done(&bin));
	bin = reader_of(memory, 10); /* shorter than it says */
	assert_false(nlri_next(raw, false, &bin, &n));
	bin = reader_of(memory, 1);
	assert_false(nlri_next(raw, false, &bin, &n));
	(void)state;
}

static void
more_than_an_nlri_may_have_is_left_out(void **state)
{
	static uint8_t field[NLRI_MAX], memory[2 * NLRI_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	unsigned ignored = 0;
	struct reader r = reader_of(field, NLRI_MAX - 2);

	assert_int_equal(nlri_parse(raw, false, &r, &w, &ignored), NLRI_TAKEN);
	assert_int_equal(ignored, 0);
	r = reader_of(field, NLRI_MAX - 1);
	w.len = 0;
	assert_int_equal(nlri_parse(raw, false, &r, &w, &ignored), NLRI_TAKEN);
	assert_int_equal(ignored, 1);
	assert_int_equal(w.len, 0);
	(void)state;
}

static void
what_was_said_is_said_again(void **state)
{
	static const char body[] = "\0\0\0\x22\x40\1\1\0\x40\2\0\x40\5\4\0\0\0\x64"
				   "\x80\x0e\x11\0\1\x51\4\1\2\3\4\0\x18\x0a\0\0\x20\x0a\0\1";
	static uint8_t memory[UPDATE_SCRATCH];
	struct writer scratch = writer_of(memory, sizeof memory);
	struct session_params p = session();
	struct octets out = { 0 };
	struct route_value value;
	struct update u;
	struct nlri n;

	update_parse(&u, reader_of(body, sizeof body - 1), &p, &scratch);
	assert_int_equal(u.worst, PENALTY_NONE);
	assert_int_equal(u.announces, 1);
	assert_int_equal(u.announce[0].family, raw);
	value =
	    (struct route_value){ .next_hop = u.announce[0].next_hop, .attributes = u.attributes };
	assert_true(nlri_next(raw, false, &u.announce[0].nlri, &n));
	assert_int_equal(update_announce(&out, &p, raw, &value, &n, 1), 0);
	assert_int_equal(out.len, MESSAGE_HEADER + sizeof body - 1);
	assert_memory_equal(out.base + MESSAGE_HEADER, body, sizeof body - 1);
	out.len = 0;
	update_withdraw(&out, &p, raw, NULL, &n, 1);
	assert_memory_equal(out.base + MESSAGE_HEADER,
	    "\0\0\0\x0e\x80\x0f\x0b\0\1\x51\x18\x0a\0\0\x20\x0a\0\1", 18);
	octets_fini(&out);
	(void)state;
}

/* Two of them in one message would be another one. */
static void
each_has_a_message_of_its_own(void **state)
{
	struct session_params p = session();
	struct route_value value = { .next_hop = reader_of("\1\2\3\4", 4) };
	struct nlri n[2] = { { .octets = reader_of("\0\1a", 3) },
		{ .octets = reader_of("\0\2bc", 4) } };
	struct octets out = { 0 };

	assert_int_equal(update_announce(&out, &p, raw, &value, n, 2), 0);
	assert_int_equal(out.len, 2 * (MESSAGE_HEADER + 4 + 3 + 9) + 1 + 2);
	out.len = 0;
	update_withdraw(&out, &p, raw, NULL, n, 2);
	assert_int_equal(out.len, 2 * (MESSAGE_HEADER + 4 + 3 + 3) + 1 + 2);
	octets_fini(&out);
	(void)state;
}

static void
a_next_hop_of_another_length_is_left_out(void **state)
{
	static const char body[] = "\0\0\0\x1a\x40\1\1\0\x40\2\0\x40\5\4\0\0\0\x64"
				   "\x80\x0e\x09\0\1\x51\3\1\2\3\0\x00";
	static uint8_t memory[UPDATE_SCRATCH];
	struct writer scratch = writer_of(memory, sizeof memory);
	struct session_params p = session();
	struct update u;

	update_parse(&u, reader_of(body, sizeof body - 1), &p, &scratch);
	assert_int_equal(u.worst, PENALTY_NONE);
	assert_int_equal(u.announces, 0);
	assert_int_equal(u.ignored, 1);
	(void)state;
}

static void
text_is_octets(void **state)
{
	static const char typed[] = "raw 1 81 0x180a0000 next-hop 1.2.3.4";
	struct words_line line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct text t = { 0 };
	struct words words;
	struct reader bin;
	struct nlri n;

	assert_int_equal(words_cut(&line, typed, sizeof typed - 1, 1, WORDS_API, &why), 0);
	words = words_of(&line);
	assert_int_equal(route_scan(&words, &d, &why), 0);
	assert_int_equal(d.family, raw);
	bin = octets_read(&d.nlri);
	assert_true(nlri_next(raw, false, &bin, &n));
	nlri_raw.print(n.octets, &t);
	assert_string_equal(text_str(&t), "0x180a0000");
	text_fini(&t);
	route_draft_fini(&d);
	words_line_fini(&line);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_field_is_one),
		cmocka_unit_test(more_than_an_nlri_may_have_is_left_out),
		cmocka_unit_test(what_was_said_is_said_again),
		cmocka_unit_test(each_has_a_message_of_its_own),
		cmocka_unit_test(a_next_hop_of_another_length_is_left_out),
		cmocka_unit_test(text_is_octets),
	};

	return cmocka_run_group_tests(tests, to_numbers, NULL);
}
