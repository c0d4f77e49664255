#include "controller/api/sent.h"
#include "controller/config/config.h"
#include <string.h>
#include "proto/bgp/update.h"

/* What we send is what the peer receives. */
static struct session_params
params_of(const struct link_peer_state *s, bool member)
{
	return (struct session_params){ .local_as = s->peer_as,
		.member = member,
		.peer_as = s->local_as,
		.asn4 = s->asn4,
		.extended_message = s->extended_message,
		.aigp = true,
		.families = s->families,
		.add_path_receive = s->add_path_send,
		.nexthop6 = s->nexthop6 };
}

struct session_params
sent_params(const struct neighbor *n)
{
	struct session_params p = params_of(&n->state, n->config->member);

	p.local_as = n->state.local_as;
	p.peer_as = n->state.peer_as;
	p.add_path_send = n->state.add_path_send;
	p.role = n->peer.role;
	p.aigp = n->peer.aigp;
	return p;
}

static struct routes_part
part_of(const struct update_part *p)
{
	return (
	    struct routes_part){ .family = p->family, .path_ids = p->path_ids, .nlri = p->nlri };
}

int
sent_update(const struct neighbor *n, struct reader body, struct routes_message *m)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update u;
	struct session_params params = params_of(&n->state, n->config->member);
	struct writer scratch = writer_of(memory, sizeof memory);

	params.offline = true; /* we have written it: all of it is told */
	update_parse(&u, body, &params, &scratch);
	if (u.worst == PENALTY_RESET)
		return -1;
	memset(m, 0, offsetof(struct routes_message, announce));
	m->announces = m->withdraws = 0;
	m->one_peer = true;
	for (unsigned i = 0; i < u.announces; i++) {
		struct routes_part *part = &m->announce[m->announces++];

		*part = part_of(&u.announce[i]);
		part->value.attributes = u.attributes;
		part->value.next_hop = u.announce[i].next_hop;
	}
	for (unsigned i = 0; i < u.withdraws; i++)
		m->withdraw[m->withdraws++] = part_of(&u.withdraw[i]);
	if (m->announces == 0)
		m->withdraw[0].value =
		    (struct route_value){ .next_hop = u.next_hop, .attributes = u.attributes };
	if (u.end_of_rib) {
		m->flags |= ROUTES_END_OF_RIB;
		m->withdraw[0] = (struct routes_part){ .family = u.end_of_rib_family };
		m->withdraws = 1;
	}
	return 0;
}
