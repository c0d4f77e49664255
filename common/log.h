/* The log: text on a terminal, JSON lines otherwise ({"time","level","who","message"}). One line an
 * event: who, what, why. Never blocks: what a full stderr does not take is dropped and counted. Text that
 * came from outside is escaped. Only speaker/ and controller/ (and the loop's own failures) log. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_NONE = -1, LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_AUTO, LOG_TEXT, LOG_JSON };

/* To `fd` (kept the caller's). Before log_open: text on stderr, level INFO. */
void log_open(int fd, enum log_format, enum log_level, const char *program);
void log_level_set(enum log_level);
/* none, error, warning, info, debug. -1: none of these. */
int log_level_scan(enum log_level *, const char *word);
bool log_wants(enum log_level);
void log_error(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warning(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a remote can trigger at will: at most `burst` lines a second pass, the rest is counted and told
 * with the next line that passes. Zero-initialise one per source. */
struct log_limit {
	uint64_t second;
	uint32_t used, dropped;
};
bool log_allow(struct log_limit *, uint32_t burst);

/* What comes again and again for one reason, as of a connection that is tried ten times a second: the same text passes once a
 * minute, of others at most `burst` a second, and the rest is counted as above. Of texts by turns the last four are known. */
struct log_again {
	struct log_limit limit;
	struct {
		uint64_t hash, until; /* in microseconds */
	} said[4];
	uint32_t next;
};
bool log_news(struct log_again *, const char *text, uint32_t burst, uint64_t now /* clock_monotonic() */);
#endif
