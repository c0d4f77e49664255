#include "proto/bgp/nlri/flow_look.h"
#include <string.h>
#include "proto/bgp/rd.h"

enum { PASSES = 8 };

unsigned
flow_look_type(const char *word)
{
	if (strcmp(word, "destination") == 0 || strcmp(word, "source") == 0) /* as they are typed */
		return *word == 'd' ? FLOW_DESTINATION : FLOW_SOURCE;
	for (unsigned type = FLOW_DESTINATION; type < FLOW_TYPES; type++)
		for (int ipv6 = 0; ipv6 < 2; ipv6++) {
			const struct flow_kind *k = flow_kind(type, ipv6);

			if (k && k->word[ipv6] && strcmp(k->word[ipv6], word) == 0)
				return type;
		}
	return 0;
}

static const struct flow_kind *
kind_of(unsigned type)
{
	const struct flow_kind *k = flow_kind(type, false);

	return k ? k : flow_kind(type, true);
}

enum flow_form
flow_look_form(unsigned type)
{
	return kind_of(type)->form;
}

bool
flow_look_name(unsigned type, const char *name, uint32_t *value)
{
	for (const struct flow_name *n = kind_of(type)->names; n && n->name; n++)
		if (strcmp(n->name, name) == 0) {
			*value = n->value;
			return true;
		}
	return false;
}

static bool
is_ipv6(enum family f)
{
	return f == IPV6_FLOW || f == IPV6_FLOW_VPN;
}

/* Step over one component, behind its type. */
static struct reader
take(struct reader *body, const struct flow_kind *k, bool ipv6)
{
	struct reader start = *body;
	unsigned bits, op;

	if (k->form == FLOW_PREFIX) {
		bits = reader_u8(body);
		if (ipv6)
			(void)reader_u8(body);
		(void)reader_sub(body, (bits + 7) / 8);
	} else {
		do {
			op = reader_u8(body);
			(void)flow_value(body, op);
		} while (!(op & FLOW_END) && reader_ok(body));
	}
	return reader_of(start.at, start.left - body->left);
}

bool
flow_look(enum family f, struct reader nlri, unsigned type, struct reader *component)
{
	bool vpn = f == IPV4_FLOW_VPN || f == IPV6_FLOW_VPN;
	const struct flow_kind *k;
	struct reader body;

	if (f != IPV4_FLOW && f != IPV6_FLOW && !vpn)
		return false;
	body = flow_body(&nlri);
	(void)reader_sub(&body, vpn ? RD_SIZE : 0);
	while (body.left > 0) {
		unsigned found = reader_u8(&body);

		k = flow_kind(found, is_ipv6(f));
		if (!k)
			return false;
		*component = take(&body, k, is_ipv6(f));
		if (!reader_ok(&body) || found >= type)
			return reader_ok(&body) && found == type;
	}
	return false;
}

bool
flow_look_prefix(enum family f, struct reader component, struct prefix *p)
{
	unsigned offset;

	*p = (struct prefix){ .addr.family = is_ipv6(f) ? 6 : 4 };
	p->len = reader_u8(&component);
	offset = is_ipv6(f) ? reader_u8(&component) : 0;
	if (!reader_ok(&component) || offset > 0 || component.left > addr_size(&p->addr))
		return false;
	if (component.left > 0)
		memcpy(p->addr.bytes, component.at, component.left);
	return true;
}

/* The values of [low, high] that one comparison leaves; a hole in the middle takes none of the ends. */
static void
narrow(unsigned op, uint32_t value, int64_t *low, int64_t *high)
{
	int64_t v = value;

	switch (op & FLOW_NUMERIC) {
	case 0:
		*high = *low - 1;
		break;
	case FLOW_EQUAL:
		*low = *low > v ? *low : v;
		*high = *high < v ? *high : v;
		break;
	case FLOW_MORE:
	case FLOW_MORE | FLOW_EQUAL:
		v += !(op & FLOW_EQUAL);
		*low = *low > v ? *low : v;
		break;
	case FLOW_LESS:
	case FLOW_LESS | FLOW_EQUAL:
		v -= !(op & FLOW_EQUAL);
		*high = *high < v ? *high : v;
		break;
	case FLOW_LESS | FLOW_MORE:
		*low += *low == v;
		*high -= *high == v;
		break;
	default:
		break;
	}
}

/* Comparisons that have to hold together: is anything left? Holes may stand at ends that come only later, so they are
 * gone through until nothing changes; with more of them than anybody writes something counts as left. */
static bool
lets_group(struct reader group, int64_t low, int64_t high)
{
	int64_t before;
	unsigned pass = 0;

	do {
		struct reader r = group;

		before = high - low;
		while (r.left > 0 && low <= high) {
			unsigned op = reader_u8(&r);

			narrow(op, (uint32_t)flow_value(&r, op), &low, &high);
		}
	} while (low <= high && high - low != before && ++pass < PASSES);
	return low <= high;
}

bool
flow_look_lets(struct reader component, uint32_t low, uint32_t high)
{
	while (component.left > 0 && reader_ok(&component)) {
		struct reader start = component;
		unsigned op = reader_u8(&component);

		(void)flow_value(&component, op);
		while (!(op & FLOW_END) && component.left > 0 &&
		       (reader_peek(&component) & FLOW_AND)) {
			op = reader_u8(&component);
			(void)flow_value(&component, op);
		}
		if (reader_ok(&component) &&
		    lets_group(reader_of(start.at, start.left - component.left), low, high))
			return true;
	}
	return false;
}

bool
flow_look_bits(struct reader component, uint32_t bits)
{
	while (component.left > 0 && reader_ok(&component)) {
		unsigned op = reader_u8(&component);
		uint32_t value = (uint32_t)flow_value(&component, op);

		if (reader_ok(&component) && (bits ? (value & bits) == bits : value == 0))
			return true;
	}
	return false;
}
