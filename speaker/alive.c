#include "speaker/alive.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "common/mem.h"
#include "speaker/link.h"
#include "speaker/peer.h"

enum { BEAT = 1000000 /* microseconds */, SILENCE = 10 /* seconds */ };

struct alive {
	struct speaker *speaker;
	struct loop_timer timer;
	int fd;
	char path[PATH_MAX];
};

static void
beat(void *self)
{
	struct alive *a = self;
	struct speaker *s = a->speaker;
	unsigned up = 0;
	char line[128];
	int len;

	for (uint32_t i = 0; i < s->peers_cap; i++)
		up += s->peers[i] && s->peers[i]->session;
	len = snprintf(line, sizeof line, "%u of %u peers up, controller %s\n", up, s->peer_count,
	    link_up(s->link) ? "connected" : "away");
	/* a disk that is full leaves an old time, and is found out that way */
	if (ftruncate(a->fd, 0) == 0)
		(void)!pwrite(a->fd, line, (size_t)len, 0);
	loop_timer_set(s->loop, &a->timer, loop_now(s->loop) + BEAT);
}

struct alive *
alive_open(struct speaker *s, const char *path)
{
	struct alive *a = mem_zero(sizeof *a);

	a->speaker = s;
	a->timer = (struct loop_timer){ .fire = beat, .self = a };
	snprintf(a->path, sizeof a->path, "%s", path);
	a->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (a->fd < 0) {
		mem_free(a);
		return NULL;
	}
	beat(a);
	return a;
}

void
alive_close(struct alive *a)
{
	if (!a)
		return;
	loop_timer_stop(a->speaker->loop, &a->timer);
	close(a->fd);
	(void)unlink(a->path);
	mem_free(a);
}

int
alive_ask(const char *path)
{
	struct stat st;
	char line[256];
	FILE *f = fopen(path, "re");
	double age;

	if (!f || fstat(fileno(f), &st) < 0) {
		fprintf(stderr, "ambo-speaker: %s: %s\n", path, strerror(errno));
		if (f)
			fclose(f);
		return 1;
	}
	age = difftime(time(NULL), st.st_mtime);
	if (fgets(line, sizeof line, f))
		fputs(line, stdout);
	fclose(f);
	if (age <= SILENCE)
		return 0;
	fprintf(stderr, "ambo-speaker: %s: no sign of life for %.0f s\n", path, age);
	return 1;
}
