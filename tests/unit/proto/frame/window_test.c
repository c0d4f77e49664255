#include "proto/frame/window.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SECOND = 1000000, FRAME = 32 * 1024 };

static void
a_new_window_is_open_and_idle(void **state)
{
	struct window w;

	window_init(&w);
	assert_true(window_open(&w));
	assert_int_equal(w.count, 0);
	assert_false(window_acknowledged(&w, UINT64_MAX, SECOND));
	assert_int_equal(w.size, WINDOW_START);
	(void)state;
}

static void
octets_close_it_and_acknowledgements_open_it(void **state)
{
	struct window w;
	uint64_t n = 0;

	window_init(&w);
	while (window_open(&w))
		window_sent(&w, ++n, FRAME, SECOND);
	assert_int_equal(n, WINDOW_START / FRAME);
	assert_true(w.count > 0);
	assert_false(window_acknowledged(&w, 0, SECOND));
	assert_false(window_open(&w));
	assert_true(window_acknowledged(&w, 1, SECOND + WINDOW_DELAY * 3 / 4));
	assert_true(window_open(&w));
	assert_true(w.count > 0);
	assert_false(window_acknowledged(&w, 1, SECOND));
	assert_true(window_acknowledged(&w, n, SECOND + WINDOW_DELAY * 3 / 4));
	assert_int_equal(w.count, 0);
	assert_int_equal(w.in_flight, 0);
	/* neither fast nor slow: it stays as it was */
	assert_int_equal(w.size, WINDOW_START);
	(void)state;
}

static void
frames_bound_it_however_small(void **state)
{
	struct window w;
	uint64_t n = 0;

	window_init(&w);
	while (window_open(&w))
		window_sent(&w, ++n, 1, SECOND);
	assert_int_equal(n, WINDOW_FRAMES);
	/* one more than was allowed (a control frame took its batch along) is not forgotten */
	window_sent(&w, ++n, 100, SECOND);
	assert_int_equal(w.in_flight, WINDOW_FRAMES + 100);
	window_acknowledged(&w, n - 1, SECOND);
	assert_true(w.count > 0);
	window_acknowledged(&w, n, SECOND);
	assert_int_equal(w.count, 0);
	assert_int_equal(w.in_flight, 0);
	(void)state;
}

/* Fill the window and have all of it acknowledged after `delay`. */
static void
one_round(struct window *w, uint64_t *sequence, uint64_t *now, uint64_t delay)
{
	while (window_open(w))
		window_sent(w, ++*sequence, FRAME * 4, *now);
	*now += delay;
	window_acknowledged(w, *sequence, *now);
}

static void
it_grows_when_fast_and_shrinks_when_slow_within_its_bounds(void **state)
{
	uint64_t sequence = 0, now = SECOND;
	struct window w;
	size_t before;

	window_init(&w);
	before = w.size;
	one_round(&w, &sequence, &now, 100);
	assert_true(w.size > before);
	for (int i = 0; i < 20; i++)
		one_round(&w, &sequence, &now, 100);
	assert_int_equal(w.size, WINDOW_MOST);
	before = w.size;
	one_round(&w, &sequence, &now, 2 * WINDOW_DELAY);
	assert_true(w.size < before);
	for (int i = 0; i < 20; i++)
		one_round(&w, &sequence, &now, 60 * (uint64_t)SECOND);
	assert_int_equal(w.size, WINDOW_LEAST);
	assert_true(window_open(&w));
	for (int i = 0; i < 200; i++)
		one_round(&w, &sequence, &now, 100);
	assert_int_equal(w.size, WINDOW_MOST);
	(void)state;
}

/* Frames that waited together tell one delay, not one each: a single slow moment must not
 * throw the window down to its floor. */
static void
one_slow_round_halves_what_twice_the_delay_asks_for(void **state)
{
	uint64_t sequence = 0, now = SECOND;
	struct window w;

	window_init(&w);
	for (int i = 0; i < 20; i++)
		one_round(&w, &sequence, &now, 100);
	assert_int_equal(w.size, WINDOW_MOST);
	one_round(&w, &sequence, &now, 2 * WINDOW_DELAY);
	assert_in_range(w.size, WINDOW_MOST / 4, WINDOW_MOST);
	(void)state;
}

static void
whatever_is_acknowledged_it_stays_within_its_bounds(void **state)
{
	uint64_t sequence = 0, acknowledged = 0, now = SECOND;
	struct window w;

	srandom(1);
	window_init(&w);
	for (int i = 0; i < 100000; i++) {
		now += (uint64_t)(random() % 100000);
		if (window_open(&w) && random() % 4)
			window_sent(&w, ++sequence, (size_t)(random() % FRAME), now);
		else if (random() % 2)
			window_acknowledged(
			    &w, acknowledged = (uint64_t)random() % (sequence + 3), now);
		/* a clock that went back would be a bug of ours, and still no harm */
		else if (random() % 100 == 0)
			window_acknowledged(&w, sequence, now - (uint64_t)SECOND);
		assert_in_range(w.size, WINDOW_LEAST, WINDOW_MOST);
		assert_in_range(w.count, 0, WINDOW_FRAMES);
		assert_true(w.in_flight <= WINDOW_MOST + FRAME);
		assert_true(w.count > 0 || w.in_flight == 0);
	}
	window_acknowledged(&w, sequence, now);
	assert_int_equal(w.in_flight, 0);
	assert_int_equal(w.count, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_window_is_open_and_idle),
		cmocka_unit_test(octets_close_it_and_acknowledgements_open_it),
		cmocka_unit_test(frames_bound_it_however_small),
		cmocka_unit_test(it_grows_when_fast_and_shrinks_when_slow_within_its_bounds),
		cmocka_unit_test(one_slow_round_halves_what_twice_the_delay_asks_for),
		cmocka_unit_test(whatever_is_acknowledged_it_stays_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
