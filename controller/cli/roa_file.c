#include "controller/cli/roa_file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "common/octets.h"
#include "common/words.h"

enum { FILE_MAX = 256 << 20, WORD = 64, PIECE = 65536 };

/* Where we are in the text, and what the object around it has said so far. */
struct scan {
	const char *at, *end;
	unsigned line;
	char key[WORD], prefix[WORD], asn[WORD], max[WORD];
	bool keyed; /* a key was read: what comes is its value */
	struct roas *roas;
};

static int
wrong(const struct scan *s, struct reason *why, const char *what, const char *text)
{
	return reason_set(
	    why, s->line, 0, "line %u: expected %s, found \"%s\"", s->line, what, text);
}

/* A text or a number, without quotes, cut at WORD; nothing that is asked for has escapes. */
static void
take_word(struct scan *s, char out[WORD])
{
	const char *from = s->at;
	bool quoted = *s->at == '"';
	size_t n = 0;

	s->at += quoted;
	while (s->at < s->end && (quoted ? *s->at != '"' : !strchr(" \t\r\n,:{}[]\"", *s->at))) {
		s->line += *s->at == '\n';
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
		if (n + 1 < WORD)
			out[n++] = *s->at;
		s->at++;
	}
	s->at += (quoted && s->at < s->end) || s->at == from;
	out[n] = '\0';
}

static void
forget(struct scan *s)
{
	s->prefix[0] = s->asn[0] = s->max[0] = '\0';
	s->keyed = false;
}

static void
take_value(struct scan *s, const char *value)
{
	char *field = strcmp(s->key, "prefix") == 0 ? s->prefix
		      : strcmp(s->key, "asn") == 0  ? s->asn
		      : strcmp(s->key, "maxLength") == 0 || strcmp(s->key, "max-length") == 0
			  ? s->max
			  : NULL;

	if (field)
		snprintf(field, WORD, "%s", value);
	s->keyed = false;
}

/* What the object came to; one without a prefix and an AS is not about a route. */
static int
end_object(struct scan *s, struct reason *why)
{
	const char *asn = strncasecmp(s->asn, "AS", 2) == 0 ? s->asn + 2 : s->asn;
	uint64_t number, max;
	struct roa a;

	if (!s->prefix[0] || !s->asn[0])
		return 0;
	if (prefix_scan(&a.prefix, s->prefix) < 0 || !prefix_clean(&a.prefix))
		return wrong(s, why, "a prefix", s->prefix);
	if (word_uint(asn, strlen(asn), UINT32_MAX, &number) < 0)
		return wrong(s, why, "an AS", s->asn);
	max = a.prefix.len;
	if (s->max[0] && word_uint(s->max, strlen(s->max), 128, &max) < 0)
		return wrong(s, why, "a length", s->max);
	a.asn = (uint32_t)number;
	a.max = (uint8_t)max;
	if (!roa_sane(&a))
		return wrong(s, why, "a length that the prefix can have", s->max);
	(void)roas_add(s->roas, 0, &a);
	if (roas_refused(s->roas) > 0)
		return reason_set(
		    why, s->line, 0, "more than %d ROAs for %s", ROAS_OF_PREFIX, s->prefix);
	return 0;
}

static int
step(struct scan *s, struct reason *why)
{
	char word[WORD];
	int ok = 0;

	switch (*s->at) {
	case '{':
		forget(s);
		break;
	case '}':
		ok = end_object(s, why);
		forget(s);
		break;
	case ':':
		s->keyed = true;
		break;
	case '\n':
		s->line++;
		break;
	case ' ':
	case '\t':
	case '\r':
	case ',':
	case '[':
	case ']':
		break;
	default:
		take_word(s, word);
		if (s->keyed)
			take_value(s, word);
		else
			memcpy(s->key, word, sizeof word);
		return 0;
	}
	s->at++;
	return ok;
}

struct roas *
roa_file_scan(const char *text, size_t len, struct reason *why)
{
	struct scan s = { .at = text, .end = text + len, .line = 1, .roas = roas_new() };

	roas_use(s.roas, 1);
	while (s.at < s.end)
		if (step(&s, why) < 0) {
			roas_free(s.roas);
			return NULL;
		}
	if (roas_count(s.roas) > 0)
		return s.roas;
	reason_set(why, 0, 0, "there is no ROA in it");
	roas_free(s.roas);
	return NULL;
}

struct roas *
roa_file_read(const char *path, struct reason *why)
{
	struct octets all = { 0 };
	FILE *f = fopen(path, "re");
	struct roas *roas = NULL;
	static char piece[PIECE];
	size_t n;

	while (f && all.len <= FILE_MAX && (n = fread(piece, 1, sizeof piece, f)) > 0)
		octets_add(&all, piece, n);
	if (!f || ferror(f))
		reason_set(why, 0, 0, "%s: %s", path, strerror(errno));
	else if (all.len > FILE_MAX)
		reason_set(why, 0, 0, "%s: longer than %d octets", path, FILE_MAX);
	else
		roas = roa_file_scan((const char *)octets_read(&all).at, all.len, why);
	if (f)
		fclose(f);
	octets_fini(&all);
	return roas;
}
