#include "controller/policy/communities.h"
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/policy/sorted.h"
#include "proto/bgp/attr.h"

enum { PARTS = 3, EXTENDED = 8, TEXT = 80 };

/* Of plain and large ones: a range a part. Of extended ones: octets, of which the last `open` may be any. */
struct pattern {
	uint32_t low[PARTS], high[PARTS];
	uint8_t octets[EXTENDED], open;
};

/* In order, those that stand for one value first: for them a search will do. */
struct communities {
	uint8_t code;
	unsigned parts, width; /* octets a part */
	struct sorted list; /* of struct pattern */
	size_t exact;
};

static inline const struct pattern *
patterns(const struct communities *c)
{
	return c->list.base;
}

static size_t
size_of(const struct communities *c)
{
	return c->code == ATTR_EXT_COMMUNITY ? EXTENDED : (size_t)c->parts * c->width;
}

/* "*", "5", "5-9" */
static int
scan_range(const char *at, size_t len, uint32_t most, uint32_t *low, uint32_t *high)
{
	const char *dash = memchr(at, '-', len);
	uint64_t a, b;

	*low = 0;
	*high = most;
	if (len == 1 && *at == '*')
		return 0;
	if (word_uint(at, dash ? (size_t)(dash - at) : len, most, &a) < 0)
		return -1;
	b = a;
	if (dash && word_uint(dash + 1, len - (size_t)(dash + 1 - at), most, &b) < 0)
		return -1;
	*low = (uint32_t)a;
	*high = (uint32_t)b;
	return a <= b ? 0 : -1;
}

static int
scan_parts(const struct communities *c, const char *text, struct pattern *p)
{
	uint32_t most = c->width == 2 ? UINT16_MAX : UINT32_MAX;

	for (unsigned i = 0; i < c->parts; i++) {
		size_t len = strcspn(text, ":");

		if (len == 0 || scan_range(text, len, most, &p->low[i], &p->high[i]) < 0)
			return -1;
		text += len;
		if ((*text == ':') != (i + 1 < c->parts))
			return -1;
		text += *text == ':';
	}
	return 0;
}

/* One value as it is typed in a route, into octets[size]. */
static int
scan_typed(const struct communities *c, const char *text, uint8_t *octets)
{
	struct words_line line = { 0 };
	struct reason none = { 0 };
	struct writer w = writer_of(octets, size_of(c));
	struct words words;
	int ok = words_cut(&line, text, strlen(text), 1, WORDS_API, &none);

	words = words_of(&line);
	if (ok == 0)
		ok = attr_ops(c->code)->scan(&words, &w, &none);
	if (ok == 0 && (words_left(&words) || !writer_ok(&w) || w.len != size_of(c)))
		ok = -1;
	words_line_fini(&line);
	return ok;
}

/* no-export */
static int
scan_name(const struct communities *c, const char *text, struct pattern *p)
{
	uint8_t octets[12];
	struct reader r = reader_of(octets, size_of(c));

	if (scan_typed(c, text, octets) < 0)
		return -1;
	for (unsigned i = 0; i < c->parts; i++)
		p->low[i] = p->high[i] = c->width == 2 ? reader_u16(&r) : reader_u32(&r);
	return 0;
}

/* What is behind the last colon is 4 octets behind a two-octet AS, else 2 (RFC 4360, 5668). */
static int
scan_extended(const struct communities *c, const char *text, struct pattern *p)
{
	size_t len = strlen(text);
	char typed[TEXT];
	bool any = len > 2 && strcmp(text + len - 2, ":*") == 0;

	if (len >= sizeof typed)
		return -1;
	memcpy(typed, text, len + 1);
	if (any)
		typed[len - 1] = '0';
	if (scan_typed(c, typed, p->octets) < 0)
		return -1;
	if (any)
		p->open = (p->octets[0] & 0x3f) == 0 ? 4 : 2;
	return 0;
}

static int
scan_one(struct communities *c, struct words *w, struct reason *why)
{
	struct pattern p = { .open = 0 };
	const char *text = words_peek(w);
	int ok;

	if (c->code == ATTR_EXT_COMMUNITY)
		ok = scan_extended(c, text, &p);
	else if ((ok = scan_parts(c, text, &p)) < 0)
		ok = scan_name(c, text, &p);
	if (ok < 0)
		return words_wrong(w, why, "a community, whose parts may be * or a range");
	words_next(w);
	sorted_put(&c->list, &p);
	return 0;
}

static bool
is_exact(const struct pattern *p)
{
	return p->open == 0 && memcmp(p->low, p->high, sizeof p->low) == 0;
}

static int
order(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;
	int parts;

	if (is_exact(x) != is_exact(y))
		return is_exact(x) ? -1 : 1;
	for (unsigned i = 0; i < PARTS; i++) {
		if (x->low[i] != y->low[i])
			return x->low[i] < y->low[i] ? -1 : 1;
		if (x->high[i] != y->high[i])
			return x->high[i] < y->high[i] ? -1 : 1;
	}
	parts = memcmp(x->octets, y->octets, EXTENDED);
	return parts != 0 ? parts : x->open - y->open;
}

struct communities *
communities_new(uint8_t code)
{
	struct communities *c = mem_zero(sizeof *c);

	c->list = (struct sorted){ .size = sizeof(struct pattern), .order = order };
	c->code = code;
	c->parts = code == ATTR_LARGE_COMMUNITY ? 3 : 2;
	c->width = code == ATTR_LARGE_COMMUNITY ? 4 : 2;
	return c;
}

int
communities_add(struct communities *c, struct words *w, struct reason *why)
{
	return scan_one(c, w, why);
}

static void
note_exact(struct communities *c)
{
	while (c->exact < c->list.count && is_exact(&patterns(c)[c->exact]))
		c->exact++;
}

bool
communities_make(struct communities *c, struct sorting *how, size_t steps)
{
	if (!sorted_make(&c->list, how, steps))
		return false;
	note_exact(c);
	return true;
}

void
communities_done(struct communities *c)
{
	(void)communities_make(c, &(struct sorting){ 0 }, SIZE_MAX);
}

struct communities *
communities_scan(uint8_t code, struct words *w, struct reason *why)
{
	struct communities *c = communities_new(code);
	bool several = words_take(w, "[");

	do {
		if (scan_one(c, w, why) < 0) {
			communities_free(c);
			return NULL;
		}
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	communities_done(c);
	return c;
}

size_t
communities_count(const struct communities *c)
{
	return c->list.count;
}

static void
print_part(uint32_t low, uint32_t high, uint32_t most, struct text *t)
{
	if (low == 0 && high == most)
		text_char(t, '*');
	else
		text_uint(t, low);
	if (low != high && (low != 0 || high != most))
		text_printf(t, "-%u", high);
}

void
communities_print(const struct communities *c, size_t which, struct text *t)
{
	const struct pattern *p = &patterns(c)[which];
	const char *colon;

	if (c->code == ATTR_EXT_COMMUNITY) {
		attr_ops(c->code)->print(reader_of(p->octets, EXTENDED), t);
		colon = p->open > 0 ? strrchr(text_str(t), ':') : NULL;
		if (colon) {
			text_cut(t, (size_t)(colon + 1 - text_str(t)));
			text_char(t, '*');
		}
		return;
	}
	for (unsigned i = 0; i < c->parts; i++) {
		text_add(t, i > 0 ? ":" : "");
		print_part(p->low[i], p->high[i], c->width == 2 ? UINT16_MAX : UINT32_MAX, t);
	}
}

bool
communities_merge(struct communities *out, const struct communities *a, const struct communities *b,
    unsigned keep, struct sorted_place *at, size_t steps)
{
	bool done = sorted_merge(&out->list, &a->list, &b->list, keep, at, steps);

	note_exact(out);
	return done;
}

bool
communities_equal(const struct communities *a, const struct communities *b)
{
	return sorted_equal(&a->list, &b->list);
}

void
communities_free(struct communities *c)
{
	if (!c)
		return;
	mem_free(c->list.base);
	mem_free(c);
}

static bool
fits(const struct communities *c, const struct pattern *p, struct reader one)
{
	if (c->code == ATTR_EXT_COMMUNITY)
		return memcmp(one.at, p->octets, EXTENDED - p->open) == 0;
	for (unsigned i = 0; i < c->parts; i++) {
		uint32_t n = c->width == 2 ? reader_u16(&one) : reader_u32(&one);

		if (n < p->low[i] || n > p->high[i])
			return false;
	}
	return true;
}

/* The value as one that stands for itself. */
static struct pattern
pattern_of(const struct communities *c, struct reader one)
{
	struct pattern p = { .open = 0 };

	if (c->code == ATTR_EXT_COMMUNITY) {
		memcpy(p.octets, one.at, EXTENDED);
		return p;
	}
	for (unsigned i = 0; i < c->parts; i++)
		p.low[i] = p.high[i] = c->width == 2 ? reader_u16(&one) : reader_u32(&one);
	return p;
}

static bool
fits_any(const struct communities *c, struct reader one)
{
	struct pattern p = pattern_of(c, one);

	if (c->exact > 0 && bsearch(&p, patterns(c), c->exact, sizeof p, order))
		return true;
	for (size_t i = c->exact; i < c->list.count; i++)
		if (fits(c, &patterns(c)[i], one))
			return true;
	return false;
}

bool
communities_meet(const struct communities *c, struct reader value)
{
	while (value.left >= size_of(c))
		if (fits_any(c, reader_sub(&value, size_of(c))))
			return true;
	return false;
}

bool
communities_without(const struct communities *c, struct reader value, struct writer *w)
{
	bool fewer = false;

	while (value.left >= size_of(c)) {
		struct reader one = reader_sub(&value, size_of(c));

		if (fits_any(c, one))
			fewer = true;
		else
			writer_copy(w, one);
	}
	return fewer;
}
