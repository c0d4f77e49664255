#include "controller/policy/sorted.h"
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"

enum { RUN = 512 };

static void *
at(const struct sorted *l, const void *base, size_t which)
{
	return (char *)base + which * l->size;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
sorted_put(struct sorted *l, const void *record)
{
	l->base = mem_grow(l->base, &l->cap, l->count + 1, l->size);
	memcpy(at(l, l->base, l->count++), record, l->size);
}

/* --- putting in order: short runs, which are joined two by two until one is left --- */

static void
start_join(const struct sorted *l, struct sorting *s, size_t from)
{
	s->from = s->i = s->to = from;
	s->j = least(from + s->width, l->count);
}

static void
make_runs(struct sorted *l, struct sorting *s, size_t *steps)
{
	while (s->from < l->count && (*steps) > 0) {
		size_t n = least(RUN, l->count - s->from);

		qsort(at(l, l->base, s->from), n, l->size, l->order);
		s->from += n;
		*steps -= least(n, *steps);
	}
	if (s->from < l->count)
		return;
	s->width = RUN;
	start_join(l, s, 0);
}

/* Some of two runs. */
static void
join(struct sorted *l, struct sorting *s, size_t *steps)
{
	size_t middle = least(s->from + s->width, l->count);
	size_t end = least(middle + s->width, l->count);

	for (; s->to < end && (*steps) > 0; --*steps) {
		const void *x = at(l, l->base, s->i), *y = at(l, l->base, s->j);
		bool first = s->j == end || (s->i < middle && l->order(x, y) <= 0);

		memcpy(at(l, s->other, s->to++), first ? x : y, l->size);
		s->i += first;
		s->j += !first;
	}
	if (s->to == end)
		start_join(l, s, end);
}

static void
join_runs(struct sorted *l, struct sorting *s, size_t *steps)
{
	if (!s->other && s->width < l->count)
		s->other = mem_alloc(l->count * l->size);
	while (s->width < l->count && (*steps) > 0) {
		void *made = s->other;

		join(l, s, steps);
		if (s->from < l->count)
			continue;
		s->other = l->base;
		l->base = made;
		l->cap = l->count;
		s->width *= 2;
		start_join(l, s, 0);
	}
	if (s->width < l->count)
		return;
	s->joined = true;
	s->i = s->to = 0;
}

static bool
drop_twins(struct sorted *l, struct sorting *s, size_t steps)
{
	for (; s->i < l->count && steps > 0; s->i++, steps--) {
		const void *one = at(l, l->base, s->i);

		if (s->to == 0 || l->order(at(l, l->base, s->to - 1), one) != 0)
			memmove(at(l, l->base, s->to++), one, l->size);
	}
	return s->i == l->count;
}

void
sorting_fini(struct sorting *s)
{
	mem_free(s->other);
	*s = (struct sorting){ 0 };
}

bool
sorted_make(struct sorted *l, struct sorting *s, size_t steps)
{
	if (l->count == 0)
		return true;
	if (s->width == 0)
		make_runs(l, s, &steps);
	if (s->width > 0 && !s->joined)
		join_runs(l, s, &steps);
	if (!s->joined || !drop_twins(l, s, steps))
		return false;
	l->count = s->to;
	sorting_fini(s);
	return true;
}

/* --- two together --- */

bool
sorted_merge(struct sorted *out, const struct sorted *a, const struct sorted *b, unsigned keep,
    struct sorted_place *p, size_t steps)
{
	if (!out->base) {
		out->cap = a->count + b->count + 1;
		out->base = mem_alloc(out->cap * out->size);
	}
	for (; steps > 0 && (p->i < a->count || p->j < b->count); steps--) {
		const void *x = p->i < a->count ? at(a, a->base, p->i) : NULL;
		const void *y = p->j < b->count ? at(b, b->base, p->j) : NULL;
		int where = !x ? 1 : !y ? -1 : a->order(x, y);

		if (keep & (where < 0 ? SORTED_FIRST : where == 0 ? SORTED_BOTH : SORTED_SECOND))
			memcpy(at(out, out->base, out->count++), where <= 0 ? x : y, a->size);
		p->i += where <= 0;
		p->j += where >= 0;
	}
	return p->i == a->count && p->j == b->count;
}

bool
sorted_equal(const struct sorted *a, const struct sorted *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = a->order(at(a, a->base, i), at(b, b->base, i)) == 0;
	return equal;
}
