/* Attribute text: one value or a bracketed list of them, and the pieces that values are made of. */
#ifndef PROTO_BGP_ATTR_ITEM_H
#define PROTO_BGP_ATTR_ITEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/attr.h"

/* `x` or `[ x y z ]` (commas are passed over): at least one. `one` takes a value off the words. */
int items_scan(struct words *, struct writer *, struct reason *,
    int (*one)(struct words *, struct writer *, struct reason *));
/* Sort what the writer holds since `mark` by octets; with `unique` drop repeats. */
void items_sort(struct writer *, size_t mark, size_t size, bool unique);
/* `x` or `[ x y z ]`, items of `size` octets. */
void items_print(struct reader value, size_t size, struct text *, void (*one)(struct reader, struct text *));

/* A text between colons; not NUL-terminated. */
struct part {
	const char *at;
	size_t len;
};

/* Cut at `:`. The number of parts, or 0 when there are more than `max` or one is empty. */
size_t parts_of(const char *text, struct part *, size_t max);
bool part_is(const struct part *, const char *name); /* whatever the case */
/* A whole number of at most `max`: decimal or 0x. */
int part_uint(const struct part *, uint64_t max, uint64_t *);
int part_ipv4(const struct part *, uint32_t *);
int part_asn(const struct part *, uint32_t *);       /* 1..4294967295, or dotted: 1.10 */
/* A number of any width, decimal or 0x, filling `size` octets. */
int wide_scan(const char *text, uint8_t *out, size_t size);
#endif
