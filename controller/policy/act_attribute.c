#include "controller/policy/act_attribute.h"
#include <stdlib.h>
#include "common/mem.h"
#include "common/octets.h"
#include "controller/policy/path_edit.h"
#include "proto/bgp/attrs.h"

struct setting {
	const struct attr_ops *ops;
	struct octets octets;
};

/* Next hops are of the route, not of its attributes. */
static const struct attr_ops *
by_word(struct words *w, struct reason *why)
{
	const struct attr_ops *ops = attr_by_word(words_peek(w));

	if (ops && ops->scan && ops->code != ATTR_NEXT_HOP) {
		words_next(w);
		return ops;
	}
	words_wrong(w, why, "an attribute, as it is typed in a route");
	return NULL;
}

int
act_set_scan(struct words *w, struct policy_action *a, struct reason *why)
{
	static uint8_t memory[ATTR_VALUE_MAX];
	struct writer value = writer_of(memory, sizeof memory);
	struct setting *s = a->what = mem_zero(sizeof *s);

	s->ops = by_word(w, why);
	if (!s->ops || s->ops->scan(w, &value, why) < 0)
		return -1;
	if (!writer_ok(&value))
		return reason_set(why, 0, 0, "%s: too long", s->ops->word);
	octets_add(&s->octets, value.base, value.len);
	return 0;
}

void
act_set_apply(const struct policy_action *a, struct policy_route *r)
{
	const struct setting *s = a->what;

	r->med_said |= s->ops->code == ATTR_MED;
	policy_put(r, s->ops->flags, s->ops->code, octets_read(&s->octets));
}

void
act_set_fini(struct policy_action *a)
{
	struct setting *s = a->what;

	octets_fini(&s->octets);
	mem_free(s);
}

/* A word, or the code of one that has none: "0x80", "128". */
int
act_remove_scan(struct words *w, struct policy_action *a, struct reason *why)
{
	const struct attr_ops *ops = attr_by_word(words_peek(w));

	if (ops)
		a->number = ops->code;
	else if (word_uint(words_peek(w), words_left(w) ? w->at->len : 0, UINT8_MAX, &a->number) <
		 0)
		return words_wrong(w, why, "an attribute, as it is typed in a route, or its code");
	if (a->number == ATTR_ORIGIN || a->number == ATTR_AS_PATH || a->number == ATTR_NEXT_HOP)
		return words_wrong(w, why, "an attribute that a route can be without");
	words_next(w);
	return 0;
}

void
act_remove_apply(const struct policy_action *a, struct policy_route *r)
{
	r->med_said |= a->number == ATTR_MED;
	policy_remove(r, (uint8_t)a->number);
}

int
act_path_scan(struct words *w, struct policy_action *a, struct reason *why)
{
	a->what = path_edit_scan(w, why);
	return a->what ? 0 : -1;
}

void
act_path_apply(const struct policy_action *a, struct policy_route *r)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct attr path;

	if (!attrs_find(r->value.attributes, ATTR_AS_PATH, &path) ||
	    !path_edit_apply(a->what, path.value, &w))
		return;
	if (writer_ok(&w))
		policy_put(r, ATTR_TRANSITIVE, ATTR_AS_PATH, writer_read(&w));
	else
		r->failed = true;
}

void
act_path_fini(struct policy_action *a)
{
	path_edit_free(a->what);
}
