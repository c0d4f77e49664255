/* RFC 4271 section 8.2.2, state by state. Optional attributes in use: AllowAutomaticStart,
 * SendNOTIFICATIONwithoutOPEN, CollisionDetectEstablishedState is off, DelayOpen is off. The connect retry
 * counter and its back-off are the peer's (peer_dial.c). An event that the RFC does not name in a state is a
 * fault of the other side there: FSM error, with the subcode of RFC 6608.
 *
 * Where this is not the RFC's letter: a connection that fails in OpenSent ends in Idle, not Active, because the peer
 * listens all the time and dials after its back-off. A NOTIFICATION in OpenSent is not answered with an FSM
 * error: who sent it has closed the connection (section 4.5). A bad header or OPEN in Established is told as what it is
 * (section 6.1), not as an FSM error. */
#include "speaker/fsm.h"
#include "proto/bgp/fault.h"

static enum peer_state
idle(struct fsm *f, unsigned actions)
{
	f->actions = actions | FSM_DO_CLOSE | FSM_DO_RETRY;
	return PEER_IDLE;
}

static enum peer_state
notify(struct fsm *f, uint8_t code, uint8_t subcode)
{
	f->notify_code = code;
	f->notify_subcode = subcode;
	return idle(f, FSM_DO_NOTIFY);
}

/* The session has the fault: what a parser found, or what an operator wants said. */
static enum peer_state
notify_own(struct fsm *f)
{
	f->notify_code = 0;
	return idle(f, FSM_DO_NOTIFY);
}

static enum peer_state
idle_state(struct fsm *f, enum fsm_event e)
{
	if (e != FSM_START)
		return PEER_IDLE;
	f->actions = FSM_DO_CONNECT | FSM_DO_RETRY;
	return f->passive ? PEER_ACTIVE : PEER_CONNECT;
}

static enum peer_state
connected(struct fsm *f)
{
	f->actions = FSM_DO_STOP_RETRY | FSM_DO_SEND_OPEN | FSM_DO_OPEN_HOLD;
	return PEER_OPEN_SENT;
}

static enum peer_state
connect_state(struct fsm *f, enum fsm_event e)
{
	switch (e) {
	case FSM_START:
		return PEER_CONNECT;
	case FSM_CONNECTED:
		return connected(f);
	case FSM_CONNECT_RETRY: /* the dial took too long: drop it; the back-off decides when to dial again */
	default:
		return idle(f, 0);
	}
}

static enum peer_state
active_state(struct fsm *f, enum fsm_event e)
{
	switch (e) {
	case FSM_START:
		return PEER_ACTIVE;
	case FSM_CONNECTED:
		return connected(f);
	default:
		return idle(f, 0);
	}
}

static enum peer_state
open_sent(struct fsm *f, enum fsm_event e)
{
	switch (e) {
	case FSM_START:
		return PEER_OPEN_SENT;
	case FSM_OPEN:
		f->actions = FSM_DO_SEND_KEEPALIVE | FSM_DO_HOLD | FSM_DO_KEEPALIVES;
		return PEER_OPEN_CONFIRM;
	case FSM_STOP:
	case FSM_COLLISION:
	case FSM_HEADER_BAD:
	case FSM_OPEN_BAD:
		return notify_own(f);
	case FSM_HOLD_EXPIRED:
		return notify(f, NOTIFY_HOLD, 0);
	case FSM_SEND_HOLD_EXPIRED:
		return notify(f, NOTIFY_SEND_HOLD, 0);
	case FSM_CONNECT_FAILED:
	case FSM_NOTIFICATION:
	case FSM_NOTIFICATION_VERSION:
		return idle(f, 0);
	default:
		return notify(f, NOTIFY_FSM, FSM_IN_OPEN_SENT);
	}
}

static enum peer_state
open_confirm(struct fsm *f, enum fsm_event e)
{
	switch (e) {
	case FSM_START:
		return PEER_OPEN_CONFIRM;
	case FSM_KEEPALIVE_DUE:
		f->actions = FSM_DO_SEND_KEEPALIVE | FSM_DO_KEEPALIVES;
		return PEER_OPEN_CONFIRM;
	case FSM_KEEPALIVE:
		f->actions = FSM_DO_HOLD | FSM_DO_ESTABLISHED;
		return PEER_ESTABLISHED;
	case FSM_STOP:
	case FSM_COLLISION:
	case FSM_HEADER_BAD:
	case FSM_OPEN_BAD:
		return notify_own(f);
	case FSM_HOLD_EXPIRED:
		return notify(f, NOTIFY_HOLD, 0);
	case FSM_SEND_HOLD_EXPIRED:
		return notify(f, NOTIFY_SEND_HOLD, 0);
	case FSM_CONNECT_FAILED:
	case FSM_NOTIFICATION:
	case FSM_NOTIFICATION_VERSION:
		return idle(f, 0);
	default:
		return notify(f, NOTIFY_FSM, FSM_IN_OPEN_CONFIRM);
	}
}

static enum peer_state
established(struct fsm *f, enum fsm_event e)
{
	switch (e) {
	case FSM_START:
		return PEER_ESTABLISHED;
	case FSM_KEEPALIVE_DUE:
		f->actions = FSM_DO_SEND_KEEPALIVE | FSM_DO_KEEPALIVES;
		return PEER_ESTABLISHED;
	case FSM_KEEPALIVE:
		f->actions = FSM_DO_HOLD;
		return PEER_ESTABLISHED;
	case FSM_UPDATE:
	case FSM_REFRESH:
		f->actions = FSM_DO_HOLD | FSM_DO_DELIVER;
		return PEER_ESTABLISHED;
	case FSM_STOP:
	case FSM_COLLISION:
	case FSM_HEADER_BAD:
	case FSM_OPEN_BAD:
	case FSM_UPDATE_BAD:
		return notify_own(f);
	case FSM_HOLD_EXPIRED:
		return notify(f, NOTIFY_HOLD, 0);
	case FSM_SEND_HOLD_EXPIRED: /* RFC 9687 */
		return notify(f, NOTIFY_SEND_HOLD, 0);
	case FSM_CONNECT_FAILED:
	case FSM_NOTIFICATION:
	case FSM_NOTIFICATION_VERSION:
		return idle(f, 0);
	default:
		return notify(f, NOTIFY_FSM, FSM_IN_ESTABLISHED);
	}
}

void
fsm_event(struct fsm *f, enum fsm_event e)
{
	static enum peer_state (*const on[PEER_STATES])(struct fsm *, enum fsm_event) = {
		[PEER_IDLE] = idle_state,
		[PEER_CONNECT] = connect_state,
		[PEER_ACTIVE] = active_state,
		[PEER_OPEN_SENT] = open_sent,
		[PEER_OPEN_CONFIRM] = open_confirm,
		[PEER_ESTABLISHED] = established,
	};

	f->actions = 0;
	f->notify_code = f->notify_subcode = 0;
	f->state = on[f->state](f, e);
}

const char *
fsm_event_name(enum fsm_event e)
{
	static const char *const names[FSM_EVENTS] = {
		[FSM_START] = "started",
		[FSM_STOP] = "stopped by an operator",
		[FSM_CONNECT_RETRY] = "no answer to our connection",
		[FSM_HOLD_EXPIRED] = "hold timer expired",
		[FSM_KEEPALIVE_DUE] = "keepalive due",
		[FSM_SEND_HOLD_EXPIRED] = "send hold timer expired",
		[FSM_CONNECTED] = "connected",
		[FSM_CONNECT_FAILED] = "connection failed",
		[FSM_OPEN] = "open received",
		[FSM_HEADER_BAD] = "message header error",
		[FSM_OPEN_BAD] = "open message error",
		[FSM_COLLISION] = "connection collision",
		[FSM_NOTIFICATION_VERSION] = "notification received: unsupported version",
		[FSM_NOTIFICATION] = "notification received",
		[FSM_KEEPALIVE] = "keepalive received",
		[FSM_UPDATE] = "update received",
		[FSM_UPDATE_BAD] = "update message error",
		[FSM_REFRESH] = "route refresh received",
	};

	return e < FSM_EVENTS ? names[e] : "unknown";
}
