/* What was announced and withdrawn a moment ago, by the octets of the line around its prefix. A program that types a
 * table says the same words again and again behind other prefixes: such a line need not be cut and scanned.
 *
 *      announce route 10.0.0.0/24 next-hop self community [65001:666]
 *      head           prefix      tail
 *
 * A line is as one kept when its head and tail are the same octets, its prefix is of the same kind (IPv4 or IPv6,
 * unicast), the same client says it, and the grounds have not changed (controller.grounds): then it comes to the
 * same plan for the same neighbors. Only lines are kept whose outcome depends on nothing else: those of one unicast
 * prefix, without watchdog, split, or a wait. What is kept is bounded in number and octets, and all of it is dropped
 * when the grounds change. */
#ifndef CONTROLLER_API_RECENT_H
#define CONTROLLER_API_RECENT_H
#include "controller/api/client.h"
#include "controller/plan.h"

enum {
	RECENT_LINE_MAX = 4096, /* longer lines are not kept */
	RECENT_OCTETS_MAX = 1024 * 1024, /* of all lines that are kept */
	RECENT_NLRI_MAX = 17
};

/* A line divided at its prefix; it borrows the line. */
struct recent_line {
	struct reader whole, head, prefix, tail;
	enum family family;
	uint8_t len, nlri[RECENT_NLRI_MAX]; /* the prefix in canonical form */
	uint64_t hash;
};

/* What a line comes to. */
struct recent_said {
	uint64_t hash, client; /* client.number */
	struct octets octets; /* head and tail */
	size_t head;
	enum family family;
	bool withdraw;
	uint32_t path_id;
	struct plan plan;
	struct neighbor **neighbor; /* whom the selector meant */
	size_t count;
};

struct recent;
struct recent *recent_new(struct controller *);
void recent_free(struct recent *);

/* The first of the neighbors that the line was for. Most lines are for the same ones: the place of the next one's
 * prefix is asked for while that line is cut and scanned. */
void recent_tells(struct recent *, const struct neighbor *);
/* That neighbor, or NULL: what was so on other grounds is not so any more. */
const struct neighbor *recent_told(const struct recent *);
bool recent_missed(const struct recent *); /* the line that was asked for last was not found */
/* For so long nothing was found, nor said a second time, that this line need not be asked for: mostly, for some are. */
bool recent_passes(struct recent *);
/* Is this line as one that is kept? Lent until the next call; NULL: it is not, and has to be run next. */
const struct recent_said *recent_find(
    struct recent *, const struct client *, struct reader line, struct recent_line *);
/* The line that was asked for last was run, and these are its words from `route` or the family on: the place where its
 * prefix was divided off must be that of the word that was taken as its prefix. True when it is worth to be kept: it
 * was said before, and what it came to may depend on nothing but what is compared. */
bool recent_wants(struct recent *, struct reader line, const struct word *words, size_t count,
    const struct route_draft *);
/* Takes the plan over. */
void recent_keep(struct recent *, const struct client *, bool withdraw, const struct route_draft *,
    struct plan *, struct neighbor *const *, size_t count);
void recent_ran(struct recent *); /* it was run: the line is gone */
size_t recent_count(const struct recent *); /* for tests */
#endif
