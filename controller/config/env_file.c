/* ExaBGP's environment file: an INI file, "option = value" below "[exabgp.section]". It becomes lines like those
 * of the environment, "exabgp.section.option=value", which env.c looks through behind that. */
#include "controller/config/env_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "common/text.h"

enum { ENV_FILE_LINES = 4096 };

static int
wrong(struct config_error *e, const char *path, unsigned line, const char *text)
{
	*e = (struct config_error){ .line = line };
	snprintf(e->file, sizeof e->file, "%s", path);
	snprintf(e->text, sizeof e->text, "%s", text);
	return -1;
}

static void
add(struct env_file *f, unsigned at, const char *section, const char *name, const char *value)
{
	size_t size = strlen(section) + strlen(name) + strlen(value) + 3;

	f->lines = mem_resize(f->lines, (f->count + 2) * sizeof *f->lines);
	f->at = mem_resize(f->at, (f->count + 1) * sizeof *f->at);
	f->at[f->count] = at;
	f->lines[f->count] = mem_zero(size);
	snprintf(f->lines[f->count], size, "%s.%s=%s", section, name, value);
	f->lines[++f->count] = NULL;
}

static int
take_line(struct env_file *f, unsigned at, char section[64], char *line)
{
	char *equals;

	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[') {
		if (line[strlen(line) - 1] != ']' || strlen(line) > 64)
			return -1;
		snprintf(section, 64, "%.*s", (int)strlen(line) - 2, line + 1);
		return 0;
	}
	equals = strpbrk(line, "=:");
	if (!equals || section[0] == '\0')
		return -1;
	*equals = '\0';
	add(f, at, section, text_trim(line), text_trim(equals + 1));
	return 0;
}

static int
read_lines(struct env_file *f, FILE *in, const char *path, struct config_error *e)
{
	char line[2048], section[64] = "";

	for (unsigned n = 1; fgets(line, sizeof line, in); n++) {
		if (n > ENV_FILE_LINES || (!strchr(line, '\n') && !feof(in)))
			return wrong(e, path, n, "too long for an environment file");
		if (take_line(f, n, section, text_trim(line)) < 0)
			return wrong(e, path, n,
			    section[0] ? "expected [exabgp.SECTION] or option = value"
				       : "expected [exabgp.SECTION]");
	}
	return ferror(in) ? wrong(e, path, 0, strerror(errno)) : 0;
}

static const char *
variable(char *const *environ, const char *name)
{
	size_t len = strlen(name);

	for (char *const *v = environ; v && *v; v++)
		if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
			return *v + len + 1;
	return NULL;
}

int
env_file_read(struct env_file *f, char *const *environ, struct config_error *e)
{
	const char *named = variable(environ, "EXABGP_ENVFILE"),
		   *root = variable(environ, "EXABGP_ROOT");
	char path[4096];
	int result;
	FILE *in;

	*f = (struct env_file){ 0 };
	if (named)
		snprintf(path, sizeof path, "%s", named);
	else
		snprintf(path, sizeof path, "%s/etc/exabgp/exabgp.env", root ? root : "");
	snprintf(f->path, sizeof f->path, "%.*s", (int)sizeof f->path - 1, path);
	in = fopen(path, "re");
	if (!in)
		return errno == ENOENT && !named ? 0 : wrong(e, path, 0, strerror(errno));
	result = read_lines(f, in, path, e);
	fclose(in);
	if (result < 0)
		env_file_fini(f);
	return result;
}

void
env_file_fini(struct env_file *f)
{
	for (size_t i = 0; i < f->count; i++)
		mem_free(f->lines[i]);
	mem_free(f->lines);
	mem_free(f->at);
	*f = (struct env_file){ 0 };
}
