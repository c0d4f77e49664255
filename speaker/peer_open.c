/* The OPEN that a peer is sent, and what both OPENs agree on together with its configuration. */
#include "speaker/peer.h"
#include <string.h>
#include "speaker/session.h"

/* RFC 4724 section 3, the R bit: this process is younger than what the peer keeps of the one before it, and has not
 * told this peer everything yet. */
static bool
has_restarted(const struct peer *peer)
{
	const struct speaker *s = peer->speaker;

	return !peer->told_all &&
	       loop_now(s->loop) - s->started < peer->config.graceful_time * UINT64_C(1000000);
}

void
peer_open(const struct peer *peer, struct open *o)
{
	const struct link_peer *c = &peer->config;
	struct caps *caps = &o->caps;

	memset(o, 0, sizeof *o);
	o->version = 4;
	o->asn = c->local_as;
	o->hold_time = c->hold_time;
	o->router_id = c->router_id;
	caps->families = c->families;
	caps_add(caps, CAP_MULTIPROTOCOL);
	if (!c->no_asn4) {
		caps_add(caps, CAP_ASN4);
		caps->asn4 = c->local_as;
	}
	if (c->nexthop) {
		caps_add(caps, CAP_NEXTHOP);
		caps->nexthop6 = c->nexthop6;
	}
	memcpy(caps->add_path, c->add_path, sizeof caps->add_path);
	memcpy(caps->paths_limit, c->paths_limit, sizeof caps->paths_limit);
	for (int f = 0; f < FAMILIES; f++) {
		if (c->add_path[f])
			caps_add(caps, CAP_ADD_PATH);
		if (c->paths_limit[f])
			caps_add(caps, CAP_PATHS_LIMIT);
	}
	if (c->graceful) {
		caps_add(caps, CAP_GRACEFUL_RESTART);
		caps->graceful.time = c->graceful_time;
		caps->graceful.families = caps->graceful.forwarding = c->families;
		if (has_restarted(peer))
			caps->graceful.flags |= GRACEFUL_RESTARTED;
		if (c->graceful_notification)
			caps->graceful.flags |= GRACEFUL_NOTIFICATION;
	}
	if (c->graceful && c->long_lived_time > 0) {
		caps_add(caps, CAP_LONG_LIVED);
		caps->long_lived.families = caps->long_lived.forwarding = c->families;
		for (int f = 0; f < FAMILIES; f++)
			caps->long_lived.time[f] = c->long_lived_time;
	}
	if (c->refresh) {
		caps_add(caps, CAP_ROUTE_REFRESH);
		caps_add(caps, CAP_ENHANCED_REFRESH);
	}
	if (c->operational)
		caps_add(caps, CAP_OPERATIONAL);
	if (!c->no_extended_message)
		caps_add(caps, CAP_EXTENDED_MESSAGE);
	if (c->host_name[0]) {
		caps_add(caps, CAP_HOSTNAME);
		memcpy(caps->host_name, c->host_name, sizeof caps->host_name);
		memcpy(caps->domain_name, c->domain_name, sizeof caps->domain_name);
	}
	if (c->software[0]) {
		caps_add(caps, CAP_SOFTWARE_VERSION);
		memcpy(caps->software, c->software, sizeof caps->software);
	}
	/* of sessions between two ASes (RFC 9234 section 4.1) */
	if (c->local_as != 0 && c->local_as != c->peer_as && !c->member)
		caps->role = c->role;
	if (c->link_local_nexthop)
		caps_add(caps, CAP_LINK_LOCAL_NEXTHOP);
	if (c->multisession)
		caps_add(caps, CAP_MULTISESSION);
}

void
peer_needs(const struct peer *peer, uint8_t codes[PEER_NEEDS])
{
	const struct link_peer *c = &peer->config;

	if (c->need_asn4)
		*codes++ = CAP_ASN4;
	if (c->need_extended_message)
		*codes++ = CAP_EXTENDED_MESSAGE;
	if (c->need_refresh)
		*codes++ = CAP_ROUTE_REFRESH;
	*codes = 0;
}

void
peer_agree(const struct peer *peer, const struct session *session, struct session_params *p,
    const struct open *ours, const struct open *theirs)
{
	uint16_t port, other;

	params_negotiate(p, ours, theirs);
	p->group = (enum group_updates)peer->config.group;
	p->member = peer->config.member;
	p->aigp = peer->config.aigp || params_inside(p);
	p->role = params_inside(p) ? 0 : peer->config.role;
	p->link_local = (struct addr){ 0 };
	if (p->link_local_nexthop && peer->config.ttl_out <= 1) /* the peer is on our link */
		p->link_local = peer->config.link_local;
	session_local(session, &p->local_address, &port, &other);
}
