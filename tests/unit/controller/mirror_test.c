#include "tests/unit/controller/api/world.h"

static struct mirror *
up_with_two_routes(struct neighbor *n)
{
	struct mirror *m;

	report(n, PEER_ESTABLISHED, 1, "");
	m = mirror_need(n);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	return m;
}

static void
what_is_not_said_again_goes_with_the_end(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);

	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 2);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	turns(w, 2);
	assert_false(m->whole);
	assert_int_equal(mirror_count(m), 2);
	mirror_end(n);
	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 1);
	mirror_done(n);
}

/* The session ended, and the next one came before its routes were swept. */
static void
a_sweep_that_was_under_way_is_not_the_end_of_a_restatement(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);

	turns(w, 2);
	mirror_down(n);
	mirror_begin(n);
	turns(w, 2);
	assert_false(m->whole);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 1);
	mirror_done(n);
}

/* Marks of that owner in front of the reader, which passes all that is there. */
static unsigned
marks(const struct mirror *m, struct ledger_reader *r, uint32_t owner)
{
	struct ledger_entry *entries[8];
	size_t count = ledger_reader_peek(r, entries, 8);
	unsigned marks = 0;

	for (size_t i = 0; i < count; i++)
		marks +=
		    entries[i]->mark && ledger_owner(m->ledger[IPV4_UNICAST], entries[i]) == owner;
	ledger_reader_pass(r, count);
	return marks;
}

static void
what_went_with_a_session_is_told_from_what_was_withdrawn(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);
	struct ledger_reader *r = ledger_reader_open(m->ledger[IPV4_UNICAST], NULL, false);

	turns(w, 2);
	heard(n, true, 0, "route 10.0.0.0/24");
	assert_int_equal(marks(m, r, MIRROR_WITHDRAWN), 1);
	mirror_down(n);
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 1);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 0);
	/* the same session, told once more */
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_WITHDRAWN), 1);
	/* the next session is there before the sweep was */
	mirror_down(n);
	mirror_begin(n);
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 1);
	ledger_reader_close(r);
	mirror_done(n);
}

/* --- kept for the peer to come back --- */

static void
state_of(struct neighbor *n, enum peer_state now, uint64_t session, uint32_t stale)
{
	struct link_peer_state s = n->state;

	s.state = (uint8_t)now;
	s.session = session;
	s.stale = stale;
	neighbor_state(n, &s);
}

static bool
is_stale(struct mirror *m, const char *route)
{
	struct words_line line = { 0 };
	struct words words;
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct nlri nlri;
	uint64_t at = 0;
	uint8_t memory[ROUTE_PIECE_MAX];
	struct ledger_entry *e;

	assert_int_equal(words_cut(&line, route, strlen(route), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	assert_int_equal(route_scan(&words, &d, &why), 0);
	assert_true(route_draft_next(&d, &at, memory, &nlri));
	e = ledger_find(m->ledger[IPV4_UNICAST], 0, nlri.octets);
	route_draft_fini(&d);
	assert_true(e && !e->mark);
	words_line_fini(&line);
	return mirror_is_stale(m, IPV4_UNICAST, e);
}

#define FIRST  "route 10.0.0.0/24 next-hop 192.0.2.1"
#define SECOND "route 10.0.1.0/24 next-hop 192.0.2.1"

static void
what_is_kept_is_not_withdrawn_and_said_to_be_stale_until_it_is_said_again(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);
	struct ledger_reader *r = ledger_reader_open(m->ledger[IPV4_UNICAST], NULL, false);

	turns(w, 2);
	assert_false(is_stale(m, FIRST));
	state_of(n, PEER_IDLE, 1, family_bit(IPV4_UNICAST));
	turns(w, 2);
	assert_true(m->whole);
	assert_true(ledger_reader_live(r));
	assert_true(is_stale(m, FIRST) && is_stale(m, SECOND));
	state_of(n, PEER_CONNECT, 1, family_bit(IPV4_UNICAST));
	state_of(n, PEER_ESTABLISHED, 2, family_bit(IPV4_UNICAST));
	turns(w, 2);
	assert_true(is_stale(m, FIRST) && is_stale(m, SECOND));
	heard(n, false, 0, FIRST);
	assert_false(is_stale(m, FIRST));
	assert_true(is_stale(m, SECOND));
	assert_false(ledger_reader_live(r)); /* for who has missed it */
	/* a restatement says which it is */
	mirror_begin(n);
	heard(n, false, ROUTES_REPLAY, FIRST);
	heard(n, false, ROUTES_REPLAY | ROUTES_STALE, SECOND);
	mirror_end(n);
	turns(w, 2);
	assert_false(is_stale(m, FIRST));
	assert_true(is_stale(m, SECOND));
	/* End-of-RIB: the speaker withdraws the others, as the peer could have */
	(void)marks(m, r, 0);
	state_of(n, PEER_ESTABLISHED, 2, 0);
	heard(n, true, ROUTES_REPLAY, "route 10.0.1.0/24");
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 0);
	assert_int_equal(mirror_count(m), 1);
	ledger_reader_close(r);
	mirror_done(n);
}

static void
what_is_kept_no_longer_went_with_the_session(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);
	struct ledger_reader *r = ledger_reader_open(m->ledger[IPV4_UNICAST], NULL, false);

	turns(w, 2);
	/* another family alone is kept */
	state_of(n, PEER_IDLE, 1, family_bit(IPV6_UNICAST));
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 2);
	assert_int_equal(mirror_count(m), 0);
	state_of(n, PEER_IDLE, 1, 0);
	state_of(n, PEER_ESTABLISHED, 2, 0);
	heard(n, false, 0, FIRST);
	state_of(n, PEER_IDLE, 2, family_bit(IPV4_UNICAST));
	turns(w, 2);
	(void)marks(m, r, MIRROR_LOST);
	assert_int_equal(mirror_count(m), 1);
	state_of(n, PEER_IDLE, 2, 0);
	turns(w, 2);
	assert_int_equal(marks(m, r, MIRROR_LOST), 1);
	assert_int_equal(mirror_count(m), 0);
	ledger_reader_close(r);
	mirror_done(n);
}

static void
became_whole(void *self)
{
	*(bool *)self = true;
}

static void
who_wants_it_while_the_peer_is_away_waits_for_what_is_kept(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	bool whole = false;
	struct mirror_wait wait = { .whole = became_whole, .self = &whole };
	struct mirror *m;

	report(n, PEER_ESTABLISHED, 1, "");
	state_of(n, PEER_IDLE, 1, family_bit(IPV4_UNICAST));
	m = mirror_need(n);
	mirror_when_whole(m, &wait);
	assert_false(whole);
	mirror_begin(n);
	heard(n, false, ROUTES_REPLAY | ROUTES_STALE, FIRST);
	mirror_end(n);
	turns(w, 2);
	assert_true(whole);
	assert_true(is_stale(m, FIRST));
	mirror_unwait(&wait);
	mirror_done(n);
	/* it goes while somebody waits */
	whole = false;
	m = mirror_need(n);
	mirror_when_whole(m, &wait);
	assert_false(whole);
	state_of(n, PEER_IDLE, 1, 0);
	assert_true(whole);
	mirror_done(n);
}

static void
what_a_table_has_no_room_for_is_not_in_it(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);
	struct ledger_reader *r = ledger_reader_open(m->ledger[IPV4_UNICAST], NULL, false);

	turns(w, 2);
	ledger_most(m->ledger[IPV4_UNICAST], 2);
	heard(n, false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1");
	assert_int_equal(mirror_count(m), 2);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1 med 5");
	heard(n, true, 0, "route 10.0.0.0/24");
	heard(n, false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	assert_int_equal(mirror_count(m), 2);
	ledger_reader_close(r);
	mirror_done(n);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(what_is_not_said_again_goes_with_the_end),
		WORLD_TEST(a_sweep_that_was_under_way_is_not_the_end_of_a_restatement),
		WORLD_TEST(what_went_with_a_session_is_told_from_what_was_withdrawn),
		WORLD_TEST(
		    what_is_kept_is_not_withdrawn_and_said_to_be_stale_until_it_is_said_again),
		WORLD_TEST(what_is_kept_no_longer_went_with_the_session),
		WORLD_TEST(who_wants_it_while_the_peer_is_away_waits_for_what_is_kept),
		WORLD_TEST(what_a_table_has_no_room_for_is_not_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
