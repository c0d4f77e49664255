/* Several neighbors of one address: a session from each of several addresses of ours. */
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"

static int
by_address_and_place(const void *a, const void *b)
{
	const struct config_neighbor *x = *(struct config_neighbor *const *)a;
	const struct config_neighbor *y = *(struct config_neighbor *const *)b;
	int order = neighbor_order(x, y);

	return order != 0 ? order : neighbor_by_place(x, y);
}

static struct config_neighbor **
sorted_by_place(const struct config *c)
{
	struct config_neighbor **sorted = mem_alloc(c->neighbor_count * sizeof(sorted[0]));

	memcpy(sorted, c->neighbors, c->neighbor_count * sizeof(sorted[0]));
	qsort(sorted, c->neighbor_count, sizeof(sorted[0]), by_address_and_place);
	return sorted;
}

void
config_tell_apart(struct config *c)
{
	struct config_neighbor **sorted, *first = NULL;

	if (c->neighbor_count == 0)
		return;
	sorted = sorted_by_place(c);
	for (size_t i = 0; i < c->neighbor_count; i++) {
		struct config_neighbor *n = sorted[i];
		if (first == NULL || neighbor_order(first, n) != 0)
			first = n;
		else if (!config_is_range(n) && !addr_equal(&n->local, &first->local))
			n->apart = n->local;
	}
	mem_free(sorted);
}

/* --- from one configuration to the next --- */

/* The running ones of an address, side by side. */
struct group {
	const struct config_neighbor **at;
	size_t count;
};

/* Those of this one's address; *old is all from there on. */
static struct group
group_of(struct group *old, const struct config_neighbor *n)
{
	struct group g = { NULL, 0 };

	while (old->count > 0 && neighbor_address_order(old->at[0], n) < 0)
		*old = (struct group){ old->at + 1, old->count - 1 };
	g.at = old->at;
	while (g.count < old->count && neighbor_address_order(g.at[g.count], n) == 0)
		g.count++;
	return g;
}

/* Who has the same address of ours. */
static const struct config_neighbor *
same_of(const struct group *g, const struct config_neighbor *n)
{
	for (size_t i = 0; i < g->count; i++)
		if (addr_equal(&g->at[i]->local, &n->local))
			return g->at[i];
	return NULL;
}

static bool
has_first(const struct group *old, struct config_neighbor *const *n, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct config_neighbor *was = same_of(old, n[i]);
		if (was != NULL && was->apart.family == 0)
			return true;
	}
	return false;
}

/* The running first stays that, and one that is new makes way for it; without an address of its own it cannot, and all
 * are as the file has them. */
static void
carry(const struct group *old, struct config_neighbor *const *n, size_t count)
{
	bool first = has_first(old, n, count);

	for (size_t i = 0; i < count; i++)
		if (first && n[i]->local.family == 0 && same_of(old, n[i]) == NULL)
			return;
	for (size_t i = 0; i < count; i++) {
		const struct config_neighbor *was = same_of(old, n[i]);
		if (was != NULL)
			n[i]->apart = was->apart;
		else if (first)
			n[i]->apart = n[i]->local;
	}
}

void
config_carry_apart(const struct config *running, struct config *c)
{
	struct config_neighbor **sorted;
	const struct config_neighbor **all;
	struct group old;

	if (running == NULL || c->neighbor_count == 0)
		return;
	sorted = sorted_by_place(c);
	all = neighbors_sorted(running, &old.count);
	old.at = all;
	for (size_t i = 0, next; i < c->neighbor_count; i = next) {
		struct group was = group_of(&old, sorted[i]);
		for (next = i + 1; next < c->neighbor_count; next++)
			if (neighbor_address_order(sorted[i], sorted[next]) != 0)
				break;
		if (!config_is_range(sorted[i]))
			carry(&was, sorted + i, next - i);
	}
	mem_free(all);
	mem_free(sorted);
}
