#include "controller/cli/mrt_file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "controller/cli/cli.h"

/* 1; 0 at the end; -1: it ends within a record, or is no such file. */
static int
next(FILE *f, uint8_t *body, struct mrt_header *h)
{
	uint8_t header[MRT_HEADER];
	size_t n = fread(header, 1, sizeof header, f);

	if (n == 0 && !ferror(f))
		return 0;
	if (mrt_header(h, reader_of(header, n)) < 0)
		return -1;
	return fread(body, 1, h->length, f) == h->length ? 1 : -1;
}

int
mrt_file(const char *name, void (*each)(void *self, const struct mrt_message *), void *self,
    unsigned *others)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	uint8_t *body = mem_zero(MRT_RECORD_MAX);
	struct mrt_header h;
	struct mrt_message m;
	unsigned records = 0;
	int got = 0, status = -1;

	if (!f) {
		status = cli_fail(CLI_REFUSED, "%s: %s", name, strerror(errno));
		goto out;
	}
	while ((got = next(f, body, &h)) > 0) {
		int kind = mrt_message(&m, &h, reader_of(body, h.length));

		records++;
		if (kind < 0)
			status = cli_fail(CLI_REFUSED, "%s: record %u is malformed", name, records);
		else if (kind == 0)
			(*others)++;
		else
			each(self, &m);
	}
	if (got < 0)
		status = cli_fail(
		    CLI_REFUSED, "%s: record %u is cut off, or this is no MRT", name, records + 1);
out:
	if (f && f != stdin)
		fclose(f);
	mem_free(body);
	return status;
}
