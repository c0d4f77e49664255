#include "controller/api/left_out.h"
#include <string.h>
#include "common/mem.h"
#include "controller/api/sent.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "proto/bgp/update.h"

bool
left_out_of(const struct neighbor *n, enum family family, struct nlri nlri,
    const struct route_value *value, struct reason *why)
{
	struct session_params p = sent_params(n);

	return neighbor_established(n) && update_hindered(&p, family, value, &nlri, 1, why);
}

static void
note(struct left_out *l, uint32_t number, const char *why)
{
	size_t had = l->cap;

	if (number >= had) {
		l->why = mem_grow(l->why, &l->cap, number + 1, sizeof *l->why);
		memset(l->why + had, 0, (l->cap - had) * sizeof *l->why);
	}
	if (!l->why[number])
		l->why[number] = mem_text(why, strlen(why));
}

static void
look_at(struct left_out *l, const struct neighbor *n, enum family family, struct nlri nlri)
{
	const struct ledger_entry *e = intent_told_to(n, family, nlri);
	struct route_value value;
	struct reason why = { 0 };

	if (!e)
		return;
	value = route_value_of(blob_read(ledger_value(e)));
	if (left_out_of(n, family, nlri, &value, &why))
		note(l, n->number, why.text);
}

/* Is something of what this speaker's neighbors are told of it none that any session can carry? Mostly not, and then its
 * neighbors need not be looked at one by one. */
static bool
may_hinder(const struct speaker_entry *s, enum family family, struct nlri nlri)
{
	struct ledger *told = s->intent.told[family].ledger;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (told && (e = ledger_same(told, nlri.path_id, nlri.octets, &w))) {
		struct route_value value;

		if (e->mark)
			continue;
		value = route_value_of(blob_read(ledger_value(e)));
		if (!update_unhindered(family, &value, &nlri))
			return true;
	}
	return false;
}

void
left_out_look(struct left_out *l, struct neighbor *const *to, size_t count, enum family family,
    struct nlri nlri)
{
	const struct speaker_entry *clear = NULL;

	for (size_t i = 0; i < count; i++) {
		if (to[i]->speaker == clear || left_out_why(l, to[i]))
			continue;
		if (may_hinder(to[i]->speaker, family, nlri))
			look_at(l, to[i], family, nlri);
		else
			clear = to[i]->speaker;
	}
}

void
left_out_look_draft(
    struct left_out *l, struct neighbor *const *to, size_t count, const struct route_draft *d)
{
	uint8_t piece[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri nlri;

	if (route_draft_next(d, &state, piece, &nlri))
		left_out_look(l, to, count, d->family, nlri);
}

const char *
left_out_why(const struct left_out *l, const struct neighbor *n)
{
	return n->number < l->cap ? l->why[n->number] : NULL;
}

void
left_out_fini(struct left_out *l)
{
	for (size_t i = 0; i < l->cap; i++)
		mem_free(l->why[i]);
	mem_free(l->why);
	*l = (struct left_out){ 0 };
}
