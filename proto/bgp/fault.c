#include "proto/bgp/fault.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
fault_set(struct fault *f, uint8_t code, uint8_t subcode, const void *data, size_t data_len,
    const char *format, ...)
{
	va_list args;

	memset(f, 0, sizeof *f);
	f->code = code;
	f->subcode = subcode;
	f->data_len = (uint8_t)(data_len < sizeof f->data ? data_len : sizeof f->data);
	if (data && f->data_len > 0)
		memcpy(f->data, data, f->data_len);
	va_start(args, format);
	vsnprintf(f->text, sizeof f->text, format, args);
	va_end(args);
	return -1;
}

/* 0 to 255 in decimal: a name must outlive the call, and nothing here keeps state. */
#define TEN(h) h "0", h "1", h "2", h "3", h "4", h "5", h "6", h "7", h "8", h "9"
static const char numbers[][4] = { TEN(""), TEN("1"), TEN("2"), TEN("3"), TEN("4"), TEN("5"),
	TEN("6"), TEN("7"), TEN("8"), TEN("9"), TEN("10"), TEN("11"), TEN("12"), TEN("13"),
	TEN("14"), TEN("15"), TEN("16"), TEN("17"), TEN("18"), TEN("19"), TEN("20"), TEN("21"),
	TEN("22"), TEN("23"), TEN("24"), TEN("25") };

const char *
fault_code_name(uint8_t code)
{
	static const char *const names[] = { "", "Message Header Error", "OPEN Message Error",
		"UPDATE Message Error", "Hold Timer Expired", "Finite State Machine Error", "Cease",
		"ROUTE-REFRESH Message Error", "Send Hold Timer Expired" };

	return code > 0 && code < sizeof names / sizeof names[0] ? names[code] : numbers[code];
}

struct subcode {
	uint8_t code, subcode;
	const char *name;
};

/* The IANA registry's words. */
static const struct subcode subcodes[] = {
	{ 1, 1, "Connection Not Synchronized" },
	{ 1, 2, "Bad Message Length" },
	{ 1, 3, "Bad Message Type" },
	{ 2, 1, "Unsupported Version Number" },
	{ 2, 2, "Bad Peer AS" },
	{ 2, 3, "Bad BGP Identifier" },
	{ 2, 4, "Unsupported Optional Parameter" },
	{ 2, 5, "Authentication Notification (Deprecated)" },
	{ 2, 6, "Unacceptable Hold Time" },
	{ 2, 7, "Unsupported Capability" },
	{ 2, 8, "Grouping Conflict" }, /* draft-ietf-idr-bgp-multisession */
	{ 2, 9, "Grouping Required" },
	{ 2, 8, "Grouping Conflict" },
	{ 2, 9, "Grouping Required" },
	{ 2, 11, "Role Mismatch" },
	{ 3, 1, "Malformed Attribute List" },
	{ 3, 2, "Unrecognized Well-known Attribute" },
	{ 3, 3, "Missing Well-known Attribute" },
	{ 3, 4, "Attribute Flags Error" },
	{ 3, 5, "Attribute Length Error" },
	{ 3, 6, "Invalid ORIGIN Attribute" },
	{ 3, 8, "Invalid NEXT_HOP Attribute" },
	{ 3, 9, "Optional Attribute Error" },
	{ 3, 10, "Invalid Network Field" },
	{ 3, 11, "Malformed AS_PATH" },
	{ 5, 1, "Receive Unexpected Message in OpenSent State" },
	{ 5, 2, "Receive Unexpected Message in OpenConfirm State" },
	{ 5, 3, "Receive Unexpected Message in Established State" },
	{ 6, 1, "Maximum Number of Prefixes Reached" },
	{ 6, 2, "Administrative Shutdown" },
	{ 6, 3, "Peer De-configured" },
	{ 6, 4, "Administrative Reset" },
	{ 6, 5, "Connection Rejected" },
	{ 6, 6, "Other Configuration Change" },
	{ 6, 7, "Connection Collision Resolution" },
	{ 6, 8, "Out of Resources" },
	{ 6, 9, "Hard Reset" },
	{ 6, 10, "BFD Down" },
	{ 7, 1, "Invalid Message Length" },
};

const char *
fault_subcode_name(uint8_t code, uint8_t subcode)
{
	for (size_t i = 0; i < sizeof subcodes / sizeof subcodes[0]; i++)
		if (subcodes[i].code == code && subcodes[i].subcode == subcode)
			return subcodes[i].name;
	return subcode == 0 ? "" : numbers[subcode];
}
