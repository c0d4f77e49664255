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
#include "controller/fleet.h"
#include "controller/gates.h"
#include "controller/intent.h"
#include "controller/neighbor.h"
#include "controller/owners.h"
#include "controller/reload.h"
#include "controller/rib/rib.h"
#include "controller/rpki/rpki.h"
#include "controller/telling.h"
#include "controller/watchdog.h"

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
			if (c->config->clients[i].key &&
			    strcmp(c->config->clients[i].key, key) == 0) {
				snprintf(user_id, 64, "%s", c->config->clients[i].name);
				return true;
			}
	}
	if (log_allow(&limit, 3))
		log_error(domain, "%s was refused: no %s of the configuration has the key %s",
		    address, domain, key);
	return false;
}

/* Options win over the configuration, which wins over the defaults. */
static void
settle_options(struct controller *c)
{
	const struct config_controller *k = &c->config->controller;
	struct controller_options *o = &c->options;

	if (o->bind[0] == '\0')
		snprintf(
		    o->bind, sizeof o->bind, "%s", k->bind ? k->bind : "ipc:///run/ambo/lane.sock");
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

	*c = (struct controller){
		.loop = loop, .options = *options, .term = 1, .started = clock_wall()
	};
	if (getrandom(&c->epoch, sizeof c->epoch, 0) != sizeof c->epoch)
		c->epoch = loop_now(loop);
	c->ending = (struct loop_timer){ .fire = end, .self = c };
	list_init(&c->neighbors);
	list_init(&c->deciders);
	config = reload_read(c, &why);
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
	reload_apply(c, config);
	return 0;
}

void
controller_close(struct controller *c)
{
	/* clients first: they hold on to neighbors and mirrors; neighbors before the speakers they are on */
	loop_timer_stop(c->loop, &c->ending);
	api_close(c->api);
	c->api = NULL;
	tellings_free(c);
	reload_free(c);
	rib_free(c);
	deciders_free(c);
	rpki_free(c);
	neighbors_free(c);
	watchdogs_free(c);
	restatements_free(c->restatements);
	c->restatements = NULL;
	fleet_close(c->fleet);
	gates_free(c);
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
