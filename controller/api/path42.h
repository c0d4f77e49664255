/* AS paths as ExaBGP 4.2 tells them: the ASNs of all sequences, then those of all sets, then the same of the
 * confederation; what stood between them is lost. */
#ifndef CONTROLLER_API_PATH42_H
#define CONTROLLER_API_PATH42_H
#include "common/reader.h"
#include "common/text.h"

/* `"as-path": [ 1, 2 ], "as-set": [ 3 ], "confederation-path": []`; nothing for an empty path. */
void path42_json(struct reader path, struct text *);
/* ` as-path [ 1 2 ( 3 ) ]`; nothing for an empty path. */
void path42_print(struct reader path, struct text *);
#endif
