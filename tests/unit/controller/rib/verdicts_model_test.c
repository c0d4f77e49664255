/* Policies that ask against a model of every moment: routes come, change and go while verdicts are open; the client
 * answers in any order, late, twice or never, has few places, dies and comes back, is replaced; the configuration is
 * read again with another default, or without the client. After every step each neighbor is to be told what the model
 * says. What the model is told by the controller is one thing alone: which asks have come, for who had a place depends
 * on the order in which things were decided. */
#include "tests/unit/controller/rib/decider.h"

enum {
	FIRST = 1,
	SEEDS = 100,
	STEPS = 250,
	SOURCES = 3,
	PREFIXES = 5,
	ASKS = 512,
	PREFERENCE = 1000000 /* laid over those that are set */
};

static const char *const source[SOURCES] = { "192.0.2.1", "192.0.2.2", "192.0.2.3" };
static const char open_to[] = "192.0.2.4", gated[] = "192.0.2.5";

enum mind { NOBODY, WAITING, DEFAULTED, ACCEPTED, REJECTED, SET };

/* What is thought of a route: by import, and by the export to the gated neighbor. */
struct thought {
	unsigned asked; /* the route that it is about; 0: none */
	enum mind mind;
	uint64_t since; /* of WAITING */
	uint64_t version; /* of the last ask, 0: none is open here */
};

static struct route {
	unsigned
	    tag; /* 0: it is not there; else its local preference, and the second half of its community */
	char rule; /* 'r': the rules reject it, 'a': they accept it, '?': the client is asked */
	struct thought import, export;
	unsigned held; /* what import made of it last: view_of */
} routes[SOURCES][PREFIXES];

static unsigned told_gated[PREFIXES];
static bool set_gated[PREFIXES];
static bool asking, by_default, alive, time_passes;
static unsigned tags, seen_waiting, seen_set, seen_late, seen_missed;
static uint64_t now;
static struct player *client;
static struct {
	struct asked ask;
	bool open;
} heap_of_asks[ASKS];
static size_t ask_count;

static uint64_t luck;

/* Not rand: libzmq draws from that too. (splitmix64) */
static int
chance(void)
{
	uint64_t z = luck += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (int)((z ^ z >> 31) & 0x7fffffff);
}

/* --- the configuration --- */

static void
configure(struct world *w)
{
	struct text t = { 0 };

	text_printf(&t,
	    "speaker edge {\n}\n"
	    "policy in {\nrule a {\nmatch {\ncommunity 6:6;\n}\nthen {\nreject;\n}\n}\n"
	    "rule b {\nmatch {\ncommunity 7:7;\n}\nthen {\naccept;\n}\n}\n"
	    "via client checker timeout 50ms default %s;\n}\n"
	    "policy out {\nvia client checker timeout 50ms default %s;\n}\n",
	    by_default ? "accept" : "reject", by_default ? "accept" : "reject");
	for (unsigned i = 1; i <= 5; i++)
		text_printf(&t,
		    "neighbor 192.0.2.%u { speaker edge; local-address 192.0.2.254; local-as "
		    "65000; "
		    "peer-as %u; router-id 192.0.2.254; family { ipv4 unicast; } "
		    "propagate route-server-client; import %s; export %s; }\n",
		    i, 65000 + i,
		    i > SOURCES ? "reject"
		    : asking    ? "in"
				: "accept",
		    i <= SOURCES ? "reject"
		    : i == 4     ? "accept"
				 : "out");
	reload(w, text_str(&t));
	text_fini(&t);
}

/* --- what the model makes of it --- */

/* Of a route that is taken: its tag, and whether import has set something. */
static unsigned
made_of(unsigned tag, bool set)
{
	return tag * 2 + set;
}

static unsigned
preference(unsigned made)
{
	return made / 2 + (made & 1 ? PREFERENCE : 0);
}

static unsigned
imported(const struct route *r)
{
	if (r->tag == 0)
		return 0;
	if (!asking)
		return made_of(r->tag, false);
	if (r->rule != '?')
		return r->rule == 'a' ? made_of(r->tag, false) : 0;
	switch (r->import.mind) {
	case WAITING:
		return r->held;
	case DEFAULTED:
		return by_default ? made_of(r->tag, false) : 0;
	case ACCEPTED:
	case SET:
		return made_of(r->tag, r->import.mind == SET);
	default:
		return 0;
	}
}

static int
best_of(unsigned prefix, unsigned *made)
{
	int best = -1;

	*made = 0;
	for (int i = 0; i < SOURCES; i++) {
		unsigned one = imported(&routes[i][prefix]);

		if (one && (best < 0 || preference(one) > preference(*made))) {
			best = i;
			*made = one;
		}
	}
	return best;
}

/* The asks that have come in this step. */
static const struct asked *
find_ask(size_t from, unsigned who, unsigned prefix, bool export)
{
	const struct asked *last = NULL;
	char nlri[32];

	snprintf(nlri, sizeof nlri, "10.%u.0.0/16", prefix);
	for (size_t i = from; i < ask_count; i++) {
		const struct asked *a = &heap_of_asks[i].ask;

		if (strcmp(a->nlri, nlri) == 0 && strcmp(a->neighbor, source[who]) == 0 &&
		    (a->to[0] != '\0') == export)
			last = a;
	}
	return last;
}

/* It is another route than the one that was asked about. `known`: it is known what was before. */
static void
begin(struct thought *t, unsigned about, const struct asked *ask, bool known)
{
	bool waits = ask && known;

	t->asked = about;
	t->version = ask ? ask->version : 0;
	if (waits && t->mind != WAITING)
		t->since = now;
	t->mind = waits ? WAITING : DEFAULTED;
	seen_waiting += waits;
	seen_missed += !ask;
}

static void
think_import(unsigned who, unsigned prefix, size_t from, bool known)
{
	struct route *r = &routes[who][prefix];
	const struct asked *ask = find_ask(from, who, prefix, false);

	if (!asking || r->tag == 0 || r->rule != '?')
		r->import = (struct thought){ 0 };
	else if (r->import.asked != r->tag)
		begin(&r->import, r->tag, ask, known);
	else if (ask)
		r->import.version = ask->version; /* it was missed, and has a place now */
	r->held = imported(r);
}

/* An ask about an export that is no news: it was missed, and has a place now. Or it was the best for a moment: of several
 * whose time is over at once one is first. */
static void
hear_of(struct thought *t, const struct asked *ask)
{
	unsigned about;

	if (!ask)
		return;
	about = ask->preference > PREFERENCE ? made_of((unsigned)ask->preference - PREFERENCE, true)
					     : made_of((unsigned)ask->preference, false);
	if (t->asked != about)
		*t = (struct thought){
			.asked = about, .mind = time_passes ? WAITING : DEFAULTED, .since = now
		};
	t->version = ask->version;
}

static void
think_export(unsigned prefix, size_t from)
{
	unsigned made;
	int best;

	best = best_of(prefix, &made);
	/* what is not exported any more is asked about no more */
	for (int i = 0; i < SOURCES; i++)
		if (i != best && routes[i][prefix].export.mind == WAITING)
			routes[i][prefix].export = (struct thought){ 0 };
	for (int i = 0; i < SOURCES; i++)
		if (i != best || routes[i][prefix].export.asked == made)
			hear_of(
			    &routes[i][prefix].export, find_ask(from, (unsigned)i, prefix, true));
	if (best < 0) {
		told_gated[prefix] = 0;
		return;
	}
	struct thought *t = &routes[best][prefix].export;

	if (t->asked != made)
		begin(t, made, find_ask(from, (unsigned)best, prefix, true), true);
	if (t->mind == WAITING)
		return;
	told_gated[prefix] =
	    t->mind == REJECTED || (t->mind == DEFAULTED && !by_default) ? 0 : made;
	set_gated[prefix] = t->mind == SET;
}

/* Whose time is over. */
static void
expire(struct thought *t, bool all)
{
	if (t->mind == WAITING && (all || now - t->since >= TIMEOUT))
		t->mind = DEFAULTED;
}

static void
expire_all(bool all)
{
	for (unsigned i = 0; i < SOURCES; i++)
		for (unsigned k = 0; k < PREFIXES; k++) {
			expire(&routes[i][k].import, all);
			expire(&routes[i][k].export, all);
		}
}

/* Everything is thought of once more, with the asks that have come in this step. */
static void
think(struct world *w, bool known)
{
	size_t from = ask_count, n;
	static struct asked a[ASKS];

	n = alive ? asks(client, a, ASKS) : 0;
	turns(w, 3);
	assert_true(ask_count + n <= ASKS);
	for (size_t i = 0; i < n; i++) {
		heap_of_asks[ask_count].ask = a[i];
		heap_of_asks[ask_count++].open = true;
	}
	for (unsigned k = 0; k < PREFIXES; k++) {
		for (unsigned i = 0; i < SOURCES; i++)
			think_import(i, k, from, known);
		think_export(k, from);
	}
}

/* --- steps --- */

static void
announce(struct world *w, unsigned who, unsigned prefix)
{
	struct route *r = &routes[who][prefix];
	int kind = chance() % 8;
	char text[200];

	r->tag = ++tags;
	r->rule = kind == 0 ? 'r' : kind == 1 ? 'a' : '?';
	snprintf(text, sizeof text,
	    "route 10.%u.0.0/16 next-hop %s origin igp as-path [ 65001 ] local-preference %u "
	    "community [ 10%u:%u%s ]",
	    prefix, source[who], r->tag, who, r->tag,
	    kind == 0   ? " 6:6"
	    : kind == 1 ? " 7:7"
			: "");
	heard(neighbor_at(w, source[who]), false, 0, text);
	if (chance() % 4 == 0)
		heard(neighbor_at(w, source[who]), false, 0, text); /* which changes nothing */
}

static void
withdraw(struct world *w, unsigned who, unsigned prefix)
{
	char text[64];

	snprintf(text, sizeof text, "route 10.%u.0.0/16", prefix);
	heard(neighbor_at(w, source[who]), true, 0, text);
	routes[who][prefix] = (struct route){ 0 };
}

static void
die(struct world *w)
{
	if (!alive)
		return;
	client_lost(&client->client);
	alive = false;
	ask_count = 0;
	turns(w, 4);
	assert_true(client->forgotten);
	expire_all(true);
}

static void
come(struct world *w)
{
	/* drawn one after the other: the arguments of an operator come in any order */
	unsigned drawn = (unsigned)chance(), most = chance() % 2 ? 4 : 60, open = 1 + drawn % most;

	die(w);
	think(w, true);
	client->forgotten = false;
	client->read = client->count;
	memset(&client->client, 0, sizeof client->client);
	client_init(&client->client, w->c.api, &player_transport);
	decide_as(client, "checker", open);
	alive = true;
}

/* One of the asks that have come, in any order; some twice. */
static void
answer_one(void)
{
	size_t at = ask_count > 0 ? (size_t)chance() % ask_count : 0;
	struct asked a;
	bool export, was;
	char words[80];
	int verdict = chance() % 3;
	unsigned who, prefix;

	if (!alive || ask_count == 0)
		return;
	a = heap_of_asks[at].ask;
	was = heap_of_asks[at].open;
	heap_of_asks[at].open = false;
	if (!was || chance() % 8 > 0)
		heap_of_asks[at] = heap_of_asks[--ask_count];
	export = a.to[0] != '\0';
	assert_int_equal(sscanf(a.nlri, "10.%u.", &prefix), 1);
	for (who = 0; strcmp(a.neighbor, source[who]) != 0; who++)
		;
	struct route *r = &routes[who][prefix];
	struct thought *t = export ? &r->export : &r->import;

	snprintf(words, sizeof words, "large-community [ 1:1:1 ] local-preference %u",
	    r->tag + PREFERENCE);
	answer(client, &a, verdict == 1 ? "reject" : "accept",
	    verdict == 2 ? export ? "large-community [ 2:2:2 ]" : words : NULL);
	if (!was || t->version != a.version)
		return; /* answered before, or stale */
	seen_late += t->mind == DEFAULTED;
	seen_set += verdict == 2;
	t->mind = verdict == 0 ? ACCEPTED : verdict == 1 ? REJECTED : SET;
	t->version = 0;
}

/* With a reload goes what was thought of exports that nobody is told. */
static void
reconfigure(struct world *w)
{
	bool before = asking;

	by_default = chance() % 2;
	asking = chance() % 4 > 0;
	configure(w);
	if (before != asking)
		for (unsigned i = 0; i < SOURCES; i++)
			for (unsigned k = 0; k < PREFIXES; k++)
				routes[i][k].import = (struct thought){ 0 };
	think(w, !asking || before);
	for (unsigned k = 0; k < PREFIXES; k++) {
		unsigned made;
		int best = best_of(k, &made);

		for (int i = 0; i < SOURCES; i++)
			if (i != best)
				routes[i][k].export = (struct thought){ 0 };
	}
}

static void
step(struct world *w)
{
	unsigned who = (unsigned)chance() % SOURCES, prefix = (unsigned)chance() % PREFIXES;
	uint64_t wait;

	switch (chance() % 20) {
	case 0:
		die(w);
		break;
	case 1:
		come(w);
		break;
	case 2:
		reconfigure(w);
		break;
	case 3:
	case 4:
	case 5:
		wait = (uint64_t)(chance() % 30) * 1000;
		now += wait;
		later(w, wait);
		expire_all(false);
		time_passes = true;
		break;
	case 6:
	case 7:
		withdraw(w, who, prefix);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		announce(w, who, prefix);
		break;
	default:
		answer_one();
	}
	think(w, true);
	time_passes = false;
}

/* --- what it is --- */

static void
say_of(unsigned made, bool set, char out[64])
{
	snprintf(out, 64, made ? "%u%s%s" : "nothing", made / 2, made & 1 ? " set" : "",
	    set ? " set by export" : "");
}

static void
read_of(const char *told, char out[64])
{
	const char *tag = strstr(told, " 100:");
	unsigned n = 0;

	tag = tag ? tag : strstr(told, " 101:");
	tag = tag ? tag : strstr(told, " 102:");
	if (!tag)
		tag = strstr(told, "[ 10");
	if (tag)
		(void)sscanf(strchr(tag, ':') + 1, "%u", &n);
	snprintf(out, 64, n ? "%u%s%s" : "nothing", n, strstr(told, "1:1:1") ? " set" : "",
	    strstr(told, "2:2:2") ? " set by export" : "");
}

static void
compare(struct world *w, int seed, int at)
{
	for (unsigned k = 0; k < PREFIXES; k++) {
		char prefix[32], is[64], should[64];
		unsigned made;

		snprintf(prefix, sizeof prefix, "10.%u.0.0/16", k);
		(void)best_of(k, &made);
		say_of(made, false, should);
		read_of(told_to(w, open_to, prefix), is);
		if (strcmp(is, should) != 0)
			fail_msg("seed %d, step %d: %s is told of %s %s, not %s", seed, at, open_to,
			    prefix, is, should);
		say_of(told_gated[k], told_gated[k] && set_gated[k], should);
		read_of(told_to(w, gated, prefix), is);
		/* what export sets replaces what import has set */
		if (told_gated[k] && set_gated[k])
			say_of(told_gated[k] & ~1u, true, should);
		if (strcmp(is, should) != 0)
			fail_msg("seed %d, step %d: %s is told of %s %s, not %s", seed, at, gated,
			    prefix, is, should);
	}
}

static void
play(int seed)
{
	void *state;
	struct world *w;

	luck = (uint64_t)seed;
	memset(routes, 0, sizeof routes);
	memset(told_gated, 0, sizeof told_gated);
	memset(set_gated, 0, sizeof set_gated);
	tags = 0;
	ask_count = 0;
	now = 0;
	asking = by_default = true;
	alive = false;
	world_open(&state);
	w = state;
	client = player_open(w);
	alive = true;
	configure(w);
	for (unsigned i = 1; i <= 5; i++) {
		char address[32];

		snprintf(address, sizeof address, "192.0.2.%u", i);
		(void)comes_up(w, address, 65000 + i);
	}
	come(w);
	think(w, true);
	for (int i = 0; i < STEPS; i++) {
		step(w);
		compare(w, seed, i);
	}
	world_close(&state);
}

static void
every_neighbor_is_told_what_the_model_says(void **state)
{
	(void)state;
	for (int seed = FIRST; seed < FIRST + SEEDS; seed++)
		play(seed);
	/* and all of it has happened */
	assert_true(seen_waiting > 1000 && seen_set > 100 && seen_late > 100 && seen_missed > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
	    every_neighbor_is_told_what_the_model_says) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
