/* policy NAME { rule NAME { match { } then { } } }: the words of conditions and actions are policy/'s. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"

static struct policy *
current(struct loader *l)
{
	return l->config->policies[l->config->policy_count - 1];
}

void *
policy_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = words_next(words);
	struct config *c = l->config;

	(void)row;
	(void)base;
	if (w == NULL || w->len == 0) {
		loader_fail(l, w, "expected a name after policy");
		return NULL;
	}
	if (config_policy(c, w->at) != NULL) {
		loader_fail(l, w, "policy '%.64s' is there already", w->at);
		return NULL;
	}
	c->policies =
	    mem_grow(c->policies, &c->policy_cap, c->policy_count + 1, sizeof(struct policy *));
	c->policies[c->policy_count] = policy_new(w->at, w->len);
	c->policies[c->policy_count]->sets = &c->sets;
	c->sets.file = l->file;
	return c->policies[c->policy_count++];
}

int
policy_leave(struct loader *l, void *base)
{
	struct reason r = { 0 };

	return policy_close(base, &r) < 0 ? loader_refuse(l, &r) : 0;
}

void *
rule_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = words_next(words);

	(void)row;
	if (w == NULL || w->len == 0) {
		loader_fail(l, w, "expected a name after rule");
		return NULL;
	}
	return policy_rule_new(base, w->at, w->len, w->line);
}

int
match_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct reason r = { 0 };

	(void)row;
	if (policy_match(current(l), base, l->keyword->at, words, &r) < 0)
		return loader_refuse(l, &r);
	return 0;
}

int
then_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct reason r = { 0 };

	(void)row;
	if (policy_then(current(l), base, l->keyword->at, words, &r) < 0)
		return loader_refuse(l, &r);
	return 0;
}

/* A rule without conditions, in one line. */
int
via_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct policy_rule *rule = policy_rule_new(base, "via", 3, l->keyword->line);
	struct reason r = { 0 };

	(void)row;
	if (policy_then(base, rule, "via", words, &r) < 0)
		return loader_refuse(l, &r);
	return 0;
}

void
config_chain(const struct config *c, const struct config_names *names, struct policy_chain *chain)
{
	for (size_t i = 0; i < names->count; i++)
		policy_chain_add(chain, config_policy(c, names->name[i]));
}

/* Where the names stand. */
struct place {
	const char *file;
	unsigned line, column;
};

/* "; did you mean customers?", or nothing. */
static const char *
hint(const struct config *c, const char *name, char out[96])
{
	enum { MOST = 256 };
	const char *names[MOST + 1], *near;
	size_t count = 0;

	for (; count < c->policy_count && count < MOST; count++)
		names[count] = c->policies[count]->name;
	names[count] = NULL;
	near = reason_nearest(name, strlen(name), names);
	snprintf(
	    out, 96, "%s%.64s%s", near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	return out;
}

/* The keyword, or what it belongs to. */
static struct place
place_of(const struct config_names *names, struct place owner)
{
	return names->file ? (struct place){ names->file, names->line, names->column } : owner;
}

static int
names_check(struct loader *l, struct place at, const char *word, const struct config_names *names)
{
	char near[96];

	at = place_of(names, at);
	for (size_t i = 0; i < names->count; i++)
		if (config_policy(l->config, names->name[i]) == NULL)
			return loader_fail_at(l, at.file, at.line, at.column,
			    "%s: there is no policy '%.64s'%s", word, names->name[i],
			    hint(l->config, names->name[i], near));
	return 0;
}

/* A limit is of what a neighbor is told. */
static int
limits_check(struct loader *l, struct place at, const char *word, const struct config_names *import)
{
	at = place_of(import, at);
	for (size_t i = 0; i < import->count; i++) {
		const struct policy_rule *r =
		    policy_limit(config_policy(l->config, import->name[i]));

		if (r)
			return loader_fail_at(l, at.file, at.line, at.column,
			    "%s: %s has a limit, which is of what a neighbor is told: it "
			    "belongs to an export",
			    word, r->label);
	}
	return 0;
}

static int
covers_check(struct loader *l, const struct config_neighbor *n)
{
	const struct config_names *covers = &n->export_covers;
	struct place at = place_of(covers, (struct place){ n->file, n->line, n->column });

	for (size_t i = 0; i < covers->count; i++)
		if (strcmp(covers->name[i], "client") != 0 &&
		    strcmp(covers->name[i], "configuration") != 0)
			return loader_fail_at(l, at.file, at.line, at.column,
			    "export-covers: expected client or configuration, found '%.64s'",
			    covers->name[i]);
	if (covers->count > 0 && n->export.count == 0)
		return loader_fail_at(l, at.file, at.line, at.column,
		    "export-covers: there is no export, and nothing would pass: say export accept, "
		    "or the name of a policy");
	return 0;
}

int
policies_check(struct loader *l, const struct config_neighbor *n)
{
	struct place at = { n->file, n->line, n->column };
	char peer[PREFIX_TEXT], import[PREFIX_TEXT + 32], export[PREFIX_TEXT + 32];

	loader_peer(n, peer);
	snprintf(import, sizeof import, "neighbor %s: import", peer);
	snprintf(export, sizeof export, "neighbor %s: export", peer);
	if (names_check(l, at, import, &n->import) < 0 ||
	    limits_check(l, at, import, &n->import) < 0 ||
	    names_check(l, at, export, &n->export) < 0)
		return -1;
	return covers_check(l, n);
}

/* Of a client's routes; a client that is asked decides on those of peers alone. */
static int
import_check(struct loader *l, struct place at, const char *who, const char *word,
    const struct config_names *names)
{
	char text[128];

	snprintf(text, sizeof(text), "%.100s%s", who, word);
	if (names_check(l, at, text, names) < 0 || limits_check(l, at, text, names) < 0)
		return -1;
	at = place_of(names, at);
	for (size_t i = 0; i < names->count; i++)
		if (config_policy(l->config, names->name[i])->via)
			return loader_fail_at(l, at.file, at.line, at.column,
			    "%s: policy '%.64s' asks a client (via), which is for routes of peers",
			    text, names->name[i]);
	return 0;
}

int
imports_check(struct loader *l)
{
	const struct config *c = l->config;
	char who[128];

	for (size_t i = 0; i < c->process_count; i++) {
		const struct config_process *p = &c->processes[i];

		snprintf(who, sizeof(who), "process %.64s: ", p->name);
		if (import_check(
			l, (struct place){ p->file, p->line, 0 }, who, "import", &p->import) < 0)
			return -1;
	}
	for (size_t i = 0; i < c->client_count; i++) {
		const struct config_client *k = &c->clients[i];

		snprintf(who, sizeof(who), "client %.64s: ", k->name);
		if (import_check(
			l, (struct place){ k->file, k->line, 0 }, who, "import", &k->import) < 0)
			return -1;
	}
	return import_check(l, (struct place){ c->files.count > 0 ? c->files.name[0] : "", 0, 0 },
	    "controller: ", "client-import", &c->controller.client_import);
}
