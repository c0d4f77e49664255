#include "controller/api/receipt.h"
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"
#include "controller/lane.h"

enum fate { FATE_OPEN, FATE_WRITTEN, FATE_SUPERSEDED, FATE_DOWN, FATE_REMOVED };

struct addressee {
	struct neighbor *neighbor; /* NULL once its fate is known */
	char name[ADDR_TEXT], speaker[LINK_NAME], why[LINK_TEXT];
	enum fate fate;
};

struct receipt {
	struct list link; /* in api.receipts */
	struct api *api;
	struct request *request;
	size_t count, open;
	bool asking; /* answers that come at once do not end it yet */
	struct addressee addressee[];
};

static void
receipt_free(struct receipt *r)
{
	LIST_EACH(link, fleet_speakers(r->api->controller->fleet))
	lane_forget(LIST_ENTRY(link, struct speaker_entry, link), r);
	list_remove(&r->link);
	mem_free(r);
}

static void
cancel(void *self)
{
	receipt_free(self);
}

/* --- the answer --- */

static void
print_fates(const struct receipt *r, const char *word, unsigned fates, struct text *t)
{
	bool first = true;

	for (size_t i = 0; i < r->count; i++) {
		const struct addressee *a = &r->addressee[i];

		if (!(fates & 1u << a->fate))
			continue;
		text_printf(
		    t, "%s%s%s", first ? (t->len ? "; " : "") : ", ", first ? word : "", a->name);
		if (a->fate == FATE_DOWN)
			text_printf(t, " (down%s%s)", a->why[0] ? ": " : "", a->why);
		else if (a->fate == FATE_REMOVED)
			text_add(t, " (removed)");
		first = false;
	}
}

static void
tell_fates(const struct receipt *r, struct tree *t)
{
	static const char *const names[] = { "open", "written", "superseded", "down", "removed" };

	tree_map(t);
	tree_key(t, "neighbors");
	tree_list(t);
	for (size_t i = 0; i < r->count; i++) {
		const struct addressee *a = &r->addressee[i];

		tree_map(t);
		tree_key(t, "neighbor");
		tree_text(t, a->name);
		tree_key(t, "speaker");
		tree_text(t, a->speaker);
		tree_key(t, "status");
		tree_text(t, names[a->fate]);
		if (a->why[0]) {
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
	bool pending = false;

	for (size_t i = 0; i < r->count; i++)
		pending |= r->addressee[i].fate == FATE_DOWN;
	print_fates(r, "sent to ", 1u << FATE_WRITTEN, &t);
	print_fates(r, "superseded: ", 1u << FATE_SUPERSEDED, &t);
	print_fates(r, "pending: ", 1u << FATE_DOWN, &t);
	print_fates(r, "not sent: ", 1u << FATE_REMOVED, &t);
	if (r->count == 0)
		text_add(&t, "no neighbor has this family");
	tell_fates(r, &tree);
	receipt_free(r);
	request_answer(&request, ANSWER_FINAL, pending ? "pending" : "sent",
	    reader_of(text_str(&t), t.len), &data);
	text_fini(&t);
	pack_fini(&data);
}

static void
settle(struct receipt *r, struct neighbor *n, enum fate fate)
{
	for (size_t i = 0; i < r->count; i++) {
		struct addressee *a = &r->addressee[i];

		if (a->neighbor != n)
			continue;
		a->neighbor = NULL;
		a->fate = fate;
		if (fate == FATE_DOWN)
			memcpy(a->why, n->state.why, sizeof a->why);
		r->open--;
		break;
	}
	if (r->open == 0 && !r->asking)
		answer(r);
}

static void
sent(void *self, struct neighbor *n, enum sent_status status)
{
	settle(self, n,
	    status == SENT_WRITTEN      ? FATE_WRITTEN
	    : status == SENT_SUPERSEDED ? FATE_SUPERSEDED
					: FATE_DOWN);
}

void
receipts_neighbor_gone(struct api *api, struct neighbor *n)
{
	LIST_EACH(link, &api->receipts)
	settle(LIST_ENTRY(link, struct receipt, link), n, FATE_REMOVED);
}

/* --- asking --- */

/* One question a speaker, for all of its neighbors among them. */
static void
ask_speakers(struct receipt *r)
{
	struct neighbor **mine = mem_alloc((r->count + 1) * sizeof *mine);

	LIST_EACH(link, fleet_speakers(r->api->controller->fleet))
	{
		struct speaker_entry *s = LIST_ENTRY(link, struct speaker_entry, link);
		size_t n = 0;

		for (size_t i = 0; i < r->count; i++)
			if (r->addressee[i].neighbor && r->addressee[i].neighbor->speaker == s)
				mine[n++] = r->addressee[i].neighbor;
		if (n > 0)
			lane_receipt(s, mine, n, sent, r);
	}
	mem_free(mine);
}

void
receipt_ask(
    struct call *c, struct neighbor *const *neighbors, size_t count, const struct text *accepted)
{
	struct receipt *r = mem_zero(sizeof *r + count * sizeof r->addressee[0]);

	r->api = c->api;
	r->request = c->request;
	r->count = r->open = count;
	for (size_t i = 0; i < count; i++) {
		struct addressee *a = &r->addressee[i];

		a->neighbor = neighbors[i];
		addr_print(&neighbors[i]->peer.address, a->name);
		memcpy(a->speaker, neighbors[i]->speaker->name, sizeof a->speaker);
	}
	list_add(&c->api->receipts, &r->link);
	r->request->cancel = cancel;
	r->request->self = r;
	request_answer(&c->request, ANSWER_LATER, "accepted",
	    reader_of(text_str(accepted), accepted->len), NULL);
	c->request = NULL;
	r->asking = true;
	ask_speakers(r);
	r->asking = false;
	if (r->open == 0)
		answer(r);
}
