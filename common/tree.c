/* The walk: depth, count and first of each open container. What is put down is the writer's. Level 0 is the
 * outside, where one value stands; level n is inside the n-th open container. */
#include "common/tree.h"
#include <assert.h>
#include <string.h>
#include "common/tree_ops.h"

/* A value begins here. */
static void
value(struct tree *t)
{
	if (t->is_map[t->depth]) {
		assert(t->keyed);
		t->keyed = false;
		return;
	}
	if (t->ops->next)
		t->ops->next(t);
	t->first[t->depth] = false;
	t->count[t->depth]++;
}

static void
open(struct tree *t, bool is_map)
{
	value(t);
	assert(t->depth + 1 < TREE_DEPTH);
	t->depth++;
	t->is_map[t->depth] = is_map;
	t->first[t->depth] = true;
	t->count[t->depth] = 0;
	t->ops->open(t);
}

static void
close(struct tree *t, bool is_map)
{
	assert(t->depth > 0 && t->is_map[t->depth] == is_map && !t->keyed);
	t->ops->close(t);
	t->depth--;
}

void
tree_map(struct tree *t)
{
	open(t, true);
}

void
tree_map_end(struct tree *t)
{
	close(t, true);
}

void
tree_list(struct tree *t)
{
	open(t, false);
}

void
tree_list_end(struct tree *t)
{
	close(t, false);
}

void
tree_key(struct tree *t, const char *name)
{
	tree_keyn(t, name, strlen(name));
}

void
tree_keyn(struct tree *t, const char *name, size_t len)
{
	assert(t->is_map[t->depth] && !t->keyed);
	t->ops->key(t, name, len);
	t->keyed = true;
	t->first[t->depth] = false;
	t->count[t->depth]++;
}

void
tree_text(struct tree *t, const char *text)
{
	tree_textn(t, text, strlen(text));
}

void
tree_textn(struct tree *t, const char *text, size_t len)
{
	value(t);
	t->ops->text(t, text, len);
}

void
tree_uint(struct tree *t, uint64_t number)
{
	value(t);
	t->ops->number(t, number);
}

void
tree_put_text(struct tree *t, const char *key, const char *text)
{
	tree_key(t, key);
	tree_text(t, text);
}

void
tree_put_uint(struct tree *t, const char *key, uint64_t number)
{
	tree_key(t, key);
	tree_uint(t, number);
}

void
tree_single(struct tree *t, const char *key, size_t key_len, const char *text, size_t len)
{
	if (!t->ops->single) {
		tree_map(t);
		tree_keyn(t, key, key_len);
		tree_textn(t, text, len);
		tree_map_end(t);
		return;
	}
	value(t);
	t->ops->single(t, key, key_len, text, len);
}

void
tree_int(struct tree *t, int64_t number)
{
	value(t);
	if (number >= 0)
		t->ops->number(t, (uint64_t)number);
	else
		t->ops->negative(t, number);
}

void
tree_real(struct tree *t, double number)
{
	value(t);
	t->ops->real(t, number);
}

void
tree_bool(struct tree *t, bool truth)
{
	value(t);
	t->ops->boolean(t, truth);
}

void
tree_null(struct tree *t)
{
	value(t);
	t->ops->null(t);
}

void
tree_hex(struct tree *t, const void *bytes, size_t len)
{
	value(t);
	t->ops->hex(t, bytes, len);
}

void
tree_bin(struct tree *t, const void *bytes, size_t len)
{
	value(t);
	(t->ops->bin ? t->ops->bin : t->ops->hex)(t, bytes, len);
}
