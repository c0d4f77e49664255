/* Commands of ambo healthcheck: by a shell, in a group of their own, which is killed when the time is over. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/child.h"
#include "common/clock.h"
#include "controller/cli/healthcheck.h"

enum { SAID_MAX = 400 };

/* What it says is read to the end, and the first of it kept. False when it says nothing more. */
static bool
read_some(int fd, struct text *said)
{
	char memory[4096];
	ssize_t n = read(fd, memory, sizeof memory);

	if (n > 0 && said->len < SAID_MAX) {
		size_t len = (size_t)n, room = SAID_MAX - said->len;

		text_addn(said, memory, len < room ? len : room);
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until it ended, the time is over or a signal tells us to end. Whoever it left behind may hold its standard output
 * for ever. */
static void
attend(int out, int pidfd, uint64_t until, struct text *said)
{
	struct pollfd fds[2] = { { .fd = pidfd, .events = POLLIN },
		{ .fd = out, .events = POLLIN } };
	sigset_t none;

	sigemptyset(&none);
	while (fds[0].revents == 0) {
		uint64_t now = clock_monotonic(), left = now < until ? until - now : 0;
		struct timespec t = { .tv_sec = (time_t)(left / 1000000),
			.tv_nsec = (long)(left % 1000000) * 1000 };

		if (left == 0 || ppoll(fds, 2, &t, &none) < 0)
			return;
		if (fds[1].revents && !read_some(out, said))
			fds[1].fd = -1;
	}
	while (fds[1].fd >= 0 && poll(&fds[1], 1, 0) == 1 && read_some(out, said))
		;
}

static int
finish(struct child *c, int pidfd, bool in_time)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	int status = -1;

	if (!in_time)
		kill(-c->pid, SIGKILL);
	while (child_reap(c, &status) == 0)
		(void)poll(&fd, 1, 1000);
	return in_time && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
health_run(const char *command, const char *state, double seconds, struct text *said)
{
	struct text script = { 0 };
	char env[32];
	const char *argv[] = { "sh", "-c", NULL, NULL }, *envs[] = { NULL, NULL };
	struct child_options o = { .argv = argv, .env = envs, .pipes = true, .new_group = true };
	uint64_t until = clock_monotonic() + (uint64_t)(seconds * 1e6);
	struct pollfd fd = { .events = POLLIN };
	struct child c;
	int status;

	snprintf(env, sizeof env, "STATE=%s", state);
	text_printf(&script, "exec 2>&1\n%s", command);
	argv[2] = text_str(&script);
	envs[0] = env;
	status = child_start(&c, &o);
	text_fini(&script);
	if (status < 0)
		return -1;
	close(c.in);
	fd.fd = (int)syscall(SYS_pidfd_open, c.pid, 0);
	attend(c.out, fd.fd, until, said);
	status = finish(&c, fd.fd, fd.fd >= 0 && poll(&fd, 1, 0) == 1);
	close(c.out);
	if (fd.fd >= 0)
		close(fd.fd);
	return status;
}
