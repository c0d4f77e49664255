/* TCP-AO: the layout of the kernel's options, and keys on sockets where the kernel has them. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/tcp.h"
#include "common/tcp_ao_kernel.h"

enum {
	PATIENCE = 5000, /* milliseconds for what is to come */
	SILENCE = 300 /* and for what is not to come */
};

/* --- the kernel's ABI, by its numbers --- */

#define AT(type, member, offset)                                                                     \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)

_Static_assert(TCP_AO_ADD_KEY == 38 && TCP_AO_DEL_KEY == 39 && TCP_AO_INFO == 40 &&
		   TCP_AO_GET_KEYS == 41,
    "options");
_Static_assert(sizeof(struct tcp_ao_add) == 288, "tcp_ao_add");
AT(tcp_ao_add, alg_name, 128);
AT(tcp_ao_add, ifindex, 192);
AT(tcp_ao_add, reserved2, 200);
AT(tcp_ao_add, prefix, 202);
AT(tcp_ao_add, sndid, 203);
AT(tcp_ao_add, rcvid, 204);
AT(tcp_ao_add, maclen, 205);
AT(tcp_ao_add, keyflags, 206);
AT(tcp_ao_add, keylen, 207);
AT(tcp_ao_add, key, 208);
_Static_assert(sizeof(struct tcp_ao_del) == 144, "tcp_ao_del");
AT(tcp_ao_del, ifindex, 128);
AT(tcp_ao_del, prefix, 138);
AT(tcp_ao_del, sndid, 139);
AT(tcp_ao_del, rcvid, 140);
AT(tcp_ao_del, keyflags, 143);
_Static_assert(sizeof(struct tcp_ao_info_opt) == 48, "tcp_ao_info_opt");
AT(tcp_ao_info_opt, current_key, 6);
AT(tcp_ao_info_opt, rnext, 7);
AT(tcp_ao_info_opt, pkt_good, 8);
_Static_assert(sizeof(struct tcp_ao_getsockopt) == 304, "tcp_ao_getsockopt");
AT(tcp_ao_getsockopt, alg_name, 128);
AT(tcp_ao_getsockopt, key, 192);
AT(tcp_ao_getsockopt, nkeys, 272);
AT(tcp_ao_getsockopt, sndid, 278);
AT(tcp_ao_getsockopt, prefix, 280);
AT(tcp_ao_getsockopt, keylen, 283);
AT(tcp_ao_getsockopt, ifindex, 284);
AT(tcp_ao_getsockopt, pkt_good, 288);

static void
what_is_a_bit_stands_where_the_kernel_has_it(void **state)
{
	union {
		struct tcp_ao_add add;
		struct tcp_ao_del del;
		struct tcp_ao_getsockopt got;
		struct tcp_ao_info_opt info;
		uint8_t octets[304];
	} u = { 0 };
	uint32_t word;
	uint16_t half;

	u.add.set_rnext = 1;
	memcpy(&word, u.octets + 196, sizeof word);
	assert_int_equal(word, 2);
	memset(&u, 0, sizeof u);
	u.del.del_async = 1;
	memcpy(&word, u.octets + 132, sizeof word);
	assert_int_equal(word, 4);
	memset(&u, 0, sizeof u);
	u.got.get_all = 1;
	memcpy(&half, u.octets + 276, sizeof half);
	assert_int_equal(half, 4);
	memset(&u, 0, sizeof u);
	u.info.set_rnext = 1;
	memcpy(&word, u.octets, sizeof word);
	assert_int_equal(word, 2);
	(void)state;
}

/* --- sockets --- */

static struct tcp_ao_key
key_of(uint8_t id, uint8_t algorithm, const char *secret)
{
	struct tcp_ao_key key = { .id = id, .algorithm = algorithm, .len = (uint8_t)strlen(secret) };

	memcpy(key.secret, secret, key.len);
	return key;
}

static bool
has_ao(void)
{
	struct addr here = addr_v4(0x7f000001);
	struct tcp_ao_key key = key_of(1, TCP_AO_HMAC_SHA_1_96, "secret");

	if (tcp_ao_check(&here, 32, &key) == 0)
		return true;
	assert_int_equal(errno, ENOPROTOOPT);
	return false;
}

static void
need_ao(void)
{
	if (has_ao())
		return;
	print_message("%s\n", tcp_ao_why(ENOPROTOOPT));
	skip();
}

static void
a_kernel_without_it_is_told_and_nothing_goes_unsigned(void **state)
{
	struct tcp_ao_key key = key_of(1, TCP_AO_HMAC_SHA_1_96, "secret");
	struct tcp_options o = { .ttl_out = -1, .ttl_min = -1 };
	struct addr here = addr_v4(0x7f000001), from, to;
	uint16_t port, other;
	int listening, near, far;

	if (has_ao())
		skip();
	listening = tcp_listen(&here, 0, &o);
	assert_int_equal(tcp_local(listening, &to, &port), 0);
	assert_int_equal(tcp_ao_add(listening, &here, 32, &key), -1);
	assert_int_equal(errno, ENOPROTOOPT);
	assert_non_null(strstr(tcp_ao_why(errno), "the kernel has no TCP-AO"));
	o.ao = &key;
	assert_int_equal(tcp_connect(&here, port, &o), -1);
	assert_int_equal(errno, ENOPROTOOPT);
	o.ao = NULL;
	near = tcp_connect(&here, port, &o);
	assert_int_equal(poll(&(struct pollfd){ .fd = listening, .events = POLLIN }, 1, PATIENCE), 1);
	far = tcp_accept(listening, &from, &other, &to);
	assert_true(far >= 0);
	assert_int_equal(tcp_ao_only(far, &key), -1);
	assert_int_equal(tcp_ao_ask(far, &here, &key), -1);
	assert_int_equal(tcp_ao_settled(far, &key), -1);
	close(near);
	close(far);
	close(listening);
	(void)state;
}

static void
a_key_that_is_none_is_refused(void **state)
{
	struct addr here = addr_v4(0x7f000001);
	struct tcp_ao_key none = { .id = 1, .algorithm = TCP_AO_HMAC_SHA_256 },
			  strange = key_of(1, 9, "secret"), null = key_of(1, 0, "secret"),
			  lengthy = key_of(1, TCP_AO_HMAC_SHA_256, "secret");

	lengthy.len = TCP_AO_SECRET + 1;
	assert_int_equal(tcp_ao_check(&here, 32, &none), -1);
	assert_int_equal(errno, ENOKEY);
	assert_int_equal(tcp_ao_check(&here, 32, &strange), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(tcp_ao_check(&here, 32, &null), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(tcp_ao_check(&here, 32, &lengthy), -1);
	assert_int_equal(errno, EINVAL);
	(void)state;
}

/* Two ends of a connection that is signed with a key, or no connection. */
struct pair {
	struct addr here;
	int listening, near, far;
};

static bool
connects(struct pair *p, uint8_t family, const struct tcp_ao_key *ours, const struct tcp_ao_key *theirs)
{
	struct tcp_options o = { .ttl_out = -1, .ttl_min = -1 };
	struct addr from, to;
	uint16_t port, other;

	*p = (struct pair){ .near = -1, .far = -1 };
	assert_int_equal(addr_scan(&p->here, family == 6 ? "::1" : "127.0.0.1"), 0);
	p->listening = tcp_listen(&p->here, 0, &o);
	assert_true(p->listening >= 0);
	assert_int_equal(tcp_local(p->listening, &to, &port), 0);
	if (ours)
		assert_int_equal(
		    tcp_ao_add(p->listening, &p->here, family == 6 ? 128 : 32, ours), 0);
	o.ao = theirs;
	p->near = tcp_connect(&p->here, port, &o);
	assert_true(p->near >= 0);
	if (poll(&(struct pollfd){ .fd = p->listening, .events = POLLIN }, 1,
		ours && theirs && memcmp(ours, theirs, sizeof *ours) == 0 ? PATIENCE : SILENCE) != 1)
		return false;
	p->far = tcp_accept(p->listening, &from, &other, &to);
	return p->far >= 0;
}

static void
hang_up(struct pair *p)
{
	if (p->near >= 0)
		close(p->near);
	if (p->far >= 0)
		close(p->far);
	close(p->listening);
}

static void
passes(int from, int to)
{
	char octet = 'x';

	assert_int_equal(write(from, &octet, 1), 1);
	assert_int_equal(poll(&(struct pollfd){ .fd = to, .events = POLLIN }, 1, PATIENCE), 1);
	assert_int_equal(read(to, &octet, 1), 1);
}

static void
both_ends_need_the_key(void **state)
{
	static const char *const secrets[] = { "secret", "sixteen octets!!", "\x01\xff longer than sixteen" };

	need_ao();
	for (uint8_t algorithm = TCP_AO_HMAC_SHA_1_96; algorithm <= TCP_AO_HMAC_SHA_256; algorithm++)
		for (unsigned i = 0; i < 3; i++) {
			struct tcp_ao_key key = key_of((uint8_t)i, algorithm, secrets[i]),
					  wrong = key_of((uint8_t)i, algorithm, "wrong"),
					  other = key_of(9, algorithm, secrets[i]);
			uint8_t family = i == 1 ? 6 : 4;
			struct pair p;

			assert_true(connects(&p, family, &key, &key));
			assert_int_equal(tcp_ao_only(p.far, &other), -1);
			assert_int_equal(tcp_ao_only(p.far, &key), 0);
			passes(p.near, p.far);
			passes(p.far, p.near);
			hang_up(&p);
			assert_false(connects(&p, family, &key, &wrong));
			hang_up(&p);
			assert_false(connects(&p, family, &key, &other));
			hang_up(&p);
			assert_false(connects(&p, family, &key, NULL));
			hang_up(&p);
			assert_false(connects(&p, family, NULL, &key));
			hang_up(&p);
		}
	(void)state;
}

static void
a_connection_that_came_before_the_key_is_not_taken(void **state)
{
	struct tcp_ao_key key = key_of(1, TCP_AO_HMAC_SHA_1_96, "secret"),
			  before = key_of(1, TCP_AO_HMAC_SHA_1_96, "before");
	struct pair p;

	need_ao();
	assert_true(connects(&p, 4, NULL, NULL));
	assert_int_equal(tcp_ao_only(p.far, &key), -1);
	hang_up(&p);
	assert_true(connects(&p, 4, &before, &before));
	assert_int_equal(tcp_ao_only(p.far, &key), -1);
	hang_up(&p);
	(void)state;
}

static void
the_keys_of_a_range_do_not_hold_for_who_has_one(void **state)
{
	struct tcp_ao_key wide = key_of(1, TCP_AO_HMAC_SHA_1_96, "wide"),
			  own = key_of(2, TCP_AO_HMAC_SHA_1_96, "own"),
			  again = key_of(1, TCP_AO_HMAC_SHA_1_96, "again");
	struct addr range = addr_v4(0x7f000000);
	struct pair p;

	need_ao();
	assert_true(connects(&p, 4, &own, &own));
	assert_int_equal(tcp_ao_add(p.listening, &range, 8, &wide), 0);
	assert_int_equal(tcp_ao_add(p.listening, &p.here, 32, &again), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(tcp_ao_only(p.far, &own), 0);
	assert_int_equal(tcp_ao_remove(p.listening, &range, 8, 1), 0);
	assert_int_equal(tcp_ao_add(p.listening, &p.here, 32, &again), 0);
	hang_up(&p);
	(void)state;
}

static void
a_connection_changes_its_key(void **state)
{
	struct tcp_ao_key one = key_of(1, TCP_AO_HMAC_SHA_1_96, "one"),
			  two = key_of(2, TCP_AO_HMAC_SHA_256, "two"),
			  other = key_of(1, TCP_AO_HMAC_SHA_1_96, "other");
	struct pair p;

	need_ao();
	assert_true(connects(&p, 4, &one, &one));
	assert_int_equal(tcp_ao_only(p.far, &one), 0);
	assert_int_equal(tcp_ao_ask(p.far, &p.here, &two), 0);
	passes(p.far, p.near);
	passes(p.near, p.far);
	assert_int_equal(tcp_ao_settled(p.far, &two), 0); /* the peer does not have it */
	/* back and forth */
	assert_int_equal(tcp_ao_ask(p.far, &p.here, &one), 0);
	assert_int_equal(tcp_ao_ask(p.far, &p.here, &other), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(tcp_ao_ask(p.far, &p.here, &two), 0);
	assert_int_equal(tcp_ao_ask(p.near, &p.here, &two), 0);
	for (int i = 0; i < 4; i++) {
		passes(p.far, p.near);
		passes(p.near, p.far);
	}
	assert_int_equal(tcp_ao_settled(p.far, &two), 1);
	assert_int_equal(tcp_ao_settled(p.near, &two), 1);
	passes(p.far, p.near);
	passes(p.near, p.far);
	assert_int_equal(tcp_ao_only(p.far, &one), -1);
	assert_int_equal(tcp_ao_only(p.far, &two), 0);
	hang_up(&p);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_bit_stands_where_the_kernel_has_it),
		cmocka_unit_test(a_kernel_without_it_is_told_and_nothing_goes_unsigned),
		cmocka_unit_test(a_key_that_is_none_is_refused),
		cmocka_unit_test(both_ends_need_the_key),
		cmocka_unit_test(a_connection_that_came_before_the_key_is_not_taken),
		cmocka_unit_test(the_keys_of_a_range_do_not_hold_for_who_has_one),
		cmocka_unit_test(a_connection_changes_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
