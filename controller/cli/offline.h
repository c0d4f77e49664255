/* A session that is not there: what encode and decode take two speakers to have agreed on. It is that of a neighbor of
 * a configuration, whose peer is thought to have offered the same; or, without one, of 127.0.0.1 with all families. */
#ifndef CONTROLLER_CLI_OFFLINE_H
#define CONTROLLER_CLI_OFFLINE_H
#include <stdbool.h>
#include <stdint.h>
#include "controller/config/config.h"
#include "proto/bgp/params.h"

/* Options first (texts borrow from argv), then offline_open. */
struct offline {
	const char *file; /* -c */
	const char *family; /* -f: "ipv4 unicast" */
	enum family only; /* ... that; FAMILY_UNKNOWN: none was named */
	const char *local_as, *peer_as; /* -a, -z */
	bool add_path; /* -i */
	struct config *config;
};

#define OFFLINE_OPTIONS "c:f:a:z:idp"
/* Rows for getopt_long. */
#define OFFLINE_LONG_OPTIONS                                                                       \
	{ "configuration", 1, 0, 'c' }, { "family", 1, 0, 'f' }, { "local-as", 1, 0, 'a' },        \
	    { "peer-as", 1, 0, 'z' }, { "path-information", 0, 0, 'i' }, { "debug", 0, 0, 'd' },   \
	{                                                                                          \
		"pdb", 0, 0, 'p'                                                                   \
	}

/* False when the option is none of these. -d and -p are ExaBGP's and mean nothing here. */
bool offline_option(struct offline *, int option, const char *value);
/* -1, or the exit status: told already. At least one neighbor is there then. */
int offline_open(struct offline *);
void offline_close(struct offline *);
/* -1, or the exit status: told already. A path id is sent and received wherever one of both is configured. */
int offline_params(const struct offline *, const struct config_neighbor *, struct session_params *);
#endif
