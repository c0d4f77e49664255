/* Four-octet AS numbers, RFC 6793. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	uint32_t asn = reader_u32(r);

	if (!reader_done(r))
		return -1;
	/* two with different numbers: section 3 leaves it open; none of them can be believed */
	if (caps_have(c, CAP_ASN4) && c->asn4 != asn)
		asn = 0;
	c->asn4 = asn;
	caps_add(c, CAP_ASN4);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[4];
	struct writer w = writer_of(memory, sizeof memory);

	writer_u32(&w, c->asn4);
	if (caps_have(c, CAP_ASN4))
		param(arg, CAP_ASN4, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	text_printf(t, "asn4(%u)", c->asn4);
}

static void
tree(const struct caps *c, struct tree *t)
{
	cap_name_tree(t, "asn4");
	tree_key(t, "asn4");
	tree_uint(t, c->asn4);
	tree_map_end(t);
}

const struct cap_ops cap_asn4 = { CAP_ASN4, "asn4", parse, false, encode, print, tree };
