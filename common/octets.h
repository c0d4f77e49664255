/* A growing run of octets, owned. Zero-initialise ({ 0 }), octets_fini when done. */
#ifndef COMMON_OCTETS_H
#define COMMON_OCTETS_H
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

struct octets {
	uint8_t *base;
	size_t len, cap;
};

void octets_fini(struct octets *);
void octets_clear(struct octets *);                   /* empty, memory kept */
uint8_t *octets_room(struct octets *, size_t len);    /* len more octets at the end, to fill in */
void octets_add(struct octets *, const void *, size_t len);
void octets_drop_front(struct octets *, size_t len);  /* forget the first len */
struct reader octets_read(const struct octets *);
#endif
