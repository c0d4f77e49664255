/* Limits: of the routes of an owner that has a limit (`limit N/s` of a policy, which comes as `limit` of its OWNER frame) no
 * more than N changes a second are told to a peer. What is more waits as any reader does that is behind: the outlet's
 * own reader passes such entries by, and where it passes the first one a reader of the limit is opened in its place,
 * which goes on as the bucket allows and is closed when it has caught up. So of what waits each route is told once, as it is by then;
 * nothing is queued; routes under no limit, under another, and to other peers are held up by nothing.
 *
 * A change is a route announced or withdrawn, however many share an UPDATE. A twentieth of a second of them may go at once,
 * and one. No change, and not limited: what a session is told up to its End-of-RIB, and what is told again because somebody asked
 * (ROUTE-REFRESH, `flush`); meanwhile what waited goes too. Nor does a limit hold when withdraws pile up to half of what
 * would cut the reader loose (ledger.h): who made it slow is not to blame the peer. Receipts and `eor` of the API do not
 * wait for what waits here.
 *
 * Nothing of it is there where no owner has a limit. */
#ifndef SPEAKER_LIMIT_H
#define SPEAKER_LIMIT_H
#include <stdbool.h>
#include <stdint.h>
#include "common/ledger.h"
#include "common/list.h"
#include "common/loop.h"
#include "proto/bgp/family.h"
#include "proto/frame/link.h"
#include "speaker/pace.h"

struct outlet;

/* Of one outlet and owner: from the first change on until all is told and the bucket is full again. */
struct limit {
	struct list link; /* in outlet.limits */
	struct outlet *outlet;
	uint32_t owner; /* owners.h */
	struct pace pace;
	struct ledger_reader *reader[FAMILIES]; /* NULL: nothing of that family waits */
	uint64_t left; /* entries passed by, less those told: at least what waits */
	uint64_t since; /* something waits */
	struct loop_timer timer;
};

/* Does the outlet's own reader pass by what owners with a limit say? There is one, and the outlet is not being told
 * everything that there is. */
bool limits_hold(const struct outlet *, enum family);
/* It is about to pass `count` of them. */
void limit_hold_back(struct outlet *, enum family, uint32_t owner, unsigned count);
/* Changes that may go now: UINT32_MAX: all. */
uint32_t limit_allows(const struct limit *, enum family);
void limit_took(struct limit *, enum family, unsigned count);
/* Nothing more can be done for it now: what has caught up is closed, and advertise_limit is called when more may go. It
 * may be gone then. */
void limit_rest(struct limit *);
bool limits_any(const struct outlet *); /* is there one: something waits, or did a moment ago */
void limits_close(struct outlet *);
/* What waits there: exact where at most about thirty entries of a family are in front of it, else no less than it is: a route
 * that changed several times may count as several. */
void limits_state(const struct outlet *, struct link_peer_state *);
#endif
