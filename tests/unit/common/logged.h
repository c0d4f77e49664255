/* The log into a pipe, and what came of it: log_into_pipe and log_out_of_pipe are setup and teardown of tests. */
#ifndef TESTS_UNIT_COMMON_LOGGED_H
#define TESTS_UNIT_COMMON_LOGGED_H
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "common/log.h"

static int ends[2]; /* the log writes to ends[1]; it stays blocking, the reading end does not */
static char seen[1 << 20];

static inline int
log_into_pipe(void **state)
{
	(void)state;
	if (pipe(ends) < 0)
		return -1;
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static inline int
log_out_of_pipe(void **state)
{
	(void)state;
	log_open(STDERR_FILENO, LOG_AUTO, LOG_LEVEL_INFO, NULL);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What came since the last look. */
static inline const char *
look(void)
{
	ssize_t n = read(ends[0], seen, sizeof seen - 1);

	seen[n > 0 ? n : 0] = '\0';
	return seen;
}
#endif
