/* ambo -: commands from standard input, one a line, up to 32 under way at a time. Each is answered by one line,
 * in order: "accepted", "sent ...", "pending ...", "done" (behind what a show printed) or "error: why".
 * Empty lines and # comments are skipped. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "controller/cli/cli.h"
#include "controller/cli/dial.h"
#include "controller/cli/input.h"
#include "controller/cli/print.h"

enum { UNDER_WAY = 32 };

/* What is owed for one command. */
struct owed {
	struct text said;
	struct print_pieces pieces;
	bool within; /* a line: a piece may end in the middle of one */
	bool whole; /* nothing more comes */
};

struct pipe {
	struct dial dial;
	const struct cli *cli;
	struct input in;
	uint64_t sent, answered; /* commands; their ids count from 1 */
	struct owed owed[UNDER_WAY]; /* by id modulo UNDER_WAY */
	int status;
};

/* --- answers --- */

/* One document, however many pieces it comes in. */
static void
say_json(struct owed *o, const struct node *body, bool final)
{
	const struct node *data = node_find(body, "data");
	struct text *out = &o->said;

	if (!o->pieces.list && (final || node_kind(data) != NODE_ARRAY)) {
		print_json(out, body);
		text_char(out, '\n');
		return;
	}
	if (!o->pieces.list)
		text_add(
		    out, "{ \"status\": \"done\", \"final\": true, \"text\": \"\", \"data\": ");
	print_pieces(&o->pieces, out, data, final);
	if (final)
		text_add(out, " }\n");
}

/* What a show says: text, or JSON where the command itself asked for it (`show neighbors json`). */
static void
say_shown(struct owed *o, const struct node *body, bool final)
{
	struct reader text = node_bytes(node_find(body, "text"));
	const struct node *data = node_find(body, "data");

	print_text(&o->said, text);
	if (text.left > 0)
		o->within = text.at[text.left - 1] != '\n';
	if (data || o->pieces.list) {
		print_pieces(&o->pieces, &o->said, data, final);
		o->within = true;
	}
	if (final)
		text_add(&o->said, o->within ? "\ndone\n" : "done\n");
}

static void
say(const struct pipe *p, struct owed *o, const struct node *body, const char *status, bool final)
{
	struct reader text = node_bytes(node_find(body, "text"));
	struct text *out = &o->said;

	if (p->cli->json) {
		say_json(o, body, final);
		return;
	}
	if (strcmp(status, "done") == 0) {
		say_shown(o, body, final);
		return;
	}
	if (strcmp(status, "error") == 0) {
		text_add(out, "error: ");
		print_word(out, text);
	} else {
		print_outcome(out, status, text);
	}
	text_char(out, '\n');
}

/* What is owed to those in front leaves. */
static void
release(struct pipe *p)
{
	while (p->answered < p->sent) {
		struct owed *o = &p->owed[(p->answered + 1) % UNDER_WAY];
		bool whole = o->whole;

		fwrite(text_str(&o->said), 1, o->said.len, stdout);
		text_clear(&o->said);
		if (!whole)
			break;
		o->whole = o->within = false;
		o->pieces = (struct print_pieces){ 0 };
		p->answered++;
	}
	fflush(stdout);
	if (ferror(stdout)) /* nobody reads */
		loop_stop(p->dial.loop, CLI_REFUSED);
}

static void go_on(void *self);

static void
answer(void *self, const struct api_answer *answer, size_t octets)
{
	struct pipe *p = self;
	struct owed *o = &p->owed[answer->id % UNDER_WAY];
	char status[32];
	bool final;

	(void)octets;
	if (answer->type != API_REPLY || answer->id <= p->answered || answer->id > p->sent)
		return;
	node_text(node_find(answer->body, "status"), status, sizeof status);
	final = node_bool(node_find(answer->body, "final"), true);
	if (strcmp(status, "error") == 0)
		p->status = CLI_REFUSED;
	/* "accepted" is only said when nothing comes behind it */
	if (final || strcmp(status, "accepted") != 0)
		say(p, o, answer->body, status, final);
	o->whole = final;
	release(p);
	go_on(p);
}

/* --- commands --- */

/* The next line. False when there is none (yet). */
static bool
next_line(struct pipe *p)
{
	struct reader line;

	if (!input_next(&p->in, &line))
		return false;
	api_command_pack(&p->dial.pack, ++p->sent, (const char *)line.at, line.left,
	    p->cli->wait_given && p->cli->wait == CLI_WAIT_SENT ? API_WAIT_SENT : API_WAIT_ACCEPTED,
	    p->cli->json);
	dial_send(&p->dial);
	return true;
}

/* Send what may be sent; read on when there is room for more; end when all is answered. */
static void
go_on(void *self)
{
	struct pipe *p = self;
	bool room = true;

	while (room && !p->dial.waiting && p->sent - p->answered < UNDER_WAY)
		room = next_line(p);
	if (p->sent > p->answered)
		dial_hold(&p->dial);
	else
		loop_timer_stop(p->dial.loop, &p->dial.deadline);
	input_want(&p->in, !room && !p->in.end);
	if (p->in.end && p->sent == p->answered && !room)
		loop_stop(p->dial.loop, p->status);
}

int
cli_pipe(struct cli *cli, int argc, char **argv)
{
	static struct pipe p;
	struct loop *loop;
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words < argc)
		return cli_fail(
		    CLI_USAGE, "- takes its commands from standard input, not \"%s\"", argv[words]);
	loop = loop_new();
	p.cli = cli;
	p.dial.self = &p;
	p.dial.answer = answer;
	p.dial.ready = go_on;
	status = dial_open(&p.dial, cli, loop);
	if (status < 0) {
		input_open(&p.in, loop, STDIN_FILENO, go_on, &p);
		status = dial_status(&p.dial, loop_run(loop), "an answer");
		if (p.in.too_long)
			status =
			    cli_fail(CLI_USAGE, "a line of more than %d octets", API_COMMAND_MAX);
		input_close(&p.in);
	}
	dial_close(&p.dial);
	for (int i = 0; i < UNDER_WAY; i++)
		text_fini(&p.owed[i].said);
	loop_free(loop);
	return status;
}
