/* The peers of a speaker: found, configured, removed. */
#include "speaker/peer_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "common/tcp_ao.h"
#include "speaker/advertise.h"
#include "speaker/arrivals.h"
#include "speaker/link.h"
#include "speaker/listener.h"
#include "speaker/rib_in.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"
#include "speaker/slots.h"

struct peer *
peer_by_number(struct speaker *s, uint32_t number)
{
	return number < s->peers_cap ? s->peers[number] : NULL;
}

static uint32_t
hash_address(const struct addr *a)
{
	return (uint32_t)hash_octets(a->bytes, sizeof a->bytes);
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	struct speaker *s = self;

	return hash_address(&s->peers[number]->config.address);
}

struct peer *
peer_at(const struct speaker *s, const struct addr *address, struct index_walk *w)
{
	uint32_t number;

	while (index_next(&s->addresses, hash_address(address), w, &number))
		if (s->peers[number]->config.range == 0 &&
		    addr_equal(&s->peers[number]->config.address, address))
			return s->peers[number];
	return NULL;
}

/* --- configuration --- */

/* What can change under a standing session. */
static void
take_live(struct link_peer *to, const struct link_peer *from)
{
	to->max_prefix_in = from->max_prefix_in;
	to->max_prefix_out = from->max_prefix_out;
	to->manual_eor = from->manual_eor;
	to->send_hold = from->send_hold;
	to->stale_time = from->stale_time;
	to->rate_limit = from->rate_limit;
	to->controller_loss = from->controller_loss;
	to->group = from->group;
	to->attempts = from->attempts;
	to->no_rib_out = from->no_rib_out;
	to->apart = from->apart; /* a name, which a new controller may give to another */
}

static void
give_name(struct peer *peer)
{
	const struct link_peer *c = &peer->config;
	char text[ADDR_TEXT], ours[ADDR_TEXT];

	addr_print(&c->address, text);
	if (c->range)
		snprintf(peer->name, sizeof peer->name, "range %s/%u", text, c->range - 1u);
	else if (c->apart.family)
		snprintf(peer->name, sizeof peer->name, "peer %s from %s", text,
		    addr_print(&c->apart, ours));
	else
		snprintf(peer->name, sizeof peer->name, "peer %s", text);
}

/* --- TCP-AO keys --- */

/* Its key at the doors, or why it is not there. */
static void
sign(struct peer *peer)
{
	const struct link_peer *c = &peer->config;
	uint8_t length = (uint8_t)(c->range ? c->range - 1u : addr_size(&c->address) * 8);

	peer->keyless = ENOKEY; /* until it is there */
	if (!c->tcp_ao || (tcp_ao_check(&c->address, length, &c->ao) == 0 &&
			      listener_sign(peer->speaker->listener, c) == 0))
		peer->keyless = 0;
	else
		peer->keyless = errno;
}

/* Keys of others were in the way of its own, and may be gone. */
static bool
is_in_the_way(int why)
{
	return why == EEXIST || why == EKEYREJECTED || why == ENOMEM;
}

static enum loop_verdict
sign_again(void *self)
{
	struct speaker *s = self;

	while (s->ends == 0 && s->keyless_at < s->peers_cap) {
		struct peer *peer = s->peers[s->keyless_at++];

		if (!peer || !is_in_the_way(peer->keyless))
			continue;
		sign(peer);
		if (peer->keyless == 0) {
			log_info(peer->name, "its TCP-AO key is set now");
			peer_start(peer);
		}
		if (loop_spent(s->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

/* A key has left the doors. Peers are configured one after the other: the key that is in the way of one is often that
 * of another before its own change comes. */
static void
key_gone(struct speaker *s)
{
	s->keyless_at = 0;
	loop_wake(s->keyless);
}

/* --- their place at the doors --- */

/* And what it does first. */
static void
begin(struct peer *peer)
{
	sign(peer);
	if (peer->keyless != 0)
		log_error(peer->name, "there is no session without its TCP-AO key: %s",
		    tcp_ao_why(peer->keyless));
	(void)listener_add(peer->speaker->listener, &peer->config);
	peer_start(peer);
}

static void
leave_doors(struct peer *peer)
{
	struct listener *l = peer->speaker->listener;

	if (peer->config.tcp_ao && peer->keyless == 0)
		listener_unsign(l, &peer->config);
	listener_remove(l, &peer->config);
	if (peer->config.tcp_ao || peer->config.md5[0])
		key_gone(peer->speaker);
}

/* Another TCP-AO key of another number, and nothing else: a session that stands goes on (RFC 5925 section 6.1). */
static bool
roll(struct peer *peer, const struct link_peer *c)
{
	struct listener *l = peer->speaker->listener;
	struct link_peer then = peer->config;

	if (!c->tcp_ao || !peer->config.tcp_ao || c->ao.id == peer->config.ao.id ||
	    peer->keyless != 0)
		return false;
	then.ao = c->ao;
	if (memcmp(&then, c, sizeof then) != 0 || (!peer->session && !c->range) ||
	    listener_sign(l, c) < 0)
		return false;
	if (peer->session && session_roll(peer->session, &c->ao) < 0) {
		log_error(
		    peer->name, "its session ends for another TCP-AO key: %s", tcp_ao_why(errno));
		listener_unsign(l, c);
		return false;
	}
	listener_unsign(l, &peer->config);
	key_gone(peer->speaker);
	peer->config.ao = c->ao;
	return true;
}

static struct peer *
reconfigure(struct peer *peer, const struct link_peer *c)
{
	struct fault f = { 0 };
	bool same, other_limit;

	other_limit = peer->config.max_prefix_in != c->max_prefix_in ||
		      peer->config.max_prefix_out != c->max_prefix_out;
	take_live(&peer->config, c);
	give_name(peer);
	peer->params.group = (enum group_updates)c->group;
	same = memcmp(&peer->config, c, sizeof *c) == 0;
	if (same && ((peer->exhausted && !peer_spent(peer)) ||
			(peer->held && !peer->session && other_limit)))
		peer_start(peer);
	if (same)
		return peer;
	if (roll(peer, c))
		return peer;
	fault_set(&f, NOTIFY_CEASE, CEASE_CONFIGURATION, NULL, 0, "its configuration changed");
	leave_doors(peer);
	peer->removing = true;
	peer_reset(peer, &f);
	peer->removing = false;
	if (peer->in) { /* kept from a session before */
		rib_in_close(peer);
		link_peer_state(peer->speaker->link, peer);
	}
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	peer->config = *c;
	peer->complete = false;
	peer->changed = true;
	begin(peer);
	return peer;
}

static void
place(struct speaker *s, struct peer *peer)
{
	uint32_t n = peer->config.peer, cap = s->peers_cap;

	if (n >= cap) {
		cap = n + 1 > 2 * cap ? n + 1 : 2 * cap;
		s->peers = mem_resize(s->peers, cap * sizeof(struct peer *));
		memset(s->peers + s->peers_cap, 0, (cap - s->peers_cap) * sizeof(struct peer *));
		s->peers_cap = cap;
	}
	s->peers[n] = peer;
	s->peer_count++;
	index_insert(&s->addresses, hash_address(&peer->config.address), n);
	if (peer->config.range)
		arrivals_range(s->arrivals, peer);
}

static void
displace(struct peer *peer)
{
	struct speaker *s = peer->speaker;

	if (peer->config.range)
		arrivals_range_gone(peer);
	index_remove(&s->addresses, hash_address(&peer->config.address), peer->config.peer);
	s->peers[peer->config.peer] = NULL;
	s->peer_count--;
}

/* Another number's peer of this address: each would take the other's connections. */
static struct peer *
twin_of(struct speaker *s, const struct link_peer *c)
{
	struct index_walk w = { 0 };
	struct peer *p;

	while (c->range == 0 && (p = peer_at(s, &c->address, &w)))
		if (p->config.peer != c->peer && addr_equal(&p->config.local, &c->local) &&
		    (p->config.only == c->only || p->config.only == 0 || c->only == 0))
			return p;
	return NULL;
}

struct peer *
peer_configure(struct speaker *s, const struct link_peer *c)
{
	struct peer *peer = peer_by_number(s, c->peer), *twin = twin_of(s, c);
	char text[ADDR_TEXT];
	uint32_t slot;

	if (c->peer >= LINK_PEERS_MAX || c->address.family == 0) {
		log_error("speaker", "a peer of number %u and address %s", c->peer,
		    addr_print(&c->address, text));
		return NULL;
	}
	if (s->ends != 0)
		return peer;
	if (twin)
		peer_remove(twin, "its address is another number's now");
	if (peer && addr_equal(&peer->config.address, &c->address) &&
	    peer->config.range == c->range) {
		rib_out_again(s->out, c->peer, c->no_rib_out);
		return reconfigure(peer, c);
	}
	if (peer)
		peer_remove(peer, "its number is another's now");
	slot = slot_of(s->out->slots, c->peer);
	if (slot == SLOT_NONE) {
		log_error("speaker", "a peer more than there can be, at %s",
		    addr_print(&c->address, text));
		return NULL;
	}
	rib_out_again(s->out, c->peer, c->no_rib_out);
	peer = mem_zero(sizeof *peer);
	peer->slot = slot;
	peer->speaker = s;
	peer->config = *c;
	peer->since = loop_now(s->loop);
	give_name(peer);
	peer->retry = (struct loop_timer){ .fire = peer_dial, .self = peer };
	place(s, peer);
	begin(peer);
	arrivals_met(s->arrivals, &c->address);
	return peer;
}

void
peer_remove(struct peer *peer, const char *why)
{
	struct speaker *s = peer->speaker;
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, CEASE_DECONFIGURED, NULL, 0, "%s", why);
	peer->removing = true;
	peer_reset(peer, &f);
	rib_in_close(peer);
	rib_out_forget(s->out, peer->config.peer);
	leave_doors(peer);
	loop_timer_stop(s->loop, &peer->retry);
	displace(peer);
	mem_free(peer);
}

void
peer_end(struct peer *peer)
{
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL, 0, "the speaker is stopped");
	peer->removing = true;
	loop_timer_stop(peer->speaker->loop, &peer->retry);
	if (!peer->session || !peer->params.graceful)
		peer_reset(peer, &f);
}

void
peer_abandon(struct peer *peer)
{
	struct speaker *s = peer->speaker;

	advertise_peer_down(peer);
	rib_in_close(peer);
	session_free(peer->incoming);
	session_free(peer->outgoing);
	loop_timer_stop(s->loop, &peer->retry);
	displace(peer);
	mem_free(peer);
}

void
peers_open(struct speaker *s)
{
	index_init(&s->addresses, hash_number, s);
	s->keyless = loop_work(s->loop, LOOP_WORK, sign_again, s);
}

void
peers_close(struct speaker *s)
{
	loop_close(s->keyless);
	s->keyless = NULL;
	for (uint32_t i = 0; i < s->peers_cap; i++)
		if (s->peers[i])
			peer_abandon(s->peers[i]);
	index_fini(&s->addresses);
	mem_free(s->peers);
	s->peers = NULL;
	s->peers_cap = 0;
}
