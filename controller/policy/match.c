/* The conditions of policy: one row each. */
#include <string.h>
#include "common/mem.h"
#include "controller/policy/called.h"
#include "controller/policy/match_flow.h"
#include "controller/policy/match_source.h"
#include "controller/policy/path_pattern.h"
#include "controller/policy/policy.h"
#include "controller/policy/prefixes.h"
#include "controller/rpki/origin.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"

static bool
find(const struct policy_route *r, uint8_t code, struct reader *value)
{
	struct attr a;

	if (!attrs_find(r->value.attributes, code, &a))
		return false;
	*value = a.value;
	return true;
}

/* --- numbers --- */

/* "5", "5-9" */
static int
scan_range(struct words *w, uint64_t most, struct policy_condition *c, struct reason *why)
{
	const char *text = words_peek(w), *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);

	if (word_uint(text, len, most, &c->low) < 0)
		return words_wrong(w, why, "a number, or a range of numbers");
	c->high = c->low;
	if (dash && (word_uint(dash + 1, strlen(dash + 1), most, &c->high) < 0 || c->high < c->low))
		return words_wrong(w, why, "a number, or a range of numbers");
	words_next(w);
	return 0;
}

static int
scan_u32(struct words *w, struct policy_condition *c, struct reason *why)
{
	return scan_range(w, UINT32_MAX, c, why);
}

static bool
number_holds(const struct policy_condition *c, const struct policy_route *r, uint8_t code)
{
	struct reader value;
	uint32_t n;

	if (!find(r, code, &value))
		return false;
	n = reader_u32(&value);
	return n >= c->low && n <= c->high;
}

static bool
med_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return number_holds(c, r, ATTR_MED);
}

static bool
local_pref_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return number_holds(c, r, ATTR_LOCAL_PREF);
}

static bool
peer_as_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return r->peer_as >= c->low && r->peer_as <= c->high;
}

static bool
tag_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return r->tag >= c->low && r->tag <= c->high;
}

/* "60": as old as that or older; "60-120" */
static int
scan_age(struct words *w, struct policy_condition *c, struct reason *why)
{
	bool range = strchr(words_peek(w), '-') != NULL;

	if (scan_range(w, UINT32_MAX, c, why) < 0)
		return -1;
	if (!range)
		c->high = UINT32_MAX;
	return 0;
}

static bool
age_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return r->age >= c->low && r->age <= c->high;
}

static int
scan_origin(struct words *w, struct policy_condition *c, struct reason *why)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	for (c->low = 0; c->low < 3; c->low++)
		if (words_take(w, names[c->low]))
			return 0;
	return words_wrong(w, why, "igp, egp or incomplete");
}

static bool
origin_holds(const struct policy_condition *c, const struct policy_route *r)
{
	struct reader value;

	return find(r, ATTR_ORIGIN, &value) && reader_u8(&value) == c->low;
}

/* --- prefixes --- */

static int
scan_prefixes(struct words *w, struct policy_condition *c, struct reason *why)
{
	return (c->what = called_scan(NAMED_PREFIXES, 0, c->sets, w, why)) ? 0 : -1;
}

static void
fini_called(struct policy_condition *c)
{
	called_free(c->what);
}

static void
fini_prefixes(struct policy_condition *c)
{
	prefixes_free(c->what);
}

static bool
prefix_holds_of(const struct policy_condition *c, const struct policy_route *r)
{
	struct prefix p;

	return nlri_prefix(r->family, r->nlri, &p) && called_hold_prefix(c->what, &p);
}

static bool
addr_held(const struct policy_condition *c, const struct addr *a)
{
	struct prefix p = { *a, (uint8_t)(addr_size(a) * 8) };

	return a->family != 0 && prefixes_hold(c->what, &p);
}

/* A prefix stands for every address in it. */
static int
scan_addresses(struct words *w, struct policy_condition *c, struct reason *why)
{
	c->what = prefixes_scan_within(w, why);
	return c->what ? 0 : -1;
}

static bool
next_hop_holds(const struct policy_condition *c, const struct policy_route *r)
{
	size_t len = r->value.next_hop.left;
	struct addr hop = addr_of(r->value.next_hop.at, len == 32 ? 16 : len);

	return addr_held(c, &hop);
}

static bool
neighbor_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return r->peer && addr_held(c, r->peer);
}

static int
scan_group(struct words *w, struct policy_condition *c, struct reason *why)
{
	const struct word *name = words_next(w);

	if (!name)
		return words_wrong(w, why, "the name of a template");
	c->what = mem_text(name->at, name->len);
	return 0;
}

static void
fini_group(struct policy_condition *c)
{
	mem_free(c->what);
}

static bool
group_holds(const struct policy_condition *c, const struct policy_route *r)
{
	for (size_t i = 0; i < r->groups; i++)
		if (strcmp(r->group[i], c->what) == 0)
			return true;
	return false;
}

/* --- families --- */

static int
scan_family(struct words *w, struct policy_condition *c, struct reason *why)
{
	struct words ahead = *w;
	const struct word *afi = words_next(&ahead), *safi = words_next(&ahead);
	enum family f = afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;

	if (f == FAMILY_UNKNOWN)
		return words_wrong(w, why, "a family: ipv4 unicast");
	c->low = f;
	*w = ahead;
	return 0;
}

static bool
family_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return r->family == c->low;
}

/* --- paths --- */

/* A pattern; or which AS of the path is meant, and which ones it may be. */
static int
scan_path(struct words *w, struct policy_condition *c, struct reason *why)
{
	static const char *const which[] = { [CALLED_ORIGIN] = "origin",
		[CALLED_CONTAINS] = "contains",
		[CALLED_NEIGHBOR] = "neighbor" };

	for (c->low = CALLED_ORIGIN; c->low <= CALLED_NEIGHBOR; c->low++)
		if (words_take(w, which[c->low]))
			return (c->what = called_scan(NAMED_AS, 0, c->sets, w, why)) ? 0 : -1;
	c->low = 0;
	c->what = mem_zero(sizeof(struct path_pattern));
	return path_pattern_scan(w, c->what, why);
}

/* Of what is one piece of memory. */
static void
fini_path(struct policy_condition *c)
{
	if (c->low == 0)
		mem_free(c->what);
	else
		called_free(c->what);
}

static bool
path_holds(const struct policy_condition *c, const struct policy_route *r)
{
	struct reader value = { 0 };

	(void)find(r, ATTR_AS_PATH, &value);
	return c->low == 0 ? path_pattern_fits(c->what, value)
			   : called_hold_path(c->what, (enum called_as)c->low, value);
}

static bool
length_holds(const struct policy_condition *c, const struct policy_route *r)
{
	struct reader value = { 0 };
	uint64_t n = 0;

	(void)find(r, ATTR_AS_PATH, &value);
	while (value.left > 0 && reader_ok(&value)) {
		unsigned type = reader_u8(&value), count = reader_u8(&value);

		(void)reader_sub(&value, (size_t)count * 4);
		n += type == SEGMENT_SEQUENCE ? count : type == SEGMENT_SET;
	}
	return n >= c->low && n <= c->high;
}

/* --- origins --- */

/* A bit for each state. */
static int
scan_states(struct words *w, struct policy_condition *c, struct reason *why)
{
	bool several = words_take(w, "[");

	do {
		uint64_t bit = 1;

		for (int s = 0;
		     s < RPKI_STATES && !words_take(w, rpki_state_name((enum rpki_state)s)); s++)
			bit <<= 1;
		if (bit >> RPKI_STATES)
			return words_wrong(w, why, "valid, invalid or not-found");
		c->low |= bit;
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	return 0;
}

static bool
state_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return c->low >>
		   rpki_validate(r->roas, r->family, r->nlri, r->value.attributes, r->own_as) &
	       1;
}

/* --- communities --- */

static int
scan_communities(uint8_t code, struct words *w, struct policy_condition *c, struct reason *why)
{
	return (c->what = called_scan(NAMED_COMMUNITIES, code, c->sets, w, why)) ? 0 : -1;
}

static int
scan_community(struct words *w, struct policy_condition *c, struct reason *why)
{
	return scan_communities(ATTR_COMMUNITY, w, c, why);
}

static int
scan_large(struct words *w, struct policy_condition *c, struct reason *why)
{
	return scan_communities(ATTR_LARGE_COMMUNITY, w, c, why);
}

static int
scan_extended(struct words *w, struct policy_condition *c, struct reason *why)
{
	return scan_communities(ATTR_EXT_COMMUNITY, w, c, why);
}

static bool
communities_hold(const struct policy_condition *c, const struct policy_route *r, uint8_t code)
{
	struct reader value;

	return find(r, code, &value) && called_meet(c->what, value);
}

static bool
community_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return communities_hold(c, r, ATTR_COMMUNITY);
}

static bool
large_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return communities_hold(c, r, ATTR_LARGE_COMMUNITY);
}

static bool
extended_holds(const struct policy_condition *c, const struct policy_route *r)
{
	return communities_hold(c, r, ATTR_EXT_COMMUNITY);
}

const struct match_ops match_table[] = {
	/* clang-format off */
	{ "prefix", "SET, or [ PREFIX [longer] [ge N] [le N] ... ]", "the route's prefix is one of these", scan_prefixes, prefix_holds_of, fini_called, true },
	{ "family", "AFI SAFI", "it is of that family", scan_family, family_holds, NULL, true },
	{ "as-path", "AS, or [ PATTERN ], or origin | contains | neighbor SET", "the path has that AS, or is of that pattern: [ 65001 * 65010-65020 ? ]; its last, any or its first AS is in the set", scan_path, path_holds, fini_path, false },
	{ "as-path-length", "N, or N-N", "the length of the path, a set counted as one", scan_u32, length_holds, NULL, false },
	{ "community", "SET, or [ N:N ... ]", "one of its communities is one of these; * and ranges stand for parts", scan_community, community_holds, fini_called, false },
	{ "large-community", "SET, or [ N:N:N ... ]", "the same of large communities", scan_large, large_holds, fini_called, false },
	{ "extended-community", "SET, or [ target:N:N ... ]", "the same of extended communities; the last part may be *", scan_extended, extended_holds, fini_called, false },
	{ "next-hop", "[ PREFIX ... ]", "its next hop is in one of these", scan_addresses, next_hop_holds, fini_prefixes, false },
	{ "neighbor", "[ PREFIX ... ]", "who said it is in one of these", scan_addresses, neighbor_holds, fini_prefixes, false },
	{ "source", "client [NAME], configuration, or peer [ADDRESS]", "who said it: a client (a helper by its process), the configuration, or a peer by its address or description", match_source_scan, match_source_holds, match_source_fini, false },
	{ "peer-as", "N, or N-N", "the AS of who said it", scan_u32, peer_as_holds, NULL, false },
	{ "rpki", "valid, invalid, not-found, or [ ... ]", "what ROAs say of its origin (RFC 6811)", scan_states, state_holds, NULL, true },
	{ "origin", "igp, egp or incomplete", "its origin", scan_origin, origin_holds, NULL, false },
	{ "med", "N, or N-N", "its MED; a route without one has none", scan_u32, med_holds, NULL, false },
	{ "local-preference", "N, or N-N", "its local preference, where it has one", scan_u32, local_pref_holds, NULL, false },
	{ "group", "TEMPLATE", "who said it inherits from that template", scan_group, group_holds, fini_group, false },
	{ "tag", "N, or N-N", "the number that import gave it; else 0", scan_u32, tag_holds, NULL, false },
	{ "age", "N, or N-N", "for so many seconds it has been said as it is, or longer", scan_age, age_holds, NULL, true, true },
	{ "flow", "COMPONENT [VALUE]", "what a flow specification says of a component: destination [ 10.0.0.0/8 longer ], protocol tcp, port [ 80 8000-8080 ]", match_flow_scan, match_flow_holds, match_flow_fini, true },
	/* clang-format on */
};
const size_t match_count = sizeof match_table / sizeof *match_table;
