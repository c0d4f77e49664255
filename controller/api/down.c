#include "controller/api/down.h"
#include <string.h>
#include "proto/bgp/fault.h"

/* Ours, in its words. */
static const struct {
	const char *ours, *its;
} words[] = {
	{ "connection closed by the peer", "the TCP connection was closed by the remote end" },
	{ "Connection reset by peer", "issue reading on the socket: [Errno ECONNRESET] [Errno 104] "
				      "Connection reset by peer" },
};

static const char *
its(const char *why)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(why, words[i].ours) == 0)
			return words[i].its;
	return why;
}

/* As there: only the first letter is a capital. */
static void
print_code(uint8_t code, struct text *t)
{
	const char *name = fault_code_name(code);

	for (const char *c = name; *c; c++)
		text_char(
		    t, c > name && c[-1] == ' ' && *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c);
}

/* What we sent has its text behind the names; that of a Cease is the name once more. */
static void
print_tail(const struct link_peer_state *s, const char *subcode, const char *why, struct text *t)
{
	if (!s->notify_sent || s->notify_code == NOTIFY_HOLD)
		return;
	if (s->notify_code == NOTIFY_CEASE)
		why = subcode;
	if (why[0])
		text_printf(t, " / %s", why);
}

static void
print_message(const struct link_peer_state *s, struct text *t)
{
	text_printf(t, "notification %s (%u,%u)", s->notify_sent ? "sent" : "received",
	    s->notify_code, s->notify_subcode);
}

static void
print_notification(const struct link_peer_state *s, const char *why, struct text *t)
{
	const char *subcode = fault_subcode_name(s->notify_code, s->notify_subcode);

	text_add(t, "peer reset, message [");
	print_message(s, t);
	text_add(t, "] error[");
	print_code(s->notify_code, t);
	text_printf(t, " / %s", subcode[0] ? subcode : "Unspecific");
	print_tail(s, subcode, why, t);
	text_char(t, ']');
}

/* All brackets, those of the words too. */
static void
rounded(struct text *t, size_t from)
{
	for (size_t i = from; i < t->len; i++)
		if (t->base[i] == '[' || t->base[i] == ']')
			t->base[i] = t->base[i] == '[' ? '(' : ')';
}

void
down_print42(const struct link_peer_state *s, const char *why, bool json, struct text *t)
{
	size_t from = t->len;

	if (strcmp(why, DOWN_REMOVED) == 0)
		text_add(t, "stop, message [removed]");
	else if (s->notify_code == 0)
		text_printf(t, "peer reset, message [closing connection] error[%s]", its(why));
	else
		print_notification(s, why, t);
	if (json)
		rounded(t, from);
}

void
down_print42_shutdown(bool json, struct text *t)
{
	size_t from = t->len;

	text_add(t, "stop, message [shutting down]");
	if (json)
		rounded(t, from);
}

void
down_print(const struct link_peer_state *s, const char *why, struct text *t)
{
	if (s->notify_code == 0 || strcmp(why, DOWN_REMOVED) == 0)
		text_add(t, why);
	else
		print_message(s, t);
}
