/* Neighbors: their sessions, and why one is not up. */
#include <stdio.h>
#include <string.h>
#include "controller/api/processes.h"
#include "controller/api/show.h"
#include "controller/api/helper.h"
#include "controller/api/show_neighbors42.h"
#include "controller/fleet.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/family.h"

enum { ROWS = 64, CLOCK = 24, NAME = 48, LABEL = PREFIX_TEXT + 32 };

/* --- what is told of one --- */

static uint64_t
milliseconds_since(const struct neighbor *n)
{
	return (loop_now(n->controller->loop) - n->state_at) / 1000;
}

static uint64_t
seconds_in_state(const struct neighbor *n)
{
	return n->known ? (n->state.since + milliseconds_since(n)) / 1000 : 0;
}

static const char *
clock_of(uint64_t seconds, char out[CLOCK])
{
	snprintf(out, CLOCK, "%llu:%02u:%02u", (unsigned long long)(seconds / 3600),
	    (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	return out;
}

static const char *
state_of(const struct neighbor *n)
{
	return n->known ? peer_state_name((enum peer_state)n->state.state) : "Unknown";
}

/* Milliseconds until more of what is kept of it goes. */
static uint64_t
stale_left(const struct neighbor *n)
{
	uint64_t passed = milliseconds_since(n);

	return n->state.stale_left > passed ? n->state.stale_left - passed : 0;
}

static void
print_stale(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;

	if (!s->stale)
		return;
	text_printf(t, "%s%s", t->len > 0 ? "; " : "",
	    neighbor_established(n) ? "not said again yet:" : "kept:");
	for (int f = 0; f < FAMILIES; f++)
		if (s->stale & family_bit((enum family)f))
			text_printf(t, " %s%s,", family_name((enum family)f),
			    s->stale_long & family_bit((enum family)f) ? " (long-lived)" : "");
	text_printf(t, " for %llu s", (unsigned long long)((stale_left(n) + 999) / 1000));
}

static uint64_t
seconds_waiting(const struct neighbor *n)
{
	return (n->state.waiting_for + milliseconds_since(n)) / 1000;
}

/* What limits hold back (speaker/limit.h): "120 changes wait for 3 s (the rib, policy out rule flaps, 10/s)" */
static void
print_waiting(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;

	if (s->waiting == 0)
		return;
	text_printf(t, "%s%llu changes wait for %llu s (%s, %u/s", t->len > 0 ? "; " : "",
	    (unsigned long long)s->waiting, (unsigned long long)seconds_waiting(n),
	    s->waiting_limit, s->waiting_rate);
	if (s->waiting_limits > 1)
		text_printf(t, ", and %u more limits", s->waiting_limits - 1);
	text_char(t, ')');
}

/* "connection refused; next try in 4 s; kept: ipv4 unicast, for 113 s" */
static void
print_why(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;
	uint64_t passed = milliseconds_since(n);

	if (!n->known) {
		text_printf(t, "speaker %s %s", n->speaker->name,
		    n->speaker->lane ? "has not told yet" : "is not connected");
		return;
	}
	if (neighbor_established(n)) {
		print_stale(n, t);
		print_waiting(n, t);
		return;
	}
	text_add(t, s->why);
	if (s->notify_code)
		text_printf(t, " (notification %s %u/%u)", s->notify_sent ? "sent" : "received",
		    s->notify_code, s->notify_subcode);
	if (s->retry > passed)
		text_printf(t, "%snext try in %llu s", t->len > 0 ? "; " : "",
		    (unsigned long long)((s->retry - passed + 999) / 1000));
	print_stale(n, t);
}

static uint32_t
as_of(const struct neighbor *n)
{
	return neighbor_peer_as(n) ? neighbor_peer_as(n) : n->peer.peer_as;
}

/* --- the table --- */

static bool
several_speakers(const struct show *s)
{
	struct list *speakers = fleet_speakers(s->api->controller->fleet);

	return !list_empty(speakers) && speakers->next->next != speakers;
}

/* Its address; where it is one of several sessions with a peer, the family of this. */
static const char *
label(const struct neighbor *n, char out[LABEL])
{
	char address[PREFIX_TEXT];
	uint8_t session = n->config->session;

	snprintf(out, LABEL, "%s%s%s", neighbor_address(n, address), session ? " " : "",
	    session ? family_name((enum family)(session - 1)) : "");
	return out;
}

/* As wide as the widest address, so that the table can be printed in pieces. */
static int
width_of(const struct show *s)
{
	char address[LABEL];
	size_t width = 15;

	for (size_t i = 0; i < s->count; i++) {
		size_t len = s->neighbor[i] ? strlen(label(s->neighbor[i], address)) : 0;

		width = len > width ? len : width;
	}
	return (int)width;
}

static void
table_head(struct show *s)
{
	text_printf(&s->text, "%-*s  ", width_of(s), "neighbor");
	if (several_speakers(s))
		text_printf(&s->text, "%-12s  ", "speaker");
	text_printf(&s->text, "%-10s  %-11s  %9s  %9s  %9s  %s\n", "as", "state", "since",
	    "received", "sent", "why");
}

static void
table_row(struct show *s, const struct neighbor *n)
{
	char address[LABEL], clock[CLOCK];
	struct text why = { 0 };

	print_why(n, &why);
	text_printf(&s->text, "%-*s  ", width_of(s), label(n, address));
	if (several_speakers(s))
		text_printf(&s->text, "%-12s  ", n->speaker->name);
	text_printf(&s->text, "%-10u  %-11s  %9s  %9llu  %9llu%s%s\n", as_of(n), state_of(n),
	    n->known ? clock_of(seconds_in_state(n), clock) : "-",
	    (unsigned long long)n->state.prefixes_in, (unsigned long long)n->state.prefixes_out,
	    why.len ? "  " : "", text_str(&why));
	text_fini(&why);
}

/* --- ExaBGP's forms --- */

static const char *
fsm_of(const struct neighbor *n, char out[CLOCK], bool upper)
{
	const char *name = state_of(n);
	size_t i;

	for (i = 0; name[i] && i + 1 < CLOCK; i++)
		out[i] = (char)(upper ? (name[i] & ~0x20) : (name[i] | 0x20));
	out[i] = '\0';
	return out;
}

static bool
speaks42(const struct show *s)
{
	return s->exabgp && helper_speaks42(s->request->client);
}

static void
summary_head(struct show *s)
{
	if (speaks42(s)) {
		show42_summary_head(&s->text);
		return;
	}
	text_add(&s->text,
	    "Peer            AS        up/down state       |     #sent     #recvd    #pfx_in\n");
}

static void
summary_row(struct show *s, const struct neighbor *n)
{
	char address[PREFIX_TEXT], clock[CLOCK], fsm[CLOCK], as[CLOCK];
	const char *up = neighbor_established(n) ? clock_of(seconds_in_state(n), clock) : "down";

	if (speaks42(s)) {
		show42_summary_row(&s->text, n, up, fsm_of(n, fsm, false));
		return;
	}
	snprintf(as, sizeof as, "%u", as_of(n));
	text_printf(&s->text, "%-15s %-7s %9s %-12s %10llu %10llu %10llu\n",
	    neighbor_address(n, address), as, up, fsm_of(n, fsm, false),
	    (unsigned long long)n->state.updates_out, (unsigned long long)n->state.updates_in,
	    (unsigned long long)n->state.prefixes_in);
}

static void
line(struct text *t, const char *name, const char *local, const char *remote)
{
	text_printf(t, "    %-20s %15s %15s\n", name, local, remote);
}

static void
line_number(struct text *t, const char *name, uint64_t local, uint64_t remote)
{
	text_printf(t, "    %-20s %15llu %15llu\n", name, (unsigned long long)local,
	    (unsigned long long)remote);
}

/* The capabilities of the peer's OPEN, by name; by number where they have none. */
static bool
next_offered(const struct link_peer_state *s, unsigned *code, char name[NAME])
{
	for (; *code < 8 * sizeof s->offered; ++*code) {
		const struct cap_ops *ops = cap_by_code((uint8_t)*code);

		if (!(s->offered[*code >> 3] & 1u << (*code & 7)))
			continue;
		if (ops)
			snprintf(name, NAME, "%s", ops->name);
		else
			snprintf(name, NAME, "%u", *code);
		++*code;
		return true;
	}
	return false;
}

static void
extensive_offered(struct text *t, const struct link_peer_state *s)
{
	unsigned code = 0, count = 0;
	char name[NAME];

	text_printf(t, "    %-20s", "offered by the peer");
	while (next_offered(s, &code, name))
		text_printf(t, "%s %s", count++ > 0 ? "," : "", name);
	text_add(t, count ? "\n" : " nothing\n");
	if (s->host_name[0])
		text_printf(t, "    %-20s %s%s%s\n", "host-name", s->host_name,
		    s->domain_name[0] ? "." : "", s->domain_name);
	if (s->software[0])
		text_printf(t, "    %-20s %s\n", "software", s->software);
}

static void
extensive_session(struct text *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;
	const struct {
		const char *name;
		bool have;
	} capabilities[] = { { "asn4", s->asn4 }, { "route-refresh", s->refresh },
		{ "enhanced-refresh", s->enhanced_refresh },
		{ "extended-message", s->extended_message }, { "graceful-restart", s->graceful },
		{ "graceful-restart-notification", s->graceful_notification },
		{ "long-lived-graceful-restart", s->long_lived != 0 },
		{ "operational", s->operational }, { "multi-session", s->multisession } };
	struct addr local_id = addr_v4(s->local_id), peer_id = addr_v4(s->peer_id);
	char a[ADDR_TEXT], b[PREFIX_TEXT];

	text_printf(t, "    %-20s %15s %15s\n", "Setup", "Local", "Remote");
	line_number(t, "AS", s->local_as, s->peer_as);
	line(t, "ID", addr_print(&local_id, a), addr_print(&peer_id, b));
	line(t, "address", addr_print(&s->local, a), neighbor_address(n, b));
	line_number(t, "port", s->local_port, s->peer_port);
	text_printf(t, "    %-20s %15u\n", "hold-time", s->hold_time);
	if (s->graceful)
		line_number(t, "restart time", n->peer.graceful_time, s->restart_time);
	text_add(t, "    Negotiated\n");
	for (unsigned i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		text_printf(t, "    %-20s %15s\n", capabilities[i].name,
		    capabilities[i].have ? "yes" : "no");
	for (int f = 0; f < FAMILIES; f++)
		if (s->families & family_bit((enum family)f))
			text_printf(t, "    %-20s %15s%s%s\n", family_name((enum family)f), "yes",
			    s->add_path_receive & family_bit((enum family)f) ? " add-path-receive"
									     : "",
			    s->add_path_send & family_bit((enum family)f) ? " add-path-send" : "");
	extensive_offered(t, s);
}

static void
extensive_row(struct show *s, const struct neighbor *n)
{
	struct text *t = &s->text, why = { 0 };
	char clock[CLOCK], fsm[CLOCK];

	if (speaks42(s)) {
		show42_extensive(t, n, clock_of(seconds_in_state(n), clock), fsm_of(n, fsm, true));
		return;
	}

	print_why(n, &why);
	neighbor_full_name(n, t);
	text_char(t, '\n');
	text_printf(t, "    %-20s %15s\n", "state", state_of(n));
	text_printf(t, "    %-20s %15s\n", neighbor_established(n) ? "up for" : "down for",
	    n->known ? clock_of(seconds_in_state(n), clock) : "unknown");
	if (why.len > 0)
		text_printf(t, "    %-20s %s\n", "why", text_str(&why));
	text_printf(t, "    %-20s %15s\n", "speaker", n->speaker->name);
	text_printf(
	    t, "    %-20s %15llu\n", "sessions so far", (unsigned long long)n->state.session);
	if (neighbor_established(n))
		extensive_session(t, n);
	text_printf(t, "    %-20s %15s %15s\n", "Message Statistic", "Sent", "Received");
	line_number(t, "open", n->state.opens_out, n->state.opens_in);
	line_number(t, "notification", n->state.notifications_out, n->state.notifications_in);
	line_number(t, "keepalive", n->state.keepalives_out, n->state.keepalives_in);
	line_number(t, "update", n->state.updates_out, n->state.updates_in);
	line_number(t, "refresh", n->state.refreshes_out, n->state.refreshes_in);
	line_number(t, "total", n->state.sent, n->state.received);
	text_printf(t, "    %-20s %15s %15s\n", "Prefix Statistic", "Sent", "Received");
	line_number(t, "prefixes", n->state.prefixes_out, n->state.prefixes_in);
	text_char(t, '\n');
	text_fini(&why);
}

/* --- JSON --- */

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
	char name[NAME];

	tree_key(t, "offered");
	tree_list(t);
	while (next_offered(s, &code, name))
		tree_text(t, name);
	tree_list_end(t);
	if (s->host_name[0])
		tree_put_text(t, "host-name", s->host_name);
	if (s->domain_name[0])
		tree_put_text(t, "domain-name", s->domain_name);
	if (s->software[0])
		tree_put_text(t, "software", s->software);
}

static void
list_row(struct tree *t, const struct neighbor *n)
{
	char address[PREFIX_TEXT], fsm[CLOCK];

	tree_map(t);
	tree_put_text(t, "peer-address", neighbor_address(n, address));
	tree_put_uint(t, "peer-as", as_of(n));
	tree_put_text(t, "state", fsm_of(n, fsm, true));
	tree_map_end(t);
}

static void
json_session(struct tree *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;
	bool up = neighbor_established(n);
	struct addr local = neighbor_local_address(n);

	put_side(t, "local", up ? &s->local : &local, up ? s->local_as : neighbor_local_as(n),
	    up ? s->local_id : n->peer.router_id);
	put_side(t, "peer", &n->peer.address, as_of(n), up ? s->peer_id : 0);
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
json_restart(struct tree *t, const struct neighbor *n)
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
		tree_put_uint(t, "stale-left", (stale_left(n) + 999) / 1000);
	tree_map_end(t);
}

static void
json_waiting(struct tree *t, const struct neighbor *n)
{
	const struct link_peer_state *s = &n->state;

	if (!neighbor_established(n) || s->waiting == 0)
		return;
	tree_key(t, "waiting");
	tree_map(t);
	tree_put_uint(t, "changes", s->waiting);
	tree_put_uint(t, "seconds", seconds_waiting(n));
	tree_put_uint(t, "limits", s->waiting_limits);
	tree_put_text(t, "by", s->waiting_limit);
	tree_put_uint(t, "limit", s->waiting_rate);
	tree_map_end(t);
}

static void
json_row(struct tree *t, const struct neighbor *n)
{
	char address[PREFIX_TEXT], fsm[CLOCK];
	struct text why = { 0 };

	print_why(n, &why);
	tree_map(t);
	tree_put_text(t, "neighbor", neighbor_address(n, address));
	if (n->config->session)
		tree_put_text(t, "session", family_name((enum family)(n->config->session - 1)));
	tree_put_text(t, "speaker", n->speaker->name);
	tree_put_text(t, "state", !n->known ? "unknown" : neighbor_established(n) ? "up" : "down");
	tree_put_text(t, "fsm", fsm_of(n, fsm, true));
	tree_put_text(t, "why", text_str(&why));
	tree_put_uint(t, "duration", seconds_in_state(n));
	tree_put_uint(t, "session", n->state.session);
	json_session(t, n);
	json_restart(t, n);
	put_counts(t, "messages", n->state.sent, n->state.received);
	put_counts(t, "updates", n->state.updates_out, n->state.updates_in);
	put_counts(t, "prefixes", n->state.prefixes_out, n->state.prefixes_in);
	json_waiting(t, n);
	tree_map_end(t);
	text_fini(&why);
}

/* --- the command --- */

static void
one(struct show *s, const struct neighbor *n)
{
	struct tree t;

	if (s->json) {
		t = show_row(s);
		if (s->form == SHOW_LIST)
			list_row(&t, n);
		else if (s->exabgp)
			show_exabgp_row(&t, n, seconds_in_state(n));
		else
			json_row(&t, n);
	} else if (s->form == SHOW_SUMMARY) {
		summary_row(s, n);
	} else if (s->form == SHOW_EXTENSIVE) {
		extensive_row(s, n);
	} else if (s->form == SHOW_CONFIGURATION) {
		show_exabgp_configuration(&s->text, n);
	} else {
		table_row(s, n);
	}
}

/* Who was to announce and can't: that a session is up does not show it. */
static void
broken_processes(struct show *s)
{
	LIST_EACH(link, &s->api->processes->list) {
		const struct process *p = LIST_ENTRY(link, struct process, link);

		if (p->state == PROCESS_BROKEN)
			text_printf(&s->text, "process %s is broken: %s\n", p->name, p->why);
	}
}

static bool
step(struct show *s)
{
	if (!s->begun && !s->json && s->form == SHOW_SUMMARY)
		summary_head(s);
	else if (!s->begun && !s->json && s->form == SHOW_TABLE)
		table_head(s);
	s->begun = true;
	for (unsigned i = 0; i < ROWS && s->at < s->count; i++, s->at++)
		if (s->neighbor[s->at])
			one(s, s->neighbor[s->at]);
	if (s->at < s->count)
		return false;
	if (!s->json && !s->exabgp && (s->form == SHOW_TABLE || s->form == SHOW_EXTENSIVE))
		broken_processes(s);
	return true;
}

static const struct show_ops ops = { step, NULL, NULL };

static int
scan(struct call *c, unsigned *form)
{
	*form = c->kind;
	if (call_narrow(c) < 0)
		return -1;
	if (words_take(&c->words, "summary"))
		*form = SHOW_SUMMARY;
	else if (words_take(&c->words, "extensive"))
		*form = SHOW_EXTENSIVE;
	else if (words_take(&c->words, "configuration"))
		*form = SHOW_CONFIGURATION;
	else if (words_take(&c->words, "json"))
		c->request->json = true;
	if (call_narrow(c) < 0) /* ExaBGP takes the address on either side */
		return -1;
	return call_end(c);
}

static void
usage(struct call *c)
{
	struct text t = { 0 };

	if (helper_speaks42(c->request->client))
		show42_usage(&t);
	else
		text_add(&t, "usage: peer <ip> show [summary|extensive|configuration]");
	request_done(&c->request, "done", "%s", text_str(&t));
	text_fini(&t);
}

void
command_show_neighbors(struct call *c)
{
	unsigned form;
	struct show *s;

	if (scan(c, &form) < 0) {
		call_refuse(c);
		return;
	}
	if (form == SHOW_LIST)
		c->request->json = true;
	if (c->exabgp && !c->request->json && form == SHOW_TABLE) {
		usage(c);
		return;
	}
	s = show_new(c, &ops);
	s->form = form;
}
