/* What a controller asks a speaker to do with a peer, once. */
#include "speaker/link_inner.h"
#include <stdio.h>
#include <string.h>
#include "proto/bgp/message.h"
#include "proto/bgp/operational.h"
#include "speaker/advertise.h"
#include "speaker/border.h"
#include "speaker/rib_in.h"
#include "speaker/session.h"

/* An OPERATIONAL, by the peer's router-id of ours where no other was typed. */
static const char *
say_operational(struct peer *peer, const struct link_command *c, struct reason *why)
{
	struct reader body = reader_of(c->body, sizeof c->body), head = body;
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct operational o;
	size_t mark;

	reader_u16(&head);
	if (!peer->params.operational) {
		reason_set(why, 0, 0, "the peer takes no OPERATIONAL messages");
		return NULL;
	}
	if (operational_parse(&o, reader_sub(&body, 4u + reader_u16(&head)), why) < 0)
		return NULL;
	if (o.router_id == 0)
		o.router_id = peer->config.router_id;
	mark = message_begin(&w, MESSAGE_OPERATIONAL);
	operational_encode(&o, &w);
	message_end(&w, mark);
	session_send_first(peer->session, memory, w.len);
	return "OPERATIONAL sent";
}

/* What the peer said so far goes; where it can be asked to say it again, it is. */
static void
forget_received(struct peer *peer)
{
	uint8_t memory[32];

	for (enum family f = 0; f < FAMILIES; f++) {
		struct writer w = writer_of(memory, sizeof memory);

		if (!(peer->params.families & family_bit(f)))
			continue;
		if (!peer->config.no_rib_in) {
			rib_in_refresh(peer, f, REFRESH_BEGIN);
			rib_in_refresh(peer, f, REFRESH_END);
		}
		if (peer->params.refresh) {
			refresh_encode(f, REFRESH_REQUEST, &w);
			session_send_first(peer->session, memory, w.len);
		}
	}
}

/* Without a text the name of the subcode is the data, as ExaBGP has it; but not where the data has a form of its own
 * (RFC 4486 section 4, RFC 8538 section 3.1). */
static const char *
cease_data(const struct link_command *c)
{
	const char *name = fault_subcode_name(NOTIFY_CEASE, c->subcode);
	bool number = *name >= '0' && *name <= '9',
	     formed = c->subcode == CEASE_MAX_PREFIX || c->subcode == CEASE_HARD_RESET;

	return c->text[0] ? c->text : number || formed ? "" : name;
}

/* To a peer that keeps our routes over a restart a reset is one, and a NOTIFICATION would cost them (RFC 4724 section
 * 4): as with ExaBGP the connection just ends. Not where there is something to say, or the peer heeds RFC 8538. */
static void
tear_down(struct peer *peer, const struct link_command *c)
{
	const char *why = "by an operator";
	struct fault f = { 0 };

	if (peer->params.graceful && !peer->params.graceful_notification && c->text[0] == '\0' &&
	    c->subcode != CEASE_HARD_RESET) {
		session_lost(peer->session, why);
		return;
	}
	fault_set(&f, NOTIFY_CEASE, c->subcode, cease_data(c), strlen(cease_data(c)), "%s", why);
	peer_reset(peer, &f);
}

/* COMMAND: what it does to one peer. The reply's text, or NULL with *why. */
static const char *
command_peer(struct peer *peer, const struct link_command *c, struct reason *why)
{
	enum family family = c->family ? family_by_code(c->family) : FAMILY_UNKNOWN;
	uint8_t memory[32];
	struct writer w = writer_of(memory, sizeof memory);

	if (!peer->session) {
		reason_set(why, 0, 0, "the session is not established");
		return NULL;
	}
	if (strcmp(c->what, "teardown") == 0) {
		tear_down(peer, c);
		return "session torn down";
	}
	if (strcmp(c->what, "flush") == 0) {
		advertise_refresh(peer, family == FAMILY_UNKNOWN ? UINT32_MAX : family_bit(family),
		    peer->params.enhanced_refresh);
		return "told again";
	}
	if (strcmp(c->what, "clear-in") == 0) {
		forget_received(peer);
		return peer->params.refresh ? "forgotten, and asked for again" : "forgotten";
	}
	if (family == FAMILY_UNKNOWN || !(peer->params.families & family_bit(family))) {
		reason_set(why, 0, 0, "the family was not negotiated");
		return NULL;
	}
	if (strcmp(c->what, "operational") == 0)
		return say_operational(peer, c, why);
	if (strcmp(c->what, "eor") == 0) {
		border_end_of_rib(peer, family);
		return "End-of-RIB sent";
	}
	if (strcmp(c->what, "refresh") == 0 && peer->params.refresh) {
		refresh_encode(family, REFRESH_REQUEST, &w);
		session_send_first(peer->session, memory, w.len);
		return "ROUTE-REFRESH sent";
	}
	reason_set(why, 0, 0,
	    strcmp(c->what, "refresh") == 0 ? "the peer has no route refresh" : "unknown command");
	return NULL;
}

int
link_command(struct link *l, const struct node *body, struct reason *why)
{
	struct link_command c;
	struct reason no = { 0 };
	struct peer *peer;
	const char *done;

	if (link_command_unpack(&c, body, why) < 0)
		return -1;
	peer = peer_by_number(l->speaker, c.peer);
	if (c.term < l->term)
		reason_set(&no, 0, 0, "a command of term %llu, we obey %llu",
		    (unsigned long long)c.term, (unsigned long long)l->term);
	else if (!peer)
		reason_set(&no, 0, 0, "no such peer");
	done = reason_given(&no) ? NULL : command_peer(peer, &c, &no);
	link_reply(l, c.id, !done, done ? done : no.text);
	return 0;
}
