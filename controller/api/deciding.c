#include "controller/api/deciding.h"
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/bulk.h"
#include "controller/api/event.h"
#include "controller/api/subscription.h"
#include "controller/rib/decider.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/params.h"

enum {
	FRAME = 32 * 1024, /* a frame of asks is sent when it is so long */
	DECIDING_MAX = 64, /* connections */
	FEW = 16, /* verdicts */
	VERDICT = 128 /* octets that one of many takes */
};

struct deciding {
	struct list link; /* in api.deciding */
	struct client *client;
	struct decider *decider; /* NULL: another has come in its place */
	uint64_t id;
	bool tree, open; /* open: a frame was begun */
	struct pack frame;
	struct api_events events;
	struct words_line line;
};

/* --- asks out --- */

static void
flush(struct deciding *d)
{
	if (!d->open)
		return;
	d->open = false;
	api_events_end(&d->events);
	d->client->events += d->events.count;
	client_send(d->client, d->frame.base, d->frame.len);
}

void
deciding_flush(struct api *api)
{
	LIST_EACH(link, &api->deciding)
		flush(LIST_ENTRY(link, struct deciding, link));
}

static struct tree
event(struct deciding *d)
{
	if (!d->open) {
		api_events_begin(&d->events, &d->frame, d->id);
		d->open = true;
		loop_wake(d->client->api->frames_out);
	}
	return api_event(&d->events);
}

static bool
can(void *self)
{
	const struct deciding *d = self;

	return client_ready(d->client);
}

static void
put(void *self, const struct ask *a)
{
	struct deciding *d = self;
	struct tree t = event(d);

	event_ask(&t, a, d->tree);
	if (d->frame.len >= FRAME)
		flush(d);
}

static void
replaced(void *self)
{
	struct deciding *d = self;
	struct tree t;

	log_warning(d->decider->name, "another client of that name decides now");
	d->decider = NULL;
	if (client_gone(d->client))
		return;
	t = event(d);
	event_mark(&t, NULL, "replaced");
}

static const struct decider_ops ops = { can, put, replaced };

/* --- the request --- */

static struct deciding *
make(struct client *c, const struct api_request *a)
{
	struct deciding *d = mem_zero(sizeof *d);

	d->client = c;
	d->id = a->id;
	d->decider = decider_named(c->api->controller, a->name);
	list_add(&c->api->deciding, &d->link);
	c->deciding = d;
	return d;
}

/* Who has proved a name by its key decides under no other. */
static int
check(const struct client *c, const struct api_request *a, struct reason *why)
{
	const struct deciding *d = c->deciding;
	size_t count = 0;

	LIST_EACH(link, &c->api->deciding)
		count++;
	if (count >= DECIDING_MAX && !d)
		return reason_set(why, 0, 0, "%d clients decide already", DECIDING_MAX);
	if (c->user[0] && strcmp(c->user, a->name) != 0)
		return reason_set(why, 0, 0, "%s may not decide as \"%s\": its key is another's",
		    c->user, a->name);
	if (subscription_is(c, a->id))
		return reason_set(why, 0, 0, "%llu is a subscription's", (unsigned long long)a->id);
	if (d && d->decider && strcmp(d->decider->name, a->name) != 0)
		return reason_set(why, 0, 0, "this connection decides as \"%s\"", d->decider->name);
	return 0;
}

/* Said again by who decides already it changes nothing: so a client may say it every now and then, and finds a
 * controller that was started anew. */
void
deciding_request(struct request *r, const struct api_request *a)
{
	struct client *c = r->client;
	struct deciding *d = c->deciding;
	struct reason why = { 0 };

	if (check(c, a, &why) < 0) {
		request_refuse(&r, &why);
		return;
	}
	request_done(&r, "accepted", "policies ask %s", a->name);
	if (d && d->decider && d->id == a->id)
		return;
	deciding_close(c);
	d = make(c, a);
	d->tree = a->tree;
	decider_attach(d->decider, &ops, d, a->open);
}

bool
deciding_is(const struct client *c, uint64_t id)
{
	return c->deciding && c->deciding->id == id;
}

void
deciding_ready(struct client *c)
{
	if (c->deciding && c->deciding->decider)
		decider_wake(c->deciding->decider);
}

void
deciding_close(struct client *c)
{
	struct deciding *d = c->deciding;

	if (!d)
		return;
	c->deciding = NULL;
	if (d->decider)
		decider_detach(d->decider);
	list_remove(&d->link);
	pack_fini(&d->frame);
	words_line_fini(&d->line);
	mem_free(d);
}

/* --- verdicts in --- */

/* Words of a route: "med 5 community [ 65001:1 ] next-hop self". */
static int
scan_set(struct deciding *d, struct reader set, struct route_draft *draft, struct verdict *v,
    struct reason *why)
{
	struct text line = { 0 };
	struct words words;
	struct attr a;
	int ok;

	text_add(&line, "route 0.0.0.0/0 ");
	text_addn(&line, (const char *)set.at, set.left);
	words_line_clear(&d->line);
	ok = words_cut(&d->line, text_str(&line), line.len, 1, WORDS_API, why);
	text_fini(&line);
	words = words_of(&d->line);
	if (ok < 0 || route_scan(&words, draft, why) < 0)
		return -1;
	if (words_left(&words) || draft->raw.len > 0)
		return reason_set(why, 0, 0, "\"set\" takes words of a route, not \"%.40s\"",
		    words_left(&words) ? words_peek(&words) : "attribute");
	v->attributes = octets_read(&draft->attributes);
	v->med = attrs_find(v->attributes, ATTR_MED, &a);
	v->next_hop = reader_of(draft->next_hop, draft->next_hop_len);
	v->self = draft->next_hop_self;
	return 0;
}

/* All attributes of the route, as an UPDATE has them on a session of four-octet ASNs, in place of what it has. */
static int
read_wire(struct reader wire, struct verdict *v, struct reason *why)
{
	static const struct session_params inside = { .asn4 = true, .aigp = true };
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct attrs_in in;

	attrs_parse(&in, wire, &inside, &w);
	if (in.worst != PENALTY_NONE || in.lost || !writer_ok(&w))
		return reason_set(why, 0, 0, "\"wire\": %s",
		    in.complaints > 0 ? in.complaint[0].what : "no list of attributes");
	if (!attrs_seen(&in, ATTR_ORIGIN) || !attrs_seen(&in, ATTR_AS_PATH))
		return reason_set(why, 0, 0, "\"wire\" needs ORIGIN and AS_PATH");
	v->whole = v->med = true;
	v->attributes = in.block;
	return 0;
}

static int
read_change(struct deciding *d, const struct node *n, struct route_draft *draft, struct verdict *v,
    struct reason *why)
{
	const struct node *set = node_find(n, "set"), *wire = node_find(n, "wire");

	v->accepts = v->changes = true;
	if (node_kind(set) == NODE_TEXT && !wire)
		return scan_set(d, node_bytes(set), draft, v, why);
	if (node_kind(wire) == NODE_BIN && !set)
		return read_wire(node_bytes(wire), v, why);
	return reason_set(why, 0, 0, "a change has \"set\", words of a route, or \"wire\", octets");
}

static int
read_verdict(struct deciding *d, const struct node *n, struct route_draft *draft, struct verdict *v,
    struct reason *why)
{
	char word[16];

	if (node_kind(n) == NODE_MAP)
		return read_change(d, n, draft, v, why);
	node_text(n, word, sizeof word);
	v->accepts = strcmp(word, "accept") == 0;
	if (v->accepts || strcmp(word, "reject") == 0)
		return 0;
	return reason_set(
	    why, 0, 0, "a verdict is \"accept\", \"reject\" or a map, not \"%s\"", word);
}

static void
take(struct deciding *d, const struct node *n)
{
	uint64_t number = node_uint(node_at(n, 0), UINT64_MAX),
		 version = node_uint(node_at(n, 1), 0);
	struct route_draft draft = { 0 };
	struct reason why = { 0 };
	struct verdict v = { 0 };
	bool read = read_verdict(d, node_at(n, 2), &draft, &v, &why) == 0;

	/* one that nobody asked for was answered already, or is of a connection before this one: it is counted */
	(void)decider_verdict(d->decider, number, version, read ? &v : NULL);
	if (!read)
		request_malformed(d->client, d->id, &why);
	route_draft_fini(&draft);
}

static bool
may_say(const struct client *c, uint64_t id)
{
	return deciding_is(c, id) && c->deciding->decider;
}

static void
not_asked(struct request *r)
{
	request_done(&r, "error", "no policy asks you under %llu: say decide first",
	    (unsigned long long)r->id);
}

static void
take_all(struct client *c, const struct api_request *a)
{
	for (uint32_t i = 0; i < node_count(a->verdicts) && !client_gone(c); i++)
		take(c->deciding, node_at(a->verdicts, i));
}

/* --- many --- */

struct bulk_verdicts {
	struct unpack *unpack; /* of the bulk's own copy */
	const struct node *list;
};

static bool
take_some(struct bulk *b)
{
	struct client *c = b->request->client;

	for (unsigned i = 0; i < FEW && b->at < b->count; i++, b->at++) {
		if (client_gone(c) || !may_say(c, b->request->id))
			return true;
		take(c->deciding, node_at(b->of_verdicts->list, (uint32_t)b->at));
	}
	return b->at == b->count;
}

static void
many_fini(struct bulk *b)
{
	unpack_free(b->of_verdicts->unpack);
	mem_free(b->of_verdicts);
}

static const struct bulk_ops many = { take_some, many_fini, .beside = true };

static void
take_in_slices(struct request *r, const struct api_request *a)
{
	size_t count = node_count(a->verdicts);
	struct api_request copy;
	struct reason none = { 0 };
	struct bulk *b = bulk_new(r, &many, a->message, count);

	b->of_verdicts = mem_zero(sizeof *b->of_verdicts);
	b->of_verdicts->unpack = unpack_new();
	/* it was read once, and is the same */
	(void)api_request_open(b->of_verdicts->unpack, b->memory, a->message.left, &copy, &none);
	b->of_verdicts->list = copy.verdicts;
	request_weigh(r, count * VERDICT);
}

/* Time runs for what was asked, and each is of a route as it was then: they wait for nothing else of the client, nor in
 * what order they are taken counts. There is no answer to read, so none is refused: when too much of its client is under
 * way they are not kept either. */
void
deciding_verdicts(struct client *c, const struct api_request *a)
{
	if (!may_say(c, a->id))
		not_asked(request_new(c, a));
	else if (node_count(a->verdicts) <= FEW || !client_may_ask(c))
		take_all(c, a);
	else
		take_in_slices(request_new(c, a), a);
}
