/* routes: what a neighbor is told, one by one, each with an index by which it can be removed.
 *
 *      peer SELECTOR routes [AFI [SAFI]] list | add ROUTE | remove ROUTE | remove index HEX
 *
 * The index is what ExaBGP makes of a route: family, path, prefix. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/show.h"
#include "controller/intent.h"
#include "proto/bgp/route.h"

enum { STEPS = 128, INDEX_MAX = 64 + NLRI_MAX };

static const char no_path[] = "disabled";

struct listing {
	uint64_t visit;
	enum family only; /* FAMILY_UNKNOWN: all */
};

/* --- index --- */

static const char *
index_of(enum family f, bool path_id, const struct nlri *nlri, struct text *t)
{
	char family[16];
	uint8_t path[4];
	struct writer w = writer_of(path, sizeof path);

	snprintf(family, sizeof family, "%02x%02x", family_table[f].afi, family_table[f].safi);
	writer_u32(&w, nlri->path_id);
	text_clear(t);
	text_hex(t, family, strlen(family));
	if (path_id)
		text_hex(t, path, sizeof path);
	else
		text_hex(t, no_path, strlen(no_path));
	text_hex(t, nlri->octets.at, nlri->octets.left);
	return text_str(t);
}

static int
hex_octets(const char *text, uint8_t *out, size_t size, size_t *len)
{
	*len = strlen(text) / 2;
	if (strlen(text) % 2 != 0 || *len > size)
		return -1;
	for (size_t i = 0; i < *len; i++) {
		unsigned v;

		if (strspn(text + 2 * i, "0123456789abcdefABCDEF") < 2 ||
		    sscanf(text + 2 * i, "%2x", &v) != 1)
			return -1;
		out[i] = (uint8_t)v;
	}
	return 0;
}

static enum family
family_of_numbers(unsigned afi, unsigned safi)
{
	for (int f = 0; f < FAMILIES; f++)
		if (family_table[f].afi == afi && family_table[f].safi == safi)
			return (enum family)f;
	return FAMILY_UNKNOWN;
}

/* A draft of the one route that has this index. */
static int
scan_index(struct call *c, struct route_draft *d)
{
	const struct word *word = words_next(&c->words);
	uint8_t octets[INDEX_MAX], nlri[NLRI_MAX];
	struct writer w = writer_of(nlri, sizeof nlri);
	unsigned afi, safi;
	char family[5];
	struct reader r;
	size_t len;

	if (!word || hex_octets(word->at, octets, sizeof octets, &len) < 0 || len < 8)
		return reason_set(&c->why, 0, 0, "expected the index of a route");
	memcpy(family, octets, 4);
	family[4] = '\0';
	r = reader_of(octets + 4, len - 4);
	if (sscanf(family, "%2x%2x", &afi, &safi) != 2 ||
	    (d->family = family_of_numbers(afi, safi)) == FAMILY_UNKNOWN || !nlri_ops(d->family))
		return reason_set(&c->why, 0, 0, "no family has the index %s", word->at);
	d->has_family = true;
	if (r.left >= strlen(no_path) && memcmp(r.at, no_path, strlen(no_path)) == 0) {
		reader_take(&r, strlen(no_path));
	} else {
		d->path_id = reader_u32(&r);
		d->has_path_id = true;
	}
	if (nlri_ops(d->family)->parse(&r, &w) < 0 || !reader_done(&r) || w.len == 0)
		return reason_set(&c->why, 0, 0, "no route has the index %s", word->at);
	octets_add(&d->nlri, nlri, w.len);
	return 0;
}

/* --- add and remove --- */

static void
print_draft(const struct route_draft *d, const struct nlri *nlri, struct text *t)
{
	struct route_value v = { .next_hop = reader_of(d->next_hop, d->next_hop_len),
		.raw = octets_read(&d->raw),
		.attributes = octets_read(&d->attributes) };

	text_clear(t);
	if (d->next_hop_self) {
		nlri_ops(d->family)->print(nlri->octets, t);
		text_add(t, " next-hop self");
	} else {
		route_print(d->family, d->has_path_id, nlri, &v, t);
	}
}

/* One row a route: they are lines. */
static void
answer(struct call *c, const struct route_draft *d, bool removed)
{
	struct text index = { 0 }, route = { 0 };
	struct pack rows = { 0 }, data = { 0 };
	uint8_t memory[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri nlri;
	uint32_t count = 0;

	while (route_draft_next(d, &state, memory, &nlri)) {
		struct tree t = tree_pack(&rows);

		print_draft(d, &nlri, &route);
		tree_map(&t);
		if (c->kind == 1) {
			tree_key(&t, "removed");
			tree_bool(&t, removed);
			tree_put_text(&t, "route", text_str(&route));
		}
		tree_put_text(&t, "index", index_of(d->family, d->has_path_id, &nlri, &index));
		if (c->kind == 0) {
			tree_put_text(&t, "route", text_str(&route));
			tree_key(&t, "success");
			tree_bool(&t, true);
		}
		tree_map_end(&t);
		count++;
	}
	pack_array(&data, count);
	pack_copy(&data, rows.base, rows.len);
	c->request->lines = c->request->bare = true;
	request_answer(&c->request, ANSWER_FINAL, "done", reader_of("", 0), &data);
	pack_fini(&rows);
	pack_fini(&data);
	text_fini(&index);
	text_fini(&route);
}

static void
add(struct call *c, enum family family)
{
	struct route_draft d = { 0 };
	struct intent_result r = { 0 };

	c->kind = 0;
	if (announce_scan(c, family, &d) < 0 || announce_draft(c, &d, &r) < 0)
		call_refuse(c);
	else
		answer(c, &d, false);
	route_draft_fini(&d);
}

static void
drop(struct call *c, enum family family)
{
	struct route_draft d = { 0 };
	struct intent_result r = { 0 };
	bool by_index = words_take(&c->words, "index");

	c->kind = 1;
	if ((by_index ? scan_index(c, &d) : announce_scan(c, family, &d)) < 0 || call_end(c) < 0 ||
	    announce_draft(c, &d, &r) < 0)
		call_refuse(c);
	else
		answer(c, &d, r.news > 0);
	route_draft_fini(&d);
}

/* --- list --- */

static void
each(void *arg, struct neighbor *n, const struct intent_route *i)
{
	struct show *s = arg;
	struct text index = { 0 }, route = { 0 };
	char address[ADDR_TEXT];
	struct tree t;

	if (s->listing->only != FAMILY_UNKNOWN && s->listing->only != i->family)
		return;
	t = show_row(s);
	show_given(n, i, &route);
	tree_map(&t);
	tree_key(&t, "index");
	tree_text(&t, index_of(i->family, i->nlri.path_id != 0, &i->nlri, &index));
	tree_key(&t, "route");
	tree_text(&t, text_str(&route));
	tree_key(&t, "neighbor");
	tree_text(&t, addr_print(&n->peer.address, address));
	tree_map_end(&t);
	text_fini(&index);
	text_fini(&route);
}

static bool
step(struct show *s)
{
	struct neighbor *n = s->at < s->count ? s->neighbor[s->at] : NULL;

	if (!n || intent_visit(n, &s->listing->visit, STEPS, each, s)) {
		s->listing->visit = 0;
		s->at++;
	}
	return s->at >= s->count;
}

static void
fini(struct show *s)
{
	mem_free(s->listing);
}

static const struct show_ops ops = { step, NULL, fini };

static void
list(struct call *c, enum family family)
{
	struct listing l = { .only = family };
	struct show *s;

	c->request->json = true;
	c->request->bare = true;
	s = show_new(c, &ops);
	s->listing = mem_copy(&l, sizeof l);
}

/* --- the command --- */

/* AFI [SAFI]: unicast when it is not said. */
static enum family
take_family(struct call *c)
{
	struct words w = c->words;
	const struct word *afi = words_next(&w), *safi = words_next(&w);
	enum family f;

	if (!afi || (strcmp(afi->at, "ipv4") != 0 && strcmp(afi->at, "ipv6") != 0))
		return FAMILY_UNKNOWN;
	f = safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;
	if (f != FAMILY_UNKNOWN) {
		c->words = w;
		return f;
	}
	words_next(&c->words);
	return family_by_name(afi->at, "unicast");
}

void
command_routes(struct call *c)
{
	enum family family = take_family(c);

	if (words_take(&c->words, "add")) {
		add(c, family);
	} else if (words_take(&c->words, "remove")) {
		drop(c, family);
	} else if (words_take(&c->words, "list") && call_end(c) == 0) {
		list(c, family);
	} else {
		if (!reason_given(&c->why))
			words_wrong(&c->words, &c->why, "list, add or remove");
		call_refuse(c);
	}
}
