/* A peer: dials and accepts connections, resolves collisions, and tells the others when it is up or down. */
#include "speaker/peer.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/tcp.h"
#include "proto/bgp/message.h"
#include "speaker/advertise.h"
#include "speaker/arrivals.h"
#include "speaker/link.h"
#include "speaker/listener.h"
#include "speaker/mirror.h"
#include "speaker/rib_in.h"
#include "speaker/rib_in_kept.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"
#include "speaker/slots.h"

enum { SHORT_SESSION = 1000000, OVERRUN_PAUSE = 30000000 /* microseconds */ };

/* Seconds to the next dial, by the number of failures: ExaBGP's. */
static const uint8_t back_off[] = { 0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57,
	60 };

struct peer *
peer_by_number(struct speaker *s, uint32_t number)
{
	return number < s->peers_cap ? s->peers[number] : NULL;
}

static uint32_t
hash_address(const struct addr *a)
{
	return (uint32_t)hash_octets(a->bytes, sizeof a->bytes);
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	struct speaker *s = self;

	return hash_address(&s->peers[number]->config.address);
}

struct peer *
peer_at(const struct speaker *s, const struct addr *address, struct index_walk *w)
{
	uint32_t number;

	while (index_next(&s->addresses, hash_address(address), w, &number))
		if (s->peers[number]->config.range == 0 &&
		    addr_equal(&s->peers[number]->config.address, address))
			return s->peers[number];
	return NULL;
}

/* --- OPEN --- */

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
	if (c->local_as != 0 && c->local_as != c->peer_as)
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
	p->aigp = peer->config.aigp || params_ibgp(p);
	p->role = params_ibgp(p) ? 0 : peer->config.role;
	p->link_local = (struct addr){ 0 };
	if (p->link_local_nexthop && peer->config.ttl_out <= 1) /* the peer is on our link */
		p->link_local = peer->config.link_local;
	session_local(session, &p->local_address, &port, &other);
}

/* --- state --- */

static void
change(struct peer *peer, enum peer_state state, const char *why)
{
	if (peer->state == state && strcmp(peer->why, why) == 0)
		return;
	if (peer->state == PEER_ESTABLISHED || state == PEER_ESTABLISHED)
		log_info(peer->name, "%s -> %s: %s", peer_state_name(peer->state),
		    peer_state_name(state), why);
	else
		log_debug(peer->name, "%s -> %s: %s", peer_state_name(peer->state),
		    peer_state_name(state), why);
	peer->state = state;
	peer->since = loop_now(peer->speaker->loop);
	snprintf(peer->why, sizeof peer->why, "%s", why);
	link_peer_state(peer->speaker->link, peer);
}

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

void
peer_state_of(const struct peer *peer, struct link_peer_state *s)
{
	uint64_t now = loop_now(peer->speaker->loop);
	const struct session_params *p = &peer->params;

	memset(s, 0, sizeof *s);
	s->peer = peer->config.peer;
	s->address = peer->config.address;
	s->range = peer->config.range;
	s->only = peer->config.only;
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
	if (!peer->session)
		return;
	session_local(peer->session, &s->local, &s->local_port, &s->peer_port);
	s->local_as = p->local_as;
	s->peer_as = p->peer_as;
	s->local_id = p->local_id;
	s->peer_id = p->peer_id;
	s->hold_time = p->hold_time;
	s->asn4 = p->asn4;
	s->extended_message = p->extended_message;
	s->enhanced_refresh = p->enhanced_refresh;
	s->refresh = p->refresh;
	s->operational = p->operational;
	s->multisession = p->multisession;
	s->graceful = p->graceful;
	s->graceful_notification = p->graceful_notification;
	s->restart_time = p->graceful ? peer->open_received.caps.graceful.time : 0;
	for (int f = 0; p->long_lived && f < FAMILIES; f++)
		if (peer->open_received.caps.long_lived.time[f] > 0)
			s->long_lived |= family_bit((enum family)f) & p->families &
			    peer->open_received.caps.long_lived.families;
	put_offered(s, &peer->open_received.caps);
	s->families = p->families;
	s->add_path_receive = p->add_path_receive;
	s->add_path_send = p->add_path_send;
	s->nexthop6 = p->nexthop6;
	s->prefixes_out = peer->out ? peer->out->advertised : 0;
}

/* --- dialling --- */

/* What is going on, and why it has to: an operator who looks sees both. */
static void
trying(struct peer *peer, enum peer_state state, const char *what)
{
	char why[LINK_TEXT];

	snprintf(why, sizeof why, "%s%s%s", what, peer->ended[0] ? "; before: " : "", peer->ended);
	change(peer, state, why);
}

static void
wait_for_connection(struct peer *peer)
{
	trying(peer, PEER_ACTIVE,
	    peer->config.range ? "waiting for peers of the range to connect" :
				 "waiting for the peer to connect");
}

/* Has it had all its attempts? Then it stays down once the last of them is over. */
static bool
spent(struct peer *peer)
{
	char why[LINK_TEXT];

	if (peer->config.attempts == 0 || peer->tried < peer->config.attempts)
		return false;
	if (peer->exhausted || peer->incoming || peer->outgoing)
		return true;
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	peer->exhausted = true;
	log_info(peer->name, "no attempt is left of %u", peer->config.attempts);
	snprintf(why, sizeof why, "attempts exhausted, after: %.200s", peer->why);
	change(peer, PEER_IDLE, why);
	return true;
}

/* No session is begun, by whomever. */
static bool
barred(const struct peer *peer)
{
	return peer->orphaned || peer->config.tcp_ao;
}

/* With some jitter, so that a thousand peers do not dial in step. */
static void
dial_later(struct peer *peer)
{
	unsigned at = peer->attempts < sizeof back_off ? peer->attempts : sizeof back_off - 1;
	uint64_t wait = back_off[at] * UINT64_C(1000000), now = loop_now(peer->speaker->loop);
	uint64_t dice[2] = { now, peer->config.peer };

	if (peer->config.passive || peer->session || peer->outgoing || barred(peer) || spent(peer))
		return;
	peer->attempts++;
	wait -= wait / 1024 * (hash_octets(dice, sizeof dice) & 0xff);
	if (now + wait < peer->held)
		wait = peer->held - now;
	loop_timer_set(peer->speaker->loop, &peer->retry, now + wait + 1000);
}

static void
dial(void *self)
{
	struct peer *peer = self;

	if (peer->session || peer->outgoing || peer->config.passive || barred(peer) || spent(peer))
		return;
	if (peer->incoming && session_state(peer->incoming) == PEER_OPEN_CONFIRM) {
		dial_later(peer);
		return;
	}
	if (!peer->incoming)
		peer->tried++;
	peer->outgoing = session_connect(peer);
	if (!peer->outgoing) {
		change(peer, PEER_IDLE, strerror(errno));
		dial_later(peer);
	} else if (!peer->incoming) {
		trying(peer, PEER_CONNECT, "connecting");
	}
}

static void
start(struct peer *peer)
{
	if (peer->orphaned)
		return;
	if (peer->config.tcp_ao) {
		change(peer, PEER_IDLE, "tcp-ao: this release cannot sign its segments, and without that there is no session");
		return;
	}
	peer->attempts = 0;
	peer->tried = 0;
	peer->exhausted = false;
	peer->held = 0;
	if (peer->config.passive)
		wait_for_connection(peer);
	else
		dial_later(peer);
}

/* --- sessions come and go --- */

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
		wait_for_connection(peer);
	else if (peer->retry.at == 0)
		dial_later(peer);
}

enum peer_move
peer_session_for(struct peer **peer, struct session *s, const struct open *theirs, struct fault *f)
{
	uint32_t families = caps_have(&theirs->caps, CAP_MULTIPROTOCOL) ? theirs->caps.families :
									   family_bit(IPV4_UNICAST);
	struct peer *from = *peer, *to;

	if (!from->config.multisession)
		return PEER_STAYS;
	if (!caps_have(&theirs->caps, CAP_MULTISESSION)) {
		fault_set(f, NOTIFY_OPEN, OPEN_GROUPING_REQUIRED, NULL, 0, "it has no multi-session");
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
	if (to->session || to->incoming || to->orphaned || to->removing)
		return PEER_TAKEN;
	gave_up(from);
	to->incoming = s;
	*peer = to;
	return PEER_STAYS;
}

/* The door has the peer's key, or the kernel refused it: then, and when the connection came to a door before the
 * key did, nobody who does not sign gets further. */
static bool
is_signed(struct peer *peer, int fd)
{
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
		log_warning(peer->name, "its connection is refused: TTL %d, less than %d", ttl, peer->config.ttl_in);
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
	if (peer->removing || barred(peer) || loop_now(s->loop) < peer->held ||
	    (spent(peer) && !peer->incoming && !peer->outgoing) ||
	    !is_signed(peer, fd) || !is_near(peer, fd)) {
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
	if (!peer->outgoing)
		peer->tried++;
	peer->incoming = session_accept(peer, fd);
	session_start(peer->incoming);
}

void
peer_session_state(struct peer *peer, struct session *s, enum peer_state state, const char *why)
{
	if ((s == peer->incoming || s == peer->outgoing) && !peer->session && state >= peer->state)
		change(peer, state, why);
}

/* RFC 4271 section 6.8, RFC 6286 2.3: of two connections the one stays that the side with the higher
 * identifier (at equal ones: the higher AS) has opened. */
bool
peer_session_open(struct peer *peer, struct session *s)
{
	struct session *other = s == peer->incoming ? peer->outgoing : peer->incoming;
	const struct open *theirs = session_open_received(s);
	bool ours_higher;

	if (peer->session)
		return false;
	if (!other || session_state(other) != PEER_OPEN_CONFIRM)
		return true;
	ours_higher =
	    peer->config.router_id > theirs->router_id ||
	    (peer->config.router_id == theirs->router_id && peer->config.local_as > theirs->asn);
	if (session_incoming(s) == ours_higher)
		return false;
	session_collide(other);
	return true;
}

void
peer_session_established(struct peer *peer, struct session *s)
{
	struct session *other = s == peer->incoming ? peer->outgoing : peer->incoming;
	bool resumes = peer->in != NULL;

	peer->session = s;
	peer->params = *session_params(s);
	peer->open_received = *session_open_received(s);
	peer->session_number++;
	peer->notify_code = peer->notify_subcode = 0;
	peer->ended[0] = '\0';
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	if (other)
		session_collide(other);
	if (resumes)
		rib_in_resume(peer);
	else
		rib_in_open(peer);
	change(peer, PEER_ESTABLISHED, "the session is up");
	if (!resumes || !peer->in->kept)
		mirror_peer_up(peer);
	advertise_peer_up(peer);
}

/* What was more than a limit once will be so again: a peer that is back at once would flap for ever, and each
 * time cost a full table and everybody behind us its withdrawal (RFC 4271 section 8.1.1, DampPeerOscillations). */
static bool
overran(const struct peer_end *end)
{
	return end->sent && end->code == NOTIFY_CEASE &&
	    (end->subcode == CEASE_MAX_PREFIX || end->subcode == CEASE_RESOURCES);
}

/* Does the end of its session leave what it said (RFC 4724 section 4.2)? A connection that breaks does; a NOTIFICATION
 * only where both sides want it so, and then any but a Hard Reset (RFC 8538 section 4). */
static bool
keeps(const struct peer *peer, const struct peer_end *end)
{
	if (!peer->params.graceful || peer->removing || overran(end))
		return false;
	return !end->notified || (peer->params.graceful_notification && !end->hard);
}

static void
down(struct peer *peer, const struct peer_end *end)
{
	advertise_peer_down(peer);
	peer->session = NULL;
	if (keeps(peer, end) && rib_in_keep(peer)) {
		mirror_peer_kept(peer);
	} else {
		mirror_peer_down(peer);
		rib_in_close(peer);
	}
	/* a session that ends as soon as it stands must not be dialled without a pause */
	peer->attempts = loop_now(peer->speaker->loop) - peer->since < SHORT_SESSION ? 1 : 0;
}

void
peer_session_closed(struct peer *peer, struct session *s, const struct peer_end *end)
{
	bool mine = s == peer->incoming || s == peer->outgoing, was_up = s == peer->session;
	struct session *other;

	if (s == peer->incoming)
		peer->incoming = NULL;
	if (s == peer->outgoing)
		peer->outgoing = NULL;
	if (!mine)
		return;
	other = peer->incoming ? peer->incoming : peer->outgoing;
	if (was_up)
		down(peer, end);
	if (was_up && overran(end))
		peer->held = loop_now(peer->speaker->loop) + OVERRUN_PAUSE;
	if (was_up || (!peer->session && !other)) {
		peer->notify_code = end->code;
		peer->notify_subcode = end->subcode;
		peer->notify_sent = end->sent;
		snprintf(peer->ended, sizeof peer->ended, "%s", end->why);
		change(peer, PEER_IDLE, end->why);
	} else if (!peer->session) {
		change(peer, session_state(other), end->why);
	}
	if (peer->removing || barred(peer) || peer->session || spent(peer))
		return;
	if (peer->config.passive && !other)
		wait_for_connection(peer);
	else if (!peer->outgoing && peer->retry.at == 0)
		dial_later(peer);
}

void
peer_reset(struct peer *peer, const struct fault *f)
{
	peer->attempts = 0;
	if (peer->outgoing)
		session_stop(peer->outgoing, f);
	if (peer->incoming)
		session_stop(peer->incoming, f);
}

void
peer_orphan(struct peer *peer)
{
	char why[LINK_TEXT];
	struct fault f = { 0 };

	if (peer->orphaned)
		return;
	peer->orphaned = true;
	snprintf(why, sizeof why, "no controller for %u s", peer->config.controller_loss);
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	fault_set(&f, NOTIFY_CEASE, CEASE_SHUTDOWN, why, strlen(why), "%s", why);
	peer_reset(peer, &f);
	change(peer, PEER_IDLE, why);
}

void
peer_adopt(struct peer *peer)
{
	if (!peer->orphaned)
		return;
	peer->orphaned = false;
	start(peer);
}

/* --- configuration --- */

/* What can change under a standing session. */
static void
take_live(struct link_peer *to, const struct link_peer *from)
{
	to->max_prefix_in = from->max_prefix_in;
	to->max_prefix_out = from->max_prefix_out;
	to->manual_eor = from->manual_eor;
	to->send_hold = from->send_hold;
	to->stale_time = from->stale_time;
	to->rate_limit = from->rate_limit;
	to->controller_loss = from->controller_loss;
	to->group = from->group;
	to->attempts = from->attempts;
}

static struct peer *
reconfigure(struct peer *peer, const struct link_peer *c)
{
	struct fault f = { 0 };
	bool same, other_limit;

	other_limit = peer->config.max_prefix_in != c->max_prefix_in ||
	    peer->config.max_prefix_out != c->max_prefix_out;
	take_live(&peer->config, c);
	peer->params.group = (enum group_updates)c->group;
	same = memcmp(&peer->config, c, sizeof *c) == 0;
	if (same && ((peer->exhausted && !spent(peer)) ||
			(peer->held && !peer->session && other_limit)))
		start(peer);
	if (same)
		return peer;
	fault_set(&f, NOTIFY_CEASE, CEASE_CONFIGURATION, NULL, 0, "its configuration changed");
	listener_remove(peer->speaker->listener, &peer->config);
	peer->removing = true;
	peer_reset(peer, &f);
	peer->removing = false;
	if (peer->in) { /* kept from a session before */
		rib_in_close(peer);
		link_peer_state(peer->speaker->link, peer);
	}
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	peer->config = *c;
	peer->complete = false;
	peer->changed = true;
	(void)listener_add(peer->speaker->listener, c);
	start(peer);
	return peer;
}

static void
place(struct speaker *s, struct peer *peer)
{
	uint32_t n = peer->config.peer, cap = s->peers_cap;

	if (n >= cap) {
		cap = n + 1 > 2 * cap ? n + 1 : 2 * cap;
		s->peers = mem_resize(s->peers, cap * sizeof(struct peer *));
		memset(s->peers + s->peers_cap, 0, (cap - s->peers_cap) * sizeof(struct peer *));
		s->peers_cap = cap;
	}
	s->peers[n] = peer;
	s->peer_count++;
	index_insert(&s->addresses, hash_address(&peer->config.address), n);
	if (peer->config.range)
		arrivals_range(s->arrivals, peer);
}

static void
displace(struct peer *peer)
{
	struct speaker *s = peer->speaker;

	if (peer->config.range)
		arrivals_range_gone(peer);
	index_remove(&s->addresses, hash_address(&peer->config.address), peer->config.peer);
	s->peers[peer->config.peer] = NULL;
	s->peer_count--;
}

/* Another number's peer of this address: each would take the other's connections. */
static struct peer *
twin_of(struct speaker *s, const struct link_peer *c)
{
	struct index_walk w = { 0 };
	struct peer *p;

	while (c->range == 0 && (p = peer_at(s, &c->address, &w)))
		if (p->config.peer != c->peer && addr_equal(&p->config.local, &c->local) &&
		    (p->config.only == c->only || p->config.only == 0 || c->only == 0))
			return p;
	return NULL;
}

struct peer *
peer_configure(struct speaker *s, const struct link_peer *c)
{
	struct peer *peer = peer_by_number(s, c->peer), *twin = twin_of(s, c);
	char text[ADDR_TEXT];
	uint32_t slot;

	if (c->peer >= LINK_PEERS_MAX || c->address.family == 0) {
		log_error("speaker", "a peer of number %u and address %s", c->peer,
		    addr_print(&c->address, text));
		return NULL;
	}
	if (s->ends != 0)
		return peer;
	if (twin)
		peer_remove(twin, "its address is another number's now");
	if (peer && addr_equal(&peer->config.address, &c->address) && peer->config.range == c->range)
		return reconfigure(peer, c);
	if (peer)
		peer_remove(peer, "its number is another's now");
	slot = slot_of(s->out->slots, c->peer);
	if (slot == SLOT_NONE) {
		log_error("speaker", "a peer more than there can be, at %s", addr_print(&c->address, text));
		return NULL;
	}
	peer = mem_zero(sizeof *peer);
	peer->slot = slot;
	peer->speaker = s;
	peer->config = *c;
	peer->since = loop_now(s->loop);
	snprintf(peer->name, sizeof peer->name, "peer %s", addr_print(&c->address, text));
	if (c->range)
		snprintf(peer->name, sizeof peer->name, "range %s/%u", text, c->range - 1u);
	peer->retry = (struct loop_timer){ .fire = dial, .self = peer };
	place(s, peer);
	(void)listener_add(s->listener, c);
	start(peer);
	arrivals_met(s->arrivals, &c->address);
	return peer;
}

void
peer_remove(struct peer *peer, const char *why)
{
	struct speaker *s = peer->speaker;
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, CEASE_DECONFIGURED, NULL, 0, "%s", why);
	peer->removing = true;
	peer_reset(peer, &f);
	rib_in_close(peer);
	rib_out_forget(s->out, peer->config.peer);
	listener_remove(s->listener, &peer->config);
	loop_timer_stop(s->loop, &peer->retry);
	displace(peer);
	mem_free(peer);
}

void
peer_end(struct peer *peer)
{
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL, 0, "the speaker is stopped");
	peer->removing = true;
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	if (!peer->session || !peer->params.graceful)
		peer_reset(peer, &f);
}

void
peer_abandon(struct peer *peer)
{
	struct speaker *s = peer->speaker;

	advertise_peer_down(peer);
	rib_in_close(peer);
	session_free(peer->incoming);
	session_free(peer->outgoing);
	loop_timer_stop(s->loop, &peer->retry);
	displace(peer);
	mem_free(peer);
}

void
peers_open(struct speaker *s)
{
	index_init(&s->addresses, hash_number, s);
}

void
peers_close(struct speaker *s)
{
	for (uint32_t i = 0; i < s->peers_cap; i++)
		if (s->peers[i])
			peer_abandon(s->peers[i]);
	index_fini(&s->addresses);
	mem_free(s->peers);
	s->peers = NULL;
	s->peers_cap = 0;
}
