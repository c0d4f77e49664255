/* ExaBGP's environment: exabgp.tcp.port over exabgp_tcp_port over the environment file over the default. One row
 * an option. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "controller/config/config.h"
#include "controller/config/env_file.h"
#include "controller/config/value.h"

enum env_kind { ENV_BOOL, ENV_NUMBER, ENV_OCTAL, ENV_TEXT, ENV_ADDRS, ENV_ENCODER, ENV_NOTHING };

struct env_row {
	const char *name; /* with dots; dots or underscores in the environment */
	enum env_kind kind;
	size_t offset, size;
	uint64_t min, max;
	const char *absent;
	const char *help;
	const char *idle; /* why it has no effect; NULL: it has one */
};

#define E(member)                                                                                  \
	.offset = offsetof(struct config_env, member),                                             \
	.size = sizeof(((struct config_env *)0)->member)
#define ENV_LOG(word, member, value)                                                               \
	{                                                                                          \
		word, ENV_BOOL, E(member), .absent = value, .idle = "the log is one, with levels"  \
	}
#define ENV_IDLE(word, value, why)                                                                 \
	{                                                                                          \
		word, ENV_NOTHING, .absent = value, .idle = why                                    \
	}
#define ENV_FLAG(word, member, value, text)                                                        \
	{                                                                                          \
		word, ENV_BOOL, E(member), .absent = value, .help = text                           \
	}

static const struct env_row rows[] = {
	/* clang-format off */
	{ "tcp.port", ENV_NUMBER, E(tcp_port), 1, 65535, "179", "the port to listen on, and to connect to" },
	{ "tcp.bind", ENV_ADDRS, E(tcp_bind), 0, 0, "", "addresses to listen on" },
	/* An older name of the next; that one wins where both are given. */
	{ "tcp.connections", ENV_NUMBER, E(tcp_attempts), 0, UINT32_MAX, "0", "the same as tcp.attempts" },
	{ "tcp.attempts", ENV_NUMBER, E(tcp_attempts), 0, UINT32_MAX, NULL, "connections to a peer before we end; 0: no limit" },
	{ "tcp.delay", ENV_NUMBER, E(tcp_delay), 0, 1440, "0", "begin to announce when the minute is a multiple of this" },
	ENV_FLAG("bgp.passive", bgp_passive, "false", "all peers are passive"),
	{ "bgp.openwait", ENV_NUMBER, E(bgp_openwait), 1, 3600, "60", "seconds to wait for the peer's OPEN" },
	{ "daemon.pid", ENV_TEXT, E(daemon_pid), .absent = "", .help = "a file for the process id" },
	{ "daemon.user", ENV_TEXT, E(daemon_user), .absent = "nobody", .help = "the user to become",
	  .idle = "start it as the user that it is to be" },
	ENV_FLAG("daemon.daemonize", daemon_daemonize, "false", "go to the background"),
	{ "daemon.drop", ENV_BOOL, E(daemon_drop), .absent = "true", .help = "give up privileges",
	  .idle = "it keeps the user that it was started as" },
	{ "daemon.umask", ENV_OCTAL, E(daemon_umask), 0, 0777, "0137", "of files that are made",
	  "files are made for their owner alone" },
	ENV_FLAG("log.enable", log_enable, "true", "log at all"),
	{ "log.level", ENV_TEXT, E(log_level), .absent = "INFO", .help = "the least that is logged" },
	{ "log.destination", ENV_TEXT, E(log_destination), .absent = "stdout", .help = "stdout, stderr, syslog, or a file" },
	ENV_FLAG("log.all", log_all, "false", "everything"),
	ENV_LOG("log.configuration", log_configuration, "true"),
	ENV_LOG("log.reactor", log_reactor, "true"),
	ENV_LOG("log.daemon", log_daemon, "true"),
	ENV_LOG("log.processes", log_processes, "true"),
	ENV_LOG("log.network", log_network, "true"),
	ENV_LOG("log.statistics", log_statistics, "true"),
	ENV_LOG("log.packets", log_packets, "false"),
	ENV_LOG("log.rib", log_rib, "false"),
	ENV_LOG("log.message", log_message, "false"),
	ENV_LOG("log.timers", log_timers, "false"),
	ENV_LOG("log.routes", log_routes, "false"),
	ENV_LOG("log.parser", log_parser, "false"),
	ENV_LOG("log.short", log_short, "true"),
	{ "api.version", ENV_NUMBER, E(api_version), 4, 6, NULL, "4 or 6" },
	ENV_FLAG("api.ack", api_ack, "true", "answer done and error"),
	{ "api.chunk", ENV_NUMBER, E(api_chunk), 1, UINT32_MAX, "1", "lines at once", "answers are cut by their size" },
	{ "api.encoder", ENV_ENCODER, E(api_encoder), .absent = "json", .help = "text or json",
	  .idle = "a process section says it, or it is text" },
	ENV_FLAG("api.compact", api_compact, "false", "shorter JSON"),
	ENV_FLAG("api.respawn", api_respawn, "true", "start helpers again"),
	ENV_FLAG("api.terminate", api_terminate, "false", "end when a helper ends"),
	ENV_FLAG("api.cli", api_cli, "true", "make the pipes of the command line"),
	{ "api.pipename", ENV_TEXT, E(api_pipename), .absent = "exabgp", .help = "name of the pipes" },
	{ "api.socketname", ENV_TEXT, E(api_socketname), .absent = "exabgp", .help = "name of the socket" },
	{ "api.socketpath", ENV_TEXT, E(api_socketpath), .absent = "", .help = "path of the socket, in place of its directory and name" },
	{ "cli.pipe", ENV_TEXT, E(cli_pipe), .absent = "", .help = "the directory of the pipes" },
	{ "cli.socket", ENV_TEXT, E(cli_socket), .absent = "auto", .help = "the directory of the socket; empty: there is none" },
	ENV_FLAG("debug.rotate", debug_rotate, "false", "of several files read one at a time, the next with each reload"),
	ENV_IDLE("profile.enable", "false", "it is no Python program"),
	ENV_IDLE("profile.file", "", "it is no Python program"),
	ENV_IDLE("pdb.enable", "false", "it is no Python program"),
	ENV_IDLE("tcp.acl", "false", "it has none in ExaBGP either"),
	ENV_IDLE("bgp.paths_limit_audit", "true", "limits of paths are told to the peer alone"),
	ENV_IDLE("cache.attributes", "true", "equal attributes are always held once"),
	ENV_IDLE("cache.nexthops", "true", "equal next hops are always held once"),
	ENV_IDLE("reactor.speed", "1.0", "it waits for what happens, not for time"),
	ENV_IDLE("debug.pdb", "false", "it is no Python program"),
	ENV_IDLE("debug.memory", "false", "it is no Python program"),
	ENV_IDLE("debug.configuration", "false", "an error says its place always"),
	ENV_IDLE("debug.selfcheck", "false", "use ambo validate"),
	ENV_IDLE("debug.route", "", "use ambo encode and ambo decode"),
	ENV_IDLE("debug.defensive", "false", "nothing is broken on purpose"),
	ENV_IDLE("debug.timing", "false", "use ambo status"),
	{ "tcp.once", ENV_NOTHING, .absent = "false" }, /* read below */
	{ "version", ENV_TEXT, E(version), .absent = "", .help = "the version of ExaBGP that peers are told, and answered as" },
	/* clang-format on */
};

const char *
config_env_name(size_t i, const char **idle)
{
	if (i >= sizeof(rows) / sizeof(rows[0]))
		return NULL;
	*idle = rows[i].idle;
	return rows[i].name;
}

/* The entry that begins with "exabgp.NAME=", else with "exabgp_NAME="; NULL when there is neither. */
static char *const *
entry_of(char *const *environ, const char *name)
{
	char dots[64], lines[64];
	char *const *found = NULL;
	size_t len;

	len = (size_t)snprintf(dots, sizeof(dots), "exabgp.%s=", name);
	snprintf(lines, sizeof(lines), "exabgp_%s=", name);
	for (char *c = lines; *c != '\0'; c++)
		*c = *c == '.' ? '_' : *c;
	for (char *const *e = environ; e != NULL && *e != NULL; e++) {
		if (strncmp(*e, dots, len) == 0)
			return e;
		if (found == NULL && strncmp(*e, lines, len) == 0)
			found = e;
	}
	return found;
}

/* What is said of an option, and where: the environment's word, or a line of the file. */
struct said {
	const char *value; /* NULL: nothing */
	const char *file;
	unsigned line; /* 0: it has none */
};

static struct said
lookup(char *const *environ, const struct env_file *file, const char *name)
{
	char *const *entry = entry_of(environ, name);
	struct said s = { .file = "environment" };

	if (entry == NULL) {
		entry = entry_of(file->lines, name);
		s.file = file->path;
		s.line = entry != NULL ? file->at[entry - file->lines] : 0;
	}
	if (entry != NULL)
		s.value = strchr(*entry, '=') + 1;
	return s;
}

static bool
truth(const char *text)
{
	static const char *const words[] = { "1", "yes", "on", "enable", "true" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static int
number(const struct env_row *row, const char *text, void *field)
{
	uint64_t value = 0;
	size_t len = strlen(text);

	if (row->kind == ENV_OCTAL) {
		size_t prefix = strncmp(text, "0o", 2) == 0 ? 2 : 0; /* as Python writes it */

		text += prefix;
		len -= prefix;
		if (len == 0 || len > 8 || strspn(text, "01234567") != len)
			return -1;
		for (const char *c = text; *c != '\0'; c++)
			value = value * 8 + (uint64_t)(*c - '0');
		if (value > row->max)
			return -1;
	} else if (word_uint(text, len, row->max, &value) < 0 || value < row->min) {
		return -1;
	}
	uint8_t v8 = (uint8_t)value;
	uint16_t v16 = (uint16_t)value;
	uint32_t v32 = (uint32_t)value;
	memcpy(field,
	    row->size == 1   ? (void *)&v8
	    : row->size == 2 ? (void *)&v16
			     : (void *)&v32,
	    row->size);
	return 0;
}

static int
addresses(struct config_env *env, const char *text)
{
	size_t most = sizeof(env->tcp_bind) / sizeof(env->tcp_bind[0]);

	env->tcp_bind_count = 0;
	while (*text != '\0') {
		char word[ADDR_TEXT];
		size_t len = strcspn(text, " ,\t");
		if (len > 0) {
			if (len >= sizeof(word) || env->tcp_bind_count == most)
				return -1;
			memcpy(word, text, len);
			word[len] = '\0';
			if (addr_scan(&env->tcp_bind[env->tcp_bind_count], word) < 0)
				return -1;
			env->tcp_bind_count++;
		}
		text += len + (text[len] != '\0');
	}
	return 0;
}

static int
row_read(struct config_env *env, const struct env_row *row, const char *text)
{
	void *field = (uint8_t *)env + row->offset;

	switch (row->kind) {
	case ENV_BOOL:
		*(bool *)field = truth(text);
		return 0;
	case ENV_TEXT:
		if (strlen(text) >= row->size)
			return -1;
		memcpy(field, text, strlen(text) + 1);
		return 0;
	case ENV_ADDRS:
		return addresses(env, text);
	case ENV_NOTHING:
		return 0;
	case ENV_ENCODER:
		if (strcmp(text, "json") != 0 && strcmp(text, "text") != 0)
			return -1;
		*(uint8_t *)field = strcmp(text, "json") == 0 ? ENCODER_JSON : ENCODER_TEXT;
		return 0;
	default:
		return number(row, text, field);
	}
}

static int
wrong(struct config_error *e, const struct env_row *row, const struct said *s)
{
	const char *text = s->value;

	*e = (struct config_error){ .line = s->line };
	snprintf(e->file, sizeof(e->file), "%s", s->file);
	if (row->kind == ENV_NUMBER)
		snprintf(e->text, sizeof(e->text),
		    "exabgp.%s: expected a number %llu..%llu, found '%.100s'", row->name,
		    (unsigned long long)row->min, (unsigned long long)row->max, text);
	else
		snprintf(e->text, sizeof(e->text), "exabgp.%s: expected %s, found '%.100s'",
		    row->name,
		    row->kind == ENV_ADDRS   ? "at most 16 addresses"
		    : row->kind == ENV_OCTAL ? "an octal number up to 0777"
		    : row->kind == ENV_TEXT  ? "a shorter text"
					     : row->help,
		    text);
	return -1;
}

/* Quotes around a value are not part of it. */
static void
unquote(const char *text, char *out, size_t size)
{
	size_t len;

	while (*text == '"' || *text == '\'')
		text++;
	len = strlen(text);
	while (len > 0 && (text[len - 1] == '"' || text[len - 1] == '\''))
		len--;
	snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), text);
}

static int
read_rows(struct config_env *env, char *const *environ, const struct env_file *file,
    struct config_error *e)
{
	char text[1024];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct said s = lookup(environ, file, rows[i].name);

		if (s.value == NULL)
			s.value = rows[i].absent;
		if (s.value == NULL)
			continue;
		unquote(s.value, text, sizeof(text));
		if (row_read(env, &rows[i], text) < 0)
			return wrong(e, &rows[i], &s);
	}
	return 0;
}

static const struct env_row *
row_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
			return &rows[i];
	}
	return NULL;
}

static void note(struct config *c, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void
note(struct config *c, const char *file, unsigned line, const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	text_add(&t, file);
	if (line > 0)
		text_printf(&t, ":%u", line);
	text_add(&t, ": ");
	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	names_add(&c->notes, text_str(&t), t.len);
	text_fini(&t);
}

/* By what they mean: Python writes an octal number as 0o137. */
static bool
same_value(const struct env_row *row, const char *a, const char *b)
{
	if (strcmp(b, "true") == 0 || strcmp(b, "false") == 0)
		return truth(a) == truth(b);
	if (row->kind == ENV_OCTAL)
		return strtoul(strncmp(a, "0o", 2) == 0 ? a + 2 : a, NULL, 8) ==
		       strtoul(b, NULL, 8);
	if (row->kind == ENV_NOTHING && strtod(b, NULL) > 0)
		return strtod(a, NULL) == strtod(b, NULL);
	return strcmp(a, b) == 0;
}

static void
note_idle(
    struct config *c, const struct env_row *row, char *const *environ, const struct env_file *file)
{
	struct said s = lookup(environ, file, row->name);
	char text[1024];

	if (s.value == NULL)
		return;
	unquote(s.value, text, sizeof(text));
	if (!same_value(row, text, row->absent))
		note(c, s.file, s.line, "exabgp.%s %.100s has no effect: %s", row->name, text,
		    row->idle);
}

/* A line of the environment file that says nothing we know. */
static void
note_unknown(struct config *c, const struct env_file *file, size_t i)
{
	const char *line = file->lines[i];
	const char *names[sizeof(rows) / sizeof(rows[0]) + 1];
	const char *name = line + strlen("exabgp.");
	size_t len = strcspn(name, "="), count = 0;

	if (strncmp(line, "exabgp.", 7) != 0)
		return;
	if (row_of(name, len) != NULL)
		return;
	for (; count < sizeof(rows) / sizeof(rows[0]); count++)
		names[count] = rows[count].name;
	names[count] = NULL;
	const char *near = reason_nearest(name, len, names);
	note(c, file->path, file->at[i], "there is no exabgp.%.*s%s%s",
	    (int)(len < 100 ? len : 100), name, near != NULL ? "; did you mean exabgp." : "",
	    near != NULL ? near : "");
}

void
config_env_notes(struct config *c, char *const *environ)
{
	struct config_error e;
	struct env_file file;

	if (env_file_read(&file, environ, &e) < 0)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].idle != NULL)
			note_idle(c, &rows[i], environ, &file);
	}
	for (size_t i = 0; i < file.count; i++)
		note_unknown(c, &file, i);
	env_file_fini(&file);
}

int
config_env_read(struct config_env *env, char *const *environ, struct config_error *e)
{
	struct env_file file;
	struct said once, version;
	int result;

	*env = (struct config_env){ 0 };
	if (env_file_read(&file, environ, e) < 0)
		return -1;
	result = read_rows(env, environ, &file, e);
	once = lookup(environ, &file, "tcp.once");
	if (once.value != NULL && truth(once.value))
		env->tcp_attempts = 1;
	version = lookup(environ, &file, "api.version");
	if (result == 0 && env->api_version == 5) {
		result = wrong(e, row_of("api.version", strlen("api.version")), &version);
		snprintf(
		    e->text, sizeof(e->text), "exabgp.api.version: expected 4 or 6, found '5'");
	}
	env_file_fini(&file);
	return result;
}
