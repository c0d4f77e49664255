#include "proto/frame/routes_ahead.h"

/* ROUTES_AHEAD: there is none. */
static unsigned
place_of(const struct routes_ahead *x, const struct routes_message *m)
{
	unsigned i = 0;

	while (i < ROUTES_AHEAD && x->value[i].of != m)
		i++;
	return i;
}

bool
routes_ahead_soon(struct routes_ahead *x, const struct blobs *blobs, const struct routes_message *m)
{
	unsigned i = place_of(x, NULL);
	struct writer w;

	if (i == ROUTES_AHEAD || m->announces == 0)
		return false;
	w = writer_of(x->value[i].memory, sizeof x->value[i].memory);
	route_value_write(&m->announce[0].value, &w);
	if (!writer_ok(&w))
		return false;
	x->value[i].of = m;
	x->value[i].len = w.len;
	x->value[i].hash = blobs_soon(blobs, x->value[i].memory, w.len);
	return true;
}

bool
routes_ahead_has(const struct routes_ahead *x, const struct routes_message *m)
{
	return place_of(x, m) < ROUTES_AHEAD;
}

struct blob *
routes_ahead_value(
    const struct routes_ahead *x, struct blobs *blobs, const struct routes_message *m, unsigned i)
{
	unsigned at = i == 0 ? place_of(x, m) : ROUTES_AHEAD;

	return at < ROUTES_AHEAD ? blob_intern_hashed(blobs, x->value[at].hash, x->value[at].memory,
				       x->value[at].len)
				 : route_value_intern(&m->announce[i].value, blobs);
}

void
routes_ahead_done(struct routes_ahead *x, const struct routes_message *m)
{
	unsigned i = place_of(x, m);

	if (i < ROUTES_AHEAD)
		x->value[i].of = NULL;
}
