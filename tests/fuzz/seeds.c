/* usage: fuzz.seeds DIRECTORY
 * Writes what fuzzing begins with, a folder a target, from tests/cases: each wire and each text is an input of the
 * target that reads it, its first two octets as fuzz.h says. */
#include <errno.h>
#include <glob.h>
#include <sys/stat.h>
#include "controller/api/command.h"
#include "controller/config/schema.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/update.h"
#include "tests/fuzz/capture.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/texts.h"
#include "tests/tools/cases.h"

enum { SEED_MAX = 65535 };

static const char *const configs[] = { ROOT "/deploy/examples/*.conf",
	ROOT "/tests/interop/programs/*.conf" };
enum { CONFIGS = sizeof configs / sizeof configs[0] };

static const char *folder;
static unsigned seeds;

void
seed(const char *target, uint8_t type, uint8_t session, const void *data, size_t len)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, target);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		goto fail;
	snprintf(path, sizeof path, "%s/%s/%05u", folder, target, seeds++);
	f = fopen(path, "wb");
	if (!f)
		goto fail;
	fputc(type, f);
	fputc(session, f);
	fwrite(data, 1, len, f);
	fclose(f);
	return;
fail:
	perror(path);
	exit(1);
}

static void
seed_text(const char *target, uint8_t type, const char *text)
{
	seed(target, type, AS_TEXT, text, strlen(text));
}

/* What the cases call sessions. */
static uint8_t
session_of(const struct test_case *c)
{
	static const struct {
		const char *word;
		uint8_t bit;
	} words[] = { { "asn2", ON_ASN2 }, { "ebgp", ON_EBGP }, { "add-path", ON_PATHS },
		{ "nexthop6", ON_NEXTHOP6 }, { "no-aigp", ON_NO_AIGP } };
	const char *session = case_get(c, "session");
	uint8_t on = 0;

	for (size_t i = 0; session && i < sizeof words / sizeof words[0]; i++)
		if (strstr(session, words[i].word))
			on |= words[i].bit;
	return on;
}

static uint8_t wire[SEED_MAX];

static size_t
hex(const char *text)
{
	return text ? case_hex(text, wire, sizeof wire) : 0;
}

/* ---- attributes ---- */

static void
attr_case(const struct test_case *c)
{
	struct reader list = reader_of(wire, hex(case_get(c, "wire")));
	struct attr a;

	if (list.left > 0)
		seed("attr", 0, session_of(c) | ON_PATHS, list.at, list.left);
	while (attrs_next(&list, &a))
		seed("attr", a.code, session_of(c), a.value.at, a.value.left);
	for (size_t i = 0; i < c->count; i++) {
		const char *key = c->at[i].key, *value = c->at[i].value, *end;
		char word[64];
		const struct attr_ops *ops;

		if (strcmp(key, "text") != 0 && strcmp(key, "typed") != 0 &&
		    strcmp(key, "wrong") != 0)
			continue;
		end = value + strcspn(value, " ");
		snprintf(word, sizeof word, "%.*s", (int)(end - value), value);
		ops = attr_by_word(word);
		if (!ops)
			continue;
		seed("attr", ops->code, AS_TEXT | ON_ASN2, end, strlen(end));
		seed_text("attr", ops->code, end);
	}
}

/* ---- NLRI ---- */

static enum family
family_of_text(const char *text, const char **rest)
{
	char afi[16], safi[16];
	int used = 0;

	if (!text || sscanf(text, "%15s %15s%n", afi, safi, &used) != 2)
		return FAMILY_UNKNOWN;
	if (rest)
		*rest = text + used;
	return family_by_name(afi, safi);
}

/* By number, among others. */
static void
raw_seeds(void)
{
	static const char *const words[] = {
		"5 local-preference 5 attribute [ 0x04 0x80 0x00000007 ]",
		"5 attribute [ 0x20 0xc0 0x00 ] attribute [ 0x03 0x40 0x01020304 ] attribute [ 99 "
		"0xc0 0x01 ]",
		"5 as-path [ 70000 80000 ] attribute [ 0x11 0xc0 0x0201000186a0 ] aggregator ( "
		"70000:1.2.3.4 ) "
		"attribute [ 0x12 0xc0 0x0001117001020304 ]"
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		seed_text("attr", ATTR_MED, words[i]);
	seed("nlri", FAMILIES_NAMED, 0, "\1\2\3", 3);
	seed_text("nlri", FAMILIES_NAMED, "0x010203");
}

static void
nlri_case(const struct test_case *c)
{
	enum family f = family_of_text(case_get(c, "family"), NULL);

	seed("nlri", (uint8_t)f, 0, wire, hex(case_get(c, "wire")));
	if (case_get(c, "text"))
		seed_text("nlri", (uint8_t)f, case_get(c, "text"));
}

/* ---- configurations ---- */

static void
seed_places(enum section in, const char *text)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (places[i].in == in)
			seed("config", (uint8_t)i, 0, text, strlen(text));
}

/* A statement with the first value that its row takes. */
static void
seed_row(const struct row *row)
{
	struct text t = { 0 };

	text_printf(&t, "%s ", row->name);
	if (row->choices)
		text_add(&t, row->choices[0].name);
	else if (row->kind == KIND_NUMBER)
		text_uint(&t, row->max);
	else if (row->kind == KIND_ADDR)
		text_add(&t, "192.0.2.9");
	else if (row->kind == KIND_PREFIX)
		text_add(&t, "192.0.2.0/24");
	else if (row->kind == KIND_ASN)
		text_add(&t, "1.10");
	else if (row->kind == KIND_ID)
		text_add(&t, "1.2.3.4");
	else if (row->kind == KIND_NAMES)
		text_add(&t, "[ a b ]");
	else if (row->enters)
		text_add(&t, "{\n}");
	else if (row->kind == KIND_TEXT || row->kind == KIND_WORDS)
		text_add(&t, "some");
	text_add(&t, row->enters && !row->choices ? "\n" : ";\n");
	seed_places(row->in, text_str(&t));
	text_fini(&t);
}

static void
seed_file(const char *path)
{
	static char text[SEED_MAX];
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	seed("config", 0, 0, text, fread(text, 1, sizeof text, f));
	fclose(f);
}

/* What is right in its place, and wrong or of another meaning beside others. */
static void
whole_configs(void)
{
#define HEAD NEIGHBOR "router-id 192.0.2.2;\n"
	static const char *const whole[] = {
		HEAD "tcp-ao {\nkeyid 1; algorithm hmac-sha-256; password abc;\n}\n}\n",
		HEAD "tcp-ao {\nkeyid 1; algorithm hmac-sha-256; password c2Vj; base64;\n}\n}\n",
		HEAD "tcp-ao {\nkeyid 1; algorithm hmac-sha-256; password \"-\"; base64;\n}\n}\n",
		"speaker a {\n}\n" HEAD "}\n",
		"speaker a {\n}\nspeaker b {\n}\n" HEAD "}\n",
		HEAD "}\n" HEAD "}\n",
		HEAD "family {\nipv6 unicast;\n}\nstatic {\nroute 10.0.0.0/24 next-hop "
		     "192.0.2.9;\n}\n}\n",
		HEAD "family {\nipv4 unicast;\n}\nflow {\nroute {\nmatch {\nprotocol tcp;\n}\n"
		     "then {\ndiscard;\n}\n}\n}\n}\n",
		HEAD "static {\nroute 10.0.0.0/24 next-hop 2001:db8::1;\n}\n}\n",
		"template {\nneighbor {\n}\n}\n",
	};
#undef HEAD
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		seed("config", 0, 0, whole[i], strlen(whole[i]));
}

static void
config_seeds(void)
{
	static const char environment[] =
	    "exabgp.tcp.bind=127.0.0.1 ::1\nexabgp_tcp_port=1790\n"
	    "exabgp.daemon.umask=0o137\nexabgp.log.enable=yes\nexabgp.api.encoder=text\n";
	static const char file[] =
	    "# all\n[exabgp.tcp]\nport = 1790\nbind = '127.0.0.1 ::1'\n"
	    "[exabgp.daemon]\numask: 0137\nuser = nobody\n[exabgp.api]\nencoder = json\n";
	static const char
	    families[] = "all;\n",
	    family[] = "ipv4 unicast;\nipv6 mpls-vpn;\n", path[] = "ipv4 unicast limit 3;\nall;\n",
	    nexthop[] = "ipv4 unicast ipv6;\n",
	    messages[] = "processes [ p ];\nreceive {\nparsed;\nupdate;\n}\nsend {\npackets;\n}\n";

	whole_configs();
	for (size_t i = 0; i < schema_count; i++)
		seed_row(&schema[i]);
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		seed_places(statements[i].in, statements[i].text);
	for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++)
		seed("config", ENVIRONMENT, 0, environments[i], strlen(environments[i]));
	seed("config", ENVIRONMENT, 0, environment, strlen(environment));
	seed("config", ENVIRONMENT_FILE, 0, file, strlen(file));
	seed_places(SECTION_FAMILY, families);
	seed_places(SECTION_FAMILY, family);
	seed_places(SECTION_ADD_PATH, path);
	seed_places(SECTION_NEXTHOP, nexthop);
	seed_places(SECTION_API, messages);
	for (unsigned i = 0; i < CONFIGS; i++) {
		glob_t found;

		if (glob(configs[i], 0, NULL, &found) != 0)
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++)
			seed_file(found.gl_pathv[k]);
		globfree(&found);
	}
}

/* The words of a route where a configuration has them, on a line and as a block. */
static void
seed_config_route(const char *text)
{
	struct text t = { 0 };

	text_printf(&t, "%s;\n", text);
	seed_places(SECTION_STATIC, text_str(&t));
	seed_places(SECTION_FLOW, text_str(&t));
	seed_places(SECTION_L2VPN, text_str(&t));
	text_clear(&t);
	for (const char *c = strchr(text, ' '); c && *c; c++)
		text_char(&t, *c);
	text_add(&t, ";\n");
	seed_places(SECTION_ROUTE, text_str(&t));
	seed_places(SECTION_ANNOUNCE_IP, text_str(&t));
	text_fini(&t);
}

/* ---- captures ---- */

/* A message of a session in its forms: an MRT record, and sent over TCP. */
static void
seed_capture(uint8_t type, struct reader body)
{
	static uint8_t memory[SEED_MAX];
	static const uint8_t head[] = { 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 1, 192, 0, 2, 1, 192, 0, 2,
		2 };
	struct writer w = writer_of(memory, sizeof memory);
	size_t mark;

	writer_bytes(&w, head, sizeof head);
	mark = message_begin(&w, type);
	writer_copy(&w, body);
	message_end(&w, mark);
	if (!writer_ok(&w))
		return;
	seed("capture", 16, 4, memory, w.len);
	seed("capture", 16, 9, memory, w.len);
	if (w.len - mark <= 250) {
		struct writer c = writer_of(wire, sizeof wire);

		writer_u8(&c, OP_SYN);
		writer_u8(&c, 0);
		writer_u8(&c, 0);
		writer_u8(&c, w.len - mark);
		writer_bytes(&c, memory + mark, w.len - mark);
		seed("capture", FORM_CONNECTION, 0, wire, c.len);
	}
}

/* Hand-made: tables, record heads, packets of each link, files in each byte order. */
static void
capture_seeds(void)
{
	static const struct {
		uint8_t form, which;
		const char *hex;
	} files[] = {
		{ 13, 2,
		    "00000001 18 0a0000 0002 0000 60000000 0012 40010100 "
		    "40020602010000000540030401020304"
		    "0001 60000000 000e 40010100 400200 40030401020305" },
		{ 13, 8,
		    "00000001 18 0a0000 0001 0000 60000000 00000007 000e 40010100 400200 "
		    "40030401020304" },
		{ 13, 4,
		    "00000001 20 20010db8 0001 0002 60000000 001b 40010100 400200 800e11 10"
		    "20010db8000000000000000000000001" },
		{ 13, 6,
		    "00000001 0001 01 18 0a0000 0001 0000 60000000 000e 40010100 400200 "
		    "40030401020304" },
		{ 13, 12,
		    "00000001 0002 01 20 20010db8 0001 0002 60000000 00000007 0007 40010100 "
		    "400200" },
		{ 13, 1, "0a000001 0002 7677 0001 00 0a000001 c0000201 0005" },
		{ 12, 1,
		    "0000 0001 0a000000 18 01 60000000 c0000201 0005 000e 40010100 400200 "
		    "40030401020304" },
		{ 12, 2,
		    "0000 0001 20010db8000000000000000000000000 20 01 60000000 "
		    "20010db8000000000000000000000001 0005 0007 40010100 400200" },
		{ 16, 1, "0005 0006 0001 0001 c0000201 c0000202 (ff)x16 0013 04" },
		{ 16, 0, "0005 0006 0001 0001 c0000201 c0000202 0003 0004" },
		{ 16, 6, "0005 0006 0001 0001 c0000201 c0000202 (ff)x16 0013 04" },
		{ 17, 4, "0000000500000005 00000006 0001 0002 (20)x32 (ff)x16 0013 04" },
		{ FORM_PACKET, 0,
		    "(00)x12 8100 0001 0800 4500 0028 0000 0000 4006 0000 01010101 02020202 00b3"
		    "1000 00000001 00000000 5010 1000 00000000" },
		{ FORM_PACKET, 1,
		    "02000000 4500 0028 0000 0000 4006 0000 01010101 02020202 00b31000 00000001"
		    "00000000 5010 1000 00000000" },
		{ FORM_PACKET, 2,
		    "4500 0028 0000 2000 4006 0000 01010101 02020202 00b31000 00000001" },
		{ FORM_PACKET, 3,
		    "(00)x14 0800 4500 0028 0000 0000 4006 0000 01010101 02020202 00b31000 00000001"
		    "00000000 5010 1000 00000000" },
		{ FORM_PACKET, 4,
		    "0800 (00)x18 4500 0028 0000 0000 4006 0000 01010101 02020202 00b31000 00000001"
		    "00000000 5010 1000 00000000" },
		{ FORM_PACKET, 5, "00000002 4500 0014 0000 0000 4011 0000 01010101 02020202" },
		{ FORM_PACKET, 7,
		    "60000000 001c 0040 (20)x32 0600 0000 00000000 00b31000 00000001 00000000 5010"
		    "1000 00000000" },
		{ FORM_FILE, 0,
		    "a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001 00000001 00000002 "
		    "00000002"
		    "00000002 0102" },
		{ FORM_FILE, 0, "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000" },
		{ FORM_FILE, 0,
		    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 (ff)x8 1c000000 01000000 20000000 0100 "
		    "0000"
		    "ffff0000 0900 0100 09000000 00000000 20000000 06000000 24000000 00000000 "
		    "00000000"
		    "01000000 02000000 02000000 01020000 24000000 03000000 14000000 02000000 "
		    "01020000"
		    "14000000" },
	};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		seed("capture", files[i].form, files[i].which, wire, hex(files[i].hex));
}

/* ---- messages, capabilities ---- */

static void
update_case(const struct test_case *c)
{
	uint8_t whole[SEED_MAX];
	struct writer w = writer_of(whole, sizeof whole);
	size_t len = hex(case_get(c, "wire"));

	if (case_get(c, "wire")) {
		writer_bytes(&w, wire, len);
	} else {
		len = hex(case_get(c, "withdrawn"));
		writer_u16(&w, len);
		writer_bytes(&w, wire, len);
		len = hex(case_get(c, "attrs"));
		writer_u16(&w, len);
		writer_bytes(&w, wire, len);
		len = hex(case_get(c, "nlri"));
		writer_bytes(&w, wire, len);
	}
	if (!writer_ok(&w))
		return;
	seed("message", MESSAGE_UPDATE, session_of(c), whole, w.len);
	seed_routes(writer_read(&w), session_of(c));
	seed_capture(MESSAGE_UPDATE, writer_read(&w));
}

/* Each capability of the optional parameters. */
static void
caps_of(struct reader r)
{
	while (r.left > 0) {
		reader_u8(&r);
		struct reader value = reader_sub(&r, reader_u8(&r));

		while (value.left > 0) {
			uint8_t code = reader_u8(&value);
			struct reader one = reader_sub(&value, reader_u8(&value));

			seed("cap", code, 0, one.at, one.left);
		}
	}
}

static void
open_case(const struct test_case *c)
{
	static const uint8_t head[] = { 4, 0xff, 0xfd, 0, 180, 10, 0, 0, 2 };
	uint8_t whole[SEED_MAX];
	struct writer w = writer_of(whole, sizeof whole);
	const char *params = case_get(c, "params");
	struct reader rest;
	size_t len = hex(params ? params : case_get(c, "wire"));

	if (params) {
		writer_bytes(&w, head, sizeof head);
		writer_u8(&w, len & UINT8_MAX);
	}
	writer_bytes(&w, wire, len);
	seed("message", MESSAGE_OPEN, 0, whole, w.len);
	seed_capture(MESSAGE_OPEN, writer_read(&w));
	rest = writer_read(&w);
	reader_take(&rest, sizeof head + 1);
	caps_of(rest);
}

/* Each role that there is, one that is none, and two. */
static void
role_seeds(void)
{
	static const char *const params[] = { "05 0203 0901 00", "05 0203 0901 01",
		"05 0203 0901 02", "05 0203 0901 03", "05 0203 0901 04", "05 0203 0901 09",
		"08 0206 0901 00 0901 03" };

	for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
		struct text open = { 0 };

		text_printf(&open, "04fffd00b40a000002 %s", params[i]);
		seed("message", MESSAGE_OPEN, 0, wire, hex(open.base));
		text_fini(&open);
	}
}

static void
body_case(const struct test_case *c, uint8_t type, uint8_t session)
{
	if (case_get(c, "wire") && strcmp(case_get(c, "wire"), "-") != 0)
		seed("message", type, session, wire, hex(case_get(c, "wire")));
}

static void
notification_case(const struct test_case *c)
{
	body_case(c, MESSAGE_NOTIFICATION, 0);
}

static void
refresh_case(const struct test_case *c)
{
	body_case(c, MESSAGE_REFRESH, 0);
	body_case(c, MESSAGE_REFRESH, ON_OFFLINE);
}

static void
operational_case(const struct test_case *c)
{
	const char *text = case_get(c, "typed");
	struct text t = { 0 };

	body_case(c, MESSAGE_OPERATIONAL, 0);
	if (!text)
		return;
	text_printf(&t, "%s;\n", text);
	seed_places(SECTION_OPERATIONAL, t.base);
	text_clear(&t);
	text_printf(&t, "announce operational %s", text);
	seed("command", 1, 0, t.base, t.len);
	text_fini(&t);
}

static void
header_case(const struct test_case *c)
{
	body_case(c, 0, 0);
	body_case(c, 0, ON_LONG);
	body_case(c, 0, ON_OFFLINE);
}

/* ---- commands ---- */

static void
seed_line(const char *text, size_t len)
{
	for (uint8_t who = 0; who < 4; who++)
		seed("command", who, 0, text, len);
}

/* What the policies of that controller keep back, from all or from some; and what can't be said. */
static void
kept_back(void)
{
	static const char *const line[] = {
		"announce route 11.0.0.0/24 next-hop 192.0.2.9 med 5",
		"announce route 10.0.1.0/24 next-hop 192.0.2.9",
		"announce attributes next-hop 192.0.2.9 med 5 nlri 11.0.0.0/24 10.0.2.0/24",
		"announce ipv4 unicast 11.0.0.0/24 next-hop self med 5",
		"announce flow route { match { protocol tcp; } then { discard; } }",
		"announce route 11.0.0.0/8 next-hop 192.0.2.9 split /28",
		"announce route 10.0.3.0/24 next-hop 192.0.2.9 watchdog w withdraw",
		"announce watchdog w",
		"withdraw watchdog w",
		"announce ipv6 unicast 2001:db8::/32 next-hop self",
		"peer * routes ipv4 unicast add 10.0.8.0/24 next-hop 10.0.0.1",
		"peer * routes ipv4 unicast remove 10.0.8.0/24",
	};

	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
		for (uint8_t who = 0; who < 4; who++)
			seed("command", who, 1, line[i], strlen(line[i]));
}

static void
command_seeds(void)
{
	for (unsigned i = 0; i < command_count; i++) {
		struct text t = { 0 };

		seed("command", 0, 0, command_table[i].words, strlen(command_table[i].words));
		text_printf(&t, "neighbor 192.0.2.1 %s", command_table[i].words);
		seed("command", 1, 0, t.base, t.len);
		text_clear(&t);
		text_printf(&t, "%s %s", command_table[i].words,
		    command_table[i].arguments ? command_table[i].arguments : "");
		seed("command", 1, 0, t.base, t.len);
		text_fini(&t);
	}
	kept_back();
}

/* The commands that helpers type, each alone and behind those before it. */
static void
command_cases(void)
{
	static char line[CASE_LINE_MAX];
	FILE *f = fopen(CASES "/exabgp/commands.case", "r");
	struct text few = { 0 };

	if (!f) {
		perror("commands.case");
		exit(1);
	}
	while (fgets(line, sizeof line, f)) {
		size_t versions = strspn(line, "046");
		char *text = line + versions + 1;

		line[strcspn(line, "\n")] = '\0';
		if (versions == 0 || line[versions] != '>')
			continue;
		for (char *peer; (peer = strstr(text, "127.0.0.2"));)
			memcpy(peer, "192.0.2.1", 9);
		text += strspn(text, " ");
		seed_line(text, strlen(text));
		text_printf(&few, "%s\n", text);
		if (few.len > 400) {
			seed_line(few.base, few.len);
			text_clear(&few);
		}
	}
	text_fini(&few);
	fclose(f);
}

/* Forms that no case has: selectors, neighbors with everything, routes by index. */
static void
more_commands(void)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		seed_line(commands[i], strlen(commands[i]));
}

static void
seed_command_route(const char *text)
{
	static const char *const verbs[] = { "announce %s", "neighbor 192.0.2.1 withdraw %s",
		"group announce %s ; withdraw %s", "routes add %s", "peer * announce %s" };

	for (unsigned i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		struct text t = { 0 };

		for (const char *c = verbs[i]; *c; c++)
			if (c[0] == '%' && c[1] == 's') {
				text_add(&t, text);
				c++;
			} else {
				text_char(&t, *c);
			}
		seed("command", (uint8_t)i, 0, t.base, t.len);
		text_fini(&t);
	}
}

/* ---- routes ---- */

static void
route_case(const struct test_case *c)
{
	const char *text = case_get(c, "text"), *rest = NULL;
	enum family f = family_of_text(text, &rest);

	if (!text)
		return;
	if (f != FAMILY_UNKNOWN)
		seed_text("nlri", (uint8_t)f, rest);
	else if (strncmp(text, "route ", 6) == 0)
		seed_text("nlri", IPV4_UNICAST, text + 6);
	seed_config_route(text);
	seed_command_route(text);
	if (case_get(c, "body")) {
		size_t len = hex(case_get(c, "body"));

		seed("message", MESSAGE_UPDATE, session_of(c), wire, len);
		seed_routes(reader_of(wire, len), session_of(c));
	}
}

/* ---- */

static const struct {
	const char *files;
	void (*play)(const struct test_case *);
} sources[] = {
	{ "attr-*", attr_case },
	{ "nlri-*", nlri_case },
	{ "route*", route_case },
	{ "update", update_case },
	{ "open", open_case },
	{ "notification", notification_case },
	{ "refresh", refresh_case },
	{ "header", header_case },
	{ "operational", operational_case },
};

static void
play(const char *path, void (*one)(const struct test_case *))
{
	static struct cases cases;
	struct test_case c;
	char name[64];

	snprintf(name, sizeof name, "%s", strrchr(path, '/') + 1);
	*strrchr(name, '.') = '\0';
	for (cases_open(&cases, name); cases_next(&cases, &c); case_fini(&c))
		one(&c);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	folder = argv[1];
	if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
		perror(folder);
		return 1;
	}
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		char pattern[512];
		glob_t files;

		snprintf(pattern, sizeof pattern, CASES "/%s.case", sources[i].files);
		if (glob(pattern, 0, NULL, &files) != 0) {
			fprintf(stderr, "no cases: %s\n", pattern);
			return 1;
		}
		for (size_t k = 0; k < files.gl_pathc; k++)
			play(files.gl_pathv[k], sources[i].play);
		globfree(&files);
	}
	raw_seeds();
	role_seeds();
	frame_seeds();
	config_seeds();
	command_seeds();
	command_cases();
	more_commands();
	capture_seeds();
	return 0;
}
