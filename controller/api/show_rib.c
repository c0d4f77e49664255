/* show rib: the routes that go from peer to peer, prefix by prefix. What their neighbors said, what import took of
 * it, which is the best and by what, and what the RIB tells whom; or how many these are. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/event.h"
#include "controller/api/route_filter.h"
#include "controller/api/show.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/rib/rib.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

enum { STEPS = 64, TOLD_STEPS = 128, NAMED = 4 };

enum view_of_rib { EVERY, RECEIVED, ACCEPTED, BEST, ADVERTISED };
static const char *const views[] = { [RECEIVED] = "received",
	[ACCEPTED] = "accepted",
	[BEST] = "best",
	[ADVERTISED] = "advertised" };
enum { VIEWS = ADVERTISED + 1 };

struct tally {
	uint64_t of[VIEWS];
};

struct rib_walk {
	struct route_filter filter;
	enum view_of_rib view;
	bool counts; /* how many, instead of which */
	uint32_t who; /* the neighbors that it is about: a share */
	int family;
	enum { AT_PATHS, AT_TOLD, AT_TALLIES } stage;
	uint32_t at, speaker; /* speaker: its place among them */
	bool headed; /* its family stands above */
	struct tally *tally, all; /* of the family, by number of the neighbor */
	uint32_t tally_cap;
};

/* --- rows in text --- */

static int
prefix_width(enum family f)
{
	return family_table[f].afi == AFI_IPV4 ? 18 : 32;
}

static void
head(struct show *s)
{
	struct rib_walk *w = s->rib;
	bool told = w->view == ADVERTISED;
	int address = family_table[w->family].afi == AFI_IPV4 ? 15 : 24;

	if (!w->headed)
		text_printf(&s->text, "%s\n  %-*s  %-*s  %-*s  %10s %10s %6s  %s\n",
		    family_name((enum family)w->family), prefix_width((enum family)w->family),
		    "PREFIX", address, "NEXT HOP", address, "FROM", "PREF", "MED",
		    told ? "" : "WEIGHT", told ? "PATH, TO" : "PATH, WHY");
	w->headed = true;
}

static void
pad(struct text *t, size_t from, int width)
{
	while (t->len < from + (size_t)width)
		text_char(t, ' ');
	text_add(t, "  ");
}

static void
print_number(struct text *t, struct reader attributes, uint8_t code, int width)
{
	struct attr a;

	if (attrs_find(attributes, code, &a))
		text_printf(t, "%*u ", width, (unsigned)reader_u32(&a.value));
	else
		text_printf(t, "%*s ", width, "-");
}

/* "65001 65002 {65003,65004} i" */
static void
print_path(struct text *t, struct reader attributes)
{
	static const char *const around[][3] = { [SEGMENT_SET] = { "{", ",", "}" },
		[SEGMENT_SEQUENCE] = { "", " ", "" },
		[SEGMENT_CONFED_SEQUENCE] = { "(", " ", ")" },
		[SEGMENT_CONFED_SET] = { "[", ",", "]" } };
	struct segment g;
	struct attr a;

	if (attrs_find(attributes, ATTR_AS_PATH, &a))
		while (
		    segment_next(&a.value, 4, &g) && g.type <= SEGMENT_CONFED_SET && g.type > 0) {
			text_add(t, around[g.type][0]);
			for (unsigned i = 0; i < g.count; i++)
				text_printf(t, "%s%u", i > 0 ? around[g.type][1] : "",
				    (unsigned)segment_asn(&g));
			text_printf(t, "%s ", around[g.type][2]);
		}
	if (attrs_find(attributes, ATTR_ORIGIN, &a)) {
		uint8_t origin = reader_u8(&a.value);

		text_char(t, origin == ORIGIN_IGP ? 'i' : origin == ORIGIN_EGP ? 'e' : '?');
	}
}

static const char *
name_of(const struct neighbor *n)
{
	const char *blank = n ? strchr(n->name, ' ') : NULL; /* behind "neighbor" */

	return blank ? blank + 1 : "-";
}

/* What all rows have: the prefix, the next hop, who said it. */
static void
print_route(struct show *s, char mark, const struct nlri *nlri, const struct route_value *v,
    const struct neighbor *from)
{
	enum family f = (enum family)s->rib->family;
	int address = family_table[f].afi == AFI_IPV4 ? 15 : 24;
	struct text *t = &s->text;
	char hop[ADDR_TEXT];
	size_t start;

	head(s);
	text_printf(t, "%c ", mark);
	start = t->len;
	nlri_ops(f)->print(nlri->octets, t);
	if (nlri->path_id != 0) {
		text_add(t, " id ");
		path_id_print(nlri->path_id, t);
	}
	pad(t, start, prefix_width(f));
	text_printf(t, "%-*s  %-*s  ", address, event_next_hop(f, v->next_hop, hop), address,
	    name_of(from));
	print_number(t, v->attributes, ATTR_LOCAL_PREF, 10);
	print_number(t, v->attributes, ATTR_MED, 10);
}

static void
text_path(struct show *s, const struct rib_shown *r, const struct route_value *v)
{
	print_route(s, r->chosen ? '*' : r->accepted ? ' ' : '-', &r->nlri, v, r->neighbor);
	text_printf(&s->text, "%6u  ", (unsigned)r->weight);
	print_path(&s->text, v->attributes);
	text_printf(&s->text, "  # %s%s%s\n", r->chosen ? "best: " : "", r->chosen ? r->by : r->why,
	    r->stale ? ", stale" : "");
}

/* A few are named, then how many there are. */
static void
text_told(struct show *s, const struct nlri *nlri, const struct route_value *v,
    const struct neighbor *from, uint32_t to)
{
	struct controller *c = s->api->controller;
	size_t count = set_count(c->sets, to), named = 0;
	int32_t next = -1;

	print_route(s, ' ', nlri, v, from);
	text_add(&s->text, "        ");
	print_path(&s->text, v->attributes);
	text_add(&s->text, "  # to");
	while (named < NAMED && (next = set_next(c->sets, to, (uint32_t)(next + 1))) >= 0) {
		text_printf(&s->text, "%s %s", named > 0 ? "," : "",
		    name_of(neighbor_by_number(c, (uint32_t)next)));
		named++;
	}
	if (count > named)
		text_printf(&s->text, ", and %zu more", count - named);
	text_char(&s->text, '\n');
}

/* --- rows in JSON --- */

static void
tree_neighbor(struct tree *t, const struct neighbor *n)
{
	char address[PREFIX_TEXT];

	tree_put_text(t, "neighbor", neighbor_address(n, address));
	tree_put_text(t, "speaker", n->speaker->name);
}

static void
tree_route(struct show *s, struct tree *t, const struct nlri *nlri, const struct route_value *v)
{
	enum family f = (enum family)s->rib->family;
	char hop[ADDR_TEXT];

	tree_put_text(t, "family", family_name(f));
	nlri_tree(f, nlri->path_id != 0, nlri, v->next_hop, t);
	tree_put_text(t, "next-hop", event_next_hop(f, v->next_hop, hop));
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(v->attributes, t);
	tree_map_end(t);
}

static void
tree_flag(struct tree *t, const char *key, bool flag)
{
	tree_key(t, key);
	tree_bool(t, flag);
}

static void
tree_path(struct show *s, const struct rib_shown *r, const struct route_value *v)
{
	struct tree t = show_row(s);

	tree_map(&t);
	tree_neighbor(&t, r->neighbor);
	tree_route(s, &t, &r->nlri, v);
	tree_put_uint(&t, "weight", r->weight);
	tree_put_uint(&t, "age", r->age);
	tree_flag(&t, "accepted", r->accepted);
	tree_flag(&t, "best", r->chosen);
	tree_put_text(&t, "why", r->chosen ? r->by : r->why);
	if (r->stale)
		tree_flag(&t, "stale", true);
	tree_map_end(&t);
}

static void
tree_told(struct show *s, const struct nlri *nlri, const struct route_value *v,
    const struct neighbor *from, uint32_t to)
{
	struct controller *c = s->api->controller;
	struct tree t = show_row(s);
	char address[PREFIX_TEXT];

	tree_map(&t);
	if (from)
		tree_neighbor(&t, from);
	tree_route(s, &t, nlri, v);
	tree_key(&t, "to");
	tree_list(&t);
	for (int32_t n = -1; (n = set_next(c->sets, to, (uint32_t)(n + 1))) >= 0;) {
		const struct neighbor *one = neighbor_by_number(c, (uint32_t)n);

		if (one)
			tree_text(&t, neighbor_address(one, address));
	}
	tree_list_end(&t);
	tree_map_end(&t);
}

/* --- how many --- */

static void
add(struct rib_walk *w, uint32_t number, enum view_of_rib view, uint64_t count)
{
	if (number >= w->tally_cap) {
		uint32_t cap = number + 64;

		w->tally = mem_resize(w->tally, cap * sizeof *w->tally);
		memset(w->tally + w->tally_cap, 0, (cap - w->tally_cap) * sizeof *w->tally);
		w->tally_cap = cap;
	}
	w->tally[number].of[view] += count;
}

static void
count_path(struct rib_walk *w, const struct rib_shown *r)
{
	uint32_t n = r->neighbor->number;

	add(w, n, RECEIVED, 1);
	add(w, n, ACCEPTED, r->accepted);
	add(w, n, BEST, r->chosen);
	w->all.of[RECEIVED]++;
	w->all.of[ACCEPTED] += r->accepted;
	w->all.of[BEST] += r->chosen;
}

static void
count_told(struct show *s, uint32_t to)
{
	const struct sets *sets = s->api->controller->sets;

	for (int32_t n = -1; (n = set_next(sets, to, (uint32_t)(n + 1))) >= 0;)
		add(s->rib, (uint32_t)n, ADVERTISED, 1);
	s->rib->all.of[ADVERTISED] += set_count(sets, to);
}

static void
show_tally(struct show *s, const struct neighbor *n, const struct tally *of)
{
	struct rib_walk *w = s->rib;
	struct tree t;

	if (!s->json) {
		if (!w->headed)
			text_printf(&s->text, "%s\n  %-24s", family_name((enum family)w->family),
			    "NEIGHBOR");
		for (int v = RECEIVED; !w->headed && v < VIEWS; v++)
			if (w->view == EVERY || w->view == (enum view_of_rib)v)
				text_printf(&s->text, "  %10s", views[v]);
		text_printf(&s->text, "%s  %-24s", w->headed ? "" : "\n", n ? name_of(n) : "*");
		w->headed = true;
	} else {
		t = show_row(s);
		tree_map(&t);
		tree_put_text(&t, "family", family_name((enum family)w->family));
		if (n)
			tree_neighbor(&t, n);
		else
			tree_put_text(&t, "neighbor", "*");
	}
	for (int v = RECEIVED; v < VIEWS; v++) {
		if (w->view != EVERY && w->view != (enum view_of_rib)v)
			continue;
		if (s->json)
			tree_put_uint(&t, views[v], of->of[v]);
		else
			text_printf(&s->text, "  %10llu", (unsigned long long)of->of[v]);
	}
	if (s->json)
		tree_map_end(&t);
	else
		text_char(&s->text, '\n');
}

/* --- the walk --- */

static void
each_path(void *arg, const struct rib_shown *r)
{
	struct show *s = arg;
	struct rib_walk *w = s->rib;
	const struct route_value *v = w->view == RECEIVED ? &r->received : &r->value;

	if (!set_has(s->api->controller->sets, w->who, r->neighbor->number) ||
	    !route_filter_passes(&w->filter, (enum family)w->family, r->nlri.octets))
		return;
	if (w->counts)
		count_path(w, r);
	else if ((w->view == ACCEPTED && !r->accepted) || (w->view == BEST && !r->chosen))
		return;
	else if (s->json)
		tree_path(s, r, v);
	else
		text_path(s, r, v);
}

/* One entry of what a speaker's peers are told. */
static void
each_told(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct show *s = arg;
	struct rib_walk *w = s->rib;
	struct controller *c = s->api->controller;
	struct nlri nlri = { ledger_path_id(l, e), ledger_key(l, e) };
	struct route_value value;
	uint32_t to;

	if (e->mark || !c->rib || !rib_owns(c, ledger_owner(l, e)) ||
	    !route_filter_passes(&w->filter, (enum family)w->family, nlri.octets))
		return;
	to = set_both(c->sets, ledger_audience(l, e), w->who);
	if (to == SET_NONE)
		return;
	value = route_value_of(blob_read(ledger_value(e)));
	if (w->counts)
		count_told(s, to);
	else if (s->json)
		tree_told(s, &nlri, &value,
		    rib_teller(c, (enum family)w->family, ledger_path_id(l, e), nlri.octets), to);
	else
		text_told(s, &nlri, &value,
		    rib_teller(c, (enum family)w->family, ledger_path_id(l, e), nlri.octets), to);
	set_put(c->sets, to);
}

static bool
piece_full(const struct show *s)
{
	return s->text.len >= SHOW_PIECE || s->data.len >= SHOW_PIECE;
}

static bool
step_paths(struct show *s)
{
	struct rib_walk *w = s->rib;
	enum family f = (enum family)w->family;
	struct reader key = route_filter_key(&w->filter, f);

	if (key.left > 0) {
		rib_explain(s->api->controller, f, key, each_path, s);
		return true;
	}
	for (unsigned i = 0; i < STEPS && !piece_full(s); i++)
		if (rib_list(s->api->controller, f, &w->at, 1, each_path, s))
			return true;
	return false;
}

/* The ledger of the speaker at its place; false: there is no such speaker any more. */
static bool
told_at(struct show *s, struct ledger **l)
{
	const struct rib_walk *w = s->rib;
	uint32_t place = 0;

	LIST_EACH(link, fleet_speakers(s->api->controller->fleet))
		if (place++ == w->speaker) {
			*l = LIST_ENTRY(link, struct speaker_entry, link)
				 ->intent.told[w->family]
				 .ledger;
			return true;
		}
	return false;
}

static bool
step_told(struct show *s)
{
	struct rib_walk *w = s->rib;
	struct ledger *l;

	if (!told_at(s, &l))
		return true;
	for (unsigned i = 0; l && i < TOLD_STEPS && !piece_full(s); i++)
		if (ledger_visit(l, &w->at, 1, each_told, s))
			l = NULL;
	if (!l) {
		w->speaker++;
		w->at = 0;
	}
	return false;
}

/* All of them together, then each that has some. */
static bool
step_tallies(struct show *s)
{
	static const struct tally none;
	struct rib_walk *w = s->rib;

	if (w->at == 0 && memcmp(&w->all, &none, sizeof none) != 0)
		show_tally(s, NULL, &w->all);
	for (unsigned i = 0; i < STEPS && w->at < w->tally_cap; i++, w->at++) {
		const struct neighbor *n = neighbor_by_number(s->api->controller, w->at);

		if (n && memcmp(&w->tally[w->at], &none, sizeof none) != 0)
			show_tally(s, n, &w->tally[w->at]);
	}
	return w->at >= w->tally_cap;
}

static void
next_stage(struct rib_walk *w)
{
	w->at = w->speaker = 0;
	if (w->stage < AT_TALLIES) {
		w->stage++;
		return;
	}
	mem_free(w->tally);
	w->tally = NULL;
	w->tally_cap = 0;
	w->all = (struct tally){ .of = { 0 } };
	w->headed = false;
	w->stage = AT_PATHS;
	w->family++;
}

/* Is there anything to be done in this stage? */
static bool
concerns(const struct rib_walk *w)
{
	if (!route_filter_family(&w->filter, (enum family)w->family) ||
	    !nlri_ops((enum family)w->family))
		return false;
	if (w->stage == AT_TALLIES || (w->counts && w->view == EVERY))
		return w->counts;
	return (w->stage == AT_TOLD) == (w->view == ADVERTISED);
}

static bool
step(struct show *s)
{
	static bool (*const steps[])(struct show *) = {
		[AT_PATHS] = step_paths, [AT_TOLD] = step_told, [AT_TALLIES] = step_tallies
	};
	struct rib_walk *w = s->rib;

	while (w->family < FAMILIES && !concerns(w))
		next_stage(w);
	if (w->family == FAMILIES)
		return true;
	if (steps[w->stage](s))
		next_stage(w);
	return false;
}

static void
fini(struct show *s)
{
	set_put(s->api->controller->sets, s->rib->who);
	mem_free(s->rib->tally);
	mem_free(s->rib);
}

/* A neighbor that goes needs no word: its number is not given again soon, and stands for nobody meanwhile. */
static const struct show_ops ops = { step, NULL, fini };

/* --- the command --- */

static bool
take_view(struct call *c, struct rib_walk *w)
{
	for (int v = RECEIVED; v < VIEWS; v++)
		if (words_take(&c->words, views[v])) {
			w->view = (enum view_of_rib)v;
			return true;
		}
	if (!words_take(&c->words, "count"))
		return false;
	w->counts = true;
	return true;
}

static int
scan(struct call *c, struct rib_walk *w)
{
	route_filter_init(&w->filter);
	while (words_left(&c->words)) {
		const char *word = words_peek(&c->words);
		int taken;

		if (take_view(c, w))
			continue;
		if (strcmp(word, "neighbor") == 0 || strcmp(word, "peer") == 0 ||
		    selector_starts(word)) {
			if (call_narrow(c) < 0)
				return -1;
			continue;
		}
		taken = route_filter_scan(c, &w->filter);
		if (taken < 0)
			return -1;
		if (taken == 0)
			return words_wrong(&c->words, &c->why,
			    "received, accepted, best, advertised, count, neighbor, a family or a "
			    "prefix");
	}
	return 0;
}

void
command_show_rib(struct call *c)
{
	struct rib_walk walk = { .view = EVERY };
	struct set_members who = { 0 };
	struct show *s;

	if (scan(c, &walk) < 0) {
		call_refuse(c);
		return;
	}
	if (!c->api->controller->rib && !c->request->json) {
		request_done(&c->request, "done",
		    "no neighbor says propagate: no route goes from peer to peer "
		    "(`show routes` has what was received and sent)");
		return;
	}
	for (size_t i = 0; i < c->count; i++)
		set_add(&who, c->neighbor[i]->number);
	walk.who = set_of_members(c->api->controller->sets, &who);
	s = show_new(c, &ops);
	s->at = s->count; /* it stands at none of them: a speaker that is lost takes nothing away */
	s->rib = mem_copy(&walk, sizeof walk);
}
