#include "common/tcp.h"
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* linux/in.h and linux/in6.h cannot stand beside netinet/in.h */
#ifndef IP_MINTTL
#define IP_MINTTL 21
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum {
	TRAFFIC_CLASS = 0xc0, /* CS6: network control, RFC 4594 */
	TTL_MOST = 255
};

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value);
}

/* -1 and closed, with errno as it was. */
static int
fail(int fd)
{
	int why = errno;

	close(fd);
	errno = why;
	return -1;
}

static int
set_ttl(int fd, uint8_t family, int ttl)
{
	return family == 6 ? set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
			   : set(fd, IPPROTO_IP, IP_TTL, ttl);
}

static int
set_ttl_min(int fd, uint8_t family, int ttl)
{
	return family == 6 ? set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, ttl)
			   : set(fd, IPPROTO_IP, IP_MINTTL, ttl);
}

/* RFC 2385. NULL takes the key away. */
static int
set_key(int fd, const struct addr *peer, uint8_t prefix, const char *password)
{
	struct tcp_md5sig key = { 0 };
	size_t len = password ? strlen(password) : 0;
	struct sockaddr_storage where;
	int option = TCP_MD5SIG;

	if (addr_to_sockaddr(peer, 0, &where) == 0 || len > TCP_MD5SIG_MAXKEYLEN) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&key.tcpm_addr, &where, sizeof where);
	if (len > 0)
		memcpy(key.tcpm_key, password, len);
	key.tcpm_keylen = (uint16_t)len;
	if (prefix > 0 && prefix < addr_size(peer) * 8) {
		key.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		key.tcpm_prefixlen = prefix;
		option = TCP_MD5SIG_EXT;
	}
	return setsockopt(fd, IPPROTO_TCP, option, &key, sizeof key);
}

/* What is the same for every session and is not a matter of its options. */
static int
new_socket(uint8_t family)
{
	int fd =
	    socket(family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (set(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
		return fail(fd);
	if (family == 6 ? set(fd, IPPROTO_IPV6, IPV6_TCLASS, TRAFFIC_CLASS) < 0 ||
			      set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0
			: set(fd, IPPROTO_IP, IP_TOS, TRAFFIC_CLASS) < 0)
		return fail(fd);
	return fd;
}

/* Device and key. */
static int
prepare(int fd, const struct tcp_options *o)
{
	if (o->interface && o->interface[0] &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->interface,
		(socklen_t)strlen(o->interface) + 1) < 0)
		return -1;
	if (o->md5_password && o->md5_password[0])
		return set_key(fd, &o->md5_address, o->md5_prefix, o->md5_password);
	return 0;
}

static uint8_t
family_of(int fd)
{
	int domain = 0;
	socklen_t len = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return 0;
	return domain == AF_INET6 ? 6 : 4;
}

/* --- connecting --- */

/* With an address and no port, the port is found when the peer is known: many sessions may share it. */
static int
bind_local(int fd, uint8_t family, const struct tcp_options *o)
{
	struct addr any = { .family = family };
	const struct addr *local = o->local.family ? &o->local : &any;
	struct sockaddr_storage where;

	if (o->local.family == 0 && o->local_port == 0)
		return 0;
	if (local->family != family) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) < 0 ||
	    set(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
		return -1;
	return bind(fd, (struct sockaddr *)&where, addr_to_sockaddr(local, o->local_port, &where));
}

int
tcp_connect(const struct addr *peer, uint16_t port, const struct tcp_options *o)
{
	struct sockaddr_storage where;
	socklen_t len = addr_to_sockaddr(peer, port, &where);
	int fd;

	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = new_socket(peer->family);
	if (fd < 0)
		return -1;
	if (prepare(fd, o) < 0 || tcp_apply(fd, o) < 0 || bind_local(fd, peer->family, o) < 0)
		return fail(fd);
	if (o->ao && tcp_ao_add(fd, peer, (uint8_t)(addr_size(peer) * 8), o->ao) < 0)
		return fail(fd);
	if (connect(fd, (struct sockaddr *)&where, len) < 0 && errno != EINPROGRESS)
		return fail(fd);
	return fd;
}

int
tcp_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int);
	int why = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
		return -1;
	if (why != 0) {
		errno = why;
		return -1;
	}
	len = sizeof peer;
	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
		return 0;
	if (errno == ENOTCONN)
		errno = EINPROGRESS;
	return -1;
}

/* --- listening --- */

/* Before we know who it is, we answer with a TTL that one who asks for RFC 5082 accepts; tcp_apply says what
 * the session sends with. */
int
tcp_listen(const struct addr *local, uint16_t port, const struct tcp_options *o)
{
	struct sockaddr_storage where;
	socklen_t len = addr_to_sockaddr(local, port, &where);
	int fd;

	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = new_socket(local->family);
	if (fd < 0)
		return -1;
	(void)set(fd, IPPROTO_TCP, TCP_SAVE_SYN, 1);
	if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0 || prepare(fd, o) < 0 ||
	    set_ttl(fd, local->family, o->ttl_out > 0 ? o->ttl_out : TTL_MOST) < 0 ||
	    (o->ttl_min > 0 && set_ttl_min(fd, local->family, o->ttl_min) < 0) ||
	    bind(fd, (struct sockaddr *)&where, len) < 0 || listen(fd, SOMAXCONN) < 0)
		return fail(fd);
	return fd;
}

int
tcp_listen_key(int fd, const struct addr *peer, uint8_t prefix, const char *md5_password)
{
	if (md5_password && !md5_password[0])
		md5_password = NULL;
	return set_key(fd, peer, prefix, md5_password);
}

int
tcp_syn_ttl(int fd)
{
	uint8_t syn[256];
	socklen_t len = sizeof syn;

	if (getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len) < 0 || len < 20)
		return -1;
	return syn[0] >> 4 == 6 ? syn[7] : syn[8];
}

int
tcp_accept(int fd, struct addr *peer, uint16_t *peer_port, struct addr *local)
{
	struct sockaddr_storage where;
	socklen_t len = sizeof where;
	int got = accept4(fd, (struct sockaddr *)&where, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	uint16_t port;

	if (got < 0)
		return -1;
	*peer = addr_of_sockaddr((struct sockaddr *)&where, peer_port);
	if (tcp_local(got, local, &port) < 0)
		return fail(got);
	return got;
}

/* --- any session --- */

int
tcp_apply(int fd, const struct tcp_options *o)
{
	uint8_t family = family_of(fd);
	int buffer = o->buffer < INT32_MAX ? (int)o->buffer : INT32_MAX;

	if (buffer > 0 && set(fd, SOL_SOCKET, SO_SNDBUF, buffer) < 0)
		return -1;
	if (family == 0 || set_ttl(fd, family, o->ttl_out > 0 ? o->ttl_out : -1) < 0)
		return -1;
	return set_ttl_min(fd, family, o->ttl_min > 0 ? o->ttl_min : 0);
}

int
tcp_local(int fd, struct addr *local, uint16_t *port)
{
	struct sockaddr_storage where;
	socklen_t len = sizeof where;

	if (getsockname(fd, (struct sockaddr *)&where, &len) < 0)
		return -1;
	*local = addr_of_sockaddr((struct sockaddr *)&where, port);
	return 0;
}
