#include "proto/bgp/cap/caps.h"

void
cap_put_empty(uint8_t code, cap_param *param, void *arg)
{
	param(arg, code, reader_of("", 0));
}

void
cap_family_text(uint16_t afi, uint8_t safi, struct text *t)
{
	enum family f = family_of(afi, safi);

	if (f == FAMILY_UNKNOWN)
		text_printf(t, "afi-%u/safi-%u", afi, safi);
	else
		text_printf(t, "%s/%s", family_table[f].afi_name, family_table[f].safi_name);
}

void
cap_family_tree(uint16_t afi, uint8_t safi, struct tree *tree)
{
	struct text t = { 0 };

	cap_family_text(afi, safi, &t);
	tree_text(tree, text_str(&t));
	text_fini(&t);
}

void
cap_name_tree(struct tree *t, const char *name)
{
	tree_map(t);
	tree_key(t, "name");
	tree_text(t, name);
}
