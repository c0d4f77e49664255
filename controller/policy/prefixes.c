#include "controller/policy/prefixes.h"
#include <string.h>
#include "common/mem.h"
#include "controller/policy/sorted.h"

struct listed {
	struct prefix prefix;
	uint8_t least, most; /* lengths */
};

/* Sorted by family, length and address: for each length that there is, a search. */
struct prefixes {
	struct sorted list; /* of struct listed */
	uint64_t lengths[2][3]; /* by family, bit by length */
};

static inline const struct listed *
entries(const struct prefixes *p)
{
	return p->list.base;
}

static int
compare(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->prefix.addr.family != y->prefix.addr.family)
		return x->prefix.addr.family - y->prefix.addr.family;
	if (x->prefix.len != y->prefix.len)
		return x->prefix.len - y->prefix.len;
	return addr_compare(&x->prefix.addr, &y->prefix.addr);
}

static int
order(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	int prefix = compare(a, b);

	return prefix != 0            ? prefix
	       : x->least != y->least ? x->least - y->least
				      : x->most - y->most;
}

static int
scan_lengths(struct words *w, struct listed *l, struct reason *why)
{
	uint64_t all = addr_size(&l->prefix.addr) * 8, n;

	if (words_take(w, "longer")) {
		l->most = (uint8_t)all;
		return 0;
	}
	if (words_take(w, "ge")) {
		if (words_uint(w, l->prefix.len, all, "a length", &n, why) < 0)
			return -1;
		l->least = (uint8_t)n;
		l->most = (uint8_t)all;
	}
	if (words_take(w, "le")) {
		if (words_uint(w, l->least, all, "a length that is not below ge", &n, why) < 0)
			return -1;
		l->most = (uint8_t)n;
	}
	return 0;
}

static int
scan_one(struct prefixes *p, struct words *w, bool within, struct reason *why)
{
	struct listed l = { .least = 0 };

	if (!words_left(w) || prefix_scan(&l.prefix, words_peek(w)) < 0)
		return words_wrong(w, why, "a prefix");
	if (!prefix_clean(&l.prefix))
		return words_wrong(w, why, "a prefix without host bits");
	words_next(w);
	l.least = l.most = l.prefix.len;
	if (within)
		l.most = (uint8_t)(addr_size(&l.prefix.addr) * 8);
	else if (scan_lengths(w, &l, why) < 0)
		return -1;
	sorted_put(&p->list, &l);
	return 0;
}

struct prefixes *
prefixes_new(void)
{
	struct prefixes *p = mem_zero(sizeof *p);

	p->list = (struct sorted){ .size = sizeof(struct listed), .order = order };
	return p;
}

int
prefixes_add(struct prefixes *p, struct words *w, struct reason *why)
{
	return scan_one(p, w, false, why);
}

/* The lengths that there are from there on. */
static void
note_lengths(struct prefixes *p, size_t from)
{
	for (size_t i = from; i < p->list.count; i++) {
		const struct prefix *x = &entries(p)[i].prefix;

		p->lengths[x->addr.family == 6][x->len / 64] |= UINT64_C(1) << x->len % 64;
	}
}

bool
prefixes_make(struct prefixes *p, struct sorting *how, size_t steps)
{
	if (!sorted_make(&p->list, how, steps))
		return false;
	note_lengths(p, 0);
	return true;
}

void
prefixes_done(struct prefixes *p)
{
	(void)prefixes_make(p, &(struct sorting){ 0 }, SIZE_MAX);
}

size_t
prefixes_count(const struct prefixes *p)
{
	return p->list.count;
}

/* As it is typed. */
void
prefixes_print(const struct prefixes *p, size_t which, struct text *t)
{
	const struct listed *l = &entries(p)[which];
	char prefix[PREFIX_TEXT];

	text_add(t, prefix_print(&l->prefix, prefix));
	if (l->least != l->prefix.len)
		text_printf(t, " ge %u", l->least);
	if (l->most != (l->least != l->prefix.len ? addr_size(&l->prefix.addr) * 8 : l->prefix.len))
		text_printf(t, " le %u", l->most);
}

bool
prefixes_merge(struct prefixes *out, const struct prefixes *a, const struct prefixes *b,
    unsigned keep, struct sorted_place *at, size_t steps)
{
	size_t before = out->list.count;
	bool done = sorted_merge(&out->list, &a->list, &b->list, keep, at, steps);

	note_lengths(out, before);
	return done;
}

bool
prefixes_equal(const struct prefixes *a, const struct prefixes *b)
{
	return sorted_equal(&a->list, &b->list);
}

struct prefixes *
prefixes_scan_within(struct words *w, struct reason *why)
{
	struct prefixes *p = prefixes_new();
	bool several = words_take(w, "[");

	do {
		if (scan_one(p, w, true, why) < 0) {
			prefixes_free(p);
			return NULL;
		}
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	prefixes_done(p);
	return p;
}

void
prefixes_free(struct prefixes *p)
{
	if (!p)
		return;
	mem_free(p->list.base);
	mem_free(p);
}

/* The first entry of that very prefix; the same may be there with several ranges. */
static size_t
first_of(const struct prefixes *p, const struct listed *wanted)
{
	const struct listed *list = entries(p);
	size_t low = 0, high = p->list.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&list[mid], wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
prefixes_hold(const struct prefixes *p, const struct prefix *route)
{
	const uint64_t *lengths = p->lengths[route->addr.family == 6];
	const struct listed *list = entries(p);

	for (uint8_t len = 0; len <= route->len; len++) {
		struct listed wanted = { .prefix = { route->addr, len } };

		if (!(lengths[len / 64] >> len % 64 & 1))
			continue;
		prefix_mask(&wanted.prefix);
		for (size_t i = first_of(p, &wanted);
		     i < p->list.count && compare(&list[i], &wanted) == 0; i++)
			if (route->len >= list[i].least && route->len <= list[i].most)
				return true;
	}
	return false;
}
