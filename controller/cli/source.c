#include "controller/cli/source.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "common/text.h"
#include "controller/cli/cli.h"

int
source_open(struct source *s, const char *name)
{
	*s = (struct source){ .name = name };
	errno = 0;
	s->file = strcmp(name, "-") == 0 ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(name, "rb");
	if (!s->file)
		return cli_fail(CLI_REFUSED, "%s: %s", name, strerror(errno ? errno : ENOMEM));
	gzbuffer(s->file, 1 << 16);
	s->ahead = source_read(s, s->front, sizeof s->front);
	s->offset = 0;
	return -1;
}

void
source_close(struct source *s)
{
	if (s->file)
		gzclose(s->file);
	s->file = NULL;
}

struct reader
source_peek(const struct source *s)
{
	return reader_of(s->front, s->ahead);
}

size_t
source_read(struct source *s, void *out, size_t len)
{
	size_t front = s->ahead - s->taken < len ? s->ahead - s->taken : len;
	int got, number;

	if (front > 0)
		memcpy(out, s->front + s->taken, front);
	s->taken += front;
	got = gzread(s->file, (uint8_t *)out + front, (unsigned)(len - front));
	if (got < 0) {
		const char *what = gzerror(s->file, &number);

		source_fail(s, s->offset + front, "%s", number == Z_ERRNO ? strerror(errno) : what);
		got = 0;
	}
	s->offset += front + (size_t)got;
	return front + (size_t)got;
}

int
source_fail(const struct source *s, uint64_t offset, const char *format, ...)
{
	struct text what = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&what, format, args);
	va_end(args);
	cli_fail(0, "%s: offset %llu: %s", s->name, (unsigned long long)offset, text_str(&what));
	text_fini(&what);
	return CLI_REFUSED;
}
