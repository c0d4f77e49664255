/* Route distinguishers (RFC 4364 section 4.2): eight octets, as 65000:1 (type 0), 192.0.2.1:1 (type 1) or
 * 4200000000:1 (type 2). Other types are written by number, 0x and sixteen digits. */
#ifndef PROTO_BGP_RD_H
#define PROTO_BGP_RD_H
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"

enum { RD_SIZE = 8, RD_TEXT = 32 };

/* Takes one word. -1 with a reason. */
int rd_scan(struct words *, uint8_t out[RD_SIZE], struct reason *);
const char *rd_text(struct reader rd, char out[RD_TEXT]); /* gives out */
void rd_print(struct reader rd, struct text *);
#endif
