#include "controller/policy/named.h"
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/policy/ases.h"
#include "controller/policy/communities.h"
#include "controller/policy/prefixes.h"
#include "controller/policy/sorted.h"
#include "proto/bgp/attr.h"

static const char *const kinds[NAMED_KINDS] = { "prefixes", "as", "communities" };
/* A list of communities has three of them. */
enum { FORMS = 3 };
static const uint8_t codes[FORMS] = { ATTR_COMMUNITY, ATTR_LARGE_COMMUNITY, ATTR_EXT_COMMUNITY };

struct named_list {
	enum named_kind kind;
	unsigned shares;
	struct prefixes *prefixes;
	struct ases *ases;
	struct communities *communities[FORMS];
};

const char *
named_kind_name(enum named_kind k)
{
	return kinds[k];
}

bool
named_kind_of(const char *word, enum named_kind *k)
{
	for (unsigned i = 0; i < NAMED_KINDS; i++)
		if (strcmp(kinds[i], word) == 0) {
			*k = (enum named_kind)i;
			return true;
		}
	return false;
}

/* --- lists --- */

struct named_list *
named_list_new(enum named_kind kind)
{
	struct named_list *l = mem_zero(sizeof *l);

	l->kind = kind;
	l->shares = 1;
	if (kind == NAMED_PREFIXES)
		l->prefixes = prefixes_new();
	else if (kind == NAMED_AS)
		l->ases = ases_new();
	for (unsigned i = 0; kind == NAMED_COMMUNITIES && i < FORMS; i++)
		l->communities[i] = communities_new(codes[i]);
	return l;
}

struct named_list *
named_list_get(struct named_list *l)
{
	l->shares++;
	return l;
}

void
named_list_put(struct named_list *l)
{
	if (!l || --l->shares > 0)
		return;
	prefixes_free(l->prefixes);
	ases_free(l->ases);
	for (unsigned i = 0; i < FORMS; i++)
		communities_free(l->communities[i]);
	mem_free(l);
}

/* "65001:1" is one, "65001:1:1" a large one; extended ones have a name in front, or are 0x and eight octets. */
static int
add_community(struct named_list *l, struct words *w, struct reason *why)
{
	const char *text = words_peek(w);
	bool octets = strncmp(text, "0x", 2) == 0 && strlen(text) == 18;
	bool digits = !octets && text[0] >= '0' && text[0] <= '9';

	for (unsigned i = 0; i < FORMS; i++) {
		struct reason none = { 0 };

		if (codes[i] == ATTR_EXT_COMMUNITY ? digits : octets)
			continue;
		if (communities_add(l->communities[i], w, &none) == 0)
			return 0;
	}
	return words_wrong(w, why, "a community of any kind, whose parts may be * or a range");
}

int
named_list_add(struct named_list *l, struct words *w, struct reason *why)
{
	if (named_list_count(l) >= NAMED_ENTRIES_MAX)
		return words_wrong(w, why, "at most a million entries");
	if (!words_left(w))
		return words_wrong(w, why, "an entry");
	return l->kind == NAMED_PREFIXES ? prefixes_add(l->prefixes, w, why)
	       : l->kind == NAMED_AS     ? ases_add(l->ases, w, why)
					 : add_community(l, w, why);
}

static int
read_line(
    struct named_list *l, struct named_text *t, const char *line, size_t len, struct reason *why)
{
	struct words w;

	words_line_clear(&t->words);
	if (words_cut(&t->words, line, len, t->line, WORDS_FILE, why) < 0)
		return -1;
	w = words_of(&t->words);
	if (!words_left(&w))
		return 0;
	if (named_list_add(l, &w, why) < 0)
		return -1;
	return words_left(&w) ? words_wrong(&w, why, "the end of the line") : 0;
}

int
named_list_read(struct named_list *l, struct named_text *t, unsigned lines, struct reason *why)
{
	for (; lines > 0 && t->at < t->len; lines--) {
		const char *line = t->text + t->at, *end = memchr(line, '\n', t->len - t->at);
		size_t len = end ? (size_t)(end - line) : t->len - t->at;

		t->line++;
		t->at += len + (end ? 1 : 0);
		if (read_line(l, t, line, len, why) < 0)
			return -1;
	}
	return t->at < t->len;
}

void
named_text_fini(struct named_text *t)
{
	words_line_fini(&t->words);
}

bool
named_list_make(struct named_list *l, struct named_sorting *s, size_t steps)
{
	if (l->kind == NAMED_PREFIXES)
		return prefixes_make(l->prefixes, &s->in, steps);
	if (l->kind == NAMED_AS)
		return ases_make(l->ases, &s->in, steps);
	if (communities_make(l->communities[s->form], &s->in, steps))
		s->form++;
	return s->form == FORMS;
}

void
named_sorting_fini(struct named_sorting *s)
{
	sorting_fini(&s->in);
}

void
named_list_done(struct named_list *l)
{
	struct named_sorting s = { 0 };

	while (!named_list_make(l, &s, SIZE_MAX))
		;
}

enum named_kind
named_list_kind(const struct named_list *l)
{
	return l->kind;
}

size_t
named_list_count(const struct named_list *l)
{
	size_t n = 0;

	if (l->kind == NAMED_PREFIXES)
		return prefixes_count(l->prefixes);
	if (l->kind == NAMED_AS)
		return ases_count(l->ases);
	for (unsigned i = 0; i < FORMS; i++)
		n += communities_count(l->communities[i]);
	return n;
}

void
named_list_print(const struct named_list *l, size_t which, struct text *t)
{
	struct text one = { 0 };
	unsigned i = 0;

	if (l->kind == NAMED_PREFIXES) {
		prefixes_print(l->prefixes, which, t);
		return;
	}
	if (l->kind == NAMED_AS) {
		ases_print(l->ases, which, t);
		return;
	}
	while (which >= communities_count(l->communities[i]))
		which -= communities_count(l->communities[i++]);
	communities_print(l->communities[i], which, &one);
	text_add(t, text_str(&one));
	text_fini(&one);
}

bool
named_list_merge_some(struct named_list *out, const struct named_list *a,
    const struct named_list *b, unsigned keep, struct named_place *at, size_t steps)
{
	unsigned form = at->form;

	if (out->kind == NAMED_PREFIXES)
		return prefixes_merge(
		    out->prefixes, a->prefixes, b->prefixes, keep, &at->in, steps);
	if (out->kind == NAMED_AS)
		return ases_merge(out->ases, a->ases, b->ases, keep, &at->in, steps);
	if (communities_merge(out->communities[form], a->communities[form], b->communities[form],
		keep, &at->in, steps))
		*at = (struct named_place){ .form = form + 1 };
	return at->form == FORMS;
}

struct named_list *
named_list_merge(const struct named_list *a, const struct named_list *b, unsigned keep)
{
	struct named_list *out = named_list_new(a->kind);
	struct named_place at = { 0 };

	while (!named_list_merge_some(out, a, b, keep, &at, SIZE_MAX))
		;
	return out;
}

bool
named_list_equal(const struct named_list *a, const struct named_list *b)
{
	bool equal = a->kind == b->kind;

	if (a == b || !equal)
		return equal;
	if (a->kind == NAMED_PREFIXES)
		return prefixes_equal(a->prefixes, b->prefixes);
	if (a->kind == NAMED_AS)
		return ases_equal(a->ases, b->ases);
	for (unsigned i = 0; equal && i < FORMS; i++)
		equal = communities_equal(a->communities[i], b->communities[i]);
	return equal;
}

bool
named_list_has_prefix(const struct named_list *l, const struct prefix *p)
{
	return l->prefixes && prefixes_hold(l->prefixes, p);
}

bool
named_list_has_as(const struct named_list *l, uint32_t asn)
{
	return l->ases && ases_hold(l->ases, asn);
}

bool
named_list_meets(const struct named_list *l, uint8_t code, struct reader value)
{
	for (unsigned i = 0; i < FORMS; i++)
		if (l->communities[i] && codes[i] == code)
			return communities_meet(l->communities[i], value);
	return false;
}

/* --- sets --- */

void
named_sets_free(struct named_sets *s)
{
	for (size_t i = 0; i < s->count; i++) {
		named_list_put(s->set[i]->said);
		named_list_put(s->set[i]->now);
		mem_free(s->set[i]->name);
		mem_free(s->set[i]);
	}
	mem_free(s->set);
	*s = (struct named_sets){ 0 };
}

struct named_set *
named_find(const struct named_sets *s, const char *name)
{
	for (size_t i = 0; s && i < s->count; i++)
		if (strcmp(s->set[i]->name, name) == 0)
			return s->set[i];
	return NULL;
}

/* It begins with a letter, and has nothing in it that a prefix, an AS or a community has. */
bool
named_may_be(const char *word)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789.-_";
	size_t len = strlen(word);

	return len > 0 && len <= NAMED_NAME_MAX && strspn(word, letters) > 0 &&
	       strspn(word, more) == len;
}

static struct named_set *
make(struct named_sets *s, enum named_kind kind, const struct word *name)
{
	struct named_set *n = mem_zero(sizeof *n);

	n->name = mem_text(name->at, name->len);
	n->kind = kind;
	n->file = s->file;
	n->line = name->line;
	n->column = name->column;
	s->set = mem_grow(s->set, &s->cap, s->count + 1, sizeof(struct named_set *));
	s->set[s->count++] = n;
	return n;
}

static int
wrong_kind(const struct named_set *n, const struct word *name, struct reason *why)
{
	return reason_set(why, name->line, name->column, "'%s' is a set of %s", n->name,
	    n->kind == NAMED_AS ? "ASes" : kinds[n->kind]);
}

/* The names of communities are no names of sets: a condition could not tell. */
static bool
is_community(const struct word *name)
{
	struct communities *c = communities_new(ATTR_COMMUNITY);
	struct words w = { .at = name, .end = name + 1 };
	struct reason none = { 0 };
	bool is = communities_add(c, &w, &none) == 0;

	communities_free(c);
	return is;
}

struct named_set *
named_write(struct named_sets *s, enum named_kind kind, const struct word *name, struct reason *why)
{
	struct named_set *n = named_find(s, name->at);

	if (!named_may_be(name->at) || is_community(name)) {
		reason_set(why, name->line, name->column,
		    "'%.64s' cannot be the name of a set: a letter, then letters, digits, '.', '-' "
		    "and '_'",
		    name->at);
		return NULL;
	}
	if (n && n->said) {
		reason_set(why, name->line, name->column, "set '%s' is there already", n->name);
		return NULL;
	}
	if (n && n->kind != kind) {
		wrong_kind(n, name, why);
		return NULL;
	}
	if (!n)
		n = make(s, kind, name);
	n->file = s->file;
	n->line = name->line;
	n->column = name->column;
	n->said = named_list_new(kind);
	n->now = named_list_get(n->said);
	return n;
}

struct named_set *
named_call(struct named_sets *s, enum named_kind kind, struct words *w, struct reason *why)
{
	const struct word *name = words_next(w);
	struct named_set *n = named_find(s, name->at);

	if (!n)
		n = make(s, kind, name);
	if (n->kind != kind) {
		wrong_kind(n, name, why);
		return NULL;
	}
	n->used++;
	return n;
}

void
named_replace(struct named_set *n, struct named_list *l, const char *by)
{
	named_list_put(n->now);
	n->now = l;
	snprintf(n->by, sizeof n->by, "%s", by);
}

void
named_carry(const struct named_sets *old, struct named_sets *new)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct named_set *o = old->set[i];
		struct named_set *n = o->by[0] ? named_find(new, o->name) : NULL;

		if (n && n->kind == o->kind && named_list_equal(n->said, o->said))
			named_replace(n, named_list_get(o->now), o->by);
	}
}
