/* For tests of policies that ask: a client that is asked, and what it says. */
#ifndef TESTS_RIB_DECIDER_H
#define TESTS_RIB_DECIDER_H
#include "controller/rib/decider.h"
#include "tests/unit/controller/api/world.h"

enum { DECIDE = 9, TIMEOUT = 50000 };

/* One ask that has come. */
struct asked {
	uint64_t number, version;
	uint64_t preference; /* LOCAL_PREF of what is asked about */
	char nlri[32], neighbor[32], to[32];
};

static inline void
begin_request(struct pack *r, const char *type)
{
	pack_array(r, 4);
	pack_uint(r, API_VERSION);
	pack_text(r, type);
	pack_uint(r, DECIDE);
}

static inline void
decide_as(struct player *p, const char *name, uint32_t open)
{
	struct pack r = { 0 };

	begin_request(&r, "decide");
	pack_map(&r, 2);
	pack_text(&r, "name");
	pack_text(&r, name);
	pack_text(&r, "open");
	pack_uint(&r, open);
	say(p, &r);
	pack_fini(&r);
	turns(p->world, 3);
}

static inline size_t
asks(struct player *p, struct asked *out, size_t max)
{
	size_t n = 0;

	turns(p->world, 3);
	for (; p->read < p->count; p->read++) {
		struct api_answer a;
		struct reason why = { 0 };
		char type[16];

		assert_int_equal(api_answer_open(p->world->out, p->message[p->read].base,
				     p->message[p->read].len, &a, &why),
		    0);
		for (uint32_t i = 0; a.type == API_EVENT && i < node_count(a.body); i++) {
			const struct node *e = node_at(a.body, i);

			if (strcmp(node_text(node_find(e, "type"), type, sizeof type), "ask") != 0)
				continue;
			assert_true(n < max);
			out[n].number = node_uint(node_find(e, "number"), 0);
			out[n].version = node_uint(node_find(e, "version"), 0);
			out[n].preference =
			    node_uint(node_find(node_find(e, "attribute"), "local-preference"), 0);
			node_text(node_find(node_find(e, "nlri"), "nlri"), out[n].nlri,
			    sizeof out[n].nlri);
			node_text(
			    node_find(e, "neighbor"), out[n].neighbor, sizeof out[n].neighbor);
			node_text(node_find(e, "to"), out[n].to, sizeof out[n].to);
			n++;
		}
	}
	return n;
}

/* All of them in one message, and no turn. `set`: words, instead of the verdict */
static inline void
answer_all(
    struct player *p, const struct asked *a, size_t count, const char *verdict, const char *set)
{
	struct pack r = { 0 };

	begin_request(&r, "verdicts");
	pack_map(&r, 1);
	pack_text(&r, "verdicts");
	pack_array(&r, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		pack_array(&r, 3);
		pack_uint(&r, a[i].number);
		pack_uint(&r, a[i].version);
		if (set) {
			pack_map(&r, 1);
			pack_text(&r, "set");
			pack_text(&r, set);
		} else {
			pack_text(&r, verdict);
		}
	}
	say(p, &r);
	pack_fini(&r);
}

static inline void
answer(struct player *p, const struct asked *a, const char *verdict, const char *set)
{
	answer_all(p, a, 1, verdict, set);
	turns(p->world, 3);
}

static inline void
later(struct world *w, uint64_t microseconds)
{
	loop_test_advance(w->loop, microseconds);
	turns(w, 4);
}

static inline void
reload(struct world *w, const char *configuration)
{
	struct text why = { 0 };

	world_write_config(w, configuration);
	if (controller_reload(&w->c, &why) < 0)
		fail_msg("%s", text_str(&why));
	text_fini(&why);
	turns(w, 4);
}

static inline struct neighbor *
comes_up(struct world *w, const char *address, uint32_t as)
{
	struct neighbor *n = neighbor_at(w, address);
	struct link_peer_state s = { .state = PEER_ESTABLISHED,
		.session = 1,
		.peer_as = as,
		.local_as = 65000,
		.address = n->peer.address,
		.families = family_bit(IPV4_UNICAST) };

	neighbor_state(n, &s);
	mirror_begin(n);
	mirror_end(n);
	turns(w, 3);
	return n;
}

struct looking {
	char nlri[32], text[256];
};

static inline void
see(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct looking *l = arg;
	struct text nlri = { 0 }, text = { 0 };

	(void)n;
	nlri_ops(r->family)->print(r->nlri.octets, &nlri);
	if (strcmp(text_str(&nlri), l->nlri) == 0) {
		route_print(r->family, false, &r->nlri, &r->value, &text);
		snprintf(l->text, sizeof l->text, "%s", text_str(&text));
	}
	text_fini(&nlri);
	text_fini(&text);
}

/* What a neighbor is to be told of a prefix; "" when nothing. Valid until the next call. */
static inline const char *
told_to(struct world *w, const char *address, const char *prefix)
{
	static struct looking l;
	uint64_t state = 0;

	l.text[0] = '\0';
	snprintf(l.nlri, sizeof l.nlri, "%s", prefix);
	while (!intent_visit(neighbor_at(w, address), &state, 64, see, &l))
		;
	return l.text;
}
#endif
