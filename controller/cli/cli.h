/* The `ambo` program: one subcommand a file, one table of them (commands.c).
 *
 *      argv -> options -> command -> dial (a connection to a controller) -> what is printed, exit status
 *
 * Every word that is not ours is the controller's: sent as it stands, by ask.c. It talks to a controller by the API of FRAMES.md alone; what reads configuration files (run, validate)
 * uses the controller's own loader. */
#ifndef CONTROLLER_CLI_CLI_H
#define CONTROLLER_CLI_CLI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; scripts rely on them. `ambo run` and `ambo validate` give 0 or 1, 2 for a wrong call. */
enum cli_status { CLI_OK, CLI_REFUSED, CLI_USAGE, CLI_UNREACHABLE, CLI_TIMEOUT };

enum cli_wait { CLI_WAIT_SENT, CLI_WAIT_ACCEPTED, CLI_WAIT_NONE };

/* Options of those that talk to a controller. Texts borrow from argv or the environment. */
struct cli {
	const char *endpoint; /* -c, or AMBO_API */
	const char *instance; /* -i: name or process id of an `ambo run` */
	const char *key; /* --key, or AMBO_KEY */
	const char *controller_key; /* --controller-key, or AMBO_CONTROLLER_KEY */
	const char *file; /* --file */
	bool insecure, json, snapshot;
	bool wait_given;
	enum cli_wait wait;
	uint64_t timeout; /* microseconds */
};

struct cli_command {
	const char *name;
	int (*run)(struct cli *, int argc, char **argv); /* argv[0] is the command's own word */
	const char *arguments; /* for the usage line */
	const char *help;
	const char *options; /* lines about those of its own; or NULL */
};

/* Our own, in the order they are shown; ends with a name of NULL. The others are the controller's: cli_ask. */
extern const struct cli_command cli_commands[];
const struct cli_command *cli_command_find(const char *word); /* of either kind, or NULL */
bool cli_begins_with(const char *words, const char *first);
/* The word that is nearest to what was typed, or NULL. */
const char *cli_command_nearest(const char *word);

int cli_main(int argc, char **argv);
/* Take the options above out of argv, wherever they stand, or only those before the first word. Words stay,
 * from *words on (argc - *words of them). -1, or the exit status: told already. */
int cli_options(struct cli *, int argc, char **argv, bool leading, int *words);
/* "ambo: ..." on standard error; gives `status` back. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same about a word that is no command; gives CLI_USAGE. */
int cli_unknown(const char *word);
/* Read configuration files; NULL: what is wrong was told. */
struct config;
struct config *cli_load(const char *const *files, size_t count);

int cli_ask(struct cli *, int argc, char **argv); /* any command of the controller's own */
int cli_batch(struct cli *); /* announce --file */
/* The line as it is, with cli->file. */
int cli_ask_line(struct cli *, const char *line, size_t len);
int cli_decode(struct cli *, int argc, char **argv);
int cli_encode(struct cli *, int argc, char **argv);
/* What begins with that word, on standard output. */
int cli_help_on(const char *word);
int cli_health(struct cli *, int argc, char **argv);
int cli_healthcheck(struct cli *, int argc, char **argv);
int cli_help(struct cli *, int argc, char **argv);
int cli_usage(void); /* on standard error; CLI_USAGE */
int cli_keys(struct cli *, int argc, char **argv);
int cli_pipe(struct cli *, int argc, char **argv);
int cli_policy(struct cli *, int argc, char **argv);
int cli_complete(struct cli *, int argc, char **argv);
int cli_shell(struct cli *, int argc, char **argv);
int cli_schema(struct cli *, int argc, char **argv);
int cli_run(struct cli *, int argc, char **argv);
int cli_validate(struct cli *, int argc, char **argv);
int cli_version(struct cli *, int argc, char **argv);
int cli_watch(struct cli *, int argc, char **argv);
#endif
