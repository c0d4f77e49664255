#include "controller/config/schema.h"
#include <net/if.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"
#include "controller/rib/export.h"
#include "proto/bgp/role.h"

/* The first is for a capability without which there is no session; the others are for any switch. */
static const struct choice needs[] = {
	{ "require", CAPABILITY_REQUIRED },
	{ "true", 1 },
	{ "false", 0 },
	{ "enable", 1 },
	{ "enabled", 1 },
	{ "yes", 1 },
	{ "1", 1 },
	{ "disable", 0 },
	{ "disabled", 0 },
	{ "no", 0 },
	{ "0", 0 },
	{ NULL, 0 },
};
#define booleans (needs + 1)
/* The flags of api { } know fewer words. */
static const struct choice flags[] = {
	{ "true", 1 },
	{ "false", 0 },
	{ "enable", 1 },
	{ "enabled", 1 },
	{ "disable", 0 },
	{ "disabled", 0 },
	{ NULL, 0 },
};
static const struct choice base64s[] = {
	{ "true", MD5_BASE64 },
	{ "false", MD5_PLAIN },
	{ "auto", MD5_BASE64_AUTO },
	{ "enable", MD5_BASE64 },
	{ "enabled", MD5_BASE64 },
	{ "disable", MD5_PLAIN },
	{ "disabled", MD5_PLAIN },
	{ NULL, 0 },
};
static const struct choice groups[] = {
	{ "true", GROUP_EXABGP },
	{ "false", GROUP_NONE },
	{ "all", GROUP_ALL },
	{ "enable", GROUP_EXABGP },
	{ "enabled", GROUP_EXABGP },
	{ "yes", GROUP_EXABGP },
	{ "1", GROUP_EXABGP },
	{ "disable", GROUP_NONE },
	{ "disabled", GROUP_NONE },
	{ "no", GROUP_NONE },
	{ "0", GROUP_NONE },
	{ NULL, 0 },
};
static const struct choice encoders[] = { { "text", ENCODER_TEXT }, { "json", ENCODER_JSON },
	{ NULL, 0 } };
static const struct choice roles[] = {
	{ "read", ROLE_READ },
	{ "announce", ROLE_ANNOUNCE },
	{ "admin", ROLE_ADMIN },
	{ NULL, 0 },
};
static const struct choice bgp_roles[] = {
	{ "none", BGP_ROLE_NONE },
	{ "provider", BGP_ROLE_PROVIDER },
	{ "rs", BGP_ROLE_RS },
	{ "rs-client", BGP_ROLE_RS_CLIENT },
	{ "customer", BGP_ROLE_CUSTOMER },
	{ "peer", BGP_ROLE_PEER },
	{ NULL, 0 },
};
static const struct choice propagations[] = {
	{ "none", PROPAGATE_NONE },
	{ "router", PROPAGATE_ROUTER },
	{ "reflector-client", PROPAGATE_REFLECTOR_CLIENT },
	{ "route-server-client", PROPAGATE_ROUTE_SERVER_CLIENT },
	{ NULL, 0 },
};
/* Steps of the decision. Every step takes all routes together, so there is no other way than the deterministic one. */
static const struct choice med_compares[] = { { "same-as", 0 }, { "deterministic", 0 },
	{ "always", 1 }, { NULL, 0 } };
static const struct choice missing_meds[] = { { "best", 0 }, { "worst", 1 }, { NULL, 0 } };
static const struct choice compares[] = { { "compare", 0 }, { "ignore", 1 }, { NULL, 0 } };
static const struct choice ages[] = { { "ignore", 0 }, { "compare", 1 }, { NULL, 0 } };
static const struct choice all_paths[] = { { "all", 0 }, { NULL, 0 } };
static const struct choice automatic[] = { { "auto", 0 }, { NULL, 0 } };
static const struct choice no_ttl[] = {
	{ "disable", -1 },
	{ "disabled", -1 },
	{ "false", -1 },
	{ NULL, 0 },
};
static const struct choice off[] = { { "disable", -1 }, { "disabled", -1 }, { NULL, 0 } };
static const struct choice none[] = { { "disable", 0 }, { "disabled", 0 }, { NULL, 0 } };
static const struct choice add_paths[] = {
	{ "disable", ADD_PATH_NONE },
	{ "receive", ADD_PATH_RECEIVE },
	{ "send", ADD_PATH_SEND },
	{ "send/receive", ADD_PATH_BOTH },
	{ "disabled", ADD_PATH_NONE },
	{ NULL, 0 },
};
static const struct choice algorithms[] = {
	{ "hmac-sha-1-96", TCP_AO_HMAC_SHA_1_96 },
	{ "aes-128-cmac-96", TCP_AO_AES_128_CMAC_96 },
	{ "hmac-sha-256", TCP_AO_HMAC_SHA_256 },
	{ NULL, 0 },
};

/* The words that may follow an AFI. */
static const struct choice family_ipv4[] = {
	{ "unicast", 0 },
	{ "multicast", 0 },
	{ "nlri-mpls", 0 },
	{ "labeled-unicast", 0 },
	{ "mpls-vpn", 0 },
	{ "mcast-vpn", 0 },
	{ "flow", 0 },
	{ "flow-vpn", 0 },
	{ "mup", 0 },
	{ "sr-policy", 0 },
	{ "rtc", 0 },
	{ NULL, 0 },
};
static const struct choice family_ipv6[] = {
	{ "unicast", 0 },
	{ "nlri-mpls", 0 },
	{ "labeled-unicast", 0 },
	{ "mpls-vpn", 0 },
	{ "mcast-vpn", 0 },
	{ "flow", 0 },
	{ "flow-vpn", 0 },
	{ "mup", 0 },
	{ "sr-policy", 0 },
	{ NULL, 0 },
};
static const struct choice family_l2vpn[] = { { "vpls", 0 }, { "evpn", 0 }, { NULL, 0 } };
static const struct choice family_bgp_ls[] = { { "bgp-ls", 0 }, { "bgp-ls-vpn", 0 }, { NULL, 0 } };
static const struct choice family_raw[] = { { "AFI SAFI", 0 }, { NULL, 0 } }; /* by number */
static const struct choice family_nexthop[] = {
	{ "unicast", 0 },
	{ "multicast", 0 },
	{ "nlri-mpls", 0 },
	{ "labeled-unicast", 0 },
	{ "mpls-vpn", 0 },
	{ NULL, 0 },
};

static bool
hold_time_ok(const void *field)
{
	uint16_t seconds;

	memcpy(&seconds, field, sizeof(seconds));
	return seconds == 0 || seconds >= 3; /* RFC 4271 section 4.2 */
}

static bool
link_local_ok(const void *field)
{
	return addr_is_link_local(field);
}

static bool
router_id_ok(const void *field)
{
	uint32_t id;

	memcpy(&id, field, sizeof(id));
	return id != 0; /* RFC 6286 section 2.1 */
}

static bool
key_ok(const void *field)
{
	static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  ".-:+=^!/*?&<>()[]{}@%$#";
	const char *key;

	memcpy(&key, field, sizeof(key));
	return strlen(key) == CONFIG_KEY - 1 && strspn(key, z85) == CONFIG_KEY - 1;
}

#define AT(type, member)                                                                           \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define N(member)         AT(config_neighbor, member)
#define BOOL              .kind = KIND_CHOICE, .choices = booleans
#define NEED              .kind = KIND_CHOICE, .choices = needs, .expected = "true, false, or require"
#define FLAG              .kind = KIND_CHOICE, .choices = flags, .absent = "false", .bare = "true"
#define NUMBER(low, high) .kind = KIND_NUMBER, .min = (low), .max = (high)
#define TEXT(longest)     .kind = KIND_TEXT, .min = 1, .max = (longest)
#define KEY                                                                                        \
	.kind = KIND_TEXT, .max = 256, .check = key_ok,                                            \
	.expected = "a public key: 40 characters of Z85, quoted"
#define PORT    NUMBER(1, 65535)
#define SECONDS NUMBER(0, UINT32_MAX)

#define SECTION(where, word) .in = SECTION_##where, .name = word, .kind = KIND_SECTION
#define MESSAGE(word, member, text)                                                                \
	{                                                                                          \
		SECTION_MESSAGES, word, BOOL, AT(config_messages, member),                         \
		    .live = true, .absent = "false", .bare = "true", .help = text                  \
	}
#define CAPABILITY(word, member)                                                                   \
	.in = SECTION_CAPABILITY, .name = word, AT(config_capability, member)
#define FAMILY(where, function, word, safis)                                                       \
	{                                                                                          \
		SECTION_##where, word, KIND_OWN, .choices = safis, .statement = function           \
	}
#define ROUTE(where, word, text)                                                                   \
	{                                                                                          \
		SECTION_##where, word, KIND_ROUTE, .statement = route_statement, .help = text      \
	}
/* Of old versions of ExaBGP, with what is written today. */
#define MOVED(where, word, instead)                                                                \
	{                                                                                          \
		SECTION_##where, word, KIND_MOVED,                                                 \
		    .expected = "'" word "' is of old versions: " instead                          \
	}
#define OPERATIONAL(word, text)                                                                    \
	{                                                                                          \
		SECTION_OPERATIONAL, word, KIND_OWN, .statement = operational_statement,           \
						     .help = text                                  \
	}

const struct row schema[] = {
	/* clang-format off */
	{ SECTION(ROOT, "process"), .enters = SECTION_PROCESS, .enter = process_enter, .leave = process_leave,
	  .help = "a program that is started and speaks the API on its standard input and output" },
	{ SECTION(ROOT, "neighbor"), .enters = SECTION_NEIGHBOR, .enter = neighbor_enter, .leave = neighbor_leave,
	  .help = "a BGP peer, by its address" },
	{ SECTION(ROOT, "template"), .enters = SECTION_TEMPLATE, .enter = inner_enter,
	  .help = "what several neighbors have in common" },
	{ SECTION(ROOT, "policy"), .enters = SECTION_POLICY, .enter = policy_enter, .leave = policy_leave,
	  .help = "rules for routes that go from peer to peer, by their name" },
	{ SECTION(POLICY, "rule"), .enters = SECTION_RULE, .enter = rule_enter, .help = "what is done with some routes" },
	{ SECTION_POLICY, "via", KIND_OWN, .statement = via_statement, .expected = "client NAME [timeout TIME] default accept | reject",
	  .help = "a client decides on what comes so far, or the default when it does not answer in time" },
	{ SECTION(RULE, "match"), .enters = SECTION_MATCH, .enter = inner_enter, .help = "conditions, all of which have to hold" },
	{ SECTION(RULE, "then"), .enters = SECTION_THEN, .enter = inner_enter, .help = "what is done, and whether that decides" },
	/* the words are rows of policy/match.c and act.c */
	{ SECTION_MATCH, "", KIND_OWN, .statement = match_statement },
	{ SECTION_THEN, "", KIND_OWN, .statement = then_statement },
	{ SECTION(ROOT, "rpki"), .enters = SECTION_RPKI, .enter = rpki_enter, .help = "which AS may originate which prefix" },
	{ SECTION(RPKI, "cache"), .enters = SECTION_CACHE, .enter = cache_enter, .leave = cache_leave,
	  .help = "a cache that knows, by its name (RFC 8210)" },
	{ SECTION_CACHE, "address", KIND_ADDR, AT(config_cache, address), .needed = true, .help = "its address" },
	{ SECTION_CACHE, "port", PORT, AT(config_cache, port), .absent = "323", .help = "its port" },
	{ SECTION_CACHE, "preference", NUMBER(0, 255), AT(config_cache, preference), .absent = "1",
	  .help = "the lowest of those that are up is heard; all of them where several have it" },
	{ SECTION_CACHE, "refresh", NUMBER(1, 86400), AT(config_cache, refresh), .choices = automatic, .absent = "auto",
	  .help = "seconds after which it is asked for news, where it does not tell them" },
	{ SECTION_CACHE, "retry", NUMBER(1, 7200), AT(config_cache, retry), .choices = automatic, .absent = "auto",
	  .help = "seconds between attempts to reach it" },
	{ SECTION_CACHE, "expire", NUMBER(1, 172800), AT(config_cache, expire), .choices = automatic, .absent = "auto",
	  .help = "seconds that what it said holds while it is not reached" },
	{ SECTION(ROOT, "set"), .enters = SECTION_SET, .enter = set_enter, .leave = set_leave,
	  .help = "prefixes, ASes or communities that policies call by a name" },
	{ SECTION_SET, "file", KIND_OWN, .statement = set_file_statement, .help = "a file of entries, one a line" },
	{ SECTION_SET, "", KIND_OWN, .statement = set_statement },
	{ SECTION(ROOT, "speaker"), .enters = SECTION_SPEAKER, .enter = speaker_enter,
	  .help = "a speaker that may connect, by its name" },
	{ SECTION(ROOT, "client"), .enters = SECTION_CLIENT, .enter = client_enter, .leave = client_leave,
	  .help = "an API client, by its name" },
	{ SECTION(ROOT, "controller"), .enters = SECTION_CONTROLLER, .enter = controller_enter,
	  .help = "where the controller is reached" },
	{ SECTION(ROOT, "decision"), .enters = SECTION_DECISION, .enter = decision_enter,
	  .help = "how the best of the routes to a prefix is chosen, where not by default" },
	MOVED(ROOT, "group", "write template { neighbor NAME { ... } } and, in each neighbor, inherit NAME;"),
	MOVED(ROOT, "peer", "write neighbor ADDRESS { ... }"),
	MOVED(NEIGHBOR, "process", "a process stands beside the neighbors: write process NAME { run PROGRAM; } there and, here, api { processes [ NAME ]; }"),
	MOVED(NEIGHBOR, "ttl-security", "write outgoing-ttl 255; and incoming-ttl N;"),
	MOVED(NEIGHBOR, "md5", "write md5-password \"...\";"),
	MOVED(NEIGHBOR, "refresh", "write capability { route-refresh; }"),
	MOVED(PROCESS, "peer-updates", "write api { processes [ NAME ]; receive { parsed; update; } } in the neighbor"),
	MOVED(PROCESS, "parse-routes", "write api { processes [ NAME ]; receive { parsed; update; } } in the neighbor"),
	MOVED(PROCESS, "receive-routes", "write api { processes [ NAME ]; receive { parsed; update; } } in the neighbor"),
	MOVED(PROCESS, "receive-parsed", "write api { processes [ NAME ]; receive { parsed; } } in the neighbor"),
	MOVED(PROCESS, "receive-packets", "write api { processes [ NAME ]; receive { packets; } } in the neighbor"),
	MOVED(PROCESS, "send-parsed", "write api { processes [ NAME ]; send { parsed; } } in the neighbor"),
	MOVED(PROCESS, "send-packets", "write api { processes [ NAME ]; send { packets; } } in the neighbor"),
	MOVED(FAMILY, "inet", "write ipv4 unicast; (or another family of ipv4)"),
	MOVED(FAMILY, "inet4", "write ipv4 unicast; (or another family of ipv4)"),
	MOVED(FAMILY, "inet6", "write ipv6 unicast; (or another family of ipv6)"),
	MOVED(FAMILY, "minimal", "write ipv4 unicast; ipv6 unicast; and what else is used"),
	MOVED(API, "services", "write processes [ NAME ];"),

	{ SECTION_PROCESS, "run", KIND_WORDS, AT(config_process, run), .needed = true,
	  .expected = "a program and its arguments", .help = "the program and its arguments; no shell" },
	{ SECTION_PROCESS, "encoder", KIND_CHOICE, AT(config_process, encoder), .choices = encoders, .absent = "text",
	  .help = "what it is told in, with version 4 of the API" },
	{ SECTION_PROCESS, "respawn", BOOL, AT(config_process, respawn), .absent = "true", .bare = "true",
	  .help = "start it again when it ends" },
	{ SECTION_PROCESS, "import", KIND_NAMES, AT(config_process, import), .expected = "policies, accept or reject",
	  .help = "what is taken of what it announces; all where nothing is said" },

	{ SECTION_SPEAKER, "key", KEY, AT(config_speaker, key), .help = "its public key" },

	{ SECTION_CLIENT, "key", KEY, AT(config_client, key), .help = "its public key; without one it is who says hello by that name on a socket of this machine" },
	{ SECTION_CLIENT, "role", KIND_CHOICE, AT(config_client, role), .choices = roles, .absent = "read",
	  .help = "what it may do" },
	{ SECTION_CLIENT, "import", KIND_NAMES, AT(config_client, import), .expected = "policies, accept or reject",
	  .help = "what is taken of what it announces; all where nothing is said" },

	{ SECTION_CONTROLLER, "bind", TEXT(255), AT(config_controller, bind), .help = "where speakers connect: tcp://*:7179" },
	{ SECTION_CONTROLLER, "api", TEXT(255), AT(config_controller, api), .help = "where clients connect: ipc:///run/ambo/api.sock" },
	{ SECTION_CONTROLLER, "key-file", TEXT(4095), AT(config_controller, key_file), .help = "the controller's own keys" },
	{ SECTION_CONTROLLER, "adopt-time", SECONDS, AT(config_controller, adopt_time), .absent = "120",
	  .help = "seconds that a started helper has to say again what it announced before" },
	{ SECTION_CONTROLLER, "client-import", KIND_NAMES, AT(config_controller, client_import), .expected = "policies, accept or reject",
	  .help = "what is taken of what clients and processes announce that have no import of their own" },

	{ SECTION_CONTROLLER, "speaker-stale-time", SECONDS, AT(config_controller, speaker_stale_time), .choices = none, .absent = "600",
	  .help = "seconds that what its neighbors said outlives a speaker that is gone; 0: for ever" },

	{ SECTION_DECISION, "med-compare", KIND_CHOICE, AT(best_rules, always_compare_med), .choices = med_compares, .absent = "same-as",
	  .help = "MED among routes of the same neighboring AS, all at once (so the choice is deterministic), or among all" },
	{ SECTION_DECISION, "missing-med", KIND_CHOICE, AT(best_rules, missing_med_worst), .choices = missing_meds, .absent = "best",
	  .help = "a route without MED is as one with 0, or is worse than any" },
	{ SECTION_DECISION, "as-path-length", KIND_CHOICE, AT(best_rules, ignore_as_length), .choices = compares, .absent = "compare",
	  .help = "the shorter AS path" },
	{ SECTION_DECISION, "aigp", KIND_CHOICE, AT(best_rules, ignore_aigp), .choices = compares, .absent = "compare",
	  .help = "the smaller AIGP (RFC 7311)" },
	{ SECTION_DECISION, "route-age", KIND_CHOICE, AT(best_rules, prefer_older), .choices = ages, .absent = "ignore",
	  .help = "of routes from other ASes the one that is there longer (RFC 5004)" },
	{ SECTION_DECISION, "router-id", KIND_CHOICE, AT(best_rules, ignore_router_id), .choices = compares, .absent = "compare",
	  .help = "the smaller BGP identifier" },

	{ SECTION(TEMPLATE, "neighbor"), .enters = SECTION_NEIGHBOR, .enter = template_neighbor_enter,
	  .help = "a template, by its name" },

	{ SECTION_NEIGHBOR, "speaker", TEXT(63), N(speaker), .help = "the speaker that holds the session" },
	{ SECTION_NEIGHBOR, "peer-address", KIND_PREFIX, N(peer), .help = "address or range; the header says it already" },
	{ SECTION_NEIGHBOR, "local-address", KIND_ADDR, N(local), .choices = automatic, .absent = "auto",
	  .help = "our address" },
	{ SECTION_NEIGHBOR, "local-link-local", KIND_ADDR, N(link_local), .check = link_local_ok,
	  .expected = "a link-local address (fe80::/10)", .help = "our link-local address" },
	{ SECTION_NEIGHBOR, "local-as", KIND_ASN, N(local_as), .choices = automatic, .needed = true, .help = "our AS number" },
	{ SECTION_NEIGHBOR, "peer-as", KIND_ASN, N(peer_as), .choices = automatic, .needed = true, .help = "the peer's AS number" },
	{ SECTION_NEIGHBOR, "router-id", KIND_ID, N(router_id), .check = router_id_ok,
	  .expected = "an IPv4 address that is not 0.0.0.0", .help = "our BGP identifier" },
	{ SECTION_NEIGHBOR, "description", TEXT(4096), N(description), .phrase = true, .bare = "", .live = true, .help = "for people" },
	{ SECTION_NEIGHBOR, "host-name", TEXT(1024), N(host_name), .help = "told with capability 73" },
	{ SECTION_NEIGHBOR, "domain-name", TEXT(1024), N(domain_name), .help = "told with capability 73" },
	{ SECTION_NEIGHBOR, "hold-time", NUMBER(0, 65535), N(hold_time), .absent = "180", .check = hold_time_ok,
	  .expected = "0 or 3..65535 seconds", .help = "hold time that we offer" },
	{ SECTION_NEIGHBOR, "send-hold-time", NUMBER(0, 65535), N(send_hold_time), .absent = "0", .live = true,
	  .help = "seconds without a message written before the session is ended (RFC 9687); 0: eight minutes, or twice the hold time" },
	{ SECTION_NEIGHBOR, "stale-time", SECONDS, N(stale_time), .absent = "0", .live = true,
	  .help = "seconds that routes may be stale while the peer says them again; 0: no bound" },
	{ SECTION_NEIGHBOR, "rate-limit", NUMBER(0, UINT32_MAX), N(rate_limit), .choices = none, .absent = "0", .live = true,
	  .help = "UPDATE messages a second; 0: no limit" },
	{ SECTION_NEIGHBOR, "passive", BOOL, N(passive), .absent = "false", .bare = "true", .help = "never connect, wait" },
	{ SECTION_NEIGHBOR, "listen", PORT, N(listen), .help = "a port to listen on at local-address for this peer" },
	{ SECTION_NEIGHBOR, "connect", PORT, N(connect), .help = "the peer's port" },
	{ SECTION_NEIGHBOR, "source-interface", TEXT(IFNAMSIZ - 1), N(source_interface), .help = "the interface of the session" },
	{ SECTION_NEIGHBOR, "outgoing-ttl", NUMBER(0, 255), N(ttl_out), .choices = no_ttl, .absent = "disable", .help = "TTL of what we send" },
	{ SECTION_NEIGHBOR, "incoming-ttl", NUMBER(0, 255), N(ttl_in), .choices = no_ttl, .absent = "disable",
	  .help = "the least TTL of what we accept (RFC 5082)" },
	{ SECTION_NEIGHBOR, "md5-password", TEXT(1024), N(md5_password), .help = "TCP MD5 (RFC 2385)" },
	{ SECTION_NEIGHBOR, "md5-base64", KIND_CHOICE, N(md5_base64), .choices = base64s, .absent = "false", .bare = "false",
	  .help = "the password is in base64" },
	{ SECTION_NEIGHBOR, "md5-ip", KIND_ADDR, N(md5_ip), .help = "the address that TCP MD5 is bound to" },
	{ SECTION_NEIGHBOR, "group-updates", KIND_CHOICE, N(group_updates), .choices = groups, .absent = "true", .bare = "true", .live = true,
	  .expected = "true, false, or all", .help = "several routes in one UPDATE" },
	{ SECTION_NEIGHBOR, "auto-flush", BOOL, N(auto_flush), .absent = "true", .bare = "true", .live = true, .help = "send at once" },
	/* Written without a value these three are false, as in ExaBGP. */
	{ SECTION_NEIGHBOR, "adj-rib-in", BOOL, N(adj_rib_in), .absent = "true", .bare = "false",
	  .help = "keep what the peer said" },
	{ SECTION_NEIGHBOR, "adj-rib-out", BOOL, N(adj_rib_out), .absent = "true", .bare = "false", .live = true,
	  .help = "keep what the peer was told" },
	{ SECTION_NEIGHBOR, "manual-eor", BOOL, N(manual_eor), .absent = "false", .bare = "false", .live = true,
	  .help = "End-of-RIB only when told" },
	{ SECTION_NEIGHBOR, "maximum-prefix", NUMBER(0, UINT32_MAX), N(maximum_prefix), .choices = none, .absent = "0", .live = true,
	  .help = "routes that the peer may say before it is closed; 0: no limit" },
	{ SECTION_NEIGHBOR, "maximum-prefix-out", NUMBER(0, UINT32_MAX), N(maximum_prefix_out), .choices = none, .absent = "0", .live = true,
	  .help = "routes that the peer may be told; 0: no limit" },
	{ SECTION_NEIGHBOR, "controller-loss", SECONDS, N(controller_loss), .choices = none, .absent = "0", .live = true,
	  .help = "seconds without a controller before the session is shut down; 0: never" },
	{ SECTION_NEIGHBOR, "propagate", KIND_CHOICE, N(propagate), .choices = propagations, .absent = "none", .live = true,
	  .help = "routes from peer to peer: whether this one takes part, and as what" },
	{ SECTION_NEIGHBOR, "propagate-paths", NUMBER(1, 1000), N(propagate_paths), .choices = all_paths, .absent = "1", .live = true,
	  .help = "so many of the best routes to a prefix are propagated to it, where ADD-PATH was agreed on" },
	{ SECTION_NEIGHBOR, "import", KIND_NAMES, N(import), .live = true, .expected = "policies, accept or reject",
	  .help = "what is taken of its routes to be propagated; of another AS nothing unless it is said (RFC 8212)" },
	{ SECTION_NEIGHBOR, "export", KIND_NAMES, N(export), .live = true, .expected = "policies, accept or reject",
	  .help = "what is propagated to it; to another AS nothing unless it is said (RFC 8212)" },
	{ SECTION_NEIGHBOR, "export-covers", KIND_NAMES, N(export_covers), .live = true, .expected = "client, configuration, or [ client configuration ]",
	  .help = "whose routes pass export beside those of peers; else what they say goes past it" },
	{ SECTION_NEIGHBOR, "cluster-id", KIND_ID, N(cluster_id), .live = true,
	  .help = "our cluster as a route reflector (RFC 4456); the router id when it is not given" },
	{ SECTION_NEIGHBOR, "allow-own-as", NUMBER(0, 255), N(allow_own_as), .absent = "0", .live = true,
	  .help = "so often our own AS may stand in the path of a route that is propagated" },
	{ SECTION_NEIGHBOR, "inherit", KIND_NAMES, N(inherit), .live = true, .expected = "the name of a template, or [ NAME NAME ]",
	  .help = "templates, each laid over the neighbor at its closing brace" },
	{ SECTION(NEIGHBOR, "family"), .enters = SECTION_FAMILY, .enter = family_enter, .help = "address families; all when there are none" },
	{ SECTION(NEIGHBOR, "capability"), N(capability), .enters = SECTION_CAPABILITY, .enter = inner_enter, .help = "what is offered in the OPEN" },
	{ SECTION(NEIGHBOR, "tcp-ao"), N(tcp_ao), .enters = SECTION_TCP_AO, .enter = tcp_ao_enter, .help = "TCP authentication (RFC 5925)" },
	{ SECTION(NEIGHBOR, "confederation"), N(confederation), .enters = SECTION_CONFEDERATION, .enter = confederation_enter,
	  .help = "local-as is a member AS of a confederation (RFC 5065)" },
	{ SECTION(NEIGHBOR, "add-path"), .enters = SECTION_ADD_PATH, .enter = add_path_enter, .help = "families with several paths (RFC 7911)" },
	{ SECTION(NEIGHBOR, "nexthop"), .enters = SECTION_NEXTHOP, .enter = nexthop_enter, .help = "next hops of the other family (RFC 8950)" },
	{ SECTION(NEIGHBOR, "api"), .enters = SECTION_API, .enter = api_enter, .help = "processes, and what they are told" },
	{ SECTION(NEIGHBOR, "static"), .enters = SECTION_STATIC, .enter = inner_enter, .help = "routes" },
	{ SECTION(NEIGHBOR, "announce"), .enters = SECTION_ANNOUNCE, .enter = inner_enter, .help = "routes, by family" },
	{ SECTION(NEIGHBOR, "flow"), .enters = SECTION_FLOW, .enter = inner_enter, .help = "flow specifications" },
	{ SECTION(NEIGHBOR, "l2vpn"), .enters = SECTION_L2VPN, .enter = inner_enter, .leave = l2vpn_leave, .help = "VPLS" },
	{ SECTION(NEIGHBOR, "operational"), .enters = SECTION_OPERATIONAL, .enter = inner_enter, .help = "OPERATIONAL messages" },

	{ CAPABILITY("asn4", asn4), NEED, .absent = "true", .bare = "true", .help = "four-octet AS numbers (RFC 6793)" },
	{ CAPABILITY("extended-message", extended_message), NEED, .absent = "true", .bare = "true", .help = "messages of 65,535 octets (RFC 8654)" },
	{ CAPABILITY("route-refresh", route_refresh), NEED, .absent = "false", .bare = "true", .help = "RFC 2918 and 7313" },
	{ CAPABILITY("graceful-restart", graceful_restart), NUMBER(0, 4095), .choices = off, .absent = "disable", .bare = "0",
	  .help = "seconds (RFC 4724); 0: the hold time" },
	{ CAPABILITY("graceful-restart-notification", graceful_notification), BOOL, .absent = "false", .bare = "true",
	  .help = "routes outlive a NOTIFICATION too (RFC 8538)" },
	{ CAPABILITY("long-lived-graceful-restart", long_lived), NUMBER(0, 16777215), .choices = none, .absent = "0",
	  .help = "seconds that routes are kept after that, as the last resort (RFC 9494); 0: none" },
	{ CAPABILITY("multi-session", multi_session), BOOL, .absent = "false", .bare = "true", .help = "a session for each family" },
	{ CAPABILITY("operational", operational), BOOL, .absent = "false", .bare = "true", .help = "OPERATIONAL messages" },
	{ CAPABILITY("add-path", add_path), KIND_CHOICE, .choices = add_paths, .absent = "disable", .help = "several paths a prefix (RFC 7911)" },
	{ CAPABILITY("nexthop", nexthop), BOOL, .absent = "false", .bare = "true", .help = "next hops of the other family (RFC 8950)" },
	{ CAPABILITY("aigp", aigp), BOOL, .absent = "false", .bare = "true", .help = "accept AIGP from external peers (RFC 7311)" },
	{ CAPABILITY("role", role), .kind = KIND_CHOICE, .choices = bgp_roles, .absent = "none",
	  .help = "what we are to a peer of another AS (RFC 9234)" },
	{ CAPABILITY("role-strict", role_strict), BOOL, .absent = "false", .bare = "true", .help = "no session with a peer that says no role" },
	{ CAPABILITY("software-version", software_version), BOOL, .absent = "false", .bare = "false", .help = "say what we are" },
	{ CAPABILITY("link-local-nexthop", link_local_nexthop), BOOL, .absent = "false", .help = "link-local next hops alone" },
	{ CAPABILITY("link-local-prefer", link_local_prefer), BOOL, .absent = "false", .bare = "false", .help = "prefer the link-local next hop" },

	{ SECTION_TCP_AO, "keyid", NUMBER(0, 255), AT(config_tcp_ao, keyid), .needed = true, .help = "the key's number, SendID and RecvID; another number is another key, which a session changes to" },
	{ SECTION_TCP_AO, "algorithm", KIND_CHOICE, AT(config_tcp_ao, algorithm), .choices = algorithms, .needed = true, .help = "RFC 5926" },
	{ SECTION_TCP_AO, "password", TEXT(1024), AT(config_tcp_ao, password), .needed = true, .help = "the master key" },
	{ SECTION_TCP_AO, "base64", BOOL, AT(config_tcp_ao, base64), .absent = "false", .bare = "true", .help = "the password is in base64" },

	{ SECTION_CONFEDERATION, "identifier", KIND_ASN, AT(config_confederation, identifier), .help = "the AS that those outside of it know" },
	{ SECTION_CONFEDERATION, "members", KIND_NAMES, AT(config_confederation, members), .expected = "[ AS AS ]",
	  .help = "the other ASes of it" },

	FAMILY(FAMILY, family_statement, "all", NULL),
	FAMILY(FAMILY, family_statement, "ipv4", family_ipv4),
	FAMILY(FAMILY, family_statement, "ipv6", family_ipv6),
	FAMILY(FAMILY, family_statement, "l2vpn", family_l2vpn),
	FAMILY(FAMILY, family_statement, "bgp-ls", family_bgp_ls),
	FAMILY(FAMILY, family_statement, "raw", family_raw),
	FAMILY(ADD_PATH, add_path_statement, "all", NULL),
	FAMILY(ADD_PATH, add_path_statement, "ipv4", family_ipv4),
	FAMILY(ADD_PATH, add_path_statement, "ipv6", family_ipv6),
	FAMILY(ADD_PATH, add_path_statement, "l2vpn", family_l2vpn),
	FAMILY(ADD_PATH, add_path_statement, "bgp-ls", family_bgp_ls),
	FAMILY(NEXTHOP, nexthop_statement, "ipv4", family_nexthop),
	FAMILY(NEXTHOP, nexthop_statement, "ipv6", family_nexthop),

	{ SECTION_API, "processes", KIND_NAMES, AT(config_api, processes), .expected = "[ NAME NAME ]", .help = "processes that are told, and may announce" },
	{ SECTION_API, "processes-match", KIND_NAMES, AT(config_api, processes_match), .expected = "[ REGULAR-EXPRESSION ]",
	  .help = "the same, by what their names start with" },
	{ SECTION_API, "neighbor-changes", FLAG, AT(config_api, neighbor_changes), .help = "tell when it comes up and goes down" },
	{ SECTION_API, "negotiated", FLAG, AT(config_api, negotiated), .help = "tell what was negotiated" },
	{ SECTION_API, "fsm", FLAG, AT(config_api, fsm), .help = "tell each state" },
	{ SECTION_API, "signal", FLAG, AT(config_api, signal), .help = "tell signals" },
	{ SECTION(API, "send"), AT(config_api, send), .enters = SECTION_MESSAGES, .enter = inner_enter, .help = "messages that we send" },
	{ SECTION(API, "receive"), AT(config_api, receive), .enters = SECTION_MESSAGES, .enter = inner_enter, .help = "messages that the peer sends" },
	MESSAGE("parsed", parsed, "decoded"),
	MESSAGE("packets", packets, "as hexadecimal octets"),
	MESSAGE("consolidate", consolidate, "both in one"),
	MESSAGE("open", open, "OPEN"),
	MESSAGE("update", update, "UPDATE"),
	MESSAGE("notification", notification, "NOTIFICATION"),
	MESSAGE("keepalive", keepalive, "KEEPALIVE"),
	MESSAGE("refresh", refresh, "ROUTE-REFRESH"),
	MESSAGE("operational", operational, "OPERATIONAL"),

	ROUTE(STATIC, "route", "a prefix, and what is said of it"),
	ROUTE(STATIC, "attributes", "attributes, then nlri and many prefixes"),
	ROUTE(STATIC, "attribute", "the same as attributes"),
	ROUTE(STATIC, "sr-policy", "RFC 9830"),
	ROUTE(STATIC, "raw", "AFI, SAFI and octets of a family that has no name here"),
	{ SECTION(ANNOUNCE, "ipv4"), .enters = SECTION_ANNOUNCE_IP, .enter = inner_enter, .help = "routes of IPv4 families" },
	{ SECTION(ANNOUNCE, "ipv6"), .enters = SECTION_ANNOUNCE_IP, .enter = inner_enter, .help = "routes of IPv6 families" },
	{ SECTION(ANNOUNCE, "l2vpn"), .enters = SECTION_ANNOUNCE_L2VPN, .enter = inner_enter, .help = "routes of layer 2 families" },
	{ SECTION(ANNOUNCE, "bgp-ls"), .enters = SECTION_ANNOUNCE_BGP_LS, .enter = inner_enter, .help = "nodes, links and prefixes of other routing protocols" },
	ROUTE(ANNOUNCE_IP, "unicast", "a prefix, and what is said of it"),
	ROUTE(ANNOUNCE_IP, "multicast", "a prefix, and what is said of it"),
	ROUTE(ANNOUNCE_IP, "nlri-mpls", "a prefix with labels (RFC 8277)"),
	ROUTE(ANNOUNCE_IP, "labeled-unicast", "the same as nlri-mpls"),
	ROUTE(ANNOUNCE_IP, "mpls-vpn", "a prefix with rd and labels (RFC 4364)"),
	ROUTE(ANNOUNCE_IP, "mcast-vpn", "RFC 6514"),
	ROUTE(ANNOUNCE_IP, "flow", "a flow specification (RFC 8955)"),
	ROUTE(ANNOUNCE_IP, "flow-vpn", "a flow specification with rd"),
	ROUTE(ANNOUNCE_IP, "mup", "mobile user plane"),
	ROUTE(ANNOUNCE_IP, "sr-policy", "RFC 9830"),
	ROUTE(ANNOUNCE_IP, "rtc", "a route target that is wanted (RFC 4684)"),
	ROUTE(ANNOUNCE_L2VPN, "vpls", "RFC 4761"),
	ROUTE(ANNOUNCE_L2VPN, "evpn", "RFC 7432"),
	ROUTE(ANNOUNCE_BGP_LS, "bgp-ls", "RFC 9552"),
	ROUTE(ANNOUNCE_BGP_LS, "bgp-ls-vpn", "RFC 9552"),
	ROUTE(FLOW, "route", "a flow specification (RFC 8955)"),
	ROUTE(L2VPN, "vpls", "RFC 4761"),
	OPERATIONAL("asm", "an advisory, at the start of each session"),
	OPERATIONAL("adm", "an advisory"),
	OPERATIONAL("rpcq", "how many prefixes are reachable?"),
	OPERATIONAL("rpcp", "so many are"),
	OPERATIONAL("apcq", "how many prefixes are in adj-rib-out?"),
	OPERATIONAL("apcp", "so many are"),
	OPERATIONAL("lpcq", "how many prefixes are in loc-rib?"),
	OPERATIONAL("lpcp", "so many are"),
	/* clang-format on */
};
const size_t schema_count = sizeof(schema) / sizeof(schema[0]);
_Static_assert(sizeof(schema) / sizeof(schema[0]) <= CONFIG_GIVEN * 64, "a bit for each row");

const char *
section_name(enum section section)
{
	static const char *const names[SECTIONS] = {
		[SECTION_ROOT] = "the configuration",
		[SECTION_PROCESS] = "process",
		[SECTION_SPEAKER] = "speaker",
		[SECTION_CLIENT] = "client",
		[SECTION_CONTROLLER] = "controller",
		[SECTION_DECISION] = "decision",
		[SECTION_TEMPLATE] = "template",
		[SECTION_NEIGHBOR] = "neighbor",
		[SECTION_CAPABILITY] = "capability",
		[SECTION_TCP_AO] = "tcp-ao",
		[SECTION_CONFEDERATION] = "confederation",
		[SECTION_FAMILY] = "family",
		[SECTION_ADD_PATH] = "add-path",
		[SECTION_NEXTHOP] = "nexthop",
		[SECTION_API] = "api",
		[SECTION_MESSAGES] = "send and receive",
		[SECTION_STATIC] = "static",
		[SECTION_ROUTE] = "route",
		[SECTION_ANNOUNCE] = "announce",
		[SECTION_ANNOUNCE_IP] = "announce ipv4 and ipv6",
		[SECTION_ANNOUNCE_L2VPN] = "announce l2vpn",
		[SECTION_ANNOUNCE_BGP_LS] = "announce bgp-ls",
		[SECTION_FLOW] = "flow",
		[SECTION_L2VPN] = "l2vpn",
		[SECTION_OPERATIONAL] = "operational",
		[SECTION_POLICY] = "policy",
		[SECTION_RULE] = "rule",
		[SECTION_MATCH] = "match",
		[SECTION_THEN] = "then",
		[SECTION_RPKI] = "rpki",
		[SECTION_CACHE] = "cache",
		[SECTION_SET] = "set",
	};

	return names[section];
}

const struct row *
schema_find(enum section section, const char *name)
{
	for (size_t i = 0; i < schema_count; i++) {
		/* a row without a word reads all words of its section */
		if (schema[i].in == section &&
		    (!*schema[i].name || strcmp(schema[i].name, name) == 0))
			return &schema[i];
	}
	return NULL;
}

const struct row *
schema_elsewhere(const char *name)
{
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].kind != KIND_MOVED && strcmp(schema[i].name, name) == 0)
			return &schema[i];
	}
	return NULL;
}

size_t
schema_names(enum section section, const char **names, size_t cap)
{
	size_t count = 0;

	for (size_t i = 0; i < schema_count && count + 1 < cap; i++) {
		if (schema[i].in == section && schema[i].kind != KIND_MOVED)
			names[count++] = schema[i].name;
	}
	names[count] = NULL;
	return count;
}

bool
row_is_value(const struct row *row)
{
	return row->kind <= KIND_WORDS;
}

size_t
row_number(const struct row *row)
{
	return (size_t)(row - schema);
}

bool
row_given(const struct row *row, const uint64_t given[CONFIG_GIVEN])
{
	return given[row_number(row) / 64] >> row_number(row) % 64 & 1;
}

void
row_give(const struct row *row, uint64_t given[CONFIG_GIVEN])
{
	given[row_number(row) / 64] |= UINT64_C(1) << row_number(row) % 64;
}

/* Where the parts of a neighbor stand in it. */
static const void *
neighbor_part(enum section section, const struct config_neighbor *n)
{
	switch (section) {
	case SECTION_NEIGHBOR:
		return n;
	case SECTION_CAPABILITY:
		return &n->capability;
	case SECTION_TCP_AO:
		return &n->tcp_ao;
	case SECTION_CONFEDERATION:
		return &n->confederation;
	default:
		return NULL;
	}
}

const void *
row_of_neighbor(const struct row *row, const struct config_neighbor *n)
{
	const uint8_t *part = neighbor_part(row->in, n);

	return part != NULL && row_is_value(row) ? part + row->offset : NULL;
}

void *
row_in_neighbor(const struct row *row, struct config_neighbor *n)
{
	return (void *)(uintptr_t)row_of_neighbor(row, n);
}

void
section_defaults(enum section section, void *base)
{
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].in == section && schema[i].absent != NULL)
			value_set(&schema[i], (uint8_t *)base + schema[i].offset, schema[i].absent);
	}
}

void
section_free(enum section section, void *base)
{
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].in == section && row_is_value(&schema[i]))
			value_free(&schema[i], (uint8_t *)base + schema[i].offset);
	}
}
