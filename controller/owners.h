/* Owners: who announced a route. A small number an entry; names are for people, and outlive the controller at
 * the speakers. */
#ifndef CONTROLLER_OWNERS_H
#define CONTROLLER_OWNERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OWNER_CONFIG = 1 };   /* the configuration file; 0 is nobody */

struct owners;
struct owners *owners_new(void);
struct owners *owners_of(size_t most); /* numbers, with that of nobody */
void owners_free(struct owners *);
uint32_t owner_by_name(struct owners *, const char *name); /* made when new; never 0 */
/* No number was left for its name: it is one of all those "other clients", and no policy knows it by name. */
bool owner_is_shared(const struct owners *, uint32_t);
/* Of what the configuration has under watchdogs, which comes and goes by command; made when it is asked for. */
uint32_t owner_watchdog(struct owners *);
/* Of routes that go from peer to peer (rib/). */
uint32_t owner_rib(struct owners *);
/* Of those of them that a policy's rule with a limit lets through: their changes go to each peer at that rate, and wait
 * at its speaker (speaker/limit.h). One a rule, by its name; the rate may change. */
uint32_t owner_limited(struct owners *, const char *policy, const char *rule);
uint32_t owner_limit(const struct owners *, uint32_t); /* changes a second; 0: no bound */
bool owner_set_limit(struct owners *, uint32_t, uint32_t limit); /* true: it was another */
bool owner_is_rib(const struct owners *, uint32_t); /* any of these */
bool owner_is_config(const struct owners *, uint32_t); /* either of the two */
const char *owner_name(const struct owners *, uint32_t);   /* "" when unknown */
uint32_t owners_count(const struct owners *);              /* numbers are 1..count */
#endif
