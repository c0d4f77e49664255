/* A value as a tree, told to a writer as it is walked: JSON and msgpack are two writers behind it.
 * Inside a map each value follows a tree_key. No state but the writer's; nothing is kept. */
#ifndef COMMON_TREE_H
#define COMMON_TREE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/text.h"

struct tree_ops;

struct tree {
	const struct tree_ops *ops;
	void *out;          /* struct text for JSON, struct pack for msgpack */
	uint8_t depth;      /* at most TREE_DEPTH; deeper is a bug */
	bool first[24];
	bool keyed;
	size_t mark[24];    /* msgpack: where a count waits to be patched */
	uint32_t count[24];
	bool is_map[24];
};

enum { TREE_DEPTH = 24 };

struct tree tree_json(struct text *);     /* as ExaBGP spaces it: { "a": 1, "b": [ 1, 2 ] } */
struct tree tree_json_members(struct text *); /* the members of a map alone: the caller writes the braces */
struct tree tree_json_dense(struct text *); /* as its answers are: {"a": 1, "b": [1, 2]} */
struct pack;
struct tree tree_pack(struct pack *);     /* msgpack; counts are patched when a container ends */

void tree_map(struct tree *);
void tree_map_end(struct tree *);
void tree_list(struct tree *);
void tree_list_end(struct tree *);
void tree_key(struct tree *, const char *name);
void tree_put_text(struct tree *, const char *key, const char *);  /* a key and its value */
void tree_put_uint(struct tree *, const char *key, uint64_t);
/* A map of one member, whose text is printable ASCII without quotes and backslashes: a prefix, an address. At once. */
void tree_single(struct tree *, const char *key, size_t key_len, const char *text, size_t len);
void tree_keyn(struct tree *, const char *name, size_t len);
void tree_text(struct tree *, const char *);
void tree_textn(struct tree *, const char *, size_t len); /* any octets; JSON escapes what is no UTF-8 */
void tree_uint(struct tree *, uint64_t);
void tree_int(struct tree *, int64_t);
void tree_real(struct tree *, double);
void tree_bool(struct tree *, bool);
void tree_null(struct tree *);
void tree_hex(struct tree *, const void *, size_t len);   /* the text "0x..", upper case */
void tree_bin(struct tree *, const void *, size_t len);   /* octets as such in msgpack; in JSON as tree_hex */
#endif
