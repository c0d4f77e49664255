#include "controller/owners.h"
#include <string.h>
#include "common/mem.h"

enum { OWNERS_MAX = 65536 };

struct owners {
	char **name; /* by number; [0] is nobody */
	size_t count, cap;
};

struct owners *
owners_new(void)
{
	struct owners *o = mem_zero(sizeof *o);

	o->name = mem_grow(NULL, &o->cap, 2, sizeof *o->name);
	o->name[0] = mem_text("", 0);
	o->count = 1;
	(void)owner_by_name(o, "configuration"); /* OWNER_CONFIG */
	return o;
}

void
owners_free(struct owners *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->count; i++)
		mem_free(o->name[i]);
	mem_free(o->name);
	mem_free(o);
}

uint32_t
owner_by_name(struct owners *o, const char *name)
{
	for (size_t i = 1; i < o->count; i++)
		if (strcmp(o->name[i], name) == 0)
			return (uint32_t)i;
	/* names are the clients' to choose: past the bound they share the last one */
	if (o->count == OWNERS_MAX)
		return OWNERS_MAX - 1;
	o->name = mem_grow(o->name, &o->cap, o->count + 1, sizeof *o->name);
	o->name[o->count] = mem_text(name, strlen(name));
	return (uint32_t)o->count++;
}

static const char watchdog[] = "configuration watchdog"; /* no client's: they have no blanks */

uint32_t
owner_watchdog(struct owners *o)
{
	return owner_by_name(o, watchdog);
}

static const char rib[] = "the rib"; /* no client's either */

uint32_t
owner_rib(struct owners *o)
{
	return owner_by_name(o, rib);
}

bool
owner_is_rib(const struct owners *o, uint32_t owner)
{
	return strcmp(owner_name(o, owner), rib) == 0;
}

bool
owner_is_config(const struct owners *o, uint32_t owner)
{
	return owner == OWNER_CONFIG || strcmp(owner_name(o, owner), watchdog) == 0;
}

const char *
owner_name(const struct owners *o, uint32_t owner)
{
	return owner < o->count ? o->name[owner] : "";
}

uint32_t
owners_count(const struct owners *o)
{
	return (uint32_t)(o->count - 1);
}
