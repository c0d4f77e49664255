#include "controller/controller.h"
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/retire.h"
#include "common/sock.h"
#include "common/text.h"
#include "controller/api/api.h"
#include "controller/config/config.h"
#include "controller/config/value.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/neighbor.h"
#include "controller/owners.h"
#include "controller/ranges.h"
#include "controller/rib/rib.h"
#include "controller/rpki/rpki.h"
#include "controller/watchdog.h"

static struct config *
load(struct controller *c, struct text *why)
{
	struct config_error error = { 0 };
	struct config *config;

	if (c->config && c->config->env.debug_rotate && c->options.file_count > 1)
		c->turn = (c->turn + 1) % c->options.file_count;
	config = config_load(c->options.files + c->turn, c->options.file_count - c->turn, &error);
	if (!config)
		config_error_print(&error, why);
	return config;
}

static void
apply(struct controller *c, struct config *config, bool helpers)
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

static int
reload(struct controller *c, struct text *why, bool helpers)
{
	struct text text = { 0 }, said = { 0 };
	struct config *config = load(c, &text);
	struct config_diff *diff;

	if (!config) {
		log_error("configuration", "not reloaded, the old one stays: %s", text_str(&text));
		if (why)
			text_add(why, text_str(&text));
		text_fini(&text);
		return -1;
	}
	ranges_carry(c, config);
	diff = config_diff(c->config, config);
	config_diff_print(diff, &said);
	config_diff_free(diff);
	apply(c, config, helpers);
	log_info("configuration", "reloaded: %s", text_str(&said));
	if (why)
		text_add(why, text_str(&said));
	text_fini(&said);
	text_fini(&text);
	return 0;
}

int
controller_reload(struct controller *c, struct text *why)
{
	return reload(c, why, false);
}

int
controller_reload_all(struct controller *c, struct text *why)
{
	return reload(c, why, true);
}

int
controller_restart(struct controller *c, struct text *why)
{
	if (reload(c, why, true) < 0)
		return -1;
	api_restart(c->api);
	return 0;
}

static bool
allow(void *self, const char *domain, const char *key, const char *address, char user_id[64])
{
	struct controller *c = self;
	static struct log_limit limit;

	if (strcmp(domain, "speaker") == 0) {
		if (c->fleet && fleet_allows(c->fleet, key, user_id))
			return true;
	} else {
		for (size_t i = 0; i < c->config->client_count; i++)
			if (strcmp(c->config->clients[i].key, key) == 0) {
				snprintf(user_id, 64, "%s", c->config->clients[i].name);
				return true;
			}
	}
	if (log_allow(&limit, 3))
		log_error(domain, "%s was refused: no %s of the configuration has the key %s", address,
		    domain, key);
	return false;
}

/* Options win over the configuration, which wins over the defaults. */
static void
settle_options(struct controller *c)
{
	const struct config_controller *k = &c->config->controller;
	struct controller_options *o = &c->options;

	if (o->bind[0] == '\0')
		snprintf(o->bind, sizeof o->bind, "%s", k->bind ? k->bind : "ipc:///run/ambo/lane.sock");
	if (o->api[0] == '\0')
		snprintf(o->api, sizeof o->api, "%s", k->api ? k->api : "ipc:///run/ambo/api.sock");
	if (!o->key_file)
		o->key_file = k->key_file;
	if (o->key_file) {
		/* the configuration it may come from is replaced at the next reload */
		snprintf(c->key_file, sizeof c->key_file, "%s", o->key_file);
		o->key_file = c->key_file;
	}
}

/* --- the end, where attempts are limited --- */

static bool
all_over(struct controller *c)
{
	if (c->config->env.tcp_attempts == 0)
		return false;
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (!n->known || !n->state.exhausted)
			return false;
	}
	return true;
}

static void
end(void *self)
{
	struct controller *c = self;

	if (!all_over(c))
		return;
	log_info("controller", "no neighbor has an attempt left");
	loop_stop(c->loop, 0);
}

void
controller_neighbor_over(struct controller *c)
{
	enum { EVENTS_LEAVE = 100000 };

	if (all_over(c) && c->ending.at == 0)
		loop_timer_set(c->loop, &c->ending, loop_now(c->loop) + EVENTS_LEAVE);
}

int
controller_open(struct controller *c, struct loop *loop, const struct controller_options *options)
{
	struct text why = { 0 };
	struct config *config;

	*c = (struct controller){ .loop = loop, .options = *options, .term = 1, .started = clock_wall() };
	if (getrandom(&c->epoch, sizeof c->epoch, 0) != sizeof c->epoch)
		c->epoch = loop_now(loop);
	c->ending = (struct loop_timer){ .fire = end, .self = c };
	list_init(&c->neighbors);
	list_init(&c->watched);
	list_init(&c->deciders);
	config = load(c, &why);
	if (!config) {
		log_error("configuration", "%s", text_str(&why));
		text_fini(&why);
		return -1;
	}
	c->config = config;
	settle_options(c);
	c->values = blobs_new();
	c->sets = sets_new();
	c->owners = owners_new();
	c->retire = retire_new(loop);
	c->restatements = restatements_new(c);
	/* it is asked where there are keys, and costs each turn a look where there are none */
	c->zap = c->options.key_file ? sock_zap_open(loop, allow, c) : NULL;
	c->fleet = c->zap || !c->options.key_file ? fleet_open(c) : NULL;
	c->api = c->fleet ? api_open(c) : NULL;
	if (!c->api) {
		controller_close(c);
		return -1;
	}
	c->config = NULL;
	apply(c, config, false);
	return 0;
}

void
controller_close(struct controller *c)
{
	/* clients first: they hold on to neighbors and mirrors; neighbors before the speakers they are on */
	loop_timer_stop(c->loop, &c->ending);
	api_close(c->api);
	c->api = NULL;
	rib_free(c);
	deciders_free(c);
	rpki_free(c);
	neighbors_free(c);
	watchdogs_free(c);
	restatements_free(c->restatements);
	c->restatements = NULL;
	fleet_close(c->fleet);
	if (c->zap)
		sock_zap_close(c->zap);
	retire_free(c->retire);
	owners_free(c->owners);
	if (c->sets)
		sets_free(c->sets);
	if (c->values)
		blobs_free(c->values);
	config_free(c->config);
}
