/* Commands about the controller itself. */
#include <string.h>
#include <unistd.h>
#include "common/clock.h"
#include "common/mem.h"
#include "controller/api/bulk.h"
#include "controller/api/command.h"
#include "controller/api/exabgp.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/reload.h"

static void
answer_text(struct call *c, const char *status, const struct text *t)
{
	request_answer(&c->request, ANSWER_FINAL, status, reader_of(text_str(t), t->len), NULL);
}

static void
answer_data(struct call *c, const struct pack *data)
{
	request_answer(&c->request, ANSWER_FINAL, "done", reader_of("", 0), data);
}

/* True when words are left that do not belong here: refused. */
static bool
too_many_words(struct call *c)
{
	if (call_end(c) == 0)
		return false;
	call_refuse(c);
	return true;
}

/* Who asked for a reload, and waits for it; what it asks meanwhile waits too. */
struct reloading {
	struct request *request;
	bool exabgp;
	const char *in_progress;
	struct reload_ask *ask;
};

static void
reloaded(void *self, int failed, const struct text *said)
{
	struct reloading *r = self;
	struct client *client = r->request->client;
	struct call c = { .api = client->api, .request = r->request, .exabgp = r->exabgp };
	struct text t = { 0 };

	c.request->cancel = NULL;
	bulk_hold(client, false);
	text_add(&t, said->len > 0 ? text_str(said)
		     : failed < 0  ? "the configuration was refused"
				   : "the configuration was read again");
	if (c.exabgp && failed == 0)
		exabgp_says(&c, r->in_progress);
	else
		answer_text(&c, failed < 0 ? "error" : "accepted", &t);
	text_fini(&t);
	mem_free(r);
}

static void
cancel_reload(void *self)
{
	struct reloading *r = self;

	reload_unask(r->ask);
	bulk_hold(r->request->client, false);
	mem_free(r);
}

static void
reload(struct call *c, enum reload_kind kind, const char *in_progress)
{
	struct reloading *r = mem_zero(sizeof *r);

	*r = (struct reloading){
		.request = c->request, .exabgp = c->exabgp, .in_progress = in_progress
	};
	r->ask = reload_ask(c->api->controller, kind, reloaded, r);
	bulk_hold(c->request->client, true);
	c->request->cancel = cancel_reload;
	c->request->self = r;
	c->request = NULL;
}

void
command_reload(struct call *c)
{
	if (!too_many_words(c))
		reload(c, RELOAD, "reload in progress");
}

void
command_restart(struct call *c)
{
	if (!too_many_words(c))
		reload(c, RELOAD_RESTART, "restart in progress");
}

void
command_shutdown(struct call *c)
{
	struct api *api = c->api;
	enum { ANSWER_LEAVES = 100000 };

	if (too_many_words(c))
		return;
	if (c->exabgp)
		exabgp_says(c, "shutdown in progress");
	else
		request_done(&c->request, "accepted", "shutdown in progress");
	loop_timer_set(
	    api->controller->loop, &api->stop, loop_now(api->controller->loop) + ANSWER_LEAVES);
}

void
command_version(struct call *c)
{
	struct pack data = { 0 };
	struct tree t = tree_pack(&data);

	if (too_many_words(c))
		return;
	if (!c->request->json) {
		request_done(&c->request, "done", "%s %s", c->exabgp ? "exabgp" : "ambo",
		    c->exabgp ? exabgp_version(c) : AMBO_VERSION);
		return;
	}
	tree_map(&t);
	tree_key(&t, "version");
	tree_text(&t, c->exabgp ? exabgp_version(c) : AMBO_VERSION);
	tree_key(&t, "application");
	tree_text(&t, c->exabgp ? "exabgp" : "ambo");
	tree_map_end(&t);
	answer_data(c, &data);
	pack_fini(&data);
}

void
command_ping(struct call *c)
{
	exabgp_ping(c);
}

/* --- help --- */

static const char *const roles[] = { "read", "announce", "admin" };

static void
help_text(struct text *t)
{
	for (unsigned i = 0; i < command_count; i++) {
		const struct command *m = &command_table[i];

		if (m->help)
			/* a blank behind each: ExaBGP's command line takes a line "shutdown" for our end */
			text_printf(t, "%s%s %s\n    %s\n",
			    m->selects ? "[neighbor SELECTOR] " : "", m->words, m->arguments,
			    m->help);
	}
	text_add(t, "SELECTOR: * or ADDRESS");
	for (const char *const *k = selector_keys(); *k; k++)
		text_printf(t, " [%s ...]", *k);
	text_add(t, ", several separated by commas\n");
}

static void
help_tree(struct tree *t)
{
	tree_list(t);
	for (unsigned i = 0; i < command_count; i++) {
		const struct command *m = &command_table[i];

		if (!m->help)
			continue;
		tree_map(t);
		tree_key(t, "words");
		tree_text(t, m->words);
		tree_key(t, "arguments");
		tree_text(t, m->arguments);
		tree_key(t, "selector");
		tree_bool(t, m->selects);
		tree_key(t, "role");
		tree_text(t, roles[m->role]);
		tree_key(t, "help");
		tree_text(t, m->help);
		tree_map_end(t);
	}
	tree_list_end(t);
}

void
command_help(struct call *c)
{
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };

	if (c->request->json) {
		if (c->exabgp) {
			tree_map(&tree);
			tree_key(&tree, "description");
			tree_text(&tree, "commands");
			tree_key(&tree, "commands");
		}
		help_tree(&tree);
		if (c->exabgp)
			tree_map_end(&tree);
		answer_data(c, &data);
	} else {
		help_text(&t);
		answer_text(c, "done", &t);
	}
	pack_fini(&data);
	text_fini(&t);
}

/* --- status --- */

struct status {
	uint64_t uptime;
	size_t speakers, connected, neighbors, up, unknown, routes, clients;
};

static struct status
look(struct api *api)
{
	struct controller *k = api->controller;
	struct status s = { .uptime = (uint64_t)(clock_wall() - k->started) };

	LIST_EACH(link, fleet_speakers(k->fleet)) {
		struct speaker_entry *e = LIST_ENTRY(link, struct speaker_entry, link);

		s.speakers++;
		s.connected += e->lane != NULL;
		s.routes += intent_count(&e->intent);
	}
	LIST_EACH(link, &k->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		s.neighbors++;
		s.up += n->known && neighbor_established(n);
		s.unknown += !n->known;
	}
	LIST_EACH(link, &api->clients)
		s.clients++;
	return s;
}

static void
status_text(struct api *api, const struct status *s, struct text *t)
{
	struct controller *k = api->controller;

	text_printf(t, "ambo-controller %s, pid %d, up %lluh %llum %llus\n", AMBO_VERSION,
	    (int)getpid(), (unsigned long long)s->uptime / 3600,
	    (unsigned long long)s->uptime / 60 % 60, (unsigned long long)s->uptime % 60);
	text_printf(t, "api        %s, %zu client%s\n", api_endpoint(api), s->clients,
	    s->clients == 1 ? "" : "s");
	text_printf(t, "speakers   %zu, %zu connected (%s)\n", s->speakers, s->connected,
	    fleet_endpoint(k->fleet));
	text_printf(t, "neighbors  %zu, %zu up", s->neighbors, s->up);
	if (s->unknown > 0)
		text_printf(t, ", %zu unknown", s->unknown);
	text_printf(t, "\nroutes     %zu to be told\n", s->routes);
	LIST_EACH(link, &k->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		text_printf(t, "  - %s: %s%s%s\n", n->name,
		    n->known ? peer_state_name((enum peer_state)n->state.state) : "unknown",
		    n->state.why[0] && !neighbor_established(n) ? ": " : "",
		    neighbor_established(n) ? "" : n->state.why);
	}
}

static void
status_tree(struct api *api, const struct status *s, struct tree *t)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = { { "pid", (uint64_t)getpid() }, { "uptime", s->uptime },
		{ "speakers", s->speakers }, { "connected", s->connected },
		{ "neighbors", s->neighbors }, { "up", s->up }, { "unknown", s->unknown },
		{ "routes", s->routes }, { "clients", s->clients }, { "commands", api->commands },
		{ "cut", api->cut } };

	tree_map(t);
	tree_key(t, "version");
	tree_text(t, AMBO_VERSION);
	tree_key(t, "api");
	tree_text(t, api_endpoint(api));
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		tree_key(t, numbers[i].name);
		tree_uint(t, numbers[i].value);
	}
	tree_map_end(t);
}

void
command_status(struct call *c)
{
	struct status s = look(c->api);
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };

	if (too_many_words(c))
		return;
	if (c->exabgp) {
		exabgp_status(c);
		return;
	}
	if (c->request->json) {
		status_tree(c->api, &s, &tree);
		answer_data(c, &data);
	} else {
		status_text(c->api, &s, &t);
		answer_text(c, "done", &t);
	}
	pack_fini(&data);
	text_fini(&t);
}
