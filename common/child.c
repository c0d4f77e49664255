/* vfork, not fork: a process of 2 GB stands still for 37 ms while fork copies its page tables (measured), and
 * for 0.25 ms until a vforked child has called exec. Until then the child runs in our memory, so everything
 * is prepared before, and it makes system calls only. */
#include "common/child.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/mem.h"

extern char **environ;

enum { READ, WRITE };
enum { PIPE_ROOM = 256 * 1024 };

/* What the child is to do, and what it could not. */
struct start {
	const struct child_options *options;
	char **env;
	int in[2], out[2]; /* the pipes, -1 when not asked for */
	pid_t parent;
	volatile int error;
};

/* --- before --- */

static size_t
name_length(const char *assignment)
{
	return strcspn(assignment, "=") + 1;
}

static void
put_env(char **env, size_t *count, const char *assignment)
{
	size_t len = name_length(assignment), i;

	for (i = 0; i < *count; i++)
		if (strncmp(env[i], assignment, len) == 0)
			break;
	env[i] = (char *)assignment; /* exec does not write to it */
	if (i == *count)
		(*count)++;
}

/* Our environment with `more` added; NULL when ours is what is wanted. */
static char **
merged_env(const char *const *more)
{
	size_t ours = 0, added = 0;
	char **env;

	if (!more)
		return NULL;
	while (environ && environ[ours])
		ours++;
	while (more[added])
		added++;
	env = mem_zero((ours + added + 1) * sizeof *env);
	if (ours > 0)
		memcpy(env, environ, ours * sizeof *env);
	for (size_t i = 0; i < added; i++)
		put_env(env, &ours, more[i]);
	return env;
}

static void
close_pipe(int fd[2])
{
	for (int i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

/* Neither end is 0, 1 or 2, should these be closed in us: the child's own are put there. */
static int
open_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		int high = fd[i] > 2 ? fd[i] : fcntl(fd[i], F_DUPFD_CLOEXEC, 3);

		if (high < 0)
			return -1;
		if (high != fd[i])
			close(fd[i]);
		fd[i] = high;
	}
	return 0;
}

static int
open_pipes(struct start *s)
{
	if (!s->options->pipes)
		return 0;
	if (open_pipe(s->in) < 0 || open_pipe(s->out) < 0)
		return -1;
	/* one who reads in its own time is told more in one go; where the kernel does not let us it goes on without */
	(void)fcntl(s->in[WRITE], F_SETPIPE_SZ, PIPE_ROOM);
	/* only our ends: who reads or writes the others expects to wait */
	if (fcntl(s->in[WRITE], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(s->out[READ], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return 0;
}

/* --- in the child --- */

static void
reset_signals(void)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t none;

	sigaction(SIGPIPE, &by_default, NULL); /* exec keeps what is ignored */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
become(struct start *s)
{
	const struct child_options *o = s->options;

	if (o->new_group && setpgid(0, 0) < 0)
		return -1;
	if (o->die_with_parent) {
		if (prctl(PR_SET_PDEATHSIG, o->die_with_parent) < 0)
			return -1;
		if (getppid() != s->parent) {
			errno = ESRCH;
			return -1;
		}
	}
	if (o->pipes && (dup2(s->in[READ], 0) < 0 || dup2(s->out[WRITE], 1) < 0))
		return -1;
	/* fds of libraries and of those who started us: ours are so already */
	(void)syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
	reset_signals();
	return execvpe(o->argv[0], (char *const *)o->argv, s->env ? s->env : environ);
}

/* --- in the parent --- */

/* The child has its own table of fds and of signals, and our memory: `error` is how it tells us. No handler of
 * ours may run in it, so all signals wait. */
static pid_t
spawn(struct start *s)
{
	sigset_t all, before;
	pid_t pid;
	int why;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		(void)become(s);
		s->error = errno;
		_exit(127);
	}
	why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return pid;
}

static int
launch(struct child *c, struct start *s)
{
	if (open_pipes(s) < 0)
		return -1;
	c->pid = spawn(s);
	if (c->pid < 0)
		return -1;
	if (s->error != 0) {
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		errno = s->error;
		return -1;
	}
	c->in = s->in[WRITE];
	c->out = s->out[READ];
	s->in[WRITE] = s->out[READ] = -1;
	return 0;
}

int
child_start(struct child *c, const struct child_options *o)
{
	struct start s = { .options = o, .in = { -1, -1 }, .out = { -1, -1 }, .parent = getpid() };
	int got, why;

	*c = (struct child){ .pid = -1, .in = -1, .out = -1 };
	s.env = merged_env(o->env);
	got = launch(c, &s);
	why = errno;
	close_pipe(s.in);
	close_pipe(s.out);
	mem_free(s.env);
	if (got < 0)
		c->pid = -1;
	errno = why;
	return got;
}

int
child_watch(const struct child *c)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)c->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* "pid (name) state ...": the name is whatever the program likes, parentheses too. */
int
child_sleeps(int watch)
{
	char line[512];
	ssize_t n = watch < 0 ? -1 : pread(watch, line, sizeof line - 1, 0);
	const char *state;

	if (n <= 0)
		return -1;
	line[n] = '\0';
	state = strrchr(line, ')');
	if (!state || state[1] != ' ')
		return -1;
	return state[2] != 'R';
}

int
child_reap(struct child *c, int *status)
{
	pid_t got = waitpid(c->pid, status, WNOHANG);

	return got == c->pid ? 1 : got == 0 ? 0 : -1;
}
