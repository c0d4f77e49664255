/* A path attribute. [ code, session, its value ] as received, or its text. What is accepted is shown alike in all
 * forms, typed again from what is printed, and received again from what is sent. */
#include "proto/bgp/attr.h"
#include "proto/bgp/attrs.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tools/retyped.h"

enum { ROOM = 200 * 1024 };

static const struct attr_ops *
ops_of(uint8_t code)
{
	const struct attr_ops *ops = attr_ops(code), *known[256];
	unsigned count = 0;

	for (unsigned i = 0; i < 256; i++)
		if (attr_ops((uint8_t)i))
			known[count++] = attr_ops((uint8_t)i);
	return ops ? ops : known[code % count];
}

static void
show_block(const void *block, struct tree *t)
{
	tree_map(t);
	attrs_tree(*(const struct reader *)block, t);
	tree_map_end(t);
}

static void
retype(struct reader block)
{
	struct text text = { 0 };
	struct reason why = { 0 };
	const char *wrong = retyped_block(block, &text, &why);

	fuzz_require(!wrong, "%s: %s (%s)", wrong, text_str(&text), why.text);
	text_fini(&text);
}

/* Attributes alone on the wire, as `p` has them. */
static struct reader
receive(struct attrs_in *in, struct reader list, const struct session_params *p, uint8_t *memory)
{
	struct writer w = writer_of(memory, ROOM);

	attrs_parse(in, list, p, &w);
	return in->worst < PENALTY_WITHDRAW ? in->block : (struct reader){ 0 };
}

static void
as_received(const struct attr_ops *ops, struct reader value, const struct session_params *p)
{
	static uint8_t list[ROOM], block[ROOM], sent[ROOM], block2[ROOM], sent2[ROOM];
	struct writer w = writer_of(list, sizeof list), w2 = writer_of(sent2, sizeof sent2);
	struct attrs_in in, in2;
	struct reader got, again;

	attrs_put(&w, ops->flags, ops->code, value);
	fuzz_require(writer_ok(&w), "a list");
	got = receive(&in, writer_read(&w), p, block);
	if (got.left == 0)
		return;
	fuzz_shown(show_block, &got);
	retype(got);
	w = writer_of(sent, sizeof sent);
	attrs_encode(&w, got, (struct reader){ 0 }, (struct reader){ 0 }, p);
	again = receive(&in2, writer_read(&w), p, block2);
	fuzz_require(in2.worst == PENALTY_NONE, "%s is not taken as it is sent", ops->name);
	attrs_encode(&w2, again, (struct reader){ 0 }, (struct reader){ 0 }, p);
	fuzz_require(reader_equal(writer_read(&w), writer_read(&w2)),
	    "%s is sent otherwise once it was received", ops->name);
}

static void
as_text(const struct attr_ops *ops, const uint8_t *data, size_t len)
{
	struct text line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };

	text_printf(
	    &line, "route 10.0.0.0/24 next-hop 192.0.2.1 %s ", ops->word ? ops->word : "attribute");
	text_addn(&line, (const char *)data, len);
	if (typed(text_str(&line), line.len, &d, &why) == 0) {
		struct reader block = octets_read(&d.attributes), rest = block;
		struct attr a;

		for (; attrs_next(&rest, &a);)
			fuzz_require(a.code == ATTR_NEXT_HOP || attr_ops(a.code), "unknown");
		fuzz_require(reader_done(&rest), "not framed");
		fuzz_shown(show_block, &block);
		retype(block);
	} else {
		fuzz_require(reason_given(&why), "refused without a reason");
	}
	route_draft_fini(&d);
	text_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct session_params p;
	const struct attr_ops *ops;

	if (len < 2 || len > UINT16_MAX)
		return 0;
	ops = ops_of(data[0]);
	p = fuzz_session(data[1]);
	if (data[1] & AS_TEXT)
		as_text(ops, data + 2, len - 2);
	else
		as_received(ops, reader_of(data + 2, len - 2), &p);
	return 0;
}
