/* Arrays of records in order, each there once: the lists that conditions and named sets are made of. What takes long
 * is done by and by, so many records a step. */
#ifndef CONTROLLER_POLICY_SORTED_H
#define CONTROLLER_POLICY_SORTED_H
#include <stdbool.h>
#include <stddef.h>

typedef int sorted_order(const void *, const void *);

/* It is part of its owner, who sets `size` and `order` and frees `base`. */
struct sorted {
	void *base;
	size_t count, cap, size; /* size: of a record */
	sorted_order *order;
};
void sorted_put(struct sorted *, const void *record); /* behind the last; then sorted_make */

/* How far putting in order has come. Zero-initialise; sorting_fini when it is given up. */
struct sorting {
	size_t width; /* runs of so many are in order; 0: none is yet */
	bool joined; /* it is one run */
	size_t from, i, j,
	    to; /* of the two that go together: the first, what is next of both, and where it goes */
	void *other; /* they go from here to there, and then back */
};
/* Put them in order and drop what is there twice: true at the end. `base` may be another then. */
bool sorted_make(struct sorted *, struct sorting *, size_t steps);
void sorting_fini(struct sorting *);

/* Two of them behind what is in `out`, which has room for both, or no `base` and is given it: those that only the first
 * has, that both have, that only the second has. From a place on, which begins with 0: true at the end. */
enum sorted_keep {
	SORTED_FIRST = 1,
	SORTED_BOTH = 2,
	SORTED_SECOND = 4,
	SORTED_UNION = 7,
	SORTED_MINUS = 1,
	SORTED_DIFFERENCE = 5
};
struct sorted_place {
	size_t i, j;
};
bool sorted_merge(struct sorted *out, const struct sorted *, const struct sorted *, unsigned keep,
    struct sorted_place *, size_t steps);
bool sorted_equal(const struct sorted *, const struct sorted *);
#endif
