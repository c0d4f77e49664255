/* Verdicts: what clients think of routes, where a policy asks them (`via client NAME`).
 *
 * Import: each route of a source whose import asks has an *opinion*: what import made of it last, about what somebody was asked,
 * and the answer, as long as the route is there. A route that is another than what was asked about is asked about anew;
 * until the verdict comes, or the time is over, what import made of it before stands: a new route does not contend,
 * a changed one goes on as it was. After the timeout the default holds, until a verdict on that very value comes
 * after all.
 *
 * Nothing waits for a client: what it can't be asked about (it is not there, or has too much open) takes the
 * default at once and is in its list of missed ones, threaded through the opinions, from which it is asked as
 * places come free, or when it comes. An opinion that was there before its policy asked anybody (a reload) takes the
 * default meanwhile: what it was is not known here.
 *
 * Export: a route that is the best has one for each neighbor of whom a rule asks. While that is open, what the
 * neighbor is told of the prefix stays as it is, whosever it was. */
#ifndef CONTROLLER_RIB_VERDICTS_H
#define CONTROLLER_RIB_VERDICTS_H
#include "common/heap.h"
#include "controller/policy/policy.h"
#include "controller/rib/decider.h"

struct rib_paths;
struct rib_source;

enum opinion_state {
	OPINION_NONE, /* nobody was asked */
	OPINION_OPEN, /* asked, and its time is not over */
	OPINION_DEFAULT, /* its time was over */
	OPINION_MISSED, /* nobody could be asked when it came */
	OPINION_ACCEPTED,
	OPINION_REJECTED
};

enum { OPINION_IMPORT = 0xffffffff }; /* `to` of those that are no neighbor's export */

struct opinion {
	struct list
	    missed; /* in decider.missed, or alone; of free ones nothing but `next` is there */
	struct decider *decider; /* NULL: nobody was asked yet */
	struct blob *asked; /* the value that it is about, a share */
	struct blob *changed; /* what the verdict made of it, a share; NULL: nothing */
	struct blob
	    *held; /* import: what was made of the route last, a share; NULL: it was not taken */
	uint64_t version; /* of what was asked last */
	uint32_t weight, tag; /* of held */
	uint32_t place; /* of its ask, PLACE_NONE: it is answered, or was not asked */
	uint32_t slot; /* in the heap of deadlines, while it is open */
	uint32_t number, path, to, next; /* next: of the same path; or the next free one */
	uint32_t seen; /* rib->version when it was looked at last */
	uint64_t decision; /* of a neighbor's export: in which it was run last */
	uint8_t family, state;
	bool known; /* `held` says what was before */
	bool med, self; /* of changed */
};

enum { PLACE_NONE = 0xffffffff, OPINION_PAGE = 1024 };

struct verdicts {
	struct rib *rib;
	struct opinion **page;
	size_t pages, page_cap;
	uint32_t used, free, count;
	uint32_t *
	    *of_path[FAMILIES]; /* by the number of a path, in pages: its first opinion, and 1 */
	size_t path_pages[FAMILIES], path_cap[FAMILIES];
	struct heap deadlines; /* struct opinion that are open */
	struct loop_timer timer;
	struct loop_item *expirer, *asker; /* whose time is over; those that were missed */
	uint64_t version; /* of routes, counted */
	uint64_t decision; /* counted */
	uint32_t sweep_at;
};

void verdicts_init(struct verdicts *, struct rib *);
void verdicts_fini(struct verdicts *);

/* The opinion of a path, made if there is none. `fresh`: the route has just come, so there is nothing before it. */
struct opinion *verdicts_of(struct verdicts *, enum family, uint32_t path, uint32_t to, bool fresh);
/* The rules have decided without anybody: what was asked before is nobody's concern. */
void verdicts_unasked(struct verdicts *, struct opinion *);
/* The end of a decision: exports of the path that were not run in it are asked about no more, so that what is exported
 * of it later has a time of its own. A verdict that was given stands. */
void verdicts_settle(struct verdicts *, enum family, uint32_t path);
/* The path goes. */
void verdicts_forget(struct verdicts *, enum family, uint32_t path);
/* Those that policies had no use for since that version go, some at a time: true at the end. */
bool verdicts_sweep(struct verdicts *, uint32_t since);
bool verdicts_open(const struct verdicts *); /* does any route wait? */

/* Behind policy_route.ask. */
struct asking {
	struct verdicts *verdicts;
	struct opinion *opinion; /* NULL: made when a rule asks, of the path below */
	struct blob *value; /* of the route as it came to the policy */
	enum family family;
	uint32_t path, to;
};
/* No rule has asked: the one that there may be from before goes. */
void asking_none(const struct asking *);
enum via_answer verdicts_ask(void *asking, const struct policy_via *, struct policy_route *);

/* For deciders: a verdict on an ask about it (NULL: none that can be read); its client is gone; places are free. */
void opinion_verdict(struct opinion *, const struct verdict *);
void opinion_bereft(struct opinion *);
void verdicts_wake(struct controller *);
#endif
