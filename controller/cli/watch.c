/* ambo watch: events as they happen. Credit is given as standard output takes what came, so a reader that is slow
 * makes the controller keep the newest state for us instead of everything. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "controller/cli/cli.h"
#include "controller/cli/dial.h"
#include "controller/cli/out.h"
#include "controller/cli/print.h"
#include "controller/cli/watch_text.h"

enum { SUBSCRIPTION = 1, CREDIT = 1024 * 1024, CREDIT_LOW = CREDIT / 2 };

struct watch {
	struct dial dial;
	struct out out;
	struct cli *cli;
	const char *neighbor, *speaker;
	uint64_t taken; /* octets of events since credit was given */
	bool accepted, lost, colour;
	struct text why; /* refused */
};

static void
subscribe(struct watch *w)
{
	struct api_request r = { .type = API_SUBSCRIBE,
		.id = SUBSCRIPTION,
		.credit = CREDIT,
		.snapshot = w->cli->snapshot,
		.updates = true,
		.states = true };

	if (w->neighbor)
		r.neighbor = reader_of(w->neighbor, strlen(w->neighbor));
	if (w->speaker)
		r.speaker = reader_of(w->speaker, strlen(w->speaker));
	w->taken = 0;
	api_subscribe_pack(&w->dial.pack, &r);
	dial_send(&w->dial);
}

static void
give_credit(void *self)
{
	struct watch *w = self;

	if (w->taken < CREDIT_LOW || w->dial.waiting || !w->dial.connected || out_left(&w->out) > 0)
		return;
	api_credit_pack(&w->dial.pack, SUBSCRIPTION, w->taken);
	w->taken = 0;
	dial_send(&w->dial);
}

static void
stopped(void *self)
{
	struct watch *w = self;

	loop_stop(w->dial.loop, CLI_OK);
}

static void
events(struct watch *w, const struct api_answer *answer, size_t octets)
{
	w->taken += octets;
	for (uint32_t i = 0; i < node_count(answer->body); i++) {
		if (w->cli->json) {
			print_json(&w->out.text, node_at(answer->body, i));
			text_char(&w->out.text, '\n');
		} else {
			watch_text(&w->out.text, node_at(answer->body, i), w->colour);
		}
	}
	out_flush(&w->out);
	give_credit(w);
}

static void
answer(void *self, const struct api_answer *answer, size_t octets)
{
	struct watch *w = self;
	char status[32];

	if (w->out.gone || answer->id != SUBSCRIPTION)
		return;
	if (answer->type == API_EVENT) {
		events(w, answer, octets);
		return;
	}
	node_text(node_find(answer->body, "status"), status, sizeof status);
	if (strcmp(status, "error") == 0) {
		text_clear(&w->why);
		print_word(&w->why, node_bytes(node_find(answer->body, "text")));
		loop_stop(w->dial.loop, CLI_REFUSED);
		return;
	}
	if (!w->accepted && !reader_equal(node_bytes(node_find(answer->body, "text")),
				reader_of("subscribed", strlen("subscribed")))) {
		text_clear(&w->why);
		print_word(&w->why, node_bytes(node_find(answer->body, "text")));
		fprintf(stderr, "ambo: %s\n", text_str(&w->why));
	}
	w->accepted = true;
	loop_timer_stop(w->dial.loop, &w->dial.deadline);
}

/* The controller went, and one has come: it knows nothing of our subscription. */
static void
changed(void *self)
{
	struct watch *w = self;

	if (!w->accepted)
		return;
	if (w->dial.connected && w->lost) {
		fprintf(stderr, "ambo: connected again\n");
		subscribe(w);
	} else if (!w->dial.connected && !w->lost) {
		fprintf(stderr, "ambo: connection lost, waiting for the controller\n");
	}
	w->lost = !w->dial.connected;
}

static void
on_signal(void *self, int number)
{
	(void)number;
	stopped(self);
}

/* [neighbor ADDRESS] [speaker NAME] */
static int
which(struct watch *w, int argc, char **argv)
{
	for (int i = 0; i < argc; i += 2) {
		const char **to =
		    strcmp(argv[i], "neighbor") == 0 || strcmp(argv[i], "neighbors") == 0
			? &w->neighbor
		    : strcmp(argv[i], "speaker") == 0 ? &w->speaker
						      : NULL;

		if (!to || i + 1 == argc)
			return cli_fail(CLI_USAGE,
			    "watch wants [neighbor ADDRESS] [speaker NAME], not \"%s\"", argv[i]);
		*to = argv[i + 1];
	}
	return -1;
}

static int
run(struct watch *w)
{
	int status;

	subscribe(w);
	dial_hold(&w->dial);
	status = dial_status(&w->dial, loop_run(w->dial.loop), "an answer");
	if (status == CLI_REFUSED)
		(void)cli_fail(status, "%s", text_str(&w->why));
	return status;
}

int
cli_watch(struct cli *cli, int argc, char **argv)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	struct watch w = { .cli = cli };
	struct loop *loop;
	const char *no_colour = getenv("NO_COLOR");
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0 || (status = which(&w, argc - words, argv + words)) >= 0)
		return status;
	w.colour = isatty(STDOUT_FILENO) && (!no_colour || *no_colour == '\0');
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	if (loop_signals(loop, signals, on_signal, &w) < 0)
		return cli_fail(CLI_REFUSED, "signals");
	w.dial.self = w.out.self = &w;
	w.dial.answer = answer;
	w.dial.changed = changed;
	w.dial.ready = give_credit;
	w.out.drained = give_credit;
	w.out.closed = stopped;
	status = dial_open(&w.dial, cli, loop);
	if (status < 0) {
		out_open(&w.out, loop);
		status = run(&w);
		out_close(&w.out);
	}
	dial_close(&w.dial);
	loop_free(loop);
	text_fini(&w.why);
	return status;
}
