/* For rib/ alone: what its files share, each under its name. */
#ifndef CONTROLLER_RIB_INNER_H
#define CONTROLLER_RIB_INNER_H
#include "controller/config/config.h"
#include "controller/rib/rib.h"

/* paths.c: the paths of a family, found by the identity of their NLRI. */
void paths_init(struct rib_paths *, struct rib *, enum family);
void paths_fini(struct rib_paths *);
bool paths_full(const struct rib_paths *); /* there is no number for another: paths_add gives RIB_NOWHERE */
bool paths_taken(
    const struct rib_paths *, uint32_t number); /* is there one of this number? */
struct rib_path paths_at(const struct rib_paths *, uint32_t number); /* that is taken */
/* The entry of a source's ledger that a path stands for. */
struct ledger_entry *paths_entry(const struct rib_paths *, struct rib_path);
struct reader paths_key(const struct rib_paths *, struct rib_path); /* as it was spelt */
uint32_t paths_id(const struct rib_paths *, struct rib_path); /* its path id */
/* The paths of a key, at most `max` of them: their numbers. */
size_t paths_find(const struct rib_paths *, struct reader key, uint32_t *number, size_t max);
uint32_t paths_hash(enum family, struct reader key);
/* Tell the cache that a key of this hash comes soon. */
void paths_prefetch(const struct rib_paths *, uint32_t hash);
/* An entry, whose key has this hash, says a route now: it is a path from here on, of this number (RIB_NOWHERE: there are
 * too many of that key). *alone: its key has no other. It does so no more: it is none. Both may be said again. */
uint32_t paths_add(
    struct rib_paths *, uint32_t source, struct ledger_entry *, uint32_t hash, bool *alone);
/* Of the paths of a key the one of the least number stands for all. */
bool paths_first(const struct rib_paths *, uint32_t number);
/* The number it had; RIB_NOWHERE: it was none. */
uint32_t paths_remove(struct rib_paths *, uint32_t source, struct ledger_entry *, uint32_t hash);

/* contest.c: those of a key that may be chosen, and the rest; gathered anew for every decision. */
struct contest {
	struct contender contender[RIB_CONTENDERS];
	struct {
		struct rib_source *source;
		struct ledger_entry *entry;
		uint32_t number;
		const char *out; /* why it does not contend; NULL: it does */
		const char *said; /* a client decides on it: how; else NULL */
		struct blob *taken; /* what import made of it, a share */
		uint32_t tag; /* ... and the number it gave it */
	} path[RIB_CONTENDERS];
	size_t count; /* of path */
	size_t contends[RIB_CONTENDERS], contenders; /* places in path */
};
void contest_gather(struct rib *, enum family, struct reader key, struct contest *);
void contest_of_one(
    struct rib *, enum family, uint32_t number, struct contest *); /* the key has no other path */
size_t contest_choose(
    const struct rib *, struct contest *); /* the place in `path` of the best; count: none */
void contest_end(struct rib *, struct contest *); /* gives back what it held */
void looks_free(struct rib *);

/* rib.c */
void memo_forget(struct rib *); /* a source's number may mean another one from now on */
void memo_free(struct rib *);
struct rib *rib_there(struct controller *); /* made where nobody takes part yet */
/* Something of a key has changed: the best is chosen and told. `gone`: the number of a path that it had, `only`: of the
 * one that it has; or RIB_NOWHERE. */
void rib_decide(struct rib *, enum family, struct reader key, uint32_t gone, uint32_t only);
/* The same of an entry that is the only path of its key and says what the one before it said. False: it does not. */
bool rib_decide_alike(
    struct rib *, struct rib_source *, enum family, const struct ledger_entry *, uint32_t hash);

/* revise.c: what stands already is decided anew, in slices */
void revise_init(struct rib *);
void revise_fini(struct rib *);
void revise_all(struct rib *); /* targets have changed */

/* several.c: to those who are told several paths of a prefix. */
void several_tell(struct rib *, enum family, struct reader key, struct contest *, uint32_t gone);

/* told.c: into intent, and out of it again: members of `told` stay */
void told_announce(struct rib *, struct speaker_entry *, enum family, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t owner, uint32_t members);
/* the two together, for path id 0, where nobody else is told anything of that key */
void told_say(struct rib *, struct speaker_entry *, enum family, uint32_t hash, struct reader key,
    struct blob *value, uint32_t owner, uint32_t members);
void told_withdraw(struct rib *, struct speaker_entry *, enum family, uint32_t path_id,
    struct reader key, uint32_t told);
/* What the path at that place of a contest comes to for a target; NULL: nothing. *open: a client is asked about it, and
 * what the target is told stays as it is. *owner: by whose name it is told. */
struct blob *come_to(struct rib *, const struct contest *, size_t place, const struct rib_target *,
    uint32_t *owner, bool *open);
/* The owners of rules that have a limit, as the configuration has them now. */
void limits_apply(struct rib *);
/* The policy of a target on a route, clients included. */
bool export_run(struct rib *, const struct rib_target *, uint32_t number, struct blob *in,
    struct policy_route *, const struct policy_rule **by);
/* A path as import took it, for the policies of export. */
struct policy_route contest_route(const struct contest *, size_t place, enum family);

/* origins.c: the state of each path by its origin (RFC 6811), noted when it comes and when ROAs do */
void origins_note(struct rib *, enum family, uint32_t number);
void origins_free(struct rib *);

/* source.c */
void source_describe(struct rib_source *);
void sources_init(struct rib *);
void sources_apply(struct rib *);
void sources_check_whole(struct rib *); /* when they are, what an older controller told is swept */
void sources_free(struct rib *);
/* Of a neighbor that takes no part: it is read until as many candidates have let go of it. False, and it is not, while
 * what it said when it took part is being taken out: ask again. */
bool source_listen(struct rib *, struct neighbor *);
void source_ignore(struct neighbor *);
bool source_settled(const struct rib_source *); /* is all that it says here? */

/* target.c */
void targets_apply(struct rib *);
void targets_free(struct rib *);
const struct rib_plan *plan_of(struct rib *, struct rib_source *, enum family);
void plans_free(struct rib *, struct rib_source *);
bool neighbor_internal(const struct neighbor *); /* of our AS */
bool neighbor_external(const struct neighbor *); /* neither of our AS nor of our confederation */
/* The policies of these names, or what RFC 8212 says when there are none. */
void chain_make(const struct config *, const struct neighbor *, const struct config_names *,
    struct policy_chain *);

/* candidate.c */
bool candidate_claims(const struct rib *); /* it knows by itself what clients would have told */
/* By what configuration a RIB decides; of a neighbor: NULL: it is not in it */
const struct config *rib_config(const struct rib *);
const struct config_neighbor *rib_settings(const struct rib *, const struct neighbor *);
void candidate_announce(struct rib *, struct speaker_entry *, enum family, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t members);
void candidate_withdraw(
    struct rib *, struct speaker_entry *, enum family, uint32_t path_id, struct reader key);
#endif
