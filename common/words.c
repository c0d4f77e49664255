/* Cutting a line into words, and a cursor over them. One pass: characters are decoded (escapes) as they
 * are met and given to the cutter, which builds the current word in memory that is large enough for
 * all the words of the line, so that nothing moves meanwhile. */
#include "common/words.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "common/mem.h"
#include "common/utf8.h"

enum {
	WORDS_LINE_MAX = 1 << 26, /* octets; longer is no line that somebody meant */
	SHOWN = 60, /* characters of a word that a reason quotes */
	WINDOW = 64, /* octets that are looked at together */
	SHORT = 16, /* most words are: copied without asking how long they are */
};

struct cutter {
	struct words_line *out;
	const char *at, *end; /* what is left of the line */
	uint32_t line, column;
	int flags;
	struct reason *why;
	char quote; /* the awaited one, or 0 */
	uint32_t opened; /* the column where the quote was opened */
	bool building; /* out->word[out->count] is begun, its text ends at out->used */
};

/* One decoded character. One that was escaped still acts as syntax: escapes are decoded first. */
struct character {
	char octets[4];
	uint8_t len;
};

/* Room for the words of `len` octets: each octet gives at most a word of one character and its NUL. */
static void
reserve(struct words_line *w, size_t len)
{
	size_t had = w->size;

	w->memory = mem_grow(w->memory, &w->size, w->used + 2 * len + 1 + SHORT, 1);
	if (w->size != had) /* moved: the words so far lie one after the other */
		for (size_t i = 0, at = 0; i < w->count; at += w->word[i].len + 1, i++)
			w->word[i].at = w->memory + at;
}

static void
begin(struct cutter *c, bool quoted)
{
	struct words_line *w = c->out;

	if (c->building) {
		w->word[w->count].quoted |= quoted;
		return;
	}
	if (w->count == w->cap)
		w->word = mem_grow(w->word, &w->cap, w->count + 1, sizeof *w->word);
	w->word[w->count] = (struct word){
		.at = w->memory + w->used, .line = c->line, .column = c->column, .quoted = quoted
	};
	c->building = true;
}

static void
append(struct cutter *c, const struct character *x)
{
	begin(c, false);
	memcpy(c->out->memory + c->out->used, x->octets, x->len);
	c->out->used += x->len;
}

static void
finish(struct cutter *c)
{
	struct words_line *w = c->out;
	struct word *word;

	if (!c->building)
		return;
	word = &w->word[w->count++];
	word->len = (uint32_t)(w->memory + w->used - word->at);
	w->memory[w->used++] = '\0';
	c->building = false;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \uXXXX, past the u. */
static int
unicode(struct cutter *c, struct character *x)
{
	uint32_t code = 0;

	for (int i = 0; i < 4; i++, c->at++) {
		int digit = c->at < c->end ? hex_digit(*c->at) : -1;

		if (digit < 0)
			return reason_set(
			    c->why, c->line, c->column, "\\u wants four hexadecimal digits");
		code = code << 4 | (uint32_t)digit;
	}
	if (code == 0 || (code >= 0xd800 && code <= 0xdfff))
		return reason_set(c->why, c->line, c->column, "\\u%04x is no character", code);
	if (code < 0x80) {
		*x = (struct character){ { (char)code }, 1 };
	} else if (code < 0x800) {
		*x = (struct character){ { (char)(0xc0 | code >> 6), (char)(0x80 | (code & 0x3f)) },
			2 };
	} else {
		*x = (struct character){ { (char)(0xe0 | code >> 12),
					     (char)(0x80 | (code >> 6 & 0x3f)),
					     (char)(0x80 | (code & 0x3f)) },
			3 };
	}
	return 0;
}

/* The next character, escapes decoded; the caller sees to it that there is one. */
static int
decode(struct cutter *c, struct character *x)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	size_t len;

	if (*c->at == '\\' && c->at + 1 < c->end) {
		const char *known = memchr(from, *++c->at, sizeof from - 1);

		if (*c->at == 'u') {
			c->at++;
			return unicode(c, x);
		}
		if (known) {
			*x = (struct character){ { to[known - from] }, 1 };
			c->at++;
			return 0;
		}
	}
	len = utf8_len(c->at, (size_t)(c->end - c->at));
	if (len == 0 || *c->at == '\0')
		return reason_set(c->why, c->line, c->column, "octet 0x%02x is no text",
		    (unsigned)(uint8_t)*c->at);
	x->len = (uint8_t)len;
	memcpy(x->octets, c->at, len);
	c->at += len;
	return 0;
}

static void
in_quotes(struct cutter *c, const struct character *x)
{
	char first = x->octets[0];

	if (first == c->quote) {
		c->quote = 0;
		finish(c);
	} else if (first == '"' || first == '\'') {
		c->quote = first;
	} else {
		append(c, x);
	}
}

static void
bare(struct cutter *c, const struct character *x)
{
	switch (x->octets[0]) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		finish(c);
		break;
	case '"':
	case '\'':
		c->quote = x->octets[0];
		c->opened = c->column;
		begin(c, true);
		break;
	case '#':
		finish(c);
		c->at = c->end;
		break;
	case '(':
	case ')':
		if (!(c->flags & WORDS_API)) {
			append(c, x);
			break;
		} /* fall through */
	case ';':
	case '{':
	case '}':
	case ',':
	case '[':
	case ']':
		finish(c);
		append(c, x);
		finish(c);
		break;
	default:
		append(c, x);
	}
}

/* What an octet outside of quotes is, where that is simple. */
enum kind {
	OTHER,
	PLAIN, /* a character by itself, and only ever part of a word: most of a line; in quotes too */
	BLANK,
	MARK /* a word by itself */
};

static const uint8_t kinds[256] = {
	['!'] = PLAIN,
	['$'] = PLAIN,
	['%'] = PLAIN,
	['&'] = PLAIN,
	['*'] = PLAIN,
	['+'] = PLAIN,
	['-'] = PLAIN,
	['.'] = PLAIN,
	['/'] = PLAIN,
	['0' ... '9'] = PLAIN,
	[':'] = PLAIN,
	['<' ... 'Z'] = PLAIN,
	['^' ... 'z'] = PLAIN,
	['|'] = PLAIN,
	['~'] = PLAIN,
	[' '] = BLANK,
	['\t'] = BLANK,
	['\r'] = BLANK,
	['\n'] = BLANK,
	[';'] = MARK,
	['{'] = MARK,
	['}'] = MARK,
	[','] = MARK,
	['['] = MARK,
	[']'] = MARK,
};

/* What is plain from here on, of a word that is more than that. */
static void
append_plain(struct cutter *c)
{
	const char *at = c->at, *end = c->end;
	char *to = c->out->memory + c->out->used;

	begin(c, false);
	do
		*to++ = *at++;
	while (at < end && kinds[(uint8_t)*at] == PLAIN);
	c->out->used += (size_t)(at - c->at);
	c->column += (uint32_t)(at - c->at);
	c->at = at;
}

/* --- words of plain characters, and marks --- */

#ifdef __SSE2__
static __m128i
is(__m128i x, char c)
{
	return _mm_cmpeq_epi8(x, _mm_set1_epi8(c));
}

/* A bit for each of 16 octets that is not plain: the table above in a few instructions. */
static uint64_t
odd_of(const char *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i paired = _mm_or_si128(x, _mm_set1_epi8(1)); /* " is #, ( is ) */
	__m128i square = _mm_or_si128(x, _mm_set1_epi8(0x20)); /* [ is {, ] is } */
	__m128i odd =
	    _mm_cmplt_epi8(x, _mm_set1_epi8('!')); /* as signed ones: what is no ASCII, too */

	odd = _mm_or_si128(odd, _mm_or_si128(is(paired, '#'), is(paired, ')')));
	odd = _mm_or_si128(odd, _mm_or_si128(is(square, '{'), is(square, '}')));
	odd = _mm_or_si128(odd, _mm_or_si128(is(x, '\''), is(x, ',')));
	odd = _mm_or_si128(odd, _mm_or_si128(is(x, ';'), is(x, '\\')));
	odd = _mm_or_si128(odd, is(x, 0x7f));
	return (uint64_t)_mm_movemask_epi8(odd);
}
#else
static uint64_t
odd_of(const char *at)
{
	uint64_t odd = 0;

	for (unsigned i = 0; i < SHORT; i++)
		odd |= (uint64_t)(kinds[(uint8_t)at[i]] != PLAIN) << i;
	return odd;
}
#endif

/* Which of the next octets are not plain; behind the end of the line none is. */
static uint64_t
look(const char *at, const char *end)
{
	char last[WINDOW];
	uint64_t odd = 0;

	if (end - at < WINDOW) {
		memset(last, 0, sizeof last);
		at = memcpy(last, at, (size_t)(end - at));
	}
	for (unsigned i = 0; i < WINDOW; i += SHORT)
		odd |= odd_of(at + i) << i;
	return odd;
}

/* How many octets are plain, where that is more than a window has. */
static __attribute__((noinline)) size_t
count_plain(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && kinds[(uint8_t)*at] == PLAIN)
		at++;
	return (size_t)(at - from);
}

static void
copy_word(char *to, const char *at, size_t len, const char *end)
{
	if (len <= SHORT && end - at >= SHORT)
		memcpy(to, at, SHORT);
	else
		memcpy(to, at, len);
}

/* Most of a line is words of plain characters between blanks and marks: these at once, up to what is something else,
 * or needs more memory. What goes on behind a word makes it one that is not finished. `odd` is what was looked at and
 * lies ahead: nothing when the window ends. */
static void
cut_plain(struct cutter *c)
{
	struct words_line *w = c->out;
	struct word *word = w->word + w->count, *const last = w->word + w->cap;
	const char *at = c->at, *const end = c->end;
	char *to = w->memory + w->used;
	uint32_t line = c->line, column = c->column;
	uint64_t odd = 0;

	while (at < end && word < last) {
		uint8_t kind = kinds[(uint8_t)*at], behind;
		size_t len = 1;

		if (kind == BLANK) {
			at++;
			column++;
			odd >>= 1;
			continue;
		}
		if (kind == OTHER)
			break;
		if (kind == PLAIN) {
			if (odd == 0)
				odd = look(at, end);
			len = odd ? (unsigned)__builtin_ctzll(odd) : count_plain(at, end);
		}
		copy_word(to, at, len, end);
		*word =
		    (struct word){ .at = to, .len = (uint32_t)len, .line = line, .column = column };
		column += (uint32_t)len;
		at += len;
		to += len;
		odd = odd ? odd >> len : 0;
		behind = at < end ? kinds[(uint8_t)*at] : MARK;
		if (kind == PLAIN && behind == OTHER) {
			c->building = true;
			break;
		}
		*to++ = '\0';
		word++;
		if (behind == BLANK) { /* mostly one: not once more round for it */
			at++;
			column++;
			odd >>= 1;
		}
	}
	w->count = (size_t)(word - w->word);
	w->used = (size_t)(to - w->memory);
	c->column = column;
	c->at = at;
}

static int
cut(struct cutter *c)
{
	while (c->at < c->end) {
		const char *start = c->at;
		struct character x = { 0 };

		if (!c->building && !c->quote)
			cut_plain(c);
		else if (kinds[(uint8_t)*c->at] == PLAIN)
			append_plain(c);
		if (c->at == c->end)
			break;
		start = c->at;
		if (decode(c, &x) < 0)
			return -1;
		if (c->quote)
			in_quotes(c, &x);
		else
			bare(c, &x);
		for (; start < c->at; start++) /* columns count characters as they were written */
			c->column += (*start & 0xc0) != 0x80;
	}
	if (c->quote)
		return reason_set(c->why, c->line, c->opened, "quote without end");
	finish(c);
	return 0;
}

int
words_cut(struct words_line *w, const char *line, size_t len, unsigned line_number, int flags,
    struct reason *why)
{
	struct cutter c = { .out = w,
		.at = line,
		.end = line + len,
		.line = line_number,
		.column = 1,
		.flags = flags,
		.why = why };
	size_t count = w->count, used = w->used;

	if (len == 0)
		return 0;
	if (len > WORDS_LINE_MAX)
		return reason_set(why, line_number, 1, "line of %zu octets is too long", len);
	reserve(w, len);
	if (cut(&c) == 0)
		return 0;
	w->count = count; /* nothing of a refused line stays */
	w->used = used;
	return -1;
}

void
words_line_clear(struct words_line *w)
{
	w->count = w->used = 0;
}

void
words_line_fini(struct words_line *w)
{
	mem_free(w->word);
	mem_free(w->memory);
	*w = (struct words_line){ 0 };
}

struct words
words_of(const struct words_line *w)
{
	if (w->count == 0)
		return (struct words){ 0 };
	return (struct words){ .at = w->word,
		.end = w->word + w->count,
		.line = w->word->line,
		.column = w->word->column };
}

bool
words_left(const struct words *w)
{
	return w->at < w->end;
}

const char *
words_peek(const struct words *w)
{
	return w->at < w->end ? w->at->at : "";
}

const struct word *
words_next(struct words *w)
{
	if (w->at >= w->end)
		return NULL;
	w->line = w->at->line;
	w->column = w->at->column;
	return w->at++;
}

bool
words_are(const struct words *w, const char *literal)
{
	return words_left(w) && *w->at->at == *literal && strcmp(w->at->at, literal) == 0;
}

bool
words_take(struct words *w, const char *literal)
{
	if (!words_are(w, literal))
		return false;
	words_next(w);
	return true;
}

int
words_expect(struct words *w, const char *literal, struct reason *why)
{
	char quoted[SHOWN + 3] = "\"";

	if (words_take(w, literal))
		return 0;
	strncat(quoted, literal, SHOWN);
	strcat(quoted, "\"");
	return words_wrong(w, why, quoted);
}

int
words_wrong(const struct words *w, struct reason *why, const char *what)
{
	if (!words_left(w))
		return reason_set(
		    why, w->line, w->column, "expected %s, found the end of the line", what);
	return reason_set(why, w->at->line, w->at->column, "expected %s, found \"%.*s%s\"", what,
	    SHOWN, w->at->at, w->at->len > SHOWN ? "..." : "");
}

int
words_uint(struct words *w, uint64_t min, uint64_t max, const char *what, uint64_t *value,
    struct reason *why)
{
	uint64_t found;

	if (words_left(w) && word_uint(w->at->at, w->at->len, max, &found) == 0 && found >= min) {
		words_next(w);
		*value = found;
		return 0;
	}
	if (!words_left(w))
		return words_wrong(w, why, what);
	return reason_set(why, w->at->line, w->at->column,
	    "expected %s (%llu to %llu), found \"%.*s\"", what, (unsigned long long)min,
	    (unsigned long long)max, SHOWN, w->at->at);
}

enum { DIGITS_SAFE = 19 /* so many of them fit */ };

static int
decimal(const char *text, size_t len, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(uint8_t)text[i] - '0';

		if (digit > 9)
			return -1;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return 0;
}

int
word_uint(const char *text, size_t len, uint64_t max, uint64_t *value)
{
	unsigned base = 10;
	uint64_t sum = 0;

	if (len > 0 && len <= DIGITS_SAFE && decimal(text, len, &sum) == 0) {
		if (sum > max)
			return -1;
		*value = sum;
		return 0;
	}
	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
		len -= 2;
	}
	if (len == 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0 || (unsigned)digit >= base ||
		    __builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, (unsigned)digit, &sum))
			return -1;
	}
	if (sum > max)
		return -1;
	*value = sum;
	return 0;
}

int
word_octets(const char *text, uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return -1;
		octets[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
