/* The TCP-AO key of a session changes while it stands. The kernel signs with what the peer asks for: here the peer is
 * asked, and what is not needed any more removed. */
#include <errno.h>
#include "common/blob.h"
#include "common/log.h"
#include "common/tcp_ao.h"
#include "speaker/session_inner.h"

enum { LOOK = 1000000 /* microseconds */ };

/* With some jitter: where all sessions change their keys at once, the keys that go are waited for (the kernel's grace
 * period), and would be one after the other in one turn. */
static void
look_later(struct session *s)
{
	uint64_t now = loop_now(s->loop), dice[2] = { now, s->peer->config.peer };

	loop_timer_set(
	    s->loop, &s->roll, now + LOOK + (hash_octets(dice, sizeof dice) & 0xff) * (LOOK / 256));
}

int
session_roll(struct session *s, const struct tcp_ao_key *key)
{
	if (tcp_ao_ask(s->fd, &s->peer->config.address, key) < 0)
		return -1;
	look_later(s);
	return 0;
}

void
session_rolls(void *self)
{
	struct session *s = self;
	const struct tcp_ao_key *key = &s->peer->config.ao;
	int settled = tcp_ao_settled(s->fd, key);

	if (settled > 0)
		log_info(s->peer->name, "both sides sign with the TCP-AO key %u", key->id);
	else if (settled < 0)
		log_error(s->peer->name, "TCP-AO key %u: %s", key->id, tcp_ao_why(errno));
	else
		look_later(s);
}
