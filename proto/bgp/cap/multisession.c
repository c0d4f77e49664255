/* Multisession (draft-ietf-idr-bgp-multisession): which capabilities tell sessions apart. ExaBGP says it in two
 * parameters: flags 0 alone, and with the multiprotocol capability. */
#include <string.h>
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	struct reader rest;

	(void)reader_u8(r); /* flags */
	if (!reader_ok(r))
		return -1;
	rest = reader_rest(r);
	c->multisession_len = (uint8_t)(rest.left < sizeof c->multisession ? rest.left :
		sizeof c->multisession);
	if (c->multisession_len > 0)
		memcpy(c->multisession, rest.at, c->multisession_len);
	caps_add(c, CAP_MULTISESSION);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	static const uint8_t alone[] = { 0 }, with[] = { CAP_MULTIPROTOCOL };

	if (!caps_have(c, CAP_MULTISESSION))
		return;
	param(arg, CAP_MULTISESSION, reader_of(alone, sizeof alone));
	param(arg, CAP_MULTISESSION, reader_of(with, sizeof with));
}

static void
print(const struct caps *c, struct text *t)
{
	(void)c;
	text_add(t, "multisession");
}

static void
tree(const struct caps *c, struct tree *t)
{
	cap_name_tree(t, "multisession");
	tree_key(t, "variant");
	tree_text(t, "RFC");
	tree_key(t, "capabilities");
	tree_list(t);
	for (unsigned i = 0; i < c->multisession_len; i++)
		tree_uint(t, c->multisession[i]);
	tree_list_end(t);
	tree_map_end(t);
}

const struct cap_ops cap_multisession = { CAP_MULTISESSION, "multisession", parse, false, encode, print,
	tree };
