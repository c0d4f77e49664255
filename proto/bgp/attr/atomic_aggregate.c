/* ATOMIC_AGGREGATE (RFC 4271 section 5.1.6): there or not there. */
#include "proto/bgp/attr.h"

static int
atomic_aggregate_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return value.left == 0 ? 0 : -1;
}

static int
atomic_aggregate_scan(struct words *words, struct writer *w, struct reason *reason)
{
	(void)words;
	(void)w;
	(void)reason;
	return 0;
}

static void
atomic_aggregate_print(struct reader value, struct text *t)
{
	(void)value;
	(void)t;
}

static void
atomic_aggregate_tree(struct reader value, struct tree *tree)
{
	(void)value;
	tree_bool(tree, true);
}

const struct attr_ops attr_atomic_aggregate = {
	.code = ATTR_ATOMIC_AGGREGATE,
	.flags = ATTR_TRANSITIVE,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_WITHDRAW,
	.empty = true,
	.word = "atomic-aggregate",
	.name = "atomic-aggregate",
	.check = atomic_aggregate_check,
	.scan = atomic_aggregate_scan,
	.print = atomic_aggregate_print,
	.tree = atomic_aggregate_tree,
};
