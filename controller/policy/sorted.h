/* Arrays of records in order, each there once: the lists that conditions and named sets are made of. */
#ifndef CONTROLLER_POLICY_SORTED_H
#define CONTROLLER_POLICY_SORTED_H
#include <stdbool.h>
#include <stddef.h>

typedef int sorted_order(const void *, const void *);

/* Put them in order and drop what is there twice: how many are left. */
size_t sorted_make(void *base, size_t count, size_t size, sorted_order *);
/* Two of them into `out`, which has room for both: those that only the first has, that both have, that only the
 * second has. Gives how many. */
enum sorted_keep {
	SORTED_FIRST = 1,
	SORTED_BOTH = 2,
	SORTED_SECOND = 4,
	SORTED_UNION = 7,
	SORTED_MINUS = 1,
	SORTED_DIFFERENCE = 5
};
size_t sorted_merge(void *out, const void *a, size_t a_count, const void *b, size_t b_count,
    size_t size, sorted_order *, unsigned keep);
#endif
