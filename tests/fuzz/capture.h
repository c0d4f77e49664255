/* Forms of input of the target `capture`: others than these are types of MRT records (12, 13, 16, 17). */
#ifndef TESTS_FUZZ_CAPTURE_H
#define TESTS_FUZZ_CAPTURE_H

enum { FORM_FILE = 0, FORM_CONNECTION = 1, FORM_PACKET = 2, FORMS = 18 };
/* What a segment of a connection is. */
enum {
	OP_BACK = 1,
	OP_SYN = 2,
	OP_FIN = 4,
	OP_RST = 8,
	OP_GAP = 16,
	OP_AGAIN = 32,
	OP_CUT = 64,
	OP_IPV6 = 128
};
#endif
