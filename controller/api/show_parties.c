/* Who is there: speakers, owners, clients, helpers. Short tables, answered at once. */
#include <stdio.h>
#include <string.h>
#include "controller/api/command.h"
#include "controller/api/processes.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/rib/decider.h"

enum { ROWS_MAX = 1000 }; /* an answer at once is no longer than that */

/* A table being written: cells of a row as text or as members of a map. */
struct sheet {
	bool json;
	struct text text;
	struct pack data;
	struct tree tree;
	unsigned rows, column;
};

static void
sheet_open(struct sheet *s, bool json)
{
	memset(s, 0, sizeof *s);
	s->json = json;
	if (json) {
		s->tree = tree_pack(&s->data);
		tree_list(&s->tree);
	}
}

static bool
sheet_row(struct sheet *s)
{
	if (s->rows >= ROWS_MAX)
		return false;
	s->rows++;
	s->column = 0;
	if (s->json)
		tree_map(&s->tree);
	return true;
}

static void
pad(struct sheet *s, int width, const char *value)
{
	text_printf(&s->text, "%s%-*s", s->column++ > 0 ? "  " : "", width, value);
}

static void
cell(struct sheet *s, int width, const char *name, const char *value)
{
	if (s->json) {
		tree_key(&s->tree, name);
		tree_text(&s->tree, value);
	} else {
		pad(s, width, value);
	}
}

static void
cell_number(struct sheet *s, int width, const char *name, uint64_t value)
{
	char text[24];

	if (s->json) {
		tree_key(&s->tree, name);
		tree_uint(&s->tree, value);
		return;
	}
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	pad(s, width, text);
}

static void
sheet_row_end(struct sheet *s)
{
	if (s->json) {
		tree_map_end(&s->tree);
		return;
	}
	while (s->text.len > 0 && s->text.base[s->text.len - 1] == ' ')
		text_cut(&s->text, s->text.len - 1);
	text_char(&s->text, '\n');
}

static void
sheet_head(struct sheet *s, const char *line)
{
	if (!s->json)
		text_printf(&s->text, "%s\n", line);
}

static void
sheet_answer(struct sheet *s, struct call *c)
{
	if (s->json)
		tree_list_end(&s->tree);
	else if (s->rows >= ROWS_MAX)
		text_add(&s->text, "...\n");
	request_answer(&c->request, ANSWER_FINAL, "done",
	    reader_of(text_str(&s->text), s->text.len), s->json ? &s->data : NULL);
	text_fini(&s->text);
	pack_fini(&s->data);
}

static bool
refused(struct call *c)
{
	if (words_take(&c->words, "json"))
		c->request->json = true;
	if (call_end(c) == 0)
		return false;
	call_refuse(c);
	return true;
}

static uint64_t
seconds_ago(const struct api *api, uint64_t then)
{
	return (api_now(api) - then) / 1000000;
}

/* --- the commands --- */

static size_t
neighbors_of(const struct speaker_entry *e)
{
	return set_count(e->controller->sets, e->members);
}

void
command_show_speakers(struct call *c)
{
	struct sheet s;

	if (refused(c))
		return;
	sheet_open(&s, c->request->json);
	sheet_head(&s,
	    "speaker           state          neighbors  routes     connections  refused  heard");
	LIST_EACH(link, fleet_speakers(c->api->controller->fleet)) {
		struct speaker_entry *e = LIST_ENTRY(link, struct speaker_entry, link);
		char heard[32] = "never";

		if (!sheet_row(&s))
			break;
		if (e->seen)
			snprintf(heard, sizeof heard, "%llu s ago",
			    (unsigned long long)seconds_ago(c->api, e->seen));
		cell(&s, 16, "speaker", e->name);
		cell(&s, 13, "state", e->lane ? "connected" : "not connected");
		cell_number(&s, 9, "neighbors", neighbors_of(e));
		cell_number(&s, 9, "routes", intent_count(&e->intent));
		cell_number(&s, 11, "connections", e->lanes);
		cell_number(&s, 7, "refused", e->refused);
		cell(&s, 0, "heard", heard);
		sheet_row_end(&s);
	}
	sheet_answer(&s, c);
}

void
command_show_owners(struct call *c)
{
	struct owners *owners = c->api->controller->owners;
	struct sheet s;

	if (refused(c))
		return;
	sheet_open(&s, c->request->json);
	sheet_head(&s, "number  owner");
	for (uint32_t i = 1; i <= owners_count(owners) && sheet_row(&s); i++) {
		cell_number(&s, 6, "number", i);
		cell(&s, 0, "owner", owner_name(owners, i));
		sheet_row_end(&s);
	}
	sheet_answer(&s, c);
}

static size_t
length(const struct list *l)
{
	size_t n = 0;

	LIST_EACH(link, l)
		n++;
	return n;
}

static void
client_row(struct sheet *s, const struct client *c)
{
	static const char *const roles[] = { "read", "announce", "admin" };

	cell(s, 20, "name", c->name);
	cell(s, 12, "key", c->user[0] ? c->user : "-");
	cell(s, 8, "role", roles[client_role(c)]);
	cell(s, 9, "transport", c->transport->name);
	cell_number(s, 8, "requests", c->asked);
	cell_number(s, 9, "malformed", c->malformed);
	cell_number(s, 13, "subscriptions", length(&c->subscriptions));
	cell_number(s, 9, "events", c->events);
	cell_number(s, 8, "queued", c->queued);
	cell_number(s, 8, "waiting", c->waiting);
	cell_number(s, 9, "connected", seconds_ago(c->api, c->since));
	cell_number(s, 6, "heard", seconds_ago(c->api, c->heard));
	if (s->json) {
		tree_key(&s->tree, "cut");
		tree_bool(&s->tree, c->cut);
	} else {
		pad(s, 0, c->cut ? "cut" : "");
	}
}

void
command_show_clients(struct call *c)
{
	struct sheet s;

	if (refused(c))
		return;
	sheet_open(&s, c->request->json);
	sheet_head(&s, "name                  key           role      transport  requests  "
		       "malformed  subscriptions"
		       "  events     queued    waiting   connected  heard (s ago)");
	LIST_EACH(link, &c->api->clients) {
		if (!sheet_row(&s))
			break;
		client_row(&s, LIST_ENTRY(link, struct client, link));
		sheet_row_end(&s);
	}
	sheet_answer(&s, c);
}

static void
process_row(struct sheet *s, const struct process *p)
{
	bool running = p->state == PROCESS_RUNNING || p->state == PROCESS_STOPPING;

	cell(s, 20, "process", p->name);
	cell(s, 8, "state", process_state_name(p));
	cell_number(s, 7, "pid", running ? (uint64_t)p->child.pid : 0);
	cell(s, 7, "encoder", p->json ? "json" : "text");
	cell_number(s, 6, "starts", p->starts);
	cell_number(s, 9, "commands", p->client.asked);
	cell_number(s, 8, "under way", p->open);
	cell_number(s, 9, "events", p->client.events);
	cell_number(s, 8, "owed", p->owed.acks);
	cell_number(s, 8, "queued", p->client.queued);
	cell(s, 0, "why", p->why);
}

void
command_show_processes(struct call *c)
{
	struct sheet s;

	if (refused(c))
		return;
	sheet_open(&s, c->request->json);
	sheet_head(&s, "process               state     pid      encoder  starts  commands   "
		       "under way  events     owed      queued    why");
	LIST_EACH(link, &c->api->processes->list) {
		if (!sheet_row(&s))
			break;
		process_row(&s, LIST_ENTRY(link, struct process, link));
		sheet_row_end(&s);
	}
	sheet_answer(&s, c);
}

static void
decider_row(struct sheet *s, const struct decider *d)
{
	cell(s, 20, "client", d->name);
	cell(s, 6, "state", d->ops ? "there" : "away");
	cell_number(s, 9, "asked", d->asked);
	cell_number(s, 9, "answered", d->answered);
	cell_number(s, 9, "accepted", d->accepted);
	cell_number(s, 9, "rejected", d->rejected);
	cell_number(s, 9, "defaulted", d->defaulted);
	cell_number(s, 9, "missed", d->missing);
	cell_number(s, 8, "late", d->late);
	cell_number(s, 8, "stale", d->stale);
	cell_number(s, 7, "refused", d->refused);
	cell_number(s, 6, "open", d->open);
	cell_number(s, 10, "unanswered", d->taken);
	cell_number(s, 8, "p50", decider_wait(d, 0.5));
	cell_number(s, 8, "p99", decider_wait(d, 0.99));
	cell_number(s, 0, "overdue", d->overdue);
}

void
command_show_policy(struct call *c)
{
	struct sheet s;

	if (refused(c))
		return;
	sheet_open(&s, c->request->json);
	sheet_head(&s,
	    "client                state   asked      answered   accepted   rejected   defaulted  "
	    "missed     "
	    "late      stale     refused  open    unanswered  p50 (us)  p99 (us)  overdue (us)");
	LIST_EACH(link, &c->api->controller->deciders) {
		if (!sheet_row(&s))
			break;
		decider_row(&s, LIST_ENTRY(link, struct decider, link));
		sheet_row_end(&s);
	}
	sheet_answer(&s, c);
}
