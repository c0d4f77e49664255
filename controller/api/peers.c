/* Neighbors made and removed by command. What is typed becomes a section of the configuration, so that it is read,
 * checked and defaulted as one; a reload, which knows nothing of it, removes what was made and brings back what was
 * removed. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/command.h"
#include "controller/api/processes.h"
#include "controller/config/config.h"
#include "controller/fleet.h"

/* What is typed, as statements. */
struct typed {
	struct text before, inside, families, processes;
	const char *graceful, *speaker;
	bool router_id, local_address;
};

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:_-/";

/* The next word, which goes into the text of a section. */
static const char *
value_of(struct call *c, const char *key)
{
	const struct word *w = words_next(&c->words);

	if (w && w->len > 0 && w->at[strspn(w->at, plain)] == '\0')
		return w->at;
	reason_set(&c->why, w ? w->line : 0, w ? w->column : 0, "expected a value behind %s", key);
	return NULL;
}

/* "ipv4-unicast/ipv6-unicast"; "in-open" says nothing. */
static int
take_families(struct call *c, struct typed *t, const char *value)
{
	char name[48];

	if (strcmp(value, "in-open") == 0)
		return 0;
	while (*value) {
		size_t len = strcspn(value, "/");
		int f = 0;

		for (; f < FAMILIES; f++) {
			snprintf(name, sizeof name, "%s-%s", family_table[f].afi_name,
			    family_table[f].safi_name);
			if (strlen(name) == len && strncmp(name, value, len) == 0)
				break;
		}
		if (f == FAMILIES)
			return reason_set(
			    &c->why, 0, 0, "there is no family %.*s", (int)len, value);
		text_printf(&t->families, "%s; ", family_name((enum family)f));
		value += len + (value[len] == '/');
	}
	return 0;
}

static int
take_process(struct call *c, struct typed *t, const char *name)
{
	if (!config_process(c->api->controller->config, name))
		return reason_set(&c->why, 0, 0, "there is no process %s", name);
	text_printf(&t->before, "process %s { run /bin/true; }\n", name);
	text_printf(&t->processes, "%s ", name);
	return 0;
}

static int
take_pair(struct call *c, struct typed *t)
{
	static const char *const same[] = { "local-as", "peer-as", "hold-time", "router-id",
		"description", "group-updates", "passive", "connect" };
	const struct word *key = words_next(&c->words);
	const char *value = value_of(c, key->at);

	if (!value)
		return -1;
	if (strcmp(key->at, "local-address") == 0 || strcmp(key->at, "local-ip") == 0) {
		text_printf(&t->inside, "local-address %s; ", value);
		return 0;
	}
	if (strcmp(key->at, "family-allowed") == 0)
		return take_families(c, t, value);
	if (strcmp(key->at, "api") == 0)
		return take_process(c, t, value);
	if (strcmp(key->at, "graceful-restart") == 0) {
		t->graceful = value;
		return 0;
	}
	if (strcmp(key->at, "speaker") == 0) {
		t->speaker = value;
		return 0;
	}
	for (unsigned i = 0; i < sizeof same / sizeof *same; i++)
		if (strcmp(key->at, same[i]) == 0) {
			text_printf(&t->inside, "%s %s; ", key->at, value);
			return 0;
		}
	return reason_set(&c->why, key->line, key->column,
	    "%s: expected local-address, local-as, "
	    "peer-as, router-id, family-allowed, graceful-restart, group-updates or api",
	    key->at);
}

static void
put_section(const struct typed *t, const char *address, struct text *out)
{
	text_add(out, t->before.len ? t->before.base : "");
	if (t->speaker)
		text_printf(out, "speaker %s { }\n", t->speaker);
	text_printf(out, "neighbor %s { %s", address, t->inside.len ? t->inside.base : "");
	text_printf(out, "family { %s } ", t->families.len ? t->families.base : "ipv4 unicast;");
	if (t->graceful)
		text_printf(out, "capability { graceful-restart %s; } ", t->graceful);
	if (t->speaker)
		text_printf(out, "speaker %s; ", t->speaker);
	if (t->processes.len)
		text_printf(out, "api { processes [ %s]; } ", t->processes.base);
	text_add(out, "}\n");
}

static int
scan(struct call *c, struct text *section)
{
	const struct process *p = process_of(c->request->client);
	struct typed t = { 0 };
	const char *address = value_of(c, "neighbor");
	int ok = address ? 0 : -1;

	while (ok == 0 && words_left(&c->words))
		ok = take_pair(c, &t);
	/* whoever makes a neighbor may act on it */
	if (ok == 0 && p && !p->attached && t.processes.len == 0)
		ok = take_process(c, &t, p->name);
	if (ok == 0)
		put_section(&t, address, section);
	text_fini(&t.before);
	text_fini(&t.inside);
	text_fini(&t.families);
	text_fini(&t.processes);
	return ok;
}

/* The one neighbor of the section, taken out of it. */
static struct config_neighbor *
read_section(struct call *c, const struct text *section)
{
	struct config_error e;
	struct config *config = config_load_text("api", section->base, section->len, &e);
	struct config_neighbor *n;

	if (!config) {
		reason_set(&c->why, 0, 0, "%.200s", e.text);
		return NULL;
	}
	n = config_take_neighbor(config, config->neighbors[0]);
	n->file = "api";
	config_free(config);
	return n;
}

void
command_create(struct call *c)
{
	struct controller *k = c->api->controller;
	struct text section = { 0 };
	struct config_neighbor *n = NULL;
	struct speaker_entry *speaker;

	if (scan(c, &section) == 0)
		n = read_section(c, &section);
	text_fini(&section);
	if (!n) {
		call_refuse(c);
		return;
	}
	speaker = fleet_speaker(k->fleet, n->speaker);
	if (!speaker || neighbor_by_address(speaker, &n->peer.addr)) {
		request_done(&c->request, "error",
		    speaker ? "the neighbor is there already" : "no such speaker");
		config_neighbor_free(n);
		return;
	}
	neighbor_create(k, n);
	processes_neighbors_changed(c->api->processes);
	request_done(&c->request, "accepted", "%s created",
	    neighbor_by_address(speaker, &n->peer.addr)->name);
}

void
command_delete(struct call *c)
{
	struct selector s;
	size_t count;

	if (selector_scan(&c->words, &s, &c->why) < 0 || call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	count = selector_choose(c->request->client, &s);
	if (count == 0) {
		request_done(&c->request, "error", "no neighbors match the selector");
		return;
	}
	for (size_t i = 0; i < count; i++)
		neighbor_delete(c->api->chosen[i], "deleted by a client");
	c->api->chosen_count = 0;
	processes_neighbors_changed(c->api->processes);
	request_done(
	    &c->request, "accepted", "%zu neighbor%s deleted", count, count == 1 ? "" : "s");
}
