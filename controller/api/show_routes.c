/* Routes: those that the neighbors sent (their mirrors, made for the time if nobody else needs them) and those
 * they are to be told (intent). */
#include <string.h>
#include "common/mem.h"
#include "controller/api/event.h"
#include "controller/api/helper.h"
#include "controller/api/route_filter.h"
#include "controller/api/show.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "proto/bgp/attr/path.h"
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
	struct route_filter filter;
};

struct row {
	struct neighbor *neighbor;
	bool sent;
	enum family family;
	const struct nlri *nlri;
	const struct route_value *value;
	uint32_t owner;
	bool stale; /* received, kept from a session that ended */
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

/* What every route has that says nothing else: the operator did not type it, and ExaBGP does not print it. */
static bool
is_default(const struct neighbor *n, const struct attr *a)
{
	struct reader v = a->value;
	struct segment s;

	if (a->code == ATTR_ORIGIN)
		return reader_u8(&v) == ORIGIN_IGP;
	if (a->code == ATTR_LOCAL_PREF)
		return reader_u32(&v) == 100;
	if (a->code != ATTR_AS_PATH)
		return false;
	return v.left == 0 || (segment_next(&v, 4, &s) && v.left == 0 && s.asns.left == 4 &&
				  segment_asn(&s) == neighbor_local_as(n));
}

static void
print_next_hop(const struct row *r, struct text *t)
{
	char hop[ADDR_TEXT];

	if (r->value->next_hop.left > 0)
		text_printf(t, " next-hop %s", event_next_hop(r->family, r->value->next_hop, hop));
}

static void
print_given(const struct row *r, unsigned version, struct text *t)
{
	struct reader block = r->value->attributes;

	print_nlri(r, t);
	if (has_path_id(r)) {
		text_add(t, " path-information ");
		path_id_print(r->nlri->path_id, t);
	}
	print_next_hop(r, t);
	for (;;) {
		struct reader rest = block;
		struct attr a;

		if (!attrs_next(&block, &a))
			return;
		if (!r->sent || !is_default(r->neighbor, &a))
			encoder_text_attributes(
			    r->family, reader_of(rest.at, rest.left - block.left), version, t);
	}
}

void
show_given(const struct neighbor *n, const struct intent_route *i, struct text *t)
{
	struct row r = { (struct neighbor *)(uintptr_t)n, true, i->family, &i->nlri, &i->value,
		i->owner };

	print_given(&r, API_4, t);
}

static unsigned
version_of(const struct show *s)
{
	const struct process *p = process_of(s->request->client);

	return p ? helper_version(p) : API_4;
}

/* As ExaBGP prints an adj-rib; a line of 4.2 has the next hop too. */
static void
text_adj_rib(struct show *s, const struct row *r)
{
	unsigned version = version_of(s);
	char address[ADDR_TEXT];

	if (s->form & EXTENSIVE)
		neighbor_full_name(r->neighbor, &s->text);
	else
		text_printf(&s->text, "%s%s", version == API_42 ? "neighbor " : "",
		    addr_print(&r->neighbor->peer.address, address));
	text_printf(&s->text, " %s ", family_name(r->family));
	if (s->form & EXTENSIVE)
		print_given(r, version, &s->text);
	else
		print_nlri(r, &s->text);
	if (version == API_42 && !(s->form & EXTENSIVE))
		print_next_hop(r, &s->text);
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
	if (r->stale)
		text_add(&s->text, " # stale");
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
	nlri_tree(r->family, has_path_id(r), r->nlri, r->value->next_hop, t);
	tree_key(t, "next-hop");
	tree_text(t, event_next_hop(r->family, r->value->next_hop, text));
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(r->value->attributes, t);
	tree_map_end(t);
	if (r->sent) {
		tree_key(t, "owner");
		tree_text(t, owner_name(s->api->controller->owners, r->owner));
	}
	if (r->stale) {
		tree_key(t, "stale");
		tree_bool(t, true);
	}
	tree_map_end(t);
}

static void
add_row(struct show *s, const struct row *r)
{
	struct tree t;

	if (!route_filter_passes(&s->routes->filter, r->family, r->nlri->octets))
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
each_sent(void *arg, struct neighbor *n, const struct intent_route *i)
{
	struct row r = { n, true, i->family, &i->nlri, &i->value, i->owner, false };

	add_row(arg, &r);
}

static void
each_received(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct show *s = arg;
	struct nlri nlri = { ledger_path_id(l, e), ledger_key(l, e) };
	struct route_value value;
	struct row r = { s->neighbor[s->at], false, (enum family)s->routes->family, &nlri, &value,
		0,
		!s->neighbor[s->at]->known ||
		    mirror_is_stale(s->routes->mirror, (enum family)s->routes->family, e) };

	if (e->mark)
		return;
	value = route_value_of(blob_read(ledger_value(e)));
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

	if (w->mirror) {
		mirror_unwait(&w->wait);
		mirror_done(s->neighbor[s->at]);
	}
	w->mirror = NULL;
	w->sent_done = false;
	w->visit = 0;
	w->family = 0;
	w->at = 0;
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
	if ((s->form & SHOW_SENT) && (s->form & SHOW_ADJ_RIB) &&
	    !s->neighbor[s->at]->config->adj_rib_out)
		w->sent_done = true;
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

/* ExaBGP's groups of families. */
static bool
take_group(struct call *c, struct routes_walk *w)
{
	const uint32_t flow = family_bit(IPV4_FLOW) | family_bit(IPV4_FLOW_VPN) |
			      family_bit(IPV6_FLOW) | family_bit(IPV6_FLOW_VPN),
		       l2vpn = family_bit(L2VPN_VPLS) | family_bit(L2VPN_EVPN);

	if (words_take(&c->words, "inet"))
		w->filter.families &= ~(flow | l2vpn);
	else if (words_take(&c->words, "flow"))
		w->filter.families &= flow;
	else if (words_take(&c->words, "l2vpn"))
		w->filter.families &= l2vpn;
	else
		return false;
	return true;
}

static int
scan(struct call *c, unsigned *form, struct routes_walk *w)
{
	*form = c->kind;
	route_filter_init(&w->filter);
	while (words_left(&c->words)) {
		const char *word = words_peek(&c->words);
		bool plain = !(*form & SHOW_ADJ_RIB);

		if (words_take(&c->words, "extensive")) {
			*form |= EXTENSIVE;
		} else if (plain && words_take(&c->words, "received")) {
			*form &= ~(unsigned)SHOW_SENT;
		} else if (plain && words_take(&c->words, "sent")) {
			*form &= ~(unsigned)SHOW_RECEIVED;
		} else if (strcmp(word, "neighbor") == 0 || strcmp(word, "peer") == 0 ||
			   selector_starts(word)) {
			if (call_narrow(c) < 0)
				return -1;
		} else {
			int taken = route_filter_scan(c, &w->filter);

			if (taken < 0)
				return -1;
			if (taken == 0 && !take_group(c, w))
				return call_end(c);
		}
	}
	return 0;
}

void
command_show_routes(struct call *c)
{
	struct routes_walk walk = { 0 };
	unsigned form;
	struct show *s;

	if (scan(c, &form, &walk) < 0) {
		call_refuse(c);
		return;
	}
	c->request->lines = (form & SHOW_ADJ_RIB) != 0;
	s = show_new(c, &ops);
	s->form = form;
	s->routes = mem_copy(&walk, sizeof walk);
}
