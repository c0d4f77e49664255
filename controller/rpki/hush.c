#include "controller/rpki/hush.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAME = 16 };

static _Thread_local bool hushed;

/* Threads are ours (the first), ZeroMQ's (which names them) or librtr's. */
static bool
may_speak(void)
{
	char name[NAME + 1] = "";

	if (syscall(SYS_gettid) == getpid())
		return !hushed;
	prctl(PR_GET_NAME, name, 0, 0, 0);
	return strncmp(name, "ZMQ", 3) == 0;
}

static ssize_t
filter(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	return may_speak() ? write(STDERR_FILENO, bytes, len) : (ssize_t)len;
}

void
hush(void)
{
	static FILE *filtered;
	FILE *f;

	hushed = true;
	if (filtered)
		return;
	f = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = filter });
	if (!f)
		return; /* it is noise that we go without */
	setvbuf(f, NULL, _IONBF, 0);
	fflush(stderr);
	stderr = filtered = f;
}

void
unhush(void)
{
	hushed = false;
}
