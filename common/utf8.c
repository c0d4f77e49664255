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
