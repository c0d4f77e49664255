#include "proto/bgp/notification.h"
#include <string.h>
#include "common/utf8.h"
#include "proto/bgp/message.h"

static bool
has_communication(uint8_t code, uint8_t subcode)
{
	return code == NOTIFY_CEASE && (subcode == CEASE_SHUTDOWN || subcode == CEASE_RESET);
}

/* RFC 9003: a length and so much UTF-8. What is none is not interpreted; control characters become blanks. */
static void
communication(struct notification *n)
{
	struct reader data = n->data, text;
	size_t len;

	if (data.left == 0)
		return;
	len = reader_u8(&data);
	text = reader_sub(&data, len);
	n->communication_bad = !reader_done(&data) || !utf8_valid((const char *)text.at, text.left);
	if (n->communication_bad)
		return;
	memcpy(n->communication, text.at, len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)n->communication[i] < 0x20 || n->communication[i] == 0x7f)
			n->communication[i] = ' ';
}

int
notification_parse(struct notification *n, struct reader body, struct fault *f)
{
	memset(n, 0, sizeof *n);
	n->code = reader_u8(&body);
	n->subcode = reader_u8(&body);
	if (!reader_ok(&body))
		return fault_set(f, NOTIFY_HEADER, HEADER_BAD_LENGTH, NULL, 0, "a notification without a code");
	n->data = reader_rest(&body);
	if (has_communication(n->code, n->subcode))
		communication(n);
	return 0;
}

void
notification_encode(const struct fault *f, struct writer *w)
{
	const char *name = fault_subcode_name(f->code, f->subcode);
	size_t mark = message_begin(w, MESSAGE_NOTIFICATION);

	writer_u8(w, f->code);
	writer_u8(w, f->subcode);
	if (has_communication(f->code, f->subcode)) {
		size_t len = f->data_len ? f->data_len : strlen(name);

		writer_u8(w, len);
		writer_bytes(w, f->data_len ? (const void *)f->data : name, len);
	} else {
		writer_bytes(w, f->data, f->data_len);
	}
	message_end(w, mark);
}

void
notification_print(const struct notification *n, struct text *t)
{
	const char *name = fault_subcode_name(n->code, n->subcode);

	if (strcmp(fault_code_name(n->code), "unknown") == 0)
		text_printf(t, "code %u", n->code);
	else
		text_add(t, fault_code_name(n->code));
	if (name[0])
		text_printf(t, " / %s", name);
	else if (n->subcode)
		text_printf(t, " / subcode %u", n->subcode);
	if (n->communication[0])
		text_printf(t, ": %s", n->communication);
	else if (n->data.left > 0) {
		text_add(t, ", data ");
		text_hex(t, n->data.at, n->data.left < 64 ? n->data.left : 64);
	}
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
