/* A slice: the next entries in front of a reader, grouped by what they say. Neighbouring entries mostly share
 * their value because they arrived together, so a slice of about a thousand finds nearly all sharing. */
#ifndef COMMON_SLICE_H
#define COMMON_SLICE_H
#include <stdbool.h>
#include <stdint.h>
#include "common/ledger.h"

enum { SLICE_MAX = 1024, SLICE_SLOTS = 2048, SLICE_END = 0xffff };

struct slice_group {
	uint16_t first, last, count; /* a chain through slice.next; members in order of change */
};

struct slice {
	const struct ledger *ledger;
	struct ledger_entry *entry[SLICE_MAX];
	uint16_t next[SLICE_MAX];
	struct slice_group group[SLICE_MAX]; /* in first-seen order */
	uint16_t entries, groups;
	uint16_t last; /* the group that got the last entry */
	uint16_t slot[SLICE_SLOTS];
};

/* By what entries are told apart, besides mark and value. */
enum slice_by { SLICE_BY_VALUE = 0, SLICE_BY_AUDIENCE = 1, SLICE_BY_OWNER = 2 };

/* Take what is in front of the reader: at most SLICE_MAX entries, and no more than fit into `octets` of
 * values and keys (one at least). Gives their number; nothing is grouped yet. */
uint16_t slice_take(struct slice *, struct ledger *, struct ledger_reader *, size_t octets);
/* Group the entries for which `wanted` is true (NULL: all). */
void slice_group(
    struct slice *, unsigned by, bool (*wanted)(void *arg, const struct ledger_entry *), void *arg);
/* Group all entries, and keep no more of them than have groups which fit into `octets`: a group costs what
 * `head` says of its first entry. One group at least. */
void slice_group_within(struct slice *, unsigned by, size_t octets,
    size_t (*head)(void *arg, const struct ledger_entry *), void *arg);
#endif
