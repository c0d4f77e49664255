/* IPv4 and IPv6 addresses and prefixes as values. */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	uint8_t family;    /* 4, 6, or 0: no address */
	uint8_t bytes[16]; /* 4 or 16 of them, network order; the rest is zero */
};

struct prefix {
	struct addr addr;
	uint8_t len;
};

enum { ADDR_TEXT = 46, PREFIX_TEXT = 50 };

int addr_scan(struct addr *, const char *text);         /* -1 when it is no address */
const char *addr_print(const struct addr *, char out[ADDR_TEXT]); /* RFC 5952; returns out; "" if none */
struct addr addr_v4(uint32_t host_order);
struct addr addr_of(const void *bytes, size_t len);     /* len 4 or 16, else no address */
uint32_t addr_u32(const struct addr *);                 /* an IPv4 address in host order, else 0 */
size_t addr_size(const struct addr *);                  /* 4, 16 or 0 */
bool addr_equal(const struct addr *, const struct addr *);
int addr_compare(const struct addr *, const struct addr *); /* IPv4 first, then by octets */
bool addr_is_any(const struct addr *);                  /* 0.0.0.0 or :: */
bool addr_is_link_local(const struct addr *);           /* fe80::/10 */
bool addr_is_multicast(const struct addr *);
bool addr_is_loopback(const struct addr *);

int prefix_scan(struct prefix *, const char *text);     /* without /len: the host; -1 if none; host bits kept */
bool prefix_clean(const struct prefix *);               /* no host bits set */
void prefix_mask(struct prefix *);                      /* clear the host bits */
const char *prefix_print(const struct prefix *, char out[PREFIX_TEXT]);
size_t prefix_print_len(const struct prefix *, char out[PREFIX_TEXT]); /* ... returns its length */
bool prefix_holds(const struct prefix *, const struct addr *);

socklen_t addr_to_sockaddr(const struct addr *, uint16_t port, struct sockaddr_storage *);
struct addr addr_of_sockaddr(const struct sockaddr *, uint16_t *port /* or NULL */); /* v4-mapped becomes v4 */
#endif
