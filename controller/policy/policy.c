#include "controller/policy/policy.h"
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/policy/via.h"
#include "proto/bgp/attrs.h"

enum { WORDS_MAX = 32 }; /* more than the rows of a table */

const struct policy *
policy_builtin(const char *name)
{
	static struct policy_rule yes = { .label = "accept", .end = RULE_ACCEPTS },
				  no = { .label = "reject", .end = RULE_REJECTS };
	static struct policy_rule *accepts[] = { &yes }, *rejects[] = { &no };
	static const struct policy accept = { .name = "accept", .rule = accepts, .rules = 1 },
				   reject = { .name = "reject", .rule = rejects, .rules = 1 };

	return strcmp(name, "accept") == 0 ? &accept : strcmp(name, "reject") == 0 ? &reject : NULL;
}

struct policy *
policy_new(const char *name, size_t len)
{
	struct policy *p = mem_zero(sizeof *p);

	p->name = mem_text(name, len);
	return p;
}

struct policy_rule *
policy_rule_new(struct policy *p, const char *name, size_t len, unsigned line)
{
	struct policy_rule *r = mem_zero(sizeof *r);
	char label[200];
	int n = snprintf(label, sizeof label, "policy %.64s rule %.*s (line %u)", p->name,
	    (int)(len < 64 ? len : 64), name, line);

	r->label = mem_text(label, (size_t)n);
	r->name = mem_text(name, len);
	p->rule = mem_grow(p->rule, &p->rule_cap, p->rules + 1, sizeof *p->rule);
	p->rule[p->rules++] = r;
	return r;
}

static void
free_rule(struct policy_rule *r)
{
	for (size_t i = 0; i < r->conditions; i++)
		if (r->condition[i].ops->fini)
			r->condition[i].ops->fini(&r->condition[i]);
	for (size_t i = 0; i < r->actions; i++)
		if (r->action[i].ops->fini)
			r->action[i].ops->fini(&r->action[i]);
	via_free(r->via);
	mem_free(r->condition);
	mem_free(r->action);
	mem_free(r->label);
	mem_free(r->name);
	mem_free(r->go_to);
	mem_free(r);
}

void
policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->rules; i++)
		free_rule(p->rule[i]);
	mem_free(p->rule);
	mem_free(p->name);
	mem_free(p);
}

/* No such word: the nearest there is. */
static int
unknown(struct reason *why, const char *word, const char *what, const char *const *names)
{
	const char *near = reason_nearest(word, strlen(word), names);

	return near ? reason_set(
			  why, 0, 0, "there is no %s '%.40s'; did you mean %s?", what, word, near)
		    : reason_set(why, 0, 0, "there is no %s '%.40s'", what, word);
}

/* A word without anything behind it: what belongs there, and what for. */
static int
left_out(struct reason *why, const char *word, const char *expected, const char *help)
{
	return reason_set(why, 0, 0, "expected %s behind %s (%s)", expected, word, help);
}

int
policy_match(struct policy *p, struct policy_rule *r, const char *word, struct words *words,
    struct reason *why)
{
	size_t i = 0;

	while (i < match_count && strcmp(match_table[i].word, word) != 0)
		i++;
	if (i == match_count) {
		const char *names[WORDS_MAX] = { NULL };

		for (i = 0; i < match_count; i++)
			names[i] = match_table[i].word;
		return unknown(why, word, "condition", names);
	}
	if (!words_left(words))
		return left_out(why, word, match_table[i].expected, match_table[i].help);
	r->condition =
	    mem_grow(r->condition, &r->condition_cap, r->conditions + 1, sizeof *r->condition);
	r->condition[r->conditions] =
	    (struct policy_condition){ .ops = &match_table[i], .sets = p->sets };
	p->of_nlri |= match_table[i].of_nlri;
	p->of_age |= match_table[i].of_age;
	return match_table[i].scan(words, &r->condition[r->conditions++], why);
}

/* accept, reject and next end the rule; nothing may stand behind them. */
static int
scan_end(struct policy_rule *r, const char *word)
{
	static const char *const ends[] = {
		[RULE_ACCEPTS] = "accept", [RULE_REJECTS] = "reject", [RULE_LEAVES] = "next"
	};

	for (int e = RULE_ACCEPTS; e <= RULE_LEAVES; e++)
		if (strcmp(word, ends[e]) == 0) {
			r->end = (enum policy_end)e;
			return 0;
		}
	return -1;
}

static int
scan_go_to(struct policy_rule *r, struct words *words, struct reason *why)
{
	const struct word *w = words_next(words);

	if (!w)
		return left_out(why, "go-to", "the name of a rule", "go on at a rule further down");
	r->go_to = mem_text(w->at, w->len);
	r->end = RULE_GOES_TO;
	return 0;
}

/* What is told by a limit is known by the name of its rule, also after a reload. */
static int
check_limits(const struct policy *p, struct reason *why)
{
	for (size_t i = 0; i < p->rules; i++)
		for (size_t k = i + 1; p->rule[i]->limit > 0 && k < p->rules; k++)
			if (p->rule[k]->limit > 0 &&
			    strcmp(p->rule[i]->name, p->rule[k]->name) == 0)
				return reason_set(why, 0, 0,
				    "%s has a limit, and so has another rule of that name: they "
				    "have to differ",
				    p->rule[k]->label);
	return 0;
}

int
policy_close(struct policy *p, struct reason *why)
{
	for (size_t i = 0; i < p->rules; i++) {
		struct policy_rule *r = p->rule[i];

		if (r->end != RULE_GOES_TO)
			continue;
		for (r->target = i + 1; r->target < p->rules; r->target++)
			if (strcmp(p->rule[r->target]->name, r->go_to) == 0)
				break;
		if (r->target == p->rules)
			return reason_set(why, 0, 0, "%s: there is no rule '%.40s' further down",
			    r->label, r->go_to);
	}
	return check_limits(p, why);
}

int
policy_then(struct policy *p, struct policy_rule *r, const char *word, struct words *words,
    struct reason *why)
{
	size_t i = 0;

	if (r->end != RULE_GOES_ON)
		return reason_set(
		    why, 0, 0, "the rule has ended: '%.40s' would never be done", word);
	if (scan_end(r, word) == 0)
		return r->end == RULE_REJECTS && r->limit > 0
			   ? reason_set(why, 0, 0,
				 "the rule has a limit, and what is rejected is not told")
			   : 0;
	if (strcmp(word, "via") == 0) {
		r->via = via_scan(words, r->label, why);
		r->end = RULE_ASKS;
		p->via = true;
		return r->via ? 0 : -1;
	}
	if (strcmp(word, "go-to") == 0)
		return scan_go_to(r, words, why);
	while (i < act_count && strcmp(act_table[i].word, word) != 0)
		i++;
	if (i == act_count) {
		const char *names[WORDS_MAX] = { "accept", "reject", "next", "via", "go-to" };

		for (i = 0; i < act_count; i++)
			names[i + 5] = act_table[i].word;
		return unknown(why, word, "action", names);
	}
	if (!words_left(words))
		return left_out(why, word, act_table[i].expected, act_table[i].help);
	r->action = mem_grow(r->action, &r->action_cap, r->actions + 1, sizeof *r->action);
	r->action[r->actions] = (struct policy_action){ .ops = &act_table[i], .rule = r };
	return act_table[i].scan(words, &r->action[r->actions++], why);
}

void
policy_chain_add(struct policy_chain *c, const struct policy *p)
{
	c->policy = mem_grow(c->policy, &c->cap, c->count + 1, sizeof(struct policy *));
	c->policy[c->count++] = p;
	c->via |= p->via;
	c->of_nlri |= p->of_nlri || p->via;
	c->of_age |= p->of_age;
}

void
policy_chain_fini(struct policy_chain *c)
{
	mem_free(c->policy);
	*c = (struct policy_chain){ 0 };
}

bool
policy_chain_equal(const struct policy_chain *a, const struct policy_chain *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->policy, b->policy, a->count * sizeof *a->policy) == 0);
}

static bool
holds(const struct policy_rule *r, const struct policy_route *route)
{
	for (size_t i = 0; i < r->conditions; i++)
		if (!r->condition[i].ops->holds(&r->condition[i], route))
			return false;
	return true;
}

/* The rule that ends it; NULL: none does. */
static const struct policy_rule *
run_one(const struct policy *p, struct policy_route *route)
{
	for (size_t i = 0; i < p->rules; i++) {
		const struct policy_rule *r = p->rule[i];

		if (!holds(r, route))
			continue;
		for (size_t k = 0; k < r->actions; k++)
			r->action[k].ops->apply(&r->action[k], route);
		if (r->end == RULE_GOES_TO)
			i = r->target - 1; /* further down: it ends */
		else if (r->end != RULE_GOES_ON)
			return r;
	}
	return NULL;
}

/* What the client says of it, or what holds without it. */
static bool
ask(const struct policy_via *v, struct policy_route *route)
{
	enum via_answer answer = route->ask ? route->ask(route->self, v, route) : VIA_MISSED;

	if (route->failed)
		return false;
	route->said = v->label[answer];
	route->open = answer == VIA_OPEN;
	return answer == VIA_ACCEPTED || (answer >= VIA_DEFAULT && v->accepts);
}

bool
policy_run(const struct policy_chain *c, struct policy_route *route, const struct policy_rule **by)
{
	*by = NULL;
	for (size_t i = 0; i < c->count; i++) {
		const struct policy_rule *r = run_one(c->policy[i], route);

		if (!r || r->end == RULE_LEAVES)
			continue;
		*by = r;
		if (route->failed)
			return false;
		return r->end == RULE_ASKS ? ask(r->via, route) : r->end == RULE_ACCEPTS;
	}
	return false;
}

const char *
policy_why(const struct policy_route *route, const struct policy_rule *by)
{
	if (route->failed)
		return "its rules make more attributes than a route can have";
	return route->said ? route->said : by ? by->label : NULL;
}

bool
policy_puts(const struct policy *p, const struct named_list *l)
{
	if (p->via)
		return true; /* a client puts in what it likes */
	for (size_t i = 0; i < p->rules; i++)
		for (size_t k = 0; k < p->rule[i]->actions; k++) {
			const struct policy_action *a = &p->rule[i]->action[k];

			if (a->ops->puts && a->ops->puts(a, l))
				return true;
		}
	return false;
}

/* --- attributes --- */

/* Two places, because what is laid anew is read from the other. */
static void
lay(struct policy_route *r, uint8_t flags, uint8_t code, const struct reader *value)
{
	static uint8_t memory[2][ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory[r->value.attributes.at == memory[0]], ROUTE_VALUE_MAX);
	struct reader block = r->value.attributes;
	bool put = value != NULL;
	struct attr a;

	while (attrs_next(&block, &a)) {
		if (put && a.code >= code) {
			attrs_put(&w, flags, code, *value);
			put = false;
		}
		if (a.code != code)
			attrs_put(&w, a.flags, a.code, a.value);
	}
	if (put)
		attrs_put(&w, flags, code, *value);
	if (!writer_ok(&w)) {
		r->failed = true;
		return;
	}
	r->value.attributes = writer_read(&w);
	r->changed = true;
}

void
policy_put(struct policy_route *r, uint8_t flags, uint8_t code, struct reader value)
{
	lay(r, flags, code, &value);
}

void
policy_remove(struct policy_route *r, uint8_t code)
{
	struct attr a;

	if (attrs_find(r->value.attributes, code, &a))
		lay(r, 0, code, NULL);
}

const struct policy_rule *
policy_limit(const struct policy *p)
{
	for (size_t i = 0; i < p->rules; i++)
		if (p->rule[i]->limit > 0)
			return p->rule[i];
	return NULL;
}

bool
policy_asks(const struct policy *p, const char *word)
{
	for (size_t r = 0; r < p->rules; r++)
		for (size_t i = 0; i < p->rule[r]->conditions; i++)
			if (strcmp(p->rule[r]->condition[i].ops->word, word) == 0)
				return true;
	return false;
}
