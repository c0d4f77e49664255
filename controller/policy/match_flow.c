#include "controller/policy/match_flow.h"
#include <string.h>
#include "common/mem.h"
#include "controller/policy/prefixes.h"
#include "proto/bgp/nlri/flow_look.h"

struct value {
	uint32_t low, high;
};

struct match_flow {
	unsigned type;
	struct prefixes *prefixes; /* of FLOW_PREFIX; NULL: any */
	struct value *value; /* else; none: any */
	size_t count, cap;
};

/* "tcp", "80", "8000-8080" */
static int
scan_value(struct match_flow *f, struct words *w, struct reason *why)
{
	const char *text = words_peek(w), *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	struct value v;
	uint64_t low = 0, high = 0;

	if (flow_look_name(f->type, text, &v.low)) {
		v.high = v.low;
	} else if (word_uint(text, len, UINT32_MAX, &low) < 0 ||
		   (dash && word_uint(dash + 1, strlen(dash + 1), UINT32_MAX, &high) < 0) ||
		   (dash && high < low)) {
		return words_wrong(w, why, "a value of that component, or a range of numbers");
	} else {
		v = (struct value){ (uint32_t)low, (uint32_t)(dash ? high : low) };
	}
	words_next(w);
	f->value = mem_grow(f->value, &f->cap, f->count + 1, sizeof *f->value);
	f->value[f->count++] = v;
	return 0;
}

static int
scan_values(struct match_flow *f, struct words *w, struct reason *why)
{
	if (!words_take(w, "["))
		return scan_value(f, w, why);
	while (!words_take(w, "]"))
		if (scan_value(f, w, why) < 0)
			return -1;
	return 0;
}

static int
scan_prefixes(struct match_flow *f, struct words *w, struct reason *why)
{
	bool several = words_take(w, "[");

	f->prefixes = prefixes_new();
	do {
		if (prefixes_add(f->prefixes, w, why) < 0)
			return -1;
		words_take(w, ",");
	} while (several && !words_take(w, "]"));
	prefixes_done(f->prefixes);
	return 0;
}

int
match_flow_scan(struct words *w, struct policy_condition *c, struct reason *why)
{
	struct match_flow *f = c->what = mem_zero(sizeof *f);

	f->type = flow_look_type(words_peek(w));
	if (f->type == 0)
		return words_wrong(
		    w, why, "a component of flow specifications: destination, protocol, port, ...");
	words_next(w);
	if (!words_left(w))
		return 0;
	return flow_look_form(f->type) == FLOW_PREFIX ? scan_prefixes(f, w, why)
						      : scan_values(f, w, why);
}

static bool
value_holds(const struct match_flow *f, struct reader component)
{
	for (size_t i = 0; i < f->count; i++)
		if (flow_look_form(f->type) == FLOW_BITS
			? flow_look_bits(component, f->value[i].low)
			: flow_look_lets(component, f->value[i].low, f->value[i].high))
			return true;
	return f->count == 0;
}

bool
match_flow_holds(const struct policy_condition *c, const struct policy_route *r)
{
	const struct match_flow *f = c->what;
	struct reader component;
	struct prefix p;

	if (!flow_look(r->family, r->nlri, f->type, &component))
		return false;
	if (flow_look_form(f->type) != FLOW_PREFIX)
		return value_holds(f, component);
	return !f->prefixes ||
	       (flow_look_prefix(r->family, component, &p) && prefixes_hold(f->prefixes, &p));
}

void
match_flow_fini(struct policy_condition *c)
{
	struct match_flow *f = c->what;

	prefixes_free(f->prefixes);
	mem_free(f->value);
	mem_free(f);
}
