#include "common/utf8.h"
#include <stdint.h>

static size_t
long_len(const uint8_t *s, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t code;

	if (len == 0 || len > left)
		return 0;
	code = s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

size_t
utf8_len(const char *s, size_t left)
{
	if (left == 0)
		return 0;
	return (uint8_t)s[0] < 0x80 ? 1 : long_len((const uint8_t *)s, left);
}

bool
utf8_valid(const char *s, size_t len)
{
	for (size_t n; len > 0; s += n, len -= n) {
		n = utf8_len(s, len);
		if (n == 0)
			return false;
	}
	return true;
}

bool
utf8_control(const char *s, size_t len)
{
	const uint8_t *u = (const uint8_t *)s;

	if (len == 1)
		return u[0] < 0x20 || u[0] == 0x7f;
	if (len == 2)
		return u[0] == 0xc2 && u[1] < 0xa0; /* U+0080 to U+009F */
	if (len != 3 || u[0] != 0xe2)
		return false;
	return (u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xa8 && u[2] <= 0xae))) ||
	       (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
}
