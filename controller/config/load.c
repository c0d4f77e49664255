/* The driver: statements, the sections they stand in, and the one error. What a statement means is its row in
 * schema.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/octets.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

enum { FILE_MAX = 256 << 20 };

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

void
loader_note(struct loader *l, unsigned line, const char *format, ...)
{
	struct text note = { 0 };
	va_list args;

	text_printf(&note, "%s:%u: ", l->file, line);
	va_start(args, format);
	text_vprintf(&note, format, args);
	va_end(args);
	names_add(&l->config->notes, text_str(&note), note.len);
	text_fini(&note);
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

static int
value_statement(struct loader *l, const struct row *row, struct words *words)
{
	struct frame *f = &l->frame[l->depth];
	void *field = (uint8_t *)f->base + row->offset;
	struct reason r = { 0 };
	char expected[200];

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

/* The words of one line: whole statements only. */
static int
line_statements(struct loader *l)
{
	struct words line = words_of(&l->lexer.words);
	const struct word *start = line.at;

	for (const struct word *w = line.at; w < line.end; w++) {
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
		start = w + 1;
	}
	if (start == line.end)
		return 0;
	return loader_fail(l, line.end - 1,
	    "expected ; or { after '%.64s': a statement ends on its own line, or the line ends in "
	    "\\",
	    line.end[-1].at);
}

static int
parse(struct loader *l, const char *text, size_t len)
{
	struct reason r = { 0 };
	int more;

	lexer_init(&l->lexer, text, len);
	l->keyword = l->ending = NULL;
	while ((more = lexer_next(&l->lexer, &r)) > 0) {
		if (line_statements(l) < 0)
			return -1;
	}
	if (more < 0)
		return loader_refuse(l, &r);
	const struct frame *f = loader_frame(l);
	if (l->depth > 0)
		return loader_fail(l, &f->at, "'%s' has no } before the end of the file", f->label);
	l->keyword = l->ending = NULL;
	return 0;
}

static struct loader
loader_new(struct config_error *e)
{
	struct config *c = mem_zero(sizeof(*c));
	struct loader l = { .config = c, .error = e };

	l.frame[0].base = c;
	*e = (struct config_error){ 0 };
	section_defaults(SECTION_CONTROLLER, &c->controller);
	return l;
}

static struct config *
loader_done(struct loader *l, int result)
{
	if (result == 0) {
		lexer_fini(&l->lexer); /* the text is gone: no source line for what follows */
		result = neighbors_check(l);
	}
	for (size_t i = 0; i < l->template_count; i++) {
		config_neighbor_free(l->templates[i].neighbor);
		mem_free(l->templates[i].name);
	}
	mem_free(l->templates);
	mem_free(l->scratch);
	lexer_fini(&l->lexer);
	if (result == 0)
		return l->config;
	config_free(l->config);
	return NULL;
}

/* Names of files stay where they are: neighbors and routes point to them. */
static void
file_begin(struct loader *l, const char *name)
{
	names_add(&l->config->files, name, strlen(name));
	l->file = l->config->files.name[l->config->files.count - 1];
}

static int
read_all(int fd, struct octets *out)
{
	for (;;) {
		if (out->len > FILE_MAX) {
			errno = EFBIG;
			return -1;
		}
		ssize_t n = read(fd, octets_room(out, 65536), 65536);
		if (n < 0 && errno != EINTR)
			return -1;
		out->len -= 65536 - (n > 0 ? (size_t)n : 0);
		if (n == 0)
			return 0;
	}
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
load_file(struct loader *l, const char *name)
{
	struct octets text = { 0 };
	char path[4096];
	int fd = open_file(name, path, sizeof(path)), result = -1;

	file_begin(l, path);
	if (fd < 0 || read_all(fd, &text) < 0)
		loader_fail_at(l, l->file, 0, 0, "can't be read: %s", strerror(errno));
	else
		result = parse(l, (const char *)text.base, text.len);
	if (fd >= 0)
		close(fd);
	lexer_fini(&l->lexer);
	octets_fini(&text);
	return result;
}

struct config *
config_load(const char *const *files, size_t count, struct config_error *e)
{
	struct loader l = loader_new(e);
	int result = config_env_read(&l.config->env, environ, e);

	l.locate = true;
	config_env_notes(l.config, environ);
	if (l.config->env.debug_rotate && count > 1)
		count = 1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = load_file(&l, files[i]);
	return loader_done(&l, result);
}

struct config *
config_load_text(const char *name, const char *text, size_t len, struct config_error *e)
{
	struct loader l = loader_new(e);
	int result = config_env_read(&l.config->env, environ, e);

	if (result == 0) {
		file_begin(&l, name);
		result = parse(&l, text, len);
	}
	return loader_done(&l, result);
}
