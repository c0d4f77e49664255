/* Broken configurations: whatever is done to the text, it is read or refused with a place, and nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/config.h"

enum { ROUNDS = 20000, LONGEST = 4096 };

static const char *const seeds[] = {
	"process p { run ./a b \"c d\"; encoder json; }\n"
	"template { neighbor t { hold-time 30; family { ipv4 unicast; } api { processes [ p, p ]; "
	"receive { parsed; update; } } static { route 1.0.0.0/8 next-hop 1.1.1.1; } } }\n"
	"neighbor 192.0.2.1 {\n\tinherit [ t t ];\n\tlocal-as 65000; peer-as 1.10;\n"
	"\tlocal-address 192.0.2.2;\n\tmd5-password 'c2VjcmV0'; md5-base64 auto;\n"
	"\tcapability { graceful-restart; add-path send/receive; nexthop; }\n"
	"\tadd-path { ipv4 unicast limit 3; }\n\tnexthop { ipv4 unicast ipv6; }\n"
	"\tstatic { route 10.0.0.0/24 { next-hop self; med 5; } route 10.0.1.0/24 next-hop 1.1.1.1 "
	"\\\n"
	"\t\tas-path [ 1 2 ] community [ 1:2 no-export ]; attributes next-hop 1.1.1.1 nlri "
	"1.0.0.0/8 2.0.0.0/8; }\n"
	"\tannounce { ipv4 { unicast 10.0.2.0/24 next-hop 1.1.1.1; } ipv6 { } }\n}\n",
	"controller { bind \"tcp://*:1\"; adopt-time 1; }\nspeaker a { }\nspeaker b { }\n"
	"client c { key 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; role admin; }\n"
	"neighbor 2001:db8::/32 { passive; speaker a; local-as auto; peer-as auto; router-id "
	"1.1.1.1;\n"
	"\ttcp-ao { keyid 1; algorithm hmac-sha-256; password x; } family { all; }\n"
	"\tapi x { processes-match [ \"^a\" ]; send { packets; } neighbor-changes; } }\n",
};

static const char *const pieces[] = {
	"{",
	"}",
	";",
	"[",
	"]",
	",",
	"\"",
	"'",
	"\\",
	"\n",
	"#",
	"\\u0041",
	"\\u0000",
	"\xff",
	"\xc3\xa9",
	" ",
	"neighbor",
	"template",
	"neighbor 192.0.2.1 { ",
	"route",
	"next-hop",
	"inherit t;",
	"auto",
	"-1",
	"99999999999999999999",
	"0x10",
	"::",
	"1.2.3.4/33",
	"api",
	"static {",
	"family {",
	"all;",
	"(",
	")",
};

static uint32_t
next(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static size_t
cut(char *text, size_t len, uint32_t *x)
{
	size_t at = next(x) % (len + 1), gone = next(x) % 40;

	if (gone > len - at)
		gone = len - at;
	memmove(text + at, text + at + gone, len - at - gone);
	return len - gone;
}

static size_t
insert(char *text, size_t len, const char *what, size_t size, uint32_t *x)
{
	size_t at = next(x) % (len + 1);

	if (len + size > LONGEST)
		return len;
	memmove(text + at + size, text + at, len - at);
	memcpy(text + at, what, size);
	return len + size;
}

static size_t
mutate(char *text, size_t len, uint32_t *x)
{
	const char *piece = pieces[next(x) % (sizeof(pieces) / sizeof(pieces[0]))];
	char copy[60];
	size_t size;

	switch (next(x) % 4) {
	case 0:
		return cut(text, len, x);
	case 1:
		return insert(text, len, piece, strlen(piece), x);
	case 2:
		if (len > 0)
			text[next(x) % len] =
			    (char)(next(x) % 100 == 0 ? next(x) : 32 + next(x) % 95);
		return len;
	default: /* the same again elsewhere */
		size = len < sizeof(copy) ? len : sizeof(copy);
		memcpy(copy, text + next(x) % (len - size + 1), size);
		return insert(text, len, copy, size, x);
	}
}

static void
mutated_configurations_are_read_or_refused(void **state)
{
	uint32_t x = 20240607;
	unsigned loaded = 0;
	char text[LONGEST];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const char *seed = seeds[i % 2];
		size_t len = strlen(seed);
		struct config_error e;
		memcpy(text, seed, len);
		for (uint32_t n = next(&x) % 3 + (i >= 2); n > 0 && i >= 2; n--)
			len = mutate(text, len, &x);
		struct config *c = config_load_text("fuzz", text, len, &e);
		if (c == NULL) {
			struct text message = { 0 };
			assert_true(e.text[0] != '\0' && e.line > 0);
			config_error_print(&e, &message);
			text_fini(&message);
		}
		assert_true(i >= 2 || c != NULL);
		loaded += c != NULL;
		config_free(c);
	}
	print_message("%u of %u loaded\n", loaded, ROUNDS);
	assert_true(loaded > ROUNDS / 100 && loaded < ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
	    mutated_configurations_are_read_or_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
