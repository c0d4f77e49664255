/* What a configuration is refused for: each with its line and column, and what was expected there. */
#include "tests/unit/controller/config/loaded.h"

static void
an_error_shows_the_line_and_points_at_the_word(void **state)
{
	static const char text[] =
	    "neighbor 192.0.2.1 {\n\tdescription \"caf\xc3\xa9\"; pear-as 1;\n}\n";
	struct config_error e;
	struct text message = { 0 };

	(void)state;
	assert_null(config_load_text("test.conf", text, strlen(text), &e));
	config_error_print(&e, &message);
	assert_string_equal(text_str(&message),
	    "test.conf:2:22: invalid keyword 'pear-as' in neighbor; did you mean peer-as? (in "
	    "neighbor 192.0.2.1)\n"
	    "\t\tdescription \"caf\xc3\xa9\"; pear-as 1;\n"
	    "\t\t                    ^\n");
	text_fini(&message);
}

struct error_case {
	const char *text;
	unsigned line, column;
	const char *says;
};

static const struct error_case errors[] = {
	/* statements and lines */
	{ "foo;", 1, 1, "invalid keyword 'foo' in the configuration; expected process, neighbor" },
	{ "neighbour 192.0.2.1 {", 1, 1, "did you mean neighbor?" },
	{ "hold-time 3;", 1, 1, "it belongs in neighbor" },
	{ PEER_HEAD "asn4 true;", 2, 1, "it belongs in capability" },
	{ PEER_HEAD "hold-time 90\n", 2, 11, "expected ; or { after '90'" },
	{ "neighbor 192.0.2.1\n{", 1, 10, "expected ; or {" },
	{ PEER_HEAD "hold-time 90 }", 2, 1, "expected ; between 'hold-time' and }" },
	{ PEER_HEAD "hold-time 90;;", 2, 14, "expected a keyword before ;" },
	{ PEER_HEAD "{", 2, 1, "expected a keyword before {" },
	{ "}", 1, 1, "closes nothing" },
	{ PEER("") "}", 5, 1, "closes nothing" },
	{ "\n" PEER_HEAD "family {\n", 3, 1, "'family' has no } before the end of the file" },
	{ PEER_HEAD "description \"abc;\n}", 2, 13, "quote" },
	{ PEER_HEAD "host-name \\\n   local-ass\\\n x;\n}", 4, 2, "found 'x'" },
	{ PEER_HEAD "hold-time 90 91;", 2, 14,
	    "expected nothing more after hold-time, found '91'" },
	{ PEER_HEAD "hold-time {", 2, 11, "'hold-time' is no section" },
	{ PEER_HEAD "family ipv4 unicast;", 2, 20, "'family' is a section" },
	{ PEER_HEAD "family x {", 2, 8, "expected nothing more after family" },
	/* values */
	{ PEER_HEAD "hold-time;", 2, 10, "expected 0 or 3..65535 seconds after hold-time" },
	{ PEER_HEAD "hold-time 2;", 2, 11, "expected 0 or 3..65535 seconds, found \"2\"" },
	{ PEER_HEAD "hold-time 65536;", 2, 11, "0 or 3..65535" },
	{ PEER_HEAD "hold-time -1;", 2, 11, "0 or 3..65535" },
	{ PEER_HEAD "connect 0;", 2, 9, "a number 1..65535" },
	{ PEER_HEAD "passive maybe;", 2, 9, "expected true or false" },
	{ PEER_HEAD "group-updates some;", 2, 15, "true, false, or all" },
	{ PEER_HEAD "outgoing-ttl 256;", 2, 14, "a number 0..255, or disable" },
	{ PEER_HEAD "local-as 4294967296;", 2, 10, "an AS number" },
	{ PEER_HEAD "local-as 1.65536;", 2, 10, "an AS number" },
	{ PEER_HEAD "router-id 2001:db8::1;", 2, 11, "an IPv4 address that is not 0.0.0.0" },
	{ PEER_HEAD "router-id 0.0.0.0;", 2, 11, "an IPv4 address that is not 0.0.0.0" },
	{ PEER_HEAD "local-address 1.2.3;", 2, 15, "an IPv4 or IPv6 address, or auto" },
	{ PEER_HEAD "local-link-local 2001:db8::1;", 2, 18, "fe80::/10" },
	{ PEER_HEAD "source-interface a-name-that-is-long;", 2, 18, "a text of 1..15 characters" },
	{ PEER_HEAD "capability { add-path receive/send; }", 2, 23,
	    "disable, receive, send, send/receive" },
	{ PEER_HEAD "capability { add-path; }", 2, 22, "expected disable, receive" },
	{ PEER_HEAD "capability { link-local-nexthop; }", 2, 32, "expected true or false" },
	{ PEER_HEAD "capability { graceful-restart; long-lived-graceful-restart 16777216; }", 2, 60,
	    "expected a number 0..16777215, or disable" },
	{ PEER("capability { long-lived-graceful-restart 60; }"), 1, 1,
	    "long-lived-graceful-restart needs graceful-restart" },
	{ PEER("capability { graceful-restart-notification; }"), 1, 1,
	    "graceful-restart-notification needs graceful-restart" },
	{ PEER_HEAD "capability { graceful-restart 4096; }", 2, 31,
	    "a number 0..4095, or disable" },
	{ "neighbor {", 1, 1, "expected an IPv4 or IPv6 address, or a range" },
	{ "neighbor 192.0.2.1/33 {", 1, 10, "expected an IPv4 or IPv6 address, or a range" },
	/* families */
	{ PEER_HEAD "family { ipv4 unicst; }", 2, 15, "did you mean unicast" },
	{ PEER_HEAD "family { ipv6 multicast; }", 2, 15,
	    "expected a family after ipv6 (unicast, " },
	{ PEER_HEAD "family { ipv4; }", 2, 10, "expected a family after ipv4" },
	{ PEER_HEAD "family { ipv4 unicast; ipv4 unicast; }", 2, 29,
	    "ipv4 unicast is there twice" },
	{ PEER_HEAD "family { raw 1 81; ipv4 81; }", 2, 25, "ipv4 81 is there twice" },
	{ PEER_HEAD "family { raw 1 0; }", 2, 16, "expected the numbers of an AFI and a SAFI" },
	{ PEER_HEAD "family { raw 1; }", 2, 10, "expected the numbers of an AFI and a SAFI" },
	{ PEER_HEAD "family { ipv4 256; }", 2, 15, "expected the numbers of an AFI and a SAFI" },
	{ PEER_HEAD "family { ipv4 unicast; all; }", 2, 24, "cannot stand beside" },
	{ PEER_HEAD "family { all; ipv4 unicast; }", 2, 15, "cannot stand beside" },
	{ PEER_HEAD "family { minimal; }", 2, 10,
	    "'minimal' is of old versions: write ipv4 unicast; ipv6 unicast;" },
	{ PEER_HEAD "add-path { ipv4 unicast limit 0; }", 2, 31, "a number of paths" },
	{ PEER_HEAD "nexthop { ipv4 unicast ipv4; }", 2, 24, "\"ipv6\"" },
	{ PEER_HEAD "nexthop { ipv4 flow ipv6; }", 2, 16, "expected a family after ipv4" },
	/* what moved */
	{ "group g {", 1, 1, "'group' is of old versions: write template { neighbor NAME" },
	{ PEER_HEAD "process p { run a; }", 2, 1, "'process' is of old versions: a process stands beside" },
	{ PEER_HEAD "ttl-security 1;", 2, 1, "write outgoing-ttl 255; and incoming-ttl N;" },
	{ PEER_HEAD "md5 secret;", 2, 1, "write md5-password" },
	{ PEER_HEAD "route-refresh;", 2, 1, "it belongs in capability" },
	{ PEER_HEAD "graceful-restart 5;", 2, 1, "it belongs in capability" },
	{ PEER_HEAD "family { inet unicast; }", 2, 10, "write ipv4 unicast;" },
	{ PEER_HEAD "family { inet6 unicast; }", 2, 10, "write ipv6 unicast;" },
	{ PEER_HEAD "api { services [ p ]; }", 2, 7, "write processes [ NAME ];" },
	{ "process p { run a; receive-routes; }", 1, 20, "receive { parsed; update; }" },
	{ "process p { run a; peer-updates; }", 1, 20, "receive { parsed; update; }" },
	{ "process p { run a; neighbor-changes; }", 1, 20, "it belongs in api" },
	/* operational */
	{ PEER_HEAD "operational { amd afi ipv4 safi unicast advisory \"x\"; }", 2, 15,
	    "did you mean adm?" },
	{ PEER_HEAD "operational { asm afi ipv4 safi unicst advisory \"x\"; }", 2, 33,
	    "a SAFI that goes with the AFI" },
	{ PEER_HEAD "operational { asm afi ipv4 safi unicast; }", 2, 33, "expected \"advisory\"" },
	{ PEER_HEAD "operational { rpcq afi ipv4 safi unicast sequence x; }", 2, 51, "a number" },
	{ PEER_HEAD "operational { asm afi ipv4 safi unicast advisory a b; }", 2, 52,
	    "expected nothing more after asm" },
	{ PEER_HEAD "announce { ipv4 { route 10.0.0.0/8 next-hop 1.1.1.1; } }", 2, 19,
	    "it belongs in static" },
	/* processes, speakers, clients */
	{ "process p { encoder json; }", 1, 1, "process p needs 'run'" },
	{ "process { }", 1, 1, "expected a name after process" },
	{ "process p { run a; }\nprocess p { run a; }", 2, 9,
	    "process 'p' is there already, at test.conf:1" },
	{ "process api-internal-cli-x { run a; }", 1, 9, "reserved" },
	{ "process p { run a; encoder xml; }", 1, 28, "text or json" },
	{ "speaker e { key short; }", 1, 17, "40 characters of Z85" },
	{ "speaker e { }\nspeaker e { }", 2, 9, "is there already" },
	{ "speaker 'a b' { }", 1, 9, "cannot be the name of speaker" },
	{ "client c { role admin; }", 1, 0, "client c needs 'key', or an import" },
	{ "client configuration { key '" KEY_A "'; }", 1, 8, "reserved" },
	{ "client c { import nowhere; }", 1, 12, "client c: import: there is no policy 'nowhere'" },
	{ "process p { run /bin/true; import nowhere; }", 1, 28, "process p: import: there is no policy 'nowhere'" },
	{ "template { neighbor t {\nimport nowhere; } }\n" PEER("inherit t;"), 2, 1,
	    "import: there is no policy 'nowhere'" },
	{ PEER("import nowhere;"), 2, 1, "neighbor 192.0.2.1: import: there is no policy 'nowhere'" },
	{ "policy customers { rule a { then { accept; } } }\n" PEER("export custmers;"), 3, 1,
	    "export: there is no policy 'custmers'; did you mean customers?" },
	{ PEER("export accept; export-covers peer;"), 2, 16, "export-covers: expected client or configuration, found 'peer'" },
	{ PEER("export-covers client;"), 2, 1, "export-covers: there is no export" },
	{ "client c { key '" KEY_A "'; }\nclient d { key '" KEY_A "'; }", 2, 0,
	    "clients c and d have the same key" },
	/* neighbors */
	{ PEER_HEAD "peer-as 1; local-address 192.0.2.2; }", 1, 1,
	    "incomplete neighbor, missing local-as" },
	{ PEER_HEAD "}", 1, 1, "incomplete neighbor, missing local-as, peer-as" },
	{ PEER_HEAD "local-as 1; peer-as 1; }", 1, 1, "missing router-id" },
	{ "neighbor 2001:db8::1 { local-as 1; peer-as 1; local-address 2001:db8::2; }", 1, 1,
	    "missing router-id" },
	{ PEER_HEAD "local-as 1; peer-as 1; router-id 1.1.1.1; local-address ::1; }", 1, 1,
	    "not of the same family" },
	{ "neighbor 192.0.2.0/24 { " PEER_LINES "}", 1, 1, "passive is needed" },
	{ PEER_HEAD "local-as 1; peer-as 1; router-id 1.1.1.1; listen 179; }", 1, 1,
	    "listen needs a local-address" },
	{ PEER("") PEER(""), 5, 1,
	    "duplicate peer definition: it is there already, at test.conf:1" },
	{ PEER("speaker e;"), 1, 1, "speaker e: there is no such speaker section" },
	{ PEER("") "speaker e { } speaker f { }", 1, 1, "speaker is needed" },
	{ PEER("api { processes [ nobody ]; }"), 2, 0, "there is no process 'nobody': process NAME {" },
	{ "process feeder { run a; }\n" PEER("api { processes [ feder ]; }"), 3, 0,
	    "there is no process 'feder'; did you mean feeder?" },
	{ PEER("api { processes [ a; }"), 2, 19, "\"]\"" },
	{ "process p { run a; }\n" PEER("api { processes [ p ]; processes-match [ p ]; }"), 2, 1,
	    "cannot stand together" },
	{ PEER("api a+b { }"), 2, 5, "cannot be the name of api" },
	{ PEER("api { fsm yes; }"), 2, 11, "true or false" },
	{ PEER("tcp-ao { keyid 1; algorithm hmac-sha-256; base64 true; password 'x!'; }"), 1, 1,
	    "is not base64" },
	{ PEER("tcp-ao { keyid 1; algorithm hmac-sha-256; password "
	       "012345678901234567890123456789012345678901234567890123456789012345678901234567890; }"),
	    1, 1, "has not 1 to 80 characters" },
	{ PEER("tcp-ao { keyid 1; }"), 1, 1, "incomplete tcp-ao, missing algorithm, password" },
	{ PEER("md5-password x; tcp-ao { keyid 1; algorithm hmac-sha-256; password x; }"), 1, 1,
	    "cannot stand together" },
	{ PEER("md5-password 'x!'; md5-base64 true;"), 1, 1, "is not base64" },
	{ PEER(
	      "md5-password "
	      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"),
	    1, 1, "80 characters" },
	/* routes */
	{ PEER("family { ipv4 unicast; }\nstatic {\nroute 2001:db8::/64 next-hop 2001:db8::1;\n}"),
	    4, 1, "of the family ipv6 unicast, which is not among those" },
	{ PEER("static { route 10.0.0.0/24; }"), 2, 10, "requires nexthop" },
	{ PEER("static { route 10.0.0.0/24 { med 5; } }"), 2, 10, "requires nexthop" },
	{ PEER("static { route 10.0.0.0/24 { med 5 { } }"), 2, 36, "expected ; found {" },
	{ PEER("static { attributes med 5 { } }"), 2, 10, "'attributes' is written on one line" },
	{ PEER("static { route 10.0.0.1/24 next-hop 1.1.1.1; }"), 2, 16, "" },
	{ PEER("static { route 10.0.0.0/24 next-hop 1.1.1.1 mde 5; }"), 2, 45, "med" },
};

static bool
error_is(const struct error_case *t)
{
	struct config_error e;
	struct config *c = config_load_text("test.conf", t->text, strlen(t->text), &e);
	bool right = c == NULL && e.line == t->line && e.column == t->column &&
		     strcmp(e.file, "test.conf") == 0 && strstr(e.text, t->says) != NULL;

	if (!right)
		print_error("%s\n%s:%u:%u: %s\nwanted %u:%u: %s\n\n", t->text,
		    c != NULL ? "loaded" : e.file, e.line, e.column, e.text, t->line, t->column,
		    t->says);
	config_free(c);
	return right;
}

static void
the_first_error_says_where_and_what_was_expected(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		wrong += !error_is(&errors[i]);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_shows_the_line_and_points_at_the_word),
		cmocka_unit_test(the_first_error_says_where_and_what_was_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
