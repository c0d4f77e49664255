#include "controller/cli/daemon.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "controller/cli/cli.h"

/* The process of a file that is there, when it still runs; 0 when it does not. */
static pid_t
running(const char *path)
{
	FILE *f = fopen(path, "re");
	long pid = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%9ld", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM) ? (pid_t)pid : 0;
}

static int
write_pid(const char *path)
{
	pid_t other = running(path);
	char text[16];
	int fd, len;

	if (other > 0 && other != getpid())
		return cli_fail(1, "%s: process %d runs already", path, (int)other);
	(void)unlink(path); /* of one that has ended */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	len = snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (fd < 0 || write(fd, text, (size_t)len) != len) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return cli_fail(1, "%s: %s", path, strerror(error));
	}
	close(fd);
	return -1;
}

/* As daemons do: no terminal, and nobody waits for it. 0 in who was started. */
static int
go(void)
{
	int fd;

	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return cli_fail(1, "fork: %s", strerror(errno));
		if (pid > 0) {
			if (i > 0)
				_exit(0);
			return 0;
		}
		setsid();
	}
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, STDIN_FILENO);
		dup2(fd, STDOUT_FILENO);
		if (isatty(STDERR_FILENO))
			dup2(fd, STDERR_FILENO);
		close(fd);
	}
	return -1;
}

int
daemon_begin(const struct daemon *d)
{
	return d->background ? go() : -1;
}

int
daemon_mark(struct daemon *d)
{
	int status = d->pid_file[0] ? write_pid(d->pid_file) : -1;

	d->marked = status < 0 && d->pid_file[0];
	return status;
}

void
daemon_end(const struct daemon *d)
{
	if (d->marked)
		(void)unlink(d->pid_file);
}
