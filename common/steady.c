#include "common/steady.h"
#include <string.h>
#include <unistd.h>

void
steady_begin(struct steady *s, int fd)
{
	memset(s, 0, sizeof *s);
	s->times = fstat(fd, &s->at) == 0 && S_ISREG(s->at.st_mode) ? 1 : 0;
}

int
steady_again(struct steady *s, int fd)
{
	struct stat before = s->at;

	if (s->times == 0)
		return 0;
	if (fstat(fd, &s->at) < 0)
		return -1;
	if (s->at.st_size == before.st_size && s->at.st_mtim.tv_sec == before.st_mtim.tv_sec &&
	    s->at.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
		return 0;
	if (s->times >= STEADY_TIMES || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	s->times++;
	return 1;
}
