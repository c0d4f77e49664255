/* Values that several attributes share: a number of four octets, an IPv4 address. */
#ifndef PROTO_BGP_ATTR_VALUE_H
#define PROTO_BGP_ATTR_VALUE_H
#include "proto/bgp/attr.h"

int u32_value_check(struct reader, const struct session_params *); /* exactly four octets */
int u32_value_scan(struct words *, struct writer *, struct reason *);
void u32_value_print(struct reader, struct text *);
void u32_value_tree(struct reader, struct tree *);
int ipv4_value_scan(struct words *, struct writer *, struct reason *);
void ipv4_value_print(struct reader, struct text *);
void ipv4_value_tree(struct reader, struct tree *);
/* Not empty, and whole items of that size? */
int items_check(struct reader, size_t size);
/* RFC 7606: what is for iBGP alone is discarded when it comes from outside. */
bool value_from_outside(const struct session_params *);
#endif
