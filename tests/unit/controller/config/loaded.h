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

/* A neighbor that is complete, around the statements of a case. */
#define PEER_HEAD        "neighbor 192.0.2.1 {\n"
#define PEER_LINES       "local-as 65000; peer-as 65001; local-address 192.0.2.2;\n"
#define PEER(statements) PEER_HEAD statements "\n" PEER_LINES "}\n"
#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa["
#endif
