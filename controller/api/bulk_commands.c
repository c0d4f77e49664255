/* Announces and withdraws of routes in bulk, each in the words of a command, with a selector of its own. */
#include "controller/api/bulk.h"
#include <string.h>
#include "common/mem.h"
#include "controller/api/ahead.h"
#include "controller/api/recent.h"

enum { LINES = 32 /* a step */ };

struct bulk_commands {
	struct reader *line; /* in the bulk's own memory; one of no octets is no text */
};

static int
run(struct bulk *b, struct call *c)
{
	struct intent_result result = { 0 };
	const struct route_draft *d;

	if (!words_left(&c->words)) /* a comment */
		return 0;
	if (call_choose(c) < 0)
		return -1;
	c->kind = words_take(&c->words, "withdraw");
	if (c->kind == 0 && !words_take(&c->words, "announce"))
		return words_wrong(&c->words, &c->why, "announce or withdraw");
	d = announce_line(c, &result);
	if (!d)
		return -1;
	b->routes += result.routes;
	b->news += result.news;
	b->skipped += result.skipped;
	bulk_refused(b, &result.refused);
	bulk_touch(b, c->neighbor, c->count, d->family);
	if (c->kind == 0 && b->request->wait == API_WAIT_SENT)
		left_out_look_draft(&b->left_out, c->neighbor, c->count, d);
	return 0;
}

static void
do_line(struct bulk *b, struct reader line)
{
	struct api *api = b->api;
	struct again again;
	struct call c;

	if (line.left == 0) {
		struct reason why = { 0 };

		reason_set(&why, 0, 0, "no text of a command");
		bulk_fail(b, b->at, &why);
		return;
	}
	if (command_again(b->request->client, line, &again)) {
		b->routes += again.result.routes;
		b->news += again.result.news;
		b->skipped += again.result.skipped;
		bulk_touch(b, api->chosen, again.count, again.family);
		if (!again.withdraw && b->request->wait == API_WAIT_SENT)
			left_out_look(
			    &b->left_out, api->chosen, again.count, again.family, again.nlri);
		return;
	}
	if (call_begin(&c, b->request, line) < 0 || run(b, &c) < 0)
		bulk_fail(b, b->at, &c.why);
	recent_ran(api->recent);
}

static bool
step(struct bulk *b)
{
	const struct reader *line = b->of_commands->line;

	for (unsigned i = 0; i < LINES && b->at < b->count; i++, b->at++) {
		if (i + 1 < LINES && b->at + 1 < b->count)
			ahead_read(b->api->ahead, line[b->at + 1]);
		do_line(b, line[b->at]);
	}
	ahead_forget(b->api->ahead);
	return b->at == b->count;
}

static void
fini(struct bulk *b)
{
	mem_free(b->of_commands->line);
	mem_free(b->of_commands);
}

static const struct bulk_ops ops = { step, fini };

void
bulk_commands_request(struct request *r, const struct api_request *a)
{
	size_t count = node_count(a->list);
	struct bulk_commands *x;
	struct bulk *b;

	if (count > BULK_MAX) {
		request_done(&r, "error", "more than %d commands in one request", BULK_MAX);
		return;
	}
	b = bulk_new(r, &ops, a->message, count);
	b->of_commands = x = mem_zero(sizeof *x);
	x->line = mem_alloc((count + 1) * sizeof *x->line);
	request_weigh(r, count * sizeof *x->line);
	for (uint32_t i = 0; i < count; i++) {
		const struct node *text = node_at(a->list, i);

		x->line[i] = node_kind(text) == NODE_TEXT
				 ? bulk_lent(b, a->message, node_bytes(text))
				 : (struct reader){ 0 };
	}
}
