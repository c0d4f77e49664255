/* The options of ambo healthcheck, on the command line and as "key = value" lines of a file. One row an option. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/cli/cli.h"
#include "controller/cli/healthcheck.h"

enum kind { FLAG, TEXT, NUMBER, SECONDS, WORDS, ADDRESS, ADDRESS_ON, FILE_OF, HELP };
enum { FILE_LINES = 4096 };

struct row {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset;
	const char *help;
};

#define O(member) offsetof(struct health_options, member)
static const struct row rows[] = {
	/* clang-format off */
	{ "help", 'h', HELP, 0, "this" },
	{ "silent", 's', FLAG, O(silent), "nothing on standard error" },
	{ "syslog-facility", 0, TEXT, O(facility), "daemon, user, local0 ... (default: daemon)" },
	{ "sF", 0, TEXT, O(facility), NULL },
	{ "no-syslog", 0, FLAG, O(no_syslog), "nothing to syslog" },
	{ "debug", 'd', FLAG, O(debug), "say more" },
	{ "no-ack", 'a', FLAG, O(no_ack), "wait for no answer" },
	{ "sudo", 0, FLAG, O(sudo), "sudo before ip" },
	{ "name", 'n', TEXT, O(name), "what it is called in the log" },
	{ "config", 'F', FILE_OF, 0, "a file of options, key = value" },
	{ "pid", 'p', TEXT, O(pid), "write the process id there" },
	{ "user", 0, TEXT, O(user), "become this user when the addresses are set" },
	{ "group", 0, TEXT, O(group), "and this group" },
	{ "interval", 'i', SECONDS, O(interval), "between checks (5); 0: end after the first announcement" },
	{ "fast-interval", 'f', SECONDS, O(fast_interval), "... on the way up or down (1)" },
	{ "timeout", 't', SECONDS, O(timeout), "a check may last so long (5)" },
	{ "rise", 0, NUMBER, O(rise), "good checks until it is up (3)" },
	{ "fall", 0, NUMBER, O(fall), "bad checks until it is down (3)" },
	{ "disable", 0, TEXT, O(disable), "while this file is there the service is disabled" },
	{ "command", 'c', TEXT, O(command), "the check; well when it exits with 0" },
	{ "cmd", 0, TEXT, O(command), NULL },
	{ "next-hop", 'N', TEXT, O(next_hop), "(self)" },
	{ "ip", 0, ADDRESS, 0, "announce this address or network; may be repeated" },
	{ "ip-ifname", 0, ADDRESS_ON, 0, "ADDRESS%INTERFACE, where it is to be set up" },
	{ "local-preference", 0, NUMBER, O(local_preference), "(-1: none)" },
	{ "deaggregate-networks", 0, FLAG, O(deaggregate), "every address of a network by itself" },
	{ "no-ip-setup", 0, FLAG, O(no_ip_setup), "addresses are somebody else's to set up" },
	{ "dynamic-ip-setup", 0, FLAG, O(dynamic_ip_setup), "remove them while it is not up" },
	{ "label", 0, TEXT, O(label), "of the addresses: lo:LABEL" },
	{ "label-exact-match", 0, FLAG, O(label_exact), "not all that begin so" },
	{ "start-ip", 0, NUMBER, O(start_ip), "leave out so many addresses (0)" },
	{ "up-metric", 0, NUMBER, O(up_metric), "(100)" },
	{ "down-metric", 0, NUMBER, O(down_metric), "(1000)" },
	{ "disabled-metric", 0, NUMBER, O(disabled_metric), "(500)" },
	{ "increase", 0, NUMBER, O(increase), "of the metric, an address (1)" },
	{ "community", 0, TEXT, O(community), "words as in a route" },
	{ "extended-community", 0, TEXT, O(extended_community), NULL },
	{ "large-community", 0, TEXT, O(large_community), NULL },
	{ "disabled-community", 0, TEXT, O(disabled_community), "the community while down or disabled" },
	{ "as-path", 0, TEXT, O(as_path), "words as in a route" },
	{ "up-as-path", 0, TEXT, O(up_as_path), "the path while up" },
	{ "down-as-path", 0, TEXT, O(down_as_path), "while down" },
	{ "disabled-as-path", 0, TEXT, O(disabled_as_path), "while disabled" },
	{ "withdraw-on-down", 0, FLAG, O(withdraw_on_down), "not a higher metric but a withdraw" },
	{ "path-id", 0, TEXT, O(path_id), "with ADD-PATH" },
	{ "neighbor", 0, WORDS, O(neighbors), "whom it is said to; may be repeated" },
	{ "debounce", 0, FLAG, O(debounce), "say it once, not after every check" },
	{ "execute", 0, WORDS, O(execute), "run this when the state changes ($STATE)" },
	{ "up-execute", 0, WORDS, O(up_execute), "... to UP" },
	{ "down-execute", 0, WORDS, O(down_execute), "... to DOWN" },
	{ "disabled-execute", 0, WORDS, O(disabled_execute), "... to DISABLED" },
	/* clang-format on */
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const char *
health_option_name(size_t i)
{
	return i < ROWS ? rows[i].name : NULL;
}

static void
add_word(struct health_words *w, const char *value)
{
	w->at = mem_resize(w->at, (w->count + 1) * sizeof *w->at);
	w->at[w->count++] = value;
}

static int
add_address(struct health_options *o, const char *value, bool on_interface)
{
	const char *percent = on_interface ? strchr(value, '%') : NULL;
	struct health_address a = { .interface = percent ? percent + 1 : NULL };
	char text[PREFIX_TEXT + 1];
	size_t len = percent ? (size_t)(percent - value) : strlen(value);

	if (len >= sizeof text || (on_interface && (!percent || percent[1] == '\0')))
		return -1;
	memcpy(text, value, len);
	text[len] = '\0';
	if (prefix_scan(&a.prefix, text) < 0)
		return -1;
	health_address_add(o, &a);
	return 0;
}

static int
take_number(void *field, const char *value)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (end == value || *end != '\0' || errno != 0 || n < INT32_MIN || n > UINT32_MAX)
		return -1;
	*(long *)field = n;
	return 0;
}

static int
take_seconds(void *field, const char *value)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end != '\0' || !isfinite(n) || n < 0 || n > 1e6)
		return -1;
	*(double *)field = n;
	return 0;
}

static int
usage(int status)
{
	FILE *to = status == 0 ? stdout : stderr;

	fputs("usage: ambo healthcheck [OPTION...]\n", to);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].help && rows[i].letter)
			fprintf(
			    to, "  -%c, --%-22s %s\n", rows[i].letter, rows[i].name, rows[i].help);
		else if (rows[i].help)
			fprintf(to, "      --%-22s %s\n", rows[i].name, rows[i].help);
	return status;
}

static int read_file(struct health_options *, const char *path);

static int
wrong(const struct row *r, const char *value)
{
	static const char *const wanted[] = { [NUMBER] = "a number",
		[SECONDS] = "seconds",
		[ADDRESS] = "an address or network",
		[ADDRESS_ON] = "ADDRESS%INTERFACE" };

	return cli_fail(
	    CLI_USAGE, "healthcheck: --%s wants %s, not \"%s\"", r->name, wanted[r->kind], value);
}

/* -1, or the exit status. */
static int
take(struct health_options *o, const struct row *r, const char *value)
{
	void *field = (char *)o + r->offset;

	switch (r->kind) {
	case FLAG:
		*(bool *)field = true;
		return -1;
	case TEXT:
		*(const char **)field = value;
		return -1;
	case NUMBER:
		return take_number(field, value) < 0 ? wrong(r, value) : -1;
	case SECONDS:
		return take_seconds(field, value) < 0 ? wrong(r, value) : -1;
	case WORDS:
		add_word(field, value);
		return -1;
	case ADDRESS:
	case ADDRESS_ON:
		return add_address(o, value, r->kind == ADDRESS_ON) < 0 ? wrong(r, value) : -1;
	case FILE_OF:
		return read_file(o, value);
	case HELP:
		return usage(0);
	}
	return -1;
}

/* --- the file --- */

static const struct row *
row_of(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0 && rows[i].kind != HELP &&
		    rows[i].kind != FILE_OF)
			return &rows[i];
	return NULL;
}

static bool
is_false(const char *value)
{
	return value &&
	       (strcmp(value, "false") == 0 || strcmp(value, "no") == 0 || strcmp(value, "0") == 0);
}

static int
take_line(struct health_options *o, const char *path, unsigned n, const char *text)
{
	char *line = strdup(text), *name = line ? text_trim(line) : NULL, *value;
	const struct row *r;

	if (!line)
		return cli_fail(CLI_REFUSED, "out of memory");
	o->kept = mem_resize(o->kept, (o->kept_count + 1) * sizeof *o->kept);
	o->kept[o->kept_count++] = line;
	if (*name == '\0' || *name == '#' || *name == ';' || *name == '[')
		return -1;
	value = strchr(name, '=');
	if (value) {
		*value = '\0';
		value = text_trim(value + 1);
		name = text_trim(name);
	}
	r = row_of(name);
	if (!r)
		return cli_fail(
		    CLI_USAGE, "%s:%u: \"%s\" is no option of healthcheck", path, n, name);
	if (r->kind == FLAG && is_false(value))
		return -1;
	if (r->kind != FLAG && (!value || *value == '\0'))
		return cli_fail(CLI_USAGE, "%s:%u: expected %s = value", path, n, name);
	return take(o, r, value);
}

static int
read_file(struct health_options *o, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[4096];
	int status = -1;

	if (!in)
		return cli_fail(CLI_USAGE, "%s: %s", path, strerror(errno));
	for (unsigned n = 1; status < 0 && fgets(line, sizeof line, in); n++)
		status = n > FILE_LINES
			     ? cli_fail(CLI_USAGE, "%s: more than %d lines", path, FILE_LINES)
			     : take_line(o, path, n, line);
	fclose(in);
	return status;
}

/* --- the command line --- */

static void
set_defaults(struct health_options *o)
{
	*o = (struct health_options){ .facility = "daemon",
		.next_hop = "self",
		.interval = 5,
		.fast_interval = 1,
		.timeout = 5,
		.rise = 3,
		.fall = 3,
		.local_preference = -1,
		.up_metric = 100,
		.down_metric = 1000,
		.disabled_metric = 500,
		.increase = 1 };
}

static void
make_getopt(struct option longs[ROWS + 1], char shorts[2 * ROWS + 1])
{
	size_t len = 0;

	for (size_t i = 0; i < ROWS; i++) {
		bool has_value = rows[i].kind != FLAG && rows[i].kind != HELP;

		longs[i] = (struct option){ rows[i].name, has_value, NULL, 256 + (int)i };
		if (rows[i].letter)
			shorts[len++] = rows[i].letter;
		if (rows[i].letter && has_value)
			shorts[len++] = ':';
	}
	longs[ROWS] = (struct option){ 0 };
	shorts[len] = '\0';
}

static const struct row *
row_chosen(int chosen)
{
	for (size_t i = 0; i < ROWS; i++)
		if (chosen == 256 + (int)i || (chosen < 256 && chosen == rows[i].letter))
			return &rows[i];
	return NULL;
}

/* Once for the files, whose options give way, and once for the rest. */
static int
scan(struct health_options *o, int argc, char **argv, bool files)
{
	struct option longs[ROWS + 1];
	char shorts[2 * ROWS + 1];
	int chosen, status = -1;

	make_getopt(longs, shorts);
	optind = 0; /* it begins anew */
	opterr = files;
	while (status < 0 && (chosen = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *r = row_chosen(chosen);

		if (!r)
			return usage(CLI_USAGE);
		if ((r->kind == FILE_OF) == files)
			status = take(o, r, optarg);
	}
	if (status < 0 && optind < argc)
		return cli_fail(CLI_USAGE, "healthcheck: \"%s\" is no option", argv[optind]);
	return status;
}

/* -sF is one word of two letters, which getopt would read as two options. */
static void
mend_facility(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-sF") == 0)
			argv[i] = (char *)"--sF";
}

int
health_options_read(struct health_options *o, int argc, char **argv)
{
	int status;

	set_defaults(o);
	mend_facility(argc, argv);
	status = scan(o, argc, argv, true);
	if (status < 0)
		status = scan(o, argc, argv, false);
	if (status < 0 && o->start_ip < 0)
		status = cli_fail(CLI_USAGE, "healthcheck: --start-ip wants a number from 0");
	return status;
}

void
health_options_fini(struct health_options *o)
{
	struct health_words *lists[] = { &o->neighbors, &o->execute, &o->up_execute,
		&o->down_execute, &o->disabled_execute };

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		mem_free(lists[i]->at);
	for (size_t i = 0; i < o->kept_count; i++)
		free(o->kept[i]);
	mem_free(o->kept);
	mem_free(o->addresses);
	*o = (struct health_options){ 0 };
}
