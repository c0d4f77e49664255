/* What fuzzing begins with: seeds.c from the cases, seeds_frames.c for frames and for requests of clients. */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

/* One input: its first two octets, and the rest. The program ends when it can't be written. */
void seed(const char *target, uint8_t type, uint8_t session, const void *data, size_t len);

void frame_seeds(void);
void seed_routes(struct reader body, uint8_t on); /* an UPDATE as a frame of routes; `on` as of fuzz_session */
#endif
