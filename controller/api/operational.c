/* announce operational: a message to the neighbors that are up; a static advisory is said again to each that comes up. */
#include "controller/advisory.h"
#include "controller/api/order.h"

/* Those that are up and can be told; others have only what is kept. *standing: with those that cannot be. */
static size_t
reachable(struct call *c, const struct operational *o, const struct link_command *command,
    size_t *standing)
{
	size_t up = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct neighbor *n = c->neighbor[i];

		if (o->what == OPERATIONAL_ASM)
			advisory_keep(n, o);
		*standing += neighbor_established(n);
		if (c->exabgp ? order_fits(n, command) : neighbor_established(n))
			c->neighbor[up++] = n;
	}
	return up;
}

void
command_operational(struct call *c)
{
	struct link_command command;
	struct operational o;
	size_t up, standing = 0;

	if (operational_scan(&c->words, &o, &c->why) < 0 || call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	command = advisory_command(&o);
	up = reachable(c, &o, &command, &standing);
	if (up > 0) {
		order_give(c, &command, c->neighbor, up);
	} else if (standing > 0) {
		request_done(&c->request, "accepted", "no selected neighbor has agreed on it");
	} else if (o.what == OPERATIONAL_ASM) {
		request_done(&c->request, "accepted", "kept for the next session");
	} else {
		request_done(&c->request, "error", "no selected neighbor is up");
	}
}
