#include "controller/reload.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/api.h"
#include "controller/config/config.h"
#include "controller/config/value.h"
#include "controller/fleet.h"
#include "controller/neighbor.h"
#include "controller/ranges.h"
#include "controller/rpki/rpki.h"
#include "controller/statics.h"
#include "controller/telling.h"

struct reload_ask {
	struct list link; /* in reloads.asked */
	enum reload_kind kind;
	reload_done *done;
	void *self;
};

/* A configuration that was read takes the place of the one before it: its neighbors in one go, then their routes in slices. Only
 * then the old one goes, and whoever asked is told. */
struct taking {
	struct telling telling;
	struct controller *controller;
	struct config *config, *old;
	bool helpers, had; /* neighbors, before */
	struct text said; /* what has changed */
	struct statics *statics;
	struct intent_result sum;
	void (*done)(void *self, const struct text *said);
	void *self;
};

struct reloads {
	struct controller *controller;
	struct loop_item *work;
	struct list asked; /* the first is under way when something is read, or taken */
	struct config_load *load;
	bool taking;
};

static struct config_load *
begin(struct controller *c)
{
	if (c->config && c->config->env.debug_rotate && c->options.file_count > 1)
		c->turn = (c->turn + 1) % c->options.file_count;
	return config_load_begin(c->options.files + c->turn, c->options.file_count - c->turn);
}

struct config *
reload_read(struct controller *c, struct text *why)
{
	struct config_load *load = begin(c);
	struct config_error error;
	struct config *config;

	while (!config_load_some(load, &config, &error))
		;
	if (!config)
		config_error_print(&error, why);
	return config;
}

/* --- it is taken --- */

static struct taking *
taking_of(struct telling *t)
{
	return LIST_ENTRY(t, struct taking, telling);
}

static void
compare(struct taking *x)
{
	struct controller *c = x->controller;
	struct config_diff *diff;

	ranges_carry(c, x->config);
	config_carry_apart(c->config, x->config);
	diff = config_diff(c->config, x->config);
	config_diff_print(diff, &x->said);
	config_diff_free(diff);
}

static void
take(struct telling *t)
{
	struct taking *x = taking_of(t);
	struct controller *c = x->controller;
	struct config *config = x->config;

	if (c->config)
		compare(x);
	x->old = c->config;
	x->config = NULL;
	x->had = c->neighbor_count > 0;
	/* what the one before it said too is no news */
	for (size_t i = 0; i < config->notes.count; i++)
		if (!x->old || !names_have(&x->old->notes, config->notes.name[i]))
			log_warning("configuration", "%s", config->notes.name[i]);
	if (x->old)
		named_carry(&x->old->sets, &config->sets);
	c->config = config;
	api_helpers(c->api, config);
	fleet_apply(c->fleet, config);
	rpki_apply(c);
	neighbors_apply(c, config);
	fleet_tidy(c->fleet);
	x->statics = statics_new(c, NULL, true);
	LIST_EACH(link, &c->neighbors)
		statics_add(x->statics, LIST_ENTRY(link, struct neighbor, link), WATCHDOG_UNSAID);
	statics_begin(c);
	c->settling = true;
}

static bool
take_routes(struct telling *t)
{
	struct taking *x = taking_of(t);

	return statics_step(x->statics, &x->sum);
}

static void
taken(struct telling *t, bool done)
{
	struct taking *x = taking_of(t);
	struct controller *c = x->controller;

	if (done) {
		c->settling = false;
		statics_sweep(c);
		neighbors_applied(c, x->had);
		api_config(c->api, c->config, x->helpers);
		if (x->old)
			log_info("configuration", "reloaded: %s", text_str(&x->said));
		if (x->done)
			x->done(x->self, &x->said);
	}
	statics_free(x->statics);
	config_free(x->config);
	config_retire(c->retire, x->old);
	text_fini(&x->said);
	mem_free(x);
}

static const struct telling_ops taking_ops = { take, take_routes, taken };

static void
take_config(struct controller *c, struct config *config, bool helpers,
    void (*done)(void *self, const struct text *said), void *self)
{
	struct taking *x = mem_zero(sizeof *x);

	x->telling.ops = &taking_ops;
	x->controller = c;
	x->config = config;
	x->helpers = helpers;
	x->done = done;
	x->self = self;
	telling_ask(c, &x->telling);
}

static int
refuse(const struct text *why)
{
	log_error("configuration", "not reloaded, the old one stays: %s", text_str(why));
	return -1;
}

void
reload_apply(struct controller *c, struct config *config)
{
	take_config(c, config, false, NULL, NULL);
	tellings_finish(c);
}

static void
note(void *self, const struct text *said)
{
	text_add(self, text_str(said));
}

int
controller_reload(struct controller *c, struct text *why)
{
	struct text said = { 0 };
	struct config *config = reload_read(c, &said);
	int failed = 0;

	if (config) {
		take_config(c, config, false, note, &said);
		tellings_finish(c);
	} else {
		failed = refuse(&said);
	}
	if (why)
		text_add(why, text_str(&said));
	text_fini(&said);
	return failed;
}

/* --- in slices --- */

/* The first that is asked for. */
static struct reload_ask *
first(const struct reloads *r)
{
	return LIST_ENTRY(r->asked.next, struct reload_ask, link);
}

static void
finish(struct reloads *r, int failed, const struct text *said)
{
	struct reload_ask *a = first(r);

	list_remove(&a->link);
	if (a->done)
		a->done(a->self, failed, said);
	mem_free(a);
}

static void
fail(struct reloads *r, const struct config_error *e)
{
	struct text why = { 0 };

	config_error_print(e, &why);
	finish(r, refuse(&why), &why);
	text_fini(&why);
}

static void
applied(void *self, const struct text *said)
{
	struct reloads *r = self;

	r->taking = false;
	if (first(r)->kind == RELOAD_RESTART)
		api_restart(r->controller->api);
	finish(r, 0, said);
	loop_wake(r->work);
}

static void
apply(struct reloads *r, struct config *config)
{
	r->taking = true;
	take_config(r->controller, config, first(r)->kind != RELOAD, applied, r);
}

static enum loop_verdict
read_on(void *self)
{
	struct reloads *r = self;
	struct config_error error;
	struct config *config;

	while (!list_empty(&r->asked) && !r->taking) {
		if (!r->load)
			r->load = begin(r->controller);
		if (config_load_some(r->load, &config, &error)) {
			r->load = NULL;
			if (config)
				apply(r, config);
			else
				fail(r, &error);
		}
		if (loop_spent(r->controller->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

static struct reloads *
reloads_of(struct controller *c)
{
	struct reloads *r = c->reloads;

	if (!r) {
		r = c->reloads = mem_zero(sizeof *r);
		r->controller = c;
		list_init(&r->asked);
		r->work = loop_work(c->loop, LOOP_WORK, read_on, r);
	}
	return r;
}

/* The last that is asked for and not begun; NULL: there is none. */
static const struct reload_ask *
last_of(const struct reloads *r)
{
	const struct list *last = r->asked.prev;

	if (last == &r->asked || ((r->load || r->taking) && last == r->asked.next))
		return NULL;
	return LIST_ENTRY(last, struct reload_ask, link);
}

struct reload_ask *
reload_ask(struct controller *c, enum reload_kind kind, reload_done *done, void *self)
{
	struct reloads *r = reloads_of(c);
	const struct reload_ask *last = last_of(r);
	struct reload_ask *a;

	if (!done && last && last->kind == kind)
		return NULL;
	a = mem_zero(sizeof *a);
	*a = (struct reload_ask){ .kind = kind, .done = done, .self = self };
	list_add(&r->asked, &a->link);
	loop_wake(r->work);
	return a;
}

void
reload_unask(struct reload_ask *a)
{
	a->done = NULL;
}

void
reload_free(struct controller *c)
{
	struct reloads *r = c->reloads;

	if (!r)
		return;
	LIST_EACH(link, &r->asked)
		mem_free(LIST_ENTRY(link, struct reload_ask, link));
	config_load_drop(r->load);
	loop_close(r->work);
	mem_free(r);
	c->reloads = NULL;
}
