/* msgpack, both ways. The only file that includes msgpack.h is pack.c.
 *
 * Writing appends to a growing buffer. Reading looks first, within bounds and without allocating, at
 * whether the bytes are one well-formed value (depth at most PACK_DEPTH, at most `PACK_NODES` nodes,
 * no count larger than the bytes that are left), and only then unpacks it, into memory that is reused. */
#ifndef COMMON_PACK_H
#define COMMON_PACK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

enum { PACK_DEPTH = 16, PACK_NODES = 1 << 20 };

struct pack {
	uint8_t *base;  /* zero-initialise; pack_fini when done */
	size_t len, cap;
};

void pack_fini(struct pack *);
void pack_clear(struct pack *);
void pack_array(struct pack *, uint32_t count);
void pack_map(struct pack *, uint32_t count);
void pack_uint(struct pack *, uint64_t);
void pack_int(struct pack *, int64_t);
void pack_real(struct pack *, double);
void pack_bool(struct pack *, bool);
void pack_nil(struct pack *);
void pack_text(struct pack *, const char *);
void pack_textn(struct pack *, const char *, size_t len);
void pack_bin(struct pack *, const void *, size_t len);
void pack_copy(struct pack *, const void *, size_t len);    /* bytes that are msgpack already */
/* An array or map whose count is not known yet: five octets, patched by pack_end. Gives the mark. */
size_t pack_begin_array(struct pack *);
size_t pack_begin_map(struct pack *);
void pack_end(struct pack *, size_t mark, uint32_t count);
/* A bin whose octets are appended by pack_raw: five octets of header, patched by pack_bin_end. */
size_t pack_bin_begin(struct pack *);
void pack_raw(struct pack *, const void *, size_t len);
void pack_bin_end(struct pack *, size_t mark);

/* The look before: 0, or -1 when the bytes are not exactly one value within the bounds. */
int pack_check(const void *bytes, size_t len);
/* How many octets the header and the first `count` values of a short array take; 0 where it is none, or these hold others
 * themselves. What stands behind them is not looked at. */
size_t pack_front(const void *bytes, size_t len, unsigned count);

struct unpack;          /* the reused memory of an unpacked value */
struct node;            /* one value of it; borrowed, valid until the next unpack_open or unpack_free */
enum node_kind { NODE_NONE, NODE_NIL, NODE_BOOL, NODE_UINT, NODE_INT, NODE_REAL, NODE_TEXT, NODE_BIN,
	NODE_ARRAY, NODE_MAP };

struct unpack *unpack_new(void);
void unpack_free(struct unpack *);
/* Check and unpack; text and bin point into `bytes`, which must outlive the nodes. NULL when refused. */
const struct node *unpack_open(struct unpack *, const void *bytes, size_t len);

/* All of these take NULL (as a node of kind NODE_NONE) and give the default then. */
enum node_kind node_kind(const struct node *);
uint32_t node_count(const struct node *);                        /* of an array or map, else 0 */
const struct node *node_at(const struct node *, uint32_t i);     /* array element, or NULL */
const struct node *node_find(const struct node *, const char *key);  /* map value by text key, or NULL */
const struct node *node_find_uint(const struct node *, uint64_t key); /* ... by number key */
uint64_t node_uint(const struct node *, uint64_t otherwise);
int64_t node_int(const struct node *, int64_t otherwise);   /* NODE_INT are the negative ones */
double node_real(const struct node *, double otherwise);
bool node_bool(const struct node *, bool otherwise);
const struct node *node_key(const struct node *, uint32_t i);    /* of the i-th map entry, or NULL */
const struct node *node_value(const struct node *, uint32_t i);
struct reader node_bytes(const struct node *);                   /* bin or text; failed when neither */
/* Text as a bounded C string: copied and cut into out[size]; "" when it is none. */
const char *node_text(const struct node *, char *out, size_t size);
#endif
