/* The paths of a family beside a plain list of them: sources come, are alone, are joined by others, and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "controller/rib/rib_inner.h"

enum { SOURCES = 3, KEYS = 300, IDS = 3, STEPS = 40000, LEAD = 0 };

struct world {
	struct rib rib;
	struct rib_source source[SOURCES], *sources[SOURCES];
	struct rib_paths paths;
	/* the number of each path, RIB_NOWHERE: it is none */
	uint32_t number[SOURCES][KEYS][IDS];
	size_t count;
	unsigned seed;
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)self;
	(void)value;
	(void)audience;
}

static const struct ledger_ops ops = { .release = release };

static void
begin(struct world *w, unsigned seed)
{
	memset(w, 0, sizeof *w);
	memset(w->number, 0xff, sizeof w->number);
	w->seed = seed;
	for (uint32_t i = 0; i < SOURCES; i++) {
		w->sources[i] = &w->source[i];
		w->source[i].number = i;
		w->source[i].ledger[IPV4_UNICAST] = ledger_new(&ops, NULL);
		ledger_short(w->source[i].ledger[IPV4_UNICAST]);
	}
	w->rib.source = w->sources;
	w->rib.sources = SOURCES;
	paths_init(&w->paths, &w->rib, IPV4_UNICAST);
}

static void
end(struct world *w)
{
	paths_fini(&w->paths);
	for (uint32_t i = 0; i < SOURCES; i++)
		ledger_free(w->source[i].ledger[IPV4_UNICAST]);
}

static struct reader
key_of(uint32_t k, uint8_t memory[4])
{
	memory[0] = 24;
	memory[1] = 10;
	memory[2] = (uint8_t)(k >> 8);
	memory[3] = (uint8_t)k;
	return reader_of(memory, 4);
}

static size_t
said(const struct world *w, uint32_t k)
{
	size_t n = 0;

	for (uint32_t s = 0; s < SOURCES; s++)
		for (uint32_t id = 0; id < IDS; id++)
			n += w->number[s][k][id] != RIB_NOWHERE;
	return n;
}

static void
add(struct world *w, uint32_t s, uint32_t k, uint32_t id)
{
	struct ledger *l = w->source[s].ledger[IPV4_UNICAST];
	uint8_t memory[4];
	struct reader key = key_of(k, memory);
	struct ledger_entry *e = ledger_find(l, id, key);
	uint32_t number;
	bool alone;

	if (!e)
		e = ledger_put(l, id, key, NULL, 0, 0);
	number = paths_add(&w->paths, s, e, paths_hash(IPV4_UNICAST, key), &alone);
	assert_int_not_equal(number, RIB_NOWHERE);
	if (w->number[s][k][id] != RIB_NOWHERE)
		assert_int_equal(w->number[s][k][id], number);
	w->count += w->number[s][k][id] == RIB_NOWHERE;
	w->number[s][k][id] = number;
	assert_int_equal(alone, said(w, k) == 1);
}

static void
take_out(struct world *w, uint32_t s, uint32_t k, uint32_t id)
{
	struct ledger *l = w->source[s].ledger[IPV4_UNICAST];
	uint8_t memory[4];
	struct reader key = key_of(k, memory);
	struct ledger_entry *e = ledger_find(l, id, key);

	if (!e)
		return;
	assert_int_equal(
	    paths_remove(&w->paths, s, e, paths_hash(IPV4_UNICAST, key)), w->number[s][k][id]);
	w->count -= w->number[s][k][id] != RIB_NOWHERE;
	w->number[s][k][id] = RIB_NOWHERE;
	ledger_drop(l, e);
}

/* All paths of a key are found, each once, by its number. */
static void
agrees(struct world *w, uint32_t k)
{
	uint32_t found[SOURCES * IDS + 1];
	uint8_t memory[4];
	size_t n = paths_find(&w->paths, key_of(k, memory), found, SOURCES * IDS + 1);

	assert_int_equal(n, said(w, k));
	for (uint32_t s = 0; s < SOURCES; s++)
		for (uint32_t id = 0; id < IDS; id++) {
			uint32_t number = w->number[s][k][id];
			size_t times = 0;

			for (size_t i = 0; i < n; i++)
				times += found[i] == number;
			assert_int_equal(times, number != RIB_NOWHERE);
			if (number == RIB_NOWHERE)
				continue;
			assert_true(number < w->paths.used && paths_taken(&w->paths, number));
			assert_int_equal(paths_at(&w->paths, number).source, s);
			assert_int_equal(paths_id(&w->paths, paths_at(&w->paths, number)), id);
		}
}

static void
all_agree(struct world *w)
{
	size_t taken = 0;

	for (uint32_t k = 0; k < KEYS; k++)
		agrees(w, k);
	for (uint32_t number = 0; number < w->paths.used; number++)
		taken += paths_taken(&w->paths, number);
	assert_int_equal(taken, w->count);
	assert_int_equal(w->paths.count, w->count);
}

static uint32_t
below(struct world *w, uint32_t n)
{
	return (uint32_t)rand_r(&w->seed) % n;
}

/* Of how many sources, and with how many path ids; now and then everything of one goes. */
static void
by_chance(struct world *w, uint32_t sources, uint32_t ids, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		uint32_t s = below(w, sources), k = below(w, KEYS), id = below(w, ids);

		if (below(w, 3))
			add(w, s, k, id);
		else
			take_out(w, s, k, id);
		agrees(w, k);
		agrees(w, below(w, KEYS));
	}
	all_agree(w);
}

static void
leave(struct world *w, uint32_t s)
{
	for (uint32_t k = 0; k < KEYS; k++)
		for (uint32_t id = 0; id < IDS; id++)
			take_out(w, s, k, id);
	all_agree(w);
}

static void
whatever_sources_say_their_paths_are_found(void **state)
{
	static struct world w;

	for (unsigned seed = 1; seed <= 8; seed++) {
		begin(&w, seed);
		for (int round = 0; round < 4; round++) {
			by_chance(&w, 1, 1, STEPS / 32);
			by_chance(&w, SOURCES, 1, below(&w, 40));
			by_chance(
			    &w, 1 + below(&w, SOURCES), 1 + below(&w, IDS), below(&w, STEPS / 32));
			for (uint32_t s = 0; s < SOURCES; s++)
				if (round % 2 || below(&w, 2))
					leave(&w, s);
		}
		end(&w);
	}
	(void)state;
}

static void
of_one_source_nothing_is_indexed(void **state)
{
	static struct world w;

	begin(&w, 1);
	for (uint32_t k = 0; k < KEYS; k++)
		add(&w, LEAD, k, 0);
	assert_int_equal(w.paths.index.count, 0);
	assert_int_equal(w.paths.pages, 0);
	add(&w, 1, 0, 0);
	assert_true(w.paths.index.count > 0 && w.paths.index.count < KEYS);
	all_agree(&w);
	for (uint32_t k = 1; k < KEYS; k++)
		add(&w, 1, k, 0);
	assert_int_equal(w.paths.index.count, 2 * KEYS);
	all_agree(&w);
	/* who stays when the others go is not alone again, until all have gone */
	leave(&w, LEAD);
	leave(&w, 1);
	add(&w, 2, 7, 0);
	assert_int_equal(w.paths.index.count, 0);
	all_agree(&w);
	/* who walks over the numbers that there were once finds nothing there */
	add(&w, 1, 7, 0);
	assert_false(paths_taken(&w.paths, 2 * KEYS));
	assert_false(paths_taken(&w.paths, 100000));
	end(&w);
	(void)state;
}

/* What paths_add gives for a path that is not there; it is in the ledger then. */
static uint32_t
try(struct world *w, uint32_t s, uint32_t k)
{
	struct ledger *l = w->source[s].ledger[IPV4_UNICAST];
	uint8_t memory[4];
	struct reader key = key_of(k, memory);
	struct ledger_entry *e = ledger_put(l, 0, key, NULL, 0, 0);
	bool alone;

	return paths_add(&w->paths, s, e, paths_hash(IPV4_UNICAST, key), &alone);
}

static void
when_all_numbers_are_taken_a_path_is_left_out(void **state)
{
	static struct world w;

	begin(&w, 1);
	w.paths.most = 20;
	for (uint32_t k = 0; k < 10; k++) {
		add(&w, LEAD, k, 0);
		add(&w, 1, k, 0);
	}
	assert_true(paths_full(&w.paths));
	assert_int_equal(try(&w, 2, 5), RIB_NOWHERE);
	all_agree(&w);
	assert_int_equal(w.paths.used, 20);
	/* the same again has its number, and one that goes leaves its own */
	add(&w, 1, 7, 0);
	take_out(&w, 1, 3, 0);
	assert_false(paths_full(&w.paths));
	assert_int_not_equal(try(&w, 2, 6), RIB_NOWHERE);
	assert_int_equal(w.paths.used, 20);
	end(&w);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_sources_say_their_paths_are_found),
		cmocka_unit_test(of_one_source_nothing_is_indexed),
		cmocka_unit_test(when_all_numbers_are_taken_a_path_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
