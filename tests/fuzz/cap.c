/* A capability. [ code, how many octets of value each, values ]: one is read after the other into one set, as from
 * an OPEN that says it several times. What they come to is shown, written, and read again to the same. */
#include <string.h>
#include "proto/bgp/cap.h"
#include "proto/bgp/open.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = 64 * 1024 };

static const struct cap_ops *
ops_of(uint8_t code)
{
	const struct cap_ops *ops = cap_by_code(code);

	return ops ? ops : cap_table[code % cap_count];
}

static void
read_again(void *caps, uint8_t code, struct reader value)
{
	fuzz_require(cap_by_code(code)->parse(caps, &value) == 0,
	    "capability %u is refused as written", code);
}

static void
show_open(const void *arg, struct tree *t)
{
	open_tree(arg, t, false);
}

static void
read_all(const struct cap_ops *ops, struct caps *caps, struct reader r, uint8_t each)
{
	while (r.left > 0) {
		struct reader value = reader_sub(&r, r.left < each ? r.left : each);
		struct caps before = *caps;

		if (ops->parse(caps, &value) < 0 && memcmp(&before, caps, sizeof before) != 0)
			fuzz_require(false, "%s: malformed, and something stays of it", ops->name);
	}
}

/* Families that are none of ours are not said again, nor paths of families that have none. */
static bool
same(const struct caps *a, const struct caps *b)
{
	return a->families == b->families && (b->nexthop6 & ~a->nexthop6) == 0 &&
	       a->asn4 == b->asn4 && memcmp(&a->graceful, &b->graceful, sizeof a->graceful) == 0 &&
	       strcmp(a->host_name, b->host_name) == 0 &&
	       strcmp(a->domain_name, b->domain_name) == 0 && strcmp(a->software, b->software) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct open o, again, third;
	const struct cap_ops *ops;
	struct text text = { 0 };

	if (len < 3)
		return 0;
	memset(&o, 0, sizeof o);
	o.version = 4;
	third = again = o;
	ops = ops_of(data[0]);
	read_all(ops, &o.caps, reader_of(data + 2, len - 2), data[1] ? data[1] : UINT8_MAX);
	if (caps_have(&o.caps, ops->code)) {
		open_print(&o, &text, false);
		open_print(&o, &text, true);
		fuzz_shown(show_open, &o);
		ops->encode(&o.caps, read_again, &again.caps);
		ops->encode(&again.caps, read_again, &third.caps);
		fuzz_require(!caps_have(&again.caps, ops->code) || same(&o.caps, &again.caps),
		    "%s: is written otherwise than it was read", ops->name);
		fuzz_require(memcmp(&again, &third, sizeof third) == 0, "%s: changes as it travels",
		    ops->name);
	}
	text_fini(&text);
	return 0;
}
