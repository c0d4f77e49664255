#include "controller/policy/called.h"
#include "common/mem.h"
#include "controller/policy/ases.h"
#include "controller/policy/communities.h"
#include "controller/policy/prefixes.h"
#include "proto/bgp/attr.h"

struct called {
	uint8_t code;
	struct prefixes *prefixes; /* those that are typed: of the condition's kind */
	struct ases *ases;
	struct communities *communities;
	struct named_set **set;
	size_t count, cap;
};

static int
typed(struct called *c, struct words *w, struct reason *why)
{
	return c->prefixes ? prefixes_add(c->prefixes, w, why)
	       : c->ases   ? ases_add(c->ases, w, why)
			   : communities_add(c->communities, w, why);
}

static int
one(struct called *c, enum named_kind kind, struct named_sets *sets, struct words *w,
    struct reason *why)
{
	struct reason none = { 0 };
	struct named_set *set;

	if (!words_left(w) || !sets || !named_may_be(words_peek(w)))
		return typed(c, w, why);
	if (typed(c, w, &none) == 0)
		return 0;
	set = named_call(sets, kind, w, why);
	if (!set)
		return -1;
	c->set = mem_grow(c->set, &c->cap, c->count + 1, sizeof(struct named_set *));
	c->set[c->count++] = set;
	return 0;
}

static void
done(struct called *c)
{
	if (c->prefixes)
		prefixes_done(c->prefixes);
	else if (c->ases)
		ases_done(c->ases);
	else
		communities_done(c->communities);
}

struct called *
called_scan(enum named_kind kind, uint8_t code, struct named_sets *sets, struct words *w,
    struct reason *why)
{
	struct called *c = mem_zero(sizeof *c);
	bool several = words_take(w, "[");

	c->code = code;
	if (kind == NAMED_PREFIXES)
		c->prefixes = prefixes_new();
	else if (kind == NAMED_AS)
		c->ases = ases_new();
	else
		c->communities = communities_new(code);
	do {
		if (one(c, kind, sets, w, why) < 0) {
			called_free(c);
			return NULL;
		}
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	done(c);
	return c;
}

void
called_free(struct called *c)
{
	if (!c)
		return;
	prefixes_free(c->prefixes);
	ases_free(c->ases);
	communities_free(c->communities);
	mem_free(c->set);
	mem_free(c);
}

bool
called_hold_prefix(const struct called *c, const struct prefix *p)
{
	if (prefixes_hold(c->prefixes, p))
		return true;
	for (size_t i = 0; i < c->count; i++)
		if (named_list_has_prefix(c->set[i]->now, p))
			return true;
	return false;
}

bool
called_meet(const struct called *c, struct reader value)
{
	if (communities_meet(c->communities, value))
		return true;
	for (size_t i = 0; i < c->count; i++)
		if (named_list_meets(c->set[i]->now, c->code, value))
			return true;
	return false;
}

static bool
hold_as(const struct called *c, uint32_t asn)
{
	if (ases_hold(c->ases, asn))
		return true;
	for (size_t i = 0; i < c->count; i++)
		if (named_list_has_as(c->set[i]->now, asn))
			return true;
	return false;
}

/* Segments of a confederation are inside: they are no neighbor and no origin (RFC 5065). */
static bool
hold_end(const struct called *c, bool last, struct reader path)
{
	bool found = false;
	uint32_t asn = 0;

	while (path.left > 0 && reader_ok(&path) && (last || !found)) {
		unsigned type = reader_u8(&path), count = reader_u8(&path);
		struct reader asns = reader_sub(&path, (size_t)count * 4);

		if (type == SEGMENT_CONFED_SEQUENCE || type == SEGMENT_CONFED_SET || count == 0)
			continue;
		if (type != SEGMENT_SEQUENCE) {
			if (!last)
				return false;
			found = false;
			continue;
		}
		if (last)
			(void)reader_sub(&asns, (size_t)(count - 1) * 4);
		asn = reader_u32(&asns);
		found = reader_ok(&asns);
	}
	return found && hold_as(c, asn);
}

bool
called_hold_path(const struct called *c, enum called_as which, struct reader path)
{
	if (which != CALLED_CONTAINS)
		return hold_end(c, which == CALLED_ORIGIN, path);
	while (path.left > 0 && reader_ok(&path)) {
		unsigned count;

		(void)reader_u8(&path);
		count = reader_u8(&path);
		for (; count > 0 && reader_ok(&path); count--) {
			uint32_t asn = reader_u32(&path);

			if (reader_ok(&path) && hold_as(c, asn))
				return true;
		}
	}
	return false;
}
