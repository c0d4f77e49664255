/* set prefixes NAME { ENTRY; ... file PATH; }: the words of entries are policy/named's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/octets.h"
#include "controller/config/loader.h"

enum { SET_FILE_MAX = 64 << 20 };

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

/* A regular file, whole: nothing that could keep us waiting. */
static int
read_file(const char *path, struct octets *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = -1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		goto out;
	errno = !S_ISREG(st.st_mode) ? EINVAL : EFBIG;
	if (!S_ISREG(st.st_mode) || st.st_size > SET_FILE_MAX)
		goto out;
	for (size_t left = (size_t)st.st_size; left > 0;) {
		ssize_t n = read(fd, octets_room(out, left), left);

		if (n < 0)
			goto out;
		out->len -= left - (size_t)n;
		left = n > 0 ? left - (size_t)n : 0;
	}
	result = 0;
out:
	close(fd);
	return result;
}

int
set_file_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *name = words_next(words);
	struct named_set *set = base;
	struct octets octets = { 0 };
	struct named_text text = { 0 };
	struct reason r = { 0 };
	char path[4096];
	int result;

	(void)row;
	if (name == NULL)
		return loader_fail(l, l->ending, "expected the path of a file after file");
	beside(l, name->at, path, sizeof(path));
	result = read_file(path, &octets);
	if (result < 0) {
		loader_fail(l, name, "%s can't be read: %s", path, strerror(errno));
	} else {
		text.text = (const char *)octets.base;
		text.len = octets.len;
		result = named_list_read(set->said, &text, UINT32_MAX, &r);
		if (result < 0)
			loader_fail_at(l, path, r.line, r.column, "%s", r.text);
	}
	named_text_fini(&text);
	octets_fini(&octets);
	return result;
}

int
set_leave(struct loader *l, void *base)
{
	struct named_set *set = base;

	(void)l;
	named_list_done(set->said);
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
