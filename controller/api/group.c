#include "controller/api/group.h"
#include <string.h>
#include "common/mem.h"
#include "controller/api/exabgp.h"
#include "controller/api/helper.h"
#include "controller/api/show.h"

enum { STEPS = 64 };

/* Lines, each behind its length; and what has become of those before `at`. */
struct group {
	struct octets lines;
	size_t count, done, at;
	struct process *process; /* it waits until the group is done */
	bool chosen; /* the neighbors are those of the command, not each line's own */
	size_t announced, withdrawn;
	struct words_line shared; /* of `attributes ...` */
	struct word *merged;
	size_t merged_cap;
	struct pack errors;
	uint32_t error_count;
	bool full; /* ... one of them says that there were too many */
};

static void
group_free(struct group *g)
{
	octets_fini(&g->lines);
	words_line_fini(&g->shared);
	pack_fini(&g->errors);
	mem_free(g->merged);
	mem_free(g);
}

static bool
group_add(struct group *g, const void *line, size_t octets)
{
	uint32_t len = (uint32_t)octets;

	if (g->count >= GROUP_LINES_MAX || g->lines.len + octets > GROUP_OCTETS_MAX)
		return false;
	octets_add(&g->lines, &len, sizeof len);
	octets_add(&g->lines, line, octets);
	g->count++;
	return true;
}

static void
add_error(struct group *g, const char *why)
{
	g->error_count++;
	pack_text(&g->errors, why);
}

/* --- one line of it --- */

struct words
group_words(struct word **memory, size_t *cap, struct words shared, struct words w)
{
	size_t own = (size_t)(w.end - w.at), more = (size_t)(shared.end - shared.at), n = 0;
	bool placed = false;

	if (more == 0)
		return w;
	*memory = mem_grow(*memory, cap, own + more, sizeof **memory);
	for (size_t i = 0; i <= own; i++) {
		if (!placed && (i == own || strcmp(w.at[i].at, "nlri") == 0)) {
			memcpy(*memory + n, shared.at, more * sizeof **memory);
			n += more;
			placed = true;
		}
		if (i < own)
			(*memory)[n++] = w.at[i];
	}
	w.at = *memory;
	w.end = *memory + n;
	return w;
}

static int
tell(struct group *g, struct call *c)
{
	struct words shared = words_of(&g->shared);
	struct intent_result r = { 0 };
	bool withdraw;

	words_next(&shared); /* `attributes` */
	if (!g->chosen && call_choose(c) < 0)
		return -1;
	withdraw = words_take(&c->words, "withdraw");
	if (!withdraw && !words_take(&c->words, "announce"))
		return words_wrong(&c->words, &c->why, "announce or withdraw");
	c->kind = withdraw;
	c->words = group_words(&g->merged, &g->merged_cap, shared, c->words);
	if (announce_now(c, &r) < 0)
		return -1;
	*(withdraw ? &g->withdrawn : &g->announced) += r.routes;
	return 0;
}

static bool
begins(struct reader line, const char *word)
{
	size_t len = strlen(word);

	return line.left > len && memcmp(line.at, word, len) == 0 && line.at[len] == ' ';
}

static void
do_line(struct group *g, struct call *c, struct reader line)
{
	bool shared = g->done == 0 && (begins(line, "attributes") || begins(line, "attribute"));
	struct words_line *into = shared ? &g->shared : &c->api->line;

	words_line_clear(into);
	if (words_cut(into, (const char *)line.at, line.left, 1, WORDS_API, &c->why) == 0) {
		c->words = words_of(into);
		if (shared || !words_left(&c->words) || tell(g, c) == 0)
			return;
	}
	add_error(g, c->why.text);
}

/* --- all of it, in slices --- */

static void
finish_text(const struct group *g, struct text *t)
{
	if (g->count == 0) {
		text_add(t, "group ended: 0 commands");
		return;
	}
	text_printf(t, "group processed: %zu announced, %zu withdrawn", g->announced, g->withdrawn);
	if (g->error_count > 0)
		text_printf(t, ", %u errors", g->error_count);
}

static void
finish_data(const struct group *g, struct pack *data)
{
	pack_map(data, g->count == 0 ? 2 : g->error_count > 0 ? 4 : 3);
	pack_text(data, "status");
	pack_text(data, g->count > 0 ? "group processed" : "group ended");
	if (g->count == 0) {
		pack_text(data, "commands");
		pack_uint(data, 0);
		return;
	}
	pack_text(data, "announced");
	pack_uint(data, g->announced);
	pack_text(data, "withdrawn");
	pack_uint(data, g->withdrawn);
	if (g->error_count == 0)
		return;
	pack_text(data, "errors");
	pack_array(data, g->error_count);
	pack_copy(data, g->errors.base, g->errors.len);
}

/* Neighbors that are still there. */
static void
tidy(struct show *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->neighbor[i])
			s->neighbor[n++] = s->neighbor[i];
	s->count = n;
}

static bool
step(struct show *s)
{
	struct group *g = s->group;

	tidy(s);
	for (unsigned i = 0; i < STEPS && g->done < g->count; i++, g->done++) {
		struct call c = { .api = s->api,
			.request = s->request,
			.neighbor = s->neighbor,
			.count = s->count };
		struct reader r = reader_of(g->lines.base + g->at, g->lines.len - g->at);
		uint32_t len;

		memcpy(&len, reader_take(&r, sizeof len), sizeof len);
		do_line(g, &c, reader_sub(&r, len));
		g->at += sizeof len + len;
	}
	if (g->done < g->count)
		return false;
	if (s->json) {
		s->rows = 1;
		finish_data(g, &s->data);
	} else {
		finish_text(g, &s->text);
	}
	return true;
}

static void
fini(struct show *s)
{
	struct process *p = s->group->process;

	if (p)
		process_hold(p, false);
	group_free(s->group);
}

static const struct show_ops ops = { step, NULL, fini };

/* Takes the group over. What the helper says behind it waits until it is done. */
static void
run(struct call *c, struct group *g)
{
	struct show *s;

	g->process = process_of(c->request->client);
	if (g->process)
		process_hold(g->process, true);
	c->request->lines = true;
	s = show_new(c, &ops);
	s->group = g;
}

/* --- the commands --- */

static void
add_word(struct text *t, const struct word *w)
{
	const char *quote = !w->quoted ? "" : strchr(w->at, '"') ? "'" : "\"";

	text_printf(t, "%s%s%s ", quote, w->at, quote);
}

void
command_group(struct call *c)
{
	struct group *g = mem_zero(sizeof *g);
	struct text t = { 0 };
	bool room = true;

	g->chosen = true;
	while (room && words_left(&c->words)) {
		while (words_left(&c->words) && !words_take(&c->words, ";"))
			add_word(&t, words_next(&c->words));
		if (t.len > 0)
			room = group_add(g, text_str(&t), t.len);
		text_clear(&t);
	}
	text_fini(&t);
	if (room) {
		run(c, g);
		return;
	}
	group_free(g);
	request_done(&c->request, "error", "a group of more than %d elements", GROUP_LINES_MAX);
}

static struct process *
helper_of(struct call *c)
{
	struct process *p = process_of(c->request->client);

	if (call_end(c) < 0)
		call_refuse(c);
	else if (!p)
		request_done(&c->request, "error", "a group of several lines is for helpers");
	else
		return p;
	return NULL;
}

void
command_group_start(struct call *c)
{
	struct process *p = helper_of(c);

	if (!p)
		return;
	if (p->group) {
		request_done(&c->request, "error", "a group has been started already");
		return;
	}
	p->group = mem_zero(sizeof *p->group);
	c->request->json = helper_version(p) == API_6;
	exabgp_says(c, "group started");
}

void
command_group_end(struct call *c)
{
	struct process *p = helper_of(c);
	struct group *g = p ? p->group : NULL;

	if (!p)
		return;
	if (!g) {
		request_done(&c->request, "error", "no group was started");
		return;
	}
	p->group = NULL;
	run(c, g);
}

/* What is too much for it is not done at all, and not by itself either: that would come before the rest. */
static void
take(struct group *g, struct reader line)
{
	struct reason why = { 0 };

	if (group_add(g, line.at, line.left) || g->full)
		return;
	g->full = true;
	reason_set(&why, 0, 0,
	    "a group of more than %d lines or %d octets: the others are left out", GROUP_LINES_MAX,
	    GROUP_OCTETS_MAX);
	add_error(g, why.text);
}

bool
group_take(struct process *p, struct reader line)
{
	static const char *const words[] = { "announce", "withdraw", "attributes", "attribute",
		"neighbor", "peer" };

	for (unsigned i = 0; p->group && i < sizeof words / sizeof *words; i++)
		if (begins(line, words[i])) {
			take(p->group, line);
			return true;
		}
	return false;
}

void
group_drop(struct process *p)
{
	if (p->group)
		group_free(p->group);
	p->group = NULL;
}
