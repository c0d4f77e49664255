#include "controller/api/show.h"
#include <string.h>
#include "common/mem.h"

static void
show_free(struct show *s)
{
	if (s->ops->fini)
		s->ops->fini(s);
	list_remove(&s->link);
	text_fini(&s->text);
	pack_fini(&s->data);
	mem_free(s->neighbor);
	mem_free(s);
}

static void
cancel(void *self)
{
	show_free(self);
}

struct show *
show_new(struct call *c, const struct show_ops *ops)
{
	struct show *s = mem_zero(sizeof *s);

	s->ops = ops;
	s->api = c->api;
	s->request = c->request;
	s->json = c->request->json;
	s->exabgp = c->exabgp;
	s->status = "done";
	s->count = c->count;
	s->neighbor = mem_zero((c->count + 1) * sizeof *s->neighbor);
	if (c->count > 0)
		memcpy(s->neighbor, c->neighbor, c->count * sizeof *s->neighbor);
	list_add(&c->api->shows, &s->link);
	request_weigh(s->request, sizeof *s + c->count * sizeof *s->neighbor);
	s->request->cancel = cancel;
	s->request->self = s;
	c->request = NULL;
	loop_wake(c->api->show_work);
	return s;
}

struct tree
show_row(struct show *s)
{
	s->rows++;
	return tree_pack(&s->data);
}

void
show_go_on(struct show *s)
{
	s->waiting = false;
	loop_wake(s->api->show_work);
}

/* --- pieces --- */

static void
send_piece(struct show *s, enum answer answer)
{
	struct pack list = { 0 };

	if (s->json) {
		pack_array(&list, s->rows);
		pack_copy(&list, s->data.base, s->data.len);
	}
	request_answer(&s->request, answer, s->status, reader_of(text_str(&s->text), s->text.len),
	    s->json ? &list : NULL);
	pack_fini(&list);
	text_clear(&s->text);
	pack_clear(&s->data);
	s->rows = 0;
	s->hurry = false;
}

static bool
may_go_on(const struct show *s)
{
	return !s->waiting && request_turn(s->request) && client_ready(s->request->client);
}

/* A few steps. True when it has ended. */
static bool
run(struct show *s)
{
	struct loop *loop = s->api->controller->loop;

	while (may_go_on(s)) {
		if (s->ops->step(s)) {
			send_piece(s, ANSWER_FINAL);
			show_free(s);
			return true;
		}
		if (s->text.len >= SHOW_PIECE || s->data.len >= SHOW_PIECE || s->hurry)
			send_piece(s, ANSWER_PART);
		if (loop_spent(loop))
			return false;
	}
	return false;
}

enum loop_verdict
shows_run(void *self)
{
	struct api *api = self;
	bool more = false;

	LIST_EACH(link, &api->shows) {
		struct show *s = LIST_ENTRY(link, struct show, link);

		if (!may_go_on(s))
			continue;
		if (!run(s) && may_go_on(s)) {
			more = true;
			list_remove(&s->link); /* the others first, next time */
			list_add(&api->shows, &s->link);
		}
		if (loop_spent(api->controller->loop))
			break;
	}
	/* a show that ended may have let the next one of its client have its turn */
	LIST_EACH(link, &api->shows)
		more |= may_go_on(LIST_ENTRY(link, struct show, link));
	return more ? LOOP_NOW : LOOP_LATER;
}

/* --- neighbors that go --- */

/* All that go together in one pass: shows that wait for their client to read, and thousands of neighbors each. */
void
shows_neighbors_go(struct api *api)
{
	LIST_EACH(link, &api->shows) {
		struct show *s = LIST_ENTRY(link, struct show, link);

		for (size_t i = 0; i < s->count; i++) {
			struct neighbor *n = s->neighbor[i];

			if (!n || !n->going)
				continue;
			if (s->ops->lost)
				s->ops->lost(s, n);
			s->neighbor[i] = NULL;
		}
	}
}

void
shows_neighbor_unknown(struct api *api, struct neighbor *n)
{
	LIST_EACH(link, &api->shows) {
		struct show *s = LIST_ENTRY(link, struct show, link);

		if (s->ops->lost && s->at < s->count && s->neighbor[s->at] == n)
			s->ops->lost(s, n);
	}
}
