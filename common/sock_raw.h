/* ZeroMQ's own sockets, for sock*.c alone: all from czmq's context, all known, so that the end of the
 * process never waits for one that somebody forgot. */
#ifndef COMMON_SOCK_RAW_H
#define COMMON_SOCK_RAW_H
#include <stdbool.h>
#include <stddef.h>
#include <zmq.h>

void *sock_raw_open(int type); /* NULL with errno; ENOTCONN before sock_start */
void sock_raw_close(void *raw); /* NULL is fine, and what sock_stop has closed */
int sock_raw_set(void *raw, int option, int value);

/* One message within the process: its parts, at most `max` kept (close them), how many there were; 0 when
 * there is none. */
unsigned sock_raw_receive(void *raw, zmq_msg_t *part, unsigned max);
void sock_raw_done(zmq_msg_t *part, unsigned count, unsigned max); /* closes what was kept */

bool sock_zap_is_open(void);

struct sock;
struct sock_unix;
void *sock_handle(struct sock *);             /* NULL: not ZeroMQ's */
struct sock_unix *sock_local(struct sock *);  /* NULL: ZeroMQ's */
#endif
