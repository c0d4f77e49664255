/* The other transport of sock.h, for sock*.c alone: both halves on one machine, a unix stream socket between
 * them, without the threads and the wake-ups that ZeroMQ has between a send and a receive.
 *
 * On the stream: messages, each with its length in 4 octets before it (the length does not count itself). The
 * first of a connection is the routing id of who connects; it is not told as a message. */
#ifndef COMMON_SOCK_UNIX_H
#define COMMON_SOCK_UNIX_H
#include "common/sock.h"

#define SOCK_UNIX_SCHEME "unix://"

typedef void sock_event(void *self, const char *what, const char *address);

struct sock_unix;

/* Binds the ROUTER at once (a file that is there is replaced), connects the DEALER in the first turn of the loop
 * given to sock_unix_readable, and again whenever the connection is lost. NULL with errno. */
struct sock_unix *sock_unix_open(const struct sock_options *);
void sock_unix_close(struct sock_unix *); /* the file stays for whoever binds next */
void sock_unix_readable(struct sock_unix *, struct loop *, loop_handler *, void *self);
void sock_unix_watch(struct sock_unix *, sock_event *, void *self); /* NULL: no more */
/* Somebody listens on this socket, or it is one that we may not connect to: it is his, and is not to be replaced. */
bool sock_unix_taken(const char *path);
/* As sock_receive and sock_send. */
int sock_unix_receive(struct sock_unix *, struct sock_message *);
int sock_unix_send(struct sock_unix *, struct reader routing_id, const void *body, size_t len);
#endif
