/* A path attribute. [ code, session, its value ] as received, or (ON_PATHS) a list of several, or the text of one. What is accepted is shown alike in all
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
as_received(struct reader list, bool one, const struct session_params *p)
{
	static uint8_t block[ROOM], sent[ROOM], block2[ROOM], sent2[ROOM];
	struct writer w = writer_of(sent, sizeof sent), w2 = writer_of(sent2, sizeof sent2);
	struct attrs_in in, in2;
	struct reader got = receive(&in, list, p, block), again;

	if (got.left == 0)
		return;
	fuzz_shown(show_block, &got);
	if (one) /* others may have flags or repeats that no words have */
		retype(got);
	attrs_encode(&w, got, (struct reader){ 0 }, (struct reader){ 0 }, p);
	again = receive(&in2, writer_read(&w), p, block2);
	fuzz_require(
	    in2.worst == PENALTY_NONE, "what we send is not taken: %s", in2.complaint[0].what);
	attrs_encode(&w2, again, (struct reader){ 0 }, (struct reader){ 0 }, p);
	/* an old speaker loses where segments of a confederation stood among others */
	fuzz_require((!one && !p->asn4) || reader_equal(writer_read(&w), writer_read(&w2)),
	    "it is sent otherwise once it was received");
}

/* What was typed by number goes out as it is, in its place; to an old speaker too. */
static void
send_typed(const struct route_draft *d)
{
	static uint8_t sent[2 * ROOM];

	for (unsigned on = 0; on <= (ON_ASN2 | ON_EBGP); on++) {
		struct session_params p = fuzz_session((uint8_t)on);
		struct writer w = writer_of(sent, sizeof sent);
		struct reader rest;
		struct attr a;

		attrs_encode(&w, octets_read(&d->attributes), octets_read(&d->raw),
		    reader_of(d->next_hop, d->next_hop_len), &p);
		rest = writer_read(&w);
		while (attrs_next(&rest, &a))
			;
		fuzz_require(writer_ok(&w) && reader_done(&rest), "what was typed is not framed");
	}
}

static void
as_text(const struct attr_ops *ops, int flags, const uint8_t *data, size_t len)
{
	struct text line = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };

	text_printf(
	    &line, "route 10.0.0.0/24 next-hop 192.0.2.1 %s ", ops->word ? ops->word : "attribute");
	text_addn(&line, (const char *)data, len);
	if (typed_as(text_str(&line), line.len, flags, &d, &why) == 0) {
		struct reader block = octets_read(&d.attributes), rest = block;
		struct attr a;

		for (; attrs_next(&rest, &a);)
			fuzz_require(a.code == ATTR_NEXT_HOP || attr_ops(a.code), "unknown");
		fuzz_require(reader_done(&rest), "not framed");
		fuzz_shown(show_block, &block);
		retype(block);
		send_typed(&d);
	} else {
		fuzz_require(reason_given(&why), "refused without a reason");
	}
	route_draft_fini(&d);
	text_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t list[ROOM];
	struct writer w = writer_of(list, sizeof list);
	struct session_params p;
	const struct attr_ops *ops;

	if (len < 2 || len > UINT16_MAX)
		return 0;
	ops = ops_of(data[0]);
	p = fuzz_session(data[1]);
	if (data[1] & AS_TEXT)
		as_text(ops, data[1] & ON_ASN2 ? WORDS_FILE : WORDS_API, data + 2, len - 2);
	else if (data[1] & ON_PATHS)
		as_received(reader_of(data + 2, len - 2), false, &p);
	else
		attrs_put(&w, ops->flags, ops->code, reader_of(data + 2, len - 2));
	if (w.len > 0)
		as_received(writer_read(&w), true, &p);
	return 0;
}
