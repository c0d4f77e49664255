/* ambo-speaker: the loop, the signals, the speaker. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "common/log.h"
#include "common/sock.h"
#include "speaker/alive.h"
#include "speaker/options.h"
#include "speaker/speaker.h"

static void
on_signal(void *self, int number)
{
	struct speaker *s = self;

	log_info("speaker", "stopped by signal %d", number);
	if (s->ends == 0)
		speaker_end(s);
	else /* asked twice */
		loop_stop(s->loop, 0);
}

/* A descriptor a session: take as many as we may have. */
static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	static struct speaker speaker;
	struct speaker_options options;
	struct program_options program;
	struct alive *alive;
	int status = options_parse(argc, argv, &options, &program);

	if (status >= 0)
		return status;
	log_open(program.log.to, program.log.format, program.log.level, "ambo-speaker");
	if (program.parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	raise_limits();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* we start nobody; as the first process of a container others' orphans are ours */

	struct loop *loop = loop_new();

	if (loop_signals(loop, signals, on_signal, &speaker) < 0 || sock_start() < 0) {
		log_error("speaker", "start: %s", strerror(errno));
		return 1;
	}
	if (speaker_open(&speaker, loop, &options) < 0)
		return 1;
	log_info("speaker", "%s, controller at %s, port %u", options.name, options.controller, options.port);
	alive = program.alive ? alive_open(&speaker, program.alive) : NULL;
	if (program.alive && !alive)
		log_error("speaker", "%s: %s", program.alive, strerror(errno));
	status = loop_run(loop);
	alive_close(alive);
	speaker_close(&speaker);
	sock_stop();
	loop_free(loop);
	return status;
}
