/* ambo policy test FILE POLICY [from ADDRESS | client NAME | configuration] [as N] [roas FILE] ROUTE...: what a policy, or a chain of them
 * ("in,accept"), makes of a route, without any session. ROAs are those of a file in JSON, as caches are given them. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/octets.h"
#include "controller/cli/cli.h"
#include "controller/cli/line.h"
#include "controller/cli/roa_file.h"
#include "controller/config/config.h"
#include "controller/policy/policy.h"
#include "controller/rpki/origin.h"
#include "proto/bgp/attrs.h"

struct trial {
	struct config *config;
	struct policy_chain chain;
	struct addr peer;
	struct roas *roas; /* NULL: none were given */
	struct policy_route route;
	struct words_line line;
	struct route_draft draft;
	uint8_t memory[ROUTE_PIECE_MAX];
};

/* "in,accept" */
static int
name_policies(struct trial *t, const char *names)
{
	while (*names) {
		size_t len = strcspn(names, ",");
		char name[128];
		const struct policy *p;

		snprintf(name, sizeof name, "%.*s", (int)len, names);
		p = config_policy(t->config, name);
		if (!p)
			return cli_fail(CLI_REFUSED, "there is no policy '%s'", name);
		policy_chain_add(&t->chain, p);
		names += len + (names[len] == ',');
	}
	return -1;
}

/* An address, the name of a client, or the configuration. */
static int
name_source(struct trial *t, struct words *w, struct reason *why)
{
	if (words_take(w, "configuration")) {
		t->route.source = SOURCE_CONFIGURATION;
		return 0;
	}
	if (words_take(w, "client")) {
		t->route.source = SOURCE_CLIENT;
		if (!words_left(w))
			return words_wrong(w, why, "the name of a client");
		t->route.sayer = words_next(w)->at;
		return 0;
	}
	if (addr_scan(&t->peer, words_peek(w)) < 0)
		return words_wrong(w, why, "an address, client or configuration");
	words_next(w);
	t->route.peer = &t->peer;
	return 0;
}

/* from ADDRESS, as N: who says it. roas FILE: who may. */
static int
name_peer(struct trial *t, struct words *w, struct reason *why)
{
	uint64_t asn;

	if (words_take(w, "from") && name_source(t, w, why) < 0)
		return -1;
	if (words_take(w, "as")) {
		if (words_uint(w, 0, UINT32_MAX, "an AS", &asn, why) < 0)
			return -1;
		t->route.peer_as = (uint32_t)asn;
	}
	if (words_take(w, "roas")) {
		t->roas = roa_file_read(words_peek(w), why);
		if (!t->roas)
			return -1;
		words_next(w);
		t->route.roas = t->roas;
	}
	return 0;
}

static int
read_route(struct trial *t, int argc, char **argv, struct reason *why)
{
	struct text line = { 0 };
	uint64_t state = 0;
	struct words words;
	struct nlri nlri;
	int ok;

	line_join(&line, argc, argv);
	ok = words_cut(&t->line, text_str(&line), line.len, 1, WORDS_API, why);
	text_fini(&line);
	words = words_of(&t->line);
	if (ok < 0 || name_peer(t, &words, why) < 0)
		return -1;
	(void)words_take(&words, "announce");
	if (route_scan(&words, &t->draft, why) < 0)
		return -1;
	if (words_left(&words))
		return words_wrong(&words, why, "a keyword of a route, or the end");
	if (!route_draft_next(&t->draft, &state, t->memory, &nlri))
		return reason_set(why, 0, 0, "there is no prefix in it");
	t->route.family = t->draft.family;
	t->route.nlri = nlri.octets;
	t->route.value.next_hop = reader_of(t->draft.next_hop, t->draft.next_hop_len);
	t->route.value.attributes = octets_read(&t->draft.attributes);
	return 0;
}

static void
print_hop(const struct policy_route *r, struct text *out)
{
	char address[ADDR_TEXT];

	if (r->hop == HOP_SELF)
		text_add(out, " next-hop self");
	else if (r->hop == HOP_UNCHANGED)
		text_add(out, " next-hop unchanged");
	else if (r->hop == HOP_ADDRESS)
		text_printf(out, " next-hop %s", addr_print(&r->hop_address, address));
}

static bool
asks_for_origins(const struct policy_chain *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (policy_asks(c->policy[i], "rpki"))
			return true;
	return false;
}

/* As it was said: what the rules make of the path is another matter. */
static void
print_origin(const struct trial *t)
{
	const struct policy_route *r = &t->route;

	if (!t->roas && asks_for_origins(&t->chain))
		puts("rpki: not-found, for no file of ROAs was given (roas FILE)");
	else if (t->roas)
		printf("rpki: %s\n", rpki_state_name(rpki_validate(r->roas, r->family, r->nlri,
					 r->value.attributes, r->own_as)));
}

static void
run(struct trial *t)
{
	const struct policy_rule *by;
	struct text out = { 0 };
	bool accepted = policy_run(&t->chain, &t->route, &by);

	text_printf(&out, "%s: %s\n", accepted ? "accepted" : "rejected",
	    by ? by->label : "no rule decides");
	if (accepted) {
		nlri_ops(t->route.family)->print(t->route.nlri, &out);
		print_hop(&t->route, &out);
		attrs_print(t->route.value.attributes, &out);
		if (t->route.weight > 0)
			text_printf(&out, " (weight %u)", t->route.weight);
		if (t->route.limited)
			text_printf(&out, " (limit %u/s of %s)", t->route.limited->limit,
			    t->route.limited->label);
		text_char(&out, '\n');
	}
	fputs(text_str(&out), stdout);
	text_fini(&out);
}

static int
test(struct trial *t, int argc, char **argv)
{
	const char *file = argv[0];
	struct reason why = { 0 };
	int status;

	t->config = cli_load(&file, 1);
	if (!t->config)
		return CLI_REFUSED;
	status = name_policies(t, argv[1]);
	if (status >= 0)
		return status;
	if (read_route(t, argc - 2, argv + 2, &why) < 0)
		return cli_fail(CLI_REFUSED, "%s", why.text);
	if (t->config->neighbor_count > 0) {
		const struct config_neighbor *n = t->config->neighbors[0];

		t->route.own_as =
		    n->confederation.identifier ? n->confederation.identifier : n->local_as;
	}
	print_origin(t);
	run(t);
	return CLI_OK;
}

/* The controller looks for what the file names beside it, by its whole path. */
static int
diff(struct cli *cli, int argc, char **argv)
{
	char path[PATH_MAX], policy[] = "policy", word[] = "diff";
	char *said[] = { policy, word, path };
	struct text line = { 0 };
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (argc - words != 1)
		return cli_fail(CLI_USAGE, "policy diff wants: FILE");
	cli->file = argv[words];
	if (!realpath(cli->file, path))
		return cli_fail(CLI_REFUSED, "%s: %s", cli->file, strerror(errno));
	line_join(&line, 3, said);
	status = cli_ask_line(cli, text_str(&line), line.len);
	text_fini(&line);
	return status;
}

int
cli_policy(struct cli *cli, int argc, char **argv)
{
	static struct trial t;
	int words, status = cli_options(cli, argc, argv, true, &words);

	if (status >= 0)
		return status;
	if (words < argc && strcmp(argv[words], "diff") == 0)
		return diff(cli, argc - words, argv + words);
	if (argc - words < 4 || strcmp(argv[words], "test") != 0)
		return cli_fail(CLI_USAGE,
		    "policy wants: diff FILE, or test FILE POLICY [from "
		    "ADDRESS | client NAME | configuration] [as N] [roas FILE] ROUTE");
	status = test(&t, argc - words - 1, argv + words + 1);
	policy_chain_fini(&t.chain);
	roas_free(t.roas);
	config_free(t.config);
	words_line_fini(&t.line);
	route_draft_fini(&t.draft);
	return status;
}
