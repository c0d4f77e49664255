/* Policy: rules about routes, as an operator writes and reads them.
 *
 *      policy NAME { rule NAME { match { ... } then { ... } } ... }
 *
 * A route goes through the rules of a policy from the first on. A rule whose conditions all hold does its actions,
 * each of which the conditions of later rules see, and may end: `accept` and `reject` decide, `next` leaves the
 * rest of this policy to the next one of the chain, `go-to RULE` goes on at a rule further down. What no rule of a chain
 * decides is rejected. `via client NAME
 * timeout 50ms default accept` leaves the decision to a client, and its default to the rule (struct policy_via).
 *
 * A condition is a row in match.c, an action a row in act.c. Pure: no tables, no clock. */
#ifndef CONTROLLER_POLICY_POLICY_H
#define CONTROLLER_POLICY_POLICY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/reason.h"
#include "common/words.h"
#include "common/writer.h"
#include "controller/policy/named.h"
#include "proto/bgp/family.h"
#include "proto/bgp/route.h"

struct roas;

/* What the next hop is to be: what the session says, or what a rule said. */
enum policy_hop { HOP_DEFAULT, HOP_SELF, HOP_UNCHANGED, HOP_ADDRESS };

/* A client that decides. Whoever runs the policy asks it, and knows how far that has come. */
enum via_answer {
	VIA_ACCEPTED,
	VIA_REJECTED,
	VIA_OPEN, /* it is asked, and its time is not over: what is decided of the route stays as it was */
	VIA_DEFAULT, /* it did not answer in time */
	VIA_MISSED, /* it could not be asked */
	VIA_ANSWERS
};

struct policy_via {
	char *client;
	uint32_t timeout; /* milliseconds */
	bool accepts; /* its default */
	char *label[VIA_ANSWERS]; /* "policy A rule B (line 7): client X rejected it" */
};

/* Who said a route: a peer, a client (of the API, or a helper), or the configuration. */
enum policy_source { SOURCE_PEER, SOURCE_CLIENT, SOURCE_CONFIGURATION, POLICY_SOURCES };

/* A route under a policy. What the actions make of the attributes stands in its own memory. */
struct policy_route {
	/* Given: */
	enum family family;
	struct reader nlri;
	struct route_value value; /* its attributes are replaced by the actions */
	enum policy_source source;
	const char *sayer; /* the name of the client, or the description of the peer; NULL: it has none */
	const struct addr *peer; /* who said it, if it is a peer */
	uint32_t peer_as;
	char *const *group; /* the templates that who said it inherits from */
	size_t groups;
	uint32_t age; /* seconds */
	/* How a client answers about the route as it is at this rule; it may lay other attributes. NULL: the default of
	 * the rule holds. */
	enum via_answer (*ask)(void *self, const struct policy_via *, struct policy_route *);
	void *self;
	const struct roas *roas; /* NULL: no route is found there */
	uint32_t own_as; /* the origin of what has no path */
	/* What became of it, or was given by import: */
	uint32_t tag;
	/* What became of it: */
	const char *said; /* a client decides on it: the label of how; else NULL */
	bool open; /* VIA_OPEN: policy_run gives false, and that is no decision */
	uint32_t weight;
	const struct policy_rule
	    *limited; /* the last rule that has a limit: it is told by that; NULL: at once */
	enum policy_hop hop;
	struct addr hop_address; /* HOP_ADDRESS */
	bool med_said; /* a rule said what MED is, or that there is none */
	bool changed; /* attributes, or the next hop */
	bool failed; /* an action could not be done: too long */
};

struct policy_condition {
	const struct match_ops *ops;
	struct named_sets *sets; /* that may be called by name */
	void *what; /* as the ops made it; the ops free it */
	uint64_t low, high;
};

struct match_ops {
	const char *word, *expected, *help;
	int (*scan)(struct words *, struct policy_condition *, struct reason *);
	bool (*holds)(const struct policy_condition *, const struct policy_route *);
	void (*fini)(struct policy_condition *); /* NULL: nothing to free */
	bool
	    of_nlri; /* asks for the NLRI: what is answered for a value does not hold for all routes that have it */
	bool of_age; /* asks for the age: what is answered does not hold for long */
};

struct policy_action {
	const struct act_ops *ops;
	struct policy_rule *rule; /* that it is of */
	void *what;
	uint64_t number;
};

struct act_ops {
	const char *word, *expected, *help;
	int (*scan)(struct words *, struct policy_action *, struct reason *);
	void (*apply)(const struct policy_action *, struct policy_route *);
	void (*fini)(struct policy_action *);
	/* Does it put into routes what the list holds? NULL: it puts nothing that a list could. */
	bool (*puts)(const struct policy_action *, const struct named_list *);
};

enum policy_end {
	RULE_GOES_ON,
	RULE_ACCEPTS,
	RULE_REJECTS,
	RULE_LEAVES,
	RULE_GOES_TO,
	RULE_ASKS
};

struct policy_rule {
	char *label; /* "policy A rule B (line 7)" */
	char *name;
	char *go_to; /* RULE_GOES_TO: the rule's name */
	size_t target; /* ... and its number in the policy */
	struct policy_condition *condition;
	size_t conditions, condition_cap;
	struct policy_action *action;
	size_t actions, action_cap;
	enum policy_end end;
	struct policy_via *via; /* RULE_ASKS */
	uint32_t limit; /* changes a second of what is told by it to each neighbor; 0: no bound */
};

struct policy {
	char *name;
	struct named_sets *sets; /* lent; NULL: there are none */
	struct policy_rule **rule;
	size_t rules, rule_cap;
	bool of_nlri, of_age; /* one of its conditions is */
	bool via; /* one of its rules asks a client: its answer is of one route, whatever else has that value */
};

/* What stands there without being written: "accept" and "reject". NULL: no such one. */
const struct policy *policy_builtin(const char *name);
struct policy *policy_new(const char *name, size_t len);
struct policy_rule *policy_rule_new(struct policy *, const char *name, size_t len, unsigned line);
void policy_free(struct policy *);

/* One statement of match { } or then { }; the word is taken already. -1 with a reason. */
int policy_match(
    struct policy *, struct policy_rule *, const char *word, struct words *, struct reason *);
int policy_then(
    struct policy *, struct policy_rule *, const char *word, struct words *, struct reason *);
/* All of its rules are there: -1 with a reason when one goes to a rule that is not further down. */
int policy_close(struct policy *, struct reason *);

extern const struct match_ops match_table[];
extern const size_t match_count;
extern const struct act_ops act_table[];
extern const size_t act_count;

/* A chain: policies one after the other. The list is its own, the policies are lent. */
struct policy_chain {
	const struct policy **policy;
	size_t count, cap;
	bool of_nlri, of_age, via;
};
void policy_chain_add(struct policy_chain *, const struct policy *);
void policy_chain_fini(struct policy_chain *);
bool policy_chain_equal(const struct policy_chain *, const struct policy_chain *);
/* True when it is accepted. *by: the rule that decided, NULL when none did. What the route's attributes are made of
 * is valid until the next call. */
bool policy_run(const struct policy_chain *, struct policy_route *, const struct policy_rule **by);
/* What decided; NULL: no rule did. */
const char *policy_why(const struct policy_route *, const struct policy_rule *by);
/* Does one of its actions put into routes what the list holds? */
bool policy_puts(const struct policy *, const struct named_list *);

/* The first of its rules that has a limit, which is of what neighbors are told; NULL: none has. */
const struct policy_rule *policy_limit(const struct policy *);
/* Is there a condition of that word in it? */
bool policy_asks(const struct policy *, const char *word);

/* For actions: the attributes are laid anew without `code`, or with another value for it (canonical). */
void policy_put(struct policy_route *, uint8_t flags, uint8_t code, struct reader value);
void policy_remove(struct policy_route *, uint8_t code);
#endif
