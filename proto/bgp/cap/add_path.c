/* Several paths of a prefix, RFC 7911. What a side can do is told in its own words: receive, send. */
#include "proto/bgp/cap/caps.h"

/* ExaBGP's fixed order; others are never told. */
static const enum family order[] = { IPV4_UNICAST, IPV6_UNICAST, IPV4_NLRI_MPLS, IPV6_NLRI_MPLS,
	IPV4_MPLS_VPN, IPV6_MPLS_VPN, IPV4_MUP, IPV6_MUP };
enum { ORDER = sizeof order / sizeof order[0] };
static const char *const modes[] = { "disabled", "receive", "send", "send/receive" };

static int
parse(struct caps *c, struct reader *r)
{
	if (r->left % 4 != 0)
		return -1;
	while (r->left > 0) {
		uint16_t afi = reader_u16(r);
		uint8_t safi = reader_u8(r), mode = reader_u8(r);
		enum family f = family_of(afi, safi);

		/* section 4: another value makes the tuple ignored */
		if (f != FAMILY_UNKNOWN && mode >= ADD_PATH_RECEIVE && mode <= ADD_PATH_BOTH)
			c->add_path[f] = mode;
	}
	caps_add(c, CAP_ADD_PATH);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[4 * ORDER];
	struct writer w = writer_of(memory, sizeof memory);

	for (unsigned i = 0; i < ORDER; i++) {
		if (c->add_path[order[i]] == ADD_PATH_NONE)
			continue;
		writer_u16(&w, family_table[order[i]].afi);
		writer_u8(&w, family_table[order[i]].safi);
		writer_u8(&w, c->add_path[order[i]]);
	}
	if (caps_have(c, CAP_ADD_PATH) && w.len > 0)
		param(arg, CAP_ADD_PATH, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	bool first = true;

	text_add(t, "addpath(");
	for (int f = 0; f < FAMILIES; f++)
		if (c->add_path[f]) {
			text_printf(t, "%s%s %s", first ? "" : ",", modes[c->add_path[f]],
			    family_name((enum family)f));
			first = false;
		}
	text_char(t, ')');
}

static void
tree(const struct caps *c, struct tree *t)
{
	struct text word = { 0 };

	cap_name_tree(t, "addpath");
	for (int f = 0; f < FAMILIES; f++) {
		if (!c->add_path[f])
			continue;
		text_clear(&word);
		cap_family_text(family_table[f].afi, family_table[f].safi, &word);
		tree_key(t, text_str(&word));
		tree_text(t, modes[c->add_path[f]]);
	}
	tree_map_end(t);
	text_fini(&word);
}

const struct cap_ops cap_add_path = { CAP_ADD_PATH, "addpath", parse, false, encode, print, tree };
