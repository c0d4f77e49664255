/* Which neighbors a helper may speak of: those that the configuration lists it for. */
#include <string.h>
#include "common/mem.h"
#include "controller/api/process.h"
#include "controller/config/pattern.h"
#include "controller/neighbor.h"

static bool
matches(const char *pattern, const char *name)
{
	struct reason why;
	regex_t regex;
	bool fits;

	if (pattern_compile(&regex, pattern, &why) < 0)
		return false; /* the configuration has none like that */
	fits = regexec(&regex, name, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits;
}

static bool
listed(const char *name, const struct config_neighbor *n)
{
	for (size_t i = 0; i < n->api_count; i++) {
		const struct config_api *api = &n->apis[i];

		for (size_t k = 0; k < api->processes.count; k++)
			if (strcmp(api->processes.name[k], name) == 0)
				return true;
		for (size_t k = 0; k < api->processes_match.count; k++)
			if (matches(api->processes_match.name[k], name))
				return true;
	}
	return false;
}

bool
process_may(const struct client *c, const struct neighbor *n)
{
	struct process *p = (struct process *)(void *)(uintptr_t)c;
	size_t had = p->may_cap;

	if (n->number >= had) {
		p->may = mem_grow(p->may, &p->may_cap, n->number + 1u, 1);
		memset(p->may + had, 0, p->may_cap - had);
	}
	if (p->may[n->number] == 0)
		p->may[n->number] = listed(p->name, n->config) ? 1 : 2;
	return p->may[n->number] == 1;
}
