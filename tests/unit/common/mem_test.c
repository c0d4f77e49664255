#include "common/mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
grown_memory_doubles_and_keeps_what_it_held(void **state)
{
	uint32_t *a = NULL;
	size_t cap = 0, moves = 0;

	for (uint32_t i = 0; i < 10000; i++) {
		size_t before = cap;

		a = mem_grow(a, &cap, i + 1, sizeof *a);
		moves += cap != before;
		a[i] = i;
	}
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(a[i], i);
	assert_true(moves < 15);
	mem_free(a);
	(void)state;
}

static void
what_holds_enough_is_not_moved(void **state)
{
	size_t cap = 0;
	char *a = mem_grow(NULL, &cap, 100, 1);

	assert_ptr_equal(mem_grow(a, &cap, cap, 1), a);
	assert_ptr_equal(mem_grow(a, &cap, 0, 1), a);
	mem_free(a);
	(void)state;
}

static void
no_octets_are_memory_too(void **state)
{
	void *a = mem_alloc(0), *b = mem_zero(0), *c = mem_copy(NULL, 0);
	char *d = mem_text(NULL, 0);

	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	assert_string_equal(d, "");
	mem_free(a);
	mem_free(b);
	mem_free(c);
	mem_free(d);
	mem_free(NULL);
	(void)state;
}

static void
copies_are_equal_and_text_ends_with_nul(void **state)
{
	char *copy = mem_copy("abc", 3), *text = mem_text("abcdef", 3);
	unsigned char *zero = mem_zero(3);

	assert_memory_equal(copy, "abc", 3);
	assert_string_equal(text, "abc");
	assert_memory_equal(zero, "\0\0\0", 3);
	copy = mem_resize(copy, 4);
	assert_memory_equal(copy, "abc", 3);
	mem_free(copy);
	mem_free(text);
	mem_free(zero);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grown_memory_doubles_and_keeps_what_it_held),
		cmocka_unit_test(what_holds_enough_is_not_moved),
		cmocka_unit_test(no_octets_are_memory_too),
		cmocka_unit_test(copies_are_equal_and_text_ends_with_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
