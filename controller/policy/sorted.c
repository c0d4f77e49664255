#include "controller/policy/sorted.h"
#include <stdlib.h>
#include <string.h>

static bool
in_order(const char *base, size_t count, size_t size, sorted_order *order)
{
	for (size_t i = 1; i < count; i++)
		if (order(base + (i - 1) * size, base + i * size) >= 0)
			return false;
	return true;
}

size_t
sorted_make(void *base, size_t count, size_t size, sorted_order *order)
{
	char *at = base;
	size_t kept = count > 0;

	if (in_order(at, count, size, order))
		return count;
	qsort(base, count, size, order);
	for (size_t i = 1; i < count; i++)
		if (order(at + (kept - 1) * size, at + i * size) != 0)
			memmove(at + kept++ * size, at + i * size, size);
	return kept;
}

size_t
sorted_merge(void *out, const void *a, size_t a_count, const void *b, size_t b_count, size_t size,
    sorted_order *order, unsigned keep)
{
	size_t i = 0, j = 0;
	char *to = out;

	while (i < a_count || j < b_count) {
		const char *x = i < a_count ? (const char *)a + i * size : NULL;
		const char *y = j < b_count ? (const char *)b + j * size : NULL;
		int where = !x ? 1 : !y ? -1 : order(x, y);

		if (keep & (where < 0 ? SORTED_FIRST : where == 0 ? SORTED_BOTH : SORTED_SECOND)) {
			memcpy(to, where <= 0 ? x : y, size);
			to += size;
		}
		i += where <= 0;
		j += where >= 0;
	}
	return (size_t)(to - (char *)out) / size;
}
