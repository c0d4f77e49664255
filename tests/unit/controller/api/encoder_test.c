#include "world.h"
#include "controller/api/encoder.h"

/* The golden lines: what differs from one run to another is written as TIME, HOST, PID. */
static const char *
settled(struct text *t)
{
	static char out[8192];
	char *at = strstr(text_str(t), "\"time\": "), *counter;
	const char *behind;

	if (!at)
		return text_str(t);
	counter = strstr(at, "\"counter\"");
	behind = counter ? counter : strstr(at, "\"type\"");
	assert_non_null(behind);
	assert_non_null(strstr(at, ", \"host\" : \""));
	assert_non_null(strstr(at, ", \"pid\" : "));
	assert_non_null(strstr(at, ", \"ppid\" : "));
	snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text_str(t)), text_str(t),
	    "TIME-HOST-PIDS ", behind);
	return out;
}

struct said {
	struct neighbor *neighbor;
	uint64_t counter;
	struct text text;
};

static struct speech
speech(struct said *s, unsigned version)
{
	text_clear(&s->text);
	return (struct speech){ .text = &s->text,
		.neighbor = s->neighbor,
		.version = version,
		.counter = &s->counter };
}

/* What a line of a route comes to as a message of a peer. */
static struct routes_message *
message(const char *route, bool withdrawn, struct route_draft *d, struct words_line *line)
{
	static struct routes_message m;
	struct reason why = { 0 };
	struct words words;
	struct routes_part part = { 0 };

	memset(&m, 0, sizeof m);
	words_line_clear(line);
	assert_int_equal(words_cut(line, route, strlen(route), 1, WORDS_API, &why), 0);
	words = words_of(line);
	*d = (struct route_draft){ 0 };
	if (route_scan(&words, d, &why) < 0)
		fail_msg("%s: %s", route, why.text);
	part.family = d->family;
	part.nlri = octets_read(&d->nlri);
	part.value.attributes = octets_read(&d->attributes);
	part.value.next_hop = reader_of(d->next_hop, d->next_hop_len);
	if (withdrawn)
		m.withdraw[m.withdraws++] = part;
	else
		m.announce[m.announces++] = part;
	return &m;
}

static const char route[] =
    "route 10.1.0.0/24 next-hop 10.0.0.1 origin igp as-path [ 232 ] med 100 "
    "local-preference 100 community [ 1:2 65535:61681 ] "
    "extended-community [ target:1:2 ]";
static const uint8_t original[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 23, 2, 0, 0, 0, 0 };
static const char octets[] = "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001702";

#define HEAD(version, counter, type)                                                               \
	"{ \"exabgp\": \"" version "\", TIME-HOST-PIDS \"counter\": " counter                      \
	", \"type\": \"" type "\", "
#define NEIGHBOR                                                                                   \
	"\"neighbor\": { \"address\": { \"local\": \"192.0.2.254\", \"peer\": \"192.0.2.1\" }, "   \
	"\"asn\": { \"local\": 65000, \"peer\": 65001 }, \"router-id\": \"192.0.2.254\" , "
#define NEGOTIATED                                                                                 \
	"\"negotiated\": { \"message_size\": 4096, \"hold_time\": 0, \"asn4\": false, "            \
	"\"multisession\": false, \"operational\": false, \"refresh\": \"absent\", "               \
	"\"families\": [\"ipv4 unicast\"], \"nexthop\": [], \"add_path\": {\"send\": [], "         \
	"\"receive\": []} }"

static void
text_tells_states_and_updates_in_lines(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 4);
	struct words_line line = { 0 };
	struct route_draft d;

	encoder_text.state(&s, "connected", "");
	assert_string_equal(text_str(&said.text), "neighbor 192.0.2.1 connected\n\n");
	s = speech(&said, 4);
	encoder_text.state(&s, "down", "hold timer expired");
	assert_string_equal(
	    text_str(&said.text), "neighbor 192.0.2.1 down - hold timer expired\n\n");
	s = speech(&said, 4);
	encoder_text.update(&s, message(route, false, &d, &line), reader_of("", 0));
	assert_string_equal(text_str(&said.text),
	    "neighbor 192.0.2.1 receive update start\n"
	    "neighbor 192.0.2.1 receive update announced 10.1.0.0/24 next-hop 10.0.0.1 origin igp "
	    "as-path ( 232 ) med 100 local-preference 100 community [ 1:2 65535:61681 ] "
	    "extended-community target:1:2\n"
	    "neighbor 192.0.2.1 receive update end\n\n");
	route_draft_fini(&d);
	s = speech(&said, 4);
	encoder_text.update(&s, message("route 10.1.0.0/24", true, &d, &line),
	    reader_of(original, sizeof original));
	assert_has(text_str(&said.text),
	    "neighbor 192.0.2.1 receive update withdrawn 10.1.0.0/24\n header ");
	assert_has(text_str(&said.text), octets);
	assert_has(
	    text_str(&said.text), " body 0x00000000\nneighbor 192.0.2.1 receive update end\n\n");
	route_draft_fini(&d);
	s = speech(&said, 4);
	encoder_text.packet(&s, 2, reader_of(original, sizeof original));
	assert_string_equal(text_str(&said.text),
	    "neighbor 192.0.2.1 receive 2 header 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001702 "
	    "body 0x00000000\n\n");
	words_line_fini(&line);
	text_fini(&said.text);
}

static void
text_prints_sets_and_sequences_as_exabgp_does(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 4);
	struct words_line line = { 0 };
	struct route_draft d;

	encoder_text.update(&s,
	    message("route 2001:db8::/32 next-hop 2001:db8::1 as-path [ 1 2 ] ( 3 4 ) [ { 5 } ]",
		false, &d, &line),
	    reader_of("", 0));
	assert_has(text_str(&said.text),
	    " announced 2001:db8::/32 next-hop 2001:db8::1 as-path ( 1 2 ) [ 3 4 ] {( 5 )}\n");
	route_draft_fini(&d);
	words_line_fini(&line);
	text_fini(&said.text);
}

static const char long_path[] =
    "route 10.1.0.0/24 next-hop 10.0.0.1 origin igp "
    "as-path [ { 9 8 } ] [ 1 2 ] ( 3 4 ) [ 5 ] ( 6 ) aggregator 5:192.0.2.9";

static void
exabgp_4_2_tells_paths_by_kind_and_says_no_router_id(void **state)
{
	static const struct {
		const char *route, *json, *text;
	} cases[] = {
		{ long_path,
		    "\"origin\": \"igp\", \"as-path\": [ 1, 2, 5 ], \"as-set\": [ 3, 4, 6 ], "
		    "\"confederation-path\": [ 9, 8 ], \"aggregator\": \"5:192.0.2.9\" }, "
		    "\"announce\"",
		    " as-path [ 1 2 5 ( 3 4 6 ) ][ 9 8 ] aggregator ( 5:192.0.2.9 )\n" },
		{ "route 10.1.0.0/24 next-hop 10.0.0.1 as-path ( 4 ) med 1",
		    "{ \"as-path\": [], \"as-set\": [ 4 ], \"confederation-path\": [], \"med\": 1 "
		    "}",
		    " as-path [ ( 4 ) ] med 1\n" },
		{ "route 10.1.0.0/24 next-hop 10.0.0.1 as-path ( { 4 } ) med 1",
		    "{ \"as-path\": [], \"confederation-path\": [], \"confederation-set\": [ 4 ], "
		    "\"med\": 1 }",
		    " as-path [ ][ ( 4 ) ] med 1\n" },
		{ "route 10.1.0.0/24 next-hop 10.0.0.1 origin igp as-path [ ] med 1",
		    "{ \"origin\": \"igp\", \"med\": 1 }", " origin igp med 1\n" },
	};
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct words_line line = { 0 };
	struct route_draft d;

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct speech s = speech(&said, API_42);

		encoder_json.update(
		    &s, message(cases[i].route, false, &d, &line), reader_of("", 0));
		assert_has(text_str(&said.text), cases[i].json);
		assert_has(text_str(&said.text), "{ \"exabgp\": \"4.0.1\", ");
		assert_has(text_str(&said.text), "\"peer\": 65001 } , \"direction\"");
		route_draft_fini(&d);
		s = speech(&said, API_42);
		encoder_text.update(
		    &s, message(cases[i].route, false, &d, &line), reader_of("", 0));
		assert_has(text_str(&said.text), cases[i].text);
		route_draft_fini(&d);
	}
	words_line_fini(&line);
	text_fini(&said.text);
}

static void
text_tells_an_end_of_rib(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 4);
	static struct routes_message m = { .flags = ROUTES_END_OF_RIB,
		.withdraw = { { .family = IPV6_UNICAST } },
		.withdraws = 1 };

	encoder_text.update(&s, &m, reader_of("", 0));
	assert_has(text_str(&said.text), " receive update route eor 2/1 (ipv6 unicast)\n");
	s = speech(&said, 4);
	encoder_json.update(&s, &m, reader_of("", 0));
	assert_has(text_str(&said.text), "\"message\": { \"eor\": { \"afi\" : \"ipv6\", \"safi\" : "
					 "\"unicast\" } }, \"negotiated\": {");
	text_fini(&said.text);
}

static void
json_tells_states_and_updates_in_exabgps_order_and_spaces(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 6);
	struct words_line line = { 0 };
	struct route_draft d;

	report(said.neighbor, PEER_ESTABLISHED, 1, "");
	encoder_json.state(&s, "connected", "");
	assert_string_equal(settled(&said.text),
	    HEAD("6.0.0", "1", "state") NEIGHBOR "\"state\": \"connected\" } }\n");
	s = speech(&said, 4);
	encoder_json.state(&s, "down", "said \"no\"");
	assert_string_equal(settled(&said.text), HEAD("4.0.1", "2", "state") NEIGHBOR
	    "\"state\": \"down\", \"reason\": \"said \\\"no\\\"\" } }\n");
	s = speech(&said, 6);
	encoder_json.fsm(&s, PEER_OPEN_SENT);
	assert_string_equal(settled(&said.text),
	    HEAD("6.0.0", "3", "fsm") NEIGHBOR "\"state\": \"OPENSENT\" } }\n");
	s = speech(&said, 6);
	encoder_json.negotiated(&s);
	assert_string_equal(
	    settled(&said.text), HEAD("6.0.0", "4", "negotiated") NEIGHBOR NEGOTIATED "  } }\n");
	s = speech(&said, 6);
	encoder_json.update(
	    &s, message(route, false, &d, &line), reader_of(original, sizeof original));
	assert_string_equal(settled(&said.text),
	    HEAD("6.0.0", "5",
		"update") "\"header\": \"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001702\", \"body\": "
			  "\"0x00000000\", " NEIGHBOR "\"direction\": \"receive\", \"message\": { "
			  "\"update\": { \"attribute\": { "
			  "\"origin\": \"igp\", \"as-path\": {\"0\": {\"element\": "
			  "\"as-sequence\", \"value\": [232]}}, "
			  "\"med\": 100, \"local-preference\": 100, \"community\": [ [ 1, 2 ], [ "
			  "65535, 61681 ] ], "
			  "\"extended-community\": [ { \"value\": 562954248388610, \"string\": "
			  "\"target:1:2\" } ] }, "
			  "\"announce\": { \"ipv4 unicast\": { \"10.0.0.1\": [ { \"nlri\": "
			  "\"10.1.0.0/24\" } ] } } } }, " NEGOTIATED "  } }\n");
	route_draft_fini(&d);
	s = speech(&said, 6);
	encoder_json.update(&s, message("route 10.1.0.0/24", true, &d, &line), reader_of("", 0));
	assert_string_equal(settled(&said.text), HEAD("6.0.0", "6", "update") NEIGHBOR
	    "\"direction\": \"receive\", \"message\": { \"update\": { \"withdraw\": { \"ipv4 "
	    "unicast\": "
	    "[ { \"nlri\": \"10.1.0.0/24\" } ] } } }, " NEGOTIATED "  } }\n");
	route_draft_fini(&d);
	s = speech(&said, 6);
	encoder_json.packet(&s, 2, reader_of(original, sizeof original));
	assert_string_equal(settled(&said.text), HEAD("6.0.0", "7", "update") NEIGHBOR
	    "\"direction\": \"receive\", \"message\": { \"category\": 2, "
	    "\"header\": \"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001702\", \"body\": \"0x00000000\" } "
	    ", " NEGOTIATED "  } }\n");
	/* 4.2 says it where it is asked for */
	s = speech(&said, API_42);
	s.negotiated = true;
	encoder_json.packet(&s, 2, reader_of(original, sizeof original));
	assert_non_null(
	    strstr(text_str(&said.text), "\"body\": \"0x00000000\" } , \"negotiated\": { "
					 "\"message_size\": 4096, \"hold_time\": 0, "
					 "\"asn4\": false, \"multisession\": false, "
					 "\"operational\": false, \"refresh\": \"absent\", "
					 "\"families\": [ \"ipv4 unicast\" ], \"nexthop\": [  ], "
					 "\"add_path\": { \"send\": [  ], "
					 "\"receive\": [  ] } }  } }\n"));
	s = speech(&said, API_42);
	encoder_json.packet(&s, 2, reader_of(original, sizeof original));
	assert_null(strstr(text_str(&said.text), "negotiated"));
	s = speech(&said, API_42);
	encoder_json.update(&s, message("route 10.1.0.0/24", true, &d, &line), reader_of("", 0));
	assert_non_null(
	    strstr(text_str(&said.text), "[ { \"nlri\": \"10.1.0.0/24\" } ] } } } } }\n"));
	route_draft_fini(&d);
	words_line_fini(&line);
	text_fini(&said.text);
}

/* OPEN, KEEPALIVE, NOTIFICATION 6/4 "bye", ROUTE-REFRESH: bodies. */
static const uint8_t open_body[] = { 4, 0xfd, 0xe9, 0, 180, 10, 0, 0, 2, 14, 2, 6, 1, 4, 0, 1, 0, 1,
	2, 4, 2, 0, 70, 0 };
static const uint8_t notification_body[] = { 6, 4, 3, 'b', 'y', 'e' };
static const uint8_t refresh_body[] = { 0, 1, 0, 1 };
static const uint8_t keepalive[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 19, 4 };

static void
other_messages_are_told_in_both_directions(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct reader none = { 0 };
	struct speech s = speech(&said, 4);

	encoder_text.message(&s, 4, none, none);
	assert_string_equal(text_str(&said.text), "neighbor 192.0.2.1 receive keepalive\n\n");
	s = speech(&said, 4);
	s.sent = true;
	encoder_text.message(&s, 4, none, reader_of(keepalive, sizeof keepalive));
	assert_string_equal(text_str(&said.text), "neighbor 192.0.2.1 send keepalive header "
						  "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001304\n\n");
	s = speech(&said, 4);
	encoder_text.message(&s, 3, reader_of(notification_body, sizeof notification_body), none);
	assert_string_equal(text_str(&said.text),
	    "neighbor 192.0.2.1 receive notification code 6 subcode 4 data 0x03627965\n\n");
	s = speech(&said, 4);
	encoder_text.message(&s, 5, reader_of(refresh_body, sizeof refresh_body), none);
	assert_string_equal(text_str(&said.text),
	    "neighbor 192.0.2.1 receive route-refresh afi ipv4 safi unicast query\n\n");
	s = speech(&said, 4);
	encoder_text.message(&s, 1, reader_of(open_body, sizeof open_body), none);
	assert_has(text_str(&said.text),
	    "neighbor 192.0.2.1 receive open version 4 asn 65001 hold_time 180 "
	    "router_id 10.0.0.2 capabilities [multiprotocol(ipv4 unicast), route ");
	s = speech(&said, 4);
	encoder_text.message(&s, 1, reader_of(open_body, 3), none);
	assert_string_equal(text_str(&said.text), "neighbor 192.0.2.1 receive open \n\n");
	s = speech(&said, 6);
	s.sent = true;
	encoder_json.message(&s, 4, none, reader_of(keepalive, sizeof keepalive));
	assert_string_equal(settled(&said.text),
	    HEAD("6.0.0", "1",
		"keepalive") "\"header\": \"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001304\", " NEIGHBOR
			     "\"direction\": \"send\"  } }\n");
	s = speech(&said, 6);
	encoder_json.message(&s, 1, reader_of(open_body, sizeof open_body), none);
	assert_string_equal(settled(&said.text), HEAD("6.0.0", "2", "open") NEIGHBOR
	    "\"direction\": \"receive\", \"open\": { \"version\": 4, "
	    "\"asn\": 65001, \"hold_time\": 180, \"router_id\": \"10.0.0.2\", \"capabilities\": { "
	    "\"1\": { \"name\": \"multiprotocol\", \"families\": [ \"ipv4/unicast\" ] }, "
	    "\"2\": { \"name\": \"route-refresh\", \"variant\": \"RFC\" }, "
	    "\"70\": { \"name\": \"enhanced-route-refresh\" } } } } }\n");
	s = speech(&said, 6);
	encoder_json.message(&s, 3, reader_of(notification_body, sizeof notification_body), none);
	assert_string_equal(settled(&said.text), HEAD("6.0.0", "3", "notification") NEIGHBOR
	    "\"direction\": \"receive\", \"notification\": { "
	    "\"code\": 6, \"subcode\": 4, \"data\": \"0x03627965\", \"message\": \"bye\" }  } }\n");
	s = speech(&said, 6);
	encoder_json.message(&s, 5, reader_of(refresh_body, sizeof refresh_body), none);
	assert_string_equal(settled(&said.text), HEAD("6.0.0", "4", "refresh") NEIGHBOR
	    "\"direction\": \"receive\", \"route-refresh\": { "
	    "\"afi\": \"ipv4\", \"safi\": \"unicast\", \"subtype\": \"query\" }  } }\n");
	s = speech(&said, 6);
	encoder_json.signal(&s, 10);
	assert_string_equal(settled(&said.text),
	    HEAD("6.0.0", "5", "signal") NEIGHBOR "\"code\": \"10\", \"name\": \"SIGUSR1\"  } }\n");
	text_fini(&said.text);
}

static void
compact_json_has_prefixes_as_texts(void **state)
{
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 6);
	struct words_line line = { 0 };
	struct route_draft d;

	s.compact = true;
	encoder_json.update(&s, message(route, false, &d, &line), reader_of("", 0));
	assert_has(text_str(&said.text),
	    "\"announce\": { \"ipv4 unicast\": { \"10.0.0.1\": [ \"10.1.0.0/24\" ] } }");
	route_draft_fini(&d);
	words_line_fini(&line);
	text_fini(&said.text);
}

static void
a_flow_without_a_next_hop_is_told_as_such(void **state)
{
	static const char flow[] = "flow route { match { port 80; } then { discard; } }";
	struct world *w = *state;
	struct said said = { .neighbor = neighbor_at(w, "192.0.2.1") };
	struct speech s = speech(&said, 6);
	struct words_line line = { 0 };
	struct route_draft d;

	encoder_json.update(&s, message(flow, false, &d, &line), reader_of("", 0));
	assert_has(text_str(&said.text),
	    "\"announce\": { \"ipv4 flow\": { \"no-nexthop\": [ { "
	    "\"port\": [ \"=80\" ], \"string\": \"flow port =80\" } ] } }");
	route_draft_fini(&d);
	words_line_fini(&line);
	text_fini(&said.text);
}

static void
the_end_is_told_in_both_languages(void **state)
{
	struct text t = { 0 };
	char line[64];

	(void)state;
	snprintf(line, sizeof line, "shutdown %d %d\n\n", (int)getpid(), (int)getppid());
	encoder_text.shutdown(4, &t);
	assert_string_equal(text_str(&t), line);
	text_clear(&t);
	encoder_json.shutdown(4, &t);
	assert_string_equal(settled(&t),
	    "{ \"exabgp\": \"4.0.1\", TIME-HOST-PIDS \"type\": \"notification\", "
	    "\"notification\": \"shutdown\" }\n");
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(text_tells_states_and_updates_in_lines),
		WORLD_TEST(text_prints_sets_and_sequences_as_exabgp_does),
		WORLD_TEST(exabgp_4_2_tells_paths_by_kind_and_says_no_router_id),
		WORLD_TEST(text_tells_an_end_of_rib),
		WORLD_TEST(json_tells_states_and_updates_in_exabgps_order_and_spaces),
		WORLD_TEST(other_messages_are_told_in_both_directions),
		WORLD_TEST(compact_json_has_prefixes_as_texts),
		WORLD_TEST(a_flow_without_a_next_hop_is_told_as_such),
		cmocka_unit_test(the_end_is_told_in_both_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
