/* Clients: their queues, and their end. */
#include "controller/api/client.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/deciding.h"
#include "controller/api/request.h"
#include "controller/api/subscription.h"
#include "controller/owners.h"

enum { RETRY_FIRST = 1000, RETRY_LONGEST = 64000 }; /* microseconds */
enum { EAGER = 64 * 1024 };

static struct log_limit complaints;

static void retry(void *);

void
client_init(struct client *c, struct api *api, const struct transport *transport)
{
	c->api = api;
	c->number = ++api->met;
	c->transport = transport;
	snprintf(c->name, sizeof c->name, "client");
	c->owner = owner_by_name(api->controller->owners, c->name);
	list_init(&c->requests);
	list_init(&c->later);
	list_init(&c->delayed);
	list_init(&c->behind);
	list_init(&c->beside);
	list_init(&c->subscriptions);
	list_init(&c->queue);
	c->retry = (struct loop_timer){ .fire = retry, .self = c };
	c->since = c->heard = c->spoken = api_now(api);
	list_add(&api->clients, &c->link);
}

bool
client_gone(const struct client *c)
{
	return c->lost || c->cut;
}

bool
client_ready(const struct client *c)
{
	return !client_gone(c) && c->queued < CLIENT_QUEUE_LOW;
}

bool
client_may_ask(const struct client *c)
{
	return c->open < CLIENT_OPEN_MAX;
}

/* A helper may always: it is not read while it has too many. */
bool
client_may_wait(const struct client *c)
{
	return c->waiting < CLIENT_LATER_MAX || c->transport->encode;
}

const char *
client_who(const struct client *c, char out[160])
{
	snprintf(out, 160, "%s%s%s%s", c->named ? c->name : "client", c->user[0] ? " (" : "",
	    c->user, c->user[0] ? ")" : "");
	return out;
}

/* Over ipc the mode of the file has decided; a key is what the configuration says it is. */
enum config_role
client_role(const struct client *c)
{
	const struct config *config = c->api->controller->config;

	if (c->user[0] == '\0')
		return ROLE_ADMIN;
	for (size_t i = 0; config && i < config->client_count; i++)
		if (strcmp(config->clients[i].name, c->user) == 0)
			return (enum config_role)config->clients[i].role;
	return ROLE_READ;
}

void
client_lost(struct client *c)
{
	c->lost = true;
	api_reap(c->api);
}

void
client_cut(struct client *c, const char *why)
{
	char who[160];

	if (client_gone(c))
		return;
	c->cut = true;
	c->unread = c->queued > CLIENT_QUEUE_MAX;
	c->cut_until = api_now(c->api) + CLIENT_CUT_SECONDS * UINT64_C(1000000);
	c->api->cut++;
	if (log_allow(&complaints, 5))
		log_warning(
		    client_who(c, who), "cut: %s; not read for %d s", why, CLIENT_CUT_SECONDS);
	api_reap(c->api);
}

/* --- the queue --- */

struct output *
output_new(const void *data, size_t len)
{
	struct output *o = mem_alloc(sizeof *o + len);

	o->len = len;
	o->kept = 0;
	memcpy(o->data, data, len);
	return o;
}

void
client_hold(struct client *c, size_t len)
{
	c->queued += len;
	if (c->queued > CLIENT_QUEUE_MAX && !c->transport->encode)
		client_cut(c, "it does not read its answers");
}

/* 0 taken, -1 not now; a client that is gone takes everything. */
static int
hand_over(struct client *c, const void *data, size_t len)
{
	if (c->transport->send(c, data, len) == 0) {
		c->octets += len;
		c->spoken = api_now(c->api);
		return 0;
	}
	if (errno == EAGAIN)
		return -1;
	client_lost(c);
	return 0;
}

/* What waits, as far as the socket takes it: true when some went. */
static bool
send_waiting(struct client *c)
{
	bool moved = false;

	while (!list_empty(&c->queue) && !c->lost) {
		struct output *o = LIST_ENTRY(c->queue.next, struct output, link);

		if (hand_over(c, o->data, o->len) < 0)
			break;
		c->queued -= o->len - o->kept;
		c->waiting -= o->kept;
		list_remove(&o->link);
		mem_free(o);
		moved = true;
	}
	return moved;
}

static void
retry_later(struct client *c)
{
	struct loop *loop = c->api->controller->loop;

	loop_timer_set(loop, &c->retry, loop_now(loop) + c->retry_wait);
}

/* In a turn that makes many answers the socket has taken what it holds and could take more: asked each EAGER octets. */
static void
ask_again(struct client *c, size_t before)
{
	if (before / EAGER != (c->queued + c->waiting) / EAGER && !c->held)
		send_waiting(c);
}

void
client_send_kept(struct client *c, const void *data, size_t len, size_t kept)
{
	struct output *o;
	size_t before;

	if (client_gone(c))
		return;
	if (list_empty(&c->queue) && !c->held) {
		if (hand_over(c, data, len) == 0)
			return;
		c->retry_wait = RETRY_FIRST;
		retry_later(c);
	}
	o = output_new(data, len);
	o->kept = kept < len ? kept : len;
	list_add(&c->queue, &o->link);
	before = c->queued + c->waiting;
	c->queued += len - o->kept;
	c->waiting += o->kept;
	ask_again(c, before);
	client_hold(c, 0);
}

void
client_send(struct client *c, const void *data, size_t len)
{
	client_send_kept(c, data, len, 0);
}

/* No socket tells that one client can take more, so it is asked: soon at first, then more seldom. */
static void
retry(void *self)
{
	struct client *c = self;
	bool moved = send_waiting(c);

	if (c->lost)
		return;
	if (!list_empty(&c->queue)) {
		c->retry_wait = moved ? RETRY_FIRST : c->retry_wait * 2;
		if (c->retry_wait > RETRY_LONGEST)
			c->retry_wait = RETRY_LONGEST;
		retry_later(c);
	}
	if ((moved || list_empty(&c->queue)) && client_ready(c))
		api_client_ready(c);
}

void
client_flush(struct client *c)
{
	if (!list_empty(&c->queue) && send_waiting(c) && !client_gone(c) && client_ready(c))
		api_client_ready(c);
}

void
client_release(struct client *c)
{
	c->held = false;
	c->retry_wait = RETRY_FIRST;
	if (!list_empty(&c->queue))
		retry(c);
}

/* --- the end --- */

static void
drop_queue(struct client *c)
{
	LIST_EACH(link, &c->queue) {
		struct output *o = LIST_ENTRY(link, struct output, link);

		c->waiting -= o->kept;
		mem_free(o);
	}
	list_init(&c->queue);
	c->queued = 0;
	loop_timer_stop(c->api->controller->loop, &c->retry);
}

/* Who is cut for what it said is still told what it was owed until then: else it would not know why. */
void
client_reap(struct client *c)
{
	LIST_EACH(link, &c->requests)
		request_cancel(LIST_ENTRY(link, struct request, link));
	LIST_EACH(link, &c->later)
		request_cancel(LIST_ENTRY(link, struct request, link));
	LIST_EACH(link, &c->subscriptions)
		subscription_close(LIST_ENTRY(link, struct subscription, link));
	deciding_close(c);
	list_remove(&c->behind);
	if (c->lost || c->unread)
		drop_queue(c);
	if (c->lost) {
		list_remove(&c->link);
		c->transport->forget(c);
	}
}
