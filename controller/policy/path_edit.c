#include "controller/policy/path_edit.h"
#include <string.h>
#include "common/mem.h"
#include "controller/policy/ases.h"
#include "proto/bgp/attr/path.h"

struct path_edit {
	struct ases *meant;
	uint32_t instead; /* 0: nothing */
};

static int
scan_ranges(struct path_edit *e, struct words *w, struct reason *why)
{
	if (!words_take(w, "["))
		return ases_add(e->meant, w, why);
	while (!words_take(w, "]"))
		if (ases_add(e->meant, w, why) < 0)
			return -1;
	return ases_count(e->meant) > 0 ? 0 : words_wrong(w, why, "an AS in [ ]");
}

static int
scan(struct path_edit *e, struct words *w, struct reason *why)
{
	bool all_private, replace = words_take(w, "replace-private");
	uint64_t instead;

	all_private = replace || words_take(w, "remove-private");
	if (!all_private) {
		replace = words_take(w, "replace");
		if (!replace && !words_take(w, "remove"))
			return words_wrong(
			    w, why, "remove, replace, remove-private or replace-private");
	}
	if (all_private) { /* RFC 6996 section 5 */
		ases_put(e->meant, 64512, 65534);
		ases_put(e->meant, 4200000000, 4294967294);
	} else if (scan_ranges(e, w, why) < 0) {
		return -1;
	}
	ases_done(e->meant);
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

	e->meant = ases_new();
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
	ases_free(e->meant);
	mem_free(e);
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

		if (ases_hold(e->meant, asn)) {
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
