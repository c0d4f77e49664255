/* Sections that are about a thing of their own: process, speaker, client, controller, api. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";

/* The one name that a section has before its brace. NULL with the error. */
static const struct word *
name_take(struct loader *l, const struct row *row, struct words *words, size_t most, bool strict)
{
	const struct word *w = words_next(words);

	if (w == NULL || w->len == 0) {
		loader_fail(l, w, "expected a name after %s", row->name);
		return NULL;
	}
	if (w->len > most || (strict && strspn(w->at, letters) != w->len)) {
		loader_fail(l, w,
		    "'%.64s' cannot be the name of %s: letters, digits, '.', '-' and '_', at most "
		    "%zu",
		    w->at, row->name, most);
		return NULL;
	}
	return w;
}

static void *
twice(struct loader *l, const struct word *w, const char *what, const char *file, unsigned line)
{
	loader_fail(l, w, "%s '%.64s' is there already, at %.128s:%u", what, w->at, file, line);
	return NULL;
}

void *
inner_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	(void)l;
	(void)words;
	return (uint8_t *)base + row->offset;
}

void *
process_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = name_take(l, row, words, 255, false);
	struct config *c = l->config;

	(void)base;
	if (w == NULL)
		return NULL;
	for (size_t i = 0; i < c->process_count; i++) {
		if (strcmp(c->processes[i].name, w->at) == 0)
			return twice(l, w, "process", c->processes[i].file, c->processes[i].line);
	}
	if (strncmp(w->at, "api-internal-cli", 16) == 0) {
		loader_fail(l, w, "names that begin with api-internal-cli are reserved");
		return NULL;
	}
	c->processes = mem_resize(c->processes, (c->process_count + 1) * sizeof(c->processes[0]));
	struct config_process *p = &c->processes[c->process_count++];
	*p = (struct config_process){
		.name = mem_text(w->at, w->len), .file = l->file, .line = w->line
	};
	section_defaults(SECTION_PROCESS, p);
	return p;
}

int
process_leave(struct loader *l, void *base)
{
	struct config_process *p = base;
	struct reason r = { 0 };
	char path[4096];

	if (!l->locate)
		return 0;
	if (program_locate(p->run.name[0], l->file, path, sizeof(path), &r) < 0)
		return loader_fail_at(l, p->file, p->line, 0, "process %.64s: %s", p->name, r.text);
	if (program_interpreter(path, &r) < 0)
		loader_note(l, p->line, "process %.64s will not start: %s", p->name, r.text);
	if (program_script(&p->run, &r) < 0)
		loader_note(l, p->line, "process %.64s: %s", p->name, r.text);
	mem_free(p->run.name[0]);
	p->run.name[0] = mem_text(path, strlen(path));
	return 0;
}

void *
speaker_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = name_take(l, row, words, 63, true);
	struct config *c = l->config;

	(void)base;
	if (w == NULL)
		return NULL;
	const struct config_speaker *other = config_speaker(c, w->at);
	if (other != NULL)
		return twice(l, w, "speaker", other->file, other->line);
	c->speakers = mem_resize(c->speakers, (c->speaker_count + 1) * sizeof(c->speakers[0]));
	struct config_speaker *s = &c->speakers[c->speaker_count++];
	*s = (struct config_speaker){
		.name = mem_text(w->at, w->len), .file = l->file, .line = w->line
	};
	section_defaults(SECTION_SPEAKER, s);
	return s;
}

void *
client_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = name_take(l, row, words, 63, true);
	struct config *c = l->config;

	(void)base;
	if (w == NULL)
		return NULL;
	/* other owners of ours have blanks in their names */
	if (strcmp(w->at, "configuration") == 0) {
		loader_fail(
		    l, w, "the name 'configuration' is reserved: it is the configuration's own");
		return NULL;
	}
	for (size_t i = 0; i < c->client_count; i++) {
		if (strcmp(c->clients[i].name, w->at) == 0)
			return twice(l, w, "client", c->clients[i].file, c->clients[i].line);
	}
	c->clients = mem_resize(c->clients, (c->client_count + 1) * sizeof(c->clients[0]));
	struct config_client *client = &c->clients[c->client_count++];
	*client = (struct config_client){
		.name = mem_text(w->at, w->len), .file = l->file, .line = w->line
	};
	section_defaults(SECTION_CLIENT, client);
	return client;
}

/* A key is an identity: two clients cannot have the same. Without one it is nobody but the owner of routes that pass an
 * import. */
int
client_leave(struct loader *l, void *base)
{
	const struct config_client *client = base;

	if (client->key == NULL && client->import.count == 0)
		return loader_fail_at(l, client->file, client->line, 0,
		    "client %s needs 'key', or an import", client->name);
	for (const struct config_client *o = l->config->clients; o < client; o++) {
		if (o->key != NULL && client->key != NULL && strcmp(o->key, client->key) == 0)
			return loader_fail_at(l, client->file, client->line, 0,
			    "clients %s and %s have the same key", o->name, client->name);
	}
	return 0;
}

void *
controller_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	(void)row;
	(void)base;
	(void)words;
	return &l->config->controller;
}

void *
decision_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	(void)row;
	(void)base;
	(void)words;
	return &l->config->decision;
}

/* The same name again goes on with the same one. */
void *
api_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;
	const struct word *w = NULL;

	if (words_left(words) && (w = name_take(l, row, words, 255, true)) == NULL)
		return NULL;
	for (size_t i = 0; w != NULL && i < n->api_count; i++) {
		if (n->apis[i].name != NULL && strcmp(n->apis[i].name, w->at) == 0)
			return &n->apis[i];
	}
	n->apis = mem_resize(n->apis, (n->api_count + 1) * sizeof(n->apis[0]));
	struct config_api *api = &n->apis[n->api_count++];
	*api = (struct config_api){ .line = l->keyword->line };
	api->name = w != NULL ? mem_text(w->at, w->len) : NULL;
	return api;
}

void
config_api_free(struct config_api *api)
{
	section_free(SECTION_API, api);
	mem_free(api->name);
}
