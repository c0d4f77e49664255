/* What `inherit` does, at the neighbor's closing brace: values of the template replace the neighbor's own (as
 * in ExaBGP, surprising as it is), lists are appended to. */
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

static void
values_merge(struct config_neighbor *to, const struct config_neighbor *from)
{
	for (size_t i = 0; i < schema_count; i++) {
		void *field = row_in_neighbor(&schema[i], to);
		/* A template's own `inherit` goes no further. */
		if (field == NULL || !row_given(&schema[i], from->given) ||
		    strcmp(schema[i].name, "inherit") == 0)
			continue;
		value_copy(&schema[i], field, row_of_neighbor(&schema[i], from));
		row_give(&schema[i], to->given);
	}
}

static void
families_merge(struct config_neighbor *to, const struct config_neighbor *from)
{
	to->families |= from->families;
	to->written.all = to->written.all || from->written.all;
	to->written.add_path = to->written.add_path || from->written.add_path;
	to->written.add_path_all = to->written.add_path_all || from->written.add_path_all;
	to->written.nexthop = to->written.nexthop || from->written.nexthop;
	to->written.add_path_families |= from->written.add_path_families;
	to->written.nexthop6 |= from->written.nexthop6;
	to->written.nexthop4 |= from->written.nexthop4;
	for (enum family f = 0; f < FAMILIES; f++) {
		if (from->written.add_path_families & family_bit(f))
			to->written.paths_limit[f] = from->written.paths_limit[f];
	}
	to->tcp_ao.given = to->tcp_ao.given || from->tcp_ao.given;
}

static struct config_api *
api_of(struct config_neighbor *n, const struct config_api *like)
{
	for (size_t i = 0; i < n->api_count && like->name != NULL; i++) {
		if (n->apis[i].name != NULL && strcmp(n->apis[i].name, like->name) == 0)
			return &n->apis[i];
	}
	n->apis = mem_resize(n->apis, (n->api_count + 1) * sizeof(n->apis[0]));
	struct config_api *api = &n->apis[n->api_count++];
	*api = (struct config_api){ .line = like->line };
	api->name = like->name != NULL ? mem_text(like->name, strlen(like->name)) : NULL;
	return api;
}

/* Flags that are on in either are on; lists are appended to. */
static void
section_merge(enum section section, void *to, const void *from)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		if (row->in != section || !row_is_value(row))
			continue;
		const uint8_t *source = (const uint8_t *)from + row->offset;
		if (row->kind == KIND_NAMES || *(const bool *)source)
			value_copy(row, (uint8_t *)to + row->offset, source);
	}
}

static void
api_merge(struct config_neighbor *n, const struct config_api *from)
{
	struct config_api *to = api_of(n, from);

	section_merge(SECTION_API, to, from);
	section_merge(SECTION_MESSAGES, &to->send, &from->send);
	section_merge(SECTION_MESSAGES, &to->receive, &from->receive);
}

void
template_merge(struct config_neighbor *to, const struct config_neighbor *from)
{
	values_merge(to, from);
	families_merge(to, from);
	for (size_t i = 0; i < from->api_count; i++)
		api_merge(to, &from->apis[i]);
	for (size_t i = 0; i < from->route_count; i++)
		config_route_copy(to, &from->routes[i]);
	for (size_t i = 0; i < from->operational_count; i++)
		operational_copy(to, &from->operational[i]);
}
