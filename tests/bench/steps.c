/* Steps of the hot path, one a run, for a count of instructions (tests/bench/instructions): what a step costs is what
 * a run with it costs more than a run of "none".
 *
 * usage: steps none | parse | announce | ledger | scan */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/ledger.h"
#include "common/words.h"
#include "proto/bgp/update.h"
#include "table.h"

enum { ROUTES = 20000, BODY_MOST = 4096, LINE_MOST = 512, SLICE = 256, HOP = 0x0a000101 };

static struct table *table;
static uint8_t memory[UPDATE_SCRATCH];

static struct session_params
session(void)
{
	struct session_params p = { .local_as = US, .peer_as = THEM, .asn4 = true, .families = 1 };

	addr_scan(&p.local_address, "10.0.0.1");
	return p;
}

static uint8_t *
put_prefix(uint8_t *p, const struct item *i)
{
	*p++ = i->length;
	for (int shift = 24; shift > 24 - i->length; shift -= 8)
		*p++ = (uint8_t)(i->address >> shift);
	return p;
}

/* The body of the UPDATE for the items from `i` on that share a set; → behind them */
static uint32_t
body_of(uint32_t i, uint8_t *body, size_t *length)
{
	uint32_t number = table->item[i].set;
	struct set s;
	size_t attributes;
	uint8_t *p;

	set_of(number, &s);
	attributes = set_wire(&s, HOP, body + 4);
	body[0] = body[1] = 0;
	body[2] = (uint8_t)(attributes >> 8);
	body[3] = (uint8_t)attributes;
	for (p = body + 4 + attributes; i < table->count && table->item[i].set == number; i++)
		p = put_prefix(p, &table->item[i]);
	*length = (size_t)(p - body);
	return i;
}

static void
each_update(void (*step)(const struct update *, void *), void *arg)
{
	struct session_params p = session();
	uint8_t body[BODY_MOST];
	size_t length;

	for (uint32_t i = 0; i < table->count;) {
		struct writer scratch = writer_of(memory, sizeof memory);
		struct update u;

		i = body_of(i, body, &length);
		update_parse(&u, reader_of(body, length), &p, &scratch);
		if (u.announces != 1 || u.worst != 0)
			abort();
		if (step)
			step(&u, arg);
	}
}

static void
announce(const struct update *u, void *arg)
{
	struct octets *out = arg;
	struct session_params p = session();
	struct route_value value = { u->announce[0].next_hop, { 0 }, u->attributes };
	struct nlri nlri[SLICE];
	struct reader bin = u->announce[0].nlri;
	size_t count = 0;

	while (count < SLICE && nlri_next(IPV4_UNICAST, false, &bin, &nlri[count]))
		count++;
	if (update_announce(out, &p, IPV4_UNICAST, &value, nlri, count) < 0)
		abort();
	octets_clear(out);
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

/* In, walked, changed, out. */
static void
ledger(void)
{
	static const struct ledger_ops ops = { release, overrun };
	struct ledger *l = ledger_new(&ops, NULL);
	struct ledger_reader *r = ledger_reader_open(l, NULL, true);
	struct ledger_entry *e[SLICE];
	uint8_t key[8];

	ledger_short(l);
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < table->count; i++) {
			struct reader k =
			    reader_of(key, (size_t)(put_prefix(key, &table->item[i]) - key));
			struct ledger_entry *old = ledger_find(l, 0, k);

			if (!old)
				ledger_put(l, 0, k, NULL, 0, 0);
			else if (round == 1)
				ledger_change(l, old, NULL, 0, 0);
			else
				ledger_withdraw(l, old, NULL);
		}
		while (!ledger_reader_live(r))
			ledger_reader_pass(r, ledger_reader_peek(r, e, SLICE));
	}
	ledger_reader_close(r);
	ledger_free(l);
}

static void
scan(void)
{
	char line[LINE_MOST];
	struct words_line cut = { 0 };

	for (uint32_t i = 0; i < table->count; i++) {
		struct route_draft d = { 0 };
		struct reason why = { 0 };
		struct words words;
		struct set s;
		size_t length;

		set_of(table->item[i].set, &s);
		length = item_text(&table->item[i], &s, line, sizeof line) - 1;
		line[length] = '\0';
		words_line_clear(&cut);
		if (words_cut(&cut, line + 9, length - 9, 1, WORDS_API, &why) <
		    0) /* behind "announce " */
			abort();
		words = words_of(&cut);
		if (route_scan(&words, &d, &why) < 0)
			abort();
		route_draft_fini(&d);
	}
	words_line_fini(&cut);
}

int
main(int argc, char **argv)
{
	const char *step = argc > 1 ? argv[1] : "";
	struct octets out = { 0 };

	table = table_new(0, ROUTES, REAL);
	if (strcmp(step, "parse") == 0)
		each_update(NULL, NULL);
	else if (strcmp(step, "announce") == 0)
		each_update(announce, &out);
	else if (strcmp(step, "ledger") == 0)
		ledger();
	else if (strcmp(step, "scan") == 0)
		scan();
	else if (strcmp(step, "none") != 0)
		return 2;
	octets_fini(&out);
	table_free(table);
	return 0;
}
