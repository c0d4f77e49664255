/* ambo healthcheck: checks a service, and announces its addresses. */
#include "controller/cli/healthcheck.h"
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include "common/clock.h"
#include "controller/cli/cli.h"

static volatile sig_atomic_t ending;

static void
on_signal(int number)
{
	(void)number;
	ending = 1;
}

void
health_log(const struct health_options *o, int priority, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (priority == LOG_DEBUG && !o->debug)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!o->silent)
		fprintf(stderr, "%s: %s\n", o->name ? o->name : "healthcheck", text);
	if (!o->no_syslog)
		syslog(priority, "%s", text);
}

static int
facility_of(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} row[] = { { "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
		{ "daemon", LOG_DAEMON }, { "ftp", LOG_FTP }, { "kern", LOG_KERN },
		{ "lpr", LOG_LPR }, { "mail", LOG_MAIL }, { "news", LOG_NEWS },
		{ "syslog", LOG_SYSLOG }, { "user", LOG_USER }, { "uucp", LOG_UUCP },
		{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 } };

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		if (strcmp(row[i].name, name) == 0)
			return row[i].value;
	return -1;
}

/* --- waiting: signals are let in here, and while a command runs --- */

/* False: the time is over, or we are to end. */
static bool
wait_for(int fd, double seconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t until = clock_monotonic() + (uint64_t)(seconds * 1e6);
	sigset_t none;

	sigemptyset(&none);
	while (!ending) { /* the signal may have come while a command ran */
		uint64_t now = clock_monotonic(), left = now < until ? until - now : 0;
		struct timespec t = { .tv_sec = (time_t)(left / 1000000),
			.tv_nsec = (long)(left % 1000000) * 1000 };
		int got = ppoll(&p, fd >= 0, &t, &none);

		if (got > 0)
			return true;
		if (left == 0 || (got < 0 && errno != EINTR))
			return false;
	}
	return false;
}

/* Nobody else reads standard input, so an answer is read an octet at a time. False at its end. */
static bool
read_answer(void)
{
	enum { LONG = 3600 };
	char c;

	for (;;) {
		ssize_t n;

		if (!wait_for(0, LONG))
			return !ending;
		n = read(0, &c, 1);
		if (n == 1 && c == '\n')
			return true;
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return false;
	}
}

/* --- what is done --- */

static bool
write_line(const struct text *line)
{
	size_t at = 0;

	while (at < line->len) {
		ssize_t n = write(1, line->base + at, line->len - at);

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* False: nobody listens any more. */
static bool
announce(const struct health_options *o, enum health h)
{
	bool answers = !o->no_ack && !isatty(0), heard = true;

	for (size_t i = 0; i < o->address_count && heard; i++) {
		struct text line = { 0 };

		health_line(o, h, i, &line);
		health_log(o, LOG_DEBUG, "%.*s", (int)line.len - 1, text_str(&line));
		heard = write_line(&line);
		text_fini(&line);
		if (heard && answers && h != HEALTH_EXIT)
			answers = read_answer();
	}
	return heard;
}

static void
run_all(const struct health_options *o, const struct health_words *commands, enum health h)
{
	for (size_t i = 0; i < commands->count; i++) {
		struct text said = { 0 };

		if (health_run(commands->at[i], health_name(h), o->timeout, &said) != 0)
			health_log(o, LOG_WARNING, "%s: %s", commands->at[i], text_str(&said));
		text_fini(&said);
	}
}

static void
on_change(const struct health_options *o, enum health before, enum health h)
{
	health_log(o, LOG_INFO, "%s -> %s", health_name(before), health_name(h));
	if (o->dynamic_ip_setup && !o->no_ip_setup && health_speaks(h))
		health_addresses_set(o, h == HEALTH_UP);
	if (h == HEALTH_UP)
		run_all(o, &o->up_execute, h);
	else if (h == HEALTH_DOWN)
		run_all(o, &o->down_execute, h);
	else if (h == HEALTH_DISABLED)
		run_all(o, &o->disabled_execute, h);
	run_all(o, &o->execute, h);
}

static bool
is_well(const struct health_options *o, enum health h)
{
	struct text said = { 0 };
	int status;

	if (!o->command)
		return true;
	status = health_run(o->command, health_name(h), o->timeout, &said);
	if (status != 0)
		health_log(o, LOG_WARNING, "the check failed (%d): %s", status, text_str(&said));
	text_fini(&said);
	return status == 0;
}

static void
look_after(const struct health_options *o)
{
	enum health h = HEALTH_INIT;
	unsigned checks = 0;
	bool heard = true;

	while (!ending && heard) {
		bool disabled = o->disable && access(o->disable, F_OK) == 0,
		     well = disabled || is_well(o, h);
		enum health before = h;

		if (ending)
			break; /* of a check that was cut off */
		h = health_next(o, h, &checks, disabled, well);
		if (h != before)
			on_change(o, before, h);
		if (health_speaks(h) && (h != before || !o->debounce))
			heard = announce(o, h);
		if (o->interval <= 0 && health_speaks(h))
			return; /* what it said stands */
		if (h != HEALTH_INIT)
			(void)wait_for(-1, h == HEALTH_RISING || h == HEALTH_FALLING
					       ? o->fast_interval
					       : o->interval);
	}
	/* first of all: who waits for our end waits two seconds, and a command may take longer */
	if (heard)
		(void)announce(o, HEALTH_EXIT);
	on_change(o, h, HEALTH_EXIT);
}

/* --- begin and end --- */

static int
become(const struct health_options *o)
{
	const struct group *g = o->group ? getgrnam(o->group) : NULL;
	const struct passwd *u = o->user ? getpwnam(o->user) : NULL;

	if ((o->group && !g) || (o->user && !u))
		return cli_fail(CLI_REFUSED, "healthcheck: no such %s: %s",
		    o->user && !u ? "user" : "group", o->user && !u ? o->user : o->group);
	/* groups first, while there is the right to; root's own go too */
	if (((g || u) && geteuid() == 0 && setgroups(0, NULL) < 0) ||
	    (g && setgid(g->gr_gid) < 0) || (u && setuid(u->pw_uid) < 0))
		return cli_fail(CLI_REFUSED, "healthcheck: to become %s: %s",
		    u ? o->user : o->group, strerror(errno));
	return -1;
}

static int
write_pid(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f) != 0)
		return cli_fail(CLI_REFUSED, "%s: %s", path, strerror(errno));
	return -1;
}

static void
take_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int
prepare(struct health_options *o)
{
	int status = -1, facility = facility_of(o->facility);

	if (facility < 0)
		return cli_fail(CLI_USAGE, "healthcheck: no such syslog facility: %s", o->facility);
	if (!o->no_syslog)
		openlog(o->name ? o->name : "healthcheck", LOG_PID, facility);
	if (health_addresses_find(o) < 0)
		return cli_fail(CLI_USAGE, "healthcheck: too many addresses in these networks");
	if (o->address_count == 0)
		return cli_fail(
		    CLI_USAGE, "healthcheck: no address: neither --ip nor one on the loopback");
	if (o->pid)
		status = write_pid(o->pid);
	if (status < 0 && !o->no_ip_setup && !o->dynamic_ip_setup)
		health_addresses_set(o, true);
	return status < 0 ? become(o) : status;
}

int
cli_healthcheck(struct cli *cli, int argc, char **argv)
{
	struct health_options o;
	int status = health_options_read(&o, argc, argv);

	(void)cli;
	if (status < 0)
		status = prepare(&o);
	if (status < 0) {
		take_signals();
		look_after(&o);
		if (o.pid)
			(void)unlink(o.pid);
		status = CLI_OK;
	}
	health_options_fini(&o);
	return status;
}
