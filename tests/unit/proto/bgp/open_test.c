/* Plays tests/cases/open.case. Keys of a record:
 *      wire      the body of an OPEN
 *      params    its optional parameters alone: version 4, AS 65533, hold time 180, 10.0.0.2 and the length
 *                are put before them
 *      local     AS and identifier of ours; else 65000 10.0.0.1
 *      expected  the AS that the peer should have; else any
 *      fault     CODE SUBCODE DATA: the NOTIFICATION; else the OPEN is accepted
 *      sent      the same OPEN as we encode it: `same` when not another
 *      text, json             as received
 *      sent-text, sent-json   as sent
 *      caps      the capabilities alone, as received, in JSON */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/addr.h"
#include "proto/bgp/message.h"
#include "proto/bgp/open.h"
#include "tests/tools/forms.h"

static uint8_t wire[CASE_OCTETS];

static size_t
wire_of(const struct test_case *c)
{
	static const uint8_t head[] = { 4, 0xff, 0xfd, 0, 180, 10, 0, 0, 2 };
	const char *params = case_get(c, "params");
	size_t len;

	if (!params)
		return case_hex(case_get(c, "wire"), wire, sizeof wire);
	memcpy(wire, head, sizeof head);
	len = case_hex(params, wire + sizeof head + 1, sizeof wire - sizeof head - 1);
	assert_true(len <= UINT8_MAX);
	wire[sizeof head] = (uint8_t)len;
	return sizeof head + 1 + len;
}

static int
judge(const struct test_case *c, struct open *o, size_t len, struct fault *f)
{
	const char *local = case_get(c, "local"), *expected = case_get(c, "expected");
	unsigned local_as = 65000;
	char id[64] = "10.0.0.1";
	struct addr local_id;

	if (open_parse(o, reader_of(wire, len), f) < 0)
		return -1;
	if (local)
		assert_int_equal(sscanf(local, "%u %63s", &local_as, id), 2);
	assert_int_equal(addr_scan(&local_id, id), 0);
	return open_check(o, local_as, addr_u32(&local_id),
	    expected ? (uint32_t)strtoul(expected, NULL, 10) : 0, f);
}

static void
check_sent(const struct test_case *c, const struct open *o)
{
	static uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	const char *sent = case_get(c, "sent");
	struct message m;
	struct fault f;

	if (!sent)
		return;
	if (strcmp(sent, "same") == 0)
		sent = case_get(c, "wire");
	open_encode(o, &w);
	assert_true(writer_ok(&w));
	assert_int_equal(message_parse(&m, writer_read(&w), &(struct message_limits){ 0 }, &f), 1);
	assert_int_equal(m.type, MESSAGE_OPEN);
	assert_int_equal(m.length, w.len);
	case_same_octets(c, "sent", m.body, sent);
}

static void
check_shown(const struct test_case *c, const struct open *o, bool sent)
{
	const char *text_key = sent ? "sent-text" : "text", *json_key = sent ? "sent-json" : "json";
	struct text text = { 0 };
	struct tree tree = tree_json(&text);
	const char *caps;

	open_print(o, &text, sent);
	if (case_get(c, text_key))
		case_same_text(c, text_key, text_str(&text), case_get(c, text_key));
	text_clear(&text);
	open_tree(o, &tree, sent);
	if (case_get(c, json_key))
		case_same_text(c, json_key, text_str(&text), case_get(c, json_key));
	if (!sent && case_get(c, "caps")) {
		text_cut(&text, text.len - 2);
		caps = strstr(text_str(&text), "\"capabilities\": ");
		assert_non_null(caps);
		case_same_text(c, "caps", caps + strlen("\"capabilities\": "), case_get(c, "caps"));
	}
	text_fini(&text);
}

static void
play(const struct test_case *c)
{
	struct open o;
	struct fault f;
	const char *fault = case_get(c, "fault");

	if (judge(c, &o, wire_of(c), &f) < 0) {
		case_same_fault(c, &f, fault);
		return;
	}
	if (fault)
		case_fail(c, "fault", NULL, fault);
	check_sent(c, &o);
	check_shown(c, &o, false);
	check_shown(c, &o, true);
}

static void
opens_are_judged_and_shown_as_the_cases_say(void **state)
{
	cases_play("open", play);
	(void)state;
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* What is random behind a good head mostly breaks its lengths, so the lengths are made to fit. */
static size_t
random_open(uint8_t out[1024], uint32_t *seed)
{
	struct writer w = writer_of(out, 1024);
	size_t all, param, cap;
	unsigned room = next_random(seed) % 230;

	writer_u8(&w, 4);
	writer_u16(&w, next_random(seed) & 0xffff);
	writer_u16(&w, 180);
	writer_u32(&w, next_random(seed));
	all = writer_begin_u8(&w);
	while (w.len - all + 24 < room) {
		static const uint8_t codes[] = { 1, 2, 5, 6, 64, 65, 68, 69, 70, 73, 75, 76, 77,
			185, 200 };
		unsigned octets = next_random(seed) % 20;

		writer_u8(&w, 2);
		param = writer_begin_u8(&w);
		writer_u8(&w, codes[next_random(seed) % sizeof codes]);
		cap = writer_begin_u8(&w);
		for (unsigned i = 0; i < octets; i++)
			writer_u8(&w, next_random(seed) % (i % 3 ? 4 : 200));
		writer_end_u8(&w, cap);
		writer_end_u8(&w, param);
	}
	writer_end_u8(&w, all);
	assert_true(writer_ok(&w));
	return w.len;
}

/* What was understood of an OPEN is what an OPEN of ours with the same says. */
static void
what_is_understood_survives_being_sent(void **state)
{
	uint32_t seed = 2463534242U;
	uint8_t in[1024], out[MESSAGE_MAX], again[MESSAGE_MAX];
	struct open a, b;
	struct fault f;

	for (int i = 0; i < 20000; i++) {
		size_t len = random_open(in, &seed);
		struct writer w = writer_of(out, sizeof out), v = writer_of(again, sizeof again);
		struct message m;
		struct text text = { 0 };
		struct tree tree = tree_json(&text);

		assert_int_equal(open_parse(&a, reader_of(in, len), &f), 0);
		open_print(&a, &text, i & 1);
		text_clear(&text);
		open_tree(&a, &tree, i & 1);
		text_fini(&text);
		open_encode(&a, &w);
		assert_true(writer_ok(&w));
		assert_int_equal(
		    message_parse(&m, writer_read(&w), &(struct message_limits){ 0 }, &f), 1);
		assert_int_equal(open_parse(&b, m.body, &f), 0);
		assert_int_equal(a.asn, b.asn);
		assert_int_equal(a.caps.families, b.caps.families);
		assert_int_equal(a.caps.nexthop6 & 0xf, b.caps.nexthop6 & 0xf);
		assert_memory_equal(&a.caps.graceful, &b.caps.graceful, sizeof a.caps.graceful);
		assert_string_equal(a.caps.host_name, b.caps.host_name);
		assert_string_equal(a.caps.software, b.caps.software);
		open_encode(&b, &v);
		assert_true(reader_equal(writer_read(&w), writer_read(&v)));
	}
	(void)state;
}

/* Any octets at all, in a block of their own so that a reader past the end is seen. */
static void
any_octets_are_an_open_or_a_fault(void **state)
{
	uint32_t seed = 88172645U;
	struct open o;
	struct fault f;

	for (int i = 0; i < 50000; i++) {
		size_t len = next_random(&seed) % 80;
		uint8_t *octets = malloc(len ? len : 1);

		for (size_t j = 0; j < len; j++)
			octets[j] = (uint8_t)(next_random(&seed) % (j & 1 ? 8 : 256));
		if (len > 11) {
			octets[0] = 4;
			octets[9] = (uint8_t)(i & 4 ? len - 10 : 255);
			octets[10] = (uint8_t)(i & 1 ? 2 : 255);
		}
		if (open_parse(&o, reader_of(octets, len), &f) < 0)
			assert_int_equal(f.code, NOTIFY_OPEN);
		free(octets);
	}
	(void)state;
}

/* Every family there is, with all that can be said of it: the longest OPEN of ours. */
static void
the_longest_of_ours_is_an_open_and_comes_back(void **state)
{
	uint8_t out[MESSAGE_MAX];
	struct writer w = writer_of(out, sizeof out);
	struct open o = { .version = 4, .asn = 4200000000, .hold_time = 180, .router_id = 1 }, back;
	struct message m;
	struct fault f;

	for (unsigned i = 0; i < cap_count; i++)
		caps_add(&o.caps, (enum cap_code)cap_table[i]->code);
	o.caps.families = o.caps.graceful.families = family_bit(FAMILIES_NAMED) - 1;
	o.caps.graceful.forwarding = family_bit(FAMILIES_NAMED) - 1;
	o.caps.nexthop6 = family_bit(FAMILIES_NAMED) - 1;
	o.caps.asn4 = o.asn;
	memset(o.caps.add_path, ADD_PATH_BOTH, sizeof o.caps.add_path);
	for (int i = 0; i < FAMILIES_NAMED; i++)
		o.caps.paths_limit[i] = 65535;
	memset(o.caps.host_name, 'h', CAP_TEXT - 1);
	memset(o.caps.domain_name, 'd', CAP_TEXT - 1);
	memset(o.caps.software, 's', CAP_TEXT - 1);
	open_encode(&o, &w);
	assert_true(writer_ok(&w));
	assert_int_equal(message_parse(&m, writer_read(&w), &(struct message_limits){ 0 }, &f), 1);
	assert_int_equal(open_parse(&back, m.body, &f), 0);
	assert_int_equal(back.my_as, AS_TRANS);
	assert_int_equal(back.asn, o.asn);
	assert_int_equal(back.caps.families, o.caps.families);
	assert_int_equal(back.caps.family_count, FAMILIES_NAMED);
	assert_int_equal(back.caps.add_path[IPV6_MUP], ADD_PATH_BOTH);
	assert_int_equal(back.caps.add_path[L2VPN_EVPN], ADD_PATH_NONE);
	assert_int_equal(back.caps.paths_limit[BGP_LS_VPN], 65535);
	assert_string_equal(back.caps.domain_name, o.caps.domain_name);
	assert_string_equal(back.caps.software, o.caps.software);
	(void)state;
}

/* 14 families, the AS and refresh take 124 octets; the names make it any sum around the border. */
static void
the_form_changes_at_255_octets(void **state)
{
	for (size_t domain = 60; domain <= 61; domain++) {
		uint8_t out[MESSAGE_MAX];
		struct writer w = writer_of(out, sizeof out);
		struct open o = { .version = 4, .asn = 1, .hold_time = 180, .router_id = 1 }, back;
		struct message m;
		struct fault f;

		caps_add(&o.caps, CAP_MULTIPROTOCOL);
		caps_add(&o.caps, CAP_ASN4);
		caps_add(&o.caps, CAP_ROUTE_REFRESH);
		caps_add(&o.caps, CAP_HOSTNAME);
		o.caps.families = (1U << 14) - 1;
		o.caps.asn4 = 1;
		memset(o.caps.host_name, 'h', 64);
		memset(o.caps.domain_name, 'd', domain);
		open_encode(&o, &w);
		assert_int_equal(
		    message_parse(&m, writer_read(&w), &(struct message_limits){ 0 }, &f), 1);
		/* the long form: three octets more in front, and one more for each of 17 parameters */
		assert_int_equal(m.body.left, domain == 60 ? 10 + 254 : 13 + 255 + 17);
		assert_int_equal(out[MESSAGE_HEADER + 9], domain == 60 ? 254 : 255);
		assert_int_equal(open_parse(&back, m.body, &f), 0);
		assert_string_equal(back.caps.domain_name, o.caps.domain_name);
	}
	(void)state;
}

static void
what_they_lack_of_what_we_require_is_listed_as_ours_has_it(void **state)
{
	static const uint8_t all[] = { CAP_ASN4, CAP_EXTENDED_MESSAGE, CAP_ROUTE_REFRESH, 0 };
	static const uint8_t want[] = { 65, 4, 0, 1, 0, 2, 2, 0 };
	struct caps ours = { .asn4 = 65538 }, theirs = { 0 };
	struct fault f = { 0 };

	for (unsigned i = 0; all[i]; i++)
		caps_add(&ours, (enum cap_code)all[i]);
	caps_add(&theirs, CAP_EXTENDED_MESSAGE);
	assert_int_equal(open_check_needs(all + 3, &ours, &theirs, &f), 0);
	assert_int_equal(open_check_needs(all, &ours, &ours, &f), 0);
	assert_int_equal(f.code, 0);
	assert_int_equal(open_check_needs(all, &ours, &theirs, &f), -1);
	assert_int_equal(f.code, NOTIFY_OPEN);
	assert_int_equal(f.subcode, OPEN_CAPABILITY);
	assert_int_equal(f.data_len, sizeof want);
	assert_memory_equal(f.data, want, sizeof want);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_are_judged_and_shown_as_the_cases_say),
		cmocka_unit_test(what_is_understood_survives_being_sent),
		cmocka_unit_test(any_octets_are_an_open_or_a_fault),
		cmocka_unit_test(the_longest_of_ours_is_an_open_and_comes_back),
		cmocka_unit_test(the_form_changes_at_255_octets),
		cmocka_unit_test(what_they_lack_of_what_we_require_is_listed_as_ours_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
