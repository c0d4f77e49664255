/* The fleet: speakers by name and key. A HELLO is judged here; what follows is its lane's. */
#include "controller/fleet.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/absence.h"
#include "controller/config/config.h"
#include "controller/lane.h"
#include "controller/neighbor.h"

/* Microseconds that a running one has to answer, before it is taken for dead. */
enum { ALIVE_WAIT = 1000000 };

/* A HELLO that met a lane of the same name: it waits until that one has answered a ping, or not. */
struct pending {
	struct list link;
	struct fleet *fleet;
	struct speaker_entry *entry;
	struct link_hello hello;
	uint8_t routing_id[256];
	size_t routing_id_len;
	uint64_t asked_at;
	struct loop_timer timer;
};

struct fleet {
	struct controller *controller;
	struct list speakers, pending;
	struct sock *sock;
	struct sock_watch *watch;
	struct unpack *unpack;
	struct log_limit complaints;
	struct log_again failures, refusals;
};

struct list *
fleet_speakers(struct fleet *f)
{
	return &f->speakers;
}

const char *
fleet_endpoint(struct fleet *f)
{
	return f->sock ? sock_endpoint(f->sock) : "";
}

static struct speaker_entry *
by_name(struct fleet *f, const char *name)
{
	LIST_EACH(link, &f->speakers) {
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);

		if (strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

struct speaker_entry *
fleet_speaker(struct fleet *f, const char *name)
{
	if (name && name[0])
		return by_name(f, name);
	/* the only one */
	return f->speakers.next != &f->speakers && f->speakers.next->next == &f->speakers
		   ? LIST_ENTRY(f->speakers.next, struct speaker_entry, link)
		   : by_name(f, "local");
}

static void
free_pending(struct pending *p)
{
	loop_timer_stop(p->fleet->controller->loop, &p->timer);
	list_remove(&p->link);
	mem_free(p);
}

/* Who waits to be that speaker waits for nothing any more. */
static void
free_pendings_of(struct fleet *f, const struct speaker_entry *s)
{
	LIST_EACH(link, &f->pending) {
		struct pending *p = LIST_ENTRY(link, struct pending, link);

		if (p->entry == s)
			free_pending(p);
	}
}

/* --- the configuration --- */

static struct speaker_entry *
make(struct fleet *f, const char *name, const char *key)
{
	struct speaker_entry *s = by_name(f, name);

	if (!s) {
		s = mem_zero(sizeof *s);
		s->controller = f->controller;
		snprintf(s->name, sizeof s->name, "%s", name);
		intent_init(&s->intent, s);
		list_add(&f->speakers, &s->link);
	}
	if (strcmp(s->key, key ? key : "") != 0) {
		/* whoever had shown the old one may not go on with it */
		free_pendings_of(f, s);
		lane_close(s->lane, "its key changed");
	}
	snprintf(s->key, sizeof s->key, "%s", key ? key : "");
	s->configured = true;
	absence_apply(s);
	return s;
}

static void
free_speaker(struct fleet *f, struct speaker_entry *s, const char *why)
{
	free_pendings_of(f, s);
	lane_close(s->lane, why);
	absence_end(s);
	intent_fini(&s->intent);
	set_put(s->controller->sets, s->members);
	list_remove(&s->link);
	mem_free(s);
}

void
fleet_apply(struct fleet *f, const struct config *config)
{
	LIST_EACH(link, &f->speakers)
		LIST_ENTRY(link, struct speaker_entry, link)->configured = false;
	for (size_t i = 0; i < config->speaker_count; i++)
		(void)make(f, config->speakers[i].name, config->speakers[i].key);
	if (config->speaker_count == 0)
		(void)make(f, "local", NULL);
}

void
fleet_tidy(struct fleet *f)
{
	LIST_EACH(link, &f->speakers) {
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);

		if (!s->configured && s->members == SET_NONE)
			free_speaker(f, s, "not in the configuration any more");
	}
}

bool
fleet_allows(struct fleet *f, const char *key, char name[64])
{
	LIST_EACH(link, &f->speakers) {
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);

		if (s->key[0] && strcmp(s->key, key) == 0) {
			snprintf(name, 64, "%s", s->name);
			return true;
		}
	}
	return false;
}

/* --- hello --- */

static void
refuse(struct fleet *f, struct reader routing_id, struct speaker_entry *s, const char *why)
{
	if (s)
		s->refused++;
	if (log_news(&f->refusals, why, 3, loop_now(f->controller->loop)))
		log_error("fleet", "a speaker was refused: %s", why);
	(void)lane_refuse(f->sock, routing_id, why);
}

static void
judge(void *self)
{
	struct pending *p = self;
	struct fleet *f = p->fleet;
	struct speaker_entry *s = p->entry;
	struct reader id = reader_of(p->routing_id, p->routing_id_len);
	char why[LINK_TEXT];

	if (s->lane && lane_heard(s->lane) > p->asked_at) {
		snprintf(
		    why, sizeof why, "speaker %s is running already, with the same key", s->name);
		refuse(f, id, s, why);
	} else {
		if (s->lane)
			lane_close(s->lane, "it started anew");
		(void)lane_open(s, f->sock, id, &p->hello);
	}
	free_pending(p);
}

static struct pending *
pending_of(struct fleet *f, struct reader routing_id)
{
	LIST_EACH(link, &f->pending) {
		struct pending *p = LIST_ENTRY(link, struct pending, link);

		if (p->routing_id_len == routing_id.left &&
		    memcmp(p->routing_id, routing_id.at, routing_id.left) == 0)
			return p;
	}
	return NULL;
}

/* Another start of a speaker that has a lane: is that one alive? */
static void
ask_first(
    struct fleet *f, struct speaker_entry *s, struct reader routing_id, const struct link_hello *h)
{
	struct loop *loop = f->controller->loop;
	struct pending *p;

	if (pending_of(f, routing_id) || routing_id.left > sizeof p->routing_id)
		return;
	p = mem_zero(sizeof *p);
	p->fleet = f;
	p->entry = s;
	p->hello = *h;
	memcpy(p->routing_id, routing_id.at, routing_id.left);
	p->routing_id_len = routing_id.left;
	p->asked_at = loop_now(loop);
	p->timer = (struct loop_timer){ .fire = judge, .self = p };
	list_add(&f->pending, &p->link);
	lane_ping(s->lane);
	loop_timer_set(loop, &p->timer, p->asked_at + ALIVE_WAIT);
}

static void
hello(struct fleet *f, const struct sock_message *m, const struct node *body)
{
	struct reason why = { 0 };
	struct link_hello h;
	struct speaker_entry *s;
	char text[LINK_TEXT];

	if (link_hello_unpack(&h, body, &why) < 0) {
		refuse(f, m->routing_id, NULL, why.text);
		return;
	}
	/* without speaker sections the only one may call itself what it likes */
	s = f->controller->config->speaker_count == 0 ? fleet_speaker(f, NULL) : by_name(f, h.name);
	if (!s || !s->configured)
		snprintf(text, sizeof text, "no speaker %s in the configuration", h.name);
	else if (s->key[0] && strcmp(m->user_id, s->name) != 0)
		snprintf(text, sizeof text, "speaker %s has another key", h.name);
	else if (h.oldest > FRAME_VERSION || h.newest < FRAME_VERSION_OLDEST)
		snprintf(text, sizeof text, "it speaks versions %u to %u, we speak %d to %d",
		    h.oldest, h.newest, FRAME_VERSION_OLDEST, FRAME_VERSION);
	else
		text[0] = '\0';
	if (text[0]) {
		refuse(f, m->routing_id, s, text);
	} else if (s->lane && lane_epoch(s->lane) != h.epoch) {
		ask_first(f, s, m->routing_id, &h);
	} else if (!s->lane || !lane_answers(s->lane, &h)) {
		if (s->lane)
			lane_close(s->lane, "it said hello again");
		(void)lane_open(s, f->sock, m->routing_id, &h);
	}
}

static struct lane *
lane_of(struct fleet *f, struct reader routing_id)
{
	LIST_EACH(link, &f->speakers) {
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);

		if (lane_is(s->lane, routing_id))
			return s->lane;
	}
	return NULL;
}

static void
receive(struct fleet *f, const struct sock_message *m)
{
	struct reason why = { 0 };
	struct lane *lane = lane_of(f, m->routing_id);
	struct frame frame;
	struct pack p = { 0 };

	if (m->truncated)
		return;
	if (lane && frame_peek(m->body) != FRAME_HELLO) {
		lane_receive(lane, m->body);
		return;
	}
	if (frame_open(f->unpack, m->body.at, m->body.left, &frame, &why) < 0) {
		if (log_allow(&f->complaints, 3))
			log_error("fleet", "a frame was ignored: %s", why.text);
		return;
	}
	if (frame.type == FRAME_HELLO) {
		hello(f, m, frame.body);
		return;
	}
	/* somebody whose lane we gave up, or a controller's start ago */
	link_bare_pack(FRAME_RESET, &p);
	frame_stamp(&p, 0, 0);
	(void)sock_send(f->sock, m->routing_id, false, p.base, p.len);
	pack_fini(&p);
}

static enum loop_verdict
on_readable(void *self)
{
	struct fleet *f = self;
	struct sock_message m;

	while (sock_receive(f->sock, &m) > 0) {
		receive(f, &m);
		if (loop_spent(f->controller->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

static void
on_watch(void *self, const char *what, const char *address)
{
	struct fleet *f = self;

	if (strstr(what, "failed")) {
		if (log_news(&f->failures, what, 3, loop_now(f->controller->loop)))
			log_warning("fleet", "%s: %s", address, what);
	} else if (log_allow(&f->complaints, 3)) {
		log_info("fleet", "%s: %s", address, what);
	}
}

/* --- life --- */

static int
bind_sock(struct fleet *f)
{
	struct controller *c = f->controller;
	struct sock_options o = { .kind = SOCK_ROUTER,
		.endpoint = c->options.bind,
		.handover = true,
		.max_message = FRAME_OCTETS_MAX,
		.zap_domain = "speaker",
		.ipc_mode = 0600 };
	struct sock_keys keys;

	if (c->options.key_file) {
		if (sock_keys_load(&keys, c->options.key_file) < 0) {
			log_error(
			    "fleet", "key file %s: %s", c->options.key_file, sock_keys_why(errno));
			return -1;
		}
		if (strncmp(c->options.bind, "tcp:", 4) == 0)
			o.keys = &keys;
	}
	if (!o.keys && strncmp(c->options.bind, "tcp:", 4) == 0 && !c->options.insecure) {
		log_error(
		    "fleet", "%s without keys: give a key file, or --insecure", c->options.bind);
		return -1;
	}
	f->sock = sock_open(&o);
	if (!f->sock)
		log_error("fleet", "bind %s: %s", c->options.bind, sock_why(errno));
	return f->sock ? 0 : -1;
}

struct fleet *
fleet_open(struct controller *c)
{
	struct fleet *f = mem_zero(sizeof *f);

	f->controller = c;
	list_init(&f->speakers);
	list_init(&f->pending);
	f->unpack = unpack_new();
	if (bind_sock(f) < 0) {
		fleet_close(f);
		return NULL;
	}
	f->watch = sock_watch(c->loop, f->sock, on_watch, f);
	sock_readable(f->sock, c->loop, on_readable, f);
	log_info("fleet", "speakers connect to %s", fleet_endpoint(f));
	return f;
}

void
fleet_close(struct fleet *f)
{
	if (!f)
		return;
	LIST_EACH(link, &f->speakers)
		free_speaker(f, LIST_ENTRY(link, struct speaker_entry, link),
		    "the controller stops; it goes on by itself");
	if (f->watch)
		sock_watch_close(f->watch);
	if (f->sock)
		sock_close(f->sock);
	unpack_free(f->unpack);
	mem_free(f);
}
