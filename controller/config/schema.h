/* The grammar as data. A keyword is one row, which drives reading, defaults, inheritance, comparison, freeing
 * and what an error says was expected. */
#ifndef CONTROLLER_CONFIG_SCHEMA_H
#define CONTROLLER_CONFIG_SCHEMA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/words.h"
#include "controller/config/config.h"

struct loader;

enum section {
	SECTION_ROOT,
	SECTION_PROCESS,
	SECTION_SPEAKER,
	SECTION_CLIENT,
	SECTION_CONTROLLER,
	SECTION_DECISION,
	SECTION_TEMPLATE,
	SECTION_NEIGHBOR,
	SECTION_CAPABILITY,
	SECTION_TCP_AO,
	SECTION_CONFEDERATION,
	SECTION_FAMILY,
	SECTION_ADD_PATH,
	SECTION_NEXTHOP,
	SECTION_API,
	SECTION_MESSAGES,
	SECTION_STATIC,
	SECTION_ROUTE,
	SECTION_ANNOUNCE,
	SECTION_ANNOUNCE_IP,
	SECTION_ANNOUNCE_L2VPN,
	SECTION_ANNOUNCE_BGP_LS,
	SECTION_FLOW,
	SECTION_L2VPN,
	SECTION_OPERATIONAL,
	SECTION_POLICY,
	SECTION_RULE,
	SECTION_MATCH,
	SECTION_THEN,
	SECTION_RPKI,
	SECTION_CACHE,
	SECTION_SET,
	SECTIONS
};

enum kind {
	/* values: a field of `size` octets at `offset` */
	KIND_CHOICE, /* one of `choices` */
	KIND_NUMBER, /* min..max, or one of `choices` */
	KIND_ASN, /* as a number, or high.low */
	KIND_ADDR, /* struct addr, or one of `choices`: no address */
	KIND_PREFIX, /* struct prefix */
	KIND_ID, /* dotted quad into a uint32_t */
	KIND_TEXT, /* char *, one word of min..max octets */
	KIND_NAMES, /* struct config_names: a word or [ words ], commas skipped */
	KIND_WORDS, /* struct config_names: all words up to the end */
	/* statements */
	KIND_OWN, /* `statement` reads the rest */
	KIND_SECTION, /* NAME ... { */
	KIND_ROUTE, /* a route on one line, or its block */
	KIND_MOVED /* of old versions: `expected` says what to write instead */
};

struct choice {
	const char *name; /* compared without case */
	int64_t value;
};

struct row {
	enum section in;
	const char *name;
	enum kind kind;
	size_t offset, size;
	uint64_t min, max;
	const struct choice *choices; /* ends with a NULL name */
	const char *absent,
	    *bare; /* the value when not written; when written without one (NULL: error) */
	bool needed; /* must be written */
	bool phrase; /* a text of several words without quotes, too, or of none */
	bool live; /* a change of it needs no new session */
	bool (*check)(const void *field);
	const char *expected; /* what a value looks like, when kind and bounds do not say it all */
	enum section enters;
	/* Read what stands between the keyword and the brace; the object that the section is about, or NULL. */
	void *(*enter)(struct loader *, const struct row *, void *base, struct words *);
	int (*leave)(struct loader *, void *base);
	int (*statement)(struct loader *, const struct row *, void *base, struct words *);
	const char *help;
};

extern const struct row schema[];
extern const size_t schema_count;

const char *section_name(enum section);
/* NULL when the section has no such keyword. */
const struct row *schema_find(enum section, const char *name);
/* A row of that name anywhere, to say where it belongs; NULL. */
const struct row *schema_elsewhere(const char *name);
/* Keywords of a section, NULL-terminated, cut at `cap`. */
size_t schema_names(enum section, const char **names, size_t cap);
bool row_is_value(const struct row *);
size_t row_number(const struct row *);

/* The field of a neighbor that this row is about; NULL when it is not about a value of a neighbor. */
void *row_in_neighbor(const struct row *, struct config_neighbor *);
const void *row_of_neighbor(const struct row *, const struct config_neighbor *);
bool row_given(const struct row *, const uint64_t given[CONFIG_GIVEN]);
void row_give(const struct row *, uint64_t given[CONFIG_GIVEN]);

/* All values of a section's object set to their defaults; freed. */
void section_defaults(enum section, void *base);
void section_free(enum section, void *base);
#endif
