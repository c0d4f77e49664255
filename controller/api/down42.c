#include "controller/api/down42.h"
#include <string.h>
#include "proto/bgp/fault.h"

static const char *const brackets[] = { "[]", "()" };

/* As there: only the first letter is a capital. */
static void
print_code(uint8_t code, struct text *t)
{
	const char *name = fault_code_name(code);

	for (const char *c = name; *c; c++)
		text_char(
		    t, c > name && c[-1] == ' ' && *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c);
}

void
down42_print(const struct link_peer_state *s, const char *why, bool json, struct text *t)
{
	const char *b = brackets[json],
		   *subcode = fault_subcode_name(s->notify_code, s->notify_subcode);

	if (s->notify_code == 0) {
		if (strcmp(why, "connection closed by the peer") == 0)
			why = "the TCP connection was closed by the remote end";
		text_printf(t, "peer reset, message %cclosing connection%c error%c%s%c", b[0], b[1],
		    b[0], why, b[1]);
		return;
	}
	text_printf(t, "peer reset, message %cnotification %s (%u,%u)%c error%c", b[0],
	    s->notify_sent ? "sent" : "received", s->notify_code, s->notify_subcode, b[1], b[0]);
	print_code(s->notify_code, t);
	text_printf(t, " / %s%c", subcode[0] ? subcode : "Unspecific", b[1]);
}

void
down42_print_shutdown(bool json, struct text *t)
{
	const char *b = brackets[json];

	text_printf(t, "stop, message %cshutting down%c", b[0], b[1]);
}
