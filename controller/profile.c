/* What is given with a route, completed by what every route has, as far as it is for this kind of neighbor. */
#include "controller/profile.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

enum { LOCAL_PREF_DEFAULT = 100 };

struct addr
profile_self(struct addr local, uint32_t router_id, enum family family)
{
	if (local.family == 0)
		return local;
	if (family_table[family].afi == AFI_IPV6)
		return local.family == 6 ? local : (struct addr){ 0 };
	return local.family == 4 ? local : addr_v4(router_id);
}

bool
profile_equal(const struct profile *a, const struct profile *b)
{
	return addr_equal(&a->self, &b->self) && a->local_as == b->local_as && a->ibgp == b->ibgp &&
	       a->aigp == b->aigp && a->member == b->member;
}

/* Inside the AS, or the confederation. */
static bool
is_inside(const struct profile *p)
{
	return p->ibgp || p->member;
}

/* An attribute that a route has although it was not given, framed. */
struct standard {
	uint8_t code, len, octets[9];
};

/* What every route has: ORIGIN, AS_PATH, and LOCAL_PREF inside the AS. In ascending order; gives how many. */
static unsigned
make_standards(const struct profile *p, struct standard s[3])
{
	static const struct standard origin = { ATTR_ORIGIN, 4,
		{ ATTR_TRANSITIVE, ATTR_ORIGIN, 1, ORIGIN_IGP } };
	static const struct standard empty = { ATTR_AS_PATH, 3,
		{ ATTR_TRANSITIVE, ATTR_AS_PATH, 0 } };
	static const struct standard preference = { ATTR_LOCAL_PREF, 7,
		{ ATTR_TRANSITIVE, ATTR_LOCAL_PREF, 4, 0, 0, 0, LOCAL_PREF_DEFAULT } };

	s[0] = origin;
	s[2] = preference;
	s[1] = empty;
	if (p->ibgp)
		return 3;
	s[1] = (struct standard){ ATTR_AS_PATH, 9,
		{ ATTR_TRANSITIVE, ATTR_AS_PATH, 6,
		    p->member ? SEGMENT_CONFED_SEQUENCE : SEGMENT_SEQUENCE, 1,
		    (uint8_t)(p->local_as >> 24), (uint8_t)(p->local_as >> 16),
		    (uint8_t)(p->local_as >> 8), (uint8_t)p->local_as } };
	return is_inside(p) ? 3 : 2;
}

/* What another member is told begins with our member AS (RFC 5065 section 5). */
static void
put_member_path(const struct profile *p, const struct attr *a, struct writer *w)
{
	size_t mark = attrs_begin(w, a->flags, a->code);

	writer_u8(w, SEGMENT_CONFED_SEQUENCE);
	writer_u8(w, 1);
	writer_u32(w, p->local_as);
	writer_copy(w, a->value);
	(void)attrs_end(w, mark);
}

/* What the operator gave, in its canonical order, and unless it goes bare what of the standards was not among it;
 * LOCAL_PREF and, unless it was asked for, AIGP stay inside. */
static void
put_attributes(const struct profile *p, const struct route_draft *d, bool bare, struct writer *w)
{
	struct standard standard[3];
	unsigned count = bare ? 0 : make_standards(p, standard), next = 0;
	struct reader rest = octets_read(&d->attributes), at = rest;
	struct attr a;

	for (; attrs_next(&rest, &a); at = rest) {
		while (next < count && standard[next].code < a.code) {
			writer_bytes(w, standard[next].octets, standard[next].len);
			next++;
		}
		next += next < count && standard[next].code == a.code;
		if (!is_inside(p) &&
		    (a.code == ATTR_LOCAL_PREF || (a.code == ATTR_AIGP && !p->aigp)))
			continue;
		if (p->member && a.code == ATTR_AS_PATH && !path_leads_confed(a.value))
			put_member_path(p, &a, w);
		else
			writer_bytes(w, at.at, at.left - rest.left);
	}
	for (; next < count; next++)
		writer_bytes(w, standard[next].octets, standard[next].len);
}

static int
put_value(const struct profile *p, const struct route_draft *d, bool bare, struct writer *value)
{
	struct route_value v = { .raw = octets_read(&d->raw) };

	v.next_hop = d->next_hop_self ? reader_of(p->self.bytes, addr_size(&p->self))
				      : reader_of(d->next_hop, d->next_hop_len);
	route_value_write(&v, value); /* the attributes are what stands last in it */
	put_attributes(p, d, bare, value);
	return writer_ok(value) ? 0 : -1;
}

int
profile_value(const struct profile *p, const struct route_draft *d, struct writer *value)
{
	return put_value(p, d, false, value);
}

int
profile_withdraw(const struct profile *p, const struct route_draft *d, struct writer *value)
{
	const struct family_info *f = &family_table[d->family];

	if (f->sparse && (!f->bare_withdraw || d->attributes.len + d->raw.len == 0))
		return 0;
	return put_value(p, d, f->sparse, value);
}
