/* set prefixes NAME { ENTRY; ... file PATH; }: the words of entries are policy/named's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/octets.h"
#include "common/steady.h"
#include "controller/config/loader.h"

enum {
	SET_FILE_MAX = 64 << 20,
	/* of a slice */
	PIECE = 65536,
	LINES = 128,
	ENTRIES = 1024
};

void *
set_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *kind = words_next(words), *name = words_next(words);
	struct config *c = l->config;
	struct reason r = { 0 };
	struct named_set *set;
	enum named_kind k;

	(void)row;
	(void)base;
	if (kind == NULL || !named_kind_of(kind->at, &k)) {
		loader_fail(l, kind, "expected prefixes, as or communities after set");
		return NULL;
	}
	if (name == NULL) {
		loader_fail(l, name, "expected a name after set %s", kind->at);
		return NULL;
	}
	c->sets.file = l->file;
	set = named_write(&c->sets, k, name, &r);
	if (set == NULL)
		loader_refuse(l, &r);
	return set;
}

/* The entry begins with the statement's first word. */
int
set_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct named_set *set = base;
	struct words all = *words;
	struct reason r = { 0 };

	(void)row;
	all.at = l->keyword;
	do {
		if (named_list_add(set->said, &all, &r) < 0)
			return loader_refuse(l, &r);
	} while (words_take(&all, ","));
	*words = all;
	return 0;
}

/* What does not begin with / is beside the configuration. */
static void
beside(const struct loader *l, const char *name, char *path, size_t size)
{
	const char *slash = strrchr(l->file, '/');

	if (name[0] == '/' || slash == NULL)
		snprintf(path, size, "%s", name);
	else
		snprintf(path, size, "%.*s/%s", (int)(slash - l->file), l->file, name);
}

/* --- what lasts: a file of entries, and putting them in order --- */

struct set_reading {
	struct named_set *set;
	int fd; /* -1: it was read */
	struct steady steady;
	bool ordering;
	char path[4096];
	struct octets octets;
	struct named_text text;
	struct named_sorting sorting;
};

static struct set_reading *
reading_new(struct loader *l, struct named_set *set)
{
	struct set_reading *r = l->reading = mem_zero(sizeof(*r));

	r->set = set;
	r->fd = -1;
	return r;
}

void
set_reading_free(struct loader *l)
{
	struct set_reading *r = l->reading;

	l->reading = NULL;
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	named_sorting_fini(&r->sorting);
	named_text_fini(&r->text);
	octets_fini(&r->octets);
	mem_free(r);
}

/* A regular file: nothing that could keep us waiting. */
static int
open_entries(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), why;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SET_FILE_MAX)
		return fd;
	why = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	close(fd);
	errno = why;
	return -1;
}

static int
read_piece(struct loader *l, struct set_reading *r)
{
	ssize_t n = read(r->fd, octets_room(&r->octets, PIECE), PIECE);
	int again;

	r->octets.len -= PIECE - (n > 0 ? (size_t)n : 0);
	if (n >= 0 && r->octets.len > SET_FILE_MAX) {
		n = -1;
		errno = EFBIG;
	}
	if (n < 0)
		return loader_fail_at(l, r->path, 0, 0, "can't be read: %s", strerror(errno));
	if (n > 0)
		return 1;
	again = steady_again(&r->steady, r->fd);
	if (again < 0)
		return loader_fail_at(l, r->path, 0, 0, "is being written to");
	if (again) {
		octets_clear(&r->octets);
		return 1;
	}
	close(r->fd);
	r->fd = -1;
	r->text.text = (const char *)r->octets.base;
	r->text.len = r->octets.len;
	return 1;
}

static int
read_entries(struct loader *l, struct set_reading *r)
{
	struct reason why = { 0 };
	int more = named_list_read(r->set->said, &r->text, LINES, &why);

	return more < 0 ? loader_fail_at(l, r->path, why.line, why.column, "%s", why.text) : more;
}

int
set_read_some(struct loader *l)
{
	struct set_reading *r = l->reading;
	int more;

	if (r->ordering)
		more = named_list_make(r->set->said, &r->sorting, ENTRIES) ? 0 : 1;
	else if (r->fd >= 0)
		more = read_piece(l, r);
	else
		more = read_entries(l, r);
	if (more <= 0)
		set_reading_free(l);
	return more;
}

int
set_file_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *name = words_next(words);
	struct set_reading *r;
	char path[4096];
	int fd;

	(void)row;
	if (name == NULL)
		return loader_fail(l, l->ending, "expected the path of a file after file");
	beside(l, name->at, path, sizeof(path));
	fd = open_entries(path);
	if (fd < 0)
		return loader_fail(l, name, "%s can't be read: %s", path, strerror(errno));
	r = reading_new(l, base);
	r->fd = fd;
	steady_begin(&r->steady, fd);
	memcpy(r->path, path, sizeof(path));
	return 0;
}

int
set_leave(struct loader *l, void *base)
{
	reading_new(l, base)->ordering = true;
	return 0;
}

int
sets_check(struct loader *l)
{
	for (size_t i = 0; i < l->config->sets.count; i++) {
		const struct named_set *set = l->config->sets.set[i];

		if (set->said == NULL)
			return loader_fail_at(l, set->file, set->line, set->column,
			    "there is no set of %s '%.64s'", named_kind_name(set->kind), set->name);
	}
	return 0;
}
