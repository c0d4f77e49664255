/* ambo schema: every word of our tables, one a line, behind where it may stand, and before why it has no effect. What completes words and what compares
 * them with another program's reads this. */
#include <stdio.h>
#include "controller/api/command.h"
#include "controller/cli/cli.h"
#include "controller/cli/healthcheck.h"
#include "controller/config/schema.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"

static void
say(const char *kind, const char *word)
{
	if (word && word[0])
		printf("%s\t%s\n", kind, word);
}

static void
configuration(void)
{
	const char *name, *idle;

	for (size_t i = 0; i < schema_count; i++) {
		const struct row *r = &schema[i];

		if (r->kind != KIND_MOVED)
			say(section_name(r->in), r->name);
	}
	for (size_t i = 0; (name = config_env_name(i, &idle)) != NULL; i++)
		printf(
		    "environment\t%s%s%s\n", name, idle ? "\tno effect: " : "", idle ? idle : "");
}

/* Families that share their words are one. */
static void
nlri_words(enum family f)
{
	const struct nlri_ops *ops = nlri_ops(f);

	for (enum family g = 0; g < f; g++)
		if (!ops || !ops->words || (nlri_ops(g) && nlri_ops(g)->words == ops->words))
			return;
	for (const struct nlri_word *w = ops ? ops->words : NULL; w && w->word; w++)
		printf("words of %s\t%s\n", family_table[f].safi_name, w->word);
}

static void
routes(void)
{
	for (enum family f = 0; f < FAMILIES_NAMED; f++)
		say("families", family_name(f));
	for (size_t i = 0; route_keyword(i); i++)
		say("route word", route_keyword(i));
	for (const char *const *w = attr_words(); *w; w++)
		say("attribute", *w);
	for (enum family f = 0; f < FAMILIES_NAMED; f++)
		nlri_words(f);
}

static void
commands(void)
{
	for (unsigned i = 0; i < command_count; i++)
		say("command", command_table[i].words);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		say("program", c->name);
	for (size_t i = 0; health_option_name(i); i++)
		say("healthcheck", health_option_name(i));
}

int
cli_schema(struct cli *cli, int argc, char **argv)
{
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words < argc)
		return cli_fail(CLI_USAGE, "schema has no arguments");
	configuration();
	routes();
	commands();
	return CLI_OK;
}
