/* The seam behind which the transport of the lane and of the API stands: ZeroMQ sockets, and for two halves on one
 * machine a unix stream socket (unix:///path, a DEALER with a routing id or a ROUTER; no keys and no delimiters, the
 * mode of the file says who may). Every send is non-blocking; every ZeroMQ socket comes from the context that
 * czmq's zsys_init gives, without which ZAP is never asked and any key gets in. ZMQ_HEARTBEAT_* is never set
 * (libzmq 4.3.4 aborts on it). */
#ifndef COMMON_SOCK_H
#define COMMON_SOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/loop.h"
#include "common/reader.h"

struct sock;

enum { SOCK_HWM = 64, SOCK_KEY_TEXT = 41 };

/* A CURVE key pair in Z85 text. */
struct sock_keys {
	char public_key[SOCK_KEY_TEXT], secret_key[SOCK_KEY_TEXT];
};
void sock_keys_make(struct sock_keys *);
/* Files as czmq's zcert writes them. Save: mode 0600 with the secret, and path + ".pub" with the public
 * half. -1 with errno, for which sock_keys_why has words: EPERM for a secret that group or world can read, EINVAL where
 * there is no key. */
int sock_keys_save(const struct sock_keys *, const char *path);
int sock_keys_load(struct sock_keys *, const char *path);
int sock_public_load(char key[SOCK_KEY_TEXT], const char *path);
/* A public key as it was given: its text, or a file that holds it. */
int sock_public_of(char key[SOCK_KEY_TEXT], const char *given);
const char *sock_keys_why(int error); /* lent, until the next strerror */

enum sock_kind { SOCK_DEALER, SOCK_ROUTER };

struct sock_options {
	enum sock_kind kind;
	const char *endpoint;      /* tcp://..., ipc://... or unix:///path */
	const char *routing_id;    /* DEALER, or NULL */
	size_t routing_id_len;
	bool handover;             /* ROUTER: a returning routing id takes over */
	size_t max_message;        /* octets; larger ones cut the connection */
	int hwm;                   /* messages a peer may be behind, each way; 0: SOCK_HWM */
	const struct sock_keys *keys;   /* NULL: no CURVE */
	const char *server_key;    /* DEALER with keys: whom we expect, Z85 */
	const char *zap_domain;    /* ROUTER with keys: asks the ZAP handler of sock_zap */
	int ipc_mode;              /* mode of the ipc file after bind, 0 = as umask says */
};

/* Binds (ROUTER) or connects (DEALER). NULL with errno; the log is the caller's. EINVAL: a DEALER with keys
 * and no server_key, a ROUTER with keys and no zap_domain (it would let everybody in); ENOTCONN: no handler is
 * open that answers for the domain, or sock_start was not called; EADDRINUSE: somebody listens there; EEXIST: a file that
 * is no socket has the name. */
struct sock *sock_open(const struct sock_options *);
const char *sock_why(int error); /* the same in words, with what can be done; lent, until the next strerror */
/* What it was bound to is free a moment later: ZeroMQ closes in its own thread. Watches are closed before. */
void sock_close(struct sock *);
/* From now on the handler is called at LOOP_COMMANDS while there is something to receive; once a socket, until
 * sock_close. */
void sock_readable(struct sock *, struct loop *, loop_handler *, void *self);
const char *sock_endpoint(struct sock *);  /* as bound: the port filled in */

/* One message as received: routing id (ROUTER only), the User-Id that CURVE proved ("" without CURVE),
 * and the body; an empty delimiter frame before the body (REQ clients) is taken off and remembered.
 * Borrowed until the next sock_receive on that socket. Without CURVE a peer can claim any User-Id in its
 * handshake, so none is told. */
struct sock_message {
	struct reader routing_id;
	struct reader body;
	const char *user_id;
	bool delimiter;
	bool truncated; /* more parts than we know: to be refused */
};
/* 1 message, 0 nothing there, -1 error (errno). */
int sock_receive(struct sock *, struct sock_message *);
/* 0 sent; -1 with errno EAGAIN (not now: keep it), EHOSTUNREACH (no such peer), EMSGSIZE (a unix socket: longer than
 * its max_message). Never blocks. */
int sock_send(struct sock *, struct reader routing_id, bool delimiter, const void *body, size_t len);

/* The ZAP handler: who may connect. Answers in the loop's thread on inproc://zeromq.zap.01; must be
 * opened before a socket with a zap_domain, which fails to open otherwise. `allow` gives true and the
 * user id (a name; left empty: the key) for a client key in Z85; it closes no sockets. */
struct sock_zap;
struct sock_zap *sock_zap_open(struct loop *, bool (*allow)(void *self, const char *domain,
    const char *key_z85, const char *address, char user_id[64]), void *self);
void sock_zap_close(struct sock_zap *);

/* Watch a socket's connection events for the log: "connected", "disconnected", "handshake failed: ...". */
struct sock_watch;
struct sock_watch *sock_watch(struct loop *, struct sock *, void (*event)(void *self, const char *what,
    const char *address), void *self);
void sock_watch_close(struct sock_watch *);

int sock_start(void);  /* once a process, after loop_signals: the context; -1 when CURVE is not built in */
void sock_stop(void);  /* closes what is still open and ends the context; exit does it too */
#endif
