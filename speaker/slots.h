/* Slots: the speaker's own numbers of peers, of which the audiences in rib_out are made. The lane's numbers are
 * the controller's to choose and to give to another peer at any time; a slot is nobody else's before its routes are
 * forgotten. Most have the lane's number. */
#ifndef SPEAKER_SLOTS_H
#define SPEAKER_SLOTS_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/set.h"
#include "proto/frame/link.h"

enum { SLOT_NONE = 0xffffffff };

struct slots;
struct slots *slots_new(void);
void slots_free(struct slots *);

/* The slot of a number of the lane; it has one from the first time on. SLOT_NONE: all are taken. */
uint32_t slot_of(struct slots *, uint32_t number);
/* The number means another from now on. Gives the slot that it had, which stays taken; SLOT_NONE: it had none. */
uint32_t slot_leave(struct slots *, uint32_t number);
/* Nothing is for it any more: others may have it. */
void slot_release(struct slots *, uint32_t slot);

/* A set of slots for a bitmap of numbers; a share. */
uint32_t slots_set(struct slots *, struct sets *, struct reader numbers);
/* The other way round; slots that were left are left out. Borrowed until the next call, or the next change of a set. */
struct reader slots_numbers(struct slots *, const struct sets *, uint32_t set);
#endif
