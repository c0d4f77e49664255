/* Gates: policies between what clients and the configuration say and what neighbors are told of it.
 *
 *      said -> import of the client or process -> export of the neighbor, where it covers whose route that is -> told
 *
 * A gate makes of a value (what a draft came to for a neighbor, plan.h) another one, or nothing. The rules see the route
 * as that neighbor would be told it: with its AS path, next hop and, inside the AS, local preference. Neighbors that are
 * alike in this are one class. Nothing of it is there until a configuration had such a policy, and till then a route
 * passes for a test of a pointer. What was said is kept by said.h, so that another policy may decide otherwise. */
#ifndef CONTROLLER_GATES_H
#define CONTROLLER_GATES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/blob.h"
#include "common/reader.h"
#include "common/text.h"
#include "controller/controller.h"
#include "proto/bgp/family.h"

struct gates;
struct config;
struct config_neighbor;
struct neighbor;

/* A configuration was applied (its routes not yet): its gates take the place of the ones before, and what was said is
 * decided anew. */
void gates_apply(struct controller *);
void gates_free(struct controller *);
/* What gates asked has changed (ROAs; or anything: NULL): a condition of that word decides anew. */
void gates_reconsider(struct controller *, const char *word);
void gates_neighbor_made(struct neighbor *); /* after its configuration was applied */
void gates_neighbor_settled(struct neighbor *);

/* Does any policy go by this owner's name: has it an import of its own, or does a condition ask whose a route is? */
bool gates_go_by(const struct config *, const char *name);
bool gates_ask_source(const struct config *);

/* Gates of a configuration that is not applied: `settings` says what a neighbor would be, NULL: it would be gone; where
 * `settings` itself is NULL, they are as they are. The configuration and `self` are borrowed until gates_put. */
struct gates *gates_of(struct controller *, const struct config *,
    const struct config_neighbor *(*settings)(const void *self, const struct neighbor *),
    const void *self);
void gates_put(struct gates *); /* NULL is fine */

/* Those of `set` that an owner's routes reach through a gate: a share. */
uint32_t gates_before(struct gates *, uint32_t owner, uint32_t set);
bool gates_any(struct gates *); /* does anything pass one at all? */

/* A route in front of the gates. */
struct gated {
	enum family family;
	struct reader nlri;
	struct blob *value; /* borrowed */
	uint32_t owner;
};

/* What decided. */
struct gate_verdict {
	const char *step; /* "the import of client feeder": lent until the next configuration */
	const char *by; /* "policy a rule b (line 7)" */
};

/* What gates refused of something that was said: (route, neighbor) pairs, and the first of them. */
struct refusal {
	size_t count, left; /* left: not kept, because another client's route is told there */
	uint32_t neighbor; /* its number */
	struct gate_verdict verdict;
	bool gated; /* a gate was passed at all */
	/* Not by policies: those for which intent had no room (intent_has_room), and at which speaker. */
	size_t full;
	const struct speaker_entry *full_at;
};
/* "the import of client feeder, policy a rule b (line 7), rejects it" */
void refusal_print(const struct refusal *, struct text *);

/* For each class of neighbors that meets `set`: its members (lent) and what it comes to for them (a share that is the
 * callee's); NULL: nothing. */
void gates_pass(struct gates *, const struct gated *, uint32_t set,
    void (*each)(void *arg, uint32_t members, struct blob *value, const struct gate_verdict *),
    void *arg);
#endif
