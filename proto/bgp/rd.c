#include "proto/bgp/rd.h"
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "common/writer.h"

/* 0x and sixteen digits: any type, octet for octet. */
static int
scan_octets(const char *word, size_t len, struct writer *w)
{
	uint64_t value;

	if (len != 2 + 2 * RD_SIZE || word_uint(word, len, UINT64_MAX, &value) < 0)
		return -1;
	writer_u64(w, value);
	return 0;
}

static int
scan_pair(const char *word, size_t len, struct writer *w)
{
	const char *colon = memchr(word, ':', len);
	size_t first = colon ? (size_t)(colon - word) : 0;
	char text[ADDR_TEXT];
	uint64_t a, b;
	struct addr id;

	if (!colon || first >= sizeof text ||
	    word_uint(colon + 1, len - first - 1, UINT32_MAX, &b) < 0)
		return -1;
	memcpy(text, word, first);
	text[first] = '\0';
	if (strchr(text, '.')) {
		if (addr_scan(&id, text) < 0 || id.family != 4 || b > UINT16_MAX)
			return -1;
		writer_u16(w, 1);
		writer_u32(w, addr_u32(&id));
		writer_u16(w, b);
		return 0;
	}
	if (word_uint(text, first, UINT32_MAX, &a) < 0)
		return -1;
	writer_u16(w, a <= UINT16_MAX ? 0 : 2);
	if (a <= UINT16_MAX) {
		writer_u16(w, a);
		writer_u32(w, b);
	} else {
		writer_u32(w, a);
		writer_u16(w, b);
	}
	return writer_ok(w) ? 0 : -1; /* a wide first number leaves two octets for the second */
}

int
rd_scan(struct words *words, uint8_t out[RD_SIZE], struct reason *why)
{
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0;
	struct writer w = writer_of(out, RD_SIZE);

	if (scan_octets(word, len, &w) < 0 && scan_pair(word, len, &w) < 0)
		return words_wrong(words, why, "a route distinguisher (65000:1, 192.0.2.1:1)");
	words_next(words);
	return 0;
}

const char *
rd_text(struct reader rd, char out[RD_TEXT])
{
	uint64_t all = reader_u64(&rd);
	uint32_t high = (uint32_t)(all >> 32), low = (uint32_t)all;
	struct addr id = addr_v4((high & 0xffff) << 16 | low >> 16);
	char text[ADDR_TEXT];

	switch (high >> 16) {
	case 0:
		snprintf(out, RD_TEXT, "%u:%u", high & 0xffff, low);
		break;
	case 1:
		snprintf(out, RD_TEXT, "%s:%u", addr_print(&id, text), low & 0xffff);
		break;
	case 2:
		snprintf(out, RD_TEXT, "%u:%u", addr_u32(&id), low & 0xffff);
		break;
	default:
		snprintf(out, RD_TEXT, "0x%08X%08X", high, low);
	}
	return out;
}

/* An ASN of four octets that would fit in two is typed by number: the pair is of type 0. */
void
rd_print(struct reader rd, struct text *t)
{
	struct reader octets = rd;
	uint64_t all = reader_u64(&octets);
	char text[RD_TEXT];

	if (all >> 32 == 0x20000)
		text_printf(t, "0x%08X%08X", (uint32_t)(all >> 32), (uint32_t)all);
	else
		text_add(t, rd_text(rd, text));
}
