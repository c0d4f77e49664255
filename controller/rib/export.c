#include "controller/rib/export.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"

enum { SEGMENT_MOST = 255 };

bool
export_target_equal(const struct export_target *a, const struct export_target *b)
{
	return a->role == b->role && a->internal == b->internal && a->member == b->member &&
	       a->aigp == b->aigp && a->long_lived == b->long_lived && a->local_as == b->local_as &&
	       a->cluster == b->cluster && a->paths == b->paths && addr_equal(&a->self, &b->self);
}

/* In our AS, or in our confederation. */
static bool
is_inside(const struct export_target *t)
{
	return t->internal || t->member;
}

bool
export_allowed(const struct export_source *s, const struct export_target *t)
{
	return !s->internal || !t->internal || s->role == PROPAGATE_REFLECTOR_CLIENT ||
	       t->role == PROPAGATE_REFLECTOR_CLIENT;
}

bool
export_last_resort(
    struct reader attributes, const struct export_source *s, const struct export_target *t)
{
	return s->long_lived && !t->long_lived && (view_known(attributes) & VIEW_STALE);
}

bool
export_carries(
    struct reader attributes, const struct export_source *s, const struct export_target *t)
{
	unsigned known = view_known(attributes);

	if (known & VIEW_NO_ADVERTISE)
		return false;
	if (export_last_resort(attributes, s, t) && !is_inside(t))
		return false;
	return t->internal ||
	       (!(known & VIEW_NO_EXPORT_SUBCONFED) && (t->member || !(known & VIEW_NO_EXPORT)));
}

static void
put_u32(struct writer *w, uint8_t flags, uint8_t code, uint32_t value)
{
	uint8_t memory[4];
	struct writer v = writer_of(memory, sizeof memory);

	writer_u32(&v, value);
	attrs_put(w, flags, code, writer_read(&v));
}

/* Our AS before the path: in its first segment when that is a sequence with room. Segments of a confederation
 * stay inside (RFC 5065 section 4). */
static void
put_path(struct writer *w, struct reader path, uint32_t asn)
{
	size_t mark = attrs_begin(w, ATTR_TRANSITIVE, ATTR_AS_PATH);
	bool ours = false;

	while (path.left > 0 && reader_ok(&path)) {
		uint8_t type = reader_u8(&path), count = reader_u8(&path);
		struct reader asns = reader_sub(&path, (size_t)count * 4);

		if (!reader_ok(&path) || type == SEGMENT_CONFED_SEQUENCE ||
		    type == SEGMENT_CONFED_SET)
			continue;
		if (!ours && (type != SEGMENT_SEQUENCE || count == SEGMENT_MOST)) {
			writer_u8(w, SEGMENT_SEQUENCE);
			writer_u8(w, 1);
			writer_u32(w, asn);
			ours = true;
		}
		writer_u8(w, type);
		writer_u8(w, (uint8_t)(count + !ours));
		if (!ours)
			writer_u32(w, asn);
		ours = true;
		writer_copy(w, asns);
	}
	if (!ours) {
		writer_u8(w, SEGMENT_SEQUENCE);
		writer_u8(w, 1);
		writer_u32(w, asn);
	}
	(void)attrs_end(w, mark);
}

/* Our member AS before the path (RFC 5065 section 4.1 b 2): in its first segment when that is a sequence of the
 * confederation with room. */
static void
put_member_path(struct writer *w, struct reader path, uint32_t asn)
{
	size_t mark = attrs_begin(w, ATTR_TRANSITIVE, ATTR_AS_PATH);
	struct reader ahead = path;
	struct segment first = { .type = 0 };

	if (segment_next(&ahead, 4, &first) && first.type == SEGMENT_CONFED_SEQUENCE &&
	    first.count < SEGMENT_MOST)
		path = ahead;
	else
		first = (struct segment){ .count = 0 };
	writer_u8(w, SEGMENT_CONFED_SEQUENCE);
	writer_u8(w, first.count + 1u);
	writer_u32(w, asn);
	writer_copy(w, first.asns);
	writer_copy(w, path);
	(void)attrs_end(w, mark);
}

/* Without what belongs to a confederation; else as it is. */
static void
put_server_path(struct writer *w, struct reader path)
{
	size_t mark = attrs_begin(w, ATTR_TRANSITIVE, ATTR_AS_PATH);

	path_without_confed(path, w);
	(void)attrs_end(w, mark);
}

static void
put_clusters(struct writer *w, struct reader list, uint32_t cluster)
{
	size_t mark = attrs_begin(w, ATTR_OPTIONAL, ATTR_CLUSTER_LIST);

	writer_u32(w, cluster);
	writer_copy(w, list);
	(void)attrs_end(w, mark);
}

/* What neither end of the session knows by name: it travels if it is transitive, and then as partial (RFC 4271
 * section 5). */
static void
put_other(struct writer *w, const struct attr *a)
{
	if (attr_ops(a->code))
		attrs_put(w, a->flags, a->code, a->value);
	else if (a->flags & ATTR_TRANSITIVE)
		attrs_put(w, a->flags | (a->flags & ATTR_OPTIONAL ? ATTR_PARTIAL : 0u), a->code,
		    a->value);
}

static void
put_outside(const struct export_target *t, const struct attr *a, bool med, struct writer *w)
{
	bool server = t->role == PROPAGATE_ROUTE_SERVER_CLIENT;

	switch (a->code) {
	case ATTR_LOCAL_PREF:
	case ATTR_ORIGINATOR_ID:
	case ATTR_CLUSTER_LIST:
		break;
	case ATTR_AS_PATH:
		if (server)
			put_server_path(w, a->value);
		else
			put_path(w, a->value, t->local_as);
		break;
	case ATTR_MED:
		if (server || med)
			attrs_put(w, a->flags, a->code, a->value);
		break;
	case ATTR_AIGP:
		if (t->aigp || server)
			attrs_put(w, a->flags, a->code, a->value);
		break;
	default:
		put_other(w, a);
	}
}

/* What belongs at this code or before it and is not there yet, so that the block stays sorted. */
struct inside {
	const struct export_source *source;
	const struct export_target *target;
	bool local_pref, originator, clusters, communities; /* to be put still */
	bool last_resort;
};

/* RFC 9494 section 4.6: with NO_EXPORT; what it is stays said, whatever the rules did. */
static void
put_last_resort(struct writer *w, uint8_t flags, struct reader list)
{
	size_t mark = attrs_begin(w, flags, ATTR_COMMUNITY);
	unsigned known = view_known_among(list);

	writer_copy(w, list);
	if (!(known & VIEW_STALE))
		writer_u32(w, (uint32_t)COMMUNITY_LLGR_STALE);
	if (!(known & VIEW_NO_EXPORT))
		writer_u32(w, (uint32_t)COMMUNITY_NO_EXPORT);
	(void)attrs_end(w, mark);
}

static void
put_local_pref(struct inside *in, struct writer *w)
{
	put_u32(w, ATTR_TRANSITIVE, ATTR_LOCAL_PREF, in->last_resort ? 0 : VIEW_LOCAL_PREF);
	in->local_pref = false;
}

static void
put_missing(struct inside *in, unsigned code, struct writer *w)
{
	if (in->local_pref && code > ATTR_LOCAL_PREF)
		put_local_pref(in, w);
	if (in->communities && code > ATTR_COMMUNITY) {
		put_last_resort(w, ATTR_OPTIONAL | ATTR_TRANSITIVE, (struct reader){ 0 });
		in->communities = false;
	}
	if (in->originator && code > ATTR_ORIGINATOR_ID) {
		put_u32(w, ATTR_OPTIONAL, ATTR_ORIGINATOR_ID, in->source->router_id);
		in->originator = false;
	}
	if (in->clusters && code > ATTR_CLUSTER_LIST) {
		put_clusters(w, (struct reader){ 0 }, in->target->cluster);
		in->clusters = false;
	}
}

static void
put_inside(struct inside *in, const struct attr *a, struct writer *w)
{
	if (a->code == ATTR_LOCAL_PREF && !in->last_resort)
		in->local_pref = false;
	else if (a->code == ATTR_ORIGINATOR_ID)
		in->originator = false;
	if (in->target->member && a->code == ATTR_AS_PATH) {
		put_member_path(w, a->value, in->target->local_as);
	} else if (in->target->member &&
		   (a->code == ATTR_ORIGINATOR_ID || a->code == ATTR_CLUSTER_LIST)) {
		return; /* they mean something inside the member AS alone (RFC 4456) */
	} else if (a->code == ATTR_LOCAL_PREF && in->last_resort) {
		put_local_pref(in, w);
	} else if (a->code == ATTR_COMMUNITY && in->communities) {
		put_last_resort(w, a->flags, a->value);
		in->communities = false;
	} else if (a->code == ATTR_CLUSTER_LIST && in->clusters) {
		put_clusters(w, a->value, in->target->cluster);
		in->clusters = false;
	} else {
		put_other(w, a);
	}
}

static void
put_attributes(const struct export_source *s, const struct export_target *t,
    const struct policy_route *p, bool last_resort, struct writer *w)
{
	bool reflected = s->internal && t->internal;
	struct inside in = { s, t, true, reflected, reflected, last_resort, last_resort };
	struct reader block = p->value.attributes;
	struct attr a;

	while (attrs_next(&block, &a)) {
		if (!is_inside(t)) {
			put_outside(t, &a, p->med_said, w);
			continue;
		}
		put_missing(&in, a.code, w);
		put_inside(&in, &a, w);
	}
	if (is_inside(t))
		put_missing(&in, UINT8_MAX + 1u, w);
}

bool
export_hop_fits(enum family f, size_t len)
{
	const struct nlri_ops *ops = nlri_ops(f);

	return ops && (ops->next_hop_length(len) || (family_table[f].afi == AFI_IPV4 && len == 16));
}

int
export_hop(const struct export_target *t, const struct policy_route *p, struct reader *hop)
{
	const struct addr *a = p->hop == HOP_ADDRESS ? &p->hop_address : &t->self;
	bool stays = is_inside(t) || t->role == PROPAGATE_ROUTE_SERVER_CLIENT;

	*hop = p->value.next_hop;
	if (hop->left == 0 || p->hop == HOP_UNCHANGED || (p->hop == HOP_DEFAULT && stays))
		return 0;
	*hop = reader_of(a->bytes, addr_size(a));
	return export_hop_fits(p->family, hop->left) ? 0 : -1;
}

int
export_value(const struct export_source *s, const struct export_target *t,
    const struct policy_route *p, bool last_resort, struct writer *value)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer attributes = writer_of(memory, sizeof memory);
	struct route_value out = { .raw = p->value.raw };

	put_attributes(s, t, p, last_resort, &attributes);
	out.attributes = writer_read(&attributes);
	if (export_hop(t, p, &out.next_hop) < 0)
		return -1;
	route_value_write(&out, value);
	return writer_ok(&attributes) && writer_ok(value) ? 0 : -1;
}
