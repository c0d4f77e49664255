#include "common/addr.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { IPV4 = 4, IPV6 = 16 };

static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff }; /* RFC 4291 section 2.5.5.2 */

/* Four numbers without zeros in front, as inet_pton takes them; by hand, for every route that is typed passes here.
 * Gives what stands behind them, NULL when it is something else. */
static const char *
scan_v4(const char *text, uint8_t *octet)
{
	for (unsigned i = 0; i < 4; i++) {
		const char *start = text;
		unsigned value = 0;

		if (i > 0 && *start++ != '.')
			return NULL;
		for (text = start; text - start < 3 && *text >= '0' && *text <= '9'; text++)
			value = value * 10 + (unsigned)(*text - '0');
		if (text == start || (*start == '0' && text - start > 1) || value > UINT8_MAX)
			return NULL;
		octet[i] = (uint8_t)value;
	}
	return text;
}

int
addr_scan(struct addr *a, const char *text)
{
	struct addr found = { .family = 4 };
	const char *end = scan_v4(text, found.bytes);

	if (!end || *end != '\0') {
		found = (struct addr){ .family = 6 };
		if (inet_pton(AF_INET6, text, found.bytes) != 1)
			return -1;
	}
	*a = found;
	return 0;
}

/* Numbers by hand: every route that is shown passes here. */
static char *
print_decimal(char *to, unsigned value)
{
	if (value >= 100)
		*to++ = (char)('0' + value / 100);
	if (value >= 10)
		*to++ = (char)('0' + value / 10 % 10);
	*to++ = (char)('0' + value % 10);
	return to;
}

static char *
print_v4(char *to, const uint8_t *octet)
{
	for (int i = 0; i < IPV4; i++) {
		if (i > 0)
			*to++ = '.';
		to = print_decimal(to, octet[i]);
	}
	return to;
}

static unsigned
group(const uint8_t *bytes, int i)
{
	return (unsigned)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
}

static char *
print_group(char *to, unsigned value)
{
	int shift = value >= 0x1000 ? 12 : value >= 0x100 ? 8 : value >= 0x10 ? 4 : 0;

	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[value >> shift & 15];
	return to;
}

/* The first of the longest runs of zero groups, of two or more (RFC 5952 section 4.2). */
static int
zero_run(const uint8_t *bytes, int *length)
{
	int best = 8;

	*length = 1;
	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && group(bytes, i + n) == 0)
			n++;
		if (n > *length) {
			*length = n;
			best = i;
		}
		i += n;
	}
	return best;
}

static char *
print_v6(char *to, const uint8_t *bytes)
{
	int length, run;

	if (memcmp(bytes, v4_mapped, sizeof v4_mapped) == 0) { /* RFC 5952 section 5 */
		memcpy(to, "::ffff:", 7);
		return print_v4(to + 7, bytes + sizeof v4_mapped);
	}
	run = zero_run(bytes, &length);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			*to++ = ':';
			*to++ = ':';
			i += length - 1;
			continue;
		}
		if (i > 0 && i != run + length)
			*to++ = ':';
		to = print_group(to, group(bytes, i));
	}
	return to;
}

/* Gives the end, where the NUL stands. */
static char *
print(const struct addr *a, char *to)
{
	if (a->family == 4)
		to = print_v4(to, a->bytes);
	else if (a->family == 6)
		to = print_v6(to, a->bytes);
	*to = '\0';
	return to;
}

const char *
addr_print(const struct addr *a, char out[ADDR_TEXT])
{
	print(a, out);
	return out;
}

struct addr
addr_v4(uint32_t host_order)
{
	return (struct addr){ .family = 4,
		.bytes = { (uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
		    (uint8_t)(host_order >> 8), (uint8_t)host_order } };
}

struct addr
addr_of(const void *bytes, size_t len)
{
	struct addr a = { 0 };

	if (len != IPV4 && len != IPV6)
		return a;
	a.family = len == IPV4 ? 4 : 6;
	memcpy(a.bytes, bytes, len);
	return a;
}

uint32_t
addr_u32(const struct addr *a)
{
	const uint8_t *b = a->bytes;

	if (a->family != 4)
		return 0;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

size_t
addr_size(const struct addr *a)
{
	return a->family == 4 ? IPV4 : a->family == 6 ? IPV6 : 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_compare(a, b) == 0;
}

int
addr_compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, addr_size(a));
}

bool
addr_is_any(const struct addr *a)
{
	static const uint8_t zero[IPV6];

	return a->family != 0 && memcmp(a->bytes, zero, addr_size(a)) == 0;
}

bool
addr_is_link_local(const struct addr *a)
{
	return a->family == 6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool
addr_is_multicast(const struct addr *a)
{
	return (a->family == 4 && a->bytes[0] >> 4 == 14) ||
	       (a->family == 6 && a->bytes[0] == 0xff);
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[IPV6] = { [IPV6 - 1] = 1 };

	return (a->family == 4 && a->bytes[0] == 127) ||
	       (a->family == 6 && memcmp(a->bytes, one, IPV6) == 0);
}

/* One to three digits, at most max; -1 otherwise. */
static int
scan_length(const char *text, int max)
{
	int len = 0, digits = 0;

	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 3; digits++)
		len = len * 10 + (text[digits] - '0');
	return digits > 0 && text[digits] == '\0' && len <= max ? len : -1;
}

/* The address in front of a slash. Gives where that stands, or the end. */
static const char *
scan_host(const char *text, struct addr *a)
{
	const char *slash = strchrnul(text, '/');
	size_t n = (size_t)(slash - text);
	char host[ADDR_TEXT + 1];

	if (n >= sizeof host)
		return NULL;
	memcpy(host, text, n);
	host[n] = '\0';
	return addr_scan(a, host) == 0 ? slash : NULL;
}

int
prefix_scan(struct prefix *p, const char *text)
{
	struct prefix found = { .addr.family = 4 };
	const char *slash = scan_v4(text, found.addr.bytes);
	int len, max = 8 * IPV4;

	if (!slash || (*slash != '/' && *slash != '\0')) {
		slash = scan_host(text, &found.addr);
		if (!slash)
			return -1;
		max = 8 * (int)addr_size(&found.addr);
	}
	len = *slash == '/' ? scan_length(slash + 1, max) : max;
	if (len < 0)
		return -1;
	found.len = (uint8_t)len;
	*p = found;
	return 0;
}

bool
prefix_clean(const struct prefix *p)
{
	struct prefix masked = *p;

	prefix_mask(&masked);
	return addr_equal(&masked.addr, &p->addr);
}

void
prefix_mask(struct prefix *p)
{
	size_t whole = p->len / 8;

	if (whole >= addr_size(&p->addr))
		return;
	p->addr.bytes[whole] &= (uint8_t)(0xff00 >> p->len % 8);
	memset(p->addr.bytes + whole + 1, 0, sizeof p->addr.bytes - whole - 1);
}

const char *
prefix_print(const struct prefix *p, char out[PREFIX_TEXT])
{
	prefix_print_len(p, out);
	return out;
}

size_t
prefix_print_len(const struct prefix *p, char out[PREFIX_TEXT])
{
	char *to = print(&p->addr, out);

	if (p->addr.family != 0) {
		*to++ = '/';
		to = print_decimal(to, p->len);
	}
	*to = '\0';
	return (size_t)(to - out);
}

bool
prefix_holds(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->len / 8;

	if (a->family == 0 || a->family != p->addr.family || p->len > 8 * addr_size(a) ||
	    memcmp(a->bytes, p->addr.bytes, whole) != 0)
		return false;
	return p->len % 8 == 0 || (a->bytes[whole] ^ p->addr.bytes[whole]) >> (8 - p->len % 8) == 0;
}

socklen_t
addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(out, 0, sizeof *out);
	if (a->family == 4) {
		memcpy(&v4.sin_addr, a->bytes, IPV4);
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	if (a->family != 6)
		return 0;
	memcpy(&v6.sin6_addr, a->bytes, IPV6);
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}

static struct addr
of_v6(const struct sockaddr_in6 *v6)
{
	const uint8_t *bytes = v6->sin6_addr.s6_addr;

	if (memcmp(bytes, v4_mapped, sizeof v4_mapped) == 0)
		return addr_of(bytes + sizeof v4_mapped, IPV4);
	return addr_of(bytes, IPV6);
}

struct addr
addr_of_sockaddr(const struct sockaddr *from, uint16_t *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (port)
		*port = 0;
	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		if (port)
			*port = ntohs(v4.sin_port);
		return addr_of(&v4.sin_addr, IPV4);
	}
	if (from->sa_family != AF_INET6)
		return (struct addr){ 0 };
	memcpy(&v6, from, sizeof v6);
	if (port)
		*port = ntohs(v6.sin6_port);
	return of_v6(&v6);
}
