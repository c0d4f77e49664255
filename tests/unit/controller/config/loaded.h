/* For test programs of the configuration: one that has to load. */
#ifndef TESTS_UNIT_CONTROLLER_CONFIG_LOADED_H
#define TESTS_UNIT_CONTROLLER_CONFIG_LOADED_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/config.h"

static inline struct config *
load(const char *text)
{
	struct config_error e;
	struct text message = { 0 };
	struct config *c = config_load_text("test.conf", text, strlen(text), &e);

	if (c == NULL) {
		config_error_print(&e, &message);
		print_error("%s", text_str(&message));
	}
	text_fini(&message);
	assert_non_null(c);
	return c;
}
#endif
