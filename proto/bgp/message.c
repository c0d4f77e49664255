#include "proto/bgp/message.h"
#include <string.h>

static const uint8_t marker[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* The lengths that a type allows (RFC 4271 section 4, RFC 2918, RFC 8654 section 4). */
static int
length_fits(uint8_t type, size_t len, const struct message_limits *l)
{
	size_t most = l->extended ? MESSAGE_MAX_EXTENDED : MESSAGE_MAX;

	switch (type) {
	case MESSAGE_OPEN:
		return len >= 29 && len <= MESSAGE_MAX;
	case MESSAGE_UPDATE:
		return len >= 23 && len <= most;
	case MESSAGE_NOTIFICATION: /* a short one cannot be answered */
		return len <= most;
	case MESSAGE_KEEPALIVE:
		return len == MESSAGE_HEADER;
	case MESSAGE_REFRESH: /* RFC 7313 section 5 judges its body */
		return len >= 23 && len <= most;
	default:
		return len >= MESSAGE_HEADER && len <= most;
	}
}

static int
type_known(uint8_t type, const struct message_limits *l)
{
	return (type >= MESSAGE_OPEN && type <= MESSAGE_KEEPALIVE) ||
	       (type == MESSAGE_REFRESH && l->refresh) ||
	       (type == MESSAGE_OPERATIONAL && l->operational);
}

int
message_parse(
    struct message *m, struct reader stream, const struct message_limits *l, struct fault *f)
{
	struct reader whole = stream, head;
	const uint8_t *at;
	uint16_t len;
	uint8_t type, data[2];

	if (stream.left < MESSAGE_HEADER)
		return 0;
	head = reader_sub(&stream, MESSAGE_HEADER);
	m->header = head;
	at = reader_take(&head, sizeof marker);
	len = reader_u16(&head);
	type = reader_u8(&head);
	data[0] = (uint8_t)(len >> 8);
	data[1] = (uint8_t)len;
	if (memcmp(at, marker, sizeof marker) != 0)
		return fault_set(f, NOTIFY_HEADER, HEADER_NOT_SYNCHRONISED, NULL, 0,
		    "the marker is not all ones");
	if (len < MESSAGE_HEADER || (len > MESSAGE_MAX && !l->extended))
		return fault_set(
		    f, NOTIFY_HEADER, HEADER_BAD_LENGTH, data, 2, "a message of %u octets", len);
	if (!type_known(type, l))
		return fault_set(
		    f, NOTIFY_HEADER, HEADER_BAD_TYPE, &type, 1, "message type %u", type);
	if (!length_fits(type, len, l))
		return fault_set(f, NOTIFY_HEADER, HEADER_BAD_LENGTH, data, 2,
		    "a message %s of %u octets", message_type_name(type), len);
	if (whole.left < len)
		return 0;
	m->type = type;
	m->length = len;
	m->body = reader_sub(&stream, len - MESSAGE_HEADER);
	return 1;
}

size_t
message_begin(struct writer *w, enum message_type type)
{
	writer_bytes(w, marker, sizeof marker);
	writer_u16(w, 0);
	writer_u8(w, type);
	return w->len;
}

void
message_end_as(struct writer *w, size_t mark, size_t len)
{
	struct writer head;

	if (!writer_ok(w))
		return;
	head = writer_of(w->base + mark - 3, 2);
	writer_u16(&head, len);
	if (!writer_ok(&head))
		w->failed = true;
}

void
message_end(struct writer *w, size_t mark)
{
	message_end_as(w, mark, w->len - mark + MESSAGE_HEADER);
}

const char *
message_type_name(uint8_t type)
{
	static const char *const names[] = { "unknown", "open", "update", "notification",
		"keepalive", "refresh", "operational" };

	return type < sizeof names / sizeof names[0] ? names[type] : names[0];
}

void
keepalive_encode(struct writer *w)
{
	message_end(w, message_begin(w, MESSAGE_KEEPALIVE));
}
