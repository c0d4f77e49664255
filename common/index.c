#include "common/index.h"
#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "common/mem.h"

enum {
	SLOTS = 10, /* of a bucket */
	ALL = (1 << SLOTS) - 1,
	NUMBER_BITS = 26,
	KEPT_BITS = 20, /* of what the hash is behind the bits that choose the bucket */
	FAR_BITS =
	    2, /* how many buckets behind its home it stands; 0 of a stranger: too many to be said */
	FAR_MOST = (1 << FAR_BITS) - 1,
	EXACT = 1 << (32 - KEPT_BITS), /* with so many buckets that is all of it */
	STRANGE = SLOTS, /* where in the state these begin */
	PASSED =
	    2 *
	    SLOTS, /* so many belong here or in front and stand behind; the greatest number sticks */
	PASSED_MOST = (1 << (32 - PASSED)) - 1,
	LEAST = 3, /* buckets of the smallest table */
	PAGE_BITS = 8,
	PAGE = 1 << PAGE_BITS, /* buckets; a table of fewer has one page of its size */
	STEP = 4, /* homes moved with an insert: done before the rest of the table is much fuller */
	FULL =
	    16 /* halves of a slot: so many of a bucket are taken in the mean when the table grows */
};

/* A slot is 16 bits of what is kept in `tag`; in `slot` are how far it is from home, four bits more, and the number. */
struct bucket {
	uint16_t tag[SLOTS];
	uint32_t
	    state; /* a bit for each slot that is taken; for each whose home is in front of this bucket; and */
	uint32_t slot[SLOTS];
};
_Static_assert(sizeof(struct bucket) == MEM_LINE, "a bucket is a line of the cache");

static unsigned
taken(const struct bucket *b)
{
	return b->state & ALL;
}

static unsigned
strange(const struct bucket *b)
{
	return b->state >> STRANGE & b->state & ALL;
}

static uint32_t
passed(const struct bucket *b)
{
	return b->state >> PASSED;
}

/* Where a hash belongs, and what is kept of it there. */
struct spot {
	uint32_t home, kept;
};

static struct spot
spot_of(const struct index_table *t, uint32_t hash)
{
	uint64_t at = (uint64_t)hash * t->size;

	return (struct spot){ (uint32_t)(at >> 32), (uint32_t)at >> (32 - KEPT_BITS) };
}

/* The hash that has this spot, where there is one: the table has EXACT buckets. What is kept is less than its size
 * below the product, so a multiplication by 2^64 / size, rounded up, divides. */
static uint32_t
hash_at(const struct index_table *t, struct spot s)
{
	uint64_t most = ((uint64_t)s.home << KEPT_BITS | s.kept) << (32 - KEPT_BITS) | (EXACT - 1);

	return (uint32_t)((unsigned __int128)most * t->inverse >> 64);
}

static uint32_t
slot_of(uint32_t kept, uint32_t number)
{
	return kept >> 16 << NUMBER_BITS | number;
}

static uint32_t
far_of(uint32_t slot)
{
	return slot >> (32 - FAR_BITS);
}

/* The same wherever it stands. */
static uint32_t
near(uint32_t slot)
{
	return slot << FAR_BITS >> FAR_BITS;
}

static uint32_t
number_of(uint32_t slot)
{
	return slot & (INDEX_NUMBERS - 1);
}

/* --- a table --- */

static const struct bucket nothing;

static bool
is_small(const struct index_table *t)
{
	return t->size < PAGE;
}

static size_t
page_octets(const struct index_table *t)
{
	return (is_small(t) ? t->room : PAGE) * sizeof(struct bucket);
}

static void
table_begin(struct index_table *t, uint32_t size)
{
	uint32_t pages;

	*t = (struct index_table){ .size = size, .inverse = UINT64_MAX / size + 1 };
	t->shift = is_small(t) ? 31 : PAGE_BITS;
	t->mask = (UINT32_C(1) << t->shift) - 1;
	pages = is_small(t) ? 1 : size / PAGE + 2;
	t->room = is_small(t) ? size + size / 8 : pages * PAGE;
	t->page = mem_zero(pages * sizeof *t->page);
}

static uint32_t
page_count(const struct index_table *t)
{
	return is_small(t) ? t->size > 0 : t->room / PAGE;
}

static void
table_fini(struct index_table *t)
{
	for (uint32_t i = 0; i < page_count(t); i++)
		mem_lines_free(t->page[i]);
	mem_free(t->page);
	*t = (struct index_table){ 0 };
}

static struct bucket *
buckets_new(uint32_t count)
{
	struct bucket *b = mem_lines(count * sizeof *b);

	return memset(b, 0, count * sizeof *b);
}

/* There were so many equal hashes that they go on behind the table. */
static void
more_room(struct index_table *t)
{
	uint32_t room =
	    t->room + t->room / 4 / PAGE * PAGE + (is_small(t) ? t->room / 4 + 1 : PAGE);

	if (is_small(t)) {
		struct bucket *page = buckets_new(room);

		if (t->page[0])
			memcpy(page, t->page[0], t->room * sizeof *page);
		mem_lines_free(t->page[0]);
		t->page[0] = page;
		t->pages = 1;
	} else {
		t->page = mem_resize(t->page, room / PAGE * sizeof *t->page);
		memset(t->page + t->room / PAGE, 0, (room - t->room) / PAGE * sizeof *t->page);
	}
	t->room = room;
}

static inline const struct bucket *
look(const struct index_table *t, uint32_t n)
{
	const struct bucket *page = n < t->room ? t->page[n >> t->shift] : NULL;

	return page ? &page[n & t->mask] : &nothing;
}

static struct bucket *
make_bucket(struct index_table *t, uint32_t n)
{
	struct bucket **page;

	if (n >= t->room)
		more_room(t);
	page = &t->page[n >> t->shift];
	if (!*page) {
		*page = buckets_new(is_small(t) ? t->room : PAGE);
		t->pages++;
	}
	return &(*page)[n & t->mask];
}

/* To write to. */
static inline struct bucket *
bucket_at(struct index_table *t, uint32_t n)
{
	struct bucket *page = n < t->room ? t->page[n >> t->shift] : NULL;

	return page ? &page[n & t->mask] : make_bucket(t, n);
}

/* Its own bucket is full. */
static __attribute__((noinline)) void
put_behind(struct index_table *t, struct spot s, uint32_t number)
{
	uint32_t n = s.home, far;
	struct bucket *b;
	unsigned slot;

	for (b = bucket_at(t, n); taken(b) == ALL; b = bucket_at(t, ++n))
		if (passed(b) < PASSED_MOST)
			b->state += UINT32_C(1) << PASSED;
	slot = (unsigned)__builtin_ctz(~b->state);
	far = n - s.home <= FAR_MOST ? n - s.home : 0;
	b->state |= (1 | UINT32_C(1) << STRANGE) << slot;
	b->tag[slot] = (uint16_t)s.kept;
	b->slot[slot] = far << (32 - FAR_BITS) | slot_of(s.kept, number);
}

static inline void
put(struct index_table *t, struct spot s, uint32_t number)
{
	struct bucket *b = bucket_at(t, s.home);
	unsigned slot;

	if (taken(b) == ALL) {
		put_behind(t, s, number);
		return;
	}
	slot = (unsigned)__builtin_ctz(~b->state);
	b->state |= UINT32_C(1) << slot;
	b->tag[slot] = (uint16_t)s.kept;
	b->slot[slot] = slot_of(s.kept, number);
}

/* What belongs to `home` and stands in a slot of bucket n goes. */
static void
take(struct index_table *t, uint32_t home, uint32_t n, unsigned slot)
{
	for (uint32_t i = home; i < n; i++) {
		struct bucket *b = bucket_at(t, i);

		if (passed(b) < PASSED_MOST)
			b->state -= UINT32_C(1) << PASSED;
	}
	bucket_at(t, n)->state &= ~((UINT32_C(1) | UINT32_C(1) << STRANGE) << slot);
}

/* --- growing --- */

/* What is kept of the hash of what stands there. */
static inline uint32_t
kept_in(const struct bucket *b, unsigned slot)
{
	return near(b->slot[slot]) >> NUMBER_BITS << 16 | b->tag[slot];
}

/* Into the table that grows. */
static inline void
move(struct index *x, uint32_t hash, const struct bucket *b, unsigned slot)
{
	put(&x->now, spot_of(&x->now, hash), number_of(b->slot[slot]));
}

/* Of what stands in bucket n and belongs to one in front of it: does it belong to this one? */
static bool
belongs(const struct index *x, uint32_t home, uint32_t n, const struct bucket *b, unsigned slot,
    uint32_t *hash)
{
	uint32_t far = far_of(b->slot[slot]);

	if (x->old.size >= EXACT && far > 0) {
		*hash = hash_at(&x->old, (struct spot){ home, kept_in(b, slot) });
		return n - far == home;
	}
	*hash = x->hash(x->self, number_of(b->slot[slot]));
	return spot_of(&x->old, *hash).home == home;
}

/* Those whose home this is go over, from it and from the buckets behind. Whose home was in front of it is gone already. */
static void
move_home(struct index *x, uint32_t home)
{
	const struct bucket *b = look(&x->old, home);
	bool exact = x->old.size >= EXACT;
	uint32_t n = home, hash;

	for (unsigned left = taken(b); left != 0; left &= left - 1) {
		unsigned slot = (unsigned)__builtin_ctz(left);

		hash = exact ? hash_at(&x->old, (struct spot){ home, kept_in(b, slot) })
			     : x->hash(x->self, number_of(b->slot[slot]));
		move(x, hash, b, slot);
	}
	while (passed(b) > 0 && ++n < x->old.room) {
		b = look(&x->old, n);
		for (unsigned left = strange(b); left != 0; left &= left - 1) {
			unsigned slot = (unsigned)__builtin_ctz(left);

			if (!belongs(x, home, n, b, slot, &hash))
				continue;
			move(x, hash, b, slot);
			take(&x->old, home + 1, n, slot);
		}
	}
}

/* Whose hash the next insert will ask for. */
static void
announce_some(struct index *x)
{
	for (uint32_t n = x->moved; n <= x->moved + STEP; n++) {
		const struct bucket *b = look(&x->old, n);

		for (unsigned left = taken(b); left != 0; left &= left - 1)
			x->soon(x->self, number_of(b->slot[__builtin_ctz(left)]));
	}
}

static void
drop_page(struct index_table *t, uint32_t page)
{
	t->pages -= t->page[page] != NULL;
	mem_lines_free(t->page[page]);
	t->page[page] = NULL;
}

static void
move_some(struct index *x)
{
	for (int i = 0; i < STEP && x->moved < x->old.size; i++) {
		move_home(x, x->moved++);
		if (!is_small(&x->old) && x->moved % PAGE == 0)
			drop_page(&x->old, x->moved / PAGE - 1);
	}
	if (x->moved == x->old.size)
		table_fini(&x->old);
	else if (x->soon && x->old.size < EXACT)
		announce_some(x);
}

static void
grow(struct index *x)
{
	x->old = x->now;
	x->moved = 0;
	table_begin(&x->now, x->old.size + x->old.size / 2 + (x->old.size == 0 ? LEAST : 0));
	if (x->old.size == 0)
		table_fini(&x->old);
}

/* The one that has the things of this hash. */
static const struct index_table *
table_of(const struct index *x, uint32_t hash)
{
	return x->old.size == 0 || spot_of(&x->old, hash).home < x->moved ? &x->now : &x->old;
}

/* --- the index --- */

void
index_init(struct index *x, uint32_t (*hash)(void *self, uint32_t number), void *self)
{
	*x = (struct index){ .hash = hash, .self = self };
}

void
index_fini(struct index *x)
{
	table_fini(&x->now);
	table_fini(&x->old);
}

void
index_insert(struct index *x, uint32_t hash, uint32_t number)
{
	struct index_table *t;

	if (x->old.size > 0)
		move_some(x);
	else if (2 * x->count >= (size_t)FULL * x->now.size)
		grow(x);
	t = (struct index_table *)table_of(x, hash);
	put(t, spot_of(t, hash), number);
	x->count++;
}

/* The slots of a bucket that have this tag. */
static unsigned
alike(const struct bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	__m128i wanted = _mm_set1_epi16((int16_t)tag);
	__m128i first =
	    _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(const void *)b->tag), wanted);
	__m128i last =
	    _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(const void *)(b->tag + 2)), wanted);
	unsigned found = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(first, last));

	return ((found & 0xff) | (found >> 6 & 0x300)) & taken(b);
#else
	unsigned found = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		found |= (unsigned)(b->tag[i] == tag) << i;
	return found & taken(b);
#endif
}

void
index_remove(struct index *x, uint32_t hash, uint32_t number)
{
	struct index_table *t = (struct index_table *)table_of(x, hash);
	struct spot s = spot_of(t, hash);
	uint32_t wanted = slot_of(s.kept, number), n = s.home;
	const struct bucket *b;

	do {
		b = look(t, n);
		for (unsigned found = alike(b, (uint16_t)s.kept); found != 0; found &= found - 1) {
			unsigned slot = (unsigned)__builtin_ctz(found);

			if (near(b->slot[slot]) != wanted)
				continue;
			take(t, s.home, n, slot);
			x->count--;
			return;
		}
		n++;
	} while (passed(b) > 0);
}

bool
index_next(const struct index *x, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	const struct index_table *t = table_of(x, hash);
	struct spot s = spot_of(t, hash);
	const struct bucket *b;

	if (!w->started) {
		b = look(t, s.home);
		*w = (struct index_walk){ s.home, alike(b, (uint16_t)s.kept), true };
	} else {
		b = look(t, w->at);
	}
	for (;;) {
		while (w->slots != 0) {
			uint32_t slot = b->slot[__builtin_ctz(w->slots)];

			w->slots &= w->slots - 1;
			if (near(slot) >> NUMBER_BITS == s.kept >> 16) {
				*number = number_of(slot);
				return true;
			}
		}
		if (passed(b) == 0)
			return false;
		b = look(t, ++w->at);
		w->slots = alike(b, (uint16_t)s.kept);
	}
}

void
index_prefetch(const struct index *x, uint32_t hash)
{
	const struct index_table *t = table_of(x, hash);

	mem_soon(look(t, spot_of(t, hash).home));
}

static size_t
table_octets(const struct index_table *t)
{
	return t->size > 0 ? t->pages * page_octets(t) + page_count(t) * sizeof *t->page : 0;
}

size_t
index_octets(const struct index *x)
{
	return table_octets(&x->now) + table_octets(&x->old);
}
