#include "common/child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE = 10000 }; /* milliseconds; everything here takes a few */

static void
nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000 * 1000 }, NULL);
}

static int
status_of(struct child *c)
{
	int status = -1, got = 0;

	for (int i = 0; i < PATIENCE / 5 && got == 0; i++) {
		got = child_reap(c, &status);
		if (got == 0)
			nap();
	}
	assert_int_equal(got, 1);
	return status;
}

static void
close_ends(struct child *c)
{
	if (c->in >= 0)
		close(c->in);
	if (c->out >= 0)
		close(c->out);
}

/* All that the child says until it closes its stdout. */
static const char *
read_all(int fd)
{
	static char text[4096];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t got;

	do {
		assert_int_equal(poll(&p, 1, PATIENCE), 1);
		got = read(fd, text + len, sizeof text - 1 - len);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0);
	text[len] = '\0';
	return text;
}

/* What a shell says that runs `script` as a child with pipes. */
static const char *
shell(const char *script, struct child_options o)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct child c;
	const char *said;

	o.argv = argv;
	o.pipes = true;
	assert_int_equal(child_start(&c, &o), 0);
	said = read_all(c.out);
	assert_int_equal(status_of(&c), 0);
	close_ends(&c);
	return said;
}

static unsigned
open_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
expect_failure(const char *program, bool pipes, int why)
{
	const char *const argv[] = { program, NULL };
	struct child_options o = { .argv = argv, .pipes = pipes, .new_group = true };
	struct child c;
	unsigned before = open_fds();

	errno = 0;
	assert_int_equal(child_start(&c, &o), -1);
	assert_int_equal(errno, why);
	assert_int_equal(c.pid, -1);
	assert_int_equal(open_fds(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie stays */
	assert_int_equal(errno, ECHILD);
}

static void
a_program_that_cannot_be_run_is_told_at_once_and_leaves_nothing(void **state)
{
	expect_failure("/nonexistent/program", true, ENOENT);
	expect_failure("no-such-program-in-path", true, ENOENT);
	expect_failure("no-such-program-in-path", false, ENOENT);
	expect_failure("/dev/null", true, EACCES);
	(void)state;
}

static void
octets_go_in_and_come_out(void **state)
{
	const char *const argv[] = { "cat", NULL };
	struct child_options o = { .argv = argv, .pipes = true };
	struct child c;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	assert_int_equal(write(c.in, "hello\n", 6), 6);
	close(c.in);
	c.in = -1;
	assert_string_equal(read_all(c.out), "hello\n");
	assert_int_equal(status_of(&c), 0);
	close_ends(&c);
}

static void
our_ends_never_wait_and_the_childs_do(void **state)
{
	static char much[1 << 20];
	const char *const argv[] = { "sleep", "100", NULL };
	struct child_options o = { .argv = argv, .pipes = true };
	ssize_t got, total = 0;
	struct child c;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	while ((got = write(c.in, much, sizeof much)) > 0)
		total += got;
	assert_int_equal(errno, EAGAIN);
	assert_true(total > 0);
	assert_int_equal(read(c.out, much, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(kill(c.pid, SIGKILL), 0);
	assert_true(WIFSIGNALED(status_of(&c)));
	close_ends(&c);
	for (int fd = 0; fd < 2; fd++) {
		const char *flags;

		snprintf(much, sizeof much, "cat /proc/self/fdinfo/%d", fd);
		flags = strstr(shell(much, (struct child_options){ 0 }), "flags:");
		assert_non_null(flags);
		assert_int_equal(strtoul(flags + strlen("flags:"), NULL, 8) & O_NONBLOCK, 0);
	}
}

static void
the_status_is_told_once(void **state)
{
	const char *const argv[] = { "sh", "-c", "exit 7", NULL };
	struct child_options o = { .argv = argv };
	struct child c;
	int status;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	assert_true(c.in == -1 && c.out == -1);
	status = status_of(&c);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(child_reap(&c, &status), -1);
	assert_int_equal(errno, ECHILD);
}

static void
a_running_child_is_not_waited_for(void **state)
{
	const char *const argv[] = { "sleep", "100", NULL };
	struct child_options o = { .argv = argv };
	struct child c;
	int status;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	assert_int_equal(child_reap(&c, &status), 0);
	kill(c.pid, SIGTERM);
	status = status_of(&c);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static int
sleeps(const char *const *argv, int wanted)
{
	struct child_options o = { .argv = argv };
	struct child c;
	int watch, got = -1;

	assert_int_equal(child_start(&c, &o), 0);
	watch = child_watch(&c);
	assert_true(watch >= 0);
	for (int i = 0; i < 1000 && got != wanted; i++) {
		nap();
		got = child_sleeps(watch);
	}
	kill(c.pid, SIGKILL);
	(void)status_of(&c);
	assert_int_equal(child_sleeps(watch), -1);
	close(watch);
	return got;
}

static void
who_waits_sleeps_and_who_works_does_not(void **state)
{
	const char *const waits[] = { "sleep", "100", NULL };
	const char *const works[] = { "sh", "-c", "while :; do :; done", NULL };

	(void)state;
	assert_int_equal(sleeps(waits, 1), 1);
	assert_int_equal(sleeps(works, 0), 0);
	assert_int_equal(child_sleeps(-1), -1);
}

static void
no_fd_past_stderr_goes_along(void **state)
{
	int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int theirs = open("/dev/null", O_RDONLY); /* as a library might */

	(void)state;
	assert_true(ours > 2 && theirs > 2);
	/* 3 is the directory that ls itself reads */
	assert_string_equal(
	    shell("ls /proc/self/fd | tr '\\n' ' '", (struct child_options){ 0 }), "0 1 2 3 ");
	assert_true(fcntl(theirs, F_GETFD) == 0); /* only the child's copy was marked */
	close(ours);
	close(theirs);
}

static void
the_child_starts_with_no_signal_blocked_and_sigpipe_as_it_is(void **state)
{
	sigset_t set, before;
	char expected[64];

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(strstr(shell("grep SigBlk /proc/self/status", (struct child_options){ 0 }),
	    "0000000000000000"));
	snprintf(expected, sizeof expected, "%d\n", 128 + SIGPIPE);
	assert_string_equal(
	    shell("(kill -PIPE $(exec sh -c 'echo $PPID')); echo $?", (struct child_options){ 0 }),
	    expected);
	/* ours are as they were */
	sigprocmask(SIG_UNBLOCK, &set, &before);
	assert_true(sigismember(&before, SIGUSR1) && !sigismember(&before, SIGUSR2));
	assert_true(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
}

static void
a_new_group_is_the_childs_own(void **state)
{
	const char *const argv[] = { "sleep", "100", NULL };
	struct child_options o = { .argv = argv };
	struct child c;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	assert_int_equal(getpgid(c.pid), getpgrp());
	kill(c.pid, SIGKILL);
	(void)status_of(&c);
	o.new_group = true;
	assert_int_equal(child_start(&c, &o), 0);
	assert_int_equal(getpgid(c.pid), c.pid);
	assert_int_equal(kill(-c.pid, SIGKILL), 0);
	(void)status_of(&c);
}

static void
the_environment_is_ours_and_what_is_added(void **state)
{
	static const char *const more[] = { "AMBO_TEST_NEW=new", "AMBO_TEST_OLD=newer", NULL };

	(void)state;
	setenv("AMBO_TEST_OLD", "old", 1);
	setenv("AMBO_TEST_KEPT", "kept", 1);
	assert_string_equal(shell("echo $AMBO_TEST_KEPT $AMBO_TEST_OLD $AMBO_TEST_NEW",
				(struct child_options){ 0 }),
	    "kept old\n");
	assert_string_equal(
	    shell("echo $AMBO_TEST_KEPT $AMBO_TEST_OLD $AMBO_TEST_NEW; env | grep -c AMBO_TEST_OLD",
		(struct child_options){ .env = more }),
	    "kept newer new\n1\n");
	assert_string_equal(getenv("AMBO_TEST_OLD"), "old");
}

static void
the_child_dies_with_us_when_asked_to(void **state)
{
	struct child_options o = { .die_with_parent = SIGKILL, .pipes = true };
	const char *const argv[] = { "sleep", "100", NULL };
	struct child c;
	int fd[2], status;
	char octet;
	pid_t parent;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	parent = fork();
	if (parent == 0) {
		o.argv = argv;
		status = child_start(&c, &o);
		(void)!write(fd[1], &c.pid, sizeof c.pid);
		_exit(status == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	close(fd[1]);
	assert_int_equal(read(fd[0], &c.pid, sizeof c.pid), sizeof c.pid);
	/* nothing else holds the pipe's write end once it is dead; the sleeper did not get it */
	assert_int_equal(read(fd[0], &octet, 1), 0);
	for (int i = 0; i < PATIENCE / 5 && kill(c.pid, 0) == 0; i++) {
		char path[64], line[256] = "";
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/stat", (int)c.pid);
		f = fopen(path, "r");
		if (f) {
			(void)!fgets(line, sizeof line, f);
			fclose(f);
		}
		if (strstr(line, ") Z ") || !f)
			break;
		nap();
		assert_true(i < PATIENCE / 5 - 1);
	}
	close(fd[0]);
}

static void
it_works_when_our_own_stdin_and_stdout_are_closed(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const char *const argv[] = { "cat", NULL };
		struct child_options o = { .argv = argv, .pipes = true };
		struct child c;
		char text[8] = "";
		struct pollfd p = { .events = POLLIN };

		close(0);
		close(1);
		if (child_start(&c, &o) < 0 || c.in < 3 || c.out < 3)
			_exit(1);
		if (write(c.in, "ab", 2) != 2)
			_exit(2);
		close(c.in);
		p.fd = c.out;
		poll(&p, 1, PATIENCE);
		_exit(read(c.out, text, sizeof text) == 2 && !strcmp(text, "ab") ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_cannot_be_run_is_told_at_once_and_leaves_nothing),
		cmocka_unit_test(octets_go_in_and_come_out),
		cmocka_unit_test(our_ends_never_wait_and_the_childs_do),
		cmocka_unit_test(the_status_is_told_once),
		cmocka_unit_test(a_running_child_is_not_waited_for),
		cmocka_unit_test(who_waits_sleeps_and_who_works_does_not),
		cmocka_unit_test(no_fd_past_stderr_goes_along),
		cmocka_unit_test(the_child_starts_with_no_signal_blocked_and_sigpipe_as_it_is),
		cmocka_unit_test(a_new_group_is_the_childs_own),
		cmocka_unit_test(the_environment_is_ours_and_what_is_added),
		cmocka_unit_test(the_child_dies_with_us_when_asked_to),
		cmocka_unit_test(it_works_when_our_own_stdin_and_stdout_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
