/* What is said behind the routes that were there when it was asked for: the end of all, End-of-RIB of a neighbor,
 * receipts, and commands whose place is behind announcements. */
#include <string.h>
#include "common/mem.h"
#include "controller/lane_inner.h"
#include "controller/neighbor.h"
#include "controller/rib/rib.h"

/* Something said when the readers of all families have passed where they are now. */
enum mark_kind { MARK_END, MARK_COMPLETE, MARK_RECEIPT, MARK_COMMAND };

struct mark {
	struct lane *lane;
	enum mark_kind kind;
	uint32_t number; /* our number of a neighbor: COMPLETE */
	uint64_t id; /* RECEIPT */
	struct link_command *command; /* COMMAND */
	unsigned left;
	bool closed;
};

static void
say_complete(struct lane *l, uint32_t number)
{
	struct link_complete c = { .peer = numbers_theirs(&l->numbers, number) };
	struct pack p = { 0 };

	if (c.peer == NUMBER_NONE)
		return;
	link_complete_pack(&c, &p);
	lane_say(l, &p);
}

/* Numbers far apart need a frame for each stretch. */
static void
say_receipt(struct lane *l, uint64_t id)
{
	struct link_receipt r = { .id = id };
	size_t count;
	const uint32_t *number = asked_about(&l->asked, id, &count);

	for (uint32_t base = 0; number && base < LINK_PEERS_MAX; base += 8 * sizeof r.peers) {
		struct pack p = { 0 };
		bool some = false;

		memset(r.peers, 0, sizeof r.peers);
		r.base = base;
		for (size_t i = 0; i < count; i++) {
			uint32_t t = numbers_theirs(&l->numbers, number[i]) - base;

			if (t >= 8 * sizeof r.peers)
				continue;
			r.peers[t >> 3] |= (uint8_t)(1u << (t & 7));
			some = true;
		}
		if (!some)
			continue;
		link_receipt_pack(&r, &p);
		lane_say(l, &p);
	}
}

static void
mark_passed(struct mark *m)
{
	struct link_border end = { 0 };
	struct pack p = { 0 };

	if (--m->left > 0)
		return;
	if (!m->closed && !m->lane->closing) {
		switch (m->kind) {
		case MARK_END:
			link_border_pack(&end, FRAME_END, &p);
			lane_say(m->lane, &p);
			break;
		case MARK_COMPLETE:
			say_complete(m->lane, m->number);
			break;
		case MARK_RECEIPT:
			say_receipt(m->lane, m->id);
			break;
		case MARK_COMMAND:
			link_command_pack(m->command, &p);
			lane_say(m->lane, &p);
		}
	}
	mem_free(m->command);
	mem_free(m);
}

static void
fire(void *arg, bool superseded, bool closed)
{
	struct mark *m = arg;

	(void)superseded;
	m->closed |= closed;
	mark_passed(m);
}

static const struct ledger_barrier_ops mark_ops = { .fire = fire };

static void
mark(struct lane *l, struct mark what)
{
	struct mark *m = mem_copy(&what, sizeof what);

	m->lane = l;
	m->left = 1;
	for (int f = 0; f < FAMILIES; f++) {
		if (!l->reader[f])
			continue;
		m->left++;
		ledger_barrier(l->entry->intent.told[f].ledger, l->reader[f], NULL, &mark_ops, m);
	}
	mark_passed(m);
	loop_wake(l->pack);
}

void
lane_mark_end(struct lane *l)
{
	mark(l, (struct mark){ .kind = MARK_END });
}

void
lane_complete(struct lane *l, struct neighbor *n)
{
	if (l && l->restated && !l->controller->settling && !rib_undecided(n))
		mark(l, (struct mark){ .kind = MARK_COMPLETE, .number = n->number });
}

void
lane_mark_receipt(struct lane *l, uint64_t id)
{
	mark(l, (struct mark){ .kind = MARK_RECEIPT, .id = id });
}

void
lane_mark_command(struct lane *l, const struct link_command *c)
{
	mark(l, (struct mark){ .kind = MARK_COMMAND, .command = mem_copy(c, sizeof *c) });
}
