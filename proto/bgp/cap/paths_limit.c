/* How many paths of a prefix a side wants at most (draft-abraitis-idr-addpath-paths-limit). */
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	if (r->left % 5 != 0)
		return -1;
	while (r->left > 0) {
		uint16_t afi = reader_u16(r);
		uint8_t safi = reader_u8(r);
		uint16_t limit = reader_u16(r);
		enum family f = family_of(afi, safi);

		if (f != FAMILY_UNKNOWN)
			c->paths_limit[f] = limit;
	}
	caps_add(c, CAP_PATHS_LIMIT);
	return 0;
}

/* Only families whose paths are received can have one. */
static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[5 * FAMILIES];
	struct writer w = writer_of(memory, sizeof memory);

	for (int f = 0; f < FAMILIES; f++) {
		if (c->paths_limit[f] == 0 || !(c->add_path[f] & ADD_PATH_RECEIVE))
			continue;
		writer_u16(&w, family_table[f].afi);
		writer_u8(&w, family_table[f].safi);
		writer_u16(&w, c->paths_limit[f]);
	}
	if (caps_have(c, CAP_PATHS_LIMIT) && w.len > 0)
		param(arg, CAP_PATHS_LIMIT, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	bool first = true;

	text_add(t, "paths-limit(");
	for (int f = 0; f < FAMILIES; f++)
		if (c->paths_limit[f]) {
			text_printf(t, "%s%s %u", first ? "" : ",", family_name((enum family)f),
			    c->paths_limit[f]);
			first = false;
		}
	text_char(t, ')');
}

static void
tree(const struct caps *c, struct tree *t)
{
	struct text word = { 0 };

	cap_name_tree(t, "paths-limit");
	for (int f = 0; f < FAMILIES; f++) {
		if (!c->paths_limit[f])
			continue;
		text_clear(&word);
		cap_family_text(family_table[f].afi, family_table[f].safi, &word);
		tree_key(t, text_str(&word));
		tree_uint(t, c->paths_limit[f]);
	}
	tree_map_end(t);
	text_fini(&word);
}

const struct cap_ops cap_paths_limit = { CAP_PATHS_LIMIT, "paths-limit", parse, false, encode,
	print, tree };
