/* Commands in ExaBGP's words. One table, command.c: a command is a row there and a function. */
#ifndef CONTROLLER_API_COMMAND_H
#define CONTROLLER_API_COMMAND_H
#include "common/reason.h"
#include "common/words.h"
#include "controller/api/parts.h"
#include "controller/api/recent.h"
#include "controller/api/request.h"
#include "controller/api/selector.h"
#include "controller/intent.h"

/* A command being run. */
struct call {
	struct api *api;
	struct request *request;       /* answered with request_...(&call->request, ...) or kept */
	struct reader line;            /* all of it, as it came */
	struct words words;            /* what stands behind the command's own words */
	struct neighbor **neighbor;    /* chosen by the selector; all when there was none; api.chosen */
	size_t count;
	bool selected;                 /* there was a selector */
	const struct command *row;     /* NULL: not by the table */
	unsigned kind;                 /* from the row: functions serve several */
	const struct ahead_line *ahead; /* what of the line was read before its turn; or NULL */
	bool exabgp;                   /* a helper: it is answered as ExaBGP answers */
	struct reason why;
};

struct command {
	const char *words;
	enum config_role role;         /* who may say it */
	bool selects;                  /* may stand behind `neighbor <selector>` */
	void (*run)(struct call *);
	unsigned kind;
	const char *arguments, *help;  /* help NULL: another spelling, not shown */
};

/* What came of a line that was done again. */
struct again {
	bool withdraw;
	enum family family;
	struct nlri nlri; /* in memory of its own */
	uint8_t octets[RECENT_NLRI_MAX];
	size_t count;                  /* neighbors; they are in api.chosen */
	struct intent_result result;
};
void again_print(const struct again *, struct text *);

extern const struct command command_table[];
extern const unsigned command_count;

/* Run a line of a client; answers the request, now or later. */
void command_run(struct request *, struct reader line);
/* Is it one that changes what neighbors are told? */
bool command_tells(struct request *, struct reader line);
/* Selector of a show: `neighbor <selector>`, a bare address, or nothing: narrows the call. -1: refused. */
int call_narrow(struct call *);
/* All of it is set, and the line is cut into words. -1 with a reason. */
int call_begin(struct call *, struct request *, struct reader line);
/* `neighbor <selector>` in front of the words, or all: the call is for these. -1: refused. */
int call_choose(struct call *);
int call_end(struct call *);       /* -1 with a reason when words are left */
void call_refuse(struct call *);   /* answers with call.why */

/* An announce or withdraw that is as one that was said a moment ago but for its prefix is done without being cut
 * into words: gives the neighbors that it was for. False: it has to be run. Not for who waits for "sent". */
bool command_again(struct client *, struct reader line, struct again *);

/* announce.c */
void command_announce(struct call *);     /* kind: 0 announce, 1 withdraw */
void command_watchdog(struct call *);
/* Its pieces, for commands that announce in other forms. The kind is as above. -1 with call.why. */
int announce_now(struct call *, struct intent_result *);
/* Kept for command_again; gives what was said, lent until the next line. NULL: it was refused. */
const struct route_draft *announce_line(struct call *, struct intent_result *);
int announce_scan(struct call *, enum family, struct route_draft *); /* the family where none is said */
int announce_draft(struct call *, const struct route_draft *, struct intent_result *);
/* group.c, routes.c */
void command_group(struct call *);
void command_group_start(struct call *);
void command_group_end(struct call *);
void command_routes(struct call *);
/* peers.c */
void command_create(struct call *);
void command_delete(struct call *);
/* control.c */
enum { CONTROL_EOR, CONTROL_REFRESH, CONTROL_TEARDOWN, CONTROL_FLUSH, CONTROL_CLEAR_IN };
void command_order(struct call *);        /* kind: what the speakers are asked to do */
void command_operational(struct call *);  /* operational.c */
void command_clear(struct call *);        /* clear.c */
void command_reload(struct call *);
void command_restart(struct call *);
void command_shutdown(struct call *);
void command_version(struct call *);
void command_ping(struct call *);
void command_help(struct call *);
void command_status(struct call *);
/* session.c: how a helper is answered */
enum { SESSION_ACK, SESSION_NO_ACK, SESSION_SILENCE, SESSION_SYNC, SESSION_NO_SYNC };
void command_session(struct call *);
void command_restart_process(struct call *);
/* exabgp.c: what only helpers have */
void command_session_reset(struct call *);
void command_bye(struct call *);
void command_crash(struct call *);
void command_queue_status(struct call *);
void command_api_version(struct call *);
/* show_neighbors.c, show_routes.c, show_rib.c, show_rpki.c; show_parties.c: speakers, owners, clients, processes, policy */
enum { SHOW_TABLE, SHOW_SUMMARY, SHOW_EXTENSIVE, SHOW_LIST, SHOW_CONFIGURATION };
void command_show_neighbors(struct call *); /* kind: the form when no word says one */
enum { SHOW_RECEIVED = 1, SHOW_SENT = 2, SHOW_ADJ_RIB = 4 };
void command_show_routes(struct call *);  /* kind: which, and in whose form */
void command_show_rib(struct call *);
void command_show_speakers(struct call *);
void command_show_rpki(struct call *);
void command_show_owners(struct call *);
void command_show_clients(struct call *);
void command_show_processes(struct call *);
void command_show_policy(struct call *);
/* sets.c */
enum { SET_REPLACE, SET_ADD, SET_REMOVE, SET_RESTORE };
void command_set(struct call *);          /* kind: what is done with what is said */
void command_show_sets(struct call *);
void command_policy_diff(struct call *);  /* policy_diff.c */
void command_explain(struct call *);      /* explain.c */
#endif
