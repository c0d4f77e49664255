/* Options of the health checker, on its command line and in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "controller/cli/cli.h"
#include "controller/cli/healthcheck.h"

enum { ARGS = 16 };

/* "--a b --c" */
static int
read_all(struct health_options *o, char *line)
{
	char *argv[ARGS + 1] = { (char *)"healthcheck" };
	int argc = 1;

	for (char *w = strtok(line, " "); w && argc < ARGS; w = strtok(NULL, " "))
		argv[argc++] = w;
	return health_options_read(o, argc, argv);
}

#define READ(o, text)                                                                              \
	char line_[] = text;                                                                       \
	int status = read_all(o, line_)

static void
defaults(void **state)
{
	struct health_options o;
	READ(&o, "--ip 10.0.0.1");

	(void)state;
	assert_int_equal(status, -1);
	assert_true(o.interval > 4.9 && o.interval < 5.1 && o.rise == 3 && o.fall == 3);
	assert_true(o.local_preference == -1 && o.up_metric == 100 && o.down_metric == 1000);
	assert_int_equal(o.address_count, 1);
	assert_int_equal(o.addresses[0].prefix.len, 32);
	assert_string_equal(o.next_hop, "self");
	health_options_fini(&o);
}

static void
long_short_and_abbreviated(void **state)
{
	struct health_options o;
	READ(&o, "-i 0.5 -f2 --deagg --ip-ifname 10.1.0.0/24%eth0 -sF local3 --neighbor a "
		 "--neighbor=b -a");

	(void)state;
	assert_int_equal(status, -1);
	assert_true(o.interval > 0.4 && o.interval < 0.6 && o.fast_interval > 1.9 &&
		    o.deaggregate && o.no_ack);
	assert_string_equal(o.addresses[0].interface, "eth0");
	assert_string_equal(o.facility, "local3");
	assert_false(o.silent);
	assert_int_equal(o.neighbors.count, 2);
	assert_string_equal(o.neighbors.at[1], "b");
	health_options_fini(&o);
}

static void
what_is_wrong_is_refused(void **state)
{
	static const char *const wrong[] = { "--ip 10.0.0.300", "--ip-ifname 10.0.0.1",
		"--rise many", "--interval -1", "--nonsense", "word", "--timeout nan",
		"--config /nowhere/at/all", "--start-ip -1" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct health_options o;
		char line[64];

		snprintf(line, sizeof line, "%s", wrong[i]);
		assert_int_equal(read_all(&o, line), CLI_USAGE);
		health_options_fini(&o);
	}
}

static int
read_file_of(struct health_options *o, const char *text, const char *more)
{
	char path[] = "/tmp/ambo-healthcheck-XXXXXX", line[128];
	int fd = mkstemp(path), status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	snprintf(line, sizeof line, "%s --config %s", more, path);
	status = read_all(o, line);
	unlink(path);
	return status;
}

static void
a_file_gives_way_to_the_command_line(void **state)
{
	struct health_options o;

	(void)state;
	assert_int_equal(read_file_of(&o,
			     "# a comment\n\n name = anycast \ncommand = test -e /tmp/x = "
			     "y\nno-ack\ndebounce = false\n"
			     "rise=7\nfall = 2\nip = 10.0.0.1\nip = 10.0.0.2\n",
			     "--rise 9"),
	    -1);
	assert_string_equal(o.name, "anycast");
	assert_string_equal(o.command, "test -e /tmp/x = y");
	assert_true(o.no_ack && !o.debounce && o.rise == 9 && o.fall == 2);
	assert_int_equal(o.address_count, 2);
	health_options_fini(&o);
	assert_int_equal(read_file_of(&o, "nonsense = 1\n", ""), CLI_USAGE);
	health_options_fini(&o);
	assert_int_equal(read_file_of(&o, "rise\n", ""), CLI_USAGE);
	health_options_fini(&o);
}

static void
a_network_is_its_hosts(void **state)
{
	struct health_options o;
	READ(&o, "--ip 10.0.0.254/30 --ip 2001:db8::/127 --deaggregate-networks --start-ip 1");
	char text[PREFIX_TEXT];

	(void)state;
	assert_int_equal(status, -1);
	assert_int_equal(health_addresses_find(&o), 0);
	assert_int_equal(o.address_count, 5);
	assert_string_equal(prefix_print(&o.addresses[0].prefix, text), "10.0.0.253/32");
	assert_string_equal(prefix_print(&o.addresses[4].prefix, text), "2001:db8::1/128");
	health_options_fini(&o);
}

static void
a_network_of_too_many_hosts_is_refused(void **state)
{
	struct health_options o;
	READ(&o, "--ip 10.0.0.0/8 --deaggregate-networks");

	(void)state;
	assert_int_equal(status, -1);
	assert_int_equal(health_addresses_find(&o), -1);
	health_options_fini(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(long_short_and_abbreviated),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(a_file_gives_way_to_the_command_line),
		cmocka_unit_test(a_network_is_its_hosts),
		cmocka_unit_test(a_network_of_too_many_hosts_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
