/* An order: one link command for each of some neighbors, and one answer when all speakers have replied. */
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/api/order.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "proto/bgp/family.h"

enum { ASKED = 128 }; /* octets of memory for each neighbor that a speaker is asked about */

struct order {
	struct list link; /* in api.orders */
	struct api *api;
	struct request *request;
	char what[32];
	size_t open, failed, count;
	bool giving; /* replies that come at once do not end it yet */
	char why[LINK_TEXT]; /* of the first that failed */
};

static void
order_free(struct order *o)
{
	LIST_EACH(link, fleet_speakers(o->api->controller->fleet))
		lane_forget(LIST_ENTRY(link, struct speaker_entry, link), o);
	list_remove(&o->link);
	mem_free(o);
}

static void
cancel(void *self)
{
	order_free(self);
}

static void
answer(struct order *o)
{
	struct request *r = o->request;
	struct order was = *o;

	order_free(o);
	if (was.failed == was.count)
		request_done(&r, "error", "%s: %s", was.what, was.why);
	else if (was.failed > 0)
		request_done(&r, "accepted", "%s: %zu of %zu neighbors, the others: %s", was.what,
		    was.count - was.failed, was.count, was.why);
	else
		request_done(&r, "accepted", "%s: %zu neighbor%s", was.what, was.count,
		    was.count == 1 ? "" : "s");
}

static void
replied(void *self, bool failed, const char *text)
{
	struct order *o = self;

	o->open--;
	if (failed && o->failed++ == 0)
		snprintf(o->why, sizeof o->why, "%s", text && text[0] ? text : "refused");
	if (o->open == 0 && !o->giving)
		answer(o);
}

void
order_give(
    struct call *c, struct link_command *command, struct neighbor *const *neighbors, size_t count)
{
	struct order *o = mem_zero(sizeof *o);

	o->api = c->api;
	o->request = c->request;
	o->open = o->count = count;
	snprintf(o->what, sizeof o->what, "%s", command->what);
	list_add(&c->api->orders, &o->link);
	request_weigh(o->request, sizeof *o + count * ASKED);
	o->request->cancel = cancel;
	o->request->self = o;
	c->request = NULL;
	o->giving = true;
	for (size_t i = 0; i < count; i++) {
		struct link_command one = *command;

		one.peer = neighbors[i]->number;
		lane_command(neighbors[i]->speaker, &one, replied, o);
	}
	o->giving = false;
	if (o->open == 0)
		answer(o);
}

bool
order_fits(const struct neighbor *n, const struct link_command *command)
{
	if (!neighbor_established(n))
		return false;
	if (command->family && !(n->state.families & family_bit(family_by_code(command->family))))
		return false;
	if (strcmp(command->what, "refresh") == 0)
		return n->state.refresh;
	return strcmp(command->what, "operational") != 0 || n->state.operational;
}

/* --- the commands --- */

/* "ipv4 unicast", or nothing when it may be left out. */
static int
scan_family(struct call *c, bool optional, struct link_command *command)
{
	const struct word *afi, *safi;
	enum family f;

	if (optional && !words_left(&c->words)) {
		command->family = family_code(IPV4_UNICAST);
		return 0;
	}
	words_take(&c->words, "afi"); /* `afi ipv4 safi unicast` is how the event says it */
	afi = words_next(&c->words);
	words_take(&c->words, "safi");
	safi = words_next(&c->words);
	f = afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;
	if (f == FAMILY_UNKNOWN)
		return reason_set(&c->why, afi ? afi->line : 0, afi ? afi->column : 0,
		    "expected a family, such as ipv4 unicast");
	command->family = family_code(f);
	return 0;
}

static int
scan_teardown(struct call *c, struct link_command *command)
{
	uint64_t subcode;
	const struct word *text;

	if (words_uint(&c->words, 0, 255, "a Cease subcode", &subcode, &c->why) < 0)
		return -1;
	command->subcode = (uint8_t)subcode;
	text = words_next(&c->words);
	if (!text)
		return 0;
	if (text->len > 128) /* RFC 9003: at most 255, RFC 8203: 128 octets */
		return reason_set(&c->why, text->line, text->column,
		    "a shutdown communication of %u octets (at most 128)", text->len);
	snprintf(command->text, sizeof command->text, "%s", text->at);
	return 0;
}

static int
scan(struct call *c, struct link_command *command)
{
	static const char *const what[] = { "eor", "refresh", "teardown", "flush", "clear-in" };
	int result = 0;

	snprintf(command->what, sizeof command->what, "%s", what[c->kind]);
	if (c->kind == CONTROL_EOR)
		result = scan_family(c, true, command);
	else if (c->kind == CONTROL_REFRESH)
		result = scan_family(c, false, command);
	else if (c->kind == CONTROL_TEARDOWN)
		result = scan_teardown(c, command);
	return result < 0 ? -1 : call_end(c);
}

/* There is nothing to be told again to who keeps no adj-rib-out. */
static bool
is_asked(const struct call *c, const struct neighbor *n, const struct link_command *command)
{
	if (!neighbor_established(n) || (c->kind == CONTROL_FLUSH && !n->config->adj_rib_out))
		return false;
	return !c->exabgp || order_fits(n, command);
}

void
command_order(struct call *c)
{
	struct link_command command = { 0 };
	size_t up = 0, standing = 0;

	if (scan(c, &command) < 0) {
		call_refuse(c);
		return;
	}
	for (size_t i = 0; i < c->count; i++) {
		struct neighbor *n = c->neighbor[i];

		standing += neighbor_established(n);
		if (is_asked(c, n, &command))
			c->neighbor[up++] = n;
	}
	if (up == 0 && (c->kind == CONTROL_CLEAR_IN || (c->exabgp && c->kind >= CONTROL_TEARDOWN)))
		request_done(&c->request, "accepted", "no selected neighbor is up");
	else if (up == 0 && standing > 0)
		request_done(&c->request, "accepted",
		    c->kind == CONTROL_FLUSH ? "no selected neighbor keeps an adj-rib-out"
					     : "no selected neighbor has agreed on it");
	else if (up == 0)
		request_done(&c->request, "error", "no selected neighbor is up");
	else
		order_give(c, &command, c->neighbor, up);
}
