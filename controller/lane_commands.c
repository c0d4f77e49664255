/* What a speaker is asked by command, and for the receipt of routes; who asked is told the answer (asked.h). */
#include <stdio.h>
#include <string.h>
#include "controller/lane_inner.h"
#include "controller/neighbor.h"

void
lane_command(struct speaker_entry *s, struct link_command *c,
    void (*done)(void *self, bool failed, const char *text), void *self)
{
	char text[LINK_TEXT];
	struct pack p = { 0 };

	if (!s->lane || !s->lane->held) {
		snprintf(text, sizeof text, "speaker %s is not connected", s->name);
		done(self, true, text);
		return;
	}
	c->id = asked_command(&s->lane->asked, done, self);
	c->term = s->controller->term;
	c->peer = numbers_theirs(&s->lane->numbers, c->peer);
	/* behind what was announced before it */
	if (s->lane->restated && strcmp(c->what, "eor") == 0) {
		lane_mark_command(s->lane, c);
		return;
	}
	link_command_pack(c, &p);
	lane_say(s->lane, &p);
}

void
lane_receipt(struct speaker_entry *s, struct neighbor *const *to, size_t count,
    void (*sent)(void *self, struct neighbor *, enum sent_status), void *self)
{
	size_t up = 0;

	if (s->lane && s->lane->restated)
		for (size_t i = 0; i < count; i++)
			up += neighbor_established(to[i]);
	if (up > 0)
		lane_mark_receipt(s->lane, asked_receipt(&s->lane->asked, to, count, sent, self));
	for (size_t i = 0; i < count; i++)
		if (up == 0 || !neighbor_established(to[i]))
			sent(self, to[i], SENT_PEER_DOWN);
}

void
lane_forget(struct speaker_entry *s, void *self)
{
	if (s->lane)
		asked_forget(&s->lane->asked, self);
}
