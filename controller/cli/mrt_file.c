#include "common/mem.h"
#include "controller/cli/cli.h"
#include "controller/cli/kept.h"
#include "proto/bgp/mrt_table.h"

struct mrt_walk {
	struct source *source;
	kept_each *each;
	void *self;
	unsigned *others;
	struct mrt_table table;
	uint64_t offset; /* of the record at hand */
	int status;
};

/* 1; 0 at the end; -1: it ends within a record, or is no such file: told. */
static int
next(struct mrt_walk *w, uint8_t *body, struct mrt_header *h)
{
	uint8_t header[MRT_HEADER];
	size_t n;

	w->offset = w->source->offset;
	n = source_read(w->source, header, sizeof header);
	if (n == 0)
		return 0;
	if (mrt_header(h, reader_of(header, n)) < 0)
		w->status = source_fail(w->source, w->offset,
		    n < sizeof header ? "the header of a record is cut off"
				      : "no record of MRT: it would be too long");
	else if (source_read(w->source, body, h->length) != h->length)
		w->status = source_fail(w->source, w->offset, "the record is cut off");
	else
		return 1;
	return -1;
}

static void
give(struct mrt_walk *w, const struct mrt_message *m)
{
	struct kept k = { .time = m->seconds + m->microseconds / 1e6,
		.peer = m->peer,
		.local = m->local,
		.peer_as = m->peer_as,
		.local_as = m->local_as,
		.sent = m->sent,
		.asn4 = m->asn4,
		.add_path = m->add_path,
		.offset = w->offset,
		.message = m->message };

	w->each(w->self, &k);
}

static void
table(struct mrt_walk *w, const struct mrt_header *h, struct reader body)
{
	struct mrt_message m;
	const char *why = "";
	bool other;
	int got = mrt_table_record(&w->table, h, body, &other, &why);

	*w->others += other;
	while (got > 0 && (got = mrt_table_next(&w->table, &m, &why)) > 0)
		give(w, &m);
	if (got < 0)
		w->status = source_fail(w->source, w->offset, "%s", why);
}

static void
record(struct mrt_walk *w, const struct mrt_header *h, struct reader body)
{
	struct mrt_message m;
	int kind = mrt_message(&m, h, body);

	if (kind < 0)
		w->status = source_fail(w->source, w->offset, "the record is malformed");
	else if (kind == 0)
		table(w, h, body);
	else
		give(w, &m);
}

int
mrt_file(struct source *s, kept_each *each, void *self, unsigned *others)
{
	struct mrt_walk w = {
		.source = s, .each = each, .self = self, .others = others, .status = -1
	};
	uint8_t *body = mem_zero(MRT_RECORD_MAX);
	struct mrt_header h;

	while (next(&w, body, &h) > 0)
		record(&w, &h, reader_of(body, h.length));
	mrt_table_fini(&w.table);
	mem_free(body);
	return w.status;
}
