#include "controller/policy/ases.h"
#include <string.h>
#include "common/mem.h"
#include "controller/policy/sorted.h"

struct range {
	uint32_t low, high;
};

struct ases {
	struct sorted list; /* of struct range */
	uint32_t *reach; /* the highest end of this and all before: ranges may lie in one another */
};

static int
order(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->high == y->high ? 0 : x->high < y->high ? -1 : 1;
}

static inline const struct range *
ranges(const struct ases *a)
{
	return a->list.base;
}

struct ases *
ases_new(void)
{
	struct ases *a = mem_zero(sizeof *a);

	a->list = (struct sorted){ .size = sizeof(struct range), .order = order };
	return a;
}

void
ases_free(struct ases *a)
{
	if (!a)
		return;
	mem_free(a->list.base);
	mem_free(a->reach);
	mem_free(a);
}

void
ases_put(struct ases *a, uint32_t low, uint32_t high)
{
	sorted_put(&a->list, &(struct range){ low, high });
}

int
ases_add(struct ases *a, struct words *w, struct reason *why)
{
	const char *text = words_peek(w), *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	uint64_t low, high;

	if (word_uint(text, len, UINT32_MAX, &low) < 0)
		return words_wrong(w, why, "an AS, or a range of ASes");
	high = low;
	if (dash && (word_uint(dash + 1, strlen(dash + 1), UINT32_MAX, &high) < 0 || high < low))
		return words_wrong(w, why, "an AS, or a range of ASes");
	words_next(w);
	ases_put(a, (uint32_t)low, (uint32_t)high);
	return 0;
}

static void
note_reach(struct ases *a, size_t from)
{
	const struct range *list = ranges(a);

	if (from == 0)
		a->reach = mem_resize(a->reach, (a->list.cap + 1) * sizeof *a->reach);
	for (size_t i = from; i < a->list.count; i++)
		a->reach[i] =
		    i > 0 && a->reach[i - 1] > list[i].high ? a->reach[i - 1] : list[i].high;
}

bool
ases_make(struct ases *a, struct sorting *how, size_t steps)
{
	if (!sorted_make(&a->list, how, steps))
		return false;
	note_reach(a, 0);
	return true;
}

void
ases_done(struct ases *a)
{
	(void)ases_make(a, &(struct sorting){ 0 }, SIZE_MAX);
}

size_t
ases_count(const struct ases *a)
{
	return a->list.count;
}

void
ases_print(const struct ases *a, size_t which, struct text *t)
{
	const struct range *r = &ranges(a)[which];

	text_uint(t, r->low);
	if (r->high != r->low)
		text_printf(t, "-%u", r->high);
}

bool
ases_hold(const struct ases *a, uint32_t asn)
{
	size_t low = 0, high = a->list.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ranges(a)[mid].low <= asn)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && a->reach[low - 1] >= asn;
}

bool
ases_merge(struct ases *out, const struct ases *a, const struct ases *b, unsigned keep,
    struct sorted_place *at, size_t steps)
{
	size_t before = out->list.count;
	bool done = sorted_merge(&out->list, &a->list, &b->list, keep, at, steps);

	note_reach(out, before);
	return done;
}

bool
ases_equal(const struct ases *a, const struct ases *b)
{
	return sorted_equal(&a->list, &b->list);
}
