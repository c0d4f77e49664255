/* Words of a line as ExaBGP's tokeniser cuts them, for the configuration and the API alike.
 *
 * Space, tab, CR, LF separate. ; { } , [ ] are words of one character. A word in "..." or '...' keeps
 * everything literal (the other quote character inside it becomes the awaited terminator). '#' outside
 * quotes ends the line. Escapes (\n \t \r \b \f \uXXXX, \x for any other x) are decoded on the whole
 * line before it is cut. With WORDS_API parentheses are words too. */
#ifndef COMMON_WORDS_H
#define COMMON_WORDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reason.h"

struct word {
	const char *at;        /* NUL-terminated, owned by the words_line */
	uint32_t len;
	uint32_t line, column; /* 1-based place of the first character */
	bool quoted;
};

/* Storage of cut words; reusable. Zero-initialise, words_line_fini when done. */
struct words_line {
	struct word *word;
	size_t count, cap;
	char *memory;
	size_t used, size;
};

enum { WORDS_FILE = 0, WORDS_API = 1 };

/* Cut `len` bytes of `line`, appending to what is there. -1 with a reason (unterminated quote, bad
 * escape, a byte that is no UTF-8 text). */
int words_cut(struct words_line *, const char *line, size_t len, unsigned line_number, int flags,
    struct reason *);
void words_line_clear(struct words_line *);
void words_line_fini(struct words_line *);

/* A cursor over words. Value type; borrows from a words_line. */
struct words {
	const struct word *at, *end;
	unsigned line, column; /* where the last taken word stood, for errors at the end of line */
};

struct words words_of(const struct words_line *);
bool words_left(const struct words *);
const char *words_peek(const struct words *);                 /* "" at the end */
const struct word *words_next(struct words *);                /* NULL at the end */
bool words_are(const struct words *, const char *literal);    /* true if it is next */
bool words_take(struct words *, const char *literal);         /* true and moved on if it is next */
/* The same, or -1 with a reason: expected `literal`, found ... */
int words_expect(struct words *, const char *literal, struct reason *);
/* -1 with a reason at the next word (or end of line): "expected <what>, found <word>". */
int words_wrong(const struct words *, struct reason *, const char *what);
/* A decimal (or 0x hexadecimal) number within [min, max]; `what` names it in the reason. */
int words_uint(struct words *, uint64_t min, uint64_t max, const char *what, uint64_t *, struct reason *);
/* As words_uint on a bare text instead of the next word; no reason, -1 when it is none. */
int word_uint(const char *text, size_t len, uint64_t max, uint64_t *);
/* With how many digits a text begins, of at most nine, and their value. */
static inline unsigned
word_digits(const char *text, uint32_t *value)
{
	unsigned n = 0, digit;

	for (*value = 0; n < 9 && (digit = (unsigned)(uint8_t)text[n] - '0') <= 9; n++)
		*value = *value * 10 + digit;
	return n;
}
/* 2 * size hexadecimal digits, as octets; -1 when one of them is none. */
int word_octets(const char *text, uint8_t *octets, size_t size);
#endif
