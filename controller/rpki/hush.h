/* librtr, as Debian builds it, prints each of its steps on stderr and has no switch for that. From the first hush on
 * what its threads print there is dropped, and what we print between hush and unhush; everything else that is
 * written through `stderr` (an assertion, ZeroMQ at its end) goes to descriptor 2 as before. The log does not use
 * it. */
#ifndef CONTROLLER_RPKI_HUSH_H
#define CONTROLLER_RPKI_HUSH_H

void hush(void);
void unhush(void);
#endif
