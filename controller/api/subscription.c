#include "controller/api/subscription.h"
#include <string.h>
#include "common/mem.h"
#include "controller/api/cover.h"
#include "controller/api/deciding.h"
#include "controller/api/event.h"
#include "controller/fleet.h"

static const int64_t credit_max = INT64_C(1) << 40;

static struct subscription *
find(const struct client *c, uint64_t id)
{
	LIST_EACH(link, &c->subscriptions) {
		struct subscription *s = LIST_ENTRY(link, struct subscription, link);

		if (s->id == id)
			return s;
	}
	return NULL;
}

bool
subscription_is(const struct client *c, uint64_t id)
{
	return find(c, id) != NULL;
}

/* --- events out --- */

/* Of the frame being filled that much is spent already. */
static int64_t
credit_left(const struct subscription *s)
{
	return s->credit - (list_empty(&s->fill) ? 0 : (int64_t)s->frame.len);
}

bool
subscription_can(struct subscription *s)
{
	s->answered |= list_empty(&s->client->requests);
	return s->answered && credit_left(s) > 0 && client_ready(s->client);
}

static void
say_synced(struct subscription *s)
{
	struct tree t;

	s->syncing = false;
	if (s->listener)
		return;
	t = subscription_event(s);
	event_mark(&t, NULL, "synced");
	subscription_added(s);
}

/* What happened and stands in no table is not told later; that there was something is. */
static void
say_missed(struct subscription *s)
{
	struct tree t = subscription_event(s);

	event_lagged(&t, NULL, s->missed);
	s->missed = 0;
	subscription_added(s);
}

void
subscription_event_or_miss(struct subscription *s, const struct pack *event)
{
	if (s->missed == 0 && subscription_can(s))
		subscription_event_copy(s, event);
	else
		s->missed++;
}

void
subscription_wake(struct subscription *s)
{
	struct api *api = s->client->api;

	if (s->missed > 0 && subscription_can(s))
		say_missed(s);
	if (s->syncing && s->unsynced == 0 && !s->opening && subscription_can(s))
		say_synced(s);
	if (list_empty(&s->behind) || !list_empty(&s->run) || !subscription_can(s))
		return;
	list_add(&api->runnable, &s->run);
	loop_wake(api->catch_up);
}

static void
flush(struct subscription *s)
{
	if (list_empty(&s->fill))
		return;
	list_remove(&s->fill);
	api_events_end(&s->events);
	s->credit -= (int64_t)s->frame.len;
	s->client->events += s->events.count;
	client_send(s->client, s->frame.base, s->frame.len);
}

static void
begin_frame(struct subscription *s)
{
	struct api *api = s->client->api;

	if (!list_empty(&s->fill))
		return;
	api_events_begin(&s->events, &s->frame, s->id);
	list_add(&api->filled, &s->fill);
	loop_wake(api->frames_out);
}

struct tree
subscription_event(struct subscription *s)
{
	begin_frame(s);
	return api_event(&s->events);
}

void
subscription_added(struct subscription *s)
{
	if (s->frame.len >= SUBSCRIPTION_FRAME)
		flush(s);
}

void
subscription_event_copy(struct subscription *s, const struct pack *event)
{
	begin_frame(s);
	api_event_copy(&s->events, event->base, event->len);
	subscription_added(s);
}

void
subscriptions_flush(struct api *api)
{
	while (!list_empty(&api->filled))
		flush(LIST_ENTRY(api->filled.next, struct subscription, fill));
}

void
subscription_synced(struct subscription *s)
{
	s->unsynced--;
	subscription_wake(s);
}

/* --- opening and closing --- */

bool
subscription_wants(const struct subscription *s, const struct neighbor *n)
{
	if (s->listener)
		return s->listener->wish(s, n) != 0;
	return (s->address.family == 0 || addr_equal(&s->address, &n->peer.address)) &&
	       (s->speaker[0] == '\0' || strcmp(s->speaker, n->speaker->name) == 0);
}

static void
copy(struct reader text, char *out, size_t size)
{
	size_t len = text.left < size ? text.left : size - 1;

	memcpy(out, len ? (const char *)text.at : "", len);
	out[len] = '\0';
}

static int
check(struct client *c, const struct api_request *a, struct addr *address, struct reason *why)
{
	char text[ADDR_TEXT];
	size_t count = 0;

	*address = (struct addr){ 0 };
	if (find(c, a->id) || deciding_is(c, a->id))
		return reason_set(
		    why, 0, 0, "subscription %llu is there already", (unsigned long long)a->id);
	LIST_EACH(link, &c->subscriptions)
		count++;
	if (count >= SUBSCRIPTIONS_MAX)
		return reason_set(why, 0, 0, "at most %d subscriptions", SUBSCRIPTIONS_MAX);
	copy(a->neighbor, text, sizeof text);
	if (text[0] && addr_scan(address, text) < 0)
		return reason_set(why, 0, 0, "\"neighbor\" is an address, not \"%s\"", text);
	return 0;
}

static struct subscription *
make(struct client *c)
{
	struct subscription *s = mem_zero(sizeof *s);

	s->client = c;
	list_init(&s->covers);
	list_init(&s->behind);
	list_init(&s->run);
	list_init(&s->fill);
	list_add(&c->subscriptions, &s->link);
	list_add(&c->api->subscriptions, &s->all);
	return s;
}

static struct subscription *
subscription_new(struct client *c, const struct api_request *a, const struct addr *address)
{
	struct subscription *s = make(c);

	s->id = a->id;
	s->updates = a->updates;
	s->states = a->states;
	s->snapshot = s->syncing = a->snapshot;
	s->address = *address;
	copy(a->speaker, s->speaker, sizeof s->speaker);
	s->credit = a->credit == 0                     ? SUBSCRIPTION_CREDIT
		    : a->credit < (uint64_t)credit_max ? (int64_t)a->credit
						       : credit_max;
	return s;
}

static void
open_covers(struct subscription *s)
{
	s->opening = true;
	LIST_EACH(link, &s->client->api->controller->neighbors)
		cover_consider(s, LIST_ENTRY(link, struct neighbor, link), true);
	s->opening = false;
	subscription_wake(s);
}

struct subscription *
subscription_listen(struct client *c, const struct listener *listener)
{
	struct subscription *s = make(c);

	s->listener = listener;
	s->updates = s->states = s->snapshot = s->syncing = s->answered = true;
	s->credit = credit_max;
	open_covers(s);
	return s;
}

void
subscription_reconsider(struct subscription *s)
{
	LIST_EACH(link, &s->client->api->controller->neighbors)
		cover_reconsider(s, LIST_ENTRY(link, struct neighbor, link));
	subscription_wake(s);
}

/* It is answered before it is there, so that no event is in front of the answer. */
static bool
is_of_anybody(struct client *c, const struct api_request *a, const struct addr *address)
{
	struct subscription s = { .client = c, .address = *address };

	copy(a->speaker, s.speaker, sizeof s.speaker);
	LIST_EACH(link, &c->api->controller->neighbors)
		if (subscription_wants(&s, LIST_ENTRY(link, struct neighbor, link)))
			return true;
	return false;
}

void
subscription_request(struct request *r, const struct api_request *a)
{
	struct client *c = r->client;
	struct reason why = { 0 };
	struct subscription *s;
	struct addr address;

	if (check(c, a, &address, &why) < 0) {
		request_refuse(&r, &why);
		return;
	}
	request_done(&r, "accepted",
	    is_of_anybody(c, a, &address) ? "subscribed"
					  : "subscribed; so far there is no such neighbor");
	s = subscription_new(c, a, &address);
	open_covers(s);
}

void
subscription_end(struct request *r)
{
	struct client *c = r->client;
	struct subscription *s = find(c, r->id);

	if (deciding_is(c, r->id)) {
		deciding_close(c);
		request_done(&r, "done", "policies ask it no more");
		return;
	}
	if (!s) {
		request_done(
		    &r, "error", "there is no subscription %llu", (unsigned long long)r->id);
		return;
	}
	flush(s);
	subscription_close(s);
	request_done(&r, "done", "unsubscribed");
}

void
subscription_credit(struct client *c, uint64_t id, uint64_t credit)
{
	struct subscription *s = find(c, id);

	if (!s)
		return; /* it crossed an unsubscribe */
	s->credit += credit < (uint64_t)credit_max ? (int64_t)credit : credit_max;
	if (s->credit > credit_max)
		s->credit = credit_max;
	subscription_wake(s);
}

void
subscription_close(struct subscription *s)
{
	LIST_EACH(link, &s->covers)
		cover_close(LIST_ENTRY(link, struct cover, of_subscription));
	list_remove(&s->link);
	list_remove(&s->all);
	list_remove(&s->run);
	list_remove(&s->fill);
	pack_fini(&s->frame);
	mem_free(s);
}
