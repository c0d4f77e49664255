/* A peer as the link tells it to the controller. */
#include "speaker/peer.h"
#include <stdio.h>
#include <string.h>
#include "proto/bgp/message.h"
#include "speaker/advertise.h"
#include "speaker/limit.h"
#include "speaker/rib_in.h"
#include "speaker/rib_in_kept.h"
#include "speaker/session.h"

static void
put_offered(struct link_peer_state *s, const struct caps *c)
{
	for (unsigned code = 0; code < 256; code++)
		if (caps_have(c, (enum cap_code)code))
			s->offered[code >> 3] |= (uint8_t)(1u << (code & 7));
	for (unsigned i = 0; i < c->unknown_count; i++)
		s->offered[c->unknown[i].code >> 3] |= (uint8_t)(1u << (c->unknown[i].code & 7));
	memcpy(s->host_name, c->host_name, sizeof s->host_name);
	memcpy(s->domain_name, c->domain_name, sizeof s->domain_name);
	memcpy(s->software, c->software, sizeof s->software);
}

/* The connection that is about to be the session: both OPENs are there. */
static const struct session *
agreed(const struct peer *peer)
{
	if (peer->incoming && session_state(peer->incoming) == PEER_OPEN_CONFIRM)
		return peer->incoming;
	if (peer->outgoing && session_state(peer->outgoing) == PEER_OPEN_CONFIRM)
		return peer->outgoing;
	return NULL;
}

static void
put_agreed(struct link_peer_state *s, const struct session *session, const struct session_params *p,
    const struct caps *theirs)
{
	session_local(session, &s->local, &s->local_port, &s->peer_port);
	s->local_as = p->local_as;
	s->peer_as = p->peer_as;
	s->local_id = p->local_id;
	s->hold_time = p->hold_time;
	s->asn4 = p->asn4;
	s->extended_message = p->extended_message;
	s->enhanced_refresh = p->enhanced_refresh;
	s->refresh = p->refresh;
	s->operational = p->operational;
	s->multisession = p->multisession;
	s->graceful = p->graceful;
	s->graceful_notification = p->graceful_notification;
	s->restart_time = p->graceful ? theirs->graceful.time : 0;
	for (int f = 0; p->long_lived && f < FAMILIES; f++)
		if (theirs->long_lived.time[f] > 0)
			s->long_lived |=
			    family_bit((enum family)f) & p->families & theirs->long_lived.families;
	put_offered(s, theirs);
	s->families = p->families;
	s->add_path_send = p->add_path_send;
	s->nexthop6 = p->nexthop6;
}

void
peer_state_of(const struct peer *peer, struct link_peer_state *s)
{
	uint64_t now = loop_now(peer->speaker->loop);
	const struct session *soon = agreed(peer);
	const struct session_params *p = &peer->params;

	memset(s, 0, sizeof *s);
	s->peer = peer->config.peer;
	s->address = peer->config.address;
	s->range = peer->config.range;
	s->only = peer->config.only;
	s->apart = peer->config.apart;
	s->state = (uint8_t)peer->state;
	snprintf(s->why, sizeof s->why, "%s", peer->why);
	s->notify_code = peer->notify_code;
	s->notify_subcode = peer->notify_subcode;
	s->notify_sent = peer->notify_sent;
	s->session = peer->session_number;
	s->since = (now - peer->since) / 1000;
	s->exhausted = peer->exhausted;
	if (peer->retry.at > now)
		s->retry = (peer->retry.at - now) / 1000;
	if (peer->in) {
		s->stale = peer->in->kept;
		s->stale_long = peer->in->kept_long;
		s->stale_left = rib_in_kept_left(peer->in);
		s->add_path_receive = peer->in->path_ids;
		s->prefixes_in = peer->in->count;
		s->peer_id = p->peer_id; /* what it said is compared by that as before */
	}
	s->received = peer->messages_in;
	s->sent = peer->messages_out;
	s->updates_in = peer->updates_in;
	s->updates_out = peer->updates_out;
	s->opens_in = peer->types_in[MESSAGE_OPEN];
	s->opens_out = peer->types_out[MESSAGE_OPEN];
	s->notifications_in = peer->types_in[MESSAGE_NOTIFICATION];
	s->notifications_out = peer->types_out[MESSAGE_NOTIFICATION];
	s->keepalives_in = peer->types_in[MESSAGE_KEEPALIVE];
	s->keepalives_out = peer->types_out[MESSAGE_KEEPALIVE];
	s->refreshes_in = peer->types_in[MESSAGE_REFRESH];
	s->refreshes_out = peer->types_out[MESSAGE_REFRESH];
	if (peer->session)
		put_agreed(s, peer->session, p, &peer->open_received.caps);
	else if (soon)
		put_agreed(s, soon, session_params(soon), &session_open_received(soon)->caps);
	/* what is kept of the session before it, is read and compared as that one had it */
	if (soon && !peer->session && !peer->in)
		p = session_params(soon);
	if (peer->session || (soon && !peer->in)) {
		s->peer_id = p->peer_id;
		s->add_path_receive = p->add_path_receive;
	}
	s->prefixes_out = peer->out ? peer->out->advertised : 0;
	if (peer->out)
		limits_state(peer->out, s);
}
