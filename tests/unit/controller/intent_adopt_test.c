#include "tests/unit/controller/api/world.h"
#include "controller/intent.h"
#include "controller/owners.h"

/* The speaker gives back a route that it held for `owner`. */
static void
held(struct neighbor *n, uint32_t owner, const char *route)
{
	static struct routes_message m;
	uint8_t bitmap[64] = { 0 };
	struct words_line line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct words words;

	assert_true(n->number < 8 * sizeof bitmap);
	bitmap[n->number >> 3] = (uint8_t)(1u << (n->number & 7));
	memset(&m, 0, sizeof m);
	m.flags = ROUTES_HELD;
	m.peers = reader_of(bitmap, sizeof bitmap);
	assert_int_equal(words_cut(&line, route, strlen(route), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	assert_int_equal(route_scan(&words, &d, &why), 0);
	m.announce[0] = (struct routes_part){ .family = d.family, .nlri = octets_read(&d.nlri) };
	m.announce[0].value.attributes = octets_read(&d.attributes);
	m.announce[0].value.next_hop = reader_of(d.next_hop, d.next_hop_len);
	m.announces = 1;
	intent_adopt(&n->speaker->intent, &m, owner);
	route_draft_fini(&d);
	words_line_fini(&line);
}

static void
adopted(struct neighbor *n)
{
	n->speaker->adopted = true;
	intent_adopted(&n->speaker->intent);
}

static struct player *
feeder(struct world *w)
{
	struct player *p = player_open(w);
	struct pack r = { 0 };

	api_hello_pack(&r, 1, "feeder");
	say(p, &r);
	pack_fini(&r);
	assert_has(next(p), "accepted");
	return p;
}

static void
end_of_sync(struct player *p)
{
	struct pack r = { 0 };

	api_simple_pack(&r, API_END_OF_SYNC, 2);
	say(p, &r);
	pack_fini(&r);
	assert_has(next(p), "accepted");
	turns(p->world, 3);
}

static const char *
told(struct player *p)
{
	return ask(p, "show routes sent neighbor 192.0.2.1");
}

static void
what_a_speaker_gives_back_stands_until_its_owner_has_ended(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	uint32_t owner = owner_by_name(w->c.owners, "feeder");
	struct player *p;

	held(n, owner, "route 10.0.0.0/24 next-hop 192.0.2.9");
	held(n, owner, "route 10.0.1.0/24 next-hop 192.0.2.9");
	adopted(n);
	turns(w, 3);
	p = feeder(w);
	assert_has(
	    ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop 192.0.2.9"), "accepted");
	assert_has(told(p), "10.0.0.0/24");
	end_of_sync(p);
	assert_has_not(told(p), "10.0.0.0/24");
	assert_has(told(p), "10.0.1.0/24");
}

/* hello, then the speaker, then end-of-sync */
static void
what_is_given_back_after_the_hello_was_not_said_again(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct player *p = feeder(w);

	assert_has(
	    ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop 192.0.2.9"), "1 new");
	held(n, p->client.owner, "route 10.0.0.0/24 next-hop 192.0.2.9");
	held(n, p->client.owner, "route 10.0.1.0/24 next-hop 192.0.2.9");
	adopted(n);
	end_of_sync(p);
	assert_has_not(told(p), "10.0.0.0/24");
	assert_has(told(p), "10.0.1.0/24");
}

/* hello, end-of-sync, and only then the speaker */
static void
a_sweep_waits_for_a_speaker_that_was_not_there(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct player *p = feeder(w);

	assert_has(
	    ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop 192.0.2.9"), "1 new");
	end_of_sync(p);
	held(n, p->client.owner, "route 10.0.0.0/24 next-hop 192.0.2.9");
	held(n, p->client.owner, "route 10.0.1.0/24 next-hop 192.0.2.9");
	held(n, owner_by_name(w->c.owners, "other"), "route 10.0.2.0/24 next-hop 192.0.2.9");
	assert_has(told(p), "10.0.0.0/24");
	adopted(n);
	turns(w, 3);
	assert_has_not(told(p), "10.0.0.0/24");
	assert_has(told(p), "10.0.1.0/24");
	assert_has(told(p), "10.0.2.0/24");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(what_a_speaker_gives_back_stands_until_its_owner_has_ended),
		WORLD_TEST(what_is_given_back_after_the_hello_was_not_said_again),
		WORLD_TEST(a_sweep_waits_for_a_speaker_that_was_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
