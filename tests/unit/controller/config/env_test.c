#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/config.h"

static void
read_ok(struct config_env *env, char *const *environ)
{
	struct config_error e = { 0 };

	if (config_env_read(env, environ, &e) < 0)
		fail_msg("%s", e.text);
}

static void
an_empty_environment_gives_the_defaults(void **state)
{
	char *const none[] = { NULL };
	struct config_env env;

	(void)state;
	read_ok(&env, none);
	assert_int_equal(env.tcp_port, 179);
	assert_int_equal(env.tcp_bind_count, 0);
	assert_int_equal(env.tcp_attempts, 0);
	assert_false(env.bgp_passive);
	assert_int_equal(env.bgp_openwait, 60);
	assert_string_equal(env.daemon_user, "nobody");
	assert_true(env.daemon_drop);
	assert_int_equal(env.daemon_umask, 0137);
	assert_true(env.log_enable);
	assert_string_equal(env.log_level, "INFO");
	assert_string_equal(env.log_destination, "stdout");
	assert_int_equal(env.api_version, 0);
	assert_true(env.api_ack);
	assert_int_equal(env.api_encoder, ENCODER_JSON);
}

static void
dots_win_over_underscores(void **state)
{
	char *const both[] = { "exabgp_tcp_port=1", "exabgp.tcp.port=2",
		"exabgp_tcp_bind='127.0.0.1 ::1'", "exabgp.bgp.passive=Yes",
		"exabgp_daemon_drop=false", "exabgp.daemon.umask=022", "exabgp_log_level=DEBUG",
		"exabgp.api.version=4", "exabgp_api_encoder=text", "exabgp_tcp_connections=7",
		NULL };
	struct config_env env;
	char text[ADDR_TEXT];

	(void)state;
	read_ok(&env, both);
	assert_int_equal(env.tcp_port, 2);
	assert_int_equal(env.tcp_bind_count, 2);
	assert_string_equal(addr_print(&env.tcp_bind[1], text), "::1");
	assert_true(env.bgp_passive);
	assert_false(env.daemon_drop);
	assert_int_equal(env.daemon_umask, 022);
	assert_string_equal(env.log_level, "DEBUG");
	assert_int_equal(env.api_version, 4);
	assert_int_equal(env.api_encoder, ENCODER_TEXT);
	assert_int_equal(env.tcp_attempts, 7);
}

static void
tcp_once_is_one_attempt(void **state)
{
	char *const once[] = { "exabgp_tcp_once=true", "exabgp_tcp_attempts=5", NULL };
	struct config_env env;

	(void)state;
	read_ok(&env, once);
	assert_int_equal(env.tcp_attempts, 1);
}

static void
a_value_that_cannot_be_is_refused_by_name(void **state)
{
	static const struct {
		char *set;
		const char *says;
	} cases[] = {
		{ "exabgp_tcp_port=0", "exabgp.tcp.port: expected a number 1..65535, found '0'" },
		{ "exabgp_tcp_port=x", "exabgp.tcp.port: expected a number 1..65535, found 'x'" },
		{ "exabgp.tcp.bind=1.2.3",
		    "exabgp.tcp.bind: expected at most 16 addresses, found '1.2.3'" },
		{ "exabgp.daemon.umask=8", "exabgp.daemon.umask: expected an octal number" },
		{ "exabgp.api.encoder=xml", "exabgp.api.encoder: expected text or json" },
		{ "exabgp.api.version=5", "expected 4 or 6" },
		{ "exabgp.log.level=a-level-that-nobody-knows",
		    "exabgp.log.level: expected a shorter text" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *const environ[] = { cases[i].set, NULL };
		struct config_error e = { 0 };
		struct config_env env;
		assert_int_equal(config_env_read(&env, environ, &e), -1);
		assert_string_equal(e.file, "environment");
		if (strstr(e.text, cases[i].says) == NULL)
			fail_msg("%s", e.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_environment_gives_the_defaults),
		cmocka_unit_test(dots_win_over_underscores),
		cmocka_unit_test(tcp_once_is_one_attempt),
		cmocka_unit_test(a_value_that_cannot_be_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
