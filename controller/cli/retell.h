/* Each route of a configuration as its neighbor would be told it, read again: a check of both codecs by somebody's own
 * routes. */
#ifndef CONTROLLER_CLI_RETELL_H
#define CONTROLLER_CLI_RETELL_H
#include <stddef.h>
#include "controller/config/config.h"

/* How many do not come back as they were: each was told, with its place. The others are counted in *good. */
size_t retell(const struct config *, size_t *good);
#endif
