/* Thousands of receipts and commands at once: each is answered once by its id, whatever was answered or forgotten
 * before it, and who has gone is not told. */
#include "controller/asked.h"
#include "tests/property/random.h"
#include "tests/unit/controller/api/world.h"

enum { ASKERS = 300, STEPS = 30000 };

/* What is expected of an asker: how many answers it still gets, and from whom. */
static struct asker {
	uint64_t id; /* 0: asks nothing */
	bool command;
	uint64_t open; /* bits of neighbors */
} asker[ASKERS];

static struct neighbor *to[2];

static void
told(struct asker *a, struct neighbor *n)
{
	uint64_t bit = n == to[0] ? 1 : 2;

	assert_false(a->command);
	assert_true(a->open & bit);
	a->open &= ~bit;
	if (a->open == 0)
		a->id = 0;
}

static void
on_sent(void *self, struct neighbor *n, enum sent_status status)
{
	(void)status;
	told(self, n);
}

static void
on_done(void *self, bool failed, const char *text)
{
	struct asker *a = self;

	(void)failed;
	(void)text;
	assert_true(a->command && a->id);
	a->id = 0;
}

static void
begin(struct asked_list *l, struct asker *a, struct random *x)
{
	a->command = random_one_in(x, 4);
	a->open = a->command ? 0 : random_from(x, 1, 3);
	if (a->command) {
		a->id = asked_command(l, on_done, a);
	} else {
		struct neighbor *some[2] = { to[a->open == 2], to[1] };

		a->id = asked_receipt(l, some, a->open == 3 ? 2 : 1, on_sent, a);
	}
}

/* The right answer, one to another id, or one of the wrong kind. */
static void
answer(struct asked_list *l, struct asker *a, struct random *x)
{
	uint64_t id = a->id;

	if (random_one_in(x, 8)) {
		asked_reply(l, id + (UINT64_C(1) << random_below(x, 64)), false, "");
		asked_written(l, id ^ (UINT64_C(1) << random_from(x, 20, 63)), to[0], SENT_WRITTEN);
	} else if (a->command) {
		asked_written(l, id, to[0], SENT_WRITTEN);
		asked_reply(l, id, false, "");
		assert_int_equal(a->id, 0);
	} else {
		struct neighbor *n = a->open == 3 ? to[random_below(x, 2)] : to[a->open == 2];

		asked_reply(l, id, false, "");
		asked_written(l, id, n, SENT_WRITTEN);
		asked_written(l, id, n, SENT_WRITTEN); /* twice */
	}
}

static void
each_is_answered_once_in_any_order(void **state)
{
	struct world *w = *state;
	struct asked_list l;
	struct random x = { 1 };

	to[0] = neighbor_at(w, "192.0.2.1");
	to[1] = neighbor_at(w, "192.0.2.2");
	to[0]->known = to[1]->known = true;
	to[0]->state.state = to[1]->state.state = PEER_ESTABLISHED;
	asked_init(&l, &w->c);
	for (int i = 0; i < STEPS; i++) {
		struct asker *a = &asker[random_below(&x, ASKERS)];

		if (a->id == 0) {
			begin(&l, a, &x);
		} else if (random_one_in(&x, 3)) {
			asked_forget(&l, a);
			a->id = 0;
		} else {
			answer(&l, a, &x);
		}
	}
	asked_fail(&l, "lost");
	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(asker[i].id, 0);
	assert_true(list_empty(&l.list));
	asked_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { WORLD_TEST(each_is_answered_once_in_any_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
