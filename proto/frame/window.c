#include "proto/frame/window.h"

void
window_init(struct window *w)
{
	*w = (struct window){ .size = WINDOW_START };
}

bool
window_open(const struct window *w)
{
	return w->in_flight < w->size && w->count < WINDOW_FRAMES;
}

bool
window_crowded(const struct window *w)
{
	return w->count >= WINDOW_SMALL;
}

void
window_sent(struct window *w, uint64_t sequence, size_t octets, uint64_t now)
{
	unsigned at = (w->first + w->count) % WINDOW_FRAMES;

	/* the caller asked window_open; a frame too many is counted with the last one */
	if (w->count == WINDOW_FRAMES) {
		at = (w->first + w->count - 1) % WINDOW_FRAMES;
		w->frame[at].sequence = sequence;
		w->frame[at].octets += octets;
	} else {
		w->frame[at].sequence = sequence;
		w->frame[at].octets = octets;
		w->frame[at].at = now;
		w->count++;
	}
	w->in_flight += octets;
	w->last = sequence;
}

/* A frame took `delay`: faster than half of what is allowed, the window grows by it; slower than allowed, it
 * shrinks in proportion, once for all the frames that were in flight then: they tell one and the same delay. */
static void
adjust(struct window *w, uint64_t sequence, uint64_t delay, size_t octets)
{
	if (delay < WINDOW_DELAY / 2) {
		w->size += octets;
	} else if (delay > WINDOW_DELAY && sequence > w->cut) {
		w->size = (size_t)(w->size * WINDOW_DELAY / delay);
		w->cut = w->last;
	}
	if (w->size > WINDOW_MOST)
		w->size = WINDOW_MOST;
	if (w->size < WINDOW_LEAST)
		w->size = WINDOW_LEAST;
}

bool
window_acknowledged(struct window *w, uint64_t sequence, uint64_t now)
{
	bool some = false;

	while (w->count > 0 && w->frame[w->first].sequence <= sequence) {
		size_t octets = w->frame[w->first].octets;
		uint64_t at = w->frame[w->first].at;

		w->in_flight -= octets;
		adjust(w, w->frame[w->first].sequence, now > at ? now - at : 0, octets);
		w->first = (w->first + 1) % WINDOW_FRAMES;
		w->count--;
		some = true;
	}
	return some;
}
