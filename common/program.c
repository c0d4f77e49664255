#include "common/program.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int
program_wrong(const struct program *p, const char *what, const char *got)
{
	fprintf(stderr, "%s: %s, not \"%s\"\n", p->name, what, got);
	return 2;
}

int
program_misused(const struct program *p, const char *what)
{
	fprintf(stderr, "%s: %s\n\n%s", p->name, what, p->usage);
	return 2;
}

int
program_option(struct program *p, int opt, const char *arg)
{
	const char *wanted;

	switch (opt) {
	case LOG_OPTION_FORMAT:
	case LOG_OPTION_LEVEL:
	case LOG_OPTION_TO:
		wanted = log_option_take(&p->log, (enum log_option)opt, arg);
		return wanted ? program_wrong(p, wanted, arg) : -1;
	case PROGRAM_DIE_WITH_PARENT:
		p->parent = true;
		return -1;
	case PROGRAM_VERSION:
		printf("%s " AMBO_VERSION "\n", p->name);
		return 0;
	case PROGRAM_HELP:
		fputs(p->usage, stdout);
		return 0;
	default:
		fputs(p->usage, stderr);
		return 2;
	}
}

static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

void
program_start(const struct program *p)
{
	log_open(p->log.to, p->log.format, p->log.level, p->name);
	if (p->parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	raise_limits();
	signal(SIGPIPE, SIG_IGN);
}
