/* Values of the configuration: scan, copy, compare, free, by the kind that a row of the schema names.
 * `field` is the address of the value itself. */
#ifndef CONTROLLER_CONFIG_VALUE_H
#define CONTROLLER_CONFIG_VALUE_H
#include "common/reason.h"
#include "common/words.h"
#include "controller/config/schema.h"

/* Take the value off the words. -1 with a reason, the field as it was. */
int value_scan(const struct row *, void *field, struct words *, struct reason *);
/* The same from a text of the schema, which is right. */
void value_set(const struct row *, void *field, const char *text);
/* Lists are appended to, everything else is replaced. */
void value_copy(const struct row *, void *to, const void *from);
bool value_equal(const struct row *, const void *, const void *);
void value_free(const struct row *, void *field);
/* "a number 1..65535, or disable" */
void value_expected(const struct row *, char *out, size_t size);

int asn_scan(const char *text, uint64_t *asn); /* "65536", "1.0"; -1 */
void names_add(struct config_names *, const char *name, size_t len);
void names_free(struct config_names *);
bool names_have(const struct config_names *, const char *name);
#endif
