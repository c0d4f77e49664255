#include "controller/api/recent.h"
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"

enum { ROWS = 256, WAYS = 4, SIGHTS = 4096, PREFIX_OCTETS_MAX = 49, PATIENCE = 256, SAMPLE = 8 };

struct row {
	struct recent_said *said[WAYS];
	uint8_t next; /* the one that gives way */
};

struct recent {
	struct controller *controller;
	uint64_t grounds;
	size_t count, octets;
	struct recent_line last; /* that was asked for */
	const struct neighbor *tells; /* on these grounds; or NULL */
	bool missed;
	unsigned strange; /* so many lines that were asked for, one after the other, were new */
	unsigned passed; /* lines that might have been asked for since */
	uint32_t seen[SIGHTS]; /* hashes of lines that were said once: most never come again */
	struct row row[ROWS];
};

/* --- dividing a line --- */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Digits without zeros in front, as inet_pton takes them; NULL when it is something else. */
static const uint8_t *
number(const uint8_t *at, const uint8_t *end, unsigned max, unsigned *value)
{
	const uint8_t *start = at;
	unsigned v = 0;

	while (at < end && at - start < 3 && *at >= '0' && *at <= '9')
		v = v * 10 + (unsigned)(*at++ - '0');
	if (at == start || (*start == '0' && at - start > 1) || v > max)
		return NULL;
	*value = v;
	return at;
}

/* An IPv4 prefix as it is mostly written, with its length and no bits behind it; others are left to the scanner. */
static bool
scan_ipv4(struct recent_line *l)
{
	const uint8_t *at = l->prefix.at, *end = at + l->prefix.left;
	uint32_t address = 0;
	unsigned part, bits;

	for (unsigned i = 0; i < 4; i++) {
		at = number(at, end, 255, &part);
		if (!at || at == end || *at++ != (i < 3 ? '.' : '/'))
			return false;
		address = address << 8 | part;
	}
	at = number(at, end, 32, &bits);
	if (at != end || address >> 28 == 0xe || (bits < 32 && (uint32_t)(address << bits) != 0))
		return false;
	l->family = IPV4_UNICAST;
	l->len = (uint8_t)(1 + (bits + 7) / 8);
	l->nlri[0] = (uint8_t)bits;
	for (unsigned i = 0; i < 4; i++)
		l->nlri[1 + i] = (uint8_t)(address >> (24 - 8 * i));
	return true;
}

static bool
scan_ipv6(struct recent_line *l)
{
	char text[PREFIX_OCTETS_MAX + 1];
	struct prefix p;

	memcpy(text, l->prefix.at, l->prefix.left);
	text[l->prefix.left] = '\0';
	if (prefix_scan(&p, text) < 0 || p.addr.family != 6 || addr_is_multicast(&p.addr) ||
	    !prefix_clean(&p))
		return false;
	l->family = IPV6_UNICAST;
	l->len = (uint8_t)(1 + (p.len + 7) / 8);
	l->nlri[0] = p.len;
	memcpy(l->nlri + 1, p.addr.bytes, sizeof p.addr.bytes);
	return true;
}

/* At the word around the first slash. */
static bool
divide(struct reader line, struct recent_line *l)
{
	const uint8_t *start, *slash, *end = line.at + line.left;

	if (line.left == 0 || line.left > RECENT_LINE_MAX)
		return false;
	slash = memchr(line.at, '/', line.left);
	if (!slash)
		return false;
	for (start = slash; start > line.at && !is_blank(start[-1]);)
		start--;
	while (slash < end && !is_blank(*slash))
		slash++;
	if (start == line.at || slash - start > PREFIX_OCTETS_MAX)
		return false;
	l->whole = line;
	l->head = reader_of(line.at, (size_t)(start - line.at));
	l->prefix = reader_of(start, (size_t)(slash - start));
	l->tail = reader_of(slash, (size_t)(end - slash));
	return memchr(start, ':', l->prefix.left) ? scan_ipv6(l) : scan_ipv4(l);
}

/* --- what is kept --- */

static size_t
octets_of(const struct recent_said *s)
{
	return s->octets.len + s->count * sizeof(struct neighbor *) +
	       s->plan.count * sizeof(struct plan_part);
}

static void
drop(struct recent *r, struct recent_said **said)
{
	struct recent_said *s = *said;

	if (!s)
		return;
	r->count--;
	r->octets -= octets_of(s);
	plan_fini(&s->plan);
	octets_fini(&s->octets);
	mem_free(s->neighbor);
	mem_free(s);
	*said = NULL;
}

static void
drop_all(struct recent *r)
{
	for (unsigned i = 0; i < ROWS && r->count > 0; i++)
		for (unsigned k = 0; k < WAYS; k++)
			drop(r, &r->row[i].said[k]);
}

static bool
is_same(const struct recent_said *s, const struct client *c, const struct recent_line *l)
{
	return s && s->hash == l->hash && s->client == c->number && s->family == l->family &&
	       s->head == l->head.left && s->octets.len == s->head + l->tail.left &&
	       memcmp(s->octets.base, l->head.at, s->head) == 0 &&
	       memcmp(s->octets.base + s->head, l->tail.at, l->tail.left) == 0;
}

static struct row *
row_of(struct recent *r, uint64_t hash)
{
	return &r->row[hash % ROWS];
}

static void
prefetch(const struct recent *r, const struct recent_line *l)
{
	const struct ledger *told =
	    r->tells ? r->tells->speaker->intent.told[l->family].ledger : NULL;

	if (told)
		ledger_prefetch(told, 0, reader_of(l->nlri, l->len));
}

void
recent_tells(struct recent *r, const struct neighbor *n)
{
	r->tells = n;
}

const struct neighbor *
recent_told(const struct recent *r)
{
	return r->grounds == r->controller->grounds ? r->tells : NULL;
}

bool
recent_missed(const struct recent *r)
{
	return r->missed;
}

bool
recent_passes(struct recent *r)
{
	return r->strange >= PATIENCE && ++r->passed % SAMPLE != 0;
}

const struct recent_said *
recent_find(struct recent *r, const struct client *c, struct reader line, struct recent_line *l)
{
	struct row *row;

	if (r->grounds != r->controller->grounds) {
		drop_all(r);
		r->tells = NULL;
		r->grounds = r->controller->grounds;
	}
	r->last.whole = (struct reader){ 0 };
	r->missed = true;
	if (!divide(line, l))
		return NULL;
	prefetch(r, l);
	l->hash = hash_octets(l->head.at, l->head.left) * UINT64_C(0x9e3779b97f4a7c15) ^
		  hash_octets(l->tail.at, l->tail.left) ^ c->number << 8;
	row = row_of(r, l->hash);
	for (unsigned k = 0; k < WAYS; k++)
		if (is_same(row->said[k], c, l)) {
			r->missed = false;
			r->strange = 0;
			return row->said[k];
		}
	r->last = *l; /* it is run next */
	return NULL;
}

void
recent_ran(struct recent *r)
{
	r->last.whole = (struct reader){ 0 };
}

/* --- what is worth to be kept --- */

/* Columns count characters: with others than ASCII's they are no offsets. */
static bool
is_ascii(struct reader r)
{
	for (size_t i = 0; i < r.left; i++)
		if (r.at[i] >= 0x80)
			return false;
	return true;
}

/* The word that the scanner took as the prefix. */
static const struct word *
prefix_word(const struct word *w, size_t count)
{
	if (count > 1 && strcmp(w[0].at, "route") == 0)
		return &w[1];
	if (count > 2 && (strcmp(w[0].at, "ipv4") == 0 || strcmp(w[0].at, "ipv6") == 0) &&
	    strcmp(w[1].at, "unicast") == 0)
		return &w[2];
	return NULL;
}

static bool
is_plain(const struct recent_line *l, const struct route_draft *d)
{
	return d->family == l->family && d->split == 0 && !d->watchdog[0] && !d->withdrawn &&
	       reader_equal(octets_read(&d->nlri), reader_of(l->nlri, l->len));
}

static bool
seen_before(struct recent *r, uint64_t hash)
{
	uint32_t *seen = &r->seen[hash / ROWS % SIGHTS], tag = (uint32_t)(hash >> 32) | 1;
	bool before = *seen == tag;

	*seen = tag;
	r->strange = before ? 0 : r->strange + 1;
	return before;
}

bool
recent_wants(struct recent *r, struct reader line, const struct word *words, size_t count,
    const struct route_draft *d)
{
	const struct recent_line *l = &r->last;
	const struct word *w;

	if (l->whole.left == 0 || l->whole.at != line.at || l->whole.left != line.left ||
	    !seen_before(r, l->hash))
		return false;
	w = prefix_word(words, count);
	return w && !w->quoted && w->column == l->head.left + 1 && w->len == l->prefix.left &&
	       memcmp(w->at, l->prefix.at, w->len) == 0 && is_ascii(l->head) && is_plain(l, d);
}

void
recent_keep(struct recent *r, const struct client *c, bool withdraw, const struct route_draft *d,
    struct plan *plan, struct neighbor *const *to, size_t count)
{
	const struct recent_line *l = &r->last;
	struct row *row = row_of(r, l->hash);
	struct recent_said *s = mem_zero(sizeof *s);

	*s = (struct recent_said){ .hash = l->hash,
		.client = c->number,
		.head = l->head.left,
		.family = l->family,
		.withdraw = withdraw,
		.path_id = d->path_id,
		.plan = *plan,
		.count = count };
	*plan = (struct plan){ 0 };
	octets_add(&s->octets, l->head.at, l->head.left);
	octets_add(&s->octets, l->tail.at, l->tail.left);
	s->neighbor = mem_copy(to, count * sizeof(struct neighbor *));
	if (r->octets + octets_of(s) > RECENT_OCTETS_MAX)
		drop_all(r);
	drop(r, &row->said[row->next]);
	row->said[row->next] = s;
	row->next = (uint8_t)((row->next + 1) % WAYS);
	r->count++;
	r->octets += octets_of(s);
}

size_t
recent_count(const struct recent *r)
{
	return r->count;
}

struct recent *
recent_new(struct controller *c)
{
	struct recent *r = mem_zero(sizeof *r);

	r->controller = c;
	return r;
}

void
recent_free(struct recent *r)
{
	if (!r)
		return;
	drop_all(r);
	mem_free(r);
}
