/* The controller: clients, configuration, what the peers are to be told, and which speaker has which peer.
 * This is the one struct that its parts share.
 *
 *      speaker frames -> lane -> neighbor, mirror -> api (events)
 *      api, config -> intent -> lane -> speaker frames
 */
#ifndef CONTROLLER_CONTROLLER_H
#define CONTROLLER_CONTROLLER_H
#include <stdbool.h>
#include <stdint.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/list.h"
#include "common/loop.h"
#include "common/set.h"
#include "proto/frame/link.h"

struct config;
struct gates;
struct fleet;
struct api;
struct neighbor;
struct reloads;
struct restatements;
struct rpki;
struct retire;
struct sock_zap;
struct tellings;
struct watchdogs;

struct controller_options {
	const char *const *files;       /* configuration */
	unsigned file_count;
	char bind[256];                 /* where speakers connect; from the options, else the configuration */
	char api[256];                  /* where clients connect */
	const char *key_file;           /* CURVE keys; NULL: none (ipc only, or insecure) */
	bool insecure;                  /* tcp without keys is allowed */
	bool embedded;                  /* started by `ambo run`: one speaker named "local" over ipc */
};

struct controller {
	struct loop *loop;
	struct controller_options options;
	struct config *config;
	unsigned turn;                  /* exabgp.debug.rotate: which of the files is read */
	char key_file[256];             /* options.key_file points here */
	struct blobs *values;           /* route values: intent and mirrors share them */
	struct sets *sets;              /* neighbor numbers */
	struct list neighbors;          /* struct neighbor, in the configuration's order */
	uint32_t neighbor_count;
	struct neighbor **numbered;     /* by number; NULL where there is none */
	uint32_t numbers_cap, next_number;
	struct index addressed;         /* their numbers, by speaker and address */
	struct watchdogs *watchdogs;    /* routes of clients under them (watchdog.c); NULL at first */
	struct owners *owners;          /* names of those who announce */
	struct list deciders;           /* struct decider: clients whom policies ask (rib/decider.h) */
	struct rib *rib;                /* routes from peer to peer (rib/); NULL: there are none */
	struct gates *gates;            /* policies that routes of clients pass (gates.h); NULL: there are none */
	struct rpki *rpki;              /* who may originate what (rpki/); NULL: no cache is configured */
	struct restatements *restatements; /* generations of owners under way (intent_restate.c) */
	struct reloads *reloads;        /* the configuration, read again (reload.h) */
	struct tellings *tellings;      /* what is told in slices (telling.h); NULL at first */
	struct fleet *fleet;
	struct api *api;
	struct retire *retire;          /* what nobody needs any more */
	struct sock_zap *zap;
	uint64_t epoch, term;
	uint64_t grounds;               /* counts what a plan stands on: neighbors, their sessions, the configuration */
	uint64_t standings;             /* counts what gates' classes stand on: neighbors, their ASes and addresses */
	uint64_t changes;               /* of what peers are to be told: lanes that were woken for it */
	bool settling;                  /* routes of a new configuration are being told: End-of-RIB comes behind them (reload.c) */
	bool holding;                   /* nothing leaves: helpers are in the middle of something (api/burst.h) */
	double started;                 /* wall time */
	struct loop_timer ending;       /* no peer has an attempt left: what is to be told still leaves */
};

int controller_open(struct controller *, struct loop *, const struct controller_options *);
void controller_close(struct controller *);
/* Read the configuration again and apply the difference; on an error the old one stays (logged, and in *why,
 * which may be NULL). At once, as only tests can wait for it: the program asks for it in slices (reload.h). */
struct text;
int controller_reload(struct controller *, struct text *why);
/* A neighbor had its last attempt, or is gone. Where attempts are limited (exabgp.tcp.attempts) and no neighbor
 * can come up any more, the loop ends with 0. */
void controller_neighbor_over(struct controller *);
#endif
