#include "controller/api/helper.h"
#include <string.h>
#include "controller/api/cover.h"
#include "controller/api/event.h"
#include "proto/bgp/message.h"

static struct process *
process_at(const struct subscription *s)
{
	return process_of(s->client);
}

/* --- what it is told --- */

unsigned
helper_version(const struct process *p)
{
	const struct config *config = p->client.api->controller->config;

	if (p->version)
		return p->version;
	return config && config->env.api_version == 6 ? 6 : 4;
}

static unsigned
wish_of(const struct config_api *a)
{
	const struct config_messages *m = &a->receive;
	unsigned wish = 0;

	if (a->neighbor_changes)
		wish |= WISH_STATES;
	if (a->fsm)
		wish |= WISH_FSM;
	if (a->negotiated)
		wish |= WISH_NEGOTIATED;
	if (!m->update)
		return wish;
	return wish | (m->parsed ? WISH_PARSED : 0) | (m->packets ? WISH_PACKETS : 0) |
	       (m->consolidate ? WISH_CONSOLIDATE : 0);
}

/* processes-match lets a helper act; it is told nothing by it. */
unsigned
helper_wish(const char *process, const struct config_neighbor *n)
{
	unsigned wish = 0;

	for (size_t i = 0; i < n->api_count; i++)
		for (size_t k = 0; k < n->apis[i].processes.count; k++)
			if (strcmp(n->apis[i].processes.name[k], process) == 0)
				wish |= wish_of(&n->apis[i]);
	return wish;
}

static unsigned
wishes(const struct subscription *s, const struct neighbor *n)
{
	return helper_wish(process_at(s)->name, n->config);
}

/* --- telling it --- */

static struct speech
speech_of(struct cover *c)
{
	struct process *p = process_at(c->subscription);

	text_clear(&p->scratch);
	return (struct speech){ &p->scratch, c->coverage->neighbor, helper_version(p),
		&c->coverage->counter };
}

static void
spoken(struct cover *c)
{
	struct process *p = process_at(c->subscription);

	if (p->scratch.len == 0)
		return;
	p->client.events++;
	process_say(p, text_str(&p->scratch), p->scratch.len);
}

static void
say_state(struct cover *c, const char *state, const char *reason)
{
	struct speech s = speech_of(c);

	if (!(c->wish & WISH_STATES))
		return;
	process_at(c->subscription)->encoder->state(&s, state, reason);
	spoken(c);
}

static void
came_up(struct cover *c, uint64_t session)
{
	if (c->said == TOLD_UP && c->said_session == session)
		return; /* its speaker was lost and is back, the session stood */
	if (c->said == TOLD_UP)
		say_state(c, "down", "");
	if (c->said != TOLD_CONNECTED)
		say_state(c, "connected", "");
	say_state(c, "up", "");
	c->said = TOLD_UP;
	c->said_session = session;
}

static void
state(struct cover *c, enum told told, const char *reason)
{
	switch (told) {
	case TOLD_UP:
		came_up(c, c->coverage->neighbor->state.session);
		break;
	case TOLD_CONNECTED:
		if (c->said == TOLD_UP)
			say_state(c, "down", reason);
		if (c->said != TOLD_CONNECTED)
			say_state(c, "connected", "");
		c->said = TOLD_CONNECTED;
		break;
	case TOLD_DOWN:
		if (c->said == TOLD_UP || c->said == TOLD_CONNECTED)
			say_state(c, "down", reason);
		c->said = TOLD_DOWN;
		break;
	default: /* a lost speaker is no state of a session */
		break;
	}
}

static void
report(struct cover *c, const struct link_peer_state *before)
{
	const struct encoder *encoder = process_at(c->subscription)->encoder;
	const struct link_peer_state *now = &c->coverage->neighbor->state;
	struct speech s = speech_of(c);
	bool same = before->state == now->state && before->session == now->session;

	if (same)
		return;
	if ((c->wish & WISH_NEGOTIATED) && now->state == PEER_ESTABLISHED)
		encoder->negotiated(&s);
	if (c->wish & WISH_FSM)
		encoder->fsm(&s, (enum peer_state)now->state);
	spoken(c);
}

static void
message(struct cover *c, const struct routes_message *m)
{
	const struct encoder *encoder = process_at(c->subscription)->encoder;
	struct speech s = speech_of(c);
	struct reader none = { 0 }, original = c->wish & WISH_PACKETS ? m->original : none;

	if (c->wish & WISH_CONSOLIDATE) {
		encoder->update(&s, m, original);
	} else {
		if (original.left >= MESSAGE_HEADER)
			encoder->packet(&s, MESSAGE_UPDATE, original);
		if (c->wish & WISH_PARSED)
			encoder->update(&s, m, none);
	}
	spoken(c);
}

static const struct listener listener = { wishes, state, report, message, WISH_UPDATES,
	WISH_PACKETS };

void
helper_subscribe(struct process *p)
{
	p->subscription = subscription_listen(&p->client, &listener);
}

void
helper_reconsider(struct process *p)
{
	if (p->subscription)
		subscription_reconsider(p->subscription);
}
