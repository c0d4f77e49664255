/* Route target membership (RFC 4684 section 4): an origin AS and a route target, as a prefix of 32 to 96 bits; of
 * no bits it is the default one, which asks for every target.
 *
 * Text is 65000:target:65000:1 for all of it, wildcard for the default one, and for what ends before its last
 * octet the octets with the length behind them: 65000:0x0002fde800000000/64. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "proto/bgp/attr/ext_community.h"
#include "proto/bgp/nlri.h"

enum {
	ORIGIN_BITS = 32,
	ALL_BITS = 96,
	OCTETS = ALL_BITS / 8,
	TARGET_DIGITS = 2 * 8,
	WORD_MAX = 64
};

static bool
length_ok(unsigned bits)
{
	return bits == 0 || (bits >= ORIGIN_BITS && bits <= ALL_BITS);
}

/* With the bits behind the prefix cleared. */
static void
put(struct reader octets, unsigned bits, struct writer *w)
{
	writer_u8(w, bits);
	for (unsigned left = bits; left > 0; left -= left < 8 ? left : 8) {
		uint8_t octet = reader_u8(&octets);

		writer_u8(w, left < 8 ? octet & (uint8_t)(0xff00 >> left) : octet);
	}
}

static int
parse(struct reader *r, struct writer *w)
{
	unsigned bits = reader_u8(r);
	struct reader octets;

	if (!length_ok(bits))
		return NLRI_MALFORMED;
	octets = reader_sub(r, (bits + 7) / 8);
	if (!reader_ok(r))
		return NLRI_MALFORMED;
	put(octets, bits, w);
	return NLRI_TAKEN;
}

static struct reader
take(struct reader *r)
{
	return reader_sub(r, r->left > 0 ? 1 + ((size_t)r->at[0] + 7) / 8 : SIZE_MAX);
}

struct membership {
	unsigned bits;
	uint32_t origin;
	uint64_t target;
};

static struct membership
cut(struct reader nlri)
{
	uint8_t octets[OCTETS] = { 0 };
	struct reader r = reader_of(octets, sizeof octets);
	struct membership m = { .bits = reader_u8(&nlri) };

	if (nlri.left > 0 && nlri.left <= OCTETS)
		memcpy(octets, nlri.at, nlri.left);
	m.origin = reader_u32(&r);
	m.target = reader_u64(&r);
	return m;
}

/* --- text --- */

/* The target, or so much of it as `bits` says behind a slash. */
static int
scan_target(const char *text, uint64_t *target, unsigned *bits)
{
	const char *slash = strchr(text, '/');
	char word[WORD_MAX];
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t number = ALL_BITS;

	if (len >= sizeof word)
		return -1;
	if (slash && (word_uint(slash + 1, strlen(slash + 1), ALL_BITS, &number) < 0 ||
			 number < ORIGIN_BITS))
		return -1;
	memcpy(word, text, len);
	word[len] = '\0';
	*bits = (unsigned)number;
	return ext_community_of(word, target);
}

static int
scan(struct words *words, struct writer *w, struct reason *why)
{
	const char *word = words_peek(words), *colon = strchr(word, ':');
	uint8_t octets[OCTETS];
	struct writer all = writer_of(octets, sizeof octets);
	uint64_t origin, target;
	unsigned bits;

	if (words_take(words, "wildcard")) {
		writer_u8(w, 0);
		return 0;
	}
	if (!colon || word_uint(word, (size_t)(colon - word), UINT32_MAX, &origin) < 0 ||
	    scan_target(colon + 1, &target, &bits) < 0)
		return words_wrong(words, why,
		    "an origin AS and a route target (65000:target:65000:1), or wildcard");
	words_next(words);
	writer_u32(&all, origin);
	writer_u64(&all, target);
	put(writer_read(&all), bits, w);
	return 0;
}

static void
print_target(const struct membership *m, struct text *t)
{
	if (m->bits == ALL_BITS)
		ext_community_word(m->target, t);
	else
		text_printf(t, "0x%016" PRIx64 "/%u", m->target, m->bits);
}

static void
print(struct reader nlri, struct text *t)
{
	struct membership m = cut(nlri);

	if (m.bits == 0) {
		text_add(t, "wildcard");
		return;
	}
	text_printf(t, "%" PRIu32 ":", m.origin);
	print_target(&m, t);
}

static void
to_tree(struct reader nlri, struct tree *tree)
{
	struct membership m = cut(nlri);
	struct text t = { 0 };

	print(nlri, &t);
	tree_put_text(tree, "nlri", text_str(&t));
	if (m.bits > 0) {
		tree_put_uint(tree, "origin-as", m.origin);
		text_clear(&t);
		print_target(&m, &t);
		tree_put_text(tree, "route-target", text_str(&t));
	}
	text_fini(&t);
}

const struct nlri_ops nlri_ipv4_rtc = {
	.parse = parse,
	.take = take,
	.next_hop_length = nlri_hop_any,
	.scan = scan,
	.print = print,
	.tree = to_tree,
};
