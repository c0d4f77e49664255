/* EVPN as it is shown: in words that evpn_scan reads, and as a tree. */
#include <stdio.h>
#include "common/addr.h"
#include "proto/bgp/label.h"
#include "proto/bgp/nlri/evpn.h"
#include "proto/bgp/rd.h"

static void
colons(struct reader octets, const char *format, struct text *t)
{
	for (size_t i = 0; i < octets.left; i++) {
		char octet[4];

		snprintf(octet, sizeof octet, *format == 'X' ? "%02X" : "%02x", octets.at[i]);
		text_add(t, i > 0 ? ":" : "");
		text_add(t, octet);
	}
}

static void
esi_print(struct reader esi, struct text *t)
{
	if (evpn_is_zero(esi))
		text_add(t, "-");
	else
		colons(esi, "x", t);
}

/* Labels where all are, in their upper bits; else what the octets say. */
static void
labels_out(struct reader labels, struct text *t)
{
	bool several = labels.left > LABEL_SIZE, label = true;

	for (struct reader r = labels; r.left > 0;)
		label &= (reader_u24(&r) & 0xf) == LABEL_BOTTOM;
	text_add(t, label ? " label" : " vni");
	text_add(t, several ? " [" : "");
	while (labels.left > 0)
		text_printf(t, " %u", reader_u24(&labels) >> (label ? LABEL_SHIFT : 0));
	text_add(t, several ? " ]" : "");
}

static void
print_fields(struct evpn *e, struct text *t)
{
	unsigned has = e->kind->has;

	if (has & EVPN_HAS_ESI) {
		text_add(t, " esi ");
		esi_print(e->esi, t);
	}
	if (has & EVPN_HAS_TAG)
		text_printf(t, " ethernet-tag %u", reader_u32(&e->tag));
	if (has & EVPN_HAS_MAC) {
		text_add(t, " mac ");
		colons(e->mac, "X", t);
	}
	if (has & EVPN_HAS_IP)
		part_print_address("ip", e->ip, t);
	if ((has & EVPN_HAS_NETWORK) && !evpn_is_zero(e->gateway))
		part_print_address("gateway", e->gateway, t);
	if (has & EVPN_HAS_LABEL)
		labels_out(e->labels, t);
}

void
evpn_print(struct reader nlri, struct text *t)
{
	char text[PREFIX_TEXT];
	struct evpn e;

	if (!evpn_cut(nlri, &e) || !e.kind) {
		text_add(t, "generic octets 0x");
		text_hex(t, nlri.at, nlri.left);
		return;
	}
	text_add(t, e.kind->word);
	if (e.kind->has & EVPN_HAS_NETWORK) {
		struct prefix p = { .addr = addr_of(e.ip.at, e.ip.left), .len = e.bits };

		text_printf(t, " %s", prefix_print(&p, text));
	}
	text_add(t, " rd ");
	rd_print(e.rd, t);
	print_fields(&e, t);
}

static void
tree_out(struct tree *tree, const char *key, struct text *value)
{
	tree_put_text(tree, key, text_str(value));
	text_fini(value);
}

/* [[100, 1601]]: each label and the three octets that it came in, if they say anything. */
static void
tree_labels(struct tree *tree, struct reader labels)
{
	tree_key(tree, "label");
	tree_list(tree);
	while (labels.left > 0) {
		uint32_t octets = reader_u24(&labels);

		tree_list(tree);
		tree_uint(tree, octets >> LABEL_SHIFT);
		if (octets != 0)
			tree_uint(tree, octets);
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

static void
tree_fields(struct tree *tree, struct evpn *e)
{
	unsigned has = e->kind->has;
	struct text esi = { 0 }, mac = { 0 };
	char rd[RD_TEXT];

	tree_put_text(tree, "name", e->kind->name);
	tree_put_text(tree, "rd", rd_text(e->rd, rd));
	if (has & EVPN_HAS_ESI) {
		esi_print(e->esi, &esi);
		tree_out(tree, "esi", &esi);
	}
	if (has & EVPN_HAS_TAG)
		tree_put_uint(tree, "ethernet-tag", reader_u32(&e->tag));
	if (has & EVPN_HAS_MAC) {
		colons(e->mac, "X", &mac);
		tree_out(tree, "mac", &mac);
	}
	if (has & EVPN_HAS_LABEL)
		tree_labels(tree, e->labels);
	if (e->ip.left > 0)
		part_tree_address("ip", e->ip, tree);
	if (!(has & EVPN_HAS_NETWORK))
		return;
	tree_put_uint(tree, "iplen", e->bits);
	part_tree_address("gateway", e->gateway, tree);
}

void
evpn_tree(struct reader nlri, struct tree *tree)
{
	struct evpn e;
	bool named = evpn_cut(nlri, &e) && e.kind;

	tree_put_uint(tree, "code", reader_peek(&nlri));
	tree_key(tree, "parsed");
	tree_bool(tree, named);
	part_tree_raw(nlri, tree);
	if (named)
		tree_fields(tree, &e);
}
