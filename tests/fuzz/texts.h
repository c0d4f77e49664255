/* Texts that fuzzing begins with besides the cases. */
#ifndef TESTS_FUZZ_TEXTS_H
#define TESTS_FUZZ_TEXTS_H
#include "controller/config/schema.h"

/* Commands: selectors, neighbors with everything, routes by index, groups. */
static const char *const commands[] = {
	"peer [ 192.0.2.1 , 192.0.2.2 ] announce route 10.0.0.0/24 next-hop self",
	"neighbor * speaker edge peer-as 65001 local-as 65000 announce route 10.0.0.0/24 "
	"next-hop self",
	"neighbor 192.0.2.1 local-ip 192.0.2.254 router-id 192.0.2.254 , neighbor "
	"192.0.2.3 "
	"withdraw route 10.0.0.0/24",
	"neighbor [ 192.0.2.1 peer-as 65001 192.0.2.2 ] show",
	"neighbor * a b c d e f g h i j k l m n o p q r s t announce eor",
	"create neighbor 192.0.2.9 local-address 192.0.2.254 local-as 65000 peer-as 65009 "
	"router-id "
	"1.1.1.1 family-allowed ipv4-unicast/ipv6-unicast graceful-restart 30 "
	"group-updates false "
	"speaker edge",
	"create neighbor 192.0.2.8 local-ip 192.0.2.254 local-as 65000 peer-as 65009 "
	"family-allowed "
	"in-open api fuzz",
	"create neighbor 192.0.2.8 local-ip 192.0.2.254 local-as 65000 peer-as 65009 "
	"family-allowed "
	"ipv4-none",
	"delete neighbor 192.0.2.2",
	"peer 192.0.2.1 routes list",
	"peer 192.0.2.1 routes ipv4 unicast list",
	"peer 192.0.2.1 routes add 10.0.0.0/24 next-hop 1.2.3.4",
	"peer 192.0.2.1 routes add route 10.0.0.0/24 next-hop 1.2.3.4\npeer 192.0.2.1 "
	"routes list",
	"peer 192.0.2.1 routes remove route 10.0.0.0/24",
	"peer 192.0.2.1 routes remove index 3031303164697361626c6564180a0000",
	"peer 192.0.2.1 routes remove index 3031303100000001180a0000",
	"peer 192.0.2.1 routes remove index 39393939",
	"group announce attributes next-hop 1.2.3.4 ; announce route 10.0.0.0/24 ; "
	"withdraw route "
	"10.0.1.0/24",
	"group start\nannounce route 10.0.0.0/24 next-hop 1.2.3.4\nattributes next-hop "
	"1.2.3.4 med 5 "
	"nlri 10.0.0.0/24\ngroup end",
	"group start\ngroup start\nreset\ngroup end",
	"group start\nannounce attributes next-hop 1.2.3.4\nannounce route "
	"10.0.0.0/24\nnonsense\n"
	"group end",
	"announce route 10.0.0.0/24 next-hop 1.2.3.4 sync json",
	"show neighbors async text",
	"clear adj-rib out\nflush adj-rib out\nshow routes sent neighbor 192.0.2.1 "
	"10.0.0.0/8",
	"show routes received ipv4 unicast json",
	"show rib ipv4 unicast 10.0.0.0/8 longer neighbor 192.0.2.1 best count json",
	"show rib 2001:db8::/32 advertised",
	"show adj-rib out inet extensive 192.0.2.1",
	"announce route 10.0.0.0/24 next-hop 1.2.3.4 split /26 watchdog dog name x",
	"announce watchdog dog\nwithdraw watchdog dog",
	"announce eor ipv6 unicast",
	"announce route-refresh ipv4 unicast",
	"teardown 4 bye",
	"debug hello",
	"announce operational asm afi ipv4 safi unicast advisory hello",
	"announce ipv4 unicast 10.0.0.0/24 next-hop 1.2.3.4 path-information 1.2.3.4",
};

/* Statements that no row and no case has: what goes together, and what does not. */
static const struct {
	enum section in;
	const char *text;
} statements[] = {
	{ SECTION_ROOT,
	    "template {\nneighbor t {\nstatic {\nroute 10.0.0.0/24 next-hop 1.1.1.1;\n}\n"
	    "api a {\nprocesses [ p ];\n}\n}\n}\nprocess p {\nrun /bin/true;\n}\n"
	    "neighbor 192.0.2.1 {\ninherit t;\nlocal-address 192.0.2.2;\nlocal-as 1;\npeer-as 2;\n"
	    "static {\nroute 10.0.1.0/24 next-hop self;\n}\napi a {\nfsm;\n}\n}\n" },
	{ SECTION_ROOT, "speaker a {\n}\nspeaker a {\n}\n" },
	{ SECTION_ROOT,
	    "speaker a {\n}\nspeaker b {\n}\nneighbor 192.0.2.1 {\nlocal-address auto;\n"
	    "local-as 1;\npeer-as 2;\n}\n" },
	{ SECTION_ROOT, "client c {\nkey aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\n}\nclient d {\n"
			"key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\n}\nclient c {\n}\n" },
	{ SECTION_ROOT, "process api-internal-cli-x {\n}\n" },
	{ SECTION_ROOT, "process p {\nrun a;\n}\nprocess p {\n}\n" },
	{ SECTION_ROOT,
	    "neighbor 2001:db8::1 {\nlocal-address 192.0.2.1;\nlocal-as 1;\npeer-as 2;\n}\n" },
	{ SECTION_ROOT, "}\n" },
	{ SECTION_ROOT, "process \"b ad\" {\n}\n" },
	{ SECTION_NEIGHBOR, "md5-password 'c2VjcmV0';\nmd5-base64 true;\n" },
	{ SECTION_NEIGHBOR, "md5-password 'c2V=jc?';\nmd5-base64 true;\n" },
	{ SECTION_NEIGHBOR, "md5-password 'c2Vjc==';\nmd5-base64 auto;\n" },
	{ SECTION_NEIGHBOR,
	    "md5-password x;\ntcp-ao {\nkeyid 1;\nalgorithm hmac-sha-256;\npassword y;\n}\n" },
	{ SECTION_NEIGHBOR, "adj-rib-in false;\nmaximum-prefix 5;\n" },
	{ SECTION_NEIGHBOR, "listen 1790;\nlocal-address auto;\n" },
	{ SECTION_NEIGHBOR, "capability {\ngraceful-restart;\n}\nhold-time 90;\n" },
	{ SECTION_NEIGHBOR, "local-link-local fe80::1;\nfamily {\nipv6 unicast;\n}\nstatic {\n"
			    "route 2001:db8::/32 next-hop self;\n}\n" },
	{ SECTION_NEIGHBOR, "inherit nothing;\n" },
	{ SECTION_NEIGHBOR, "neighbor {\n}\n" },
	{ SECTION_NEIGHBOR, "api {\nprocesses [ a , b;\n}\napi {\n}\napi x {\n}\napi x {\n}\n" },
	{ SECTION_STATIC, "route 10.0.0.0/24 {\nnext-hop 1.2.3.4;\nmed 5;\nnonsense;\n}\n" },
	{ SECTION_STATIC, "attributes next-hop 1.2.3.4 nlri 10.0.0.0/24 {\n}\n" },
	{ SECTION_STATIC, "route 2001:db8::/32 next-hop 2001:db8::1;\n"
			  "route 10.0.0.0/24 next-hop self watchdog x withdraw;\n" },
	{ SECTION_ROUTE, "next-hop 1.2.3.4;\nmatch {\nsource 10.0.0.0/24;\nport =80;\n}\nthen "
			 "{\ndiscard;\n}\n" },
	{ SECTION_CAPABILITY, "asn4 require;\nadd-path send/receive;\ngraceful-restart 70000;\n" },
	{ SECTION_ROOT,
	    "speaker a { key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\n}\nneighbor 192.0.2.1 {\n"
	    "speaker a;\nlocal-address 192.0.2.2;\nlocal-as 1.10;\npeer-as 1.70000;\n}\n" },
	{ SECTION_ROOT, "client \"\" {\n}\n" },
	{ SECTION_API, "processes [ ];\n" },
	{ SECTION_API, "processes-match [ \"^a\" \"b\" ];\nprocesses [ p p ];\n" },
	{ SECTION_NEIGHBOR, "api one {\nfsm;\n}\napi two {\nfsm;\n}\napi one {\nsignal;\n}\n" },
	{ SECTION_ROOT, "speaker a/b {\n}\n" },
	{ SECTION_ROOT, "client a/b {\nkey aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\n}\n" },
	{ SECTION_ROOT,
	    "client c {\nkey aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\n}\nclient c {\n}\n" },
	{ SECTION_PROCESS, "run /bin/true \"a b\" c;\nencoder json;\nrespawn no;\n" },
};

static const char *const environments[] = { "exabgp.tcp.port=0", "exabgp.tcp.port=x",
	"exabgp.daemon.umask=999", "exabgp.tcp.bind=1.2.3", "exabgp.api.encoder=xml",
	"exabgp.api.version=5", "exabgp.tcp.connections=3",
	"exabgp.api.version=4\nexabgp.tcp.attempts=2", "exabgp.daemon.umask=0137",
	"exabgp.nonsense.word=1" };
#endif
