#include "controller/policy/ases.h"
#include <string.h>
#include "common/mem.h"
#include "controller/policy/sorted.h"

struct range {
	uint32_t low, high;
};

struct ases {
	struct range *list; /* in order */
	uint32_t *reach; /* the highest end of this and all before: ranges may lie in one another */
	size_t count, cap;
};

static int
order(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->high == y->high ? 0 : x->high < y->high ? -1 : 1;
}

struct ases *
ases_new(void)
{
	return mem_zero(sizeof(struct ases));
}

void
ases_free(struct ases *a)
{
	if (!a)
		return;
	mem_free(a->list);
	mem_free(a->reach);
	mem_free(a);
}

void
ases_put(struct ases *a, uint32_t low, uint32_t high)
{
	a->list = mem_grow(a->list, &a->cap, a->count + 1, sizeof *a->list);
	a->list[a->count++] = (struct range){ low, high };
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

static struct sorted
sorted_of(const struct ases *a)
{
	return (struct sorted){ a->list, a->count, sizeof *a->list, order };
}

static void
note_reach(struct ases *a, size_t from)
{
	if (from == 0)
		a->reach = mem_resize(a->reach, (a->cap + 1) * sizeof *a->reach);
	for (size_t i = from; i < a->count; i++)
		a->reach[i] =
		    i > 0 && a->reach[i - 1] > a->list[i].high ? a->reach[i - 1] : a->list[i].high;
}

bool
ases_make(struct ases *a, struct sorting *how, size_t steps)
{
	struct sorted l = sorted_of(a);
	bool done;

	a->cap = a->count; /* it may lie elsewhere then */
	done = sorted_make(&l, how, steps);
	a->list = l.base;
	a->count = l.count;
	if (done)
		note_reach(a, 0);
	return done;
}

void
ases_done(struct ases *a)
{
	struct sorting how = { 0 };

	(void)ases_make(a, &how, SIZE_MAX);
}

size_t
ases_count(const struct ases *a)
{
	return a->count;
}

void
ases_print(const struct ases *a, size_t which, struct text *t)
{
	const struct range *r = &a->list[which];

	text_uint(t, r->low);
	if (r->high != r->low)
		text_printf(t, "-%u", r->high);
}

bool
ases_hold(const struct ases *a, uint32_t asn)
{
	size_t low = 0, high = a->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (a->list[mid].low <= asn)
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
	struct sorted x = sorted_of(a), y = sorted_of(b), to;
	size_t before = out->count;
	bool done;

	if (!out->list) {
		out->cap = x.count + y.count + 1;
		out->list = mem_alloc(out->cap * sizeof *out->list);
	}
	to = sorted_of(out);
	done = sorted_merge(&to, &x, &y, keep, at, steps);
	out->count = to.count;
	note_reach(out, before);
	return done;
}

bool
ases_equal(const struct ases *a, const struct ases *b)
{
	struct sorted x = sorted_of(a), y = sorted_of(b);

	return sorted_equal(&x, &y);
}
