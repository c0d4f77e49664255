/* For tcp_ao.c alone: TCP-AO's socket options as the kernel's documented ABI has them (include/uapi/linux/tcp.h and
 * Documentation/networking/tcp_ao.rst, since Linux 6.7). Older headers, Debian 12's among them, do not. */
#ifndef COMMON_TCP_AO_KERNEL_H
#define COMMON_TCP_AO_KERNEL_H
#include <linux/tcp.h>
#include <linux/types.h>

#ifndef TCP_AO_ADD_KEY
#define TCP_AO_ADD_KEY 38
#define TCP_AO_DEL_KEY 39
#define TCP_AO_INFO 40
#define TCP_AO_GET_KEYS 41
#define TCP_AO_MAXKEYLEN 80

struct tcp_ao_add {
	struct __kernel_sockaddr_storage addr; /* the peer's, port 0 */
	char alg_name[64];
	__s32 ifindex;
	__u32 set_current : 1, set_rnext : 1, reserved : 30;
	__u16 reserved2;
	__u8 prefix; /* of the address: 32 or 128 for a host */
	__u8 sndid, rcvid;
	__u8 maclen; /* 0: 12 */
	__u8 keyflags;
	__u8 keylen;
	__u8 key[TCP_AO_MAXKEYLEN];
} __attribute__((aligned(8)));

struct tcp_ao_del {
	struct __kernel_sockaddr_storage addr;
	__s32 ifindex;
	__u32 set_current : 1, set_rnext : 1, del_async : 1, reserved : 29;
	__u16 reserved2;
	__u8 prefix;
	__u8 sndid, rcvid;
	__u8 current_key, rnext;
	__u8 keyflags;
} __attribute__((aligned(8)));

struct tcp_ao_info_opt {
	__u32 set_current : 1, set_rnext : 1, ao_required : 1, set_counters : 1, accept_icmps : 1, reserved : 27;
	__u16 reserved2;
	__u8 current_key, rnext;
	__u64 pkt_good, pkt_bad, pkt_key_not_found, pkt_ao_required, pkt_dropped_icmp;
} __attribute__((aligned(8)));

struct tcp_ao_getsockopt {
	struct __kernel_sockaddr_storage addr;
	__u8 alg_name[64];
	__u8 key[TCP_AO_MAXKEYLEN];
	__u32 nkeys; /* in: room, out: keys that there are */
	__u16 is_current : 1, is_rnext : 1, get_all : 1, reserved : 13;
	__u8 sndid, rcvid;
	__u8 prefix;
	__u8 maclen;
	__u8 keyflags;
	__u8 keylen;
	__s32 ifindex;
	__u64 pkt_good, pkt_bad;
} __attribute__((aligned(8)));
#endif
#endif
