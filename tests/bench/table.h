/* The table that all benches move: IPv4 prefixes of a realistic shape in groups that share attributes. Number i has
 * the same prefix and attributes in each program, so they agree without talking: who sends, who receives, who types.
 *
 * Prefixes: most of a /22 each (four /24, or a shorter one and three within it, or a /23 among them), the /22s far
 * apart: about two thirds are /24. Groups: a third have one prefix, the mean is eight, the longest 66. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H
#include <stddef.h>
#include <stdint.h>

enum { US = 65000, THEM = 65001, PATH_MOST = 8, COMMUNITIES_MOST = 8, ITEM_TEXT = 512 };

enum sharing { REAL, EACH, ONE, FEW /* eight sets in turn */ };

struct item {
	uint32_t address, set;
	uint8_t length;
};

struct table {
	uint32_t count;
	struct item *item;
};

/* Attributes of one set. The path begins with THEM. */
struct set {
	uint32_t path[PATH_MOST], community[COMMUNITIES_MOST], large[3], med;
	unsigned hops, communities, larges;
	uint8_t origin;
};

/* What arrived, whatever the order: how many, sums over prefixes and over prefixes with path and communities. */
struct sum {
	uint64_t count, prefixes, routes;
};

enum sharing sharing_of(const char *word);
/* numbers `first` to first + count - 1 */
struct table *table_new(uint32_t first, uint32_t count, enum sharing);
void table_free(struct table *);
void set_of(uint32_t number, struct set *);
struct sum table_sum(const struct table *);

/* Path attributes on the wire; the path is as a neighbor of ours sends it. → octets, at most 512 */
size_t set_wire(const struct set *, uint32_t next_hop, uint8_t *to);
/* The same as we would say them: the path begins with US, and there is no next hop. */
size_t set_said(const struct set *, uint8_t *to);
/* "announce route PREFIX next-hop self as-path [ ... ] ...\n" as we would say it: the path begins with US */
size_t item_text(const struct item *, const struct set *, char *to, size_t room);
/* "announce attributes next-hop self ... nlri PREFIX ..." for those from this one on that share a set, as far as there
 * is room (ITEM_TEXT at least). → the one behind them */
uint32_t group_text(const struct table *, uint32_t from, char *to, size_t room, size_t *length);

static inline uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
	return x ^ (x >> 32);
}

/* Attributes into a hash, number by number: the path without US, then the communities, sorted. */
static inline uint64_t
hash_add(uint64_t hash, uint32_t number)
{
	return mix(hash ^ number) + 1;
}

static inline void
sum_add(struct sum *s, uint32_t address, uint8_t length, uint64_t attributes)
{
	uint64_t prefix = mix((uint64_t)length << 32 | address);

	s->count++;
	s->prefixes += prefix;
	s->routes += mix(prefix ^ attributes);
}

#endif
