/* msgpack by way of msgpack-c. Its reader believes the counts it is told: five octets that claim a map
 * of 2^28 entries make it ask for 16 GiB, before it has seen one of them. Hence pack_check.c. */
#include "common/pack.h"
#include <assert.h>
#include <msgpack.h>
#include <string.h>
#include "common/copy.h"
#include "common/mem.h"

enum {
	COUNTED = 5, /* octets of the headers that are patched: array32, map32, bin32 */
	/* headers that are written here, because nearly all are of these */
	FIXARRAY = 0x90,
	FIXARRAY_MAX = 15,
	FIXMAP = 0x80,
	FIXSTR = 0xa0,
	FIXSTR_MAX = 31,
	FIXINT_MAX = 127,
	BIN8 = 0xc4,
	ZONE_CHUNK = 64 * 1024, /* kept from one value to the next */
};

/* Writing. */

static uint8_t *
room(struct pack *p, size_t len)
{
	p->base = mem_grow(p->base, &p->cap, p->len + len, 1);
	p->len += len;
	return p->base + p->len - len;
}

static int
append(void *pack, const char *bytes, size_t len)
{
	pack_raw(pack, bytes, len);
	return 0;
}

static struct msgpack_packer
packer(struct pack *p)
{
	return (struct msgpack_packer){ .data = p, .callback = append };
}

void
pack_fini(struct pack *p)
{
	mem_free(p->base);
	*p = (struct pack){ 0 };
}

void
pack_clear(struct pack *p)
{
	p->len = 0;
}

void
pack_array(struct pack *p, uint32_t count)
{
	struct msgpack_packer to = packer(p);

	if (count <= FIXARRAY_MAX)
		*room(p, 1) = (uint8_t)(FIXARRAY | count);
	else
		msgpack_pack_array(&to, count);
}

void
pack_map(struct pack *p, uint32_t count)
{
	struct msgpack_packer to = packer(p);

	if (count <= FIXARRAY_MAX)
		*room(p, 1) = (uint8_t)(FIXMAP | count);
	else
		msgpack_pack_map(&to, count);
}

void
pack_uint(struct pack *p, uint64_t value)
{
	struct msgpack_packer to = packer(p);

	if (value <= FIXINT_MAX)
		*room(p, 1) = (uint8_t)value;
	else
		msgpack_pack_uint64(&to, value);
}

void
pack_int(struct pack *p, int64_t value)
{
	struct msgpack_packer to = packer(p);

	msgpack_pack_int64(&to, value);
}

void
pack_real(struct pack *p, double value)
{
	struct msgpack_packer to = packer(p);

	msgpack_pack_double(&to, value);
}

void
pack_bool(struct pack *p, bool value)
{
	*room(p, 1) = value ? 0xc3 : 0xc2;
}

void
pack_nil(struct pack *p)
{
	*room(p, 1) = 0xc0;
}

void
pack_text(struct pack *p, const char *text)
{
	pack_textn(p, text, strlen(text));
}

void
pack_textn(struct pack *p, const char *text, size_t len)
{
	struct msgpack_packer to = packer(p);
	uint8_t *at;

	assert(len <= UINT32_MAX);
	if (len <= FIXSTR_MAX) {
		at = room(p, 1 + len);
		at[0] = (uint8_t)(FIXSTR | len);
		copy_few(at + 1, text, len);
		return;
	}
	msgpack_pack_str(&to, len);
	pack_raw(p, text, len);
}

void
pack_bin(struct pack *p, const void *bytes, size_t len)
{
	struct msgpack_packer to = packer(p);

	assert(len <= UINT32_MAX);
	if (len <= UINT8_MAX) {
		uint8_t *at = room(p, 2);

		at[0] = BIN8;
		at[1] = (uint8_t)len;
	} else {
		msgpack_pack_bin(&to, len);
	}
	pack_raw(p, bytes, len);
}

void
pack_copy(struct pack *p, const void *bytes, size_t len)
{
	pack_raw(p, bytes, len);
}

void
pack_raw(struct pack *p, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(room(p, len), bytes, len);
}

static size_t
begin(struct pack *p, const char *header)
{
	memcpy(room(p, COUNTED), header, COUNTED);
	return p->len - COUNTED;
}

size_t
pack_begin_array(struct pack *p)
{
	return begin(p, "\xdd\0\0\0");
}

size_t
pack_begin_map(struct pack *p)
{
	return begin(p, "\xdf\0\0\0");
}

void
pack_end(struct pack *p, size_t mark, uint32_t count)
{
	uint8_t *at = p->base + mark + 1;

	at[0] = (uint8_t)(count >> 24);
	at[1] = (uint8_t)(count >> 16);
	at[2] = (uint8_t)(count >> 8);
	at[3] = (uint8_t)count;
}

size_t
pack_bin_begin(struct pack *p)
{
	return begin(p, "\xc6\0\0\0");
}

void
pack_bin_end(struct pack *p, size_t mark)
{
	size_t len = p->len - mark - COUNTED;

	assert(len <= UINT32_MAX);
	pack_end(p, mark, (uint32_t)len);
}

/* Reading. A node is a msgpack_object; nobody else needs to know what that looks like. */

struct unpack {
	msgpack_zone zone;
	msgpack_object root;
};

static const struct msgpack_object *
object(const struct node *n)
{
	return (const struct msgpack_object *)n;
}

static const struct node *
node(const struct msgpack_object *o)
{
	return (const struct node *)o;
}

struct unpack *
unpack_new(void)
{
	struct unpack *u = mem_zero(sizeof *u);
	bool made = msgpack_zone_init(&u->zone, ZONE_CHUNK);

	assert(made);
	(void)made;
	return u;
}

void
unpack_free(struct unpack *u)
{
	if (!u)
		return;
	msgpack_zone_destroy(&u->zone);
	mem_free(u);
}

const struct node *
unpack_open(struct unpack *u, const void *bytes, size_t len)
{
	size_t at = 0;

	msgpack_zone_clear(&u->zone);
	if (pack_check(bytes, len) < 0 ||
	    msgpack_unpack(bytes, len, &at, &u->zone, &u->root) != MSGPACK_UNPACK_SUCCESS)
		return NULL;
	return node(&u->root);
}

enum node_kind
node_kind(const struct node *n)
{
	if (!n)
		return NODE_NONE;
	switch (object(n)->type) {
	case MSGPACK_OBJECT_NIL:
		return NODE_NIL;
	case MSGPACK_OBJECT_BOOLEAN:
		return NODE_BOOL;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		return NODE_UINT;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		return NODE_INT;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		return NODE_REAL;
	case MSGPACK_OBJECT_STR:
		return NODE_TEXT;
	case MSGPACK_OBJECT_BIN:
		return NODE_BIN;
	case MSGPACK_OBJECT_ARRAY:
		return NODE_ARRAY;
	case MSGPACK_OBJECT_MAP:
		return NODE_MAP;
	case MSGPACK_OBJECT_EXT: /* nothing of ours is one */
		break;
	}
	return NODE_NONE;
}

uint32_t
node_count(const struct node *n)
{
	switch (node_kind(n)) {
	case NODE_ARRAY:
		return object(n)->via.array.size;
	case NODE_MAP:
		return object(n)->via.map.size;
	default:
		return 0;
	}
}

const struct node *
node_at(const struct node *n, uint32_t i)
{
	if (node_kind(n) != NODE_ARRAY || i >= object(n)->via.array.size)
		return NULL;
	return node(&object(n)->via.array.ptr[i]);
}

static const struct msgpack_object_kv *
entry(const struct node *n, uint32_t i)
{
	if (node_kind(n) != NODE_MAP || i >= object(n)->via.map.size)
		return NULL;
	return &object(n)->via.map.ptr[i];
}

const struct node *
node_key(const struct node *n, uint32_t i)
{
	const struct msgpack_object_kv *kv = entry(n, i);

	return kv ? node(&kv->key) : NULL;
}

const struct node *
node_value(const struct node *n, uint32_t i)
{
	const struct msgpack_object_kv *kv = entry(n, i);

	return kv ? node(&kv->val) : NULL;
}

const struct node *
node_find(const struct node *n, const char *key)
{
	size_t len = strlen(key);

	for (uint32_t i = 0; i < node_count(n); i++) {
		const struct node *k = node_key(n, i);

		if (node_kind(k) == NODE_TEXT && object(k)->via.str.size == len &&
		    memcmp(object(k)->via.str.ptr, key, len) == 0)
			return node_value(n, i);
	}
	return NULL;
}

const struct node *
node_find_uint(const struct node *n, uint64_t key)
{
	for (uint32_t i = 0; i < node_count(n); i++) {
		const struct node *k = node_key(n, i);

		if (node_kind(k) == NODE_UINT && object(k)->via.u64 == key)
			return node_value(n, i);
	}
	return NULL;
}

uint64_t
node_uint(const struct node *n, uint64_t otherwise)
{
	return node_kind(n) == NODE_UINT ? object(n)->via.u64 : otherwise;
}

int64_t
node_int(const struct node *n, int64_t otherwise)
{
	if (node_kind(n) == NODE_INT)
		return object(n)->via.i64;
	if (node_kind(n) == NODE_UINT && object(n)->via.u64 <= INT64_MAX)
		return (int64_t)object(n)->via.u64;
	return otherwise;
}

double
node_real(const struct node *n, double otherwise)
{
	switch (node_kind(n)) {
	case NODE_REAL:
		return object(n)->via.f64;
	case NODE_UINT: /* some libraries write 1.0 as 1 */
		return (double)object(n)->via.u64;
	case NODE_INT:
		return (double)object(n)->via.i64;
	default:
		return otherwise;
	}
}

bool
node_bool(const struct node *n, bool otherwise)
{
	return node_kind(n) == NODE_BOOL ? object(n)->via.boolean : otherwise;
}

struct reader
node_bytes(const struct node *n)
{
	switch (node_kind(n)) {
	case NODE_TEXT:
		return reader_of(object(n)->via.str.ptr, object(n)->via.str.size);
	case NODE_BIN:
		return reader_of(object(n)->via.bin.ptr, object(n)->via.bin.size);
	default:
		return (struct reader){ .failed = true };
	}
}

const char *
node_text(const struct node *n, char *out, size_t size)
{
	size_t len = node_kind(n) == NODE_TEXT ? object(n)->via.str.size : 0;

	if (len >= size)
		len = size - 1;
	if (len > 0)
		memcpy(out, object(n)->via.str.ptr, len);
	out[len] = '\0';
	return out;
}
