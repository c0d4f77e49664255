/* ambo validate: the configuration is read as the controller reads it. */
#include <getopt.h>
#include <stdio.h>
#include "controller/cli/cli.h"
#include "controller/cli/retell.h"
#include "controller/config/config.h"

static void
summary(const struct config *c)
{
	size_t routes = 0;

	for (size_t i = 0; i < c->neighbor_count; i++)
		routes += c->neighbors[i]->route_count;
	printf("valid: %zu neighbor%s, %zu route%s, %zu process%s\n", c->neighbor_count,
	    c->neighbor_count == 1 ? "" : "s", routes, routes == 1 ? "" : "s", c->process_count,
	    c->process_count == 1 ? "" : "es");
}

struct config *
cli_load(const char *const *files, size_t count)
{
	struct config_error e = { 0 };
	struct text t = { 0 };
	struct config *c = config_load(files, count, &e);

	if (c)
		return c;
	config_error_print(&e, &t);
	fprintf(stderr, "%s%s", text_str(&t), t.len > 0 && t.base[t.len - 1] == '\n' ? "" : "\n");
	text_fini(&t);
	return NULL;
}

/* The neighbors by their long names, each with what it will be told. */
static void
neighbors(const struct config *c)
{
	for (size_t i = 0; i < c->neighbor_count; i++) {
		const struct config_neighbor *n = c->neighbors[i];
		char address[ADDR_TEXT];

		printf("neighbor %s: %zu route%s,", addr_print(&n->peer.addr, address),
		    n->route_count, n->route_count == 1 ? "" : "s");
		for (enum family f = 0; f < FAMILIES; f++)
			if (n->families & family_bit(f))
				printf(" %s%s", family_name(f), n->families >> f > 1 ? "," : "");
		putchar('\n');
	}
}

struct wish {
	bool routes, verbose;
};

/* ExaBGP's: -n asks for the neighbors to be checked, which they are in any case; -p is for those who debug it. */
static int
options(int argc, char **argv, struct wish *w)
{
	static const struct option table[] = { { "neighbor", 0, 0, 'n' }, { "route", 0, 0, 'r' },
		{ "verbose", 0, 0, 'v' }, { "pdb", 0, 0, 'p' }, { "json", 0, 0, 'j' }, { 0 } };
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, "nrvpj", table, NULL)) != -1) {
		if (option == '?')
			return cli_fail(CLI_USAGE, "unknown option %s", argv[optind - 1]);
		w->routes |= option == 'r';
		w->verbose |= option == 'v';
	}
	return -1;
}

static int
check_routes(const struct config *c)
{
	size_t good, bad = retell(c, &good);

	printf("told and read again: %zu route%s", good, good == 1 ? "" : "s");
	if (bad > 0)
		printf("; not as they were: %zu", bad);
	putchar('\n');
	return bad > 0 ? CLI_REFUSED : CLI_OK;
}

int
cli_validate(struct cli *cli, int argc, char **argv)
{
	struct wish wish = { 0 };
	struct config *c;
	int status = options(argc, argv, &wish);

	(void)cli;
	if (status >= 0)
		return status;
	if (optind == argc)
		return cli_fail(
		    CLI_USAGE, "validate wants the name of a file (- for standard input)");
	c = cli_load((const char *const *)argv + optind, (size_t)(argc - optind));
	if (!c)
		return CLI_REFUSED;
	for (size_t i = 0; i < c->notes.count; i++)
		printf("note: %s\n", c->notes.name[i]);
	if (wish.verbose)
		neighbors(c);
	status = wish.routes ? check_routes(c) : CLI_OK;
	if (status == CLI_OK)
		summary(c);
	config_free(c);
	return status;
}
