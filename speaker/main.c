/* ambo-speaker: the loop, the signals, the speaker. */
#include <errno.h>
#include <signal.h>
#include <string.h>
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

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	static struct speaker speaker;
	struct speaker_options options;
	struct program program;
	struct alive *alive;
	int status = options_parse(argc, argv, &options, &program);

	if (status >= 0)
		return status;
	program_start(&program);
	/* we start nobody; as the first process of a container others' orphans are ours */
	signal(SIGCHLD, SIG_IGN);

	struct loop *loop = loop_new();

	if (loop_signals(loop, signals, on_signal, &speaker) < 0 || sock_start() < 0) {
		log_error("speaker", "start: %s", strerror(errno));
		return 1;
	}
	if (speaker_open(&speaker, loop, &options) < 0)
		return 1;
	log_info("speaker", "%s, controller at %s, port %u", options.name, options.controller,
	    options.port);
	alive = options.alive ? alive_open(&speaker, options.alive) : NULL;
	if (options.alive && !alive)
		log_error("speaker", "%s: %s", options.alive, strerror(errno));
	status = loop_run(loop);
	alive_close(alive);
	speaker_close(&speaker);
	sock_stop();
	loop_free(loop);
	return status;
}
