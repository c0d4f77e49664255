/* The actions of policy: one row each. */
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "common/octets.h"
#include "controller/policy/act_attribute.h"
#include "controller/policy/communities.h"
#include "controller/policy/policy.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

enum { PREPEND_MAX = 64, SEGMENT_MOST = 255, LOCAL_PREF_DEFAULT = 100, LIMIT_MOST = 1000000 };

static void
put_u32(struct policy_route *r, uint8_t flags, uint8_t code, uint64_t n)
{
	uint8_t memory[4];
	struct writer w = writer_of(memory, sizeof memory);

	writer_u32(&w, (uint32_t)n);
	policy_put(r, flags, code, writer_read(&w));
}

/* --- numbers: set, or made more or less; what is not there counts as the default --- */

enum { NO_MED = -1 };
enum number_verb { NUMBER_SET, NUMBER_ADD, NUMBER_SUBTRACT };
enum { VERB_SHIFT = 40 }; /* above the number itself */

static int
scan_change(struct words *w, struct policy_action *a, struct reason *why)
{
	uint64_t verb = words_take(w, "add")        ? NUMBER_ADD
			: words_take(w, "subtract") ? NUMBER_SUBTRACT
						    : NUMBER_SET;

	if (words_uint(w, 0, UINT32_MAX, "a number", &a->number, why) < 0)
		return -1;
	a->number |= verb << VERB_SHIFT;
	return 0;
}

static uint32_t
changed(const struct policy_action *a, uint32_t now)
{
	uint64_t by = a->number & UINT32_MAX, sum;

	switch ((enum number_verb)(a->number >> VERB_SHIFT)) {
	case NUMBER_ADD:
		sum = now + by;
		return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
	case NUMBER_SUBTRACT:
		return by < now ? now - (uint32_t)by : 0;
	default:
		return (uint32_t)by;
	}
}

/* Of an attribute; `absent` where there is none. */
static uint32_t
number_now(const struct policy_route *r, uint8_t code, uint32_t absent)
{
	struct attr a;

	return attrs_find(r->value.attributes, code, &a) ? reader_u32(&a.value) : absent;
}

static int
scan_u32(struct words *w, struct policy_action *a, struct reason *why)
{
	return words_uint(w, 0, UINT32_MAX, "a number", &a->number, why);
}

static int
scan_med(struct words *w, struct policy_action *a, struct reason *why)
{
	if (!words_take(w, "none"))
		return scan_change(w, a, why);
	a->number = (uint64_t)NO_MED;
	return 0;
}

static void
do_med(const struct policy_action *a, struct policy_route *r)
{
	r->med_said = true;
	if (a->number == (uint64_t)NO_MED)
		policy_remove(r, ATTR_MED);
	else
		put_u32(r, ATTR_OPTIONAL, ATTR_MED, changed(a, number_now(r, ATTR_MED, 0)));
}

static void
do_local_pref(const struct policy_action *a, struct policy_route *r)
{
	put_u32(r, ATTR_TRANSITIVE, ATTR_LOCAL_PREF,
	    changed(a, number_now(r, ATTR_LOCAL_PREF, LOCAL_PREF_DEFAULT)));
}

static void
do_weight(const struct policy_action *a, struct policy_route *r)
{
	r->weight = changed(a, r->weight);
}

static void
do_tag(const struct policy_action *a, struct policy_route *r)
{
	r->tag = (uint32_t)a->number;
}

/* "100/s" */
static int
scan_limit(struct words *w, struct policy_action *a, struct reason *why)
{
	static const char expected[] = "changes a second, 1/s to 1000000/s";
	char *end;

	if (a->rule->limit > 0)
		return reason_set(why, 0, 0, "the rule has a limit already");
	if (strspn(words_peek(w), "0123456789") == 0)
		return words_wrong(w, why, expected);
	a->number = strtoull(words_peek(w), &end, 10);
	if (strcmp(end, "/s") != 0 || a->number < 1 || a->number > LIMIT_MOST)
		return words_wrong(w, why, expected);
	words_next(w);
	a->rule->limit = (uint32_t)a->number;
	return 0;
}

static void
do_limit(const struct policy_action *a, struct policy_route *r)
{
	r->limited = a->rule;
}

static int
scan_origin(struct words *w, struct policy_action *a, struct reason *why)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	for (a->number = 0; a->number < 3; a->number++)
		if (words_take(w, names[a->number]))
			return 0;
	return words_wrong(w, why, "igp, egp or incomplete");
}

static void
do_origin(const struct policy_action *a, struct policy_route *r)
{
	uint8_t origin = (uint8_t)a->number;

	policy_put(r, ATTR_TRANSITIVE, ATTR_ORIGIN, reader_of(&origin, 1));
}

/* --- next hop --- */

static int
scan_hop(struct words *w, struct policy_action *a, struct reason *why)
{
	struct addr hop;

	a->number = words_take(w, "self")        ? HOP_SELF
		    : words_take(w, "unchanged") ? HOP_UNCHANGED
						 : HOP_ADDRESS;
	if (a->number != HOP_ADDRESS)
		return 0;
	if (addr_scan(&hop, words_peek(w)) < 0)
		return words_wrong(w, why, "self, unchanged or an address");
	words_next(w);
	a->what = mem_alloc(sizeof hop);
	memcpy(a->what, &hop, sizeof hop);
	return 0;
}

static void
do_hop(const struct policy_action *a, struct policy_route *r)
{
	r->hop = (enum policy_hop)a->number;
	if (a->what)
		memcpy(&r->hop_address, a->what, sizeof r->hop_address);
	r->changed = true;
}

static void
fini_memory(struct policy_action *a)
{
	mem_free(a->what);
}

/* --- path --- */

/* "65001", "65001 3" */
static int
scan_prepend(struct words *w, struct policy_action *a, struct reason *why)
{
	uint64_t asn, times = 1;

	if (words_uint(w, 1, UINT32_MAX, "an AS", &asn, why) < 0)
		return -1;
	if (words_left(w) && words_uint(w, 1, PREPEND_MAX, "how often, 1 to 64", &times, why) < 0)
		return -1;
	a->number = asn << 8 | times;
	return 0;
}

/* Behind the segments of a confederation; in the next one if that is a sequence with room, else in one of its own. */
static void
do_prepend(const struct policy_action *a, struct policy_route *r)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	unsigned times = a->number & 0xff;
	struct segment g = { .count = 0 };
	struct reader ahead;
	struct attr path;

	if (!attrs_find(r->value.attributes, ATTR_AS_PATH, &path))
		path.value = (struct reader){ 0 };
	for (ahead = path.value; segment_next(&ahead, 4, &g) && segment_is_confed(&g);
	     path.value = ahead)
		writer_copy(&w, reader_of(path.value.at, path.value.left - ahead.left));
	if (g.type == SEGMENT_SEQUENCE && g.count + times <= SEGMENT_MOST)
		path.value = ahead;
	else
		g = (struct segment){ .count = 0 };
	writer_u8(&w, SEGMENT_SEQUENCE);
	writer_u8(&w, g.count + times);
	for (unsigned i = 0; i < times; i++)
		writer_u32(&w, (uint32_t)(a->number >> 8));
	writer_copy(&w, g.asns);
	writer_copy(&w, path.value);
	if (writer_ok(&w))
		policy_put(r, ATTR_TRANSITIVE, ATTR_AS_PATH, writer_read(&w));
	else
		r->failed = true;
}

static bool
puts_as(const struct policy_action *a, const struct named_list *l)
{
	return named_list_has_as(l, (uint32_t)(a->number >> 8));
}

/* --- communities --- */

enum list_verb { LIST_ADD, LIST_SET, LIST_REMOVE, LIST_REPLACE };

struct list_change {
	uint8_t code;
	enum list_verb verb;
	struct octets octets; /* to add, to set, to put in the place of others */
	struct communities *patterns; /* to remove, to replace */
};

static void
fini_list(struct policy_action *a)
{
	struct list_change *l = a->what;

	octets_fini(&l->octets);
	communities_free(l->patterns);
	mem_free(l);
}

static int
scan_list(uint8_t code, struct words *w, struct policy_action *a, struct reason *why)
{
	static uint8_t memory[65535];
	struct writer value = writer_of(memory, sizeof memory);
	struct list_change *l = mem_zero(sizeof *l);

	a->what = l;
	l->code = code;
	l->verb = words_take(w, "remove")    ? LIST_REMOVE
		  : words_take(w, "replace") ? LIST_REPLACE
		  : words_take(w, "set")     ? LIST_SET
					     : LIST_ADD;
	if (l->verb >= LIST_REMOVE && !(l->patterns = communities_scan(code, w, why)))
		return -1;
	if (l->verb == LIST_REMOVE)
		return 0;
	if (l->verb == LIST_REPLACE && words_expect(w, "with", why) < 0)
		return -1;
	if (l->verb == LIST_ADD && words_expect(w, "add", why) < 0)
		return -1;
	if (attr_ops(code)->scan(w, &value, why) < 0)
		return -1;
	octets_add(&l->octets, value.base, value.len);
	return 0;
}

static int
scan_community(struct words *w, struct policy_action *a, struct reason *why)
{
	return scan_list(ATTR_COMMUNITY, w, a, why);
}

static int
scan_large(struct words *w, struct policy_action *a, struct reason *why)
{
	return scan_list(ATTR_LARGE_COMMUNITY, w, a, why);
}

static int
scan_extended(struct words *w, struct policy_action *a, struct reason *why)
{
	return scan_list(ATTR_EXT_COMMUNITY, w, a, why);
}

static bool
has(struct reader list, struct reader one)
{
	while (list.left >= one.left)
		if (reader_equal(reader_sub(&list, one.left), one))
			return true;
	return false;
}

/* What is there already is not added again. */
static void
add_new(struct writer *w, struct reader more, size_t size)
{
	while (more.left >= size) {
		struct reader one = reader_sub(&more, size);

		if (!has(writer_read(w), one))
			writer_copy(w, one);
	}
}

static void
do_list(const struct policy_action *a, struct policy_route *r)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	const struct list_change *l = a->what;
	struct writer w = writer_of(memory, sizeof memory);
	size_t size = l->code == ATTR_COMMUNITY ? 4 : l->code == ATTR_EXT_COMMUNITY ? 8 : 12;
	struct attr now;

	if (!attrs_find(r->value.attributes, l->code, &now))
		now.value = (struct reader){ 0 };
	if (l->verb >= LIST_REMOVE && !communities_without(l->patterns, now.value, &w))
		return;
	if (l->verb == LIST_ADD)
		writer_copy(&w, now.value);
	if (l->verb == LIST_ADD || l->verb == LIST_REPLACE)
		add_new(&w, octets_read(&l->octets), size);
	else if (l->verb == LIST_SET)
		writer_copy(&w, octets_read(&l->octets));
	if (!writer_ok(&w))
		r->failed = true;
	else if (w.len == 0)
		policy_remove(r, l->code);
	else
		policy_put(r, ATTR_OPTIONAL | ATTR_TRANSITIVE, l->code, writer_read(&w));
}

static bool
puts_list(const struct policy_action *a, const struct named_list *l)
{
	const struct list_change *c = a->what;

	return named_list_meets(l, c->code, octets_read(&c->octets));
}

/* Whatever it is. */
static bool
puts_any(const struct policy_action *a, const struct named_list *l)
{
	(void)a;
	(void)l;
	return true;
}

const struct act_ops act_table[] = {
	/* clang-format off */
	{ "local-preference", "N, or add or subtract N", "set or change it", scan_change, do_local_pref, NULL, NULL },
	{ "med", "N, none, or add or subtract N", "set or change it, or take it away", scan_med, do_med, NULL, NULL },
	{ "weight", "N, or add or subtract N", "of the decision here alone, before everything; never told", scan_change, do_weight, NULL, NULL },
	{ "origin", "igp, egp or incomplete", "set it", scan_origin, do_origin, NULL, NULL },
	{ "next-hop", "self, unchanged or ADDRESS", "by export: what it is told with, whatever kind of neighbor it is for; by import: what it has from there on", scan_hop, do_hop, fini_memory, NULL },
	{ "tag", "N", "a number that goes with it to the export policies; never told", scan_u32, do_tag, NULL, NULL },
	{ "limit", "N/s", "by export: so many changes a second of what is told by it to each neighbor; the rest waits, as it is by then", scan_limit, do_limit, NULL, NULL },
	{ "as-path", "remove [ AS ... ] | replace [ AS ... ] AS | remove-private | replace-private AS", "take ASes out of the path, or put another in their place; ranges too", act_path_scan, act_path_apply, act_path_fini, puts_any },
	{ "set", "ATTRIBUTE VALUE", "any attribute, as it is typed in a route", act_set_scan, act_set_apply, act_set_fini, puts_any },
	{ "remove", "ATTRIBUTE, or its code", "any attribute that a route can be without", act_remove_scan, act_remove_apply, NULL, NULL },
	{ "prepend", "AS [TIMES]", "before the path", scan_prepend, do_prepend, NULL, puts_as },
	{ "community", "add | set | remove [ N:N ... ], or replace [ N:N ... ] with [ N:N ... ]", "remove and replace take patterns", scan_community, do_list, fini_list, puts_list },
	{ "large-community", "add | set | remove [ N:N:N ... ], or replace", "remove and replace take patterns", scan_large, do_list, fini_list, puts_list },
	{ "extended-community", "add | set | remove [ target:N:N ... ], or replace", "remove and replace take patterns", scan_extended, do_list, fini_list, puts_list },
	/* clang-format on */
};
const size_t act_count = sizeof act_table / sizeof *act_table;
