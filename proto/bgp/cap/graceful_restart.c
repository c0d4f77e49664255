/* Graceful restart, RFC 4724: flags and time, then (AFI, SAFI, F bit) of four octets each. */
#include "proto/bgp/cap/caps.h"

enum { FORWARDING = 0x80 };

static int
parse(struct caps *c, struct reader *r)
{
	uint16_t head = reader_u16(r);

	if (!reader_ok(r) || r->left % 4 != 0)
		return -1;
	/* given twice: section 3 makes the last one stand */
	c->graceful.flags = (uint8_t)(head >> 12);
	c->graceful.time = head & 0x0fff;
	c->graceful.families = c->graceful.forwarding = 0;
	while (r->left > 0) {
		uint16_t afi = reader_u16(r);
		uint8_t safi = reader_u8(r), flags = reader_u8(r);
		enum family f = family_of(afi, safi);

		if (f == FAMILY_UNKNOWN)
			continue;
		c->graceful.families |= family_bit(f);
		if (flags & FORWARDING)
			c->graceful.forwarding |= family_bit(f);
	}
	caps_add(c, CAP_GRACEFUL_RESTART);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[2 + 4 * FAMILIES];
	struct writer w = writer_of(memory, sizeof memory);

	if (!caps_have(c, CAP_GRACEFUL_RESTART))
		return;
	writer_u16(&w, (uint64_t)c->graceful.flags << 12 | (c->graceful.time & 0x0fff));
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->graceful.families & family_bit((enum family)f)))
			continue;
		writer_u16(&w, family_table[f].afi);
		writer_u8(&w, family_table[f].safi);
		writer_u8(&w, c->graceful.forwarding & family_bit((enum family)f) ? FORWARDING : 0);
	}
	param(arg, CAP_GRACEFUL_RESTART, writer_read(&w));
}

/* With nothing behind the time ExaBGP has a blank there too. */
static void
print(const struct caps *c, struct text *t)
{
	const char *blank = "";

	text_printf(t, "graceful restart flags 0x%x time %u ", c->graceful.flags, c->graceful.time);
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->graceful.families & family_bit((enum family)f)))
			continue;
		text_add(t, blank);
		blank = " ";
		cap_family_text(family_table[f].afi, family_table[f].safi, t);
		text_printf(t, "=0x%x",
		    c->graceful.forwarding & family_bit((enum family)f) ? FORWARDING : 0);
	}
}

static void
tree(const struct caps *c, struct tree *t)
{
	struct text word = { 0 };

	cap_name_tree(t, "graceful restart");
	tree_key(t, "time");
	tree_uint(t, c->graceful.time);
	tree_key(t, "address-family-flags");
	tree_map(t);
	for (int f = 0; f < FAMILIES; f++) {
		if (!(c->graceful.families & family_bit((enum family)f)))
			continue;
		text_clear(&word);
		cap_family_text(family_table[f].afi, family_table[f].safi, &word);
		tree_key(t, text_str(&word));
		tree_list(t);
		if (c->graceful.forwarding & family_bit((enum family)f))
			tree_text(t, "restart");
		tree_list_end(t);
	}
	tree_map_end(t);
	tree_key(t, "restart-flags");
	tree_list(t);
	if (c->graceful.flags & GRACEFUL_RESTARTED)
		tree_text(t, "forwarding"); /* ExaBGP's word for it */
	if (c->graceful.flags & GRACEFUL_NOTIFICATION)
		tree_text(t, "notification");
	tree_list_end(t);
	tree_map_end(t);
	text_fini(&word);
}

const struct cap_ops cap_graceful_restart = { CAP_GRACEFUL_RESTART, "graceful-restart", parse,
	false, encode, print, tree };
