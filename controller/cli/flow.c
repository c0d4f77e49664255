#include "controller/cli/flow.h"
#include "common/mem.h"
#include "common/writer.h"

struct early {
	struct early *next;
	uint32_t sequence, missing;
	size_t len;
	uint8_t octets[];
};

static void
pop(struct flow *f)
{
	struct early *e = f->early;

	f->early = e->next;
	f->waiting -= e->len;
	*f->all -= e->len;
	mem_free(e);
}

void
flow_fini(struct flow *f)
{
	while (f->early)
		pop(f);
	octets_fini(&f->in);
	*f = (struct flow){ .all = f->all };
}

void
flow_start(struct flow *f, uint32_t sequence)
{
	flow_fini(f);
	f->started = true;
	f->next = sequence;
}

/* Whether a is before b; numbers wrap (RFC 9293 section 3.4). */
static bool
before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* What is new of a segment that is not early. */
static void
take(struct flow *f, uint32_t sequence, struct reader payload, uint32_t missing)
{
	uint32_t known = f->next - sequence;

	if (known < payload.left) {
		reader_take(&payload, known);
		octets_add(&f->in, payload.at, payload.left);
		f->next += (uint32_t)payload.left;
		f->hole = missing;
	} else if (known < payload.left + missing) {
		f->hole = (uint32_t)(payload.left + missing) - known;
	}
}

static void
drain(struct flow *f)
{
	while (f->early && f->hole == 0 && !before(f->next, f->early->sequence)) {
		struct early *e = f->early;

		take(f, e->sequence, reader_of(e->octets, e->len), e->missing);
		pop(f);
	}
}

static void
wait_for_it(struct flow *f, uint32_t sequence, struct reader payload, uint32_t missing)
{
	struct early *e = mem_alloc(sizeof *e + payload.left), **at = &f->early;
	struct writer w = writer_of(e->octets, payload.left);

	while (*at && before((*at)->sequence, sequence))
		at = &(*at)->next;
	e->next = *at;
	e->sequence = sequence;
	e->missing = missing;
	e->len = payload.left;
	writer_copy(&w, payload);
	*at = e;
	f->waiting += e->len;
	*f->all += e->len;
}

void
flow_add(struct flow *f, uint32_t sequence, struct reader payload, uint32_t missing)
{
	if (payload.left + missing == 0)
		return;
	if (before(f->next, sequence) || f->hole > 0)
		wait_for_it(f, sequence, payload, missing);
	else
		take(f, sequence, payload, missing);
	drain(f);
}

bool
flow_crowded(const struct flow *f)
{
	return f->hole > 0 || f->waiting > FLOW_EARLY_MAX || *f->all > FLOW_ALL_EARLY_MAX;
}

uint32_t
flow_skip(struct flow *f)
{
	uint32_t width = f->hole;

	if (width == 0 && f->early)
		width = f->early->sequence - f->next;
	f->hole = 0;
	f->next += width;
	drain(f);
	return width;
}
