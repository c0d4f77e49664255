/* TCP-AO (RFC 5925): the keys of a socket. Linux has it since 6.7, where CONFIG_TCP_AO is set; elsewhere everything here
 * fails with ENOPROTOOPT. A key's number is both its SendID and its RecvID; a MAC has 96 bits, and covers TCP's options.
 * Functions that give an int give 0, or -1 with errno, for which tcp_ao_why has words. */
#ifndef COMMON_TCP_AO_H
#define COMMON_TCP_AO_H
#include <stdint.h>
#include "common/addr.h"

/* RFC 5926; the last is Linux's own, also at 96 bits. These numbers travel in frames. */
enum tcp_ao_algorithm { TCP_AO_HMAC_SHA_1_96 = 1, TCP_AO_AES_128_CMAC_96, TCP_AO_HMAC_SHA_256 };

enum { TCP_AO_SECRET = 80 };

/* Octets alone, so that memcmp tells whether two are the same. */
struct tcp_ao_key {
	uint8_t id, algorithm;
	uint8_t len; /* of the secret; 0: no key */
	uint8_t secret[TCP_AO_SECRET];
};

/* Can this kernel sign with such a key? Asked of a socket that is closed again; where there is none, 0. */
int tcp_ao_check(const struct addr *peer, uint8_t prefix, const struct tcp_ao_key *);
/* A socket that is not connected yet, or listens, has to be signed for with the addresses of this prefix (32 or 128: a
 * host). EEXIST: a key of the same number holds for some of them. */
int tcp_ao_add(int fd, const struct addr *peer, uint8_t prefix, const struct tcp_ao_key *);
/* Of a listening socket: on others the kernel refuses not to wait. */
int tcp_ao_remove(int fd, const struct addr *peer, uint8_t prefix, uint8_t id);
/* An accepted connection: it is signed with this key, both ways, and from now on no other of the listening socket does
 * for it. -1: it is not (ENOKEY), or not signed at all. */
int tcp_ao_only(int fd, const struct tcp_ao_key *);

/* --- another key while the connection stands (RFC 5925 section 6.1) --- */

/* The peer is asked to sign with this key. We do so once it asks for that: before that it may not have it. EEXIST:
 * another key of its number is in use. */
int tcp_ao_ask(int fd, const struct addr *peer, const struct tcp_ao_key *);
/* Has the peer signed with the key, and asked us to? Then the others are removed. 1: yes, 0: not yet. */
int tcp_ao_settled(int fd, const struct tcp_ao_key *);

const char *tcp_ao_why(int error); /* constant */
#endif
