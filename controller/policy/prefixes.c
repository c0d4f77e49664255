#include "controller/policy/prefixes.h"
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"

struct listed {
	struct prefix prefix;
	uint8_t least, most; /* lengths */
};

/* Sorted by family, length and address: for each length that there is, a search. */
struct prefixes {
	struct listed *list;
	size_t count, cap;
	uint64_t lengths[2][3]; /* by family, bit by length */
};

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

static uint64_t *
lengths_of(struct prefixes *p, uint8_t family)
{
	return p->lengths[family == 6];
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
	struct listed l;

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
	p->list = mem_grow(p->list, &p->cap, p->count + 1, sizeof *p->list);
	p->list[p->count++] = l;
	lengths_of(p, l.prefix.addr.family)[l.prefix.len / 64] |= UINT64_C(1) << l.prefix.len % 64;
	return 0;
}

static struct prefixes *
scan(struct words *w, bool within, struct reason *why)
{
	struct prefixes *p = mem_zero(sizeof *p);
	bool several = words_take(w, "[");

	do {
		if (scan_one(p, w, within, why) < 0) {
			prefixes_free(p);
			return NULL;
		}
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	qsort(p->list, p->count, sizeof *p->list, compare);
	return p;
}

struct prefixes *
prefixes_scan(struct words *w, struct reason *why)
{
	return scan(w, false, why);
}

struct prefixes *
prefixes_scan_within(struct words *w, struct reason *why)
{
	return scan(w, true, why);
}

void
prefixes_free(struct prefixes *p)
{
	if (!p)
		return;
	mem_free(p->list);
	mem_free(p);
}

/* The first entry of that very prefix; the same may be there with several ranges. */
static size_t
first_of(const struct prefixes *p, const struct listed *wanted)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&p->list[mid], wanted) < 0)
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

	for (uint8_t len = 0; len <= route->len; len++) {
		struct listed wanted = { .prefix = { route->addr, len } };

		if (!(lengths[len / 64] >> len % 64 & 1))
			continue;
		prefix_mask(&wanted.prefix);
		for (size_t i = first_of(p, &wanted);
		     i < p->count && compare(&p->list[i], &wanted) == 0; i++)
			if (route->len >= p->list[i].least && route->len <= p->list[i].most)
				return true;
	}
	return false;
}
