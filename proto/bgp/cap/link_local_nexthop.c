/* IPv6 next hops that are link-local alone (draft-ietf-idr-linklocal-capability). */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	/* a value that should not be there is not looked at */
	(void)reader_rest(r);
	caps_add(c, CAP_LINK_LOCAL_NEXTHOP);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	if (caps_have(c, CAP_LINK_LOCAL_NEXTHOP))
		cap_put_empty(CAP_LINK_LOCAL_NEXTHOP, param, arg);
}

static void
print(const struct caps *c, struct text *t)
{
	(void)c;
	text_add(t, "link-local-nexthop");
}

static void
tree(const struct caps *c, struct tree *t)
{
	(void)c;
	cap_name_tree(t, "link-local-nexthop");
	tree_map_end(t);
}

const struct cap_ops cap_link_local_nexthop = { CAP_LINK_LOCAL_NEXTHOP, "link-local-nexthop", parse,
	false, encode, print, tree };
