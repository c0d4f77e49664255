/* TCP sockets of BGP sessions: non-blocking, CLOEXEC. Every function gives an fd or -1 with errno. */
#ifndef COMMON_TCP_H
#define COMMON_TCP_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/tcp_ao.h"

struct tcp_options {
	struct addr local;         /* bind to; none: the kernel picks */
	uint16_t local_port;       /* 0: any */
	const char *md5_password;  /* RFC 2385, NULL: none */
	struct addr md5_address;   /* the peer the key is for */
	uint8_t md5_prefix;        /* its length, for ranges; 0: host */
	const struct tcp_ao_key *ao; /* RFC 5925, NULL: none; of tcp_connect alone, for the peer */
	int ttl_out;               /* -1: the kernel's */
	int ttl_min;               /* RFC 5082: drop what arrives with less; -1: off */
	const char *interface;     /* SO_BINDTODEVICE, NULL: none */
	uint32_t buffer;           /* SO_SNDBUF, 0: the kernel's */
};

int tcp_connect(const struct addr *peer, uint16_t port, const struct tcp_options *); /* in progress */
int tcp_connected(int fd);                       /* 0, or -1 with errno: what became of tcp_connect */
/* Answers to connections carry TTL 255 unless ttl_out says otherwise, as a peer with RFC 5082 wants. */
int tcp_listen(const struct addr *local, uint16_t port, const struct tcp_options *);
int tcp_listen_key(int fd, const struct addr *peer, uint8_t prefix, const char *md5_password); /* NULL removes */
int tcp_accept(int fd, struct addr *peer, uint16_t *peer_port, struct addr *local);
int tcp_apply(int fd, const struct tcp_options *); /* TTLs and buffer of an accepted socket */
/* The TTL or hop limit with which an accepted connection began, once; -1: the kernel did not keep it. */
int tcp_syn_ttl(int fd);
int tcp_local(int fd, struct addr *, uint16_t *port);
#endif
