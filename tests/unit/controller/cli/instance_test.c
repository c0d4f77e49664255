/* controller/cli/instance.c: several side by side, and the dead are cleared away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "controller/cli/instance.h"

static char dir[64], why[256];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ambo-instance-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	return setenv("AMBO_RUN", dir, 1);
}

static int
remove_dir(void **state)
{
	(void)state;
	return rmdir(dir); /* nothing may be left in it */
}

/* Another process with an instance of its own, until it is killed. */
static pid_t
somebody(const char *name)
{
	int ready[2];
	char octet = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct instance in = { 0 };

		snprintf(in.name, sizeof in.name, "%s", name);
		if (instance_open(&in, dir, why, sizeof why) == 0)
			octet = 1;
		(void)!write(ready[1], &octet, 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	assert_int_equal(octet, 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
a_name_that_one_has_is_refused_while_it_lives(void **state)
{
	struct instance in = { .name = "edge" };
	pid_t pid = somebody("edge");
	char expected[64];

	snprintf(expected, sizeof expected, "called \"edge\" already: pid %d", (int)pid);
	assert_int_equal(instance_open(&in, dir, why, sizeof why), -1);
	assert_non_null(strstr(why, expected));
	end(pid);
	in = (struct instance){ .name = "edge" };
	assert_int_equal(instance_open(&in, dir, why, sizeof why), 0);
	instance_close(&in);
	(void)state;
}

static void
one_is_found_as_it_was_made(void **state)
{
	struct instance in = { .files = "a.conf b.conf" }, list[4];
	char base[INSTANCE_DIR], path[128];
	struct stat st;

	(void)state;
	assert_int_equal(instance_base(base, why, sizeof why), 0);
	assert_string_equal(base, dir);
	strcpy(in.name, "east");
	assert_int_equal(instance_open(&in, base, why, sizeof why), 0);
	assert_int_equal(instance_list(base, list, 4), 1);
	assert_int_equal(list[0].pid, getpid());
	assert_string_equal(list[0].name, "east");
	assert_string_equal(list[0].files, "a.conf b.conf");
	assert_int_equal(list[0].started, in.started);
	snprintf(path, sizeof path, "ipc://%s/%d/api.sock", dir, (int)getpid());
	assert_string_equal(list[0].api, path);
	assert_int_equal(stat(in.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	instance_close(&in);
	assert_int_equal(instance_list(base, list, 4), 0);
}

static void
its_name_is_its_process_id_when_none_was_given(void **state)
{
	struct instance in = { 0 }, list[1];
	char pid[16];

	(void)state;
	assert_int_equal(instance_open(&in, dir, why, sizeof why), 0);
	assert_int_equal(instance_list(dir, list, 1), 1);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_string_equal(list[0].name, pid);
	instance_close(&in);
}

static void
several_are_side_by_side(void **state)
{
	struct instance in = { .name = "here" }, list[4];
	pid_t other = somebody("there");

	(void)state;
	assert_int_equal(instance_open(&in, dir, why, sizeof why), 0);
	assert_int_equal(instance_list(dir, list, 4), 2);
	assert_string_equal(list[other < getpid()].name, "here");
	assert_string_equal(list[other > getpid()].name, "there");
	/* and counted when there is no room for them */
	assert_int_equal(instance_list(dir, list, 1), 2);
	instance_close(&in);
	end(other);
	assert_int_equal(instance_list(dir, list, 4), 0);
}

static void
what_the_dead_left_is_removed(void **state)
{
	struct instance list[4];
	pid_t other = somebody("there");
	char path[128];
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/%d/api.sock", dir, (int)other);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	end(other);
	assert_int_equal(instance_list(dir, list, 4), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void
other_files_are_left_alone(void **state)
{
	struct instance list[4];
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/notes", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(instance_list(dir, list, 4), 0);
	assert_int_equal(rmdir(path), 0);
}

static void
a_directory_that_others_may_write_to_is_not_used(void **state)
{
	char base[INSTANCE_DIR];

	(void)state;
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(instance_base(base, why, sizeof why), -1);
	assert_non_null(strstr(why, dir));
	assert_int_equal(chmod(dir, 0700), 0);
}

static void
a_path_that_is_too_long_for_a_socket_is_refused(void **state)
{
	struct instance in = { 0 };
	char base[INSTANCE_DIR] = "";

	(void)state;
	memset(base, 'x', INSTANCE_DIR - 10);
	base[0] = '/';
	assert_int_equal(instance_open(&in, base, why, sizeof why), -1);
	assert_non_null(strstr(why, "too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_is_found_as_it_was_made, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_name_that_one_has_is_refused_while_it_lives, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    its_name_is_its_process_id_when_none_was_given, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(several_are_side_by_side, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    what_the_dead_left_is_removed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(other_files_are_left_alone, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_directory_that_others_may_write_to_is_not_used, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_path_that_is_too_long_for_a_socket_is_refused, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
