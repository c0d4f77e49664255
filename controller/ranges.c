#include "controller/ranges.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"

enum {
	SECOND = 1000000,
	UNUSED = 30 * SECOND,
	NEIGHBORS_MOST =
	    LINK_PEERS_MAX / 4 /* whoever may connect from a range has no more of the numbers */
};

static struct neighbor *
make(struct controller *c, struct speaker_entry *s, const struct config_neighbor *range,
    const struct addr *address)
{
	static struct log_limit complaints;

	if (c->neighbor_count >= NEIGHBORS_MOST) {
		if (log_allow(&complaints, 1))
			log_warning("neighbor",
			    "there are %u: who else connects from a range is left out",
			    c->neighbor_count);
		return NULL;
	}
	neighbor_create(c, config_neighbor_at(range, address));
	return neighbor_by_address(s, address);
}

static void
leave(void *self)
{
	struct neighbor *n = self;

	neighbor_delete(n, "its connection has ended");
}

static void
leave_in(struct neighbor *n, uint64_t microseconds)
{
	struct loop *loop = n->controller->loop;

	n->leaving.fire = leave;
	n->leaving.self = n;
	loop_timer_set(loop, &n->leaving, loop_now(loop) + microseconds);
}

void
range_arrival(struct neighbor *range, const struct addr *address)
{
	struct neighbor *n = neighbor_by_address(range->speaker, address);

	if (!config_is_range(range->config) || !prefix_holds(&range->config->peer, address))
		return;
	if (!n)
		n = make(range->controller, range->speaker, range->config, address);
	if (n && n->config->of_range && !n->up)
		leave_in(n, UNUSED);
}

struct neighbor *
range_adopt(struct speaker_entry *s, const struct link_peer_state *state)
{
	struct controller *c = s->controller;
	const struct config_neighbor *range;
	struct neighbor *n;

	if (state->range || state->state < PEER_OPEN_SENT || !c->config)
		return NULL;
	range = config_range(c->config, c->config->speaker_count ? s->name : NULL, &state->address);
	n = range ? make(c, s, range, &state->address) : NULL;
	if (n)
		leave_in(n, UNUSED);
	return n;
}

/* A peer that has agreed on a graceful restart may be back soon, and what it said stands until then. */
void
range_state(struct neighbor *n, const struct link_peer_state *before)
{
	const struct link_peer_state *now = &n->state;
	bool graceful = before->state == PEER_ESTABLISHED && before->graceful;
	uint64_t wait = graceful ? (uint64_t)n->peer.graceful_time * SECOND : 1;

	if (!n->config->of_range)
		return;
	if (now->state == PEER_ESTABLISHED)
		loop_timer_stop(n->controller->loop, &n->leaving);
	else if (before->state >= PEER_OPEN_SENT && now->state < PEER_OPEN_SENT)
		leave_in(n, wait);
}

void
range_forget(struct neighbor *n)
{
	loop_timer_stop(n->controller->loop, &n->leaving);
}

void
ranges_carry(struct controller *c, struct config *config)
{
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		const struct config_neighbor *range;

		if (!n->config->of_range ||
		    config_neighbor(config, n->config->speaker, &n->config->peer))
			continue;
		range = config_range(config, n->config->speaker, &n->peer.address);
		if (range)
			config_add_neighbor(config, config_neighbor_at(range, &n->peer.address));
	}
}
