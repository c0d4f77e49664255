/* Readers, barriers, and the end of marks.
 *
 * Readers also stand in a list of their own, rearmost first: a reader that walks past another's place goes in
 * front of it there. The reaper is a node behind all their places; what it passes, everybody has passed.
 *
 * A barrier that has to fire is first taken out of everything, and told as the last thing its caller does: who
 * is told may do anything with the ledger, even close the reader. */
#include <assert.h>
#include "common/ledger_inner.h"
#include "common/mem.h"

enum {
	REAP_BEHIND = 64, /* steps with each withdraw while there are too many marks */
	REAP_READY = 16, /* so many are looked up together */
	REAP_PEEK = 1024 /* most entries for each of which a peek does two steps */
};

/* --- names of nodes --- */

void
ledger_name(struct ledger *l, struct other *o, enum place_kind kind)
{
	uint32_t i = l->other_free;

	if (i == NONE) {
		l->other = mem_grow(l->other, &l->other_cap, l->others + 1, sizeof *l->other);
		i = (uint32_t)l->others++;
		assert(i < INDEX_NUMBERS - 2);
	} else {
		l->other_free = l->other[i].free;
	}
	l->other[i].other = o;
	o->kind = kind;
	o->self = OTHER | i;
}

static void
unname(struct ledger *l, struct other *o)
{
	struct other_place *p = &l->other[o->self & ~OTHER];

	p->other = NULL;
	p->free = l->other_free;
	l->other_free = o->self & ~OTHER;
}

static void
remove_other(struct ledger *l, struct other *o)
{
	unlink_node(l, o->self);
	unname(l, o);
}

static struct ledger_reader *
reader_at(const struct ledger *l, uint32_t n)
{
	struct other *o = other_at(l, n);

	return o->kind == PLACE_READER ? (struct ledger_reader *)o : NULL;
}

static struct ledger_barrier *
barrier_at(const struct ledger *l, uint32_t n)
{
	struct other *o = other_at(l, n);

	return o->kind == PLACE_BARRIER ? (struct ledger_barrier *)o : NULL;
}

/* The reader whose place among the readers is at node n. */
static struct ledger_reader *
place_at(const struct ledger *l, uint32_t n)
{
	struct other *o = is_entry(n) ? NULL : other_at(l, n);

	if (o && o->kind == PLACE_PROXY)
		return (struct ledger_reader *)(void *)((char *)o -
							offsetof(struct ledger_reader, proxy));
	if (o && o->kind == PLACE_READER && !((struct ledger_reader *)o)->proxied)
		return (struct ledger_reader *)o;
	return NULL;
}

/* --- barriers that fire --- */

uint32_t
ledger_hash_fate(void *self, uint32_t number)
{
	const struct ledger *l = self;

	return barrier_at(l, number)->entry * UINT32_C(0x9e3779b1);
}

static void
forget_fate(struct ledger *l, struct ledger_barrier *b)
{
	index_remove(&l->fates, ledger_hash_fate(l, b->node.self & ~OTHER), b->node.self & ~OTHER);
	b->entry = NONE;
	l->fates_asked--;
}

/* Nothing that happens to this entry, or to who has its number next, is asked for any more. */
static void
settle(struct ledger *l, uint32_t number, bool superseded)
{
	struct index_walk w = { 0 };
	uint32_t i;

	while (l->fates_asked > 0 && index_next(&l->fates, number * UINT32_C(0x9e3779b1), &w, &i)) {
		struct ledger_barrier *b = barrier_at(l, i);

		if (b->entry != number)
			continue;
		forget_fate(l, b);
		b->superseded = superseded;
		w = (struct index_walk){ 0 };
	}
}

void
ledger_supersede(struct ledger *l, uint32_t number)
{
	settle(l, number, true);
}

/* Out of everything; told later. */
static void
fall_due(struct ledger *l, struct ledger_barrier *b, struct list *due)
{
	if (b->entry != NONE)
		forget_fate(l, b);
	remove_other(l, &b->node);
	list_remove(&b->link);
	list_add(due, &b->link);
}

static void
fire(struct list *due)
{
	while (!list_empty(due)) {
		struct ledger_barrier *b = LIST_ENTRY(due->next, struct ledger_barrier, link);
		struct ledger_barrier gone = *b;

		list_remove(&b->link);
		mem_free(b);
		gone.ops->fire(gone.arg, gone.superseded, gone.closed);
	}
}

/* The reader has passed this barrier for all. They are passed in order. */
static void
pass_one_for_all(
    struct ledger *l, struct ledger_reader *r, struct ledger_barrier *b, struct list *due)
{
	if (b->number <= r->passed)
		return;
	r->passed = b->number;
	if (--b->waits == 0)
		fall_due(l, b, due);
}

/* The reader is past all that there is. */
static void
pass_all_for_all(struct ledger *l, struct ledger_reader *r, struct list *due)
{
	LIST_EACH(link, &l->barriers)
		pass_one_for_all(l, r, LIST_ENTRY(link, struct ledger_barrier, link), due);
	r->passed = l->barrier_number;
}

static void
pass_own(struct ledger *l, struct ledger_reader *r, bool closed, struct list *due)
{
	while (!list_empty(&r->barriers)) {
		struct ledger_barrier *b =
		    LIST_ENTRY(r->barriers.next, struct ledger_barrier, link);

		b->closed = closed;
		fall_due(l, b, due);
	}
}

/* A barrier that this reader has not passed yet. */
static bool
bars(const struct ledger *l, const struct ledger_reader *r, uint32_t n)
{
	const struct ledger_barrier *b = barrier_at(l, n);

	return b && (b->reader ? b->reader == r : b->number > r->passed);
}

static bool
has_barriers(const struct ledger *l, const struct ledger_reader *r)
{
	return !list_empty(&r->barriers) || r->passed < l->barrier_number;
}

/* --- opening, closing, moving --- */

static void
remove_proxy(struct ledger *l, struct ledger_reader *r)
{
	if (!r->proxied)
		return;
	remove_other(l, &r->proxy);
	r->proxied = false;
}

static void
place_proxy(struct ledger *l, struct ledger_reader *r, uint32_t next)
{
	ledger_name(l, &r->proxy, PLACE_PROXY);
	link_before(l, r->proxy.self, next);
	r->proxied = true;
}

static struct ledger_reader *
reader_new(struct ledger *l, void *party)
{
	struct ledger_reader *r = mem_zero(sizeof *r);

	r->ledger = l;
	r->party = party;
	r->passed = l->barrier_number;
	list_init(&r->order);
	list_init(&r->barriers);
	ledger_name(l, &r->node, PLACE_READER);
	l->readers++;
	return r;
}

struct ledger_reader *
ledger_reader_open(struct ledger *l, void *party, bool at_head)
{
	struct ledger_reader *r = reader_new(l, party);

	link_before(l, r->node.self, at_head ? l->head : NONE);
	if (at_head)
		place_proxy(l, r, NONE);
	list_add(&l->order, &r->order);
	return r;
}

struct ledger_reader *
ledger_reader_open_beside(struct ledger_reader *of, void *party)
{
	struct ledger *l = of->ledger;
	struct ledger_reader *r = reader_new(l, party);

	link_before(l, r->node.self, of->node.next);
	if (of->proxied)
		place_proxy(l, r, of->proxy.next);
	list_add(of->order.next, &r->order);
	return r;
}

void
ledger_reader_close(struct ledger_reader *r)
{
	struct list due;
	struct ledger *l;

	if (!r)
		return;
	l = r->ledger;
	list_init(&due);
	pass_own(l, r, true, &due);
	pass_all_for_all(l, r, &due);
	remove_proxy(l, r);
	remove_other(l, &r->node);
	list_remove(&r->order);
	l->readers--;
	if (l->cutting == r)
		l->cutting = NULL;
	mem_free(r);
	l->reap_due = true;
	fire(&due);
}

void *
ledger_reader_party(const struct ledger_reader *r)
{
	return r->party;
}

void
ledger_reader_to_head(struct ledger_reader *r)
{
	struct ledger *l = r->ledger;

	if (l->cutting == r) {
		remove_proxy(l, r);
		place_proxy(l, r, NONE);
		list_remove(&r->order);
		list_add(&l->order, &r->order);
	} else if (!r->proxied) {
		place_proxy(l, r, r->node.self);
	}
	unlink_node(l, r->node.self);
	link_before(l, r->node.self, l->head);
	r->live_at = 0;
}

bool
ledger_reader_live(const struct ledger_reader *r)
{
	const struct ledger *l = r->ledger;
	bool barriers = has_barriers(l, r);

	if (r->live_at == l->appends)
		return true;
	for (uint32_t n = r->node.next; n != NONE; n = next_of(l, n)) {
		const struct ledger_reader *x;

		if (is_entry(n) || (barriers && bars(l, r, n)))
			return false;
		x = reader_at(l, n);
		if (x && !barriers && x->live_at == l->appends)
			break;
	}
	((struct ledger_reader *)r)->live_at = l->appends;
	return true;
}

void
ledger_reader_to_tail(struct ledger_reader *r)
{
	struct ledger *l = r->ledger;
	struct list due;

	list_init(&due);
	pass_own(l, r, false, &due);
	pass_all_for_all(l, r, &due);
	remove_proxy(l, r);
	unlink_node(l, r->node.self);
	link_before(l, r->node.self, NONE);
	list_remove(&r->order);
	list_add(&l->order, &r->order);
	r->live_at = l->appends;
	l->reap_due = true;
	fire(&due);
}

/* --- walking --- */

size_t
ledger_reader_peek(const struct ledger_reader *r, struct ledger_entry **out, size_t max)
{
	struct ledger *l = r->ledger;
	size_t count = 0;

	ledger_reap_some(l, 2 * (unsigned)(max < REAP_PEEK ? max : REAP_PEEK));
	for (uint32_t n = r->node.next; n != NONE && count < max; n = next_of(l, n)) {
		if (is_entry(n)) {
			uint32_t ahead = slot_next(slot_at(l, n));

			if (ahead != NONE && is_entry(ahead))
				mem_soon(slot_at(l, ahead));
			out[count++] = slot_at(l, n);
		} else if (bars(l, r, n)) {
			break;
		}
	}
	return count;
}

/* The reader goes past node n, which is no entry: another reader's place, its own proxy, a barrier. */
static void
go_past(struct ledger *l, struct ledger_reader *r, uint32_t n, struct list *due)
{
	struct ledger_reader *x = place_at(l, n);
	struct ledger_barrier *b = barrier_at(l, n);

	if (x == r) {
		remove_proxy(l, r);
	} else if (x && !r->proxied) {
		list_remove(&r->order);
		list_add(x->order.next, &r->order);
	} else if (b && !b->reader) {
		pass_one_for_all(l, r, b, due);
	} else if (b && b->reader == r) {
		fall_due(l, b, due);
	}
}

void
ledger_reader_pass(struct ledger_reader *r, size_t count)
{
	struct ledger *l = r->ledger;
	uint32_t n = r->node.next;
	struct list due;

	list_init(&due);
	unlink_node(l, r->node.self);
	/* what stands right behind the last entry matters only when there may be a barrier */
	while (n != NONE && (count > 0 || (!is_entry(n) && has_barriers(l, r)))) {
		uint32_t after = next_of(l, n);

		if (is_entry(n))
			count--;
		else
			go_past(l, r, n, &due);
		n = after;
	}
	link_before(l, r->node.self, n);
	if (n == NONE)
		r->live_at = l->appends;
	l->reap_due = true;
	fire(&due);
}

size_t
ledger_reader_beside(struct ledger_reader *r, struct ledger_reader **out, size_t max)
{
	struct ledger *l = r->ledger;
	uint64_t now = ++l->asked;
	size_t count = 0;
	uint32_t n;

	if (max > 0)
		out[count++] = r;
	/* those in front of us, if no barrier of ours lies between */
	for (n = r->node.next; n != NONE && !is_entry(n) && !bars(l, r, n) && count < max;
	     n = next_of(l, n)) {
		struct ledger_reader *x = reader_at(l, n);

		if (x)
			out[count++] = x;
	}
	/* those behind us, if no barrier of theirs lies between */
	for (n = r->node.prev; n != NONE && !is_entry(n) && count < max; n = prev_of(l, n)) {
		struct ledger_reader *x = reader_at(l, n);
		struct ledger_barrier *b = barrier_at(l, n);

		if (b && !b->reader)
			break;
		if (b)
			b->reader->barred_at = now;
		else if (x && x->barred_at != now)
			out[count++] = x;
	}
	return count;
}

size_t
ledger_readers(const struct ledger *l)
{
	return l->readers;
}

/* --- barriers --- */

static struct ledger_barrier *
place_barrier(struct ledger *l, struct ledger_reader *r, const struct ledger_entry *e)
{
	struct ledger_barrier *b = mem_zero(sizeof *b);

	b->reader = r;
	b->entry = NONE;
	list_add(r ? &r->barriers : &l->barriers, &b->link);
	ledger_name(l, &b->node, PLACE_BARRIER);
	link_before(l, b->node.self, NONE);
	if (e) {
		b->entry = ledger_number(l, e);
		l->fates_asked++;
		index_insert(
		    &l->fates, ledger_hash_fate(l, b->node.self & ~OTHER), b->node.self & ~OTHER);
	}
	return b;
}

/* How many readers have something in front of them; to the others a new barrier for all is nothing. */
static size_t
count_waiting(struct ledger *l, uint64_t number)
{
	size_t waits = 0;

	LIST_EACH(link, &l->order) {
		struct ledger_reader *r = LIST_ENTRY(link, struct ledger_reader, order);

		if (ledger_reader_live(r))
			r->passed = number;
		else
			waits++;
	}
	return waits;
}

void
ledger_barrier(struct ledger *l, struct ledger_reader *r, const struct ledger_entry *e,
    const struct ledger_barrier_ops *ops, void *arg)
{
	uint64_t number = 0;
	struct ledger_barrier *b;
	size_t waits;

	if (r) {
		waits = !ledger_reader_live(r);
	} else {
		number = l->barrier_number + 1;
		waits = count_waiting(l, number);
		l->barrier_number = number;
	}
	if (waits == 0) {
		ops->fire(arg, false, false);
		return;
	}
	b = place_barrier(l, r, e);
	b->number = number;
	b->waits = waits;
	b->ops = ops;
	b->arg = arg;
}

/* --- the end of marks --- */

/* While there is no mark the reaper stays where it was: now it goes as far as it may. */
void
ledger_reap_from(struct ledger *l)
{
	const struct ledger_reader *r;

	if (list_empty(&l->order))
		return;
	r = LIST_ENTRY(l->order.next, struct ledger_reader, order);
	unlink_node(l, l->reaper.self);
	link_before(l, l->reaper.self, r->proxied ? r->proxy.self : r->node.self);
}

static bool
may_reap(const struct ledger *l, uint32_t n)
{
	return is_entry(n) && (slot_at(l, n)->mark || l->passing);
}

/* Where they stand in the index is asked for before the first of them is looked up there. */
static void
reap_soon(struct ledger *l, uint32_t n, unsigned steps)
{
	for (; steps > 0 && n != NONE && !place_at(l, n); n = next_of(l, n), steps--)
		if (may_reap(l, n))
			index_prefetch(&l->index, ledger_hash_number(l, n));
}

/* The reaper itself moves once, in the end: it stands behind the marks that go. */
bool
ledger_reap(struct ledger *l, unsigned steps)
{
	uint32_t n = l->reaper.next;

	if (l->marks == 0 && !l->passing)
		return true;
	for (unsigned ready = 0; steps > 0 && n != NONE && !place_at(l, n); steps--, ready--) {
		uint32_t after = next_of(l, n);

		if (ready == 0) {
			ready = steps < REAP_READY ? steps : REAP_READY;
			reap_soon(l, n, ready);
		}
		if (may_reap(l, n)) {
			settle(l, n, false); /* everybody has seen it */
			ledger_destroy(l, n);
		}
		n = after;
	}
	if (n != l->reaper.next) {
		unlink_node(l, l->reaper.self);
		link_before(l, l->reaper.self, n);
	}
	if (steps > 0)
		l->reap_due = false;
	return steps > 0;
}

void
ledger_passing(struct ledger *l, bool passing)
{
	l->passing = passing;
}

/* What is said in place of what they stand for has numbers, too. */
static bool
are_too_many(const struct ledger *l)
{
	return l->marks > l->peak + l->spare ||
	       l->count + l->marks > 2 * l->most + LEDGER_MARKS_SPARE;
}

/* Marks pile up because somebody is far behind: the rearmost reader goes, one with a withdraw. Or because the
 * reaper is: it catches up faster than marks are made. */
void
ledger_bound_marks(struct ledger *l)
{
	if (!are_too_many(l) || !ledger_reap(l, REAP_BEHIND))
		return;
	if (!are_too_many(l) || list_empty(&l->order))
		return;
	l->cutting = LIST_ENTRY(l->order.next, struct ledger_reader, order);
	l->ops->overrun(l->self, l->cutting);
	l->cutting = NULL;
}
