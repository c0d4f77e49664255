#include <stdlib.h>
#include "tests/unit/controller/config/loaded.h"

/* --- numbers --- */

struct number_case {
	const char *text;
	size_t offset, size;
	int64_t value;
};
#define FIELD(member)                                                                              \
	offsetof(struct config_neighbor, member), sizeof(((struct config_neighbor *)0)->member)

static const struct number_case numbers[] = {
	/* what is not written */
	{ PEER(""), FIELD(hold_time), 180 },
	{ PEER(""), FIELD(rate_limit), 0 },
	{ PEER(""), FIELD(passive), 0 },
	{ PEER(""), FIELD(listen), 0 },
	{ PEER(""), FIELD(connect), 0 },
	{ PEER(""), FIELD(ttl_out), -1 },
	{ PEER(""), FIELD(ttl_in), -1 },
	{ PEER(""), FIELD(md5_base64), MD5_PLAIN },
	{ PEER(""), FIELD(group_updates), GROUP_EXABGP },
	{ PEER(""), FIELD(auto_flush), 1 },
	{ PEER(""), FIELD(adj_rib_in), 1 },
	{ PEER(""), FIELD(adj_rib_out), 1 },
	{ PEER(""), FIELD(manual_eor), 0 },
	{ PEER(""), FIELD(maximum_prefix), 0 },
	{ PEER(""), FIELD(controller_loss), 0 },
	{ PEER(""), FIELD(router_id), 0xc0000202 },
	{ PEER(""), FIELD(capability.asn4), 1 },
	{ PEER(""), FIELD(capability.extended_message), 1 },
	{ PEER(""), FIELD(capability.route_refresh), 0 },
	{ PEER(""), FIELD(capability.graceful_restart), -1 },
	{ PEER(""), FIELD(capability.add_path), ADD_PATH_NONE },
	{ PEER(""), FIELD(capability.nexthop), 0 },
	{ PEER(""), FIELD(tcp_ao.given), 0 },
	/* what is written bare */
	{ PEER("passive;"), FIELD(passive), 1 },
	{ PEER("md5-base64;"), FIELD(md5_base64), MD5_PLAIN },
	{ PEER("group-updates;"), FIELD(group_updates), GROUP_EXABGP },
	{ PEER("adj-rib-in;"), FIELD(adj_rib_in), 0 },
	{ PEER("adj-rib-out;"), FIELD(adj_rib_out), 0 },
	{ PEER("manual-eor;"), FIELD(manual_eor), 0 },
	{ PEER("capability { graceful-restart; }"), FIELD(capability.graceful_restart), 180 },
	{ PEER("capability { graceful-restart; } hold-time 5000;"),
	    FIELD(capability.graceful_restart), 4095 },
	{ PEER("capability { graceful-restart; long-lived-graceful-restart 86400; }"), FIELD(capability.long_lived),
	    86400 },
	{ PEER("capability { graceful-restart; long-lived-graceful-restart disable; }"), FIELD(capability.long_lived), 0 },
	{ PEER("capability { graceful-restart; }"), FIELD(capability.graceful_notification), 0 },
	{ PEER("capability { graceful-restart; graceful-restart-notification; }"),
	    FIELD(capability.graceful_notification), 1 },
	{ PEER("capability { route-refresh; }"), FIELD(capability.route_refresh), 1 },
	{ PEER("capability { software-version; }"), FIELD(capability.software_version), 0 },
	/* what is written with a value */
	{ PEER("hold-time 90;"), FIELD(hold_time), 90 },
	{ PEER("hold-time 0;"), FIELD(hold_time), 0 },
	{ PEER("rate-limit disable;"), FIELD(rate_limit), 0 },
	{ PEER("rate-limit 100;"), FIELD(rate_limit), 100 },
	{ PEER("passive YES;"), FIELD(passive), 1 },
	{ PEER("passive no;"), FIELD(passive), 0 },
	{ PEER("listen 1790;"), FIELD(listen), 1790 },
	{ PEER("connect 65535;"), FIELD(connect), 65535 },
	{ PEER("outgoing-ttl 255;"), FIELD(ttl_out), 255 },
	{ PEER("outgoing-ttl 0;"), FIELD(ttl_out), 0 },
	{ PEER("incoming-ttl disable;"), FIELD(ttl_in), -1 },
	{ PEER("group-updates disable;"), FIELD(group_updates), GROUP_NONE },
	{ PEER("group-updates all;"), FIELD(group_updates), GROUP_ALL },
	{ PEER("adj-rib-out true;"), FIELD(adj_rib_out), 1 },
	{ PEER("adj-rib-out false; capability { route-refresh; }"), FIELD(adj_rib_out), 1 },
	{ PEER("manual-eor true;"), FIELD(manual_eor), 1 },
	{ PEER("maximum-prefix 1000000;"), FIELD(maximum_prefix), 1000000 },
	{ PEER("maximum-prefix-out 5;"), FIELD(maximum_prefix_out), 5 },
	{ PEER("controller-loss 3600;"), FIELD(controller_loss), 3600 },
	{ PEER("router-id 1.2.3.4;"), FIELD(router_id), 0x01020304 },
	{ PEER(""), FIELD(capability.role), 0 },
	{ PEER("capability { role rs-client; }"), FIELD(capability.role), 3 },
	{ PEER("capability { role-strict; }"), FIELD(capability.role_strict), 1 },
	{ PEER("capability { asn4 disable; }"), FIELD(capability.asn4), 0 },
	{ PEER("capability { asn4 require; }"), FIELD(capability.asn4), CAPABILITY_REQUIRED },
	{ PEER("capability { extended-message require; }"), FIELD(capability.extended_message),
	    CAPABILITY_REQUIRED },
	{ PEER("capability { route-refresh require; }"), FIELD(capability.route_refresh),
	    CAPABILITY_REQUIRED },
	{ PEER("capability { graceful-restart 1200; }"), FIELD(capability.graceful_restart), 1200 },
	{ PEER("capability { graceful-restart disabled; }"), FIELD(capability.graceful_restart),
	    -1 },
	{ PEER("capability { add-path send/receive; }"), FIELD(capability.add_path),
	    ADD_PATH_BOTH },
	{ PEER("capability { add-path send; add-path receive; }"), FIELD(capability.add_path),
	    ADD_PATH_RECEIVE },
	{ PEER("tcp-ao { keyid 7; algorithm hmac-sha-256; password x; }"), FIELD(tcp_ao.keyid), 7 },
	{ PEER("tcp-ao { keyid 7; algorithm hmac-sha-256; password x; }"), FIELD(tcp_ao.algorithm),
	    TCP_AO_HMAC_SHA_256 },
	{ PEER_HEAD "local-as 1.10; peer-as auto; router-id 1.1.1.1; }", FIELD(local_as), 65546 },
	{ PEER_HEAD "local-as auto; peer-as 4294967295; router-id 1.1.1.1; }", FIELD(peer_as),
	    4294967295 },
	{ PEER_HEAD "local-as auto; peer-as auto; router-id 1.1.1.1; }", FIELD(local_as), 0 },
	/* families: all that we speak when none is written */
	{ PEER("family { ipv4 unicast; }"), FIELD(families), 1 << IPV4_UNICAST },
	{ PEER("family { ipv4 unicast; } family { ipv6 unicast; }"), FIELD(families),
	    1 << IPV4_UNICAST | 1 << IPV6_UNICAST },
	{ PEER("capability { add-path send; }"), FIELD(add_path[IPV6_UNICAST]), ADD_PATH_SEND },
	{ PEER("capability { add-path send; } add-path { ipv4 unicast limit 10; }"),
	    FIELD(add_path[IPV6_UNICAST]), ADD_PATH_NONE },
	{ PEER("capability { add-path send; } add-path { ipv4 unicast limit 10; }"),
	    FIELD(add_path[IPV4_UNICAST]), ADD_PATH_SEND },
	{ PEER("capability { add-path send; } add-path { ipv4 unicast limit 10; }"),
	    FIELD(paths_limit[IPV4_UNICAST]), 10 },
	{ PEER("capability { add-path send; } add-path { all; }"), FIELD(add_path[IPV6_UNICAST]),
	    ADD_PATH_SEND },
	{ PEER("capability { add-path send; } family { ipv4 unicast; }"),
	    FIELD(add_path[IPV6_UNICAST]), ADD_PATH_NONE },
	{ PEER("add-path { ipv4 unicast; }"), FIELD(add_path[IPV4_UNICAST]), ADD_PATH_NONE },
	{ PEER("nexthop { ipv4 unicast ipv6; ipv6 unicast ipv4; }"), FIELD(nexthop6),
	    1 << IPV4_UNICAST },
	{ PEER("nexthop { ipv4 unicast ipv6; ipv6 unicast ipv4; }"), FIELD(nexthop4),
	    1 << IPV6_UNICAST },
	{ PEER("nexthop { ipv4 unicast ipv6; }"), FIELD(capability.nexthop), 1 },
	{ PEER("nexthop { ipv4 unicast ipv6; } capability { nexthop false; }"),
	    FIELD(capability.nexthop), 0 },
	{ PEER("nexthop { ipv4 unicast ipv6; } family { ipv4 unicast; }"), FIELD(nexthop6), 0 },
};

static void
numbers_are_as_written_or_their_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number_case *t = &numbers[i];
		struct config *c = load(t->text);
		assert_int_equal(c->neighbor_count, 1);
		const uint8_t *field = (const uint8_t *)c->neighbors[0] + t->offset;
		uint64_t value = 0;
		memcpy(&value, field, t->size);
		uint64_t want = (uint64_t)t->value;
		if (t->size < 8)
			want &= (UINT64_C(1) << t->size * 8) - 1;
		if (value != want)
			print_error("case %zu: %s\n", i, t->text);
		assert_int_equal(value, want);
		config_free(c);
	}
}

static void
texts_and_addresses_are_as_written(void **state)
{
	struct config *c =
	    load("neighbor 2001:db8::1 {\n"
		 "\tlocal-as 1; peer-as 1; router-id 9.9.9.9; local-address 2001:db8::2;\n"
		 "\tdescription \"a b; # c\"; host-name 'h o'; domain-name example.net;\n"
		 "\tlocal-link-local fe80::1; source-interface eth0; md5-ip 2001:db8::3;\n"
		 "\tmd5-password \"my secret\";\n"
		 "}\n");
	const struct config_neighbor *n = c->neighbors[0];
	char text[PREFIX_TEXT];

	(void)state;
	assert_string_equal(prefix_print(&n->peer, text), "2001:db8::1/128");
	assert_string_equal(addr_print(&n->local, text), "2001:db8::2");
	assert_string_equal(addr_print(&n->link_local, text), "fe80::1");
	assert_string_equal(addr_print(&n->md5_ip, text), "2001:db8::3");
	assert_string_equal(n->description, "a b; # c");
	assert_string_equal(n->host_name, "h o");
	assert_string_equal(n->domain_name, "example.net");
	assert_string_equal(n->source_interface, "eth0");
	assert_int_equal(n->md5_key_len, 9);
	assert_memory_equal(n->md5_key, "my secret", 9);
	assert_string_equal(n->file, "test.conf");
	assert_int_equal(n->line, 1);
	config_free(c);
}

static void
md5_passwords_may_be_base64(void **state)
{
	static const struct {
		const char *text, *key;
	} cases[] = {
		{ PEER("md5-password c2VjcmV0; md5-base64 true;"), "secret" },
		{ PEER("md5-password c2VjcmV0; md5-base64 auto;"), "secret" },
		{ PEER("md5-password 'not!base64'; md5-base64 auto;"), "not!base64" },
		{ PEER("md5-password c2VjcmV0;"), "c2VjcmV0" },
		{ PEER("md5-password 'YQ=='; md5-base64 true;"), "a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *c = load(cases[i].text);
		assert_int_equal(c->neighbors[0]->md5_key_len, strlen(cases[i].key));
		assert_memory_equal(c->neighbors[0]->md5_key, cases[i].key, strlen(cases[i].key));
		config_free(c);
	}
}

static void
a_range_of_peers_is_passive(void **state)
{
	struct config *c = load("neighbor 192.0.2.77/24 { passive; " PEER_LINES "}");

	(void)state;
	assert_int_equal(c->neighbors[0]->peer.len, 24);
	assert_int_equal(addr_u32(&c->neighbors[0]->peer.addr), 0xc0000200);
	config_free(c);
}

static void
processes_and_api_sections_are_kept(void **state)
{
	struct config *c =
	    load("process one { run /bin/prog -a \"b c\" [ x ]; encoder json; respawn false; }\n"
		 "process two { run prog; }\n" PEER(
		     "api { processes [ one, two ]; neighbor-changes; fsm disable;\n"
		     "receive { parsed; update; } send { packets enable; open true; } }\n"
		     "api named { processes [ one ]; negotiated true; signal; }"));
	const struct config_neighbor *n = c->neighbors[0];
	const struct config_process *one = config_process(c, "one"),
				    *two = config_process(c, "two");

	(void)state;
	assert_int_equal(one->run.count, 6);
	assert_string_equal(one->run.name[0], "/bin/prog");
	assert_string_equal(one->run.name[2], "b c");
	assert_string_equal(one->run.name[3], "[");
	assert_int_equal(one->encoder, ENCODER_JSON);
	assert_false(one->respawn);
	assert_int_equal(two->encoder, ENCODER_TEXT);
	assert_true(two->respawn);
	assert_null(config_process(c, "three"));

	assert_int_equal(n->api_count, 2);
	assert_null(n->apis[0].name);
	assert_int_equal(n->apis[0].processes.count, 2);
	assert_string_equal(n->apis[0].processes.name[1], "two");
	assert_true(n->apis[0].neighbor_changes);
	assert_false(n->apis[0].fsm);
	assert_true(n->apis[0].receive.parsed && n->apis[0].receive.update);
	assert_false(n->apis[0].receive.packets || n->apis[0].receive.open);
	assert_true(n->apis[0].send.packets && n->apis[0].send.open);
	assert_false(n->apis[0].send.parsed);
	assert_string_equal(n->apis[1].name, "named");
	assert_true(n->apis[1].negotiated && n->apis[1].signal);
	config_free(c);
}

#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb#"

static void
sections_of_ours_are_read(void **state)
{
	struct config *c = load("controller { bind \"tcp://*:7179\"; adopt-time 30; }\n"
				"speaker edge-01 { key \"" KEY_A "\"; }\nspeaker edge-02 { }\n"
				"client fastnetmon { key \"" KEY_B "\"; role announce; }\n"
				"client viewer { key '" KEY_A "'; }\n"
				"neighbor 192.0.2.1 { speaker edge-01; " PEER_LINES "}\n"
				"neighbor 192.0.2.1 { speaker edge-02; " PEER_LINES "}\n");
	struct prefix peer;

	(void)state;
	assert_string_equal(c->controller.bind, "tcp://*:7179");
	assert_null(c->controller.api);
	assert_int_equal(c->controller.adopt_time, 30);
	assert_string_equal(config_speaker(c, "edge-01")->key, KEY_A);
	assert_null(config_speaker(c, "edge-02")->key);
	assert_int_equal(c->client_count, 2);
	assert_int_equal(c->clients[0].role, ROLE_ANNOUNCE);
	assert_int_equal(c->clients[1].role, ROLE_READ);
	assert_int_equal(prefix_scan(&peer, "192.0.2.1"), 0);
	assert_ptr_equal(config_neighbor(c, "edge-02", &peer), c->neighbors[1]);
	assert_null(config_neighbor(c, NULL, &peer));
	config_free(c);

	c = load("");
	assert_int_equal(c->controller.adopt_time, 120);
	config_free(c);
}

static void
the_only_speaker_need_not_be_named(void **state)
{
	struct config *c = load(PEER("") "speaker edge { }");

	(void)state;
	assert_string_equal(c->neighbors[0]->speaker, "edge");
	config_free(c);
	c = load(PEER(""));
	assert_null(c->neighbors[0]->speaker);
	config_free(c);
}

static void
routes_are_read_in_every_form(void **state)
{
	struct config *c = load(PEER("static {\n"
				     "route 10.0.0.0/24 next-hop 192.0.2.9 med 5;\n"
				     "route 10.0.1.0/24 { next-hop self; med 5; }\n"
				     "attributes next-hop 192.0.2.9 nlri 10.0.2.0/24 10.0.3.0/24;\n"
				     "route 2001:db8::/64 next-hop 2001:db8::1;\n"
				     "}\n"
				     "announce { ipv4 { unicast 10.0.4.0/24 next-hop 192.0.2.9; } "
				     "ipv6 { unicast 2001:db8:1::/64 next-hop 2001:db8::1; } }\n"));
	const struct config_neighbor *n = c->neighbors[0];

	(void)state;
	assert_int_equal(n->route_count, 6);
	assert_int_equal(n->routes[0].line, 3);
	assert_string_equal(n->routes[0].file, "test.conf");
	assert_int_equal(n->routes[0].draft.family, IPV4_UNICAST);
	assert_int_equal(n->routes[0].draft.next_hop_len, 4);
	assert_true(n->routes[1].draft.next_hop_self);
	assert_int_equal(n->routes[2].draft.nlri.len, 8);
	assert_int_equal(n->routes[3].draft.family, IPV6_UNICAST);
	assert_int_equal(n->routes[4].draft.family, IPV4_UNICAST);
	assert_int_equal(n->routes[4].draft.nlri.len, 4);
	assert_int_equal(n->routes[5].draft.family, IPV6_UNICAST);
	/* the block says the same as the line */
	assert_int_equal(n->routes[0].draft.attributes.len, n->routes[1].draft.attributes.len);
	assert_memory_equal(n->routes[0].draft.attributes.base, n->routes[1].draft.attributes.base,
	    n->routes[0].draft.attributes.len);
	config_free(c);
}

static void
lines_are_joined_by_a_backslash(void **state)
{
	struct config *c = load("neighbor \\\n 192.0.2.1 { local-as \\  \n 65000; \\\n"
				"peer-as 1; router-id 1.1.1.1; # comment \\\n no; }\n}\n");

	(void)state;
	assert_int_equal(c->neighbors[0]->local_as, 65000);
	config_free(c);
}

static void
a_whole_neighbor_on_one_line_is_read(void **state)
{
	struct config *c =
	    load("neighbor 192.0.2.1 { " PEER_LINES "family{ipv4 unicast;}static{route "
		 "10.0.0.0/8{next-hop 192.0.2.9;}}}");

	(void)state;
	assert_int_equal(c->neighbors[0]->route_count, 1);
	config_free(c);
}

static void
several_files_make_one_configuration(void **state)
{
	char a[] = "/tmp/ambo-config-XXXXXX", b[] = "/tmp/ambo-config-XXXXXX";
	const char *files[] = { a, b };
	char place[128];
	bool noted = false;
	struct config_error e;
	FILE *f = fdopen(mkstemp(a), "w"), *g = fdopen(mkstemp(b), "w");

	(void)state;
	fputs("template { neighbor t { hold-time 30;\nstatic { route 10.0.0.0/8 next-hop "
	      "2001:db8::1; } } }\nprocess p { run sh -c true; }\n", f);
	fputs("neighbor 192.0.2.1 { inherit t; " PEER_LINES "api { processes [ p ]; } }\n", g);
	fclose(f);
	fclose(g);
	struct config *c = config_load(files, 2, &e);
	assert_non_null(c);
	assert_int_equal(c->neighbors[0]->hold_time, 30);
	assert_string_equal(c->neighbors[0]->file, b);
	/* an IPv6 next hop of an IPv4 route: told with the route's place */
	snprintf(place, sizeof place, "%s:2: a route of ipv4 unicast has an IPv6 next hop", a);
	for (size_t i = 0; i < c->notes.count; i++)
		noted |= strncmp(c->notes.name[i], place, strlen(place)) == 0;
	assert_true(noted);
	assert_int_equal(c->processes[0].run.name[0][0], '/'); /* found in PATH */
	config_free(c);
	setenv("exabgp_debug_rotate", "true", 1); /* then they take turns */
	c = config_load(files, 2, &e);
	assert_non_null(c);
	assert_int_equal(c->neighbor_count, 0);
	assert_int_equal(c->process_count, 1);
	config_free(c);
	unsetenv("exabgp_debug_rotate");
	remove(a);
	remove(b);
	assert_null(config_load(files, 1, &e));
	assert_string_equal(e.file, a);
	assert_non_null(strstr(e.text, "No such file"));
}

static void
operational_messages_are_kept_in_order_and_what_cannot_be_said_is_noted(void **state)
{
	struct config *c = load("template { neighbor t { operational { lpcq afi ipv4 safi unicast "
				"sequence 3; } } }\n" PEER(
	    "inherit t; capability { operational; } family { ipv4 unicast; }\n"
	    "operational { asm afi ipv4 safi unicast advisory \"a; b\"; "
	    "rpcp afi ipv4 safi unicast sequence 1 counter 2 router-id 9.9.9.9;\n"
	    "adm afi ipv6 safi unicast advisory x; }"));
	const struct config_neighbor *n = c->neighbors[0];

	(void)state;
	assert_int_equal(n->operational_count, 4);
	assert_int_equal(n->operational[0].said.what, OPERATIONAL_ASM);
	assert_memory_equal(n->operational[0].said.advisory.at, "a; b", 4);
	assert_int_equal(n->operational[1].said.counter, 2);
	assert_int_equal(n->operational[1].said.router_id, 0x09090909);
	assert_int_equal(n->operational[3].said.what, OPERATIONAL_LPCQ);
	assert_int_equal(c->notes.count, 1);
	assert_non_null(strstr(c->notes.name[0], "ipv6 unicast has no effect"));
	config_free(c);
	c = load(PEER("operational { adm afi ipv4 safi unicast advisory x; }"));
	assert_non_null(strstr(c->notes.name[0], "no effect without capability operational"));
	config_free(c);
}

static void
what_is_said_twice_and_a_hop_of_another_family_are_noted(void **state)
{
	struct config *c = load(PEER("hold-time 30;\nhold-time 60;\n"
				     "static { route 10.0.0.0/8 next-hop ::1; route 11.0.0.0/8 next-hop ::1; }"));

	(void)state;
	assert_int_equal(c->neighbors[0]->hold_time, 60);
	assert_int_equal(c->notes.count, 2);
	assert_string_equal(c->notes.name[0],
	    "test.conf:3: hold-time is said twice in neighbor 192.0.2.1: this one holds");
	assert_non_null(strstr(c->notes.name[1], "test.conf:4: a route of ipv4 unicast has an IPv6 next hop"));
	config_free(c);
	c = load(PEER("family { ipv4 unicast; ipv6 unicast; }\ncapability { nexthop; }\nnexthop { ipv4 unicast ipv6; }\n"
		      "static { route 10.0.0.0/8 next-hop ::1; }"));
	assert_int_equal(c->notes.count, 0);
	config_free(c);
}

static void
an_address_of_a_range_has_a_configuration_of_its_own(void **state)
{
	struct config *c = load("process p { run a; }\n"
				"neighbor 10.0.0.0/8 { passive; " PEER_LINES "description \"all\"; }\n"
				"neighbor 10.1.0.0/16 { passive; " PEER_LINES
				"description \"some\"; api x { processes [ p ]; receive { update; } }\n"
				"capability { operational; }\n"
				"operational { adm afi ipv4 safi unicast advisory x; }\n"
				"static { route 10.0.0.0/24 next-hop self; } }");
	struct addr inside = addr_v4(0x0a010203), outside = addr_v4(0x0b000000), other = addr_v4(0x0a020304);
	struct config_neighbor *n;

	(void)state;
	assert_null(config_range(c, NULL, &outside));
	assert_string_equal(config_range(c, NULL, &other)->description, "all");
	n = config_neighbor_at(config_range(c, NULL, &inside), &inside);
	assert_false(config_is_range(n));
	assert_true(n->of_range);
	assert_null(config_neighbor(c, NULL, &n->peer));
	config_add_neighbor(c, n);
	assert_ptr_equal(config_neighbor(c, NULL, &n->peer), n);
	config_neighbor_free(config_take_neighbor(c, c->neighbors[1])); /* it owns all that it has */
	assert_string_equal(n->description, "some");
	assert_string_equal(n->apis[0].name, "x");
	assert_string_equal(n->apis[0].processes.name[0], "p");
	assert_true(n->apis[0].receive.update);
	assert_int_equal(n->route_count, 1);
	assert_true(n->routes[0].draft.next_hop_self);
	assert_memory_equal(n->operational[0].said.advisory.at, "x", 1);
	config_free(c);
}

static void
with_multi_session_a_neighbor_is_one_for_each_family(void **state)
{
	struct config *c = load("neighbor 192.0.2.9 { " PEER_LINES "}\n" PEER(
	    "capability { multi-session; add-path send; operational; }\n"
	    "family { ipv6 unicast; ipv4 unicast; ipv4 mpls-vpn; }\n"
	    "operational { adm afi ipv4 safi unicast advisory x; }\n"
	    "announce { ipv4 { unicast 10.0.0.0/24 next-hop self; unicast 10.0.1.0/24 next-hop self; }\n"
	    "ipv6 { unicast 2001:db8::/32 next-hop 2001:db8::1; } }"));
	static const struct {
		enum family family;
		size_t routes, operational;
	} want[] = { { IPV4_UNICAST, 2, 1 }, { IPV4_MPLS_VPN, 0, 0 }, { IPV6_UNICAST, 1, 0 } };

	(void)state;
	assert_int_equal(c->neighbor_count, 4);
	assert_int_equal(c->neighbors[0]->session, 0);
	for (size_t i = 0; i < 3; i++) {
		const struct config_neighbor *n = c->neighbors[i + 1];
		assert_int_equal(n->session, want[i].family + 1);
		assert_int_equal(n->families, family_bit(want[i].family));
		assert_int_equal(n->route_count, want[i].routes);
		assert_int_equal(n->operational_count, want[i].operational);
		assert_int_equal(n->add_path[IPV4_UNICAST], i == 0 ? ADD_PATH_SEND : ADD_PATH_NONE);
	}
	config_free(c);
	c = load(PEER("capability { multi-session; } family { ipv4 unicast; }"));
	assert_int_equal(c->neighbor_count, 1);
	assert_int_equal(c->neighbors[0]->session, 0);
	config_free(c);
}

static void
tcp_ao_keys_are_octets(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *key;
	} cases[] = {
		{ PEER("tcp-ao { keyid 7; algorithm hmac-sha-256; password secret; }"), 6, "secret" },
		{ PEER("tcp-ao { keyid 7; algorithm hmac-sha-256; password c2VjcmV0; }"), 8, "c2VjcmV0" },
		{ PEER("tcp-ao { keyid 7; algorithm hmac-sha-256; password AGEA; base64 true; }"), 3, "\0a\0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *c = load(cases[i].text);
		const struct tcp_ao_key *key = &c->neighbors[0]->tcp_ao.key;
		assert_int_equal(key->id, 7);
		assert_int_equal(key->algorithm, TCP_AO_HMAC_SHA_256);
		assert_int_equal(key->len, cases[i].len);
		assert_memory_equal(key->secret, cases[i].key, cases[i].len);
		config_free(c);
	}
	(void)state;
}

/* A } behind many routes is no longer a step than a line is, and what is wrong with the last of them is said as ever. */
static void
routes_are_looked_at_in_slices(void **state)
{
	enum { ROUTES = 4000, STEPS = ROUTES / 256 };
	struct config_load *load;
	struct config_error error;
	struct config *config;
	struct text t = { 0 };

	text_add(&t, "neighbor 192.0.2.1 { local-address 192.0.2.254; local-as 1; peer-as 2; router-id 1.1.1.1; "
		     "family { ipv4 unicast; } static {");
	for (unsigned i = 0; i < ROUTES; i++)
		text_printf(&t, " route 10.0.%u.%u/32 next-hop 192.0.2.9;", i >> 8, i & 255);
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct text whole = { 0 };
		unsigned steps = 0;

		text_printf(&whole, "%s%s } }\n", text_str(&t),
		    wrong ? " route 2001:db8::/32 next-hop self;" : "");
		load = config_load_begin_text("many", text_str(&whole), whole.len);
		while (!config_load_some(load, &config, &error))
			steps++;
		assert_true(steps >= 2 * STEPS);
		if (wrong) {
			assert_null(config);
			assert_string_equal(error.section, "neighbor 192.0.2.1");
		} else {
			assert_int_equal(config->neighbors[0]->route_count, ROUTES);
		}
		config_free(config);
		text_fini(&whole);
	}
	text_fini(&t);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_looked_at_in_slices),
		cmocka_unit_test(numbers_are_as_written_or_their_defaults),
		cmocka_unit_test(texts_and_addresses_are_as_written),
		cmocka_unit_test(md5_passwords_may_be_base64),
		cmocka_unit_test(tcp_ao_keys_are_octets),
		cmocka_unit_test(a_range_of_peers_is_passive),
		cmocka_unit_test(processes_and_api_sections_are_kept),
		cmocka_unit_test(sections_of_ours_are_read),
		cmocka_unit_test(the_only_speaker_need_not_be_named),
		cmocka_unit_test(routes_are_read_in_every_form),
		cmocka_unit_test(lines_are_joined_by_a_backslash),
		cmocka_unit_test(a_whole_neighbor_on_one_line_is_read),
		cmocka_unit_test(several_files_make_one_configuration),
		cmocka_unit_test(operational_messages_are_kept_in_order_and_what_cannot_be_said_is_noted),
		cmocka_unit_test(what_is_said_twice_and_a_hop_of_another_family_are_noted),
		cmocka_unit_test(with_multi_session_a_neighbor_is_one_for_each_family),
		cmocka_unit_test(an_address_of_a_range_has_a_configuration_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
