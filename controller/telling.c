#include "controller/telling.h"
#include "common/mem.h"
#include "controller/api/api.h"

struct tellings {
	struct controller *controller;
	struct list list;
	struct loop_item *work;
	bool under_way; /* somebody may wait for the end of them all */
	bool running; /* who ends one may ask for another: that is not done inside of it */
};

static struct telling *
first(const struct tellings *all)
{
	return LIST_ENTRY(all->list.next, struct telling, link);
}

/* A step of the first. */
static void
step(struct tellings *all)
{
	struct telling *t = first(all);

	all->running = true;
	if (!t->begun) {
		t->begun = true;
		t->ops->begin(t);
	} else if (t->ops->step(t)) {
		list_remove(&t->link);
		t->ops->end(t, true);
	}
	all->running = false;
}

static void
over(struct tellings *all)
{
	if (!all->under_way)
		return;
	all->under_way = false;
	api_told(all->controller->api);
}

static enum loop_verdict
run(void *self)
{
	struct tellings *all = self;

	while (!list_empty(&all->list)) {
		step(all);
		if (loop_spent(all->controller->loop) && !list_empty(&all->list)) {
			all->under_way = true;
			return LOOP_NOW;
		}
	}
	over(all);
	return LOOP_LATER;
}

static struct tellings *
tellings_of(struct controller *c)
{
	struct tellings *all = c->tellings;

	if (!all) {
		all = c->tellings = mem_zero(sizeof *all);
		all->controller = c;
		list_init(&all->list);
		all->work = loop_work(c->loop, LOOP_WORK, run, all);
	}
	return all;
}

void
telling_ask(struct controller *c, struct telling *t)
{
	struct tellings *all = tellings_of(c);
	bool alone = list_empty(&all->list) && !all->running;

	t->begun = false;
	list_add(&all->list, &t->link);
	if (!alone || run(all) == LOOP_NOW)
		loop_wake(all->work);
}

bool
telling_under_way(const struct controller *c)
{
	return c->tellings && c->tellings->under_way;
}

void
tellings_finish(struct controller *c)
{
	while (c->tellings && !list_empty(&c->tellings->list))
		step(c->tellings);
	if (c->tellings)
		over(c->tellings);
}

void
tellings_free(struct controller *c)
{
	struct tellings *all = c->tellings;

	if (!all)
		return;
	LIST_EACH(link, &all->list) {
		struct telling *t = LIST_ENTRY(link, struct telling, link);

		list_remove(&t->link);
		t->ops->end(t, false);
	}
	loop_close(all->work);
	mem_free(all);
	c->tellings = NULL;
}
