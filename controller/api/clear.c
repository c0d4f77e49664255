/* clear adj-rib out: all that the neighbors were told when it was said is withdrawn, in slices. */
#include <string.h>
#include "common/mem.h"
#include "controller/api/processes.h"
#include "controller/api/show.h"
#include "controller/fleet.h"
#include "controller/intent.h"

enum { STEPS = 128 };

/* What is announced from now on stays. */
struct clearing_before {
	struct speaker_entry *speaker;
	uint32_t generation[FAMILIES];
};

/* Where it stands at the neighbor it is at, and the routes of one slice. */
struct clearing {
	uint64_t visit;
	size_t withdrawn;
	struct process *process; /* what it says behind this waits */
	struct clearing_before *before; /* one a speaker, of it the one that the neighbor is on */
	size_t speakers, at;
	struct octets found; /* of each: struct cleared, then its octets */
};

struct cleared {
	enum family family;
	uint32_t path_id;
	size_t nlri, hop, raw, attributes; /* octets of each */
};

/* With most withdraws goes what was told, as with ExaBGP's. */
static struct route_value
value_beside(const struct intent_route *r)
{
	return family_table[r->family].sparse ? (struct route_value){ 0 } : r->value;
}

static void
keep(struct octets *o, struct reader r)
{
	octets_add(o, r.at, r.left);
}

static void
found(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct clearing *c = arg;
	struct route_value v = value_beside(r);
	struct cleared f = { r->family, r->nlri.path_id, r->nlri.octets.left, v.next_hop.left,
		v.raw.left, v.attributes.left };

	(void)n;
	if (r->generation >= c->before[c->at].generation[r->family])
		return;
	octets_add(&c->found, &f, sizeof f);
	keep(&c->found, r->nlri.octets);
	keep(&c->found, v.next_hop);
	keep(&c->found, v.raw);
	keep(&c->found, v.attributes);
}

/* From a slice into a draft. */
static void
draft_next(struct reader *r, struct route_draft *d)
{
	struct reader hop;
	struct cleared f;

	memcpy(&f, reader_take(r, sizeof f), sizeof f);
	d->family = f.family;
	d->path_id = f.path_id;
	d->has_path_id = f.path_id != 0;
	keep(&d->nlri, reader_sub(r, f.nlri));
	hop = reader_sub(r, f.hop);
	d->next_hop_len = (uint8_t)hop.left;
	memcpy(d->next_hop, hop.at, hop.left);
	keep(&d->raw, reader_sub(r, f.raw));
	keep(&d->attributes, reader_sub(r, f.attributes));
}

/* The ledger changes with each withdraw, so a slice is looked at first and withdrawn then. */
static void
withdraw_found(struct show *s, struct neighbor *n)
{
	struct clearing *c = s->clearing;
	struct reader r = octets_read(&c->found);

	while (r.left > 0) {
		struct route_draft d = { .has_family = true };
		struct intent_result result = { 0 };

		draft_next(&r, &d);
		intent_withdraw(n->controller, &d, &n, 1, &result);
		c->withdrawn += result.news;
		route_draft_fini(&d);
	}
	octets_clear(&c->found);
}

static bool
step(struct show *s)
{
	struct clearing *c = s->clearing;
	struct neighbor *n = s->at < s->count ? s->neighbor[s->at] : NULL;
	bool end = true;

	/* one that keeps no adj-rib-out has nothing to be cleared of */
	if (n && n->config->adj_rib_out) {
		for (c->at = 0; c->before[c->at].speaker != n->speaker;)
			c->at++;
		if (c->visit == 0)
			intent_lose_kept(n);
		end = intent_visit(n, &c->visit, STEPS, found, c);
		withdraw_found(s, n);
	}
	if (end) {
		c->visit = 0;
		s->at++;
	}
	if (s->at < s->count)
		return false;
	text_printf(&s->text, "%zu route%s withdrawn from %zu neighbor%s", c->withdrawn,
	    c->withdrawn == 1 ? "" : "s", s->count, s->count == 1 ? "" : "s");
	return true;
}

static void
fini(struct show *s)
{
	if (s->clearing->process)
		process_hold(s->clearing->process, false);
	octets_fini(&s->clearing->found);
	mem_free(s->clearing->before);
	mem_free(s->clearing);
}

static void
divide(struct show *s)
{
	struct clearing *c = s->clearing;
	size_t cap = 0;

	LIST_EACH(link, fleet_speakers(s->api->controller->fleet)) {
		struct speaker_entry *e = LIST_ENTRY(link, struct speaker_entry, link);

		c->before = mem_grow(c->before, &cap, c->speakers + 1, sizeof *c->before);
		c->before[c->speakers].speaker = e;
		intent_divide(&e->intent, c->before[c->speakers++].generation);
	}
}

static const struct show_ops ops = { step, NULL, fini };

void
command_clear(struct call *c)
{
	struct process *p = process_of(c->request->client);
	struct show *s;

	if (call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	c->request->json = false;
	if (p)
		process_hold(p, true);
	s = show_new(c, &ops);
	s->status = "accepted";
	s->clearing = mem_zero(sizeof *s->clearing);
	s->clearing->process = p;
	divide(s);
}
