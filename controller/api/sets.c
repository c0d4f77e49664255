/* Named sets by command: what one holds is replaced, as a whole and at once; and shown. What may be long is done in
 * slices: reading a body, putting it in order, working out what the set will hold and what that changes. It takes
 * effect at the end, if the set still holds then what it did; else it is worked out again. */
#include <string.h>
#include "common/mem.h"
#include "controller/api/show.h"
#include "controller/gates.h"
#include "controller/policy/sorted.h"
#include "controller/rib/rib.h"

enum {
	LINES = 128,
	ROWS = 128,
	ENTRIES = 1024, /* in a slice */
	AT_ONCE = 4096, /* so many entries are no work */
	OVERTAKEN_MAX = 3
};

enum phase { READ, ORDER, JOIN, COMPARE };

/* One that is being changed, or shown. */
struct set_work {
	char name[NAMED_NAME_MAX + 1];
	unsigned verb;
	char by[160];
	enum phase phase;
	struct octets octets; /* the body */
	struct named_text text;
	struct named_list *list; /* that is said; or a share of what is shown */
	struct named_sorting sorting;
	struct named_list *had, *will,
	    *changed; /* what the set held; will hold; what only one of these has */
	struct named_place place;
	unsigned overtaken; /* so often was what it had worked out for nothing */
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

static struct set_work *
work_new(const struct named_set *set, unsigned verb, const struct client *by)
{
	struct set_work *w = mem_zero(sizeof *w);

	memcpy(w->name, set->name, strlen(set->name) + 1);
	w->verb = verb;
	if (verb != SET_RESTORE)
		client_who(by, w->by);
	return w;
}

static void
forget_change(struct set_work *w)
{
	named_list_put(w->had);
	named_list_put(w->will);
	named_list_put(w->changed);
	w->had = w->will = w->changed = NULL;
	w->place = (struct named_place){ 0 };
	w->phase = JOIN;
}

static void
work_free(struct set_work *w)
{
	forget_change(w);
	named_sorting_fini(&w->sorting);
	named_text_fini(&w->text);
	octets_fini(&w->octets);
	named_list_put(w->list);
	mem_free(w);
}

/* The set, which the configuration that is there by now may have no more, or as another. */
static struct named_set *
still_there(struct api *api, const struct set_work *w, struct reason *why)
{
	struct named_set *set = find(api, w->name, why);

	if (!set || !w->list || set->kind == named_list_kind(w->list))
		return set;
	reason_set(why, 0, 0, "'%s' has become a set of another kind", set->name);
	return NULL;
}

static void
begin_change(struct set_work *w, const struct named_set *set)
{
	w->had = named_list_get(set->now);
	w->changed = named_list_new(set->kind);
	if (w->verb == SET_RESTORE)
		w->will = named_list_get(set->said);
	else if (w->verb == SET_REPLACE)
		w->will = named_list_get(w->list);
	else
		w->will = named_list_new(set->kind);
}

/* Others may change the set again and again before a slice in each turn comes to the end: in one go it does. */
static bool
in_one_go(const struct set_work *w)
{
	return w->overtaken >= OVERTAKEN_MAX;
}

/* Some of what the set will hold. True at the end. */
static bool
join(struct set_work *w)
{
	if (w->verb == SET_REPLACE || w->verb == SET_RESTORE)
		return true;
	return named_list_merge_some(w->will, w->had, w->list,
	    w->verb == SET_ADD ? SORTED_UNION : SORTED_MINUS, &w->place, ENTRIES);
}

/* Some of what is new and gone. True at the end. */
static bool
compare(struct set_work *w)
{
	return named_list_merge_some(
	    w->changed, w->had, w->will, SORTED_DIFFERENCE, &w->place, ENTRIES);
}

/* Some of what comes of the set as it is. True at the end. */
static bool
work_out(struct set_work *w, const struct named_set *set)
{
	if (w->had && w->had != set->now) {
		w->overtaken++;
		forget_change(w);
	}
	if (!w->had)
		begin_change(w, set);
	do {
		if (w->phase == COMPARE) {
			if (compare(w))
				return true;
		} else if (join(w)) {
			w->place = (struct named_place){ 0 };
			w->phase = COMPARE;
		}
	} while (in_one_go(w));
	return false;
}

/* The set holds it from here on; what that is about is decided anew. */
static void
apply(struct controller *c, struct named_set *set, struct set_work *w, struct text *t)
{
	size_t changed = named_list_count(w->changed), now = named_list_count(w->will),
	       before = named_list_count(w->had);

	named_replace(set, named_list_get(w->will), w->by);
	if (set->used > 0) {
		rib_set_changed(c, w->changed);
		gates_reconsider(c, NULL);
	}
	text_printf(t, "%s: %zu %s, %zu new, %zu gone", set->name, now,
	    now == 1 ? "entry" : "entries", (changed + now - before) / 2,
	    (changed + before - now) / 2);
}

/* One slice of a change: 1 at the end, with what to answer; 0: there is more; -1 with a reason. */
static int
change_some(struct api *api, struct set_work *w, struct text *t, struct reason *why)
{
	struct named_set *set = w->phase >= JOIN ? still_there(api, w, why) : NULL;
	int more;

	if (w->phase == READ) {
		more = named_list_read(w->list, &w->text, LINES, why);
		if (more == 0)
			w->phase = ORDER;
		return more < 0 ? -1 : 0;
	}
	if (w->phase == ORDER) {
		if (named_list_make(w->list, &w->sorting, ENTRIES))
			w->phase = JOIN;
		return 0;
	}
	if (!set)
		return -1;
	if (!work_out(w, set))
		return 0;
	if (named_list_count(w->will) > NAMED_ENTRIES_MAX)
		return reason_set(why, 0, 0, "'%s' would have %zu entries: at most a million",
		    set->name, named_list_count(w->will));
	apply(api->controller, set, w, t);
	return 1;
}

static void
show_fails(struct show *s, const struct reason *why)
{
	s->json = false;
	s->status = "error";
	if (why->line > 0)
		text_printf(&s->text, "line %u column %u: ", why->line, why->column);
	text_add(&s->text, why->text);
}

static bool
change_step(struct show *s)
{
	struct reason why = { 0 };
	int done = change_some(s->api, s->set, &s->text, &why);

	if (done < 0)
		show_fails(s, &why);
	return done != 0;
}

static void
fini(struct show *s)
{
	work_free(s->set);
}

static const struct show_ops change_ops = { change_step, NULL, fini };

static void
change_slowly(struct call *c, struct set_work *w)
{
	struct show *s;

	c->request->json = false;
	request_weigh(c->request, sizeof *w + w->octets.len);
	s = show_new(c, &change_ops);
	s->status = "accepted";
	s->set = w;
}

/* What is short, and is not behind something long of the same client, is done when it is said. */
static void
change_now(struct call *c, struct set_work *w)
{
	struct text t = { 0 };
	int done;

	while ((done = change_some(c->api, w, &t, &c->why)) == 0)
		;
	if (done < 0)
		call_refuse(c);
	else
		request_answer(
		    &c->request, ANSWER_FINAL, "accepted", reader_of(text_str(&t), t.len), NULL);
	text_fini(&t);
	work_free(w);
}

static bool
is_short(const struct call *c, const struct named_set *set, const struct set_work *w)
{
	size_t n = named_list_count(set->now) + named_list_count(w->list ? w->list : set->said);

	return n <= AT_ONCE && request_turn(c->request);
}

static void
read_body(struct call *c, const struct named_set *set)
{
	struct reader body = c->request->body;
	struct set_work *w = work_new(set, c->kind, c->request->client);

	w->list = named_list_new(set->kind);
	octets_add(&w->octets, body.at, body.left);
	w->text.text = (const char *)w->octets.base;
	w->text.len = w->octets.len;
	change_slowly(c, w);
}

/* In the line itself, with or without commas between them. */
static int
read_words(struct call *c, struct named_list *list)
{
	do {
		if (named_list_add(list, &c->words, &c->why) < 0)
			return -1;
		words_take(&c->words, ",");
		words_take(&c->words, ";");
	} while (words_left(&c->words));
	return 0;
}

static void
read_line(struct call *c, const struct named_set *set)
{
	struct set_work *w = work_new(set, c->kind, c->request->client);
	int ok;

	if (c->kind != SET_RESTORE)
		w->list = named_list_new(set->kind);
	ok = w->list ? read_words(c, w->list) : call_end(c);
	w->phase = w->list ? ORDER : JOIN;
	if (ok < 0) {
		work_free(w);
		call_refuse(c);
	} else if (is_short(c, set, w)) {
		change_now(c, w);
	} else {
		change_slowly(c, w);
	}
}

void
command_set(struct call *c)
{
	const struct word *name = words_next(&c->words);
	struct named_set *set = NULL;

	if (!name)
		words_wrong(&c->words, &c->why, "the name of a set");
	else
		set = find(c->api, name->at, &c->why);
	if (!set)
		call_refuse(c);
	else if (c->kind != SET_RESTORE && !words_left(&c->words) && c->request->body.at)
		read_body(c, set);
	else
		read_line(c, set);
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

/* A share of what the set holds when it is this show's turn: what its client said before is in it. */
static bool
take_share(struct show *s)
{
	struct set_work *w = s->set;
	struct reason why = { 0 };
	struct named_set *set;

	if (w->list || !w->name[0])
		return true;
	set = find(s->api, w->name, &why);
	if (set)
		w->list = named_list_get(set->now);
	else
		show_fails(s, &why);
	return set != NULL;
}

static bool
show_step(struct show *s)
{
	const struct named_sets *sets = &s->api->controller->config->sets;
	struct set_work *w = s->set;
	size_t count;

	if (!take_share(s))
		return true;
	count = w->list ? named_list_count(w->list) : sets->count;
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
	if (set)
		memcpy(s->set->name, set->name, strlen(set->name) + 1);
}
