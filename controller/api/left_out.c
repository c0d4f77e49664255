#include "controller/api/left_out.h"
#include <string.h>
#include "common/mem.h"
#include "controller/api/sent.h"
#include "controller/fleet.h"
#include "proto/bgp/update.h"

bool
left_out_of(const struct neighbor *n, enum family family, struct nlri nlri,
    const struct route_value *value, struct reason *why)
{
	struct session_params p = sent_params(n);

	return neighbor_established(n) && update_hindered(&p, family, value, &nlri, 1, why);
}

bool
left_out_may(const struct plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->part[i].value && blob_read(p->part[i].value).left > LEFT_OUT_LARGE)
			return true;
	return false;
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
look(struct left_out *l, struct neighbor *const *to, size_t count, enum family family,
    struct nlri nlri)
{
	for (size_t i = 0; i < count; i++) {
		const struct ledger_entry *e = intent_told_to(to[i], family, nlri);
		struct route_value value;
		struct reason why = { 0 };

		if (!e)
			continue;
		value = route_value_of(blob_read(ledger_value(e)));
		if (left_out_of(to[i], family, nlri, &value, &why))
			note(l, to[i]->number, why.text);
	}
}

void
left_out_look(struct left_out *l, struct neighbor *const *to, size_t count, enum family family,
    bool path_ids, struct reader bin)
{
	struct nlri nlri;

	if (nlri_next(family, path_ids, &bin, &nlri))
		look(l, to, count, family, nlri);
}

void
left_out_look_draft(
    struct left_out *l, struct neighbor *const *to, size_t count, const struct route_draft *d)
{
	uint8_t piece[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri nlri;

	if (route_draft_next(d, &state, piece, &nlri))
		look(l, to, count, d->family, nlri);
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
