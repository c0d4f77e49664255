#include "controller/api/event.h"
#include <string.h>
#include "common/clock.h"
#include "controller/api/encoder.h"
#include "controller/fleet.h"
#include "controller/rib/decider.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"

static void
begin(struct tree *t, const struct neighbor *n, const char *type)
{
	char address[ADDR_TEXT];

	tree_map(t);
	tree_key(t, "type");
	tree_text(t, type);
	tree_key(t, "time");
	tree_real(t, clock_wall());
	if (!n)
		return;
	tree_key(t, "speaker");
	tree_text(t, n->speaker->name);
	tree_key(t, "neighbor");
	tree_text(t, addr_print(&n->peer.address, address));
}

static void
begin_message(struct tree *t, const struct neighbor *n, bool live)
{
	begin(t, n, "update");
	tree_key(t, "live");
	tree_bool(t, live);
	tree_key(t, "message");
	tree_map(t);
}

static void
end_message(struct tree *t)
{
	tree_map_end(t);
	tree_map_end(t);
}

static void
families(struct tree *t, uint32_t bits)
{
	tree_list(t);
	for (int f = 0; f < FAMILIES; f++)
		if (bits & family_bit((enum family)f))
			tree_text(t, family_name((enum family)f));
	tree_list_end(t);
}

void
event_state(struct tree *t, const struct neighbor *n, const char *state, const char *reason,
    uint64_t session)
{
	begin(t, n, "state");
	tree_key(t, "state");
	tree_text(t, state);
	if (reason && reason[0]) {
		tree_key(t, "reason");
		tree_text(t, reason);
	}
	tree_key(t, "session");
	tree_uint(t, session);
	if (n->known && n->state.stale) {
		tree_key(t, "stale");
		families(t, n->state.stale);
	}
	tree_map_end(t);
}

void
event_mark(struct tree *t, const struct neighbor *n, const char *type)
{
	begin(t, n, type);
	tree_map_end(t);
}

void
event_lagged(struct tree *t, const struct neighbor *n, uint64_t skipped)
{
	begin(t, n, "lagged");
	tree_key(t, "skipped");
	tree_uint(t, skipped);
	tree_map_end(t);
}

bool
event_path_ids(const struct neighbor *n, enum family f)
{
	return n->state.add_path_receive & family_bit(f);
}

const char *
event_next_hop(enum family f, struct reader next_hop, char out[ADDR_TEXT])
{
	/* a link-local address behind the global one (RFC 2545) is not part of the name */
	struct addr a = addr_of(next_hop.at, next_hop.left == 32 ? 16 : next_hop.left);

	if (a.family == 0)
		return family_table[f].no_hop ? "no-nexthop" : "null";
	return addr_print(&a, out);
}

static bool
is_flow(enum family f)
{
	return f == IPV4_FLOW || f == IPV4_FLOW_VPN || f == IPV6_FLOW || f == IPV6_FLOW_VPN;
}

static bool
is_unicast(enum family f)
{
	return f == IPV4_UNICAST || f == IPV6_UNICAST;
}

/* As nlri_tree tells it, for most of all routes at once. */
static void
one_prefix(struct tree *t, enum family f, struct reader octets)
{
	struct prefix p = { .addr.family = f == IPV4_UNICAST ? 4 : 6, .len = reader_u8(&octets) };
	char out[PREFIX_TEXT];

	if (octets.left > 0 && octets.left <= sizeof p.addr.bytes)
		memcpy(p.addr.bytes, octets.at, octets.left);
	tree_single(t, "nlri", sizeof "nlri" - 1, out, prefix_print_len(&p, out));
}

/* Before ExaBGP 6 a flow had its next hop among its own members too. */
static void
one_nlri(struct tree *t, enum family f, bool path_ids, const struct nlri *nlri,
    struct reader next_hop, unsigned version)
{
	char hop[ADDR_TEXT];

	if (is_unicast(f) && !path_ids) {
		one_prefix(t, f, nlri->octets);
		return;
	}
	tree_map(t);
	(version == API_42 ? nlri_tree_42 : nlri_tree)(f, path_ids, nlri, next_hop, t);
	if (version != API_6 && is_flow(f) && next_hop.left > 0)
		tree_put_text(t, "next-hop", event_next_hop(f, next_hop, hop));
	tree_map_end(t);
}

static void
attributes(struct tree *t, struct reader block)
{
	if (block.left == 0)
		return;
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(block, t);
	tree_map_end(t);
}

/* --- a message as it came --- */

static void
compact_nlri(struct tree *t, enum family f, const struct nlri *nlri)
{
	struct text prefix = { 0 };

	nlri_ops(f)->print(nlri->octets, &prefix);
	tree_text(t, text_str(&prefix));
	text_fini(&prefix);
}

static void
part_nlri(struct tree *t, const struct routes_part *p, const struct event_form *how)
{
	struct reader bin = p->nlri;
	struct nlri nlri;

	while (nlri_next(p->family, p->path_ids, &bin, &nlri))
		if (how->compact && !p->path_ids && is_unicast(p->family))
			compact_nlri(t, p->family, &nlri);
		else
			one_nlri(t, p->family, p->path_ids, &nlri, p->value.next_hop, how->version);
}

/* Is part i the first of its family (and, when asked, next hop)? */
static bool
is_first(const struct routes_part *parts, unsigned i, bool by_next_hop)
{
	for (unsigned k = 0; k < i; k++)
		if (parts[k].family == parts[i].family &&
		    (!by_next_hop ||
			reader_equal(parts[k].value.next_hop, parts[i].value.next_hop)))
			return false;
	return true;
}

static void
announced(
    struct tree *t, const struct routes_part *parts, unsigned count, const struct event_form *how)
{
	char hop[ADDR_TEXT];

	tree_key(t, "announce");
	tree_map(t);
	for (unsigned f = 0; f < count; f++) {
		if (!is_first(parts, f, false))
			continue;
		tree_key(t, family_name(parts[f].family));
		tree_map(t);
		for (unsigned h = f; h < count; h++) {
			if (parts[h].family != parts[f].family || !is_first(parts, h, true))
				continue;
			tree_key(t, event_next_hop(parts[h].family, parts[h].value.next_hop, hop));
			tree_list(t);
			for (unsigned i = h; i < count; i++)
				if (parts[i].family == parts[f].family &&
				    reader_equal(parts[i].value.next_hop, parts[h].value.next_hop))
					part_nlri(t, &parts[i], how);
			tree_list_end(t);
		}
		tree_map_end(t);
	}
	tree_map_end(t);
}

static void
withdrawn(
    struct tree *t, const struct routes_part *parts, unsigned count, const struct event_form *how)
{
	tree_key(t, "withdraw");
	tree_map(t);
	for (unsigned f = 0; f < count; f++) {
		if (!is_first(parts, f, false))
			continue;
		tree_key(t, family_name(parts[f].family));
		tree_list(t);
		for (unsigned i = f; i < count; i++)
			if (parts[i].family == parts[f].family)
				part_nlri(t, &parts[i], how);
		tree_list_end(t);
	}
	tree_map_end(t);
}

void
event_parts(struct tree *t, const struct routes_message *m, const struct event_form *how)
{
	if (m->announces > 0)
		announced(t, m->announce, m->announces, how);
	if (m->withdraws > 0)
		withdrawn(t, m->withdraw, m->withdraws, how);
}

static void
end_of_rib(struct tree *t, enum family f)
{
	tree_key(t, "eor");
	tree_map(t);
	tree_key(t, "afi");
	tree_text(t, family_table[f].afi_name);
	tree_key(t, "safi");
	tree_text(t, family_table[f].safi_name);
	tree_map_end(t);
}

void
event_message(struct tree *t, const struct neighbor *n, const struct routes_message *m)
{
	if ((m->flags & ROUTES_END_OF_RIB) && m->withdraws > 0) {
		event_end_of_rib(t, n, m->withdraw[0].family, !(m->flags & ROUTES_REPLAY));
		return;
	}
	begin_message(t, n, !(m->flags & ROUTES_REPLAY));
	tree_key(t, "update");
	tree_map(t);
	if (m->announces > 0)
		attributes(t, m->announce[0].value.attributes);
	event_parts(t, m, &(struct event_form){ .version = API_6 });
	tree_map_end(t);
	tree_map_end(t);
	if (m->flags & ROUTES_TREATED) {
		tree_key(t, "treat-as-withdraw");
		tree_bool(t, true);
	}
	tree_map_end(t);
}

void
event_end_of_rib(struct tree *t, const struct neighbor *n, enum family f, bool live)
{
	begin_message(t, n, live);
	end_of_rib(t, f);
	end_message(t);
}

/* --- from the table --- */

static void
group_nlri(struct tree *t, bool path_ids, enum family f, struct ledger *l, const struct slice *s,
    const struct slice_group *g, struct reader next_hop)
{
	tree_list(t);
	for (uint16_t i = g->first; i != SLICE_END; i = s->next[i]) {
		struct nlri nlri = { ledger_path_id(l, s->entry[i]), ledger_key(l, s->entry[i]) };

		one_nlri(t, f, path_ids || nlri.path_id != 0, &nlri, next_hop, API_6);
	}
	tree_list_end(t);
}

void
event_group(struct tree *t, const struct neighbor *n, enum family f, struct ledger *l,
    const struct slice *s, const struct slice_group *g)
{
	const struct ledger_entry *first = s->entry[g->first];
	struct route_value v = route_value_of(blob_read(ledger_value(first)));
	bool path_ids = event_path_ids(n, f);
	char hop[ADDR_TEXT];

	begin_message(t, n, false);
	tree_key(t, "update");
	tree_map(t);
	if (!first->mark)
		attributes(t, v.attributes);
	tree_key(t, first->mark ? "withdraw" : "announce");
	tree_map(t);
	tree_key(t, family_name(f));
	if (!first->mark) {
		tree_map(t);
		tree_key(t, event_next_hop(f, v.next_hop, hop));
	}
	group_nlri(t, path_ids, f, l, s, g, first->mark ? (struct reader){ 0 } : v.next_hop);
	if (!first->mark)
		tree_map_end(t);
	tree_map_end(t);
	tree_map_end(t);
	end_message(t);
}

/* --- a question --- */

void
event_ask(struct tree *t, const struct ask *a, bool whole)
{
	char address[ADDR_TEXT];

	begin(t, a->neighbor, "ask");
	tree_put_uint(t, "number", a->number);
	tree_put_uint(t, "version", a->version);
	if (a->to)
		tree_put_text(t, "to", addr_print(&a->to->peer.address, address));
	tree_put_text(t, "family", family_name(a->family));
	tree_key(t, "nlri");
	one_nlri(t, a->family, a->nlri.path_id != 0, &a->nlri, a->value.next_hop, API_6);
	tree_put_text(t, "next-hop", event_next_hop(a->family, a->value.next_hop, address));
	if (whole)
		attributes(t, a->value.attributes);
	tree_key(t, "wire");
	tree_bin(t, a->value.attributes.at, a->value.attributes.left);
	tree_map_end(t);
}
