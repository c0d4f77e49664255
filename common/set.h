/* Interned sets of small numbers (peers of a speaker): a number names a set, equal sets have equal
 * numbers, so "who is this for" is four octets an entry.
 *
 * SET_NONE is the empty set and needs no share; every other set is counted: the functions that give
 * a set give a share, set_put gives it back. Members are below SET_MEMBERS. */
#ifndef COMMON_SET_H
#define COMMON_SET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

enum { SET_NONE = 0, SET_MEMBERS = 65536 };

struct sets;
struct sets *sets_new(void);
void sets_free(struct sets *);               /* with every set that is left */
size_t sets_live(const struct sets *);       /* sets that somebody has a share of */
uint32_t set_of(struct sets *, uint32_t member);
/* Bit (m & 7) of octet (m >> 3); what is past SET_MEMBERS is left out. */
uint32_t set_of_bitmap(struct sets *, struct reader bitmap);
/* Many members, interned once: start with { 0 }, add them, and take the set (a share), which leaves { 0 }. */
struct set_members {
	uint8_t *bits;
	size_t len, cap;
	uint32_t first; /* the only one needs no bits */
	uint32_t count;
};
void set_add(struct set_members *, uint32_t member);
uint32_t set_of_members(struct sets *, struct set_members *);
uint32_t set_get(struct sets *, uint32_t set);
void set_put(struct sets *, uint32_t set);
bool set_has(const struct sets *, uint32_t set, uint32_t member);
bool set_meets(const struct sets *, uint32_t a, uint32_t b); /* the intersection is not empty */
uint32_t set_union(struct sets *, uint32_t a, uint32_t b);
uint32_t set_minus(struct sets *, uint32_t a, uint32_t b);
uint32_t set_both(struct sets *, uint32_t a, uint32_t b);    /* intersection */
struct reader set_bitmap(const struct sets *, uint32_t set); /* borrowed; no trailing zero octets */
size_t set_count(const struct sets *, uint32_t set);         /* members */
/* The smallest member at or above `from`, or -1. */
int32_t set_next(const struct sets *, uint32_t set, uint32_t from);
#endif
