/* A controller with its API, and clients of a transport that keeps what it is given. The loop's clock is moved
 * by hand; the sockets are real and nobody comes to them. */
#ifndef TESTS_API_WORLD_H
#define TESTS_API_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/sock.h"
#include "controller/api/command.h"
#include "controller/api/cover.h"
#include "controller/api/parts.h"
#include "controller/fleet.h"
#include "controller/mirror.h"

enum { KEPT = 65536, PLAYERS = 4 };

struct player;
struct world {
	struct controller c;
	struct loop *loop;
	char dir[32], path[64];
	const char *file; /* the path, as controller_open has it */
	struct unpack *in, *out;
	struct player *player[PLAYERS];
	unsigned players;
};

/* A client; `full` makes its transport refuse. */
struct player {
	struct client client;
	struct world *world;
	bool full, gone, forgotten;
	struct octets message[KEPT];
	size_t count, read;
	struct text json;
};

static inline int
player_send(struct client *c, const void *data, size_t len)
{
	struct player *p = (struct player *)(void *)c;

	if (p->full || p->gone) {
		errno = p->gone ? EHOSTUNREACH : EAGAIN;
		return -1;
	}
	assert_true(p->count < KEPT);
	octets_add(&p->message[p->count++], data, len);
	return 0;
}

static inline void
player_forget(struct client *c)
{
	((struct player *)(void *)c)->forgotten = true;
}

static const struct transport player_transport = { player_send, player_forget, "player", NULL, NULL };

static inline struct player *
player_open(struct world *w)
{
	struct player *p = mem_zero(sizeof *p);

	assert_true(w->players < PLAYERS);
	w->player[w->players++] = p;
	p->world = w;
	client_init(&p->client, w->c.api, &player_transport);
	return p;
}

static inline void
player_free(struct player *p)
{
	for (size_t i = 0; i < p->count; i++)
		octets_fini(&p->message[i]);
	text_fini(&p->json);
	mem_free(p);
}

static inline void
turns(struct world *w, unsigned n)
{
	while (n-- > 0)
		loop_turn(w->loop, 0);
}

static inline void
say(struct player *p, const struct pack *request)
{
	request_receive(&p->client, p->world->in, reader_of(request->base, request->len));
}

/* A command as request `id`, and the turns that long answers need. */
static inline void
command_as(struct player *p, uint64_t id, const char *text, enum api_wait wait, bool json)
{
	struct pack r = { 0 };

	api_command_pack(&r, id, text, strlen(text), wait, json);
	say(p, &r);
	pack_fini(&r);
	turns(p->world, 3);
}

/* A command with its body, if it has one; no turn. */
static inline void
command_with(struct player *p, uint64_t id, const char *line, const char *body)
{
	struct pack r = { 0 };

	pack_array(&r, 4);
	pack_uint(&r, API_VERSION);
	pack_text(&r, "command");
	pack_uint(&r, id);
	pack_map(&r, body ? 2 : 1);
	pack_text(&r, "text");
	pack_text(&r, line);
	if (body) {
		pack_text(&r, "body");
		pack_text(&r, body);
	}
	say(p, &r);
	pack_fini(&r);
}

/* The next message as JSON: "reply 7 {...}" or "event 7 [...]"; "" when there is none. */
static inline const char *
next(struct player *p)
{
	struct api_answer a;
	struct reason why = { 0 };
	struct tree t;

	text_clear(&p->json);
	if (p->read == p->count)
		return "";
	assert_int_equal(api_answer_open(p->world->out, p->message[p->read].base,
	    p->message[p->read].len, &a, &why), 0);
	p->read++;
	text_printf(&p->json, "%s %llu ", a.type == API_REPLY ? "reply" : "event", (unsigned long long)a.id);
	t = tree_json(&p->json);
	api_node_json(a.body, &t);
	return text_str(&p->json);
}

static inline const char *
ask(struct player *p, const char *text)
{
	command_as(p, 1, text, API_WAIT_ACCEPTED, false);
	return next(p);
}

static inline const char *
ask_json(struct player *p, const char *text)
{
	command_as(p, 1, text, API_WAIT_ACCEPTED, true);
	return next(p);
}

#define assert_has(text, part)                                                                       \
	do {                                                                                         \
		const char *has_text = (text);                                                       \
		if (!strstr(has_text, part))                                                         \
			fail_msg("\"%s\" is not in: %s", part, has_text);                            \
	} while (0)
#define assert_has_not(text, part)                                                                   \
	do {                                                                                         \
		const char *has_text = (text);                                                       \
		if (strstr(has_text, part))                                                          \
			fail_msg("\"%s\" is in: %s", part, has_text);                                \
	} while (0)

static const char *const world_config =
    "speaker edge {\n}\nspeaker far {\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; router-id 192.0.2.254; "
    "family { ipv4 unicast; ipv6 unicast; } }\n"
    "neighbor 192.0.2.2 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65002; router-id 192.0.2.254; "
    "family { ipv4 unicast; } }\n"
    "neighbor 192.0.2.3 { speaker far; local-address 192.0.2.253; local-as 65000; peer-as 65000; router-id 192.0.2.253; "
    "family { ipv4 unicast; } }\n";

static inline void
world_write_config(struct world *w, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/conf", w->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static inline int
world_open_with(void **state, const char *config)
{
	struct world *w = mem_zero(sizeof *w);
	struct controller_options o = { .files = &w->file, .file_count = 1 };

	log_level_set(LOG_LEVEL_ERROR);
	strcpy(w->dir, "/tmp/ambo-api-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	world_write_config(w, config);
	snprintf(w->path, sizeof w->path, "%s/conf", w->dir);
	w->file = w->path;
	snprintf(o.bind, sizeof o.bind, "ipc://%s/lane", w->dir);
	snprintf(o.api, sizeof o.api, "ipc://%s/api", w->dir);
	w->loop = loop_new_test();
	assert_int_equal(sock_start(), 0);
	assert_int_equal(controller_open(&w->c, w->loop, &o), 0);
	w->in = unpack_new();
	w->out = unpack_new();
	*state = w;
	return 0;
}

static inline int
world_open(void **state)
{
	return world_open_with(state, world_config);
}

static inline int
world_close(void **state)
{
	struct world *w = *state;
	char command[64];

	controller_close(&w->c);
	for (unsigned i = 0; i < w->players; i++)
		player_free(w->player[i]);
	unpack_free(w->in);
	unpack_free(w->out);
	loop_free(w->loop);
	sock_stop();
	snprintf(command, sizeof command, "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
	mem_free(w);
	return 0;
}

static inline struct neighbor *
neighbor_at(struct world *w, const char *address)
{
	struct addr a;

	assert_int_equal(addr_scan(&a, address), 0);
	LIST_EACH(link, &w->c.neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (addr_equal(&n->peer.address, &a))
			return n;
	}
	fail_msg("no neighbor %s", address);
	return NULL;
}

static inline void
report(struct neighbor *n, enum peer_state state, uint64_t session, const char *why)
{
	struct link_peer_state s = { .state = (uint8_t)state, .session = session, .peer_as = 65001,
		.local_as = 65000, .address = n->peer.address, .retry = 4000,
		.families = family_bit(IPV4_UNICAST) };

	snprintf(s.why, sizeof s.why, "%s", why);
	neighbor_state(n, &s);
}

/* A message of a neighbor: "route 10.0.0.0/24 next-hop 192.0.2.1 med 5", or withdrawn, or (NULL) End-of-RIB. */
static inline void
heard(struct neighbor *n, bool withdrawn, uint32_t flags, const char *route)
{
	static struct routes_message m;
	struct words_line line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct words words;

	memset(&m, 0, sizeof m);
	m.one_peer = true;
	m.flags = flags;
	if (route) {
		assert_int_equal(words_cut(&line, route, strlen(route), 1, WORDS_API, &why), 0);
		words = words_of(&line);
		if (route_scan(&words, &d, &why) < 0)
			fail_msg("%s: %s", route, why.text);
	} else {
		d.family = IPV4_UNICAST;
		m.flags |= ROUTES_END_OF_RIB;
	}
	struct routes_part part = { .family = d.family, .nlri = octets_read(&d.nlri) };

	part.value.attributes = octets_read(&d.attributes);
	part.value.next_hop = reader_of(d.next_hop, d.next_hop_len);
	if (withdrawn || !route)
		m.withdraw[m.withdraws++] = part;
	else
		m.announce[m.announces++] = part;
	mirror_message(n, &m);
	mirror_messages_end(n);
	route_draft_fini(&d);
	words_line_fini(&line);
}

/* The turns until the first client is answered, in each of which the second is. */
static inline unsigned
turns_until(struct world *w, const char *answer)
{
	unsigned n = 0;

	for (; w->player[0]->read == w->player[0]->count; n++) {
		assert_true(n < 10000);
		turns(w, 1);
		command_with(w->player[1], 1, "version", NULL);
		assert_has(next(w->player[1]), "reply 1");
	}
	assert_has(next(w->player[0]), answer);
	return n;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
#endif
