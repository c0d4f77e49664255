#include "proto/bgp/attr/path.h"

bool
segment_next(struct reader *path, unsigned width, struct segment *s)
{
	if (path->left == 0)
		return false;
	s->type = reader_u8(path);
	s->count = reader_u8(path);
	s->width = width;
	s->asns = reader_sub(path, (size_t)s->count * width);
	return reader_ok(path);
}

uint32_t
segment_asn(struct segment *s)
{
	return s->width == 2 ? reader_u16(&s->asns) : reader_u32(&s->asns);
}

static bool
segment_check(struct segment s, bool confed)
{
	if (s.count == 0 || s.type < SEGMENT_SET || s.type > SEGMENT_CONFED_SET)
		return false;
	if (segment_is_confed(&s) && !confed)
		return false;
	while (s.asns.left > 0)
		if (segment_asn(&s) == 0)
			return false;
	return true;
}

int
path_check(struct reader path, unsigned width, bool confed)
{
	struct segment s;

	while (segment_next(&path, width, &s))
		if (!segment_check(s, confed))
			return -1;
	return reader_done(&path) ? 0 : -1;
}

bool
path_leads_confed(struct reader path)
{
	return reader_u8(&path) == SEGMENT_CONFED_SEQUENCE;
}

static unsigned
segment_length(const struct segment *s)
{
	return s->type == SEGMENT_SEQUENCE ? s->count : s->type == SEGMENT_SET;
}

unsigned
path_length(struct reader path, unsigned width)
{
	unsigned length = 0;
	struct segment s;

	while (segment_next(&path, width, &s))
		length += segment_length(&s);
	return length;
}

static void
segment_put(struct writer *w, struct segment s, unsigned count)
{
	writer_u8(w, s.type);
	writer_u8(w, count);
	while (count-- > 0)
		writer_u32(w, segment_asn(&s));
}

void
path_widen(struct reader path, struct writer *w)
{
	struct segment s;

	while (segment_next(&path, 2, &s))
		segment_put(w, s, s.count);
}

void
path_narrow(struct reader path, struct writer *w)
{
	struct segment s;

	while (segment_next(&path, 4, &s)) {
		writer_u8(w, s.type);
		writer_u8(w, s.count);
		while (s.asns.left > 0) {
			uint32_t asn = segment_asn(&s);

			writer_u16(w, asn > UINT16_MAX ? AS_TRANS : asn);
		}
	}
}

bool
path_needs_as4(struct reader path)
{
	struct segment s;

	while (segment_next(&path, 4, &s)) {
		if (segment_is_confed(&s))
			continue;
		while (s.asns.left > 0)
			if (segment_asn(&s) > UINT16_MAX)
				return true;
	}
	return false;
}

void
path_without_confed(struct reader path, struct writer *w)
{
	struct segment s;

	while (segment_next(&path, 4, &s))
		if (!segment_is_confed(&s))
			segment_put(w, s, s.count);
}

/* The leading segments of a two-octet path that AS4_PATH does not know: `count` ASNs, and the confederation
 * segments that lead or stand next to one of those. Gives the mark of the count of a sequence that ends
 * them, so that what follows can continue it; 0 when there is none. */
static size_t
lead(struct reader path, unsigned count, struct writer *w)
{
	size_t mark = 0;
	struct segment s;

	while (segment_next(&path, 2, &s)) {
		unsigned length = segment_length(&s), take = s.count;

		if (length > count) {
			take = s.type == SEGMENT_SEQUENCE ? count : 0;
			length = count;
		}
		if (take == 0)
			break;
		mark = s.type == SEGMENT_SEQUENCE ? w->len + 1 : 0;
		segment_put(w, s, take);
		count -= length;
		if (take < s.count)
			break;
	}
	return mark;
}

void
path_merge(struct reader as_path, struct reader as4_path, struct writer *w)
{
	unsigned two = path_length(as_path, 2), four = path_length(as4_path, 4);
	struct segment s;
	size_t mark;

	if (two < four) {
		path_widen(as_path, w);
		return;
	}
	mark = lead(as_path, two - four, w);
	while (segment_next(&as4_path, 4, &s)) {
		if (segment_is_confed(&s))
			continue;
		if (mark != 0 && writer_ok(w) && s.type == SEGMENT_SEQUENCE &&
		    w->base[mark] + s.count <= SEGMENT_ASNS) {
			w->base[mark] = (uint8_t)(w->base[mark] + s.count);
			writer_copy(w, s.asns);
		} else {
			segment_put(w, s, s.count);
		}
		mark = 0;
	}
}
