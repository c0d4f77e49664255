/* What a ledger costs: time for an insert and other steps, memory for an entry, for tables of several sizes.
 * Not a test; build it optimised:
 *
 *      cc -O2 -D_GNU_SOURCE -I. tests/bench/ledger_bench.c common/{ledger,ledger_reader,ledger_terms,index,blob,reader,mem}.c
 *          -lxxhash -o /tmp/ledger_bench
 */
#include "common/ledger.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE = 1024 };

struct keys {
	uint8_t (*octets)[17];
	uint8_t *length;
	uint32_t count;
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Prefixes as in a table: a length in bits, then as many octets as it needs. */
static struct keys
keys_of(uint32_t count, bool six, bool hosts)
{
	struct keys k = { calloc(count, sizeof *k.octets), malloc(count), count };
	uint64_t state = 88172645463325252u;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t r = random64(&state);
		uint8_t bits = six ? (uint8_t)(hosts   ? 128
					       : r % 4 ? 48
						       : 64)
				   : (uint8_t)(hosts ? 32 : 24);

		k.octets[i][0] = bits;
		memcpy(&k.octets[i][1], &r, 8);
		memcpy(&k.octets[i][9], &r, 8);
		memcpy(&k.octets[i][1], &i, six ? 4 : 3); /* different */
		k.length[i] = (uint8_t)(1 + bits / 8);
	}
	return k;
}

static struct reader
key(const struct keys *k, uint32_t i)
{
	return reader_of(k->octets[i], k->length[i]);
}

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)self;
	(void)value;
	(void)audience;
}

static void
overrun(void *self, struct ledger_reader *r)
{
	(void)self;
	ledger_reader_to_head(r);
}

static const struct ledger_ops ops = { release, overrun };

static struct ledger *
begin(bool brief)
{
	struct ledger *l = ledger_new(&ops, NULL);

	if (brief)
		ledger_short(l);
	return l;
}

static double
each(uint64_t since, uint32_t count)
{
	return (double)(now() - since) / count;
}

static void
walk(struct ledger_reader *r)
{
	static struct ledger_entry *e[SLICE];

	while (!ledger_reader_live(r))
		ledger_reader_pass(r, ledger_reader_peek(r, e, SLICE));
}

/* Look for each key in turn, in another order than they came in. */
static uint32_t
elsewhere(const struct keys *k, uint32_t i)
{
	return (uint32_t)((uint64_t)i * 7919 % k->count);
}

static void
bench(const char *name, const struct keys *k, bool brief)
{
	struct ledger *l = begin(brief);
	struct ledger_reader *r = ledger_reader_open(l, NULL, true);
	double insert, change, equal, pass, withdraw, octets;
	uint64_t t = now(), longest = 0, before = t, after;

	for (uint32_t i = 0; i < k->count; i++) {
		if (i + 8 < k->count)
			ledger_prefetch(l, 0, key(k, i + 8));
		if (!ledger_find(l, 0, key(k, i)))
			ledger_put(l, 0, key(k, i), NULL, 0, 0);
	}
	insert = each(t, k->count);
	octets = (double)ledger_octets(l) / (double)ledger_count(l);
	t = now();
	walk(r);
	pass = each(t, k->count);
	t = now();
	for (uint32_t i = 0; i < k->count; i++)
		ledger_restate(l, ledger_find(l, 0, key(k, elsewhere(k, i))), 0);
	equal = each(t, k->count);
	t = now();
	for (uint32_t i = 0; i < k->count; i++) {
		ledger_change(l, ledger_find(l, 0, key(k, elsewhere(k, i))), NULL, 0, 0);
		ledger_reader_to_tail(r);
	}
	change = each(t, k->count);
	before = now();
	t = before;
	for (uint32_t i = 0; i < k->count; i++) {
		ledger_withdraw(l, ledger_find(l, 0, key(k, elsewhere(k, i))), NULL);
		ledger_reader_to_tail(r);
	}
	withdraw = each(t, k->count);
	/* the longest single insert, with a table that grows once more */
	ledger_reader_close(r);
	ledger_free(l);
	l = begin(brief);
	before = now();
	for (uint32_t i = 0; i < k->count; i++, before = after) {
		ledger_put(l, 0, key(k, i), NULL, 0, 0);
		after = now();
		longest = after - before > longest ? after - before : longest;
	}
	ledger_free(l);
	printf("%-10s %8u  insert %4.0f  pass %4.0f  equal %4.0f  change %4.0f  withdraw %4.0f ns"
	       "  longest put %5.1f us  %5.1f octets an entry\n",
	    name, k->count, insert, pass, equal, change, withdraw, (double)longest / 1000, octets);
}

static void
bench_of(const char *name, uint32_t count, bool six, bool hosts)
{
	struct keys k = keys_of(count, six, hosts);

	bench(name, &k, !six);
	free(k.octets);
	free(k.length);
}

int
main(void)
{
	static const uint32_t counts[] = { 10000, 100000, 1000000 };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		bench_of("IPv4 /24", counts[i], false, false);
		bench_of("IPv4 /32", counts[i], false, true);
		bench_of("IPv6", counts[i], true, false);
		bench_of("IPv6 /128", counts[i], true, true);
	}
	return 0;
}
