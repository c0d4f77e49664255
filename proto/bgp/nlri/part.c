#include "proto/bgp/nlri/part.h"
#include "common/addr.h"
#include "proto/bgp/label.h"
#include "proto/bgp/rd.h"

/* LABELS_MAX: an NLRI has one octet for the bits of all of them. */
enum { HEAD = 3, LABELS_MAX = UINT8_MAX / (8 * LABEL_SIZE), OCTETS_MAX = NLRI_MAX };

void
part_add(struct route_draft *d, uint8_t tag, struct reader value)
{
	size_t size = HEAD + value.left;
	struct writer w = writer_of(octets_room(&d->parts, size), size);

	writer_u8(&w, tag);
	writer_u16(&w, value.left);
	writer_copy(&w, value);
}

bool
part_next(struct reader *parts, struct part *p)
{
	if (parts->left == 0)
		return false;
	p->tag = reader_u8(parts);
	p->value = reader_sub(parts, reader_u16(parts));
	return reader_ok(parts);
}

bool
part_find(const struct route_draft *d, uint8_t tag, struct reader *value)
{
	struct reader parts = octets_read(&d->parts);
	struct part p;

	while (part_next(&parts, &p))
		if (p.tag == tag) {
			*value = p.value;
			return true;
		}
	return false;
}

int
part_scan_rd(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t rd[RD_SIZE];

	if (rd_scan(words, rd, why) < 0)
		return -1;
	part_add(d, PART_RD, reader_of(rd, sizeof rd));
	return 0;
}

int
part_scan_labels(struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t labels[LABELS_MAX * LABEL_SIZE];
	struct writer w = writer_of(labels, sizeof labels);

	if (labels_scan(words, &w, why) < 0)
		return -1;
	part_add(d, PART_LABELS, writer_read(&w));
	return 0;
}

int
part_scan_octets(
    struct words *words, struct route_draft *d, uint8_t tag, const char *what, struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;
	uint8_t octets[OCTETS_MAX];

	if (len < 2 || len % 2 || len / 2 - 1 > OCTETS_MAX || word[0] != '0' || word[1] != 'x' ||
	    word_octets(word + 2, octets, len / 2 - 1) < 0)
		return words_wrong(words, why, what);
	words_next(words);
	part_add(d, tag, reader_of(octets, len / 2 - 1));
	return 0;
}

int
part_scan_address(struct words *words, struct route_draft *d, uint8_t tag, struct reason *why)
{
	struct addr addr;

	if (addr_scan(&addr, words_peek(words)) < 0)
		return words_wrong(words, why, "an address");
	words_next(words);
	part_add(d, tag, reader_of(addr.bytes, addr_size(&addr)));
	return 0;
}

int
part_scan_number(struct words *words, struct route_draft *d, uint8_t tag, uint64_t max,
    const char *what, struct reason *why)
{
	uint8_t octets[4];
	struct writer w = writer_of(octets, sizeof octets);
	uint64_t number;

	if (words_uint(words, 0, max, what, &number, why) < 0)
		return -1;
	writer_u32(&w, number);
	part_add(d, tag, writer_read(&w));
	return 0;
}

void
part_print_address(const char *word, struct reader octets, struct text *t)
{
	struct addr addr = addr_of(octets.at, octets.left);
	char text[ADDR_TEXT];

	if (octets.left > 0)
		text_printf(t, " %s %s", word, addr_print(&addr, text));
}

void
part_tree_address(const char *key, struct reader octets, struct tree *tree)
{
	struct addr addr = addr_of(octets.at, octets.left);
	char text[ADDR_TEXT];

	tree_put_text(tree, key, addr_print(&addr, text));
}

void
part_tree_raw(struct reader nlri, struct tree *tree)
{
	struct text hex = { 0 };

	text_hex_upper(&hex, nlri.at, nlri.left);
	tree_put_text(tree, "raw", text_str(&hex));
	text_fini(&hex);
}

struct reader
part_take(struct reader *r, size_t head)
{
	return reader_sub(r, r->left >= head ? head + r->at[head - 1] : SIZE_MAX);
}
