#include "controller/api/path42.h"
#include "proto/bgp/attr/path.h"

/* The ASNs of all segments of this type, `between` between two. How many there are. */
static unsigned
asns(struct reader path, uint8_t type, const char *between, struct text *t)
{
	struct segment segment;
	unsigned count = 0;

	while (segment_next(&path, 4, &segment))
		while (segment.type == type && segment.asns.left > 0) {
			text_add(t, count++ == 0 ? "" : between);
			text_uint(t, segment_asn(&segment));
		}
	return count;
}

static void
member(struct reader path, uint8_t type, const char *key, struct text *t)
{
	text_char(t, '"');
	text_add(t, key);
	text_add(t, "\": [ ");
	if (asns(path, type, ", ", t) > 0)
		text_char(t, ' ');
	else
		text_cut(t, t->len - 1);
	text_char(t, ']');
}

/* The same for one that is not there when it is empty. */
static void
member_if_any(struct reader path, uint8_t type, const char *key, struct text *t)
{
	size_t before = t->len;
	bool any = asns(path, type, "", t) > 0;

	text_cut(t, before);
	if (!any)
		return;
	text_add(t, ", ");
	member(path, type, key, t);
}

void
path42_json(struct reader path, struct text *t)
{
	if (path.left == 0)
		return;
	member(path, SEGMENT_SEQUENCE, "as-path", t);
	member_if_any(path, SEGMENT_SET, "as-set", t);
	text_add(t, ", ");
	member(path, SEGMENT_CONFED_SEQUENCE, "confederation-path", t);
	member_if_any(path, SEGMENT_CONFED_SET, "confederation-set", t);
}

/* "[ 1 2 ( 3 ) ]". False, and nothing written, when there is no ASN of either type. */
static bool
group(struct reader path, uint8_t sequence, uint8_t set, struct text *t)
{
	size_t before = t->len, inner;
	bool any;

	text_add(t, "[ ");
	any = asns(path, sequence, " ", t) > 0;
	if (any)
		text_char(t, ' ');
	inner = t->len;
	text_add(t, "( ");
	if (asns(path, set, " ", t) > 0) {
		text_add(t, " ) ");
		any = true;
	} else {
		text_cut(t, inner);
	}
	text_char(t, ']');
	if (!any)
		text_cut(t, before);
	return any;
}

void
path42_print(struct reader path, struct text *t)
{
	if (path.left == 0)
		return;
	text_add(t, " as-path ");
	if (!group(path, SEGMENT_SEQUENCE, SEGMENT_SET, t))
		text_add(t, "[ ]");
	group(path, SEGMENT_CONFED_SEQUENCE, SEGMENT_CONFED_SET, t);
}
