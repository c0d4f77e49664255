/* explain route: what the neighbors say of a prefix, which of it is chosen and by what step, who is told what by
 * whom, and why the others are not. Answered at once: a prefix has few routes. */
#include <string.h>
#include "controller/api/command.h"
#include "controller/api/left_out.h"
#include "controller/api/show_rpki.h"
#include "controller/fleet.h"
#include "controller/owners.h"
#include "controller/rib/rib.h"
#include "controller/rpki/origin.h"
#include "controller/rpki/rpki.h"
#include "controller/said.h"
#include "proto/bgp/attrs.h"

enum { ROWS_MAX = 1000, KEY_MAX = 64 };

struct explanation {
	struct call *call;
	enum family family;
	struct reader key;
	bool json;
	bool narrow; /* one neighbor was asked about: it comes first */
	unsigned rows;
	struct text text;
	struct pack data;
	struct tree tree;
};

static bool
row(struct explanation *x)
{
	if (x->rows == ROWS_MAX)
		return false;
	x->rows++;
	if (x->json)
		tree_map(&x->tree);
	return true;
}

static void
member(struct explanation *x, const char *key, const char *value)
{
	tree_key(&x->tree, key);
	tree_text(&x->tree, value);
}

/* What ROAs say of it, where there are caches and the family is theirs. */
static void
origin_row(struct explanation *x, const struct rib_shown *r)
{
	const struct controller *c = r->neighbor->controller;
	struct prefix p;
	uint32_t origin;
	const char *state;

	if (!c->rpki || !rpki_prefix(x->family, r->nlri.octets, &p))
		return;
	origin = rpki_origin(r->received.attributes, neighbor_origin_as(r->neighbor));
	state = rpki_state_name(roas_validate(rpki_roas(c), &p, origin));
	if (x->json) {
		member(x, "rpki", state);
		tree_key(&x->tree, "roas");
		tree_list(&x->tree);
		origin_explain(c, &p, origin, NULL, &x->tree);
		tree_list_end(&x->tree);
		return;
	}
	text_printf(&x->text, "    rpki: %s, its origin is ", state);
	if (origin)
		text_printf(&x->text, "AS%u\n", origin);
	else
		text_add(&x->text, "a set\n");
	origin_explain(c, &p, origin, &x->text, NULL);
}

static void
path_row(void *arg, const struct rib_shown *r)
{
	struct explanation *x = arg;

	if (!row(x))
		return;
	if (x->json) {
		member(x, "from", r->neighbor->name);
		tree_key(&x->tree, "best");
		tree_bool(&x->tree, r->chosen);
		if (r->why)
			member(x, "why", r->why);
		if (r->said)
			member(x, "verdict", r->said);
		origin_row(x, r);
		tree_key(&x->tree, "attribute");
		tree_map(&x->tree);
		attrs_tree(r->value.attributes, &x->tree);
		tree_map_end(&x->tree);
		tree_map_end(&x->tree);
		return;
	}
	text_printf(&x->text, "%s from %s: ", r->chosen ? "*" : " ", r->neighbor->name);
	text_add(&x->text, r->chosen ? "best" : "not best: ");
	text_printf(&x->text, "%s%s%s\n    ", r->why ? r->why : "", r->said ? "; " : "",
	    r->said ? r->said : "");
	route_print(x->family, r->nlri.path_id != 0, &r->nlri, &r->value, &x->text);
	text_char(&x->text, '\n');
	origin_row(x, r);
}

/* What a neighbor is told of the prefix. */
struct telling {
	const char *by; /* who says it; NULL: nobody */
	const char *why; /* it is not told; NULL: it is */
	struct route_value value; /* where somebody says it */
	uint32_t limit; /* changes a second; 0: there is none */
	bool passes; /* policies stand in the way of what is said: */
	struct said_route said;
};

static void
find_teller(const struct explanation *x, const struct neighbor *n, struct telling *t)
{
	const struct ledger *told = n->speaker->intent.told[x->family].ledger;
	const struct ledger_entry *e = intent_told_to(n, x->family, (struct nlri){ 0, x->key });
	const struct owners *owners = n->controller->owners;

	if (!e)
		return;
	t->value = route_value_of(blob_read(ledger_value(e)));
	t->limit = owner_limit(owners, ledger_owner(told, e));
	t->by = owner_name(owners, ledger_owner(told, e));
}

/* What a client or the configuration said of it, and the policy that it was to pass. */
static void
said_row(struct explanation *x, const struct neighbor *n, const struct said_route *said)
{
	const char *owner = owner_name(n->controller->owners, said->owner);

	if (x->json) {
		member(x, "said", owner);
		tree_key(&x->tree, "passed");
		tree_bool(&x->tree, said->told);
		member(x, "step", said->verdict.step);
		member(x, "rule", said->verdict.by);
		return;
	}
	text_printf(&x->text, "    %s said it: %s, %s, %s it\n", owner, said->verdict.step,
	    said->verdict.by, said->told ? "accepts" : "rejects");
}

static void
target_tree(struct explanation *x, const struct neighbor *n, const struct telling *t)
{
	member(x, "to", n->name);
	tree_key(&x->tree, "told");
	tree_bool(&x->tree, !t->why);
	if (t->by)
		member(x, "by", t->by);
	if (t->why)
		member(x, "why", t->why);
	if (t->limit > 0)
		tree_put_uint(&x->tree, "limit", t->limit);
	if (t->passes)
		said_row(x, n, &t->said);
	if (t->by) {
		tree_key(&x->tree, "attribute");
		tree_map(&x->tree);
		attrs_tree(t->value.attributes, &x->tree);
		tree_map_end(&x->tree);
	}
	tree_map_end(&x->tree);
}

static void
target_text(struct explanation *x, const struct neighbor *n, const struct telling *t)
{
	struct nlri nlri = { 0, x->key };

	text_printf(&x->text, "  to %s: ", n->name);
	if (t->why)
		text_printf(&x->text, "not told: %s%s", t->why, t->by ? "; said by " : "");
	else
		text_add(&x->text, "told, by ");
	text_add(&x->text, t->by ? t->by : "");
	if (t->limit > 0)
		text_printf(&x->text, ", limit %u/s", t->limit);
	if (t->by && !neighbor_established(n))
		text_add(&x->text, ", when its session is up");
	else if (t->limit > 0 && n->state.waiting > 0)
		text_printf(
		    &x->text, " (%llu changes to it wait)", (unsigned long long)n->state.waiting);
	text_char(&x->text, '\n');
	if (t->by) {
		text_add(&x->text, "    ");
		route_print(x->family, false, &nlri, &t->value, &x->text);
		text_char(&x->text, '\n');
	}
	if (t->passes)
		said_row(x, n, &t->said);
}

static void
target_row(struct explanation *x, struct neighbor *n)
{
	struct telling t = { .limit = 0 };
	struct reason unfit = { 0 };

	find_teller(x, n, &t);
	t.passes = said_explain(n, x->family, x->key, &t.said);
	if (!t.by)
		t.why = t.passes && !t.said.told && n->config->propagate == PROPAGATE_NONE
			    ? "a policy rejects it"
			    : rib_untold(n->controller, x->family, x->key, n);
	else if (left_out_of(n, x->family, (struct nlri){ 0, x->key }, &t.value, &unfit))
		t.why = unfit.text;
	if (!row(x))
		return;
	if (x->json)
		target_tree(x, n, &t);
	else
		target_text(x, n, &t);
}

static void
target_rows(struct explanation *x)
{
	for (size_t i = 0; i < x->call->count; i++)
		target_row(x, x->call->neighbor[i]);
}

/* [AFI SAFI] PREFIX [to NEIGHBOR] */
static int
scan(struct call *c, struct explanation *x, struct writer *key)
{
	struct words words = c->words;
	const struct word *afi = words_next(&words), *safi = words_next(&words);
	enum family f = afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;

	if (f != FAMILY_UNKNOWN)
		c->words = words;
	else
		f = strchr(words_peek(&c->words), ':') ? IPV6_UNICAST : IPV4_UNICAST;
	x->family = f;
	if (!nlri_ops(f) || !nlri_ops(f)->scan)
		return reason_set(&c->why, 0, 0, "no prefix is typed for %s", family_name(f));
	if (nlri_ops(f)->scan(&c->words, key, &c->why) < 0)
		return -1;
	x->narrow = words_take(&c->words, "to");
	if (x->narrow && call_narrow(c) < 0)
		return -1;
	if (words_take(&c->words, "json"))
		c->request->json = true;
	return call_end(c);
}

void
command_explain(struct call *c)
{
	uint8_t memory[KEY_MAX];
	struct writer key = writer_of(memory, sizeof memory);
	struct explanation x = { .call = c };

	if (scan(c, &x, &key) < 0 || !writer_ok(&key)) {
		call_refuse(c);
		return;
	}
	x.key = writer_read(&key);
	x.json = c->request->json;
	if (x.json) {
		x.tree = tree_pack(&x.data);
		tree_list(&x.tree);
	}
	if (x.narrow)
		target_rows(&x);
	rib_explain(c->api->controller, x.family, x.key, path_row, &x);
	if (!x.narrow)
		target_rows(&x);
	if (x.json)
		tree_list_end(&x.tree);
	request_answer(&c->request, ANSWER_FINAL, "done", reader_of(text_str(&x.text), x.text.len),
	    x.json ? &x.data : NULL);
	text_fini(&x.text);
	pack_fini(&x.data);
}
