/* The RIB against a model that keeps what was said and works everything out anew: routes come, change and go,
 * sessions end and come back, a client says some of the prefixes itself, and the configuration is read again with
 * other roles and policies. After each stretch every neighbor is to be told what the model says. The pieces that
 * are pure (best, export, policy) are the same in both: what is tested is that nothing is forgotten on the way. */
#include "controller/config/config.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/rib/rib_inner.h"
#include "proto/bgp/attrs.h"
#include "tests/unit/controller/api/world.h"

enum {
	SEEDS = 100,
	STRETCHES = 12,
	STEPS = 80,
	NEIGHBORS = 6,
	PREFIXES = 10,
	CONFIGS = 4,
	TEXT_MAX = 300
};

static const char *const addresses[NEIGHBORS] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
	"192.0.2.4", "192.0.2.5", "192.0.2.6" };
static const unsigned peer_as[NEIGHBORS] = { 65001, 65002, 65003, 65000, 65000, 65000 };

static const char policies[] =
    "policy low {\nrule a {\nmatch {\nprefix 10.0.0.0/8 ge 24;\n}\nthen {\nreject;\n}\n}\n"
    "rule b {\nmatch {\ncommunity 1:*;\n}\nthen {\nlocal-preference 50;\ncommunity add "
    "2:2;\n}\n}\n}\n"
    "policy slow {\nrule a {\nmatch {\nprefix 10.0.0.0/8 ge 24;\n}\nthen {\nlimit "
    "5/s;\naccept;\n}\n}\n"
    "rule b {\nmatch {\nmed 3;\n}\nthen {\nlimit 7/s;\n}\n}\n}\n"
    "policy heavy {\nrule a {\nmatch {\nas-path 65009;\n}\nthen {\nweight 5;\naccept;\n}\n}\n}\n"
    "policy out {\nrule a {\nmatch {\nmed 3;\n}\nthen {\nreject;\n}\n}\n"
    "rule b {\nmatch {\nprefix 10.2.0.0/16;\n}\nthen {\nmed 9;\nprepend 65000 1;\nnext-hop "
    "unchanged;\naccept;\n}\n}\n}\n";

/* What each neighbor says of itself in each configuration. */
static const char *const words[CONFIGS][NEIGHBORS] = {
	{ "propagate router; import accept; export accept;",
	    "propagate router; import accept; export accept;",
	    "propagate route-server-client; import accept; export accept;", "propagate router;",
	    "propagate reflector-client;", "" },
	{ "propagate router; import [ low accept ]; export [ out accept ];",
	    "propagate router; import [ heavy accept ]; export [ slow accept ];",
	    "propagate router; import accept;",
	    "propagate reflector-client; export [ slow accept ];",
	    "propagate router; export [ out accept ];", "propagate router;" },
	{ "propagate router; import [ low heavy accept ]; export [ slow accept ];", "",
	    "propagate route-server-client; import accept; export [ out accept ];",
	    "propagate router; import heavy;", "propagate router;", "propagate reflector-client;" },
	{ "", "", "", "", "", "" },
};

/* What was said, as it was typed; "" when nothing is. */
static char said[NEIGHBORS][PREFIXES][TEXT_MAX], asked[NEIGHBORS][PREFIXES][TEXT_MAX];
static bool up[NEIGHBORS];
static uint64_t sessions;

static const char *
prefix_of(unsigned i, char out[32])
{
	snprintf(out, 32, i % 3 ? "10.%u.0.0/16" : "10.%u.0.0/24", i);
	return out;
}

static void
configure(struct world *w, unsigned which)
{
	struct text text = { 0 };

	text_printf(&text, "speaker edge {\n}\nspeaker far {\n}\n%s", policies);
	for (unsigned i = 0; i < NEIGHBORS; i++)
		text_printf(&text,
		    "neighbor %s { speaker %s; local-address 192.0.2.25%u; local-as 65000; peer-as "
		    "%u; "
		    "router-id 192.0.2.254; family { ipv4 unicast; } %s }\n",
		    addresses[i], i % 2 ? "far" : "edge", i % 2, peer_as[i], words[which][i]);
	world_write_config(w, text_str(&text));
	text_fini(&text);
	text = (struct text){ 0 };
	if (controller_reload(&w->c, &text) < 0)
		fail_msg("%s", text_str(&text));
	text_fini(&text);
}

/* --- steps --- */

static void
route_text(unsigned who, unsigned prefix, char out[TEXT_MAX])
{
	static const char *const paths[] = { "65001", "65002 65009", "65003 65009 65001",
		"65000 65001", "65009" };
	char at[32];
	int n = snprintf(out, TEXT_MAX, "route %s next-hop 192.0.2.%u origin %s as-path [ %s ]",
	    prefix_of(prefix, at), 100 + who, rand() % 2 ? "igp" : "egp", paths[rand() % 5]);

	if (rand() % 2)
		n += snprintf(out + n, TEXT_MAX - (size_t)n, " med %d", rand() % 5);
	if (peer_as[who] == 65000 && rand() % 2)
		n += snprintf(
		    out + n, TEXT_MAX - (size_t)n, " local-preference %d", 90 + rand() % 30);
	if (rand() % 3 == 0)
		snprintf(out + n, TEXT_MAX - (size_t)n, " community [ %s ]",
		    rand() % 4 ? "1:7" : "no-export");
}

static void
session(struct world *w, unsigned who, bool comes)
{
	struct neighbor *n = neighbor_at(w, addresses[who]);
	struct link_peer_state s = { .state = comes ? PEER_ESTABLISHED : PEER_IDLE,
		.session = comes ? ++sessions : 0,
		.peer_as = peer_as[who],
		.local_as = 65000,
		.peer_id = 0x0a000000 + who,
		.address = n->peer.address,
		.families = family_bit(IPV4_UNICAST) };

	neighbor_state(n, &s);
	up[who] = comes;
	if (comes) {
		mirror_begin(n);
		mirror_end(n);
	} else {
		memset(said[who], 0, sizeof said[who]);
	}
}

/* What its speaker says when a mirror is needed that was not there. */
static void
restate(struct world *w)
{
	for (unsigned i = 0; i < NEIGHBORS; i++) {
		struct neighbor *n = neighbor_at(w, addresses[i]);

		if (!up[i] || !n->mirror || n->mirror->whole)
			continue;
		mirror_begin(n);
		for (unsigned k = 0; k < PREFIXES; k++)
			if (said[i][k][0])
				heard(n, false, 0, said[i][k]);
		mirror_end(n);
	}
	turns(w, 6);
}

static void
client_says(struct player *p, unsigned who, unsigned prefix)
{
	char line[TEXT_MAX + 64], at[32];
	bool more = rand() % 2;

	asked[who][prefix][0] = '\0';
	if (more)
		snprintf(asked[who][prefix], TEXT_MAX, "route %s next-hop 192.0.2.200 med 99",
		    prefix_of(prefix, at));
	snprintf(line, sizeof line, "neighbor %s %s %s", addresses[who],
	    more ? "announce" : "withdraw", more ? asked[who][prefix] : "route ");
	if (!more)
		snprintf(line, sizeof line, "neighbor %s withdraw route %s", addresses[who],
		    prefix_of(prefix, at));
	(void)ask(p, line);
}

/* Another neighbor says the very same of another prefix, right behind. */
static void
echo(struct world *w, unsigned who, const char *typed)
{
	unsigned prefix = (unsigned)rand() % PREFIXES;
	char at[32];

	if (!up[who])
		return;
	snprintf(said[who][prefix], TEXT_MAX, "route %s%s", prefix_of(prefix, at),
	    strstr(typed, " next-hop"));
	heard(neighbor_at(w, addresses[who]), false, 0, said[who][prefix]);
}

static void
step(struct world *w)
{
	unsigned who = (unsigned)rand() % NEIGHBORS, prefix = (unsigned)rand() % PREFIXES;
	struct neighbor *n = neighbor_at(w, addresses[who]);
	char text[64], at[32];

	switch (rand() % 40) {
	case 0:
		session(w, who, !up[who]);
		return;
	case 1:
		client_says(w->player[0], who, prefix);
		return;
	default:
		break;
	}
	if (!up[who])
		return;
	if (rand() % 4 == 0) {
		said[who][prefix][0] = '\0';
		snprintf(text, sizeof text, "route %s", prefix_of(prefix, at));
		heard(n, true, 0, text);
		return;
	}
	route_text(who, prefix, said[who][prefix]);
	heard(n, false, 0, said[who][prefix]);
	if (rand() % 4 == 0)
		echo(w, (unsigned)rand() % NEIGHBORS, said[who][prefix]);
}

/* --- the model --- */

/* The value of what was typed, as a speaker hands it on. */
static struct blob *
value_of(struct world *w, const char *typed)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer out = writer_of(memory, sizeof memory);
	struct words_line line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct route_value v;
	struct words cut;

	assert_int_equal(words_cut(&line, typed, strlen(typed), 1, WORDS_API, &why), 0);
	cut = words_of(&line);
	assert_int_equal(route_scan(&cut, &d, &why), 0);
	v = (struct route_value){ .next_hop = reader_of(d.next_hop, d.next_hop_len),
		.attributes = octets_read(&d.attributes) };
	route_value_write(&v, &out);
	route_draft_fini(&d);
	words_line_fini(&line);
	return blob_intern(w->c.values, memory, out.len);
}

static struct reader
key_of(unsigned prefix, uint8_t key[4])
{
	key[0] = prefix % 3 ? 16 : 24;
	key[1] = 10;
	key[2] = (uint8_t)prefix;
	key[3] = 0;
	return reader_of(key, prefix % 3 ? 3 : 4);
}

/* What import makes of a route; NULL: it is not taken. */
static struct blob *
imported(struct world *w, const struct neighbor *n, struct reader key, const char *typed,
    uint32_t *weight)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer out = writer_of(memory, sizeof memory);
	struct policy_chain chain = { .count = 0 };
	struct blob *value = value_of(w, typed);
	struct policy_route p = { .family = IPV4_UNICAST,
		.nlri = key,
		.value = route_value_of(blob_read(value)),
		.peer = &n->peer.address,
		.peer_as = neighbor_peer_as(n) };
	const struct policy_rule *by;
	bool taken;

	chain_make(n->controller->config, n, &n->config->import, &chain);
	taken = view_as_count(p.value.attributes, 65000).plain == 0 && policy_run(&chain, &p, &by);
	*weight = p.weight;
	route_value_write(&p.value, &out);
	policy_chain_fini(&chain);
	blob_put(w->c.values, value);
	return taken ? blob_intern(w->c.values, memory, out.len) : NULL;
}

static struct export_source
source_of(const struct neighbor *n)
{
	return (struct export_source){ .role = (enum propagate)n->config->propagate,
		.internal = !neighbor_external(n),
		.router_id = n->state.peer_id };
}

/* The best of all that is said of a prefix: who says it, and its imported value (a share). */
static int
best_of(struct world *w, unsigned prefix, struct blob **value)
{
	struct contender c[NEIGHBORS];
	struct blob *taken[NEIGHBORS];
	int who[NEIGHBORS], chosen = -1;
	const struct best_rules rules = { 0 };
	size_t n = 0, best;
	uint8_t key[4];

	for (int i = 0; i < NEIGHBORS; i++) {
		const struct neighbor *from = neighbor_at(w, addresses[i]);
		uint32_t weight;

		if (!said[i][prefix][0] || from->config->propagate == PROPAGATE_NONE)
			continue;
		taken[n] = imported(w, from, key_of(prefix, key), said[i][prefix], &weight);
		if (!taken[n])
			continue;
		c[n] = (struct contender){ .weight = weight,
			.router_id = from->state.peer_id,
			.peer = from->peer.address,
			.external = neighbor_external(from) };
		view_of(route_value_of(blob_read(taken[n])).attributes, &c[n].view);
		who[n++] = i;
	}
	*value = NULL;
	best = n > 0 ? best_choose(c, n, &rules) : 0;
	if (n > 0) {
		chosen = who[best];
		*value = blob_get(taken[best]);
	}
	for (size_t i = 0; i < n; i++)
		blob_put(w->c.values, taken[i]);
	return chosen;
}

/* What a neighbor is to be told, as text; "" when nothing. */
static void
expected(struct world *w, unsigned to, unsigned prefix, struct text *t)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer out = writer_of(memory, sizeof memory);
	const struct neighbor *n = neighbor_at(w, addresses[to]), *from;
	struct policy_chain chain = { .count = 0 };
	const struct policy_rule *by;
	struct export_source source;
	struct export_target target = { .role = (enum propagate)n->config->propagate,
		.internal = !neighbor_external(n),
		.local_as = 65000,
		.cluster = n->config->cluster_id,
		.self = n->config->local };
	struct policy_route p = { .family = IPV4_UNICAST };
	struct blob *value;
	uint8_t key[4];
	int best;

	if (asked[to][prefix][0]) {
		text_add(t, "the client's");
		return;
	}
	best = best_of(w, prefix, &value);
	if (best < 0)
		return;
	from = neighbor_at(w, addresses[best]);
	source = source_of(from);
	p.nlri = key_of(prefix, key);
	p.value = route_value_of(blob_read(value));
	p.peer = &from->peer.address;
	p.peer_as = neighbor_peer_as(from);
	chain_make(n->controller->config, n, &n->config->export, &chain);
	if (n != from && target.role != PROPAGATE_NONE && export_allowed(&source, &target) &&
	    export_carries(p.value.attributes, &source, &target) && policy_run(&chain, &p, &by) &&
	    export_value(&source, &target, &p, false, &out) == 0) {
		p.value = route_value_of(writer_read(&out));
		text_printf(t, "%u/s ", p.limited ? p.limited->limit : 0);
		text_hex(t, p.value.next_hop.at, p.value.next_hop.left);
		attrs_print(p.value.attributes, t);
	}
	policy_chain_fini(&chain);
	blob_put(w->c.values, value);
}

/* --- what it is --- */

struct looking {
	struct reader key;
	struct text *text;
};

static void
see(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct looking *l = arg;
	if (r->family != IPV4_UNICAST || !reader_equal(r->nlri.octets, l->key))
		return;
	if (!owner_is_rib(n->controller->owners, r->owner)) {
		text_add(l->text, "the client's");
		return;
	}
	text_printf(l->text, "%u/s ", owner_limit(n->controller->owners, r->owner));
	text_hex(l->text, r->value.next_hop.at, r->value.next_hop.left);
	attrs_print(r->value.attributes, l->text);
}

/* All that bears on a prefix, for who has to find out. */
static void
dump(struct world *w, unsigned prefix)
{
	char line[64], at[32];

	for (unsigned i = 0; i < NEIGHBORS; i++)
		print_message("%s %s, %u: said \"%s\", the client \"%s\"\n", addresses[i],
		    up[i] ? "up" : "down", neighbor_at(w, addresses[i])->config->propagate,
		    said[i][prefix], asked[i][prefix]);
	snprintf(line, sizeof line, "explain route %s", prefix_of(prefix, at));
	print_message("%s\n", ask(w->player[0], line));
}

static void
compare(struct world *w, int seed, int stretch)
{
	for (unsigned to = 0; to < NEIGHBORS; to++)
		for (unsigned prefix = 0; prefix < PREFIXES; prefix++) {
			struct text is = { 0 }, should = { 0 };
			uint8_t key[4];
			struct looking l = { key_of(prefix, key), &is };
			uint64_t state = 0;

			while (!intent_visit(neighbor_at(w, addresses[to]), &state, 64, see, &l))
				;
			expected(w, to, prefix, &should);
			if (strcmp(text_str(&is), text_str(&should)) != 0) {
				dump(w, prefix);
				fail_msg(
				    "seed %d, stretch %d: %s is told of prefix %u\n%s\nand not\n%s",
				    seed, stretch, addresses[to], prefix, text_str(&is),
				    text_str(&should));
			}
			text_fini(&is);
			text_fini(&should);
		}
}

static unsigned told;

static void
count_one(void *arg, struct neighbor *n, const struct intent_route *r)
{
	(void)arg;
	told += strcmp(owner_name(n->controller->owners, r->owner), "the rib") == 0;
}

static void
play(int seed)
{
	void *state;
	struct world *w;

	srand((unsigned)seed);
	memset(said, 0, sizeof said);
	memset(asked, 0, sizeof asked);
	memset(up, 0, sizeof up);
	world_open(&state);
	w = state;
	(void)player_open(w);
	configure(w, 0);
	for (unsigned i = 0; i < NEIGHBORS; i++)
		session(w, i, true);
	for (int stretch = 0; stretch < STRETCHES; stretch++) {
		uint64_t at = 0;

		for (int i = 0; i < STEPS; i++)
			step(w);
		if (rand() % 3 == 0)
			configure(w, (unsigned)rand() % CONFIGS);
		turns(w, 6);
		restate(w);
		compare(w, seed, stretch);
		while (!intent_visit(neighbor_at(w, addresses[0]), &at, 64, count_one, NULL))
			;
	}
	world_close(&state);
}

static void
every_neighbor_is_told_what_the_model_says(void **state)
{
	(void)state;
	for (int seed = 1; seed <= SEEDS; seed++)
		play(seed);
	assert_true(told > 100); /* and that is something */
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
	    every_neighbor_is_told_what_the_model_says) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
