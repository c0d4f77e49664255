/* A file that is read once from front to back, packed by gzip or not; "-" is standard input. */
#ifndef CONTROLLER_CLI_SOURCE_H
#define CONTROLLER_CLI_SOURCE_H
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

enum { SOURCE_PEEK = 12 };

struct source {
	const char *name; /* borrowed */
	void *file;
	uint64_t offset; /* of what is read next, as unpacked */
	uint8_t front[SOURCE_PEEK];
	size_t ahead, taken; /* octets of the front; how many of them were read */
};

/* -1, or the exit status: told already. */
int source_open(struct source *, const char *name);
void source_close(struct source *);
/* The first octets, that are read all the same afterwards; fewer when it is shorter. */
struct reader source_peek(const struct source *);
/* Fewer than `len`: it ends there, or cannot be read further (which was told). */
size_t source_read(struct source *, void *, size_t len);
/* "NAME: offset N: ...": the exit status of what is refused. */
int source_fail(const struct source *, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#endif
