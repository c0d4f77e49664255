#include "controller/api/receipt.h"
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"
#include "controller/lane.h"

enum fate {
	FATE_OPEN,
	FATE_WRITTEN,
	FATE_SUPERSEDED,
	FATE_DOWN,
	FATE_REMOVED,
	FATE_LEFT_OUT,
	FATE_NO_FAMILY
};

/* A neighbor that was removed, as it was called. */
struct departed {
	char name[ADDR_TEXT], speaker[LINK_NAME];
};

struct addressee {
	struct list link; /* in neighbor.receipts */
	struct receipt *receipt;
	struct neighbor *neighbor;
	struct departed *departed; /* in place of it, when it is not there any more */
	char *why; /* it is down, or routes were left out; NULL: nothing is known */
	bool left_out;
	enum fate fate;
};

struct receipt {
	struct api *api;
	struct request *request;
	size_t count, open;
	size_t unnamed; /* more that lack the family */
	size_t next; /* behind who answered last: they mostly do in their order */
	bool asking; /* answers that come at once do not end it yet */
	bool asked; /* a speaker may still answer what does not matter any more */
	struct addressee addressee[];
};

static void
receipt_free(struct receipt *r)
{
	if (r->open > 0 || r->asked)
		LIST_EACH(link, fleet_speakers(r->api->controller->fleet))
			lane_forget(LIST_ENTRY(link, struct speaker_entry, link), r);
	for (size_t i = 0; i < r->count; i++) {
		list_remove(&r->addressee[i].link);
		mem_free(r->addressee[i].departed);
		mem_free(r->addressee[i].why);
	}
	mem_free(r);
}

static void
cancel(void *self)
{
	receipt_free(self);
}

/* --- the answer --- */

static const char *
name_of(const struct addressee *a, char out[ADDR_TEXT])
{
	return a->departed ? a->departed->name : addr_print(&a->neighbor->peer.address, out);
}

static void
print_fates(const struct receipt *r, const char *word, unsigned fates, struct text *t)
{
	bool first = true;
	char name[ADDR_TEXT];

	for (size_t i = 0; i < r->count; i++) {
		const struct addressee *a = &r->addressee[i];

		if (!(fates & 1u << a->fate))
			continue;
		text_printf(t, "%s%s%s", first ? (t->len ? "; " : "") : ", ", first ? word : "",
		    name_of(a, name));
		if (a->fate == FATE_DOWN)
			text_printf(t, " (down%s%s)", a->why ? ": " : "", a->why ? a->why : "");
		else if (a->fate == FATE_REMOVED)
			text_add(t, " (removed)");
		else if (a->fate == FATE_LEFT_OUT)
			text_printf(t, " (%s)", a->why);
		first = false;
	}
}

static void
print_without(const struct receipt *r, struct text *t)
{
	print_fates(r, "without this family: ", 1u << FATE_NO_FAMILY, t);
	if (r->unnamed > 0)
		text_printf(t, " and %zu more", r->unnamed);
}

static void
tell_fates(const struct receipt *r, struct tree *t)
{
	static const char *const names[] = { "open", "written", "superseded", "down", "removed",
		"left-out", "no-family" };
	char name[ADDR_TEXT];

	tree_map(t);
	tree_key(t, "neighbors");
	tree_list(t);
	for (size_t i = 0; i < r->count; i++) {
		const struct addressee *a = &r->addressee[i];

		tree_map(t);
		tree_key(t, "neighbor");
		tree_text(t, name_of(a, name));
		tree_key(t, "speaker");
		tree_text(t, a->departed ? a->departed->speaker : a->neighbor->speaker->name);
		tree_key(t, "status");
		tree_text(t, names[a->fate]);
		if (a->why) {
			tree_key(t, "why");
			tree_text(t, a->why);
		}
		tree_map_end(t);
	}
	tree_list_end(t);
	tree_map_end(t);
}

static void
answer(struct receipt *r)
{
	struct request *request = r->request;
	struct text t = { 0 };
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	bool pending = false, left_out = false, anybody = false;

	for (size_t i = 0; i < r->count; i++) {
		anybody |= r->addressee[i].fate != FATE_NO_FAMILY;
		pending |= r->addressee[i].fate == FATE_DOWN;
		left_out |= r->addressee[i].fate == FATE_LEFT_OUT;
	}
	print_fates(r, "sent to ", 1u << FATE_WRITTEN, &t);
	print_fates(r, "superseded: ", 1u << FATE_SUPERSEDED, &t);
	print_fates(r, "pending: ", 1u << FATE_DOWN, &t);
	print_fates(r, "not sent: ", 1u << FATE_REMOVED | 1u << FATE_LEFT_OUT, &t);
	if (anybody)
		print_without(r, &t);
	else
		text_add(&t, "sent to nobody: no neighbor has this family");
	tell_fates(r, &tree);
	receipt_free(r);
	request_answer(&request, ANSWER_FINAL,
	    left_out  ? "error"
	    : pending ? "pending"
		      : "sent",
	    reader_of(text_str(&t), t.len), &data);
	text_fini(&t);
	pack_fini(&data);
}

/* The last one answers, and r is gone then. */
static void
decide(struct receipt *r, struct addressee *a, enum fate fate)
{
	if (a->fate != FATE_OPEN)
		return;
	a->fate = fate;
	r->open--;
	if (r->open == 0 && !r->asking)
		answer(r);
}

static struct addressee *
addressee_of(struct receipt *r, const struct neighbor *n)
{
	for (size_t i = 0; i < r->count; i++, r->next++) {
		if (r->next >= r->count)
			r->next = 0;
		if (r->addressee[r->next].neighbor == n)
			return &r->addressee[r->next++];
	}
	return NULL;
}

static void
sent(void *self, struct neighbor *n, enum sent_status status)
{
	struct receipt *r = self;
	struct addressee *a = addressee_of(r, n);

	if (!a)
		return;
	if (status != SENT_WRITTEN &&
	    a->left_out) { /* that of a route or session that is no more */
		mem_free(a->why);
		a->why = NULL;
	}
	if (status == SENT_PEER_DOWN && !a->why) {
		/* just after a start: the route will be among what is restated */
		const char *why = neighbor_established(n)
				      ? "its speaker is being told all from the start"
				      : n->state.why;

		a->why = why[0] ? mem_text(why, strlen(why)) : NULL;
	}
	decide(r, a,
	    status == SENT_WRITTEN      ? a->left_out ? FATE_LEFT_OUT : FATE_WRITTEN
	    : status == SENT_SUPERSEDED ? FATE_SUPERSEDED
					: FATE_DOWN);
}

/* Its receipt may end with it. */
static void
depart(struct addressee *a, const struct neighbor *n)
{
	list_remove(&a->link);
	a->departed = mem_zero(sizeof *a->departed);
	addr_print(&n->peer.address, a->departed->name);
	memcpy(a->departed->speaker, n->speaker->name, sizeof a->departed->speaker);
	a->neighbor = NULL;
	if (a->left_out) {
		mem_free(a->why);
		a->why = NULL;
	}
	a->receipt->asked = true;
	decide(a->receipt, a, FATE_REMOVED);
}

void
receipts_neighbor_gone(struct neighbor *n)
{
	while (!list_empty(&n->receipts))
		depart(LIST_ENTRY(n->receipts.next, struct addressee, link), n);
}

/* --- asking --- */

/* One question a speaker, for all of its neighbors among them. */
static void
ask_speakers(struct receipt *r)
{
	struct neighbor **mine = mem_alloc((r->count + 1) * sizeof *mine);

	LIST_EACH(link, fleet_speakers(r->api->controller->fleet)) {
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);
		size_t n = 0;

		for (size_t i = 0; i < r->count; i++)
			if (r->addressee[i].fate == FATE_OPEN &&
			    r->addressee[i].neighbor->speaker == s)
				mine[n++] = r->addressee[i].neighbor;
		if (n > 0)
			lane_receipt(s, mine, n, sent, r);
	}
	mem_free(mine);
}

/* What it costs while it is open: here, and with those who are asked. */
static size_t
cost(size_t count)
{
	enum { ELSEWHERE = 256, EACH = 32 };

	return sizeof(struct receipt) + ELSEWHERE + count * (sizeof(struct addressee) + EACH);
}

static struct receipt *
receipt_new(struct api *api, struct neighbor *const *neighbors, size_t count, size_t without,
    const struct left_out *left_out)
{
	struct receipt *r = mem_zero(sizeof *r + (count + without) * sizeof r->addressee[0]);

	r->api = api;
	r->count = count + without;
	r->open = count;
	for (size_t i = 0; i < r->count; i++) {
		struct addressee *a = &r->addressee[i];
		const char *why = left_out_why(left_out, neighbors[i]);

		a->receipt = r;
		a->neighbor = neighbors[i];
		list_add(&neighbors[i]->receipts, &a->link);
		a->fate = i < count ? FATE_OPEN : FATE_NO_FAMILY;
		a->left_out = why;
		a->why = why ? mem_text(why, strlen(why)) : NULL;
	}
	return r;
}

static void
ask(struct call *c, struct neighbor *const *neighbors, size_t count, size_t without,
    const struct left_out *left_out, const char *status, const struct text *text,
    const struct pack *data)
{
	/* nothing becomes of them: who asks about one of thousands does not pay for all */
	enum { NAMED = 16 };
	bool fits = client_may_wait(c->request->client);
	size_t named = without < NAMED ? without : NAMED;
	struct receipt *r;

	if (fits)
		request_wait(c->request, cost(count + named));
	request_answer(
	    &c->request, ANSWER_LATER, status, reader_of(text_str(text), text->len), data);
	if (!fits) {
		request_done(
		    &c->request, "pending", "too many are waited for: nobody watches this one");
		return;
	}
	r = receipt_new(c->api, neighbors, count, named, left_out);
	r->unnamed = without - named;
	r->request = c->request;
	r->request->cancel = cancel;
	r->request->self = r;
	c->request = NULL;
	r->asking = true;
	ask_speakers(r);
	r->asking = false;
	if (r->open == 0)
		answer(r);
}

void
receipt_ask(struct call *c, struct neighbor *const *neighbors, size_t count, size_t without,
    const struct left_out *left_out, const struct text *accepted)
{
	ask(c, neighbors, count, without, left_out, "accepted", accepted, NULL);
}

void
receipt_ask_data(struct call *c, struct neighbor *const *neighbors, size_t count, size_t without,
    const struct left_out *left_out, const char *status, const struct text *text,
    const struct pack *data)
{
	ask(c, neighbors, count, without, left_out, status, text, data);
}
