#include "proto/bgp/attr/value.h"
#include "common/addr.h"
#include "proto/bgp/attr/item.h"

int
u32_value_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return value.left == 4 ? 0 : -1;
}

int
u32_value_scan(struct words *words, struct writer *w, struct reason *reason)
{
	uint64_t n;

	if (words_uint(words, 0, UINT32_MAX, "a number", &n, reason) < 0)
		return -1;
	writer_u32(w, n);
	return 0;
}

void
u32_value_print(struct reader value, struct text *t)
{
	text_uint(t, reader_u32(&value));
}

void
u32_value_tree(struct reader value, struct tree *tree)
{
	tree_uint(tree, reader_u32(&value));
}

int
ipv4_value_scan(struct words *words, struct writer *w, struct reason *reason)
{
	struct addr addr;

	if (addr_scan(&addr, words_peek(words)) < 0 || addr.family != 4)
		return words_wrong(words, reason, "an IPv4 address");
	words_next(words);
	writer_u32(w, addr_u32(&addr));
	return 0;
}

static const char *
ipv4_text(struct reader value, char out[ADDR_TEXT])
{
	struct addr addr = addr_v4(reader_u32(&value));

	return addr_print(&addr, out);
}

void
ipv4_value_print(struct reader value, struct text *t)
{
	char out[ADDR_TEXT];

	text_add(t, ipv4_text(value, out));
}

void
ipv4_value_tree(struct reader value, struct tree *tree)
{
	char out[ADDR_TEXT];

	tree_text(tree, ipv4_text(value, out));
}

int
items_check(struct reader value, size_t size)
{
	return value.left > 0 && value.left % size == 0 ? 0 : -1;
}

bool
value_from_outside(const struct session_params *p)
{
	return !params_ibgp(p);
}
