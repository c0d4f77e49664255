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

struct reload_ask {
	struct list link; /* in reloads.asked */
	enum reload_kind kind;
	reload_done *done;
	void *self;
};

struct reloads {
	struct controller *controller;
	struct loop_item *work;
	struct list asked; /* the first is under way when something is read */
	struct config_load *load;
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

void
reload_apply(struct controller *c, struct config *config, bool helpers)
{
	struct config *old = c->config;

	/* what the one before it said too is no news */
	for (size_t i = 0; i < config->notes.count; i++)
		if (!old || !names_have(&old->notes, config->notes.name[i]))
			log_warning("configuration", "%s", config->notes.name[i]);
	if (old)
		named_carry(&old->sets, &config->sets);
	c->config = config;
	fleet_apply(c->fleet, config);
	rpki_apply(c);
	neighbors_apply(c, config);
	fleet_tidy(c->fleet);
	api_config(c->api, config, helpers);
	config_free(old);
}

/* It was read, or (NULL) could not be: *said is what has changed, or why. */
static int
take(struct controller *c, struct config *config, bool helpers, struct text *said)
{
	struct config_diff *diff;

	if (!config) {
		log_error("configuration", "not reloaded, the old one stays: %s", text_str(said));
		return -1;
	}
	ranges_carry(c, config);
	config_carry_apart(c->config, config);
	diff = config_diff(c->config, config);
	config_diff_print(diff, said);
	config_diff_free(diff);
	reload_apply(c, config, helpers);
	log_info("configuration", "reloaded: %s", text_str(said));
	return 0;
}

int
controller_reload(struct controller *c, struct text *why)
{
	struct text said = { 0 };
	struct config *config = reload_read(c, &said);
	int failed = take(c, config, false, &said);

	if (why)
		text_add(why, text_str(&said));
	text_fini(&said);
	return failed;
}

/* --- in slices --- */

static void
finish(struct reloads *r, struct config *config, const struct config_error *e)
{
	struct reload_ask *a = LIST_ENTRY(r->asked.next, struct reload_ask, link);
	struct controller *c = r->controller;
	struct text said = { 0 };
	int failed;

	list_remove(&a->link);
	if (!config)
		config_error_print(e, &said);
	failed = take(c, config, a->kind != RELOAD, &said);
	if (failed == 0 && a->kind == RELOAD_RESTART)
		api_restart(c->api);
	if (a->done)
		a->done(a->self, failed, &said);
	text_fini(&said);
	mem_free(a);
}

static enum loop_verdict
read_on(void *self)
{
	struct reloads *r = self;
	struct config_error error;
	struct config *config;

	while (!list_empty(&r->asked)) {
		if (!r->load)
			r->load = begin(r->controller);
		if (config_load_some(r->load, &config, &error)) {
			r->load = NULL;
			finish(r, config, &error);
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

	if (last == &r->asked || (r->load && last == r->asked.next))
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
