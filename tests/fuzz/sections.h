/* Where a fuzzed text of configuration stands. */
#ifndef TESTS_FUZZ_SECTIONS_H
#define TESTS_FUZZ_SECTIONS_H
#include "controller/config/schema.h"

#define NEIGHBOR "neighbor 192.0.2.1 {\nlocal-address 192.0.2.2; local-as 65000; peer-as 65001;\n"

/* What stands before and behind a text, and which section's keywords it may have. */
static const struct place {
	enum section in;
	const char *before, *behind;
} places[] = {
	{ SECTION_ROOT, "", "" },
	{ SECTIONS, NULL, NULL }, /* an environment */
	{ SECTIONS, NULL, NULL }, /* ... and a file of it */
	{ SECTION_NEIGHBOR, NEIGHBOR, "\n}\n" },
	{ SECTION_CAPABILITY, NEIGHBOR "capability {\n", "\n}\n}\n" },
	{ SECTION_FAMILY, NEIGHBOR "family {\n", "\n}\n}\n" },
	{ SECTION_ADD_PATH, NEIGHBOR "add-path {\n", "\n}\n}\n" },
	{ SECTION_NEXTHOP, NEIGHBOR "nexthop {\n", "\n}\n}\n" },
	{ SECTION_API, "process p {\nrun /bin/true;\nencoder text;\n}\n" NEIGHBOR "api {\n",
	    "\n}\n}\n" },
	{ SECTION_STATIC, NEIGHBOR "static {\n", "\n}\n}\n" },
	{ SECTION_ROUTE, NEIGHBOR "static {\nroute 10.0.0.0/24 {\n", "\n}\n}\n}\n" },
	{ SECTION_ANNOUNCE_IP, NEIGHBOR "announce {\nipv4 {\n", "\n}\n}\n}\n" },
	{ SECTION_ANNOUNCE_IP, NEIGHBOR "announce {\nipv6 {\n", "\n}\n}\n}\n" },
	{ SECTION_ANNOUNCE_L2VPN, NEIGHBOR "announce {\nl2vpn {\n", "\n}\n}\n}\n" },
	{ SECTION_FLOW, NEIGHBOR "flow {\n", "\n}\n}\n" },
	{ SECTION_ROUTE, NEIGHBOR "flow {\nroute x {\n", "\n}\n}\n}\n" },
	{ SECTION_L2VPN, NEIGHBOR "l2vpn {\n", "\n}\n}\n" },
	{ SECTION_TCP_AO, NEIGHBOR "tcp-ao {\n", "\n}\n}\n" },
	{ SECTION_OPERATIONAL, NEIGHBOR "operational {\n", "\n}\n}\n" },
	{ SECTION_NEIGHBOR, "template {\nneighbor t {\n",
	    "\n}\n}\nneighbor 192.0.2.1 {\ninherit t;\npeer-as 1;\n}\n" },
	{ SECTION_PROCESS, "process p {\n", "\n}\n" },
	{ SECTION_SPEAKER, "speaker a {\n", "\n}\n" },
	{ SECTION_CLIENT, "client c {\n", "\n}\n" },
	{ SECTION_CONTROLLER, "controller {\n", "\n}\n" },
	{ SECTION_DECISION, "decision {\n", "\n}\n" },
	{ SECTION_CONFEDERATION, NEIGHBOR "confederation {\n", "\n}\n}\n" },
};

enum { PLACES = sizeof places / sizeof places[0], ENVIRONMENT = 1, ENVIRONMENT_FILE = 2 };
#endif
