#include "controller/rpki/roas.h"
#include <string.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/mem.h"

enum { PAGE = 4096, NOWHERE = 0xffffffff, LENGTHS = 129 };

/* One in its place; a free one has no caches, and `asn` is the number of the next. It is kept as it was said: two that
 * differ in host bits only are found as one, and each is there until it is taken back. */
struct kept {
	uint8_t bytes[16];
	uint32_t asn, caches;
	uint8_t family, len, max;
};

struct roas {
	struct index index; /* by prefix and length */
	struct kept **page;
	size_t pages, cap;
	uint32_t given, free; /* numbers ever given; the first free one */
	uint32_t used; /* caches */
	size_t count, refused, of[ROAS_CACHES];
	uint32_t lengths[2][LENGTHS]; /* how many have that length: IPv4, IPv6 */
};

const char *
rpki_state_name(enum rpki_state s)
{
	static const char *const names[RPKI_STATES] = { "not-found", "valid", "invalid" };

	return names[s];
}

static struct kept *
at(const struct roas *r, uint32_t number)
{
	return &r->page[number / PAGE][number % PAGE];
}

static struct prefix
prefix_of(const struct kept *k)
{
	struct prefix p = { .addr.family = k->family, .len = k->len };

	memcpy(p.addr.bytes, k->bytes, sizeof k->bytes);
	prefix_mask(&p);
	return p;
}

/* Of what it is found by, which has no host bits. */
static uint32_t
hash_of(const struct prefix *p)
{
	uint8_t key[18] = { p->addr.family, p->len };
	uint64_t h;

	memcpy(key + 2, p->addr.bytes, 16);
	h = hash_octets(key, sizeof key);
	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_roa(const struct roa *a)
{
	struct prefix p = a->prefix;

	prefix_mask(&p);
	return hash_of(&p);
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	struct prefix p = prefix_of(at(self, number));

	return hash_of(&p);
}

struct roas *
roas_new(void)
{
	struct roas *r = mem_zero(sizeof *r);

	index_init(&r->index, hash_number, r);
	r->free = NOWHERE;
	return r;
}

void
roas_free(struct roas *r)
{
	if (!r)
		return;
	index_fini(&r->index);
	for (size_t i = 0; i < r->pages; i++)
		mem_free(r->page[i]);
	mem_free(r->page);
	mem_free(r);
}

bool
roa_sane(const struct roa *a)
{
	size_t bits = addr_size(&a->prefix.addr) * 8;

	return bits > 0 && a->prefix.len <= a->max && a->max <= bits;
}

/* --- keeping --- */

static bool
same_prefix(const struct kept *k, const struct prefix *p)
{
	unsigned whole = p->len / 8u, rest = p->len % 8u;

	return k->len == p->len && k->family == p->addr.family &&
	       memcmp(k->bytes, p->addr.bytes, whole) == 0 &&
	       (rest == 0 || (k->bytes[whole] ^ p->addr.bytes[whole]) >> (8 - rest) == 0);
}

static bool
is_like(const struct kept *k, const struct roa *a)
{
	return k->asn == a->asn && k->max == a->max && same_prefix(k, &a->prefix);
}

/* The place of one as it was said; *others: the caches that say those which differ from it in host bits only; *count: how many
 * these caches say of its prefix. */
static uint32_t
find(const struct roas *r, const struct roa *a, uint32_t hash, uint32_t caches, uint32_t *others,
    size_t *count)
{
	struct index_walk w = { 0 };
	uint32_t number, found = NOWHERE;

	*others = 0;
	*count = 0;
	while (index_next(&r->index, hash, &w, &number)) {
		const struct kept *k = at(r, number);

		*count += (k->caches & caches) != 0;
		if (!is_like(k, a))
			continue;
		if (memcmp(k->bytes, a->prefix.addr.bytes, sizeof k->bytes) == 0)
			found = number;
		else
			*others |= k->caches;
	}
	return found;
}

static uint32_t
take_number(struct roas *r)
{
	uint32_t number = r->free;

	if (number != NOWHERE) {
		r->free = at(r, number)->asn;
		return number;
	}
	if (r->given == r->pages * PAGE) {
		r->page = mem_grow(r->page, &r->cap, r->pages + 1, sizeof *r->page);
		r->page[r->pages++] = mem_alloc(PAGE * sizeof(struct kept));
	}
	return r->given++;
}

static struct kept *
put(struct roas *r, const struct roa *a, uint32_t hash)
{
	uint32_t number = take_number(r);
	struct kept *k = at(r, number);

	*k = (struct kept){
		.asn = a->asn, .family = a->prefix.addr.family, .len = a->prefix.len, .max = a->max
	};
	memcpy(k->bytes, a->prefix.addr.bytes, sizeof k->bytes);
	index_insert(&r->index, hash, number);
	r->lengths[k->family == 6][k->len]++;
	r->count++;
	return k;
}

static void
take_out(struct roas *r, uint32_t number, uint32_t hash)
{
	struct kept *k = at(r, number);

	index_remove(&r->index, hash, number);
	r->lengths[k->family == 6][k->len]--;
	r->count--;
	k->asn = r->free;
	r->free = number;
}

bool
roas_add(struct roas *r, unsigned cache, const struct roa *a)
{
	uint32_t bit = UINT32_C(1) << cache, hash, number, said;
	struct kept *k;
	size_t alike;

	if (!roa_sane(a))
		return false;
	hash = hash_roa(a);
	number = find(r, a, hash, bit, &said, &alike);
	if (number == NOWHERE && (alike >= ROAS_OF_PREFIX || r->count == INDEX_NUMBERS - 1)) {
		r->refused++;
		return false;
	}
	k = number == NOWHERE ? put(r, a, hash) : at(r, number);
	said |= k->caches;
	k->caches |= bit;
	r->of[cache] += !(said & bit);
	return !(said & r->used) && (bit & r->used);
}

bool
roas_remove(struct roas *r, unsigned cache, const struct roa *a)
{
	uint32_t bit = UINT32_C(1) << cache, hash, number, others, before;
	struct kept *k;
	size_t alike;

	if (!roa_sane(a))
		return false;
	hash = hash_roa(a);
	number = find(r, a, hash, bit, &others, &alike);
	k = number != NOWHERE ? at(r, number) : NULL;
	if (!k || !(k->caches & bit))
		return false;
	before = (k->caches | others) & r->used;
	k->caches &= ~bit;
	others |= k->caches;
	r->of[cache] -= !(others & bit);
	if (!k->caches)
		take_out(r, number, hash);
	return before && !(others & r->used);
}

size_t
roas_of(const struct roas *r, unsigned cache)
{
	return r->of[cache];
}

void
roas_use(struct roas *r, uint32_t caches)
{
	r->used = caches;
}

uint32_t
roas_used(const struct roas *r)
{
	return r->used;
}

size_t
roas_count(const struct roas *r)
{
	return r->count;
}

size_t
roas_refused(const struct roas *r)
{
	return r->refused;
}

static struct roa
roa_of(const struct kept *k)
{
	struct roa a = {
		.prefix = { .addr.family = k->family, .len = k->len }, .max = k->max, .asn = k->asn
	};

	memcpy(a.prefix.addr.bytes, k->bytes, sizeof k->bytes);
	return a;
}

bool
roas_visit(struct roas *r, uint32_t *next, size_t steps,
    void (*each)(void *arg, const struct roa *, uint32_t caches), void *arg)
{
	for (; steps > 0 && *next < r->given; steps--, (*next)++) {
		const struct kept *k = at(r, *next);
		struct roa a;

		if (!k->caches)
			continue;
		a = roa_of(k);
		each(arg, &a, k->caches);
	}
	return *next >= r->given;
}

/* --- asking --- */

/* Those of one length around a prefix, one after the other: start with a walk of { 0 }. */
static const struct kept *
next_around(const struct roas *r, const struct prefix *p, uint32_t hash, struct index_walk *w)
{
	uint32_t number;

	while (index_next(&r->index, hash, w, &number)) {
		const struct kept *k = at(r, number);

		if ((k->caches & r->used) && same_prefix(k, p))
			return k;
	}
	return NULL;
}

/* The next length, from *len on, that ROAs have and the prefix is no shorter than; what it is cut to that. */
static bool
next_length(const struct roas *r, const struct prefix *p, uint8_t *len, struct prefix *cut)
{
	const uint32_t *lengths = r->lengths[p->addr.family == 6];

	while (*len <= p->len && lengths[*len] == 0)
		(*len)++;
	if (*len > p->len)
		return false;
	*cut = (struct prefix){ p->addr, (*len)++ };
	prefix_mask(cut);
	return true;
}

enum rpki_state
roas_validate(const struct roas *r, const struct prefix *p, uint32_t origin)
{
	enum rpki_state state = RPKI_NOT_FOUND;
	struct prefix cut;
	uint8_t len = 0;

	while (r && r->used && next_length(r, p, &len, &cut)) {
		uint32_t hash = hash_of(&cut);
		struct index_walk w = { 0 };
		const struct kept *k;

		while ((k = next_around(r, &cut, hash, &w))) {
			if (origin != 0 && k->asn == origin && p->len <= k->max)
				return RPKI_VALID;
			state = RPKI_INVALID;
		}
	}
	return state;
}

bool
roas_cover(const struct roas *r, const struct prefix *p)
{
	struct prefix cut;
	uint8_t len = 0;

	while (next_length(r, p, &len, &cut)) {
		uint32_t hash = hash_of(&cut);
		struct index_walk w = { 0 };

		if (next_around(r, &cut, hash, &w))
			return true;
	}
	return false;
}

/* Of those that count and differ in host bits only the first stands for all. */
static bool
is_first(const struct roas *r, const struct kept *one, const struct roa *a, uint32_t hash,
    uint32_t *caches)
{
	struct index_walk w = { 0 };
	const struct kept *k, *first = NULL;

	*caches = 0;
	while ((k = next_around(r, &a->prefix, hash, &w))) {
		if (!is_like(k, a))
			continue;
		first = first ? first : k;
		*caches |= k->caches;
	}
	return first == one;
}

void
roas_covering(const struct roas *r, const struct prefix *p,
    void (*each)(void *arg, const struct roa *, uint32_t caches), void *arg)
{
	struct prefix cut;
	uint8_t len = 0;

	while (next_length(r, p, &len, &cut)) {
		uint32_t hash = hash_of(&cut);
		struct index_walk w = { 0 };
		const struct kept *k;

		while ((k = next_around(r, &cut, hash, &w))) {
			struct roa a = { cut, k->max, k->asn };
			uint32_t caches;

			if (is_first(r, k, &a, hash, &caches))
				each(arg, &a, caches);
		}
	}
}
