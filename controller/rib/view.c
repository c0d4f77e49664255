#include "controller/rib/view.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

enum { AIGP_TLV = 1, AIGP_LEN = 11 };

static void
read_path(struct reader path, struct view *v)
{
	bool first = true;

	while (path.left > 0 && reader_ok(&path)) {
		unsigned type = reader_u8(&path), count = reader_u8(&path);
		struct reader asns = reader_sub(&path, (size_t)count * 4);

		if (type == SEGMENT_CONFED_SEQUENCE || type == SEGMENT_CONFED_SET)
			continue;
		v->as_length += type == SEGMENT_SET ? 1 : type == SEGMENT_SEQUENCE ? count : 0;
		if (first && type == SEGMENT_SEQUENCE && count > 0)
			v->neighbor_as = reader_u32(&asns);
		first = false;
	}
}

/* The first TLV of type 1; others are ignored (RFC 7311 section 3). */
static void
read_aigp(struct reader value, struct view *v)
{
	while (value.left >= 3 && !v->has_aigp) {
		unsigned type = reader_u8(&value), len = reader_u16(&value);
		struct reader metric = reader_sub(&value, len < 3 ? 0 : len - 3);

		if (type == AIGP_TLV && len == AIGP_LEN && reader_ok(&value)) {
			v->aigp = reader_u64(&metric);
			v->has_aigp = true;
		}
	}
}

void
view_of(struct reader attributes, struct view *v)
{
	struct attr a;

	*v = (struct view){ .local_pref = VIEW_LOCAL_PREF, .origin = ORIGIN_INCOMPLETE };
	while (attrs_next(&attributes, &a)) {
		switch (a.code) {
		case ATTR_ORIGIN:
			v->origin = reader_u8(&a.value);
			break;
		case ATTR_AS_PATH:
			read_path(a.value, v);
			break;
		case ATTR_MED:
			v->med = reader_u32(&a.value);
			v->has_med = true;
			break;
		case ATTR_LOCAL_PREF:
			v->local_pref = reader_u32(&a.value);
			break;
		case ATTR_ORIGINATOR_ID:
			v->originator = reader_u32(&a.value);
			break;
		case ATTR_CLUSTER_LIST:
			v->clusters = (uint32_t)(a.value.left / 4);
			break;
		case ATTR_AIGP:
			read_aigp(a.value, v);
			break;
		default:
			break;
		}
	}
}

unsigned
view_known_among(struct reader list)
{
	unsigned known = 0;

	while (list.left >= 4) {
		uint32_t c = reader_u32(&list);

		if (c == (uint32_t)COMMUNITY_NO_EXPORT)
			known |= VIEW_NO_EXPORT;
		else if (c == (uint32_t)COMMUNITY_NO_ADVERTISE)
			known |= VIEW_NO_ADVERTISE;
		else if (c == (uint32_t)COMMUNITY_NO_EXPORT_SUBCONFED)
			known |= VIEW_NO_EXPORT_SUBCONFED;
		else if (c == (uint32_t)COMMUNITY_LLGR_STALE)
			known |= VIEW_STALE;
	}
	return known;
}

unsigned
view_known(struct reader attributes)
{
	struct attr a;

	return attrs_find(attributes, ATTR_COMMUNITY, &a) ? view_known_among(a.value) : 0;
}

struct view_count
view_as_count(struct reader attributes, uint32_t asn)
{
	struct view_count n = { 0, 0 };
	struct segment g;
	struct attr a;

	if (!attrs_find(attributes, ATTR_AS_PATH, &a))
		return n;
	while (segment_next(&a.value, 4, &g)) {
		unsigned *count = segment_is_confed(&g) ? &n.confed : &n.plain;

		while (g.asns.left > 0)
			*count += segment_asn(&g) == asn;
	}
	return n;
}

bool
view_has_cluster(struct reader attributes, uint32_t cluster)
{
	struct attr a;

	if (!attrs_find(attributes, ATTR_CLUSTER_LIST, &a))
		return false;
	while (a.value.left >= 4)
		if (reader_u32(&a.value) == cluster)
			return true;
	return false;
}
