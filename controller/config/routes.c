/* Routes: static and announce, on one line or in a block. The words of a route are proto/bgp's; here they
 * find their neighbor. */
#include <stdio.h>
#include <string.h>
#include "common/blob.h"
#include "common/mem.h"
#include "controller/config/loader.h"

static struct config_route *
route_new(struct loader *l, struct config_neighbor *n)
{
	n->routes = mem_grow(n->routes, &n->route_cap, n->route_count + 1, sizeof(n->routes[0]));
	struct config_route *route = &n->routes[n->route_count++];
	*route = (struct config_route){
		.file = l->file, .line = l->keyword->line, .column = l->keyword->column
	};
	return route;
}

/* `announce { ipv4 { unicast ...` is `ipv4 unicast ...`: the words with the section's before them. */
static struct words
with_section(struct loader *l, const char *afi, struct words words)
{
	size_t count = (size_t)(words.end - words.at) + 2;

	l->scratch = mem_grow(l->scratch, &l->scratch_cap, count, sizeof(l->scratch[0]));
	l->scratch[0] = *l->keyword;
	l->scratch[0].at = afi;
	l->scratch[0].len = (uint32_t)strlen(afi);
	l->scratch[1] = *l->keyword;
	if (count > 2)
		memcpy(l->scratch + 2, words.at, (count - 2) * sizeof(l->scratch[0]));
	words.at = l->scratch;
	words.end = l->scratch + count;
	return words;
}

static int
route_line(struct loader *l, struct config_neighbor *n, struct words words)
{
	struct config_route *route = route_new(l, n);
	struct reason r = { 0 };

	if (route_scan(&words, &route->draft, &r) < 0)
		return loader_refuse(l, &r);
	if (words_left(&words)) {
		words_wrong(&words, &r, "a keyword of a route, or ;");
		return loader_refuse(l, &r);
	}
	if (route_check_nlri(&route->draft, &r) < 0 || route_check(&route->draft, &r) < 0) {
		r.line = route->line;
		r.column = route->column;
		return loader_refuse(l, &r);
	}
	return 0;
}

/* The statement of one line; words stand behind the keyword. */
int
route_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct frame *frame = loader_frame(l);
	struct words all = *words;

	if (row->in == SECTION_STATIC || row->in == SECTION_L2VPN) {
		all.at = l->keyword;
		return route_line(l, base, all);
	}
	if (row->in == SECTION_FLOW)
		return route_line(l, base, with_section(l, "flow", all));
	const char *afi = frame->row->name;
	enum family f = family_by_name(afi, row->name);
	if (f == FAMILY_UNKNOWN)
		return loader_fail(l, NULL, "there is no family %s %s", afi, row->name);
	if (!(families_built() & family_bit(f)))
		return loader_fail(l, NULL,
		    "this route waits for the family %s: this version does not speak it yet",
		    family_name(f));
	return route_line(l, base, with_section(l, afi, all));
}

void *
route_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	bool prefix = row->in == SECTION_STATIC && strcmp(row->name, "route") == 0;
	struct reason r = { 0 };
	int ok;

	if (!prefix && row->in != SECTION_FLOW && row->in != SECTION_L2VPN) {
		loader_fail(l, NULL, "'%s' is written on one line and ends in ;", row->name);
		return NULL;
	}
	struct config_route *route = route_new(l, base);
	if (prefix) {
		ok = route_scan_prefix(words, &route->draft, &r);
	} else {
		ok = route_scan_form(
		    row->in == SECTION_FLOW ? "flow" : row->name, &route->draft, &r);
		words_next(words); /* a name, for who reads it */
	}
	if (ok == 0)
		return route;
	loader_refuse(l, &r);
	return NULL;
}

bool
route_block_opens(void *base, const char *word)
{
	const struct config_route *route = base;

	return route_opens(&route->draft, word);
}

int
route_block_statement(struct loader *l, void *base, struct words *words)
{
	struct config_route *route = base;
	struct reason r = { 0 };

	if (route_scan_keyword(words, &route->draft, &r) < 0)
		return loader_refuse(l, &r);
	return loader_end(l, words);
}

int
route_leave(struct loader *l, void *base)
{
	struct config_route *route = base;
	struct reason r = { 0 };

	if (route_draft_finish(&route->draft, &r) == 0 && route_check(&route->draft, &r) == 0)
		return 0;
	r.line = route->line;
	r.column = route->column;
	return loader_refuse(l, &r);
}

int
l2vpn_leave(struct loader *l, void *base)
{
	struct config_neighbor *n = base;

	(void)l;
	n->written.later = n->route_count;
	return 0;
}

void
config_routes_arrange(struct config_neighbor *n)
{
	size_t first = n->written.later, rest = n->route_count - first;
	struct config_route *moved;

	if (first == 0 || rest == 0)
		return;
	moved = mem_alloc(first * sizeof(*moved));
	memcpy(moved, n->routes, first * sizeof(*moved));
	memmove(n->routes, n->routes + first, rest * sizeof(*moved));
	memcpy(n->routes + rest, moved, first * sizeof(*moved));
	mem_free(moved);
}

static struct octets
octets_copy(const struct octets *from)
{
	struct octets to = { 0 };

	octets_add(&to, from->base, from->len);
	return to;
}

void
config_route_copy(struct config_neighbor *n, const struct config_route *from)
{
	n->routes = mem_grow(n->routes, &n->route_cap, n->route_count + 1, sizeof(n->routes[0]));
	struct config_route *to = &n->routes[n->route_count++];
	*to = *from;
	to->draft.nlri = octets_copy(&from->draft.nlri);
	to->draft.attributes = octets_copy(&from->draft.attributes);
	to->draft.raw = octets_copy(&from->draft.raw);
}

static uint64_t
octets_digest(const struct octets *o)
{
	return hash_octets(o->base, o->len);
}

uint64_t
config_route_digest(const struct config_route *r)
{
	const struct route_draft *d = &r->draft;
	uint64_t h[] = { (uint64_t)d->family << 32 | d->path_id,
		(uint64_t)d->next_hop_len << 40 | (uint64_t)d->split << 32 | d->has_family << 3 |
		    d->has_path_id << 2 | d->next_hop_self << 1 | d->withdrawn,
		hash_octets(d->next_hop, sizeof(d->next_hop)),
		hash_octets(d->name, strlen(d->name)),
		hash_octets(d->watchdog, strlen(d->watchdog)), octets_digest(&d->nlri),
		octets_digest(&d->attributes), octets_digest(&d->raw) };

	return hash_octets(h, sizeof(h));
}
