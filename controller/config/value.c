#include "controller/config/value.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "common/mem.h"
#include "common/text.h"

void
names_add(struct config_names *names, const char *name, size_t len)
{
	names->name = mem_resize(names->name, (names->count + 1) * sizeof(names->name[0]));
	names->name[names->count++] = mem_text(name, len);
}

void
names_free(struct config_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		mem_free(names->name[i]);
	mem_free(names->name);
	*names = (struct config_names){ 0 };
}

bool
names_have(const struct config_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], name) == 0)
			return true;
	}
	return false;
}

static void
choices_text(const struct choice *choices, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	/* Booleans have many words; the first two say it. */
	unsigned most = choices[0].value == 1 && strcmp(choices[0].name, "true") == 0 ? 2 : 8;
	for (unsigned i = 0; choices[i].name != NULL && i < most && used < size; i++) {
		bool last = choices[i + 1].name == NULL || i + 1 == most;
		const char *between = i == 0 ? "" : last ? " or " : ", ";
		int n = snprintf(out + used, size - used, "%s%s", between, choices[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
}

void
value_expected(const struct row *row, char *out, size_t size)
{
	char choices[128] = "";

	if (row->choices != NULL)
		choices_text(row->choices, choices, sizeof(choices));
	const char * or = choices[0] != '\0' ? ", or " : "";
	if (row->expected != NULL)
		snprintf(out, size, "%s", row->expected);
	else if (row->kind == KIND_CHOICE)
		snprintf(out, size, "%s", choices);
	else if (row->kind == KIND_NUMBER)
		snprintf(out, size, "a number %llu..%llu%s%s", (unsigned long long)row->min,
		    (unsigned long long)row->max, or, choices);
	else if (row->kind == KIND_ASN)
		snprintf(out, size, "an AS number (65000 or 1.10)%s%s", or, choices);
	else if (row->kind == KIND_ADDR)
		snprintf(out, size, "an IPv4 or IPv6 address%s%s", or, choices);
	else if (row->kind == KIND_PREFIX)
		snprintf(out, size, "an IPv4 or IPv6 address, or a range as 192.0.2.0/24");
	else if (row->kind == KIND_ID)
		snprintf(out, size, "an IPv4 address");
	else if (row->kind == KIND_TEXT)
		snprintf(out, size, "a text of %llu..%llu characters", (unsigned long long)row->min,
		    (unsigned long long)row->max);
	else
		snprintf(out, size, "a word, or [ several ]");
}

static int
choice_scan(const struct choice *choices, const char *text, int64_t *value)
{
	for (const struct choice *c = choices; c != NULL && c->name != NULL; c++) {
		if (strcasecmp(c->name, text) == 0) {
			*value = c->value;
			return 0;
		}
	}
	return -1;
}

int
asn_scan(const char *text, uint64_t *asn)
{
	const char *dot = strchr(text, '.');
	uint64_t high, low;

	if (dot == NULL)
		return word_uint(text, strlen(text), UINT32_MAX, asn);
	if (word_uint(text, (size_t)(dot - text), 65535, &high) < 0 ||
	    word_uint(dot + 1, strlen(dot + 1), 65535, &low) < 0)
		return -1;
	*asn = high << 16 | low; /* RFC 5396 */
	return 0;
}

static void
number_store(void *field, size_t size, uint64_t value)
{
	uint8_t v8 = (uint8_t)value;
	uint16_t v16 = (uint16_t)value;
	uint32_t v32 = (uint32_t)value;

	if (size == 1)
		memcpy(field, &v8, 1);
	else if (size == 2)
		memcpy(field, &v16, 2);
	else if (size == 4)
		memcpy(field, &v32, 4);
	else
		memcpy(field, &value, 8);
}

/* A value of one word: 0, or -1 when it is none. What `out` holds is the caller's on success. */
union scanned {
	uint64_t number;
	uint32_t id;
	struct addr addr;
	struct prefix prefix;
};

static int
word_scan(const struct row *row, const char *text, union scanned *out)
{
	int64_t chosen;
	bool choice = choice_scan(row->choices, text, &chosen) == 0;
	struct addr addr;

	memset(out, 0, sizeof(*out));
	switch (row->kind) {
	case KIND_CHOICE:
	case KIND_NUMBER:
	case KIND_ASN:
		if (choice)
			out->number = (uint64_t)chosen;
		else if (row->kind == KIND_CHOICE)
			return -1;
		else if (row->kind == KIND_ASN)
			return asn_scan(text, &out->number);
		else if (word_uint(text, strlen(text), row->max, &out->number) < 0 ||
			 out->number < row->min)
			return -1;
		return 0;
	case KIND_ADDR:
		return choice ? 0 : addr_scan(&out->addr, text);
	case KIND_PREFIX:
		return prefix_scan(&out->prefix, text);
	case KIND_ID:
		if (addr_scan(&addr, text) < 0 || addr.family != 4)
			return -1;
		out->id = addr_u32(&addr);
		return 0;
	default:
		return -1;
	}
}

static int
text_scan(const struct row *row, char **field, const struct word *w)
{
	char *text;

	if (w->len < row->min || w->len > row->max || strlen(w->at) != w->len)
		return -1;
	text = mem_text(w->at, w->len);
	if (row->check != NULL && !row->check(&text)) {
		mem_free(text);
		return -1;
	}
	mem_free(*field);
	*field = text;
	return 0;
}

/* All words up to the end, with a blank between. */
static int
phrase_scan(const struct row *row, char **field, struct words *words, struct reason *r)
{
	char expected[200];
	struct text t = { 0 };
	struct word whole;
	int result = 0;

	value_expected(row, expected, sizeof(expected));
	for (const struct word *w = words->at; w < words->end; w++) {
		text_add(&t, w > words->at ? " " : "");
		text_add(&t, w->at);
	}
	whole = (struct word){ .at = text_str(&t), .len = (uint32_t)t.len };
	if (t.len > 0 && text_scan(row, field, &whole) < 0)
		result = words_wrong(words, r, expected);
	text_fini(&t);
	words->at = words->end;
	return result;
}

static bool
punctuation(const struct word *w, const char *text)
{
	return !w->quoted && strcmp(w->at, text) == 0;
}

static int
names_scan(const struct row *row, struct config_names *field, struct words *words, struct reason *r)
{
	char expected[200];
	struct config_names names = { 0 };

	value_expected(row, expected, sizeof(expected));
	bool list = words_left(words) && punctuation(words->at, "[");
	if (list)
		words_next(words);
	while (words_left(words) && !punctuation(words->at, "]")) {
		const struct word *w = words_next(words);
		if (!punctuation(w, ",") && w->len > 0 && names.count < 4096)
			names_add(&names, w->at, w->len);
		if (!list)
			break;
	}
	if (list && words_expect(words, "]", r) < 0) {
		names_free(&names);
		return -1;
	}
	if (names.count == 0 && !list) {
		names_free(&names);
		return words_wrong(words, r, expected);
	}
	names_free(field);
	*field = names;
	return 0;
}

static void
words_scan(struct config_names *field, struct words *words)
{
	names_free(field);
	while (words_left(words)) {
		const struct word *w = words_next(words);
		names_add(field, w->at, w->len);
	}
}

int
value_scan(const struct row *row, void *field, struct words *words, struct reason *r)
{
	char expected[200];
	union scanned value;
	const struct word *w = words_left(words) ? words->at : NULL;

	value_expected(row, expected, sizeof(expected));
	if (row->phrase)
		return phrase_scan(row, field, words, r);
	if (w == NULL)
		return words_wrong(words, r, expected);
	if (row->kind == KIND_NAMES)
		return names_scan(row, field, words, r);
	if (row->kind == KIND_WORDS) {
		words_scan(field, words);
		return 0;
	}
	if (row->kind == KIND_TEXT) {
		if (text_scan(row, field, w) < 0)
			return words_wrong(words, r, expected);
	} else {
		if (word_scan(row, w->at, &value) < 0)
			return words_wrong(words, r, expected);
		if (row->kind <= KIND_ASN)
			number_store(&value, row->size, value.number);
		if (row->check != NULL && !row->check(&value))
			return words_wrong(words, r, expected);
		memcpy(field, &value, row->size);
	}
	words_next(words);
	return 0;
}

void
value_set(const struct row *row, void *field, const char *text)
{
	struct word w = { .at = text, .len = (uint32_t)strlen(text) };
	struct words words = { .at = &w, .end = &w + 1 };
	struct reason r = { 0 };

	value_scan(row, field, &words, &r);
}

void
value_free(const struct row *row, void *field)
{
	if (row->kind == KIND_TEXT) {
		char **text = field;
		mem_free(*text);
		*text = NULL;
	} else if (row->kind == KIND_NAMES || row->kind == KIND_WORDS) {
		names_free(field);
	}
}

void
value_copy(const struct row *row, void *to, const void *from)
{
	if (row->kind == KIND_TEXT) {
		char *const *text = from;
		char *copy = *text != NULL ? mem_text(*text, strlen(*text)) : NULL;
		value_free(row, to);
		*(char **)to = copy;
	} else if (row->kind == KIND_NAMES || row->kind == KIND_WORDS) {
		const struct config_names *names = from;
		struct config_names *own = to;

		own->file = own->count == 0 ? names->file : NULL;
		own->line = names->line;
		own->column = names->column;
		for (size_t i = 0; i < names->count; i++)
			names_add(own, names->name[i], strlen(names->name[i]));
	} else {
		memcpy(to, from, row->size);
	}
}

static bool
names_equal(const struct config_names *a, const struct config_names *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->name[i], b->name[i]) != 0)
			return false;
	}
	return true;
}

bool
value_equal(const struct row *row, const void *a, const void *b)
{
	if (row->kind == KIND_NAMES || row->kind == KIND_WORDS)
		return names_equal(a, b);
	if (row->kind == KIND_ADDR)
		return addr_equal(a, b);
	if (row->kind == KIND_PREFIX) {
		const struct prefix *p = a, *q = b;
		return p->len == q->len && addr_equal(&p->addr, &q->addr);
	}
	if (row->kind == KIND_TEXT) {
		const char *p = *(char *const *)a, *q = *(char *const *)b;
		return p == NULL || q == NULL ? p == q : strcmp(p, q) == 0;
	}
	return memcmp(a, b, row->size) == 0;
}
