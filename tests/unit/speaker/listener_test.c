/* Doors: where connections are accepted, and that nobody gets in without his key. */
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, speaker_stop)

static int
sign(int fd, const struct addr *peer, const char *key)
{
	struct tcp_md5sig sig = { .tcpm_keylen = (uint16_t)strlen(key) };
	struct sockaddr_in to = far_sockaddr(*peer, 0);

	memcpy(&sig.tcpm_addr, &to, sizeof to);
	memcpy(sig.tcpm_key, key, strlen(key));
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof sig);
}

/* It dials that port, signing with `key` (NULL: not): is it answered? */
static bool
dials(struct far *f, uint16_t port, const char *key)
{
	struct addr here = addr_v4(INADDR_LOOPBACK);
	struct sockaddr_in from = far_sockaddr(far_address(f->n), 0), to = far_sockaddr(here, port);
	struct pollfd p = { .events = POLLOUT };

	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (key)
		assert_int_equal(sign(f->fd, &here, key), 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(connect(f->fd, (struct sockaddr *)&to, sizeof to), -1);
	assert_int_equal(errno, EINPROGRESS);
	p.fd = f->fd;
	turns(5);
	return poll(&p, 1, 200) == 1 && !(p.revents & (POLLERR | POLLHUP));
}

static void
refused(uint32_t n, uint16_t port, const char *key)
{
	struct far f = far_of(n);

	assert_false(dials(&f, port, key));
	far_close(&f);
}

static void
taken(uint32_t n, uint16_t port, const char *key)
{
	struct far f = far_of(n);

	assert_true(dials(&f, port, key));
	far_establish(&f);
	far_close(&f);
	UNTIL(!peer_by_number(&speaker, n)->session);
}

static struct link_peer
signing(uint32_t n, const char *key)
{
	struct link_peer c = config_of(n);

	snprintf(c.md5, sizeof c.md5, "%s", key);
	return c;
}

static void
a_key_is_asked_for_at_every_door(void **state)
{
	struct link_peer first = signing(1, "one"), second = config_of(2),
			 third = signing(3, "three");
	uint16_t usual = speaker.options.port, other = free_port();

	assert_non_null(peer_configure(&speaker, &first));
	refused(1, usual, NULL);
	taken(1, usual, "one");
	/* a door that opens later */
	second.listen = other;
	assert_non_null(peer_configure(&speaker, &second));
	refused(1, other, NULL);
	refused(1, other, "wrong");
	taken(1, other, "one");
	taken(2, other, NULL);
	/* and a peer that comes later still */
	assert_non_null(peer_configure(&speaker, &third));
	refused(3, other, NULL);
	taken(3, other, "three");
	(void)state;
}

static void
a_key_that_changes_is_asked_for_at_once(void **state)
{
	struct link_peer c = signing(1, "one");

	assert_non_null(peer_configure(&speaker, &c));
	c = signing(1, "two");
	assert_non_null(peer_configure(&speaker, &c));
	refused(1, speaker.options.port, "one");
	taken(1, speaker.options.port, "two");
	c = config_of(1);
	assert_non_null(peer_configure(&speaker, &c));
	taken(1, speaker.options.port, NULL);
	(void)state;
}

/* Two peers of one address, told apart by ours. */
static void
a_key_stays_while_another_peer_of_that_address_has_it(void **state)
{
	struct link_peer first = signing(1, "one"), second = signing(1, "one");

	second.peer = 2;
	second.local = addr_v4(INADDR_LOOPBACK + 1);
	assert_non_null(peer_configure(&speaker, &first));
	assert_non_null(peer_configure(&speaker, &second));
	peer_remove(peer_by_number(&speaker, 2), "gone");
	refused(1, speaker.options.port, NULL);
	taken(1, speaker.options.port, "one");
	(void)state;
}

static void
a_door_closes_with_the_last_who_needs_it(void **state)
{
	struct link_peer first = config_of(1), second = config_of(2);
	uint16_t port = free_port();

	first.listen = second.listen = port;
	assert_non_null(peer_configure(&speaker, &first));
	assert_non_null(peer_configure(&speaker, &second));
	peer_remove(peer_by_number(&speaker, 1), "gone");
	taken(2, port, NULL);
	peer_remove(peer_by_number(&speaker, 2), "gone");
	refused(2, port, NULL);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(a_key_is_asked_for_at_every_door),
		START(a_key_that_changes_is_asked_for_at_once),
		START(a_key_stays_while_another_peer_of_that_address_has_it),
		START(a_door_closes_with_the_last_who_needs_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
