/* For test programs that read what was packed: one reader and one message, from start to stop. */
#ifndef TESTS_TOOLS_UNPACK_H
#define TESTS_TOOLS_UNPACK_H
#include "common/pack.h"

static struct unpack *unpack;
static struct pack packed;

static inline int
start(void **state)
{
	(void)state;
	unpack = unpack_new();
	return 0;
}

static inline int
stop(void **state)
{
	(void)state;
	unpack_free(unpack);
	pack_fini(&packed);
	return 0;
}
#endif
