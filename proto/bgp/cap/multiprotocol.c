/* Multiprotocol extensions, RFC 4760 section 8: one capability a family. */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	uint16_t afi = reader_u16(r);
	uint8_t safi;
	uint32_t code;
	enum family f;

	(void)reader_u8(r); /* reserved: ignored on receipt */
	safi = reader_u8(r);
	if (!reader_done(r))
		return -1;
	caps_add(c, CAP_MULTIPROTOCOL);
	code = afi * 256u + safi;
	f = family_of(afi, safi);
	for (unsigned i = 0; i < c->family_count; i++)
		if (c->family_code[i] == code)
			return 0; /* RFC 5492: more than once is once */
	if (c->family_count < CAP_FAMILIES_MAX)
		c->family_code[c->family_count++] = code;
	if (f != FAMILY_UNKNOWN)
		c->families |= family_bit(f);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[4];

	for (int f = 0; f < FAMILIES; f++) {
		struct writer w = writer_of(memory, sizeof memory);

		if (!(c->families & family_bit((enum family)f)))
			continue;
		writer_u16(&w, family_table[f].afi);
		writer_u8(&w, 0);
		writer_u8(&w, family_table[f].safi);
		param(arg, CAP_MULTIPROTOCOL, writer_read(&w));
	}
}

/* The families as told; what we send ourselves has no list yet, but its order is the table's. */
static unsigned
codes(const struct caps *c, uint32_t out[CAP_FAMILIES_MAX])
{
	unsigned n = 0;

	if (c->family_count > 0) {
		for (; n < c->family_count; n++)
			out[n] = c->family_code[n];
		return n;
	}
	for (int f = 0; f < FAMILIES; f++)
		if (c->families & family_bit((enum family)f))
			out[n++] = family_code((enum family)f);
	return n;
}

static void
print(const struct caps *c, struct text *t)
{
	uint32_t code[CAP_FAMILIES_MAX];
	unsigned n = codes(c, code);

	text_add(t, "multiprotocol(");
	for (unsigned i = 0; i < n; i++) {
		enum family f = family_by_code(code[i]);

		text_printf(t, "%s", i ? "," : "");
		if (f == FAMILY_UNKNOWN)
			text_printf(t, "afi-%u safi-%u", code[i] >> 8, code[i] & 0xff);
		else
			text_add(t, family_name(f));
	}
	text_char(t, ')');
}

static void
tree(const struct caps *c, struct tree *t)
{
	uint32_t code[CAP_FAMILIES_MAX];
	unsigned n = codes(c, code);

	cap_name_tree(t, "multiprotocol");
	tree_key(t, "families");
	tree_list(t);
	for (unsigned i = 0; i < n; i++)
		cap_family_tree((uint16_t)(code[i] >> 8), (uint8_t)code[i], t);
	tree_list_end(t);
	tree_map_end(t);
}

const struct cap_ops cap_multiprotocol = { CAP_MULTIPROTOCOL, "multiprotocol", parse, false, encode,
	print, tree };
