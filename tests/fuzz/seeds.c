/* usage: fuzz.seeds DIRECTORY
 * Writes what fuzzing begins with, a folder a target, from tests/cases: each wire and each text is an input of the
 * target that reads it, its first two octets as fuzz.h says. */
#include <errno.h>
#include <glob.h>
#include <sys/stat.h>
#include "common/octets.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/nlri.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tools/cases.h"

enum { SEED_MAX = 65535 };

static const char *folder;
static unsigned seeds;

static void
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
		if (ops)
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

static void
nlri_case(const struct test_case *c)
{
	enum family f = family_of_text(case_get(c, "family"), NULL);

	seed("nlri", (uint8_t)f, 0, wire, hex(case_get(c, "wire")));
	if (case_get(c, "text"))
		seed_text("nlri", (uint8_t)f, case_get(c, "text"));
}

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
	if (case_get(c, "body"))
		seed("message", MESSAGE_UPDATE, session_of(c), wire, hex(case_get(c, "body")));
}

/* ---- messages, capabilities ---- */

static void
update_case(const struct test_case *c)
{
	uint8_t whole[SEED_MAX];
	struct writer w = writer_of(whole, sizeof whole);
	size_t len;

	if (case_get(c, "wire")) {
		seed("message", MESSAGE_UPDATE, session_of(c), wire, hex(case_get(c, "wire")));
		return;
	}
	len = hex(case_get(c, "withdrawn"));
	writer_u16(&w, len);
	writer_bytes(&w, wire, len);
	len = hex(case_get(c, "attrs"));
	writer_u16(&w, len);
	writer_bytes(&w, wire, len);
	len = hex(case_get(c, "nlri"));
	writer_bytes(&w, wire, len);
	if (writer_ok(&w))
		seed("message", MESSAGE_UPDATE, session_of(c), whole, w.len);
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
	rest = writer_read(&w);
	reader_take(&rest, sizeof head + 1);
	caps_of(rest);
}

static void
body_case(const struct test_case *c, uint8_t type, uint8_t session)
{
	if (case_get(c, "wire"))
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
header_case(const struct test_case *c)
{
	body_case(c, 0, 0);
	body_case(c, 0, ON_LONG);
	body_case(c, 0, ON_OFFLINE);
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
	return 0;
}
