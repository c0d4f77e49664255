/* The driver: statements, the sections they stand in, and the one error. What a statement means is its row in
 * schema.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/blob.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/steady.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

enum {
	FILE_MAX = 256 << 20,
	FILE_PIECE = 65536,
	LINES = 16, /* a slice */
	ROUTES = 256 /* the same */
};

extern char **environ;

const struct frame *
loader_frame(const struct loader *l)
{
	return &l->frame[l->depth];
}

/* "neighbor 192.0.2.1/capability" */
static void
section_path(const struct loader *l, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 1; i <= l->depth && used < size; i++) {
		int n =
		    snprintf(out + used, size - used, "%s%s", i > 1 ? "/" : "", l->frame[i].label);
		used += n > 0 ? (size_t)n : 0;
	}
}

/* The first error stands. */
static int vfail(struct loader *l, const char *file, unsigned line, unsigned column,
    const char *format, va_list args) __attribute__((format(printf, 5, 0)));
static int
vfail(struct loader *l, const char *file, unsigned line, unsigned column, const char *format,
    va_list args)
{
	struct config_error *e = l->error;
	size_t len = 0;

	if (e->text[0] != '\0')
		return -1;
	snprintf(e->file, sizeof(e->file), "%s", file != NULL ? file : "");
	e->line = line;
	e->column = column;
	section_path(l, e->section, sizeof(e->section));
	vsnprintf(e->text, sizeof(e->text), format, args);
	if (line > 0 && file == l->file && l->lexer.text != NULL) {
		const char *source = lexer_source(&l->lexer, line, &len);
		if (source != NULL)
			snprintf(e->source, sizeof(e->source), "%.*s",
			    (int)(len < sizeof(e->source) ? len : sizeof(e->source) - 1), source);
	}
	return -1;
}

int
loader_fail(struct loader *l, const struct word *w, const char *format, ...)
{
	va_list args;

	if (w == NULL)
		w = l->keyword;
	va_start(args, format);
	vfail(l, l->file, w != NULL ? w->line : 0, w != NULL ? w->column : 0, format, args);
	va_end(args);
	return -1;
}

int
loader_fail_at(
    struct loader *l, const char *file, unsigned line, unsigned column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfail(l, file, line, column, format, args);
	va_end(args);
	return -1;
}

int
loader_refuse(struct loader *l, const struct reason *r)
{
	unsigned line = r->line, column = r->column;

	if (line == 0 && l->keyword != NULL) {
		line = l->keyword->line;
		column = l->keyword->column;
	}
	return loader_fail_at(
	    l, l->file, line, column, "%s", reason_given(r) ? r->text : "refused");
}

static void __attribute__((format(printf, 4, 0)))
vnote(struct loader *l, const char *file, unsigned line, const char *format, va_list args)
{
	struct text note = { 0 };

	text_printf(&note, "%s:%u: ", file, line);
	text_vprintf(&note, format, args);
	names_add(&l->config->notes, text_str(&note), note.len);
	text_fini(&note);
}

void
loader_note(struct loader *l, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vnote(l, l->file, line, format, args);
	va_end(args);
}

void
loader_note_at(struct loader *l, const char *file, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vnote(l, file, line, format, args);
	va_end(args);
}

int
loader_end(struct loader *l, const struct words *words)
{
	if (!words_left(words))
		return 0;
	return loader_fail(l, words->at, "expected nothing more after %s, found '%.64s'",
	    l->keyword->at, words->at->at);
}

/* No such keyword here: where it belongs, what it is like, or what there is. */
static int
unknown(struct loader *l, const struct word *w)
{
	const struct frame *f = loader_frame(l);
	const char *names[80];
	size_t count = schema_names(f->section, names, 80);
	const char *near = reason_nearest(w->at, w->len, names);
	const struct row *elsewhere = schema_elsewhere(w->at);
	const char *here = section_name(f->section);
	char list[256] = "";
	size_t used = 0;

	if (elsewhere != NULL)
		return loader_fail(l, w, "invalid keyword '%.64s' in %s: it belongs in %s", w->at,
		    here, section_name(elsewhere->in));
	if (near != NULL)
		return loader_fail(
		    l, w, "invalid keyword '%.64s' in %s; did you mean %s?", w->at, here, near);
	for (size_t i = 0; i < count && used < sizeof(list) - 40; i++) {
		int n =
		    snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", names[i]);
		used += n > 0 ? (size_t)n : 0;
		if (used >= sizeof(list) - 40 && i + 1 < count)
			snprintf(list + used, sizeof(list) - used, ", ...");
	}
	return loader_fail(l, w, "invalid keyword '%.64s' in %s; expected %s", w->at, here, list);
}

static void
stand(struct config_names *names, const struct loader *l)
{
	names->file = l->file;
	names->line = l->keyword->line;
	names->column = l->keyword->column;
}

static int
value_statement(struct loader *l, const struct row *row, struct words *words)
{
	struct frame *f = &l->frame[l->depth];
	void *field = (uint8_t *)f->base + row->offset;
	struct reason r = { 0 };
	char expected[200];

	if (row_given(row, f->given) && row->kind != KIND_NAMES)
		loader_note(l, l->keyword->line, "%s is said twice in %s: this one holds",
		    row->name, f->label);
	row_give(row, f->given);
	if (!words_left(words) && row->bare != NULL) {
		value_set(row, field, row->bare);
		return 0;
	}
	value_expected(row, expected, sizeof(expected));
	if (!words_left(words))
		return loader_fail(
		    l, l->ending, "expected %s after %s, found ;", expected, row->name);
	if (value_scan(row, field, words, &r) < 0)
		return loader_refuse(l, &r);
	if (row->kind == KIND_NAMES)
		stand(field, l);
	return loader_end(l, words);
}

static int
enter(struct loader *l, const struct row *row, struct words *words)
{
	const struct frame *outer = loader_frame(l);
	const struct word *name = words_left(words) ? words->at : NULL;
	enum section section = row->kind == KIND_ROUTE ? SECTION_ROUTE : row->enters;
	void *base;

	if (l->depth + 1 == LOADER_DEPTH)
		return loader_fail(l, NULL, "too many sections in one another");
	base = (row->kind == KIND_ROUTE ? route_enter : row->enter)(l, row, outer->base, words);
	if (base == NULL || loader_end(l, words) < 0)
		return -1;
	struct frame *f = &l->frame[++l->depth];
	*f = (struct frame){ .row = row, .section = section, .base = base, .at = *l->keyword };
	f->at.at = ""; /* the words go with their line */
	f->given = f->own;
	if (section == SECTION_NEIGHBOR)
		f->given = ((struct config_neighbor *)base)->given;
	else if (section == SECTION_CAPABILITY || section == SECTION_TCP_AO ||
		 section == SECTION_CONFEDERATION)
		f->given = outer->given;
	snprintf(f->label, sizeof(f->label), "%s%s%.60s", row->name, name != NULL ? " " : "",
	    name != NULL ? name->at : "");
	return 0;
}

/* A block of keywords of the same route: match { ... }. */
static int
enter_block(struct loader *l, const struct words *words)
{
	const struct frame *outer = loader_frame(l);

	if (!route_block_opens(outer->base, l->keyword->at))
		return loader_fail(l, l->ending, "expected ; found {");
	if (l->depth + 1 == LOADER_DEPTH)
		return loader_fail(l, NULL, "too many sections in one another");
	if (loader_end(l, words) < 0)
		return -1;
	struct frame *f = &l->frame[++l->depth];
	*f = *outer;
	f->inner = true;
	f->at = *l->keyword;
	f->at.at = ""; /* the words go with their line */
	f->given = f->own;
	snprintf(f->label, sizeof(f->label), "%.60s", l->keyword->at);
	return 0;
}

/* Statements that a section needs; those of a neighbor may come from a template and are asked for there. */
static int
needed(struct loader *l, const struct frame *f)
{
	if (f->section == SECTION_NEIGHBOR || f->section == SECTION_TCP_AO)
		return 0;
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].in == f->section && schema[i].needed &&
		    !row_given(&schema[i], f->given))
			return loader_fail(l, &f->at, "%s needs '%s'", f->label, schema[i].name);
	}
	return 0;
}

static int
leave(struct loader *l, const struct word *brace)
{
	struct frame *f = &l->frame[l->depth];

	if (l->depth == 0)
		return loader_fail(l, brace, "this } closes nothing");
	l->keyword = &f->at;
	if (needed(l, f) < 0)
		return -1;
	if (f->inner) {
		l->depth--;
		return 0;
	}
	if (f->section == SECTION_ROUTE && route_leave(l, f->base) < 0)
		return -1;
	if (f->row->leave != NULL && f->row->leave(l, f->base) < 0)
		return -1;
	if (l->checking == NULL)
		l->depth--;
	return 0;
}

static bool
opens(const struct row *row)
{
	return row->kind == KIND_SECTION || row->kind == KIND_ROUTE;
}

/* A statement: its words without the ; or { that ends it. */
static int
statement(struct loader *l, struct words words, const struct word *end)
{
	const struct frame *f = loader_frame(l);
	bool brace = end->at[0] == '{';
	struct words all = words;

	l->keyword = words_next(&words);
	l->ending = end;
	if (f->section == SECTION_ROUTE)
		return brace ? enter_block(l, &words) : route_block_statement(l, f->base, &all);
	const struct row *row = schema_find(f->section, l->keyword->at);
	if (row == NULL)
		return unknown(l, l->keyword);
	if (row->kind == KIND_MOVED)
		return loader_fail(l, NULL, "%s", row->expected);
	if (brace && !opens(row))
		return loader_fail(l, end, "'%s' is no section: expected ; found {", row->name);
	if (brace)
		return enter(l, row, &words);
	if (row->kind == KIND_SECTION)
		return loader_fail(l, end, "'%s' is a section: expected { found ;", row->name);
	if (row_is_value(row))
		return value_statement(l, row, &words);
	if (row->statement(l, row, f->base, &words) < 0)
		return -1;
	return row->kind == KIND_OWN ? loader_end(l, &words) : 0;
}

/* The words of one line: whole statements only. Stops where something has to be read first. */
static int
line_statements(struct loader *l)
{
	struct words line = words_of(&l->lexer.words);

	while (l->next < line.end && !l->reading && !l->checking) {
		const struct word *w = l->next++, *start = l->start;
		struct words words = {
			.at = start, .end = w, .line = w->line, .column = w->column
		};
		if (!lexer_ends_statement(w))
			continue;
		if (w->at[0] == '}' && w > start)
			return loader_fail(l, start, "expected ; between '%.64s' and }", start->at);
		if (w->at[0] != '}' && w == start)
			return loader_fail(l, w, "expected a keyword before %s", w->at);
		if ((w->at[0] == '}' ? leave(l, w) : statement(l, words, w)) < 0)
			return -1;
		l->start = l->next;
	}
	if (l->next < line.end || l->start == line.end)
		return 0;
	return loader_fail(l, line.end - 1,
	    "expected ; or { after '%.64s': a statement ends on its own line, or the line ends in "
	    "\\",
	    line.end[-1].at);
}

static void
parse_begin(struct loader *l, const char *text, size_t len)
{
	lexer_init(&l->lexer, text, len);
	l->keyword = l->ending = l->start = l->next = NULL;
}

/* What is left of a line, or the next: 1; 0: that was all of the file; -1 with the error. */
static int
parse_some(struct loader *l)
{
	const struct words line = words_of(&l->lexer.words);
	struct reason r = { 0 };
	int more;

	if (l->reading)
		return set_read_some(l) < 0 ? -1 : 1;
	if (l->checking)
		return routes_check_some(l) < 0 ? -1 : 1;
	if (l->next && l->next < line.end)
		return line_statements(l) < 0 ? -1 : 1;
	more = lexer_next(&l->lexer, &r);
	if (more < 0)
		return loader_refuse(l, &r);
	if (more > 0) {
		l->start = l->next = words_of(&l->lexer.words).at;
		return line_statements(l) < 0 ? -1 : 1;
	}
	const struct frame *f = loader_frame(l);
	if (l->depth > 0)
		return loader_fail(l, &f->at, "'%s' has no } before the end of the file", f->label);
	l->keyword = l->ending = NULL;
	return 0;
}

/* --- loads --- */

struct config_load {
	struct loader loader;
	struct config_error error;
	const char *const *files;
	size_t count, at; /* files; the one that is read */
	int fd; /* -1: none */
	struct steady steady;
	struct octets text; /* of the file */
	bool parsing, checked;
	size_t at_neighbor, at_route; /* of which the digest is made */
};

static struct config_load *
load_new(void)
{
	struct config_load *load = mem_zero(sizeof(*load));
	struct config *c = mem_zero(sizeof(*c));

	load->fd = -1;
	load->loader.config = c;
	load->loader.error = &load->error;
	load->loader.frame[0].base = c;
	section_defaults(SECTION_CONTROLLER, &c->controller);
	return load;
}

/* Names of files stay where they are: neighbors and routes point to them. */
static void
file_begin(struct loader *l, const char *name)
{
	names_add(&l->config->files, name, strlen(name));
	l->file = l->config->files.name[l->config->files.count - 1];
}

static void
file_end(struct config_load *load)
{
	if (load->fd >= 0)
		close(load->fd);
	load->fd = -1;
	load->parsing = false;
	lexer_fini(&load->loader.lexer); /* the text is gone: no source line for what follows */
	octets_fini(&load->text);
}

static int
open_file(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s", name);
	if (strcmp(name, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || name[0] == '/')
		return fd;
	snprintf(path, size, "/etc/exabgp/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		snprintf(path, size, "%s", name);
	return fd;
}

static int
next_file(struct config_load *load)
{
	struct loader *l = &load->loader;
	char path[4096];

	load->fd = open_file(load->files[load->at], path, sizeof(path));
	file_begin(l, path);
	if (load->fd < 0)
		return loader_fail_at(l, l->file, 0, 0, "can't be read: %s", strerror(errno));
	steady_begin(&load->steady, load->fd);
	return 0;
}

/* A piece of the file; at its end it is what is parsed. */
static int
read_some(struct config_load *load)
{
	struct loader *l = &load->loader;
	int again;
	ssize_t n = read(load->fd, octets_room(&load->text, FILE_PIECE), FILE_PIECE);

	load->text.len -= FILE_PIECE - (n > 0 ? (size_t)n : 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n >= 0 && load->text.len > FILE_MAX) {
		n = -1;
		errno = EFBIG;
	}
	if (n < 0)
		return loader_fail_at(l, l->file, 0, 0, "can't be read: %s", strerror(errno));
	if (n > 0)
		return 0;
	again = steady_again(&load->steady, load->fd);
	if (again < 0)
		return loader_fail_at(l, l->file, 0, 0, "is being written to");
	if (again) {
		octets_clear(&load->text);
		return 0;
	}
	load->parsing = true;
	parse_begin(l, (const char *)load->text.base, load->text.len);
	return 0;
}

/* A line, or a piece of a file: 1; 0: that was the last; -1 with the error. */
static int
load_some(struct config_load *load)
{
	int more = 1;

	if (load->at == load->count)
		return 0;
	if (load->parsing)
		more = parse_some(&load->loader);
	else if (load->fd < 0)
		return next_file(load) < 0 ? -1 : 1;
	else
		return read_some(load) < 0 ? -1 : 1;
	if (more == 0) {
		file_end(load);
		load->at++;
	}
	return more < 0 ? -1 : 1;
}

static void
load_free(struct config_load *load)
{
	struct loader *l = &load->loader;

	set_reading_free(l);
	file_end(load);
	for (size_t i = 0; i < l->template_count; i++) {
		config_neighbor_free(l->templates[i].neighbor);
		mem_free(l->templates[i].name);
	}
	mem_free(l->templates);
	mem_free(l->scratch);
	mem_free(load);
}

void
config_load_drop(struct config_load *load)
{
	struct config *c = load ? load->loader.config : NULL;

	if (load)
		load_free(load);
	config_free(c);
}

/* The routes of neighbors, one after the other. True: those were the last. */
static bool
digest_some(struct config_load *load)
{
	const struct config *c = load->loader.config;

	for (unsigned i = 0; i < ROUTES && load->at_neighbor < c->neighbor_count; i++) {
		struct config_neighbor *n = c->neighbors[load->at_neighbor];
		if (load->at_route == n->route_count) {
			load->at_neighbor++;
			load->at_route = 0;
			continue;
		}
		uint64_t h[] = { n->digest, config_route_digest(&n->routes[load->at_route++]) };
		n->digest = hash_octets(h, sizeof(h));
	}
	return load->at_neighbor == c->neighbor_count;
}

/* 1: there is more; 0: it is whole; -1 with the error. */
static int
go_on(struct config_load *load)
{
	const struct loader *l = &load->loader;
	int more = 1;

	if (load->checked)
		return digest_some(load) ? 0 : 1;
	more = load_some(load);
	/* lines are short */
	for (unsigned i = 1; i < LINES && more > 0 && load->parsing && !l->reading && !l->checking;
	     i++)
		more = load_some(load);
	if (more != 0)
		return more;
	load->checked = true;
	return neighbors_check(&load->loader) < 0 ? -1 : 1;
}

bool
config_load_some(struct config_load *load, struct config **config, struct config_error *e)
{
	struct loader *l = &load->loader;
	int more = load->error.text[0] != '\0' ? -1 : go_on(load);

	if (more > 0 || (more < 0 && !config_leave(l->config, ROUTES)))
		return false;
	*e = load->error;
	*config = more == 0 ? l->config : NULL;
	load_free(load);
	return true;
}

struct config_load *
config_load_begin(const char *const *files, size_t count)
{
	struct config_load *load = load_new();
	struct loader *l = &load->loader;

	(void)config_env_read(&l->config->env, environ, &load->error);
	l->locate = true;
	config_env_notes(l->config, environ);
	load->files = files;
	load->count = l->config->env.debug_rotate && count > 1 ? 1 : count;
	return load;
}

struct config_load *
config_load_begin_text(const char *name, const char *text, size_t len)
{
	struct config_load *load = load_new();
	struct loader *l = &load->loader;

	(void)config_env_read(&l->config->env, environ, &load->error);
	file_begin(l, name);
	octets_add(&load->text, text, len);
	load->count = 1;
	load->parsing = true;
	parse_begin(l, (const char *)load->text.base, load->text.len);
	return load;
}

struct config *
config_load(const char *const *files, size_t count, struct config_error *e)
{
	struct config_load *load = config_load_begin(files, count);
	struct config *config;

	while (!config_load_some(load, &config, e))
		;
	return config;
}

struct config *
config_load_text(const char *name, const char *text, size_t len, struct config_error *e)
{
	struct config_load *load = config_load_begin_text(name, text, len);
	struct config *config;

	while (!config_load_some(load, &config, e))
		;
	return config;
}
