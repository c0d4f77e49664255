/* What `processes-match` says: a regular expression that stands at the beginning of a name, as Python's re.match has
 * it. POSIX extended ones, and of Python's besides (?: ), \d, and what a backslash guards
 * between brackets. */
#ifndef CONTROLLER_CONFIG_PATTERN_H
#define CONTROLLER_CONFIG_PATTERN_H
#include <regex.h>
#include "common/reason.h"

/* Ours on success: regfree it. -1: it is none, and why says so. */
int pattern_compile(regex_t *, const char *pattern, struct reason *why);
#endif
