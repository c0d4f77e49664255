#include "controller/absence.h"
#include "common/log.h"
#include "controller/config/config.h"
#include "controller/mirror.h"

static void
over(void *self)
{
	struct speaker_entry *s = self;
	size_t routes = 0;

	LIST_EACH(link, &s->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker != s || !n->mirror)
			continue;
		routes += mirror_count(n->mirror);
		mirror_down(n);
	}
	if (routes > 0)
		log_warning(s->name, "gone for %u s: the %zu routes that its neighbors said are withdrawn",
		    s->controller->config->controller.speaker_stale_time, routes);
}

void
absence_begin(struct speaker_entry *s)
{
	s->gone = loop_now(s->controller->loop);
	absence_apply(s);
}

void
absence_end(struct speaker_entry *s)
{
	s->gone = 0;
	loop_timer_stop(s->controller->loop, &s->absence);
}

void
absence_apply(struct speaker_entry *s)
{
	const struct config *c = s->controller->config;

	loop_timer_stop(s->controller->loop, &s->absence);
	if (s->gone == 0 || !c || c->controller.speaker_stale_time == 0)
		return;
	s->absence = (struct loop_timer){ .fire = over, .self = s };
	loop_timer_set(s->controller->loop, &s->absence,
	    s->gone + c->controller.speaker_stale_time * UINT64_C(1000000));
}
