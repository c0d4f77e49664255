/* For test programs of the speaker that want several peers: far.h, and the far ends of peers 1 to 3. A program starts
 * its tests with speaker_start and ends them with fars_stop. */
#ifndef TESTS_TOOLS_FARS_H
#define TESTS_TOOLS_FARS_H
#include "tests/tools/far.h"

static struct far far[4];
static struct peer *peer[4];

static inline int
fars_stop(void **state)
{
	for (int i = 0; i < 4; i++)
		if (far[i].n)
			far_close(&far[i]);
	memset(far, 0, sizeof far);
	(void)far_said(NULL);
	return speaker_stop(state);
}

static inline void
up(uint32_t n)
{
	struct link_peer c = config_of(n);

	far[n] = far_up(&c, &peer[n]);
}

static inline void
up_with_enhanced_refresh(uint32_t families)
{
	struct link_peer c = config_of(1);

	c.families = families;
	far[1] = far_of(1);
	far[1].open.caps.families = families;
	caps_add(&far[1].open.caps, CAP_ENHANCED_REFRESH);
	peer[1] = peer_configure(&speaker, &c);
	far_connect(&far[1]);
	far_establish(&far[1]);
	assert_true(peer[1]->params.enhanced_refresh);
}
#endif
