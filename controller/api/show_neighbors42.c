/* Neighbors as ExaBGP 4.2 shows them to people: to helpers that say no version, and by its command line. */
#include <stdio.h>
#include "controller/api/show_neighbors42.h"
#include "controller/config/config.h"
#include "proto/bgp/cap.h"

enum { CELL = 64 };

void
show42_usage(struct text *t)
{
	text_add(t, "please specify summary, extensive or configuration\n"
		    "you can filter by peer ip address adding it after the word neighbor");
}

void
show42_summary_head(struct text *t)
{
	text_add(t, "Peer            AS        up/down state       |     #sent     #recvd\n");
}

void
show42_summary_row(struct text *t, const struct neighbor *n, const char *up, const char *state)
{
	char address[PREFIX_TEXT];

	text_printf(t, "%-15s %-7u %9s %-12s %10llu %10llu\n", neighbor_address(n, address),
	    neighbor_peer_as(n), up, state, (unsigned long long)n->state.updates_out,
	    (unsigned long long)n->state.updates_in);
}

static void
line(struct text *t, const char *name, const char *local, const char *remote, const char *more)
{
	text_printf(t, "   %-20s %15s %15s %15s\n", name, local, remote, more);
}

static const char *
number(char out[CELL], uint64_t value)
{
	snprintf(out, CELL, "%llu", (unsigned long long)value);
	return out;
}

static const char *
able(bool known, bool value)
{
	return !known ? "n/a" : value ? "enabled" : "disabled";
}

static void
setup(struct text *t, const struct neighbor *n, bool up)
{
	const struct link_peer_state *s = &n->state;
	struct addr ours = addr_v4(n->config->router_id), theirs = addr_v4(s->peer_id);
	char a[CELL], b[CELL];

	text_add(t, "\n  Setup                           Local          Remote\n");
	line(t, "AS", number(a, neighbor_local_as(n)), up ? number(b, neighbor_peer_as(n)) : "n/a",
	    "");
	line(t, "ID", addr_print(&ours, a), up ? addr_print(&theirs, b) : "n/a", "");
	line(t, "hold-time", number(a, n->config->hold_time), up ? number(b, s->hold_time) : "n/a",
	    "");
}

/* Of the peer: what its OPEN offered. */
static void
capability(struct text *t, const struct neighbor *n, bool up, const char *name, enum cap_code code,
    bool local)
{
	bool theirs = n->state.offered[code >> 3] & 1u << (code & 7);

	line(t, name, able(true, local), able(up, theirs), "");
}

static void
capabilities(struct text *t, const struct neighbor *n, bool up)
{
	const struct config_capability *c = &n->config->capability;

	text_add(t, "\n  Capability                      Local          Remote\n");
	capability(t, n, up, "asn4:", CAP_ASN4, c->asn4);
	capability(t, n, up, "route-refresh:", CAP_ROUTE_REFRESH, c->route_refresh);
	capability(t, n, up, "multi-session:", CAP_MULTISESSION, c->multi_session);
	capability(t, n, up, "operational:", CAP_OPERATIONAL, c->operational);
	capability(t, n, up, "add-path:", CAP_ADD_PATH, c->add_path != 0);
	capability(t, n, up, "extended-message:", CAP_EXTENDED_MESSAGE, c->extended_message);
	capability(t, n, up, "graceful-restart:", CAP_GRACEFUL_RESTART, c->graceful_restart >= 0);
}

static void
families(struct text *t, const struct neighbor *n, bool up)
{
	uint32_t paths = n->state.add_path_receive | n->state.add_path_send;

	text_add(t, "\n  Families                        Local          Remote        Add-Path\n");
	for (enum family f = 0; f < FAMILIES; f++) {
		uint32_t bit = family_bit(f);
		char name[CELL];

		if (!(n->families & bit))
			continue;
		snprintf(name, sizeof name, "%s:", family_name(f));
		line(t, name, "enabled", able(up, n->state.families & bit),
		    able(true, up && (paths & bit)));
	}
}

static void
messages(struct text *t, const struct link_peer_state *s)
{
	const struct {
		const char *name;
		uint64_t sent, received;
	} rows[] = { { "open:", s->opens_out, s->opens_in },
		{ "notification:", s->notifications_out, s->notifications_in },
		{ "keepalive:", s->keepalives_out, s->keepalives_in },
		{ "update:", s->updates_out, s->updates_in },
		{ "refresh:", s->refreshes_out, s->refreshes_in },
		{ "total:", s->sent, s->received } };
	char a[CELL], b[CELL];

	text_add(t, "\n  Message Statistic                Sent        Received\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		line(t, rows[i].name, number(a, rows[i].sent), number(b, rows[i].received), "");
}

void
show42_extensive(struct text *t, const struct neighbor *n, const char *since, const char *state)
{
	bool up = neighbor_established(n);
	struct addr local = neighbor_local_address(n);
	char address[PREFIX_TEXT], own[ADDR_TEXT];

	text_printf(t, "Neighbor %s\n\n  Session                         Local\n",
	    neighbor_address(n, address));
	line(t, "local", local.family ? addr_print(&local, own) : "auto", "", "");
	line(t, "state", state, "", "");
	line(t, up ? "up for" : "down for", since, "", "");
	setup(t, n, up);
	capabilities(t, n, up);
	families(t, n, up);
	messages(t, &n->state);
	text_char(t, '\n');
}
