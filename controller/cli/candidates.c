#include "controller/cli/candidates.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/command.h"
#include "controller/cli/cli.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"

enum { TYPED_MAX = 64, WORD = 64, GIVEN_MAX = 512 };

struct typed {
	char at[WORD];
};

struct candidates {
	struct typed word[TYPED_MAX]; /* whole ones, then the one that was begun */
	size_t count; /* of the whole ones */
	const char *const *neighbors;
	void (*each)(void *self, const char *word);
	void *self;
	struct typed given[GIVEN_MAX];
	size_t given_count;
};

static const char *
begun(const struct candidates *c)
{
	return c->word[c->count].at;
}

static void
give(struct candidates *c, const char *word)
{
	if (strncmp(word, begun(c), strlen(begun(c))) != 0 || strlen(word) >= WORD ||
	    c->given_count == GIVEN_MAX)
		return;
	for (size_t i = 0; i < c->given_count; i++)
		if (strcmp(c->given[i].at, word) == 0)
			return;
	snprintf(c->given[c->given_count++].at, WORD, "%s", word);
	c->each(c->self, word);
}

static void
give_all(struct candidates *c, const char *const *words)
{
	for (; words && *words; words++)
		give(c, *words);
}

static bool
is(const struct candidates *c, size_t i, const char *word)
{
	return i < c->count && strcmp(c->word[i].at, word) == 0;
}

/* --- what stands for many --- */

static void
give_afis(struct candidates *c)
{
	for (enum family f = 0; f < FAMILIES_NAMED; f++)
		give(c, family_table[f].afi_name);
}

static void
give_safis(struct candidates *c, const char *afi)
{
	for (enum family f = 0; f < FAMILIES_NAMED; f++)
		if (strcmp(family_table[f].afi_name, afi) == 0)
			give(c, family_table[f].safi_name);
}

static void
give_selectors(struct candidates *c)
{
	give(c, "*");
	give_all(c, c->neighbors);
}

/* --- routes --- */

static void
give_route_words(struct candidates *c, enum family f)
{
	const struct nlri_ops *ops = f == FAMILY_UNKNOWN ? NULL : nlri_ops(f);

	for (const struct nlri_word *w = ops ? ops->words : NULL; w && w->word; w++)
		give(c, w->word);
	for (size_t i = 0; route_keyword(i); i++)
		give(c, route_keyword(i));
	give_all(c, attr_words());
}

/* Behind announce and withdraw, at word `i`. */
static void
give_route(struct candidates *c, size_t i)
{
	static const char *const forms[] = { "route", "attributes", "flow", "vpls", "sr-policy",
		NULL };
	size_t n = c->count - i;
	enum family f = FAMILY_UNKNOWN;

	if (n == 0) {
		give_all(c, forms);
		give_afis(c);
		return;
	}
	if (n >= 2)
		f = family_by_name(c->word[i].at, c->word[i + 1].at);
	if (f == FAMILY_UNKNOWN && is(c, i, "route"))
		f = IPV4_MPLS_VPN; /* label and rd make it so */
	if (f == FAMILY_UNKNOWN && is(c, i, "flow"))
		f = IPV4_FLOW;
	if (n == 1 && f == FAMILY_UNKNOWN)
		give_safis(c, c->word[i].at);
	else if (is(c, c->count - 1, "next-hop"))
		give(c, "self");
	else
		give_route_words(c, f);
}

/* --- commands --- */

/* The help of a row says what may stand behind it: words in small letters as they are, others for what they stand. */
static void
give_arguments(struct candidates *c, const char *arguments)
{
	char word[WORD];
	size_t len;

	for (const char *p = arguments; *p; p += len) {
		len = strcspn(p, " []|.,;/");
		if (len == 0 || len >= sizeof word) {
			len += len == 0;
			continue;
		}
		snprintf(word, sizeof word, "%.*s", (int)len, p);
		if (islower((unsigned char)word[0]))
			give(c, word);
		else if (strcmp(word, "SELECTOR") == 0 || strcmp(word, "ADDRESS") == 0)
			give_selectors(c);
		else if (strcmp(word, "AFI") == 0)
			give_afis(c);
		else if (strcmp(word, "SAFI") == 0 && c->count > 0)
			give_safis(c, c->word[c->count - 1].at);
	}
}

/* How many words of the row stand at word `from` and behind it; *next is its next word, "" when all do. */
static size_t
match(const struct candidates *c, size_t from, const char *row, char next[WORD])
{
	size_t n = 0;

	for (;;) {
		size_t len = strcspn(row, " ");

		snprintf(next, WORD, "%.*s", (int)(len < WORD ? len : WORD - 1), row);
		if (len == 0 || !is(c, from + n, next))
			return n;
		n++;
		row += len + strspn(row + len, " ");
	}
}

static void
give_commands(struct candidates *c, size_t from, bool selected)
{
	const struct command *best = NULL;
	size_t typed = c->count - from, longest = 0;

	for (unsigned i = 0; i < command_count; i++) {
		const struct command *m = &command_table[i];
		char next[WORD];
		size_t n = match(c, from, m->words, next);

		if (selected && !m->selects)
			continue;
		if (next[0] && n == typed)
			give(c, next);
		else if (!next[0] && n > longest) {
			best = m;
			longest = n;
		}
	}
	if (best && longest == 1 && (is(c, from, "announce") || is(c, from, "withdraw")))
		give_route(c, from + 1);
	else if (best && best->arguments)
		give_arguments(c, best->arguments);
}

/* `neighbor SELECTOR`: the word behind it; or 0, when the selector is what comes next (then it was given). */
static size_t
behind_selector(struct candidates *c)
{
	size_t i = 2;

	if (c->count == 1) {
		give_selectors(c);
		return 0;
	}
	for (;;) {
		const char *const *key = selector_keys();

		while (*key && !is(c, i, *key))
			key++;
		if (!*key) {
			if (i == c->count)
				give_all(c, selector_keys());
			return i;
		}
		if (i + 1 == c->count)
			return 0; /* its value: nobody knows */
		i += 2;
	}
}

static void
cut(struct candidates *c, const char *line)
{
	while (c->count + 1 < TYPED_MAX) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t");
		snprintf(
		    c->word[c->count].at, WORD, "%.*s", (int)(len < WORD ? len : WORD - 1), line);
		if (line[len] == '\0')
			return;
		c->count++;
		line += len;
	}
}

void
candidates_of(const char *line, const char *const *neighbors,
    void (*each)(void *self, const char *word), void *self)
{
	struct candidates *c = mem_zero(sizeof *c);
	size_t from = 0;
	bool selected;

	c->neighbors = neighbors;
	c->each = each;
	c->self = self;
	cut(c, line);
	selected = is(c, 0, "neighbor") || is(c, 0, "peer");
	if (c->count == 0 || (c->count == 1 && is(c, 0, "help"))) {
		for (const struct cli_command *own = cli_commands; own->name; own++)
			give(c, own->name);
		give(c, "neighbor");
	}
	if (is(c, 0, "help"))
		from = c->count;
	if (selected)
		from = behind_selector(c);
	if (from > 0 || !selected)
		give_commands(c, from, selected);
	if (is(c, 0, "peer")) /* `peer list` */
		give_commands(c, 0, false);
	mem_free(c);
}
