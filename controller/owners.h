/* Owners: who announced a route. A small number an entry; names are for people, and outlive the controller at
 * the speakers. */
#ifndef CONTROLLER_OWNERS_H
#define CONTROLLER_OWNERS_H
#include <stdbool.h>
#include <stdint.h>

enum { OWNER_CONFIG = 1 };   /* the configuration file; 0 is nobody */

struct owners;
struct owners *owners_new(void);
void owners_free(struct owners *);
uint32_t owner_by_name(struct owners *, const char *name); /* made when new; never 0 */
/* Of what the configuration has under watchdogs, which comes and goes by command; made when it is asked for. */
uint32_t owner_watchdog(struct owners *);
/* Of routes that go from peer to peer (rib/). */
uint32_t owner_rib(struct owners *);
bool owner_is_rib(const struct owners *, uint32_t);
bool owner_is_config(const struct owners *, uint32_t); /* either of the two */
const char *owner_name(const struct owners *, uint32_t);   /* "" when unknown */
uint32_t owners_count(const struct owners *);              /* numbers are 1..count */
#endif
