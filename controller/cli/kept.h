/* A message of a BGP session that somebody kept in a file. */
#ifndef CONTROLLER_CLI_KEPT_H
#define CONTROLLER_CLI_KEPT_H
#include "common/addr.h"
#include "controller/cli/source.h"
#include "proto/bgp/params.h"

struct kept {
	double time;
	struct addr peer, local;
	uint32_t peer_as, local_as;
	bool sent; /* from local to peer; else the other way */
	bool asn4, add_path; /* what the session had, when nothing is agreed */
	const struct session_params *agreed; /* by the OPENs that were seen before it; or NULL */
	uint64_t offset; /* of the record that it stands in, or ends in */
	struct reader message; /* whole, header included */
};

/* Borrows the message. */
typedef void kept_each(void *self, const struct kept *);

/* The messages of a file of MRT records: of sessions, and of tables as their peers would have said them. Records that
 * hold none are counted in *others. -1, or the exit status: told already. */
int mrt_file(struct source *, kept_each *, void *self, unsigned *others);
/* The messages of a capture of packets (pcap, pcapng): each as the one sees it to whom it goes. */
int pcap_file(struct source *, kept_each *, void *self, unsigned *others);
#endif
