/* A neighbor's configuration once more: for an address of its range, or for one of its sessions. */
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

static bool
owns(const struct row *row)
{
	return row->kind == KIND_TEXT || row->kind == KIND_NAMES || row->kind == KIND_WORDS;
}

static void
values_copy(struct config_neighbor *to, const struct config_neighbor *from)
{
	for (size_t i = 0; i < schema_count; i++) {
		void *field = row_in_neighbor(&schema[i], to);
		if (field == NULL || !owns(&schema[i]))
			continue;
		memset(field, 0, schema[i].size);
		value_copy(&schema[i], field, row_of_neighbor(&schema[i], from));
	}
}

static void
section_copy(enum section section, void *to, const void *from)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		if (row->in == section && row_is_value(row))
			value_copy(
			    row, (uint8_t *)to + row->offset, (const uint8_t *)from + row->offset);
	}
}

static void
apis_copy(struct config_neighbor *to, const struct config_neighbor *from)
{
	to->apis = mem_zero((from->api_count + 1) * sizeof(to->apis[0]));
	for (size_t i = 0; i < from->api_count; i++) {
		const struct config_api *api = &from->apis[i];
		to->apis[i].line = api->line;
		to->apis[i].name =
		    api->name != NULL ? mem_text(api->name, strlen(api->name)) : NULL;
		section_copy(SECTION_API, &to->apis[i], api);
		section_copy(SECTION_MESSAGES, &to->apis[i].send, &api->send);
		section_copy(SECTION_MESSAGES, &to->apis[i].receive, &api->receive);
	}
}

struct config_neighbor *
config_neighbor_copy(const struct config_neighbor *from)
{
	struct config_neighbor *to = mem_copy(from, sizeof(*from));

	values_copy(to, from);
	apis_copy(to, from);
	to->routes = NULL;
	to->route_count = to->route_cap = 0;
	for (size_t i = 0; i < from->route_count; i++)
		config_route_copy(to, &from->routes[i]);
	to->operational = NULL;
	to->operational_count = 0;
	for (size_t i = 0; i < from->operational_count; i++)
		operational_copy(to, &from->operational[i]);
	return to;
}

struct config_neighbor *
config_neighbor_at(const struct config_neighbor *range, const struct addr *address)
{
	struct config_neighbor *n = config_neighbor_copy(range);

	n->peer = (struct prefix){ .addr = *address, .len = (uint8_t)(addr_size(address) * 8) };
	n->of_range = true;
	return n;
}

const struct config_neighbor *
config_range(const struct config *c, const char *speaker, const struct addr *address)
{
	const struct config_neighbor *best = NULL;

	for (size_t i = 0; i < c->neighbor_count; i++) {
		const struct config_neighbor *n = c->neighbors[i];
		if (!config_is_range(n) || !prefix_holds(&n->peer, address) ||
		    strcmp(n->speaker != NULL ? n->speaker : "", speaker != NULL ? speaker : "") !=
			0)
			continue;
		if (best == NULL || n->peer.len > best->peer.len)
			best = n;
	}
	return best;
}
