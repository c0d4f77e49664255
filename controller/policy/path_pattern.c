#include "controller/policy/path_pattern.h"
#include <string.h>

static int
scan_asn(const char *at, size_t len, uint32_t *asn)
{
	uint64_t n;

	if (word_uint(at, len, UINT32_MAX, &n) < 0)
		return -1;
	*asn = (uint32_t)n;
	return 0;
}

/* "65001", "65001-65010", "?", "*", each but the last with a + behind it. */
static int
scan_step(const struct word *w, struct path_step *s)
{
	size_t len = w->len;
	const char *dash;

	*s = (struct path_step){ 0, UINT32_MAX, false, false };
	if (len == 1 && w->at[0] == '*') {
		s->again = s->none = true;
		return 0;
	}
	if (len > 1 && w->at[len - 1] == '+') {
		s->again = true;
		len--;
	}
	if (len == 1 && w->at[0] == '?')
		return 0;
	dash = memchr(w->at, '-', len);
	if (!dash) {
		if (scan_asn(w->at, len, &s->low) < 0)
			return -1;
		s->high = s->low;
		return 0;
	}
	if (scan_asn(w->at, (size_t)(dash - w->at), &s->low) < 0 ||
	    scan_asn(dash + 1, len - (size_t)(dash + 1 - w->at), &s->high) < 0)
		return -1;
	return s->low <= s->high ? 0 : -1;
}

static int
add(struct words *words, struct path_pattern *p, struct reason *why)
{
	const struct word *w = words->at;

	if (p->count == PATH_PATTERN_MAX)
		return words_wrong(words, why, "a shorter pattern");
	if (!words_left(words) || scan_step(w, &p->step[p->count]) < 0)
		return words_wrong(
		    words, why, "an AS, a range of ASes, ?, *, each with a + behind it, or ]");
	words_next(words);
	p->count++;
	return 0;
}

int
path_pattern_scan(struct words *w, struct path_pattern *p, struct reason *why)
{
	static const struct path_step any = { 0, UINT32_MAX, true, true };

	p->count = 0;
	if (words_take(w, "[")) {
		while (!words_take(w, "]"))
			if (add(w, p, why) < 0)
				return -1;
		return 0;
	}
	p->step[p->count++] = any;
	if (add(w, p, why) < 0)
		return -1;
	p->step[p->count++] = any;
	return 0;
}

/* Bit i: the next ASN may be read by step i; bit count: all were. What may be missing is passed over. */
static uint64_t
reach(const struct path_pattern *p, uint64_t states)
{
	for (unsigned i = 0; i < p->count; i++)
		if ((states >> i & 1) && p->step[i].none)
			states |= UINT64_C(1) << (i + 1);
	return states;
}

static uint64_t
read_one(const struct path_pattern *p, uint64_t states, uint32_t asn)
{
	uint64_t next = 0;

	for (unsigned i = 0; i < p->count; i++) {
		if (!(states >> i & 1) || asn < p->step[i].low || asn > p->step[i].high)
			continue;
		next |= UINT64_C(1) << (i + 1);
		/* once more: the step itself, which is behind it then */
		if (p->step[i].again)
			next |= UINT64_C(1) << i;
	}
	return reach(p, next);
}

bool
path_pattern_fits(const struct path_pattern *p, struct reader path)
{
	uint64_t states = reach(p, 1);

	while (path.left > 0 && reader_ok(&path)) {
		unsigned count;

		(void)reader_u8(&path);
		count = reader_u8(&path);
		for (; count > 0 && reader_ok(&path); count--)
			states = read_one(p, states, reader_u32(&path));
	}
	return states >> p->count & 1;
}
