#include "controller/advisory.h"
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/lane.h"

/* An ASM of a family that was announced. */
struct advisory {
	struct list link; /* in neighbor.advisories */
	struct operational said;
	char text[];
};

struct link_command
advisory_command(const struct operational *o)
{
	struct link_command c = { .what = "operational", .family = family_code(o->family) };
	struct writer w = writer_of(c.body, sizeof c.body);

	operational_encode(o, &w);
	return c;
}

static void
said(void *self, bool failed, const char *text)
{
	(void)self;
	if (failed)
		log_warning("operational", "a message of the configuration was not sent: %s", text);
}

static void
say(struct neighbor *n, const struct operational *o)
{
	struct link_command c = advisory_command(o);

	c.peer = n->number;
	lane_command(n->speaker, &c, said, NULL);
}

static struct advisory *
find(struct neighbor *n, enum family family)
{
	LIST_EACH(link, &n->advisories) {
		struct advisory *a = LIST_ENTRY(link, struct advisory, link);

		if (a->said.family == family)
			return a;
	}
	return NULL;
}

void
advisories_say(struct neighbor *n)
{
	const struct config_neighbor *c = n->config;

	if (!n->state.operational)
		return;
	for (size_t i = 0; i < c->operational_count; i++) {
		const struct operational *o = &c->operational[i].said;

		if (!(n->state.families & family_bit(o->family)))
			continue;
		if (o->what == OPERATIONAL_ASM ? !find(n, o->family) : !n->advised)
			say(n, o);
	}
	LIST_EACH(link, &n->advisories) {
		struct advisory *a = LIST_ENTRY(link, struct advisory, link);

		if (n->state.families & family_bit(a->said.family))
			say(n, &a->said);
	}
	n->advised = true;
}

static void
drop(struct advisory *a)
{
	if (!a)
		return;
	list_remove(&a->link);
	mem_free(a);
}

void
advisory_keep(struct neighbor *n, const struct operational *o)
{
	struct advisory *a = mem_alloc(sizeof *a + o->advisory.left);

	drop(find(n, o->family));
	a->said = *o;
	memcpy(a->text, o->advisory.at, o->advisory.left);
	a->said.advisory = reader_of(a->text, o->advisory.left);
	a->said.data = (struct reader){ 0 };
	list_add(&n->advisories, &a->link);
}

void
advisories_forget(struct neighbor *n)
{
	LIST_EACH(link, &n->advisories)
		drop(LIST_ENTRY(link, struct advisory, link));
}
