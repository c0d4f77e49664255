/* neighbor and template: what is asked at a neighbor's closing brace, and when all was read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/pattern.h"
#include "controller/config/value.h"

static struct config_neighbor *
neighbor_new(struct loader *l)
{
	struct config_neighbor *n = mem_zero(sizeof(*n));

	n->file = l->file;
	n->line = l->keyword->line;
	n->column = l->keyword->column;
	return n;
}

void
config_neighbor_free(struct config_neighbor *n)
{
	if (n == NULL)
		return;
	section_free(SECTION_NEIGHBOR, n);
	section_free(SECTION_TCP_AO, &n->tcp_ao);
	section_free(SECTION_CONFEDERATION, &n->confederation);
	for (size_t i = 0; i < n->api_count; i++)
		config_api_free(&n->apis[i]);
	for (size_t i = 0; i < n->route_count; i++)
		route_draft_fini(&n->routes[i].draft);
	operational_free(n);
	mem_free(n->apis);
	mem_free(n->routes);
	mem_free(n);
}

void *
neighbor_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct row *peer = schema_find(SECTION_NEIGHBOR, "peer-address");
	struct config *c = l->config;
	struct reason r = { 0 };
	struct prefix address;

	(void)row;
	(void)base;
	if (value_scan(peer, &address, words, &r) < 0) {
		loader_refuse(l, &r);
		return NULL;
	}
	struct config_neighbor *n = neighbor_new(l);
	c->neighbors = mem_grow(
	    c->neighbors, &c->neighbor_cap, c->neighbor_count + 1, sizeof(c->neighbors[0]));
	c->neighbors[c->neighbor_count++] = n;
	section_defaults(SECTION_NEIGHBOR, n);
	section_defaults(SECTION_CAPABILITY, &n->capability);
	section_defaults(SECTION_TCP_AO, &n->tcp_ao);
	n->peer = address;
	return n;
}

void *
template_neighbor_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = words_next(words);

	(void)row;
	(void)base;
	if (w == NULL || w->len == 0) {
		loader_fail(l, w, "expected the name of the template");
		return NULL;
	}
	l->templates = mem_resize(l->templates, (l->template_count + 1) * sizeof(l->templates[0]));
	struct template *template = &l->templates[l->template_count++];
	*template =
	    (struct template){ .name = mem_text(w->at, w->len), .neighbor = neighbor_new(l) };
	return template->neighbor;
}

void *
tcp_ao_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;

	n->tcp_ao.given = true;
	return inner_enter(l, row, n, words);
}

void
loader_peer(const struct config_neighbor *n, char out[PREFIX_TEXT])
{
	prefix_print(&n->peer, out);
	if (!config_is_range(n))
		addr_print(&n->peer.addr, out);
}

static int
wrong(struct loader *l, const struct config_neighbor *n, const char *keyword, const char *text)
{
	char peer[PREFIX_TEXT];

	loader_peer(n, peer);
	return loader_fail_at(
	    l, n->file, n->line, n->column, "neighbor %s: %s%s", peer, keyword, text);
}

/* Later templates of a name replace earlier ones. */
static const struct config_neighbor *
template_find(const struct loader *l, const char *name)
{
	for (size_t i = l->template_count; i > 0; i--) {
		if (strcmp(l->templates[i - 1].name, name) == 0)
			return l->templates[i - 1].neighbor;
	}
	return NULL;
}

static void
inherit(struct loader *l, struct config_neighbor *n)
{
	config_routes_arrange(n);
	for (size_t i = 0; i < n->inherit.count; i++) {
		const struct config_neighbor *from = template_find(l, n->inherit.name[i]);
		if (from != NULL)
			template_merge(n, from);
		else
			loader_note(l, n->line,
			    "inherit %.64s: there is no such template before it",
			    n->inherit.name[i]);
	}
}

static int
complete(struct loader *l, const struct config_neighbor *n, enum section section)
{
	char missing[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		if (row->in != section || !row->needed || row_given(row, n->given))
			continue;
		int more = snprintf(missing + used, sizeof(missing) - used, "%s%s",
		    used > 0 ? ", " : "", row->name);
		used += more > 0 ? (size_t)more : 0;
	}
	if (used == 0)
		return 0;
	return wrong(l, n,
	    section == SECTION_TCP_AO ? "incomplete tcp-ao, missing "
				      : "incomplete neighbor, missing ",
	    missing);
}

/* -1: not base64 (RFC 4648 section 4), or more than fits. */
static int
base64_decode(const char *text, uint8_t *out, size_t size, size_t *len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned count = 0;
	size_t n = strlen(text);

	*len = 0;
	if (n % 4 != 0)
		return -1;
	for (unsigned pads = 0; n > 0 && pads < 2 && text[n - 1] == '='; pads++)
		n--;
	for (size_t i = 0; i < n; i++) {
		const char *digit = strchr(digits, text[i]);
		if (digit == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (*len == size)
			return -1;
		out[(*len)++] = (uint8_t)(bits >> count);
	}
	return 0;
}

static int
md5_key(struct config_neighbor *n)
{
	size_t len = 0;

	if (n->md5_password == NULL)
		return 0;
	if (n->md5_base64 != MD5_PLAIN &&
	    base64_decode(n->md5_password, n->md5_key, sizeof(n->md5_key), &len) == 0 && len > 0) {
		n->md5_key_len = (uint8_t)len;
		return 0;
	}
	len = strlen(n->md5_password);
	if (n->md5_base64 == MD5_BASE64 || len > sizeof(n->md5_key))
		return -1;
	memcpy(n->md5_key, n->md5_password, len);
	n->md5_key_len = (uint8_t)len;
	return 0;
}

static int
tcp_ao_key(struct config_tcp_ao *ao)
{
	struct tcp_ao_key key = { .id = ao->keyid, .algorithm = ao->algorithm };
	size_t len = strlen(ao->password);

	if (ao->base64 && base64_decode(ao->password, key.secret, sizeof(key.secret), &len) < 0)
		return -1;
	if (len == 0 || len > sizeof(key.secret))
		return -1;
	if (!ao->base64)
		memcpy(key.secret, ao->password, len);
	key.len = (uint8_t)len;
	ao->key = key;
	return 0;
}

static int
addresses(struct loader *l, struct config_neighbor *n)
{
	n->passive = n->passive || l->config->env.bgp_passive;
	if (config_is_range(n) && !n->passive)
		return wrong(l, n, "passive", " is needed where the peer is a range of addresses");
	prefix_mask(&n->peer);
	if (n->local.family != 0 && n->local.family != n->peer.addr.family)
		return wrong(l, n, "local-address", " and the peer's are not of the same family");
	if (n->listen != 0 && n->local.family == 0)
		return wrong(l, n, "listen", " needs a local-address");
	if (n->router_id == 0 && n->local.family == 4)
		n->router_id = addr_u32(&n->local);
	if (n->router_id == 0)
		return wrong(l, n, "incomplete neighbor, missing router-id",
		    " (it is taken from local-address only where that is an IPv4 address)");
	if (n->cluster_id == 0)
		n->cluster_id = n->router_id;
	return 0;
}

static int
secrets(struct loader *l, struct config_neighbor *n)
{
	if (n->tcp_ao.given && complete(l, n, SECTION_TCP_AO) < 0)
		return -1;
	if (n->tcp_ao.given && n->md5_password != NULL)
		return wrong(l, n, "tcp-ao", " and md5-password cannot stand together");
	if (n->tcp_ao.given && tcp_ao_key(&n->tcp_ao) < 0)
		return wrong(l, n, "tcp-ao",
		    n->tcp_ao.base64 ? ": the password is not base64 of 1 to 80 octets"
				     : ": the password has not 1 to 80 characters");
	if (md5_key(n) < 0)
		return wrong(l, n, "md5-password",
		    n->md5_base64 == MD5_BASE64 ? " is not base64, or more than 80 octets"
						: " is more than 80 characters");
	return 0;
}

/* `self` is the local address where that is of the route's family, for IPv4 the router-id where not. */
static bool
has_self(const struct config_neighbor *n, const struct route_draft *d)
{
	return !d->next_hop_self || d->family >= FAMILIES || n->local.family != 4 ||
	       family_table[d->family].afi != AFI_IPV6;
}

/* It is told all the same, as by ExaBGP, and a peer that has not agreed to it answers with a NOTIFICATION. */
static bool
has_strange_hop(const struct config_neighbor *n, const struct route_draft *d)
{
	return d->next_hop_len > 4 && (d->family == IPV4_UNICAST || d->family == IPV4_MULTICAST) &&
	       !(n->nexthop6 & family_bit(d->family));
}

enum { CHECKS = 64 }; /* routes of a slice */

static int
route_check_of(struct loader *l, const struct config_neighbor *n, const struct config_route *route)
{
	enum family f = route->draft.family;

	if (!l->noted && has_strange_hop(n, &route->draft)) {
		loader_note_at(l, route->file, route->line,
		    "a route of %s has an IPv6 next hop: without nexthop { %s ipv6; } a peer "
		    "may end the session (RFC 8950)",
		    family_name(f), family_name(f));
		l->noted = true;
	}
	if (!has_self(n, &route->draft))
		return loader_fail_at(l, route->file, route->line, route->column,
		    "next-hop self of an IPv6 route: local-address is of IPv4");
	if (!route->draft.has_family || route->draft.nlri.len == 0 || f == IPV4_UNICAST)
		return 0;
	if (f >= FAMILIES || !(n->families & family_bit(f)))
		return loader_fail_at(l, route->file, route->line, route->column,
		    "this route is of the family %s, which is not among those of the neighbor",
		    family_name(f));
	return 0;
}

int
routes_check_some(struct loader *l)
{
	const struct config_neighbor *n = l->checking;

	for (unsigned i = 0; i < CHECKS && l->checked < n->route_count; i++)
		if (route_check_of(l, n, &n->routes[l->checked++]) < 0)
			return -1;
	if (l->checked < n->route_count)
		return 0;
	l->checking = NULL;
	l->depth--;
	return 0;
}

static int
limits(struct loader *l, const struct config_neighbor *n)
{
	if (n->maximum_prefix > 0 && !n->adj_rib_in)
		return wrong(
		    l, n, "maximum-prefix", " counts what adj-rib-in keeps, which is false");
	return 0;
}

/* RFC 9494 section 4.1, RFC 8538 section 2. */
static int
restarts(struct loader *l, const struct config_neighbor *n)
{
	const struct config_capability *c = &n->capability;

	if (c->graceful_restart >= 0 || (c->long_lived == 0 && !c->graceful_notification))
		return 0;
	return wrong(l, n,
	    c->long_lived ? "long-lived-graceful-restart" : "graceful-restart-notification",
	    " needs graceful-restart");
}

static void
derive(struct config_neighbor *n)
{
	families_finish(n);
	if (n->capability.graceful_restart == 0)
		n->capability.graceful_restart = n->hold_time < 4095 ? n->hold_time : 4095;
	if (n->capability.route_refresh)
		n->adj_rib_out = true;
}

int
neighbor_leave(struct loader *l, void *base)
{
	struct config_neighbor *n = base;

	inherit(l, n);
	if (complete(l, n, SECTION_NEIGHBOR) < 0 || addresses(l, n) < 0 || secrets(l, n) < 0 ||
	    limits(l, n) < 0 || restarts(l, n) < 0 || confederation_finish(l, n) < 0)
		return -1;
	derive(n);
	operational_check(l, n);
	l->checking = n;
	l->checked = 0;
	l->noted = false;
	return 0;
}

static int
speaker_check(struct loader *l, struct config_neighbor *n)
{
	const struct config *c = l->config;

	if (n->speaker == NULL && c->speaker_count == 1)
		n->speaker = mem_text(c->speakers[0].name, strlen(c->speakers[0].name));
	if (n->speaker == NULL && c->speaker_count > 1)
		return wrong(l, n, "speaker", " is needed where there are several speakers");
	if (n->speaker == NULL || config_speaker(c, n->speaker) != NULL)
		return 0;
	char text[120];
	snprintf(text, sizeof(text), " %.64s: there is no such speaker section", n->speaker);
	return wrong(l, n, "speaker", text);
}

/* What it may be, or where it belongs. */
static int
no_process(struct loader *l, const char *file, unsigned line, const char *name)
{
	enum { MOST = 256 };
	const struct config *c = l->config;
	const char *names[MOST + 1], *near;
	size_t count = 0;

	for (; count < c->process_count && count < MOST; count++)
		names[count] = c->processes[count].name;
	names[count] = NULL;
	near = reason_nearest(name, strlen(name), names);
	if (near != NULL)
		return loader_fail_at(l, file, line, 0,
		    "api: there is no process '%.64s'; did you mean %.64s?", name, near);
	return loader_fail_at(l, file, line, 0,
	    "api: there is no process '%.64s': process NAME { run PROGRAM; } stands beside the "
	    "neighbors",
	    name);
}

static int
api_check(struct loader *l, const struct config_neighbor *n, const struct config_api *api)
{
	for (size_t i = 0; i < api->processes.count; i++) {
		const char *name = api->processes.name[i];
		if (config_process(l->config, name) == NULL)
			return no_process(l, n->file, api->line, name);
	}
	for (size_t i = 0; i < api->processes_match.count; i++) {
		struct reason why;
		regex_t regex;

		if (pattern_compile(&regex, api->processes_match.name[i], &why) < 0)
			return loader_fail_at(
			    l, n->file, api->line, 0, "api: processes-match: %s", why.text);
		regfree(&regex);
	}
	return 0;
}

static int
apis_check(struct loader *l, const struct config_neighbor *n)
{
	bool names = false, match = false;

	for (size_t i = 0; i < n->api_count; i++) {
		names = names || n->apis[i].processes.count > 0;
		match = match || n->apis[i].processes_match.count > 0;
		if (api_check(l, n, &n->apis[i]) < 0)
			return -1;
	}
	if (names && match)
		return wrong(l, n, "processes", " and processes-match cannot stand together");
	return 0;
}

int
neighbor_by_place(const struct config_neighbor *a, const struct config_neighbor *b)
{
	int order = strcmp(a->file, b->file);

	if (order == 0)
		order = (int)a->line - (int)b->line;
	return order != 0 ? order : (int)a->column - (int)b->column;
}

/* Two of the same stand side by side when sorted. */
static int
duplicates_check(struct loader *l)
{
	const struct config *c = l->config;
	size_t count = 0;
	const struct config_neighbor **sorted = neighbors_sorted(c, &count);
	int result = 0;

	for (size_t i = 1; i < count && result == 0; i++) {
		const struct config_neighbor *a = sorted[i - 1], *b = sorted[i];
		if (neighbor_order(a, b) != 0)
			continue;
		bool swap = neighbor_by_place(a, b) > 0;
		char text[320];
		snprintf(text, sizeof(text), ": it is there already, at %.200s:%u",
		    (swap ? b : a)->file, (swap ? b : a)->line);
		result = wrong(l, swap ? a : b, "duplicate peer definition", text);
	}
	mem_free(sorted);
	return result;
}

int
neighbors_check(struct loader *l)
{
	for (size_t i = 0; i < l->config->neighbor_count; i++) {
		struct config_neighbor *n = l->config->neighbors[i];
		if (speaker_check(l, n) < 0 || apis_check(l, n) < 0 || policies_check(l, n) < 0)
			return -1;
	}
	config_tell_apart(l->config);
	if (duplicates_check(l) < 0 || sets_check(l) < 0 || imports_check(l) < 0)
		return -1;
	caches_check(l);
	sessions_split(l->config);
	return 0;
}
