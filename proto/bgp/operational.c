#include "proto/bgp/operational.h"
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "common/utf8.h"

enum form { FORM_ADVISORY, FORM_QUERY, FORM_COUNTER };

static const struct kind {
	const char *name, *keyword;
	enum form form;
} kinds[] = {
	[OPERATIONAL_ADM] = { "ADM", "adm", FORM_ADVISORY },
	[OPERATIONAL_ASM] = { "ASM", "asm", FORM_ADVISORY },
	[OPERATIONAL_RPCQ] = { "RPCQ", "rpcq", FORM_QUERY },
	[OPERATIONAL_RPCP] = { "RPCP", "rpcp", FORM_COUNTER },
	[OPERATIONAL_APCQ] = { "APCQ", "apcq", FORM_QUERY },
	[OPERATIONAL_APCP] = { "APCP", "apcp", FORM_COUNTER },
	[OPERATIONAL_LPCQ] = { "LPCQ", "lpcq", FORM_QUERY },
	[OPERATIONAL_LPCP] = { "LPCP", "lpcp", FORM_COUNTER },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct kind *
kind_of(uint16_t what)
{
	return what > 0 && what < KINDS ? &kinds[what] : NULL;
}

const char *const *
operational_keywords(void)
{
	static const char *const words[] = { "asm", "adm", "rpcq", "rpcp", "apcq", "apcp", "lpcq",
		"lpcp", NULL };

	return words;
}

/* --- wire --- */

int
operational_parse(struct operational *o, struct reader body, struct reason *why)
{
	const struct kind *kind;
	struct reader value;
	uint16_t len;

	*o = (struct operational){ .what = reader_u16(&body), .family = FAMILY_UNKNOWN };
	len = reader_u16(&body);
	value = reader_sub(&body, len);
	if (!reader_done(&body))
		return reason_set(why, 0, 0, "its length is not that of the message");
	kind = kind_of(o->what);
	o->data = value;
	if (!kind)
		return 1;
	o->afi = reader_u16(&value);
	o->safi = reader_u8(&value);
	o->family = family_of(o->afi, o->safi);
	if (kind->form == FORM_ADVISORY) {
		o->advisory = reader_sub(&value, value.left);
	} else {
		o->router_id = reader_u32(&value);
		o->sequence = reader_u32(&value);
		if (kind->form == FORM_COUNTER)
			o->counter = reader_u32(&value);
	}
	if (!reader_done(&value))
		return reason_set(why, 0, 0, "%s of %u octets", kind->name, len);
	return 0;
}

void
operational_encode(const struct operational *o, struct writer *w)
{
	const struct kind *kind = kind_of(o->what);
	size_t mark;

	writer_u16(w, o->what);
	mark = writer_begin_u16(w);
	writer_u16(w, o->afi);
	writer_u8(w, o->safi);
	if (kind && kind->form == FORM_ADVISORY) {
		writer_bytes(w, o->advisory.at, o->advisory.left);
	} else {
		writer_u32(w, o->router_id);
		writer_u32(w, o->sequence);
		if (kind && kind->form == FORM_COUNTER)
			writer_u32(w, o->counter);
	}
	writer_end_u16(w, mark);
}

/* --- as it is typed --- */

static int
scan_kind(struct words *words, struct operational *o, struct reason *why)
{
	for (uint16_t i = 1; i < KINDS; i++) {
		if (!words_take(words, kinds[i].keyword))
			continue;
		o->what = i;
		return 0;
	}
	const char *near =
	    reason_nearest(words_peek(words), strlen(words_peek(words)), operational_keywords());
	char expected[120];

	snprintf(expected, sizeof expected, "asm, adm, rpcq, rpcp, apcq, apcp, lpcq or lpcp%s%s",
	    near ? "; perhaps " : "", near ? near : "");
	return words_wrong(words, why, expected);
}

static int
scan_family(struct words *words, struct operational *o, struct reason *why)
{
	const char *afi;

	if (words_expect(words, "afi", why) < 0)
		return -1;
	if (!words_left(words))
		return words_wrong(words, why, "an AFI, such as ipv4");
	afi = words_next(words)->at;
	if (words_expect(words, "safi", why) < 0)
		return -1;
	o->family = family_by_name(afi, words_peek(words));
	if (o->family == FAMILY_UNKNOWN)
		return words_wrong(words, why, "a SAFI that goes with the AFI, such as unicast");
	words_next(words);
	o->afi = family_table[o->family].afi;
	o->safi = family_table[o->family].safi;
	return 0;
}

static int
scan_advisory(struct words *words, struct operational *o, struct reason *why)
{
	const struct word *text;

	if (words_expect(words, "advisory", why) < 0)
		return -1;
	if (!words_left(words) || words->at->len == 0 || words->at->len > OPERATIONAL_TEXT)
		return words_wrong(words, why, "a text of at most 2048 octets, in quotes");
	text = words_next(words);
	o->advisory = reader_of(text->at, text->len);
	return 0;
}

static int
scan_number(struct words *words, const char *name, uint32_t *number, struct reason *why)
{
	uint64_t value;

	if (words_expect(words, name, why) < 0 ||
	    words_uint(words, 0, UINT32_MAX, "a number", &value, why) < 0)
		return -1;
	*number = (uint32_t)value;
	return 0;
}

static int
scan_router_id(struct words *words, struct operational *o, struct reason *why)
{
	struct addr id;

	if (!words_take(words, "router-id"))
		return 0;
	if (addr_scan(&id, words_peek(words)) < 0 || id.family != 4)
		return words_wrong(words, why, "an IPv4 address");
	words_next(words);
	o->router_id = addr_u32(&id);
	return 0;
}

int
operational_scan(struct words *words, struct operational *o, struct reason *why)
{
	*o = (struct operational){ 0 };
	if (scan_kind(words, o, why) < 0 || scan_family(words, o, why) < 0)
		return -1;
	if (kinds[o->what].form == FORM_ADVISORY)
		return scan_advisory(words, o, why);
	if (scan_router_id(words, o, why) < 0 || /* it may stand there, as it is shown */
	    scan_number(words, "sequence", &o->sequence, why) < 0)
		return -1;
	if (kinds[o->what].form == FORM_COUNTER &&
	    scan_number(words, "counter", &o->counter, why) < 0)
		return -1;
	return scan_router_id(words, o, why);
}

/* --- as it is shown --- */

/* What is no text, or would break the line or hide something in it, is escaped. */
static void
put_advisory(struct reader advisory, struct text *t)
{
	while (advisory.left > 0) {
		const char *at = (const char *)advisory.at;
		size_t len = utf8_len(at, advisory.left);

		if (len == 0 || utf8_control(at, len)) {
			text_printf(t, "\\x%02x", reader_u8(&advisory));
			continue;
		}
		if (*at == '"' || *at == '\\')
			text_char(t, '\\');
		text_addn(t, at, len);
		reader_take(&advisory, len);
	}
}

static void
put_id(uint32_t id, char out[ADDR_TEXT])
{
	struct addr a = addr_v4(id);

	addr_print(&a, out);
}

/* The names of its family; numbers where there are none. */
static void
put_family(const struct operational *o, char afi[24], char safi[24])
{
	const struct family_info *info = o->family < FAMILIES ? &family_table[o->family] : NULL;

	if (info) {
		snprintf(afi, 24, "%s", info->afi_name);
		snprintf(safi, 24, "%s", info->safi_name);
	} else {
		snprintf(afi, 24, "%u", o->afi);
		snprintf(safi, 24, "%u", o->safi);
	}
}

void
operational_print(const struct operational *o, struct text *t)
{
	const struct kind *kind = kind_of(o->what);
	char afi[24], safi[24], id[ADDR_TEXT];

	if (!kind) {
		text_printf(t, "unknown type %u data 0x", o->what);
		text_hex_upper(t, o->data.at, o->data.left);
		return;
	}
	put_family(o, afi, safi);
	text_printf(t, "%s afi %s safi %s", kind->name, afi, safi);
	if (kind->form == FORM_ADVISORY) {
		text_add(t, " advisory \"");
		put_advisory(o->advisory, t);
		text_char(t, '"');
		return;
	}
	put_id(o->router_id, id);
	text_printf(t, " router-id %s sequence %u", id, o->sequence);
	if (kind->form == FORM_COUNTER)
		text_printf(t, " counter %u", o->counter);
}

static void
unknown_tree(const struct operational *o, struct tree *tree)
{
	tree_put_text(tree, "name", "unknown");
	tree_put_uint(tree, "type", o->what);
	tree_key(tree, "data");
	tree_hex(tree, o->data.at, o->data.left);
}

static void
known_tree(const struct operational *o, const struct kind *kind, struct tree *tree)
{
	char afi[24], safi[24], id[ADDR_TEXT];

	put_family(o, afi, safi);
	tree_put_text(tree, "name", kind->name);
	tree_put_text(tree, "afi", afi);
	tree_put_text(tree, "safi", safi);
	if (kind->form == FORM_ADVISORY) {
		tree_key(tree, "advisory");
		tree_textn(tree, (const char *)o->advisory.at, o->advisory.left);
		return;
	}
	put_id(o->router_id, id);
	tree_put_text(tree, "router-id", id);
	tree_put_uint(tree, "sequence", o->sequence);
	if (kind->form == FORM_COUNTER)
		tree_put_uint(tree, "counter", o->counter);
}

void
operational_tree(const struct operational *o, struct tree *tree)
{
	const struct kind *kind = kind_of(o->what);

	tree_map(tree);
	if (kind)
		known_tree(o, kind, tree);
	else
		unknown_tree(o, tree);
	tree_map_end(tree);
}
