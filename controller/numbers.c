#include "controller/numbers.h"
#include <string.h>
#include "common/mem.h"

void
numbers_grow(uint32_t **list, uint32_t *cap, uint32_t want)
{
	uint32_t more = want > 2 * *cap ? want : 2 * *cap;

	if (want <= *cap)
		return;
	*list = mem_resize(*list, more * sizeof **list);
	memset(*list + *cap, 0xff, (more - *cap) * sizeof **list);
	*cap = more;
}

void
numbers_init(struct numbers *n, struct sets *sets)
{
	memset(n, 0, sizeof *n);
	n->sets = sets;
}

/* The translation that was kept is not good any more. */
static void
forget_set(struct numbers *n)
{
	set_put(n->sets, n->set);
	n->set = SET_NONE;
}

void
numbers_fini(struct numbers *n)
{
	forget_set(n);
	mem_free(n->theirs);
	mem_free(n->ours);
}

uint32_t
numbers_theirs(const struct numbers *n, uint32_t ours)
{
	return ours < n->theirs_cap ? n->theirs[ours] : NUMBER_NONE;
}

uint32_t
numbers_ours(const struct numbers *n, uint32_t theirs)
{
	return theirs < n->ours_cap ? n->ours[theirs] : NUMBER_NONE;
}

void
numbers_pair(struct numbers *n, uint32_t ours, uint32_t theirs)
{
	numbers_grow(&n->theirs, &n->theirs_cap, ours + 1);
	numbers_grow(&n->ours, &n->ours_cap, theirs + 1);
	n->theirs[ours] = theirs;
	n->ours[theirs] = ours;
	numbers_seen(n, theirs);
	forget_set(n);
}

void
numbers_seen(struct numbers *n, uint32_t theirs)
{
	if (theirs >= n->next)
		n->next = theirs + 1 < LINK_PEERS_MAX ? theirs + 1 : 0;
}

/* A number is not given again soon: what its last owner was told may still be on the speaker. */
uint32_t
numbers_give(struct numbers *n, uint32_t ours)
{
	uint32_t at = n->next;

	if (numbers_theirs(n, ours) != NUMBER_NONE)
		return numbers_theirs(n, ours);
	for (uint32_t i = 0; i < LINK_PEERS_MAX; i++, at = at + 1 < LINK_PEERS_MAX ? at + 1 : 0) {
		if (numbers_ours(n, at) != NUMBER_NONE)
			continue;
		numbers_pair(n, ours, at);
		n->next = at + 1 < LINK_PEERS_MAX ? at + 1 : 0;
		return at;
	}
	return NUMBER_NONE;
}

void
numbers_part(struct numbers *n, uint32_t ours)
{
	uint32_t theirs = numbers_theirs(n, ours);

	if (theirs == NUMBER_NONE)
		return;
	n->theirs[ours] = NUMBER_NONE;
	n->ours[theirs] = NUMBER_NONE;
	forget_set(n);
}

static size_t
put_bit(uint8_t *bitmap, size_t len, uint32_t number)
{
	bitmap[number >> 3] |= (uint8_t)(1u << (number & 7));
	return len > number >> 3 ? len : (number >> 3) + 1;
}

struct reader
numbers_translate(struct numbers *n, uint32_t set)
{
	if (n->set == set && set != SET_NONE)
		return reader_of(n->bitmap, n->bitmap_len);
	forget_set(n);
	memset(n->bitmap, 0, sizeof n->bitmap);
	n->bitmap_len = 0;
	for (int32_t m = set_next(n->sets, set, 0); m >= 0;
	     m = set_next(n->sets, set, (uint32_t)m + 1)) {
		uint32_t theirs = numbers_theirs(n, (uint32_t)m);

		if (theirs < LINK_PEERS_MAX)
			n->bitmap_len = put_bit(n->bitmap, n->bitmap_len, theirs);
	}
	n->set = set_get(n->sets, set);
	return reader_of(n->bitmap, n->bitmap_len);
}

size_t
numbers_octets(const struct numbers *n)
{
	return n->ours_cap / 8 < sizeof n->bitmap ? n->ours_cap / 8 + 1 : sizeof n->bitmap;
}

struct reader
numbers_back(const struct numbers *n, struct reader theirs, uint8_t *memory, size_t size)
{
	size_t len = 0;

	memset(memory, 0, size);
	for (size_t i = 0; i < 8 * theirs.left; i++) {
		uint32_t ours;

		if (!(theirs.at[i >> 3] & 1u << (i & 7)))
			continue;
		ours = numbers_ours(n, (uint32_t)i);
		if (ours != NUMBER_NONE && ours >> 3 < size)
			len = put_bit(memory, len, ours);
	}
	return reader_of(memory, len);
}
