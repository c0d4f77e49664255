/* ambo run: a controller and a speaker side by side, in the foreground, over unix sockets that are theirs alone.
 *
 * Both are watched by half.c. Stopping begins with the controller: helpers and clients then see the end of Ambo
 * and not a burst of peers that go down, and nothing is announced any more by the time the sessions close. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common/log.h"
#include "controller/cli/cli.h"
#include "controller/cli/daemon.h"
#include "controller/cli/half.h"
#include "controller/cli/instance.h"
#include "controller/cli/run_options.h"
#include "controller/config/config.h"
#include "controller/options.h"

enum {
	ARGS = 96,
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
	struct loop_timer speaker_time, kill_time, reload_time, begin;
	bool stopping;
	struct daemon daemon;
	uint32_t delay; /* minutes */
	int status;
	struct run_options options;
	/* memory that arguments point to */
	char controller_path[512], speaker_path[512], lane[INSTANCE_DIR + 32], default_port[8];
	char default_listen[RUN_LISTENS][ADDR_TEXT];
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
		log_info("ambo", "shut down");
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
	if (r->options.format)
		add(a, "--log-format", r->options.format);
	if (r->options.level)
		add(a, "--log-level", r->options.level);
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
	if (r->options.key)
		add(a, "--key", r->options.key);
	if (r->options.insecure)
		add(a, "--insecure", NULL);
	common_args(r, a);
	add(a, "--", NULL);
	for (unsigned i = 0; i < r->options.file_count; i++)
		add(a, NULL, r->options.files[i]);
}

static void
speaker_args(struct run *r)
{
	struct args *a = &r->speaker_args;

	find_program(r->speaker_path, sizeof r->speaker_path, "ambo-speaker");
	add(a, r->speaker_path, NULL);
	add(a, "--controller", r->lane);
	add(a, "--name", "local");
	for (unsigned i = 0; i < r->options.listens; i++)
		add(a, "--listen", r->options.listen[i]);
	add(a, "--port", r->options.port);
	if (r->options.max_routes)
		add(a, "--max-routes", r->options.max_routes);
	common_args(r, a);
}

/* --- before anything starts --- */

/* ExaBGP's environment, where no option says it. */
static void
take_log(struct run_options *o, const struct config_env *env)
{
	static const struct {
		const char *theirs, *ours;
	} levels[] = { { "DEBUG", "debug" }, { "INFO", "info" }, { "NOTICE", "info" },
		{ "WARNING", "warning" }, { "ERR", "error" }, { "ERROR", "error" },
		{ "CRITICAL", "error" }, { "ALERT", "error" }, { "EMERG", "error" } };

	if (o->level)
		return;
	if (!env->log_enable)
		o->level = "none";
	else if (env->log_all)
		o->level = "debug";
	for (size_t i = 0; !o->level && i < sizeof levels / sizeof *levels; i++)
		if (strcasecmp(env->log_level, levels[i].theirs) == 0)
			o->level = levels[i].ours;
}

/* A file is where the standard error of all of us goes, that of helpers too. */
static int
take_destination(const struct config_env *env)
{
	const char *to = env->log_destination;
	int fd;

	if (strcmp(to, "stdout") == 0 || strcmp(to, "stderr") == 0 || !env->log_enable)
		return -1;
	if (strcmp(to, "syslog") == 0 || strncmp(to, "host:", 5) == 0) {
		fprintf(stderr,
		    "ambo: exabgp.log.destination %s has no effect: the log goes to standard "
		    "error\n",
		    to);
		return -1;
	}
	fd = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return cli_fail(1, "exabgp.log.destination %s: %s", to, strerror(errno));
	close(fd);
	return -1;
}

static void
take_listens(struct run *r, const struct config_env *env)
{
	struct run_options *o = &r->options;

	if (o->listens > 0)
		return;
	for (; o->listens < env->tcp_bind_count && o->listens < RUN_LISTENS; o->listens++)
		o->listen[o->listens] =
		    addr_print(&env->tcp_bind[o->listens], r->default_listen[o->listens]);
}

/* What the configuration and the environment say of us. */
static int
take_defaults(struct run *r, const struct config *c)
{
	struct run_options *o = &r->options;

	take_log(o, &c->env);
	take_listens(r, &c->env);
	if (!o->port) {
		snprintf(r->default_port, sizeof r->default_port, "%u", c->env.tcp_port);
		o->port = r->default_port;
	}
	if (o->name)
		snprintf(r->instance.name, sizeof r->instance.name, "%s", o->name);
	if (o->api || c->controller.api)
		snprintf(r->instance.api, sizeof r->instance.api, "%s",
		    o->api ? o->api : c->controller.api);
	for (unsigned i = 0; i < o->file_count; i++) {
		size_t len = strlen(r->instance.files);

		snprintf(r->instance.files + len, sizeof r->instance.files - len, "%s%s",
		    i > 0 ? " " : "", o->files[i]);
	}
	r->instance.files[strcspn(r->instance.files, "\n")] = '\0';
	return take_destination(&c->env);
}

/* A mistake in the configuration is found before anything starts. */
static int
check_configuration(struct run *r)
{
	struct config *c = cli_load(r->options.files, r->options.file_count);
	int status;

	if (!c)
		return 1;
	status = take_defaults(r, c);
	r->daemon = (struct daemon){ .background = c->env.daemon_daemonize };
	snprintf(r->daemon.pid_file, sizeof r->daemon.pid_file, "%s", c->env.daemon_pid);
	r->delay = c->env.tcp_delay;
	config_free(c);
	return status;
}

static int
make_instance(struct run *r)
{
	char base[INSTANCE_DIR], why[256];

	if (instance_base(base, why, sizeof why) < 0 ||
	    instance_open(&r->instance, base, why, sizeof why) < 0)
		return cli_fail(1, "%s", why);
	snprintf(r->lane, sizeof r->lane, "unix://%s/lane.sock", r->instance.dir);
	return -1;
}

/* Our own log is that of the halves; a level that there is not is for them to refuse. */
static void
open_log(const struct run *r)
{
	const struct run_options *o = &r->options;
	enum log_format format = LOG_AUTO;
	enum log_level level = LOG_LEVEL_INFO;

	if (o->format)
		format = strcmp(o->format, "json") == 0 ? LOG_JSON : LOG_TEXT;
	if (o->level)
		(void)log_level_scan(&level, o->level);
	log_open(STDERR_FILENO, format, level, "ambo");
	for (unsigned i = 0; i < o->notes; i++)
		log_warning("ambo", "%s has no effect: %s", o->note[i], o->why[i]);
}

static void
reload(void *self)
{
	struct run *r = self;

	if (!r->stopping)
		half_signal(&r->controller, SIGUSR1);
}

/* -t: as `ambo validate` does. */
static int
test(struct cli *cli, const struct run_options *o)
{
	char *argv[RUN_FILES + 3] = { "validate", "--" };

	for (unsigned i = 0; i < o->file_count; i++)
		argv[i + 2] = (char *)o->files[i]; /* getopt does not write to it */
	return cli_validate(cli, (int)o->file_count + 2, argv);
}

static void
begin(void *self)
{
	struct run *r = self;

	if (!r->stopping && half_start(&r->speaker) < 0)
		stop(r, 1);
}

/* exabgp.tcp.delay: to the next minute that is a multiple of it. */
static uint64_t
seconds_until(uint32_t minutes)
{
	time_t now = time(NULL);
	struct tm tm;
	uint32_t past;

	localtime_r(&now, &tm);
	past = (uint32_t)tm.tm_min % minutes;
	if (past == 0)
		return 0;
	past = minutes - past;
	if (past > 60u - (uint32_t)tm.tm_min) /* the hour begins with one */
		past = 60u - (uint32_t)tm.tm_min;
	return past * UINT64_C(60) - (uint64_t)(tm.tm_sec < 60 ? tm.tm_sec : 59);
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
	r->begin = (struct loop_timer){ .fire = begin, .self = r };
	if (r->delay > 0)
		loop_timer_set(
		    r->loop, &r->begin, loop_now(r->loop) + 1000000 * seconds_until(r->delay));
	else
		begin(r);
	log_info("ambo", "clients at %s", r->instance.api);
	r->reload_time = (struct loop_timer){ .fire = reload, .self = r };
	if (r->options.reload_after > 0)
		loop_timer_set(r->loop, &r->reload_time,
		    loop_now(r->loop) + r->options.reload_after * UINT64_C(1000000));
	return loop_run(r->loop);
}

int
cli_run(struct cli *cli, int argc, char **argv)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM,
		0 };
	static struct run r;
	int status = run_options_parse(&r.options, argc, argv);

	if (status < 0 && r.options.test)
		status = test(cli, &r.options);
	if (status >= 0 || (status = check_configuration(&r)) >= 0)
		return status;
	status = daemon_begin(&r.daemon);
	if (status >= 0)
		return status;
	r.loop = loop_new();
	/* before there is anything that a signal would leave behind */
	if (loop_signals(r.loop, signals, on_signal, &r) < 0)
		status = cli_fail(1, "signals: %s", strerror(errno));
	else if ((status = daemon_mark(&r.daemon)) < 0)
		status = make_instance(&r);
	if (status < 0) {
		open_log(&r);
		signal(SIGPIPE, SIG_IGN);
		controller_args(&r);
		speaker_args(&r);
		status = start(&r);
		instance_close(&r.instance);
	}
	loop_free(r.loop);
	daemon_end(&r.daemon);
	return status;
}
