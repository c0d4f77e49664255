/* ambo run: a controller and a speaker side by side, in the foreground, over unix sockets that are theirs alone.
 *
 * Both are watched by half.c. Stopping begins with the controller: helpers and clients then see the end of Ambo
 * and not a burst of peers that go down, and nothing is announced any more by the time the sessions close. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/log.h"
#include "controller/cli/cli.h"
#include "controller/cli/half.h"
#include "controller/cli/instance.h"
#include "controller/config/config.h"
#include "controller/options.h"

static const char usage[] =
    "usage: ambo run [options] FILE...\n"
    "\n"
    "Starts a controller and a speaker for this configuration (an ExaBGP configuration will do) "
    "and keeps\n"
    "them running. Stops with Ctrl-C or SIGTERM; SIGUSR1 reads the configuration again.\n"
    "\n"
    "  --name NAME             how `ambo -i NAME` finds it (default: its process id)\n"
    "  --api ENDPOINT          where clients connect (default: a unix socket that `ambo` finds)\n"
    "  --key FILE, --insecure  for --api tcp://...: our CURVE keys, or none\n"
    "  --listen ADDRESS        accept sessions there; may be repeated (default: exabgp_tcp_bind)\n"
    "  --port PORT             to listen on and to connect to (default: exabgp_tcp_port, else "
    "179)\n"
    "  --max-routes N          cap on received routes of all peers together\n"
    "  --log-format FORMAT     text or json (default: text on a terminal)\n"
    "  --log-level LEVEL       error, warning, info or debug (default info)\n"
    "\n"
    "Exit status: 0 when it was stopped, 1 when it could not start, 2 for a wrong call.\n";

enum {
	OPT_NAME = 256,
	OPT_API,
	OPT_KEY,
	OPT_INSECURE,
	OPT_LISTEN,
	OPT_PORT,
	OPT_MAX_ROUTES,
	OPT_FORMAT,
	OPT_LEVEL,
	OPT_HELP
};

static const struct option table[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "api", required_argument, NULL, OPT_API },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "max-routes", required_argument, NULL, OPT_MAX_ROUTES },
	{ "log-format", required_argument, NULL, OPT_FORMAT },
	{ "log-level", required_argument, NULL, OPT_LEVEL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

enum {
	ARGS = 96,
	LISTENS = 16,
	CONTROLLER_TIME = 2000000, /* microseconds it has to end before the speaker is told, too */
	KILL_TIME = 5000000 /* ... until what is left is killed */
};

/* An argv being made. */
struct args {
	const char *arg[ARGS];
	unsigned count;
};

struct run {
	struct loop *loop;
	struct half controller, speaker;
	struct args controller_args, speaker_args;
	struct instance instance;
	struct loop_timer speaker_time, kill_time;
	bool stopping;
	int status;
	/* options */
	const char *listen[LISTENS], *port, *max_routes, *format, *level, *key;
	unsigned listens;
	bool insecure;
	const char *const *files;
	unsigned file_count;
	/* memory that arguments point to */
	char controller_path[512], speaker_path[512], lane[INSTANCE_DIR + 32], default_port[8];
	char default_listen[LISTENS][ADDR_TEXT];
};

/* --- stopping --- */

static void
stop_speaker(void *self)
{
	half_stop(&((struct run *)self)->speaker);
}

static void
kill_all(void *self)
{
	struct run *r = self;

	stop_speaker(r);
	half_signal(&r->controller, SIGKILL);
	half_signal(&r->speaker, SIGKILL);
}

static void
stop(struct run *r, int status)
{
	if (r->stopping)
		return;
	r->stopping = true;
	r->status = status;
	half_stop(&r->controller);
	r->speaker_time = (struct loop_timer){ .fire = stop_speaker, .self = r };
	r->kill_time = (struct loop_timer){ .fire = kill_all, .self = r };
	loop_timer_set(r->loop, &r->speaker_time, loop_now(r->loop) + CONTROLLER_TIME);
	loop_timer_set(r->loop, &r->kill_time, loop_now(r->loop) + KILL_TIME);
}

static void
reap_half(struct run *r, struct half *h)
{
	switch (half_reap(h)) {
	case HALF_HOPELESS:
		log_error(h->name, "it could not start");
		stop(r, 1);
		break;
	case HALF_DONE:
		log_info("ambo", "shut down by a client");
		stop(r, 0);
		break;
	default:
		break;
	}
}

/* Whoever ended: a half, or, when we are the first process of a container, an orphan of a helper. */
static void
reap(struct run *r)
{
	siginfo_t who = { 0 };

	while (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == 0 && who.si_pid > 0) {
		if (r->controller.running && who.si_pid == r->controller.child.pid)
			reap_half(r, &r->controller);
		else if (r->speaker.running && who.si_pid == r->speaker.child.pid)
			reap_half(r, &r->speaker);
		else
			(void)waitpid(who.si_pid, NULL, WNOHANG);
		who = (siginfo_t){ 0 };
	}
	if (r->stopping && !r->controller.running)
		half_stop(&r->speaker);
	if (r->stopping && !r->controller.running && !r->speaker.running)
		loop_stop(r->loop, r->status);
}

static void
on_signal(void *self, int number)
{
	struct run *r = self;

	switch (number) {
	case SIGCHLD:
		reap(r);
		break;
	case SIGUSR1:
	case SIGUSR2:
	case SIGALRM:
		if (!r->stopping)
			half_signal(&r->controller, number);
		break;
	default:
		if (r->stopping) /* asked twice */
			kill_all(r);
		else
			log_info("ambo", "stopped by signal %d", number);
		stop(r, 0);
		reap(r); /* none may be running */
	}
}

/* --- what the halves are called with --- */

static void
add(struct args *a, const char *option, const char *value)
{
	if (option && a->count + 1 < ARGS)
		a->arg[a->count++] = option;
	if (value && a->count + 1 < ARGS)
		a->arg[a->count++] = value;
}

/* Beside our own file, else wherever PATH says. */
static void
find_program(char *path, size_t size, const char *name)
{
	ssize_t len = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash && (size_t)(slash - path) + strlen(name) + 2 < size) {
		strcpy(slash + 1, name);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, size, "%s", name);
}

static void
common_args(struct run *r, struct args *a)
{
	if (r->format)
		add(a, "--log-format", r->format);
	if (r->level)
		add(a, "--log-level", r->level);
	add(a, "--die-with-parent", NULL);
}

static void
controller_args(struct run *r)
{
	struct args *a = &r->controller_args;

	find_program(r->controller_path, sizeof r->controller_path, "ambo-controller");
	add(a, r->controller_path, "--embedded");
	add(a, "--api", r->instance.api);
	add(a, "--bind", r->lane);
	if (r->key)
		add(a, "--key", r->key);
	if (r->insecure)
		add(a, "--insecure", NULL);
	common_args(r, a);
	add(a, "--", NULL);
	for (unsigned i = 0; i < r->file_count; i++)
		add(a, NULL, r->files[i]);
}

static void
speaker_args(struct run *r)
{
	struct args *a = &r->speaker_args;

	find_program(r->speaker_path, sizeof r->speaker_path, "ambo-speaker");
	add(a, r->speaker_path, NULL);
	add(a, "--controller", r->lane);
	add(a, "--name", "local");
	for (unsigned i = 0; i < r->listens; i++)
		add(a, "--listen", r->listen[i]);
	add(a, "--port", r->port);
	if (r->max_routes)
		add(a, "--max-routes", r->max_routes);
	common_args(r, a);
}

/* --- before anything starts --- */

static int
name_option(struct run *r, const char *name)
{
	if (*name == '\0' || strlen(name) >= sizeof r->instance.name || strpbrk(name, " \t\n/"))
		return cli_fail(CLI_USAGE,
		    "--name wants a word of at most %d characters, not \"%s\"", INSTANCE_NAME - 1,
		    name);
	strcpy(r->instance.name, name);
	return -1;
}

static int
api_option(struct run *r, const char *endpoint)
{
	if (strlen(endpoint) >= sizeof r->instance.api || !strstr(endpoint, "://"))
		return cli_fail(CLI_USAGE,
		    "an endpoint is tcp://ADDRESS:PORT or ipc:///PATH, not \"%s\"", endpoint);
	strcpy(r->instance.api, endpoint);
	return -1;
}

static int
one(struct run *r, int opt, char **argv)
{
	switch (opt) {
	case OPT_NAME:
		return name_option(r, optarg);
	case OPT_API:
		return api_option(r, optarg);
	case OPT_KEY:
		r->key = optarg;
		return -1;
	case OPT_INSECURE:
		r->insecure = true;
		return -1;
	case OPT_LISTEN:
		if (r->listens == LISTENS)
			return cli_fail(CLI_USAGE, "at most %d --listen", LISTENS);
		r->listen[r->listens++] = optarg;
		return -1;
	case OPT_PORT:
		r->port = optarg;
		return -1;
	case OPT_MAX_ROUTES:
		r->max_routes = optarg;
		return -1;
	case OPT_FORMAT:
		r->format = optarg;
		return -1;
	case OPT_LEVEL:
		r->level = optarg;
		return -1;
	case OPT_HELP:
		fputs(usage, stdout);
		return CLI_OK;
	default:
		return cli_fail(CLI_USAGE, "%s `%s` (`ambo run --help` lists the options)",
		    opt == ':' ? "no value for" : "unknown option", argv[optind - 1]);
	}
}

static int
options(struct run *r, int argc, char **argv)
{
	int opt, status;

	opterr = 0;
	optind = 0;
	while ((opt = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		status = one(r, opt, argv);
		if (status >= 0)
			return status;
	}
	if (optind == argc)
		return cli_fail(CLI_USAGE, "run wants a configuration FILE");
	r->files = (const char *const *)argv + optind;
	r->file_count = (unsigned)(argc - optind);
	if (r->file_count > ARGS / 2)
		return cli_fail(CLI_USAGE, "at most %d files", ARGS / 2);
	for (unsigned i = 0; i < r->file_count; i++)
		if (strcmp(r->files[i], "-") == 0)
			return cli_fail(CLI_USAGE,
			    "run wants files that can be read again, not standard input");
	return -1;
}

/* What the configuration and ExaBGP's environment say of us. */
static void
take_defaults(struct run *r, const struct config *c)
{
	if (r->listens == 0)
		for (; r->listens < c->env.tcp_bind_count && r->listens < LISTENS; r->listens++)
			r->listen[r->listens] =
			    addr_print(&c->env.tcp_bind[r->listens], r->default_listen[r->listens]);
	if (!r->port) {
		snprintf(r->default_port, sizeof r->default_port, "%u", c->env.tcp_port);
		r->port = r->default_port;
	}
	if (r->instance.api[0] == '\0' && c->controller.api)
		snprintf(r->instance.api, sizeof r->instance.api, "%s", c->controller.api);
	for (unsigned i = 0; i < r->file_count; i++) {
		size_t len = strlen(r->instance.files);

		snprintf(r->instance.files + len, sizeof r->instance.files - len, "%s%s",
		    i > 0 ? " " : "", r->files[i]);
	}
	r->instance.files[strcspn(r->instance.files, "\n")] = '\0';
}

/* A mistake in the configuration is found before anything starts. */
static int
check_configuration(struct run *r)
{
	struct config *c = cli_load(r->files, r->file_count);

	if (!c)
		return 1;
	take_defaults(r, c);
	config_free(c);
	return -1;
}

static int
make_instance(struct run *r)
{
	char base[INSTANCE_DIR], why[256];

	if (instance_base(base, why, sizeof why) < 0 ||
	    instance_open(&r->instance, base, why, sizeof why) < 0)
		return cli_fail(1, "%s", why);
	snprintf(r->lane, sizeof r->lane, "ipc://%s/lane.sock", r->instance.dir);
	return -1;
}

/* Our own log is that of the halves. */
static void
open_log(const struct run *r)
{
	static const char *const levels[] = { "error", "warning", "info", "debug" };
	enum log_level level = LOG_LEVEL_INFO;

	for (int i = 0; r->level && i < 4; i++)
		if (strcmp(r->level, levels[i]) == 0)
			level = (enum log_level)i;
	log_open(STDERR_FILENO,
	    r->format ? strcmp(r->format, "json") == 0 ? LOG_JSON : LOG_TEXT : LOG_AUTO, level,
	    "ambo");
}

static int
start(struct run *r)
{
	r->controller = (struct half){ .name = "controller",
		.argv = r->controller_args.arg,
		.loop = r->loop,
		.done = CONTROLLER_SHUTDOWN };
	r->speaker =
	    (struct half){ .name = "speaker", .argv = r->speaker_args.arg, .loop = r->loop };
	if (half_start(&r->controller) < 0)
		return 1;
	if (half_start(&r->speaker) < 0)
		stop(r, 1);
	log_info("ambo", "clients at %s", r->instance.api);
	return loop_run(r->loop);
}

int
cli_run(struct cli *cli, int argc, char **argv)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM,
		0 };
	static struct run r;
	int status = options(&r, argc, argv);

	(void)cli;
	if (status >= 0 || (status = check_configuration(&r)) >= 0 ||
	    (status = make_instance(&r)) >= 0)
		return status;
	open_log(&r);
	signal(SIGPIPE, SIG_IGN);
	controller_args(&r);
	speaker_args(&r);
	r.loop = loop_new();
	if (loop_signals(r.loop, signals, on_signal, &r) < 0) {
		log_error("ambo", "signals: %s", strerror(errno));
		status = 1;
	} else {
		status = start(&r);
	}
	instance_close(&r.instance);
	loop_free(r.loop);
	return status;
}
