#include "common/sock.h"
#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { FILE_MOST = 64 * 1024, PATH_MOST = 4096 };

void
sock_keys_make(struct sock_keys *k)
{
	zmq_curve_keypair(k->public_key, k->secret_key);
}

/* --- saving --- */

static int
put_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t got = write(fd, text, len);

		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0) {
			text += got;
			len -= (size_t)got;
		}
	}
	return fsync(fd);
}

/* Under a name of its own first: who reads sees the old file or the new one, and never one with a mode that
 * was meant for another. */
static int
replace(const char *path, mode_t mode, const char *text)
{
	char beside[PATH_MOST];
	int fd, why, got;

	if (snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid()) >= PATH_MOST) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	got = fchmod(fd, mode) < 0 || put_all(fd, text, strlen(text)) < 0 ? -1 : 0;
	why = errno;
	close(fd);
	if (got == 0) {
		got = rename(beside, path);
		why = errno;
	}
	if (got < 0) {
		(void)unlink(beside);
		errno = why;
	}
	return got;
}

int
sock_keys_save(const struct sock_keys *k, const char *path)
{
	char text[1024], public_path[PATH_MOST];
	int len;

	if (snprintf(public_path, sizeof public_path, "%s.pub", path) >= PATH_MOST) {
		errno = ENAMETOOLONG;
		return -1;
	}
	len = snprintf(text, sizeof text,
	    "#   ZeroMQ CURVE **Secret** Certificate\n"
	    "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.\n"
	    "\n"
	    "metadata\n"
	    "curve\n"
	    "    public-key = \"%s\"\n"
	    "    secret-key = \"%s\"\n",
	    k->public_key, k->secret_key);
	if (replace(path, 0600, text) < 0)
		return -1;
	explicit_bzero(text, (size_t)len);
	snprintf(text, sizeof text,
	    "#   ZeroMQ CURVE Public Certificate\n"
	    "#   Exchange securely, or use a secure mechanism to verify the contents\n"
	    "#   of this file after exchange. Store public certificates in your home\n"
	    "#   directory, in the .curve subdirectory.\n"
	    "\n"
	    "metadata\n"
	    "curve\n"
	    "    public-key = \"%s\"\n",
	    k->public_key);
	return replace(public_path, 0644, text);
}

/* --- loading --- */

/* The whole file as text; forbidden: bits that its mode must not have. -1 with errno. */
static int
read_text(const char *path, mode_t forbidden, char text[FILE_MOST])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 0;
	struct stat st;

	if (fd < 0)
		return -1;
	errno = EPERM;
	if (fstat(fd, &st) == 0 && !(st.st_mode & forbidden)) {
		do
			got = read(fd, text + len, FILE_MOST - 1 - len);
		while (got > 0 && (len += (size_t)got) < FILE_MOST - 1);
		errno = got < 0 ? errno : EINVAL;
	} else {
		got = -1;
	}
	close(fd);
	text[len] = '\0';
	return got != 0 || strlen(text) != len ? -1 : 0;
}

static int
key_of(zconfig_t *root, const char *name, char key[SOCK_KEY_TEXT])
{
	const char *text = zconfig_get(root, name, "");
	uint8_t raw[32];

	if (strlen(text) != SOCK_KEY_TEXT - 1 || !zmq_z85_decode(raw, text))
		return -1;
	explicit_bzero(raw, sizeof raw);
	memcpy(key, text, SOCK_KEY_TEXT);
	return 0;
}

/* The two must belong together: a file put together by hand fails here and not in every handshake. */
static int
check_pair(const struct sock_keys *k)
{
	char derived[SOCK_KEY_TEXT];

	if (zmq_curve_public(derived, k->secret_key) < 0)
		return -1;
	return memcmp(derived, k->public_key, SOCK_KEY_TEXT) == 0 ? 0 : -1;
}

static zconfig_t *
open_file(const char *path, mode_t forbidden)
{
	char text[FILE_MOST];
	zconfig_t *root = NULL;

	if (read_text(path, forbidden, text) == 0) {
		root = zconfig_str_load(text);
		errno = EINVAL;
	}
	explicit_bzero(text, sizeof text);
	return root;
}

int
sock_keys_load(struct sock_keys *k, const char *path)
{
	zconfig_t *root = open_file(path, 077);
	int got;

	if (!root)
		return -1;
	got = key_of(root, "/curve/public-key", k->public_key) < 0 ||
		      key_of(root, "/curve/secret-key", k->secret_key) < 0 || check_pair(k) < 0
		  ? -1
		  : 0;
	zconfig_destroy(&root);
	errno = EINVAL;
	return got;
}

int
sock_public_load(char key[SOCK_KEY_TEXT], const char *path)
{
	zconfig_t *root = open_file(path, 0);
	int got;

	if (!root)
		return -1;
	got = key_of(root, "/curve/public-key", key);
	zconfig_destroy(&root);
	errno = EINVAL;
	return got;
}

int
sock_public_of(char key[SOCK_KEY_TEXT], const char *given)
{
	uint8_t raw[32];
	struct stat st;

	if (strlen(given) == SOCK_KEY_TEXT - 1 && stat(given, &st) < 0) {
		memcpy(key, given, SOCK_KEY_TEXT);
		errno = EINVAL;
		return zmq_z85_decode(raw, key) ? 0 : -1;
	}
	return sock_public_load(key, given);
}

const char *
sock_keys_why(int error)
{
	switch (error) {
	case EPERM:
		return "others may read it, and a secret key is its owner's: chmod 600";
	case EINVAL:
		return "it has no keys as `ambo keys FILE` makes them";
	default:
		return strerror(error);
	}
}
