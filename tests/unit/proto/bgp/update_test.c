/* Plays tests/cases/update.case, what is received. Keys of a record:
 *      session   words: see session_of (sessions.h)
 *      wire      the body; or withdrawn, attrs, nlri: its fields, their lengths are added
 *      fault     discard, withdraw, reset CODE SUBCODE; none when there is none
 *      withdraw, announce        a part each, in order: family, next hops, prefixes with their path ids
 *      attributes                the canonical block
 *      end-of-rib, ignored, complaint
 * Then mutated bodies may do no harm. */
#include "proto/bgp/update.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/addr.h"
#include "common/words.h"
#include "tests/tools/cases.h"
#include "tests/unit/proto/bgp/sessions.h"

static uint8_t wire[65536];
static size_t wire_len;

/* ---- cases ---- */

static void
put_field(const struct test_case *c, const char *key, struct writer *w, bool length)
{
	static uint8_t field[65536];
	const char *text = case_get(c, key);
	size_t len = text ? case_hex(text, field, sizeof field) : 0;

	if (length)
		writer_u16(w, len);
	writer_bytes(w, field, len);
}

static void
build_body(const struct test_case *c)
{
	struct writer w = writer_of(wire, sizeof wire);

	if (case_get(c, "wire")) {
		put_field(c, "wire", &w, false);
	} else {
		put_field(c, "withdrawn", &w, true);
		put_field(c, "attrs", &w, true);
		put_field(c, "nlri", &w, false);
	}
	assert_true(writer_ok(&w));
	wire_len = w.len;
}

static void
print_part(const struct update_part *part, struct text *t)
{
	struct reader hop = part->next_hop, bin = part->nlri;
	char out[ADDR_TEXT];
	struct nlri n;

	text_add(t, family_name(part->family));
	text_add(t, hop.left > 0 ? " via" : "");
	while (hop.left > 0) {
		struct reader one = reader_sub(&hop, hop.left == 4 ? 4 : 16);
		struct addr addr = addr_of(one.at, one.left);

		text_printf(t, " %s", addr_print(&addr, out));
	}
	text_char(t, ':');
	while (nlri_next(part->family, part->path_ids, &bin, &n)) {
		text_char(t, ' ');
		nlri_ops(part->family)->print(n.octets, t);
		if (part->path_ids) {
			text_char(t, '#');
			path_id_print(n.path_id, t);
		}
	}
	assert_true(reader_done(&bin));
}

static void
print_update(const struct update *u, struct text *t)
{
	static const char *const names[] = { "none", "discard", "withdraw", "reset" };

	text_printf(t, "fault %s", names[u->worst]);
	if (u->worst == PENALTY_RESET) {
		text_printf(t, " %u %u\n", u->fault.code, u->fault.subcode);
		assert_true(u->fault.text[0] != '\0');
		assert_int_equal(u->announces + u->withdraws, u->withdraws);
		return;
	}
	text_char(t, '\n');
	for (unsigned i = 0; i < u->withdraws; i++) {
		text_add(t, "withdraw ");
		print_part(&u->withdraw[i], t);
		text_char(t, '\n');
	}
	for (unsigned i = 0; i < u->announces; i++) {
		text_add(t, "announce ");
		print_part(&u->announce[i], t);
		text_char(t, '\n');
	}
	if (u->end_of_rib)
		text_printf(t, "end-of-rib %s\n", family_name(u->end_of_rib_family));
	text_printf(t, "ignored %u\n", u->ignored);
}

/* What print_update should say. */
static void
print_expected(const struct test_case *c, struct text *t)
{
	static const char *const keys[] = { "withdraw", "announce", "end-of-rib" };
	const char *fault = case_get(c, "fault"), *ignored = case_get(c, "ignored");

	text_printf(t, "fault %s\n", fault ? fault : "none");
	if (fault && strncmp(fault, "reset", 5) == 0)
		return;
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < c->count; i++)
			if (strcmp(c->at[i].key, keys[k]) == 0)
				text_printf(t, "%s %s\n", keys[k], c->at[i].value);
	text_printf(t, "ignored %s\n", ignored ? ignored : "0");
}

static void
check_attributes(const struct test_case *c, const struct update *u)
{
	static uint8_t want[65536];
	const char *text = case_get(c, "attributes");
	struct text got = { 0 };
	struct reader said;

	if (u->worst >= PENALTY_WITHDRAW)
		assert_int_equal(u->attributes.left, 0);
	if (!text)
		return;
	said = u->announces > 0 ? update_said(u, &u->announce[0]) : u->attributes;
	text_hex(&got, said.at, said.left);
	if (!reader_equal(said, reader_of(want, case_hex(text, want, sizeof want))))
		fail_msg("%s:%u (%s): attributes %s", c->name, c->line, c->title, text_str(&got));
	text_fini(&got);
}

static void
check_complaint(const struct test_case *c, const struct update *u)
{
	const char *text = case_get(c, "complaint");
	char got[128] = "";

	assert_true(u->worst == PENALTY_NONE || u->complaints > 0);
	if (!text)
		return;
	for (unsigned i = 0; i < u->complaints && strcmp(got, text) != 0; i++)
		snprintf(got, sizeof got, "%u %s", u->complaint[i].code, u->complaint[i].what);
	if (strcmp(got, text) != 0)
		fail_msg("%s:%u (%s): complaint %s", c->name, c->line, c->title, got);
}

static void
every_received_case(void **state)
{
	struct cases cases;
	struct test_case c;
	unsigned count = 0;

	cases_open(&cases, "update");
	for (; cases_next(&cases, &c); case_fini(&c), count++) {
		struct session_params p = session_of(case_get(&c, "session"));
		struct text got = { 0 }, want = { 0 };
		struct update u;

		build_body(&c);
		u = parse(reader_of(wire, wire_len), &p);
		print_update(&u, &got);
		print_expected(&c, &want);
		if (strcmp(text_str(&got), text_str(&want)) != 0)
			fail_msg("%s:%u (%s):\n%swanted\n%s", c.name, c.line, c.title,
			    text_str(&got), text_str(&want));
		check_attributes(&c, &u);
		check_complaint(&c, &u);
		text_fini(&got);
		text_fini(&want);
	}
	assert_true(count > 100);
	(void)state;
}

/* ---- bodies that nobody would send ---- */

static void
check_bounds(const struct update *u)
{
	assert_true(u->announces <= UPDATE_PARTS && u->withdraws <= UPDATE_PARTS);
	assert_true(u->complaints <= COMPLAINTS);
	assert_true(u->worst != PENALTY_WITHDRAW || u->announces == 0);
	assert_true((u->worst == PENALTY_RESET) == (u->fault.code != 0));
	for (unsigned i = 0; i < u->announces && u->worst != PENALTY_RESET; i++) {
		struct reader block = u->attributes, bin = u->announce[i].nlri;
		struct attr a;
		int code = 0;
		struct nlri n;

		/* a flow needs none */
		assert_true(u->announce[i].next_hop.left > 0 ||
			    nlri_ops(u->announce[i].family)->next_hop_length(0));
		while (attrs_next(&block, &a)) {
			assert_true(a.code > code);
			code = a.code;
		}
		assert_true(reader_done(&block));
		while (nlri_next(u->announce[i].family, u->announce[i].path_ids, &bin, &n))
			;
		assert_true(reader_done(&bin));
	}
}

static void
mutate(uint8_t *body, size_t *len)
{
	for (unsigned n = 1 + rnd(2); n > 0; n--) {
		size_t at = *len ? rnd((uint32_t)*len) : 0;

		switch (rnd(10)) {
		default:
			body[at] ^= (uint8_t)(1u << rnd(8));
			break;
		case 1:
			body[at] = (uint8_t)rnd(256);
			break;
		case 2: /* a length that is off by a little */
			body[at] = (uint8_t)(body[at] + rnd(5) - 2);
			break;
		case 3:
			*len = at;
			break;
		case 4:
			if (*len + 8 > 4096)
				break;
			memmove(body + at + 4, body + at, *len - at);
			*len += 4;
		}
	}
}

enum { BODIES = 200, BODY = 512 };

static void
mutated_bodies_do_no_harm(void **state)
{
	static uint8_t bodies[BODIES][BODY];
	static size_t lengths[BODIES];
	static const char *const sessions[] = { "", "ebgp asn2", "add-path nexthop6",
		"asn2 add-path" };
	unsigned worst[4] = { 0 };
	struct cases cases;
	struct test_case c;
	size_t count = 0;

	cases_open(&cases, "update");
	for (; cases_next(&cases, &c); case_fini(&c)) {
		build_body(&c);
		if (count == BODIES || wire_len > BODY)
			continue;
		memcpy(bodies[count], wire, wire_len);
		lengths[count++] = wire_len;
	}
	seed = 2;
	for (unsigned i = 0; i < 200000; i++) {
		struct session_params p = session_of(sessions[rnd(4)]);
		uint8_t body[4096] = { 0 };
		size_t which = rnd((uint32_t)count), len = lengths[which];
		uint8_t *exact;
		struct reader ahead;
		struct update u;

		memcpy(body, bodies[which], len);
		mutate(body, &len);
		exact = malloc(len ? len : 1); /* so that a read past the end is seen */
		memcpy(exact, body, len);
		u = parse(reader_of(exact, len), &p);
		check_bounds(&u);
		ahead = update_ahead(reader_of(exact, len));
		assert_true(
		    ahead.left == 0 || (ahead.at > exact && ahead.at + ahead.left == exact + len));
		worst[u.worst]++;
		free(exact);
	}
	for (size_t i = 0; i < 4; i++)
		assert_true(worst[i] > 1000);
	(void)state;
}

static void
what_is_asked_for_ahead_is_the_field_of_nlri(void **state)
{
	static const uint8_t body[] = { 0, 2, 8, 9, 0, 4, 0x40, 1, 1, 0, 8, 10, 16, 172, 16 };
	static const uint8_t want[] = { 8, 10, 16, 172, 16 };
	struct reader nlri = update_ahead(reader_of(body, sizeof body));

	assert_int_equal(nlri.left, sizeof want);
	assert_memory_equal(nlri.at, want, sizeof want);
	for (size_t len = 0; len < sizeof body - sizeof want; len++)
		assert_int_equal(update_ahead(reader_of(body, len)).left, 0);
	(void)state;
}

/* A body whose attributes have 46 KB with two-octet ASes, and 78 KB with those of four. */
static struct reader
a_long_body(uint8_t *memory, size_t size, bool announces)
{
	enum { SEGMENTS = 63, EACH = 255, COMMUNITIES = 3500 };
	struct writer w = writer_of(memory, size);
	size_t list;

	if (announces) {
		writer_u16(&w, 0);
	} else {
		writer_u16(&w, 4);
		writer_bytes(&w, "\x18\x0a\x09\x01", 4);
	}
	list = w.len;
	writer_u16(&w, 0);
	writer_bytes(&w, "\x40\x01\x01\x00\x40\x03\x04\x0a\x00\x00\x01\x50\x02", 13);
	writer_u16(&w, SEGMENTS * (2 + 2 * EACH));
	for (unsigned s = 0; s < SEGMENTS; s++) {
		writer_u8(&w, 2);
		writer_u8(&w, EACH);
		for (unsigned i = 0; i < EACH; i++)
			writer_u16(&w, 65001);
	}
	writer_u8(&w, 0xd0);
	writer_u8(&w, 8);
	writer_u16(&w, 4 * COMMUNITIES);
	for (unsigned i = 0; i < COMMUNITIES; i++)
		writer_u32(&w, i);
	memory[list] = (uint8_t)((w.len - list - 2) >> 8);
	memory[list + 1] = (uint8_t)(w.len - list - 2);
	if (announces)
		writer_bytes(&w, "\x18\x0a\x09\x00", 4);
	assert_true(writer_ok(&w));
	return writer_read(&w);
}

static void
attributes_that_become_too_long_are_no_routes_and_no_withdraws(void **state)
{
	static uint8_t memory[65535];
	struct session_params p = session_of("ebgp asn2");
	struct writer scratch = writer_of(scratch_memory, sizeof scratch_memory);
	struct update u;

	update_parse(&u, a_long_body(memory, sizeof memory, true), &p, &scratch);
	assert_int_equal(u.worst, PENALTY_WITHDRAW);
	assert_int_equal(u.announces, 0);
	assert_int_equal(u.withdraws, 1);
	assert_int_equal(u.attributes.left, 0);
	update_parse(&u, a_long_body(memory, sizeof memory, false), &p, &scratch);
	assert_int_equal(u.worst, PENALTY_NONE);
	assert_int_equal(u.withdraws, 1);
	assert_int_equal(u.attributes.left, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_that_become_too_long_are_no_routes_and_no_withdraws),
		cmocka_unit_test(every_received_case),
		cmocka_unit_test(what_is_asked_for_ahead_is_the_field_of_nlri),
		cmocka_unit_test(mutated_bodies_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
