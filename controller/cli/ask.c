/* One command of the controller's own: sent as it was typed, its answers printed. */
#include <stdio.h>
#include <string.h>
#include "common/octets.h"
#include "controller/cli/cli.h"
#include "controller/cli/dial.h"
#include "controller/cli/line.h"
#include "controller/cli/print.h"
#include "controller/cli/source.h"

struct ask {
	struct dial dial;
	const struct cli *cli;
	struct text out;
	bool accepted;
	bool json; /* answers are printed so */
	struct print_pieces pieces;
};

static void
json(struct ask *a, const struct node *body, const struct node *data, bool final)
{
	print_pieces(&a->pieces, &a->out, data || a->pieces.list ? data : body, final);
	if (final || !a->pieces.list)
		text_char(&a->out, '\n');
}

static void
text(struct ask *a, const struct node *body, const char *status, bool final)
{
	struct reader said = node_bytes(node_find(body, "text"));

	if (strcmp(status, "done") != 0) {
		/* "sent to ...; pending: ..." says all; of one that was only accepted the status does */
		if (said.left > 0 && strcmp(status, "accepted") != 0)
			print_word(&a->out, said);
		else
			print_outcome(&a->out, status, said);
		text_char(&a->out, '\n');
		return;
	}
	/* a show; a piece of it may end in the middle of a line */
	print_text(&a->out, said);
	if (final && said.left > 0 && said.at[said.left - 1] != '\n')
		text_char(&a->out, '\n');
}

static void
say(struct ask *a, const struct node *body, const char *status, bool final)
{
	bool failed = strcmp(status, "error") == 0;

	text_clear(&a->out);
	/* the command itself may have asked for it: `show neighbors json` */
	if (strcmp(status, "done") == 0 && node_find(body, "data"))
		a->json = true;
	if (failed && !a->json) {
		print_text(&a->out, node_bytes(node_find(body, "text")));
		(void)cli_fail(CLI_REFUSED, "%s", a->out.len > 0 ? text_str(&a->out) : "refused");
		return;
	}
	if (a->json)
		json(a, body, failed ? NULL : node_find(body, "data"), final);
	else
		text(a, body, status, final);
	fwrite(text_str(&a->out), 1, a->out.len, stdout);
}

static void
answer(void *self, const struct api_answer *answer, size_t octets)
{
	struct ask *a = self;
	char status[32];
	bool final, failed;

	(void)octets;
	if (answer->type != API_REPLY || answer->id != 1)
		return;
	node_text(node_find(answer->body, "status"), status, sizeof status);
	final = node_bool(node_find(answer->body, "final"), true);
	failed = strcmp(status, "error") == 0;
	a->accepted = true;
	dial_hold(&a->dial);
	/* "accepted" is only shown when nothing comes behind it */
	if (strcmp(status, "accepted") != 0 || (final && a->cli->wait != CLI_WAIT_NONE))
		say(a, answer->body, status, final);
	if (final)
		loop_stop(a->dial.loop, failed ? CLI_REFUSED : CLI_OK);
}

static bool
announces(const char *line)
{
	return strstr(line, "announce") || strstr(line, "withdraw");
}

/* -1, or the exit status: told already. */
static int
read_file(const char *name, struct octets *body)
{
	struct source file;
	int status = source_open(&file, name);
	size_t n;

	if (status >= 0)
		return status;
	n = source_read(&file, octets_room(body, API_BODY_MAX + 1), API_BODY_MAX + 1);
	body->len = n;
	source_close(&file);
	return n <= API_BODY_MAX
		   ? -1
		   : cli_fail(CLI_REFUSED, "%s: more than %d octets", name, API_BODY_MAX);
}

/* What is sent; the same. */
static int
pack(struct ask *a, const struct cli *cli, const char *line, size_t len)
{
	bool sent = cli->wait == CLI_WAIT_SENT && (announces(line) || cli->wait_given);
	struct octets body = { 0 };
	int status = cli->file ? read_file(cli->file, &body) : -1;

	if (status < 0 && cli->file)
		api_command_pack_body(&a->dial.pack, 1, line, len, octets_read(&body), cli->json);
	else if (status < 0)
		api_command_pack(&a->dial.pack, 1, line, len,
		    sent ? API_WAIT_SENT : API_WAIT_ACCEPTED, cli->json);
	octets_fini(&body);
	return status;
}

int
cli_ask_line(struct cli *cli, const char *line, size_t len)
{
	struct ask a = { .cli = cli, .json = cli->json };
	struct loop *loop = loop_new();
	int status;

	a.dial.self = &a;
	a.dial.answer = answer;
	status = dial_open(&a.dial, cli, loop);
	if (status < 0)
		status = pack(&a, cli, line, len);
	if (status < 0) {
		dial_send(&a.dial);
		dial_hold(&a.dial);
		status = loop_run(loop);
		status = dial_status(
		    &a.dial, status, a.accepted ? "accepted, but not sent yet" : "an answer");
	}
	dial_close(&a.dial);
	loop_free(loop);
	text_fini(&a.out);
	if (fflush(stdout) != 0 && status == CLI_OK)
		status = CLI_REFUSED;
	return status;
}

int
cli_ask(struct cli *cli, int argc, char **argv)
{
	struct text line = { 0 };
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (cli->file && strcmp(argv[0], "announce") == 0 && words == argc)
		return cli_batch(cli);
	if (cli->file && !cli_begins_with(argv[0], "set"))
		return cli_fail(CLI_USAGE, "--file stands behind announce, or set replace NAME");
	/* getopt moves the options to the front but for argv[0], our first word */
	argv[words - 1] = argv[0];
	line_join(&line, argc - words + 1, argv + words - 1);
	status = cli_ask_line(cli, text_str(&line), line.len);
	text_fini(&line);
	return status;
}
