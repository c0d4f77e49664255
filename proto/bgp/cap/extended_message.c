/* Messages of up to 65,535 octets, RFC 8654. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	/* a value that should not be there is not looked at */
	(void)reader_rest(r);
	caps_add(c, CAP_EXTENDED_MESSAGE);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	if (caps_have(c, CAP_EXTENDED_MESSAGE))
		cap_put_empty(CAP_EXTENDED_MESSAGE, param, arg);
}

static void
print(const struct caps *c, struct text *t)
{
	(void)c;
	text_add(t, "extended message(65535)");
}

static void
tree(const struct caps *c, struct tree *t)
{
	(void)c;
	cap_name_tree(t, "extended-message");
	tree_key(t, "size");
	tree_uint(t, 65535);
	tree_map_end(t);
}

const struct cap_ops cap_extended_message = { CAP_EXTENDED_MESSAGE, "extended-message", parse,
	false, encode, print, tree };
