/* Changes of an AS path: ASes taken out of it, or others put in their place.
 *
 *      as-path remove 65001            as-path remove [ 64512-65534 65536 ]
 *      as-path replace 65001 65002     as-path remove-private      as-path replace-private 65002
 *
 * Sequences and sets alike; segments of a confederation are left alone (RFC 5065: who looks at them counts on them).
 * Private are the ASes of RFC 6996. */
#ifndef CONTROLLER_POLICY_PATH_EDIT_H
#define CONTROLLER_POLICY_PATH_EDIT_H
#include <stdbool.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/words.h"
#include "common/writer.h"

struct path_edit;

/* What stands behind `as-path`. NULL with a reason. */
struct path_edit *path_edit_scan(struct words *, struct reason *);
void path_edit_free(struct path_edit *);
/* Append the path as it is then; true when it is another. */
bool path_edit_apply(const struct path_edit *, struct reader path, struct writer *);
#endif
