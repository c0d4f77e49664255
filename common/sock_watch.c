#include "common/sock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "common/mem.h"
#include "common/sock_raw.h"
#include "common/sock_unix.h"

enum {
	EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
		 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
		 ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED,
	EVENT_OCTETS = 6,
	TEXT = 512
};

struct sock_watch {
	struct loop *loop;
	struct loop_item *item;
	struct sock *sock;
	void *raw;
	void (*event)(void *self, const char *what, const char *address);
	void *self;
	/* so was the last that was told: ZeroMQ says then that the connection, which never was, has ended */
	bool failed;
};

static const char *
protocol_error(uint32_t value)
{
	switch (value) {
	case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC:
		return "it does not decrypt; is the server's public key the right one?";
	case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
		return "one side uses keys (CURVE) and the other does not";
	case ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE:
		return "key exchange";
	default:
		return NULL;
	}
}

static const char *
what_of(uint16_t event, uint32_t value, char text[TEXT])
{
	const char *error;

	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		return "connected";
	case ZMQ_EVENT_DISCONNECTED:
		return "disconnected";
	case ZMQ_EVENT_ACCEPT_FAILED:
		snprintf(text, TEXT, "accept failed: %s", strerror((int)value));
		return text;
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		snprintf(text, TEXT, "handshake failed: the key is not allowed (status %u)", value);
		return text;
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		error = protocol_error(value);
		if (error)
			snprintf(text, TEXT, "handshake failed: %s", error);
		else
			snprintf(text, TEXT, "handshake failed: protocol error 0x%08x", value);
		return text;
	default:
		snprintf(text, TEXT, "handshake failed: %s",
		    value == EPIPE
			? "the other side ended it; is its public key the one it has here?"
		    : value ? zmq_strerror((int)value)
			    : "connection closed");
		return text;
	}
}

/* Two parts: the event and its value in the machine's order, and the address. */
static void
tell(struct sock_watch *w, zmq_msg_t part[2])
{
	char text[TEXT], address[TEXT];
	uint16_t event;
	uint32_t value;
	size_t len = zmq_msg_size(&part[1]);

	if (zmq_msg_size(&part[0]) < EVENT_OCTETS)
		return;
	memcpy(&event, zmq_msg_data(&part[0]), sizeof event);
	memcpy(&value, (const char *)zmq_msg_data(&part[0]) + sizeof event, sizeof value);
	len = len < TEXT ? len : TEXT - 1;
	memcpy(address, zmq_msg_data(&part[1]), len);
	address[len] = '\0';
	if (w->failed && event == ZMQ_EVENT_DISCONNECTED) {
		w->failed = false;
		return;
	}
	w->failed = event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED && event != ZMQ_EVENT_DISCONNECTED &&
		    event != ZMQ_EVENT_ACCEPT_FAILED;
	w->event(w->self, what_of(event, value, text), address);
}

static enum loop_verdict
on_event(void *self)
{
	struct sock_watch *w = self;
	zmq_msg_t part[2];
	unsigned parts;

	while ((parts = sock_raw_receive(w->raw, part, 2)) > 0) {
		if (parts == 2)
			tell(w, part);
		sock_raw_done(part, parts, 2);
		if (loop_spent(w->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

/* The events come from ZeroMQ's threads by sends that block: the queue to us has no bound, or one of them
 * could wait for us while we wait for it. */
static void *
connect_monitor(struct sock *s)
{
	static unsigned number;
	char endpoint[64];
	void *raw;

	snprintf(endpoint, sizeof endpoint, "inproc://ambo.watch.%u", ++number);
	if (zmq_socket_monitor(sock_handle(s), endpoint, EVENTS) < 0)
		return NULL;
	raw = sock_raw_open(ZMQ_PAIR);
	if (raw && sock_raw_set(raw, ZMQ_RCVHWM, 0) == 0 && zmq_connect(raw, endpoint) == 0)
		return raw;
	sock_raw_close(raw);
	zmq_socket_monitor(sock_handle(s), NULL, 0);
	return NULL;
}

struct sock_watch *
sock_watch(struct loop *loop, struct sock *s,
    void (*event)(void *self, const char *what, const char *address), void *self)
{
	void *raw = sock_local(s) ? NULL : connect_monitor(s);
	struct sock_watch *w;

	if (!raw && !sock_local(s))
		return NULL;
	w = mem_zero(sizeof *w);
	w->loop = loop;
	w->sock = s;
	w->raw = raw;
	w->event = event;
	w->self = self;
	if (sock_local(s))
		sock_unix_watch(sock_local(s), event, self);
	else
		w->item = loop_zmq(loop, raw, LOOP_COMMANDS, on_event, w);
	return w;
}

void
sock_watch_close(struct sock_watch *w)
{
	if (!w)
		return;
	loop_close(w->item);
	if (sock_local(w->sock))
		sock_unix_watch(sock_local(w->sock), NULL, NULL);
	else
		zmq_socket_monitor(sock_handle(w->sock), NULL, 0);
	sock_raw_close(w->raw);
	mem_free(w);
}
