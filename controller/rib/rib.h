/* The RIB: routes from peer to peer. Nothing of it is there until a neighbor says `propagate`, or a diff asks what would
 * be.
 *
 *      mirror -> source (a reader of its ledgers) -> table (who says this prefix) -> best -> export -> intent
 *
 * A *source* is a neighbor whose routes may travel. Its mirror is the storage: the table keeps, for every route,
 * only where it is (eight octets and its place in an index, or nothing as long as one source has them all, one path
 * each). When a route changes, all that say its prefix contend (best.h), and each *target* that may have the chosen one
 * is told what it comes to (export.h), by way of intent, as routes of the owner "the rib", or of one for each rule with
 * a limit. What a client or the configuration says of the same prefix goes before it. Readers are served as the mirror changes, so nothing here is ever far behind. */
#ifndef CONTROLLER_RIB_RIB_H
#define CONTROLLER_RIB_RIB_H
#include <stdbool.h>
#include <stdint.h>
#include "common/index.h"
#include "common/ledger.h"
#include "common/list.h"
#include "controller/controller.h"
#include "controller/mirror.h"
#include "controller/policy/policy.h"
#include "controller/rib/best.h"
#include "controller/rib/export.h"
#include "controller/rib/verdicts.h"

enum {
	RIB_CONTENDERS = 1024, /* routes of one prefix that contend; more are left out, and logged */
	RIB_NOWHERE = 0xffffffff /* no number of a path, or of a source */
};

struct rib;
struct rib_origins;
struct rib_candidate;

/* A group of neighbors of one speaker that are told the same of a family. */
struct rib_target {
	struct speaker_entry *speaker;
	enum family family;
	struct export_target export;
	struct policy_chain policy;
	uint32_t members; /* a set of our numbers, a share */
	uint32_t to; /* its policy asks clients: the one member, for what they say is of that neighbor */
};

/* Whom a source's routes of a family go to: the groups without the source itself. */
struct rib_plan {
	uint32_t version; /* of rib->version; else it is made anew */
	struct rib_way {
		uint32_t target; /* in rib->targets */
		uint32_t members; /* a share */
	} * way;
	size_t count, cap;
	bool of_nlri; /* a policy on the way asks for the NLRI */
};

struct rib_source {
	struct rib *rib;
	uint32_t number; /* its place in rib->sources */
	struct neighbor *neighbor; /* NULL: it is gone */
	struct mirror *mirror; /* that it needs; NULL: gone, its ledgers are ours to retire */
	bool leaving; /* its routes do not contend any more and are taken out, step by step */
	bool silent; /* it takes no part: candidates alone look at its routes */
	bool took_part; /* once: what it said may stand with others yet */
	unsigned candidates; /* that want it read */
	struct export_source export;
	struct policy_chain policy;
	struct ledger *ledger[FAMILIES];
	struct ledger_reader *reader[FAMILIES];
	uint32_t leave_at[FAMILIES];
	struct rib_plan plan[FAMILIES];
};

struct rib_path {
	uint32_t source;
	uint32_t entry; /* its number in the source's ledger; the next free one when free */
};

/* The paths of a family (paths.c). Those of the source that had the first, the lead, are found by its ledger and have its
 * numbers, and nothing is kept of them but a bit each, until another has paths too: then they go over into the index,
 * some with each path that comes. */
struct rib_paths {
	struct rib *rib;
	enum family family;
	struct index index; /* over the other paths, by the identity of the NLRI */
	struct rib_path **page; /* of those; NULL: there was none yet */
	size_t pages, page_cap;
	uint32_t used, free; /* numbers ever given; the first free one */
	uint32_t most; /* there are no more: an index has no room for them */
	size_t count;
	uint32_t lead; /* a source, RIB_NOWHERE: none */
	bool alone; /* no other has had paths: every number is the lead's */
	uint32_t moved, bound; /* else those from `moved` on, below `bound` */
	uint64_t *led; /* a bit for each number of the lead that is a path */
	size_t led_cap; /* words */
	size_t led_count;
};

/* What was seen of a value of a source: many routes have one. */
enum { RIB_LOOKS = 64 };
struct rib_look {
	struct blob *value; /* a share */
	uint32_t source, version;
	const char *refused; /* why such a route does not contend; NULL: it does */
	const char *said; /* a client decides on it: how; else NULL */
	struct blob *taken; /* what import made of it, a share */
	uint32_t weight, tag;
	bool stale; /* LLGR_STALE is on it */
	struct view view;
};

/* What a value came to last: routes that came together mostly have one. */
struct rib_memo {
	struct blob *in; /* a share */
	struct blob *said; /* what the source said, a share, where all that says it comes to the same; or NULL */
	uint32_t source, version, tag;
	enum family family;
	struct rib_memo_way {
		struct blob *value; /* NULL: it is not told */
		uint32_t owner; /* by whose name: the rib's, or that of a limit */
		bool open; /* ... because a client is asked about it: what was told stays */
	} * out; /* for each way of the plan */
	size_t count, cap;
};

/* What is decided anew: all of it, or what these lists are about (revise.c). */
enum { RIB_TOUCHED = 16 };
struct rib_touched {
	bool whole;
	struct named_list *list[RIB_TOUCHED]; /* shares */
	size_t count, entries;
};

struct rib {
	struct controller *controller;
	struct best_rules rules;
	uint32_t owner, version;
	struct rib_limit { /* the rules that have one */
		const struct policy_rule *rule;
		uint32_t owner;
	} * limit;
	size_t limits, limit_cap;
	struct rib_source **source; /* NULL: free */
	uint32_t sources;
	size_t source_cap;
	struct rib_target *target;
	size_t targets, target_cap;
	uint32_t several; /* families of which somebody is told several paths of a prefix */
	struct rib_paths *paths; /* by family */
	struct rib_candidate *candidate; /* candidate.c: what another configuration would tell; NULL: what this one does */
	struct rib_look look[RIB_LOOKS];
	struct rib_memo memo;
	struct verdicts verdicts;
	const struct ledger_entry *fresh; /* while a route that was not there before is taken */
	struct loop_item *worker; /* sources that catch up, or go */
	struct loop_item *reviser; /* what is decided anew: targets have changed, or named sets */
	bool revising; /* a walk is under way: */
	struct rib_touched revised, revise_next; /* what it is about; what the one behind it is */
	uint32_t revise_at[FAMILIES], revise_end[FAMILIES];
	uint32_t revise_version; /* when it began */
	struct rib_origins *origins; /* origins.c; NULL: no cache is configured */
	bool adopting; /* what an older controller told is not swept yet, */
	struct loop_timer aging; /* policies ask for the age of routes: all is decided anew now and then */
	struct loop_timer patience; /* but is at the end of adopt-time */
};

/* The configuration or a session changed who takes part: sources and targets are brought up to date. */
void rib_apply(struct controller *);
/* What a named set holds has changed, by what this list holds: what that is about is decided anew. */
void rib_set_changed(struct controller *, struct named_list *by);
void rib_neighbor_changed(struct neighbor *);
void rib_neighbor_gone(struct neighbor *); /* before its mirror is freed */
void rib_free(struct controller *);
/* Not all of what its peers say has been read yet: what it is to be told is not complete, and its End-of-RIB waits. */
bool rib_undecided(const struct neighbor *);

/* --- from mirrors --- */
void rib_mirror_ledger(struct mirror *, enum family); /* made */
/* About to be freed: true when the RIB takes it over. */
bool rib_mirror_closing(struct mirror *, enum family);
void rib_mirror_changed(struct mirror *);
void rib_mirror_whole(struct mirror *);
bool rib_overrun(struct controller *, struct ledger_reader *);

/* --- from rpki: ROAs came or went, and rpki_changes says which --- */
void rib_origins_changed(struct controller *);

/* --- from intent: somebody else's route of this key was withdrawn --- */
void rib_reconsider(struct controller *, enum family, struct reader key);

/* --- what another configuration would tell (candidate.c) --- */
struct rib_difference {
	const struct neighbor *neighbor; /* who would be told */
	enum family family;
	struct nlri nlri;
	const struct blob *before, *after; /* NULL: nothing */
};
/* The configuration is lent until rib_candidate_free; from then on nothing is told and nothing is changed by it. */
struct rib_candidate *rib_candidate_new(struct controller *, const struct config *);
void rib_candidate_free(struct rib_candidate *);
/* Neighbors that take part by that configuration alone are read for it: true when what they say is here. */
bool rib_candidate_ready(struct rib_candidate *);
/* Some keys more: true at the end. What comes and goes meanwhile may or may not be among it. */
bool rib_candidate_step(struct rib_candidate *,
    void (*each)(void *arg, const struct rib_difference *), void *arg);
/* Of the neighbors there are: what it would be under that configuration; NULL: it would be gone. */
const struct config_neighbor *rib_candidate_settings(
    const struct rib_candidate *, const struct neighbor *);
size_t rib_candidate_keys(const struct rib_candidate *); /* looked at so far */

/* --- for show (explain.c) --- */
struct rib_shown {
	const struct neighbor *neighbor;
	struct nlri nlri;
	struct route_value received, value; /* value: what import made of it, where it contends */
	uint32_t weight;
	uint32_t age; /* seconds */
	bool accepted; /* it contends */
	bool chosen;
	bool stale; /* kept from a session that ended, or a last resort (RFC 9494) */
	const char *why; /* it is not: the step that removed it, or why it does not contend */
	const char *by; /* it is: the step that removed the last of the others */
	const char *said; /* a client decides on it: how; else NULL */
};
/* All routes of a key, as they were received. */
void rib_explain(struct controller *, enum family, struct reader key,
    void (*each)(void *arg, const struct rib_shown *), void *arg);
/* The same of every key of a family, at most `steps` keys from *at on (0 at first): true at the end. What comes and
 * goes meanwhile may or may not be among it. */
bool rib_list(struct controller *, enum family, uint32_t *at, unsigned steps,
    void (*each)(void *arg, const struct rib_shown *), void *arg);
/* Who said what is told under this path id (0: the best one); NULL: nobody who is still there. */
const struct neighbor *rib_teller(
    struct controller *, enum family, uint32_t path_id, struct reader key);
/* Is it one of the names under which the RIB tells? There is a RIB. */
bool rib_owns(const struct controller *, uint32_t owner);
/* Why a neighbor is told nothing by the RIB of the chosen route of a key; NULL: it is told. */
const char *rib_untold(
    struct controller *, enum family, struct reader key, const struct neighbor *);
#endif
