/* Only to Customer (RFC 9234 section 5): what it does to routes of IPv4 and IPv6 unicast on a session between two
 * ASes whose role is configured. No other family is touched. */
#ifndef PROTO_BGP_OTC_H
#define PROTO_BGP_OTC_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/writer.h"
#include "proto/bgp/family.h"
#include "proto/bgp/params.h"

enum otc {
	OTC_NOTHING, /* the route is as it was */
	OTC_ADD, /* it gets the attribute: otc_put */
	OTC_LEAK /* received: it is not eligible; to be told: it is not */
};

enum otc otc_received(const struct session_params *, enum family, struct reader block);
/* `raw`: attributes typed by number, of which one may be this. */
enum otc otc_told(
    const struct session_params *, enum family, struct reader block, struct reader raw);
/* A canonical block with the attribute of `asn` in it: OTC_SIZE octets more. */
enum { OTC_SIZE = 7 };
void otc_put(struct writer *, struct reader block, uint32_t asn);
#endif
