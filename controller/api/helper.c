#include "controller/api/helper.h"
#include <string.h>
#include "controller/api/cover.h"
#include "controller/api/down.h"
#include "controller/api/event.h"
#include "controller/api/sent.h"
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
	return config ? config->env.api_version : API_42;
}

bool
helper_speaks42(struct client *c)
{
	const struct process *p = process_of(c);

	return p && helper_version(p) == API_42;
}

/* Of one direction, as of what is received. A type in no form is nothing, nor is a form of no type. */
static unsigned
wish_of_messages(const struct config_messages *m)
{
	const bool wanted[] = { false, m->open, m->update, m->notification, m->keepalive,
		m->refresh, m->operational };
	unsigned forms = (m->parsed ? WISH_PARSED : 0u) | (m->packets ? WISH_PACKETS : 0u) |
			 (m->consolidate ? WISH_CONSOLIDATE : 0u);
	unsigned types = 0;

	for (unsigned type = 0; type < sizeof wanted / sizeof *wanted; type++)
		types |= wanted[type] ? 1u << (WISH_TYPES + type) : 0;
	return forms && types ? forms | types : 0;
}

static unsigned
wish_of(const struct config_api *a)
{
	return (a->neighbor_changes ? WISH_STATES : 0u) | (a->fsm ? WISH_FSM : 0u) |
	       (a->negotiated ? WISH_NEGOTIATED : 0u) | (a->signal ? WISH_SIGNAL : 0u) |
	       wish_of_messages(&a->receive) | wish_of_messages(&a->send) << WISH_SENT;
}

/* What the api sections of a neighbor that list the process ask for. processes-match lets a helper act; it is told
 * nothing by it. */
static unsigned
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

	const struct config *config = p->client.api->controller->config;

	text_clear(&p->scratch);
	return (struct speech){ .text = &p->scratch,
		.neighbor = c->coverage->neighbor,
		.version = helper_version(p),
		.counter = &c->coverage->counter,
		.negotiated = c->wish & WISH_NEGOTIATED,
		.compact = config && config->env.api_compact };
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

/* It was up, or connected. */
static void
say_down(struct cover *c, const char *why)
{
	const struct process *p = process_at(c->subscription);
	struct text reason = { 0 };

	if (helper_version(p) == API_42)
		down_print42(
		    &c->coverage->neighbor->state, why, p->encoder == &encoder_json, &reason);
	else
		down_print(&c->coverage->neighbor->state, why, &reason);
	say_state(c, "down", text_str(&reason));
	text_fini(&reason);
}

static void
say_fsm(struct cover *c, enum peer_state state)
{
	struct speech s = speech_of(c);

	if (!(c->wish & WISH_FSM))
		return;
	process_at(c->subscription)->encoder->fsm(&s, state);
	spoken(c);
}

/* The connection is there: ExaBGP says so before it says what is sent on it, and means that by CONNECT. */
static void
connected(struct cover *c)
{
	if (c->said == TOLD_UP || c->said == TOLD_CONNECTED)
		return;
	say_state(c, "connected", "");
	say_fsm(c, PEER_CONNECT);
	c->said = TOLD_CONNECTED;
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
		if (c->said == TOLD_UP) {
			say_down(c, reason);
			c->said = TOLD_DOWN;
		}
		if (c->said != TOLD_CONNECTED) /* what else it has come to was not heard */
			say_state(c, "connected", "");
		c->said = TOLD_CONNECTED;
		break;
	case TOLD_DOWN:
		if (c->said == TOLD_UP || c->said == TOLD_CONNECTED)
			say_down(c, reason);
		c->said = TOLD_DOWN;
		break;
	default: /* a lost speaker is no state of a session */
		break;
	}
}

/* ExaBGP says it when it has both OPENs, before OPENCONFIRM. A speaker of before that was so tells it with ESTABLISHED. */
static void
say_negotiated(struct cover *c, const struct link_peer_state *now)
{
	bool open = now->state == PEER_OPEN_CONFIRM && now->peer_as != 0;
	struct speech s = speech_of(c);

	if (open || (now->state == PEER_ESTABLISHED && !c->negotiated)) {
		process_at(c->subscription)->encoder->negotiated(&s);
		spoken(c);
	}
	c->negotiated = open;
}

static void
report(struct cover *c, const struct link_peer_state *before)
{
	const struct link_peer_state *now = &c->coverage->neighbor->state;
	bool same = before->state == now->state && before->session == now->session;

	if (same)
		return;
	if (now->state == PEER_OPEN_SENT)
		connected(c);
	if (c->wish & WISH_NEGOTIATED)
		say_negotiated(c, now);
	/* whoever tries to connect is ACTIVE there */
	say_fsm(c, now->state == PEER_CONNECT ? PEER_ACTIVE : (enum peer_state)now->state);
}

/* What stands beside withdraws alone comes with the first of them. */
static void
take_beside(struct speech *s, const struct routes_message *m)
{
	if (m->announces > 0 || m->withdraws == 0)
		return;
	s->attributes = m->withdraw[0].value.attributes;
	s->next_hop = m->withdraw[0].value.next_hop;
}

static void
message(struct cover *c, const struct routes_message *m)
{
	const struct encoder *encoder = process_at(c->subscription)->encoder;
	struct speech s = speech_of(c);
	struct reader none = { 0 }, original = c->wish & WISH_PACKETS ? m->original : none;

	take_beside(&s, m);
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

/* --- other messages, and those that were sent --- */

/* Bit 1 << type of those received, higher up of those sent. Received UPDATEs come with the routes. */
static uint32_t
messages(unsigned wish)
{
	uint32_t types = wish >> WISH_TYPES & 0x7f, sent = wish >> (WISH_SENT + WISH_TYPES) & 0x7f;

	return (types & ~(1u << MESSAGE_UPDATE)) | sent * (uint32_t)LINK_SENT;
}

static void
say_parsed(struct speech *s, const struct encoder *e, uint8_t type, struct reader message,
    struct reader original)
{
	static struct routes_message m;
	struct reader body = message;

	reader_take(&body, MESSAGE_HEADER);
	if (type != MESSAGE_UPDATE)
		e->message(s, type, body, original);
	else if (sent_update(s->neighbor, body, &m) == 0) {
		take_beside(s, &m);
		e->update(s, &m, original);
	}
}

static void
other(struct cover *c, const struct routes_message *m)
{
	const struct encoder *encoder = process_at(c->subscription)->encoder;
	bool sent = (m->flags & ROUTES_SENT) != 0;
	unsigned wish = sent ? c->wish >> WISH_SENT : c->wish;
	struct reader none = { 0 }, at = m->original;
	struct reader original = wish & WISH_PACKETS ? m->original : none;
	struct speech s;
	uint8_t type;

	reader_take(&at, MESSAGE_HEADER - 1);
	type = reader_u8(&at);
	if (!reader_ok(&at) || type > MESSAGE_OPERATIONAL || !(wish & 1u << (WISH_TYPES + type)))
		return;
	if (sent && type == MESSAGE_OPEN)
		connected(c);
	s = speech_of(c);
	s.sent = sent;
	if (wish & WISH_CONSOLIDATE) {
		say_parsed(&s, encoder, type, m->original, original);
	} else {
		if (original.left > 0)
			encoder->packet(&s, type, original);
		if (wish & WISH_PARSED)
			say_parsed(&s, encoder, type, m->original, none);
	}
	spoken(c);
}

static void
signalled(struct cover *c, int number)
{
	struct speech s = speech_of(c);

	if (!(c->wish & WISH_SIGNAL))
		return;
	process_at(c->subscription)->encoder->signal(&s, number);
	spoken(c);
}

/* Its language has one word for it. */
static void
forget(struct cover *c)
{
	if (c->said != TOLD_UP)
		return;
	say_state(c, "down", "its routes are told anew");
	say_state(c, "connected", "");
	say_state(c, "up", "");
}

void
helper_ends(struct process *p)
{
	struct text reason = { 0 };

	if (helper_version(p) == API_42)
		down_print42_shutdown(p->encoder == &encoder_json, &reason);
	else
		text_add(&reason, "shutting down");
	if (p->subscription)
		LIST_EACH(link, &p->subscription->covers) {
			struct cover *c = LIST_ENTRY(link, struct cover, of_subscription);

			if (c->said == TOLD_UP || c->said == TOLD_CONNECTED)
				say_state(c, "down", text_str(&reason));
			c->said = TOLD_DOWN;
		}
	text_fini(&reason);
}

static const struct listener listener = { wishes, state, report, message, other, signalled, forget,
	messages, WISH_UPDATE, WISH_PACKETS };

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
