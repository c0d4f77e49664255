/* Long-lived graceful restart, RFC 9494: (AFI, SAFI, F bit, seconds) of seven octets each. */
#include "proto/bgp/cap/caps.h"

enum { FORWARDING = 0x80, TUPLE = 7 };

static int
parse(struct caps *c, struct reader *r)
{
	if (r->left % TUPLE != 0)
		return -1;
	/* given twice: as of the graceful restart that it goes with, the last one stands */
	c->long_lived.families = c->long_lived.forwarding = 0;
	while (r->left > 0) {
		uint16_t afi = reader_u16(r);
		uint8_t safi = reader_u8(r), flags = reader_u8(r);
		uint32_t high = reader_u8(r), time = high << 16 | reader_u16(r);
		enum family f = family_of(afi, safi);

		if (f == FAMILY_UNKNOWN)
			continue;
		c->long_lived.families |= family_bit(f);
		c->long_lived.time[f] = time;
		c->long_lived.forwarding &= ~family_bit(f);
		if (flags & FORWARDING)
			c->long_lived.forwarding |= family_bit(f);
	}
	caps_add(c, CAP_LONG_LIVED);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[TUPLE * FAMILIES];
	struct writer w = writer_of(memory, sizeof memory);

	if (!caps_have(c, CAP_LONG_LIVED))
		return;
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->long_lived.families & family_bit((enum family)f)))
			continue;
		writer_u16(&w, family_table[f].afi);
		writer_u8(&w, family_table[f].safi);
		writer_u8(
		    &w, c->long_lived.forwarding & family_bit((enum family)f) ? FORWARDING : 0);
		writer_u8(&w, c->long_lived.time[f] >> 16 & 0xff);
		writer_u16(&w, c->long_lived.time[f] & 0xffff);
	}
	param(arg, CAP_LONG_LIVED, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	text_add(t, "long-lived graceful restart");
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->long_lived.families & family_bit((enum family)f)))
			continue;
		text_char(t, ' ');
		cap_family_text(family_table[f].afi, family_table[f].safi, t);
		text_printf(t, "=0x%02x/%u",
		    c->long_lived.forwarding & family_bit((enum family)f) ? FORWARDING : 0,
		    c->long_lived.time[f]);
	}
}

static void
tree(const struct caps *c, struct tree *t)
{
	struct text word = { 0 };

	cap_name_tree(t, "long-lived graceful restart");
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->long_lived.families & family_bit((enum family)f)))
			continue;
		text_clear(&word);
		cap_family_text(family_table[f].afi, family_table[f].safi, &word);
		tree_key(t, text_str(&word));
		tree_map(t);
		tree_key(t, "time");
		tree_uint(t, c->long_lived.time[f]);
		tree_key(t, "forwarding");
		tree_bool(t, (c->long_lived.forwarding & family_bit((enum family)f)) != 0);
		tree_map_end(t);
	}
	tree_map_end(t);
	text_fini(&word);
}

const struct cap_ops cap_long_lived = { CAP_LONG_LIVED, "long-lived-graceful-restart", parse, false,
	encode, print, tree };
