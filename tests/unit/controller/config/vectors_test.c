/* Configurations as operators have them: every file in $AMBO_VECTORS/conf loads, but for those of families that
 * are not spoken yet, which say so. Skipped when AMBO_VECTORS is not set. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/config.h"

enum { LONGEST = 1 << 20 };

/* Whether it loaded; fails the test when it is refused for any other reason than a family. */
static bool
loads(const char *path, char *memory)
{
	struct config_error e;
	struct text message = { 0 };
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	size_t len = fread(memory, 1, LONGEST, f);
	fclose(f);
	struct config *c = config_load_text(path, memory, len, &e);
	if (c == NULL && strstr(e.text, "this version does not speak it yet") == NULL) {
		config_error_print(&e, &message);
		print_error("%s", text_str(&message));
		text_fini(&message);
		fail();
	}
	config_free(c);
	return c != NULL;
}

static void
configurations_of_operators_load(void **state)
{
	const char *vectors = getenv("AMBO_VECTORS");
	unsigned loaded = 0, waiting = 0;
	char directory[4096];

	(void)state;
	if (vectors == NULL)
		skip();
	snprintf(directory, sizeof(directory), "%s/conf", vectors);
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	char *memory = malloc(LONGEST);
	assert_non_null(memory);
	for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
		char path[sizeof(directory) + 300];
		if (strstr(d->d_name, ".conf") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, d->d_name);
		if (loads(path, memory))
			loaded++;
		else
			waiting++;
	}
	closedir(dir);
	free(memory);
	print_message("%u load, %u wait for a family\n", loaded, waiting);
	assert_true(loaded > 2 * waiting);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(configurations_of_operators_load) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
