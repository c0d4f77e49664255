/* What the peers are to be told: what a draft comes to for each neighbor, shared entries, generations of
 * owners, adoption. */
#include "tests/unit/controller/api/world.h"
#include "controller/intent.h"
#include "controller/owners.h"

enum { ME = 7, OTHER = 8 };

static struct text shown_text;

static int
end(void **state)
{
	text_fini(&shown_text);
	return world_close(state);
}

/* Some neighbors by the last octet of their address: "13" are 192.0.2.1 and 192.0.2.3. */
static size_t
some(struct world *w, const char *which, struct neighbor *to[8])
{
	size_t n = 0;

	for (; *which; which++) {
		char address[16];

		snprintf(address, sizeof address, "192.0.2.%c", *which);
		to[n++] = neighbor_at(w, address);
	}
	return n;
}

static void
draft_of(struct route_draft *d, const char *route)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct text t = { 0 };
	struct words words;

	*d = (struct route_draft){ 0 };
	text_printf(&t, "route %s", route);
	assert_int_equal(words_cut(&line, text_str(&t), t.len, 1, WORDS_API, &why), 0);
	words = words_of(&line);
	if (route_scan(&words, d, &why) < 0)
		fail_msg("%s: %s", route, why.text);
	words_line_fini(&line);
	text_fini(&t);
}

static struct intent_result result;
static struct reason why;

static int
announce_as(struct world *w, uint32_t owner, const char *to, const char *route)
{
	struct neighbor *list[8];
	struct route_draft d;
	int ok;

	result = (struct intent_result){ 0 };
	why = (struct reason){ 0 };
	draft_of(&d, route);
	ok = intent_announce(&w->c, &d, list, some(w, to, list), owner, &result, &why);
	route_draft_fini(&d);
	return ok;
}

static void
announce(struct world *w, const char *to, const char *route)
{
	if (announce_as(w, ME, to, route) < 0)
		fail_msg("%s", why.text);
}

static void
withdraw(struct world *w, const char *to, const char *route)
{
	struct neighbor *list[8];
	struct route_draft d;

	result = (struct intent_result){ 0 };
	draft_of(&d, route);
	intent_withdraw(&w->c, &d, list, some(w, to, list), &result);
	route_draft_fini(&d);
}

static void
show_one(void *arg, struct neighbor *n, const struct intent_route *r)
{
	(void)n;
	route_print(r->family, false, &r->nlri, &r->value, arg);
	text_printf(arg, " of %u\n", r->owner);
}

/* What a neighbor is told, a line a route. */
static const char *
shown(struct world *w, const char *address)
{
	uint64_t state = 0;

	text_clear(&shown_text);
	while (!intent_visit(neighbor_at(w, address), &state, 1, show_one, &shown_text))
		;
	return text_str(&shown_text);
}

static struct speaker_entry *
speaker_of(struct world *w, const char *address)
{
	return neighbor_at(w, address)->speaker;
}

/* --- what a draft comes to --- */

static void
a_route_has_origin_and_as_path_outside_and_local_pref_inside(void **state)
{
	struct world *w = *state;

	announce(w, "13", "10.0.0.0/24 next-hop 192.0.2.9");
	assert_string_equal(shown(w, "192.0.2.1"),
	    "10.0.0.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] of 7\n");
	assert_string_equal(shown(w, "192.0.2.3"),
	    "10.0.0.0/24 next-hop 192.0.2.9 origin igp as-path [ ] local-preference 100 of 7\n");
	assert_string_equal(shown(w, "192.0.2.2"), "");
}

static void
what_was_given_stands_in_place_of_the_defaults(void **state)
{
	struct world *w = *state;

	announce(w, "13",
	    "10.0.0.0/24 next-hop 192.0.2.9 origin egp as-path [ 1 2 ] local-preference 200 med 5 "
	    "community [ 65000:1 ]");
	assert_string_equal(shown(w, "192.0.2.3"),
	    "10.0.0.0/24 next-hop 192.0.2.9 origin egp as-path [ 1 2 ] med 5 local-preference 200 "
	    "community 65000:1 of 7\n");
	/* LOCAL_PREF does not leave the AS (RFC 4271 section 5.1.5) */
	assert_string_equal(shown(w, "192.0.2.1"),
	    "10.0.0.0/24 next-hop 192.0.2.9 origin egp as-path [ 1 2 ] med "
	    "5 community 65000:1 of 7\n");
}

static void
next_hop_self_is_the_address_of_each_session(void **state)
{
	struct world *w = *state;

	announce(w, "123", "10.0.0.0/24 next-hop self");
	assert_has(shown(w, "192.0.2.1"), "next-hop 192.0.2.254 ");
	assert_has(shown(w, "192.0.2.2"), "next-hop 192.0.2.254 ");
	assert_has(shown(w, "192.0.2.3"), "next-hop 192.0.2.253 ");
	/* IPv6 over a session of IPv4: there is no such address */
	assert_int_equal(announce_as(w, ME, "1", "2001:db8::/32 next-hop self"), -1);
	assert_has(why.text, "neighbor 192.0.2.1");
	assert_has(why.text, "no local address of that family");
	assert_has_not(shown(w, "192.0.2.1"), "2001:db8::/32");
}

static void
aigp_stays_inside(void **state)
{
	struct world *w = *state;

	announce(w, "13", "10.0.0.0/24 next-hop 192.0.2.9 aigp 77");
	assert_has(shown(w, "192.0.2.3"), "aigp 77");
	assert_has_not(shown(w, "192.0.2.1"), "aigp");
}

static void
attributes_typed_by_number_go_along_untouched(void **state)
{
	struct world *w = *state;

	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9 attribute [ 0x99 0xc0 0x0102 ]");
	assert_has(shown(w, "192.0.2.1"), "attribute [ 0x99 0xC0 0x0102 ]");
}

/* --- entries --- */

static void
neighbors_that_come_to_the_same_share_an_entry(void **state)
{
	struct world *w = *state;
	struct ledger *edge, *far;

	announce(w, "123", "10.0.0.0/24 next-hop 192.0.2.9");
	edge = speaker_of(w, "192.0.2.1")->intent.told[IPV4_UNICAST].ledger;
	far = speaker_of(w, "192.0.2.3")->intent.told[IPV4_UNICAST].ledger;
	assert_ptr_not_equal(edge, far);
	assert_int_equal(ledger_count(edge), 1);
	assert_int_equal(ledger_count(far), 1);
	assert_int_equal(result.routes, 1);
	assert_int_equal(result.news, 3);
	assert_int_equal(result.skipped, 0);
	/* one of two is told otherwise, and then the same again */
	announce(w, "2", "10.0.0.0/24 next-hop 192.0.2.9 med 1");
	assert_int_equal(ledger_count(edge), 2);
	assert_int_equal(result.news, 1);
	announce(w, "12", "10.0.0.0/24 next-hop 192.0.2.9 med 1");
	assert_int_equal(result.news, 1);
	assert_has(shown(w, "192.0.2.1"), "med 1");
}

static void
the_same_again_is_no_news(void **state)
{
	struct world *w = *state;

	announce(w, "123", "10.0.0.0/22 next-hop 192.0.2.9 split /24");
	assert_int_equal(result.routes, 4);
	assert_int_equal(result.news, 12);
	announce(w, "123", "10.0.0.0/22 next-hop 192.0.2.9 split /24");
	assert_int_equal(result.routes, 4);
	assert_int_equal(result.news, 0);
	/* another owner takes them over */
	announce_as(w, OTHER, "1", "10.0.1.0/24 next-hop 192.0.2.9");
	assert_int_equal(result.news, 0);
	assert_has(shown(w, "192.0.2.1"),
	    "10.0.1.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] of 8");
	assert_has(shown(w, "192.0.2.2"),
	    "10.0.1.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] of 7");
}

static void
neighbors_without_the_family_are_skipped(void **state)
{
	struct world *w = *state;

	announce(w, "123", "2001:db8::/32 next-hop 2001:db8::1");
	assert_int_equal(result.news, 1);
	assert_int_equal(result.skipped, 2);
	assert_has(shown(w, "192.0.2.1"), "2001:db8::/32");
	assert_string_equal(shown(w, "192.0.2.2"), "");
}

static void
a_withdraw_counts_who_had_been_told(void **state)
{
	struct world *w = *state;

	announce(w, "13", "10.0.0.0/24 next-hop 192.0.2.9");
	withdraw(w, "123", "10.0.0.0/24");
	assert_int_equal(result.routes, 1);
	assert_int_equal(result.news, 2);
	assert_string_equal(shown(w, "192.0.2.1"), "");
	assert_string_equal(shown(w, "192.0.2.3"), "");
	withdraw(w, "123", "10.0.0.0/24");
	assert_int_equal(result.news, 0);
	assert_int_equal(intent_count(&speaker_of(w, "192.0.2.1")->intent), 0);
}

static void
paths_of_a_prefix_are_routes_of_their_own(void **state)
{
	struct world *w = *state;

	announce(w, "1", "10.0.0.0/24 path-information 0.0.0.1 next-hop 192.0.2.9");
	announce(w, "1", "10.0.0.0/24 path-information 0.0.0.2 next-hop 192.0.2.9 med 2");
	assert_int_equal(intent_count(&speaker_of(w, "192.0.2.1")->intent), 2);
	withdraw(w, "1", "10.0.0.0/24 path-information 0.0.0.1");
	assert_int_equal(result.news, 1);
	assert_has(shown(w, "192.0.2.1"), "med 2");
}

static void
a_neighbor_that_goes_leaves_what_others_are_told(void **state)
{
	struct world *w = *state;
	struct intent *edge = &speaker_of(w, "192.0.2.1")->intent;

	announce(w, "12", "10.0.0.0/16 next-hop 192.0.2.9 split /24");
	announce(w, "2", "10.9.0.0/24 next-hop 192.0.2.9");
	intent_forget(neighbor_at(w, "192.0.2.2"));
	turns(w, 20);
	assert_int_equal(intent_count(edge), 256);
	assert_string_equal(shown(w, "192.0.2.2"), "");
	announce(w, "12", "10.0.0.0/16 next-hop 192.0.2.9 split /24");
	assert_int_equal(result.news, 256);
}

/* The one of `adj-rib-out false`. */
static void
who_keeps_nothing_is_told_again_and_forgets_with_its_session(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.2");
	struct link_peer_state s = {
		.state = PEER_ESTABLISHED, .session = 1, .address = n->peer.address
	};
	struct config_neighbor *config = (struct config_neighbor *)n->config;

	config->adj_rib_out = false;
	neighbor_state(n, &s);
	announce(w, "12", "10.0.0.0/24 next-hop 192.0.2.9");
	announce(w, "12", "10.0.0.0/24 next-hop 192.0.2.9");
	assert_int_equal(result.news, 1);
	announce_as(w, OWNER_CONFIG, "12", "10.0.1.0/24 next-hop 192.0.2.9");
	announce_as(w, OWNER_CONFIG, "12", "10.0.1.0/24 next-hop 192.0.2.9");
	assert_int_equal(result.news, 0);
	s.state = PEER_IDLE;
	neighbor_state(n, &s);
	announce(w, "12", "10.0.2.0/24 next-hop 192.0.2.9");
	turns(w, 20);
	assert_null(strstr(shown(w, "192.0.2.2"), "10.0.0.0/24"));
	assert_has(shown(w, "192.0.2.2"), "10.0.1.0/24");
	assert_has(shown(w, "192.0.2.2"), "10.0.2.0/24");
	assert_has(shown(w, "192.0.2.1"), "10.0.0.0/24");
	config->adj_rib_out = true;
}

/* --- generations of an owner --- */

static void
what_an_owner_does_not_say_again_is_withdrawn(void **state)
{
	struct world *w = *state;

	announce_as(w, ME, "123", "10.0.0.0/24 next-hop 192.0.2.9");
	announce_as(w, ME, "123", "10.0.1.0/24 next-hop 192.0.2.9");
	announce_as(w, ME, "1", "2001:db8::/32 next-hop 2001:db8::1");
	announce_as(w, OTHER, "123", "10.0.2.0/24 next-hop 192.0.2.9");
	speaker_of(w, "192.0.2.1")->adopted = speaker_of(w, "192.0.2.3")->adopted = true;
	intent_begin(&w->c, ME);
	announce_as(w, ME, "12", "10.0.0.0/24 next-hop 192.0.2.9");
	announce_as(w, ME, "12", "10.0.5.0/24 next-hop 192.0.2.9");
	assert_has(shown(w, "192.0.2.1"), "10.0.1.0/24");
	intent_sweep(&w->c, ME);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.0.0/24");
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24");
	assert_has(shown(w, "192.0.2.1"), "10.0.5.0/24");
	assert_has_not(shown(w, "192.0.2.1"), "10.0.1.0/24");
	assert_has_not(shown(w, "192.0.2.1"), "2001:db8::/32");
	/* of the neighbor that was left out all of ours goes */
	assert_string_equal(shown(w, "192.0.2.3"),
	    "10.0.2.0/24 next-hop 192.0.2.9 origin igp as-path [ ] local-preference 100 of 8\n");
	/* a sweep without a begin does nothing */
	intent_sweep(&w->c, OTHER);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24");
}

static void
a_newer_begin_of_an_owner_replaces_the_one_before(void **state)
{
	struct world *w = *state;

	speaker_of(w, "192.0.2.1")->adopted = speaker_of(w, "192.0.2.3")->adopted = true;
	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	announce(w, "1", "10.0.1.0/24 next-hop 192.0.2.9");
	intent_begin(&w->c, ME);
	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	intent_begin(&w->c, ME);
	announce(w, "1", "10.0.1.0/24 next-hop 192.0.2.9");
	intent_sweep(&w->c, ME);
	turns(w, 5);
	assert_string_equal(shown(w, "192.0.2.1"),
	    "10.0.1.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] of 7\n");
}

static void
two_owners_restate_side_by_side(void **state)
{
	struct world *w = *state;

	speaker_of(w, "192.0.2.1")->adopted = speaker_of(w, "192.0.2.3")->adopted = true;
	announce_as(w, ME, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	announce_as(w, ME, "1", "10.0.1.0/24 next-hop 192.0.2.9");
	announce_as(w, OTHER, "1", "10.1.0.0/24 next-hop 192.0.2.9");
	announce_as(w, OTHER, "1", "10.1.1.0/24 next-hop 192.0.2.9");
	intent_begin(&w->c, ME);
	announce_as(w, ME, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	intent_begin(&w->c, OTHER);
	announce_as(w, OTHER, "1", "10.1.0.0/24 next-hop 192.0.2.9");
	intent_sweep(&w->c, ME);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.0.0/24");
	assert_has_not(shown(w, "192.0.2.1"), "10.0.1.0/24");
	assert_has(shown(w, "192.0.2.1"), "10.1.1.0/24");
	intent_sweep(&w->c, OTHER);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.1.0.0/24");
	assert_has_not(shown(w, "192.0.2.1"), "10.1.1.0/24");
}

/* --- adoption --- */

/* The speaker gives back: this route, for these neighbors, as it holds it. */
static void
held(struct world *w, const char *to, uint32_t owner, const char *route)
{
	static struct routes_message m;
	struct neighbor *list[8];
	size_t n = some(w, to, list);
	uint8_t bitmap[8] = { 0 };
	struct route_draft d;

	draft_of(&d, route);
	for (size_t i = 0; i < n; i++)
		bitmap[list[i]->number >> 3] |= (uint8_t)(1 << (list[i]->number & 7));
	m = (struct routes_message){
		.peers = reader_of(bitmap, sizeof bitmap), .flags = ROUTES_HELD, .announces = 1
	};
	m.announce[0] = (struct routes_part){ .family = d.family,
		.nlri = octets_read(&d.nlri),
		.value = { .next_hop = reader_of(d.next_hop, d.next_hop_len),
		    .attributes = octets_read(&d.attributes) } };
	intent_adopt(&speaker_of(w, "192.0.2.1")->intent, &m, owner);
	route_draft_fini(&d);
}

static void
what_a_speaker_held_is_kept_for_those_who_are_told_nothing_else(void **state)
{
	struct world *w = *state;

	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9 med 1");
	held(w, "12", OTHER, "10.0.0.0/24 next-hop 192.0.2.8 med 9");
	held(w, "12", OTHER, "10.0.1.0/24 next-hop 192.0.2.8");
	assert_has(shown(w, "192.0.2.1"),
	    "10.0.0.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] med 1 of 7\n");
	assert_has(shown(w, "192.0.2.1"), "10.0.1.0/24 next-hop 192.0.2.8 of 8\n");
	assert_has(shown(w, "192.0.2.2"), "10.0.0.0/24 next-hop 192.0.2.8 med 9 of 8\n");
}

static void
routes_of_the_configuration_are_not_adopted(void **state)
{
	struct world *w = *state;

	held(w, "12", OWNER_CONFIG, "10.0.0.0/24 next-hop 192.0.2.8");
	assert_string_equal(shown(w, "192.0.2.1"), "");
}

/* Neighbor 3 is on another speaker: what this one says of it is nothing to us. */
static void
a_speaker_is_believed_about_its_own_neighbors_only(void **state)
{
	struct world *w = *state;

	held(w, "13", OTHER, "10.0.0.0/24 next-hop 192.0.2.8");
	assert_has(shown(w, "192.0.2.1"), "10.0.0.0/24");
	assert_string_equal(shown(w, "192.0.2.3"), "");
}

/* A client may be done before its speakers were adopted: the sweep waits for each. */
static void
what_was_adopted_is_swept_when_its_owner_has_said_all_again(void **state)
{
	struct world *w = *state;
	struct speaker_entry *edge = speaker_of(w, "192.0.2.1"), *far = speaker_of(w, "192.0.2.3");

	intent_begin(&w->c, ME);
	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	intent_sweep(&w->c, ME);
	turns(w, 5);
	held(w, "1", ME, "10.0.0.0/24 next-hop 192.0.2.8");
	held(w, "1", ME, "10.0.1.0/24 next-hop 192.0.2.8");
	held(w, "1", OTHER, "10.0.2.0/24 next-hop 192.0.2.8");
	turns(w, 5);
	edge->adopted = true;
	intent_adopted(&edge->intent);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.0.0/24 next-hop 192.0.2.9 ");
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24 next-hop 192.0.2.8 of 8\n");
	assert_has_not(shown(w, "192.0.2.1"), "10.0.1.0/24");
	far->adopted = true;
	intent_adopted(&far->intent);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24");
}

/* A client withdraws before the speaker was there: that stands, and of the others nothing is lost. */
static void
what_was_withdrawn_before_the_speaker_came_is_not_adopted(void **state)
{
	struct world *w = *state;
	struct intent *edge = &speaker_of(w, "192.0.2.1")->intent;

	withdraw(w, "1", "10.0.0.0/24");
	withdraw(w, "1", "10.0.2.0/24");
	announce(w, "1", "10.0.2.0/24 next-hop 192.0.2.9");
	held(w, "12", OTHER, "10.0.0.0/24 next-hop 192.0.2.8");
	held(w, "12", OTHER, "10.0.1.0/24 next-hop 192.0.2.8");
	held(w, "12", OTHER, "10.0.2.0/24 next-hop 192.0.2.8");
	assert_has_not(shown(w, "192.0.2.1"), "10.0.0.0/24");
	assert_has(shown(w, "192.0.2.1"), "10.0.1.0/24 next-hop 192.0.2.8 of 8\n");
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24 next-hop 192.0.2.9 ");
	assert_has(shown(w, "192.0.2.2"), "10.0.0.0/24 next-hop 192.0.2.8 of 8\n");
	assert_int_equal(ledger_marks(edge->told[IPV4_UNICAST].ledger), 1);
	/* then nobody needs the marks any more */
	speaker_of(w, "192.0.2.1")->adopted = true;
	intent_adopted(edge);
	ledger_reap(edge->told[IPV4_UNICAST].ledger, 100);
	assert_int_equal(ledger_marks(edge->told[IPV4_UNICAST].ledger), 0);
	withdraw(w, "1", "10.0.1.0/24");
	assert_int_equal(ledger_marks(edge->told[IPV4_UNICAST].ledger), 0);
}

/* What one owner does not say any more is no withdraw of what the speaker holds for another. */
static void
a_sweep_before_the_speaker_came_is_no_withdraw(void **state)
{
	struct world *w = *state;

	announce(w, "1", "10.0.0.0/24 next-hop 192.0.2.9");
	intent_begin(&w->c, ME);
	intent_sweep(&w->c, ME);
	turns(w, 5);
	assert_string_equal(shown(w, "192.0.2.1"), "");
	held(w, "1", OTHER, "10.0.0.0/24 next-hop 192.0.2.8");
	assert_string_equal(shown(w, "192.0.2.1"), "10.0.0.0/24 next-hop 192.0.2.8 of 8\n");
}

/* A speaker may never come: what is withdrawn meanwhile has a bound. */
static void
withdraws_that_wait_for_a_speaker_are_bounded(void **state)
{
	struct world *w = *state;
	struct ledger *l;

	withdraw(w, "1", "10.0.0.0/16 split /32");
	withdraw(w, "1", "10.1.0.0/16 split /32");
	withdraw(w, "1", "10.2.0.0/16 split /32");
	l = speaker_of(w, "192.0.2.1")->intent.told[IPV4_UNICAST].ledger;
	ledger_reap(l, 1 << 20);
	assert_in_range(ledger_marks(l), 1, LEDGER_MARKS_SPARE);
	held(w, "1", OTHER, "10.2.255.255/32 next-hop 192.0.2.8");
	assert_string_equal(shown(w, "192.0.2.1"), "");
}

static void
what_was_adopted_stays_until_its_owner_comes(void **state)
{
	struct world *w = *state;
	struct speaker_entry *edge = speaker_of(w, "192.0.2.1"), *far = speaker_of(w, "192.0.2.3");

	held(w, "1", ME, "10.0.0.0/24 next-hop 192.0.2.8");
	held(w, "1", ME, "10.0.1.0/24 next-hop 192.0.2.8");
	edge->adopted = far->adopted = true;
	intent_adopted(&edge->intent);
	intent_adopted(&far->intent);
	turns(w, 5);
	assert_has(shown(w, "192.0.2.1"), "10.0.1.0/24");
	intent_begin(&w->c, ME);
	announce(w, "1", "10.0.1.0/24 next-hop 192.0.2.9");
	intent_sweep(&w->c, ME);
	turns(w, 5);
	assert_string_equal(shown(w, "192.0.2.1"),
	    "10.0.1.0/24 next-hop 192.0.2.9 origin igp as-path [ 65000 ] of 7\n");
}

/* --- show --- */

static void
a_visit_in_slices_sees_each_route_once(void **state)
{
	struct world *w = *state;
	size_t lines = 0;

	announce(w, "123", "10.0.0.0/16 next-hop 192.0.2.9 split /24");
	announce(w, "1", "2001:db8::/32 next-hop 2001:db8::1");
	announce(w, "2", "10.9.0.0/24 next-hop 192.0.2.9");
	for (const char *at = shown(w, "192.0.2.1"); *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 257);
}

/* --- no room --- */

static void
what_a_speaker_has_no_room_for_is_refused_alone(void **state)
{
	struct world *w = *state;
	struct intent *edge = &speaker_of(w, "192.0.2.1")->intent;

	ledger_most(intent_told(edge, IPV4_UNICAST)->ledger, 2);
	announce(w, "12", "10.0.0.0/24 next-hop 192.0.2.9");
	announce(w, "12", "10.0.1.0/24 next-hop 192.0.2.9");
	assert_int_equal(announce_as(w, ME, "123", "10.0.2.0/24 next-hop 192.0.2.9"), -1);
	assert_string_equal(
	    why.text, "no room: speaker edge is told of 2 routes of ipv4 unicast already");
	assert_int_equal(result.refused.full, 2);
	assert_int_equal(result.news, 1);
	assert_has_not(shown(w, "192.0.2.1"), "10.0.2.0/24");
	assert_has(shown(w, "192.0.2.3"), "10.0.2.0/24");
	/* what is there may be said otherwise; other families have room of their own; a withdraw makes some */
	announce(w, "12", "10.0.1.0/24 next-hop 192.0.2.9 med 5");
	assert_int_equal(result.news, 2);
	announce(w, "1", "2001:db8::/32 next-hop 2001:db8::1");
	withdraw(w, "12", "10.0.0.0/24");
	announce(w, "12", "10.0.2.0/24 next-hop 192.0.2.9");
	assert_has(shown(w, "192.0.2.1"), "10.0.2.0/24");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, end)
	const struct CMUnitTest tests[] = {
		TEST(a_route_has_origin_and_as_path_outside_and_local_pref_inside),
		TEST(what_was_given_stands_in_place_of_the_defaults),
		TEST(next_hop_self_is_the_address_of_each_session),
		TEST(aigp_stays_inside),
		TEST(attributes_typed_by_number_go_along_untouched),
		TEST(neighbors_that_come_to_the_same_share_an_entry),
		TEST(the_same_again_is_no_news),
		TEST(neighbors_without_the_family_are_skipped),
		TEST(a_withdraw_counts_who_had_been_told),
		TEST(paths_of_a_prefix_are_routes_of_their_own),
		TEST(a_neighbor_that_goes_leaves_what_others_are_told),
		TEST(who_keeps_nothing_is_told_again_and_forgets_with_its_session),
		TEST(what_an_owner_does_not_say_again_is_withdrawn),
		TEST(a_newer_begin_of_an_owner_replaces_the_one_before),
		TEST(two_owners_restate_side_by_side),
		TEST(what_a_speaker_held_is_kept_for_those_who_are_told_nothing_else),
		TEST(routes_of_the_configuration_are_not_adopted),
		TEST(a_speaker_is_believed_about_its_own_neighbors_only),
		TEST(what_was_adopted_is_swept_when_its_owner_has_said_all_again),
		TEST(what_was_withdrawn_before_the_speaker_came_is_not_adopted),
		TEST(a_sweep_before_the_speaker_came_is_no_withdraw),
		TEST(withdraws_that_wait_for_a_speaker_are_bounded),
		TEST(what_was_adopted_stays_until_its_owner_comes),
		TEST(a_visit_in_slices_sees_each_route_once),
		TEST(what_a_speaker_has_no_room_for_is_refused_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
