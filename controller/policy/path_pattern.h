/* A pattern over the ASNs of a path, read from left to right, sets and sequences alike:
 *      65001           that AS           65001-65010     one of these
 *      ?               any one           *               any number of any
 *      X+              X, once or more
 * "[ 65001 * 65010-65020 ]" is a path that begins with 65001 and ends with one of the range. A bare "65001" is a
 * path that has it anywhere. All states are kept at once as bits, so a path is read once. */
#ifndef CONTROLLER_POLICY_PATH_PATTERN_H
#define CONTROLLER_POLICY_PATH_PATTERN_H
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/words.h"

enum { PATH_PATTERN_MAX = 62 };

struct path_pattern {
	struct path_step {
		uint32_t low, high;
		bool again; /* may stand there any number of times more */
		bool none; /* may be missing */
	} step[PATH_PATTERN_MAX];
	unsigned count;
};

int path_pattern_scan(struct words *, struct path_pattern *, struct reason *);
/* Does the value of an AS_PATH (four octets an ASN) fit? */
bool path_pattern_fits(const struct path_pattern *, struct reader path);
#endif
