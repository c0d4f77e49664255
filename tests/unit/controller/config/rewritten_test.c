/* Files that are written over while they are read in slices. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "controller/config/config.h"

enum { ENTRIES = 30000 };

static char directory[] = "/tmp/ambo-rewritten-XXXXXX", path[64], list[64];

static void
pause_a_tick(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
}

/* The same file, with so many entries, each from that one on. */
static void
entries(const char *name, const char *before, unsigned net, const char *after)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(before, f);
	for (unsigned i = 0; i < ENTRIES; i++)
		fprintf(f, "%u.%u.%u.0/24%s\n", net, i / 256, i % 256, after);
	if (after[0])
		fputs("}\n", f);
	assert_int_equal(fclose(f), 0);
	pause_a_tick();
}

static struct config *
finish(struct config_load *load)
{
	struct config_error error;
	struct config *config;

	while (!config_load_some(load, &config, &error))
		;
	if (!config)
		fail_msg("%s", error.text);
	return config;
}

static struct config_load *
begin(unsigned steps)
{
	static const char *files[] = { path };
	struct config_load *load = config_load_begin(files, 1);
	struct config_error error;
	struct config *config;

	for (unsigned i = 0; i < steps; i++)
		assert_false(config_load_some(load, &config, &error));
	return load;
}

static void
all_begin_with_eleven(const struct config *c)
{
	const struct named_list *l = named_find(&c->sets, "wanted")->said;
	struct text t = { 0 };

	assert_int_equal(named_list_count(l), ENTRIES);
	named_list_print(l, 0, &t);
	assert_string_equal(text_str(&t), "11.0.0.0/24");
	text_fini(&t);
}

static void
a_configuration_that_is_written_over_is_read_again(void **state)
{
	struct config_load *load;
	struct config *config;

	(void)state;
	entries(path, "set prefixes wanted {\n", 10, ";");
	load = begin(3);
	entries(path, "set prefixes wanted {\n", 11, ";");
	config = finish(load);
	all_begin_with_eleven(config);
	config_free(config);
}

static void
a_file_of_a_set_too(void **state)
{
	struct config_load *load;
	struct config *config;
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "set prefixes wanted {\nfile %s;\n}\n", list);
	assert_int_equal(fclose(f), 0);
	entries(list, "", 10, "");
	load = begin(6);
	entries(list, "", 11, "");
	config = finish(load);
	all_begin_with_eleven(config);
	config_free(config);
}

/* Something is written to it in each slice: its time is another one. */
static void
is_refused_when_always_written_to(const char *name)
{
	struct config_load *load = begin(1);
	struct config_error error;
	struct config *config;
	time_t when = 0;

	do {
		const struct timespec now = { .tv_sec = ++when }, times[2] = { now, now };

		assert_in_range(when, 1, 10000);
		assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
	} while (!config_load_some(load, &config, &error));
	assert_null(config);
	assert_string_equal(error.text, "is being written to");
	assert_string_equal(error.file, name);
}

static void
one_that_is_written_to_all_the_time_is_refused(void **state)
{
	(void)state;
	entries(path, "set prefixes wanted {\n", 10, ";");
	is_refused_when_always_written_to(path);
}

static void
a_file_of_a_set_that_is_written_to_all_the_time_is_refused_too(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "set prefixes wanted {\nfile %s;\n}\n", list);
	assert_int_equal(fclose(f), 0);
	entries(list, "", 10, "");
	is_refused_when_always_written_to(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_that_is_written_over_is_read_again),
		cmocka_unit_test(a_file_of_a_set_too),
		cmocka_unit_test(one_that_is_written_to_all_the_time_is_refused),
		cmocka_unit_test(a_file_of_a_set_that_is_written_to_all_the_time_is_refused_too),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof path, "%s/conf", directory);
	snprintf(list, sizeof list, "%s/list", directory);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)unlink(list);
	(void)rmdir(directory);
	return failed;
}
