#include "controller/cli/print.h"
#include <string.h>
#include "proto/frame/api.h"

static void
add(struct text *out, struct reader r, bool lines)
{
	while (r.left > 0) {
		uint8_t c = reader_u8(&r);

		/* C1 controls are two octets in UTF-8: c2 80 to c2 9f */
		bool c1 = c == 0xc2 && r.left > 0 && reader_peek(&r) < 0xa0;

		if ((c >= ' ' && c != 0x7f && !c1) || c == '\t' || (lines && c == '\n'))
			text_char(out, (char)c);
		else
			text_printf(out, "\\x%02x", c);
		if (c1)
			text_printf(out, "\\x%02x", reader_u8(&r));
	}
}

void
print_text(struct text *out, struct reader r)
{
	add(out, r, true);
}

void
print_word(struct text *out, struct reader r)
{
	add(out, r, false);
}

void
print_outcome(struct text *out, const char *status, struct reader text)
{
	size_t len = strlen(status);

	/* the text may begin with the status itself */
	if (text.left < len || memcmp(text.at, status, len) != 0)
		text_printf(out, "%s%s", status, text.left > 0 ? " " : "");
	print_word(out, text);
}

void
print_json(struct text *out, const struct node *n)
{
	struct tree t = tree_json(out);

	api_node_json(n, &t);
}

void
print_pieces(struct print_pieces *p, struct text *out, const struct node *n, bool final)
{
	if (!p->list && (final || node_kind(n) != NODE_ARRAY)) {
		print_json(out, n);
		return;
	}
	if (!p->list)
		text_add(out, "[ ");
	p->list = true;
	for (uint32_t i = 0; i < node_count(n); i++) {
		text_add(out, p->elements++ > 0 ? ", " : "");
		print_json(out, node_at(n, i));
	}
	if (final)
		text_add(out, " ]");
}

static bool
is_scalar(const struct node *n)
{
	return node_kind(n) != NODE_ARRAY && node_kind(n) != NODE_MAP;
}

static void
scalar(struct text *out, const struct node *n)
{
	if (node_kind(n) == NODE_TEXT)
		print_word(out, node_bytes(n));
	else
		print_json(out, n);
}

static bool
all_scalars(const struct node *n)
{
	for (uint32_t i = 0; i < node_count(n); i++)
		if (!is_scalar(node_at(n, i)))
			return false;
	return true;
}

/* An element of a list: [65000, 1] is the community 65000:1. */
static void
element(struct text *out, const struct node *n)
{
	const struct node *string = node_find(n, "string");

	if (is_scalar(n) || string) {
		scalar(out, string ? string : n);
		return;
	}
	if (node_kind(n) == NODE_MAP || !all_scalars(n)) {
		print_json(out, n);
		return;
	}
	for (uint32_t i = 0; i < node_count(n); i++) {
		if (i > 0)
			text_char(out, ':');
		scalar(out, node_at(n, i));
	}
}

void
print_value(struct text *out, const struct node *n)
{
	if (node_kind(n) != NODE_ARRAY) {
		element(out, n);
		return;
	}
	text_char(out, '[');
	for (uint32_t i = 0; i < node_count(n); i++) {
		if (i > 0)
			text_char(out, ' ');
		element(out, node_at(n, i));
	}
	text_char(out, ']');
}
