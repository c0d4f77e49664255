#include "controller/absence.h"
#include "common/log.h"
#include "controller/config/config.h"
#include "controller/mirror.h"

/* The mirror of a neighbor of it whose time runs; else NULL. */
static struct mirror *
waiting(const struct speaker_entry *s, struct list *link)
{
	const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

	return n->speaker == s && n->mirror && n->mirror->unheard > 0 ? n->mirror : NULL;
}

static uint64_t
patience(const struct speaker_entry *s)
{
	const struct config *c = s->controller->config;

	return c ? c->controller.speaker_stale_time * UINT64_C(1000000) : 0;
}

static void
over(void *self)
{
	struct speaker_entry *s = self;
	uint64_t now = loop_now(s->controller->loop);
	size_t routes = 0;

	LIST_EACH(link, &s->controller->neighbors) {
		struct mirror *m = waiting(s, link);

		if (!m || m->unheard + patience(s) > now)
			continue;
		routes += mirror_count(m);
		mirror_down(m->neighbor);
	}
	if (routes > 0)
		log_warning(s->name,
		    "not heard for %u s: the %zu routes that its neighbors said are withdrawn",
		    s->controller->config->controller.speaker_stale_time, routes);
	absence_apply(s);
}

void
absence_begin(struct speaker_entry *s)
{
	uint64_t now = loop_now(s->controller->loop);

	LIST_EACH(link, &s->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		/* what is not kept is not said again either */
		if (n->speaker == s && n->mirror && (n->mirror->unheard == 0 || !n->mirror->kept))
			n->mirror->unheard = now;
	}
	s->gone = true;
	absence_apply(s);
}

void
absence_end(struct speaker_entry *s)
{
	s->gone = false;
	loop_timer_stop(s->controller->loop, &s->absence);
}

void
absence_apply(struct speaker_entry *s)
{
	uint64_t first = UINT64_MAX;

	loop_timer_stop(s->controller->loop, &s->absence);
	if (!s->gone || patience(s) == 0)
		return;
	LIST_EACH(link, &s->controller->neighbors) {
		const struct mirror *m = waiting(s, link);

		first = m && m->unheard < first ? m->unheard : first;
	}
	if (first == UINT64_MAX)
		return;
	s->absence = (struct loop_timer){ .fire = over, .self = s };
	loop_timer_set(s->controller->loop, &s->absence, first + patience(s));
}
