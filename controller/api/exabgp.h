/* Answers to helpers, which know ExaBGP's: a line of text, or one of JSON where they speak version 6 or use its
 * words. */
#ifndef CONTROLLER_API_EXABGP_H
#define CONTROLLER_API_EXABGP_H
#include "controller/api/command.h"

/* {"status": "reload in progress"}, or the words alone. */
void exabgp_says(struct call *, const char *words);
const char *exabgp_version(const struct call *);
void exabgp_status(struct call *);
void exabgp_ping(struct call *);
#endif
