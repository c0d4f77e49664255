/* Routes: those that the neighbors sent (their mirrors, made for the time if nobody else needs them) and those
 * they are to be told (intent). */
#include <string.h>
#include "common/mem.h"
#include "controller/api/event.h"
#include "controller/api/show.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/route.h"

enum { STEPS = 128, EXTENSIVE = 8 };

/* Where it stands at the neighbor it is at. */
struct routes_walk {
	bool sent_done;
	uint64_t visit; /* intent's */
	struct mirror *mirror; /* needed by us while it is set */
	struct mirror_wait wait;
	int family;
	uint32_t at;
	enum family only; /* FAMILY_UNKNOWN: every family */
};

struct row {
	struct neighbor *neighbor;
	bool sent;
	enum family family;
	const struct nlri *nlri;
	const struct route_value *value;
	uint32_t owner;
};

/* --- rows --- */

static void
print_nlri(const struct row *r, struct text *t)
{
	const struct nlri_ops *ops = nlri_ops(r->family);

	if (ops)
		ops->print(r->nlri->octets, t);
}

static bool
has_path_id(const struct row *r)
{
	return r->nlri->path_id != 0 || (!r->sent && event_path_ids(r->neighbor, r->family));
}

/* As ExaBGP prints an adj-rib. */
static void
text_adj_rib(struct show *s, const struct row *r)
{
	char address[ADDR_TEXT];

	if (s->form & EXTENSIVE)
		neighbor_full_name(r->neighbor, &s->text);
	else
		text_add(&s->text, addr_print(&r->neighbor->peer.address, address));
	text_printf(&s->text, " %s ", family_name(r->family));
	if (s->form & EXTENSIVE)
		route_print(r->family, has_path_id(r), r->nlri, r->value, &s->text);
	else
		print_nlri(r, &s->text);
	text_char(&s->text, '\n');
}

static void
text_route(struct show *s, const struct row *r)
{
	char address[ADDR_TEXT];

	text_printf(&s->text, "%s %s %s ", addr_print(&r->neighbor->peer.address, address),
	    r->sent ? "sent" : "received", family_name(r->family));
	route_print(r->family, has_path_id(r), r->nlri, r->value, &s->text);
	if (r->sent)
		text_printf(&s->text, " # %s", owner_name(s->api->controller->owners, r->owner));
	text_char(&s->text, '\n');
}

/* {"192.0.2.1": {"routes": [{"family": "ipv4 unicast", "prefix": "10.0.0.0/24"}]}} */
static void
tree_adj_rib(const struct row *r, struct tree *t)
{
	char address[ADDR_TEXT];
	struct text prefix = { 0 };

	print_nlri(r, &prefix);
	tree_map(t);
	tree_key(t, addr_print(&r->neighbor->peer.address, address));
	tree_map(t);
	tree_key(t, "routes");
	tree_list(t);
	tree_map(t);
	tree_key(t, "family");
	tree_text(t, family_name(r->family));
	tree_key(t, "prefix");
	tree_text(t, text_str(&prefix));
	tree_map_end(t);
	tree_list_end(t);
	tree_map_end(t);
	tree_map_end(t);
	text_fini(&prefix);
}

static void
tree_route(struct show *s, const struct row *r, struct tree *t)
{
	char text[ADDR_TEXT];

	tree_map(t);
	tree_key(t, "neighbor");
	tree_text(t, addr_print(&r->neighbor->peer.address, text));
	tree_key(t, "speaker");
	tree_text(t, r->neighbor->speaker->name);
	tree_key(t, "direction");
	tree_text(t, r->sent ? "sent" : "received");
	tree_key(t, "family");
	tree_text(t, family_name(r->family));
	nlri_tree(r->family, has_path_id(r), r->nlri, t);
	tree_key(t, "next-hop");
	tree_text(t, event_next_hop(r->value->next_hop, text));
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(r->value->attributes, t);
	tree_map_end(t);
	if (r->sent) {
		tree_key(t, "owner");
		tree_text(t, owner_name(s->api->controller->owners, r->owner));
	}
	tree_map_end(t);
}

static void
add_row(struct show *s, const struct row *r)
{
	struct tree t;

	if (s->routes->only != FAMILY_UNKNOWN && s->routes->only != r->family)
		return;
	if (s->json) {
		t = show_row(s);
		if (s->form & SHOW_ADJ_RIB)
			tree_adj_rib(r, &t);
		else
			tree_route(s, r, &t);
	} else if (s->form & SHOW_ADJ_RIB) {
		text_adj_rib(s, r);
	} else {
		text_route(s, r);
	}
}

/* --- the walk --- */

static void
each_sent(void *arg, struct neighbor *n, enum family f, const struct nlri *nlri,
    const struct route_value *value, uint32_t owner)
{
	struct row r = { n, true, f, nlri, value, owner };

	add_row(arg, &r);
}

static void
each_received(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct show *s = arg;
	struct nlri nlri = { e->path_id, ledger_key(l, e) };
	struct route_value value;
	struct row r = { s->neighbor[s->at], false, (enum family)s->routes->family, &nlri, &value,
		0 };

	if (e->mark)
		return;
	value = route_value_of(blob_read(e->value));
	add_row(s, &r);
}

static void
whole(void *self)
{
	show_go_on(self);
}

static void
need_mirror(struct show *s)
{
	struct routes_walk *w = s->routes;

	w->mirror = mirror_need(s->neighbor[s->at]);
	w->wait = (struct mirror_wait){ .whole = whole, .self = s };
	s->waiting = true;
	mirror_when_whole(w->mirror, &w->wait);
}

/* The mirror is not needed any more; the next neighbor begins. */
static void
leave(struct show *s)
{
	struct routes_walk *w = s->routes;
	enum family only = w->only;

	if (w->mirror) {
		mirror_unwait(&w->wait);
		mirror_done(s->neighbor[s->at]);
	}
	*w = (struct routes_walk){ .only = only };
	s->at++;
}

static bool
step_received(struct show *s)
{
	struct routes_walk *w = s->routes;

	if (!w->mirror) {
		need_mirror(s);
		return false;
	}
	while (w->family < FAMILIES && !w->mirror->ledger[w->family])
		w->family++;
	if (w->family == FAMILIES)
		return true;
	if (ledger_visit(w->mirror->ledger[w->family], &w->at, STEPS, each_received, s)) {
		w->family++;
		w->at = 0;
	}
	return false;
}

static bool
step(struct show *s)
{
	struct routes_walk *w = s->routes;

	if (s->at == s->count)
		return true;
	if (!s->neighbor[s->at]) {
		leave(s);
		return false;
	}
	if ((s->form & SHOW_SENT) && !w->sent_done) {
		w->sent_done = intent_visit(s->neighbor[s->at], &w->visit, STEPS, each_sent, s);
		return false;
	}
	if (!(s->form & SHOW_RECEIVED) || step_received(s))
		leave(s);
	return false;
}

/* What is there is shown; it does not wait for a speaker that is gone. */
static void
lost(struct show *s, struct neighbor *n)
{
	if (s->at >= s->count || s->neighbor[s->at] != n)
		return;
	leave(s);
	show_go_on(s);
}

static void
fini(struct show *s)
{
	if (s->routes->mirror)
		leave(s);
	mem_free(s->routes);
}

static const struct show_ops ops = { step, lost, fini };

/* --- the command --- */

static int
scan(struct call *c, unsigned *form, enum family *only)
{
	*form = c->kind;
	*only = FAMILY_UNKNOWN;
	for (;;) {
		const char *word = words_peek(&c->words);
		struct words w = c->words;

		if (words_take(&c->words, "extensive")) {
			*form |= EXTENSIVE;
		} else if (!(*form & SHOW_ADJ_RIB) && words_take(&c->words, "received")) {
			*form &= ~(unsigned)SHOW_SENT;
		} else if (!(*form & SHOW_ADJ_RIB) && words_take(&c->words, "sent")) {
			*form &= ~(unsigned)SHOW_RECEIVED;
		} else if (strcmp(word, "neighbor") == 0 || strcmp(word, "peer") == 0 ||
			   selector_starts(word)) {
			if (call_narrow(c) < 0)
				return -1;
		} else {
			const struct word *afi = words_next(&w), *safi = words_next(&w);
			enum family f =
			    afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;

			if (f == FAMILY_UNKNOWN)
				return call_end(c);
			*only = f;
			c->words = w;
		}
	}
}

void
command_show_routes(struct call *c)
{
	enum family only;
	unsigned form;
	struct show *s;

	if (scan(c, &form, &only) < 0) {
		call_refuse(c);
		return;
	}
	s = show_new(c, &ops);
	s->form = form;
	s->routes = mem_zero(sizeof *s->routes);
	s->routes->only = only;
}
