/* Enhanced route refresh, RFC 7313. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	/* a value that should not be there is not looked at */
	(void)reader_rest(r);
	caps_add(c, CAP_ENHANCED_REFRESH);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	if (caps_have(c, CAP_ENHANCED_REFRESH))
		cap_put_empty(CAP_ENHANCED_REFRESH, param, arg);
}

static void
print(const struct caps *c, struct text *t)
{
	(void)c;
	text_add(t, "enhanced route refresh");
}

static void
tree(const struct caps *c, struct tree *t)
{
	(void)c;
	cap_name_tree(t, "enhanced-route-refresh");
	tree_map_end(t);
}

const struct cap_ops cap_enhanced_refresh = { CAP_ENHANCED_REFRESH, "enhanced-route-refresh", parse,
	false, encode, print, tree };
