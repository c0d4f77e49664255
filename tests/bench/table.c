#include "table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 1 << 22 /* of a /22 each */, STEP = 2654435 /* odd: it meets each once */ };

enum sharing
sharing_of(const char *word)
{
	static const char *const words[] = { "real", "each", "one", "few" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum sharing)i;
	fprintf(stderr, "%s: not one of real, each, one, few\n", word);
	exit(2);
}

/* Unicast, and not set apart (RFC 6890). */
static int
usable(uint32_t a)
{
	uint8_t first = (uint8_t)(a >> 24), second = (uint8_t)(a >> 16);

	if (first == 0 || first == 10 || first == 127 || first >= 224)
		return 0;
	return !(first == 100 || first == 198 || first == 203 || (first == 169 && second == 254) ||
		 (first == 172 && second >> 4 == 1) ||
		 (first == 192 && (second == 168 || second < 89)));
}

/* The k-th of the four prefixes in and around a /22. */
static struct item
prefix_of(uint32_t block, unsigned k)
{
	uint64_t r = mix(block);
	unsigned zeros = block ? (unsigned)__builtin_ctz(block) : 14;
	struct item i = { block << 10 | k << 8, 0, 24 };

	if (k == 0 && r & 8)
		i.length = (uint8_t)(22 - (r >> 8) % ((zeros > 6 ? 6 : zeros) + 1));
	else if (k == 2 && r & 16)
		i.length = 23;
	return i;
}

static unsigned
group_size(uint32_t group)
{
	static const uint8_t sizes[] = { 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 9, 11, 15, 22, 34, 66 };
	uint64_t r = mix(group + 0x5eed);

	return r % 100 < 35 ? 1 : sizes[(r >> 32) % sizeof sizes];
}

struct table *
table_new(uint32_t first, uint32_t count, enum sharing sharing)
{
	struct table *t = malloc(sizeof *t);
	uint32_t block = 0, group = 0, left = group_size(0);

	t->count = count;
	t->item = malloc(count * sizeof *t->item);
	for (uint32_t i = 0; i < first + count; i++) {
		struct item item;

		while (i % 4 == 0 && (block = (block + STEP) % BLOCKS, !usable(block << 10)))
			;
		if (left == 0)
			left = group_size(++group);
		left--;
		item = prefix_of(block, i % 4);
		item.set = sharing == REAL   ? group
			   : sharing == EACH ? i
			   : sharing == FEW  ? i % 8
					     : 0;
		if (i >= first)
			t->item[i - first] = item;
	}
	return t;
}

void
table_free(struct table *t)
{
	free(t->item);
	free(t);
}

static int
smaller(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void
set_of(uint32_t number, struct set *s)
{
	uint64_t r = mix(number + 0xa77);

	memset(s, 0, sizeof *s);
	s->origin = r % 10 ? 0 : 2;
	s->hops = 3 + (unsigned)(r >> 8) % 4;
	s->path[0] = THEM;
	for (unsigned i = 1; i < s->hops; i++)
		s->path[i] = 1000 + (uint32_t)(mix(r + i) % 60000);
	/* the set's number is in it: no two are alike */
	s->path[s->hops - 1] = 200000 + number;
	s->communities = 1 + (unsigned)(r >> 16) % 6;
	for (unsigned i = 0; i < s->communities; i++)
		s->community[i] = (uint32_t)THEM << 16 | ((uint32_t)mix(r ^ i) & 0x1fff) * 8 | i;
	qsort(s->community, s->communities, sizeof *s->community, smaller);
	s->larges = (r >> 24) % 10 == 0;
	s->large[0] = THEM;
	s->large[1] = number & 7;
	s->large[2] = number;
	s->med = (r >> 32) % 20 ? 0 : 1 + number % 1000;
}

static uint64_t
set_hash(const struct set *s)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < s->hops; i++)
		hash = hash_add(hash, s->path[i]);
	for (unsigned i = 0; i < s->communities; i++)
		hash = hash_add(hash, s->community[i]);
	return hash;
}

struct sum
table_sum(const struct table *t)
{
	struct sum sum = { 0 };
	uint32_t last = UINT32_MAX;
	uint64_t hash = 0;
	struct set s;

	for (uint32_t i = 0; i < t->count; i++) {
		if (t->item[i].set != last) {
			last = t->item[i].set;
			set_of(last, &s);
			hash = set_hash(&s);
		}
		sum_add(&sum, t->item[i].address, t->item[i].length, hash);
	}
	return sum;
}

static uint8_t *
put32(uint8_t *p, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(v >> shift);
	return p;
}

static uint8_t *
head(uint8_t *p, uint8_t flags, uint8_t code, size_t length)
{
	*p++ = flags;
	*p++ = code;
	*p++ = (uint8_t)length;
	return p;
}

/* ORIGIN and AS_PATH, with our own number in front or not. */
static uint8_t *
put_path(uint8_t *p, const struct set *s, unsigned ours)
{
	p = head(p, 0x40, 1, 1);
	*p++ = s->origin;
	p = head(p, 0x40, 2, 2 + 4 * (s->hops + ours));
	*p++ = 2; /* AS_SEQUENCE */
	*p++ = (uint8_t)(s->hops + ours);
	if (ours)
		p = put32(p, US);
	for (unsigned i = 0; i < s->hops; i++)
		p = put32(p, s->path[i]);
	return p;
}

/* What stands behind NEXT_HOP. */
static uint8_t *
put_rest(uint8_t *p, const struct set *s)
{
	if (s->med)
		p = put32(head(p, 0x80, 4, 4), s->med);
	p = head(p, 0xc0, 8, 4 * s->communities);
	for (unsigned i = 0; i < s->communities; i++)
		p = put32(p, s->community[i]);
	if (s->larges) {
		p = head(p, 0xc0, 32, 12);
		for (unsigned i = 0; i < 3; i++)
			p = put32(p, s->large[i]);
	}
	return p;
}

size_t
set_wire(const struct set *s, uint32_t next_hop, uint8_t *to)
{
	uint8_t *p = put_path(to, s, 0);

	p = put32(head(p, 0x40, 3, 4), next_hop);
	return (size_t)(put_rest(p, s) - to);
}

size_t
set_said(const struct set *s, uint8_t *to)
{
	return (size_t)(put_rest(put_path(to, s, 1), s) - to);
}

/* Decimal; printf would be the slowest part of who types. */
static char *
number(char *p, uint32_t v)
{
	char digits[10];
	unsigned n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

static char *
words(char *p, const char *text)
{
	size_t length = strlen(text);

	memcpy(p, text, length);
	return p + length;
}

/* " next-hop self as-path [ ... ] ..." */
static char *
set_text(char *p, const struct set *s)
{
	p = words(p, " next-hop self as-path [ 65000");
	for (unsigned k = 0; k < s->hops; k++)
		p = number(words(p, " "), s->path[k]);
	p = words(p, " ] community [");
	for (unsigned k = 0; k < s->communities; k++) {
		p = number(words(p, " "), s->community[k] >> 16);
		p = number(words(p, ":"), s->community[k] & 0xffff);
	}
	p = words(p, s->origin ? " ] origin incomplete" : " ] origin igp");
	if (s->med)
		p = number(words(p, " med "), s->med);
	if (s->larges) {
		p = number(words(p, " large-community "), s->large[0]);
		p = number(words(p, ":"), s->large[1]);
		p = number(words(p, ":"), s->large[2]);
	}
	return p;
}

static char *
prefix_text(char *p, const struct item *i)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		p = number(p, i->address >> shift & 255);
		*p++ = shift ? '.' : '/';
	}
	return number(p, i->length);
}

size_t
item_text(const struct item *i, const struct set *s, char *to, size_t room)
{
	char *p;

	if (room < ITEM_TEXT)
		return 0;
	p = set_text(prefix_text(words(to, "announce route "), i), s);
	*p++ = '\n';
	return (size_t)(p - to);
}

uint32_t
group_text(const struct table *t, uint32_t from, char *to, size_t room, size_t *length)
{
	uint32_t number = t->item[from].set;
	char *p, *end = to + room - 20;
	struct set s;

	set_of(number, &s);
	p = words(set_text(words(to, "announce attributes"), &s), " nlri");
	for (; from < t->count && t->item[from].set == number && p < end; from++)
		p = prefix_text(words(p, " "), &t->item[from]);
	*length = (size_t)(p - to);
	return from;
}
