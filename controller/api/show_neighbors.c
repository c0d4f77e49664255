/* Neighbors: their sessions, and why one is not up: as a table, and in ExaBGP's forms. */
#include <stdio.h>
#include <string.h>
#include "controller/api/processes.h"
#include "controller/api/show.h"
#include "controller/api/helper.h"
#include "controller/api/show_neighbors42.h"
#include "controller/api/shown.h"
#include "controller/fleet.h"
#include "proto/bgp/family.h"

enum { ROWS = 64, LABEL = PREFIX_TEXT + 32 };

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
static unsigned
width_of(const struct show *s)
{
	char address[LABEL];
	size_t width = 15;

	for (size_t i = 0; i < s->count; i++) {
		size_t len = s->neighbor[i] ? strlen(label(s->neighbor[i], address)) : 0;

		width = len > width ? len : width;
	}
	return (unsigned)width;
}

static void
table_head(struct show *s)
{
	s->width = width_of(s);
	text_printf(&s->text, "%-*s  ", (int)s->width, "neighbor");
	if (several_speakers(s))
		text_printf(&s->text, "%-12s  ", "speaker");
	text_printf(&s->text, "%-10s  %-11s  %9s  %9s  %9s  %s\n", "as", "state", "since",
	    "received", "sent", "why");
}

static void
table_row(struct show *s, const struct neighbor *n)
{
	char address[LABEL], clock[SHOWN_CLOCK];
	struct text why = { 0 };

	shown_why(n, &why);
	text_printf(&s->text, "%-*s  ", (int)s->width, label(n, address));
	if (several_speakers(s))
		text_printf(&s->text, "%-12s  ", n->speaker->name);
	text_printf(&s->text, "%-10u  %-11s  %9s  %9llu  %9llu%s%s\n", shown_as(n), shown_state(n),
	    n->known ? shown_clock(shown_seconds(n), clock) : "-",
	    (unsigned long long)n->state.prefixes_in, (unsigned long long)n->state.prefixes_out,
	    why.len ? "  " : "", text_str(&why));
	text_fini(&why);
}

/* --- ExaBGP's forms --- */

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
	char address[PREFIX_TEXT], clock[SHOWN_CLOCK], fsm[SHOWN_CLOCK], as[SHOWN_CLOCK];
	const char *up = neighbor_established(n) ? shown_clock(shown_seconds(n), clock) : "down";

	if (speaks42(s)) {
		show42_summary_row(&s->text, n, up, shown_fsm(n, fsm, false));
		return;
	}
	snprintf(as, sizeof as, "%u", shown_as(n));
	text_printf(&s->text, "%-15s %-7s %9s %-12s %10llu %10llu %10llu\n",
	    neighbor_address(n, address), as, up, shown_fsm(n, fsm, false),
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

static void
extensive_offered(struct text *t, const struct link_peer_state *s)
{
	unsigned code = 0, count = 0;
	char name[SHOWN_NAME];

	text_printf(t, "    %-20s", "offered by the peer");
	while (shown_offered(s, &code, name))
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
	char clock[SHOWN_CLOCK], fsm[SHOWN_CLOCK];

	if (speaks42(s)) {
		show42_extensive(
		    t, n, shown_clock(shown_seconds(n), clock), shown_fsm(n, fsm, true));
		return;
	}

	shown_why(n, &why);
	neighbor_full_name(n, t);
	text_char(t, '\n');
	text_printf(t, "    %-20s %15s\n", "state", shown_state(n));
	text_printf(t, "    %-20s %15s\n", neighbor_established(n) ? "up for" : "down for",
	    n->known ? shown_clock(shown_seconds(n), clock) : "unknown");
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

/* --- the command --- */

static void
one(struct show *s, const struct neighbor *n)
{
	struct tree t;

	if (s->json) {
		t = show_row(s);
		if (s->form == SHOW_LIST)
			show_neighbors_list_row(&t, n);
		else if (s->exabgp)
			show_exabgp_row(&t, n, shown_seconds(n));
		else
			show_neighbors_json_row(&t, n);
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

/* Of an address that no neighbor has 4.2 shows nothing, and is done. */
static int
narrow(struct call *c)
{
	if (call_narrow(c) == 0)
		return 0;
	if (!c->selected || c->count > 0 || !helper_speaks42(c->request->client))
		return -1;
	c->why = (struct reason){ 0 };
	return 0;
}

static int
scan(struct call *c, unsigned *form)
{
	*form = c->kind;
	if (narrow(c) < 0)
		return -1;
	if (words_take(&c->words, "summary"))
		*form = SHOW_SUMMARY;
	else if (words_take(&c->words, "extensive"))
		*form = SHOW_EXTENSIVE;
	else if (words_take(&c->words, "configuration"))
		*form = SHOW_CONFIGURATION;
	else if (words_take(&c->words, "json"))
		c->request->json = true;
	if (narrow(c) < 0) /* ExaBGP takes the address on either side */
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
