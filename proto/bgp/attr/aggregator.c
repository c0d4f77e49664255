/* AGGREGATOR (RFC 4271 section 5.1.7; RFC 6793): the ASN has the width of the session. */
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/path.h"

static int
aggregator_check(struct reader value, const struct session_params *p)
{
	uint32_t asn = p->asn4 ? reader_u32(&value) : reader_u16(&value);

	reader_u32(&value);
	return reader_done(&value) && asn != 0 ? 0 : -1; /* RFC 7607 */
}

static int
aggregator_canon(struct reader value, const struct session_params *p, struct writer *w)
{
	writer_u32(w, p->asn4 ? reader_u32(&value) : reader_u16(&value));
	writer_u32(w, reader_u32(&value));
	return 0;
}

static int
aggregator_wire(struct reader value, const struct session_params *p, struct writer *w)
{
	uint32_t asn = reader_u32(&value);

	if (p->asn4)
		writer_u32(w, asn);
	else
		writer_u16(w, asn > UINT16_MAX ? AS_TRANS : asn);
	writer_u32(w, reader_u32(&value));
	return 0;
}

static int
pair_of(struct part word, uint32_t *asn, uint32_t *address)
{
	const char *colon = memchr(word.at, ':', word.len);
	struct part left, right;

	if (!colon)
		return -1;
	left = (struct part){ word.at, (size_t)(colon - word.at) };
	right = (struct part){ colon + 1, word.len - left.len - 1 };
	return part_asn(&left, asn) < 0 || part_ipv4(&right, address) < 0 ? -1 : 0;
}

/* ASN:ADDRESS, in parentheses or not; in files those may stick to it. */
static int
aggregator_scan(struct words *words, struct writer *w, struct reason *reason)
{
	bool open = words_take(words, "(");
	struct part word = { words_peek(words), strlen(words_peek(words)) };
	uint32_t asn, address;

	if (!open && word.at[0] == '(') {
		open = true;
		word.at++;
		word.len--;
	}
	if (open && word.len > 0 && word.at[word.len - 1] == ')') {
		open = false;
		word.len--;
	}
	if (pair_of(word, &asn, &address) < 0)
		return words_wrong(words, reason, "an aggregator (65000:192.0.2.1)");
	words_next(words);
	writer_u32(w, asn);
	writer_u32(w, address);
	return open ? words_expect(words, ")", reason) : 0;
}

static void
aggregator_print(struct reader value, struct text *t)
{
	char out[ADDR_TEXT];
	uint32_t asn = reader_u32(&value);
	struct addr addr = addr_v4(reader_u32(&value));

	text_uint(t, asn);
	text_char(t, ':');
	text_add(t, addr_print(&addr, out));
}

static void
aggregator_tree(struct reader value, struct tree *tree)
{
	struct text text = { 0 };

	aggregator_print(value, &text);
	tree_text(tree, text_str(&text));
	text_fini(&text);
}

const struct attr_ops attr_aggregator = {
	.code = ATTR_AGGREGATOR,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "aggregator",
	.name = "aggregator",
	.check = aggregator_check,
	.canon = aggregator_canon,
	.wire = aggregator_wire,
	.scan = aggregator_scan,
	.print = aggregator_print,
	.tree = aggregator_tree,
};
