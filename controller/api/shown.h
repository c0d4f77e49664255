/* What is shown of a neighbor's session, in whichever form: by what its speaker told last, and the time since then. */
#ifndef CONTROLLER_API_SHOWN_H
#define CONTROLLER_API_SHOWN_H
#include <stdbool.h>
#include <stdint.h>
#include "common/text.h"
#include "controller/neighbor.h"

enum { SHOWN_CLOCK = 24, SHOWN_NAME = 48 };

uint64_t shown_seconds(const struct neighbor *);    /* in its state */
uint64_t shown_stale_left(const struct neighbor *); /* milliseconds until more of what is kept of it goes */
uint64_t shown_waiting(const struct neighbor *);    /* seconds that a limit has held back the first change */
uint32_t shown_as(const struct neighbor *);         /* the peer's, as it said or as it is configured */
const char *shown_state(const struct neighbor *);   /* "Established" (RFC 4271 section 8.2.2), "Unknown" */
/* The same in capitals or small letters. Both give `out`. */
const char *shown_fsm(const struct neighbor *, char out[SHOWN_CLOCK], bool upper);
const char *shown_clock(uint64_t seconds, char out[SHOWN_CLOCK]); /* "1:02:03" */
/* Why it is not up, and when it is tried again; what is kept, what waits: "connection refused; next try in 4 s;
 * kept: ipv4 unicast, for 113 s" */
void shown_why(const struct neighbor *, struct text *);
/* The capabilities of the peer's OPEN, by name; by number where they have none. *code is 0 at first; false at the end. */
bool shown_offered(const struct link_peer_state *, unsigned *code, char name[SHOWN_NAME]);
#endif
