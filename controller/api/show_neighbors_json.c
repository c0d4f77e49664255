/* Neighbors in JSON: of each a row, or the short one of a list. */
#include "controller/api/show.h"
#include "controller/api/shown.h"
#include "controller/fleet.h"
#include "proto/bgp/family.h"

static void
put_side(struct tree *t, const char *key, const struct addr *address, uint32_t as, uint32_t id)
{
	struct addr router = addr_v4(id);
	char text[ADDR_TEXT];

	tree_key(t, key);
	tree_map(t);
	tree_put_text(t, "address", addr_print(address, text));
	tree_put_uint(t, "as", as);
	tree_key(t, "id");
	if (id)
		tree_text(t, addr_print(&router, text));
	else
		tree_null(t);
	tree_map_end(t);
}

static void
put_counts(struct tree *t, const char *key, uint64_t sent, uint64_t received)
{
	tree_key(t, key);
	tree_map(t);
	tree_put_uint(t, "sent", sent);
	tree_put_uint(t, "received", received);
	tree_map_end(t);
}

static void
put_families(struct tree *t, const char *key, uint32_t families)
{
	tree_key(t, key);
	tree_list(t);
	for (int f = 0; f < FAMILIES; f++)
		if (families & family_bit((enum family)f))
			tree_text(t, family_name((enum family)f));
	tree_list_end(t);
}

static void
put_capabilities(struct tree *t, const struct link_peer_state *s)
{
	const struct {
		const char *name;
		bool have;
	} capabilities[] = { { "asn4", s->asn4 }, { "route-refresh", s->refresh },
		{ "enhanced-refresh", s->enhanced_refresh }, { "multi-session", s->multisession },
		{ "operational", s->operational }, { "extended-message", s->extended_message },
		{ "graceful-restart", s->graceful },
		{ "graceful-restart-notification", s->graceful_notification },
		{ "long-lived-graceful-restart", s->long_lived != 0 } };

	tree_key(t, "capabilities");
	tree_map(t);
	for (unsigned i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
		tree_key(t, capabilities[i].name);
		tree_bool(t, capabilities[i].have);
	}
	tree_map_end(t);
}

static void
put_offered(struct tree *t, const struct link_peer_state *s)
{
	unsigned code = 0;
	char name[SHOWN_NAME];

	tree_key(t, "offered");
	tree_list(t);
	while (shown_offered(s, &code, name))
		tree_text(t, name);
	tree_list_end(t);
	if (s->host_name[0])
		tree_put_text(t, "host-name", s->host_name);
	if (s->domain_name[0])
		tree_put_text(t, "domain-name", s->domain_name);
	if (s->software[0])
		tree_put_text(t, "software", s->software);
}

void
show_neighbors_list_row(struct tree *t, const struct neighbor *n)
{
	char address[PREFIX_TEXT], fsm[SHOWN_CLOCK];

	tree_map(t);
	tree_put_text(t, "peer-address", neighbor_address(n, address));
	tree_put_uint(t, "peer-as", shown_as(n));
	tree_put_text(t, "state", shown_fsm(n, fsm, true));
	tree_map_end(t);
}

static void
put_session(struct tree *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;
	bool up = neighbor_established(n);
	struct addr local = neighbor_local_address(n);

	put_side(t, "local", up ? &s->local : &local, up ? s->local_as : neighbor_local_as(n),
	    up ? s->local_id : n->peer.router_id);
	put_side(t, "peer", &n->peer.address, shown_as(n), up ? s->peer_id : 0);
	tree_put_uint(t, "hold-time", up ? s->hold_time : n->peer.hold_time);
	put_families(t, "families", up ? s->families : n->families);
	if (!up)
		return;
	put_capabilities(t, s);
	put_families(t, "add-path-receive", s->add_path_receive);
	put_families(t, "add-path-send", s->add_path_send);
	put_families(t, "nexthop6", s->nexthop6);
	put_offered(t, s);
}

/* RFC 4724, 8538, 9494. */
static void
put_restart(struct tree *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;

	if (!s->graceful && !s->stale)
		return;
	tree_key(t, "restart");
	tree_map(t);
	if (s->graceful) {
		tree_put_uint(t, "time", s->restart_time);
		tree_key(t, "notification");
		tree_bool(t, s->graceful_notification);
		put_families(t, "long-lived", s->long_lived);
	}
	put_families(t, "stale", s->stale);
	put_families(t, "stale-long-lived", s->stale_long);
	if (s->stale)
		tree_put_uint(t, "stale-left", (shown_stale_left(n) + 999) / 1000);
	tree_map_end(t);
}

static void
put_waiting(struct tree *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;

	if (!neighbor_established(n) || s->waiting == 0)
		return;
	tree_key(t, "waiting");
	tree_map(t);
	tree_put_uint(t, "changes", s->waiting);
	tree_put_uint(t, "seconds", shown_waiting(n));
	tree_put_uint(t, "limits", s->waiting_limits);
	tree_put_text(t, "by", s->waiting_limit);
	tree_put_uint(t, "limit", s->waiting_rate);
	tree_map_end(t);
}

void
show_neighbors_json_row(struct tree *t, const struct neighbor *n)
{
	char address[PREFIX_TEXT], fsm[SHOWN_CLOCK];
	struct text why = { 0 };

	shown_why(n, &why);
	tree_map(t);
	tree_put_text(t, "neighbor", neighbor_address(n, address));
	if (n->config->session)
		tree_put_text(t, "session", family_name((enum family)(n->config->session - 1)));
	tree_put_text(t, "speaker", n->speaker->name);
	tree_put_text(t, "state", !n->known ? "unknown" : neighbor_established(n) ? "up" : "down");
	tree_put_text(t, "fsm", shown_fsm(n, fsm, true));
	tree_put_text(t, "why", text_str(&why));
	tree_put_uint(t, "duration", shown_seconds(n));
	tree_put_uint(t, "session", n->state.session);
	put_session(t, n);
	put_restart(t, n);
	put_counts(t, "messages", n->state.sent, n->state.received);
	put_counts(t, "updates", n->state.updates_out, n->state.updates_in);
	put_counts(t, "prefixes", n->state.prefixes_out, n->state.prefixes_in);
	put_waiting(t, n);
	tree_map_end(t);
	text_fini(&why);
}
