/* Named sets by command: what one holds is replaced, as a whole and at once; and shown. What comes as a body is read
 * in slices, and takes effect when all of it was read. */
#include <string.h>
#include "common/mem.h"
#include "controller/api/show.h"
#include "controller/policy/sorted.h"
#include "controller/rib/rib.h"

enum { LINES = 128, ROWS = 128 };

/* One that is being read, or shown. */
struct set_work {
	char name[NAMED_NAME_MAX + 1];
	unsigned verb;
	char by[160];
	struct octets octets; /* the body */
	struct named_text text;
	struct named_list *list; /* that is read; or a share of what is shown */
	size_t at;
};

static struct named_set *
find(struct api *api, const char *name, struct reason *why)
{
	struct named_sets *sets = &api->controller->config->sets;
	struct named_set *set = named_find(sets, name);
	const char **names, *near;

	if (set && set->said)
		return set;
	names = mem_zero((sets->count + 1) * sizeof *names);
	for (size_t i = 0; i < sets->count; i++)
		names[i] = sets->set[i]->name;
	near = reason_nearest(name, strlen(name), names);
	mem_free(names);
	reason_set(why, 0, 0, "there is no set '%.64s'%s%s%s", name, near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : "");
	return NULL;
}

/* --- changes --- */

/* The set holds the list from here on (takes the share); what that is about is decided anew. */
static void
apply(struct controller *c, struct named_set *set, struct named_list *list, const char *by,
    struct text *t)
{
	struct named_list *old = named_list_get(set->now), *difference;
	size_t changed, now = named_list_count(list), before = named_list_count(old);

	difference = named_list_merge(old, list, SORTED_DIFFERENCE);
	changed = named_list_count(difference);
	named_replace(set, list, by);
	if (set->used > 0)
		rib_set_changed(c, difference);
	text_printf(t, "%s: %zu %s, %zu new, %zu gone", set->name, now,
	    now == 1 ? "entry" : "entries", (changed + now - before) / 2,
	    (changed + before - now) / 2);
	named_list_put(difference);
	named_list_put(old);
}

/* `list`: what was said, a share. */
static void
change(struct controller *c, struct named_set *set, unsigned verb, struct named_list *list,
    const char *by, struct text *t)
{
	struct named_list *merged;

	if (verb == SET_REPLACE) {
		apply(c, set, list, by, t);
		return;
	}
	merged = named_list_merge(set->now, list, verb == SET_ADD ? SORTED_UNION : SORTED_MINUS);
	named_list_put(list);
	apply(c, set, merged, by, t);
}

static bool
refuse(struct show *s, const struct reason *why)
{
	s->status = "error";
	if (why->line > 0)
		text_printf(&s->text, "line %u column %u: ", why->line, why->column);
	text_add(&s->text, why->text);
	return true;
}

static bool
read_step(struct show *s)
{
	struct set_work *w = s->set;
	struct reason why = { 0 };
	struct named_set *set;
	int more = named_list_read(w->list, &w->text, LINES, &why);

	if (more > 0)
		return false;
	if (more < 0)
		return refuse(s, &why);
	set = find(s->api, w->name, &why); /* the configuration may be another by now */
	if (set && set->kind != named_list_kind(w->list))
		reason_set(&why, 0, 0, "'%s' has become a set of another kind", set->name);
	if (reason_given(&why))
		return refuse(s, &why);
	named_list_done(w->list);
	change(s->api->controller, set, w->verb, w->list, w->by, &s->text);
	w->list = NULL;
	return true;
}

static void
fini(struct show *s)
{
	named_text_fini(&s->set->text);
	octets_fini(&s->set->octets);
	named_list_put(s->set->list);
	mem_free(s->set);
}

static const struct show_ops read_ops = { read_step, NULL, fini };

static void
read_body(struct call *c, const struct named_set *set)
{
	struct reader body = c->request->body;
	struct set_work *w = mem_zero(sizeof *w);
	struct show *s;

	client_who(c->request->client, w->by);
	memcpy(w->name, set->name, strlen(set->name) + 1);
	w->verb = c->kind;
	w->list = named_list_new(set->kind);
	octets_add(&w->octets, body.at, body.left);
	w->text.text = (const char *)w->octets.base;
	w->text.len = w->octets.len;
	c->request->json = false;
	request_weigh(c->request, body.left);
	s = show_new(c, &read_ops);
	s->status = "accepted";
	s->set = w;
}

/* In the line itself, with or without commas between them. */
static int
read_words(struct call *c, const struct named_set *set, struct named_list **list)
{
	*list = named_list_new(set->kind);
	do {
		if (named_list_add(*list, &c->words, &c->why) < 0) {
			named_list_put(*list);
			return -1;
		}
		words_take(&c->words, ",");
		words_take(&c->words, ";");
	} while (words_left(&c->words));
	named_list_done(*list);
	return 0;
}

static int
set_now(struct call *c, struct named_set *set, struct text *t)
{
	struct named_list *list;
	char by[160];

	if (c->kind == SET_RESTORE) {
		if (call_end(c) < 0)
			return -1;
		apply(c->api->controller, set, named_list_get(set->said), "", t);
		return 0;
	}
	if (read_words(c, set, &list) < 0)
		return -1;
	change(c->api->controller, set, c->kind, list, client_who(c->request->client, by), t);
	return 0;
}

void
command_set(struct call *c)
{
	const struct word *name = words_next(&c->words);
	struct text t = { 0 };
	struct named_set *set = NULL;

	if (!name)
		words_wrong(&c->words, &c->why, "the name of a set");
	else
		set = find(c->api, name->at, &c->why);
	if (set && c->kind != SET_RESTORE && !words_left(&c->words) && c->request->body.at) {
		read_body(c, set);
		return;
	}
	if (!set || set_now(c, set, &t) < 0)
		call_refuse(c);
	else
		request_answer(
		    &c->request, ANSWER_FINAL, "accepted", reader_of(text_str(&t), t.len), NULL);
	text_fini(&t);
}

/* --- shows --- */

static void
set_row(struct show *s, const struct named_set *set)
{
	struct tree t;

	if (!s->json) {
		text_printf(&s->text, "%-24s %-12s %8zu  used by %u  %s:%u%s%s\n", set->name,
		    named_kind_name(set->kind), named_list_count(set->now), set->used, set->file,
		    set->line, set->by[0] ? ", now as said by " : "", set->by);
		return;
	}
	t = show_row(s);
	tree_map(&t);
	tree_key(&t, "name");
	tree_text(&t, set->name);
	tree_key(&t, "kind");
	tree_text(&t, named_kind_name(set->kind));
	tree_key(&t, "entries");
	tree_uint(&t, named_list_count(set->now));
	tree_key(&t, "used");
	tree_uint(&t, set->used);
	tree_key(&t, "file");
	tree_text(&t, set->file);
	tree_key(&t, "line");
	tree_uint(&t, set->line);
	if (set->by[0]) {
		tree_key(&t, "by");
		tree_text(&t, set->by);
	}
	tree_map_end(&t);
}

static void
entry_row(struct show *s, size_t which)
{
	struct text text = { 0 };
	struct tree t;

	named_list_print(s->set->list, which, &text);
	if (s->json) {
		t = show_row(s);
		tree_text(&t, text_str(&text));
	} else {
		text_printf(&s->text, "%s\n", text_str(&text));
	}
	text_fini(&text);
}

static bool
show_step(struct show *s)
{
	const struct named_sets *sets = &s->api->controller->config->sets;
	struct set_work *w = s->set;
	size_t count = w->list ? named_list_count(w->list) : sets->count;

	for (unsigned i = 0; i < ROWS && w->at < count; i++, w->at++) {
		if (w->list)
			entry_row(s, w->at);
		else
			set_row(s, sets->set[w->at]);
	}
	return w->at >= count;
}

static const struct show_ops show_ops = { show_step, NULL, fini };

void
command_show_sets(struct call *c)
{
	const struct word *name;
	struct named_set *set = NULL;
	struct show *s;

	if (words_take(&c->words, "json"))
		c->request->json = true;
	name = words_next(&c->words);
	if (words_take(&c->words, "json"))
		c->request->json = true;
	if ((name && !(set = find(c->api, name->at, &c->why))) || call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	s = show_new(c, &show_ops);
	s->set = mem_zero(sizeof *s->set);
	s->set->list = set ? named_list_get(set->now) : NULL;
}
