/* What the files of a helper (process*.c) share. */
#ifndef CONTROLLER_API_PROCESS_INNER_H
#define CONTROLLER_API_PROCESS_INNER_H
#include "controller/api/process.h"

struct loop *process_loop(const struct process *);
bool process_runs(const struct process *);
/* SIGTERM in a while, SIGKILL a while later. */
void process_end_later(struct process *);
/* It is gone and nothing of it is left to take. */
void process_over(struct process *);

/* --- process_in.c --- */

enum loop_verdict process_readable(void *process);
void process_read_on(struct process *); /* if it was not read, and nothing is in the way any more */

/* --- process_answer.c: encoded as text, and how it ends --- */

void process_answer(
    struct request *, const struct api_reply *, const struct pack *data, struct pack *out);
int process_send(struct client *, const void *answer, size_t len);

/* --- process_out.c --- */

bool process_writes(const struct process *); /* there is somebody who reads */
enum loop_verdict process_writable(void *process);
/* Something was put into `owed`, which had so many octets before. */
void process_owes(struct process *, size_t before);
#endif
