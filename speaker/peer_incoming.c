/* Whom an accepted connection is for, and whether it gets further: by address, by key, by TTL, by its OPEN. */
#include "speaker/peer_inner.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "common/tcp.h"
#include "speaker/arrivals.h"
#include "speaker/session.h"

/* Of several sessions with one peer, one that has none yet: its OPEN will say which it is for. */
static unsigned
rank(const struct peer *p, const struct addr *to)
{
	bool ours = addr_equal(&p->config.local, to);

	if (!ours && p->config.local.family != 0)
		return 0;
	return 1 + (p->config.only == 0 || (!p->incoming && !p->session)) + 2 * ours;
}

/* Who is for this of our addresses comes before who is for any. */
static struct peer *
peer_of_connection(struct speaker *s, const struct addr *from, const struct addr *to)
{
	struct index_walk w = { 0 };
	struct peer *p, *best = NULL;

	while ((p = peer_at(s, from, &w)))
		if (rank(p, to) > (best ? rank(best, to) : 0))
			best = p;
	return best;
}

/* --- several sessions with one peer --- */

static struct peer *
sibling_for(const struct peer *peer, uint32_t families)
{
	struct index_walk w = { 0 };
	struct peer *p, *best = NULL;

	while ((p = peer_at(peer->speaker, &peer->config.address, &w)))
		if (p->config.only != 0 && addr_equal(&p->config.local, &peer->config.local) &&
		    (p->config.families & families) && (!best || p->config.families == families))
			best = p;
	return best;
}

/* It has not got its session: as if the connection had not been. */
static void
gave_up(struct peer *peer)
{
	peer->incoming = NULL;
	if (peer->tried > 0)
		peer->tried--;
	if (peer->session || peer->outgoing)
		return;
	if (peer->config.passive)
		peer_wait(peer);
	else if (peer->retry.at == 0)
		peer_dial_later(peer);
}

enum peer_move
peer_session_for(struct peer **peer, struct session *s, const struct open *theirs, struct fault *f)
{
	uint32_t families = caps_have(&theirs->caps, CAP_MULTIPROTOCOL) ? theirs->caps.families
									: family_bit(IPV4_UNICAST);
	struct peer *from = *peer, *to;

	if (!from->config.multisession)
		return PEER_STAYS;
	if (!caps_have(&theirs->caps, CAP_MULTISESSION)) {
		fault_set(
		    f, NOTIFY_OPEN, OPEN_GROUPING_REQUIRED, NULL, 0, "it has no multi-session");
		return PEER_NONE;
	}
	if (from->config.only == 0)
		return PEER_STAYS;
	to = session_incoming(s) ? sibling_for(from, families) : from;
	if (!to || !(to->config.families & families)) {
		fault_set(f, NOTIFY_OPEN, OPEN_GROUPING_CONFLICT, NULL, 0,
		    "there is no session of ours for its families");
		return PEER_NONE;
	}
	if (to == from)
		return PEER_STAYS;
	if (to->session || to->incoming || peer_barred(to) || to->removing)
		return PEER_TAKEN;
	gave_up(from);
	to->incoming = s;
	*peer = to;
	return PEER_STAYS;
}

/* --- the door --- */

static bool
is_signed_by_ao(struct peer *peer, int fd)
{
	if (tcp_ao_only(fd, &peer->config.ao) == 0)
		return true;
	if (log_allow(&peer->complaints, 2))
		log_error(peer->name,
		    "its connection is refused: it is not signed with the TCP-AO key %u",
		    peer->config.ao.id);
	return false;
}

/* The door has the peer's key, or the kernel refused it: then, and when the connection came to a door before the
 * key did, nobody who does not sign gets further. */
static bool
is_signed(struct peer *peer, int fd)
{
	if (peer->config.tcp_ao)
		return is_signed_by_ao(peer, fd);
	if (peer->config.md5[0] == '\0' ||
	    tcp_listen_key(fd, &peer->config.address, 0, peer->config.md5) == 0)
		return true;
	if (log_allow(&peer->complaints, 2))
		log_error(peer->name, "its connection is refused: MD5 key: %s", strerror(errno));
	return false;
}

/* RFC 5082. The kernel drops what comes from too far once the accepted socket is told so, which is after the first
 * octets may have come: those are dropped with their connection. */
static bool
is_near(struct peer *peer, int fd)
{
	int ttl = peer->config.ttl_in > 0 ? tcp_syn_ttl(fd) : -1;

	if (ttl < 0 || ttl >= peer->config.ttl_in)
		return true;
	if (log_allow(&peer->complaints, 2))
		log_warning(peer->name, "its connection is refused: TTL %d, less than %d", ttl,
		    peer->config.ttl_in);
	return false;
}

/* RFC 4724 section 4.2: a peer that keeps its routes over a restart and connects while its session stands has
 * restarted, and the end of the session got lost. Right after a session came up it is the other connection of a
 * collision: to end both would be to begin again for ever. */
static bool
has_come_anew(const struct peer *peer)
{
	return peer->params.graceful && peer->open_received.caps.graceful.families != 0 &&
	       loop_now(peer->speaker->loop) - peer->since >= SHORT_SESSION;
}

void
peer_incoming(struct speaker *s, int fd, const struct addr *from, const struct addr *to)
{
	static struct log_limit strangers;
	struct peer *peer = peer_of_connection(s, from, to);
	struct session *old;
	char text[ADDR_TEXT];

	if (!peer && arrivals_hold(s->arrivals, fd, from, to))
		return;
	if (!peer) {
		if (log_allow(&strangers, 2))
			log_info("listener", "connection from %s, which is no neighbor",
			    addr_print(from, text));
		close(fd);
		return;
	}
	if (peer->removing || peer_barred(peer) || loop_now(s->loop) < peer->held ||
	    (peer_spent(peer) && !peer->incoming && !peer->outgoing) || !is_signed(peer, fd) ||
	    !is_near(peer, fd)) {
		close(fd);
		return;
	}
	if (peer->session && has_come_anew(peer))
		session_lost(peer->session, "the peer has connected anew");
	old = peer->incoming;
	if (old && old != peer->session && session_state(old) == PEER_OPEN_SENT) {
		/* it never got further: the peer has given it up, and tries anew in its stead */
		if (!peer->outgoing && peer->tried > 0)
			peer->tried--;
		session_collide(old);
		old = peer->incoming;
	}
	if (old || peer->session) {
		struct session *extra = session_accept(peer, fd);

		session_start(extra);
		session_collide(extra);
		return;
	}
	if (!peer->outgoing) {
		peer->tried++;
		peer->notify_code = peer->notify_subcode = 0; /* of the attempt before */
	}
	peer->incoming = session_accept(peer, fd);
	session_start(peer->incoming);
}
