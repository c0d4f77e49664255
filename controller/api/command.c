/* The table of commands, and how a line finds its row. */
#include "controller/api/command.h"
#include "controller/api/ahead.h"
#include "controller/api/recent.h"
#include <string.h>
#include "controller/api/helper.h"

#define OTHER 0, NULL, NULL /* another spelling of a row above */

const struct command command_table[] = {
	{ "announce eor", ROLE_ANNOUNCE, true, command_order, CONTROL_EOR, "[AFI SAFI]",
	    "send an End-of-RIB (ipv4 unicast when none is given)" },
	{ "announce route-refresh", ROLE_ANNOUNCE, true, command_order, CONTROL_REFRESH, "AFI SAFI",
	    "ask the peers for all their routes again" },
	{ "announce operational", ROLE_ANNOUNCE, true, command_operational, 0,
	    "asm | adm | rpcq | rpcp | apcq | apcp | lpcq | lpcp afi AFI safi SAFI "
	    "advisory TEXT | sequence N [counter N] [router-id ID]",
	    "send an OPERATIONAL message; an asm again at the start of each session" },
	{ "announce watchdog", ROLE_ANNOUNCE, true, command_watchdog, 0, "[NAME]",
	    "tell the routes that have this watchdog (a helper's own name when none is given)" },
	{ "withdraw watchdog", ROLE_ANNOUNCE, true, command_watchdog, 1, "[NAME]",
	    "withdraw the routes that have this watchdog" },
	{ "announce", ROLE_ANNOUNCE, true, command_announce, 0,
	    "route PREFIX next-hop ADDRESS ... | flow route { match { ... } then { ... } } | "
	    "ipv4 unicast ... | attributes ... nlri PREFIX ...",
	    "tell the neighbors a route" },
	{ "withdraw", ROLE_ANNOUNCE, true, command_announce, 1,
	    "route PREFIX | flow route ... | ipv4 unicast PREFIX | attributes ... nlri PREFIX ...",
	    "tell the neighbors that a route is gone" },
	{ "flush adj-rib out", ROLE_ANNOUNCE, true, command_order, CONTROL_FLUSH, "",
	    "say everything to the neighbors once more" },
	{ "rib flush out", ROLE_ANNOUNCE, true, command_order, CONTROL_FLUSH, NULL, NULL },
	{ "clear adj-rib out", ROLE_ANNOUNCE, true, command_clear, 0, "",
	    "withdraw all that the neighbors are told" },
	{ "rib clear out", ROLE_ANNOUNCE, true, command_clear, OTHER },
	{ "clear adj-rib", ROLE_ANNOUNCE, true, command_clear, OTHER }, /* of 4.2 */
	{ "clear adj-rib in", ROLE_ANNOUNCE, true, command_order, CONTROL_CLEAR_IN, "",
	    "forget what the neighbors sent, and ask them for it again where they can be asked" },
	{ "rib clear in", ROLE_ANNOUNCE, true, command_order, CONTROL_CLEAR_IN, NULL, NULL },
	{ "group start", ROLE_ANNOUNCE, false, command_group_start, 0, "",
	    "helpers: what is announced and withdrawn until `group end` is done together" },
	{ "group end", ROLE_ANNOUNCE, false, command_group_end, 0, "", "... and answered once" },
	{ "group", ROLE_ANNOUNCE, true, command_group, 0, "announce ... ; withdraw ... ; ...",
	    "the same in one line" },
	{ "routes", ROLE_ANNOUNCE, true, command_routes, 0,
	    "[AFI [SAFI]] list | add ROUTE | remove ROUTE | remove index HEX",
	    "what the neighbors are told, route by route" },
	{ "create neighbor", ROLE_ADMIN, false, command_create, 0,
	    "ADDRESS local-address ADDRESS local-as N peer-as N [router-id ID] [family-allowed "
	    "F/F] "
	    "[graceful-restart N] [group-updates true|false] [speaker NAME] [api PROCESS]...",
	    "a neighbor that is there until the next reload" },
	{ "peer create", ROLE_ADMIN, false, command_create, OTHER },
	{ "delete neighbor", ROLE_ADMIN, false, command_delete, 0, "SELECTOR",
	    "neighbors go, until the next reload" },
	{ "peer delete", ROLE_ADMIN, false, command_delete, OTHER },
	{ "teardown", ROLE_ADMIN, true, command_order, CONTROL_TEARDOWN, "SUBCODE [TEXT]",
	    "end sessions with a Cease (RFC 4486) and begin anew" },
	{ "show neighbors", ROLE_READ, true, command_show_neighbors, SHOW_TABLE,
	    "[SELECTOR] [summary | extensive | configuration | json]",
	    "sessions, and why one is not up" },
	{ "peer show", ROLE_READ, true, command_show_neighbors, SHOW_TABLE, NULL, NULL },
	{ "peer list", ROLE_READ, true, command_show_neighbors, SHOW_LIST, NULL, NULL },
	{ "show routes", ROLE_READ, true, command_show_routes, SHOW_RECEIVED | SHOW_SENT,
	    "[received | sent] [neighbor SELECTOR] [AFI SAFI] [PREFIX [longer]] [json]",
	    "routes that the neighbors sent, and what they are told" },
	{ "show adj-rib in", ROLE_READ, true, command_show_routes, SHOW_RECEIVED | SHOW_ADJ_RIB,
	    "[inet | flow | l2vpn] [extensive] [SELECTOR] [json]",
	    "received routes, as ExaBGP prints them" },
	{ "show adj-rib out", ROLE_READ, true, command_show_routes, SHOW_SENT | SHOW_ADJ_RIB,
	    "[inet | flow | l2vpn] [extensive] [SELECTOR] [json]",
	    "routes to be told, as ExaBGP prints them" },
	{ "rib show in", ROLE_READ, true, command_show_routes, SHOW_RECEIVED | SHOW_ADJ_RIB, NULL,
	    NULL },
	{ "rib show out", ROLE_READ, true, command_show_routes, SHOW_SENT | SHOW_ADJ_RIB, NULL,
	    NULL },
	{ "show rib", ROLE_READ, true, command_show_rib, 0,
	    "[AFI SAFI] [PREFIX [longer]] [neighbor SELECTOR] [received | accepted | best | "
	    "advertised] [count] [json]",
	    "routes that go from peer to peer: what was said, what import took, which is the best "
	    "and why, who was told" },
	{ "explain route", ROLE_READ, true, command_explain, 0,
	    "[AFI SAFI] PREFIX [to SELECTOR] [json]",
	    "who says it, which is the best and why, who is told, and why others are not" },
	{ "policy diff", ROLE_ADMIN, false, command_policy_diff, 0, "FILE [json]",
	    "what the policies of another configuration would tell each neighbor; nothing is "
	    "sent" },
	{ "set replace", ROLE_ADMIN, false, command_set, SET_REPLACE,
	    "NAME ENTRY[, ENTRY]... | --file FILE",
	    "a named set of policies holds this, until a reload says otherwise" },
	{ "set add", ROLE_ADMIN, false, command_set, SET_ADD,
	    "NAME ENTRY[, ENTRY]... | --file FILE", "... and this too" },
	{ "set remove", ROLE_ADMIN, false, command_set, SET_REMOVE,
	    "NAME ENTRY[, ENTRY]... | --file FILE", "... and this no more" },
	{ "set restore", ROLE_ADMIN, false, command_set, SET_RESTORE, "NAME",
	    "... what the configuration says" },
	{ "show sets", ROLE_READ, false, command_show_sets, 0, "[NAME] [json]",
	    "the named sets of policies, or what one holds" },
	{ "show policy", ROLE_READ, false, command_show_policy, 0, "[json]",
	    "the clients that policies ask, what they were asked and how fast they answer" },
	{ "show rpki", ROLE_READ, false, command_show_rpki, 0, "[PREFIX [AS]] [json]",
	    "the caches, and which is heard; or what ROAs say of a prefix, and of who originates "
	    "it" },
	{ "show speakers", ROLE_READ, false, command_show_speakers, 0, "[json]",
	    "the edge, and who is there" },
	{ "show owners", ROLE_READ, false, command_show_owners, 0, "[json]", "who announces" },
	{ "show clients", ROLE_READ, false, command_show_clients, 0, "[json]",
	    "who is connected to this API" },
	{ "status", ROLE_READ, false, command_status, 0, "[json]",
	    "the controller in a few lines" },
	{ "daemon status", ROLE_READ, false, command_status, OTHER },
	{ "reload", ROLE_ADMIN, false, command_reload, 0, "", "read the configuration again" },
	{ "daemon reload", ROLE_ADMIN, false, command_reload, OTHER },
	{ "restart", ROLE_ADMIN, false, command_restart, 0, "",
	    "read the configuration again, and begin sessions and helpers anew" },
	{ "daemon restart", ROLE_ADMIN, false, command_restart, OTHER },
	{ "shutdown", ROLE_ADMIN, false, command_shutdown, 0, "", "end the controller" },
	{ "daemon shutdown", ROLE_ADMIN, false, command_shutdown, OTHER },
	{ "ping", ROLE_READ, false, command_ping, 0, "", "is somebody there?" },
	{ "session ping", ROLE_READ, false, command_ping, OTHER },
	{ "version", ROLE_READ, false, command_version, 0, "", "which release this is" },
	{ "system version", ROLE_READ, false, command_version, OTHER },
	{ "show processes", ROLE_READ, false, command_show_processes, 0, "[json]",
	    "the programs of the configuration, and which is broken" },
	{ "restart process", ROLE_ADMIN, false, command_restart_process, 0, "NAME",
	    "start a program of the configuration anew" },
	{ "enable-ack", ROLE_READ, false, command_session, SESSION_ACK, "",
	    "helpers: answer every command" },
	{ "session ack enable", ROLE_READ, false, command_session, SESSION_ACK, NULL, NULL },
	{ "disable-ack", ROLE_READ, false, command_session, SESSION_NO_ACK, "",
	    "helpers: answer this command, and no other" },
	{ "session ack disable", ROLE_READ, false, command_session, SESSION_NO_ACK, NULL, NULL },
	{ "silence-ack", ROLE_READ, false, command_session, SESSION_SILENCE, "",
	    "helpers: answer no command, not even this one" },
	{ "session ack silence", ROLE_READ, false, command_session, SESSION_SILENCE, NULL, NULL },
	{ "enable-sync", ROLE_READ, false, command_session, SESSION_SYNC, "",
	    "helpers: answer when the neighbors have been written to" },
	{ "session sync enable", ROLE_READ, false, command_session, SESSION_SYNC, NULL, NULL },
	{ "disable-sync", ROLE_READ, false, command_session, SESSION_NO_SYNC, "",
	    "helpers: answer at once" },
	{ "session sync disable", ROLE_READ, false, command_session, SESSION_NO_SYNC, NULL, NULL },
	{ "reset", ROLE_READ, false, command_session_reset, 0, "",
	    "helpers: forget a group that was begun" },
	{ "session reset", ROLE_READ, false, command_session_reset, OTHER },
	{ "bye", ROLE_READ, false, command_bye, 0, "", "nothing: a client may say it at its end" },
	{ "quit", ROLE_READ, false, command_bye, OTHER },
	{ "session bye", ROLE_READ, false, command_bye, OTHER },
	{ "crash", ROLE_ADMIN, false, command_crash, 0, "", "refused" },
	{ "system crash", ROLE_ADMIN, false, command_crash, OTHER },
	{ "queue-status", ROLE_READ, false, command_queue_status, 0, "",
	    "what waits for the helpers" },
	{ "system queue-status", ROLE_READ, false, command_queue_status, OTHER },
	{ "api version", ROLE_READ, false, command_api_version, 0, "[4 | 6]",
	    "helpers: which API they are spoken to in from their next start on" },
	{ "system api version", ROLE_READ, false, command_api_version, OTHER },
	{ "help", ROLE_READ, false, command_help, 0, "[json]", "this list" },
	{ "system help", ROLE_READ, false, command_help, OTHER },
};
const unsigned command_count = sizeof command_table / sizeof *command_table;

_Static_assert(
    sizeof command_table / sizeof *command_table <= 255, "rows are numbered in an octet");

enum { NEAR_MAX = 128, WORD_MAX = 32, SUFFIXES = 2 };

/* --- finding the row --- */

/* The first word of a row: singular and plural are the same. Gives its length, or 0. */
static size_t
same_word(const struct word *typed, const char *row)
{
	size_t n = 0, left;

	while (n < typed->len && row[n] == typed->at[n] && row[n] != ' ')
		n++;
	left = typed->len - n;
	if (row[n] == '\0' || row[n] == ' ')
		return left == 0 || (left == 1 && n > 4 && typed->at[n] == 's') ? n : 0;
	return left == 0 && n >= 4 && row[n] == 's' && (row[n + 1] == '\0' || row[n + 1] == ' ')
		   ? n + 1
		   : 0;
}

/* How many words of the row stand at the front of *w, which is moved behind them; *whole when all do. */
static unsigned
match_words(struct words *w, const char *row, bool *whole)
{
	unsigned n = 0;

	while (*row) {
		size_t len = words_left(w) ? same_word(w->at, row) : 0;

		if (len == 0)
			break;
		words_next(w);
		n++;
		row += len;
		row += *row == ' ';
	}
	*whole = *row == '\0';
	return n;
}

static const char *
word_of(const char *row, unsigned index, char out[WORD_MAX])
{
	size_t len;

	while (index-- > 0) {
		row += strcspn(row, " ");
		row += strspn(row, " ");
	}
	len = strcspn(row, " ");
	if (len >= WORD_MAX)
		len = WORD_MAX - 1;
	memcpy(out, row, len);
	out[len] = '\0';
	return out;
}

/* What could have stood where `at` is: the next words of the rows that agree up to there. */
static int
refuse_word(const struct words *at, const struct words *line, unsigned depth, struct reason *why)
{
	static char memory[NEAR_MAX][WORD_MAX];
	const char *names[NEAR_MAX + 1], *near, *typed = words_peek(at);
	struct text list = { 0 };
	unsigned count = 0, shown = 0;
	const unsigned most = 12; /* the rest is what `help` is for */

	for (unsigned i = 0; i < command_count && count < NEAR_MAX; i++) {
		struct words w = *line;
		bool whole, known = false;

		if (match_words(&w, command_table[i].words, &whole) != depth || whole)
			continue;
		word_of(command_table[i].words, depth, memory[count]);
		for (unsigned k = 0; k < count && !known; k++)
			known = strcmp(names[k], memory[count]) == 0;
		if (known)
			continue;
		/* of several spellings the one that is shown elsewhere, too */
		if (command_table[i].help && shown++ < most)
			text_printf(&list, "%s%s", shown > 1 ? ", " : "", memory[count]);
		names[count] = memory[count];
		count++;
	}
	for (unsigned i = 0; i < count && !shown; i++)
		text_printf(&list, "%s%s", i > 0 ? ", " : "", memory[i]);
	if (shown > most)
		text_add(&list, ", ... (help says all)");
	names[count] = NULL;
	near = reason_nearest(typed, strlen(typed), names);
	if (!words_left(at))
		words_wrong(at, why, text_str(&list));
	else if (near)
		reason_set(why, at->at->line, at->at->column,
		    "unknown word \"%s\": did you mean %s?", typed, near);
	else
		reason_set(why, at->at->line, at->at->column, "unknown word \"%s\": expected %s",
		    typed, text_str(&list));
	text_fini(&list);
	return -1;
}

/* Rows whose words begin with the same letter are in a chain, in the order of the table. */
enum { ROWS_MAX = 255, LETTERS = 128 };

static const uint8_t *
rows_by_letter(uint8_t letter, const uint8_t **next)
{
	static uint8_t first[LETTERS], behind[ROWS_MAX];
	static bool made;

	for (unsigned i = command_count; !made && i-- > 0;) {
		uint8_t *chain = &first[(uint8_t)*command_table[i].words % LETTERS];

		behind[i] = *chain;
		*chain = (uint8_t)(i + 1);
	}
	made = true;
	*next = behind;
	return &first[letter % LETTERS];
}

/* Where no row goes on with the second word of a line, its first two words decide: those of the last such line are
 * remembered, for they are mostly the same again. */
static struct {
	char first[WORD_MAX], second[WORD_MAX];
	const struct command *row;
} lately;

static bool
is_last(const struct words *w)
{
	return lately.row && w->end - w->at > 1 && strcmp(w->at[0].at, lately.first) == 0 &&
	       strcmp(w->at[1].at, lately.second) == 0;
}

static void
remember(const struct words *w, const struct command *row)
{
	if (w->end - w->at < 2 || w->at[0].len >= WORD_MAX || w->at[1].len >= WORD_MAX)
		return;
	memcpy(lately.first, w->at[0].at, w->at[0].len + 1);
	memcpy(lately.second, w->at[1].at, w->at[1].len + 1);
	lately.row = row;
}

/* The row for these words, which are moved behind them; NULL with a reason. */
static const struct command *
command_find(struct words *w, struct reason *why)
{
	const uint8_t *next, *row = rows_by_letter((uint8_t)*words_peek(w), &next);
	const struct command *best = NULL;
	struct words line = *w, behind = *w, deepest = *w;
	unsigned best_words = 0, depth = 0;

	if (is_last(w)) {
		words_next(w);
		return lately.row;
	}
	for (; *row > 0; row = &next[*row - 1]) {
		unsigned i = *row - 1u;
		struct words at = line;
		unsigned n;
		bool whole;

		n = match_words(&at, command_table[i].words, &whole);
		if (n > depth) {
			depth = n;
			deepest = at;
		}
		if (whole && n > best_words) {
			best = &command_table[i];
			best_words = n;
			behind = at;
		}
	}
	if (!best)
		refuse_word(&deepest, &line, depth, why);
	else if (depth == 1)
		remember(&line, best);
	*w = behind;
	return best;
}

/* --- running it --- */

/* The last words may say how to answer: sync, async, json, text. */
static void
take_suffixes(struct call *c)
{
	for (unsigned i = 0; i < SUFFIXES && c->words.end > c->words.at; i++) {
		const struct word *last = c->words.end - 1;

		if (last->quoted || !strchr("sjat", *last->at)) /* most end with something else */
			return;
		if (strcmp(last->at, "sync") == 0)
			c->request->wait = API_WAIT_SENT;
		else if (strcmp(last->at, "json") == 0)
			c->request->json = true;
		else if (strcmp(last->at, "async") == 0)
			c->request->wait = API_WAIT_ACCEPTED;
		else if (strcmp(last->at, "text") == 0)
			c->request->json = false;
		else
			return;
		c->words.end = last;
	}
}

/* `neighbor <selector>` or `peer <selector>` in front. 1: there was one; 0; -1. */
static int
take_selector(struct call *c, struct selector *s)
{
	struct words w = c->words;

	if (!words_take(&w, "neighbor") && !words_take(&w, "peer"))
		return 0;
	if (strcmp(words_peek(&c->words), "peer") == 0 && !selector_starts(words_peek(&w)))
		return 0; /* `peer list`, `peer show` */
	if (selector_scan(&w, s, &c->why) < 0)
		return -1;
	c->words = w;
	return 1;
}

static int
choose(struct call *c, const struct selector *s)
{
	struct controller *k = c->api->controller;
	struct text list = { 0 };
	char address[ADDR_TEXT];
	unsigned shown = 0;

	c->count = selector_choose(c->request->client, s);
	c->neighbor = c->api->chosen;
	if (c->count > 0 || (s->count == 0 && !c->request->client->transport->may))
		return 0;
	if (c->request->client->transport->may)
		return reason_set(&c->why, 0, 0, "no neighbor that lists this process %s",
		    s->count ? "matches" : "is there");
	LIST_EACH(link, &k->neighbors) {
		if (shown++ == 4)
			break;
		text_printf(&list, "%s%s", shown > 1 ? ", " : "",
		    addr_print(&LIST_ENTRY(link, struct neighbor, link)->peer.address, address));
	}
	reason_set(&c->why, 0, 0, "no neighbor matches; there %s %s%s",
	    k->neighbor_count == 1 ? "is" : "are", k->neighbor_count ? text_str(&list) : "none",
	    k->neighbor_count > 4 ? ", ..." : "");
	text_fini(&list);
	return -1;
}

void
call_refuse(struct call *c)
{
	request_refuse(&c->request, &c->why);
}

int
call_end(struct call *c)
{
	const struct word *over;

	words_take(&c->words, ";");
	if (!words_left(&c->words))
		return 0;
	if (!c->row || !c->row->arguments)
		return words_wrong(&c->words, &c->why, "the end of the line");
	over = c->words.at;
	return reason_set(&c->why, over->line, over->column,
	    "expected the end of the line, found \"%.32s\" (%s%s%s)", over->at, c->row->words,
	    *c->row->arguments ? " " : "", c->row->arguments);
}

int
call_narrow(struct call *c)
{
	struct selector s;
	struct words w = c->words;

	if (!words_take(&w, "neighbor") && !words_take(&w, "peer") &&
	    !selector_starts(words_peek(&w)))
		return 0;
	if (selector_scan(&w, &s, &c->why) < 0)
		return -1;
	c->words = w;
	c->selected = true;
	return choose(c, &s);
}

int
call_choose(struct call *c)
{
	struct selector s;
	int selected;

	s.count = 0;
	selected = take_selector(c, &s);
	if (selected < 0)
		return -1;
	c->selected = selected > 0;
	return choose(c, &s);
}

/* The words of ExaBGP 6 are answered in JSON, whatever else is spoken. */
static bool
is_json(const struct call *c)
{
	static const char *const nouns[] = { "daemon", "session", "system", "rib", "peer",
		"group" };
	const struct process *p = process_of(c->request->client);

	for (unsigned i = 0; p && i < sizeof nouns / sizeof *nouns; i++)
		if (words_are(&c->words, nouns[i]))
			return true;
	return p && helper_version(p) == API_6;
}

static const char *const role_names[] = { "read", "announce", "admin" };

/* The row of the words, or of v6's `peer 192.0.2.1 show`, whose verb stands behind. */
static const struct command *
find_row(struct call *c, bool selected)
{
	static const struct command show = { "show", ROLE_READ, true, command_show_neighbors,
		SHOW_TABLE, NULL, NULL };
	struct words line = c->words;
	const struct command *command = command_find(&c->words, &c->why);

	if (command || !selected || !words_take(&line, "show"))
		return command;
	c->words = line;
	c->why = (struct reason){ 0 };
	return &show;
}

static void
run_words(struct call *c)
{
	struct selector s; /* large: all of it is not cleared with each command */
	const struct client *client = c->request->client;
	const struct command *command;
	int selected;

	s.count = 0;
	selected = take_selector(c, &s);
	command = selected < 0 ? NULL : find_row(c, selected > 0);
	if (!command) {
		call_refuse(c);
		return;
	}
	c->selected = selected > 0;
	c->row = command;
	c->kind = command->kind;
	take_suffixes(c);
	if (client_role(client) < command->role)
		request_done(&c->request, "error", "%s may not say \"%s\": its role is %s",
		    client->user, command->words, role_names[client_role(client)]);
	else if (command->role == ROLE_ANNOUNCE && request_nameless(&c->request))
		return;
	else if (c->selected && !command->selects)
		request_done(&c->request, "error", "\"%s\" is not about neighbors", command->words);
	else if (command->selects && choose(c, &s) < 0)
		call_refuse(c);
	else
		command->run(c);
}

bool
command_tells(struct request *r, struct reader line)
{
	struct api *api = r->client->api;
	struct call c = { .api = api, .request = r };
	const struct command *command;
	struct selector s;
	int selected;

	s.count = 0;
	words_line_clear(&api->line);
	if (words_cut(&api->line, (const char *)line.at, line.left, 1, WORDS_API, &c.why) < 0)
		return false;
	c.words = words_of(&api->line);
	selected = take_selector(&c, &s);
	command = selected < 0 ? NULL : find_row(&c, selected > 0);
	return command && command->role == ROLE_ANNOUNCE;
}

/* Of each command: the text of the reason, which is most of a call, is not cleared. */
int
call_begin(struct call *c, struct request *r, struct reader line)
{
	struct api *api = r->client->api;
	struct words_line *cut = &api->line;

	c->api = api;
	c->request = r;
	c->line = line;
	c->words = (struct words){ 0 };
	c->neighbor = NULL;
	c->row = NULL;
	c->count = 0;
	c->selected = c->exabgp = false;
	c->kind = 0;
	c->ahead = ahead_find(api->ahead, line);
	c->why.text[0] = '\0';
	c->why.line = c->why.column = 0;
	api->commands++;
	if (c->ahead) {
		c->words = words_of(&c->ahead->cut);
		return 0;
	}
	words_line_clear(cut);
	if (words_cut(cut, (const char *)line.at, line.left, 1, WORDS_API, &c->why) < 0)
		return -1;
	c->words = words_of(cut);
	return 0;
}

void
command_run(struct request *r, struct reader line)
{
	struct call c;

	if (call_begin(&c, r, line) < 0) {
		call_refuse(&c);
		return;
	}
	c.exabgp = process_of(r->client) != NULL;
	r->json |= is_json(&c);
	if (!words_left(&c.words)) /* an empty line, or a comment */
		request_done(&c.request, "done", "%s", "");
	else
		run_words(&c);
	recent_ran(c.api->recent);
}
