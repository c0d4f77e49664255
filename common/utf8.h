/* Whether octets are UTF-8 text (RFC 3629: nothing overlong, no surrogates, nothing above U+10FFFF). */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/* How many octets the character at the start of `s` has; 0 when none starts there or `left` is 0. */
size_t utf8_len(const char *s, size_t left);
bool utf8_valid(const char *s, size_t len);
/* Whether the character of `len` octets (as utf8_len told) is none to show: a control, a line or paragraph
 * separator, or one that turns the direction of what follows. */
bool utf8_control(const char *s, size_t len);
#endif
