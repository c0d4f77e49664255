/* CLUSTER_LIST (RFC 4456 section 8): the order is the path of reflection. */
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/value.h"

static int
cluster_list_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return items_check(value, 4);
}

static int
cluster_list_scan(struct words *words, struct writer *w, struct reason *reason)
{
	return items_scan(words, w, reason, ipv4_value_scan);
}

static void
cluster_list_print(struct reader value, struct text *t)
{
	items_print(value, 4, t, ipv4_value_print);
}

static void
cluster_list_tree(struct reader value, struct tree *tree)
{
	tree_list(tree);
	while (value.left > 0)
		ipv4_value_tree(reader_sub(&value, 4), tree);
	tree_list_end(tree);
}

const struct attr_ops attr_cluster_list = {
	.code = ATTR_CLUSTER_LIST,
	.flags = ATTR_OPTIONAL,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "cluster-list",
	.name = "cluster-list",
	.check = cluster_list_check,
	.unwanted = value_from_outside,
	.scan = cluster_list_scan,
	.print = cluster_list_print,
	.tree = cluster_list_tree,
};
