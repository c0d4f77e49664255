/* The other side is wrong: what to answer (RFC 4271 section 6) and how much it costs (RFC 7606). */
#ifndef PROTO_BGP_FAULT_H
#define PROTO_BGP_FAULT_H
#include <stddef.h>
#include <stdint.h>

enum notify_code {
	NOTIFY_HEADER = 1,
	NOTIFY_OPEN = 2,
	NOTIFY_UPDATE = 3,
	NOTIFY_HOLD = 4,
	NOTIFY_FSM = 5,
	NOTIFY_CEASE = 6,
	NOTIFY_REFRESH = 7,  /* RFC 7313 */
	NOTIFY_SEND_HOLD = 8 /* RFC 9687 */
};

enum { /* subcodes */
	HEADER_UNSPECIFIC = 0, HEADER_NOT_SYNCHRONISED = 1, HEADER_BAD_LENGTH = 2, HEADER_BAD_TYPE = 3,
	OPEN_UNSPECIFIC = 0, OPEN_VERSION = 1, OPEN_PEER_AS = 2, OPEN_IDENTIFIER = 3, OPEN_PARAMETER = 4,
	OPEN_HOLD_TIME = 6, OPEN_CAPABILITY = 7, OPEN_GROUPING_CONFLICT = 8, OPEN_GROUPING_REQUIRED = 9, OPEN_ROLE = 11,
	UPDATE_ATTRIBUTE_LIST = 1, UPDATE_UNRECOGNISED = 2, UPDATE_MISSING = 3, UPDATE_FLAGS = 4,
	UPDATE_LENGTH = 5, UPDATE_ORIGIN = 6, UPDATE_NEXT_HOP = 8, UPDATE_OPTIONAL = 9,
	UPDATE_NETWORK = 10, UPDATE_AS_PATH = 11,
	FSM_IN_OPEN_SENT = 1, FSM_IN_OPEN_CONFIRM = 2, FSM_IN_ESTABLISHED = 3, /* RFC 6608 */
	CEASE_MAX_PREFIX = 1, CEASE_SHUTDOWN = 2, CEASE_DECONFIGURED = 3, CEASE_RESET = 4,
	CEASE_REJECTED = 5, CEASE_CONFIGURATION = 6, CEASE_COLLISION = 7, CEASE_RESOURCES = 8,
	CEASE_HARD_RESET = 9, /* RFC 8538 */
	REFRESH_BAD_LENGTH = 1 /* RFC 7313 */
};

/* Code 0: nothing is to be answered. */
struct fault {
	uint8_t code, subcode;
	uint8_t data_len;
	uint8_t data[255];
	char text[120]; /* for the log: what was wrong, in words */
};

/* Fills *f (data may be NULL) and returns -1, so that a parser can `return fault_set(...)`. */
int fault_set(struct fault *, uint8_t code, uint8_t subcode, const void *data, size_t data_len,
    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The RFC's words: "Cease / Administrative Reset"; unknown ones as numbers. */
const char *fault_code_name(uint8_t code);
const char *fault_subcode_name(uint8_t code, uint8_t subcode); /* "" when there is none */

/* What a malformed part costs, mildest first (RFC 7606 section 2; strongest wins, 3 h). */
enum penalty { PENALTY_NONE, PENALTY_DISCARD, PENALTY_WITHDRAW, PENALTY_RESET };
#endif
