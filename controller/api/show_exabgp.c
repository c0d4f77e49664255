/* Neighbors as ExaBGP shows them to its helpers: JSON with both sides of a session, and the configuration. */
#include <string.h>
#include "controller/api/show.h"
#include "controller/config/config.h"

/* --- JSON --- */

/* What a side has of a capability: 0 or 1, null while it is not known. */
struct side {
	const char *key;
	bool known;
	bool asn4, refresh, multisession, operational, add_path, extended, graceful;
	uint32_t families, add_path_families;
	struct addr address;
	uint32_t as, id, hold_time;
};

static void
put_flag(struct tree *t, const char *key, bool known, bool value)
{
	tree_key(t, key);
	if (known)
		tree_uint(t, value);
	else
		tree_null(t);
}

static void
put_capabilities(struct tree *t, const struct side *s)
{
	tree_key(t, "capabilities");
	tree_map(t);
	put_flag(t, "asn4", s->known, s->asn4);
	put_flag(t, "route-refresh", s->known, s->refresh);
	put_flag(t, "multi-session", s->known, s->multisession);
	put_flag(t, "operational", s->known, s->operational);
	put_flag(t, "add-path", s->known, s->add_path);
	put_flag(t, "extended-message", s->known, s->extended);
	put_flag(t, "graceful-restart", s->known, s->graceful);
	tree_map_end(t);
}

/* {"ipv4 unicast": true} of those in `all` */
static void
put_families(struct tree *t, const char *key, uint32_t all, uint32_t yes, bool known, bool numbers)
{
	tree_key(t, key);
	tree_map(t);
	for (int f = 0; f < FAMILIES; f++) {
		bool is = (yes & family_bit((enum family)f)) != 0;

		if (!(all & family_bit((enum family)f)))
			continue;
		if (numbers) {
			put_flag(t, family_name((enum family)f), known, is);
			continue;
		}
		tree_key(t, family_name((enum family)f));
		if (known)
			tree_bool(t, is);
		else
			tree_null(t);
	}
	tree_map_end(t);
}

static void
put_side(struct tree *t, const struct side *s, uint32_t families)
{
	struct addr id = addr_v4(s->id);
	char text[ADDR_TEXT];

	tree_key(t, s->key);
	tree_map(t);
	put_capabilities(t, s);
	put_families(t, "families", families, s->families, s->known, false);
	put_families(t, "add-path", families, s->add_path_families, s->known, true);
	tree_key(t, "address");
	tree_text(t, s->address.family ? addr_print(&s->address, text) : "auto");
	tree_key(t, "as");
	if (s->as)
		tree_uint(t, s->as);
	else
		tree_null(t);
	tree_key(t, "id");
	if (s->id)
		tree_text(t, addr_print(&id, text));
	else
		tree_null(t);
	tree_key(t, "hold");
	if (s->known)
		tree_uint(t, s->hold_time);
	else
		tree_null(t);
	tree_map_end(t);
}

static struct side
local_side(const struct neighbor *n)
{
	const struct config_capability *c = &n->config->capability;
	struct side s = { .key = "local",
		.known = true,
		.asn4 = c->asn4,
		.refresh = c->route_refresh,
		.multisession = c->multi_session,
		.operational = c->operational,
		.add_path = c->add_path != 0,
		.extended = c->extended_message,
		.graceful = c->graceful_restart >= 0,
		.families = n->families,
		.address = neighbor_local_address(n),
		.as = neighbor_local_as(n),
		.id = n->config->router_id,
		.hold_time = n->config->hold_time };

	for (int f = 0; f < FAMILIES && s.add_path; f++)
		if (n->config->add_path[f])
			s.add_path_families |= family_bit((enum family)f);
	return s;
}

/* Of the peer's own OPEN we know here what both agreed on. */
static struct side
peer_side(const struct neighbor *n)
{
	const struct link_peer_state *p = &n->state;
	bool up = neighbor_established(n);

	return (struct side){ .key = "peer",
		.known = up,
		.asn4 = p->asn4,
		.refresh = p->refresh,
		.multisession = p->multisession,
		.operational = p->operational,
		.add_path = p->add_path_receive || p->add_path_send,
		.extended = p->extended_message,
		.graceful = p->graceful,
		.families = p->families,
		.add_path_families = p->add_path_receive | p->add_path_send,
		.address = n->peer.address,
		.as = neighbor_peer_as(n),
		.id = up ? p->peer_id : 0,
		.hold_time = p->hold_time };
}

static void
put_messages(struct tree *t, const struct link_peer_state *s, bool sent)
{
	tree_key(t, sent ? "sent" : "received");
	tree_map(t);
	tree_put_uint(t, "open", sent ? s->opens_out : s->opens_in);
	tree_put_uint(t, "notification", sent ? s->notifications_out : s->notifications_in);
	tree_put_uint(t, "keepalive", sent ? s->keepalives_out : s->keepalives_in);
	tree_put_uint(t, "update", sent ? s->updates_out : s->updates_in);
	tree_put_uint(t, "refresh", sent ? s->refreshes_out : s->refreshes_in);
	tree_put_uint(t, "total", sent ? s->sent : s->received);
	tree_map_end(t);
}

static void
put_negotiated(struct tree *t, const struct link_peer_state *s, bool up)
{
	const struct {
		const char *name;
		bool have;
	} capabilities[] = { { "asn4", s->asn4 }, { "route-refresh", s->refresh },
		{ "multi-session", s->multisession }, { "operational", s->operational },
		{ "add-path", s->add_path_receive || s->add_path_send },
		{ "extended-message", s->extended_message }, { "graceful-restart", s->graceful } };
	uint32_t families = up ? s->families : 0;

	tree_key(t, "capabilities");
	tree_list(t);
	for (unsigned i = 0; up && i < sizeof capabilities / sizeof *capabilities; i++)
		if (capabilities[i].have)
			tree_text(t, capabilities[i].name);
	tree_list_end(t);
	tree_key(t, "families");
	tree_list(t);
	for (int f = 0; f < FAMILIES; f++)
		if (families & family_bit((enum family)f))
			tree_text(t, family_name((enum family)f));
	tree_list_end(t);
	put_families(t, "add-path", families, s->add_path_receive | s->add_path_send, true, true);
}

void
show_exabgp_row(struct tree *t, const struct neighbor *n, uint64_t duration)
{
	const struct link_peer_state *s = &n->state;
	struct side local = local_side(n), peer = peer_side(n);

	tree_map(t);
	tree_key(t, "state");
	tree_text(t, neighbor_established(n) ? "up" : "down");
	tree_put_uint(t, "duration", duration);
	tree_key(t, "fsm");
	tree_text(t, neighbor_fsm(n));
	put_side(t, &local, n->families);
	put_side(t, &peer, n->families);
	tree_key(t, "messages");
	tree_map(t);
	put_messages(t, s, true);
	put_messages(t, s, false);
	tree_map_end(t);
	put_negotiated(t, s, neighbor_established(n));
	tree_key(t, "prefixes");
	tree_map(t);
	tree_put_uint(t, "sent", s->prefixes_out);
	tree_put_uint(t, "received", s->prefixes_in);
	tree_map_end(t);
	tree_map_end(t);
}

/* --- the configuration --- */

static void
statement_as(struct text *t, const char *keyword, uint32_t as)
{
	if (as)
		text_printf(t, "\t%s %u;\n", keyword, as);
	else
		text_printf(t, "\t%s auto;\n", keyword);
}

static const char *
word(bool on)
{
	return on ? "enable" : "disable";
}

static void
put_capability(const struct config_capability *c, struct text *t)
{
	static const char *const add_path[] = { "disable", "receive", "send", "send/receive" };

	text_printf(t, "\tcapability {\n\t\tasn4 %s;\n\t\troute-refresh %s;\n", word(c->asn4),
	    word(c->route_refresh));
	if (c->graceful_restart >= 0)
		text_printf(t, "\t\tgraceful-restart %d;\n", c->graceful_restart);
	else
		text_add(t, "\t\tgraceful-restart disable;\n");
	text_printf(t, "\t\textended-message %s;\n\t\tmulti-session %s;\n\t\toperational %s;\n",
	    word(c->extended_message), word(c->multi_session), word(c->operational));
	text_printf(
	    t, "\t\tadd-path %s;\n\t\taigp %s;\n\t}\n", add_path[c->add_path & 3], word(c->aigp));
}

static void
put_api(const struct config_neighbor *c, struct text *t)
{
	for (size_t i = 0; i < c->api_count; i++) {
		const struct config_api *a = &c->apis[i];

		text_printf(
		    t, "\tapi %s%s{\n\t\tprocesses [ ", a->name ? a->name : "", a->name ? " " : "");
		for (size_t k = 0; k < a->processes.count; k++)
			text_printf(t, "%s ", a->processes.name[k]);
		text_add(t, "];\n");
		if (a->neighbor_changes)
			text_add(t, "\t\tneighbor-changes;\n");
		text_add(t, "\t}\n");
	}
}

void
show_exabgp_configuration(struct text *t, const struct neighbor *n)
{
	const struct config_neighbor *c = n->config;
	struct addr id = addr_v4(c->router_id);
	char a[PREFIX_TEXT];

	text_printf(t, "neighbor %s {\n", neighbor_address(n, a));
	if (c->description)
		text_printf(t, "\tdescription \"%s\";\n", c->description);
	text_printf(t, "\trouter-id %s;\n", addr_print(&id, a));
	text_printf(
	    t, "\tlocal-address %s;\n", c->local.family ? addr_print(&c->local, a) : "auto");
	statement_as(t, "local-as", c->local_as);
	statement_as(t, "peer-as", c->peer_as);
	text_printf(t, "\thold-time %u;\n", c->hold_time);
	if (c->rate_limit)
		text_printf(t, "\trate-limit %u;\n", c->rate_limit);
	if (c->passive)
		text_add(t, "\tpassive;\n");
	text_printf(t,
	    "\tgroup-updates %s;\n\tauto-flush %s;\n\tadj-rib-in %s;\n\tadj-rib-out %s;\n"
	    "\tmanual-eor %s;\n",
	    c->group_updates == GROUP_NONE ? "false" : "true", c->auto_flush ? "true" : "false",
	    c->adj_rib_in ? "true" : "false", c->adj_rib_out ? "true" : "false",
	    c->manual_eor ? "true" : "false");
	put_capability(&c->capability, t);
	text_add(t, "\tfamily {\n");
	for (int f = 0; f < FAMILIES; f++)
		if (c->families & family_bit((enum family)f))
			text_printf(t, "\t\t%s;\n", family_name((enum family)f));
	text_add(t, "\t}\n");
	put_api(c, t);
	text_add(t, "}\n");
}
