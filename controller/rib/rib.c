#include "controller/rib/rib.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/rib/rib_inner.h"
#include "proto/bgp/nlri.h"

enum { AGING = 10 * 1000000 };

/* --- what the targets are told --- */

void
memo_forget(struct rib *r)
{
	for (size_t i = 0; i < r->memo.count; i++)
		blob_put(r->controller->values, r->memo.out[i].value);
	blob_put(r->controller->values, r->memo.in);
	blob_put(r->controller->values, r->memo.said);
	r->memo.count = 0;
	r->memo.in = r->memo.said = NULL;
}

void
memo_free(struct rib *r)
{
	memo_forget(r);
	mem_free(r->memo.out);
}

/* Where no policy asks for more than the value. */
static void
remember_said(struct rib *r, const struct contest *c, size_t best, const struct rib_plan *plan)
{
	struct rib_memo *m = &r->memo;

	blob_put(r->controller->values, m->said);
	m->said = c->path[best].source->policy.of_nlri || plan->of_nlri
		      ? NULL
		      : blob_get(ledger_value(c->path[best].entry));
}

/* What the best one comes to, each way. */
static void
remember(
    struct rib *r, enum family f, const struct contest *c, size_t best, const struct rib_plan *plan)
{
	struct rib_memo *m = &r->memo;
	const struct rib_source *s = c->path[best].source;
	struct blob *in = c->path[best].taken;

	if (m->in == in && m->source == s->number && m->version == r->version && m->family == f &&
	    m->tag == c->path[best].tag && m->count == plan->count && !plan->of_nlri)
		return;
	memo_forget(r);
	m->in = blob_get(in);
	m->source = s->number;
	m->version = r->version;
	m->family = f;
	m->tag = c->path[best].tag;
	m->out = mem_grow(m->out, &m->cap, plan->count + 1, sizeof *m->out);
	for (m->count = 0; m->count < plan->count; m->count++) {
		struct rib_memo_way *out = &m->out[m->count];

		out->value = come_to(
		    r, c, best, &r->target[plan->way[m->count].target], &out->owner, &out->open);
	}
}

/* The only way in which some of a speaker's neighbors are told of it; NULL: there are several, or none, or a client is
 * asked. */
static const struct rib_way *
only_way(const struct rib *r, const struct speaker_entry *speaker, const struct rib_plan *plan,
    size_t *at)
{
	const struct rib_way *only = NULL;

	for (size_t i = 0; plan && i < plan->count; i++) {
		const struct rib_memo_way *out = &r->memo.out[i];

		if (r->target[plan->way[i].target].speaker != speaker ||
		    (!out->value && !out->open))
			continue;
		if (only || out->open)
			return NULL;
		only = &plan->way[i];
		*at = i;
	}
	return only;
}

static void
tell_speaker(struct rib *r, struct speaker_entry *speaker, enum family f, struct reader key,
    const struct rib_plan *plan)
{
	uint32_t told = SET_NONE, next;

	for (size_t i = 0; plan && i < plan->count; i++) {
		const struct rib_way *way = &plan->way[i];
		const struct rib_memo_way *out = &r->memo.out[i];

		if (r->target[way->target].speaker != speaker || (!out->value && !out->open))
			continue;
		if (out->value)
			told_announce(
			    r, speaker, f, 0, key, blob_get(out->value), out->owner, way->members);
		next = set_union(r->controller->sets, told, way->members);
		set_put(r->controller->sets, told);
		told = next;
	}
	told_withdraw(r, speaker, f, 0, key, told);
	set_put(r->controller->sets, told);
}

/* What is told of the best one to those who may have it; all others are told nothing. */
static void
tell(struct rib *r, enum family f, struct reader key, uint32_t hash, const struct rib_plan *plan)
{
	LIST_EACH(link, fleet_speakers(r->controller->fleet)) {
		struct speaker_entry *speaker = LIST_ENTRY(link, struct speaker_entry, link);
		size_t i = 0;
		const struct rib_way *way = only_way(r, speaker, plan, &i);

		if (way)
			told_say(r, speaker, f, hash, key, blob_get(r->memo.out[i].value),
			    r->memo.out[i].owner, way->members);
		else
			tell_speaker(r, speaker, f, key, plan);
	}
}

void
rib_decide(struct rib *r, enum family f, struct reader key, uint32_t gone, uint32_t only)
{
	static struct contest c;
	const struct rib_plan *plan = NULL;
	size_t best;

	r->verdicts.decision++;
	if (only == RIB_NOWHERE)
		contest_gather(r, f, key, &c);
	else
		contest_of_one(r, f, only, &c);
	best = contest_choose(r, &c);
	if (best < c.count) {
		struct rib_source *s = c.path[best].source;

		plan = plan_of(r, s, f);
		key = ledger_key(s->ledger[f], c.path[best].entry);
		remember(r, f, &c, best, plan);
		remember_said(r, &c, best, plan);
	}
	tell(r, f, key, paths_hash(f, key), plan);
	if (r->several & family_bit(f))
		several_tell(r, f, key, &c, gone);
	for (size_t i = 0; verdicts_open(&r->verdicts) && i < c.count; i++)
		verdicts_settle(&r->verdicts, f, c.path[i].number);
	contest_end(r, &c);
}

/* Nothing is chosen, and what it comes to is known. */
bool
rib_decide_alike(
    struct rib *r, struct rib_source *s, enum family f, const struct ledger_entry *e, uint32_t hash)
{
	const struct rib_memo *m = &r->memo;

	if (m->said != ledger_value(e) || m->source != s->number || m->family != f ||
	    m->version != r->version || r->several & family_bit(f) || verdicts_open(&r->verdicts))
		return false;
	tell(r, f, ledger_key(s->ledger[f], e), hash, plan_of(r, s, f));
	return true;
}

void
rib_reconsider(struct controller *c, enum family f, struct reader key)
{
	if (c->rib && c->rib->paths[f].count > 0)
		rib_decide(c->rib, f, key, RIB_NOWHERE, RIB_NOWHERE);
}

/* --- the age of routes --- */

/* What policies say of it holds for a while. */
static void
age(void *self)
{
	struct rib *r = self;

	revise_all(r);
	loop_timer_set(r->controller->loop, &r->aging, loop_now(r->controller->loop) + AGING);
}

static bool
asks_for_age(const struct rib *r)
{
	for (uint32_t i = 0; i < r->sources; i++)
		if (r->source[i] && r->source[i]->policy.of_age)
			return true;
	for (size_t i = 0; i < r->targets; i++)
		if (r->target[i].policy.of_age)
			return true;
	return false;
}

/* --- life --- */

static bool
anybody(const struct controller *c)
{
	LIST_EACH(link, &c->neighbors)
		if (LIST_ENTRY(link, struct neighbor, link)->config->propagate != PROPAGATE_NONE)
			return true;
	return false;
}

static struct rib *
rib_new(struct controller *c)
{
	struct rib *r = mem_zero(sizeof *r);

	r->controller = c;
	r->owner = owner_rib(c->owners);
	r->paths = mem_zero(FAMILIES * sizeof *r->paths);
	for (int f = 0; f < FAMILIES; f++)
		paths_init(&r->paths[f], r, (enum family)f);
	r->aging = (struct loop_timer){ .fire = age, .self = r };
	verdicts_init(&r->verdicts, r);
	revise_init(r);
	sources_init(r);
	return r;
}

struct rib *
rib_there(struct controller *c)
{
	if (!c->rib) {
		c->rib = rib_new(c);
		intent_begin(c, c->rib->owner);
		rib_apply(c);
	}
	return c->rib;
}

void
rib_apply(struct controller *c)
{
	struct rib *r = c->rib;

	if (!r && anybody(c))
		(void)rib_there(c); /* which comes back here */
	if (!r)
		return;
	r->version++;
	r->rules = c->config->decision;
	deciders_apply(c);
	limits_apply(r);
	targets_apply(r);
	sources_apply(r);
	revise_all(r);
	loop_timer_stop(c->loop, &r->aging);
	if (asks_for_age(r))
		loop_timer_set(c->loop, &r->aging, loop_now(c->loop) + AGING);
	sources_check_whole(r);
}

void
rib_free(struct controller *c)
{
	struct rib *r = c->rib;

	if (!r)
		return;
	loop_timer_stop(c->loop, &r->aging);
	sources_free(r);
	origins_free(r);
	targets_free(r);
	memo_free(r);
	mem_free(r->limit);
	looks_free(r);
	verdicts_fini(&r->verdicts);
	for (int f = 0; f < FAMILIES; f++)
		paths_fini(&r->paths[f]);
	mem_free(r->paths);
	revise_fini(r);
	mem_free(r);
	c->rib = NULL;
}
