#include "controller/policy/path_edit.h"
#include <string.h>
#include "common/mem.h"
#include "proto/bgp/attr/path.h"

struct range {
	uint32_t low, high;
};

struct path_edit {
	struct range *range;
	size_t count, cap;
	uint32_t instead; /* 0: nothing */
};

static void
add(struct path_edit *e, uint32_t low, uint32_t high)
{
	e->range = mem_grow(e->range, &e->cap, e->count + 1, sizeof *e->range);
	e->range[e->count++] = (struct range){ low, high };
}

/* "65001", "65001-65010" */
static int
scan_range(struct path_edit *e, struct words *w, struct reason *why)
{
	const char *text = words_peek(w), *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	uint64_t low, high;

	if (word_uint(text, len, UINT32_MAX, &low) < 0)
		return words_wrong(w, why, "an AS, or a range of ASes");
	high = low;
	if (dash && (word_uint(dash + 1, strlen(dash + 1), UINT32_MAX, &high) < 0 || high < low))
		return words_wrong(w, why, "an AS, or a range of ASes");
	words_next(w);
	add(e, (uint32_t)low, (uint32_t)high);
	return 0;
}

static int
scan_ranges(struct path_edit *e, struct words *w, struct reason *why)
{
	if (!words_take(w, "["))
		return scan_range(e, w, why);
	while (!words_take(w, "]"))
		if (scan_range(e, w, why) < 0)
			return -1;
	return e->count > 0 ? 0 : words_wrong(w, why, "an AS in [ ]");
}

static int
scan(struct path_edit *e, struct words *w, struct reason *why)
{
	bool private = false, replace = false;
	uint64_t instead;

	if (words_take(w, "remove-private"))
	private = true;
	else if (words_take(w, "replace-private")) private = replace = true;
	else if (words_take(w, "replace")) replace = true;
	else if (!words_take(w, "remove")) return words_wrong(
	    w, why, "remove, replace, remove-private or replace-private");
	if (private) {
		add(e, 64512, 65534);
		add(e, 4200000000, 4294967294);
	} else if (scan_ranges(e, w, why) < 0) {
		return -1;
	}
	if (!replace)
		return 0;
	if (words_uint(w, 1, UINT32_MAX, "the AS in its place", &instead, why) < 0)
		return -1;
	e->instead = (uint32_t)instead;
	return 0;
}

struct path_edit *
path_edit_scan(struct words *w, struct reason *why)
{
	struct path_edit *e = mem_zero(sizeof *e);

	if (scan(e, w, why) == 0)
		return e;
	path_edit_free(e);
	return NULL;
}

void
path_edit_free(struct path_edit *e)
{
	if (!e)
		return;
	mem_free(e->range);
	mem_free(e);
}

static bool
is_meant(const struct path_edit *e, uint32_t asn)
{
	for (size_t i = 0; i < e->count; i++)
		if (asn >= e->range[i].low && asn <= e->range[i].high)
			return true;
	return false;
}

/* One segment; none is left of it when all of its ASes went. */
static bool
edit(const struct path_edit *e, struct segment s, struct writer *w)
{
	uint32_t asns[SEGMENT_ASNS];
	unsigned count = 0;
	bool changed = false;

	while (s.asns.left > 0) {
		uint32_t asn = segment_asn(&s);

		if (is_meant(e, asn)) {
			changed = changed || asn != e->instead;
			asn = e->instead;
		}
		if (asn != 0)
			asns[count++] = asn;
	}
	if (count == 0)
		return changed;
	writer_u8(w, s.type);
	writer_u8(w, count);
	for (unsigned i = 0; i < count; i++)
		writer_u32(w, asns[i]);
	return changed;
}

bool
path_edit_apply(const struct path_edit *e, struct reader path, struct writer *w)
{
	bool changed = false;
	struct segment s;

	while (path.left > 0) {
		struct reader start = path;

		if (!segment_next(&path, 4, &s))
			break;
		if (segment_is_confed(&s))
			writer_copy(w, reader_of(start.at, start.left - path.left));
		else
			changed |= edit(e, s, w);
	}
	return changed;
}
