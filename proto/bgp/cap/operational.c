/* OPERATIONAL messages (draft-ietf-idr-operational-message), as ExaBGP has them. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	/* a value that should not be there is not looked at */
	(void)reader_rest(r);
	caps_add(c, CAP_OPERATIONAL);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	if (caps_have(c, CAP_OPERATIONAL))
		cap_put_empty(CAP_OPERATIONAL, param, arg);
}

static void
print(const struct caps *c, struct text *t)
{
	(void)c;
	text_add(t, "operational");
}

static void
tree(const struct caps *c, struct tree *t)
{
	(void)c;
	cap_name_tree(t, "operational");
	tree_map_end(t);
}

const struct cap_ops cap_operational = { CAP_OPERATIONAL, "operational", parse, false, encode,
	print, tree };
