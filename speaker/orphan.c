#include "speaker/orphan.h"
#include "speaker/peer.h"

enum { SECOND = 1000000 };

void
orphans_look(struct speaker *s, uint64_t lost_at)
{
	uint64_t away = loop_now(s->loop) - lost_at;

	for (uint32_t i = 0; i < s->peers_cap; i++) {
		struct peer *p = s->peers[i];

		if (p && p->config.controller_loss > 0 &&
		    away >= (uint64_t)p->config.controller_loss * SECOND)
			peer_orphan(p);
	}
}

void
orphans_adopt(struct speaker *s)
{
	for (uint32_t i = 0; i < s->peers_cap; i++)
		if (s->peers[i])
			peer_adopt(s->peers[i]);
}
