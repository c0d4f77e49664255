/* A file that is read in slices may be written over meanwhile: half of it would be old and half new. */
#ifndef COMMON_STEADY_H
#define COMMON_STEADY_H
#include <stdbool.h>
#include <sys/stat.h>

enum { STEADY_TIMES = 3 }; /* so often is it read at most */

struct steady {
	struct stat at; /* as it was when it was opened */
	unsigned times;
};

void steady_begin(struct steady *, int fd);
/* At its end: it was changed, and is to be read from its beginning again, where it stands now. */
bool steady_again(struct steady *, int fd);
#endif
