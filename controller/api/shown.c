#include "controller/api/shown.h"
#include <stdio.h>
#include "controller/fleet.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/family.h"

static uint64_t
milliseconds_since(const struct neighbor *n)
{
	return (loop_now(n->controller->loop) - n->state_at) / 1000;
}

uint64_t
shown_seconds(const struct neighbor *n)
{
	return n->known ? (n->state.since + milliseconds_since(n)) / 1000 : 0;
}

const char *
shown_clock(uint64_t seconds, char out[SHOWN_CLOCK])
{
	snprintf(out, SHOWN_CLOCK, "%llu:%02u:%02u", (unsigned long long)(seconds / 3600),
	    (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	return out;
}

const char *
shown_state(const struct neighbor *n)
{
	return n->known ? peer_state_name((enum peer_state)n->state.state) : "Unknown";
}

uint64_t
shown_stale_left(const struct neighbor *n)
{
	uint64_t passed = milliseconds_since(n);

	return n->state.stale_left > passed ? n->state.stale_left - passed : 0;
}

static void
print_stale(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;

	if (!s->stale)
		return;
	text_printf(t, "%s%s", t->len > 0 ? "; " : "",
	    neighbor_established(n) ? "not said again yet:" : "kept:");
	for (int f = 0; f < FAMILIES; f++)
		if (s->stale & family_bit((enum family)f))
			text_printf(t, " %s%s,", family_name((enum family)f),
			    s->stale_long & family_bit((enum family)f) ? " (long-lived)" : "");
	text_printf(t, " for %llu s", (unsigned long long)((shown_stale_left(n) + 999) / 1000));
}

uint64_t
shown_waiting(const struct neighbor *n)
{
	return (n->state.waiting_for + milliseconds_since(n)) / 1000;
}

/* What limits hold back (speaker/limit.h): "120 changes wait for 3 s (the rib, policy out rule flaps, 10/s)" */
static void
print_waiting(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;

	if (s->waiting == 0)
		return;
	text_printf(t, "%s%llu changes wait for %llu s (%s, %u/s", t->len > 0 ? "; " : "",
	    (unsigned long long)s->waiting, (unsigned long long)shown_waiting(n), s->waiting_limit,
	    s->waiting_rate);
	if (s->waiting_limits > 1)
		text_printf(t, ", and %u more limits", s->waiting_limits - 1);
	text_char(t, ')');
}

void
shown_why(const struct neighbor *n, struct text *t)
{
	const struct link_peer_state *s = &n->state;
	uint64_t passed = milliseconds_since(n);

	if (!n->known) {
		text_printf(t, "speaker %s %s", n->speaker->name,
		    n->speaker->lane ? "has not told yet" : "is not connected");
		return;
	}
	if (neighbor_established(n)) {
		print_stale(n, t);
		print_waiting(n, t);
		return;
	}
	text_add(t, s->why);
	if (s->notify_code)
		text_printf(t, " (notification %s %u/%u)", s->notify_sent ? "sent" : "received",
		    s->notify_code, s->notify_subcode);
	if (s->retry > passed)
		text_printf(t, "%snext try in %llu s", t->len > 0 ? "; " : "",
		    (unsigned long long)((s->retry - passed + 999) / 1000));
	print_stale(n, t);
}

uint32_t
shown_as(const struct neighbor *n)
{
	return neighbor_peer_as(n) ? neighbor_peer_as(n) : n->peer.peer_as;
}

const char *
shown_fsm(const struct neighbor *n, char out[SHOWN_CLOCK], bool upper)
{
	const char *name = shown_state(n);
	size_t i;

	for (i = 0; name[i] && i + 1 < SHOWN_CLOCK; i++)
		out[i] = (char)(upper ? (name[i] & ~0x20) : (name[i] | 0x20));
	out[i] = '\0';
	return out;
}

bool
shown_offered(const struct link_peer_state *s, unsigned *code, char name[SHOWN_NAME])
{
	for (; *code < 8 * sizeof s->offered; ++*code) {
		const struct cap_ops *ops = cap_by_code((uint8_t)*code);

		if (!(s->offered[*code >> 3] & 1u << (*code & 7)))
			continue;
		if (ops)
			snprintf(name, SHOWN_NAME, "%s", ops->name);
		else
			snprintf(name, SHOWN_NAME, "%u", *code);
		++*code;
		return true;
	}
	return false;
}
