/* What is printed is typed again: attributes and NLRI through the words of a route. NULL, or what became of it. */
#ifndef TESTS_TOOLS_RETYPED_H
#define TESTS_TOOLS_RETYPED_H
#include <string.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"
#include "tests/tools/typed.h"

/* Lists that are typed are sorted, those that came are not. */
static inline size_t
list_item(uint8_t code)
{
	switch (code) {
	case ATTR_COMMUNITY:
		return 4;
	case ATTR_EXT_COMMUNITY:
		return 8;
	case ATTR_LARGE_COMMUNITY:
		return 12;
	case ATTR_IPV6_EXT_COMMUNITY:
		return 20;
	default:
		return 0;
	}
}

static inline void
in_order(struct reader block, struct writer *w)
{
	struct attr a;

	while (attrs_next(&block, &a)) {
		size_t mark = attrs_begin(w, a.flags, a.code), size = list_item(a.code);

		writer_copy(w, a.value);
		if (size > 0 && a.value.left % size == 0)
			items_sort(w, mark + 3, size, true);
		attrs_end(w, mark);
	}
}

static inline bool
same_block(struct reader a, struct reader b)
{
	static uint8_t left[140000], right[140000];
	struct writer l = writer_of(left, sizeof left), r = writer_of(right, sizeof right);

	in_order(a, &l);
	in_order(b, &r);
	return writer_ok(&l) && reader_equal(writer_read(&l), writer_read(&r));
}

/* A block of attributes. What has no words is typed by number, and so is raw. */
static inline const char *
retyped_block(struct reader block, struct text *text, struct reason *why)
{
	static uint8_t memory[140000];
	struct route_draft d = { 0 };
	struct writer w = writer_of(memory, sizeof memory);
	const char *wrong = NULL;

	text_clear(text);
	text_add(text, "route 10.0.0.0/24 next-hop 192.0.2.1");
	attrs_print(block, text);
	if (typed(text_str(text), text->len, &d, why) < 0) {
		wrong = "what is printed is refused";
	} else {
		attrs_overlay(&w, octets_read(&d.attributes), octets_read(&d.raw));
		if (!same_block(writer_read(&w), block))
			wrong = "what is printed are other attributes";
	}
	route_draft_fini(&d);
	return wrong;
}

/* A label that says that there is none (RFC 8277 section 2.4) is typed as the label that it looks like. */
static inline bool
same_nlri(enum family family, struct reader a, struct reader b)
{
	struct reader (*key)(struct reader, uint8_t *) = nlri_key(family);
	uint8_t left[NLRI_KEY_MAX], right[NLRI_KEY_MAX];
	bool labelled = family == IPV4_NLRI_MPLS || family == IPV6_NLRI_MPLS ||
			family == IPV4_MPLS_VPN || family == IPV6_MPLS_VPN;

	if (reader_equal(a, b))
		return true;
	return labelled && a.left == b.left && reader_equal(key(a, left), key(b, right));
}

/* What may come and nobody may type: it is refused with these words. */
static inline bool
only_received(const struct reason *why)
{
	static const char *const words[] = {
		"a QoS flow identifier", /* an octet, of which 64 are flows */
		"a label that may have others below it", /* 0, with bits behind it that have no words */
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(why->text, words[i]))
			return true;
	return false;
}

static inline const char *
retyped_nlri(enum family family, struct reader nlri, struct text *text, struct reason *why)
{
	struct route_draft d = { 0 };
	const char *wrong = NULL;

	text_clear(text);
	text_printf(text, "%s ", family_name(family));
	nlri_ops(family)->print(nlri, text);
	if (typed(text_str(text), text->len, &d, why) < 0)
		wrong = only_received(why) ? NULL : "what is printed is refused";
	else if (d.family != family)
		wrong = "what is printed is of another family";
	else if (!same_nlri(family, octets_read(&d.nlri), nlri))
		wrong = "what is printed is another NLRI";
	route_draft_fini(&d);
	return wrong;
}
#endif
