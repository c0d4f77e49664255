/* What a new configuration means for the neighbors of an old one. Rows of the schema say which keywords a
 * session can take without a new OPEN. */
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

/* Another key of another number: a session changes to it (RFC 5925 section 6.1). */
static bool
key_follows(const struct config_neighbor *a, const struct config_neighbor *b)
{
	return a->tcp_ao.given && b->tcp_ao.given && a->tcp_ao.keyid != b->tcp_ao.keyid;
}

/* The first keyword that needs a new session; NULL when none does. */
static const char *
reset_why(const struct config_neighbor *a, const struct config_neighbor *b, bool *settings)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		const void *p = row_of_neighbor(row, a), *q = row_of_neighbor(row, b);
		if (row->in == SECTION_TCP_AO && a->tcp_ao.given != b->tcp_ao.given)
			continue; /* the section as a whole */
		if (p == NULL || value_equal(row, p, q))
			continue;
		if (!row->live && !(row->in == SECTION_TCP_AO && key_follows(a, b)))
			return row->name;
		*settings = true;
	}
	if (a->tcp_ao.given != b->tcp_ao.given)
		return "tcp-ao";
	if (a->families != b->families)
		return "family";
	if (memcmp(a->add_path, b->add_path, sizeof(a->add_path)) != 0 ||
	    memcmp(a->paths_limit, b->paths_limit, sizeof(a->paths_limit)) != 0)
		return "add-path";
	return a->nexthop6 != b->nexthop6 || a->nexthop4 != b->nexthop4 ? "nexthop" : NULL;
}

static bool
section_equal(enum section section, const void *a, const void *b)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		if (row->in == section && row_is_value(row) &&
		    !value_equal(
			row, (const uint8_t *)a + row->offset, (const uint8_t *)b + row->offset))
			return false;
	}
	return true;
}

static bool
apis_equal(const struct config_neighbor *a, const struct config_neighbor *b)
{
	if (a->api_count != b->api_count)
		return false;
	for (size_t i = 0; i < a->api_count; i++) {
		const struct config_api *p = &a->apis[i], *q = &b->apis[i];
		if (!section_equal(SECTION_API, p, q) ||
		    !section_equal(SECTION_MESSAGES, &p->send, &q->send) ||
		    !section_equal(SECTION_MESSAGES, &p->receive, &q->receive))
			return false;
	}
	return true;
}

static bool
routes_equal(const struct config_neighbor *a, const struct config_neighbor *b)
{
	return a->route_count == b->route_count && a->digest == b->digest;
}

static struct config_change
change(const struct config_neighbor *old, const struct config_neighbor *new)
{
	struct config_change c = { .old = old, .new = new };

	if (old == NULL || new == NULL) {
		c.kind = old == NULL ? CONFIG_ADDED : CONFIG_REMOVED;
		return c;
	}
	c.why = reset_why(old, new, &c.settings);
	c.kind = c.why != NULL ? CONFIG_RESET : CONFIG_KEPT;
	c.settings = c.kind == CONFIG_KEPT && (c.settings || !apis_equal(old, new));
	c.routes = c.kind == CONFIG_KEPT && !routes_equal(old, new);
	return c;
}

struct config_diff *
config_diff(const struct config *old, const struct config *new)
{
	struct config_diff *diff = mem_zero(sizeof(*diff));
	size_t olds, news, i = 0, j = 0;
	const struct config_neighbor **a = neighbors_sorted(old, &olds);
	const struct config_neighbor **b = neighbors_sorted(new, &news);

	diff->change = mem_zero((olds + news + 1) * sizeof(diff->change[0]));
	while (i < olds || j < news) {
		int order = i == olds ? 1 : j == news ? -1 : neighbor_order(a[i], b[j]);
		struct config_change c = change(order <= 0 ? a[i] : NULL, order >= 0 ? b[j] : NULL);
		i += order <= 0;
		j += order >= 0;
		diff->change[diff->count++] = c;
		diff->counts[c.kind]++;
	}
	mem_free(a);
	mem_free(b);
	return diff;
}

void
config_diff_free(struct config_diff *diff)
{
	if (diff == NULL)
		return;
	mem_free(diff->change);
	mem_free(diff);
}

static void
part(struct text *t, size_t count, const char *what)
{
	if (count > 0)
		text_printf(t, "%s%zu %s", t->len > 0 ? ", " : "", count, what);
}

/* The neighbors that are reset and why: the first few. */
static void
resets(const struct config_diff *diff, struct text *t)
{
	unsigned told = 0;

	for (size_t i = 0; i < diff->count && told < 8; i++) {
		const struct config_change *c = &diff->change[i];
		char peer[ADDR_TEXT];
		if (c->kind != CONFIG_RESET)
			continue;
		text_printf(t, "%s%s: %s", told++ == 0 ? " (" : ", ",
		    addr_print(&c->new->peer.addr, peer), c->why);
	}
	if (told > 0)
		text_add(t, told < diff->counts[CONFIG_RESET] ? ", ...)" : ")");
}

void
config_diff_print(const struct config_diff *diff, struct text *t)
{
	struct text out = { 0 };
	size_t settings = 0, routes = 0;

	for (size_t i = 0; i < diff->count; i++) {
		routes += diff->change[i].routes;
		settings += diff->change[i].settings && !diff->change[i].routes;
	}
	part(&out, diff->counts[CONFIG_KEPT] - routes - settings, "unchanged");
	part(&out, settings, "with other settings");
	part(&out, routes, "with other routes");
	part(&out, diff->counts[CONFIG_RESET], "reset");
	resets(diff, &out);
	part(&out, diff->counts[CONFIG_ADDED], "added");
	part(&out, diff->counts[CONFIG_REMOVED], "removed");
	text_add(t, out.len > 0 ? "neighbors: " : "no neighbors");
	text_add(t, text_str(&out));
	text_fini(&out);
}
