/* The fleet: the speakers that may connect, by name and key, and the ROUTER socket on which their lanes come.
 * Decides who is welcomed, who replaces whom, and who is refused by name. */
#ifndef CONTROLLER_FLEET_H
#define CONTROLLER_FLEET_H
#include <stdbool.h>
#include <stdint.h>
#include "common/list.h"
#include "common/sock.h"
#include "controller/controller.h"
#include "controller/intent.h"

struct lane;

struct speaker_entry {
	struct list link;            /* in fleet_speakers */
	struct controller *controller;
	char name[LINK_NAME];        /* "local" for the embedded one */
	char key[SOCK_KEY_TEXT];     /* public, Z85; "" when none is demanded */
	struct intent intent;
	uint32_t members;            /* set of its neighbors' numbers */
	bool adopted;                /* what it held when we came has been taken over */
	struct lane *lane;           /* while connected and welcomed; else NULL */
	uint64_t lanes, refused;     /* counts */
	uint64_t seen;               /* loop time of its last frame; 0: never */
	bool configured;             /* in the current configuration */
	bool gone;                   /* its lane was lost, and there is no other */
	struct loop_timer absence;   /* when what a neighbor of it said is withdrawn (absence.h) */
};

struct fleet *fleet_open(struct controller *);       /* binds; NULL: logged */
void fleet_close(struct fleet *);
struct list *fleet_speakers(struct fleet *);
struct speaker_entry *fleet_speaker(struct fleet *, const char *name); /* NULL or "": the only one; NULL if none */
/* Those of the configuration; "local" when it names none. Then, when the neighbors have been applied, tidy:
 * the speakers that it does not name any more go. */
void fleet_apply(struct fleet *, const struct config *);
void fleet_tidy(struct fleet *);
/* Whose key is it? For the ZAP handler: false when it is no speaker's. */
bool fleet_allows(struct fleet *, const char *key, char name[64]);
const char *fleet_endpoint(struct fleet *);          /* as bound */
#endif
