/* Policies as they are written, on routes as they are typed: what is decided, by which rule, and what is left. */
#include "controller/policy/policy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/text.h"
#include "controller/config/config.h"
#include "controller/policy/communities.h"
#include "controller/policy/path_pattern.h"
#include "controller/rpki/roas.h"
#include "proto/bgp/attrs.h"

static const struct addr peer = { 4, { 192, 0, 2, 1 } };

/* A configuration of policies alone; the last one is meant. */
static struct config *
written(const char *text)
{
	struct config_error e;
	struct config *c = config_load_text("test", text, strlen(text), &e);

	if (!c)
		fail_msg("%u:%u: %s", e.line, e.column, e.text);
	return c;
}

static void
refused(const char *text, const char *why)
{
	struct config_error e;

	assert_null(config_load_text("test", text, strlen(text), &e));
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static struct words_line line;
static const struct roas *known; /* NULL: there is no cache */
static struct route_draft draft;

/* The route of these words, lent until the next one. */
static struct policy_route
route(const char *typed)
{
	static uint8_t memory[ROUTE_VALUE_MAX], piece[ROUTE_PIECE_MAX];
	struct writer block = writer_of(memory, sizeof memory);
	struct policy_route r = { .peer = &peer, .peer_as = 65010, .roas = known, .own_as = 65001 };
	struct reason why = { 0 };
	struct words words;
	uint64_t state = 0;
	struct nlri nlri;

	words_line_fini(&line);
	route_draft_fini(&draft);
	line = (struct words_line){ 0 };
	draft = (struct route_draft){ 0 };
	assert_int_equal(words_cut(&line, typed, strlen(typed), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	if (route_scan(&words, &draft, &why) < 0)
		fail_msg("%s: %s", typed, why.text);
	attrs_overlay(&block, (struct reader){ 0 }, octets_read(&draft.attributes));
	assert_true(route_draft_next(&draft, &state, piece, &nlri));
	r.family = draft.family;
	r.nlri = nlri.octets;
	r.value.next_hop = reader_of(draft.next_hop, draft.next_hop_len);
	r.value.attributes = writer_read(&block);
	return r;
}

static int
done(void **state)
{
	(void)state;
	words_line_fini(&line);
	route_draft_fini(&draft);
	return 0;
}

/* "accept a: origin igp ..." by the chain of all policies of the text. */
static void
comes_to(const char *policies, const char *typed, const char *wanted)
{
	struct config *c = written(policies);
	struct policy_chain chain = { .count = 0 };
	struct policy_route r = route(typed);
	const struct policy_rule *by;
	struct text said = { 0 };
	bool accepted;

	for (size_t i = 0; i < c->policy_count; i++)
		policy_chain_add(&chain, c->policies[i]);
	accepted = policy_run(&chain, &r, &by);
	text_add(&said, accepted ? "accept" : "reject");
	if (accepted)
		attrs_print(r.value.attributes, &said);
	else if (by)
		text_printf(&said, " by %s", by->label);
	if (strcmp(text_str(&said), wanted) != 0)
		fail_msg("%s\n%s\ncame to %s\nnot to %s", policies, typed, text_str(&said), wanted);
	text_fini(&said);
	policy_chain_fini(&chain);
	config_free(c);
}

/* One condition by itself. */
static void
holds(bool wanted, const char *condition, const char *typed)
{
	char text[1024];
	const char *none = "reject";

	snprintf(text, sizeof text,
	    "policy p {\nrule r {\nmatch {\n%s;\n}\nthen {\nmed 1;\naccept;\n}\n}\n}\n"
	    "set prefixes nets { 10.0.0.0/8 le 16; }\nset as ases { 65001; 65003-65009; }\n"
	    "set communities marks { 65001:7; 1:2:*; target:65001:*; }\n",
	    condition);
	if (!wanted) {
		comes_to(text, typed, none);
		return;
	}
	{
		struct config *c = written(text);
		struct policy_chain chain = { .count = 0 };
		struct policy_route r = route(typed);
		const struct policy_rule *by;

		policy_chain_add(&chain, c->policies[0]);
		if (!policy_run(&chain, &r, &by))
			fail_msg("%s does not hold for %s", condition, typed);
		policy_chain_fini(&chain);
		config_free(c);
	}
}

#define R "route 10.1.0.0/16 next-hop 10.9.9.9 origin egp as-path [ 65001 65002 65003 ] "

static void
prefixes_with_and_without_lengths(void **state)
{
	(void)state;
	holds(true, "prefix 10.1.0.0/16", R);
	holds(false, "prefix 10.0.0.0/8", R);
	holds(true, "prefix 10.0.0.0/8 longer", R);
	holds(true, "prefix 10.1.0.0/16 longer", R);
	holds(true, "prefix [ 192.0.2.0/24 10.0.0.0/8 ge 16 le 24 ]", R);
	holds(false, "prefix [ 192.0.2.0/24, 10.0.0.0/8 ge 17 ]", R);
	holds(true, "prefix 10.0.0.0/8 le 16", R);
	holds(true, "prefix 0.0.0.0/0 longer", R);
	holds(false, "prefix ::/0 longer", R);
	holds(true, "prefix [ 10.0.0.0/8 10.0.0.0/8 ge 16 le 16 ]", R);
	holds(true, "prefix 2001:db8::/32 ge 48", "route 2001:db8:1::/48 next-hop 2001:db8::1");
	holds(true, "prefix 0.0.0.0/0", "route 0.0.0.0/0 next-hop 10.0.0.1");
}

static void
paths(void **state)
{
	(void)state;
	holds(true, "as-path 65002", R);
	holds(false, "as-path 65009", R);
	holds(true, "as-path 65000-65001", R);
	holds(true, "as-path [ 65001 * ]", R);
	holds(true, "as-path [ * 65003 ]", R);
	holds(false, "as-path [ 65002 * ]", R);
	holds(true, "as-path [ 65001 ? 65003 ]", R);
	holds(false, "as-path [ 65001 65003 ]", R);
	holds(true, "as-path [ 65001+ 65002+ 65003 ]", R);
	holds(true, "as-path [ * ]", "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ ]");
	holds(true, "as-path [ ]", "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ ]");
	holds(false, "as-path [ ? ]", "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ ]");
	holds(true, "as-path [ 7+ ]", "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 7 7 7 ]");
	holds(true, "as-path-length 3", R);
	holds(false, "as-path-length 4-9", R);
}

/* Of a route that this one said. */
static void
said_by(bool wanted, const char *condition, enum policy_source source, const char *name)
{
	static const struct addr at = { 4, { 192, 0, 2, 1 } };
	struct policy_route r = { .source = source,
		.sayer = name,
		.peer = source == SOURCE_PEER ? &at : NULL };
	struct policy_chain chain = { .count = 0 };
	const struct policy_rule *by;
	char text[256];
	struct config *c;

	snprintf(text, sizeof text,
	    "policy p {\nrule r {\nmatch {\n%s;\n}\nthen {\naccept;\n}\n}\n}\n", condition);
	c = written(text);
	policy_chain_add(&chain, c->policies[0]);
	if (policy_run(&chain, &r, &by) != wanted)
		fail_msg("%s %s %s", condition, wanted ? "does not hold for" : "holds for", name);
	policy_chain_fini(&chain);
	config_free(c);
}

static void
a_source_is_a_client_a_peer_or_the_configuration(void **state)
{
	(void)state;
	said_by(true, "source client", SOURCE_CLIENT, "feeder");
	said_by(false, "source client", SOURCE_PEER, "feeder");
	said_by(false, "source client", SOURCE_CONFIGURATION, NULL);
	said_by(true, "source client feeder", SOURCE_CLIENT, "feeder");
	said_by(false, "source client feeder", SOURCE_CLIENT, "feede");
	said_by(true, "source client [ watcher feeder ]", SOURCE_CLIENT, "feeder");
	said_by(true, "source client [ watcher, feeder ]", SOURCE_CLIENT, "watcher");
	said_by(false, "source client [ watcher feeder ]", SOURCE_CLIENT, "other");
	said_by(true, "source configuration", SOURCE_CONFIGURATION, NULL);
	said_by(false, "source configuration", SOURCE_CLIENT, "configuration");
	said_by(true, "source peer", SOURCE_PEER, NULL);
	said_by(false, "source peer", SOURCE_CLIENT, NULL);
	said_by(true, "source peer 192.0.2.1", SOURCE_PEER, NULL);
	said_by(false, "source peer 192.0.2.2", SOURCE_PEER, NULL);
	said_by(true, "source peer [ 10.0.0.0/8 192.0.2.0/24 ]", SOURCE_PEER, NULL);
	said_by(true, "source peer \"transit b\"", SOURCE_PEER, "transit b");
	said_by(false, "source peer transit", SOURCE_PEER, "transit b");
	/* a client that calls itself by an address is no peer, and the other way round */
	said_by(true, "source client 192.0.2.1", SOURCE_CLIENT, "192.0.2.1");
	said_by(false, "source peer 192.0.2.9", SOURCE_PEER, "192.0.2.9");
	said_by(true, "source [ client configuration ]", SOURCE_CONFIGURATION, NULL);
	said_by(true, "source [ client, configuration ]", SOURCE_CLIENT, "x");
	said_by(false, "source [ client configuration ]", SOURCE_PEER, NULL);
#define SOURCE(words) "policy p {\nrule r {\nmatch {\nsource " words ";\n}\nthen {\naccept;\n}\n}\n}\n"
	refused(SOURCE("neighbor"), "client, configuration or peer");
	refused(SOURCE("[ client feeder ]"), "client, configuration or peer");
	refused(SOURCE("[ client"), "");
	refused(SOURCE("configuration x"), "nothing behind configuration");
	refused(SOURCE("client [ ]"), "a name");
	refused(SOURCE("client [ a"), "");
	refused(SOURCE("client ["), "");
#undef SOURCE
}

#define F "ipv4 flow destination 10.1.0.0/16 source-port [ >=1024&<=2000 8080 ] protocol [ tcp udp ] tcp-flags [ syn+ack ] "                     \
	  "fragment first-fragment discard"

static void
components_of_flow_specifications(void **state)
{
	(void)state;
	holds(true, "flow destination", F);
	holds(true, "flow destination 10.1.0.0/16", F);
	holds(true, "flow destination [ 192.0.2.0/24 10.0.0.0/8 longer ]", F);
	holds(false, "flow destination 10.0.0.0/8", F);
	holds(false, "flow source", F);
	holds(true, "flow protocol udp", F);
	holds(true, "flow protocol 6", F);
	holds(false, "flow protocol [ 1 47 ]", F);
	holds(true, "flow source-port 1500", F);
	holds(true, "flow source-port 1-1024", F);
	holds(false, "flow source-port [ 1-1023 2001-8079 ]", F);
	holds(true, "flow source-port 8080", F);
	holds(true, "flow tcp-flags syn", F);
	holds(false, "flow tcp-flags fin", F);
	holds(true, "flow fragment", F);
	holds(true, "flow fragment first-fragment", F);
	holds(false, "flow fragment not-a-fragment", F);
	holds(true, "flow fragment not-a-fragment", "ipv4 flow fragment not-a-fragment discard");
	holds(false, "flow port 80", F);
	holds(false, "flow protocol", R);
	holds(true, "flow port 5-6", "ipv4 flow port [ >4&<7&!=5 ] discard");
	holds(false, "flow port 5", "ipv4 flow port [ >4&<7&!=5 ] discard");
	holds(true, "flow destination 2001:db8::/32", "ipv6 flow destination 2001:db8::/32/0 discard");
}

/* What the controller gives beside the attributes. */
static void
tags_groups_and_age(void **state)
{
	static char *const templates[] = { "edge", "customers" };
	static const char *const conditions[] = { "group customers", "tag 7", "age 60", "age 60-70" };
	const struct policy_rule *by;

	(void)state;
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		char text[200];
		struct config *c;
		struct policy_chain chain = { .count = 0 };
		struct policy_route r = route(R);

		snprintf(text, sizeof text, "policy p { rule r { match { %s; } then { accept; } } }\n", conditions[i]);
		c = written(text);
		policy_chain_add(&chain, c->policies[0]);
		assert_int_equal(chain.of_age, i >= 2);
		assert_false(policy_run(&chain, &r, &by));
		r.group = templates;
		r.groups = 2;
		r.tag = 7;
		r.age = 65;
		assert_true(policy_run(&chain, &r, &by));
		r.age = 100;
		assert_int_equal(policy_run(&chain, &r, &by), i != 3);
		policy_chain_fini(&chain);
		config_free(c);
	}
}

#define DOES(actions) "policy p { rule r { then { " actions " accept; } } }\n"

static void
paths_are_changed(void **state)
{
	static const char r[] = "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 65001 7 ] ( 64512 8 ) [ 4200000000 ]";

	(void)state;
	comes_to(DOES("as-path remove-private;"), r, "accept as-path [ 7 ] ( 8 )");
	comes_to(DOES("as-path replace-private 9;"), r, "accept as-path [ 9 7 ] ( 9 8 ) [ 9 ]");
	comes_to(DOES("as-path remove 65001;"), r, "accept as-path [ 7 ] ( 64512 8 ) [ 4200000000 ]");
	comes_to(DOES("as-path remove [ 1-10 64512 ];"), r, "accept as-path [ 65001 ] [ 4200000000 ]");
	comes_to(DOES("as-path replace [ 7 8 ] 77;"), r, "accept as-path [ 65001 77 ] ( 64512 77 ) [ 4200000000 ]");
	comes_to(DOES("as-path remove 5;"), r, "accept as-path [ 65001 7 ] ( 64512 8 ) [ 4200000000 ]");
	comes_to(DOES("as-path remove-private;"), "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ { 65001 } ] [ 65002 ]",
	    "accept as-path [ { 65001 } ]");
	comes_to(DOES("prepend 9 2;"), "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ { 65001 } ] [ 7 ]",
	    "accept as-path [ { 65001 } ] [ 9 9 7 ]");
	comes_to(DOES("set as-path [ 1 2 ];"), r, "accept as-path [ 1 2 ]");
}

static void
any_attribute_is_set_and_removed(void **state)
{
	static const char r[] = "route 10.0.0.0/8 next-hop 10.0.0.1 med 10 local-preference 5 community [ 1:1 1:2 7:7 ] aigp 5";

	(void)state;
	comes_to(DOES("remove aigp; remove 8; set originator-id 1.2.3.4;"), r,
	    "accept med 10 local-preference 5 originator-id 1.2.3.4");
	comes_to(DOES("set aigp 6; set cluster-list [ 1.1.1.1 ]; remove med; remove local-preference;"), r,
	    "accept community [ 1:1 1:2 7:7 ] cluster-list 1.1.1.1 aigp 6");
	comes_to(DOES("med add 5; local-preference subtract 6; community replace 1:* with [ 8:8 7:7 ];"), r,
	    "accept med 15 local-preference 0 community [ 7:7 8:8 ] aigp 5");
	comes_to(DOES("med subtract 3; local-preference add 4294967295; community replace 9:* with 8:8;"), r,
	    "accept med 7 local-preference 4294967295 community [ 1:1 1:2 7:7 ] aigp 5");
	comes_to(DOES("med add 3; local-preference add 1;"), "route 10.0.0.0/8 next-hop 10.0.0.1",
	    "accept med 3 local-preference 101");
}

static void
a_rule_goes_on_further_down(void **state)
{
	static const char p[] = "policy p { rule a { match { prefix 10.0.0.0/8 longer; } then { med 1; go-to c; } } "
				"rule b { then { reject; } } rule c { then { community add 1:1; accept; } } }\n";

	(void)state;
	comes_to(p, "route 10.1.0.0/16 next-hop 10.0.0.1", "accept med 1 community 1:1");
	comes_to(p, "route 192.0.2.0/24 next-hop 10.0.0.1", "reject by policy p rule b (line 1)");
	refused("policy p { rule a { then { go-to b; } } }\n", "there is no rule 'b' further down");
}

static void
communities_of_three_kinds(void **state)
{
	static const char r[] = R "community [ 65001:7 no-export ] large-community [ 1:2:3 ] "
				  "extended-community [ target:65001:9 ]";

	(void)state;
	holds(true, "community 65001:7", r);
	holds(true, "community [ 1:1 65001:* ]", r);
	holds(true, "community *:5-8", r);
	holds(true, "community no-export", r);
	holds(false, "community blackhole", r);
	holds(false, "community 65001:8", r);
	holds(false, "community *:*", R);
	holds(true, "large-community 1:*:3", r);
	holds(false, "large-community 1:*:4", r);
	holds(true, "extended-community target:65001:9", r);
	holds(true, "extended-community target:65001:*", r);
	holds(false, "extended-community target:65002:*", r);
	holds(false, "extended-community origin:65001:*", r);
}

static void
the_other_conditions(void **state)
{
	(void)state;
	holds(true, "origin egp", R);
	holds(false, "origin igp", R);
	holds(true, "med 5-9", R "med 7");
	holds(false, "med 0", R);
	holds(true, "local-preference 200", R "local-preference 200");
	holds(true, "next-hop 10.9.0.0/16", R);
	holds(false, "next-hop [ 10.8.0.0/16 10.9.9.8 ]", R);
	holds(true, "neighbor 192.0.2.1", R);
	holds(false, "neighbor 192.0.2.2", R);
	holds(true, "peer-as 65010", R);
	holds(false, "peer-as 1-65009", R);
	holds(true, "family ipv4 unicast", R);
	holds(false, "family ipv6 unicast", R);
}

static void
sets_called_by_name(void **state)
{
	static const char r[] = R "community [ 65001:7 ] large-community [ 1:2:3 ] "
				  "extended-community [ target:65001:9 ]";
	static const char other[] = "route 10.0.0.0/8 next-hop 10.0.0.1 ";

	(void)state;
	holds(true, "prefix nets", R);
	holds(false, "prefix nets", "route 10.1.1.0/24 next-hop 10.0.0.1");
	holds(true, "prefix [ nets 10.1.1.0/24 ]", "route 10.1.1.0/24 next-hop 10.0.0.1");
	holds(true, "as-path origin ases", R);
	holds(true, "as-path neighbor ases", R);
	holds(true, "as-path contains ases", R);
	holds(false, "as-path origin 65002", R);
	holds(true, "as-path contains [ 7 65002 ]", R);
	holds(false, "as-path contains ases",
	    "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 1 65002 ]");
	holds(false, "as-path origin [ ases 1 ]",
	    "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 65001 2 ]");
	holds(false, "as-path neighbor ases",
	    "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 1 65001 ]");
	holds(true, "as-path neighbor ases",
	    "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ { 9 65002 } ] [ 65001 2 ]");
	holds(false, "as-path origin ases",
	    "route 10.0.0.0/8 next-hop 10.0.0.1 as-path [ 65001 ] ( 65001 65003 )");
	holds(false, "as-path origin 0-4294967295", other);
	holds(true, "community marks", r);
	holds(true, "community [ 9:9 marks ]", r);
	holds(true, "large-community marks", r);
	holds(true, "extended-community marks", r);
	holds(false, "community marks", other);
	holds(false, "large-community marks", R "large-community 1:3:3");
}

#define THEN(actions) "policy p {\nrule r {\nthen {\n" actions "\naccept;\n}\n}\n}\n"

static void
actions_change_what_they_say(void **state)
{
	static const char short_route[] =
	    "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path [ 1 ] ";

	(void)state;
	comes_to(THEN("local-preference 200;\nmed 5;\norigin incomplete;"), short_route,
	    "accept origin incomplete as-path [ 1 ] med 5 local-preference 200");
	comes_to(THEN("med none;"), R "med 7", "accept origin egp as-path [ 65001 65002 65003 ]");
	comes_to(THEN("prepend 9 3;"), short_route, "accept origin igp as-path [ 9 9 9 1 ]");
	comes_to(THEN("prepend 9;"),
	    "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path ( 1 2 )",
	    "accept origin igp as-path [ 9 ] ( 1 2 )");
	comes_to(THEN("community add [ 1:1 2:2 ];\ncommunity add 1:1;"),
	    "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path [ 1 ] community 2:2",
	    "accept origin igp as-path [ 1 ] community [ 2:2 1:1 ]");
	comes_to(THEN("community remove 65001:*;"),
	    "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path [ 1 ] community [ 65001:1 "
	    "65001:2 3:3 ]",
	    "accept origin igp as-path [ 1 ] community 3:3");
	comes_to(THEN("community remove *:*;\nlarge-community set [ 1:2:3 ];"),
	    "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path [ 1 ] community 3:3 "
	    "large-community 9:9:9",
	    "accept origin igp as-path [ 1 ] large-community 1:2:3");
}

static void
rules_follow_one_another(void **state)
{
	static const char two[] =
	    "policy a {\nrule mark {\nmatch {\nas-path 65002;\n}\nthen {\ncommunity add "
	    "7:7;\n}\n}\n"
	    "rule on {\nmatch {\ncommunity 7:7;\nmed 1;\n}\nthen {\nnext;\n}\n}\n"
	    "rule out {\nmatch {\ncommunity 7:7;\n}\nthen {\nreject;\n}\n}\n}\n"
	    "policy b {\nrule yes {\nthen {\nlocal-preference 300;\naccept;\n}\n}\n}\n";

	(void)state;
	comes_to(two, R, "reject by policy a rule out (line 19)");
	comes_to(two, R "med 1",
	    "accept origin egp as-path [ 65001 65002 65003 ] med 1 local-preference 300 community "
	    "7:7");
	comes_to(two, "route 10.0.0.0/8 next-hop 10.0.0.1 origin igp as-path [ 1 ]",
	    "accept origin igp as-path [ 1 ] local-preference 300");
	comes_to(
	    "policy a {\nrule r {\nmatch {\nmed 1;\n}\nthen {\naccept;\n}\n}\n}\n", R, "reject");
}

static void
what_is_wrong_is_named(void **state)
{
	(void)state;
	refused(
	    "policy p {\nrule r {\nmatch {\nprefx 10.0.0.0/8;\n}\n}\n}\n", "did you mean prefix?");
	refused(
	    "policy p {\nrule r {\nmatch {\nprefix 10.0.0.1/8;\n}\n}\n}\n", "without host bits");
	refused("policy p {\nrule r {\nmatch {\nprefix [ 10.0.0.0/8 ge 9 le 8 ];\n}\n}\n}\n",
	    "not below ge");
	refused("policy p {\nrule r {\nmatch {\ncommunity 1:99999;\n}\n}\n}\n", "a community");
	refused("policy p {\nrule r {\nmatch {\nas-path [ 5- ];\n}\n}\n}\n", "an AS");
	refused("policy p {\nrule r {\nthen {\naccept;\nmed 5;\n}\n}\n}\n", "would never be done");
	refused("policy p {\nrule r {\nthen {\nmeds 5;\n}\n}\n}\n", "did you mean med?");
	refused("policy p {\nrule r {\nmatch {\nmed;\n}\n}\n}\n",
	    "expected N, or N-N behind med (its MED");
	refused("policy p {\nrule r {\nthen {\nprepend;\n}\n}\n}\n",
	    "expected AS [TIMES] behind prepend");
	refused("policy accept {\n}\n", "is there already");
	refused("policy p {\nrule r {\nmatch {\nmed 5 6;\n}\n}\n}\n", "nothing more");
}

/* The rule by whose limit the route is told. */
static void
limited(const char *policies, const char *typed, uint32_t wanted, const char *by)
{
	struct config *c = written(policies);
	struct policy_chain chain = { .count = 0 };
	struct policy_route r = route(typed);
	const struct policy_rule *decided;

	for (size_t i = 0; i < c->policy_count; i++)
		policy_chain_add(&chain, c->policies[i]);
	assert_true(policy_run(&chain, &r, &decided));
	assert_int_equal(r.limited ? r.limited->limit : 0, wanted);
	if (wanted > 0)
		assert_string_equal(r.limited->label, by);
	assert_false(r.changed);
	policy_chain_fini(&chain);
	config_free(c);
}

static void
the_last_rule_that_has_a_limit_is_the_one_that_limits(void **state)
{
	static const char two[] =
	    "policy p {\nrule a {\nthen {\nlimit 100/s;\n}\n}\n"
	    "rule b {\nmatch {\nmed 5;\n}\nthen {\nlimit 1/s;\naccept;\n}\n}\n"
	    "rule c {\nmatch {\nmed 6;\n}\nthen {\nnext;\n}\n}\n"
	    "rule d {\nthen {\naccept;\n}\n}\n}\n"
	    "policy q {\nrule a {\nthen {\nlimit 1000000/s;\naccept;\n}\n}\n}\n";

	(void)state;
	limited(two, R "med 5", 1, "policy p rule b (line 7)");
	limited(two, R "med 6", 1000000, "policy q rule a (line 31)");
	limited(two, R, 100, "policy p rule a (line 2)");
	limited("policy p {\nrule a {\nmatch {\nmed 5;\n}\nthen {\nlimit 9/s;\n}\n}\n"
		"rule b {\nthen {\naccept;\n}\n}\n}\n",
	    R, 0, NULL);
}

static void
a_limit_that_means_nothing_is_refused(void **state)
{
	static const char *const wrong[] = { "limit 0/s", "limit 1000001/s", "limit 5",
		"limit -1/s", "limit 5/m", "limit 99999999999999999999/s", "limit /s",
		"limit fast" };
	static const char one[] =
	    "neighbor 192.0.2.1 {\nlocal-address 192.0.2.2;\nlocal-as 65000;\n"
	    "peer-as 65001;\nrouter-id 192.0.2.2;\npropagate router;\n"
	    "import [ accept p ];\n}\n";
	char text[1024];
	struct config_error e;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(
		    text, sizeof text, "policy p {\nrule r {\nthen {\n%s;\n}\n}\n}\n", wrong[i]);
		refused(text, "changes a second, 1/s to 1000000/s");
	}
	refused("policy p {\nrule r {\nthen {\nlimit;\n}\n}\n}\n", "expected N/s behind limit");
	refused("policy p {\nrule r {\nthen {\nlimit 5/s 6/s;\n}\n}\n}\n", "nothing more");
	refused("policy p {\nrule r {\nthen {\nlimit 5/s;\nlimit 6/s;\n}\n}\n}\n", "already");
	refused("policy p {\nrule r {\nthen {\nlimit 5/s;\nreject;\n}\n}\n}\n", "is not told");
	refused("policy p {\nrule r {\nthen {\nlimit 5/s;\n}\n}\nrule r {\nthen {\nlimit "
		"5/s;\n}\n}\n}\n",
	    "policy p rule r (line 7) has a limit, and so has another");
	/* in an import, which tells nobody anything */
	snprintf(text, sizeof text,
	    "%spolicy p {\nrule r {\nthen {\nlimit 5/s;\naccept;\n}\n}\n}\n", one);
	refused(text, "policy p rule r (line 10) has a limit");
	assert_null(config_load_text("test", text, strlen(text), &e));
	assert_int_equal(e.line, 7);
	assert_int_equal(e.column, 1);
}

static void
origins_are_asked_of_roas(void **state)
{
	static const char own[] = "route 10.1.0.0/16 next-hop 10.9.9.9 as-path [ ]";
	struct roas *roas = roas_new();
	struct roa a = { .max = 16, .asn = 65003 };

	(void)state;
	assert_int_equal(prefix_scan(&a.prefix, "10.1.0.0/16"), 0);
	roas_use(roas, 1);
	assert_true(roas_add(roas, 0, &a));
	holds(true, "rpki not-found", R);
	holds(false, "rpki valid", R);
	known = roas;
	holds(true, "rpki valid", R);
	holds(true, "rpki [ not-found valid ]", R);
	holds(false, "rpki [ not-found, invalid ]", R);
	holds(true, "rpki invalid", own);
	holds(true, "rpki invalid", "route 10.1.1.0/24 next-hop 10.9.9.9 as-path [ 65003 ]");
	holds(true, "rpki not-found", "route 10.2.0.0/16 next-hop 10.9.9.9 as-path [ 65003 ]");
	a.asn = 65001;
	assert_true(roas_add(roas, 0, &a));
	holds(true, "rpki valid", own);
	known = NULL;
	roas_free(roas);
	refused(
	    "policy p {\nrule r {\nmatch {\nrpki good;\n}\n}\n}\n", "valid, invalid or not-found");
	refused("policy p {\nrule r {\nmatch {\nrpki [ valid;\n}\n}\n}\n",
	    "valid, invalid or not-found");
}

/* Nobody is there to be asked: the default. */
static void
a_client_may_decide(void **state)
{
#define VIA "via client checker timeout 50ms default accept"
	(void)state;
	comes_to("policy p {\n" VIA ";\n}\n", R, "accept origin egp as-path [ 65001 65002 65003 ]");
	comes_to("policy p {\nvia client checker default reject;\n}\n", R,
	    "reject by policy p rule via (line 2)");
	comes_to("policy p {\nrule r {\nmatch {\nmed 5;\n}\nthen {\nmed 6;\n" VIA ";\n}\n}\n}\n",
	    R "med 5", "accept origin egp as-path [ 65001 65002 65003 ] med 6");
	comes_to(
	    "policy p {\nrule r {\nmatch {\nmed 5;\n}\nthen {\n" VIA ";\n}\n}\n}\n", R, "reject");
	refused("policy p {\nvia checker;\n}\n", "expected client, and its name");
	refused("policy p {\nvia client checker;\n}\n", "what holds without an answer");
	refused("policy p {\nvia client checker default;\n}\n", "accept or reject");
	refused("policy p {\nvia client checker timeout 50 default accept;\n}\n",
	    "a time of 1ms to 60s");
	refused("policy p {\nvia client checker timeout 61s default accept;\n}\n",
	    "a time of 1ms to 60s");
	refused("policy p {\nvia client checker timeout 0ms default accept;\n}\n",
	    "a time of 1ms to 60s");
	refused("policy p {\nvia client checker default accept 5;\n}\n", "nothing more");
	refused("policy p {\nrule r {\nthen {\n" VIA ";\nmed 5;\n}\n}\n}\n", "would never be done");
#undef VIA
}

/* --- against what does the same the slow way --- */

static bool
slow(const struct path_step *s, unsigned steps, const uint32_t *asn, unsigned asns)
{
	if (steps == 0)
		return asns == 0;
	if (s->none && slow(s + 1, steps - 1, asn, asns))
		return true;
	if (asns == 0 || *asn < s->low || *asn > s->high)
		return false;
	return slow(s + 1, steps - 1, asn + 1, asns - 1) ||
	       (s->again && slow(s, steps, asn + 1, asns - 1));
}

static enum via_answer
cannot_be_asked(void *self, const struct policy_via *via, struct policy_route *r)
{
	(void)self;
	(void)via;
	r->failed = true;
	return VIA_REJECTED;
}

/* The client has said nothing of a route that it could not be told. */
static void
what_is_too_long_is_not_said_to_be_rejected_by_a_client(void **state)
{
	struct config *c = written("policy p {\nvia client checker default accept;\n}\n");
	struct policy_route r = route(R);
	struct policy_chain chain = { 0 };
	const struct policy_rule *by;

	(void)state;
	policy_chain_add(&chain, c->policies[0]);
	r.ask = cannot_be_asked;
	assert_false(policy_run(&chain, &r, &by));
	assert_string_equal(
	    policy_why(&r, by), "its rules make more attributes than a route can have");
	policy_chain_fini(&chain);
	config_free(c);
}

static void
a_pattern_fits_what_a_slow_matcher_says(void **state)
{
	unsigned fits = 0;

	(void)state;
	srand(5065);
	for (int round = 0; round < 100000; round++) {
		struct path_pattern p = { .count = (unsigned)(rand() % 6) };
		uint32_t asn[6];
		unsigned asns = (unsigned)(rand() % 7);
		uint8_t memory[64];
		struct writer w = writer_of(memory, sizeof memory);
		bool wanted;

		for (unsigned i = 0; i < p.count; i++) {
			bool any = rand() % 2;
			uint32_t low = 1 + (uint32_t)(rand() % 3);

			p.step[i] = any ? (struct path_step){ 0, UINT32_MAX, rand() % 2, false }
					: (struct path_step){ low, low + (uint32_t)(rand() % 2),
						  rand() % 2, false };
			p.step[i].none = any && p.step[i].again && rand() % 2;
		}
		for (unsigned i = 0; i < asns; i++)
			asn[i] = 1 + (uint32_t)(rand() % 4);
		for (unsigned i = 0; i < asns;) {
			unsigned count = 1 + (unsigned)rand() % (asns - i);

			writer_u8(&w, (uint8_t)(1 + rand() % 2));
			writer_u8(&w, (uint8_t)count);
			for (; count > 0; count--)
				writer_u32(&w, asn[i++]);
		}
		wanted = slow(p.step, p.count, asn, asns);
		fits += wanted;
		assert_int_equal(path_pattern_fits(&p, writer_read(&w)), wanted);
	}
	assert_in_range(fits, 10000, 90000);
}

static void
a_community_fits_what_a_slow_matcher_says(void **state)
{
	unsigned meets = 0;

	(void)state;
	srand(1997);
	for (int round = 0; round < 100000; round++) {
		unsigned low[2], high[2], part[2];
		bool any[2], wanted = true;
		char text[2][24], both[64];
		struct words_line cut = { 0 };
		struct reason why = { 0 };
		struct communities *c;
		struct words words;
		uint8_t value[4];

		for (int i = 0; i < 2; i++) {
			low[i] = (unsigned)rand() % 65536;
			high[i] = low[i] + (unsigned)rand() % (65536 - low[i]);
			part[i] = rand() % 2 ? low[i] : (unsigned)rand() % 65536;
			any[i] = rand() % 3 == 0;
			snprintf(text[i], sizeof text[i],
			    any[i]       ? "*"
			    : rand() % 2 ? "%u-%u"
					 : "%u",
			    low[i], high[i]);
			if (!strchr(text[i], '-'))
				high[i] = low[i];
			wanted = wanted && (any[i] || (part[i] >= low[i] && part[i] <= high[i]));
			value[2 * i] = (uint8_t)(part[i] >> 8);
			value[2 * i + 1] = (uint8_t)part[i];
		}
		snprintf(both, sizeof both, "%s:%s", text[0], text[1]);
		assert_int_equal(words_cut(&cut, both, strlen(both), 1, WORDS_API, &why), 0);
		words = words_of(&cut);
		c = communities_scan(8, &words, &why);
		assert_non_null(c);
		assert_int_equal(communities_meet(c, reader_of(value, 4)), wanted);
		meets += wanted;
		communities_free(c);
		words_line_fini(&cut);
	}
	assert_in_range(meets, 10000, 90000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_with_and_without_lengths),
		cmocka_unit_test(paths),
		cmocka_unit_test(a_source_is_a_client_a_peer_or_the_configuration),
		cmocka_unit_test(sets_called_by_name),
		cmocka_unit_test(communities_of_three_kinds),
		cmocka_unit_test(the_other_conditions),
		cmocka_unit_test(actions_change_what_they_say),
		cmocka_unit_test(rules_follow_one_another),
		cmocka_unit_test_teardown(components_of_flow_specifications, done),
		cmocka_unit_test_teardown(tags_groups_and_age, done),
		cmocka_unit_test_teardown(paths_are_changed, done),
		cmocka_unit_test_teardown(any_attribute_is_set_and_removed, done),
		cmocka_unit_test_teardown(a_rule_goes_on_further_down, done),
		cmocka_unit_test(origins_are_asked_of_roas),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(the_last_rule_that_has_a_limit_is_the_one_that_limits),
		cmocka_unit_test(a_limit_that_means_nothing_is_refused),
		cmocka_unit_test(a_client_may_decide),
		cmocka_unit_test(what_is_too_long_is_not_said_to_be_rejected_by_a_client),
		cmocka_unit_test(a_pattern_fits_what_a_slow_matcher_says),
		cmocka_unit_test(a_community_fits_what_a_slow_matcher_says),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
