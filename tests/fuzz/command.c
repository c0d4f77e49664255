/* A command. [ who says it, 1: there are policies, line ] to a controller of three neighbors: a client
 * (even) or a helper (odd), of whose answers each must be whole: a reply that can be read, JSON that is JSON. FUZZ_WHOLE: no
 * line, but requests of a client as they come. */
#include "tests/unit/controller/api/world.h"
#include <fcntl.h>
#include <sanitizer/lsan_interface.h>
#include <signal.h>
#include <stdlib.h>
#include "controller/api/processes.h"
#include "tests/fuzz/fuzz.h"

enum { INPUTS = 150, TURNS = 20, LINE_MOST = 2000 };

enum { PLAIN, WITH_POLICIES, WORLDS };

static struct world *world[WORLDS];
static unsigned said;

#define NEIGHBOR(n, speaker)                                                                       \
	"neighbor 192.0.2." n " { speaker " speaker "; local-address 192.0.2.254; local-as 65000;" \
	" peer-as 6500" n "; router-id 192.0.2.254; export ours; export-covers client;"            \
	" family { ipv4 unicast; ipv6 unicast; ipv4 flow; } }\n"
static const char config[] =
    "policy theirs { rule flows { match { flow protocol tcp; } then { reject; } }"
    " rule few { match { prefix 10.0.0.0/8 longer; } then { accept; } }"
    " rule med { match { med 5; } then { reject; } } rule rest { then { accept; } } }\n"
    "policy ours { rule one { match { prefix 10.0.1.0/24 longer; } then { reject; } }"
    " rule rest { then { accept; } } }\n"
    "controller { client-import theirs; }\nspeaker edge { }\nspeaker far { }\n" NEIGHBOR(
	"1", "edge") NEIGHBOR("2", "edge") NEIGHBOR("3", "far");

/* fuzz/coverage builds without sanitizers. */
static bool
memory_is_lost(void)
{
#if __has_feature(address_sanitizer)
	return __lsan_do_recoverable_leak_check();
#else
	return false;
#endif
}

static void
end_worlds(void)
{
	for (unsigned i = 0; i < WORLDS; i++) {
		void *state = world[i];

		if (world[i])
			world_close(&state);
		world[i] = NULL;
	}
	fuzz_require(!memory_is_lost(), "memory is lost");
}

/* A new one from time to time, so that routes and neighbors do not add up. */
static struct world *
a_world(unsigned which)
{
	void *state = world[which];

	if (said++ == INPUTS) {
		end_worlds();
		said = 0;
		state = NULL;
	}
	if (!state) {
		world_open_with(&state, which == PLAIN ? world_config : config);
		log_level_set(LOG_LEVEL_NONE);
		world[which] = state;
	}
	return state;
}

static void
leave(struct world *w, struct player *p)
{
	client_lost(&p->client);
	api_reap(w->c.api);
	turns(w, 2);
	fuzz_require(p->forgotten, "a client that is gone is remembered");
	player_free(p);
	w->players--;
}

static unsigned
answers_to(struct world *w, struct player *p, struct pack *request)
{
	unsigned answers = 0;

	say(p, request);
	for (unsigned n = 0; n < TURNS && p->read == p->count; n++)
		turns(w, 1);
	for (; *next(p); answers++)
		;
	return answers;
}

static void
as_client(struct world *w, const uint8_t *line, size_t len, bool json)
{
	struct player *p = player_open(w);
	struct pack r = { 0 };

	api_command_pack(&r, 1, (const char *)line, len, API_WAIT_ACCEPTED, json);
	fuzz_require(answers_to(w, p, &r) > 0 || len == 0, "no answer");
	pack_fini(&r);
	leave(w, p);
}

/* One behind the other, each with its length in front, of two octets. Some, as credit, have no answer. */
static void
as_requests(struct world *w, struct reader messages)
{
	struct player *p = player_open(w);
	struct pack r = { 0 };

	while (messages.left > 2) {
		size_t len = reader_u16(&messages);
		struct reader one =
		    reader_sub(&messages, len < messages.left ? len : messages.left);

		pack_clear(&r);
		pack_copy(&r, one.at, one.left);
		(void)answers_to(w, p, &r);
	}
	pack_fini(&r);
	leave(w, p);
}

/* Each line that begins a map is one. */
static void
check_answers(const char *text, size_t len)
{
	struct text line = { 0 };
	struct pack p = { 0 };

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t size = end ? (size_t)(end - text) : len;
		struct tree t = tree_pack(&p);
		const char *wrong;

		text_clear(&line);
		text_addn(&line, text, size);
		wrong = text_str(&line)[0] == '{' && end ? json_replay(text_str(&line), &t) : NULL;
		fuzz_require(!wrong, "%s: %s", wrong, text_str(&line));
		pack_clear(&p);
		text += size + (end != NULL);
		len -= size + (end != NULL);
	}
	pack_fini(&p);
	text_fini(&line);
}

static void
as_helper(struct world *w, const uint8_t *line, size_t len, bool six)
{
	static char answers[1 << 16];
	int in[2], out[2];
	struct process *p;
	ssize_t got;

	fuzz_require(
	    pipe2(in, O_CLOEXEC | O_NONBLOCK) == 0 && pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0,
	    "pipes");
	p = process_attach(w->c.api->processes, "fuzz", in[0], out[1]);
	p->version = six ? 6 : 4;
	p->json = six;
	got = write(in[1], line, len);
	got = write(in[1], "\n", 1);
	turns(w, TURNS);
	close(in[1]);
	turns(w, TURNS);
	while ((got = read(out[0], answers, sizeof answers)) > 0)
		check_answers(answers, (size_t)got);
	close(out[0]);
	turns(w, 2);
}

/* What is lost is looked for when a world ends, and not after each input: a table that stands keeps its values in fewer
 * octets than a pointer has, where they would be taken for lost. */
int
LLVMFuzzerInitialize(int *count, char ***words)
{
	static char *all[64], none[] = "-detect_leaks=0";

	if (*count + 2 > (int)(sizeof all / sizeof all[0]))
		return 0;
	for (int i = 0; i < *count; i++)
		all[i] = (*words)[i];
	all[(*count)++] = none;
	*words = all;
	signal(SIGPIPE, SIG_IGN); /* as the programs have it */
	atexit(end_worlds);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct world *w;

	if (len < 2 || len > LINE_MOST)
		return 0;
	w = a_world(data[1] & 1 ? WITH_POLICIES : PLAIN);
	if (data[0] == FUZZ_WHOLE)
		as_requests(w, reader_of(data + 2, len - 2));
	else if (data[0] & 1)
		as_helper(w, data + 2, len - 2, data[0] & 2);
	else
		as_client(w, data + 2, len - 2, data[0] & 2);
	return 0;
}
