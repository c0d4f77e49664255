#include "common/clock.h"
#include <stdio.h>
#include <time.h>

static uint64_t
microseconds(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
clock_monotonic(void)
{
	return microseconds(CLOCK_MONOTONIC);
}

/* Whole microseconds: a double holds these exactly enough to be printed and read back. */
double
clock_wall(void)
{
	return (double)microseconds(CLOCK_REALTIME) / 1e6;
}

const char *
clock_print(double wall, char out[32])
{
	static const double year_10000 = 253402300800.0;
	uint64_t ms = wall >= 0 && wall < year_10000 ? (uint64_t)(wall * 1e3) : 0;
	time_t seconds = (time_t)(ms / 1000);
	struct tm at;
	size_t len;

	gmtime_r(&seconds, &at);
	len = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &at);
	snprintf(out + len, 32 - len, ".%03uZ", (unsigned)(ms % 1000));
	return out;
}
