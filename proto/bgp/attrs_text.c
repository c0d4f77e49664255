/* A block as text and as a tree. */
#include <stdio.h>
#include "proto/bgp/attrs.h"

/* As ExaBGP shows them: what nobody here knows has passed one who does not know it (RFC 4271 section 5), and has
 * the length form that it came with. */
static uint8_t
flags_shown(const struct attr *a)
{
	uint8_t flags = a->flags;

	if (attr_ops(a->code))
		return flags;
	if (flags & ATTR_TRANSITIVE)
		flags |= ATTR_PARTIAL;
	return a->extended ? flags | ATTR_EXTENDED : flags;
}

static void
print_opaque(const struct attr *a, uint8_t flags, struct text *t)
{
	text_printf(t, " attribute [ 0x%02X 0x%02X 0x", a->code, flags);
	text_hex(t, a->value.at, a->value.left);
	text_add(t, " ]");
}

/* False when the text has no words for it. */
static bool
print_known(const struct attr *a, struct text *t)
{
	const struct attr_ops *ops = attr_ops(a->code);
	size_t start = t->len, value;

	if (!ops || !ops->word || !ops->print)
		return false;
	text_printf(t, " %s ", ops->word_of ? ops->word_of(a->value) : ops->word);
	value = t->len;
	ops->print(a->value, t);
	if (t->len == value) /* nothing was said: there is nothing to say, or it cannot be */
		text_cut(t, a->value.left == 0 ? value - 1 : start);
	return t->len != start;
}

void
attrs_print(struct reader block, struct text *t)
{
	struct attr a;

	while (attrs_next(&block, &a))
		if (!print_known(&a, t))
			print_opaque(&a, flags_shown(&a), t);
}

void
attrs_print_opaque(struct reader block, struct text *t)
{
	struct attr a;

	while (block.left > 0) {
		struct reader first = block;
		uint8_t flags = reader_u8(&first);

		if (!attrs_next(&block, &a))
			return;
		/* who typed the extended length for a short value sends it so */
		print_opaque(&a, a.value.left <= UINT8_MAX ? flags : a.flags, t);
	}
}

static void
tree_one(const struct attr *a, struct tree *tree)
{
	const struct attr_ops *ops = attr_ops(a->code);
	struct text hex = { 0 };
	char key[32];

	if (ops && ops->tree) {
		tree_key(tree, ops->name);
		ops->tree(a->value, tree);
		return;
	}
	snprintf(key, sizeof key, "attribute-0x%02X-0x%02X", a->code, flags_shown(a));
	text_add(&hex, "0x");
	text_hex(&hex, a->value.at, a->value.left);
	tree_put_text(tree, key, text_str(&hex));
	text_fini(&hex);
}

void
attrs_tree(struct reader block, struct tree *tree)
{
	struct attr a;

	while (attrs_next(&block, &a))
		if (a.code != ATTR_NEXT_HOP && !(a.code == ATTR_AS_PATH && a.value.left == 0))
			tree_one(&a, tree);
}
