/* Key files: what is written is read again, by czmq too, and what is not as it should be is refused. */
#include "common/sock.h"
#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/unit/common/scratch.h"

static struct sock_keys client_keys, other_keys;

static void
keys_are_saved_and_loaded_and_the_secret_is_ours_alone(void **state)
{
	struct sock_keys got;
	char key[SOCK_KEY_TEXT];
	struct stat st;

	(void)state;
	close(open(path_of("a.key"), O_CREAT | O_WRONLY, 0644)); /* replaced, mode and all */
	umask(0);
	assert_int_equal(sock_keys_save(&client_keys, path_of("a.key")), 0);
	umask(022);
	assert_int_equal(stat(path_of("a.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path_of("a.key.pub"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(sock_keys_load(&got, path_of("a.key")), 0);
	assert_memory_equal(&got, &client_keys, sizeof got);
	assert_int_equal(sock_public_load(key, path_of("a.key.pub")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_load(key, path_of("a.key")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_keys_load(&got, path_of("a.key.pub")), -1); /* no secret in it */
	assert_true(errno == EPERM || errno == EINVAL);
	assert_int_equal(sock_keys_save(&client_keys, path_of("none/a.key")), -1);
	assert_int_equal(errno, ENOENT);
}

static void
czmq_reads_our_files_and_we_read_its(void **state)
{
	zcert_t *cert;
	struct sock_keys got;
	char key[SOCK_KEY_TEXT];

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("b.key")), 0);
	cert = zcert_load(path_of("b.key"));
	assert_non_null(cert);
	assert_string_equal(zcert_public_txt(cert), client_keys.public_key);
	assert_string_equal(zcert_secret_txt(cert), client_keys.secret_key);
	zcert_destroy(&cert);
	cert = zcert_new();
	zcert_set_meta(cert, "name", "%s", "somebody");
	assert_int_equal(zcert_save(cert, path_of("c")), 0);
	assert_int_equal(sock_keys_load(&got, path_of("c_secret")), 0);
	assert_string_equal(got.secret_key, zcert_secret_txt(cert));
	assert_string_equal(got.public_key, zcert_public_txt(cert));
	assert_int_equal(sock_public_load(key, path_of("c")), 0);
	assert_string_equal(key, zcert_public_txt(cert));
	zcert_destroy(&cert);
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
a_secret_that_others_can_read_is_refused(void **state)
{
	static const mode_t loose[] = { 0640, 0604, 0644, 0660, 0620 };
	struct sock_keys got;

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("d.key")), 0);
	for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++) {
		assert_int_equal(chmod(path_of("d.key"), loose[i]), 0);
		assert_int_equal(sock_keys_load(&got, path_of("d.key")), -1);
		assert_int_equal(errno, EPERM);
	}
	assert_int_equal(chmod(path_of("d.key"), 0400), 0);
	assert_int_equal(sock_keys_load(&got, path_of("d.key")), 0);
}

static void
a_public_key_is_given_as_text_or_as_a_file(void **state)
{
	char key[SOCK_KEY_TEXT];

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("f.key")), 0);
	assert_int_equal(sock_public_of(key, client_keys.public_key), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_of(key, path_of("f.key.pub")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_of(key, "not there"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sock_public_of(key, "0123456789012345678901234567890123456~~~"), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(sock_keys_why(ENOENT), "No such file or directory");
	assert_non_null(strstr(sock_keys_why(EPERM), "chmod 600"));
	assert_non_null(strstr(sock_keys_why(EINVAL), "ambo keys"));
}

static void
a_file_that_holds_no_pair_of_keys_is_refused(void **state)
{
	static char large[70000];
	struct sock_keys got, mixed = client_keys;
	char key[SOCK_KEY_TEXT];
	const char *path = path_of("e.key");

	(void)state;
	assert_int_equal(sock_keys_load(&got, path_of("none")), -1);
	assert_int_equal(errno, ENOENT);
	memcpy(mixed.secret_key, other_keys.secret_key, SOCK_KEY_TEXT);
	assert_int_equal(sock_keys_save(&mixed, path_of("e.key")), 0);
	assert_int_equal(sock_keys_load(&got, path), -1); /* of two different pairs */
	assert_int_equal(errno, EINVAL);
	memset(large, '#', sizeof large - 1);
	const char *const texts[] = { "", "curve\n", "curve\n    public-key = \"short\"\n",
		"curve\n    public-key = \"0123456789012345678901234567890123456~~~\"\n", large };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		write_file(path, texts[i]);
		assert_int_equal(sock_keys_load(&got, path), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(sock_public_load(key, path), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static int
start(void **state)
{
	(void)state;
	if (scratch_make() < 0 || sock_start() < 0)
		return -1;
	sock_keys_make(&client_keys);
	sock_keys_make(&other_keys);
	return 0;
}

static int
stop(void **state)
{
	static const char *const names[] = { "a.key", "a.key.pub", "b.key", "b.key.pub", "c", "c_secret",
		"d.key", "d.key.pub", "e.key", "e.key.pub", "f.key", "f.key.pub" };

	(void)state;
	sock_stop();
	return scratch_remove(names, sizeof names / sizeof names[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_saved_and_loaded_and_the_secret_is_ours_alone),
		cmocka_unit_test(czmq_reads_our_files_and_we_read_its),
		cmocka_unit_test(a_secret_that_others_can_read_is_refused),
		cmocka_unit_test(a_public_key_is_given_as_text_or_as_a_file),
		cmocka_unit_test(a_file_that_holds_no_pair_of_keys_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
