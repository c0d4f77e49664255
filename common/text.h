/* A growing, always NUL-terminated text. Zero-initialise ({ 0 }) and text_fini when done. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *base;     /* NULL until something is added; use text_str for reading */
	size_t len, cap;
};

void text_fini(struct text *);
void text_clear(struct text *);                      /* empty, memory kept */
const char *text_str(const struct text *);           /* "" when nothing was added */
void text_char(struct text *, char);
void text_add(struct text *, const char *);
void text_addn(struct text *, const char *, size_t len);
/* Room for so many more, for the caller to write to; then how many it has written. */
char *text_room(struct text *, size_t len);
void text_filled(struct text *, size_t len);
void text_uint(struct text *, uint64_t);
void text_hex(struct text *, const void *, size_t len); /* lower case, no prefix */
void text_hex_upper(struct text *, const void *, size_t len);
void text_printf(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *, const char *format, va_list) __attribute__((format(printf, 2, 0)));
void text_cut(struct text *, size_t len);             /* shorten to len */
char *text_trim(char *);                              /* without the blanks around it: written into, borrowed */
#endif
