/* Plays tests/cases/route*.case. Keys of a record:
 *      session   words: ebgp, asn2, add-path, group-none, group-all; else a four-octet iBGP session
 *      text      the words of a route
 *      body      the UPDATEs that announce it, with the defaults that a controller adds
 *      withdrawn the UPDATEs that withdraw it
 *      alone     the UPDATE of the attributes without a route
 *      printed   the first route as printed; it scans to the same
 *      wrong     COLUMN REASON of what is refused; unfit: REASON of what cannot be announced
 *      family, name, watchdog, flags, left       what else is in the draft, and what words are left */
#include "proto/bgp/route.h"
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/words.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"
#include "tests/tools/cases.h"

static struct session_params
session_of(const char *words)
{
	struct session_params p = {
		.local_as = 65533, .peer_as = 65533, .asn4 = true, .aigp = true
	};

	words = words ? words : "";
	if (strstr(words, "ebgp"))
		p.peer_as = 65534;
	if (strstr(words, "asn2"))
		p.asn4 = false;
	if (strstr(words, "add-path"))
		p.add_path_send = UINT32_MAX;
	if (strstr(words, "group-none"))
		p.group = GROUP_NONE;
	if (strstr(words, "group-all"))
		p.group = GROUP_ALL;
	return p;
}

static struct words_line line;

static int
scan(const char *text, struct route_draft *d, struct reason *why, struct words *words)
{
	*d = (struct route_draft){ 0 };
	words_line_clear(&line);
	assert_int_equal(words_cut(&line, text, strlen(text), 1, WORDS_API, why), 0);
	*words = words_of(&line);
	return route_scan(words, d, why);
}

/* What a controller adds to a draft: the defaults of ORIGIN, AS_PATH, LOCAL_PREF. */
static struct route_value
value_of(const struct route_draft *d, const struct session_params *p)
{
	static const uint8_t inside[] = { 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100 };
	static const uint8_t outside[] = { 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xff, 0xfd };
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct reader defaults =
	    params_ibgp(p) ? reader_of(inside, sizeof inside) : reader_of(outside, sizeof outside);
	struct writer w = writer_of(memory, sizeof memory);

	attrs_overlay(&w, defaults, octets_read(&d->attributes));
	return (struct route_value){ .next_hop = reader_of(d->next_hop, d->next_hop_len),
		.raw = octets_read(&d->raw),
		.attributes = writer_read(&w) };
}

static void
fail_case(const struct test_case *c, const char *what, const char *got)
{
	fail_msg("%s:%u (%s): %s: %s", c->name, c->line, c->title, what, got);
}

static void
same_text(const struct test_case *c, const char *key, const char *got)
{
	const char *want = case_get(c, key);

	if (want && strcmp(want, got) != 0)
		fail_case(c, key, got);
}

/* The bodies of a stream, as hexadecimal, against the lines of that key. */
static void
same_bodies(const struct test_case *c, const char *key, const struct octets *out)
{
	static uint8_t want[65536];
	struct reader stream = octets_read(out);
	size_t line_number = 0;

	for (; line_number < c->count; line_number++) {
		struct reader head, body;
		struct text got = { 0 };
		size_t len;

		if (strcmp(c->at[line_number].key, key) != 0)
			continue;
		head = reader_sub(&stream, MESSAGE_HEADER);
		reader_sub(&head, 16);
		body = reader_sub(&stream, (size_t)reader_u16(&head) - MESSAGE_HEADER);
		text_hex(&got, body.at, body.left);
		len = case_hex(c->at[line_number].value, want, sizeof want);
		if (!reader_equal(body, reader_of(want, len)))
			fail_case(c, key, text_str(&got));
		text_fini(&got);
	}
	if (!reader_done(&stream))
		fail_case(c, key, "more messages than expected");
}

enum { ROUTES = 64 };

static size_t
routes_of(const struct route_draft *d, struct nlri *nlri, uint8_t memory[ROUTES][ROUTE_PIECE_MAX])
{
	uint64_t state = 0;
	size_t count = 0;

	while (route_draft_next(d, &state, memory[count], &nlri[count])) {
		count++;
		assert_true(count < ROUTES);
	}
	return count;
}

static void
check_printed(const struct test_case *c, const struct route_draft *d, const struct nlri *first)
{
	struct route_value v = { .next_hop = reader_of(d->next_hop, d->next_hop_len),
		.raw = octets_read(&d->raw),
		.attributes = octets_read(&d->attributes) };
	struct text text = { 0 };
	struct route_draft again;
	struct reason why = { 0 };
	struct words words;

	size_t head;

	if (nlri_ops(d->family)->prefix && d->family != IPV6_MULTICAST)
		text_add(&text, "route ");
	else
		text_printf(&text, "%s ", family_name(d->family));
	head = text.len;
	route_print(d->family, d->has_path_id, first, &v, &text);
	same_text(c, "printed", text_str(&text) + head);
	if (scan(text_str(&text), &again, &why, &words) < 0)
		fail_case(c, "what was printed is refused", why.text);
	if (again.family != d->family && first->octets.at[1] >> 4 != 0xe)
		fail_case(c, "family", family_name(again.family));
	if (!reader_equal(octets_read(&again.nlri), first->octets) ||
	    !reader_equal(octets_read(&again.attributes), octets_read(&d->attributes)) ||
	    !reader_equal(octets_read(&again.raw), octets_read(&d->raw)) ||
	    again.path_id != d->path_id || again.next_hop_len != d->next_hop_len ||
	    memcmp(again.next_hop, d->next_hop, sizeof d->next_hop) != 0)
		fail_case(c, "what was printed is another route", text_str(&text));
	route_draft_fini(&again);
	text_fini(&text);
}

static void
check_wire(const struct test_case *c, const struct route_draft *d)
{
	static uint8_t memory[ROUTES][ROUTE_PIECE_MAX];
	struct session_params p = session_of(case_get(c, "session"));
	struct route_value value = value_of(d, &p);
	struct nlri nlri[ROUTES];
	size_t count = routes_of(d, nlri, memory);
	struct octets out = { 0 };

	if (case_get(c, "body")) {
		assert_int_equal(update_announce(&out, &p, d->family, &value, nlri, count), 0);
		same_bodies(c, "body", &out);
	}
	octets_clear(&out);
	if (case_get(c, "withdrawn")) {
		update_withdraw(&out, &p, d->family, family_table[d->family].sparse ? NULL : &value,
		    nlri, count);
		same_bodies(c, "withdrawn", &out);
	}
	octets_clear(&out);
	if (case_get(c, "alone")) {
		assert_false(d->has_family);
		assert_int_equal(count, 0);
		assert_int_equal(update_attributes(&out, &p, &value), 0);
		same_bodies(c, "alone", &out);
	}
	octets_fini(&out);
	if (count > 0)
		check_printed(c, d, &nlri[0]);
}

static void
check_refused(
    const struct test_case *c, int scanned, const struct route_draft *d, struct reason *why)
{
	char got[320];

	if (case_get(c, "wrong")) {
		assert_int_equal(scanned, -1);
		assert_int_equal(why->line, 1);
		snprintf(got, sizeof got, "%u %s", why->column, why->text);
		same_text(c, "wrong", got);
		return;
	}
	if (scanned < 0)
		fail_case(c, "refused", why->text);
	if (route_check(d, why) == 0 && case_get(c, "unfit"))
		fail_case(c, "unfit", "accepted");
	same_text(c, "unfit", why->text);
	if (case_get(c, "body") && reason_given(why))
		fail_case(c, "unfit", why->text);
}

static unsigned
play(const char *file)
{
	struct cases cases;
	struct test_case c;
	unsigned count = 0;

	cases_open(&cases, file);
	for (; cases_next(&cases, &c); case_fini(&c), count++) {
		struct route_draft d;
		struct reason why = { 0 };
		struct words words;
		int scanned = scan(case_get(&c, "text"), &d, &why, &words);
		const char *flags = case_get(&c, "flags");

		check_refused(&c, scanned, &d, &why);
		if (scanned == 0) {
			same_text(&c, "left", words_peek(&words));
			assert_int_equal(words_left(&words), !!case_get(&c, "left"));
			same_text(&c, "family", family_name(d.family));
			same_text(&c, "name", d.name);
			same_text(&c, "watchdog", d.watchdog);
			flags = flags ? flags : "";
			assert_int_equal(d.next_hop_self, !!strstr(flags, "self"));
			assert_int_equal(d.withdrawn, !!strstr(flags, "withdrawn"));
			if (!case_get(&c, "unfit"))
				check_wire(&c, &d);
		}
		route_draft_fini(&d);
	}
	words_line_fini(&line);
	return count;
}

static void
every_route_case(void **state)
{
	unsigned count = 0;
	glob_t files;

	assert_int_equal(glob(CASES "/route*.case", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s", strrchr(files.gl_pathv[i], '/') + 1);
		*strrchr(name, '.') = '\0';
		count += play(name);
	}
	globfree(&files);
	assert_true(count > 60);
	(void)state;
}

static void
a_block_is_scanned_in_pieces(void **state)
{
	static const char *const lines[] = { "med 5", "next-hop 1.2.3.4", "origin igp", "med 6" };
	struct route_draft d = { 0 }, whole;
	struct reason why = { 0 };
	struct words words;

	words_cut(&line, "10.0.0.0/24", 11, 1, WORDS_FILE, &why);
	words = words_of(&line);
	assert_int_equal(route_scan_prefix(&words, &d, &why), 0);
	for (size_t i = 0; i < 4; i++) {
		words_line_clear(&line);
		words_cut(&line, lines[i], strlen(lines[i]), 1, WORDS_FILE, &why);
		words = words_of(&line);
		assert_int_equal(route_scan_keyword(&words, &d, &why), 0);
		assert_false(words_left(&words));
	}
	assert_int_equal(route_draft_finish(&d, &why), 0);
	assert_int_equal(route_check(&d, &why), 0);
	assert_int_equal(
	    scan("route 10.0.0.0/24 origin igp med 5 next-hop 1.2.3.4", &whole, &why, &words), 0);
	assert_true(reader_equal(octets_read(&d.attributes), octets_read(&whole.attributes)));
	assert_true(reader_equal(octets_read(&d.nlri), octets_read(&whole.nlri)));
	route_draft_fini(&d);
	route_draft_fini(&whole);
	words_line_fini(&line);
	(void)state;
}

static void
values_are_one_run_of_octets(void **state)
{
	uint8_t memory[64];
	struct writer w = writer_of(memory, sizeof memory);
	struct route_value v = { .next_hop = reader_of("\1\2\3\4", 4),
		.raw = reader_of("\300\372\1\1", 4),
		.attributes = reader_of("\100\1\1\0", 4) };
	struct route_value back;
	struct reader whole;

	route_value_write(&v, &w);
	assert_true(writer_ok(&w));
	whole = writer_read(&w);
	back = route_value_of(whole);
	assert_true(reader_equal(back.next_hop, v.next_hop));
	assert_true(reader_equal(back.raw, v.raw));
	assert_true(reader_equal(back.attributes, v.attributes));
	/* shorter than it says: nothing of it */
	for (size_t len = 0; len < 11; len++) {
		back = route_value_of(reader_of(memory, len));
		assert_int_equal(back.next_hop.left + back.raw.left + back.attributes.left, 0);
	}
	(void)state;
}

static void
a_million_pieces_come_one_at_a_time(void **state)
{
	struct route_draft d;
	struct reason why = { 0 };
	struct words words;
	uint64_t at = 0;
	uint8_t memory[ROUTE_PIECE_MAX];
	struct nlri n;
	uint32_t count = 0;

	assert_int_equal(scan("attributes next-hop ::1 split /60 nlri 2001:db8::/40 2001:db9::/61",
			     &d, &why, &words),
	    0);
	assert_int_equal(route_check(&d, &why), 0);
	for (; route_draft_next(&d, &at, memory, &n); count++) {
		assert_int_equal(n.octets.left, 9);
		if (count == (1u << 20)) /* longer than the pieces: whole */
			assert_memory_equal(n.octets.at, "\75\40\1\15\271\0\0\0", 8);
		else if (count == 0xabcde)
			assert_memory_equal(n.octets.at, "\74\40\1\15\270\0\253\315\340", 9);
	}
	assert_int_equal(count, (1u << 20) + 1);
	route_draft_fini(&d);
	words_line_fini(&line);
	(void)state;
}

static uint64_t seed;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

/* Words of the cases in any order, and pieces of them. */
static void
shuffled_words_do_no_harm(void **state)
{
	static char words_seen[800][80];
	size_t count = 0, accepted = 0;
	struct cases cases;
	struct test_case c;

	cases_open(&cases, "route");
	for (; cases_next(&cases, &c); case_fini(&c)) {
		const char *text = case_get(&c, "text");

		for (; *text && count < 800; text += strspn(text, " ")) {
			size_t len = strcspn(text, " ");

			snprintf(words_seen[count++], 80, "%.*s", (int)len, text);
			text += len;
		}
	}
	seed = 3;
	for (unsigned i = 0; i < 100000; i++) {
		char text[1200] = "";
		struct route_draft d;
		struct reason why = { 0 };
		struct words words;

		snprintf(text, sizeof text, "%s",
		    rnd(2) ? "route 10.0.0.0/24" : "attributes next-hop 1.2.3.4 nlri 10.0.0.0/24");
		for (unsigned n = rnd(12); n > 0; n--) {
			size_t at = rnd((uint32_t)count), run = 1 + rnd(3), len = strlen(text);

			for (; run > 0 && at < count; run--, at++, len = strlen(text))
				snprintf(text + len, sizeof text - len, " %s", words_seen[at]);
		}
		if (rnd(8) == 0)
			text[rnd((uint32_t)strlen(text))] = (char)(33 + rnd(90));
		d = (struct route_draft){ 0 };
		words_line_clear(&line);
		if (words_cut(&line, text, strlen(text), 1, WORDS_API, &why) == 0) {
			words = words_of(&line);
			if (route_scan(&words, &d, &why) == 0) {
				accepted++;
				route_check(&d, &why);
			} else {
				assert_true(reason_given(&why));
			}
		}
		route_draft_fini(&d);
	}
	words_line_fini(&line);
	assert_true(accepted > 1000);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_case),
		cmocka_unit_test(a_block_is_scanned_in_pieces),
		cmocka_unit_test(values_are_one_run_of_octets),
		cmocka_unit_test(a_million_pieces_come_one_at_a_time),
		cmocka_unit_test(shuffled_words_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
