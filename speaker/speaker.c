#include "speaker/speaker.h"
#include <sys/random.h>
#include "common/log.h"
#include "common/retire.h"
#include "speaker/advertise.h"
#include "speaker/arrivals.h"
#include "speaker/link.h"
#include "speaker/linger.h"
#include "speaker/listener.h"
#include "speaker/mirror.h"
#include "speaker/peer.h"
#include "speaker/rib_out.h"

enum { END_LOOK = 10000, END_MOST = 1000000 /* microseconds */ };

int
speaker_open(struct speaker *s, struct loop *loop, const struct speaker_options *options)
{
	*s = (struct speaker){ .loop = loop, .options = *options, .started = loop_now(loop) };
	if (getrandom(&s->epoch, sizeof s->epoch, 0) != sizeof s->epoch)
		s->epoch = loop_now(loop);
	peers_open(s);
	s->values = blobs_new();
	s->sets = sets_new();
	s->retire = retire_new(loop);
	s->out = rib_out_open(s);
	s->advertise = advertise_open(s);
	s->mirror = mirror_open(s);
	s->arrivals = arrivals_open(s);
	s->listener = listener_open(s);
	if (s->listener)
		s->link = link_open(s);
	if (s->link)
		return 0;
	speaker_close(s);
	return -1;
}

/* The peers close when they have read what they were told. */
static void
ending(void *self)
{
	struct speaker *s = self;

	if (linger_count() == 0 || loop_now(s->loop) >= s->ends)
		loop_stop(s->loop, 0);
	else
		loop_timer_set(s->loop, &s->ending, loop_now(s->loop) + END_LOOK);
}

void
speaker_end(struct speaker *s)
{
	for (uint32_t i = 0; i < s->peers_cap; i++)
		if (s->peers[i])
			peer_end(s->peers[i]);
	s->ends = loop_now(s->loop) + END_MOST;
	s->ending = (struct loop_timer){ .fire = ending, .self = s };
	ending(s);
}

void
speaker_close(struct speaker *s)
{
	loop_timer_stop(s->loop, &s->ending);
	peers_close(s);
	listener_close(s->listener);
	arrivals_close(s->arrivals);
	link_close(s->link);
	mirror_close(s->mirror);
	advertise_close(s->advertise);
	rib_out_close(s->out);
	retire_free(s->retire);
	sets_free(s->sets);
	blobs_free(s->values);
}
