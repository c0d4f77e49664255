#include "speaker/owners.h"
#include <string.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/mem.h"

struct owner {
	char *name; /* NULL: free */
	uint32_t limit;
	uint32_t waiting; /* readers that wait under it */
	bool carried; /* by an entry, when that was counted last */
	bool said; /* on this lane */
};

struct owners {
	struct owner *owner; /* by our number */
	size_t count, cap, limits; /* limits: of how many there is one */
	size_t waiting; /* of all of them */
	uint32_t free; /* below it none is */
	uint32_t *ours; /* by theirs, 0: not said */
	size_t theirs, theirs_cap;
	struct index names;
};

static uint32_t
hash_name(const char *name)
{
	return (uint32_t)hash_octets(name, strlen(name));
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	return hash_name(((struct owners *)self)->owner[number].name);
}

struct owners *
owners_new(void)
{
	struct owners *o = mem_zero(sizeof *o);

	index_init(&o->names, hash_number, o);
	o->owner = mem_grow(NULL, &o->cap, 1, sizeof *o->owner);
	o->owner[0] = (struct owner){ 0 };
	o->count = o->free = 1;
	return o;
}

void
owners_free(struct owners *o)
{
	for (size_t i = 0; i < o->count; i++)
		mem_free(o->owner[i].name);
	index_fini(&o->names);
	mem_free(o->owner);
	mem_free(o->ours);
	mem_free(o);
}

void
owners_lane(struct owners *o)
{
	mem_free(o->ours);
	o->ours = NULL;
	o->theirs = o->theirs_cap = 0;
	for (size_t i = 0; i < o->count; i++)
		o->owner[i].said = false;
}

static uint32_t
free_number(struct owners *o)
{
	while (o->free < o->count && o->owner[o->free].name)
		o->free++;
	if (o->free == OWNERS_MAX)
		return 0;
	if (o->free == o->count)
		o->owner = mem_grow(o->owner, &o->cap, ++o->count, sizeof *o->owner);
	return o->free++;
}

static uint32_t
intern(struct owners *o, const char *name)
{
	uint32_t hash = hash_name(name), number;
	struct index_walk w = { 0 };

	while (index_next(&o->names, hash, &w, &number))
		if (strcmp(o->owner[number].name, name) == 0)
			return number;
	number = free_number(o);
	if (number == 0)
		return 0;
	o->owner[number] = (struct owner){ .name = mem_text(name, strlen(name)) };
	index_insert(&o->names, hash, number);
	return number;
}

void
owners_said(struct owners *o, uint32_t theirs, const char *name)
{
	uint32_t ours;

	if (theirs == 0 || theirs >= OWNERS_MAX || name[0] == '\0')
		return;
	if (theirs >= o->theirs) {
		o->ours = mem_grow(o->ours, &o->theirs_cap, theirs + 1, sizeof *o->ours);
		memset(o->ours + o->theirs, 0, (theirs + 1 - o->theirs) * sizeof *o->ours);
		o->theirs = theirs + 1;
	}
	ours = intern(o, name);
	o->ours[theirs] = ours;
	o->owner[ours].said = true;
}

void
owners_set_limit(struct owners *o, uint32_t ours, uint32_t limit)
{
	if (ours == 0 || ours >= o->count || !o->owner[ours].name)
		return;
	o->limits = o->limits + (limit > 0) - (o->owner[ours].limit > 0);
	o->owner[ours].limit = limit;
}

uint32_t
owners_limit(const struct owners *o, uint32_t ours)
{
	return ours < o->count ? o->owner[ours].limit : 0;
}

bool
owners_limits(const struct owners *o)
{
	return o->limits > 0;
}

void
owners_wait(struct owners *o, uint32_t ours, int change)
{
	o->owner[ours].waiting += (uint32_t)change;
	o->waiting += (size_t)change;
}

bool
owners_waited(const struct owners *o, uint32_t ours)
{
	return ours < o->count && o->owner[ours].waiting > 0;
}

bool
owners_waited_any(const struct owners *o)
{
	return o->waiting > 0;
}

uint32_t
owners_ours(const struct owners *o, uint32_t theirs)
{
	return theirs < o->theirs ? o->ours[theirs] : 0;
}

const char *
owners_name(const struct owners *o, uint32_t ours)
{
	return ours < o->count ? o->owner[ours].name : NULL;
}

uint32_t
owners_end(const struct owners *o)
{
	return (uint32_t)o->count;
}

void
owners_count_begin(struct owners *o)
{
	for (size_t i = 0; i < o->count; i++)
		o->owner[i].carried = false;
}

void
owners_carried(struct owners *o, uint32_t ours)
{
	if (ours < o->count)
		o->owner[ours].carried = true;
}

void
owners_count_end(struct owners *o)
{
	for (uint32_t i = 1; i < o->count; i++) {
		struct owner *of = &o->owner[i];

		if (!of->name || of->carried || of->said || of->waiting > 0)
			continue;
		index_remove(&o->names, hash_name(of->name), i);
		owners_set_limit(o, i, 0);
		mem_free(of->name);
		of->name = NULL;
		o->free = i < o->free ? i : o->free;
	}
}
