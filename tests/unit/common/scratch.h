/* A directory of a test's own, and that nothing is left in it but what is named. */
#ifndef TESTS_UNIT_COMMON_SCRATCH_H
#define TESTS_UNIT_COMMON_SCRATCH_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static int
scratch_make(void)
{
	strcpy(directory, "/tmp/ambo-unit-test.XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

/* -1: something else was left there. */
static int
scratch_remove(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		unlink(path_of(names[i]));
	return rmdir(directory);
}
#endif
