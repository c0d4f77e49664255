/* Where ExaBGP finds the program of a process: of all places that have it, the last. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "controller/config/loader.h"

/* Put `directory`/`name` into out when there is such a file. */
static void
candidate(const char *directory, size_t len, const char *name, char *out, size_t size)
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%.*s/%s", (int)len, directory, name);

	if (n > 0 && (size_t)n < sizeof(path) && (size_t)n < size && stat(path, &st) == 0 &&
	    !S_ISDIR(st.st_mode))
		memcpy(out, path, (size_t)n + 1);
}

static void
in_etc(const char *program, char *out, size_t size)
{
	const char *etc = getenv("EXABGP_ETC"), *cwd = getenv("PWD");

	if (cwd != NULL)
		candidate(cwd, strlen(cwd), program, out, size);
	if (etc == NULL)
		etc = "/etc/exabgp";
	candidate(etc, strlen(etc), program + strlen("etc/exabgp/"), out, size);
}

static void
in_path(const char *program, const char *config_file, char *out, size_t size)
{
	const char *slash = strrchr(config_file, '/'), *path = getenv("PATH");

	candidate("/etc/exabgp", 11, program, out, size);
	if (slash == NULL)
		candidate(".", 1, program, out, size);
	else
		candidate(config_file, (size_t)(slash - config_file), program, out, size);
	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");
		if (len > 0)
			candidate(path, len, program, out, size);
		path += len + (path[len] == ':');
	}
}

int
program_locate(
    const char *program, const char *config_file, char *out, size_t size, struct reason *r)
{
	struct stat st;

	out[0] = '\0';
	if (program[0] == '/')
		snprintf(out, size, "%s", program);
	else if (strncmp(program, "etc/exabgp/", 11) == 0)
		in_etc(program, out, size);
	else
		in_path(program, config_file, out, size);
	if (out[0] == '\0' || stat(out, &st) < 0)
		return reason_set(r, 0, 0, "can not locate the program \"%.150s\"", program);
	if (!S_ISREG(st.st_mode))
		return reason_set(r, 0, 0, "the program \"%.150s\" is no file", out);
	if (st.st_mode & (S_ISUID | S_ISGID))
		return reason_set(
		    r, 0, 0, "the program \"%.150s\" is setuid or setgid: refused", out);
	if (access(out, X_OK) < 0)
		return reason_set(
		    r, 0, 0, "the program \"%.150s\" can't be executed: %s", out, strerror(errno));
	return 0;
}

/* exec says "No such file" of a script whose interpreter is not there: mostly one that was written with CR LF. */
int
program_interpreter(const char *file, struct reason *r)
{
	char line[256], *name = line + 2;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 2 || memcmp(line, "#!", 2) != 0)
		return 0;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (strchr(name, '\r') != NULL)
		return reason_set(r, 0, 0,
		    "%.150s: its lines end in CR LF, so that it has no interpreter "
		    "(sed -i 's/\\r$//' makes it a script)",
		    file);
	name += strspn(name, " \t");
	name[strcspn(name, " \t")] = '\0';
	if (access(name, X_OK) == 0)
		return 0;
	return reason_set(r, 0, 0, "%.150s: its interpreter %.80s can't be executed: %s", file,
	    name, strerror(errno));
}

static bool
interprets(const char *program)
{
	static const char *const names[] = { "python", "sh", "bash", "dash", "perl", "ruby", "node",
		"php", "pypy", "env" };
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		/* python3.11 is python too */
		if (strncmp(name, names[i], len) == 0 &&
		    name[len + strspn(name + len, "0123456789.")] == '\0')
			return true;
	}
	return false;
}

int
program_script(const struct config_names *run, struct reason *r)
{
	size_t i = 0;

	while (i < run->count && interprets(run->name[i]))
		i++;
	if (i == 0)
		return 0;
	while (i < run->count && run->name[i][0] == '-' && strpbrk(run->name[i], "cem") == NULL)
		i++;
	if (i == run->count || run->name[i][0] != '/' || access(run->name[i], R_OK) == 0)
		return 0;
	return reason_set(r, 0, 0, "%.60s is told to run %.150s: %s", run->name[0], run->name[i],
	    strerror(errno));
}
