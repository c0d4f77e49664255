/* One line an event, never waited for. A line is at most PIPE_BUF octets: a pipe that polls as writable takes
 * that much at once, even one that would block, and does not mix it with what others write. */
#include "common/log.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/blob.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/text.h"
#include "common/utf8.h"

enum { MESSAGE_MAX = 3000, AGAIN = 60 * 1000000 };

static struct {
	int fd;
	bool json;
	enum log_level level;
	const char *program;
	uint64_t dropped; /* lines that fd did not take, to be told when it does again */
	uint32_t not_shown; /* by log_allow, to be told with the next line */
	char rest[PIPE_BUF]; /* of a line that was taken in part */
	size_t rest_len;
} the = { .fd = STDERR_FILENO, .level = LOG_LEVEL_INFO };

static const char *const level_name[] = { "error", "warning", "info", "debug" };

void
log_open(int fd, enum log_format format, enum log_level level, const char *program)
{
	assert(!program || strlen(program) < 64); /* or no line would fit */
	the.fd = fd;
	the.json = format == LOG_JSON || (format == LOG_AUTO && !isatty(fd));
	the.level = level;
	the.program = program;
	the.rest_len = 0;
}

void
log_level_set(enum log_level level)
{
	the.level = level;
}

int
log_level_scan(enum log_level *level, const char *word)
{
	if (strcmp(word, "none") == 0) {
		*level = LOG_LEVEL_NONE;
		return 0;
	}
	for (int i = 0; i < (int)(sizeof level_name / sizeof level_name[0]); i++)
		if (strcmp(word, level_name[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	return -1;
}

bool
log_wants(enum log_level level)
{
	return level <= the.level;
}

/* Text for a terminal: what could move its cursor or be no text at all is shown as \xNN. */
static void
visible(struct text *to, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = utf8_len(s, len);
		unsigned char c = (unsigned char)*s;
		bool control =
		    c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && n == 2 && (unsigned char)s[1] < 0xa0); /* U+0080 to U+009F */

		if (n > 0 && !control) {
			text_addn(to, s, n);
		} else {
			n = 1;
			text_addn(to, "\\x", 2);
			text_hex(to, s, 1);
		}
		s += n;
		len -= n;
	}
}

static void
text_line(struct text *to, enum log_level level, const char *who, const char *message, size_t len)
{
	char time[32];

	text_add(to, clock_print(clock_wall(), time));
	text_char(to, ' ');
	text_add(to, level_name[level]);
	text_char(to, ' ');
	if (the.program) {
		text_add(to, the.program);
		text_char(to, ' ');
	}
	visible(to, who, strlen(who));
	text_add(to, ": ");
	visible(to, message, len);
	text_char(to, '\n');
}

static void
member(struct text *to, const char *name, const char *value, size_t len)
{
	text_char(to, to->len == 0 ? '{' : ',');
	json_string(to, name, strlen(name));
	text_char(to, ':');
	json_string(to, value, len);
}

static void
json_line(struct text *to, enum log_level level, const char *who, const char *message, size_t len)
{
	char time[32];

	clock_print(clock_wall(), time);
	member(to, "time", time, strlen(time));
	member(to, "level", level_name[level], strlen(level_name[level]));
	if (the.program)
		member(to, "program", the.program, strlen(the.program));
	member(to, "who", who, strlen(who));
	member(to, "message", message, len);
	text_add(to, "}\n");
}

/* How many octets the descriptor took, without waiting: a socket is asked not to block, of anything else it is
 * first seen whether it takes something. */
static size_t
put(const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = the.fd, .events = POLLOUT };
	ssize_t n = send(the.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK && poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT)
		n = write(the.fd, bytes, len);
	return n > 0 ? (size_t)n : 0;
}

/* What is left of an earlier line goes first, so that lines stay lines. */
static bool
put_rest(void)
{
	size_t n = the.rest_len > 0 ? put(the.rest, the.rest_len) : 0;

	the.rest_len -= n;
	memmove(the.rest, the.rest + n, the.rest_len);
	return the.rest_len == 0;
}

static bool
put_line(const struct text *line)
{
	size_t n = put_rest() ? put(line->base, line->len) : 0;

	if (n == 0)
		return false;
	the.rest_len = line->len - n;
	memcpy(the.rest, line->base + n, the.rest_len);
	return true;
}

/* Escaping makes a message up to six times as long: cut it until the line fits. */
static bool
emit(enum log_level level, const char *who, const char *message, size_t len)
{
	struct text line = { 0 };
	bool taken;

	for (;; len = len * 3 / 4) {
		(the.json ? json_line : text_line)(&line, level, who, message, len);
		if (line.len <= PIPE_BUF)
			break;
		if (len == 0)
			who = "?";
		text_clear(&line);
	}
	taken = put_line(&line);
	text_fini(&line);
	return taken;
}

static bool
tell_dropped(void)
{
	char message[64];
	int len;

	if (the.dropped == 0)
		return true;
	len = snprintf(
	    message, sizeof message, "%llu lines were dropped", (unsigned long long)the.dropped);
	if (!emit(LOG_LEVEL_WARNING, "log", message, (size_t)len))
		return false;
	the.dropped = 0;
	return true;
}

static void say(enum log_level level, const char *who, const char *format, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
say(enum log_level level, const char *who, const char *format, va_list ap)
{
	int before = errno;
	uint32_t not_shown = the.not_shown;
	char message[MESSAGE_MAX + 64];
	int len;

	the.not_shown = 0;
	if (!log_wants(level))
		return;
	len = vsnprintf(message, MESSAGE_MAX, format, ap);
	if (len < 0)
		len = 0;
	if (len >= MESSAGE_MAX)
		len = MESSAGE_MAX - 1;
	if (not_shown > 0)
		len += snprintf(message + len, 64, " (%u like this were not shown)", not_shown);
	if (!tell_dropped() || !emit(level, who ? who : "-", message, (size_t)len))
		the.dropped += 1 + (uint64_t)not_shown;
	errno = before;
}

void
log_error(const char *who, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_LEVEL_ERROR, who, format, ap);
	va_end(ap);
}

void
log_warning(const char *who, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_LEVEL_WARNING, who, format, ap);
	va_end(ap);
}

void
log_info(const char *who, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_LEVEL_INFO, who, format, ap);
	va_end(ap);
}

void
log_debug(const char *who, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_LEVEL_DEBUG, who, format, ap);
	va_end(ap);
}

bool
log_allow(struct log_limit *limit, uint32_t burst)
{
	uint64_t second = clock_monotonic() / 1000000;

	if (limit->second != second) {
		limit->second = second;
		limit->used = 0;
	}
	if (limit->used >= burst) {
		limit->dropped++;
		return false;
	}
	limit->used++;
	the.not_shown = limit->dropped; /* of this source; the caller's line is next */
	limit->dropped = 0;
	return true;
}

bool
log_news(struct log_again *again, const char *text, uint32_t burst, uint64_t now)
{
	enum { KNOWN = sizeof again->said / sizeof again->said[0] };
	uint64_t hash = hash_octets(text, strlen(text));
	uint32_t i = 0;

	while (i < KNOWN && again->said[i].hash != hash)
		i++;
	if (i < KNOWN && now < again->said[i].until) {
		again->limit.dropped++;
		return false;
	}
	if (!log_allow(&again->limit, burst))
		return false;
	if (i == KNOWN)
		i = again->next++ % KNOWN;
	again->said[i].hash = hash;
	again->said[i].until = now + AGAIN;
	return true;
}
