/* ambo shell: commands typed one by one, and what completes them. Where standard input is no terminal each line is run
 * as it comes, and one that ends with a TAB or a question mark is answered with what may come next. */
#include <editline/readline.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/text.h"
#include "controller/cli/candidates.h"
#include "controller/cli/cli.h"
#include "controller/cli/dial.h"

enum { NEIGHBORS = 4096, ARGUMENTS = 64, SOON = 1000000 /* microseconds */ };

static struct {
	char **neighbors; /* NULL-terminated */
	size_t count;
	char **found; /* completions of the line at hand */
	size_t found_count, found_cap;
} shell;

/* --- the neighbors that there are --- */

struct question {
	struct dial dial;
};

static void
heard(void *self, const struct api_answer *answer, size_t octets)
{
	struct question *q = self;
	const struct node *list = node_find(answer->body, "data");
	char text[64];

	(void)octets;
	for (uint32_t i = 0; i < node_count(list) && shell.count < NEIGHBORS; i++) {
		node_text(node_find(node_at(list, i), "peer-address"), text, sizeof text);
		if (text[0])
			shell.neighbors[shell.count++] = mem_text(text, strlen(text));
	}
	if (node_bool(node_find(answer->body, "final"), true))
		loop_stop(q->dial.loop, CLI_OK);
}

/* What cannot be reached has no neighbors to be completed; the command itself will say so. */
static void
ask_neighbors(const struct cli *cli)
{
	static const char line[] = "peer list";
	struct question q = { .dial = { .self = &q, .answer = heard } };
	struct loop *loop = loop_new();
	struct cli soon = *cli;
	int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	shell.neighbors = mem_zero((NEIGHBORS + 1) * sizeof *shell.neighbors);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	soon.timeout = SOON;
	if (dial_open(&q.dial, &soon, loop) < 0) {
		api_command_pack(&q.dial.pack, 1, line, sizeof line - 1, API_WAIT_ACCEPTED, true);
		dial_send(&q.dial);
		dial_hold(&q.dial);
		(void)dial_status(&q.dial, loop_run(loop), "an answer");
	}
	dial_close(&q.dial);
	loop_free(loop);
	fflush(stderr);
	if (err >= 0) {
		dup2(err, STDERR_FILENO);
		close(err);
	}
	if (null >= 0)
		close(null);
}

static void
forget_neighbors(void)
{
	for (size_t i = 0; i < shell.count; i++)
		mem_free(shell.neighbors[i]);
	mem_free(shell.neighbors);
	shell.neighbors = NULL;
	shell.count = 0;
}

/* --- what may come next --- */

static void
print(void *self, const char *word)
{
	(void)self;
	puts(word);
}

static void
keep(void *self, const char *word)
{
	(void)self;
	shell.found =
	    mem_grow(shell.found, &shell.found_cap, shell.found_count + 1, sizeof *shell.found);
	shell.found[shell.found_count++] = strdup(word); /* the library frees it */
}

static char *
next_found(const char *text, int state)
{
	(void)text;
	(void)state;
	return shell.found_count > 0 ? shell.found[--shell.found_count] : NULL;
}

static char **
complete(const char *text, int start, int end)
{
	char *line = mem_text(rl_line_buffer, (size_t)end);

	(void)start;
	rl_attempted_completion_over = 1;
	candidates_of(line, (const char *const *)shell.neighbors, keep, NULL);
	mem_free(line);
	return rl_completion_matches(text, next_found);
}

int
cli_complete(struct cli *cli, int argc, char **argv)
{
	struct text line = { 0 };

	if (argc > 1 && strcmp(argv[1], "-h") == 0)
		return cli_help(cli, argc, argv);
	for (int i = 1; i < argc; i++)
		text_printf(&line, "%s%s", i > 1 ? " " : "", argv[i]);
	ask_neighbors(cli);
	candidates_of(text_str(&line), (const char *const *)shell.neighbors, print, NULL);
	forget_neighbors();
	text_fini(&line);
	return CLI_OK;
}

/* --- a line --- */

/* Into words, options among them; a line with quotes or brackets is one word, which the controller cuts. */
static int
run_line(const struct cli *given, char *line)
{
	struct cli cli = *given;
	const struct cli_command *command;
	char *argv[ARGUMENTS + 1], first[32], *save = NULL;
	int argc = 0;

	snprintf(first, sizeof first, "%.*s", (int)strcspn(line, " \t"), line);
	command = cli_command_find(first);
	if (!command)
		return cli_unknown(first);
	if (strpbrk(line, "\"'[{("))
		argv[argc++] = line;
	else
		for (char *w = strtok_r(line, " \t", &save); w && argc < ARGUMENTS;
		     w = strtok_r(NULL, " \t", &save))
			argv[argc++] = w;
	argv[argc] = NULL;
	return command->run(&cli, argc, argv);
}

/* -1: it is over; else the status of the line. */
static int
take(const struct cli *cli, char *line)
{
	size_t len = strlen(line);
	char *trimmed;

	if (len > 0 && (line[len - 1] == '\t' || line[len - 1] == '?')) {
		line[len - 1] = '\0';
		candidates_of(line, (const char *const *)shell.neighbors, print, NULL);
		return CLI_OK;
	}
	trimmed = text_trim(line);
	if (strcmp(trimmed, "quit") == 0 || strcmp(trimmed, "exit") == 0)
		return -1;
	return *trimmed && *trimmed != '#' ? run_line(cli, trimmed) : CLI_OK;
}

static int
typed(const struct cli *cli)
{
	char *line;
	int status = CLI_OK, got = CLI_OK;

	rl_readline_name = (char *)(uintptr_t) "ambo";
	rl_attempted_completion_function = complete;
	while (got >= 0 && (line = readline("ambo> ")) != NULL) {
		if (*line)
			add_history(line);
		got = take(cli, line);
		status = got >= 0 ? got : status;
		free(line);
	}
	if (got >= 0)
		putchar('\n');
	return status;
}

static int
read_lines(const struct cli *cli)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int status = CLI_OK, got = CLI_OK;

	while (got >= 0 && (len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		got = take(cli, line);
		status = got >= 0 ? got : status;
		fflush(stdout);
	}
	free(line);
	return status;
}

int
cli_shell(struct cli *cli, int argc, char **argv)
{
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words < argc)
		return cli_fail(CLI_USAGE, "shell has no arguments");
	ask_neighbors(cli);
	status = isatty(STDIN_FILENO) ? typed(cli) : read_lines(cli);
	forget_neighbors();
	mem_free(shell.found);
	return status;
}
