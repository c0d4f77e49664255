/* AIGP (RFC 7311): TLVs, of which the first of type 1 is the accumulated metric. Taken only where it is
 * configured (section 3.3); what is wrong with it is discarded (section 3). */
#include "proto/bgp/attr.h"

enum { AIGP_TLV = 1, AIGP_TLV_LENGTH = 11, TLV_HEADER = 3 };

/* The value of the next TLV; the length field counts the header. */
static bool
tlv_next(struct reader *r, uint8_t *type, struct reader *value)
{
	size_t len;

	if (r->left == 0)
		return false;
	*type = reader_u8(r);
	len = reader_u16(r);
	*value = reader_sub(r, len < TLV_HEADER ? SIZE_MAX : len - TLV_HEADER);
	return reader_ok(r);
}

static int
aigp_check(struct reader value, const struct session_params *p)
{
	struct reader tlv;
	uint8_t type;

	(void)p;
	while (tlv_next(&value, &type, &tlv))
		if (type == AIGP_TLV && tlv.left != AIGP_TLV_LENGTH - TLV_HEADER)
			return -1;
	return reader_done(&value) ? 0 : -1;
}

static bool
aigp_unwanted(const struct session_params *p)
{
	return !p->aigp;
}

static int
aigp_wire(struct reader value, const struct session_params *p, struct writer *w)
{
	if (!p->aigp && !params_inside(p))
		return -1;
	writer_copy(w, value);
	return 0;
}

static int
aigp_scan(struct words *words, struct writer *w, struct reason *reason)
{
	uint64_t metric;

	if (words_uint(words, 0, UINT64_MAX, "a metric", &metric, reason) < 0)
		return -1;
	writer_u8(w, AIGP_TLV);
	writer_u16(w, AIGP_TLV_LENGTH);
	writer_u64(w, metric);
	return 0;
}

static bool
metric_of(struct reader value, uint64_t *metric)
{
	struct reader tlv;
	uint8_t type;

	while (tlv_next(&value, &type, &tlv))
		if (type == AIGP_TLV) {
			*metric = reader_u64(&tlv);
			return reader_done(&tlv);
		}
	return false;
}

/* Nothing when there is more than the metric: text has no word for the rest. */
static void
aigp_print(struct reader value, struct text *t)
{
	uint64_t metric;

	if (value.left == AIGP_TLV_LENGTH && metric_of(value, &metric))
		text_uint(t, metric);
}

static void
aigp_tree(struct reader value, struct tree *tree)
{
	uint64_t metric;

	if (metric_of(value, &metric))
		tree_uint(tree, metric);
	else
		tree_null(tree);
}

const struct attr_ops attr_aigp = {
	.code = ATTR_AIGP,
	.flags = ATTR_OPTIONAL,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_DISCARD,
	.word = "aigp",
	.name = "aigp",
	.check = aigp_check,
	.unwanted = aigp_unwanted,
	.wire = aigp_wire,
	.scan = aigp_scan,
	.print = aigp_print,
	.tree = aigp_tree,
};
