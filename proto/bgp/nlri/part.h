/* Parts: what keywords of an NLRI leave in a draft until the NLRI is built, each a tag and its octets; and what
 * several families have in common: keywords, fields as they are shown, a head with a length. */
#ifndef PROTO_BGP_NLRI_PART_H
#define PROTO_BGP_NLRI_PART_H
#include <stdbool.h>
#include <stdint.h>
#include "proto/bgp/route.h"

enum part_tag { PART_RD = 1, PART_LABELS = 2, PART_OWN = 16 /* from here on each family's own */ };

struct part {
	uint8_t tag;
	struct reader value;
};

void part_add(struct route_draft *, uint8_t tag, struct reader value);
bool part_next(struct reader *parts, struct part *);
/* The first of a tag: a keyword that is given again changes nothing. */
bool part_find(const struct route_draft *, uint8_t tag, struct reader *value);

int part_scan_rd(
    struct words *, struct route_draft *, struct reason *); /* rd, route-distinguisher */
int part_scan_labels(struct words *, struct route_draft *, struct reason *); /* label */
/* An address of either family; a number up to `max`, as four octets. */
int part_scan_address(struct words *, struct route_draft *, uint8_t tag, struct reason *);
int part_scan_number(struct words *, struct route_draft *, uint8_t tag, uint64_t max, const char *what,
    struct reason *);
/* 0x and pairs of digits; `what` is what was expected where they are none. */
int part_scan_octets(
    struct words *, struct route_draft *, uint8_t tag, const char *what, struct reason *);

/* " word address"; nothing of no octets. */
void part_print_address(const char *word, struct reader octets, struct text *);
void part_tree_address(const char *key, struct reader octets, struct tree *);
/* "raw": all octets of the NLRI. */
void part_tree_raw(struct reader nlri, struct tree *);
/* Step over an NLRI whose last octet of `head` is the length of what follows. */
struct reader part_take(struct reader *, size_t head);
#endif
