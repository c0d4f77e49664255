/* Peers whose TCP-AO keys are in each other's way while they change one after the other. The kernel's list of keys is
 * played here, for not every kernel has one: by its documented ABI (common/tcp_ao_kernel.h, whose headers cannot stand
 * beside those of far.h). */
#include <sys/stat.h>
#include <sys/syscall.h>
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, start, speaker_stop)

enum { ADD_KEY = 38, DEL_KEY = 39, MOST = 64, RANGE = 9 /* a peer's number */ };

struct held {
	ino_t socket;
	struct sockaddr_in to;
	uint8_t prefix, id, len, secret[80];
};

static struct held held[MOST];
static unsigned count;

static ino_t
socket_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static bool
overlaps(const struct held *a, const struct held *b)
{
	uint8_t least = a->prefix < b->prefix ? a->prefix : b->prefix;

	return a->socket == b->socket && a->id == b->id &&
	       (ntohl(a->to.sin_addr.s_addr ^ b->to.sin_addr.s_addr) &
		   ~(UINT32_MAX >> 1 >> (least - 1))) == 0;
}

static int
fail_with(int why)
{
	errno = why;
	return -1;
}

static int
add_key(int fd, const uint8_t *o)
{
	struct held k = { .socket = socket_of(fd), .prefix = o[202], .id = o[203], .len = o[207] };

	memcpy(&k.to, o, sizeof k.to);
	memcpy(k.secret, o + 208, k.len);
	for (unsigned i = 0; i < count; i++)
		if (overlaps(&held[i], &k))
			return fail_with(EEXIST);
	assert_true(count < MOST);
	held[count++] = k;
	return 0;
}

static int
delete_key(int fd, const uint8_t *o)
{
	struct held k = { .socket = socket_of(fd), .prefix = o[138], .id = o[139] };

	assert_int_equal(o[132] & 4, 4); /* nobody waits for it */
	memcpy(&k.to, o, sizeof k.to);
	for (unsigned i = 0; i < count; i++)
		if (held[i].prefix == k.prefix && overlaps(&held[i], &k)) {
			held[i] = held[--count];
			return 0;
		}
	return fail_with(ENOENT);
}

/* In the place of the C library's. */
int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level == IPPROTO_TCP && name == ADD_KEY)
		return add_key(fd, value);
	if (level == IPPROTO_TCP && name == DEL_KEY)
		return delete_key(fd, value);
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

static int
start(void **state)
{
	int result = speaker_start(state);

	count = 0;
	if (!getenv("AMBO_TEST_LOG"))
		log_open(STDERR_FILENO, LOG_TEXT, LOG_LEVEL_NONE,
		    "test"); /* what goes wrong is meant to */
	return result;
}

static struct link_peer
signing(uint32_t n, uint8_t id, const char *secret)
{
	struct link_peer c = config_of(n);

	if (n == RANGE) {
		c.address = addr_v4(INADDR_LOOPBACK - 1);
		c.range = 27 + 1;
	}
	c.tcp_ao = true;
	c.ao = (struct tcp_ao_key){
		.id = id, .algorithm = TCP_AO_HMAC_SHA_1_96, .len = (uint8_t)strlen(secret)
	};
	memcpy(c.ao.secret, secret, c.ao.len);
	return c;
}

static void
configure(const struct link_peer *c)
{
	assert_non_null(peer_configure(&speaker, c));
}

static bool
waits(uint32_t n)
{
	const struct peer *p = peer_by_number(&speaker, n);

	return p->keyless == 0 && p->state == PEER_ACTIVE;
}

/* How many keys of that secret hold for addresses of that prefix? Those that were asked for on a socket which is closed
 * since are of that socket alone. */
static unsigned
keys(uint8_t prefix, const char *secret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += held[i].prefix == prefix && held[i].len == strlen(secret) &&
		     memcmp(held[i].secret, secret, held[i].len) == 0;
	return n;
}

/* Forget the sockets that are closed: the door is left. */
static void
settle(void)
{
	struct held door[MOST];
	unsigned n = 0;

	turns(3);
	for (unsigned i = 0; i < count; i++)
		for (int fd = 3; fd < 256; fd++) {
			struct stat st;

			if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) &&
			    st.st_ino == held[i].socket) {
				door[n++] = held[i];
				break;
			}
		}
	memcpy(held, door, n * sizeof *door);
	count = n;
}

static void
a_range_has_its_new_key_once_its_members_have_it(void **state)
{
	static const char *const secrets[] = { "old", "new" };

	for (unsigned i = 0; i < 2; i++) {
		struct link_peer range = signing(RANGE, 1, secrets[i]),
				 one = signing(1, 1, secrets[i]), two = signing(2, 1, secrets[i]);

		configure(&range);
		configure(&one);
		turns(2); /* it is tried in vain, for the other has still the old one */
		configure(&two);
		settle();
		assert_true(waits(RANGE));
		assert_true(waits(1));
		assert_true(waits(2));
		assert_int_equal(keys(27, secrets[i]), 1);
		assert_int_equal(count, 1);
	}
	(void)state;
}

static void
sessions_of_one_address_change_their_key_one_by_one(void **state)
{
	static const char *const secrets[] = { "old", "new" };

	for (unsigned i = 0; i < 2; i++) {
		struct link_peer one = signing(1, 1, secrets[i]), two = signing(1, 1, secrets[i]);

		two.peer = 2;
		two.local = addr_v4(INADDR_LOOPBACK + 1);
		configure(&one);
		configure(&two);
		settle();
		assert_true(waits(1));
		assert_true(waits(2));
		assert_int_equal(keys(32, secrets[i]), 1);
		assert_int_equal(count, 1);
	}
	(void)state;
}

static void
a_key_is_set_when_the_range_that_was_in_its_way_goes(void **state)
{
	struct link_peer range = signing(RANGE, 1, "wide"), one = signing(1, 1, "own");

	configure(&range);
	configure(&one);
	settle();
	assert_int_equal(peer_by_number(&speaker, 1)->keyless, EEXIST);
	assert_int_equal(peer_by_number(&speaker, 1)->state, PEER_IDLE);
	peer_remove(peer_by_number(&speaker, RANGE), "gone");
	settle();
	assert_true(waits(1));
	assert_int_equal(keys(32, "own"), 1);
	(void)state;
}

static void
a_key_is_set_when_the_range_that_was_in_its_way_has_another(void **state)
{
	struct link_peer range = signing(RANGE, 1, "wide"), one = signing(1, 1, "own");

	configure(&range);
	configure(&one);
	range = signing(RANGE, 2, "wider");
	configure(&range);
	settle();
	assert_true(waits(RANGE));
	assert_true(waits(1));
	assert_int_equal(keys(27, "wider"), 1);
	assert_int_equal(keys(32, "own"), 1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(a_range_has_its_new_key_once_its_members_have_it),
		START(sessions_of_one_address_change_their_key_one_by_one),
		START(a_key_is_set_when_the_range_that_was_in_its_way_goes),
		START(a_key_is_set_when_the_range_that_was_in_its_way_has_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
