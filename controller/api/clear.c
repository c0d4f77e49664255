/* clear adj-rib out: all that the neighbors were told when it was said is withdrawn, in slices. */
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
	struct octets found; /* family (1), path id (4), length (2), NLRI; one after the other */
};

static void
found(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct clearing *c = arg;
	size_t len = 7 + r->nlri.octets.left;
	struct writer w;

	(void)n;
	if (r->generation >= c->before[c->at].generation[r->family])
		return;
	w = writer_of(octets_room(&c->found, len), len);
	writer_u8(&w, r->family);
	writer_u32(&w, r->nlri.path_id);
	writer_u16(&w, r->nlri.octets.left);
	writer_copy(&w, r->nlri.octets);
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
		struct reader nlri;

		d.family = (enum family)reader_u8(&r);
		d.path_id = reader_u32(&r);
		d.has_path_id = d.path_id != 0;
		nlri = reader_sub(&r, reader_u16(&r));
		octets_add(&d.nlri, nlri.at, nlri.left);
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
