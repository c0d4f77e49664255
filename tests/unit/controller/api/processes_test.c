/* Helpers that end, and what is left of them. */
#include "world.h"
#include <signal.h>
#include "common/clock.h"
#include "controller/api/group.h"
#include "controller/api/processes.h"
#include "controller/config/config.h"

enum { PATIENCE = 5000000 /* microseconds */ };

static struct process *
only(struct world *w)
{
	struct list *list = &w->c.api->processes->list;

	return list_empty(list) ? NULL : LIST_ENTRY(list->next, struct process, link);
}

static void
reload_with(struct world *w, const char *text)
{
	struct text why = { 0 };

	world_write_config(w, text);
	if (controller_reload(&w->c, &why) < 0)
		fail_msg("%s", text_str(&why));
	text_fini(&why);
}

static void
until_state(struct world *w, enum process_state state)
{
	uint64_t end = clock_monotonic() + PATIENCE;

	while (only(w)->state != state && clock_monotonic() < end)
		turns(w, 1);
	assert_int_equal(only(w)->state, state);
}

/* It ended by itself long ago, then a reload removes it, or the controller ends. */
static void
one_that_has_ended_is_removed(void **state)
{
	struct world *w = *state;

	reload_with(w, "process once {\n\trun /bin/true;\n\tencoder text;\n\trespawn false;\n}\n");
	until_state(w, PROCESS_ENDED);
	turns(w, 10);
	process_say(only(w), "nobody reads this\n", 18);
	turns(w, 10);
	reload_with(w, world_config);
	turns(w, 10);
	assert_null(only(w));
}

static void
one_that_has_ended_is_there_when_the_controller_ends(void **state)
{
	struct world *w = *state;

	reload_with(w, "process once {\n\trun /bin/true;\n\tencoder text;\n\trespawn false;\n}\n");
	until_state(w, PROCESS_ENDED);
	turns(w, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_that_has_ended_is_removed),
		WORLD_TEST(one_that_has_ended_is_there_when_the_controller_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
