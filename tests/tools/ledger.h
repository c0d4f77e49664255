/* For test programs of the ledger: one with values and keys that are words. Audiences are counted, as sets would
 * be. */
#ifndef TESTS_TOOLS_LEDGER_H
#define TESTS_TOOLS_LEDGER_H
#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct fixture {
	struct blobs *blobs;
	struct ledger *l;
	int audiences; /* shares given to the ledger and not released */
	struct ledger_reader *overrun; /* who was cut loose last, */
	unsigned overruns; /* and how often */
	bool close_overrun;
};

static inline void
release(void *self, struct blob *value, uint32_t audience)
{
	struct fixture *f = self;

	blob_put(f->blobs, value);
	if (audience)
		f->audiences--;
}

static inline void
overrun(void *self, struct ledger_reader *r)
{
	struct fixture *f = self;

	f->overrun = r;
	f->overruns++;
	if (f->close_overrun)
		ledger_reader_close(r);
	else
		ledger_reader_to_head(r);
}

static const struct ledger_ops ops = { release, overrun };

static inline void
begin(struct fixture *f)
{
	*f = (struct fixture){ .blobs = blobs_new() };
	f->l = ledger_new(&ops, f);
}

/* Everything that was given is given back. */
static inline void
end(struct fixture *f)
{
	ledger_free(f->l);
	assert_int_equal(f->audiences, 0);
	assert_int_equal(blobs_count(f->blobs), 0);
	blobs_free(f->blobs);
}

static inline struct reader
word(const char *text)
{
	return reader_of(text, strlen(text));
}

static inline struct blob *
value(struct fixture *f, const char *text)
{
	return blob_intern(f->blobs, text, strlen(text));
}

static inline struct ledger_entry *
put(struct fixture *f, const char *key, const char *text)
{
	return ledger_put(f->l, 0, word(key), value(f, text), 0, 0);
}

static inline struct ledger_entry *
find(struct fixture *f, const char *key)
{
	return ledger_find(f->l, 0, word(key));
}

static inline void
change(struct fixture *f, const char *key, const char *text)
{
	ledger_change(f->l, find(f, key), value(f, text), 0, 0);
}

static inline void
withdraw(struct fixture *f, const char *key)
{
	ledger_withdraw(f->l, find(f, key), NULL);
}

/* The marks that somebody is still to see. */
static inline size_t
marks(const struct fixture *f)
{
	while (!ledger_reap(f->l, 1000))
		;
	return ledger_marks(f->l);
}

/* What a reader has in front of it: "a=1 b=2 -c". */
static const char *
ahead(const struct fixture *f, const struct ledger_reader *r)
{
	static char text[400];
	struct ledger_entry *e[32];
	size_t n = ledger_reader_peek(r, e, 32), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct reader k = ledger_key(f->l, e[i]), v = blob_read(ledger_value(e[i]));

		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%.*s%s%.*s", i ? " " : "",
		    e[i]->mark ? "-" : "", (int)k.left, (const char *)k.at, v.left ? "=" : "",
		    (int)v.left, v.at ? (const char *)v.at : "");
	}
	return text;
}

struct bell {
	unsigned rung, superseded, closed;
	struct ledger_reader *close; /* the reader to close when it rings */
};

static inline void
ring(void *arg, bool superseded, bool closed)
{
	struct bell *b = arg;

	b->rung++;
	b->superseded += superseded;
	b->closed += closed;
	ledger_reader_close(b->close);
	b->close = NULL;
}

static const struct ledger_barrier_ops bell_ops = { ring };
#endif
