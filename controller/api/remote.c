/* The ROUTER on which clients come. */
#include "controller/api/remote.h"
#include <errno.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/sock.h"
#include "controller/api/request.h"
#include "controller/owners.h"
#include "proto/frame/api.h"

enum {
	ROUTING_ID_MAX = 255,
	BUCKETS = 1024,
	/* Messages in ZeroMQ's hands each way a client: it counts no octets, and a piece of a long answer has
	 * 60 KB. What it does not take is retried every millisecond. */
	ANSWERS_MAX = 64,
	PROBE_AFTER = 5000000, /* microseconds without a word in either direction */
	FORGET_AFTER = 10000000 /* ... of one that has nothing here */
};

struct remote {
	struct api *api;
	struct sock *sock;
	struct sock_watch *watch;
	struct unpack *unpack;
	struct list bucket[BUCKETS]; /* struct remote_client, by routing id */
	struct loop_item *answer;
	struct client *first; /* whose answer waits for our frames */
	bool asked; /* in this turn */
	struct log_limit complaints;
	struct log_again failures; /* to connect */
};

struct remote_client {
	struct client client;
	struct remote *remote;
	struct list slot;
	bool delimiter; /* a REQ: what it is sent has an empty frame in front */
	uint8_t id_len;
	uint8_t id[ROUTING_ID_MAX];
};

static struct remote_client *
of(struct client *c)
{
	return (struct remote_client *)(void *)c;
}

static struct list *
bucket_of(struct remote *m, struct reader id)
{
	return &m->bucket[hash_octets(id.at, id.left) % BUCKETS];
}

static int
remote_send(struct client *c, const void *data, size_t len)
{
	struct remote_client *r = of(c);

	return sock_send(r->remote->sock, reader_of(r->id, r->id_len), r->delimiter, data, len);
}

static void
remote_forget(struct client *c)
{
	struct remote_client *r = of(c);

	if (r->remote->first == c)
		r->remote->first = NULL;
	list_remove(&r->slot);
	mem_free(r);
}

static const struct transport remote_transport = { remote_send, remote_forget, "zeromq", NULL,
	NULL };

static struct remote_client *
find(struct remote *m, const struct sock_message *msg)
{
	LIST_EACH(link, bucket_of(m, msg->routing_id)) {
		struct remote_client *r = LIST_ENTRY(link, struct remote_client, slot);

		if (!r->client.lost && reader_equal(reader_of(r->id, r->id_len), msg->routing_id))
			return r;
	}
	return NULL;
}

/* Too many: the one that was silent longest and has nothing here is forgotten, else nobody. */
static bool
make_room(struct remote *m)
{
	struct client *oldest = NULL;
	size_t count = 0;

	LIST_EACH(link, &m->api->clients) {
		struct client *c = LIST_ENTRY(link, struct client, link);

		count++;
		if (c->transport == &remote_transport && !client_gone(c) &&
		    list_empty(&c->subscriptions) && !c->deciding && list_empty(&c->requests) &&
		    list_empty(&c->later) && list_empty(&c->queue) &&
		    (!oldest || c->heard < oldest->heard))
			oldest = c;
	}
	if (count < CLIENTS_MAX)
		return true;
	if (oldest)
		client_lost(oldest);
	return oldest != NULL;
}

static struct remote_client *
meet(struct remote *m, const struct sock_message *msg)
{
	struct remote_client *r = find(m, msg);

	/* Another key behind the same routing id: the connection before it is gone. */
	if (r && strncmp(r->client.user, msg->user_id, sizeof r->client.user - 1) != 0) {
		client_lost(&r->client);
		r = NULL;
	}
	if (r)
		return r;
	if (msg->routing_id.left > ROUTING_ID_MAX || !make_room(m))
		return NULL;
	r = mem_zero(sizeof *r);
	client_init(&r->client, m->api, &remote_transport);
	strncpy(r->client.user, msg->user_id, sizeof r->client.user - 1);
	if (r->client.user[0]) /* until it says hello */
		r->client.owner = owner_by_name(m->api->controller->owners, r->client.user);
	r->remote = m;
	r->id_len = (uint8_t)msg->routing_id.left;
	memcpy(r->id, msg->routing_id.at, r->id_len);
	list_add(bucket_of(m, msg->routing_id), &r->slot);
	return r;
}

static enum loop_verdict
answer(void *self)
{
	struct remote *m = self;
	struct client *c = m->first;

	m->first = NULL;
	if (c)
		client_release(c);
	return LOOP_LATER;
}

/* What answers a request that comes alone leaves behind the frame that a speaker waits for: to send it costs as much,
 * and wakes threads that want the processor. */
static void
hold(struct remote *m, struct client *c)
{
	bool alone = !m->asked;

	m->asked = true;
	answer(m);
	if (!alone)
		return;
	c->held = true;
	m->first = c;
	loop_wake(m->answer);
}

static void
take(struct remote *m, const struct sock_message *msg)
{
	struct remote_client *r = meet(m, msg);
	struct reason why = { 0 };

	if (!r || client_gone(&r->client))
		return; /* cut: unread */
	hold(m, &r->client);
	r->delimiter = msg->delimiter;
	if (msg->truncated) {
		reason_set(&why, 0, 0, "a request is one frame");
		request_malformed(&r->client, 0, &why);
		return;
	}
	request_receive(&r->client, m->unpack, msg->body);
	/* who goes on asking may be reading too */
	if (!r->client.held)
		client_flush(&r->client);
}

static enum loop_verdict
receive(void *self)
{
	struct remote *m = self;
	struct sock_message msg;
	int r;

	m->asked = false;
	while ((r = sock_receive(m->sock, &msg)) > 0) {
		take(m, &msg);
		if (loop_spent(m->api->controller->loop))
			return LOOP_NOW;
	}
	if (r < 0 && log_allow(&m->complaints, 1))
		log_error("api", "receiving: %s", strerror(errno));
	return LOOP_LATER;
}

/* --- who is still there --- */

/* An event frame without events says nothing; sending it tells whether somebody is there. */
static void
probe(struct client *c)
{
	struct pack p = { 0 };
	struct api_events e;

	api_events_begin(&e, &p, 0);
	api_events_end(&e);
	client_send(c, p.base, p.len);
	pack_fini(&p);
}

static bool
has_something(const struct client *c)
{
	return c->named || c->cut || c->deciding || !list_empty(&c->subscriptions) ||
	       !list_empty(&c->requests) || !list_empty(&c->later) || !list_empty(&c->queue);
}

void
remote_tick(struct remote *m)
{
	uint64_t now = api_now(m->api);

	LIST_EACH(link, &m->api->clients) {
		struct client *c = LIST_ENTRY(link, struct client, link);

		if (c->transport != &remote_transport || c->lost)
			continue;
		if (c->cut && now >= c->cut_until)
			client_lost(c);
		if (client_gone(c))
			continue;
		if (!has_something(c) && now - c->heard > FORGET_AFTER)
			client_lost(c);
		else if (has_something(c) && list_empty(&c->queue) &&
			 now - c->heard > PROBE_AFTER && now - c->spoken > PROBE_AFTER)
			probe(c); /* what waits for it is tried all the time, and tells as much */
	}
}

/* --- the socket --- */

static void
happened(void *self, const char *what, const char *address)
{
	struct remote *m = self;

	if (strstr(what, "failed") &&
	    log_news(&m->failures, what, 5, loop_now(m->api->controller->loop)))
		log_warning("api", "client %s: %s", address, what);
}

static bool
is_local(const char *endpoint)
{
	return strncmp(endpoint, "ipc://", 6) == 0 || strncmp(endpoint, "inproc://", 9) == 0;
}

/* The keys for tcp. -1: logged. */
static int
keys_for(const struct controller_options *o, struct sock_keys *keys, bool *have)
{
	*have = false;
	if (is_local(o->api))
		return 0;
	if (!o->key_file) {
		if (o->insecure)
			return 0;
		log_error("api", "%s: no keys: give a key file, or use ipc://", o->api);
		return -1;
	}
	if (sock_keys_load(keys, o->key_file) < 0) {
		log_error("api", "key file %s: %s", o->key_file, sock_keys_why(errno));
		return -1;
	}
	*have = true;
	return 0;
}

static struct sock *
bind_socket(const struct controller_options *o)
{
	struct sock_keys keys;
	bool have;
	struct sock_options so = { .kind = SOCK_ROUTER,
		.endpoint = o->api,
		.max_message = API_OCTETS_MAX + 1024,
		.hwm = ANSWERS_MAX,
		.ipc_mode = 0600 };
	struct sock *s;

	if (keys_for(o, &keys, &have) < 0)
		return NULL;
	if (have) {
		so.keys = &keys;
		so.zap_domain = "api";
	}
	s = sock_open(&so);
	if (!s)
		log_error("api", "bind %s: %s", o->api, sock_why(errno));
	memset(&keys, 0, sizeof keys);
	return s;
}

struct remote *
remote_open(struct api *api)
{
	struct loop *loop = api->controller->loop;
	struct sock *s = bind_socket(&api->controller->options);
	struct remote *m;

	if (!s)
		return NULL;
	m = mem_zero(sizeof *m);
	m->api = api;
	m->sock = s;
	m->unpack = unpack_new();
	m->answer = loop_work(loop, LOOP_FRAMES_OUT, answer, m);
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&m->bucket[i]);
	/* no handshake of this machine's own clients fails */
	m->watch = is_local(api->controller->options.api) ? NULL : sock_watch(loop, s, happened, m);
	sock_readable(s, loop, receive, m);
	log_info("api", "clients come to %s", sock_endpoint(s));
	return m;
}

void
remote_close(struct remote *m)
{
	if (!m)
		return;
	sock_watch_close(m->watch);
	loop_close(m->answer);
	sock_close(m->sock);
	unpack_free(m->unpack);
	mem_free(m);
}

const char *
remote_endpoint(struct remote *m)
{
	return sock_endpoint(m->sock);
}
