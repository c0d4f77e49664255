/* policy diff: a configuration that is not the current one comes as a body, its policies are run over the routes that
 * are there, and each difference from what the neighbors are told is a row; at the end, how many for whom. Read and made
 * in slices; what it needs beside the configuration is three numbers a neighbor. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/event.h"
#include "controller/api/show.h"
#include "controller/ranges.h"
#include "controller/rib/rib.h"
#include "proto/bgp/attrs.h"

enum {
	PATIENCE = 1000000, /* so long a client is left without anything */
	LISTENS = 30 * 1000000, /* so long what neighbors say that take part then is waited for */
	LOOKS = 20000
};

enum change { ANNOUNCED, WITHDRAWN, CHANGED, CHANGES };
static const char *const change_names[CHANGES] = { "announce", "withdraw", "change" };

/* Of one neighbor; its own name, because it may go before the end, and another have its number then. */
struct tally {
	uint32_t number;
	char address[ADDR_TEXT], speaker[LINK_NAME];
	size_t change[CHANGES];
};

struct trial {
	struct config_load *load; /* while it is read */
	struct config *config;
	struct rib_candidate *candidate;
	struct tally *tally;
	size_t tallies, tally_cap, last; /* last: the one that was counted in */
	size_t total[CHANGES];
	uint64_t told; /* loop time of the last piece */
	uint64_t begun;
	struct loop_timer again;
	bool heard; /* what those say who take part then is here, or is not waited for any more */
};

/* --- rows --- */

static const char *
address_of(const struct neighbor *n, char out[ADDR_TEXT])
{
	return addr_print(&n->peer.address, out);
}

static bool
is_of(const struct tally *t, uint32_t number, const char *address, const char *speaker)
{
	return t->number == number && strcmp(t->address, address) == 0 &&
	       strcmp(t->speaker, speaker) == 0;
}

static void
count(struct trial *t, const struct neighbor *n, enum change change)
{
	const char *speaker = n->speaker->name;
	char address[ADDR_TEXT];
	size_t i = t->last;

	(void)address_of(n, address);
	/* mostly several of one neighbor, or one of each in turn, come one behind the other */
	for (size_t k = 0; k < t->tallies && !is_of(&t->tally[i], n->number, address, speaker); k++)
		i = (i + 1) % t->tallies;
	if (t->tallies == 0 || !is_of(&t->tally[i], n->number, address, speaker)) {
		t->tally = mem_grow(t->tally, &t->tally_cap, t->tallies + 1, sizeof *t->tally);
		i = t->tallies++;
		t->tally[i] = (struct tally){ .number = n->number };
		snprintf(t->tally[i].address, sizeof t->tally[i].address, "%s", address);
		snprintf(t->tally[i].speaker, sizeof t->tally[i].speaker, "%s", speaker);
	}
	t->last = i;
	t->tally[i].change[change]++;
	t->total[change]++;
}

static void
print_route(struct text *t, const struct rib_difference *d, const struct blob *what)
{
	struct route_value value = route_value_of(blob_read(what));

	route_print(d->family, d->nlri.path_id != 0, &d->nlri, &value, t);
	text_char(t, '\n');
}

static void
text_row(struct show *s, const struct rib_difference *d, enum change change)
{
	char address[ADDR_TEXT];

	text_printf(&s->text, "%c %s ", "+-~"[change], address_of(d->neighbor, address));
	print_route(&s->text, d, d->before ? d->before : d->after);
	if (change == CHANGED) {
		text_add(&s->text, "  => ");
		print_route(&s->text, d, d->after);
	}
}

static void
tree_value(struct tree *t, const char *key, enum family f, const struct blob *what)
{
	struct route_value value = route_value_of(blob_read(what));
	char hop[ADDR_TEXT];

	tree_key(t, key);
	tree_map(t);
	tree_put_text(t, "next-hop", event_next_hop(f, value.next_hop, hop));
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(value.attributes, t);
	tree_map_end(t);
	tree_map_end(t);
}

static void
json_row(struct show *s, const struct rib_difference *d, enum change change)
{
	const struct blob *any = d->before ? d->before : d->after;
	struct tree t = show_row(s);
	char address[ADDR_TEXT];

	tree_map(&t);
	tree_put_text(&t, "neighbor", address_of(d->neighbor, address));
	tree_put_text(&t, "speaker", d->neighbor->speaker->name);
	tree_put_text(&t, "change", change_names[change]);
	tree_put_text(&t, "family", family_name(d->family));
	nlri_tree(
	    d->family, d->nlri.path_id != 0, &d->nlri, route_value_of(blob_read(any)).next_hop, &t);
	if (d->before)
		tree_value(&t, "before", d->family, d->before);
	if (d->after)
		tree_value(&t, "after", d->family, d->after);
	tree_map_end(&t);
}

static void
row(void *arg, const struct rib_difference *d)
{
	struct show *s = arg;
	enum change change = !d->before ? ANNOUNCED : d->after ? CHANGED : WITHDRAWN;

	count(s->trial, d->neighbor, change);
	if (s->json)
		json_row(s, d, change);
	else
		text_row(s, d, change);
}

/* --- the end --- */

static void
counts_row(struct show *s, const struct tally *of, const size_t counts[CHANGES])
{
	struct tree t;

	if (!s->json) {
		text_printf(&s->text, "%s%s: %zu announced, %zu withdrawn, %zu changed\n",
		    of ? "# " : "# in all", of ? of->address : "", counts[ANNOUNCED],
		    counts[WITHDRAWN], counts[CHANGED]);
		return;
	}
	t = show_row(s);
	tree_map(&t);
	if (of) {
		tree_put_text(&t, "neighbor", of->address);
		tree_put_text(&t, "speaker", of->speaker);
	}
	tree_put_uint(&t, "announced", counts[ANNOUNCED]);
	tree_put_uint(&t, "withdrawn", counts[WITHDRAWN]);
	tree_put_uint(&t, "changed", counts[CHANGED]);
	if (!of)
		tree_put_uint(&t, "prefixes", rib_candidate_keys(s->trial->candidate));
	tree_map_end(&t);
}

/* Of what the routes alone do not show. */
static void
note(struct show *s, const char *text)
{
	struct tree t;

	if (!s->json) {
		text_printf(&s->text, "# %s\n", text);
		return;
	}
	t = show_row(s);
	tree_map(&t);
	tree_put_text(&t, "note", text);
	tree_map_end(&t);
}

/* Clients that a chain asks are not asked now: what stands for their verdicts. */
static void
note_defaults(
    struct show *s, const struct neighbor *n, const char *chain, const struct config_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct policy *p = config_policy(s->trial->config, names->name[i]);

		for (size_t k = 0; k < p->rules; k++) {
			const struct policy_via *via = p->rule[k]->via;
			struct text text = { 0 };

			if (!via)
				continue;
			text_printf(&text,
			    "%s, %s: %s asks client %s, who is not asked now: its default, %s, is "
			    "taken",
			    n->name, chain, p->rule[k]->label, via->client,
			    via->accepts ? "accept" : "reject");
			note(s, text_str(&text));
			text_fini(&text);
		}
	}
}

static void
notes(struct show *s)
{
	struct controller *k = s->api->controller;
	struct config_diff *diff = config_diff(k->config, s->trial->config);
	struct text text = { 0 };

	config_diff_print(diff, &text);
	config_diff_free(diff);
	note(s, text_str(&text));
	LIST_EACH(link, &k->neighbors) {
		const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		const struct config_neighbor *then = rib_candidate_settings(s->trial->candidate, n);

		text_clear(&text);
		if (!then)
			text_printf(&text, "%s goes, and its routes with it", n->name);
		else if (then->propagate != PROPAGATE_NONE &&
			 n->config->propagate == PROPAGATE_NONE)
			text_printf(&text, "%s takes part then%s", n->name,
			    neighbor_has_said(n)
				? ""
				: ": it is not up, and what it will say is not known");
		if (text.len > 0)
			note(s, text_str(&text));
		if (then && then->propagate != PROPAGATE_NONE) {
			note_defaults(s, n, "import", &then->import);
			note_defaults(s, n, "export", &then->export);
		}
	}
	text_fini(&text);
}

static void
finish(struct show *s)
{
	const struct trial *t = s->trial;

	for (size_t i = 0; i < t->tallies; i++)
		counts_row(s, &t->tally[i], t->tally[i].change);
	counts_row(s, NULL, t->total);
}

/* It cannot be read: the answer says why, and nothing else. */
static bool
refuse(struct show *s, const struct config_error *e)
{
	s->status = "error";
	s->json = false;
	config_error_print(e, &s->text);
	return true;
}

static void
begin(struct show *s)
{
	struct controller *k = s->api->controller;
	struct trial *t = s->trial;

	s->begun = true;
	ranges_carry(k, t->config);
	config_carry_apart(k->config, t->config);
	named_carry(&k->config->sets, &t->config->sets);
	t->candidate = rib_candidate_new(k, t->config);
	t->told = t->begun = loop_now(k->loop);
	notes(s);
}

static void
again(void *self)
{
	show_go_on(self);
}

/* What neighbors say that take part then is on its way. */
static bool
listens(struct show *s, uint64_t now)
{
	struct trial *t = s->trial;

	if (rib_candidate_ready(t->candidate))
		return false;
	if (now - t->begun > LISTENS) {
		note(s, "not all was heard in time of what those say who take part then");
		return false;
	}
	s->waiting = true;
	t->again = (struct loop_timer){ .fire = again, .self = s };
	loop_timer_set(s->api->controller->loop, &t->again, now + LOOKS);
	return true;
}

static bool
step(struct show *s)
{
	struct trial *t = s->trial;
	uint64_t now = loop_now(s->api->controller->loop);
	struct config_error error;

	if (t->load) {
		if (!config_load_some(t->load, &t->config, &error))
			return false;
		t->load = NULL;
		return t->config ? false : refuse(s, &error);
	}
	if (!s->begun)
		begin(s);
	if (now - t->told > PATIENCE) {
		s->hurry = true;
		t->told = now;
	}
	if (!t->heard && listens(s, now))
		return false;
	t->heard = true;
	if (!rib_candidate_step(t->candidate, row, s))
		return false;
	finish(s);
	return true;
}

static void
fini(struct show *s)
{
	config_load_drop(s->trial->load);
	loop_timer_stop(s->api->controller->loop, &s->trial->again);
	rib_candidate_free(s->trial->candidate);
	config_retire(s->api->controller->retire, s->trial->config);
	mem_free(s->trial->tally);
	mem_free(s->trial);
}

static const struct show_ops ops = { step, NULL, fini };

void
command_policy_diff(struct call *c)
{
	const struct word *name = words_next(&c->words);
	struct reader body = c->request->body;
	struct show *s;

	if (!name || call_end(c) < 0) {
		words_wrong(&c->words, &c->why, "the name of a file");
		call_refuse(c);
		return;
	}
	if (!body.at) {
		request_done(&c->request, "error",
		    "the configuration goes with it as its body: ambo policy diff FILE");
		return;
	}
	request_weigh(c->request, body.left);
	s = show_new(c, &ops);
	s->trial = mem_zero(sizeof *s->trial);
	s->trial->load = config_load_begin_text(name->at, (const char *)body.at, body.left);
}
