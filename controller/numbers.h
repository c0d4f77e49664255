/* Peer numbers of one speaker and ours: a speaker keeps its own through the controller's restart, so each lane
 * translates. A number that is not known is NUMBER_NONE. */
#ifndef CONTROLLER_NUMBERS_H
#define CONTROLLER_NUMBERS_H
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/set.h"
#include "proto/frame/link.h"

enum { NUMBER_NONE = 0xffffffff };

struct numbers {
	struct sets *sets;
	uint32_t *theirs, theirs_cap; /* by ours */
	uint32_t *ours, ours_cap;     /* by theirs */
	uint32_t next;                /* where a free one of theirs is looked for */
	uint32_t set;                 /* a share: the set that `bitmap` is the translation of */
	size_t bitmap_len;
	uint8_t bitmap[LINK_PEERS_MAX / 8 + 1];
};

void numbers_init(struct numbers *, struct sets *);
void numbers_fini(struct numbers *);
/* This one of ours is that one of theirs, whatever either was before. */
void numbers_pair(struct numbers *, uint32_t ours, uint32_t theirs);
/* The speaker has a peer of this number that is none of ours: it is not given to another. */
void numbers_seen(struct numbers *, uint32_t theirs);
/* Theirs for one of ours, a free one when it had none. NUMBER_NONE: all are taken. */
uint32_t numbers_give(struct numbers *, uint32_t ours);
void numbers_part(struct numbers *, uint32_t ours); /* theirs may be given to another */
uint32_t numbers_theirs(const struct numbers *, uint32_t ours);
uint32_t numbers_ours(const struct numbers *, uint32_t theirs);
/* A set of ours as a bitmap of theirs; borrowed until the next call. */
struct reader numbers_translate(struct numbers *, uint32_t set);
size_t numbers_octets(const struct numbers *); /* no translation is longer */
/* A bitmap of theirs as one of ours, in memory[size]. */
struct reader numbers_back(const struct numbers *, struct reader theirs, uint8_t *memory, size_t size);
/* A list of numbers grown to hold `want`, new ones NUMBER_NONE. */
void numbers_grow(uint32_t **list, uint32_t *cap, uint32_t want);
#endif
