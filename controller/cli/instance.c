#include "controller/cli/instance.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/words.h"

/* --- the runtime directory --- */

static void
add_base(char base[4][INSTANCE_DIR], size_t *count, const char *first, const char *second)
{
	int len = snprintf(base[*count], INSTANCE_DIR, "%s%s", first, second);

	if (len > 0 && len < INSTANCE_DIR)
		(*count)++;
}

size_t
instance_bases(char base[4][INSTANCE_DIR])
{
	const char *own = getenv("AMBO_RUN"), *xdg = getenv("XDG_RUNTIME_DIR");
	char uid[24];
	size_t count = 0;

	if (own && *own != '\0') {
		add_base(base, &count, own, "");
		return count;
	}
	add_base(base, &count, "/run/ambo", "");
	if (xdg && *xdg == '/')
		add_base(base, &count, xdg, "/ambo");
	snprintf(uid, sizeof uid, "%u", (unsigned)geteuid());
	add_base(base, &count, "/tmp/ambo-", uid);
	return count;
}

/* Ours alone: what another user made in /tmp under our name is not used. /run/ambo may be of a group that
 * works together; then it was made so on purpose, by somebody who may write to /run. */
static bool
is_ours(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || (st.st_mode & S_IWOTH))
		return false;
	return st.st_uid == geteuid() || (st.st_uid == 0 && access(dir, W_OK) == 0);
}

int
instance_base(char out[INSTANCE_DIR], char *why, size_t size)
{
	char base[4][INSTANCE_DIR];
	size_t count = instance_bases(base);
	int failed = ENAMETOOLONG;
	const char *last = "the runtime directory";

	for (size_t i = 0; i < count; i++) {
		last = base[i];
		if (mkdir(base[i], 0700) < 0 && errno != EEXIST) {
			failed = errno;
			continue;
		}
		if (is_ours(base[i]) && access(base[i], W_OK | X_OK) == 0) {
			memcpy(out, base[i], INSTANCE_DIR);
			return 0;
		}
		failed = EACCES;
	}
	snprintf(why, size, "%s: %s", last, strerror(failed));
	return -1;
}

/* --- one directory --- */

/* It holds files only. */
static void
remove_dir(const char *dir)
{
	char path[INSTANCE_DIR + 256 + 2];
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		(void)unlink(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

static int
write_info(const struct instance *in, int fd)
{
	char line[1200];
	int len = snprintf(line, sizeof line, "pid %d\nname %s\nstarted %llu\napi %s\nfiles %s\n",
	    (int)in->pid, in->name, (unsigned long long)in->started, in->api, in->files);

	return len < (int)sizeof line && write(fd, line, (size_t)len) == len ? 0 : -1;
}

/* `ambo -i NAME` could not tell them apart. */
static bool
is_taken(const char *base, const char *name, char *why, size_t size)
{
	enum { OTHERS = 64 };
	struct instance *other = mem_zero(OTHERS * sizeof *other);
	size_t count = instance_list(base, other, OTHERS);
	bool taken = false;

	for (size_t i = 0; i < count && i < OTHERS && !taken; i++) {
		taken = strcmp(other[i].name, name) == 0;
		if (taken)
			snprintf(why, size,
			    "an `ambo run` is called \"%s\" already: pid %d, %.200s", name,
			    (int)other[i].pid, other[i].files);
	}
	mem_free(other);
	return taken;
}

/* Under a name that nobody looks at, until it is locked. */
int
instance_open(struct instance *in, const char *base, char *why, size_t size)
{
	char making[INSTANCE_DIR], info[INSTANCE_DIR + 8];
	int len = snprintf(in->dir, sizeof in->dir, "%s/%d", base, (int)getpid());

	in->pid = getpid();
	in->started = (uint64_t)time(NULL);
	in->lock = -1;
	if (in->name[0] == '\0')
		snprintf(in->name, sizeof in->name, "%d", (int)in->pid);
	else if (is_taken(base, in->name, why, size))
		return -1;
	/* "/lane.sock" and "ipc://" must find room behind it */
	if (len < 0 || len > INSTANCE_DIR - 16) {
		snprintf(why, size,
		    "%s: too long for a socket's path; set AMBO_RUN to a shorter one", base);
		return -1;
	}
	if (in->api[0] == '\0')
		snprintf(in->api, sizeof in->api, "ipc://%s/api.sock", in->dir);
	snprintf(making, sizeof making, "%s/.%d", base, (int)in->pid);
	snprintf(info, sizeof info, "%s/info", making);
	remove_dir(making);
	remove_dir(in->dir); /* of a dead one with our process id */
	if (mkdir(making, 0700) == 0)
		in->lock = open(info, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in->lock >= 0 && flock(in->lock, LOCK_EX | LOCK_NB) == 0 &&
	    write_info(in, in->lock) == 0 && rename(making, in->dir) == 0)
		return 0;
	snprintf(why, size, "%s: %s", in->dir, strerror(errno));
	if (in->lock >= 0)
		close(in->lock);
	in->lock = -1;
	remove_dir(making);
	return -1;
}

void
instance_close(struct instance *in)
{
	if (in->lock < 0)
		return;
	remove_dir(in->dir);
	close(in->lock);
	in->lock = -1;
}

/* --- those that are there --- */

static void
read_line(struct instance *in, const char *key, const char *value)
{
	uint64_t n;

	if (strcmp(key, "name") == 0)
		snprintf(in->name, sizeof in->name, "%s", value);
	else if (strcmp(key, "api") == 0)
		snprintf(in->api, sizeof in->api, "%s", value);
	else if (strcmp(key, "files") == 0)
		snprintf(in->files, sizeof in->files, "%s", value);
	else if (strcmp(key, "started") == 0 &&
		 word_uint(value, strlen(value), UINT64_MAX, &n) == 0)
		in->started = n;
}

static int
read_info(struct instance *in, FILE *f)
{
	char line[1200], *value;

	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		read_line(in, line, value);
	}
	return in->api[0] != '\0' ? 0 : -1;
}

/* 0 when it lives. */
static int
look_at(struct instance *in, const char *base, const char *name, uint64_t pid)
{
	char info[INSTANCE_DIR + 8];
	FILE *f;
	int result = -1;

	*in = (struct instance){ .pid = (pid_t)pid, .lock = -1 };
	if (snprintf(in->dir, sizeof in->dir, "%s/%s", base, name) >= (int)sizeof in->dir)
		return -1;
	snprintf(info, sizeof info, "%s/info", in->dir);
	f = fopen(info, "re");
	if (!f)
		return -1;
	if (flock(fileno(f), LOCK_SH | LOCK_NB) == 0)
		remove_dir(in->dir);
	else
		result = read_info(in, f);
	fclose(f);
	return result;
}

static int
by_pid(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

size_t
instance_list(const char *base, struct instance *list, size_t max)
{
	struct instance spare;
	size_t count = 0;
	uint64_t pid;
	struct dirent *e;
	DIR *d = is_ours(base) ? opendir(base) : NULL;

	while (d && (e = readdir(d)) != NULL) {
		if (word_uint(e->d_name, strlen(e->d_name), INT32_MAX, &pid) < 0)
			continue;
		if (look_at(count < max ? &list[count] : &spare, base, e->d_name, pid) == 0)
			count++;
	}
	if (d)
		closedir(d);
	qsort(list, count < max ? count : max, sizeof *list, by_pid);
	return count;
}
