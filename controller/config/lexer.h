/* Lines of a configuration file as words. Lines that end in a backslash are joined with the next; words keep
 * the line and column where they stand in the file. Borrows the text. */
#ifndef CONTROLLER_CONFIG_LEXER_H
#define CONTROLLER_CONFIG_LEXER_H
#include <stdbool.h>
#include <stddef.h>
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"

struct lexer_piece {
	size_t start; /* in the joined line, in characters */
	unsigned line;
};

struct lexer {
	const char *text;
	size_t len, at;
	unsigned line; /* of the next line */
	struct words_line words; /* of the current line */
	struct text joined;
	struct lexer_piece *piece;
	size_t pieces, piece_cap;
	size_t characters; /* of the joined line */
};

void lexer_init(struct lexer *, const char *text, size_t len);
void lexer_fini(struct lexer *);
/* Cut the next line that has words. 1, 0 at the end, -1 with a reason. */
int lexer_next(struct lexer *, struct reason *);
/* Unquoted ; { or } */
bool lexer_ends_statement(const struct word *);
/* A line of the text without its end, for a message. */
const char *lexer_source(const struct lexer *, unsigned line, size_t *len);
#endif
