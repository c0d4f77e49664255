/* JSON text (RFC 8259), piece by piece; tree_json is the way to whole values. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H
#include <stddef.h>
#include "common/text.h"

/* A string in its quotes. What JSON wants escaped is; an octet that is no UTF-8 becomes \u00xx. */
void json_string(struct text *, const char *, size_t len);
#endif
