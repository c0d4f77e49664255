/* operational: messages that the neighbor is told when its session stands. */
#include "common/mem.h"
#include "controller/config/loader.h"

void
operational_copy(struct config_neighbor *n, const struct config_operational *from)
{
	n->operational =
	    mem_resize(n->operational, (n->operational_count + 1) * sizeof(n->operational[0]));
	struct config_operational *to = &n->operational[n->operational_count++];
	*to = *from;
	to->advisory = mem_text((const char *)from->said.advisory.at, from->said.advisory.left);
	to->said.advisory = reader_of(to->advisory, from->said.advisory.left);
}

int
operational_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_operational one = { .file = l->file, .line = l->keyword->line };
	struct reason r = { 0 };

	(void)row;
	words->at = l->keyword; /* which is a word of the message */
	if (operational_scan(words, &one.said, &r) < 0)
		return loader_refuse(l, &r);
	operational_copy(base, &one);
	return 0;
}

void
operational_free(struct config_neighbor *n)
{
	for (size_t i = 0; i < n->operational_count; i++)
		mem_free(n->operational[i].advisory);
	mem_free(n->operational);
}

void
operational_check(struct loader *l, const struct config_neighbor *n)
{
	for (size_t i = 0; i < n->operational_count; i++) {
		const struct config_operational *o = &n->operational[i];

		if (!n->capability.operational)
			loader_note(l, o->line,
			    "an operational message has no effect without capability operational");
		else if (!(n->families & family_bit(o->said.family)))
			loader_note(l, o->line,
			    "an operational message of %s has no effect: the neighbor has not that "
			    "family",
			    family_name(o->said.family));
	}
}
