/* Requests: what a client sent, and the order of its answers. */
#include "controller/api/request.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/bulk.h"
#include "controller/api/command.h"
#include "controller/api/deciding.h"
#include "controller/api/processes.h"
#include "controller/api/subscription.h"
#include "controller/config/config.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/policy/policy.h"
#include "controller/telling.h"

struct request *
request_new(struct client *c, const struct api_request *from)
{
	struct request *r = mem_zero(sizeof *r);

	r->client = c;
	r->id = from->id;
	r->came = c->asked;
	r->wait = from->wait;
	r->json = from->json;
	r->body = from->body;
	list_init(&r->held);
	list_init(&r->delayed);
	list_add(&c->requests, &r->link);
	request_weigh(r, sizeof *r);
	return r;
}

void
request_weigh(struct request *r, size_t octets)
{
	r->weight += octets;
	r->client->open += octets;
}

void
request_wait(struct request *r, size_t octets)
{
	r->client->open -= r->weight;
	r->weight += octets;
	r->client->waiting += r->weight;
	r->waits = true;
}

bool
request_turn(const struct request *r)
{
	return r->client->requests.next == &r->link;
}

static void
request_free(struct request *r)
{
	LIST_EACH(link, &r->held) {
		struct output *o = LIST_ENTRY(link, struct output, link);

		r->client->queued -= o->len - o->kept;
		mem_free(o);
	}
	*(r->waits ? &r->client->waiting : &r->client->open) -= r->weight;
	list_remove(&r->link);
	list_remove(&r->delayed);
	octets_fini(&r->message);
	mem_free(r);
}

void
request_cancel(struct request *r)
{
	if (r->cancel)
		r->cancel(r->self);
	request_free(r);
}

/* --- the order --- */

static void
release_held(struct request *r)
{
	while (!list_empty(&r->held)) {
		struct output *o = LIST_ENTRY(r->held.next, struct output, link);

		list_remove(&o->link);
		r->client->queued -= o->len - o->kept;
		client_send_kept(r->client, o->data, o->len, o->kept);
		mem_free(o);
	}
}

/* Its answer in order was given: it stops being in the way of those behind it. */
static void
step_aside(struct request *r)
{
	struct client *c = r->client;

	if (r->finished) {
		request_free(r);
		return;
	}
	list_remove(&r->link);
	list_add(&c->later, &r->link);
}

/* The front of the client's requests has changed: what the next ones have ready leaves. */
static void
next_turn(struct client *c)
{
	while (!list_empty(&c->requests)) {
		struct request *r = LIST_ENTRY(c->requests.next, struct request, link);

		release_held(r);
		if (!r->answered) {
			api_client_ready(c); /* a long answer may be made now */
			break;
		}
		step_aside(r);
	}
	if (list_empty(&c->requests) && !list_empty(&c->subscriptions))
		api_client_ready(c); /* its "accepted" may have been among them */
}

static void
say(struct request *r, bool now, const struct pack *p)
{
	struct client *c = r->client;

	/* room that it had while it was waited for */
	size_t kept = r->waits && r->finished ? r->weight : 0;

	c->answers++;
	if (now) {
		client_send_kept(c, p->base, p->len, kept);
		return;
	}
	struct output *o = output_new(p->base, p->len);

	o->kept = kept < p->len ? kept : p->len;
	list_add(&r->held, &o->link);
	client_hold(c, p->len - o->kept);
}

void
request_answer(struct request **request, enum answer answer, const char *status, struct reader text,
    const struct pack *data)
{
	struct request *r = *request;
	struct client *c = r->client;
	struct api_reply reply = { r->id, status, answer == ANSWER_FINAL, text };
	struct pack *p = &c->api->reply;
	bool was_answered = r->answered && list_empty(&r->held),
	     now = was_answered || request_turn(r);

	if (answer == ANSWER_LATER && c->transport->encode)
		return;
	if (c->transport->encode) {
		c->transport->encode(r, &reply, data, p);
	} else if (data) {
		(void)api_reply_begin(p, &reply);
		pack_copy(p, data->base, data->len);
	} else {
		api_reply_pack(p, &reply);
	}
	if (answer == ANSWER_FINAL) {
		r->finished = true;
		r->cancel = NULL;
		*request = NULL;
	}
	say(r, now, p);
	if (answer == ANSWER_PART)
		return;
	r->answered = true;
	if (!now)
		return;
	step_aside(r);
	if (!was_answered)
		next_turn(c);
}

void
request_unanswered(struct request **request)
{
	struct request *r = *request;
	struct client *c = r->client;
	bool turn = request_turn(r);

	*request = NULL;
	request_free(r);
	if (turn)
		next_turn(c);
}

void
request_done(struct request **r, const char *status, const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	request_answer(r, ANSWER_FINAL, status, reader_of(text_str(&t), t.len), NULL);
	text_fini(&t);
}

void
request_refuse(struct request **r, const struct reason *why)
{
	struct text t = { 0 };
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);

	if (why->column > 0)
		text_printf(&t, "column %u: ", why->column);
	text_add(&t, why->text);
	tree_map(&tree);
	tree_key(&tree, "line");
	tree_uint(&tree, why->line);
	tree_key(&tree, "column");
	tree_uint(&tree, why->column);
	tree_map_end(&tree);
	request_answer(r, ANSWER_FINAL, "error", reader_of(text_str(&t), t.len),
	    why->column > 0 ? &data : NULL);
	text_fini(&t);
	pack_fini(&data);
}

/* --- what a request asks for --- */

static const enum config_role role_of[API_REQUESTS] = {
	[API_END_OF_SYNC] = ROLE_ANNOUNCE,
	[API_DECIDE] = ROLE_ANNOUNCE,
	[API_BULK] = ROLE_ANNOUNCE,
	[API_COMMANDS] = ROLE_ANNOUNCE,
};

bool
request_nameless(struct request **r)
{
	const struct client *c = (*r)->client;
	const struct controller *all = c->api->controller;
	const char *name = c->named ? c->name : c->user;

	if (!owner_is_shared(all->owners, c->owner) || !gates_go_by(all->config, name))
		return false;
	request_done(r, "error",
	    "too many names were said (%u): none more can be told apart, and policies go by that "
	    "of %s; "
	    "start the controller again",
	    owners_count(all->owners), name[0] ? name : "each client");
	return true;
}

bool
client_may_be(const struct client *c, const char *name)
{
	const struct config *config = c->api->controller->config;
	const struct config_client *own = config_client(config, c->user),
				   *named = config_client(config, name);

	if (c->user[0] == '\0' || strcmp(c->user, name) == 0 || client_role(c) < ROLE_ANNOUNCE)
		return true;
	return !gates_ask_source(config) && (!own || own->import.count == 0) &&
	       (!named || named->import.count == 0);
}

static void
hello(struct request *r, const struct api_request *a)
{
	struct client *c = r->client;
	struct owners *owners = c->api->controller->owners;
	uint32_t owner;

	for (const char *p = a->name; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == '#' || *p == 0x7f) {
			request_done(
			    &r, "error", "a name has no blanks, no # and no control characters");
			return;
		}
	if (!client_may_be(c, a->name)) {
		request_done(&r, "error",
		    "%s may not say hello as %s: policies of one of the two would not be passed, "
		    "or one asks whose a route is",
		    c->user, a->name);
		return;
	}
	owner = owner_by_name(owners, a->name);
	if (owner == OWNER_CONFIG) {
		request_done(&r, "error", "\"%s\" is the configuration's own name", a->name);
		return;
	}
	snprintf(c->name, sizeof c->name, "%s", a->name);
	c->named = true;
	c->owner = owner;
	if (client_role(c) >= ROLE_ANNOUNCE)
		intent_begin(c->api->controller, owner);
	request_done(&r, "accepted", "hello %s", c->name);
}

static void
end_of_sync(struct request *r)
{
	struct client *c = r->client;

	if (!c->named) {
		request_done(
		    &r, "error", "say hello first: end-of-sync is about an owner's routes");
		return;
	}
	intent_sweep(c->api->controller, c->owner);
	request_done(
	    &r, "accepted", "what %s had announced before and not again is withdrawn", c->name);
}

static void
command(struct request *r, struct reader line)
{
	struct again again;
	struct text t = { 0 };

	if (r->wait != API_WAIT_ACCEPTED || !command_again(r->client, line, &again)) {
		command_run(r, line);
		return;
	}
	again_print(&again, &t);
	request_answer(&r, ANSWER_FINAL, "accepted", reader_of(text_str(&t), t.len), NULL);
	text_fini(&t);
}

/* Its role is what it is now: what waited behind a reload may have another than when it came. */
static void
dispatch(struct request *r, const struct api_request *a)
{
	if (client_role(r->client) < role_of[a->type]) {
		request_done(&r, "error", "%s may not say %s: its role is read", r->client->user,
		    api_request_name(a->type));
		return;
	}
	if (role_of[a->type] == ROLE_ANNOUNCE && request_nameless(&r))
		return;
	switch (a->type) {
	case API_COMMAND:
		command(r, a->text);
		break;
	case API_BULK:
		bulk_routes_request(r, a);
		break;
	case API_COMMANDS:
		bulk_commands_request(r, a);
		break;
	case API_HELLO:
		hello(r, a);
		break;
	case API_SUBSCRIBE:
		subscription_request(r, a);
		break;
	case API_UNSUBSCRIBE:
		subscription_end(r);
		break;
	case API_DECIDE:
		deciding_request(r, a);
		break;
	case API_END_OF_SYNC:
		end_of_sync(r);
		break;
	default:
		request_done(&r, "pong", "pong");
	}
}

static void
refuse_malformed(struct request *r, const struct reason *why)
{
	struct client *c = r->client;

	request_refuse(&r, why);
	if (++c->malformed >= CLIENT_MALFORMED_MAX)
		client_cut(c, "too many malformed messages");
}

void
request_resume(struct request *r)
{
	struct octets message = r->message;
	struct api_request a;
	struct reason why = { 0 };

	r->message = (struct octets){ 0 };
	list_remove(&r->delayed);
	r->weight -= message.len;
	r->client->open -= message.len;
	if (api_request_open(r->client->api->unpack, message.base, message.len, &a, &why) < 0)
		refuse_malformed(r, &why);
	else {
		r->wait = a.wait;
		r->json = a.json;
		r->body = a.body; /* in the copy; that which it came in is gone */
		dispatch(r, &a);
	}
	octets_fini(&message);
}

void
request_malformed(struct client *c, uint64_t id, const struct reason *why)
{
	struct api_request none = { .id = id };

	refuse_malformed(request_new(c, &none), why);
}

/* What is long and will wait is only read when its turn comes. */
static bool
will_wait(const struct client *c, struct unpack *u, struct reader message, struct api_request *a)
{
	return bulk_under_way(c) && api_request_glance(u, message.at, message.left, a) &&
	       (a->type == API_BULK || a->type == API_COMMANDS);
}

/* Would it change what neighbors are told? */
static bool
tells(struct request *r, const struct api_request *a)
{
	return a->type == API_BULK || a->type == API_COMMANDS ||
	       (a->type == API_COMMAND && command_tells(r, a->text));
}

void
request_receive(struct client *c, struct unpack *u, struct reader message)
{
	struct api_request a;
	struct reason why = { 0 };
	struct request *r;
	bool may;

	c->heard = api_now(c->api);
	c->asked++;
	burst_end(&c->api->processes->burst); /* it waits for no helper */
	if (!will_wait(c, u, message, &a) &&
	    api_request_open(u, message.at, message.left, &a, &why) < 0) {
		request_malformed(c, a.id, &why);
		return;
	}
	if (a.type == API_CREDIT) {
		subscription_credit(c, a.id, a.credit);
		return;
	}
	if (a.type == API_VERDICTS) {
		deciding_verdicts(c, &a);
		return;
	}
	may = client_may_ask(c);
	r = request_new(c, &a);
	if (!may)
		request_done(
		    &r, "error", "too many requests are under way: read their answers first");
	else if (bulk_under_way(c) || (telling_under_way(c->api->controller) && tells(r, &a)))
		bulk_delay(r, message);
	else
		dispatch(r, &a);
}
