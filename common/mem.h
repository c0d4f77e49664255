/* Memory. Running out aborts here and nowhere else; sizes that come from outside are checked against
 * a named bound before they reach these functions. */
#ifndef COMMON_MEM_H
#define COMMON_MEM_H
#include <stddef.h>

enum { MEM_LINE = 64 };

void *mem_zero(size_t size); /* zeroed; free with mem_free */
void *mem_alloc(size_t size);
/* Beginning where a line of the cache does; free with mem_lines_free. */
void *mem_lines(size_t size);
void mem_lines_free(void *); /* NULL is fine */
void *mem_resize(void *, size_t size); /* realloc */
void *mem_copy(const void *, size_t size);
char *mem_text(const char *, size_t len); /* a NUL-terminated copy */
void mem_free(void *); /* NULL is fine */
/* What is there is read soon. To an optimizer of whole programs a function that does nothing else would seem to do
 * nothing: so this does something. */
static inline void
mem_soon(const void *p)
{
	__builtin_prefetch(p);
	__asm__ volatile("");
}
/* Grow *array of elements of `size` octets so that it holds `want`; *cap is updated (doubles). Mostly it does: what it
 * does not is mem_grow_more's. */
void *mem_grow_more(void *array, size_t *cap, size_t want, size_t size);
static inline void *
mem_grow(void *array, size_t *cap, size_t want, size_t size)
{
	return want <= *cap ? array : mem_grow_more(array, cap, want, size);
}
#endif
