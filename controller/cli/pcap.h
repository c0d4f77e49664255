/* Files of packets: pcap (of either byte order, micro- or nanoseconds) and pcapng. */
#ifndef CONTROLLER_CLI_PCAP_H
#define CONTROLLER_CLI_PCAP_H
#include <stdbool.h>
#include "controller/cli/source.h"

enum { PCAP_PACKET_MAX = 1 << 20, PCAP_INTERFACES = 64 };

struct pcap_packet {
	double time;
	uint16_t link; /* what it begins with: LINKTYPE_* */
	uint64_t offset; /* of its record */
	struct reader octets; /* as many as were kept */
};

struct pcap {
	struct source *source;
	uint8_t *memory;
	bool little, blocks; /* byte order; pcapng */
	unsigned interfaces;
	struct {
		uint16_t link;
		double unit; /* seconds */
	} interface[PCAP_INTERFACES];
	int status; /* -1, or the exit status of what was told */
};

/* Whether a file begins as one. */
bool pcap_begins(struct reader front);
/* False: it is none; told. */
bool pcap_open(struct pcap *, struct source *);
void pcap_close(struct pcap *);
/* 1: valid until the next call; 0: no more. */
int pcap_next(struct pcap *, struct pcap_packet *);
#endif
