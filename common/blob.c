/* The set is a table of slots with linear probing, cut into pages that are made when something is put
 * there. To grow or shrink, a second table is begun and every call moves a few slots of the old one
 * over, freeing its pages on the way: nothing is ever allocated, cleared or copied in one go. */
#include "common/blob.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include "common/mem.h"

enum {
	BLOB_MAX = 16 << 20,
	PAGE = 4096, /* slots */
	LEAST = 64, /* slots of the smallest table; a power of two, as all sizes are */
	STEP = 8, /* slots moved with a call: done long before the new table is full */
	CHUNK = 16, /* what an allocation is rounded up to, after 8 octets of its own */
};

/* The address of a blob, and the first bits of its hash so that a miss does not touch it. 0: never used. */
struct slot {
	uint64_t word;
};
enum { TAG_BITS = 16 };

struct table {
	struct slot **page;
	uint32_t size, count, pages; /* slots, used ones, pages that exist */
};

struct blobs {
	struct table now, old; /* old.size is 0 unless slots are being moved */
	uint32_t moved; /* slots of old below this are empty, their pages freed */
	size_t octets;
};

static struct blob gone; /* stands in the old table where a blob was, so that probing goes on */

uint64_t hash_seed;

static void
make_seed(void)
{
	while (hash_seed == 0)
		if (getrandom(&hash_seed, sizeof hash_seed, GRND_NONBLOCK) != sizeof hash_seed)
			hash_seed = (uint64_t)(uintptr_t)&make_seed | 1;
}

uint64_t
hash_octets_any(const void *data, size_t len)
{
	if (hash_seed == 0) {
		make_seed();
		return hash_octets(data, len);
	}
	return XXH3_64bits_withSeed(data, len, hash_seed);
}

/* --- a slot --- */

static struct slot
slot_of(const struct blob *blob)
{
	uint64_t at = (uintptr_t)blob;

	assert(at >> (64 - TAG_BITS) == 0);
	return (struct slot){ at << TAG_BITS | blob->hash >> (32 - TAG_BITS) };
}

static struct blob *
blob_in(struct slot s)
{
	return (struct blob *)(uintptr_t)(s.word >> TAG_BITS);
}

/* --- a table --- */

static uint32_t
page_slots(const struct table *t)
{
	return t->size < PAGE ? t->size : PAGE;
}

static void
table_begin(struct table *t, uint32_t size)
{
	*t = (struct table){ .size = size };
	t->page = mem_zero((size + PAGE - 1) / PAGE * sizeof *t->page);
}

static void
page_free(struct table *t, uint32_t page)
{
	if (!t->page[page])
		return;
	mem_free(t->page[page]);
	t->page[page] = NULL;
	t->pages--;
}

static void
table_fini(struct table *t)
{
	for (uint32_t i = 0; i * PAGE < t->size; i++)
		page_free(t, i);
	mem_free(t->page);
	*t = (struct table){ 0 };
}

static struct slot
slot_get(const struct table *t, uint32_t at)
{
	const struct slot *page = t->page[at / PAGE];

	return page ? page[at % PAGE] : (struct slot){ 0 };
}

static void
slot_set(struct table *t, uint32_t at, struct slot s)
{
	struct slot **page = &t->page[at / PAGE];

	if (!*page) {
		*page = mem_zero(page_slots(t) * sizeof **page);
		t->pages++;
	}
	(*page)[at % PAGE] = s;
}

static void
table_add(struct table *t, const struct blob *blob)
{
	uint32_t at = blob->hash & (t->size - 1);

	while (slot_get(t, at).word)
		at = (at + 1) & (t->size - 1);
	slot_set(t, at, slot_of(blob));
	t->count++;
}

static bool
holds(struct slot s, uint32_t hash, const void *data, size_t len)
{
	const struct blob *blob = blob_in(s);

	return (s.word & ((1 << TAG_BITS) - 1)) == hash >> (32 - TAG_BITS) && blob->hash == hash &&
	       blob->len == len && blob != &gone &&
	       (len == 0 || memcmp(blob->data, data, len) == 0);
}

/* The place of a blob, or -1. Slots below `moved` are passed over as if something had been there. */
static int64_t
table_find(const struct table *t, uint32_t moved, uint32_t hash, const void *data, size_t len)
{
	uint32_t at, seen;

	for (at = hash, seen = 0; seen < t->size; at++, seen++) {
		at &= t->size - 1;
		if (at < moved) {
			seen += moved - at;
			at = moved;
		}
		struct slot s = slot_get(t, at);

		if (!s.word)
			return -1;
		if (holds(s, hash, data, len))
			return at;
	}
	return -1;
}

/* Empty a slot and close the gap, so that no mark has to stay behind. */
static void
table_take(struct table *t, uint32_t at)
{
	uint32_t mask = t->size - 1, next = at;
	struct slot s;

	while ((s = slot_get(t, next = (next + 1) & mask)).word)
		if (((next - blob_in(s)->hash) & mask) >= ((next - at) & mask)) {
			slot_set(t, at, s);
			at = next;
		}
	slot_set(t, at, (struct slot){ 0 });
	t->count--;
}

/* --- growing --- */

static void
move_some(struct blobs *b)
{
	uint32_t end = b->moved + STEP; /* sizes are multiples of STEP */

	for (; b->moved < end; b->moved++) {
		struct blob *blob = blob_in(slot_get(&b->old, b->moved));

		if (blob && blob != &gone) {
			table_add(&b->now, blob);
			b->old.count--;
		}
		if ((b->moved + 1) % PAGE == 0)
			page_free(&b->old, b->moved / PAGE);
	}
	if (b->moved == b->old.size) {
		assert(b->old.count == 0);
		table_fini(&b->old);
		return;
	}
	for (uint32_t next = b->moved; next < end + STEP; next++)
		mem_soon(blob_in(slot_get(&b->old, next)));
}

static void
resize(struct blobs *b, uint32_t size)
{
	b->old = b->now;
	b->moved = 0;
	table_begin(&b->now, size);
}

/* Called with every change. A table begun at three quarters of the old one's size, or at an eighth when
 * shrinking, has taken everything in before it has to be left itself. */
static void
grow(struct blobs *b)
{
	if (b->old.size > 0)
		move_some(b);
	else if (b->now.count >= b->now.size / 4 * 3)
		resize(b, b->now.size * 2);
	else if (b->now.count < b->now.size / 8 && b->now.size > LEAST)
		resize(b, b->now.size / 2);
}

/* --- the set --- */

struct blobs *
blobs_new(void)
{
	struct blobs *b = mem_zero(sizeof *b);

	table_begin(&b->now, LEAST);
	return b;
}

void
blobs_free(struct blobs *b)
{
	if (!b)
		return;
	assert(blobs_count(b) == 0);
	table_fini(&b->now);
	table_fini(&b->old);
	mem_free(b);
}

static size_t
octets_of(const struct blob *blob)
{
	return (sizeof *blob + blob->len + 8 + CHUNK - 1) / CHUNK * CHUNK;
}

static struct blob *
find(const struct blobs *b, uint32_t hash, const void *data, size_t len)
{
	int64_t at = table_find(&b->now, 0, hash, data, len);

	if (at >= 0)
		return blob_in(slot_get(&b->now, (uint32_t)at));
	if (b->old.size == 0)
		return NULL;
	at = table_find(&b->old, b->moved, hash, data, len);
	return at >= 0 ? blob_in(slot_get(&b->old, (uint32_t)at)) : NULL;
}

static void
slot_soon(const struct table *t, uint32_t at)
{
	const struct slot *page = t->size > 0 ? t->page[at / PAGE] : NULL;

	if (page)
		mem_soon(&page[at % PAGE]);
}

uint32_t
blobs_soon(const struct blobs *b, const void *data, size_t len)
{
	uint32_t hash = (uint32_t)hash_octets(data, len);

	slot_soon(&b->now, hash & (b->now.size - 1));
	slot_soon(&b->old, hash & (b->old.size - 1));
	return hash;
}

struct blob *
blob_intern(struct blobs *b, const void *data, size_t len)
{
	return blob_intern_hashed(b, (uint32_t)hash_octets(data, len), data, len);
}

struct blob *
blob_intern_hashed(struct blobs *b, uint32_t hash, const void *data, size_t len)
{
	struct blob *blob;

	assert(len <= BLOB_MAX);
	blob = find(b, hash, data, len);
	if (blob)
		return blob_get(blob);
	grow(b);
	blob = mem_alloc(sizeof *blob + len);
	*blob = (struct blob){ .refs = 1, .len = (uint32_t)len, .hash = hash };
	if (len > 0)
		memcpy(blob->data, data, len);
	table_add(&b->now, blob);
	b->octets += octets_of(blob);
	return blob;
}

struct blob *
blob_get(struct blob *blob)
{
	if (blob) {
		assert(blob->refs < UINT32_MAX);
		blob->refs++;
	}
	return blob;
}

static void
forget(struct blobs *b, const struct blob *blob)
{
	int64_t at = table_find(&b->now, 0, blob->hash, blob->data, blob->len);

	if (at >= 0) {
		table_take(&b->now, (uint32_t)at);
		return;
	}
	at =
	    b->old.size > 0 ? table_find(&b->old, b->moved, blob->hash, blob->data, blob->len) : -1;
	assert(at >= 0);
	slot_set(&b->old, (uint32_t)at, slot_of(&gone));
	b->old.count--;
}

void
blob_put(struct blobs *b, struct blob *blob)
{
	if (!blob)
		return;
	assert(blob->refs > 0);
	if (--blob->refs > 0)
		return;
	forget(b, blob);
	b->octets -= octets_of(blob);
	mem_free(blob);
	grow(b);
}

struct reader
blob_read(const struct blob *blob)
{
	return blob ? reader_of(blob->data, blob->len) : reader_of(NULL, 0);
}

size_t
blobs_count(const struct blobs *b)
{
	return (size_t)b->now.count + b->old.count;
}

static size_t
table_octets(const struct table *t)
{
	return t->pages * (page_slots(t) * sizeof(struct slot)) +
	       (t->size + PAGE - 1) / PAGE * sizeof(struct slot *);
}

size_t
blobs_octets(const struct blobs *b)
{
	return sizeof *b + b->octets + table_octets(&b->now) +
	       (b->old.size > 0 ? table_octets(&b->old) : 0);
}
