/* ZAP 1.0 (rfc.zeromq.org/spec/27): ZeroMQ's I/O thread asks, for each handshake, and goes on with its other
 * connections until our loop has answered.
 *
 *      question: peer "" version request-id domain address routing-id mechanism credentials
 *      answer:   peer "" version request-id status text user-id metadata */
#include "common/sock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "common/mem.h"
#include "common/sock_raw.h"

enum { PEER, EMPTY, VERSION, REQUEST, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, KEY, PARTS };
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
enum { TEXT = 256, KEY_OCTETS = 32 };

struct sock_zap {
	struct loop *loop;
	struct loop_item *item;
	void *raw;
	bool (*allow)(void *self, const char *domain, const char *key_z85, const char *address,
	    char user_id[64]);
	void *self;
};

static unsigned handlers;

bool
sock_zap_is_open(void)
{
	return handlers > 0;
}

static bool
is(zmq_msg_t *part, const char *text)
{
	size_t len = strlen(text);

	return zmq_msg_size(part) == len && memcmp(zmq_msg_data(part), text, len) == 0;
}

static void
text_of(zmq_msg_t *part, char text[TEXT])
{
	size_t len = zmq_msg_size(part);

	if (len >= TEXT)
		len = TEXT - 1;
	memcpy(text, zmq_msg_data(part), len);
	text[len] = '\0';
}

/* An IPv4 peer of a socket that speaks IPv6 too comes as ::ffff:192.0.2.1. */
static const char *
plain_address(const char *address)
{
	return strncmp(address, "::ffff:", 7) == 0 && strchr(address, '.') ? address + 7 : address;
}

static bool
may_enter(struct sock_zap *z, zmq_msg_t *part, unsigned parts, char user[64])
{
	char domain[TEXT], address[TEXT], key[SOCK_KEY_TEXT];

	user[0] = '\0';
	if (parts != PARTS || !is(&part[VERSION], "1.0") || !is(&part[MECHANISM], "CURVE") ||
	    zmq_msg_size(&part[KEY]) != KEY_OCTETS)
		return false;
	text_of(&part[DOMAIN], domain);
	text_of(&part[ADDRESS], address);
	if (!zmq_z85_encode(key, zmq_msg_data(&part[KEY]), KEY_OCTETS) ||
	    !z->allow(z->self, domain, key, plain_address(address), user))
		return false;
	user[63] = '\0';
	if (!user[0])
		snprintf(user, 64, "%s", key);
	return true;
}

static void
say(struct sock_zap *z, const void *data, size_t len, int flags)
{
	(void)zmq_send(z->raw, data, len, ZMQ_DONTWAIT | flags);
}

static void
say_text(struct sock_zap *z, const char *text)
{
	say(z, text, strlen(text), ZMQ_SNDMORE);
}

static void
answer(struct sock_zap *z, zmq_msg_t *part, unsigned parts)
{
	char user[64];
	bool yes;

	if (parts <= REQUEST)
		return;
	yes = may_enter(z, part, parts, user);
	say(z, zmq_msg_data(&part[PEER]), zmq_msg_size(&part[PEER]), ZMQ_SNDMORE);
	say_text(z, "");
	say_text(z, "1.0");
	say(z, zmq_msg_data(&part[REQUEST]), zmq_msg_size(&part[REQUEST]), ZMQ_SNDMORE);
	say_text(z, yes ? "200" : "400");
	say_text(z, yes ? "OK" : "No access");
	say_text(z, yes ? user : "");
	say(z, "", 0, 0);
}

static enum loop_verdict
on_question(void *self)
{
	struct sock_zap *z = self;
	zmq_msg_t part[PARTS];
	unsigned parts;

	while ((parts = sock_raw_receive(z->raw, part, PARTS)) > 0) {
		answer(z, part, parts);
		sock_raw_done(part, parts, PARTS);
		if (loop_spent(z->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

struct sock_zap *
sock_zap_open(struct loop *loop,
    bool (*allow)(
	void *self, const char *domain, const char *key_z85, const char *address, char user_id[64]),
    void *self)
{
	void *raw = sock_raw_open(ZMQ_ROUTER);
	struct sock_zap *z;
	int why;

	if (!raw)
		return NULL;
	if (zmq_bind(raw, ZAP_ENDPOINT) < 0) {
		why = errno;
		sock_raw_close(raw);
		errno = why;
		return NULL;
	}
	z = mem_zero(sizeof *z);
	z->loop = loop;
	z->raw = raw;
	z->allow = allow;
	z->self = self;
	z->item = loop_zmq(loop, raw, LOOP_COMMANDS, on_question, z);
	handlers++;
	return z;
}

void
sock_zap_close(struct sock_zap *z)
{
	if (!z)
		return;
	loop_close(z->item);
	zmq_unbind(z->raw, ZAP_ENDPOINT); /* at once; closing takes its time in another thread */
	sock_raw_close(z->raw);
	handlers--;
	mem_free(z);
}
