/* policy NAME { rule NAME { match { } then { } } }: the words of conditions and actions are policy/'s. */
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
	c->policies = mem_grow(c->policies, &c->policy_cap, c->policy_count + 1, sizeof(struct policy *));
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

static int
names_check(struct loader *l, const struct config_neighbor *n, const char *word, const struct config_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (config_policy(l->config, names->name[i]) == NULL)
			return loader_fail_at(l, n->file, n->line, n->column,
			    "%s: there is no policy '%.64s'", word, names->name[i]);
	return 0;
}

/* A limit is of what a neighbor is told. */
static int
import_check(struct loader *l, const struct config_neighbor *n)
{
	for (size_t i = 0; i < n->import.count; i++) {
		const struct policy_rule *r =
		    policy_limit(config_policy(l->config, n->import.name[i]));

		if (r)
			return loader_fail_at(l, n->file, n->line, n->column,
			    "import: %s has a limit, which is of what a neighbor is told: it "
			    "belongs to an export",
			    r->label);
	}
	return 0;
}

int
policies_check(struct loader *l, const struct config_neighbor *n)
{
	return names_check(l, n, "import", &n->import) < 0 || import_check(l, n) < 0
		   ? -1
		   : names_check(l, n, "export", &n->export);
}
