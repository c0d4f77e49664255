/* A frame's fields as a table that packs, unpacks, checks and prints it: one row a field. The body is a map
 * with text keys; a reader ignores keys it does not know and leaves what is missing at its default, so
 * edge and centre can be of different releases. */
#ifndef PROTO_FRAME_FIELD_H
#define PROTO_FRAME_FIELD_H
#include <stddef.h>
#include "common/pack.h"
#include "common/reason.h"
#include "common/text.h"

enum field_kind {
	FIELD_BOOL,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_I32,       /* zero and above; -1 is "not set" and left out */
	FIELD_TEXT,      /* char[size], NUL-terminated */
	FIELD_SECRET,    /* likewise, never printed */
	FIELD_ADDR,      /* struct addr; bin of 0, 4 or 16 octets */
	FIELD_BITS,      /* uint8_t[size]; bin of at most size octets, zero octets at its end left out */
	FIELD_KEY,       /* as FIELD_BITS, never printed */
	FIELD_FAMILIES,  /* uint32_t, bit per enum family; array of family codes, unknown ones skipped */
	FIELD_FAMILY_U8, /* uint8_t[FAMILIES]; map of family code to number, zero left out */
	FIELD_FAMILY_U16 /* uint16_t[FAMILIES]; likewise */
};

struct field {
	const char *name;
	enum field_kind kind;
	uint16_t offset, size;
};

#define FIELD(type, member, kind)                                                                    \
	{ #member, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
/* A member of a member, under a name of its own. */
#define FIELD_INNER(type, name, member, kind)                                                        \
	{ name, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define FIELD_LAST { 0 }

/* A table ends with FIELD_LAST. Fields that are zero, empty or not set are left out. */
void fields_pack(const struct field *, const void *value, struct pack *);
/* -1 with a reason naming the field (wrong kind, out of range, text too long). */
int fields_unpack(const struct field *, const struct node *map, void *value, struct reason *);
void fields_print(const struct field *, const void *value, struct text *); /* for logs: name=value ... */
#endif
