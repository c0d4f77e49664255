#include "common/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one place where running out of memory ends the process. */
static void *
checked(void *memory, size_t size)
{
	if (memory)
		return memory;
	fprintf(stderr, "out of memory (%zu octets wanted)\n", size);
	abort();
}

static size_t
product(size_t count, size_t size)
{
	size_t octets;

	if (__builtin_mul_overflow(count, size, &octets))
		checked(NULL, SIZE_MAX);
	return octets;
}

void *
mem_zero(size_t size)
{
	return checked(calloc(1, size > 0 ? size : 1), size);
}

void *
mem_alloc(size_t size)
{
	return checked(malloc(size > 0 ? size : 1), size);
}

/* Not aligned_alloc: that asks for more than it keeps, so what was freed does not fit the next of the same size. How far
 * it was moved stands in front of it. */
void *
mem_lines(size_t size)
{
	uint8_t *memory = mem_alloc(size + MEM_LINE);
	uint8_t *at = (uint8_t *)(((uintptr_t)memory + MEM_LINE) & ~(uintptr_t)(MEM_LINE - 1));

	at[-1] = (uint8_t)(at - memory);
	return at;
}

void
mem_lines_free(void *lines)
{
	uint8_t *at = lines;

	if (at)
		mem_free(at - at[-1]);
}

void *
mem_resize(void *memory, size_t size)
{
	return checked(realloc(memory, size > 0 ? size : 1), size);
}

void *
mem_copy(const void *from, size_t size)
{
	void *to = mem_alloc(size);

	if (size > 0)
		memcpy(to, from, size);
	return to;
}

char *
mem_text(const char *from, size_t len)
{
	char *to = mem_alloc(len + 1);

	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
	return to;
}

void
mem_free(void *memory)
{
	free(memory);
}

void *
mem_grow_more(void *array, size_t *cap, size_t want, size_t size)
{
	size_t more = *cap <= SIZE_MAX / 2 ? *cap * 2 : want;
	if (more < want)
		more = want;
	if (more < 8)
		more = size == 1 ? 64 : 8; /* octets: less is not worth to be asked for */
	array = mem_resize(array, product(more, size));
	*cap = more;
	return array;
}
