/* A peer from one state to the next: its connections come, collide and go, and it tells the others when it is up
 * or down. */
#include "speaker/peer_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "speaker/advertise.h"
#include "speaker/link.h"
#include "speaker/mirror.h"
#include "speaker/rib_in_kept.h"
#include "speaker/session.h"

enum { OVERRUN_PAUSE = 30000000 /* microseconds */ };

void
peer_change(struct peer *peer, enum peer_state state, const char *why)
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

/* A NOTIFICATION says more than the connections that are closed at once after it, while the other side holds us off. */
static bool
tells(const struct peer_end *end)
{
	return end && end->code != 0 &&
	       !(end->code == NOTIFY_CEASE && end->subcode == CEASE_COLLISION);
}

/* The other side does not want it: whether it had read what we said decides which of the two it is. */
static bool
is_closing(const char *why)
{
	return strcmp(why, "connection closed by the peer") == 0 ||
	       strcmp(why, strerror(ECONNRESET)) == 0;
}

static bool
is_again(const char *before, const char *why)
{
	return strncmp(before, why, sizeof((struct peer *)NULL)->ended - 1) == 0 ||
	       (is_closing(before) && is_closing(why));
}

/* Behind a NOTIFICATION that says why, mere closing is no news. */
static bool
is_news(const struct peer *peer, const char *why, bool telling)
{
	if (telling)
		return !is_again(peer->refused, why);
	return !is_again(peer->ended, why) && !(peer->refused[0] && is_closing(why));
}

void
peer_failed(struct peer *peer, const char *why, const struct peer_end *end)
{
	bool telling = tells(end);

	if (peer->removing || peer->orphaned) { /* we end it ourselves: it has not failed */
		peer_change(peer, PEER_IDLE, why);
		return;
	}
	if (is_news(peer, why, telling) && log_allow(&peer->complaints, 2))
		log_warning(peer->name, "no session: %s", why);
	snprintf(peer->ended, sizeof peer->ended, "%s", why);
	if (telling)
		snprintf(peer->refused, sizeof peer->refused, "%s", why);
	peer_change(peer, PEER_IDLE, why);
}

void
peer_session_state(struct peer *peer, struct session *s, enum peer_state state, const char *why)
{
	if ((s == peer->incoming || s == peer->outgoing) && !peer->session && state >= peer->state)
		peer_change(peer, state, why);
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
	peer->ended[0] = peer->refused[0] = '\0';
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	if (other)
		session_collide(other);
	if (resumes)
		rib_in_resume(peer);
	else
		rib_in_open(peer);
	peer_change(peer, PEER_ESTABLISHED, "the session is up");
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
		if (was_up) {
			snprintf(peer->ended, sizeof peer->ended, "%s", end->why);
			peer_change(peer, PEER_IDLE, end->why);
		} else {
			peer_failed(peer, end->why, end);
		}
	} else if (!peer->session) {
		peer_change(peer, session_state(other), end->why);
	}
	if (peer->removing || peer_barred(peer) || peer->session || peer_spent(peer))
		return;
	if (peer->config.passive && !other)
		peer_wait(peer);
	else if (!peer->outgoing && peer->retry.at == 0)
		peer_dial_later(peer);
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
	peer_change(peer, PEER_IDLE, why);
}

void
peer_adopt(struct peer *peer)
{
	if (!peer->orphaned)
		return;
	peer->orphaned = false;
	peer_start(peer);
}
