#include "controller/cli/retell.h"
#include <stdio.h>
#include <string.h>
#include "common/octets.h"
#include "controller/cli/cli.h"
#include "controller/cli/offline.h"
#include "controller/profile.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"

/* 0, or -1 with what is wrong. */
static int
make_value(const struct config_neighbor *n, const struct session_params *p,
    const struct route_draft *d, struct writer *value, struct reason *why)
{
	struct profile profile = { .local_as = p->local_as,
		.ibgp = params_ibgp(p),
		.member = p->member,
		.aigp = p->aigp };

	if (d->next_hop_self) {
		profile.self = profile_self(n->local, n->router_id, d->family);
		if (profile.self.family == 0) /* known when there is a session */
			profile.self = family_table[d->family].afi == AFI_IPV6
					   ? addr_of("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16)
					   : addr_v4(n->router_id);
	}
	return profile_value(&profile, d, value) < 0
		   ? reason_set(why, 0, 0, "its attributes are too long")
		   : 0;
}

/* What was read of the one message; -1 with what is wrong with it. */
static int
read_again(const struct octets *message, const struct session_params *p, struct update *u,
    struct reason *why)
{
	static uint8_t memory[UPDATE_SCRATCH];
	const struct message_limits limits = { .extended = p->extended_message };
	struct writer scratch = writer_of(memory, sizeof memory);
	struct message m;
	struct fault f = { 0 };

	if (message_parse(&m, octets_read(message), &limits, &f) <= 0 || m.length != message->len)
		return reason_set(why, 0, 0, "it makes no one message: %s", f.text);
	update_parse(u, m.body, p, &scratch);
	if (u->worst == PENALTY_RESET)
		return reason_set(why, 0, 0, "%s", u->fault.text);
	return u->complaints > 0 ? complaint_refuse(&u->complaint[0], why) : 0;
}

static void
print(enum family family, bool path_ids, const struct nlri *nlri, struct reader next_hop,
    struct reader attributes, struct text *t)
{
	struct route_value v = { .next_hop = next_hop, .attributes = attributes };

	text_clear(t);
	route_print(family, path_ids, nlri, &v, t);
}

/* An IPv4 next hop where the family writes it as one of IPv6 (::ffff:192.0.2.1). */
static struct reader
next_hop_of(const struct route_value *v, const struct update_part *read)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct reader hop = read->next_hop, head = reader_sub(&hop, sizeof mapped);

	return v->next_hop.left == 4 && reader_equal(head, reader_of(mapped, sizeof mapped))
		   ? hop
		   : read->next_hop;
}

/* Typed by number, attributes come back by name, and only the NLRI is compared. */
static int
compare(const struct route_draft *d, const struct nlri *nlri, const struct route_value *v,
    const struct update *u, struct reason *why)
{
	const struct update_part *part = &u->announce[0];
	struct reader bin = part->nlri, none = { 0 };
	struct text told = { 0 }, read = { 0 };
	struct nlri again = { 0 };
	bool raw = v->raw.left > 0, same;
	struct nlri first = *nlri;

	if (u->announces != 1 || part->family != d->family ||
	    !nlri_next(d->family, part->path_ids, &bin, &again) || bin.left > 0)
		return reason_set(
		    why, 0, 0, "it is not read as one route of %s", family_name(d->family));
	if (!part->path_ids)
		first.path_id = 0;
	print(d->family, part->path_ids, &first, raw ? none : v->next_hop,
	    raw ? none : v->attributes, &told);
	print(d->family, part->path_ids, &again, raw ? none : next_hop_of(v, part),
	    raw ? none : u->attributes, &read);
	same = strcmp(text_str(&told), text_str(&read)) == 0;
	if (!same)
		reason_set(
		    why, 0, 0, "told: %.180s; read: %.180s", text_str(&told), text_str(&read));
	text_fini(&told);
	text_fini(&read);
	return same ? 0 : -1;
}

/* Of the pieces that a route is split into each. */
static int
route(const struct config_neighbor *n, const struct session_params *p, const struct route_draft *d,
    struct reason *why)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer value = writer_of(memory, sizeof memory);
	uint8_t piece[ROUTE_PIECE_MAX];
	struct octets message = { 0 };
	struct route_value v;
	uint64_t state = 0;
	struct nlri nlri;
	struct update u;
	int ok = make_value(n, p, d, &value, why);

	v = route_value_of(writer_read(&value));
	while (ok == 0 && route_draft_next(d, &state, piece, &nlri)) {
		octets_clear(&message);
		if (update_announce(&message, p, d->family, &v, &nlri, 1) < 0)
			ok = reason_set(why, 0, 0,
			    "its attributes or next hop fit into no message of this session");
		else if ((ok = read_again(&message, p, &u, why)) == 0)
			ok = compare(d, &nlri, &v, &u, why);
	}
	octets_fini(&message);
	return ok;
}

static size_t
neighbor(const struct config_neighbor *n, size_t *good)
{
	struct offline as_configured = { .file = n->file };
	struct session_params p;
	size_t bad = 0;

	if (offline_params(&as_configured, n, &p) >= 0)
		return 0;
	for (size_t i = 0; i < n->route_count; i++) {
		const struct config_route *r = &n->routes[i];
		struct reason why = { 0 };

		if (route(n, &p, &r->draft, &why) == 0) {
			++*good;
			continue;
		}
		bad++;
		cli_fail(0, "%s:%u:%u: %s", r->file, r->line, r->column, why.text);
	}
	return bad;
}

size_t
retell(const struct config *c, size_t *good)
{
	size_t bad = 0;

	*good = 0;
	for (size_t i = 0; i < c->neighbor_count; i++)
		bad += neighbor(c->neighbors[i], good);
	return bad;
}
