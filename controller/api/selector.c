#include "controller/api/selector.h"
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"

static const char *const keys[] = { "local-ip", "local-as", "peer-as", "router-id",
	"family-allowed", "speaker", NULL };

const char *const *
selector_keys(void)
{
	return keys;
}

static bool
is_key(const char *word)
{
	for (const char *const *k = keys; *k; k++)
		if (strcmp(word, *k) == 0)
			return true;
	return false;
}

bool
selector_starts(const char *word)
{
	struct addr a;

	return strcmp(word, "*") == 0 || strcmp(word, "[") == 0 || addr_scan(&a, word) == 0;
}

static int
scan_terms(struct words *w, struct selector_description *d, struct reason *why)
{
	while (is_key(words_peek(w))) {
		const struct word *key = words_next(w), *value;

		if (d->terms == SELECTOR_TERMS)
			return words_wrong(w, why, "at most 8 terms for a neighbor");
		if (!words_left(w))
			return words_wrong(w, why, "a value");
		value = words_next(w);
		d->term[d->terms++] = (struct selector_term){ key->at, value->at };
	}
	return 0;
}

static int
scan_description(struct words *w, struct selector *s, struct reason *why)
{
	struct selector_description *d;

	if (s->count == SELECTOR_DESCRIPTIONS)
		return words_wrong(w, why, "at most 64 neighbors");
	d = &s->description[s->count];
	*d = (struct selector_description){ .any = words_take(w, "*") };
	if (!d->any) {
		if (addr_scan(&d->address, words_peek(w)) < 0)
			return words_wrong(w, why, "the address of a neighbor, or *");
		words_next(w);
	}
	s->count++;
	return scan_terms(w, d, why);
}

static int
scan_bracket(struct words *w, struct selector *s, struct reason *why)
{
	do {
		words_take(w, ",");
		if (words_take(w, "]"))
			return s->count > 0 ? 0 : words_wrong(w, why, "a neighbor");
		if (scan_description(w, s, why) < 0)
			return -1;
	} while (words_left(w));
	return words_wrong(w, why, "]");
}

/* A list may end in a comma: programs write one behind each neighbor, and ExaBGP reads it. */
static bool
another(struct words *w)
{
	bool comma = false;

	while (words_take(w, ","))
		comma = true;
	return comma &&
	       (words_are(w, "neighbor") || words_are(w, "peer") || selector_starts(words_peek(w)));
}

int
selector_scan(struct words *w, struct selector *s, struct reason *why)
{
	s->count = 0;
	if (words_take(w, "["))
		return scan_bracket(w, s, why);
	do {
		if (s->count > 0 && !words_take(w, "neighbor"))
			words_take(w, "peer");
		if (scan_description(w, s, why) < 0)
			return -1;
	} while (another(w));
	return 0;
}

static bool
ends_part(char c)
{
	return c == ' ' || c == '/' || c == '\0';
}

/* "key value" as whole words of the name; a value between slashes is one of several. */
static bool
name_has(const char *name, const struct selector_term *t)
{
	size_t klen = strlen(t->key), vlen = strlen(t->value);

	for (const char *p = strstr(name, t->key); p; p = strstr(p + 1, t->key)) {
		const char *v = p + klen + 1;

		if ((p != name && p[-1] != ' ') || p[klen] != ' ')
			continue;
		for (; *v && *v != ' '; v += strcspn(v, "/ "), v += *v == '/')
			if (strncmp(v, t->value, vlen) == 0 && ends_part(v[vlen]))
				return true;
	}
	return false;
}

static bool
description_matches(const struct selector_description *d, const struct neighbor *n)
{
	struct text name = { 0 };
	bool all = true;

	if (!d->any && !addr_equal(&d->address, &n->peer.address))
		return false;
	for (uint8_t i = 0; i < d->terms && all; i++) {
		if (strcmp(d->term[i].key, "speaker") == 0) {
			all = strcmp(d->term[i].value, n->speaker->name) == 0;
			continue;
		}
		if (name.len == 0)
			neighbor_full_name(n, &name);
		all = name_has(text_str(&name), &d->term[i]);
	}
	text_fini(&name);
	return all;
}

static bool
selector_matches(const struct selector *s, const struct neighbor *n)
{
	for (uint8_t i = 0; i < s->count; i++)
		if (description_matches(&s->description[i], n))
			return true;
	return s->count == 0;
}

size_t
selector_choose(struct client *client, const struct selector *s)
{
	struct api *api = client->api;
	struct controller *c = api->controller;
	bool (*may)(const struct client *, const struct neighbor *) = client->transport->may;
	size_t n = 0;

	if (api->chosen_cap < c->neighbor_count)
		api->chosen =
		    mem_grow(api->chosen, &api->chosen_cap, c->neighbor_count, sizeof *api->chosen);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *neighbor = LIST_ENTRY(link, struct neighbor, link);

		if (n < api->chosen_cap && selector_matches(s, neighbor) &&
		    (!may || may(client, neighbor)))
			api->chosen[n++] = neighbor;
	}
	api->chosen_count = n;
	return n;
}
