/* What is given with a route, completed by what every route has, as far as it is for this kind of neighbor. */
#include "controller/profile.h"
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
	       a->aigp == b->aigp;
}

/* The attributes that every route has: ORIGIN, AS_PATH, and LOCAL_PREF inside the AS. */
static void
put_defaults(const struct profile *p, struct writer *w)
{
	uint8_t memory[8];
	struct writer v = writer_of(memory, sizeof memory);

	writer_u8(&v, ORIGIN_IGP);
	attrs_put(w, ATTR_TRANSITIVE, ATTR_ORIGIN, writer_read(&v));
	v = writer_of(memory, sizeof memory);
	if (!p->ibgp) {
		writer_u8(&v, SEGMENT_SEQUENCE);
		writer_u8(&v, 1);
		writer_u32(&v, p->local_as);
	}
	attrs_put(w, ATTR_TRANSITIVE, ATTR_AS_PATH, writer_read(&v));
	if (!p->ibgp)
		return;
	v = writer_of(memory, sizeof memory);
	writer_u32(&v, LOCAL_PREF_DEFAULT);
	attrs_put(w, ATTR_TRANSITIVE, ATTR_LOCAL_PREF, writer_read(&v));
}

/* What the operator gave goes over the defaults; LOCAL_PREF and, unless it was asked for, AIGP stay inside. */
static void
put_attributes(const struct profile *p, const struct route_draft *d, struct writer *w)
{
	static uint8_t defaults_memory[64], laid_memory[ROUTE_VALUE_MAX];
	struct writer defaults = writer_of(defaults_memory, sizeof defaults_memory);
	struct writer laid = writer_of(laid_memory, sizeof laid_memory);
	struct reader block;
	struct attr a;

	put_defaults(p, &defaults);
	attrs_overlay(&laid, writer_read(&defaults), octets_read(&d->attributes));
	block = writer_read(&laid);
	while (attrs_next(&block, &a)) {
		if (!p->ibgp && (a.code == ATTR_LOCAL_PREF || (a.code == ATTR_AIGP && !p->aigp)))
			continue;
		attrs_put(w, a.flags, a.code, a.value);
	}
	if (!writer_ok(&laid))
		w->failed = true;
}

int
profile_value(const struct profile *p, const struct route_draft *d, struct writer *value)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer attributes = writer_of(memory, sizeof memory);
	struct route_value v = { .raw = octets_read(&d->raw) };

	put_attributes(p, d, &attributes);
	v.attributes = writer_read(&attributes);
	v.next_hop = d->next_hop_self ? reader_of(p->self.bytes, addr_size(&p->self))
				      : reader_of(d->next_hop, d->next_hop_len);
	route_value_write(&v, value);
	return writer_ok(&attributes) && writer_ok(value) ? 0 : -1;
}
