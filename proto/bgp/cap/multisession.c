/* Multisession (draft-ietf-idr-bgp-multisession): which capabilities tell sessions apart. The draft puts an octet
 * of flags before their codes; ExaBGP sends a capability for each octet, so one alone is a code if it is not 0. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	uint8_t code = r->left > 1 ? 0 : reader_peek(r);

	if (r->left == 0)
		return -1;
	(void)reader_u8(r);
	for (;; code = reader_u8(r)) {
		if (code != 0 && c->multisession_len < sizeof c->multisession)
			c->multisession[c->multisession_len++] = code;
		if (r->left == 0)
			break;
	}
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

const struct cap_ops cap_multisession = { CAP_MULTISESSION, "multisession", parse, false, encode,
	print, tree };
