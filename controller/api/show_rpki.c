/* show rpki: the caches, and which is heard; or what ROAs say of a prefix, and of an AS that originates it. Answered at
 * once: caches are few, and so are the ROAs around a prefix. */
#include <stdio.h>
#include "controller/api/command.h"
#include "controller/api/show_rpki.h"
#include "controller/rpki/rpki.h"

enum { ROWS_MAX = 1000 };

static const char *
state_of(const struct cache *k)
{
	if (k->state == CACHE_LEAVING)
		return "leaving";
	if (k->state == CACHE_UP)
		return rpki_heard(k) ? "up" : "up, not heard";
	return !k->known ? "down" : rpki_heard(k) ? "down, heard" : "down, not expired";
}

static uint64_t
ago(const struct api *api, uint64_t then)
{
	return (api_now(api) - then) / 1000000;
}

/* Seconds until what it said holds no longer. */
static uint64_t
left(const struct api *api, const struct cache *k)
{
	return k->known && k->expires > api_now(api) ? (k->expires - api_now(api)) / 1000000 : 0;
}

static void
cache_line(struct text *t, const struct api *api, const struct cache *k)
{
	char address[ADDR_TEXT], where[ADDR_TEXT + 8];

	snprintf(where, sizeof where, k->options.address.family == 6 ? "[%s]:%u" : "%s:%u",
	    addr_print(&k->options.address, address), k->options.port);
	text_printf(t, "%-16s  %-22s  %10u  %-17s  %6llu  %7u  %10u  %8zu  %7llu%s%s\n", k->name,
	    where, k->preference, state_of(k), (unsigned long long)ago(api, k->since), k->session,
	    k->serial, k->count, (unsigned long long)left(api, k), k->why[0] ? "  " : "", k->why);
}

static void
cache_map(struct tree *t, const struct api *api, const struct cache *k)
{
	char address[ADDR_TEXT];

	tree_map(t);
	tree_put_text(t, "cache", k->name);
	tree_put_text(t, "address", addr_print(&k->options.address, address));
	tree_put_uint(t, "port", k->options.port);
	tree_put_uint(t, "preference", k->preference);
	tree_put_text(t, "state",
	    k->state == CACHE_UP     ? "up"
	    : k->state == CACHE_DOWN ? "down"
				     : "leaving");
	tree_key(t, "heard");
	tree_bool(t, rpki_heard(k));
	tree_put_uint(t, "seconds", ago(api, k->since));
	tree_put_uint(t, "session", k->session);
	tree_put_uint(t, "serial", k->serial);
	tree_put_uint(t, "roas", k->count);
	tree_put_uint(t, "ups", k->ups);
	tree_put_uint(t, "refresh", k->refresh);
	tree_put_uint(t, "retry", k->retry);
	tree_put_uint(t, "expire", k->expire);
	if (k->known)
		tree_put_uint(t, "expires", left(api, k));
	if (k->why[0])
		tree_put_text(t, "why", k->why);
	tree_map_end(t);
}

static void
caches(struct call *c)
{
	const struct rpki *r = c->api->controller->rpki;
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text text = { 0 };

	tree_list(&tree);
	text_add(&text, "cache             address                 preference  state               "
			"since  session      serial      ROAs  expires  why\n");
	for (struct list *link = r ? rpki_caches(r)->next : NULL; link && link != rpki_caches(r);
	     link = link->next) {
		const struct cache *k = LIST_ENTRY(link, struct cache, link);

		cache_line(&text, c->api, k);
		cache_map(&tree, c->api, k);
	}
	tree_list_end(&tree);
	request_answer(&c->request, ANSWER_FINAL, "done", reader_of(text_str(&text), text.len),
	    c->request->json ? &data : NULL);
	text_fini(&text);
	pack_fini(&data);
}

/* --- of a prefix --- */

struct question {
	const struct rpki *rpki;
	const struct prefix *prefix;
	uint32_t origin;
	bool asked; /* there is an origin */
	unsigned rows;
	struct text *text; /* one of these */
	struct tree *tree;
};

static const char *
fits(const struct question *q, const struct roa *a)
{
	if (q->asked && a->asn != q->origin)
		return "another AS";
	if (q->asked && q->origin == 0)
		return "no AS";
	return q->prefix->len > a->max ? "too long" : "allows it";
}

static void
names(const struct question *q, uint32_t bits)
{
	bool first = true;

	LIST_EACH(link, rpki_caches(q->rpki)) {
		const struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (!(bits >> k->number & 1) || !rpki_heard(k))
			continue;
		if (q->tree)
			tree_text(q->tree, k->name);
		else
			text_printf(q->text, "%s%s", first ? "" : ", ", k->name);
		first = false;
	}
}

static void
roa_row(void *arg, const struct roa *a, uint32_t bits)
{
	struct question *q = arg;
	char prefix[PREFIX_TEXT];

	if (q->rows++ >= ROWS_MAX)
		return;
	if (!q->tree) {
		text_printf(q->text, "    %s", prefix_print(&a->prefix, prefix));
		if (a->max > a->prefix.len)
			text_printf(q->text, "-%u", a->max);
		text_printf(q->text, " AS%u: %s (", a->asn, fits(q, a));
		names(q, bits);
		text_add(q->text, ")\n");
		return;
	}
	tree_map(q->tree);
	tree_put_text(q->tree, "prefix", prefix_print(&a->prefix, prefix));
	tree_put_uint(q->tree, "max-length", a->max);
	tree_put_uint(q->tree, "as", a->asn);
	tree_put_text(q->tree, "fits", fits(q, a));
	tree_key(q->tree, "caches");
	tree_list(q->tree);
	names(q, bits);
	tree_list_end(q->tree);
	tree_map_end(q->tree);
}

void
origin_explain(const struct controller *c, const struct prefix *p, uint32_t origin,
    struct text *text, struct tree *tree)
{
	struct question q = { .rpki = c->rpki,
		.prefix = p,
		.origin = origin,
		.asked = true,
		.text = text,
		.tree = tree };

	if (c->rpki)
		roas_covering(rpki_roas(c), p, roa_row, &q);
}

static void
answer(struct call *c, const struct prefix *p, bool asked, uint32_t origin)
{
	const struct roas *roas = rpki_roas(c->api->controller);
	const char *state = asked ? rpki_state_name(roas_validate(roas, p, origin))
			    : roas && roas_cover(roas, p) ? "covered"
							  : "not-found";
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text text = { 0 };
	char prefix[PREFIX_TEXT];
	struct question q = { .rpki = c->api->controller->rpki,
		.prefix = p,
		.origin = origin,
		.asked = asked,
		.text = &text,
		.tree = c->request->json ? &tree : NULL };

	text_add(&text, prefix_print(p, prefix));
	if (asked)
		text_printf(&text, " from AS%u", origin);
	text_printf(&text, ": %s\n", state);
	tree_list(&tree);
	tree_map(&tree);
	tree_put_text(&tree, "prefix", prefix);
	if (asked)
		tree_put_uint(&tree, "as", origin);
	tree_put_text(&tree, "state", state);
	tree_key(&tree, "roas");
	tree_list(&tree);
	if (roas)
		roas_covering(roas, p, roa_row, &q);
	tree_list_end(&tree);
	tree_map_end(&tree);
	tree_list_end(&tree);
	if (q.rows > ROWS_MAX)
		text_add(&text, "    ...\n");
	request_answer(&c->request, ANSWER_FINAL, "done", reader_of(text_str(&text), text.len),
	    c->request->json ? &data : NULL);
	text_fini(&text);
	pack_fini(&data);
}

static int
scan_origin(struct call *c, uint32_t *origin)
{
	uint64_t asn;

	(void)words_take(&c->words, "as");
	if (words_uint(&c->words, 0, UINT32_MAX, "an AS", &asn, &c->why) < 0)
		return -1;
	*origin = (uint32_t)asn;
	return 0;
}

void
command_show_rpki(struct call *c)
{
	struct prefix p = { .len = 0 };
	uint32_t origin = 0;
	bool asked = false, about = false;
	int ok = 0;

	if (words_left(&c->words) && !words_take(&c->words, "json")) {
		about = true;
		if (prefix_scan(&p, words_peek(&c->words)) < 0)
			ok = words_wrong(&c->words, &c->why, "a prefix");
		else
			words_next(&c->words);
		asked = ok == 0 && words_left(&c->words);
		if (asked)
			ok = scan_origin(c, &origin);
	}
	if (ok < 0 || call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	prefix_mask(&p);
	if (about)
		answer(c, &p, asked, origin);
	else
		caches(c);
}
