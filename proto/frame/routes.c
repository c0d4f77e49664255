/* The hot frame, written by hand beside its shape: messages of canonical routes. */
#include "proto/frame/routes.h"
#include "proto/frame/link.h"

/* --- writing --- */

void
routes_begin(struct routes_writer *w, struct pack *p)
{
	*w = (struct routes_writer){ .pack = p };
	frame_begin(p, FRAME_ROUTES);
	w->list = pack_begin_array(p);
}

bool
routes_empty(const struct routes_writer *w)
{
	return w->messages == 0;
}

void
routes_end(struct routes_writer *w)
{
	pack_end(w->pack, w->list, w->messages);
}

void
routes_message(struct routes_writer *w, bool one_peer, uint32_t peer, struct reader peers,
    uint32_t flags, uint32_t owner)
{
	struct pack *p = w->pack;

	pack_array(p, 6);
	if (one_peer)
		pack_uint(p, peer);
	else
		pack_bin(p, peers.at, peers.left);
	pack_uint(p, flags);
	pack_uint(p, owner);
	pack_nil(p);
	w->withdrawing = false;
	w->open_part = false;
	w->part_count = 0;
	w->parts = pack_begin_array(p);
}

static void
close_part(struct routes_writer *w)
{
	if (w->open_part)
		pack_bin_end(w->pack, w->bin);
	w->open_part = false;
}

/* The announces' list ends, the withdraws' begins. */
static void
turn_to_withdraws(struct routes_writer *w)
{
	close_part(w);
	if (w->withdrawing)
		return;
	pack_end(w->pack, w->parts, w->part_count);
	w->withdrawing = true;
	w->part_count = 0;
	w->parts = pack_begin_array(w->pack);
}

static void
put_value(struct pack *p, const struct route_value *value)
{
	pack_bin(p, value->next_hop.at, value->next_hop.left);
	pack_bin(p, value->attributes.at, value->attributes.left);
	pack_bin(p, value->raw.at, value->raw.left);
}

void
routes_announce(
    struct routes_writer *w, enum family family, bool path_ids, const struct route_value *value)
{
	struct pack *p = w->pack;

	close_part(w);
	pack_array(p, 6);
	pack_uint(p, family_code(family));
	pack_bool(p, path_ids);
	put_value(p, value);
	w->bin = pack_bin_begin(p);
	w->open_part = true;
	w->part_count++;
}

void
routes_withdraw(
    struct routes_writer *w, enum family family, bool path_ids, const struct route_value *value)
{
	struct pack *p = w->pack;
	bool keeps = value && (value->next_hop.left > 0 || value->attributes.left > 0 ||
				  value->raw.left > 0);

	turn_to_withdraws(w);
	pack_array(p, keeps ? 6 : 3);
	pack_uint(p, family_code(family));
	pack_bool(p, path_ids);
	if (keeps)
		put_value(p, value);
	/* the NLRI stand last in both forms, so that they can grow */
	w->bin = pack_bin_begin(p);
	w->open_part = true;
	w->part_count++;
}

void
routes_nlri(struct routes_writer *w, bool path_ids, uint32_t path_id, struct reader nlri)
{
	if (path_ids) {
		uint8_t id[4] = { (uint8_t)(path_id >> 24), (uint8_t)(path_id >> 16),
			(uint8_t)(path_id >> 8), (uint8_t)path_id };

		pack_raw(w->pack, id, sizeof id);
	}
	pack_raw(w->pack, nlri.at, nlri.left);
}

void
routes_message_end(struct routes_writer *w)
{
	turn_to_withdraws(w);
	pack_end(w->pack, w->parts, w->part_count);
	w->messages++;
}

static void
put_announce(
    struct routes_writer *w, const struct update_part *part, const struct route_value *value)
{
	routes_announce(w, part->family, part->path_ids, value);
	pack_raw(w->pack, part->nlri.at, part->nlri.left);
}

static void
put_withdraw(
    struct routes_writer *w, const struct update_part *part, const struct route_value *value)
{
	routes_withdraw(w, part->family, part->path_ids, value);
	pack_raw(w->pack, part->nlri.at, part->nlri.left);
}

void
routes_update(struct routes_writer *w, uint32_t peer, uint32_t flags, const struct update *u,
    struct reader original)
{
	const struct update_part end_of_rib = { .family = u->end_of_rib_family };
	const struct route_value beside = { .next_hop = u->next_hop, .attributes = u->attributes };

	if (u->worst == PENALTY_WITHDRAW)
		flags |= ROUTES_TREATED;
	if (u->end_of_rib)
		flags |= ROUTES_END_OF_RIB;
	pack_array(w->pack, 6);
	pack_uint(w->pack, peer);
	pack_uint(w->pack, flags);
	pack_uint(w->pack, 0);
	if (original.left > 0)
		pack_bin(w->pack, original.at, original.left);
	else
		pack_nil(w->pack);
	w->withdrawing = false;
	w->open_part = false;
	w->part_count = 0;
	w->parts = pack_begin_array(w->pack);
	for (unsigned i = 0; i < u->announces; i++) {
		struct route_value value = { .next_hop = u->announce[i].next_hop,
			.attributes = update_said(u, &u->announce[i]) };

		put_announce(w, &u->announce[i], &value);
	}
	for (unsigned i = 0; i < u->withdraws; i++)
		put_withdraw(w, &u->withdraw[i], i == 0 && u->announces == 0 ? &beside : NULL);
	if (u->end_of_rib)
		put_withdraw(w, &end_of_rib, NULL);
	routes_message_end(w);
}

/* --- reading --- */

struct routes_cursor
routes_open(const struct node *body)
{
	return (struct routes_cursor){ .list = body };
}

static struct reader
bin_of(const struct node *n)
{
	return node_kind(n) == NODE_BIN ? node_bytes(n) : (struct reader){ .failed = true };
}

/* Every octet of the block belongs to an attribute. */
static bool
framed(struct reader block)
{
	struct attr a;

	while (attrs_next(&block, &a))
		;
	return reader_done(&block);
}

static bool
nlri_sound(enum family family, bool path_ids, struct reader bin)
{
	struct nlri n;

	while (nlri_next(family, path_ids, &bin, &n))
		;
	return reader_done(&bin);
}

static enum family
family_at(const struct node *n)
{
	uint64_t code = node_uint(n, 0);

	return code > UINT32_MAX ? FAMILY_UNKNOWN : family_by_code((uint32_t)code);
}

/* Lengths that a route's value can have (route.h). */
static bool
value_sound(const struct route_value *v)
{
	size_t hop = v->next_hop.left;

	if (v->next_hop.failed || v->attributes.failed || v->raw.failed)
		return false;
	if (hop != 0 && hop != 4 && hop != 16 && hop != 32)
		return false;
	return v->attributes.left <= UINT16_MAX && v->raw.left <= UINT16_MAX &&
	       framed(v->attributes) && framed(v->raw);
}

/* 1 a part, 0 of a family that we do not know (skipped), -1 malformed. */
static int
part_of(const struct node *n, bool announce, struct routes_part *part)
{
	uint32_t count = node_count(n);
	bool valued = announce || count >= 6; /* a withdraw may keep one */
	uint32_t last = valued ? 5 : 2;

	*part = (struct routes_part){ 0 };
	if (node_kind(n) != NODE_ARRAY || count <= last)
		return -1;
	part->family = family_at(node_at(n, 0));
	part->path_ids = node_bool(node_at(n, 1), false);
	part->nlri = bin_of(node_at(n, last));
	if (valued) {
		part->value.next_hop = bin_of(node_at(n, 2));
		part->value.attributes = bin_of(node_at(n, 3));
		part->value.raw = bin_of(node_at(n, 4));
	}
	if (part->nlri.failed || !value_sound(&part->value))
		return -1;
	if (part->family == FAMILY_UNKNOWN || (!nlri_ops(part->family) && part->nlri.left > 0))
		return 0;
	if (!nlri_ops(part->family))
		return 1;
	return nlri_sound(part->family, part->path_ids, part->nlri) ? 1 : -1;
}

/* `first` tells whether the first of the list was taken, which the End-of-RIB is about. */
static int
parts_of(
    const struct node *list, bool announce, struct routes_part *out, uint8_t *count, bool *first)
{
	*count = 0;
	*first = false;
	if (node_kind(list) != NODE_ARRAY || node_count(list) > ROUTES_PARTS)
		return -1;
	for (uint32_t i = 0; i < node_count(list); i++) {
		int got = part_of(node_at(list, i), announce, &out[*count]);

		if (got < 0)
			return -1;
		*count = (uint8_t)(*count + got);
		*first = *first || (i == 0 && got > 0);
	}
	return 0;
}

int
routes_next(struct routes_cursor *c, struct routes_message *m, struct reason *why)
{
	const struct node *n, *peers, *original;
	bool first;

	if (c->at >= node_count(c->list) || node_kind(c->list) != NODE_ARRAY)
		return 0;
	n = node_at(c->list, c->at++);
	if (node_kind(n) != NODE_ARRAY || node_count(n) < 6)
		return reason_set(why, 0, 0, "message %u is no array of six", c->at);
	peers = node_at(n, 0);
	original = node_at(n, 3);
	m->one_peer = node_kind(peers) == NODE_UINT;
	m->peer = (uint32_t)node_uint(peers, 0);
	m->peers = m->one_peer ? (struct reader){ 0 } : bin_of(peers);
	m->flags = (uint32_t)node_uint(node_at(n, 1), 0);
	m->owner = (uint32_t)node_uint(node_at(n, 2), 0);
	m->original = node_kind(original) == NODE_BIN ? node_bytes(original) : (struct reader){ 0 };
	if (m->peers.failed || m->peers.left > LINK_PEERS_MAX / 8 + 1 ||
	    node_uint(peers, 0) > LINK_PEER_ANY)
		return reason_set(why, 0, 0, "message %u is for no peers", c->at);
	if (parts_of(node_at(n, 4), true, m->announce, &m->announces, &first) < 0)
		return reason_set(why, 0, 0, "message %u: an announce is malformed", c->at);
	if (parts_of(node_at(n, 5), false, m->withdraw, &m->withdraws, &first) < 0)
		return reason_set(why, 0, 0, "message %u: a withdraw is malformed", c->at);
	if (!first) /* of a family that we do not know */
		m->flags &= ~(uint32_t)ROUTES_END_OF_RIB;
	return 1;
}
