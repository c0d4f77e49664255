/* BGP-LS and BGP-LS-VPN (RFC 9552 section 5.2, RFC 9514 section 6): a type, a length, an RD in a VPN, the
 * protocol that it was learnt from, and descriptors. All octets are what it is identified by. Types and
 * descriptors that we don't know are carried as they came (section 5.1). What is malformed within its length is
 * left out (section 8.2.2), what it says is not looked into: that is for who consumes it. */
#include "common/addr.h"
#include "proto/bgp/nlri/bgpls.h"
#include "proto/bgp/rd.h"

static const struct bgpls_kind kinds[] = {
	{ BGPLS_NODE, 0, true, "node", "bgpls-node" },
	{ BGPLS_LINK, BGPLS_REMOTE_NODE, false, "link", "bgpls-link" },
	{ BGPLS_PREFIX_V4, BGPLS_REACHABILITY, true, "prefix", "bgpls-prefix-v4" },
	{ BGPLS_PREFIX_V6, BGPLS_REACHABILITY, true, "prefix", "bgpls-prefix-v6" },
	{ BGPLS_SRV6_SID, BGPLS_SID, false, "srv6-sid", "bgpls-srv6sid" },
};

const struct bgpls_kind *
bgpls_kind(uint16_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

bool
bgpls_tlv_next(struct reader *r, uint16_t *type, struct reader *value)
{
	if (r->left == 0)
		return false;
	*type = reader_u16(r);
	*value = reader_sub(r, reader_u16(r));
	return reader_ok(r);
}

struct reader
bgpls_find(struct reader tlvs, uint16_t type)
{
	struct reader value;
	uint16_t one;

	while (bgpls_tlv_next(&tlvs, &one, &value))
		if (one == type)
			return value;
	return (struct reader){ 0 };
}

struct prefix
bgpls_prefix(struct reader reachability, bool v6)
{
	uint8_t octets[16] = { 0 };
	struct prefix p = { .len = reader_u8(&reachability) };

	for (size_t i = 0; reachability.left > 0 && i < sizeof octets; i++)
		octets[i] = reader_u8(&reachability);
	p.addr = addr_of(octets, v6 ? 16 : 4);
	prefix_mask(&p);
	return p;
}

/* Length and octets of a prefix. Some senders leave zero octets out, some fill them up. */
static bool
reachability_ok(struct reader r, uint16_t type)
{
	unsigned bits = type == BGPLS_PREFIX_V4 ? 32 : 128;

	return r.left > 0 && reader_u8(&r) <= bits && r.left <= bits / 8;
}

static bool
descriptor_ok(uint16_t code, struct reader value, uint16_t type)
{
	switch (code) {
	case BGPLS_AS:
	case BGPLS_IDENTIFIER:
	case BGPLS_AREA:
	case BGPLS_BGP_ROUTER_ID:
	case BGPLS_MEMBER_AS:
	case BGPLS_INTERFACE_V4:
	case BGPLS_NEIGHBOR_V4:
		return value.left == 4;
	case BGPLS_INTERFACE_V6:
	case BGPLS_NEIGHBOR_V6:
	case BGPLS_SID:
		return value.left == 16;
	case BGPLS_LINK_IDS:
		return value.left == 8;
	case BGPLS_TOPOLOGIES:
		return value.left > 0 && value.left % 2 == 0;
	case BGPLS_OSPF_ROUTE_TYPE:
		return value.left == 1;
	case BGPLS_REACHABILITY:
		return reachability_ok(value, type);
	default:
		return true;
	}
}

/* What a node is known by: at least one descriptor, and none twice. */
static bool
node_ok(struct reader r, uint16_t type)
{
	struct reader all = r, value;
	uint16_t code;

	if (r.left == 0)
		return false;
	while (bgpls_tlv_next(&r, &code, &value))
		if (!descriptor_ok(code, value, type) || bgpls_find(all, code).at != value.at)
			return false;
	return reader_done(&r);
}

/* In ascending order of type. RFC 7752 and RFC 9552 order those of one type differently: either will do. */
static bool
tlvs_ok(struct reader r, const struct bgpls_kind *kind)
{
	bool local = false, needed = kind->needs == 0;
	struct reader value;
	uint16_t code, last = 0;

	for (; bgpls_tlv_next(&r, &code, &value); last = code) {
		bool node = code == BGPLS_LOCAL_NODE || code == BGPLS_REMOTE_NODE;

		if (code < last || (node && code == last))
			return false;
		if (node ? !node_ok(value, kind->type) : !descriptor_ok(code, value, kind->type))
			return false;
		local |= code == BGPLS_LOCAL_NODE;
		needed |= code == kind->needs;
	}
	return reader_done(&r) && local && needed;
}

static bool
cut(struct reader r, uint16_t type, bool vpn, struct bgpls *b)
{
	*b = (struct bgpls){ .kind = bgpls_kind(type), .type = type };
	if (vpn)
		b->rd = reader_sub(&r, RD_SIZE);
	b->body = r;
	if (!b->kind)
		return reader_ok(&r);
	b->protocol = reader_u8(&r);
	b->identifier = reader_u64(&r);
	b->tlvs = r;
	return reader_ok(&r) && tlvs_ok(r, b->kind);
}

bool
bgpls_cut(struct reader nlri, bool vpn, struct bgpls *b)
{
	uint16_t type = reader_u16(&nlri);

	reader_u16(&nlri);
	return cut(nlri, type, vpn, b);
}

int
bgpls_parse(struct reader *r, bool vpn, struct writer *w)
{
	uint16_t type = reader_u16(r);
	struct reader body = reader_sub(r, reader_u16(r));
	size_t mark = w->len;
	struct bgpls b;

	if (!reader_ok(r))
		return NLRI_MALFORMED;
	if (body.left > NLRI_MAX - BGPLS_HEAD || !cut(body, type, vpn, &b))
		return NLRI_LEFT_OUT;
	writer_u16(w, type);
	writer_u16(w, body.left);
	writer_copy(w, body);
	if (writer_ok(w))
		return NLRI_TAKEN;
	w->len = mark;
	return NLRI_MALFORMED;
}

static struct reader
take(struct reader *r)
{
	struct reader ahead = *r;

	reader_u16(&ahead);
	return reader_sub(r, BGPLS_HEAD + (size_t)reader_u16(&ahead));
}

static int
plain_parse(struct reader *r, struct writer *w)
{
	return bgpls_parse(r, false, w);
}

static int
vpn_parse(struct reader *r, struct writer *w)
{
	return bgpls_parse(r, true, w);
}

static void
plain_print(struct reader nlri, struct text *t)
{
	bgpls_print(nlri, false, t);
}

static void
vpn_print(struct reader nlri, struct text *t)
{
	bgpls_print(nlri, true, t);
}

static void
plain_tree(struct reader nlri, struct reader next_hop, struct tree *tree)
{
	bgpls_tree(nlri, false, next_hop, tree);
}

static void
vpn_tree(struct reader nlri, struct reader next_hop, struct tree *tree)
{
	bgpls_tree(nlri, true, next_hop, tree);
}

const struct nlri_ops nlri_bgp_ls = {
	.parse = plain_parse,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.scan = bgpls_scan,
	.words = bgpls_words,
	.build = bgpls_build,
	.print = plain_print,
	.tree_hop = plain_tree,
};

const struct nlri_ops nlri_bgp_ls_vpn = {
	.parse = vpn_parse,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.scan = bgpls_scan,
	.words = bgpls_vpn_words,
	.build = bgpls_build,
	.print = vpn_print,
	.tree_hop = vpn_tree,
};
