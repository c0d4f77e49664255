/* The terms of entries: kept once for all entries that have the same, found by what they are, and counted. An entry
 * has 16 bits of their number; those above are beside its page, once a number has any. */
#include "common/ledger_inner.h"
#include "common/mem.h"

enum { LOW_BITS = 16, TERM_OCTETS = offsetof(struct terms, entries) };
_Static_assert(TERM_OCTETS == 4 * sizeof(uint32_t), "terms are compared as octets");

static uint32_t
hash_terms(const struct terms *t)
{
	uint64_t h = hash_octets(t, TERM_OCTETS);

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_number(void *self, uint32_t n)
{
	return hash_terms(terms_at(self, n));
}

static bool
are_same(const struct terms *a, const struct terms *b)
{
	return memcmp(a, b, TERM_OCTETS) == 0;
}

/* --- numbers --- */

uint32_t
ledger_terms_high(const struct ledger *l, uint32_t number, const struct ledger_entry *e)
{
	const uint16_t *page;

	if (number == NONE)
		number = ledger_number(l, e);
	page = number / LEDGER_PAGE < l->high_pages ? l->high[number / LEDGER_PAGE] : NULL;
	return (page ? (uint32_t)page[number % LEDGER_PAGE] << LOW_BITS : 0) | e->terms;
}

static uint32_t
terms_number(const struct ledger *l, uint32_t number, const struct ledger_entry *e)
{
	return l->high ? ledger_terms_high(l, number, e) : e->terms;
}

static void
set_high(struct ledger *l, uint32_t number, uint16_t high)
{
	uint32_t i = number / LEDGER_PAGE;

	if (i >= l->high_pages) {
		if (high == 0)
			return;
		l->high = mem_resize(l->high, l->page_cap * sizeof *l->high);
		memset(l->high + l->high_pages, 0, (l->page_cap - l->high_pages) * sizeof *l->high);
		l->high_pages = l->page_cap;
	}
	if (!l->high[i] && high == 0)
		return;
	if (!l->high[i])
		l->high[i] = mem_zero(LEDGER_PAGE * sizeof *l->high[i]);
	l->high[i][number % LEDGER_PAGE] = high;
}

static void
set_number(struct ledger *l, uint32_t number, struct ledger_entry *e, uint32_t terms)
{
	e->terms = (uint16_t)terms;
	if (l->high || terms >> LOW_BITS != 0)
		set_high(l, number == NONE ? ledger_number(l, e) : number,
		    (uint16_t)(terms >> LOW_BITS));
}

static uint32_t
new_number(struct ledger *l)
{
	uint32_t n = l->term_free;

	if (n != NONE) {
		l->term_free = terms_at(l, n)->audience;
		return n;
	}
	if (l->terms == l->term_pages * TERM_PAGE) {
		l->term_page =
		    mem_grow(l->term_page, &l->term_cap, l->term_pages + 1, sizeof *l->term_page);
		l->term_page[l->term_pages++] = mem_alloc(TERM_PAGE * sizeof **l->term_page);
	}
	return l->terms++;
}

/* --- taken and given back --- */

/* Entries are mostly of the same terms as the one before. */
static uint32_t
take(struct ledger *l, const struct terms *t)
{
	uint32_t n = l->term_last, hash;
	struct index_walk w = { 0 };

	if (n != NONE && are_same(terms_at(l, n), t)) {
		terms_at(l, n)->entries++;
		return n;
	}
	hash = hash_terms(t);
	while (index_next(&l->term_index, hash, &w, &n))
		if (are_same(terms_at(l, n), t)) {
			terms_at(l, n)->entries++;
			return l->term_last = n;
		}
	n = new_number(l);
	*terms_at(l, n) = *t;
	terms_at(l, n)->entries = 1;
	index_insert(&l->term_index, hash, n);
	l->paths |= t->path_id != 0;
	return l->term_last = n;
}

static void
put_back(struct ledger *l, struct terms *t, uint32_t n)
{
	if (--t->entries > 0)
		return;
	index_remove(&l->term_index, hash_terms(t), n);
	if (l->term_last == n)
		l->term_last = NONE;
	t->audience = l->term_free;
	l->term_free = n;
}

void
ledger_terms_give(
    struct ledger *l, uint32_t number, struct ledger_entry *e, bool fresh, struct terms terms)
{
	uint32_t old = fresh ? NONE : terms_number(l, number, e);

	set_number(l, number, e, take(l, &terms));
	if (!fresh)
		put_back(l, terms_at(l, old), old);
}

void
ledger_terms_end(struct ledger *l, uint32_t number, struct ledger_entry *e)
{
	uint32_t n = terms_number(l, number, e);

	put_back(l, terms_at(l, n), n);
}

/* --- asked and changed --- */

uint32_t
ledger_path_id(const struct ledger *l, const struct ledger_entry *e)
{
	return path_id_of(l, e);
}

uint32_t
ledger_audience(const struct ledger *l, const struct ledger_entry *e)
{
	return audience_of(l, NONE, e);
}

bool
ledger_same_terms(
    const struct ledger *l, const struct ledger_entry *a, const struct ledger_entry *b)
{
	return a->terms == b->terms && !l->path_at && !l->audience_at && !l->high;
}

uint32_t
ledger_owner(const struct ledger *l, const struct ledger_entry *e)
{
	return terms_of(l, NONE, e)->owner;
}

uint32_t
ledger_said_in(const struct ledger *l, const struct ledger_entry *e)
{
	return terms_of(l, NONE, e)->generation;
}

void
ledger_give(struct ledger *l, struct ledger_entry *e, uint32_t owner)
{
	set_terms(l, NONE, e, audience_of(l, NONE, e), owner, ledger_said_in(l, e));
}

void
ledger_unsay(struct ledger *l, struct ledger_entry *e)
{
	set_terms(l, NONE, e, audience_of(l, NONE, e), ledger_owner(l, e), 0);
}

/* --- all of them --- */

void
ledger_terms_init(struct ledger *l)
{
	l->term_free = l->term_last = NONE;
	index_init(&l->term_index, hash_number, l);
}

void
ledger_terms_fini(struct ledger *l)
{
	for (size_t i = 0; i < l->term_pages; i++)
		mem_free(l->term_page[i]);
	mem_free(l->term_page);
	for (size_t i = 0; i < l->high_pages; i++)
		mem_free(l->high[i]);
	mem_free(l->high);
	index_fini(&l->term_index);
}

size_t
ledger_terms_octets(const struct ledger *l)
{
	size_t octets =
	    l->term_pages * TERM_PAGE * sizeof **l->term_page + index_octets(&l->term_index);

	for (size_t i = 0; i < l->high_pages; i++)
		octets += l->high[i] ? LEDGER_PAGE * sizeof *l->high[i] : 0;
	return octets;
}
