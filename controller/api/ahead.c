#include "controller/api/ahead.h"
#include "common/mem.h"
#include "controller/api/parts.h"
#include "controller/api/recent.h"

enum { LINES = 2 /* the one that is said, and the one behind it */ };

struct ahead {
	struct api *api;
	struct ahead_line line[LINES];
	unsigned next;
};

/* A route behind `announce`, for those whom the last one was for. */
static void
scan(struct ahead *a, struct ahead_line *l)
{
	const struct neighbor *n = recent_told(a->api->recent);
	struct words words = words_of(&l->cut);
	struct reason why;

	if (!n || !words_take(&words, "announce") || !words_are(&words, "route"))
		return;
	why.text[0] = '\0';
	route_draft_clear(&l->draft);
	l->from = words;
	if (route_scan(&words, &l->draft, &why) < 0) { /* when its turn comes it will be told so */
		l->from = (struct words){ 0 };
		return;
	}
	l->to = words;
	plan_soon(&l->value, a->api->controller, &l->draft, n);
}

void
ahead_read(struct ahead *a, struct reader line)
{
	struct ahead_line *l = &a->line[a->next];
	struct reason why;

	if (!recent_missed(a->api->recent))
		return;
	a->next = (a->next + 1) % LINES;
	why.text[0] = '\0';
	words_line_clear(&l->cut);
	l->from = l->to = (struct words){ 0 };
	l->value.octets.len = 0;
	l->line = (struct reader){ 0 };
	if (line.left == 0 ||
	    words_cut(&l->cut, (const char *)line.at, line.left, 1, WORDS_API, &why) < 0)
		return;
	l->line = line;
	scan(a, l);
}

void
ahead_forget(struct ahead *a)
{
	for (unsigned i = 0; i < LINES; i++)
		a->line[i].line = (struct reader){ 0 };
}

struct ahead_line *
ahead_find(struct ahead *a, struct reader line)
{
	for (unsigned i = 0; i < LINES; i++)
		if (a->line[i].line.at == line.at && a->line[i].line.left == line.left &&
		    line.left > 0)
			return &a->line[i];
	return NULL;
}

bool
ahead_scanned(const struct ahead_line *l, struct words *words)
{
	if (!l || !l->from.at || l->from.at != words->at || l->from.end != words->end)
		return false;
	*words = l->to;
	return true;
}

struct ahead *
ahead_new(struct api *api)
{
	struct ahead *a = mem_zero(sizeof *a);

	a->api = api;
	return a;
}

void
ahead_free(struct ahead *a)
{
	for (unsigned i = 0; a && i < LINES; i++) {
		words_line_fini(&a->line[i].cut);
		route_draft_fini(&a->line[i].draft);
		octets_fini(&a->line[i].value.octets);
	}
	mem_free(a);
}
