/* The messages of a file of MRT records, one after the other; the file may be of any size. */
#ifndef CONTROLLER_CLI_MRT_FILE_H
#define CONTROLLER_CLI_MRT_FILE_H
#include "proto/bgp/mrt.h"

/* "-" is standard input. `each` borrows the message. Records that hold none are counted in *others. -1, or the exit
 * status: told already. */
int mrt_file(const char *name, void (*each)(void *self, const struct mrt_message *), void *self,
    unsigned *others);
#endif
