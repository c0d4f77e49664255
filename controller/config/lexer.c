#include "controller/config/lexer.h"
#include <string.h>
#include "common/mem.h"

void
lexer_init(struct lexer *l, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a file so */

	*l = (struct lexer){ .text = text, .len = len, .line = 1 };
	if (len >= 3 && memcmp(text, mark, 3) == 0)
		l->at = 3;
}

void
lexer_fini(struct lexer *l)
{
	words_line_fini(&l->words);
	text_fini(&l->joined);
	mem_free(l->piece);
	*l = (struct lexer){ 0 };
}

/* The next line of the file; false at its end. */
static bool
line_next(struct lexer *l, const char **line, size_t *len)
{
	const char *start = l->text + l->at;
	size_t left = l->len - l->at;

	if (left == 0)
		return false;
	const char *end = memchr(start, '\n', left);
	*line = start;
	*len = end != NULL ? (size_t)(end - start) : left;
	l->at += end != NULL ? *len + 1 : left;
	return true;
}

static size_t
without_blanks(const char *line, size_t len)
{
	while (len > 0 && strchr(" \t\r\v\f", line[len - 1]) != NULL && line[len - 1] != '\0')
		len--;
	return len;
}

/* Columns count characters, not octets. */
static size_t
characters(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* The next line with all those that a backslash at its end joins to it. */
static bool
joined_next(struct lexer *l)
{
	const char *line;
	size_t len;
	bool more = true, any = false;

	text_clear(&l->joined);
	l->pieces = 0;
	l->characters = 0;
	while (more && line_next(l, &line, &len)) {
		size_t stripped = without_blanks(line, len);
		more = stripped > 0 && line[stripped - 1] == '\\';
		l->piece = mem_grow(l->piece, &l->piece_cap, l->pieces + 1, sizeof(l->piece[0]));
		l->piece[l->pieces++] =
		    (struct lexer_piece){ .start = l->characters, .line = l->line++ };
		len = more ? stripped - 1 : len;
		text_addn(&l->joined, line, len);
		l->characters += characters(line, len);
		any = true;
	}
	return any;
}

/* From a column of the joined line to the place in the file. */
static void
place(const struct lexer *l, unsigned *line, unsigned *column)
{
	size_t offset = *column > 0 ? *column - 1 : 0, i = l->pieces - 1;

	while (i > 0 && l->piece[i].start > offset)
		i--;
	*line = l->piece[i].line;
	if (*column > 0)
		*column = (unsigned)(offset - l->piece[i].start + 1);
}

int
lexer_next(struct lexer *l, struct reason *r)
{
	words_line_clear(&l->words);
	while (l->words.count == 0) {
		if (!joined_next(l))
			return 0;
		if (words_cut(&l->words, text_str(&l->joined), l->joined.len, l->piece[0].line,
			WORDS_FILE, r) < 0) {
			place(l, &r->line, &r->column);
			return -1;
		}
	}
	for (size_t i = 0; l->pieces > 1 && i < l->words.count; i++)
		place(l, &l->words.word[i].line, &l->words.word[i].column);
	return 1;
}

bool
lexer_ends_statement(const struct word *w)
{
	return !w->quoted && w->len == 1 && strchr(";{}", w->at[0]) != NULL;
}

const char *
lexer_source(const struct lexer *l, unsigned line, size_t *len)
{
	const char *at = l->text;
	size_t left = l->len;

	*len = 0;
	for (unsigned i = 1; at != NULL && i < line && left > 0; i++) {
		const char *end = memchr(at, '\n', left);
		if (end == NULL)
			return NULL;
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	if (at == NULL || left == 0)
		return NULL;
	const char *end = memchr(at, '\n', left);
	*len = without_blanks(at, end != NULL ? (size_t)(end - at) : left);
	return at;
}
