#include "proto/frame/api.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/tools/unpack.h"

static struct api_request request;
static struct reason why;

static int
open_request(void)
{
	why = (struct reason){ 0 };
	return api_request_open(unpack, packed.base, packed.len, &request, &why);
}

static void
text_is(struct reader got, const char *want)
{
	assert_int_equal(got.left, strlen(want));
	if (got.left > 0)
		assert_memory_equal(got.at, want, got.left);
}

/* --- requests --- */

static void
a_command_comes_back(void **state)
{
	static const char line[] = "announce route 10.0.0.0/24 next-hop self";

	api_command_pack(&packed, UINT64_MAX, line, strlen(line), API_WAIT_SENT, true);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_COMMAND);
	assert_true(request.id == UINT64_MAX);
	text_is(request.text, line);
	assert_int_equal(request.wait, API_WAIT_SENT);
	assert_true(request.json);
	api_command_pack(&packed, 0, "x", 1, API_WAIT_ACCEPTED, false);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.id, 0);
	assert_int_equal(request.wait, API_WAIT_ACCEPTED);
	assert_false(request.json);
	(void)state;
}

static void
hello_credit_and_the_bare_ones_come_back(void **state)
{
	static const enum api_request_type bare[] = { API_UNSUBSCRIBE, API_END_OF_SYNC, API_PING };

	api_hello_pack(&packed, 1, "anycast");
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_HELLO);
	assert_string_equal(request.name, "anycast");
	api_credit_pack(&packed, 9, UINT64_MAX);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_CREDIT);
	assert_int_equal(request.id, 9);
	assert_true(request.credit == UINT64_MAX);
	for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
		api_simple_pack(&packed, bare[i], 5);
		assert_int_equal(open_request(), 0);
		assert_int_equal(request.type, bare[i]);
		assert_int_equal(request.id, 5);
	}
	(void)state;
}

static void
a_list_of_commands_comes_back(void **state)
{
	size_t mark = api_commands_begin(&packed, 7, API_WAIT_SENT);

	pack_text(&packed, "announce route 10.0.0.0/24 next-hop self");
	pack_text(&packed, "withdraw route 10.0.0.0/24");
	pack_end(&packed, mark, 2);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_COMMANDS);
	assert_int_equal(request.id, 7);
	assert_int_equal(request.wait, API_WAIT_SENT);
	assert_int_equal(node_count(request.list), 2);
	text_is(node_bytes(node_at(request.list, 1)), "withdraw route 10.0.0.0/24");
	assert_ptr_equal(request.message.at, packed.base);
	(void)state;
}

static bool
glance(size_t len)
{
	return api_request_glance(unpack, packed.base, len, &request);
}

static void
what_a_request_is_can_be_told_by_its_front(void **state)
{
	size_t mark = api_commands_begin(&packed, UINT64_MAX, API_WAIT_SENT);

	(void)state;
	pack_text(&packed, "announce route 10.0.0.0/24 next-hop self");
	pack_end(&packed, mark, 1);
	assert_true(glance(packed.len));
	assert_int_equal(request.type, API_COMMANDS);
	assert_true(request.id == UINT64_MAX);
	for (size_t len = 0; len < packed.len; len++)
		if (glance(len)) /* of what is cut off behind the front no more is said */
			assert_int_equal(request.type, API_COMMANDS);
		else
			assert_true(len < 20);
	packed.base[2] ^= 0x20; /* no text */
	assert_false(glance(packed.len));
	api_simple_pack(&packed, API_PING, 5);
	assert_true(glance(packed.len));
	assert_int_equal(request.type, API_PING);
	assert_int_equal(request.id, 5);
	packed.base[0] = 0x92; /* an array of two */
	assert_false(glance(packed.len));
	packed.base[0] = 0x94;
	packed.base[1]++; /* another version */
	assert_false(glance(packed.len));
}

static void
a_subscription_comes_back(void **state)
{
	struct api_request r = { .id = 3, .credit = 1 << 20, .snapshot = true, .updates = true };

	r.neighbor = reader_of("192.0.2.1", 9);
	r.speaker = reader_of("edge", 4);
	api_subscribe_pack(&packed, &r);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_SUBSCRIBE);
	assert_int_equal(request.id, 3);
	assert_int_equal(request.credit, 1 << 20);
	assert_true(request.snapshot && request.updates && !request.states);
	text_is(request.neighbor, "192.0.2.1");
	text_is(request.speaker, "edge");
	r = (struct api_request){ .id = 4 };
	api_subscribe_pack(&packed, &r);
	assert_int_equal(open_request(), 0);
	assert_true(request.updates && request.states && !request.snapshot);
	assert_int_equal(request.credit, 0);
	assert_int_equal(request.neighbor.left, 0);
	(void)state;
}

/* A request by hand: its type, and a body of one key; value NULL: an empty body. */
static int
by_hand(const char *type, const char *key, const char *value, size_t len)
{
	pack_clear(&packed);
	pack_array(&packed, 4);
	pack_uint(&packed, API_VERSION);
	pack_text(&packed, type);
	pack_uint(&packed, 77);
	pack_map(&packed, value ? 1 : 0);
	if (value) {
		pack_text(&packed, key);
		pack_copy(&packed, value, len);
	}
	return open_request();
}
#define BY_HAND(type, key, value) by_hand(type, key, value, sizeof value - 1)

static void
what_is_missing_has_a_default_and_what_is_unknown_is_ignored(void **state)
{
	assert_int_equal(BY_HAND("command", "text", "\xa4help"), 0);
	assert_int_equal(request.wait, API_WAIT_ACCEPTED);
	assert_false(request.json);
	assert_int_equal(BY_HAND("ping", "colour", "\x91\xc0"), 0);
	assert_int_equal(BY_HAND("subscribe", "colour", "\x80"), 0);
	assert_true(request.updates && request.states);

	/* no body at all, and something behind the body */
	pack_clear(&packed);
	pack_copy(&packed, "\x93\x01\xa4ping\x05", 8);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.id, 5);
	pack_clear(&packed);
	pack_copy(&packed, "\x95\x01\xa4ping\x05\x80\xc0", 10);
	assert_int_equal(open_request(), 0);
	(void)state;
}

#define REFUSED(word)                                                                              \
	assert_int_equal(request.id, 77);                                                          \
	assert_non_null(strstr(why.text, word))

static void
what_is_wrong_is_refused_with_a_reason_under_its_id(void **state)
{
	assert_int_equal(by_hand("command", NULL, NULL, 0), -1);
	REFUSED("\"text\"");
	assert_int_equal(BY_HAND("command", "text", "\x05"), -1);
	REFUSED("\"text\"");
	assert_int_equal(by_hand("hello", NULL, NULL, 0), -1);
	REFUSED("\"name\"");
	assert_int_equal(by_hand("credit", NULL, NULL, 0), -1);
	REFUSED("credit");
	assert_int_equal(BY_HAND("credit", "credit", "\xff"), -1);
	REFUSED("credit");
	assert_int_equal(by_hand("comand", NULL, NULL, 0), -1);
	REFUSED("did you mean command");
	assert_int_equal(by_hand("", NULL, NULL, 0), -1);
	REFUSED("unknown request type");
	(void)state;
}

static void
words_of_a_command_are_checked(void **state)
{
	static const char good[] = "\x83\xa4text\xa1x\xa4wait\xa4sent\xa6"
				   "format\xa4json";
	static const char wait[] = "\x82\xa4text\xa1x\xa4wait\xa5never";
	static const char format[] = "\x82\xa4text\xa1x\xa6"
				     "format\xa3xml";
	static const char kind[] = "\x82\xa4text\xa1x\xa4wait\x01";
	static const struct {
		const char *body;
		size_t len;
		const char *reason;
	} row[] = { { good, sizeof good - 1, NULL }, { wait, sizeof wait - 1, "\"wait\"" },
		{ format, sizeof format - 1, "\"format\"" },
		{ kind, sizeof kind - 1, "\"wait\"" } };

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		pack_clear(&packed);
		pack_copy(&packed,
		    "\x94\x01\xa7"
		    "command\x4d",
		    11);
		pack_copy(&packed, row[i].body, row[i].len);
		assert_int_equal(open_request(), row[i].reason ? -1 : 0);
		assert_true(!row[i].reason || strstr(why.text, row[i].reason));
	}
	(void)state;
}

static void
a_name_is_taken_whole_or_not_at_all(void **state)
{
	char name[80];

	memset(name, 'n', sizeof name);
	for (size_t len = 62; len <= 66; len++) {
		pack_clear(&packed);
		pack_copy(&packed, "\x94\x01\xa5hello\x4d\x81\xa4name", 15);
		pack_textn(&packed, name, len);
		assert_int_equal(open_request(), len < sizeof request.name ? 0 : -1);
	}
	/* a NUL would make two names one */
	assert_int_equal(BY_HAND("hello", "name",
			     "\xa3"
			     "a\0b"),
	    -1);
	REFUSED("\"name\"");
	pack_clear(&packed);
	pack_copy(&packed,
	    "\x94\x01\xa5"
	    "ping\0\x4d\x80",
	    10);
	assert_int_equal(open_request(), -1);
	REFUSED("unknown request type");
	(void)state;
}

static void
another_version_is_refused_under_its_id(void **state)
{
	api_simple_pack(&packed, API_PING, 77);
	packed.base[1] = 2;
	assert_int_equal(open_request(), -1);
	REFUSED("version 2");
	packed.base[1] = 0xc0;
	assert_int_equal(open_request(), -1);
	REFUSED("version");
	(void)state;
}

static void
what_is_no_request_is_refused(void **state)
{
	static const char *const bad[] = { "", "\xc0", "\x80", "\x92\x01\xa4ping",
		"\x93\x01\xa4ping", "\x93\x01\xa4ping\xa1x", "\x93\x01\xa4ping\xff" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		pack_clear(&packed);
		pack_copy(&packed, bad[i], strlen(bad[i]));
		assert_int_equal(open_request(), -1);
		assert_true(reason_given(&why));
		assert_int_equal(request.id, 0);
	}
	(void)state;
}

static void
requests_are_bounded(void **state)
{
	char *text = calloc(1, API_COMMAND_MAX + 2048);

	api_command_pack(&packed, 77, text, API_COMMAND_MAX, API_WAIT_ACCEPTED, false);
	assert_int_equal(open_request(), 0);
	api_command_pack(&packed, 77, text, API_COMMAND_MAX + 1, API_WAIT_ACCEPTED, false);
	assert_int_equal(open_request(), -1);
	REFUSED("1048577 octets");
	api_command_pack(&packed, 77, text, API_COMMAND_MAX + 1024, API_WAIT_ACCEPTED, false);
	assert_int_equal(open_request(), -1);
	free(text);
	(void)state;
}

static void
a_decider_says_its_name_and_verdicts_are_a_list(void **state)
{
	pack_clear(&packed);
	pack_array(&packed, 4);
	pack_uint(&packed, API_VERSION);
	pack_text(&packed, "decide");
	pack_uint(&packed, 77);
	pack_map(&packed, 2);
	pack_text(&packed, "name");
	pack_text(&packed, "checker");
	pack_text(&packed, "open");
	pack_uint(&packed, UINT64_MAX);
	assert_int_equal(open_request(), 0);
	assert_int_equal(request.type, API_DECIDE);
	assert_string_equal(request.name, "checker");
	assert_true(request.open == UINT32_MAX && request.tree);
	api_simple_pack(&packed, API_DECIDE, 77);
	assert_int_equal(open_request(), -1);
	REFUSED("decide needs a \"name\"");
	api_simple_pack(&packed, API_VERDICTS, 77);
	assert_int_equal(open_request(), -1);
	REFUSED("verdicts need a list");
	(void)state;
}

static void
every_request_has_its_name(void **state)
{
	static const char *const names[] = { "command", "hello", "subscribe", "credit",
		"unsubscribe", "end-of-sync", "ping", "decide", "verdicts", "bulk", "commands" };

	for (unsigned i = 0; i < API_REQUESTS; i++)
		assert_string_equal(api_request_name((enum api_request_type)i), names[i]);
	assert_string_equal(api_request_name(API_REQUESTS), "unknown");
	(void)state;
}

/* --- answers --- */

static struct api_answer answer;

static const char *
json_of(const struct node *n)
{
	static struct text t;
	struct tree tree;

	if (!n) { /* the end of a test */
		text_fini(&t);
		return NULL;
	}
	text_clear(&t);
	tree = tree_json(&t);
	api_node_json(n, &tree);
	return text_str(&t);
}

static void
open_answer(enum api_answer_type type, uint64_t id)
{
	why = (struct reason){ 0 };
	assert_int_equal(api_answer_open(unpack, packed.base, packed.len, &answer, &why), 0);
	assert_int_equal(answer.type, type);
	assert_true(answer.id == id);
}

static void
a_reply_comes_back(void **state)
{
	struct api_reply r = { .id = UINT64_MAX, .status = "error", .final = true };

	r.text = reader_of("no such \"route\"", 15);
	api_reply_pack(&packed, &r);
	open_answer(API_REPLY, UINT64_MAX);
	assert_string_equal(json_of(answer.body),
	    "{ \"status\": \"error\", \"final\": true, \"text\": \"no such \\\"route\\\"\" }");
	r = (struct api_reply){ .id = 1, .status = "accepted" };
	api_reply_pack(&packed, &r);
	open_answer(API_REPLY, 1);
	assert_string_equal(
	    json_of(answer.body), "{ \"status\": \"accepted\", \"final\": false, \"text\": \"\" }");
	json_of(NULL);
	(void)state;
}

static void
a_reply_carries_data(void **state)
{
	struct api_reply r = { .id = 2, .status = "done", .final = true };
	struct tree t = api_reply_begin(&packed, &r);

	tree_list(&t);
	for (int i = 0; i < 20; i++) {
		tree_map(&t);
		tree_key(&t, "n");
		tree_int(&t, -i);
		tree_map_end(&t);
	}
	tree_list_end(&t);
	open_answer(API_REPLY, 2);
	assert_int_equal(node_count(answer.body), 4);
	assert_int_equal(node_count(node_find(answer.body, "data")), 20);
	assert_int_equal(
	    node_int(node_find(node_at(node_find(answer.body, "data"), 19), "n"), 0), -19);
	(void)state;
}

static void
events_come_back_none_one_or_many(void **state)
{
	for (uint32_t count = 0; count < 40; count += 13) {
		struct api_events e;

		api_events_begin(&e, &packed, 12);
		for (uint32_t i = 0; i < count; i++) {
			struct tree t = api_event(&e);

			tree_map(&t);
			tree_key(&t, "type");
			tree_text(&t, "state");
			tree_key(&t, "time");
			tree_real(&t, i);
			tree_map_end(&t);
		}
		api_events_end(&e);
		open_answer(API_EVENT, 12);
		assert_int_equal(node_count(answer.body), count);
		for (uint32_t i = 0; i < count; i++)
			assert_true(node_real(node_find(node_at(answer.body, i), "time"), -1) == i);
	}
	(void)state;
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const char *const bad[] = { "", "\xc0", "\x93\x01\xa5reply\x01",
		"\x94\x01\xa5hello\x01\x80", "\x94\x01\x01\x01\x80" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		why = (struct reason){ 0 };
		assert_int_equal(
		    api_answer_open(unpack, bad[i], strlen(bad[i]), &answer, &why), -1);
		assert_true(reason_given(&why));
	}
	(void)state;
}

/* --- nodes as JSON --- */

static void
json_is(const char *octets, size_t len, const char *want)
{
	const struct node *n = unpack_open(unpack, octets, len);

	assert_non_null(n);
	assert_string_equal(json_of(n), want);
}
#define JSON(octets, want) json_is(octets, sizeof octets - 1, want)

static void
every_kind_of_node_is_written(void **state)
{
	JSON("\xc0", "null");
	JSON("\xc3", "true");
	JSON("\x05", "5");
	JSON("\xff", "-1");
	JSON("\xca\x3f\0\0\0", "0.5");
	JSON("\xa2hi", "\"hi\"");
	JSON("\xc4\x02\xca\xfe", "\"\\u00ca\\u00fe\""); /* a text that is no UTF-8 */
	JSON("\xd4\x01x", "null"); /* an ext: nothing of ours is one */
	JSON("\x90", "[ ]");
	JSON("\x80", "{  }"); /* as ExaBGP spaces it */
	JSON("\x93\x90\x80\x91\x01", "[ [ ], {  }, [ 1 ] ]");
	JSON("\x82\xa1x\x82\xa1y\x90\xa1z\x02\xa1w\x03",
	    "{ \"x\": { \"y\": [ ], \"z\": 2 }, \"w\": 3 }");
	json_of(NULL);
	(void)state;
}

static void
keys_that_are_no_text_are_written_as_one(void **state)
{
	JSON("\x82\x05\x01\xcd\x01\x01\x02", "{ \"5\": 1, \"257\": 2 }");
	JSON("\x82\xfe\x01\xc0\x02", "{ \"-2\": 1, \"\": 2 }");
	JSON("\x81\x90\x01", "{ \"\": 1 }");
	json_of(NULL);
	(void)state;
}

static void
the_deepest_nesting_is_written_whole(void **state)
{
	char octets[PACK_DEPTH + 2];
	struct text want = { 0 };

	memset(octets, '\x91', PACK_DEPTH);
	octets[PACK_DEPTH] = 7;
	for (int i = 0; i < PACK_DEPTH; i++)
		text_add(&want, "[ ");
	text_add(&want, "7");
	for (int i = 0; i < PACK_DEPTH; i++)
		text_add(&want, " ]");
	json_is(octets, PACK_DEPTH + 1, text_str(&want));
	memset(octets, '\x91', PACK_DEPTH + 1);
	octets[PACK_DEPTH + 1] = 7;
	assert_null(unpack_open(unpack, octets, PACK_DEPTH + 2));
	text_fini(&want);
	json_of(NULL);
	(void)state;
}

static void
random_octets_do_no_harm(void **state)
{
	unsigned opened = 0;

	srandom(3);
	for (int i = 0; i < 50000; i++) {
		struct api_request r = { .id = 3, .credit = 5, .updates = true };
		uint8_t *exact;

		if (i % 2)
			api_subscribe_pack(&packed, &r);
		else
			api_command_pack(&packed, 1, "show", 4, API_WAIT_SENT, true);
		for (long n = 1 + random() % 3; n > 0; n--)
			packed.base[(size_t)random() % packed.len] = (uint8_t)random();
		exact = malloc(packed.len);
		memcpy(exact, packed.base, packed.len);
		why = (struct reason){ 0 };
		if (api_request_open(unpack, exact, packed.len, &request, &why) == 0)
			opened++;
		else
			assert_true(reason_given(&why));
		if (unpack_open(unpack, exact, packed.len))
			json_of(unpack_open(unpack, exact, packed.len));
		free(exact);
	}
	assert_true(opened > 5000);
	json_of(NULL);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_comes_back),
		cmocka_unit_test(hello_credit_and_the_bare_ones_come_back),
		cmocka_unit_test(a_list_of_commands_comes_back),
		cmocka_unit_test(what_a_request_is_can_be_told_by_its_front),
		cmocka_unit_test(a_subscription_comes_back),
		cmocka_unit_test(what_is_missing_has_a_default_and_what_is_unknown_is_ignored),
		cmocka_unit_test(what_is_wrong_is_refused_with_a_reason_under_its_id),
		cmocka_unit_test(words_of_a_command_are_checked),
		cmocka_unit_test(a_name_is_taken_whole_or_not_at_all),
		cmocka_unit_test(another_version_is_refused_under_its_id),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(requests_are_bounded),
		cmocka_unit_test(a_decider_says_its_name_and_verdicts_are_a_list),
		cmocka_unit_test(every_request_has_its_name),
		cmocka_unit_test(a_reply_comes_back),
		cmocka_unit_test(a_reply_carries_data),
		cmocka_unit_test(events_come_back_none_one_or_many),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(every_kind_of_node_is_written),
		cmocka_unit_test(keys_that_are_no_text_are_written_as_one),
		cmocka_unit_test(the_deepest_nesting_is_written_whole),
		cmocka_unit_test(random_octets_do_no_harm),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
