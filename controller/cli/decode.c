/* ambo decode: what a message says, as a helper would be told of it: in ExaBGP's JSON, or (-m) as commands. The
 * octets stand on the command line, in several words too, or on standard input, one message a line, or in a file of
 * MRT records or captured packets. */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "common/octets.h"
#include "common/words.h"
#include "controller/api/encoder.h"
#include "controller/cli/cli.h"
#include "controller/cli/kept.h"
#include "controller/cli/offline.h"
#include "controller/cli/pcap.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"

enum { MRT = 256, PCAP };

struct decode {
	struct offline offline;
	uint8_t type; /* of what has no header */
	bool nlri, commands, generic;
	const char *file; /* its name */
	int (*reads)(
	    struct source *, kept_each *, void *self, unsigned *others); /* NULL: as it begins */
	struct source source;
	const struct kept *kept; /* the message at hand is one that was kept; or NULL */
	int worst; /* of them: -1, or an exit status */
	struct session_params params;
	struct neighbor neighbor;
	uint64_t counter;
	struct text out;
};

static const struct option table[] = { OFFLINE_LONG_OPTIONS, { "nlri", 0, 0, 'n' },
	{ "update", 0, 0, 'u' }, { "open", 0, 0, 'o' }, { "json", 0, 0, 'j' },
	{ "command", 0, 0, 'm' }, { "generic", 0, 0, 'g' }, { "mrt", 1, 0, MRT },
	{ "pcap", 1, 0, PCAP }, { 0 } };

/* --- what is wrong --- */

/* With the place, when it stands in a file. */
__attribute__((format(printf, 3, 4))) static int
wrong(const struct decode *d, int status, const char *format, ...)
{
	struct text what = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&what, format, args);
	va_end(args);
	if (d->kept)
		source_fail(&d->source, d->kept->offset, "%s", text_str(&what));
	else
		cli_fail(status, "%s", text_str(&what));
	text_fini(&what);
	return status;
}

/* --- hexadecimal --- */

/* Colons and blanks between octets are skipped, 0x in front of the first too. -1, or the exit status. */
static int
scan_hex(const char *text, struct octets *out)
{
	while (isspace((unsigned char)*text))
		text++;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	while (*text) {
		uint8_t octet;

		if (*text == ':' || isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		if (word_octets(text, &octet, 1) < 0)
			return cli_fail(CLI_REFUSED,
			    "\"%.*s\" is not hexadecimal (the name of a file has a dot or a slash: "
			    "./NAME)",
			    (int)strnlen(text, 16) < (int)strcspn(text, " \t\r\n")
				? 16
				: (int)strcspn(text, " \t\r\n"),
			    text);
		octets_add(out, &octet, 1);
		text += 2;
	}
	return -1;
}

/* --- what it says --- */

static struct speech
speech_of(struct decode *d)
{
	return (struct speech){ .text = &d->out,
		.neighbor = &d->neighbor,
		.version = d->offline.config->env.api_version == API_4 ? API_4 : API_6,
		.counter = &d->counter,
		.decoded = true,
		.time = d->kept ? d->kept->time : 0,
		.sent = d->kept && d->kept->sent,
		.compact = d->offline.config->env.api_compact };
}

/* Attributes typed by number go out as they are: AS numbers are as wide in them as in this session. */
static void
by_number(const struct decode *d, struct route_value *value)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader none = { 0 };

	attrs_encode(&w, value->attributes, none, none, &d->params);
	value->raw = writer_read(&w);
	value->attributes = none;
}

/* "announce ipv4 unicast 10.0.0.0/24 next-hop ..." */
static void
command(struct decode *d, const char *verb, const struct routes_part *part)
{
	struct reader bin = part->nlri;
	struct route_value value = part->value;
	struct nlri nlri;

	if (d->generic)
		by_number(d, &value);
	while (nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		text_printf(&d->out, "%s %s%s ", verb, part->family < FAMILIES_NAMED ? "" : "raw ",
		    family_name(part->family));
		route_print(part->family, part->path_ids, &nlri, &value, &d->out);
		text_char(&d->out, '\n');
	}
}

static void
commands(struct decode *d, const struct routes_message *m)
{
	if (m->flags & ROUTES_END_OF_RIB) {
		text_printf(&d->out, "announce eor %s\n", family_name(m->withdraw[0].family));
		return;
	}
	for (unsigned i = 0; i < m->withdraws; i++)
		command(d, "withdraw", &m->withdraw[i]);
	for (unsigned i = 0; i < m->announces; i++)
		command(d, "announce", &m->announce[i]);
}

static struct routes_part
part_of(const struct update_part *p, struct reader attributes)
{
	return (struct routes_part){ .family = p->family,
		.path_ids = p->path_ids,
		.nlri = p->nlri,
		.value = { .next_hop = p->next_hop, .attributes = attributes } };
}

static void
routes_of(const struct update *u, struct routes_message *m)
{
	*m = (struct routes_message){ .one_peer = true };
	for (unsigned i = 0; i < u->announces; i++)
		m->announce[m->announces++] =
		    part_of(&u->announce[i], update_said(u, &u->announce[i]));
	for (unsigned i = 0; i < u->withdraws; i++)
		m->withdraw[m->withdraws++] = part_of(&u->withdraw[i], (struct reader){ 0 });
	if (u->end_of_rib) {
		m->flags = ROUTES_END_OF_RIB;
		m->withdraw[m->withdraws++].family = u->end_of_rib_family;
	}
}

/* What RFC 7606 makes of it is shown; what was wrong is told beside it. */
static void
complain(const struct decode *d, const struct update *u)
{
	struct text t = { 0 };

	for (unsigned i = 0; i < u->complaints; i++) {
		text_clear(&t);
		complaint_print(&u->complaint[i], &t);
		wrong(d, 0, "%s", text_str(&t));
	}
	text_fini(&t);
}

/* Nobody said which families there are: one that has no name here is shown too. */
static void
take_families(struct decode *d, struct reader body)
{
	struct attr a;

	reader_take(&body, reader_u16(&body));
	for (struct reader list = reader_sub(&body, reader_u16(&body)); attrs_next(&list, &a);) {
		uint16_t afi = reader_u16(&a.value);
		uint8_t safi = reader_u8(&a.value);
		enum family family = FAMILY_UNKNOWN;

		if ((a.code == ATTR_MP_REACH || a.code == ATTR_MP_UNREACH) && reader_ok(&a.value))
			family = family_by_numbers(afi, safi);
		if (family >= FAMILIES_NAMED && family < FAMILIES)
			d->params.families |= family_bit(family);
	}
}

static int
update(struct decode *d, struct reader body)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct routes_message m;
	struct writer scratch = writer_of(memory, sizeof memory);
	struct speech s = speech_of(d);
	struct update u;

	if (!d->offline.file && !d->offline.family)
		take_families(d, body);
	update_parse(&u, body, &d->params, &scratch);
	if (u.worst == PENALTY_RESET)
		return wrong(d, CLI_REFUSED, "%s", u.fault.text);
	complain(d, &u);
	if (u.ignored > 0 && u.announces + u.withdraws == 0)
		return wrong(d, CLI_REFUSED, "it has nothing of the families of this session");
	routes_of(&u, &m);
	s.attributes = u.attributes;
	s.next_hop = u.next_hop;
	if (d->commands)
		commands(d, &m);
	else
		encoder_json.update(&s, &m, (struct reader){ 0 });
	return -1;
}

static int
other(struct decode *d, uint8_t type, struct reader body)
{
	struct speech s = speech_of(d);
	struct fault f = { 0 };
	struct open o;

	if (d->commands)
		return wrong(d, CLI_REFUSED, "only an UPDATE can be said in commands");
	if (type == MESSAGE_OPEN && open_parse(&o, body, &f) < 0)
		return wrong(d, CLI_REFUSED, "%s", f.text);
	encoder_json.message(&s, type, body, (struct reader){ 0 });
	return -1;
}

static int
by_type(struct decode *d, uint8_t type, struct reader body)
{
	return type == MESSAGE_UPDATE ? update(d, body) : other(d, type, body);
}

static bool
has_header(struct reader octets)
{
	if (octets.left < MESSAGE_HEADER)
		return false;
	for (int i = 0; i < 16; i++)
		if (reader_u8(&octets) != 0xff)
			return false;
	return true;
}

static int
messages(struct decode *d, struct reader octets)
{
	const struct message_limits limits = { true, true, true };
	struct fault f = { 0 };
	struct message m;
	int got, status = -1;

	if (!has_header(octets))
		return by_type(d, d->type, octets);
	while (status < 0 && octets.left > 0) {
		got = message_parse(&m, octets, &limits, &f);
		if (got < 0)
			return wrong(d, CLI_REFUSED, "%s", f.text);
		if (got == 0)
			return wrong(d, CLI_REFUSED, "the message is shorter than its length");
		reader_take(&octets, m.length);
		status = by_type(d, m.type, m.body);
	}
	return status;
}

/* NLRI alone, of the family that was named. */
static int
nlri(struct decode *d, struct reader octets)
{
	static uint8_t memory[UPDATE_SCRATCH];
	struct writer w = writer_of(memory, sizeof memory);
	enum family family = d->offline.family ? d->offline.only : IPV4_UNICAST;
	bool path_ids = d->params.add_path_receive & family_bit(family);
	unsigned ignored = 0;
	struct reader bin;
	struct nlri one;

	if (!nlri_ops(family))
		return wrong(d, CLI_REFUSED, "NLRI of %s are not known here", family_name(family));
	if (nlri_parse(family, path_ids, &octets, &w, &ignored) < 0)
		return wrong(d, CLI_REFUSED, "malformed NLRI of %s", family_name(family));
	bin = writer_read(&w);
	while (nlri_next(family, path_ids, &bin, &one)) {
		struct tree t = tree_json(&d->out);

		tree_map(&t);
		nlri_tree(family, path_ids, &one, (struct reader){ 0 }, &t);
		tree_map_end(&t);
		text_char(&d->out, '\n');
	}
	return -1;
}

/* --- the session --- */

/* What two OPENs agreed on goes over what is configured; only they know. */
static void
agreed(struct session_params *p, const struct session_params *by)
{
	enum group_updates group = p->group;
	bool aigp = p->aigp;

	*p = *by;
	p->group = group;
	p->aigp = aigp;
	p->offline = true;
}

static int
for_neighbor(struct decode *d, const struct config_neighbor *n, struct reader octets)
{
	int status = offline_params(&d->offline, n, &d->params);

	if (status >= 0)
		return status;
	if (d->kept && d->kept->agreed)
		agreed(&d->params, d->kept->agreed);
	d->neighbor = (struct neighbor){ .config = n, .families = n->families, .known = true };
	d->neighbor.peer.address = n->peer.addr;
	d->neighbor.state = (struct link_peer_state){ .state = PEER_ESTABLISHED,
		.address = n->peer.addr,
		.local = n->local,
		.local_as = d->params.local_as,
		.peer_as = d->params.peer_as,
		.asn4 = d->params.asn4,
		.families = d->params.families,
		.add_path_receive = d->params.add_path_receive };
	return d->nlri ? nlri(d, octets) : messages(d, octets);
}

static void
print(struct decode *d)
{
	fwrite(text_str(&d->out), 1, d->out.len, stdout);
	text_clear(&d->out);
}

/* ExaBGP gives a line for each neighbor of a configuration. */
static int
line(struct decode *d, const char *hex)
{
	const struct config *c = d->offline.config;
	struct octets octets = { 0 };
	int status = scan_hex(hex, &octets);

	for (size_t i = 0; i < c->neighbor_count && status < 0; i++)
		status = for_neighbor(d, c->neighbors[i], octets_read(&octets));
	octets_fini(&octets);
	print(d);
	return status;
}

/* The session is the first neighbor's, with what the file says of it. */
static void
kept(void *self, const struct kept *k)
{
	struct decode *d = self;
	struct config_neighbor n = *d->offline.config->neighbors[0];
	int status;

	n.peer.addr = k->peer;
	n.local = k->local;
	n.peer_as = k->peer_as;
	n.local_as = n.shown_as = k->local_as;
	n.capability.asn4 = k->asn4;
	if (!k->agreed && (k->add_path || !d->offline.add_path))
		memset(n.add_path, k->add_path ? ADD_PATH_BOTH : ADD_PATH_NONE, sizeof n.add_path);
	d->kept = k;
	status = for_neighbor(d, &n, k->message);
	d->kept = NULL;
	if (status > d->worst)
		d->worst = status;
	print(d);
}

static int
from_file(struct decode *d)
{
	unsigned others = 0;
	int status = source_open(&d->source, d->file);

	if (status >= 0)
		return status;
	if (!d->reads)
		d->reads = pcap_begins(source_peek(&d->source)) ? pcap_file : mrt_file;
	status = d->reads(&d->source, kept, d, &others);
	source_close(&d->source);
	if (others > 0)
		cli_fail(0, "%s: %s, left out: %u", d->file,
		    d->reads == pcap_file ? "packets of other traffic"
					  : "records without a message",
		    others);
	return status > d->worst ? status : d->worst;
}

static int
from_arguments(struct decode *d, int argc, char **argv)
{
	struct text all = { 0 };
	int status;

	for (int i = 0; i < argc; i++)
		text_printf(&all, "%s ", argv[i]);
	status = line(d, text_str(&all));
	text_fini(&all);
	return status;
}

static int
from_input(struct decode *d)
{
	char *text = NULL;
	size_t size = 0;
	int status = -1;

	while (status < 0 && getline(&text, &size, stdin) > 0)
		if (text[strspn(text, " \t\r\n")])
			status = line(d, text);
	free(text);
	return status;
}

/* No octets have these in them. */
static bool
names_file(const char *word)
{
	return strchr(word, '/') || strchr(word, '.');
}

/* -1, or the exit status; words from optind on. */
static int
options(struct decode *d, int argc, char **argv)
{
	int option;

	opterr = 0;
	optind = 0;
	d->type = MESSAGE_UPDATE;
	while (
	    (option = getopt_long(argc, argv, ":" OFFLINE_OPTIONS "nuojmg", table, NULL)) != -1) {
		if (option == 'n')
			d->nlri = true;
		else if (option == 'o')
			d->type = MESSAGE_OPEN;
		else if (option == MRT || option == PCAP) {
			d->file = optarg;
			d->reads = option == MRT ? mrt_file : pcap_file;
		} else if (option == 'm')
			d->commands = true;
		else if (option == 'g')
			d->generic = true;
		else if (option != 'u' && option != 'j' &&
			 !offline_option(&d->offline, option, optarg))
			return cli_fail(CLI_USAGE,
			    option == ':' ? "%s wants a value" : "unknown option %s",
			    argv[optind - 1]);
	}
	if (!d->file && argc - optind == 1 && names_file(argv[optind]))
		d->file = argv[optind++];
	if (d->file && (optind < argc || d->nlri))
		return cli_fail(
		    CLI_USAGE, "a file stands alone: nothing else can be decoded with it");
	return -1;
}

int
cli_decode(struct cli *cli, int argc, char **argv)
{
	struct decode d = { .worst = -1 };
	int status = options(&d, argc, argv);

	(void)cli;
	if (status < 0)
		status = offline_open(&d.offline);
	if (status < 0 && d.file)
		status = from_file(&d);
	else if (status < 0)
		status = optind < argc ? from_arguments(&d, argc - optind, argv + optind)
				       : from_input(&d);
	text_fini(&d.out);
	offline_close(&d.offline);
	return status < 0 ? CLI_OK : status;
}
