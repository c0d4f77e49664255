/* announce and withdraw: a line becomes a draft, the draft goes to intent. */
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/ahead.h"
#include "controller/api/bulk.h"
#include "controller/api/command.h"
#include "controller/api/receipt.h"
#include "controller/api/processes.h"
#include "controller/api/recent.h"
#include "controller/intent.h"
#include "controller/watchdog.h"
#include "proto/bgp/route.h"

/* A line that means more routes than this is refused: it would hold up everybody else. */
enum { ROUTES_MAX = 65536 };

/* `withdraw` behind a watchdog: until that is announced. */
static bool
waits_for_watchdog(const struct route_draft *d)
{
	return d->withdrawn && d->watchdog[0];
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static int
check_count(const struct route_draft *d, struct reason *why)
{
	uint64_t state = 0;
	uint8_t memory[ROUTE_PIECE_MAX];
	struct nlri nlri;
	size_t n = 0;

	if (d->split == 0 && d->nlri.len < ROUTES_MAX)
		return 0;
	while (route_draft_next(d, &state, memory, &nlri))
		if (++n > ROUTES_MAX)
			return reason_set(why, 0, 0, "more than %d routes in one line", ROUTES_MAX);
	return 0;
}

static int
check(struct call *c, const struct route_draft *d)
{
	if (call_end(c) < 0 || route_check_nlri(d, &c->why) < 0)
		return -1;
	if (c->kind == 0 && route_check(d, &c->why) < 0)
		return -1;
	return check_count(d, &c->why);
}

static int
scan(struct call *c, struct route_draft *d)
{
	return route_scan(&c->words, d, &c->why) < 0 ? -1 : check(c, d);
}

/* The draft of a line, which may have been scanned before its turn; NULL with a reason. */
static const struct route_draft *
draft_of(struct call *c)
{
	struct route_draft *d = &c->api->draft;

	if (ahead_scanned(c->ahead, &c->words))
		return check(c, &c->ahead->draft) < 0 ? NULL : &c->ahead->draft;
	route_draft_clear(d);
	return scan(c, d) < 0 ? NULL : d;
}

/* `10.0.0.0/24 next-hop ...` alone, or any of the forms that say what they are. */
int
announce_scan(struct call *c, enum family family, struct route_draft *d)
{
	static const char *const forms[] = { "route", "ipv4", "ipv6", "l2vpn", "bgp-ls",
		"attributes", "attribute", "flow", "vpls", "sr-policy", "raw" };
	size_t left = (size_t)(c->words.end - c->words.at), n = 0;
	struct word *words;
	int result;

	for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++)
		if (strcmp(words_peek(&c->words), forms[i]) == 0)
			return scan(c, d);
	words = mem_zero((left + 2) * sizeof *words);
	if (family == FAMILY_UNKNOWN) {
		words[n++] = (struct word){ .at = "route", .len = 5 };
	} else {
		words[n++] = (struct word){ .at = family_table[family].afi_name };
		words[n++] = (struct word){ .at = family_table[family].safi_name };
	}
	if (left > 0)
		memcpy(words + n, c->words.at, left * sizeof *words);
	c->words.at = words;
	c->words.end = words + n + left;
	result = scan(c, d);
	c->words.end = c->words.at; /* what it points to goes */
	mem_free(words);
	return result;
}

static void
put_count(struct text *t, const char *before, size_t n, const char *what)
{
	text_add(t, before);
	text_uint(t, n);
	text_add(t, what);
	text_add(t, plural(n));
}

/* Some are told of it; what of it is kept and not told, and what is not kept either. */
static void
print_refused(const struct api *api, const struct refusal *f, struct text *t)
{
	const struct neighbor *n = neighbor_by_number(api->controller, f->neighbor);

	if (f->count > f->left)
		text_printf(t, "; %zu kept and not told", f->count - f->left);
	if (f->left > 0)
		text_printf(t, "; %zu not kept, as another client's route is told there", f->left);
	text_printf(t, " (%s: ", n ? n->name : "a neighbor");
	refusal_print(f, t);
	text_char(t, ')');
}

/* Of every command: without printf, which would be a tenth of it. */
static void
print_result(const struct api *api, bool withdraw, size_t count, const struct intent_result *r,
    struct text *t)
{
	size_t told = count - (r->skipped < count ? r->skipped : count);

	put_count(t, "", r->routes, " route");
	put_count(t, withdraw ? " withdrawn from " : " for ", told, " neighbor");
	if (!withdraw || r->routes > 0) {
		text_add(t, ", ");
		text_uint(t, r->news);
		text_add(t, withdraw ? " had been told" : " new");
	}
	if (r->skipped > 0)
		text_printf(t, "; %zu without this family skipped", r->skipped);
	if (r->refused.count > 0)
		print_refused(api, &r->refused, t);
}

/* They come to the front. → how many */
static size_t
with_family(struct call *c, enum family f)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct neighbor *one = c->neighbor[i];

		if (!(one->families & family_bit(f)))
			continue;
		c->neighbor[i] = c->neighbor[n];
		c->neighbor[n++] = one;
	}
	return n;
}

/* Answered now, or when the first `count` of the neighbors have been written to (of `d`, which they are told; NULL: of
 * more than is looked at). */
static void
answer(struct call *c, size_t count, const struct route_draft *d, struct text *t)
{
	struct left_out left_out = { 0 };

	if (c->request->wait == API_WAIT_SENT) {
		if (d)
			left_out_look_draft(&left_out, c->neighbor, count, d);
		receipt_ask(c, c->neighbor, count, c->count - count, &left_out, t);
		left_out_fini(&left_out);
	} else {
		request_answer(
		    &c->request, ANSWER_FINAL, "accepted", reader_of(text_str(t), t->len), NULL);
	}
}

/* Nobody is told of it. */
static int
refused(struct call *c, const struct intent_result *r)
{
	struct text t = { 0 };

	refusal_print(&r->refused, &t);
	if (r->refused.left == 0)
		text_add(&t, "; it is kept, and told when that lets it");
	else if (r->refused.left == r->refused.count)
		text_add(&t, "; another client's route is told there, so it is not kept");
	else
		text_printf(&t,
		    "; it is kept, and told when that lets it, but not for %zu of %zu, where "
		    "another "
		    "client's route is told",
		    r->refused.left, r->refused.count);
	reason_set(&c->why, 0, 0, "%s", text_str(&t));
	text_fini(&t);
	return -1;
}

static bool
refused_everywhere(const struct call *c, const struct intent_result *r)
{
	return r->refused.count > 0 && r->skipped <= c->count &&
	       r->refused.count == r->routes * (c->count - r->skipped);
}

/* -1, and it is kept all the same, where policies refuse it for all neighbors. */
int
announce_draft(struct call *c, const struct route_draft *d, struct intent_result *result)
{
	struct controller *controller = c->api->controller;
	uint32_t owner = c->request->client->owner;
	const struct plan_soon *soon = c->ahead && d == &c->ahead->draft ? &c->ahead->value : NULL;
	int ok = 0;

	if (c->kind == 1) {
		watchdog_leave(controller, d, c->neighbor, c->count);
		intent_withdraw(controller, d, c->neighbor, c->count, result);
		return 0;
	}
	if (!waits_for_watchdog(d))
		ok = intent_announce_soon(
		    controller, d, soon, c->neighbor, c->count, owner, result, &c->why);
	if (ok < 0 && result->refused.full == 0)
		return -1; /* or some are told, though not all had room */
	recent_tells(c->api->recent, c->count > 0 ? c->neighbor[0] : NULL);
	if (d->watchdog[0])
		watchdog_join(controller, d, owner, c->neighbor, c->count);
	if (ok < 0)
		return -1;
	return refused_everywhere(c, result) ? refused(c, result) : 0;
}

int
announce_now(struct call *c, struct intent_result *result)
{
	return announce_line(c, result) ? 0 : -1;
}

/* --- the same again for another prefix --- */

static void
keep(const struct call *c, const struct route_draft *d)
{
	struct controller *k = c->api->controller;
	const struct client *client = c->request->client;
	struct recent *recent = c->api->recent;
	struct plan plan = { 0 };
	struct reason why = { 0 };

	if (c->kind == 1)
		plan_withdraw(&plan, k, d, c->neighbor, c->count);
	else if (plan_announce(&plan, k, d, NULL, c->neighbor, c->count, &why) < 0)
		return;
	recent_keep(recent, client, c->kind == 1, d, &plan, c->neighbor, c->count);
}

/* Most lines are not kept. */
static bool
wants(const struct call *c, struct words words, const struct route_draft *d)
{
	return recent_wants(c->api->recent, c->line, words.at, (size_t)(words.end - words.at), d);
}

static void
choose(struct api *api, const struct recent_said *s)
{
	if (api->chosen_cap < s->count)
		api->chosen =
		    mem_grow(api->chosen, &api->chosen_cap, s->count, sizeof *api->chosen);
	if (s->count > 0)
		memcpy(api->chosen, s->neighbor, s->count * sizeof *api->chosen);
	api->chosen_count = s->count;
}

/* Then it is done the long way: what comes of it is more than a count. */
static bool
meets_gate(const struct client *c, const struct plan *p)
{
	struct controller *k = c->api->controller;
	bool meets = false;

	for (size_t i = 0; k->gates && i < p->count && !meets; i++) {
		uint32_t before = gates_before(k->gates, c->owner, p->part[i].set);

		meets = before != SET_NONE;
		set_put(k->sets, before);
	}
	return meets;
}

bool
command_again(struct client *client, struct reader line, struct again *again)
{
	struct api *api = client->api;
	struct intent_result *r = &again->result;
	const struct recent_said *s;
	struct recent_line l;
	struct reader nlri;

	/* its prefix was asked for already */
	if (ahead_find(api->ahead, line) && recent_passes(api->recent))
		return false;
	s = recent_find(api->recent, client, line, &l);
	nlri = reader_of(l.nlri, l.len);
	/* what a client has under a watchdog is left first, and found by its draft */
	if (!s || (s->withdraw && watchdog_any(api->controller)) ||
	    (!s->withdraw && meets_gate(client, &s->plan)))
		return false;
	api->commands++;
	choose(api, s);
	again->withdraw = s->withdraw;
	again->family = s->family;
	memcpy(again->octets, l.nlri, l.len);
	again->nlri = (struct nlri){ s->path_id, reader_of(again->octets, l.len) };
	again->count = s->count;
	*r = (struct intent_result){ .routes = s->plan.count > 0, .skipped = s->plan.skipped };
	r->news = s->withdraw ? plan_untell(&s->plan, s->path_id, nlri)
			      : plan_tell(&s->plan, s->path_id, nlri, client->owner, &r->refused);
	return r->refused.full == 0; /* or the long way says why not */
}

void
again_print(const struct again *a, struct text *t)
{
	print_result(NULL, a->withdraw, a->count, &a->result, t);
}

const struct route_draft *
announce_line(struct call *c, struct intent_result *result)
{
	struct words words = c->words;
	const struct route_draft *d = draft_of(c);

	if (!d || announce_draft(c, d, result) < 0)
		return NULL;
	if (!result->refused.gated && wants(c, words, d))
		keep(c, d);
	return d;
}

static bool
has_family(const struct call *c, enum family f)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->neighbor[i]->families & family_bit(f))
			return true;
	return false;
}

/* A helper has its "done" all the same, as with ExaBGP: the log is where somebody looks who misses the route. Skipped is
 * also who has the family, and of whom its session has yet to tell what is needed. */
static void
log_nobody(const struct call *c, const struct route_draft *d, const struct intent_result *r)
{
	enum { SHOWN = 160 };
	struct process *p = process_of(c->request->client);

	if (p && c->count > 0 && r->skipped >= c->count && !has_family(c, d->family) &&
	    log_allow(&p->complaints, 5))
		log_warning(p->client.name, "told to nobody, no neighbor has the family %s: %.*s",
		    family_name(d->family), c->line.left < SHOWN ? (int)c->line.left : SHOWN,
		    (const char *)c->line.at);
}

void
command_announce(struct call *c)
{
	struct intent_result result = { 0 };
	struct text t = { 0 };
	struct words words = c->words;
	const struct route_draft *d = draft_of(c);
	bool sent = c->request->wait == API_WAIT_SENT;

	if (!d || announce_draft(c, d, &result) < 0) {
		call_refuse(c);
	} else {
		log_nobody(c, d, &result);
		if (c->kind == 0 && waits_for_watchdog(d))
			text_printf(&t, "kept for the watchdog %s", d->watchdog);
		else if (!c->exabgp) /* its answer is "done" */
			print_result(c->api, c->kind != 0, c->count, &result, &t);
		if (!sent && !result.refused.gated && wants(c, words, d))
			keep(c, d);
		answer(c, sent ? with_family(c, d->family) : 0, c->kind == 0 ? d : NULL, &t);
	}
	text_fini(&t);
}

/* --- watchdogs --- */

/* Who asked for one to be raised or lowered; where that takes more than this turn, what it asks meanwhile waits. */
struct watching {
	struct request *request; /* NULL: whoever asked is gone */
	char name[64];
	bool up, exabgp, held, over;
	uint32_t *number; /* of the neighbors */
	size_t count;
};

static void
watching_free(struct watching *w)
{
	mem_free(w->number);
	mem_free(w);
}

static void
cancel_watchdog(void *self)
{
	struct watching *w = self;

	bulk_hold(w->request->client, false);
	w->request = NULL;
}

/* Those it was for that are still there. */
static void
choose_again(struct call *c, const struct watching *w)
{
	struct api *api = c->api;

	api->chosen = mem_grow(api->chosen, &api->chosen_cap, w->count + 1, sizeof *api->chosen);
	for (size_t i = 0; i < w->count; i++) {
		struct neighbor *n = neighbor_by_number(api->controller, w->number[i]);

		if (n)
			api->chosen[c->count++] = n;
	}
	api->chosen_count = c->count;
	c->neighbor = api->chosen;
}

static void
answer_watchdog(const struct watching *w, int failed, const struct intent_result *result,
    const struct reason *why)
{
	struct client *client = w->request->client;
	struct call c = {
		.api = client->api, .request = w->request, .exabgp = w->exabgp, .why = *why
	};
	struct text t = { 0 };

	c.request->cancel = NULL;
	if (w->held)
		bulk_hold(client, false);
	choose_again(&c, w);
	text_printf(&t, "watchdog %s: %zu route%s %s", w->name, result->routes,
	    plural(result->routes), w->up ? "announced" : "withdrawn");
	if (failed < 0)
		call_refuse(&c);
	else
		answer(&c, c.count, NULL, &t);
	text_fini(&t);
}

static void
watchdog_over(void *self, int failed, const struct intent_result *result, const struct reason *why)
{
	struct watching *w = self;

	w->over = true;
	if (w->request)
		answer_watchdog(w, failed, result, why);
	if (w->held)
		watching_free(w);
}

static void
change_watchdog(struct call *c, const char *name)
{
	struct watching *w = mem_zero(sizeof *w);
	struct request *r = c->request;

	w->request = r;
	w->up = c->kind == 0;
	w->exabgp = c->exabgp;
	snprintf(w->name, sizeof w->name, "%s", name);
	w->count = c->count;
	w->number = mem_alloc((c->count + 1) * sizeof *w->number);
	for (size_t i = 0; i < c->count; i++)
		w->number[i] = c->neighbor[i]->number;
	c->request = NULL;
	watchdog_ask(c->api->controller, name, w->up, c->neighbor, c->count, watchdog_over, w);
	if (w->over) {
		watching_free(w);
		return;
	}
	w->held = true;
	bulk_hold(r->client, true);
	r->cancel = cancel_watchdog;
	r->self = w;
}

/* The name that is given, or the helper's own. */
static const char *
name_of_watchdog(struct call *c)
{
	const struct word *name = words_next(&c->words);
	const struct process *p = process_of(c->request->client);

	return name ? name->at : p ? p->name : NULL;
}

void
command_watchdog(struct call *c)
{
	const char *name = name_of_watchdog(c);

	if (!name)
		(void)words_wrong(&c->words, &c->why, "the name of a watchdog");
	if (!name || call_end(c) < 0)
		call_refuse(c);
	else
		change_watchdog(c, name);
}
