#include "speaker/rib_in_kept.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/writer.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/route.h"
#include "speaker/link.h"
#include "speaker/mirror.h"
#include "speaker/rib_in_stale.h"

enum {
	STEPS = 256,
	RESYNC = 360, /* seconds, unless stale-time says */
	COMMUNITY = 8,
	COMMUNITY_FLAGS = 0xc0
};
enum { LLGR_STALE = 0xffff0006, NO_LLGR = 0xffff0007 }; /* RFC 9494 sections 3.2, 3.3 */

static uint64_t
now_of(const struct rib_in *in)
{
	return loop_now(in->peer->speaker->loop);
}

/* stale-time is the most that anything is kept for. */
static uint64_t
bounded(const struct rib_in *in, uint64_t seconds)
{
	uint64_t bound = in->peer->config.stale_time;

	return (bound > 0 && bound < seconds ? bound : seconds) * UINT64_C(1000000);
}

/* What the peer asked for in the OPEN of the session that ended, in seconds. */
static uint32_t
restart_time(const struct rib_in *in, enum family f)
{
	const struct caps *c = &in->peer->open_received.caps;

	return c->graceful.families & family_bit(f) ? c->graceful.time : 0;
}

static uint32_t
long_lived_time(const struct rib_in *in, enum family f)
{
	const struct peer *peer = in->peer;

	if (!peer->params.long_lived ||
	    !(peer->open_received.caps.long_lived.families & family_bit(f)))
		return 0;
	return peer->open_received.caps.long_lived.time[f];
}

/* The timer stands at the first end of all families. */
static void
arm(struct rib_in *in)
{
	struct loop *loop = in->peer->speaker->loop;
	uint64_t first = UINT64_MAX;

	for (int f = 0; f < FAMILIES; f++)
		if ((in->kept & family_bit((enum family)f)) && in->kept_until[f] < first)
			first = in->kept_until[f];
	if (first == UINT64_MAX)
		loop_timer_stop(loop, &in->kept_timer);
	else
		loop_timer_set(loop, &in->kept_timer, first);
}

/* Less is kept than before: the controller is told, and without a session and without anything kept it is over. */
static void
told(struct rib_in *in)
{
	struct peer *peer = in->peer;

	arm(in);
	if (in->kept == 0 && !peer->session)
		rib_in_close(peer);
	link_peer_state(peer->speaker->link, peer);
}

/* --- past the restart time --- */

static bool
has_community(struct reader list, uint32_t community)
{
	while (list.left >= 4)
		if (reader_u32(&list) == community)
			return true;
	return false;
}

/* The value with LLGR_STALE among its communities. NULL: there is no room for it. */
static struct blob *
marked(struct speaker *s, const struct route_value *v, struct reader communities)
{
	static uint8_t list_memory[UINT16_MAX], put_memory[UINT16_MAX + 4], memory[ROUTE_VALUE_MAX];
	struct writer list = writer_of(list_memory, sizeof list_memory);
	struct writer put = writer_of(put_memory, sizeof put_memory);
	struct writer attributes = writer_of(memory, sizeof memory);
	struct route_value with = *v;

	writer_copy(&list, communities);
	writer_u32(&list, LLGR_STALE);
	attrs_put(&put, COMMUNITY_FLAGS, COMMUNITY, writer_read(&list));
	if (!writer_ok(&list) || !writer_ok(&put))
		return NULL;
	attrs_overlay(&attributes, v->attributes, writer_read(&put));
	with.attributes = writer_read(&attributes);
	return writer_ok(&attributes) ? route_value_intern(&with, s->values) : NULL;
}

struct marking {
	struct rib_in *in;
	uint32_t since;
};

/* RFC 9494 section 4.2: it goes where the peer wants it so, else it says that it is a last resort. */
static void
mark_one(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const struct marking *m = arg;
	struct route_value v;
	struct attr a = { .value = { 0 } };
	struct blob *value;

	if (e->mark || ledger_said_in(l, e) >= m->since)
		return;
	v = route_value_of(blob_read(ledger_value(e)));
	if (!attrs_find(v.attributes, COMMUNITY, &a))
		a.value = (struct reader){ 0 };
	if (has_community(a.value, NO_LLGR)) {
		ledger_withdraw(l, e, NULL);
		rib_in_count(m->in, -1);
	} else if (!has_community(a.value, LLGR_STALE) &&
		   (value = marked(m->in->peer->speaker, &v, a.value))) {
		ledger_rewrite(l, e, value);
	}
}

static enum loop_verdict
mark(void *self)
{
	struct rib_in *in = self;

	for (int f = 0; f < FAMILIES; f++) {
		while (in->marking & family_bit((enum family)f)) {
			struct marking m = { in, in->kept_generation[f] };

			if (ledger_visit(in->ledger[f], &in->mark_at[f], STEPS, mark_one, &m))
				in->marking &= ~family_bit((enum family)f);
			mirror_changed(in->peer);
			if (loop_spent(in->peer->speaker->loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

static void
start_marking(struct rib_in *in, enum family f)
{
	in->marking |= family_bit(f);
	in->mark_at[f] = 0;
	if (!in->marker)
		in->marker = loop_work(in->peer->speaker->loop, LOOP_WORK, mark, in);
	loop_wake(in->marker);
}

static void
begin_long_lived(struct rib_in *in, enum family f)
{
	in->kept_long |= family_bit(f);
	in->kept_until[f] = now_of(in) + bounded(in, long_lived_time(in, f));
	start_marking(in, f);
}

/* --- time is over --- */

static void
expire(struct rib_in *in, enum family f)
{
	const char *name = in->peer->name;

	if (in->peer->session) {
		log_info(name, "%s: what it has not said again goes, without its End-of-RIB",
		    family_name(f));
		rib_in_kept_end(in, f);
	} else if (!(in->kept_long & family_bit(f)) && long_lived_time(in, f) > 0) {
		log_info(name, "%s: it is not back in time, its routes are a last resort",
		    family_name(f));
		begin_long_lived(in, f);
	} else {
		log_info(name, "%s: it is not back in time, its routes go", family_name(f));
		rib_in_drop(in, f);
	}
}

static void
on_time(void *self)
{
	struct rib_in *in = self;
	uint64_t now = now_of(in);

	for (int f = 0; f < FAMILIES; f++)
		if ((in->kept & family_bit((enum family)f)) && in->kept_until[f] <= now)
			expire(in, (enum family)f);
	told(in);
}

/* --- sessions end and begin --- */

/* Stale since before the session that ends now, and not said again in it: RFC 4724 has it go. Not where either side
 * could do better (RFC 8538 section 4.1, RFC 9494 section 4.2). */
static void
second_time(struct rib_in *in, enum family f)
{
	if (!in->peer->params.graceful_notification && long_lived_time(in, f) == 0)
		rib_in_sweep(in, f, in->kept_generation[f]);
}

static void
keep_family(struct rib_in *in, enum family f)
{
	bool again = (in->kept & family_bit(f)) != 0;

	if (again)
		second_time(in, f);
	in->kept |= family_bit(f);
	in->kept_generation[f] = ledger_begin(in->ledger[f]);
	if (in->kept_long & family_bit(f)) /* its time goes on until End-of-RIB */
		start_marking(in, f);
	else if (restart_time(in, f) == 0)
		begin_long_lived(in, f);
	else
		in->kept_until[f] = now_of(in) + bounded(in, restart_time(in, f));
}

bool
rib_in_keep(struct peer *peer)
{
	struct rib_in *in = peer->in;

	if (peer->config.no_rib_in)
		return false;
	rib_in_stale_forget(in);
	in->end_of_rib = 0;
	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;

		if (!in->ledger[f])
			continue;
		if (ledger_count(in->ledger[f]) == 0 ||
		    (restart_time(in, f) == 0 && long_lived_time(in, f) == 0))
			rib_in_drop(in, f);
		else
			keep_family(in, f);
	}
	arm(in);
	return in->kept != 0;
}

/* RFC 4724 section 4.2, RFC 9494 section 4.2. */
static bool
vouched(const struct rib_in *in, enum family f)
{
	const struct peer *peer = in->peer;
	const struct caps *c = &peer->open_received.caps;
	uint32_t bit = family_bit(f), same = ~(in->path_ids ^ peer->params.add_path_receive);

	if (!(peer->params.families & same & bit))
		return false;
	if (in->kept_long & bit)
		return peer->params.long_lived &&
		       (c->long_lived.families & c->long_lived.forwarding & bit);
	return peer->params.graceful && (c->graceful.families & c->graceful.forwarding & bit);
}

/* Microseconds from the new session to End-of-RIB at most. */
static uint64_t
resync_time(const struct peer *peer)
{
	return (peer->config.stale_time > 0 ? peer->config.stale_time : RESYNC) * UINT64_C(1000000);
}

void
rib_in_resume(struct peer *peer)
{
	struct rib_in *in = peer->in;

	for (int i = 0; i < FAMILIES; i++) {
		enum family f = (enum family)i;

		if (!(in->kept & family_bit(f)))
			continue;
		if (!vouched(in, f))
			rib_in_drop(in, f);
		else if (!(in->kept_long & family_bit(f)))
			in->kept_until[f] = now_of(in) + resync_time(peer);
	}
	in->path_ids = peer->params.add_path_receive;
	arm(in);
}

void
rib_in_kept_end(struct rib_in *in, enum family f)
{
	if (!(in->kept & family_bit(f)))
		return;
	in->kept &= ~family_bit(f);
	in->kept_long &= ~family_bit(f);
	in->marking &= ~family_bit(f);
	rib_in_sweep(in, f, in->kept_generation[f]);
	told(in);
}

uint32_t
rib_in_kept_since(const struct rib_in *in, enum family f)
{
	return in->kept & family_bit(f) ? in->kept_generation[f] : 0;
}

uint64_t
rib_in_kept_left(const struct rib_in *in)
{
	uint64_t now = now_of(in);

	return in->kept && in->kept_timer.at > now ? (in->kept_timer.at - now + 999) / 1000 : 0;
}

void
rib_in_kept_open(struct rib_in *in)
{
	in->path_ids = in->peer->params.add_path_receive;
	in->kept_timer = (struct loop_timer){ .fire = on_time, .self = in };
}

void
rib_in_kept_close(struct rib_in *in)
{
	loop_timer_stop(in->peer->speaker->loop, &in->kept_timer);
	loop_close(in->marker);
}
