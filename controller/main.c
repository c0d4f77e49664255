/* ambo-controller: the loop, the signals, the controller. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "common/log.h"
#include "common/sock.h"
#include "controller/api/api.h"
#include "controller/controller.h"
#include "controller/options.h"
#include "controller/reload.h"

static struct controller controller;
static bool stopped; /* by a signal */

static void
on_signal(void *self, int number)
{
	if (number != SIGCHLD)
		api_signal(controller.api, number);
	switch (number) {
	case SIGCHLD:
		api_children(controller.api);
		break;
	case SIGUSR1:
		(void)reload_ask(&controller, RELOAD, NULL, NULL);
		break;
	case SIGALRM:
		(void)reload_ask(&controller, RELOAD_RESTART, NULL, NULL);
		break;
	case SIGUSR2:
		(void)reload_ask(&controller, RELOAD_HELPERS, NULL, NULL);
		break;
	default:
		log_info("controller", "stopped by signal %d", number);
		stopped = true;
		loop_stop(self, 0);
	}
}

/* Whoever supervises must know a `shutdown` that a client asked for from a signal that was for us alone. */
static int
exit_status(int status, const struct controller_options *o)
{
	return status == 0 && !stopped && o->embedded ? CONTROLLER_SHUTDOWN : status;
}

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD,
		0 };
	struct controller_options options;
	struct program program;
	int status = options_parse(argc, argv, &options, &program);

	if (status >= 0)
		return status;
	program_start(&program);

	struct loop *loop = loop_new();

	if (loop_signals(loop, signals, on_signal, loop) < 0 || sock_start() < 0) {
		log_error("controller", "start: %s", strerror(errno));
		return 1;
	}
	if (controller_open(&controller, loop, &options) < 0)
		return 1;
	status = loop_run(loop);
	controller_close(&controller);
	sock_stop();
	loop_free(loop);
	return exit_status(status, &options);
}
