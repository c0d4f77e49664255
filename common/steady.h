/* A file that is read in slices may be written over meanwhile: half of it would be old and half new. */
#ifndef COMMON_STEADY_H
#define COMMON_STEADY_H
#include <sys/stat.h>

enum { STEADY_TIMES = 3 }; /* so often is it read at most */

struct steady {
	struct stat at; /* as it was when this reading of it began */
	unsigned times; /* 0: no regular file */
};

/* Before the first octet is read. What is no regular file (a pipe) can't be read again, and is taken as it comes. */
void steady_begin(struct steady *, int fd);
/* At its end. 0: what was read is the file; 1: it was changed, and is to be read from its beginning again, where it
 * stands now; -1: it is written to all the time, or does not go back to its beginning: what was read is not to be used. */
int steady_again(struct steady *, int fd);
#endif
