#include "controller/asked.h"
#include "common/mem.h"
#include "controller/numbers.h"

struct asked {
	struct list link;
	uint64_t id;
	void *self;
	asked_done *done;      /* a command */
	asked_sent *sent;      /* a receipt */
	uint32_t *number;      /* whom it asks about; NUMBER_NONE when told */
	size_t count, left;
};

void
asked_init(struct asked_list *l, struct controller *c)
{
	*l = (struct asked_list){ .controller = c };
	list_init(&l->list);
}

static struct asked *
ask(struct asked_list *l, void *self)
{
	struct asked *a = mem_zero(sizeof *a);

	a->id = ++l->last;
	a->self = self;
	list_add(&l->list, &a->link);
	return a;
}

static void
free_asked(struct asked *a)
{
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
asked_receipt(struct asked_list *l, struct neighbor *const *to, size_t count, asked_sent *sent, void *self)
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

/* Ids grow along the list: from the end that is nearer, because one slow peer leaves many at the front while what
 * the others are asked is at the back. */
static struct asked *
find(const struct asked_list *l, uint64_t id)
{
	struct list *link = l->list.next;
	bool back;

	if (list_empty(&l->list))
		return NULL;
	back = LIST_ENTRY(l->list.prev, struct asked, link)->id - id <
	       id - LIST_ENTRY(link, struct asked, link)->id;
	for (link = back ? l->list.prev : link; link != &l->list; link = back ? link->prev : link->next)
		if (LIST_ENTRY(link, struct asked, link)->id == id)
			return LIST_ENTRY(link, struct asked, link);
	return NULL;
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
		free_asked(a);
	if (n)
		sent(self, n, status);
}

static void
answer_command(struct asked *a, bool failed, const char *text)
{
	asked_done *done = a->done;
	void *self = a->self;

	free_asked(a);
	done(self, failed, text);
}

/* Where a receipt asks about this number, or its count. */
static size_t
place_of(const struct asked *a, uint32_t number)
{
	size_t i = 0;

	while (i < a->count && a->number[i] != number)
		i++;
	return i;
}

void
asked_reply(struct asked_list *l, uint64_t id, bool failed, const char *text)
{
	struct asked *a = find(l, id);

	if (a && a->done)
		answer_command(a, failed, text);
}

void
asked_written(struct asked_list *l, uint64_t id, struct neighbor *n, enum sent_status status)
{
	struct asked *a = find(l, id);
	size_t i = a && a->sent ? place_of(a, n->number) : 0;

	if (a && a->sent && i < a->count)
		answer(l, a, i, status);
}

/* A receipt that asks about this number, or NULL. */
static struct asked *
receipt_about(const struct asked_list *l, uint32_t number)
{
	LIST_EACH(link, &l->list) {
		struct asked *a = LIST_ENTRY(link, struct asked, link);

		if (a->sent && place_of(a, number) < a->count)
			return a;
	}
	return NULL;
}

void
asked_neighbor_gone(struct asked_list *l, struct neighbor *n)
{
	struct asked *a;

	while ((a = receipt_about(l, n->number)))
		answer(l, a, place_of(a, n->number), SENT_PEER_DOWN);
}

void
asked_forget(struct asked_list *l, void *self)
{
	LIST_EACH(link, &l->list) {
		struct asked *a = LIST_ENTRY(link, struct asked, link);

		if (a->self == self)
			free_asked(a);
	}
}

void
asked_fail(struct asked_list *l, const char *why)
{
	while (!list_empty(&l->list)) {
		struct asked *a = LIST_ENTRY(l->list.next, struct asked, link);
		size_t i = 0;

		if (!a->sent) {
			answer_command(a, true, why);
			continue;
		}
		while (a->number[i] == NUMBER_NONE)
			i++;
		answer(l, a, i, SENT_PEER_DOWN);
	}
}
