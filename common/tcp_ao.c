#include "common/tcp_ao.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/tcp_ao_kernel.h"

/* A session has one key, and a second while it changes; a listening socket lends it what ranges have besides. */
enum { KEYS = 16 };

/* AES_128_CMAC has a key of 16 octets; of another the kernel makes one (RFC 5926 section 3.1.1.2) and keeps that. */
enum { CMAC_KEY = 16 };

static const char *const algorithms[] = {
	[TCP_AO_HMAC_SHA_1_96] = "hmac(sha1)",
	[TCP_AO_AES_128_CMAC_96] = "cmac(aes128)",
	[TCP_AO_HMAC_SHA_256] = "hmac(sha256)",
};

const char *
tcp_ao_why(int error)
{
	switch (error) {
	case ENOPROTOOPT:
	case ENOSYS:
		return "the kernel has no TCP-AO (Linux 6.7 with CONFIG_TCP_AO is needed)";
	case ENOENT:
		return "the kernel does not have the key's algorithm";
	case EEXIST:
		return "another key of this number holds for the address";
	case EKEYREJECTED:
		return "an MD5 key holds for the address";
	case ENOKEY:
		return "its key is not there";
	case ENOMEM:
		return "the socket has too many keys: net.core.optmem_max bounds them";
	default:
		return strerror(error);
	}
}

/* Without TCP-AO some kernels call the option invalid, and some do not know it: a socket that has no key yet tells. */
static bool
is_known(int fd)
{
	struct tcp_ao_info_opt info = { 0 };
	socklen_t len = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_AO_INFO, &info, &len) == 0 || errno == ENOENT;
}

static int
place(const struct addr *peer, struct __kernel_sockaddr_storage *to)
{
	struct sockaddr_storage where = { 0 };

	_Static_assert(sizeof where == sizeof *to, "both are the kernel's");
	if (addr_to_sockaddr(peer, 0, &where) == 0) {
		errno = EINVAL;
		return -1;
	}
	memcpy(to, &where, sizeof *to);
	return 0;
}

static int
add(int fd, const struct addr *peer, uint8_t prefix, const struct tcp_ao_key *key, bool ask)
{
	struct tcp_ao_add o = { .set_rnext = ask,
		.prefix = prefix,
		.sndid = key->id,
		.rcvid = key->id,
		.keylen = key->len };
	bool known =
	    key->algorithm < sizeof algorithms / sizeof algorithms[0] && algorithms[key->algorithm];

	if (key->len == 0) {
		errno = ENOKEY;
		return -1;
	}
	if (!known || key->len > sizeof o.key) {
		errno = EINVAL;
		return -1;
	}
	if (place(peer, &o.addr) < 0)
		return -1;
	strcpy(o.alg_name, algorithms[key->algorithm]);
	memcpy(o.key, key->secret, key->len);
	if (setsockopt(fd, IPPROTO_TCP, TCP_AO_ADD_KEY, &o, sizeof o) == 0)
		return 0;
	if (errno == EINVAL && !is_known(fd))
		errno = ENOPROTOOPT;
	return -1;
}

int
tcp_ao_add(int fd, const struct addr *peer, uint8_t prefix, const struct tcp_ao_key *key)
{
	return add(fd, peer, prefix, key, false);
}

int
tcp_ao_check(const struct addr *peer, uint8_t prefix, const struct tcp_ao_key *key)
{
	int fd = socket(peer->family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result, why;

	if (fd < 0)
		return 0;
	result = add(fd, peer, prefix, key, false);
	why = errno;
	close(fd);
	errno = why;
	return result;
}

static int
drop_key(
    int fd, const struct __kernel_sockaddr_storage *peer, uint8_t prefix, uint8_t id, bool listens)
{
	/* or it waits until no other processor looks at the key, which takes milliseconds */
	struct tcp_ao_del o = {
		.addr = *peer, .del_async = listens, .prefix = prefix, .sndid = id, .rcvid = id
	};

	return setsockopt(fd, IPPROTO_TCP, TCP_AO_DEL_KEY, &o, sizeof o);
}

int
tcp_ao_remove(int fd, const struct addr *peer, uint8_t prefix, uint8_t id)
{
	struct __kernel_sockaddr_storage where;

	return place(peer, &where) < 0 ? -1 : drop_key(fd, &where, prefix, id, true);
}

/* All keys of a socket: how many, or -1. */
static int
list(int fd, struct tcp_ao_getsockopt keys[KEYS])
{
	socklen_t len = sizeof keys[0];

	memset(keys, 0, KEYS * sizeof keys[0]);
	keys[0].nkeys = KEYS;
	keys[0].get_all = 1;
	if (getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, keys, &len) < 0)
		return -1;
	if (len != sizeof keys[0] || keys[0].nkeys > KEYS) {
		errno = E2BIG;
		return -1;
	}
	return (int)keys[0].nkeys;
}

/* By number, and by the secret where the kernel tells it as it was given. */
static bool
is_same(const struct tcp_ao_getsockopt *have, const struct tcp_ao_key *key)
{
	if (have->sndid != key->id || have->rcvid != key->id)
		return false;
	if (key->algorithm == TCP_AO_AES_128_CMAC_96 && key->len != CMAC_KEY)
		return true;
	return have->keylen == key->len && memcmp(have->key, key->secret, key->len) == 0;
}

static int
delete_others(int fd, const struct tcp_ao_getsockopt *keys, int count, int but)
{
	for (int i = 0; i < count; i++)
		if (i != but &&
		    drop_key(fd, &keys[i].addr, keys[i].prefix, keys[i].sndid, false) < 0)
			return -1;
	return 0;
}

static int
find(const struct tcp_ao_getsockopt *keys, int count, const struct tcp_ao_key *key)
{
	for (int i = 0; i < count; i++)
		if (is_same(&keys[i], key))
			return i;
	return -1;
}

int
tcp_ao_only(int fd, const struct tcp_ao_key *key)
{
	struct tcp_ao_getsockopt keys[KEYS];
	int count = list(fd, keys), at = find(keys, count, key);

	if (count < 0)
		return -1;
	if (at < 0 || !keys[at].is_current || !keys[at].is_rnext) {
		errno = ENOKEY;
		return -1;
	}
	return delete_others(fd, keys, count, at);
}

int
tcp_ao_ask(int fd, const struct addr *peer, const struct tcp_ao_key *key)
{
	struct tcp_ao_info_opt info = { .set_rnext = 1, .rnext = key->id };
	struct tcp_ao_getsockopt keys[KEYS];
	int count = list(fd, keys);

	if (count < 0)
		return -1;
	/* back to one that was not removed yet */
	if (find(keys, count, key) >= 0 && key->algorithm != TCP_AO_AES_128_CMAC_96)
		return setsockopt(fd, IPPROTO_TCP, TCP_AO_INFO, &info, sizeof info);
	return add(fd, peer, (uint8_t)(addr_size(peer) * 8), key, true);
}

int
tcp_ao_settled(int fd, const struct tcp_ao_key *key)
{
	struct tcp_ao_getsockopt keys[KEYS];
	int count = list(fd, keys), at = find(keys, count, key);

	if (count < 0)
		return -1;
	if (at < 0 || !keys[at].is_current || keys[at].pkt_good == 0)
		return 0;
	return delete_others(fd, keys, count, at) < 0 ? -1 : 1;
}
