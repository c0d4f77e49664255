#include "proto/bgp/refresh.h"
#include <stdio.h>
#include "proto/bgp/message.h"

enum { BODY = 4 };

/* RFC 7313 section 5: 7/1 carries the whole message, here its first 255 octets. */
static int
bad_length(struct fault *f, struct reader body)
{
	uint8_t memory[MESSAGE_HEADER + 255];
	struct writer w = writer_of(memory, sizeof memory);
	size_t mark = message_begin(&w, MESSAGE_REFRESH);
	size_t most = 255 - MESSAGE_HEADER;

	writer_bytes(&w, body.at, body.left < most ? body.left : most);
	message_end_as(&w, mark, MESSAGE_HEADER + body.left);
	return fault_set(f, NOTIFY_REFRESH, REFRESH_BAD_LENGTH, memory, w.len,
	    "a route refresh of %zu octets", body.left + MESSAGE_HEADER);
}

static int
ignored(struct fault *f, const char *why)
{
	(void)fault_set(f, 0, 0, NULL, 0, "%s", why);
	return 1;
}

int
refresh_parse(
    struct refresh *r, struct reader body, const struct session_params *p, struct fault *f)
{
	struct reader all = body;

	r->afi = reader_u16(&body);
	r->kind = reader_u8(&body);
	r->safi = reader_u8(&body);
	r->family = family_of(r->afi, r->safi);
	if (!reader_ok(&body))
		return bad_length(f, all);
	/* the octet was reserved before RFC 7313 gave it a meaning */
	if (!p->enhanced_refresh)
		r->kind = REFRESH_REQUEST;
	if (r->kind > REFRESH_END)
		return ignored(f, "unknown subtype");
	if (all.left != BODY)
		return r->kind == REFRESH_REQUEST
			   ? ignored(f, "route filters (ORF) were not negotiated")
			   : bad_length(f, all);
	if (r->family == FAMILY_UNKNOWN || !(p->families & family_bit(r->family)))
		return ignored(f, "the family was not negotiated");
	if (!p->refresh && !p->enhanced_refresh)
		return ignored(f, "route refresh was not negotiated");
	return 0;
}

void
refresh_encode(enum family family, enum refresh_kind kind, struct writer *w)
{
	size_t mark = message_begin(w, MESSAGE_REFRESH);

	writer_u16(w, family_table[family].afi);
	writer_u8(w, kind);
	writer_u8(w, family_table[family].safi);
	message_end(w, mark);
}

/* A number stands for itself where it has no name. */
static void
name_tree(struct tree *t, const char *key, const char *name, unsigned number)
{
	char digits[12];

	snprintf(digits, sizeof digits, "%u", number);
	tree_key(t, key);
	tree_text(t, name ? name : digits);
}

void
refresh_tree(const struct refresh *r, struct tree *t)
{
	static const char *const kinds[] = { "query", "begin", "end" };
	const struct family_info *info = r->family < FAMILIES ? &family_table[r->family] : NULL;

	tree_map(t);
	name_tree(t, "afi", info ? info->afi_name : NULL, r->afi);
	name_tree(t, "safi", info ? info->safi_name : NULL, r->safi);
	name_tree(t, "subtype", r->kind <= REFRESH_END ? kinds[r->kind] : NULL, r->kind);
	tree_map_end(t);
}
