/* rib_out: what the peers are to be told, one ledger a family for the whole speaker; the audience of an entry
 * is a set of slots (slots.h). Survives the controller. The readers are the peers (advertise.h). */
#ifndef SPEAKER_RIB_OUT_H
#define SPEAKER_RIB_OUT_H
#include <stdint.h>
#include "common/audience.h"
#include "common/ledger.h"
#include "proto/frame/routes.h"
#include "speaker/speaker.h"

struct rib_out {
	struct speaker *speaker;
	struct audience told[FAMILIES];  /* .ledger NULL: nothing of that family yet */
	struct slots *slots;             /* of which the audiences are made */
	struct owners *owners;           /* of the entries: given back on adoption */
	uint32_t full; /* families of which the log said that there is no room */
	uint32_t again;                  /* slots of peers that are told again what is said again */
	bool restating;                  /* between a begin and its end: that is nothing said again */
	struct routes_ahead *ahead;      /* of the messages that come next */
	/* a sweep under way */
	uint32_t sweep_generation[FAMILIES], sweep_at[FAMILIES], sweeping;
	/* slots of peers that are gone, leaving the audiences */
	uint32_t forgetting, forgetting_in, forget_at[FAMILIES];
	/* which owners entries have, counted after a sweep */
	uint32_t counting_in, count_at[FAMILIES];
	struct loop_item *sweeper;
};

struct rib_out *rib_out_open(struct speaker *);
void rib_out_close(struct rib_out *);
struct ledger *rib_out_ledger(struct rib_out *, enum family);  /* made when needed */
uint64_t rib_out_count(const struct rib_out *);
/* Another lane, or none: owners' numbers are another's from now on. */
void rib_out_lane(struct rib_out *);
/* A message that is applied next but one, and stays where it is until then: what is looked up for it is asked for. */
void rib_out_soon(struct rib_out *, const struct routes_message *);
/* Apply one message of a ROUTES frame. */
void rib_out_message(struct rib_out *, const struct routes_message *);
/* A restatement begins; ends: what was not said again is withdrawn by a runner. A newer begin replaces an
 * unfinished one. */
void rib_out_begin(struct rib_out *);
void rib_out_end(struct rib_out *);
/* Is what is said again to this peer, outside a restatement, told to it again? */
void rib_out_again(struct rib_out *, uint32_t number, bool);
/* The peer of this number is gone: it leaves every audience, by a runner. The number may be another's at once. */
void rib_out_forget(struct rib_out *, uint32_t number);
#endif
