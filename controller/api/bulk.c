/* Bulks: their slices, their answer, and what waits behind them. */
#include "controller/api/bulk.h"
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/process.h"
#include "controller/api/receipt.h"
#include "controller/telling.h"

static void
bulk_free(struct bulk *b)
{
	if (b->ops->fini)
		b->ops->fini(b);
	list_remove(&b->link);
	pack_fini(&b->failures);
	mem_free(b->touched);
	left_out_fini(&b->left_out);
	mem_free(b->memory);
	mem_free(b);
}

/* Nothing of its client waits for it any more, nor does its request know it. */
static void
let_go(struct bulk *b)
{
	list_remove(&b->beside);
	if (b->request->client->bulk == b)
		b->request->client->bulk = NULL;
	b->request->cancel = NULL;
}

static void
cancel(void *self)
{
	let_go(self);
	bulk_free(self);
}

struct bulk *
bulk_new(struct request *r, const struct bulk_ops *ops, struct reader message, size_t count)
{
	struct bulk *b = mem_zero(sizeof *b);
	struct api *api = r->client->api;

	b->ops = ops;
	b->api = api;
	b->request = r;
	b->count = count;
	b->memory = mem_copy(message.at, message.left);
	list_init(&b->beside);
	list_add(&api->bulks, &b->link);
	request_weigh(r, sizeof *b + message.left);
	r->cancel = cancel;
	r->self = b;
	if (ops->beside)
		list_add(&r->client->beside, &b->beside);
	else
		r->client->bulk = b;
	loop_wake(api->bulk_work);
	return b;
}

void
bulk_drop(struct bulk *b)
{
	let_go(b);
	bulk_free(b);
}

struct reader
bulk_lent(const struct bulk *b, struct reader message, struct reader of)
{
	if (of.failed || of.left == 0)
		return (struct reader){ 0 };
	return reader_of(b->memory + (of.at - message.at), of.left);
}

void
bulk_fail(struct bulk *b, size_t index, const struct reason *why)
{
	struct text t = { 0 };

	b->failed++;
	if (b->failures_told == BULK_FAILURES_MAX)
		return;
	b->failures_told++;
	if (why->column > 0)
		text_printf(&t, "column %u: ", why->column);
	text_add(&t, why->text);
	pack_array(&b->failures, 2);
	pack_uint(&b->failures, index);
	pack_textn(&b->failures, text_str(&t), t.len);
	text_fini(&t);
}

void
bulk_touch(struct bulk *b, struct neighbor *const *to, size_t count, enum family family)
{
	if (b->request->wait != API_WAIT_SENT)
		return;
	for (size_t i = 0; i < count; i++) {
		size_t had = b->touched_cap, number = to[i]->number;

		if (number >= had) {
			b->touched = mem_grow(b->touched, &b->touched_cap, number + 1, 1);
			memset(b->touched + had, 0, b->touched_cap - had);
		}
		if (to[i]->families & family_bit(family))
			b->touched[number] = TOUCHED;
		else if (b->touched[number] == TOUCHED_NOT)
			b->touched[number] = TOUCHED_WITHOUT;
	}
}

void
bulk_refused(struct bulk *b, const struct refusal *r)
{
	struct text t = { 0 };

	if (b->refused == 0 && r->count > 0) { /* a reload may come before the end */
		refusal_print(r, &t);
		snprintf(b->refusal, sizeof b->refusal, "%s", text_str(&t));
		text_fini(&t);
	}
	b->refused += r->count;
	b->left += r->left;
}

/* --- the answer --- */

static void
finish_data(const struct bulk *b, struct pack *data)
{
	pack_map(data, b->refused > 0 ? 7 : 5);
	pack_text(data, "routes");
	pack_uint(data, b->routes);
	pack_text(data, "news");
	pack_uint(data, b->news);
	pack_text(data, "skipped");
	pack_uint(data, b->skipped);
	if (b->refused > 0) {
		pack_text(data, "refused");
		pack_uint(data, b->refused);
		pack_text(data, "unkept");
		pack_uint(data, b->left);
	}
	pack_text(data, "failures");
	pack_uint(data, b->failed);
	pack_text(data, "failed");
	pack_array(data, b->failures_told);
	pack_copy(data, b->failures.base, b->failures.len);
}

static void
finish_text(const struct bulk *b, struct text *t)
{
	text_printf(t, "%zu route%s, %zu news", b->routes, b->routes == 1 ? "" : "s", b->news);
	if (b->failed > 0)
		text_printf(t, "; %zu of %zu failed", b->failed, b->count);
	if (b->refused > b->left)
		text_printf(t, "; %zu kept and not told", b->refused - b->left);
	if (b->left > 0)
		text_printf(t, "; %zu not kept, as another client's route is told there", b->left);
	if (b->refused > 0)
		text_printf(t, ", the first because %s", b->refusal);
}

/* Those that are still there go behind the `count` of `to`. → how many they are by then */
static size_t
gather(const struct bulk *b, enum touched what, struct neighbor **to, size_t count)
{
	for (size_t i = 0; i < b->touched_cap; i++) {
		struct neighbor *n = neighbor_by_number(b->api->controller, (uint32_t)i);

		if (n && b->touched[i] == what)
			to[count++] = n;
	}
	return count;
}

static void
wait_for(struct bulk *b, const char *status, const struct text *t, const struct pack *data)
{
	struct call c = { .api = b->api, .request = b->request };
	struct neighbor **to = mem_alloc((b->touched_cap + 1) * sizeof *to);
	size_t count = gather(b, TOUCHED, to, 0), all = gather(b, TOUCHED_WITHOUT, to, count);

	receipt_ask_data(&c, to, count, all - count, &b->left_out, status, t, data);
	mem_free(to);
}

static void
finish(struct bulk *b)
{
	const char *status = b->failed > 0 ? "error" : "accepted";
	struct request *r = b->request;
	struct pack data = { 0 };
	struct text t = { 0 };

	let_go(b);
	if (b->ops->beside) {
		bulk_free(b);
		request_unanswered(&r);
		return;
	}
	finish_data(b, &data);
	finish_text(b, &t);
	if (r->wait == API_WAIT_SENT && (b->routes > 0 || b->failed == 0))
		wait_for(b, status, &t, &data);
	else
		request_answer(&r, ANSWER_FINAL, status, reader_of(text_str(&t), t.len), &data);
	pack_fini(&data);
	text_fini(&t);
	bulk_free(b);
}

/* --- what waits --- */

bool
bulk_under_way(const struct client *c)
{
	return c->bulk || c->busy || !list_empty(&c->delayed) || !list_empty(&c->beside);
}

/* May the first that waits be done? Of the bulks beside the others it waits for those that came before it. */
static bool
may_resume(const struct client *c)
{
	const struct request *first;

	if (client_gone(c) || c->bulk || c->busy || list_empty(&c->delayed) ||
	    telling_under_way(c->api->controller))
		return false;
	first = LIST_ENTRY(c->delayed.next, struct request, delayed);
	return list_empty(&c->beside) ||
	       LIST_ENTRY(c->beside.next, struct bulk, beside)->request->came > first->came;
}

void
bulk_hold(struct client *c, bool hold)
{
	struct process *p = process_of(c);

	c->busy = hold;
	if (p)
		process_hold(p, hold); /* its lines wait in its pipe */
	else
		loop_wake(c->api->bulk_work);
}

void
bulk_delay(struct request *r, struct reader message)
{
	struct client *c = r->client;

	octets_add(&r->message, message.at, message.left);
	request_weigh(r, message.left);
	if (list_empty(&c->behind))
		list_add(&c->api->behind, &c->behind);
	list_add(&c->delayed, &r->delayed);
	loop_wake(c->api->bulk_work);
}

/* What this client asked meanwhile, up to the next bulk among it. False: there is more, and the time is over. */
static bool
catch_up(struct client *c)
{
	while (may_resume(c)) {
		request_resume(LIST_ENTRY(c->delayed.next, struct request, delayed));
		if (loop_spent(c->api->controller->loop))
			return false;
	}
	if (list_empty(&c->delayed)) {
		list_remove(&c->behind);
		list_init(&c->behind);
	}
	return true;
}

/* One in each turn at least, or bulks that never end would keep all that wait from theirs. */
static void
catch_up_with_one(struct api *api)
{
	LIST_EACH(link, &api->behind) {
		struct client *c = LIST_ENTRY(link, struct client, behind);

		if (may_resume(c)) {
			request_resume(LIST_ENTRY(c->delayed.next, struct request, delayed));
			return;
		}
	}
}

/* --- the slices --- */

/* Its routes, for a telling that came between. */
static bool
must_wait(const struct bulk *b)
{
	return !b->ops->beside && telling_under_way(b->api->controller);
}

/* True when it has ended. */
static bool
run(struct bulk *b)
{
	struct loop *loop = b->api->controller->loop;

	do {
		if (b->ops->step(b)) {
			finish(b);
			return true;
		}
	} while (!loop_spent(loop));
	return false;
}

enum loop_verdict
bulks_run(void *self)
{
	struct api *api = self;
	struct loop *loop = api->controller->loop;

	catch_up_with_one(api);
	LIST_EACH(link, &api->bulks) {
		struct bulk *b = LIST_ENTRY(link, struct bulk, link);

		if (must_wait(b))
			continue;
		if (!run(b)) {
			list_remove(&b->link); /* the others first, next time */
			list_add(&api->bulks, &b->link);
		}
		if (loop_spent(loop))
			return LOOP_NOW;
	}
	LIST_EACH(link, &api->behind)
		if (!catch_up(LIST_ENTRY(link, struct client, behind)))
			return LOOP_NOW;
	LIST_EACH(link, &api->bulks)
		if (!must_wait(LIST_ENTRY(link, struct bulk, link)))
			return LOOP_NOW;
	return LOOP_LATER;
}
