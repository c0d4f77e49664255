/* BGP roles (RFC 9234): what each side of a session between two ASes is to the other. */
#ifndef PROTO_BGP_ROLE_H
#define PROTO_BGP_ROLE_H
#include <stdbool.h>
#include "common/reader.h"
#include "proto/bgp/fault.h"
#include "proto/bgp/open.h"

/* One more than on the wire. */
enum bgp_role {
	BGP_ROLE_NONE, BGP_ROLE_PROVIDER, BGP_ROLE_RS, BGP_ROLE_RS_CLIENT, BGP_ROLE_CUSTOMER,
	BGP_ROLE_PEER, BGP_ROLES
};

const char *role_name(unsigned role); /* "provider", as in a configuration */
/* A capability 9: it may come more than once, with one and the same value. */
void role_note(struct caps *, struct reader value);
/* Section 4.2: whether theirs goes with ours (NONE: it is not looked at); strict: they must say one. */
int role_check(enum bgp_role ours, bool strict, const struct caps *theirs, struct fault *);
#endif
