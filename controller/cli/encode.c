/* ambo encode: the messages that a command makes, without any session: in hex, one a line. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "common/octets.h"
#include "controller/api/group.h"
#include "controller/api/selector.h"
#include "controller/cli/cli.h"
#include "controller/cli/line.h"
#include "controller/cli/offline.h"
#include "controller/profile.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"

enum { BATCH = 1024, NO_HEADER = 256 };

/* Announcements that wait for more with the same value: those of a group share messages where a session's would. */
struct batch {
	enum family family;
	struct session_params params;
	struct octets value, nlri; /* a bin with path ids */
};

struct encode {
	struct offline offline;
	bool nlri_only, no_header;
	const struct config_neighbor *neighbor;
	struct session_params params;
	struct batch *batch;
	size_t batches, batch_cap;
	struct octets out;
	struct reason why;
};

static const struct option table[] = { OFFLINE_LONG_OPTIONS, { "nlri-only", 0, 0, 'n' },
	{ "no-header", 0, 0, NO_HEADER }, { 0 } };

/* The first neighbor that has the family; attributes alone are of none. -1, or the exit status. */
static int
choose(struct encode *e, const struct route_draft *d)
{
	const struct config *c = e->offline.config;

	for (size_t i = 0; i < c->neighbor_count; i++)
		if (d->nlri.len == 0 || (c->neighbors[i]->families & family_bit(d->family))) {
			e->neighbor = c->neighbors[i];
			return offline_params(&e->offline, e->neighbor, &e->params);
		}
	return cli_fail(CLI_REFUSED, "no neighbor has the family %s", family_name(d->family));
}

static int
make_value(struct encode *e, const struct route_draft *d, bool withdraw, struct writer *value)
{
	struct profile p = {
		.local_as = e->params.local_as,
		.ibgp = params_ibgp(&e->params),
		.member = e->params.member,
		.aigp = e->params.aigp,
	};

	if (d->next_hop_self) {
		p.self = profile_self(e->neighbor->local, e->neighbor->router_id, d->family);
		if (p.self.family == 0)
			return reason_set(&e->why, 0, 0,
			    "next-hop self: the neighbor has no local address of that family");
	}
	if ((withdraw ? profile_withdraw(&p, d, value) : profile_value(&p, d, value)) < 0)
		return reason_set(&e->why, 0, 0, "its attributes are too long");
	return 0;
}

static void
print_nlri(const struct encode *e, enum family family, const struct nlri *nlri)
{
	struct text t = { 0 };
	uint8_t id[4];
	struct writer w = writer_of(id, sizeof id);

	writer_u32(&w, nlri->path_id);
	if (e->params.add_path_send & family_bit(family))
		text_hex_upper(&t, id, sizeof id);
	text_hex_upper(&t, nlri->octets.at, nlri->octets.left);
	puts(text_str(&t));
	text_fini(&t);
}

static struct batch *
batch_of(struct encode *e, enum family family, struct reader value)
{
	struct batch *b;

	for (b = e->batch; b < e->batch + e->batches; b++)
		if (b->family == family && reader_equal(octets_read(&b->value), value))
			return b;
	e->batch = mem_grow(e->batch, &e->batch_cap, e->batches + 1, sizeof *e->batch);
	b = &e->batch[e->batches++];
	*b = (struct batch){ .family = family, .params = e->params };
	octets_add(&b->value, value.at, value.left);
	return b;
}

static void
batch_add(struct batch *b, const struct nlri *n)
{
	struct writer w = writer_of(octets_room(&b->nlri, sizeof n->path_id), sizeof n->path_id);

	writer_u32(&w, n->path_id);
	octets_add(&b->nlri, n->octets.at, n->octets.left);
}

/* As many at a time as a session would take. */
static int
batch_put(struct encode *e, const struct batch *b)
{
	struct route_value v = route_value_of(octets_read(&b->value));
	struct reader bin = octets_read(&b->nlri);
	static struct nlri nlri[BATCH];
	size_t n;

	do {
		for (n = 0; n < BATCH && nlri_next(b->family, true, &bin, &nlri[n]);)
			n++;
		if (n > 0 && update_announce(&e->out, &b->params, b->family, &v, nlri, n) < 0 &&
		    update_hindered(&b->params, b->family, &v, nlri, n, &e->why))
			return -1;
	} while (n == BATCH);
	return 0;
}

/* All that waits, in the order in which it began. */
static int
flush(struct encode *e)
{
	int ok = 0;

	for (struct batch *b = e->batch; b < e->batch + e->batches; b++) {
		if (ok == 0)
			ok = batch_put(e, b);
		octets_fini(&b->value);
		octets_fini(&b->nlri);
	}
	e->batches = 0;
	return ok;
}

static int
put_announced(struct encode *e, const struct route_draft *d, struct reader value)
{
	struct batch *b = batch_of(e, d->family, value);
	uint8_t piece[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri n;

	while (route_draft_next(d, &state, piece, &n))
		batch_add(b, &n);
	return 0;
}

/* Without attributes, or with them: as the controller has it. */
static int
put_withdrawn(struct encode *e, const struct route_draft *d, struct reader value)
{
	static uint8_t piece[BATCH][ROUTE_PIECE_MAX];
	static struct nlri nlri[BATCH];
	struct route_value v = route_value_of(value);
	const struct route_value *with = value.left > 0 ? &v : NULL;
	uint64_t state = 0;
	size_t n;

	if (flush(e) < 0)
		return -1;
	do {
		for (n = 0; n < BATCH && route_draft_next(d, &state, piece[n], &nlri[n]);)
			n++;
		if (n > 0)
			update_withdraw(&e->out, &e->params, d->family, with, nlri, n);
	} while (n == BATCH);
	return 0;
}

static int
put_all(struct encode *e, const struct route_draft *d, struct reader value, bool withdraw)
{
	struct route_value v = route_value_of(value);
	uint8_t piece[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri n;

	while (e->nlri_only && route_draft_next(d, &state, piece, &n))
		print_nlri(e, d->family, &n);
	if (d->nlri.len == 0 && update_attributes(&e->out, &e->params, &v) < 0) {
		(void)update_hindered(&e->params, IPV4_UNICAST, &v, NULL, 0, &e->why);
		return -1;
	}
	if (d->nlri.len == 0 || e->nlri_only)
		return 0;
	return withdraw ? put_withdrawn(e, d, value) : put_announced(e, d, value);
}

/* -1, or the exit status. */
static int
route(struct encode *e, struct words *words, bool withdraw)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer value = writer_of(memory, sizeof memory);
	struct route_draft d = { 0 };
	int status = CLI_REFUSED;

	if (route_scan(words, &d, &e->why) < 0)
		goto out;
	if (words_left(words)) {
		words_wrong(words, &e->why, "the end of the line");
		goto out;
	}
	if (!withdraw && !e->nlri_only && route_check(&d, &e->why) < 0)
		goto out;
	status = choose(e, &d);
	if (status >= 0)
		goto out;
	status = CLI_REFUSED;
	if (make_value(e, &d, withdraw && d.nlri.len > 0, &value) < 0)
		goto out;
	if (put_all(e, &d, writer_read(&value), withdraw) == 0)
		status = -1;
out:
	route_draft_fini(&d);
	return status;
}

/* `announce eor AFI SAFI`: IPv4 unicast when none is said. */
static int
end_of_rib(struct encode *e, struct words *words)
{
	enum family family = IPV4_UNICAST;

	if (words_left(words)) {
		const struct word *afi = words_next(words), *safi = words_next(words);

		family = family_by_name(afi->at, safi ? safi->at : "");
		if (family == FAMILY_UNKNOWN || words_left(words)) {
			reason_set(&e->why, 0, 0, "expected a family behind eor");
			return CLI_REFUSED;
		}
	}
	update_end_of_rib(&e->out, family);
	return -1;
}

/* How it is to be answered is nothing to us, nor is the end that a line may have. */
static void
trim(struct words *words)
{
	static const char *const ends[] = { ";", "sync", "async", "json", "text", NULL };

	while (words_left(words)) {
		const struct word *last = words->end - 1;
		unsigned i = 0;

		while (ends[i] && strcmp(ends[i], last->at) != 0)
			i++;
		if (last->quoted || !ends[i])
			return;
		words->end = last;
	}
}

static int
command(struct encode *e, struct words *words)
{
	struct selector all;
	bool withdraw;

	trim(words);
	if ((words_take(words, "neighbor") || words_take(words, "peer")) &&
	    selector_scan(words, &all, &e->why) < 0)
		return CLI_REFUSED;
	withdraw = words_take(words, "withdraw");
	if (!withdraw && words_take(words, "announce") && words_take(words, "eor"))
		return flush(e) < 0 ? CLI_REFUSED : end_of_rib(e, words);
	return route(e, words, withdraw);
}

/* `attributes ... ; announce ... ; withdraw ...`: what stands first is for all. */
static int
group(struct encode *e, struct words *words)
{
	struct words shared = { 0 }, part, merged;
	struct word *memory = NULL;
	size_t cap = 0;
	int status = -1;

	while (status < 0 && words_left(words)) {
		part = *words;
		while (words_left(words) && strcmp(words_peek(words), ";") != 0)
			words_next(words);
		part.end = words->at;
		words_take(words, ";");
		if (!shared.at &&
		    (words_take(&part, "attributes") || words_take(&part, "attribute"))) {
			shared = part;
		} else if (words_left(&part)) {
			merged = group_words(&memory, &cap, shared, part);
			status = command(e, &merged);
		}
	}
	mem_free(memory);
	return status;
}

static void
print_messages(const struct encode *e)
{
	const struct message_limits limits = { .extended = true };
	struct reader stream = octets_read(&e->out);
	struct text t = { 0 };
	struct fault f = { 0 };
	struct message m;

	while (message_parse(&m, stream, &limits, &f) > 0) {
		struct reader all = reader_sub(&stream, m.length);

		if (e->no_header)
			all = m.body;
		text_clear(&t);
		text_hex_upper(&t, all.at, all.left);
		puts(text_str(&t));
	}
	text_fini(&t);
}

static int
run(struct encode *e, const char *line, size_t len)
{
	struct words_line cut = { 0 };
	struct words words;
	int status = CLI_REFUSED;

	if (words_cut(&cut, line, len, 1, WORDS_API, &e->why) == 0) {
		words = words_of(&cut);
		status = words_take(&words, "group") ? group(e, &words) : command(e, &words);
	}
	if (flush(e) < 0)
		status = CLI_REFUSED;
	if (reason_given(&e->why))
		cli_fail(status, "%s", e->why.text);
	words_line_fini(&cut);
	return status;
}

/* -1, or the exit status; words from optind on. */
static int
options(struct encode *e, int argc, char **argv)
{
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":" OFFLINE_OPTIONS "n", table, NULL)) != -1) {
		if (option == 'n')
			e->nlri_only = true;
		else if (option == NO_HEADER)
			e->no_header = true;
		else if (!offline_option(&e->offline, option, optarg))
			return cli_fail(CLI_USAGE,
			    option == ':' ? "%s wants a value" : "unknown option %s",
			    argv[optind - 1]);
	}
	if (optind == argc)
		return cli_fail(CLI_USAGE, "encode wants a route, as `announce` has it");
	return -1;
}

int
cli_encode(struct cli *cli, int argc, char **argv)
{
	struct encode e = { 0 };
	struct text line = { 0 };
	int status = options(&e, argc, argv);

	(void)cli;
	if (status < 0)
		status = offline_open(&e.offline);
	if (status < 0) {
		line_join(&line, argc - optind, argv + optind);
		status = run(&e, text_str(&line), line.len);
	}
	if (status < 0)
		print_messages(&e);
	octets_fini(&e.out);
	mem_free(e.batch);
	text_fini(&line);
	offline_close(&e.offline);
	return status < 0 ? CLI_OK : status;
}
