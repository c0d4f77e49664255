#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "controller/config/config.h"

static void
read_ok(struct config_env *env, char *const *given)
{
	struct config_error e = { 0 };

	if (config_env_read(env, given, &e) < 0)
		fail_msg("%s", e.text);
}

static void
an_empty_environment_gives_the_defaults(void **state)
{
	char *const none[] = { "EXABGP_ROOT=/nonexistent", NULL };
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
file_is(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The environment wins over the file, the file over the defaults. */
static void
a_file_is_read_behind_the_environment(void **state)
{
	char path[] = "/tmp/ambo-env-XXXXXX", named[64];
	char *const both[] = { named, "exabgp_tcp_port=1790", NULL };
	struct config_env env;

	(void)state;
	close(mkstemp(path));
	snprintf(named, sizeof(named), "EXABGP_ENVFILE=%s", path);
	file_is(path,
	    "# comment\n; another\n\n[exabgp.tcp]\nport = 1791\nonce = true\n"
	    "bind = '127.0.0.1'\n\n[exabgp.daemon]\n umask = '0o022'\nuser='exabgp'\n"
	    "[exabgp.cache]\nattributes = true\n[exabgp.log]\nlevel: DEBUG\nenable=false");
	read_ok(&env, both);
	assert_int_equal(env.tcp_port, 1790);
	assert_int_equal(env.tcp_attempts, 1);
	assert_int_equal(env.tcp_bind_count, 1);
	assert_int_equal(env.daemon_umask, 022);
	assert_string_equal(env.daemon_user, "exabgp");
	assert_string_equal(env.log_level, "DEBUG");
	assert_false(env.log_enable);
	unlink(path);
}

static void
a_file_that_is_wrong_is_told_with_its_line(void **state)
{
	char path[] = "/tmp/ambo-env-XXXXXX", named[64];
	char *const given[] = { named, NULL };
	struct config_env env;
	struct config_error e;

	(void)state;
	close(mkstemp(path));
	snprintf(named, sizeof(named), "EXABGP_ENVFILE=%s", path);
	file_is(path, "[exabgp.tcp]\nport\n");
	assert_int_equal(config_env_read(&env, given, &e), -1);
	assert_string_equal(e.file, path);
	assert_int_equal(e.line, 2);
	file_is(path, "port = 179\n");
	assert_int_equal(config_env_read(&env, given, &e), -1);
	assert_int_equal(e.line, 1);
	file_is(path, "[exabgp.tcp]\nport = 0\n");
	assert_int_equal(config_env_read(&env, given, &e), -1);
	assert_non_null(strstr(e.text, "exabgp.tcp.port"));
	assert_string_equal(e.file, path);
	assert_int_equal(e.line, 2);
	/* one that was asked for must be there */
	unlink(path);
	assert_int_equal(config_env_read(&env, given, &e), -1);
	assert_string_equal(e.file, path);
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

/* Sorted out of the notes of a configuration that says nothing else. */
static struct config *
noted(const char *text)
{
	char path[] = "/tmp/ambo-env-XXXXXX", conf[] = "/tmp/ambo-conf-XXXXXX";
	int fd = mkstemp(path), none = mkstemp(conf);
	const char *const files[] = { conf };
	struct config_error e;
	struct config *c;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	setenv("EXABGP_ENVFILE", path, 1);
	c = config_load(files, 1, &e);
	assert_non_null(c);
	close(fd);
	close(none);
	remove(path);
	remove(conf);
	unsetenv("EXABGP_ENVFILE");
	return c;
}

static void
what_has_no_effect_is_noted_when_it_is_asked_for(void **state)
{
	struct config *c = noted("[exabgp.cache]\nattributes = false\nnexthops = yes\n"
				 "[exabgp.reactor]\nspeed = 1\n[exabgp.log]\nrib = true\nshort = 1\n"
				 "[exabgp.tcp]\nonce = false\nport = 1790\n[exabgp.daemon]\nuser = 'bgp'\n"
				 "drop = true\numask = 0o137\n");

	(void)state;
	assert_int_equal(c->notes.count, 3);
	assert_non_null(strstr(c->notes.name[0], "/tmp/ambo-env-"));
	assert_non_null(strstr(c->notes.name[0], ":13: exabgp.daemon.user bgp has no effect: "
						 "start it as the user that it is to be"));
	assert_non_null(strstr(c->notes.name[1], "exabgp.log.rib true has no effect"));
	assert_non_null(strstr(c->notes.name[2], "exabgp.cache.attributes false has no effect"));
	config_free(c);
	setenv("exabgp_reactor_speed", "2.5", 1);
	c = noted("");
	assert_int_equal(c->notes.count, 1);
	assert_non_null(
	    strstr(c->notes.name[0], "environment: exabgp.reactor.speed 2.5 has no effect"));
	config_free(c);
	unsetenv("exabgp_reactor_speed");
}

static void
what_the_file_says_and_nobody_knows_is_noted(void **state)
{
	struct config *c = noted("[exabgp.tcp]\nprot = 179\n[exabgp.nothing]\nlike-it = 1\n[other]\nx = 1\n");

	(void)state;
	assert_int_equal(c->notes.count, 2);
	assert_non_null(strstr(c->notes.name[0],
	    ":2: there is no exabgp.tcp.prot; did you mean exabgp.tcp.port"));
	assert_non_null(strstr(c->notes.name[1], ":4: there is no exabgp.nothing.like-it"));
	config_free(c);
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
		char *const given[] = { cases[i].set, NULL };
		struct config_error e = { 0 };
		struct config_env env;
		assert_int_equal(config_env_read(&env, given, &e), -1);
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
		cmocka_unit_test(a_file_is_read_behind_the_environment),
		cmocka_unit_test(a_file_that_is_wrong_is_told_with_its_line),
		cmocka_unit_test(tcp_once_is_one_attempt),
		cmocka_unit_test(a_value_that_cannot_be_is_refused_by_name),
		cmocka_unit_test(what_has_no_effect_is_noted_when_it_is_asked_for),
		cmocka_unit_test(what_the_file_says_and_nobody_knows_is_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
