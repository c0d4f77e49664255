#include "controller/asked.h"
#include "common/mem.h"
#include "controller/numbers.h"

/* Its id is its place, from 1 on, and above that how often a place was taken again: who answers names it without a
 * search, and no id comes twice. */
enum { PLACE_BITS = 26 };

struct asked {
	struct list link;
	uint64_t id;
	void *self;
	asked_done *done; /* a command */
	asked_sent *sent; /* a receipt */
	uint32_t *number; /* whom it asks about; NUMBER_NONE when told */
	size_t count, left;
	size_t next; /* behind who was told last: they mostly are in their order */
};

static uint32_t
hash_of(const void *self)
{
	return (uint32_t)(((uintptr_t)self >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t
hash_at(void *self, uint32_t place)
{
	const struct asked_list *l = self;

	return hash_of(l->at[place]->self);
}

void
asked_init(struct asked_list *l, struct controller *c)
{
	*l = (struct asked_list){ .controller = c };
	list_init(&l->list);
	index_init(&l->by_self, hash_at, l);
}

void
asked_fini(struct asked_list *l)
{
	index_fini(&l->by_self);
	mem_free(l->at);
	mem_free(l->free);
}

/* Places that were left are taken first: there are as many as were ever asked at once. */
static uint32_t
take_place(struct asked_list *l)
{
	if (l->free_count > 0) {
		l->reused++;
		return l->free[--l->free_count];
	}
	l->at = mem_grow(l->at, &l->room, l->places + 1, sizeof(struct asked *));
	l->free = mem_grow(l->free, &l->free_room, l->places + 1, sizeof *l->free);
	return l->places++;
}

static struct asked *
ask(struct asked_list *l, void *self)
{
	struct asked *a = mem_zero(sizeof *a);
	uint32_t place = take_place(l);

	a->id = l->reused << PLACE_BITS | (place + 1);
	a->self = self;
	l->at[place] = a;
	index_insert(&l->by_self, hash_of(self), place);
	list_add(&l->list, &a->link);
	return a;
}

static uint32_t
place_in(const struct asked *a)
{
	return (uint32_t)(a->id & ((1u << PLACE_BITS) - 1)) - 1;
}

static void
free_asked(struct asked_list *l, struct asked *a)
{
	uint32_t place = place_in(a);

	index_remove(&l->by_self, hash_of(a->self), place);
	l->at[place] = NULL;
	l->free[l->free_count++] = place;
	list_remove(&a->link);
	mem_free(a->number);
	mem_free(a);
}

uint64_t
asked_command(struct asked_list *l, asked_done *done, void *self)
{
	struct asked *a = ask(l, self);

	a->done = done;
	return a->id;
}

uint64_t
asked_receipt(
    struct asked_list *l, struct neighbor *const *to, size_t count, asked_sent *sent, void *self)
{
	struct asked *a = ask(l, self);

	a->sent = sent;
	a->number = mem_alloc(count * sizeof *a->number);
	for (size_t i = 0; i < count; i++)
		if (neighbor_established(to[i]))
			a->number[a->count++] = to[i]->number;
	a->left = a->count;
	return a->id;
}

/* The id comes from the speaker. */
static struct asked *
find(const struct asked_list *l, uint64_t id)
{
	uint64_t place = (id & ((1u << PLACE_BITS) - 1)) - 1;
	struct asked *a = place < l->places ? l->at[place] : NULL;

	return a && a->id == id ? a : NULL;
}

const uint32_t *
asked_about(const struct asked_list *l, uint64_t id, size_t *count)
{
	const struct asked *a = find(l, id);

	*count = a ? a->count : 0;
	return a ? a->number : NULL;
}

/* One of those asked about: told, and the asking ends with the last. */
static void
answer(struct asked_list *l, struct asked *a, size_t i, enum sent_status status)
{
	struct neighbor *n = neighbor_by_number(l->controller, a->number[i]);
	asked_sent *sent = a->sent;
	void *self = a->self;

	a->number[i] = NUMBER_NONE;
	if (--a->left == 0)
		free_asked(l, a);
	if (n)
		sent(self, n, status);
}

static void
answer_command(struct asked_list *l, struct asked *a, bool failed, const char *text)
{
	asked_done *done = a->done;
	void *self = a->self;

	free_asked(l, a);
	done(self, failed, text);
}

/* Where a receipt asks about this number, or its count. */
static size_t
place_of(struct asked *a, uint32_t number)
{
	for (size_t i = 0; i < a->count; i++, a->next++) {
		if (a->next >= a->count)
			a->next = 0;
		if (a->number[a->next] == number)
			return a->next++;
	}
	return a->count;
}

void
asked_reply(struct asked_list *l, uint64_t id, bool failed, const char *text)
{
	struct asked *a = find(l, id);

	if (a && a->done)
		answer_command(l, a, failed, text);
}

void
asked_written(struct asked_list *l, uint64_t id, struct neighbor *n, enum sent_status status)
{
	struct asked *a = find(l, id);
	size_t i = a && a->sent ? place_of(a, n->number) : 0;

	if (a && a->sent && i < a->count)
		answer(l, a, i, status);
}

void
asked_forget(struct asked_list *l, void *self)
{
	uint32_t hash = hash_of(self), place;
	struct index_walk w = { 0 };

	while (index_next(&l->by_self, hash, &w, &place))
		if (l->at[place]->self == self)
			free_asked(l, l->at[place]);
}

void
asked_fail(struct asked_list *l, const char *why)
{
	while (!list_empty(&l->list)) {
		struct asked *a = LIST_ENTRY(l->list.next, struct asked, link);

		if (!a->sent) {
			answer_command(l, a, true, why);
			continue;
		}
		while (a->next >= a->count || a->number[a->next] == NUMBER_NONE)
			a->next = a->next < a->count ? a->next + 1 : 0;
		answer(l, a, a->next, SENT_PEER_DOWN);
	}
}
