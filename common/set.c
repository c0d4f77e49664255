/* A set is a bitmap behind a number. Equal bitmaps are found by hash, in buckets that are split one by
 * one as sets are added. What union, minus and both gave lately is remembered, because the same few sets
 * meet for every route of a table; a serial that changes when a number is freed tells what is stale. */
#include "common/set.h"
#include <assert.h>
#include <string.h>
#include "common/blob.h"
#include "common/mem.h"

enum { OCTETS = SET_MEMBERS / 8, WORD = 8, MEMORY = 1024, BUCKETS = 16 };
enum operation { UNION = 1, MINUS, BOTH };

struct set {
	uint8_t
	    *bits; /* `len` octets, the last one not zero; zeros up to the next multiple of WORD */
	uint32_t len;
	uint32_t refs; /* 0: a free number */
	uint32_t hash;
	uint32_t next; /* in its bucket, or of the free numbers */
	uint32_t serial; /* how often the number was freed */
	uint32_t count;
};

struct memory {
	enum operation operation;
	uint32_t a, b, to;
	uint32_t serial_a, serial_b, serial_to;
};

struct sets {
	struct set *set; /* by number; [SET_NONE] is the empty one */
	size_t numbers, set_cap;
	uint32_t unused; /* first free number, or SET_NONE */
	size_t live;
	uint32_t *bucket; /* linear hashing: `round` + `split` of them */
	size_t bucket_cap;
	uint32_t round, split;
	uint32_t *single; /* the set of one member, or SET_NONE */
	size_t singles, single_cap;
	struct memory memory[MEMORY];
	uint8_t scratch[OCTETS]; /* zero but while a set is being made */
};

struct sets *
sets_new(void)
{
	struct sets *s = mem_zero(sizeof *s);

	s->set = mem_grow(NULL, &s->set_cap, 1, sizeof *s->set);
	s->set[SET_NONE] = (struct set){ .refs = 1 };
	s->numbers = 1;
	s->round = BUCKETS;
	s->bucket = mem_grow(NULL, &s->bucket_cap, BUCKETS, sizeof *s->bucket);
	memset(s->bucket, 0, BUCKETS * sizeof *s->bucket);
	return s;
}

void
sets_free(struct sets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->numbers; i++)
		mem_free(s->set[i].bits);
	mem_free(s->set);
	mem_free(s->bucket);
	mem_free(s->single);
	mem_free(s);
}

size_t
sets_live(const struct sets *s)
{
	return s->live;
}

/* --- finding equal ones --- */

static uint32_t *
bucket_of(struct sets *s, uint32_t hash)
{
	uint32_t at = hash & (s->round - 1);

	return &s->bucket[at < s->split ? hash & (s->round * 2 - 1) : at];
}

/* One bucket more: the next one in turn is divided. */
static void
divide(struct sets *s)
{
	uint32_t from = s->split, to = s->round + s->split, chain, next;

	s->bucket = mem_grow(s->bucket, &s->bucket_cap, (size_t)to + 1, sizeof *s->bucket);
	chain = s->bucket[from];
	s->bucket[from] = s->bucket[to] = SET_NONE;
	for (; chain != SET_NONE; chain = next) {
		uint32_t *head = &s->bucket[s->set[chain].hash & s->round ? to : from];

		next = s->set[chain].next;
		s->set[chain].next = *head;
		*head = chain;
	}
	if (++s->split == s->round) {
		s->round *= 2;
		s->split = 0;
	}
}

static uint32_t
new_number(struct sets *s)
{
	uint32_t set = s->unused;

	if (set != SET_NONE) {
		s->unused = s->set[set].next;
		return set;
	}
	assert(s->numbers < INT32_MAX);
	s->set = mem_grow(s->set, &s->set_cap, s->numbers + 1, sizeof *s->set);
	s->set[s->numbers] = (struct set){ 0 };
	return (uint32_t)s->numbers++;
}

static size_t
padded(size_t len)
{
	return (len + WORD - 1) / WORD * WORD;
}

static uint32_t
members(const uint8_t *bits, size_t len)
{
	uint32_t count = 0;

	for (size_t i = 0; i < padded(len); i += WORD) {
		uint64_t word;

		memcpy(&word, bits + i, WORD);
		count += (uint32_t)__builtin_popcountll(word);
	}
	return count;
}

static uint32_t
set_new(struct sets *s, uint32_t hash, size_t len)
{
	uint32_t set = new_number(s), *bucket;
	struct set *x = &s->set[set];

	if (s->live >= s->round + s->split)
		divide(s);
	bucket = bucket_of(s, hash);
	x->bits = mem_copy(s->scratch, padded(len));
	x->len = (uint32_t)len;
	x->refs = 1;
	x->hash = hash;
	x->count = members(x->bits, len);
	x->next = *bucket;
	*bucket = set;
	s->live++;
	return set;
}

/* A share of the set whose bitmap is in the first `len` octets of scratch, which are cleared. */
static uint32_t
intern(struct sets *s, size_t len)
{
	size_t clear = len;
	uint32_t hash, set;

	while (len > 0 && s->scratch[len - 1] == 0)
		len--;
	if (len == 0)
		return SET_NONE;
	hash = (uint32_t)hash_octets(s->scratch, len);
	for (set = *bucket_of(s, hash); set != SET_NONE; set = s->set[set].next) {
		const struct set *x = &s->set[set];

		if (x->hash == hash && x->len == len && memcmp(x->bits, s->scratch, len) == 0)
			break;
	}
	set = set != SET_NONE ? set_get(s, set) : set_new(s, hash, len);
	memset(s->scratch, 0, clear);
	return set;
}

/* --- shares --- */

static const struct set *
look(const struct sets *s, uint32_t set)
{
	assert(set < s->numbers && s->set[set].refs > 0);
	return &s->set[set];
}

uint32_t
set_get(struct sets *s, uint32_t set)
{
	assert(look(s, set)->refs < UINT32_MAX);
	if (set != SET_NONE)
		s->set[set].refs++;
	return set;
}

static void
forget(struct sets *s, uint32_t set)
{
	struct set *x = &s->set[set];
	uint32_t *link = bucket_of(s, x->hash), member;

	while (*link != set)
		link = &s->set[*link].next;
	*link = x->next;
	member = (x->len - 1) * 8 + 31 - (uint32_t)__builtin_clz(x->bits[x->len - 1]);
	if (x->count == 1 && member < s->singles)
		s->single[member] = SET_NONE;
	mem_free(x->bits);
	*x = (struct set){ .next = s->unused, .serial = x->serial + 1 };
	s->unused = set;
	s->live--;
}

void
set_put(struct sets *s, uint32_t set)
{
	if (set == SET_NONE)
		return;
	look(s, set);
	if (--s->set[set].refs == 0)
		forget(s, set);
}

/* --- making --- */

uint32_t
set_of(struct sets *s, uint32_t member)
{
	size_t had = s->singles;
	uint32_t set;

	assert(member < SET_MEMBERS);
	if (member < had && s->single[member] != SET_NONE)
		return set_get(s, s->single[member]);
	if (member >= had) {
		s->single = mem_grow(s->single, &s->single_cap, member + 1, sizeof *s->single);
		memset(s->single + had, 0, (member + 1 - had) * sizeof *s->single);
		s->singles = member + 1;
	}
	s->scratch[member >> 3] = (uint8_t)(1 << (member & 7));
	set = intern(s, (member >> 3) + 1);
	s->single[member] = set;
	return set;
}

uint32_t
set_of_bitmap(struct sets *s, struct reader bitmap)
{
	size_t len = bitmap.left < OCTETS ? bitmap.left : OCTETS;
	const uint8_t *bits = reader_take(&bitmap, len);

	if (len == 0 || !bits)
		return SET_NONE;
	memcpy(s->scratch, bits, len);
	return intern(s, len);
}

static void
add_bit(struct set_members *m, uint32_t member)
{
	size_t len = (member >> 3) + 1;

	if (len > m->len) {
		m->bits = mem_grow(m->bits, &m->cap, len, 1);
		memset(m->bits + m->len, 0, len - m->len);
		m->len = len;
	}
	m->bits[member >> 3] |= (uint8_t)(1 << (member & 7));
}

void
set_add(struct set_members *m, uint32_t member)
{
	assert(member < SET_MEMBERS);
	if (m->count++ == 0) {
		m->first = member;
		return;
	}
	if (m->len == 0)
		add_bit(m, m->first);
	add_bit(m, member);
}

uint32_t
set_of_members(struct sets *s, struct set_members *m)
{
	uint32_t set = SET_NONE;

	if (m->count == 1)
		set = set_of(s, m->first);
	else if (m->count > 1)
		set = set_of_bitmap(s, reader_of(m->bits, m->len));
	mem_free(m->bits);
	*m = (struct set_members){ 0 };
	return set;
}

static uint64_t
word_of(const struct set *x, size_t at)
{
	uint64_t word = 0;

	if (at < x->len)
		memcpy(&word, x->bits + at, WORD);
	return word;
}

static uint32_t
work_out(struct sets *s, enum operation operation, uint32_t a, uint32_t b)
{
	const struct set *x = look(s, a), *y = look(s, b);
	size_t len = operation == UNION && y->len > x->len ? y->len : x->len;

	for (size_t i = 0; i < len; i += WORD) {
		uint64_t p = word_of(x, i), q = word_of(y, i);
		uint64_t word = operation == UNION ? p | q : operation == MINUS ? p & ~q : p & q;

		memcpy(s->scratch + i, &word, WORD);
	}
	return intern(s, padded(len));
}

/* What was worked out lately, or work it out. */
static uint32_t
combine(struct sets *s, enum operation operation, uint32_t a, uint32_t b)
{
	uint32_t at = (a * 0x9e3779b1u ^ b * 0x85ebca77u) + (uint32_t)operation;
	struct memory *m = &s->memory[(at ^ at >> 16) % MEMORY];

	look(s, a);
	look(s, b);
	if (m->operation == operation && m->a == a && m->b == b &&
	    m->serial_a == s->set[a].serial && m->serial_b == s->set[b].serial &&
	    m->serial_to == s->set[m->to].serial)
		return set_get(s, m->to);
	m->to = work_out(s, operation, a, b);
	m->operation = operation;
	m->a = a;
	m->b = b;
	m->serial_a = s->set[a].serial;
	m->serial_b = s->set[b].serial;
	m->serial_to = s->set[m->to].serial;
	return m->to;
}

uint32_t
set_union(struct sets *s, uint32_t a, uint32_t b)
{
	if (a == b || b == SET_NONE)
		return set_get(s, a);
	if (a == SET_NONE)
		return set_get(s, b);
	return a < b ? combine(s, UNION, a, b) : combine(s, UNION, b, a);
}

uint32_t
set_minus(struct sets *s, uint32_t a, uint32_t b)
{
	if (a == b || a == SET_NONE)
		return SET_NONE;
	if (b == SET_NONE)
		return set_get(s, a);
	return combine(s, MINUS, a, b);
}

uint32_t
set_both(struct sets *s, uint32_t a, uint32_t b)
{
	if (a == SET_NONE || b == SET_NONE)
		return SET_NONE;
	if (a == b)
		return set_get(s, a);
	return a < b ? combine(s, BOTH, a, b) : combine(s, BOTH, b, a);
}

/* --- asking --- */

bool
set_has(const struct sets *s, uint32_t set, uint32_t member)
{
	const struct set *x = look(s, set);

	return member >> 3 < x->len && (x->bits[member >> 3] >> (member & 7) & 1);
}

bool
set_meets(const struct sets *s, uint32_t a, uint32_t b)
{
	const struct set *x = look(s, a), *y = look(s, b);
	size_t len = x->len < y->len ? x->len : y->len;

	if (a == b)
		return a != SET_NONE;
	for (size_t i = 0; i < len; i += WORD)
		if (word_of(x, i) & word_of(y, i))
			return true;
	return false;
}

struct reader
set_bitmap(const struct sets *s, uint32_t set)
{
	const struct set *x = look(s, set);

	return reader_of(x->bits, x->len);
}

size_t
set_count(const struct sets *s, uint32_t set)
{
	return look(s, set)->count;
}

int32_t
set_next(const struct sets *s, uint32_t set, uint32_t from)
{
	const struct set *x = look(s, set);
	uint32_t at = from >> 3;
	unsigned bits;

	if (at >= x->len)
		return -1;
	bits = x->bits[at] & (0xffu << (from & 7));
	while (bits == 0 && ++at < x->len)
		bits = x->bits[at];
	return bits == 0 ? -1 : (int32_t)(at * 8 + (uint32_t)__builtin_ctz(bits));
}
