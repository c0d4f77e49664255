/* What of a captured frame is TCP: Ethernet (with VLAN tags), Linux cooked, loopback or bare IP; IPv4 and IPv6. */
#ifndef CONTROLLER_CLI_SEGMENT_H
#define CONTROLLER_CLI_SEGMENT_H
#include <stdbool.h>
#include "common/addr.h"
#include "common/reader.h"

enum segment_kind { SEGMENT_TCP, SEGMENT_OTHER, SEGMENT_FRAGMENT, SEGMENT_MALFORMED };

struct segment {
	struct addr from, to;
	uint16_t from_port, to_port;
	uint32_t sequence;
	bool syn, ack, fin, rst;
	struct reader payload; /* as much as was kept */
	uint32_t missing; /* octets of it that were not */
};

enum segment_kind segment_of(struct segment *, uint16_t link, struct reader frame);
#endif
