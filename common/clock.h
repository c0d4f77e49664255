/* Time. Monotonic microseconds for everything that waits; wall time only to be shown. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H
#include <stddef.h>
#include <stdint.h>

uint64_t clock_monotonic(void);             /* microseconds, CLOCK_MONOTONIC */
double clock_wall(void);                    /* seconds since 1970, to be shown */
const char *clock_print(double wall, char out[32]); /* RFC 3339 with milliseconds, UTC */
#endif
