#include "common/octets.h"
#include <string.h>
#include "common/mem.h"

void
octets_fini(struct octets *o)
{
	mem_free(o->base);
	*o = (struct octets){ 0 };
}

void
octets_clear(struct octets *o)
{
	o->len = 0;
}

uint8_t *
octets_room(struct octets *o, size_t len)
{
	o->base = mem_grow(o->base, &o->cap, o->len + len, 1);
	o->len += len;
	return o->base + o->len - len;
}

void
octets_add(struct octets *o, const void *data, size_t len)
{
	if (len > 0)
		memcpy(octets_room(o, len), data, len);
}

void
octets_drop_front(struct octets *o, size_t len)
{
	o->len -= len;
	if (o->len > 0)
		memmove(o->base, o->base + len, o->len);
}

struct reader
octets_read(const struct octets *o)
{
	return reader_of(o->base, o->len);
}
