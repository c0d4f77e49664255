/* A list of attributes as received becomes a canonical block: framing, flags, duplicates, unknown ones and
 * the penalties of RFC 7606, and the merging of RFC 6793 section 4.2.3. */
#include <string.h>
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"

/* What stands of a received list, in ascending code. */
struct kept {
	struct attr at[256];
	size_t count;
};

static void
complain(struct attrs_in *in, uint8_t code, enum penalty penalty, const char *what)
{
	if (penalty > in->worst)
		in->worst = penalty;
	if (in->complaints < COMPLAINTS)
		in->complaint[in->complaints++] = (struct complaint){ code, penalty, what };
}

void
complaint_print(const struct complaint *c, struct text *t)
{
	if (c->code)
		text_printf(t, "attribute %u ", c->code);
	text_add(t, c->what);
}

int
complaint_refuse(const struct complaint *c, struct reason *why)
{
	return c->code ? reason_set(why, 0, 0, "attribute %u %s", c->code, c->what)
		       : reason_set(why, 0, 0, "%s", c->what);
}

bool
attrs_seen(const struct attrs_in *in, uint8_t code)
{
	return in->seen[code >> 6] >> (code & 63) & 1;
}

/* Codes are unique here, so 256 places are enough. */
static void
keep(struct kept *kept, const struct attr *a)
{
	size_t i = kept->count++;

	for (; i > 0 && kept->at[i - 1].code > a->code; i--)
		kept->at[i] = kept->at[i - 1];
	kept->at[i] = *a;
}

static struct attr *
kept_find(struct kept *kept, uint8_t code)
{
	for (size_t i = 0; i < kept->count; i++)
		if (kept->at[i].code == code)
			return &kept->at[i];
	return NULL;
}

static void
drop(struct kept *kept, struct attr *a)
{
	size_t i = (size_t)(a - kept->at);

	kept->count--;
	memmove(a, a + 1, (kept->count - i) * sizeof *a);
}

/* RFC 7606 section 3 (g): the first one stands, but with two MP_REACH or MP_UNREACH nobody knows what
 * was meant. */
static void
again(struct attrs_in *in, uint8_t code)
{
	if (code != ATTR_MP_REACH && code != ATTR_MP_UNREACH) {
		complain(in, code, PENALTY_DISCARD, "given twice");
		return;
	}
	fault_set(&in->fault, NOTIFY_UPDATE, UPDATE_ATTRIBUTE_LIST, NULL, 0, "%s given twice",
	    code == ATTR_MP_REACH ? "MP_REACH_NLRI" : "MP_UNREACH_NLRI");
	complain(in, code, PENALTY_RESET, "given twice");
}

/* RFC 4271 section 6.3, the attribute as data. */
static void
unrecognised(struct attrs_in *in, const struct attr *a, struct reader octets)
{
	fault_set(&in->fault, NOTIFY_UPDATE, UPDATE_UNRECOGNISED, octets.at,
	    octets.left < sizeof in->fault.data ? octets.left : sizeof in->fault.data,
	    "unrecognised well-known attribute %u", a->code);
	complain(in, a->code, PENALTY_RESET, "unrecognised well-known attribute");
}

/* RFC 7606 section 3 (c); RFC 4271 section 4.3: no Partial on a well-known one. */
static bool
flags_wrong(uint8_t flags, uint8_t wanted)
{
	return ((flags ^ wanted) & (ATTR_OPTIONAL | ATTR_TRANSITIVE)) ||
	       ((flags & ATTR_PARTIAL) && !(wanted & ATTR_OPTIONAL));
}

static void
multiprotocol(struct attrs_in *in, const struct attr *a)
{
	if (flags_wrong(a->flags, ATTR_OPTIONAL))
		complain(in, a->code, PENALTY_WITHDRAW, "wrong flags");
	if (a->code == ATTR_MP_REACH) {
		in->has_mp_reach = true;
		in->mp_reach = a->value;
	} else {
		in->has_mp_unreach = true;
		in->mp_unreach = a->value;
	}
}

/* One of ours: is it worth keeping? */
static bool
known(
    struct attrs_in *in, struct attr *a, const struct attr_ops *ops, const struct session_params *p)
{
	if (ops->unwanted && ops->unwanted(p))
		return false;
	if (flags_wrong(a->flags, ops->flags)) {
		complain(in, a->code, ops->flag_penalty, "wrong flags");
		return false;
	}
	if ((a->value.left == 0 && !ops->empty) || (ops->check && ops->check(a->value, p) < 0)) {
		complain(in, a->code, ops->penalty, "malformed");
		return false;
	}
	/* Only optional transitive ones have a use for Partial. */
	if (ops->flags != (ATTR_OPTIONAL | ATTR_TRANSITIVE))
		a->flags &= (uint8_t)~ATTR_PARTIAL;
	return true;
}

static void
take(struct attrs_in *in, struct kept *kept, struct attr *a, struct reader octets,
    const struct session_params *p)
{
	const struct attr_ops *ops = attr_ops(a->code);

	if (attrs_seen(in, a->code)) {
		again(in, a->code);
		return;
	}
	in->seen[a->code >> 6] |= UINT64_C(1) << (a->code & 63);
	if (a->code == 0)
		complain(in, 0, PENALTY_DISCARD, "an attribute has the reserved type 0");
	else if (a->code == ATTR_MP_REACH || a->code == ATTR_MP_UNREACH)
		multiprotocol(in, a);
	else if (!ops && !(a->flags & ATTR_OPTIONAL) && !p->offline)
		unrecognised(in, a, octets);
	else if (!ops || known(in, a, ops, p))
		keep(kept, a);
}

static void
take_list(
    struct attrs_in *in, struct kept *kept, struct reader list, const struct session_params *p)
{
	while (list.left > 0 && in->worst < PENALTY_RESET) {
		struct reader octets = list;
		struct attr a;

		if (!attrs_next(&list, &a)) { /* RFC 7606 section 4 */
			in->lost = true;
			complain(
			    in, 0, PENALTY_WITHDRAW, "an attribute runs past the end of the list");
			return;
		}
		octets.left -= list.left;
		take(in, kept, &a, octets, p);
	}
}

static void
lift_next_hop(struct attrs_in *in, struct kept *kept)
{
	struct attr *a = kept_find(kept, ATTR_NEXT_HOP);

	if (!a)
		return;
	in->has_next_hop = true;
	memcpy(in->next_hop, a->value.at, sizeof in->next_hop);
	drop(kept, a);
}

static void
put_canonical(
    struct attrs_in *in, const struct attr *a, const struct session_params *p, struct writer *w)
{
	const struct attr_ops *ops = attr_ops(a->code);
	size_t mark;

	if (!ops || !ops->canon) {
		uint8_t extended = !ops && a->extended ? ATTR_EXTENDED : 0;

		attrs_put(w, a->flags | extended, a->code, a->value);
		return;
	}
	mark = attrs_begin(w, a->flags, a->code);
	if (ops->canon(a->value, p, w) < 0)
		attrs_undo(w, mark);
	else if (attrs_end(w, mark) == 0)
		return;
	complain(in, a->code, ops->penalty, "too long");
}

/* AS4_PATH and AS4_AGGREGATOR as they came from an old speaker. */
struct as4 {
	struct attr path, aggregator;
	bool has_path, has_aggregator;
};

static struct as4
lift_as4(struct kept *kept)
{
	struct as4 as4 = { 0 };
	struct attr *path, *aggregator;

	if ((path = kept_find(kept, ATTR_AS4_PATH))) {
		as4.has_path = true;
		as4.path = *path;
		drop(kept, path);
	}
	if ((aggregator = kept_find(kept, ATTR_AS4_AGGREGATOR))) {
		as4.has_aggregator = true;
		as4.aggregator = *aggregator;
		drop(kept, aggregator);
	}
	return as4;
}

/* RFC 6793 section 4.2.3: an AGGREGATOR that is not AS_TRANS says that an old speaker aggregated, and
 * what it did not understand is void. */
static void
settle_aggregator(struct kept *kept, struct as4 *as4)
{
	struct attr *aggregator = kept_find(kept, ATTR_AGGREGATOR);
	struct reader value;

	if (!aggregator || !as4->has_aggregator) {
		as4->has_aggregator = false;
		return;
	}
	value = aggregator->value;
	if (reader_u16(&value) != AS_TRANS)
		as4->has_path = as4->has_aggregator = false;
}

static void
put_merged(struct attrs_in *in, const struct attr *a, const struct as4 *as4,
    const struct session_params *p, struct writer *w)
{
	size_t mark;

	if (a->code == ATTR_AGGREGATOR && as4->has_aggregator) {
		attrs_put(w, a->flags, a->code, as4->aggregator.value);
	} else if (a->code == ATTR_AS_PATH && as4->has_path) {
		mark = attrs_begin(w, a->flags, a->code);
		path_merge(a->value, as4->path.value, w);
		if (attrs_end(w, mark) < 0)
			complain(in, a->code, PENALTY_WITHDRAW, "too long");
	} else {
		put_canonical(in, a, p, w);
	}
}

void
attrs_parse(
    struct attrs_in *in, struct reader list, const struct session_params *p, struct writer *w)
{
	struct kept kept;
	struct as4 as4;
	size_t start = w->len;

	kept.count = 0;
	*in = (struct attrs_in){ 0 };
	take_list(in, &kept, list, p);
	lift_next_hop(in, &kept);
	as4 = lift_as4(&kept);
	settle_aggregator(&kept, &as4);
	for (size_t i = 0; i < kept.count; i++)
		put_merged(in, &kept.at[i], &as4, p, w);
	if (!writer_ok(w))
		complain(in, 0, PENALTY_WITHDRAW, "the attributes are too long");
	in->block = reader_of(w->base + start, w->len - start);
}
