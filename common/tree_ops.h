/* What a writer behind struct tree does. tree.c keeps the depth, the places and the order of calls; the
 * writer only puts things down. */
#ifndef COMMON_TREE_OPS_H
#define COMMON_TREE_OPS_H
#include "common/tree.h"

struct tree_ops {
	/* Before a value in a list (a map's values follow their keys). NULL when there is nothing to do. */
	void (*next)(struct tree *);
	/* depth is that of the new container already; the end sees it still. */
	void (*open)(struct tree *);
	void (*close)(struct tree *);
	void (*key)(struct tree *, const char *, size_t len);
	void (*text)(struct tree *, const char *, size_t len);
	void (*number)(struct tree *, uint64_t);
	void (*negative)(struct tree *, int64_t);
	void (*real)(struct tree *, double);
	void (*boolean)(struct tree *, bool);
	void (*null)(struct tree *);
	void (*hex)(struct tree *, const uint8_t *, size_t len);
	/* A whole map of one text that needs no escapes. NULL: it is told in pieces. */
	void (*single)(struct tree *, const char *key, size_t key_len, const char *, size_t len);
	void (*bin)(struct tree *, const uint8_t *, size_t len); /* NULL: it has none, hex instead */
};
#endif
