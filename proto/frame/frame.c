/* The envelope of every frame. Its head has a fixed layout, so that the numbers can be written last:
 *      95 | 01 | type | cf sequence(8) | cf acknowledged(8) | body */
#include "proto/frame/frame.h"
#include "common/writer.h"

enum {
	HEAD_ARRAY = 0x95,
	HEAD_U64 = 0xcf,
	HEAD_SEQUENCE = 4,
	HEAD_ACKNOWLEDGED = 13,
	HEAD_SIZE = 21
};

int
frame_open(struct unpack *u, const void *bytes, size_t len, struct frame *f, struct reason *why)
{
	const struct node *n;

	*f = (struct frame){ 0 };
	if (len > FRAME_OCTETS_MAX)
		return reason_set(why, 0, 0, "a frame of %zu octets", len);
	n = unpack_open(u, bytes, len);
	if (node_kind(n) != NODE_ARRAY || node_count(n) < 5)
		return reason_set(why, 0, 0, "not a frame: expected an array of five");
	uint64_t version = node_uint(node_at(n, 0), 0), type = node_uint(node_at(n, 1), 0);
	if (version == 0 || version > UINT32_MAX || type == 0 || type > 127)
		return reason_set(why, 0, 0, "frame of version %llu and type %llu",
		    (unsigned long long)version, (unsigned long long)type);
	if (node_kind(node_at(n, 2)) != NODE_UINT || node_kind(node_at(n, 3)) != NODE_UINT)
		return reason_set(
		    why, 0, 0, "frame of type %llu without its numbers", (unsigned long long)type);
	f->version = (uint32_t)version;
	f->type = (enum frame_type)type;
	f->sequence = node_uint(node_at(n, 2), 0);
	f->acknowledged = node_uint(node_at(n, 3), 0);
	f->body = node_at(n, 4);
	return 0;
}

void
frame_begin(struct pack *p, enum frame_type type)
{
	uint8_t head[HEAD_SIZE] = { HEAD_ARRAY, FRAME_VERSION, (uint8_t)type };

	head[HEAD_SEQUENCE - 1] = HEAD_U64;
	head[HEAD_ACKNOWLEDGED - 1] = HEAD_U64;
	pack_clear(p);
	pack_copy(p, head, sizeof head);
}

void
frame_stamp(struct pack *p, uint64_t sequence, uint64_t acknowledged)
{
	struct writer w = writer_of(p->base + HEAD_SEQUENCE, HEAD_SIZE - HEAD_SEQUENCE);

	writer_u64(&w, sequence);
	writer_u8(&w, HEAD_U64);
	writer_u64(&w, acknowledged);
}

enum frame_type
frame_peek(struct reader bytes)
{
	uint8_t array = reader_u8(&bytes), version = reader_u8(&bytes), type = reader_u8(&bytes);

	return array == HEAD_ARRAY && version > 0 && type < 128 ? (enum frame_type)type : 0;
}

const char *
frame_type_name(enum frame_type type)
{
	static const char *const names[] = { "none", "hello", "welcome", "refuse", "ping", "reset",
		"peer", "peers-end", "peer-remove", "peer-state", "owner", "held-end", "begin",
		"end", "routes", "complete", "interest", "command", "reply", "receipt", "sent",
		"arrival" };

	return type < FRAME_TYPES ? names[type] : "unknown";
}
