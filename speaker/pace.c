#include "speaker/pace.h"

enum { SECOND = 1000000, BURST = SECOND / 20 /* microseconds that may be saved up */ };

static uint64_t
begin(const struct pace *p, uint32_t limit, uint64_t now)
{
	uint64_t together = (uint64_t)BURST * limit / SECOND; /* whole ones */
	uint64_t saved = together * SECOND / limit, oldest = now > saved ? now - saved : 0;

	return p->paid_at > oldest ? p->paid_at : oldest;
}

uint32_t
pace_allows(const struct pace *p, uint32_t limit, uint64_t now)
{
	uint64_t from;

	if (limit == 0)
		return UINT32_MAX;
	from = begin(p, limit, now);
	return from > now ? 0 : (uint32_t)((now - from) * limit / SECOND) + 1;
}

void
pace_took(struct pace *p, uint32_t limit, uint64_t now, uint64_t count)
{
	if (limit > 0)
		p->paid_at = begin(p, limit, now) + count * SECOND / limit;
}

uint64_t
pace_next(const struct pace *p, uint64_t now)
{
	return p->paid_at > now ? p->paid_at : now + 1;
}
