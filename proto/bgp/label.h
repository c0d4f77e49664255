/* Stacks of MPLS labels in NLRI (RFC 8277 section 2): three octets each, the label in the upper twenty bits
 * and the bottom of the stack marked in the lowest. */
#ifndef PROTO_BGP_LABEL_H
#define PROTO_BGP_LABEL_H
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"

enum { LABEL_SIZE = 3, LABEL_MAX = 1048575, LABEL_SHIFT = 4, LABEL_BOTTOM = 1 };
#define LABEL_NONE UINT32_C(0x800000) /* where labels say nothing: RFC 8277 section 2.4 */

/* Take a stack: to the bottom, or a first field that says that there is none (0x800000, 0). Failed when the
 * octets end before. */
struct reader labels_take(struct reader *);
/* 100, or [ 100 200 ]. */
int labels_scan(struct words *, struct writer *, struct reason *);
void labels_print(struct reader stack, struct text *);
/* [[100, 1601]]: each label and the three octets that it came in; bare: [[100]]. */
void labels_tree(struct reader stack, struct tree *);
void labels_tree_bare(struct reader stack, struct tree *);
#endif
