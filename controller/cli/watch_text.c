#include "controller/cli/watch_text.h"
#include <math.h>
#include <string.h>
#include <time.h>
#include "controller/cli/print.h"

#define GREEN  "\033[32m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"

struct lines {
	struct text *out;
	const struct node *event;
	bool colour;
};

static void
word_of(struct text *out, const struct node *n)
{
	if (node_kind(n) == NODE_TEXT)
		print_word(out, node_bytes(n));
}

/* RFC 3339, milliseconds. */
static void
add_time(struct text *out, double wall)
{
	char date[40] = "";
	time_t seconds = (time_t)floor(wall);
	struct tm tm;

	if (!(wall >= 0 && wall < 253402300800.0) || !gmtime_r(&seconds, &tm))
		return;
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	text_printf(out, "%s.%03dZ ", date, (int)((wall - floor(wall)) * 1000));
}

static void
begin(const struct lines *l, const char *colour, const char *verb)
{
	const struct node *neighbor = node_find(l->event, "neighbor");

	if (l->colour)
		text_add(l->out, DIM);
	add_time(l->out, node_real(node_find(l->event, "time"), -1));
	if (l->colour)
		text_add(l->out, PLAIN);
	if (neighbor) {
		word_of(l->out, neighbor);
		text_char(l->out, ' ');
	}
	text_printf(l->out, "%s%s%s", l->colour ? colour : "", verb, l->colour ? PLAIN : "");
}

/* --- a route --- */

/* { "0": { "element": "as-sequence", "value": [1, 2] }, ... } as [1 2] and, sets, ( 1 2 ). */
static void
as_path(struct text *out, const struct node *path)
{
	for (uint32_t i = 0; i < node_count(path); i++) {
		const struct node *segment = node_value(path, i);
		char kind[32];

		node_text(node_find(segment, "element"), kind, sizeof kind);
		if (strcmp(kind, "as-sequence") != 0)
			text_printf(out, "%s%s ", i > 0 ? " " : "",
			    strncmp(kind, "as-", 3) == 0 ? kind : "");
		else if (i > 0)
			text_char(out, ' ');
		print_value(out, node_find(segment, "value"));
	}
}

static void
attributes(struct text *out, const struct node *map)
{
	for (uint32_t i = 0; i < node_count(map); i++) {
		char name[64];

		node_text(node_key(map, i), name, sizeof name);
		text_char(out, ' ');
		print_word(out, node_bytes(node_key(map, i)));
		text_char(out, ' ');
		if (strcmp(name, "as-path") == 0 && node_kind(node_value(map, i)) == NODE_MAP)
			as_path(out, node_value(map, i));
		else
			print_value(out, node_value(map, i));
	}
}

/* { "nlri": "10.0.0.0/24", "path-information": "0.0.0.1" } */
static void
nlri(struct text *out, const struct node *map)
{
	const struct node *prefix = node_find(map, "nlri");

	if (!prefix)
		prefix = node_find(map, "string");
	if (!prefix) {
		print_json(out, map);
		return;
	}
	word_of(out, prefix);
	for (uint32_t i = 0; i < node_count(map); i++) {
		if (node_value(map, i) == prefix || node_kind(node_value(map, i)) != NODE_TEXT)
			continue;
		text_char(out, ' ');
		word_of(out, node_key(map, i));
		text_char(out, ' ');
		word_of(out, node_value(map, i));
	}
}

static void
routes(const struct lines *l, const char *verb, const struct node *family, const struct node *list,
    const struct node *hop, const struct node *attribute)
{
	bool announce = strcmp(verb, "announce") == 0;

	for (uint32_t i = 0; i < node_count(list); i++) {
		begin(l, announce ? GREEN : RED, verb);
		text_char(l->out, ' ');
		word_of(l->out, family);
		text_char(l->out, ' ');
		nlri(l->out, node_at(list, i));
		if (hop && node_bytes(hop).left > 0) {
			text_add(l->out, " next-hop ");
			word_of(l->out, hop);
		}
		attributes(l->out, attribute);
		text_char(l->out, '\n');
	}
}

static void
update(const struct lines *l, const struct node *message)
{
	const struct node *u = node_find(message, "update"), *eor = node_find(message, "eor");
	const struct node *announce = node_find(u, "announce"),
			  *withdraw = node_find(u, "withdraw");

	for (uint32_t i = 0; i < node_count(withdraw); i++)
		routes(l, "withdraw", node_key(withdraw, i), node_value(withdraw, i), NULL, NULL);
	for (uint32_t i = 0; i < node_count(announce); i++) {
		const struct node *hops = node_value(announce, i);

		for (uint32_t h = 0; h < node_count(hops); h++)
			routes(l, "announce", node_key(announce, i), node_value(hops, h),
			    node_key(hops, h), node_find(u, "attribute"));
	}
	if (!eor)
		return;
	begin(l, DIM, "end-of-rib ");
	word_of(l->out, node_find(eor, "afi"));
	text_char(l->out, ' ');
	word_of(l->out, node_find(eor, "safi"));
	text_char(l->out, '\n');
}

/* --- the others --- */

static void
state(const struct lines *l)
{
	const struct node *reason = node_find(l->event, "reason");
	struct text what = { 0 };

	word_of(&what, node_find(l->event, "state"));
	begin(l,
	    strcmp(text_str(&what), "up") == 0     ? GREEN
	    : strcmp(text_str(&what), "down") == 0 ? RED
						   : YELLOW,
	    text_str(&what));
	text_fini(&what);
	if (node_kind(reason) == NODE_TEXT && node_bytes(reason).left > 0) {
		text_add(l->out, ": ");
		word_of(l->out, reason);
	}
	text_char(l->out, '\n');
}

/* Any other type: its members behind it. */
static void
other(const struct lines *l)
{
	begin(l, YELLOW, "");
	word_of(l->out, node_find(l->event, "type"));
	for (uint32_t i = 0; i < node_count(l->event); i++) {
		char key[32];

		node_text(node_key(l->event, i), key, sizeof key);
		if (strcmp(key, "type") == 0 || strcmp(key, "time") == 0 ||
		    strcmp(key, "neighbor") == 0)
			continue;
		text_char(l->out, ' ');
		word_of(l->out, node_key(l->event, i));
		text_char(l->out, ' ');
		print_value(l->out, node_value(l->event, i));
	}
	text_char(l->out, '\n');
}

void
watch_text(struct text *out, const struct node *event, bool colour)
{
	struct lines l = { out, event, colour };
	char type[32];

	node_text(node_find(event, "type"), type, sizeof type);
	if (strcmp(type, "update") == 0)
		update(&l, node_find(event, "message"));
	else if (strcmp(type, "state") == 0)
		state(&l);
	else
		other(&l);
}
