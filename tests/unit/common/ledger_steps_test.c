/* That nothing a ledger does in one call costs the table: counted, with a million entries, in memory asked for
 * and in entries given back. (Moved slots of the index: index_test.c.) And what an entry costs, by what malloc
 * gave. */
#include "common/ledger.h"
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/mem.h"

enum { MANY = 1000000, MOST_OCTETS = 96 << 10, MOST_FREED = 8, MOST_RELEASED = 100 };

/* What the call that is being looked at did. This is mem.c for this program. */
static size_t asked, freed, released;
static size_t held; /* what is not freed yet, as malloc counts it */

static void *
given(void *memory, size_t size)
{
	asked += size;
	assert_non_null(memory);
	held += malloc_usable_size(memory) + sizeof(size_t);
	return memory;
}

static void
taken(void *memory)
{
	if (memory)
		held -= malloc_usable_size(memory) + sizeof(size_t);
}

void *
mem_zero(size_t size)
{
	return given(calloc(1, size), size);
}

void *
mem_alloc(size_t size)
{
	return given(malloc(size), size);
}

void *
mem_lines(size_t size)
{
	return given(aligned_alloc(MEM_LINE, (size + MEM_LINE - 1) / MEM_LINE * MEM_LINE), size);
}

void
mem_lines_free(void *lines)
{
	mem_free(lines);
}

void *
mem_resize(void *memory, size_t size)
{
	taken(memory);
	return given(realloc(memory, size), size);
}

void *
mem_copy(const void *from, size_t size)
{
	return memcpy(mem_alloc(size), from, size);
}

void
mem_free(void *memory)
{
	freed += memory != NULL;
	taken(memory);
	free(memory);
}

void *
mem_grow_more(void *array, size_t *cap, size_t want, size_t size)
{
	*cap = want > *cap * 2 ? want : *cap * 2;
	return mem_resize(array, *cap * size);
}

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)self;
	(void)value;
	(void)audience;
	released++;
}

static void
overrun(void *self, struct ledger_reader *r)
{
	(void)self;
	ledger_reader_to_head(r);
}

static const struct ledger_ops ops = { release, overrun };

static void
begin(void)
{
	asked = freed = released = 0;
}

static void
end(void)
{
	assert_in_range(asked, 0, MOST_OCTETS);
	assert_in_range(freed, 0, MOST_FREED);
	assert_in_range(released, 0, MOST_RELEASED);
}

#define STEP(call)                                                                                 \
	do {                                                                                       \
		begin();                                                                           \
		call;                                                                              \
		end();                                                                             \
	} while (0)

static struct reader
key(uint32_t *i)
{
	return reader_of(i, sizeof *i);
}

static void
no_call_costs_the_table(void **state)
{
	struct ledger *l;
	struct ledger_reader *r, *s;

	STEP(l = ledger_new(&ops, NULL));
	STEP(r = ledger_reader_open(l, NULL, true));
	STEP(s = ledger_reader_open(l, NULL, false));
	for (uint32_t i = 0; i < MANY; i++)
		STEP(ledger_put(l, 0, key(&i), NULL, i, 0));
	assert_int_equal(ledger_count(l), MANY);
	/* each has terms of its own: the most that they may cost */
	assert_in_range(ledger_octets(l) / MANY, 64, 88);
	STEP(ledger_reader_to_tail(r));
	STEP(ledger_reader_to_head(r));
	STEP(ledger_reader_to_tail(r));
	for (uint32_t i = 0; i < MANY; i += 3)
		STEP(ledger_change(l, ledger_find(l, 0, key(&i)), NULL, i + 1, 0));
	for (uint32_t i = 0; i < MANY; i++)
		STEP(ledger_withdraw(l, ledger_find(l, 0, key(&i)), NULL));
	assert_int_equal(ledger_count(l), 0);
	assert_int_equal(ledger_marks(l), MANY);
	/* far more marks than a reader may leave behind */
	for (uint32_t i = MANY; i < 2 * MANY; i++) {
		struct ledger_entry *e;

		STEP(e = ledger_put(l, 0, key(&i), NULL, i, 0));
		STEP(ledger_withdraw(l, e, NULL));
	}
	assert_in_range(ledger_marks(l), 1, MANY + LEDGER_MARKS_SPARE + 1);
	STEP(ledger_reader_to_tail(s));
	STEP(ledger_reader_to_tail(r));
	STEP(ledger_reader_close(s));
	for (uint32_t i = 0; i < MANY; i++)
		STEP(ledger_put(l, 0, key(&i), NULL, i, 0));
	assert_int_equal(ledger_marks(l), 0);
	STEP(ledger_reader_close(r));
	ledger_free(l);
	(void)state;
}

/* IPv6 prefixes of /48, /112 and /128, and /32 of IPv4, which may have a ledger of short keys. */
static void
an_entry_costs_at_most_52_octets_all_in_and_a_short_one_36(void **state)
{
	static const uint8_t bits[] = { 32, 48, 112, 113, 128, 32 };

	for (size_t b = 0; b < sizeof bits; b++) {
		bool brief = b + 1 == sizeof bits;
		struct ledger *l = ledger_new(&ops, NULL);
		uint8_t k[17] = { bits[b], 0x20, 1 };
		size_t len = 1 + (bits[b] + 7) / 8;

		if (brief)
			ledger_short(l);
		for (uint32_t i = 0; i < MANY; i++) {
			memcpy(k + len - sizeof i, &i, sizeof i);
			ledger_put(l, 0, reader_of(k, len), NULL, 1, 0);
		}
		assert_int_equal(ledger_count(l), MANY);
		assert_in_range(held / MANY, brief ? 28 : 44, brief ? 35 : 51);
		assert_in_range(ledger_octets(l), held - held / 100, held);
		ledger_free(l);
		assert_int_equal(held, 0);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_call_costs_the_table),
		cmocka_unit_test(an_entry_costs_at_most_52_octets_all_in_and_a_short_one_36),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
