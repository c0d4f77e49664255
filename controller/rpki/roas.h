/* ROAs: which AS may originate which prefixes, as caches said (validated payloads of RPKI, RFC 6811 section 2).
 *
 * A cache is a number below ROAS_CACHES. What several caches say is kept once, with a bit for each of them; it
 * counts while one of those is in use. Found by prefix and length; a lookup asks for those lengths alone that
 * some ROA has. Pure: no clock, no sockets. */
#ifndef CONTROLLER_RPKI_ROAS_H
#define CONTROLLER_RPKI_ROAS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"

enum {
	ROAS_CACHES = 32,
	ROAS_OF_PREFIX = 1024 /* all of a prefix are gone through for each of its routes */
};

/* The state of a route. Zero is what holds while nothing is known. */
enum rpki_state { RPKI_NOT_FOUND, RPKI_VALID, RPKI_INVALID, RPKI_STATES };
const char *rpki_state_name(enum rpki_state); /* "not-found" */

struct roa {
	struct prefix prefix; /* those that differ in host bits only are one */
	uint8_t max; /* the longest prefix that it allows */
	uint32_t asn;
};

struct roas;

struct roas *roas_new(void);
void roas_free(struct roas *);
/* The prefix is no shorter than 0 and max no shorter than it and in the family's bounds; others are never kept. */
bool roa_sane(const struct roa *);
/* A cache says it, says it no more. True when that changes what counts now. Saying it twice is once; said with other
 * host bits it is there until both are taken back. One past ROAS_OF_PREFIX of its prefix that a cache says is refused it. */
bool roas_add(struct roas *, unsigned cache, const struct roa *);
bool roas_remove(struct roas *, unsigned cache, const struct roa *);
/* The caches that count: a bit for each. */
void roas_use(struct roas *, uint32_t caches);
uint32_t roas_used(const struct roas *);

/* RFC 6811 section 2. An origin of 0 is none (it ends with a set): no ROA matches that, nor does a ROA for AS 0
 * match anything. NULL: nothing is known. */
enum rpki_state roas_validate(const struct roas *, const struct prefix *, uint32_t origin);
/* Does one that counts have the prefix, or one around it? */
bool roas_cover(const struct roas *, const struct prefix *);
/* All that count and cover the prefix, the shortest first. */
void roas_covering(const struct roas *, const struct prefix *,
    void (*each)(void *arg, const struct roa *, uint32_t caches), void *arg);

size_t roas_count(const struct roas *); /* as they were said */
size_t roas_refused(const struct roas *); /* so often one was not kept: the prefix has ROAS_OF_PREFIX, or the table is full */
size_t roas_of(const struct roas *, unsigned cache); /* that it says */
/* Some of all that are kept, as they were said: from *at on, which begins with 0. True at the end. `each` may remove what it is given,
 * and nothing else. */
bool roas_visit(struct roas *, uint32_t *at, size_t steps,
    void (*each)(void *arg, const struct roa *, uint32_t caches), void *arg);
#endif
