/* When a peer is dialled: back-off, attempts, and what bars it. */
#include "speaker/peer_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/tcp_ao.h"
#include "speaker/session.h"

/* Seconds to the next dial, by the number of failures: ExaBGP's. */
static const uint8_t back_off[] = { 0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57,
	60 };

/* What is going on, and why it has to: an operator who looks sees both. */
static void
trying(struct peer *peer, enum peer_state state, const char *what)
{
	const char *before = peer->refused[0] ? peer->refused : peer->ended;
	char why[LINK_TEXT];

	snprintf(why, sizeof why, "%s%s%s", what, before[0] ? "; before: " : "", before);
	peer_change(peer, state, why);
}

void
peer_wait(struct peer *peer)
{
	trying(peer, PEER_ACTIVE,
	    peer->config.range ? "waiting for peers of the range to connect"
			       : "waiting for the peer to connect");
}

/* Has it had all its attempts? Then it stays down once the last of them is over. */
bool
peer_spent(struct peer *peer)
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
	peer_change(peer, PEER_IDLE, why);
	return true;
}

/* No session is begun, by whomever. */
bool
peer_barred(const struct peer *peer)
{
	return peer->orphaned || peer->keyless != 0;
}

/* With some jitter, so that a thousand peers do not dial in step. */
void
peer_dial_later(struct peer *peer)
{
	unsigned at = peer->attempts < sizeof back_off ? peer->attempts : sizeof back_off - 1;
	uint64_t wait = back_off[at] * UINT64_C(1000000), now = loop_now(peer->speaker->loop);
	uint64_t dice[2] = { now, peer->config.peer };

	if (peer->config.passive || peer->session || peer->outgoing || peer_barred(peer) ||
	    peer_spent(peer))
		return;
	peer->attempts++;
	wait -= wait / 1024 * (hash_octets(dice, sizeof dice) & 0xff);
	if (now + wait < peer->held)
		wait = peer->held - now;
	loop_timer_set(peer->speaker->loop, &peer->retry, now + wait + 1000);
}

/* The connection could not even be tried. */
static void
not_dialled(struct peer *peer, int error)
{
	char why[128], address[ADDR_TEXT];

	if (error == EADDRNOTAVAIL && peer->config.local.family)
		snprintf(why, sizeof why, "local-address %s is no address of this machine",
		    addr_print(&peer->config.local, address));
	else
		snprintf(why, sizeof why, "%s",
		    peer->config.tcp_ao ? tcp_ao_why(error) : strerror(error));
	peer_failed(peer, why, NULL);
}

void
peer_dial(void *self)
{
	struct peer *peer = self;

	if (peer->session || peer->outgoing || peer->config.passive || peer_barred(peer) ||
	    peer_spent(peer))
		return;
	if (peer->incoming && session_state(peer->incoming) == PEER_OPEN_CONFIRM) {
		peer_dial_later(peer);
		return;
	}
	if (!peer->incoming) {
		peer->tried++;
		peer->notify_code = peer->notify_subcode = 0; /* of the attempt before */
	}
	peer->outgoing = session_connect(peer);
	if (!peer->outgoing) {
		not_dialled(peer, errno);
		peer_dial_later(peer);
	} else if (!peer->incoming) {
		trying(peer, PEER_CONNECT, "connecting");
	}
}

void
peer_start(struct peer *peer)
{
	char why[LINK_TEXT];

	if (peer->orphaned)
		return;
	if (peer->keyless != 0) {
		snprintf(why, sizeof why, "tcp-ao: %s", tcp_ao_why(peer->keyless));
		peer_change(peer, PEER_IDLE, why);
		return;
	}
	peer->attempts = 0;
	peer->tried = 0;
	peer->exhausted = false;
	peer->held = 0;
	peer->ended[0] = peer->refused[0] = '\0';
	if (peer->config.passive)
		peer_wait(peer);
	else
		peer_dial_later(peer);
}
