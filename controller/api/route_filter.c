#include "controller/api/route_filter.h"
#include <string.h>
#include "proto/bgp/nlri.h"

void
route_filter_init(struct route_filter *f)
{
	*f = (struct route_filter){ .families = UINT32_MAX };
}

static int
scan_prefix(struct call *c, struct route_filter *filter)
{
	enum family f = strchr(words_peek(&c->words), ':') ? IPV6_UNICAST : IPV4_UNICAST;
	struct writer out = writer_of(filter->prefix, sizeof filter->prefix);

	if (nlri_ops(f)->scan(&c->words, &out, &c->why) < 0)
		return -1;
	filter->prefix_len = (uint8_t)out.len;
	filter->afi = family_table[f].afi;
	filter->longer = words_take(&c->words, "longer");
	return 1;
}

static bool
scan_family(struct call *c, struct route_filter *filter)
{
	struct words words = c->words;
	const struct word *afi = words_next(&words), *safi = words_next(&words);
	enum family f = afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;

	if (f == FAMILY_UNKNOWN)
		return false;
	filter->families &= family_bit(f);
	c->words = words;
	return true;
}

int
route_filter_scan(struct call *c, struct route_filter *filter)
{
	return strchr(words_peek(&c->words), '/') ? scan_prefix(c, filter) : scan_family(c, filter);
}

bool
route_filter_family(const struct route_filter *filter, enum family f)
{
	return (filter->families & family_bit(f)) &&
	       (filter->prefix_len == 0 || family_table[f].afi == filter->afi);
}

/* The first bits of both are the same, so many as `outer` has. */
static bool
within(struct reader outer, struct reader inner)
{
	unsigned outer_len = reader_u8(&outer), inner_len = reader_u8(&inner),
		 whole = outer_len / 8, rest = outer_len % 8;

	if (inner_len < outer_len || inner.left < whole + (rest > 0) ||
	    (whole > 0 && memcmp(outer.at, inner.at, whole) != 0))
		return false;
	return rest == 0 || ((outer.at[whole] ^ inner.at[whole]) >> (8 - rest)) == 0;
}

bool
route_filter_passes(const struct route_filter *filter, enum family f, struct reader nlri)
{
	const struct nlri_ops *ops = nlri_ops(f);
	struct reader outer = reader_of(filter->prefix, filter->prefix_len), inner;
	uint8_t room[NLRI_PREFIX_MAX];

	if (!route_filter_family(filter, f))
		return false;
	if (filter->prefix_len == 0)
		return true;
	if (!ops || !ops->prefix)
		return false;
	inner = ops->prefix(nlri, room);
	return filter->longer ? within(outer, inner) : reader_equal(outer, inner);
}

struct reader
route_filter_key(const struct route_filter *filter, enum family f)
{
	bool plain =
	    f == IPV4_UNICAST || f == IPV4_MULTICAST || f == IPV6_UNICAST || f == IPV6_MULTICAST;

	return filter->longer || !plain || !route_filter_family(filter, f)
		   ? (struct reader){ 0 }
		   : reader_of(filter->prefix, filter->prefix_len);
}
