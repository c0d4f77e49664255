/* Neighbors: made from the configuration, kept up to date by their speaker's reports. */
#include "controller/neighbor.h"
#include <stdio.h>
#include <string.h>
#include "common/blob.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/advisory.h"
#include "controller/api/api.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/gates.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/mirror.h"
#include "controller/ranges.h"
#include "controller/rib/rib.h"
#include "controller/statics.h"
#include "controller/watchdog.h"

struct neighbor *
neighbor_by_number(struct controller *c, uint32_t number)
{
	return number < c->numbers_cap ? c->numbered[number] : NULL;
}

static uint32_t
hash_of(const struct speaker_entry *speaker, const struct addr *address)
{
	uint64_t h = hash_octets(address, sizeof *address) ^
		     (uintptr_t)speaker * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	const struct neighbor *n = neighbor_by_number(self, number);

	return hash_of(n->speaker, &n->peer.address);
}

/* As the speaker is told: 0 for a host. */
static uint8_t
range_of(const struct prefix *peer)
{
	return peer->len == addr_size(&peer->addr) * 8 ? 0 : (uint8_t)(peer->len + 1);
}

const char *
neighbor_address(const struct neighbor *n, char out[PREFIX_TEXT])
{
	return n->peer.range ? prefix_print(&n->config->peer, out)
			     : addr_print(&n->peer.address, out);
}

enum { ANY_SESSION = 0xffffffff };

/* `only`: of the one with several sessions; or any. `apart`: of one of several with the address. */
static struct neighbor *
find(const struct speaker_entry *speaker, const struct addr *address, uint8_t range, uint32_t only,
    const struct addr *apart)
{
	struct controller *c = speaker->controller;
	struct index_walk w = { 0 };
	uint32_t number;

	if (c->neighbor_count == 0)
		return NULL;
	while (index_next(&c->addressed, hash_of(speaker, address), &w, &number)) {
		struct neighbor *n = neighbor_by_number(c, number);

		if (n->speaker == speaker && n->peer.range == range &&
		    (only == ANY_SESSION ||
			(n->peer.only == only && addr_equal(&n->peer.apart, apart))) &&
		    addr_equal(&n->peer.address, address))
			return n;
	}
	return NULL;
}

struct neighbor *
neighbor_by_address(const struct speaker_entry *speaker, const struct addr *address)
{
	return find(speaker, address, 0, ANY_SESSION, NULL);
}

/* Of several with one address another may be the first for a new controller than was for the one before it. */
static struct neighbor *
from_address(
    const struct speaker_entry *speaker, const struct link_peer_state *s, const struct addr *ours)
{
	struct controller *c = speaker->controller;
	struct index_walk w = { 0 };
	uint32_t number;

	while (c->neighbor_count > 0 &&
	       index_next(&c->addressed, hash_of(speaker, &s->address), &w, &number)) {
		struct neighbor *n = neighbor_by_number(c, number);

		if (ours->family && n->speaker == speaker && n->peer.range == s->range &&
		    n->peer.only == s->only && addr_equal(&n->peer.address, &s->address) &&
		    addr_equal(&n->peer.local, ours))
			return n;
	}
	return NULL;
}

struct neighbor *
neighbor_of_state(const struct speaker_entry *speaker, const struct link_peer_state *s)
{
	struct neighbor *n = find(speaker, &s->address, s->range, s->only, &s->apart);
	struct addr ours = s->apart.family ? s->apart : s->local;
	struct neighbor *same;

	if (n && (!n->peer.local.family || addr_equal(&n->peer.local, &ours)))
		return n;
	same = from_address(speaker, s, &ours);
	return same ? same : n;
}

static uint32_t
session_code(const struct config_neighbor *c)
{
	return c->session ? family_code((enum family)(c->session - 1)) : 0;
}

static struct neighbor *
of_config(const struct speaker_entry *speaker, const struct config_neighbor *c)
{
	if (!speaker)
		return NULL;
	return find(speaker, &c->peer.addr, range_of(&c->peer), session_code(c), &c->apart);
}

bool
neighbor_established(const struct neighbor *n)
{
	return n->known && n->state.state == PEER_ESTABLISHED;
}

bool
neighbor_has_said(const struct neighbor *n)
{
	return neighbor_established(n) || (n->known && n->state.stale != 0);
}

const char *
neighbor_fsm(const struct neighbor *n)
{
	static const char *const names[PEER_STATES] = { "IDLE", "CONNECT", "ACTIVE", "OPENSENT",
		"OPENCONFIRM", "ESTABLISHED" };

	return names[n->known ? n->state.state : PEER_IDLE];
}

uint32_t
neighbor_local_as(const struct neighbor *n)
{
	return n->config->shown_as || !neighbor_established(n) ? n->config->shown_as
							       : n->state.local_as;
}

uint32_t
neighbor_origin_as(const struct neighbor *n)
{
	uint32_t whole = n->config->confederation.identifier;

	return whole ? whole : neighbor_local_as(n);
}

uint32_t
neighbor_peer_as(const struct neighbor *n)
{
	return n->config->peer_as || !neighbor_established(n) ? n->config->peer_as
							      : n->state.peer_as;
}

struct addr
neighbor_local_address(const struct neighbor *n)
{
	return n->config->local.family || !neighbor_established(n) ? n->config->local
								   : n->state.local;
}

bool
neighbor_settled(const struct neighbor *n)
{
	return neighbor_local_as(n) != 0 && neighbor_peer_as(n) != 0 &&
	       neighbor_local_address(n).family != 0;
}

/* --- as the speaker is told --- */

static void
copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void
fill_capabilities(
    const struct config_neighbor *c, const struct config_env *env, struct link_peer *p)
{
	const struct config_capability *cap = &c->capability;

	p->no_asn4 = !cap->asn4;
	p->no_extended_message = !cap->extended_message;
	p->refresh = cap->route_refresh;
	p->need_asn4 = cap->asn4 == CAPABILITY_REQUIRED;
	p->need_extended_message = cap->extended_message == CAPABILITY_REQUIRED;
	p->need_refresh = cap->route_refresh == CAPABILITY_REQUIRED;
	p->role = cap->role;
	p->role_strict = cap->role_strict;
	p->operational = cap->operational;
	p->multisession = cap->multi_session;
	p->aigp = cap->aigp;
	p->link_local_nexthop = cap->link_local_nexthop;
	p->nexthop = cap->nexthop;
	p->graceful = cap->graceful_restart >= 0;
	p->graceful_time =
	    cap->graceful_restart > 0 ? (uint16_t)cap->graceful_restart : c->hold_time;
	if (!p->graceful)
		p->graceful_time = 0;
	p->graceful_notification = cap->graceful_notification;
	p->long_lived_time = cap->long_lived;
	if (cap->add_path)
		memcpy(p->add_path, c->add_path, sizeof p->add_path);
	memcpy(p->paths_limit, c->paths_limit, sizeof p->paths_limit);
	p->nexthop6 = c->nexthop6;
	copy_text(p->host_name, sizeof p->host_name, c->host_name);
	copy_text(p->domain_name, sizeof p->domain_name, c->domain_name);
	if (cap->software_version && env->version[0])
		snprintf(p->software, sizeof p->software, "ExaBGP/%s", env->version);
	else if (cap->software_version)
		copy_text(p->software, sizeof p->software, "Ambo/" AMBO_VERSION);
	p->as_exabgp = env->version[0] != '\0';
}

void
neighbor_peer(const struct neighbor *n, struct link_peer *p)
{
	const struct config_neighbor *c = n->config;
	const struct config_env *env = &n->controller->config->env;

	memset(p, 0, sizeof *p);
	p->peer = n->number;
	p->address = c->peer.addr;
	p->range = range_of(&c->peer);
	p->only = session_code(c);
	p->apart = c->apart;
	p->local = c->local;
	p->md5_address = c->md5_ip;
	p->link_local = c->link_local;
	p->connect = c->connect ? c->connect : env->tcp_port != 179 ? env->tcp_port : 0;
	p->listen = c->listen;
	p->passive = c->passive || env->bgp_passive;
	p->local_as = c->shown_as;
	p->member = c->member;
	p->peer_as = c->peer_as;
	p->router_id = c->router_id;
	p->hold_time = c->hold_time;
	p->open_wait = env->bgp_openwait;
	p->send_hold = c->send_hold_time;
	p->stale_time = c->stale_time;
	p->ttl_out = c->ttl_out;
	p->ttl_in = c->ttl_in;
	copy_text(p->interface, sizeof p->interface, c->source_interface);
	memcpy(p->md5, c->md5_key, c->md5_key_len);
	p->tcp_ao = c->tcp_ao.given;
	p->ao = c->tcp_ao.key;
	p->families = c->families;
	p->group = c->group_updates;
	p->manual_eor = c->manual_eor;
	p->max_prefix_in = c->maximum_prefix;
	p->max_prefix_out = c->maximum_prefix_out;
	p->no_rib_in = !c->adj_rib_in;
	p->no_rib_out = !c->adj_rib_out;
	p->rate_limit = c->rate_limit;
	p->controller_loss = c->controller_loss;
	p->attempts = env->tcp_attempts;
	fill_capabilities(c, env, p);
}

/* "ipv4-unicast/ipv6-unicast": with multi-session the families are part of the name. */
static void
put_families(uint32_t families, struct text *t)
{
	bool first = true;

	for (int f = 0; f < FAMILIES; f++) {
		if (!(families & family_bit((enum family)f)))
			continue;
		text_printf(t, "%s%s-%s", first ? "" : "/", family_table[f].afi_name,
		    family_table[f].safi_name);
		first = false;
	}
}

void
neighbor_full_name(const struct neighbor *n, struct text *t)
{
	const struct config_neighbor *c = n->config;
	char peer[PREFIX_TEXT], local[ADDR_TEXT], id[ADDR_TEXT];
	struct addr router = addr_v4(c->router_id);

	text_printf(t, "neighbor %s local-ip %s", neighbor_address(n, peer),
	    c->local.family ? addr_print(&c->local, local) : "auto");
	if (c->local_as)
		text_printf(t, " local-as %u", c->local_as);
	else
		text_add(t, " local-as auto");
	if (c->peer_as)
		text_printf(t, " peer-as %u", c->peer_as);
	else
		text_add(t, " peer-as auto");
	text_printf(t, " router-id %s family-allowed ", addr_print(&router, id));
	if (c->capability.multi_session)
		put_families(c->families, t);
	else
		text_add(t, "in-open");
	if (c->speaker)
		text_printf(t, " speaker %s", c->speaker);
}

/* --- the configuration is applied --- */

static uint32_t
free_number(struct controller *c, struct neighbor *n)
{
	uint32_t number = c->next_number;

	/* a number is not given again soon: what the last one was told may still be on its way out */
	while (neighbor_by_number(c, number))
		number = number + 1 < LINK_PEERS_MAX ? number + 1 : 0;
	if (number >= c->numbers_cap) {
		uint32_t cap = number + 1 > 2 * c->numbers_cap ? number + 1 : 2 * c->numbers_cap;

		c->numbered = mem_resize(c->numbered, cap * sizeof(struct neighbor *));
		memset(c->numbered + c->numbers_cap, 0,
		    (cap - c->numbers_cap) * sizeof(struct neighbor *));
		c->numbers_cap = cap;
	}
	c->numbered[number] = n;
	c->next_number = number + 1 < LINK_PEERS_MAX ? number + 1 : 0;
	return number;
}

static void
join(struct speaker_entry *s, uint32_t number, bool leave)
{
	struct sets *sets = s->controller->sets;
	uint32_t one = set_of(sets, number);
	uint32_t next = leave ? set_minus(sets, s->members, one) : set_union(sets, s->members, one);

	set_put(sets, one);
	set_put(sets, s->members);
	s->members = next;
}

/* "neighbor 192.0.2.1 from 192.0.2.9 ipv4 unicast speaker edge-01": what is not the only one says which. */
static void
give_name(struct neighbor *n)
{
	const struct config_neighbor *c = n->config;
	char text[PREFIX_TEXT], ours[ADDR_TEXT] = "";

	if (c->apart.family)
		addr_print(&c->apart, ours);
	snprintf(n->name, sizeof n->name, "neighbor %s%s%s%s%s%s%s", neighbor_address(n, text),
	    ours[0] ? " from " : "", ours, c->session ? " " : "",
	    c->session ? family_name((enum family)(c->session - 1)) : "",
	    c->speaker ? " speaker " : "", c->speaker ? c->speaker : "");
}

static struct neighbor *
new_neighbor(
    struct controller *c, struct speaker_entry *speaker, const struct config_neighbor *config)
{
	struct neighbor *n = mem_zero(sizeof *n);
	list_init(&n->watchdogs);
	list_init(&n->advisories);
	list_init(&n->receipts);
	n->controller = c;
	n->speaker = speaker;
	n->config = config;
	n->number = free_number(c, n);
	n->families = config->families;
	neighbor_peer(n, &n->peer);
	give_name(n);
	list_add(&c->neighbors, &n->link);
	c->grounds++;
	if (!c->addressed.self)
		index_init(&c->addressed, hash_number, c);
	index_insert(&c->addressed, hash_number(c, n->number), n->number);
	c->neighbor_count++;
	join(speaker, n->number, false);
	return n;
}

static void
remove_neighbor(struct neighbor *n, const char *why)
{
	struct controller *c = n->controller;

	c->grounds++;
	c->standings++;
	lane_peer_remove(n->speaker->lane, n->number, why);
	api_neighbor_gone(n);
	watchdog_forget(n);
	rib_neighbor_gone(n);
	advisories_forget(n);
	range_forget(n);
	mirror_free(n);
	intent_forget(n);
	lane_neighbor_gone(n->speaker->lane, n);
	join(n->speaker, n->number, true);
	index_remove(&c->addressed, hash_number(c, n->number), n->number);
	c->numbered[n->number] = NULL;
	c->neighbor_count--;
	list_remove(&n->link);
	mem_free(n);
}

static void
remove_going(struct controller *c, const char *why)
{
	api_neighbors_go(c->api);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->going)
			remove_neighbor(n, why);
	}
}

/* Keep or make the neighbor of one section; it goes to the end of the list, which so gets the order of the
 * configuration. */
static void
apply_one(struct controller *c, const struct config_neighbor *config)
{
	struct speaker_entry *speaker = fleet_speaker(c->fleet, config->speaker);
	struct neighbor *n = of_config(speaker, config);
	struct link_peer before;
	bool fresh = !n;

	if (!speaker) {
		log_error("configuration", "no speaker %s for a neighbor of line %u",
		    config->speaker, config->line);
		return;
	}
	if (fresh)
		n = new_neighbor(c, speaker, config);
	before = n->peer;
	c->grounds++;
	c->standings++;
	n->config = config;
	n->families = config->families;
	neighbor_peer(n, &n->peer);
	list_remove(&n->link);
	list_add(&c->neighbors, &n->link);
	if (fresh || memcmp(&before, &n->peer, sizeof before) != 0) {
		n->state.exhausted = false; /* its attempts begin anew */
		api_neighbor_configured(n);
		lane_peer(speaker->lane, n);
	}
}

static void
keep(struct controller *c, const struct config *config)
{
	for (size_t i = 0; i < config->neighbor_count; i++) {
		const struct config_neighbor *one = config->neighbors[i];
		struct speaker_entry *speaker = fleet_speaker(c->fleet, one->speaker);
		struct neighbor *n = of_config(speaker, one);

		if (n)
			n->kept = true;
	}
}

void
neighbors_apply(struct controller *c, const struct config *config)
{
	keep(c, config);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		n->going = !n->kept;
		n->kept = false;
	}
	remove_going(c, "not in the configuration any more");
	for (size_t i = 0; i < config->neighbor_count; i++)
		apply_one(c, config->neighbors[i]);
	gates_apply(c);
	rib_apply(c);
}

void
neighbors_applied(struct controller *c, bool had)
{
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (neighbor_settled(n))
			lane_complete(n->speaker->lane, n);
	}
	if (had)
		controller_neighbor_over(c);
}

static void
created(struct neighbor *n)
{
	if (n->config->propagate != PROPAGATE_NONE)
		rib_apply(n->controller);
	if (neighbor_settled(n))
		lane_complete(n->speaker->lane, n);
}

void
neighbor_create(struct controller *c, struct config_neighbor *config)
{
	struct neighbor *n;

	config_add_neighbor(c->config, config);
	apply_one(c, config);
	n = of_config(fleet_speaker(c->fleet, config->speaker), config);
	gates_neighbor_made(n);
	statics_tell(n, created);
}

void
neighbor_delete(struct neighbor *n, const char *why)
{
	struct controller *c = n->controller;
	struct config_neighbor *config = config_take_neighbor(c->config, n->config);

	n->going = true;
	api_neighbors_go(c->api);
	remove_neighbor(n, why);
	if (config->propagate != PROPAGATE_NONE)
		rib_apply(c); /* nobody is told with it any more */
	config_neighbor_free(config);
}

void
neighbors_free(struct controller *c)
{
	LIST_EACH(link, &c->neighbors)
		LIST_ENTRY(link, struct neighbor, link)->going = true;
	remove_going(c, "the controller ends");
	index_fini(&c->addressed);
	c->addressed = (struct index){ 0 };
	mem_free(c->numbered);
	c->numbered = NULL;
	c->numbers_cap = 0;
}

/* --- reports of the speaker --- */

/* What gates make classes of, as far as a session tells it. */
struct standing {
	uint32_t local_as, peer_as;
	struct addr local;
};

static struct standing
standing_of(const struct neighbor *n)
{
	return (struct standing){ neighbor_local_as(n), neighbor_peer_as(n),
		neighbor_local_address(n) };
}

static void
stand(struct neighbor *n, const struct standing *before)
{
	struct standing now = standing_of(n);

	if (now.local_as != before->local_as || now.peer_as != before->peer_as ||
	    !addr_equal(&now.local, &before->local))
		n->controller->standings++;
}

static bool
same_session(const struct link_peer_state *a, const struct link_peer_state *b)
{
	return a->state == PEER_ESTABLISHED && b->state == PEER_ESTABLISHED &&
	       a->session == b->session;
}

/* What only the session could tell is known, and the routes that waited for it are told. */
static void
told_late(struct neighbor *n)
{
	if (!neighbor_settled(n)) /* it has gone down since */
		return;
	gates_neighbor_settled(n);
	if (n->config->propagate != PROPAGATE_NONE)
		rib_apply(n->controller);
	lane_complete(n->speaker->lane, n);
}

void
neighbor_state(struct neighbor *n, const struct link_peer_state *s)
{
	struct link_peer_state before = n->state;
	bool was_up = n->up, settled = n->known && neighbor_settled(n);
	struct standing stood = standing_of(n);

	if (!same_session(&before, s) && (was_up || before.stale != s->stale)) {
		if (s->stale)
			mirror_kept(n, s->stale, was_up);
		else
			mirror_down(n);
	}
	if (was_up && !same_session(&before, s) && !n->config->adj_rib_out)
		intent_lose(n);
	n->controller->grounds++;
	n->state = *s;
	n->known = true;
	n->state_at = loop_now(n->controller->loop);
	n->up = s->state == PEER_ESTABLISHED;
	n->fresh |= n->up && !same_session(&before, s);
	stand(n, &stood);
	rib_neighbor_changed(n);
	/* the session says whether it takes several paths */
	if (n->up && n->config->propagate_paths != 1 && n->config->propagate != PROPAGATE_NONE &&
	    !same_session(&before, s))
		rib_apply(n->controller);
	/* one that stood before we did has been told already */
	if (n->up && !same_session(&before, s) && (before.session > 0 || s->since == 0))
		advisories_say(n);
	range_state(n, &before);
	api_neighbor_state(n, &before);
	if (s->exhausted)
		controller_neighbor_over(n->controller);
	/* what only the session could tell is known now: its routes can be worked out */
	if (n->up && !settled && neighbor_settled(n) &&
	    (!n->config->local_as || !n->config->peer_as || !n->config->local.family)) {
		statics_tell(n, told_late);
	}
}

void
neighbor_unknown(struct neighbor *n)
{
	struct standing stood = standing_of(n);

	if (n->known)
		api_neighbor_unknown(n);
	n->controller->grounds++;
	n->known = false;
	stand(n, &stood);
}
