#include "controller/owners.h"
#include <string.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "proto/frame/link.h"

enum {
	OWNERS_MAX = 65536,
	KEPT = 3, /* numbers that are left for those of ours that are made late */
};

struct owner {
	char *name;
	bool rib;
	uint32_t limit;
};

struct owners {
	struct owner *owner; /* by number; [0] is nobody */
	size_t count, cap, most;
	uint32_t shared; /* the one of all names past the bound; 0: there are none */
	struct index names; /* numbers; [0] is not in it */
};

/* No client's: their names have no blanks. */
static const char watchdog[] = "configuration watchdog", rib[] = "the rib", limited[] = "the rib, ",
		  others[] = "other clients";

static bool
of_rib(const char *name)
{
	return strcmp(name, rib) == 0 || strncmp(name, limited, strlen(limited)) == 0;
}

static uint32_t
hash_name(const char *name)
{
	return (uint32_t)hash_octets(name, strlen(name));
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	const struct owners *o = self;

	return hash_name(o->owner[number].name);
}

static struct owner
owner_of(const char *name)
{
	return (struct owner){ .name = mem_text(name, strlen(name)), .rib = of_rib(name) };
}

struct owners *
owners_new(void)
{
	return owners_of(OWNERS_MAX);
}

struct owners *
owners_of(size_t most)
{
	struct owners *o = mem_zero(sizeof *o);

	o->most = most;
	index_init(&o->names, hash_number, o);
	o->owner = mem_grow(NULL, &o->cap, 2, sizeof *o->owner);
	o->owner[0] = owner_of("");
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
		mem_free(o->owner[i].name);
	index_fini(&o->names);
	mem_free(o->owner);
	mem_free(o);
}

/* 0: there is none. */
static uint32_t
find(const struct owners *o, const char *name)
{
	uint32_t hash = hash_name(name), number;
	struct index_walk w = { 0 };

	while (index_next(&o->names, hash, &w, &number))
		if (strcmp(o->owner[number].name, name) == 0)
			return number;
	return 0;
}

/* Names are the clients' to choose: past the bound they share one. What is the RIB's stays the RIB's: it would not
 * withdraw what it takes for a client's. */
static const char *
shared(const char *name)
{
	if (strcmp(name, watchdog) == 0)
		return watchdog;
	return of_rib(name) ? rib : others;
}

static void
complain(const char *name)
{
	static struct log_limit limit;

	if (log_allow(&limit, 1))
		log_warning("controller",
		    "no number is left for %s: its routes are one with those of all %s", name,
		    shared(name));
}

uint32_t
owner_by_name(struct owners *o, const char *name)
{
	uint32_t found = find(o, name);

	if (!found && o->count + KEPT >= o->most) {
		complain(name);
		name = shared(name);
		found = find(o, name);
	}
	if (found)
		return found;
	o->owner = mem_grow(o->owner, &o->cap, o->count + 1, sizeof *o->owner);
	o->owner[o->count] = owner_of(name);
	if (name == others)
		o->shared = (uint32_t)o->count;
	index_insert(&o->names, hash_name(name), (uint32_t)o->count);
	return (uint32_t)o->count++;
}

uint32_t
owner_watchdog(struct owners *o)
{
	return owner_by_name(o, watchdog);
}

uint32_t
owner_rib(struct owners *o)
{
	return owner_by_name(o, rib);
}

/* A name that is too long for a frame is told from others by its hash. */
uint32_t
owner_limited(struct owners *o, const char *policy, const char *rule)
{
	struct text t = { 0 };
	uint32_t owner;

	text_printf(&t, "%spolicy %s rule %s", limited, policy, rule);
	if (t.len >= LINK_NAME) {
		uint32_t hash = (uint32_t)hash_octets(text_str(&t), t.len);

		t.len = LINK_NAME - sizeof "...01234567";
		text_printf(&t, "...%08x", hash);
	}
	owner = owner_by_name(o, text_str(&t));
	text_fini(&t);
	return owner;
}

uint32_t
owner_limit(const struct owners *o, uint32_t owner)
{
	return owner < o->count ? o->owner[owner].limit : 0;
}

bool
owner_set_limit(struct owners *o, uint32_t owner, uint32_t limit)
{
	bool another = o->owner[owner].limit != limit;

	o->owner[owner].limit = limit;
	return another;
}

bool
owner_is_shared(const struct owners *o, uint32_t owner)
{
	return owner != 0 && owner == o->shared;
}

bool
owner_is_rib(const struct owners *o, uint32_t owner)
{
	return owner < o->count && o->owner[owner].rib;
}

bool
owner_is_config(const struct owners *o, uint32_t owner)
{
	return owner == OWNER_CONFIG || strcmp(owner_name(o, owner), watchdog) == 0;
}

const char *
owner_name(const struct owners *o, uint32_t owner)
{
	return owner < o->count ? o->owner[owner].name : "";
}

uint32_t
owners_count(const struct owners *o)
{
	return (uint32_t)(o->count - 1);
}
