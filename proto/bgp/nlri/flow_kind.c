/* The components of flow specifications: their words, their values and the names of these. */
#include "proto/bgp/nlri/flow.h"

static const struct flow_name protocols[] = {
	{ "icmp", 1 },
	{ "igmp", 2 },
	{ "tcp", 6 },
	{ "egp", 8 },
	{ "udp", 17 },
	{ "rsvp", 46 },
	{ "gre", 47 },
	{ "esp", 50 },
	{ "ah", 51 },
	{ "ospf", 89 },
	{ "ipip", 94 },
	{ "pim", 103 },
	{ "sctp", 132 },
	{ 0 },
};

/* Services that filters are written for, by their names at IANA. */
static const struct flow_name ports[] = {
	{ "tcpmux", 1 },
	{ "echo", 7 },
	{ "discard", 9 },
	{ "systat", 11 },
	{ "daytime", 13 },
	{ "qotd", 17 },
	{ "chargen", 19 },
	{ "ftp-data", 20 },
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "time", 37 },
	{ "tacacs", 49 },
	{ "domain", 53 },
	{ "bootps", 67 },
	{ "bootpc", 68 },
	{ "tftp", 69 },
	{ "gopher", 70 },
	{ "finger", 79 },
	{ "http", 80 },
	{ "www", 80 },
	{ "kerberos", 88 },
	{ "pop3", 110 },
	{ "sunrpc", 111 },
	{ "nntp", 119 },
	{ "ntp", 123 },
	{ "netbios-ns", 137 },
	{ "netbios-dgm", 138 },
	{ "netbios-ssn", 139 },
	{ "imap", 143 },
	{ "snmp", 161 },
	{ "snmptrap", 162 },
	{ "bgp", 179 },
	{ "irc", 194 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "microsoft-ds", 445 },
	{ "isakmp", 500 },
	{ "syslog", 514 },
	{ "rip", 520 },
	{ "ripng", 521 },
	{ "submission", 587 },
	{ "ldp", 646 },
	{ "ldaps", 636 },
	{ "domain-s", 853 },
	{ "rsync", 873 },
	{ "imaps", 993 },
	{ "pop3s", 995 },
	{ "openvpn", 1194 },
	{ "l2tp", 1701 },
	{ "radius", 1812 },
	{ "radius-acct", 1813 },
	{ "ssdp", 1900 },
	{ "nfs", 2049 },
	{ "mysql", 3306 },
	{ "bfd-control", 3784 },
	{ "sip", 5060 },
	{ "sips", 5061 },
	{ "postgresql", 5432 },
	{ "http-alt", 8080 },
	{ 0 },
};

static const struct flow_name icmp_types[] = {
	{ "echo-reply", 0 },
	{ "unreachable", 3 },
	{ "source-quench", 4 },
	{ "redirect", 5 },
	{ "echo-request", 8 },
	{ "router-advertisement", 9 },
	{ "router-solicit", 10 },
	{ "time-exceeded", 11 },
	{ "parameter-problem", 12 },
	{ "timestamp", 13 },
	{ "timestamp-reply", 14 },
	{ "info-request", 15 },
	{ "info-reply", 16 },
	{ "mask-request", 17 },
	{ "mask-reply", 18 },
	{ "traceroute", 30 },
	{ "photuris", 40 },
	{ "experimental-mobility", 41 },
	{ "extended-echo-request", 42 },
	{ "extended-echo-reply", 43 },
	{ "experimental-one", 253 },
	{ "experimental-two", 254 },
	{ 0 },
};

/* What a code means depends on the type, so they print as numbers. */
static const struct flow_name icmp_codes[] = {
	{ "network-unreachable", 0 },
	{ "host-unreachable", 1 },
	{ "protocol-unreachable", 2 },
	{ "port-unreachable", 3 },
	{ "fragmentation-needed", 4 },
	{ "source-route-failed", 5 },
	{ "destination-network-unknown", 6 },
	{ "destination-host-unknown", 7 },
	{ "source-host-isolated", 8 },
	{ "destination-network-prohibited", 9 },
	{ "destination-host-prohibited", 10 },
	{ "network-unreachable-for-tos", 11 },
	{ "host-unreachable-for-tos", 12 },
	{ "communication-prohibited-by-filtering", 13 },
	{ "host-precedence-violation", 14 },
	{ "precedence-cutoff-in-effect", 15 },
	{ "redirect-for-network", 0 },
	{ "redirect-for-host", 1 },
	{ "redirect-for-tos-and-net", 2 },
	{ "redirect-for-tos-and-host", 3 },
	{ "ttl-eq-zero-during-transit", 0 },
	{ "ttl-eq-zero-during-reassembly", 1 },
	{ "required-option-missing", 1 },
	{ "ip-header-bad", 2 },
	{ 0 },
};

static const struct flow_name tcp_flags[] = {
	{ "fin", 0x01 },
	{ "syn", 0x02 },
	{ "rst", 0x04 },
	{ "push", 0x08 },
	{ "ack", 0x10 },
	{ "urg", 0x20 },
	{ "ece", 0x40 },
	{ "cwr", 0x80 },
	{ "ns", 0x100 },
	{ "urgent", 0x20 },
	{ 0 },
};

static const struct flow_name fragments[] = {
	{ "dont-fragment", 0x01 },
	{ "is-fragment", 0x02 },
	{ "first-fragment", 0x04 },
	{ "last-fragment", 0x08 },
	{ "not-a-fragment", 0 }, /* of 4.2 */
	{ 0 },
};

#define SAME(word)                                                                                 \
	{                                                                                          \
		word, word                                                                         \
	}
#define PORT(word)                                                                                 \
	{                                                                                          \
		FLOW_NUMBERS, SAME(word), UINT16_MAX, ports, "a port", false                       \
	}

static const struct flow_kind kinds[FLOW_TYPES] = {
	[FLOW_DESTINATION] = { FLOW_PREFIX, { "destination-ipv4", "destination-ipv6" }, 0, NULL,
	    NULL, false },
	[FLOW_SOURCE] = { FLOW_PREFIX, { "source-ipv4", "source-ipv6" }, 0, NULL, NULL, false },
	[FLOW_PROTOCOL] = { FLOW_NUMBERS, { "protocol", "next-header" }, UINT8_MAX, protocols,
	    "a protocol", true },
	[FLOW_PORT] = PORT("port"),
	[FLOW_DESTINATION_PORT] = PORT("destination-port"),
	[FLOW_SOURCE_PORT] = PORT("source-port"),
	[FLOW_ICMP_TYPE] = { FLOW_NUMBERS, SAME("icmp-type"), UINT8_MAX, icmp_types,
	    "a type of ICMP", true },
	[FLOW_ICMP_CODE] = { FLOW_NUMBERS, SAME("icmp-code"), UINT8_MAX, icmp_codes,
	    "a code of ICMP", false },
	[FLOW_TCP_FLAGS] = { FLOW_BITS, SAME("tcp-flags"), UINT16_MAX, tcp_flags,
	    "flags of TCP (syn+ack)", true },
	[FLOW_PACKET_LENGTH] = { FLOW_NUMBERS, SAME("packet-length"), UINT16_MAX, NULL, "a length",
	    false },
	[FLOW_DSCP] = { FLOW_NUMBERS, { "dscp", "traffic-class" }, 63, NULL,
	    "a DSCP or traffic class", false },
	[FLOW_FRAGMENT] = { FLOW_BITS, SAME("fragment"), UINT16_MAX, fragments,
	    "kinds of fragments", true },
	[FLOW_LABEL] = { FLOW_NUMBERS, { NULL, "flow-label" }, 0xfffff, NULL,
	    "a flow label of 20 bits", false },
};

/* All eight bits of an IPv6 traffic class may be typed. */
static const struct flow_kind traffic_class = { FLOW_NUMBERS, { NULL, "traffic-class" }, UINT8_MAX,
	NULL, "a traffic class", false };

const struct flow_kind *
flow_kind(unsigned type, bool ipv6)
{
	if (type == 0 || type >= FLOW_TYPES || !kinds[type].word[ipv6])
		return NULL;
	return type == FLOW_DSCP && ipv6 ? &traffic_class : &kinds[type];
}
