/* A NOTIFICATION is the last thing that is heard of a peer, and its data is whatever that peer likes: it is
 * shown in words where it is text, in hexadecimal where it is not, and never longer than a line of a log. */
#include "proto/bgp/notification.h"
#include <string.h>
#include "common/utf8.h"
#include "proto/bgp/message.h"

enum { SHOWN = 64 }; /* octets of data in a line */

/* RFC 9003 section 2. */
static bool
has_communication(uint8_t code, uint8_t subcode)
{
	return code == NOTIFY_CEASE && (subcode == CEASE_SHUTDOWN || subcode == CEASE_RESET);
}

/* The NOTIFICATION that a Hard Reset wraps (RFC 8538 section 3.1). */
static bool
unwrap(const struct notification *n, struct notification *inner)
{
	struct reader data = n->data;

	if (n->code != NOTIFY_CEASE || n->subcode != CEASE_HARD_RESET)
		return false;
	*inner = (struct notification){ 0 };
	inner->code = reader_u8(&data);
	inner->subcode = reader_u8(&data);
	inner->data = reader_rest(&data);
	return reader_ok(&data);
}

/* What may not be shown becomes a question mark each; a text never grows by it. */
static void
sanitise(struct reader text, char out[256])
{
	const char *s = (const char *)text.at;
	size_t left = text.left, n;

	for (; left > 0; s += n, left -= n) {
		n = utf8_len(s, left);
		if (utf8_control(s, n)) {
			*out++ = '?';
		} else {
			memcpy(out, s, n);
			out += n;
		}
	}
	*out = '\0';
}

static void
communication_parse(struct notification *n, struct reader data)
{
	struct reader text;

	if (data.left == 0)
		return;
	text = reader_sub(&data, reader_u8(&data));
	if (reader_done(&data) && utf8_valid((const char *)text.at, text.left))
		sanitise(text, n->communication);
	else
		n->communication_bad = true;
}

int
notification_parse(struct notification *n, struct reader body, struct fault *f)
{
	struct notification inner;

	*n = (struct notification){ 0 };
	n->code = reader_u8(&body);
	n->subcode = reader_u8(&body);
	n->data = reader_rest(&body);
	if (!reader_ok(&body))
		return fault_set(f, 0, 0, NULL, 0, "a notification without its two codes");
	if (has_communication(n->code, n->subcode))
		communication_parse(n, n->data);
	else if (unwrap(n, &inner) && has_communication(inner.code, inner.subcode))
		communication_parse(n, inner.data);
	return 0;
}

/* The text of a communication, cut between characters; what is no UTF-8 is not sent (RFC 9003 section 2). */
static void
communication_encode(const struct fault *f, struct writer *w)
{
	const char *text = (const char *)f->data;
	size_t mark, len = 0, n;

	if (f->data_len == 0)
		text = fault_subcode_name(f->code, f->subcode);
	for (size_t all = f->data_len ? f->data_len : strlen(text); len < all; len += n)
		if ((n = utf8_len(text + len, all - len)) == 0)
			break;
	mark = writer_begin_u8(w);
	writer_bytes(w, text, len);
	writer_end_u8(w, mark);
}

static void
body_encode(const struct fault *f, struct writer *w)
{
	writer_u8(w, f->code);
	writer_u8(w, f->subcode);
	if (has_communication(f->code, f->subcode))
		communication_encode(f, w);
	else
		writer_bytes(w, f->data, f->data_len);
}

void
notification_encode(const struct fault *f, struct writer *w)
{
	size_t mark = message_begin(w, MESSAGE_NOTIFICATION);

	body_encode(f, w);
	message_end(w, mark);
}

void
notification_encode_hard(const struct fault *f, struct writer *w)
{
	size_t mark = message_begin(w, MESSAGE_NOTIFICATION);

	writer_u8(w, NOTIFY_CEASE);
	writer_u8(w, CEASE_HARD_RESET);
	body_encode(f, w);
	message_end(w, mark);
}

static void
names_print(const struct notification *n, struct text *t)
{
	const char *name = fault_subcode_name(n->code, n->subcode);

	text_add(t, fault_code_name(n->code));
	if (*name)
		text_printf(t, " / %s", name);
}

static bool
is_plain(struct reader data)
{
	const char *s = (const char *)data.at;

	for (size_t n; data.left > 0; s += n, data.left -= n) {
		n = utf8_len(s, data.left);
		if (n == 0 || utf8_control(s, n))
			return false;
	}
	return true;
}

/* ExaBGP says in words what others say in octets. */
static void
data_print(struct reader data, struct text *t)
{
	size_t len = data.left < SHOWN ? data.left : SHOWN;
	const char *more = data.left > SHOWN ? "..." : "";

	if (data.left > 2 && data.left <= 4 * SHOWN && is_plain(data)) {
		text_add(t, ": ");
		text_addn(t, (const char *)data.at, data.left);
	} else if (data.left > 0) {
		text_add(t, " (data ");
		text_hex(t, data.at, len);
		text_printf(t, "%s)", more);
	}
}

void
notification_print(const struct notification *n, struct text *t)
{
	struct notification last = *n, inner;

	names_print(n, t);
	if (unwrap(n, &inner)) {
		text_add(t, ": ");
		names_print(&inner, t);
		last = inner;
	}
	if (n->communication[0])
		text_printf(t, ": %s", n->communication);
	else if (n->communication_bad || !has_communication(last.code, last.subcode))
		data_print(last.data, t);
}

void
notification_tree(const struct notification *n, struct tree *t)
{
	tree_map(t);
	tree_key(t, "code");
	tree_uint(t, n->code);
	tree_key(t, "subcode");
	tree_uint(t, n->subcode);
	tree_key(t, "data");
	tree_hex(t, n->data.at, n->data.left);
	tree_key(t, "message");
	tree_text(t, n->communication);
	tree_map_end(t);
}
