/* A received UPDATE becomes a message of canonical routes. The attributes are attrs.h's; here are the fields
 * around them, the NLRI, the next hops, and what RFC 7606 makes of all faults together. Encoding is in
 * update_out.c. */
#include "proto/bgp/update.h"
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/otc.h"
#include "proto/bgp/route.h"

/* One body on its way. */
struct parser {
	struct update *u;
	const struct session_params *p;
	struct writer *w;
	struct attrs_in in;
	bool reachable; /* it announces something, in whatever family */
};

static void
complain(struct update *u, uint8_t code, enum penalty penalty, const char *what)
{
	if (penalty > u->worst)
		u->worst = penalty;
	if (u->complaints < COMPLAINTS)
		u->complaint[u->complaints++] = (struct complaint){ code, penalty, what };
}

/* The session cannot go on; u->fault says why. Gives -1, as fault_set does. */
static int
reset(struct update *u, uint8_t code, const char *what)
{
	complain(u, code, PENALTY_RESET, what);
	return -1;
}

static int
malformed(struct update *u, uint8_t subcode, uint8_t code, const char *field)
{
	fault_set(&u->fault, NOTIFY_UPDATE, subcode, NULL, 0, "malformed %s", field);
	return reset(u, code, "malformed");
}

/* Ours and the session's? What is not is left out, whatever it says (RFC 4760 section 7). */
static bool
spoken(struct parser *x, enum family family)
{
	if (family < FAMILIES && (x->p->families & family_bit(family)) && nlri_ops(family))
		return true;
	x->u->ignored++;
	return false;
}

static void
end_of_rib(struct parser *x, enum family family)
{
	if (family < FAMILIES && (x->p->families & family_bit(family))) {
		x->u->end_of_rib = true;
		x->u->end_of_rib_family = family;
	} else {
		x->u->ignored++;
	}
}

/* A field of NLRI, canonical in the scratch memory; -1 when it is malformed, NLRI_TO_WITHDRAW when something in
 * it must not be announced. */
static int
take_nlri(struct parser *x, enum family family, struct reader field, struct update_part *part)
{
	size_t mark = x->w->len;
	unsigned ignored = x->u->ignored;
	int said;

	*part = (struct update_part){
		.family = family,
		.path_ids = x->p->add_path_receive & family_bit(family),
	};
	said = nlri_parse(family, part->path_ids, &field, x->w, &x->u->ignored);
	if (said < 0)
		return -1;
	part->nlri = reader_of(x->w->base + mark, x->w->len - mark);
	if (x->u->ignored > ignored)
		complain(x->u, 0, PENALTY_NONE,
		    "a multicast prefix or a route of unknown type or form is ignored");
	return said;
}

static void
add_withdraw(struct update *u, const struct update_part *part)
{
	if (part->nlri.left > 0)
		u->withdraw[u->withdraws++] = *part;
}

/* 0.0.0.0, groups and all above them (as in NEXT_HOP); ::, groups, ::1 */
static bool
no_host(const struct addr *hop)
{
	if (addr_is_any(hop) || addr_is_multicast(hop))
		return true;
	return hop->family == 4 ? hop->bytes[0] >= 224 : addr_is_loopback(hop);
}

/* RFC 4271 section 6.3, and the same for IPv6. A loopback address is the neighbor's own as well as ours: no
 * sign of a loop. */
static void
add_announce(struct parser *x, struct update_part *part, uint8_t code)
{
	struct reader first = part->next_hop;
	struct addr hop = { 0 };

	if (part->nlri.left == 0)
		return;
	if (first.left > 0) {
		hop = addr_of(first.at, first.left == 4 ? 4 : 16);
		if (!x->p->offline && part->family < FAMILIES_NAMED && no_host(&hop))
			complain(x->u, code, PENALTY_WITHDRAW, "has a next hop that is no host");
	}
	if (first.left > 0 && !x->p->offline && addr_equal(&hop, &x->p->local_address) &&
	    !addr_is_loopback(&hop)) {
		complain(x->u, code, PENALTY_NONE, "has our own address as next hop, ignored");
		x->u->ignored += (unsigned)nlri_count(part->family, part->path_ids, part->nlri);
		return;
	}
	x->u->announce[x->u->announces++] = *part;
}

/* RFC 7606 section 3 (d). What nobody uses, as the tables that daemons write of their own routes, is told and shown. */
static void
lacks(struct parser *x, uint8_t code)
{
	complain(x->u, code, x->p->offline ? PENALTY_NONE : PENALTY_WITHDRAW, "missing");
}

static struct reader
next_hop_of(struct parser *x)
{
	size_t mark = x->w->len;

	writer_bytes(x->w, x->in.next_hop, sizeof x->in.next_hop);
	return reader_of(x->w->base + mark, x->w->len - mark);
}

/* The fields of RFC 4271: IPv4 unicast without a family's name. */
static int
take_classic(struct parser *x, struct reader withdrawn, struct reader nlri)
{
	struct update_part part;

	if (withdrawn.left > 0 && spoken(x, IPV4_UNICAST)) {
		if (take_nlri(x, IPV4_UNICAST, withdrawn, &part) < 0)
			return malformed(x->u, UPDATE_NETWORK, 0, "withdrawn routes");
		add_withdraw(x->u, &part);
	}
	if (nlri.left == 0)
		return 0;
	x->reachable = true;
	if (!spoken(x, IPV4_UNICAST))
		return 0;
	if (!attrs_seen(&x->in, ATTR_NEXT_HOP))
		lacks(x, ATTR_NEXT_HOP);
	if (take_nlri(x, IPV4_UNICAST, nlri, &part) < 0)
		return malformed(x->u, UPDATE_NETWORK, 0, "NLRI");
	if (x->in.has_next_hop)
		part.next_hop = next_hop_of(x);
	add_announce(x, &part, ATTR_NEXT_HOP);
	return 0;
}

/* Zero octets before an address in a next hop of VPN families (RFC 4364 section 4.3.2). */
static size_t
rd_size(enum family family)
{
	return family_table[family].rd ? 8 : 0;
}

/* Of the addresses alone: each stands behind its RD. SIZE_MAX: they can't. */
static size_t
plain_hop_length(enum family family, size_t len)
{
	size_t rd = rd_size(family), addresses = len > 16 + rd ? 2 : 1;

	return len == 0 || len >= addresses * rd ? len - (len > 0) * addresses * rd : SIZE_MAX;
}

/* The next hop of the other protocol where RFC 8950 was agreed on. ExaBGP and we say it where it was not, too. */
static bool
other_hop_length(enum family family, size_t plain, const struct session_params *p)
{
	if (!p->offline && !(p->nexthop6 & family_bit(family)))
		return false;
	return family_table[family].afi == AFI_IPV6 ? nlri_hop_ipv4(plain) : nlri_hop_ipv6(plain);
}

/* Without its RDs, and without a second address that is not link-local (RFC 2545 section 3). With the first
 * one unspecified, as of a neighbor that has no other, the link-local one stands alone. */
static struct reader
canonical_hop(struct parser *x, enum family family, struct reader hop)
{
	size_t rd = rd_size(family), mark = x->w->len;
	struct addr first, second;

	reader_sub(&hop, rd);
	if (hop.left <= 16) {
		writer_copy(x->w, hop);
		return reader_of(x->w->base + mark, x->w->len - mark);
	}
	first = addr_of(reader_take(&hop, 16), 16);
	reader_sub(&hop, rd);
	second = addr_of(reader_take(&hop, 16), 16);
	if (!addr_is_any(&first) || !addr_is_link_local(&second))
		writer_bytes(x->w, first.bytes, 16);
	if (addr_is_link_local(&second))
		writer_bytes(x->w, second.bytes, 16);
	return reader_of(x->w->base + mark, x->w->len - mark);
}

/* Attributes without which a route of its family is none. */
static void
check_lacks(struct parser *x, const struct update_part *part)
{
	const struct nlri_ops *ops = nlri_ops(part->family);
	const char *what = ops->lacks && part->nlri.left > 0 ? ops->lacks(x->in.block) : NULL;

	if (what && x->u->worst < PENALTY_WITHDRAW && !x->p->offline)
		complain(x->u, ATTR_MP_REACH, PENALTY_WITHDRAW, what);
}

/* RFC 4760 section 3; a fault of its syntax costs the session (RFC 7606 sections 5.3 and 7.11). */
static int
take_mp_reach(struct parser *x)
{
	struct reader r = x->in.mp_reach, hop;
	uint16_t afi = reader_u16(&r);
	uint8_t safi = reader_u8(&r);
	enum family family = family_of(afi, safi);
	struct update_part part;
	size_t plain;
	int said;

	hop = reader_sub(&r, reader_u8(&r));
	reader_u8(&r); /* reserved */
	if (!reader_ok(&r))
		return malformed(x->u, UPDATE_OPTIONAL, ATTR_MP_REACH, "MP_REACH_NLRI");
	x->reachable |= r.left > 0;
	if (!spoken(x, family))
		return 0;
	plain = plain_hop_length(family, hop.left);
	if (family >= FAMILIES_NAMED && !nlri_ops(family)->next_hop_length(plain)) {
		x->u->ignored++;
		complain(x->u, ATTR_MP_REACH, PENALTY_NONE,
		    "has a next hop of a length that is not known here, ignored");
		return 0;
	}
	if (!nlri_ops(family)->next_hop_length(plain) && !other_hop_length(family, plain, x->p) &&
	    !(x->p->offline && plain == 0))
		return malformed(
		    x->u, UPDATE_OPTIONAL, ATTR_MP_REACH, "MP_REACH_NLRI: length of the next hop");
	said = take_nlri(x, family, r, &part);
	if (said < 0)
		return malformed(x->u, UPDATE_OPTIONAL, ATTR_MP_REACH, "MP_REACH_NLRI: NLRI");
	if (said == NLRI_TO_WITHDRAW)
		complain(
		    x->u, ATTR_MP_REACH, PENALTY_WITHDRAW, "has a route that contradicts itself");
	check_lacks(x, &part);
	part.next_hop = canonical_hop(x, family, hop);
	add_announce(x, &part, ATTR_MP_REACH);
	return 0;
}

/* Nothing but an MP_UNREACH_NLRI without routes: RFC 4724 section 2. */
static bool
only_mp_unreach(const struct parser *x)
{
	const uint64_t *seen = x->in.seen;

	return seen[0] == UINT64_C(1) << ATTR_MP_UNREACH && !seen[1] && !seen[2] && !seen[3];
}

static int
take_mp_unreach(struct parser *x, bool alone)
{
	struct reader r = x->in.mp_unreach;
	uint16_t afi = reader_u16(&r);
	uint8_t safi = reader_u8(&r);
	enum family family = family_of(afi, safi);
	struct update_part part;

	if (!reader_ok(&r))
		return malformed(x->u, UPDATE_OPTIONAL, ATTR_MP_UNREACH, "MP_UNREACH_NLRI");
	if (r.left == 0) {
		if (alone && x->u->complaints == 0)
			end_of_rib(x, family);
		return 0;
	}
	if (!spoken(x, family))
		return 0;
	if (take_nlri(x, family, r, &part) < 0)
		return malformed(x->u, UPDATE_OPTIONAL, ATTR_MP_UNREACH, "MP_UNREACH_NLRI: NLRI");
	add_withdraw(x->u, &part);
	return 0;
}

static int
take_routes(struct parser *x, struct reader withdrawn, struct reader nlri)
{
	bool alone = only_mp_unreach(x) && withdrawn.left == 0 && nlri.left == 0;

	if (take_classic(x, withdrawn, nlri) < 0)
		return -1;
	if (x->in.has_mp_unreach && take_mp_unreach(x, alone) < 0)
		return -1;
	return x->in.has_mp_reach ? take_mp_reach(x) : 0;
}

/* LOCAL_PREF has a default, and many send none. */
static void
check_mandatory(struct parser *x)
{
	static const uint8_t mandatory[] = { ATTR_ORIGIN, ATTR_AS_PATH };

	if (!x->reachable)
		return;
	for (size_t i = 0; i < sizeof mandatory; i++)
		if (!attrs_seen(&x->in, mandatory[i]))
			lacks(x, mandatory[i]);
}

static uint8_t
subcode_of(uint8_t code)
{
	switch (code) {
	case ATTR_ORIGIN:
		return UPDATE_ORIGIN;
	case ATTR_AS_PATH:
		return UPDATE_AS_PATH;
	case ATTR_NEXT_HOP:
		return UPDATE_NEXT_HOP;
	case 0:
		return UPDATE_ATTRIBUTE_LIST;
	default:
		return UPDATE_OPTIONAL;
	}
}

/* RFC 7606 section 5.2: with other attributes than MP_UNREACH_NLRI and a fault among them, that nothing is
 * announced may mean that it was not found. */
static int
check_found(struct parser *x)
{
	struct update *u = x->u;
	const struct complaint *c = u->complaint;

	if (u->worst != PENALTY_WITHDRAW || x->reachable || (only_mp_unreach(x) && !x->in.lost))
		return 0;
	while (c < u->complaint + u->complaints && c->penalty != PENALTY_WITHDRAW)
		c++;
	fault_set(&u->fault, NOTIFY_UPDATE,
	    c < u->complaint + u->complaints ? subcode_of(c->code) : UPDATE_ATTRIBUTE_LIST, NULL, 0,
	    "attributes are malformed and no routes are found");
	return reset(u, 0, "malformed, and no routes are found");
}

static void
withdraw_instead(struct update *u, unsigned i)
{
	u->announce[i].next_hop = (struct reader){ 0 };
	add_withdraw(u, &u->announce[i]);
}

/* Routes that a peer of its role must not tell us are gone; what must carry OTC from now on gets it. */
static void
settle_otc(struct parser *x)
{
	struct update *u = x->u;
	enum otc worst = OTC_NOTHING;
	unsigned kept = 0;

	for (unsigned i = 0; i < u->announces; i++) {
		enum otc otc = otc_received(x->p, u->announce[i].family, x->in.block);

		worst = otc > worst ? otc : worst;
		if (otc == OTC_LEAK)
			withdraw_instead(u, i);
		else
			u->announce[kept++] = u->announce[i];
	}
	u->announces = (uint8_t)kept;
	if (worst == OTC_LEAK) {
		complain(u, ATTR_OTC, PENALTY_NONE, "says that this is a route leak (RFC 9234)");
	} else if (worst == OTC_ADD) {
		size_t mark = x->w->len;

		otc_put(x->w, x->in.block, x->p->peer_as);
		u->with_otc = reader_of(x->w->base + mark, x->w->len - mark);
	}
}

struct reader
update_said(const struct update *u, const struct update_part *part)
{
	bool unicast = part->family == IPV4_UNICAST || part->family == IPV6_UNICAST;

	return unicast && u->with_otc.left > 0 ? u->with_otc : u->attributes;
}

/* Treat-as-withdraw: RFC 7606 section 2. */
static void
settle(struct parser *x)
{
	struct update *u = x->u;
	bool fits = x->in.block.left <= ROUTE_HEARD_MAX;

	if (!fits && u->announces > 0)
		complain(u, 0, PENALTY_WITHDRAW, "the attributes are too long");
	if (x->p->role != 0 && u->worst < PENALTY_WITHDRAW)
		settle_otc(x);

	if (u->worst == PENALTY_WITHDRAW) {
		for (unsigned i = 0; i < u->announces; i++)
			withdraw_instead(u, i);
		u->announces = 0;
	}
	/* attributes of a route that is not taken (a leak, a family of no session) are not those of what is withdrawn */
	if (u->worst == PENALTY_WITHDRAW || !fits || (u->announces == 0 && x->reachable))
		return;
	u->attributes = x->in.block;
	if (u->announces == 0 && x->in.has_next_hop)
		u->next_hop = next_hop_of(x);
}

/* The three fields of a body (RFC 4271 section 4.3): what is left of it are the NLRI. False: the lengths are wrong. */
static bool
take_fields(struct reader *body, struct reader *withdrawn, struct reader *list)
{
	*withdrawn = reader_sub(body, reader_u16(body));
	*list = reader_sub(body, reader_u16(body));
	return reader_ok(body);
}

struct reader
update_ahead(struct reader body)
{
	struct reader withdrawn, list;

	return take_fields(&body, &withdrawn, &list) ? body : (struct reader){ 0 };
}

void
update_parse(
    struct update *u, struct reader body, const struct session_params *p, struct writer *scratch)
{
	struct parser x = { .u = u, .p = p, .w = scratch };
	struct reader withdrawn, list;

	memset(u, 0, sizeof *u);
	scratch->len = 0;
	scratch->failed = false;
	if (!take_fields(&body, &withdrawn, &list)) { /* RFC 7606 section 3 (b) */
		malformed(u, UPDATE_ATTRIBUTE_LIST, 0, "UPDATE: lengths");
		return;
	}
	if (withdrawn.left == 0 && list.left == 0 && body.left == 0) {
		end_of_rib(&x, IPV4_UNICAST);
		return;
	}
	attrs_parse(&x.in, list, p, scratch);
	u->worst = x.in.worst;
	u->complaints = x.in.complaints;
	memcpy(u->complaint, x.in.complaint, sizeof u->complaint);
	if (u->worst == PENALTY_RESET) {
		u->fault = x.in.fault;
		return;
	}
	if (take_routes(&x, withdrawn, body) < 0)
		return;
	check_mandatory(&x);
	if (check_found(&x) < 0)
		return;
	settle(&x);
}
