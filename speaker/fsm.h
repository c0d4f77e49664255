/* RFC 4271 section 8 as a value: an event in, a state and actions out. One instance a connection, plus one
 * in Idle, Connect or Active for the peer. No sockets, no clock, no log.
 *
 * Deviations that RFCs made since are noted at their case: 5492, 6608 (subcodes), 9687 (send hold). */
#ifndef SPEAKER_FSM_H
#define SPEAKER_FSM_H
#include "proto/frame/link.h"

enum fsm_event {
	FSM_START,               /* 1, 3, 4, 5: manual or automatic start, active or passive */
	FSM_STOP,                /* 2, 8: administrative; the fault to send is the session's */
	FSM_CONNECT_RETRY,       /* 9 */
	FSM_HOLD_EXPIRED,        /* 10 */
	FSM_KEEPALIVE_DUE,       /* 11 */
	FSM_SEND_HOLD_EXPIRED,   /* RFC 9687 */
	FSM_CONNECTED,           /* 16, 17: a TCP connection stands */
	FSM_CONNECT_FAILED,      /* 18: refused, or the established connection broke */
	FSM_OPEN,                /* 19 */
	FSM_HEADER_BAD,          /* 21; the fault is the session's */
	FSM_OPEN_BAD,            /* 22 */
	FSM_COLLISION,           /* 23: this connection lost */
	FSM_NOTIFICATION_VERSION, /* 24 */
	FSM_NOTIFICATION,        /* 25 */
	FSM_KEEPALIVE,           /* 26 */
	FSM_UPDATE,              /* 27 */
	FSM_UPDATE_BAD,          /* 28 */
	FSM_REFRESH,             /* RFC 2918 */
	FSM_EVENTS
};

enum fsm_action {
	FSM_DO_CONNECT = 1 << 0,        /* open a TCP connection (or keep listening, when passive) */
	FSM_DO_SEND_OPEN = 1 << 1,
	FSM_DO_SEND_KEEPALIVE = 1 << 2,
	FSM_DO_NOTIFY = 1 << 3,         /* send the fault: the session's own, or `notify` below */
	FSM_DO_CLOSE = 1 << 4,          /* close the connection, drop what belongs to it */
	FSM_DO_ESTABLISHED = 1 << 5,
	FSM_DO_HOLD = 1 << 6,           /* restart the hold timer with the negotiated time */
	FSM_DO_OPEN_HOLD = 1 << 7,      /* start it with the large value (open_wait) */
	FSM_DO_KEEPALIVES = 1 << 8,     /* start the keepalive timer */
	FSM_DO_RETRY = 1 << 9,          /* start the connect retry timer (back-off is the peer's) */
	FSM_DO_STOP_RETRY = 1 << 10,
	FSM_DO_DELIVER = 1 << 11        /* the message goes to the routes */
};

struct fsm {
	enum peer_state state;
	bool passive;
	unsigned actions;               /* to do now, in the order of the bits */
	uint8_t notify_code, notify_subcode; /* with FSM_DO_NOTIFY, when it is not the session's own fault */
};

void fsm_event(struct fsm *, enum fsm_event);
const char *fsm_event_name(enum fsm_event); /* "hold timer expired": for the state change line */
#endif
