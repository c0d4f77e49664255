#include "speaker/slots.h"
#include <string.h>
#include "common/mem.h"

enum { SLOTS = SET_MEMBERS, OCTETS = SLOTS / 8 };

struct slots {
	uint32_t slot[SLOTS]; /* by number, plus one; 0: none */
	uint32_t number[SLOTS]; /* by slot, plus one; 0: free, or left */
	uint8_t taken[OCTETS]; /* by slot */
	uint8_t same[OCTETS]; /* numbers that are their own slots */
	uint8_t out[OCTETS];
};

struct slots *
slots_new(void)
{
	return mem_zero(sizeof(struct slots));
}

void
slots_free(struct slots *s)
{
	mem_free(s);
}

static bool
bit(const uint8_t *bits, uint32_t at)
{
	return bits[at >> 3] & 1u << (at & 7);
}

static void
set_bit(uint8_t *bits, uint32_t at)
{
	bits[at >> 3] |= (uint8_t)(1u << (at & 7));
}

static void
clear_bit(uint8_t *bits, uint32_t at)
{
	bits[at >> 3] &= (uint8_t) ~(1u << (at & 7));
}

/* The number itself if nobody has it, else one near it: bitmaps are as long as before. */
static uint32_t
free_slot(const struct slots *s, uint32_t number)
{
	for (uint32_t i = 0; i < SLOTS; i++)
		if (!bit(s->taken, (number + i) % SLOTS))
			return (number + i) % SLOTS;
	return SLOT_NONE;
}

uint32_t
slot_of(struct slots *s, uint32_t number)
{
	uint32_t slot;

	if (number >= LINK_PEERS_MAX)
		return SLOT_NONE;
	if (s->slot[number])
		return s->slot[number] - 1;
	slot = free_slot(s, number);
	if (slot == SLOT_NONE)
		return slot;
	set_bit(s->taken, slot);
	if (slot == number)
		set_bit(s->same, number);
	s->slot[number] = slot + 1;
	s->number[slot] = number + 1;
	return slot;
}

uint32_t
slot_leave(struct slots *s, uint32_t number)
{
	uint32_t slot;

	if (number >= LINK_PEERS_MAX || !s->slot[number])
		return SLOT_NONE;
	slot = s->slot[number] - 1;
	clear_bit(s->same, number);
	s->slot[number] = s->number[slot] = 0;
	return slot;
}

void
slot_release(struct slots *s, uint32_t slot)
{
	clear_bit(s->taken, slot);
}

/* Every octet of a bitmap of numbers that are all their own slots is as it would be. */
static bool
all_same(const struct slots *s, struct reader numbers)
{
	size_t i = 0;

	while (i < numbers.left && !(numbers.at[i] & ~s->same[i]))
		i++;
	return i == numbers.left;
}

uint32_t
slots_set(struct slots *s, struct sets *sets, struct reader numbers)
{
	if (numbers.left > OCTETS)
		numbers.left = OCTETS;
	if (all_same(s, numbers))
		return set_of_bitmap(sets, numbers);
	memset(s->out, 0, sizeof s->out);
	for (uint32_t n = 0; n < 8 * numbers.left; n++) {
		uint32_t slot = bit(numbers.at, n) ? slot_of(s, n) : SLOT_NONE;

		if (slot != SLOT_NONE)
			set_bit(s->out, slot);
	}
	return set_of_bitmap(sets, reader_of(s->out, sizeof s->out));
}

struct reader
slots_numbers(struct slots *s, const struct sets *sets, uint32_t set)
{
	struct reader slots = set_bitmap(sets, set);
	size_t len = 0;

	if (all_same(s, slots))
		return slots;
	memset(s->out, 0, sizeof s->out);
	for (int32_t slot = set_next(sets, set, 0); slot >= 0;
	     slot = set_next(sets, set, (uint32_t)slot + 1)) {
		uint32_t number = s->number[slot];

		if (number == 0)
			continue;
		set_bit(s->out, number - 1);
		len = len > (number - 1) >> 3 ? len : ((number - 1) >> 3) + 1;
	}
	return reader_of(s->out, len);
}
