/* Credit of one direction of the lane: what was sent and is not acknowledged yet, in octets and frames, within
 * a window that follows the measured time to acknowledgement: at most 100 ms of traffic, 64 KiB to 4 MiB.
 * A value; no clock: the caller says what time it is (microseconds). */
#ifndef PROTO_FRAME_WINDOW_H
#define PROTO_FRAME_WINDOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WINDOW_LEAST = 64 * 1024,
	WINDOW_START = 256 * 1024,
	WINDOW_MOST = 4 * 1024 * 1024,
	WINDOW_FRAMES = 48, /* the socket's high-water mark less 16 places for frames without credit */
	WINDOW_SMALL = 8,  /* with so many on their way a small frame waits */
	WINDOW_DELAY = 100000
};

struct window {
	size_t size, in_flight;    /* octets */
	struct {
		uint64_t sequence, at;
		size_t octets;
	} frame[WINDOW_FRAMES];
	unsigned first, count; /* a ring */
	uint64_t last, cut; /* the last frame sent; the last one sent before the window shrank */
};

void window_init(struct window *);
bool window_open(const struct window *);  /* another frame may be started */
bool window_crowded(const struct window *); /* WINDOW_SMALL frames or more are not acknowledged yet */
void window_sent(struct window *, uint64_t sequence, size_t octets, uint64_t now);
/* Everything up to `sequence` was applied. True when something new was. */
bool window_acknowledged(struct window *, uint64_t sequence, uint64_t now);
#endif
