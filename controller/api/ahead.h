/* The line that comes next, read while the one before it is not done yet: the places of its prefix and of its value are
 * asked for, and have come when they are wanted. Nobody is told anything by that: the line is said when its turn comes,
 * as any other, and only its words, its draft and the octets of its value are there already.
 *
 * Lines of few kinds are found by `recent`, which is cheaper: while it finds them, nothing is read ahead. */
#ifndef CONTROLLER_API_AHEAD_H
#define CONTROLLER_API_AHEAD_H
#include "common/words.h"
#include "controller/plan.h"

struct api;

struct ahead_line {
	struct reader line; /* where it lies; of no octets: none was read */
	struct words_line cut;
	struct words from, to; /* the words that were scanned, and those behind; empty: none were */
	struct route_draft draft;
	struct plan_soon value;
};

struct ahead;
struct ahead *ahead_new(struct api *);
void ahead_free(struct ahead *);
/* The line behind the one that is said next. */
void ahead_read(struct ahead *, struct reader line);
/* Said before the octets of lines that were read are moved or freed: a line is known by where it lies. */
void ahead_forget(struct ahead *);
/* What is known of this very line, lent until two others are read; or NULL. */
struct ahead_line *ahead_find(struct ahead *, struct reader line);
/* Is its draft that of exactly these words? Then they are moved behind them. */
bool ahead_scanned(const struct ahead_line *, struct words *);
#endif
