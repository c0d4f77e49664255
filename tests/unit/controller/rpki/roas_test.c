/* What a route is by the ROAs that are known: RFC 6811 section 2 as examples, then 100,000 questions of which each is
 * answered a second time by somebody who looks at all ROAs one by one. */
#include "controller/rpki/roas.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "common/mem.h"
#include "tests/property/random.h"

static struct prefix
prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_scan(&p, text), 0);
	return p;
}

static struct roa
roa(const char *text, uint8_t max, uint32_t asn)
{
	return (struct roa){ prefix(text), max, asn };
}

static void
count(void *arg, const struct roa *a, uint32_t caches)
{
	size_t *n = arg;

	(void)a;
	(void)caches;
	(*n)++;
}

static enum rpki_state
state(const struct roas *r, const char *text, uint32_t origin)
{
	struct prefix p = prefix(text);

	return roas_validate(r, &p, origin);
}

static struct roas *
of_cache_0(const struct roa *list, size_t count)
{
	struct roas *r = roas_new();

	roas_use(r, 1);
	for (size_t i = 0; i < count; i++)
		assert_true(roas_add(r, 0, &list[i]));
	return r;
}

static void
a_route_is_valid_by_one_roa_invalid_by_none_of_those_that_cover_it(void **s)
{
	struct roa list[] = { roa("10.0.0.0/8", 16, 65001), roa("10.0.0.0/8", 8, 65002),
		roa("2001:db8::/32", 48, 65001) };
	struct roas *r = of_cache_0(list, 3);

	(void)s;
	assert_int_equal(state(r, "10.0.0.0/8", 65001), RPKI_VALID);
	assert_int_equal(state(r, "10.0.0.0/8", 65002), RPKI_VALID);
	assert_int_equal(state(r, "10.1.0.0/16", 65001), RPKI_VALID);
	assert_int_equal(state(r, "10.1.0.0/16", 65002), RPKI_INVALID);
	assert_int_equal(state(r, "10.1.1.0/24", 65001), RPKI_INVALID);
	assert_int_equal(state(r, "10.0.0.0/8", 65003), RPKI_INVALID);
	assert_int_equal(state(r, "11.0.0.0/8", 65001), RPKI_NOT_FOUND);
	assert_int_equal(state(r, "0.0.0.0/0", 65001), RPKI_NOT_FOUND);
	assert_int_equal(state(r, "2001:db8:1::/48", 65001), RPKI_VALID);
	assert_int_equal(state(r, "2001:db8:1:1::/64", 65001), RPKI_INVALID);
	assert_int_equal(state(r, "2001:db9::/32", 65001), RPKI_NOT_FOUND);
	roas_free(r);
}

static void
no_origin_and_as_0_match_nothing(void **s)
{
	struct roa list[] = { roa("10.0.0.0/8", 32, 0) };
	struct roas *r = of_cache_0(list, 1);

	(void)s;
	assert_int_equal(state(r, "10.0.0.0/8", 0), RPKI_INVALID);
	assert_int_equal(state(r, "10.0.0.0/8", 65001), RPKI_INVALID);
	assert_int_equal(state(r, "11.0.0.0/8", 0), RPKI_NOT_FOUND);
	roas_free(r);
}

static void
what_two_caches_say_stays_until_both_take_it_back(void **s)
{
	struct roa a = roa("10.0.0.0/8", 8, 65001);
	struct roas *r = roas_new();

	(void)s;
	roas_use(r, 3);
	assert_true(roas_add(r, 0, &a));
	assert_false(roas_add(r, 1, &a)); /* nothing changes by it */
	assert_false(roas_add(r, 1, &a));
	assert_int_equal(roas_count(r), 1);
	assert_false(roas_remove(r, 0, &a));
	assert_int_equal(state(r, "10.0.0.0/8", 65001), RPKI_VALID);
	assert_true(roas_remove(r, 1, &a));
	assert_false(roas_remove(r, 1, &a));
	assert_int_equal(state(r, "10.0.0.0/8", 65001), RPKI_NOT_FOUND);
	assert_int_equal(roas_count(r), 0);
	roas_free(r);
}

static void
those_that_differ_in_host_bits_only_are_one_until_both_are_taken_back(void **s)
{
	struct roa a = roa("10.0.0.0/9", 16, 65001), b = a, c = a;
	struct prefix p = prefix("10.1.0.0/16");
	struct roas *r = roas_new();
	size_t shown = 0;

	(void)s;
	b.prefix.addr.bytes[3] = 1;
	c.prefix.addr.bytes[1] = 0x7f;
	roas_use(r, 3);
	assert_true(roas_add(r, 0, &b));
	assert_false(roas_add(r, 0, &a));
	assert_false(roas_add(r, 1, &c));
	assert_int_equal(roas_of(r, 0), 1);
	assert_int_equal(roas_of(r, 1), 1);
	roas_covering(r, &p, count, &shown);
	assert_int_equal(shown, 1);
	assert_false(roas_remove(r, 0, &a));
	assert_int_equal(roas_of(r, 0), 1);
	assert_int_equal(state(r, "10.1.0.0/16", 65001), RPKI_VALID);
	assert_false(roas_remove(r, 0, &a)); /* it is not said any more */
	assert_false(roas_remove(r, 0, &b));
	assert_int_equal(roas_of(r, 0), 0);
	assert_int_equal(state(r, "10.1.0.0/16", 65001), RPKI_VALID);
	assert_true(roas_remove(r, 1, &c));
	assert_int_equal(roas_of(r, 1), 0);
	assert_int_equal(roas_count(r), 0);
	assert_int_equal(state(r, "10.1.0.0/16", 65001), RPKI_NOT_FOUND);
	/* one bit more is another */
	c.prefix.addr.bytes[1] = 0x80;
	assert_true(roas_add(r, 0, &a));
	assert_true(roas_add(r, 0, &c));
	assert_int_equal(roas_of(r, 0), 2);
	roas_free(r);
}

static void
a_cache_counts_only_while_it_is_in_use(void **s)
{
	struct roa a = roa("10.0.0.0/8", 8, 65001);
	struct prefix p = prefix("10.0.0.0/9");
	struct roas *r = roas_new();

	(void)s;
	assert_false(roas_add(r, 2, &a));
	assert_int_equal(state(r, "10.0.0.0/8", 65002), RPKI_NOT_FOUND);
	assert_false(roas_cover(r, &p));
	roas_use(r, 4);
	assert_int_equal(state(r, "10.0.0.0/8", 65002), RPKI_INVALID);
	assert_true(roas_cover(r, &p));
	roas_use(r, 3);
	assert_int_equal(state(r, "10.0.0.0/8", 65002), RPKI_NOT_FOUND);
	roas_free(r);
}

static void
what_makes_no_sense_is_not_kept(void **s)
{
	struct roa list[] = { roa("10.0.0.0/8", 7, 65001), roa("10.0.0.0/8", 33, 65001),
		roa("2001:db8::/32", 129, 65001), { .max = 8, .asn = 65001 } };
	struct roas *r = roas_new();

	(void)s;
	roas_use(r, 1);
	for (size_t i = 0; i < 4; i++) {
		assert_false(roa_sane(&list[i]));
		assert_false(roas_add(r, 0, &list[i]));
	}
	assert_int_equal(roas_count(r), 0);
	roas_free(r);
}

/* --- against one who looks at all of them --- */

enum { ROAS = 400, QUESTIONS = 100000, CACHES = 3 };

struct model {
	struct roa roa[ROAS];
	uint32_t caches[ROAS]; /* who says it */
	uint32_t used;
};

/* Few addresses, so that they cover each other often. */
static struct prefix
some_prefix(struct random *x)
{
	bool six = random_one_in(x, 3);
	struct prefix p = { .addr.family = six ? 6 : 4 };

	p.addr.bytes[0] = six ? 0x20 : 10;
	for (size_t i = 1; i < addr_size(&p.addr); i++)
		p.addr.bytes[i] = random_one_in(x, 2) ? 0 : random_one_in(x, 2) ? 0x80 : 0xc0;
	p.len = (uint8_t)(random_one_in(x, 2) ? random_from(x, 0, 24)
					      : random_length(x, six ? 128 : 32));
	prefix_mask(&p);
	return p;
}

static uint32_t
some_origin(struct random *x)
{
	return random_below(x, 5);
}

static bool
covers(const struct prefix *a, const struct prefix *b)
{
	struct prefix cut = *b;

	if (a->addr.family != b->addr.family || a->len > b->len)
		return false;
	cut.len = a->len;
	prefix_mask(&cut);
	return addr_equal(&cut.addr, &a->addr);
}

static enum rpki_state
by_hand(const struct model *m, const struct prefix *p, uint32_t origin)
{
	enum rpki_state s = RPKI_NOT_FOUND;

	for (size_t i = 0; i < ROAS; i++) {
		if (!(m->caches[i] & m->used) || !covers(&m->roa[i].prefix, p))
			continue;
		if (origin && m->roa[i].asn == origin && p->len <= m->roa[i].max)
			return RPKI_VALID;
		s = RPKI_INVALID;
	}
	return s;
}

/* One of them is said, or taken back, by some cache; or other caches are in use. */
static void
change(struct random *x, struct model *m, struct roas *r)
{
	uint32_t i = random_below(x, ROAS), cache = random_below(x, CACHES);
	bool counted = m->caches[i] & m->used, said = random_one_in(x, 2), changed;

	if (random_one_in(x, 50)) {
		m->used = random_below(x, 1 << CACHES);
		roas_use(r, m->used);
		return;
	}
	changed = said ? roas_add(r, cache, &m->roa[i]) : roas_remove(r, cache, &m->roa[i]);
	m->caches[i] =
	    said ? m->caches[i] | UINT32_C(1) << cache : m->caches[i] & ~(UINT32_C(1) << cache);
	assert_int_equal(changed, counted != !!(m->caches[i] & m->used));
}

static bool
is_there(const struct model *m, size_t count_of, const struct roa *a)
{
	for (size_t i = 0; i < count_of; i++)
		if (m->roa[i].asn == a->asn && m->roa[i].max == a->max &&
		    m->roa[i].prefix.len == a->prefix.len &&
		    addr_equal(&m->roa[i].prefix.addr, &a->prefix.addr))
			return true;
	return false;
}

static void
make(struct random *x, struct model *m)
{
	for (size_t i = 0; i < ROAS; i++)
		do {
			struct prefix p = some_prefix(x);
			uint32_t bits = p.addr.family == 6 ? 128 : 32;

			m->roa[i] =
			    (struct roa){ p, (uint8_t)random_from(x, p.len, bits), some_origin(x) };
		} while (is_there(m, i, &m->roa[i]));
}

static void
every_question_is_answered_as_by_one_who_looks_at_all(void **s)
{
	static struct model m;
	struct random x = random_of(6811);
	struct roas *r = roas_new();
	size_t seen[RPKI_STATES] = { 0 }, kept, there = 0;
	uint32_t at = 0;

	(void)s;
	make(&x, &m);
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct prefix p = some_prefix(&x);
		uint32_t origin = some_origin(&x);
		enum rpki_state expected;
		size_t covering = 0, around = 0;

		change(&x, &m, r);
		expected = by_hand(&m, &p, origin);
		seen[expected]++;
		if (roas_validate(r, &p, origin) != expected)
			fail_msg("question %zu: %s, not %s", i,
			    rpki_state_name(roas_validate(r, &p, origin)),
			    rpki_state_name(expected));
		assert_int_equal(roas_cover(r, &p), expected != RPKI_NOT_FOUND);
		roas_covering(r, &p, count, &covering);
		for (size_t k = 0; k < ROAS; k++)
			around += (m.caches[k] & m.used) && covers(&m.roa[k].prefix, &p);
		assert_int_equal(covering, around);
	}
	for (size_t i = 0; i < RPKI_STATES; i++)
		assert_true(seen[i] > QUESTIONS / 20); /* the cases are not all alike */
	for (kept = 0; kept < ROAS; kept++)
		there += m.caches[kept] != 0;
	kept = 0;
	while (!roas_visit(r, &at, 7, count, &kept))
		;
	assert_int_equal(kept, there);
	assert_int_equal(roas_count(r), there);
	roas_free(r);
}

/* Each costs a look at all of its prefix, and so does a route of that. */
static void
roas_of_one_prefix_are_bounded(void **s)
{
	struct roa a = roa("10.0.0.0/8", 8, 0), b = roa("10.0.0.0/9", 9, 7);
	struct roas *r = roas_new();

	(void)s;
	roas_use(r, 3);
	for (; a.asn < ROAS_OF_PREFIX; a.asn++)
		assert_true(roas_add(r, 0, &a));
	a.prefix.addr.bytes[3] = 1; /* host bits are no way around it */
	assert_false(roas_add(r, 0, &a));
	assert_int_equal(roas_count(r), ROAS_OF_PREFIX);
	assert_int_equal(roas_refused(r), 1);
	assert_int_equal(state(r, "10.0.0.0/8", ROAS_OF_PREFIX), RPKI_INVALID);
	assert_int_equal(state(r, "10.0.0.0/8", ROAS_OF_PREFIX - 1), RPKI_VALID);
	/* another prefix has its own, another cache too, and one that goes makes room */
	assert_true(roas_add(r, 0, &b));
	a = roa("10.0.0.0/8", 8, 5);
	assert_false(roas_add(r, 1, &a));
	assert_int_equal(roas_of(r, 1), 1);
	a.asn = ROAS_OF_PREFIX + 1;
	assert_true(roas_add(r, 1, &a));
	assert_int_equal(roas_refused(r), 1);
	a.asn = 6;
	assert_true(roas_remove(r, 0, &a));
	a.asn = ROAS_OF_PREFIX;
	assert_true(roas_add(r, 0, &a));
	roas_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_route_is_valid_by_one_roa_invalid_by_none_of_those_that_cover_it),
		cmocka_unit_test(no_origin_and_as_0_match_nothing),
		cmocka_unit_test(what_two_caches_say_stays_until_both_take_it_back),
		cmocka_unit_test(
		    those_that_differ_in_host_bits_only_are_one_until_both_are_taken_back),
		cmocka_unit_test(a_cache_counts_only_while_it_is_in_use),
		cmocka_unit_test(what_makes_no_sense_is_not_kept),
		cmocka_unit_test(every_question_is_answered_as_by_one_who_looks_at_all),
		cmocka_unit_test(roas_of_one_prefix_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
