#include "controller/policy/match_source.h"
#include <string.h>
#include "common/mem.h"

struct who {
	char *name;
	struct prefix prefix; /* of a peer; no address: it is called by its name */
};

struct sources {
	unsigned kinds; /* a bit for each enum policy_source */
	struct who *who; /* of the one kind; none: any of it */
	size_t count, cap;
};

static const char *const names[POLICY_SOURCES] = {
	[SOURCE_PEER] = "peer", [SOURCE_CLIENT] = "client", [SOURCE_CONFIGURATION] = "configuration"
};

static bool
take_kind(struct words *w, enum policy_source *kind)
{
	for (int k = 0; k < POLICY_SOURCES; k++)
		if (words_take(w, names[k])) {
			*kind = (enum policy_source)k;
			return true;
		}
	return false;
}

static void
add_who(struct sources *s, enum policy_source kind, const struct word *w)
{
	struct who one = { .name = mem_text(w->at, w->len) };

	if (kind != SOURCE_PEER || prefix_scan(&one.prefix, one.name) < 0)
		one.prefix = (struct prefix){ 0 };
	s->who = mem_grow(s->who, &s->cap, s->count + 1, sizeof *s->who);
	s->who[s->count++] = one;
}

static bool
is_separator(const struct words *w)
{
	const char *next = words_peek(w);

	return strcmp(next, "[") == 0 || strcmp(next, ",") == 0;
}

/* NAME, or [ NAME ... ]; nothing: whoever it is. */
static int
scan_who(struct sources *s, enum policy_source kind, struct words *w, struct reason *why)
{
	bool list = words_take(w, "[");

	do {
		if (!words_left(w))
			return list ? words_wrong(w, why, "a name, or ]") : 0;
		if (is_separator(w) || strcmp(words_peek(w), "]") == 0)
			return words_wrong(w, why, "a name");
		if (kind == SOURCE_CONFIGURATION)
			return words_wrong(w, why, "nothing behind configuration");
		add_who(s, kind, words_next(w));
		if (list)
			(void)words_take(w, ",");
	} while (list && !words_take(w, "]"));
	return 0;
}

/* [ KIND ... ], of which any will do; or one, and who of it. */
int
match_source_scan(struct words *w, struct policy_condition *c, struct reason *why)
{
	struct sources *s = c->what = mem_zero(sizeof *s);
	bool list = words_take(w, "[");
	enum policy_source kind;

	do {
		if (!take_kind(w, &kind))
			return words_wrong(w, why, "client, configuration or peer");
		s->kinds |= 1u << kind;
		if (list)
			(void)words_take(w, ",");
	} while (list && !words_take(w, "]"));
	return list ? 0 : scan_who(s, kind, w, why);
}

static bool
is(const struct who *w, const struct policy_route *r)
{
	if (w->prefix.addr.family != 0)
		return r->peer && prefix_holds(&w->prefix, r->peer);
	return r->sayer && strcmp(w->name, r->sayer) == 0;
}

bool
match_source_holds(const struct policy_condition *c, const struct policy_route *r)
{
	const struct sources *s = c->what;

	if (!(s->kinds & 1u << r->source))
		return false;
	for (size_t i = 0; i < s->count; i++)
		if (is(&s->who[i], r))
			return true;
	return s->count == 0;
}

void
match_source_fini(struct policy_condition *c)
{
	struct sources *s = c->what;

	for (size_t i = 0; s && i < s->count; i++)
		mem_free(s->who[i].name);
	if (s)
		mem_free(s->who);
	mem_free(s);
}
