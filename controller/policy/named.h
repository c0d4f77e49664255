/* Named sets: lists of prefixes, of ASes or of communities that the conditions of policies call by a name.
 *
 *      set prefixes customers { 10.0.0.0/8 le 24; 2001:db8::/32; }
 *      set as peers { 65001; 65010-65019; }
 *      set communities blackhole { 65001:666; 65001:1:*; target:65001:7; }
 *
 * What a set holds is a struct named_list: counted, and never changed once it is done. A set has the one that the
 * configuration says, and while a client said another, that one. Sets are the configuration's; conditions lend
 * them, and may do so before they are written. */
#ifndef CONTROLLER_POLICY_NAMED_H
#define CONTROLLER_POLICY_NAMED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "controller/policy/sorted.h"

enum named_kind { NAMED_PREFIXES, NAMED_AS, NAMED_COMMUNITIES, NAMED_KINDS };
enum { NAMED_ENTRIES_MAX = 1000000, NAMED_NAME_MAX = 63 };

const char *named_kind_name(enum named_kind); /* "prefixes" */
bool named_kind_of(const char *word, enum named_kind *);

/* --- what a set holds --- */
struct named_list;

struct named_list *named_list_new(enum named_kind);
struct named_list *named_list_get(struct named_list *); /* a share */
void named_list_put(struct named_list *); /* NULL is fine */
/* One entry more; -1 with a reason. Behind the last one named_list_done, before anything is asked. */
int named_list_add(struct named_list *, struct words *, struct reason *);
void named_list_done(struct named_list *);
/* The same by and by, so many entries a step: true at the end. Zero-initialise; fini when it is given up. */
struct named_sorting {
	unsigned form;
	struct sorting in;
};
bool named_list_make(struct named_list *, struct named_sorting *, size_t steps);
void named_sorting_fini(struct named_sorting *);
/* Entries of a text, one a line; # begins a comment. At most `lines` at a time: 1: there are more; 0: that was all;
 * -1 with a reason, whose line and column are the text's. Zero-initialise but for text and len. */
struct named_text {
	const char *text;
	size_t len, at;
	unsigned line;
	struct words_line words;
};
int named_list_read(struct named_list *, struct named_text *, unsigned lines, struct reason *);
void named_text_fini(struct named_text *);
enum named_kind named_list_kind(const struct named_list *);
size_t named_list_count(const struct named_list *);
void named_list_print(const struct named_list *, size_t which, struct text *); /* as it is typed */
/* Two of one kind; sorted.h says what `keep` is. A new list. */
struct named_list *named_list_merge(
    const struct named_list *, const struct named_list *, unsigned keep);
/* The same by and by, into one that is new and of that kind: true at the end. */
struct named_place {
	unsigned form;
	struct sorted_place in;
};
bool named_list_merge_some(struct named_list *out, const struct named_list *,
    const struct named_list *, unsigned keep, struct named_place *, size_t steps);
bool named_list_equal(const struct named_list *, const struct named_list *);
/* Of the kind that can: is it in there? */
bool named_list_has_prefix(const struct named_list *, const struct prefix *);
bool named_list_has_as(const struct named_list *, uint32_t asn);
/* Is one of the communities of an attribute's value? `code`: which kind of communities that is. */
bool named_list_meets(const struct named_list *, uint8_t code, struct reader value);

/* --- sets --- */
struct named_set {
	char *name;
	enum named_kind kind;
	struct named_list *said; /* by the configuration; NULL: it only calls it so far */
	struct named_list *now; /* what conditions ask */
	char by[64]; /* the client that said otherwise; "": nobody did */
	unsigned used; /* conditions that ask */
	const char *file; /* where it is written, or where it was called first */
	unsigned line, column;
};

struct named_sets {
	struct named_set **set;
	size_t count, cap;
	const char *file; /* that is being read */
};

void named_sets_free(struct named_sets *);
struct named_set *named_find(const struct named_sets *, const char *name); /* NULL: none */
bool named_may_be(const char *word); /* can that be the name of a set? */
/* It is written here. NULL with a reason: it is there already, or is called as one of another kind. */
struct named_set *named_write(
    struct named_sets *, enum named_kind, const struct word *name, struct reason *);
/* The set that a condition calls by the next word, which is taken; it may be written later. */
struct named_set *named_call(struct named_sets *, enum named_kind, struct words *, struct reason *);
/* A client says what it holds (takes the share); said again by nobody it is what the configuration says. */
void named_replace(struct named_set *, struct named_list *, const char *by);
/* A configuration takes the place of another: what clients said of a set stands where both say the same of it. */
void named_carry(const struct named_sets *old, struct named_sets *new);
#endif
