/* The words of a route (ExaBGP's): which family, which prefixes, and one keyword after the other. A keyword
 * that is given again changes nothing, but extended communities add up. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "proto/bgp/route_inner.h"

/* The words end here for a route, also with more on the line. */
static bool
more(const struct words *words)
{
	return words_left(words) && !words_are(words, ";");
}

static bool
is_self(const char *word)
{
	return (*word == 's' || *word == 'S') && strcasecmp(word, "self") == 0;
}

static int
scan_next_hop(struct words *words, struct route_draft *d, struct reason *why)
{
	bool given = d->next_hop_len > 0 || d->next_hop_self;
	struct addr hop;

	if (is_self(words_peek(words))) {
		words_next(words);
		d->next_hop_self |= !given;
		return 0;
	}
	if (addr_scan(&hop, words_peek(words)) < 0)
		return words_wrong(words, why, "a next hop (an address, or self)");
	words_next(words);
	if (given)
		return 0;
	d->next_hop_len = (uint8_t)addr_size(&hop);
	memcpy(d->next_hop, hop.bytes, addr_size(&hop));
	return 0;
}

static int
scan_path_id(struct words *words, struct route_draft *d, struct reason *why)
{
	uint32_t id;

	if (path_id_scan(words, &id, why) < 0)
		return -1;
	if (!d->has_path_id)
		d->path_id = id;
	d->has_path_id = true;
	return 0;
}

static int
scan_split(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words);
	uint64_t bits;

	if (*word != '/' || word_uint(word + 1, strlen(word + 1), 128, &bits) < 0 || bits == 0)
		return words_wrong(words, why, "the length of the pieces (/24)");
	words_next(words);
	if (d->split == 0)
		d->split = (uint8_t)bits;
	return 0;
}

static int
scan_word(struct words *words, char out[64], const char *what, struct reason *why)
{
	if (!more(words) || words->at->len == 0 || words->at->len > 63)
		return words_wrong(words, why, what);
	if (out[0] == '\0')
		memcpy(out, words_peek(words), words->at->len + 1);
	words_next(words);
	return 0;
}

static int
scan_name(struct words *words, struct route_draft *d, struct reason *why)
{
	return scan_word(words, d->name, "a name of at most 63 octets", why);
}

static int
scan_watchdog(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words), *what = "the name of a watchdog, at most 63 octets";

	if (strcmp(word, "announce") == 0 || strcmp(word, "withdraw") == 0)
		return words_wrong(words, why, what);
	return scan_word(words, d->watchdog, what, why);
}

static int
scan_withdraw(struct words *words, struct route_draft *d, struct reason *why)
{
	(void)words;
	(void)why;
	d->withdrawn = true;
	return 0;
}

static const struct keyword {
	const char *word;
	int (*scan)(struct words *, struct route_draft *, struct reason *);
} keywords[] = {
	{ "next-hop", scan_next_hop },
	{ "path-information", scan_path_id },
	{ "split", scan_split },
	{ "name", scan_name },
	{ "watchdog", scan_watchdog },
	{ "withdraw", scan_withdraw },
	{ "attribute", route_scan_raw },
};

enum { KEYWORDS = sizeof keywords / sizeof keywords[0], LETTERS = 32 };

/* Most words of a route are attributes, and begin with a letter that none of these does. */
static bool
is_letter_of_keyword(char letter)
{
	static uint32_t letters;

	if (letters == 0)
		for (size_t i = 0; i < KEYWORDS; i++)
			letters |= UINT32_C(1) << *keywords[i].word % LETTERS;
	return letters >> (uint8_t)letter % LETTERS & 1;
}

const char *
route_keyword(size_t i)
{
	return i < KEYWORDS ? keywords[i].word : NULL;
}

static int
wrong_word(struct words *words, struct reason *why, const char *what, const char *nearest)
{
	char expected[160];

	if (!nearest)
		return words_wrong(words, why, what);
	snprintf(expected, sizeof expected, "%s (%s?)", what, nearest);
	return words_wrong(words, why, expected);
}

/* The keywords of the NLRI. While the family may still become a labelled one they are those of a VPN. */
static const struct nlri_word *
own_words(const struct route_draft *d)
{
	static const struct nlri_word none[] = { { 0 } };
	const struct nlri_ops *ops =
	    nlri_ops(d->guessed || !d->has_family ? IPV4_MPLS_VPN : d->family);

	return ops && ops->words ? ops->words : none;
}

static int
wrong_keyword(struct words *words, const struct route_draft *d, struct reason *why)
{
	const char *names[KEYWORDS + 2 * UINT8_MAX], *word = words_peek(words), *nearest;
	const char *const *attrs = attr_words();
	size_t n = 0;

	for (const struct nlri_word *own = own_words(d); own->word && n < UINT8_MAX; own++)
		names[n++] = own->word;
	for (size_t i = 0; attrs[i] && i < UINT8_MAX - 1; i++)
		names[n++] = attrs[i];
	for (size_t i = 0; i < KEYWORDS; i++)
		names[n++] = keywords[i].word;
	names[n] = NULL;
	nearest = reason_nearest(word, strlen(word), names);
	if (*word >= '0' && *word <= '9')
		return words_wrong(
		    words, why, "a keyword of a route (several values stand in [ ])");
	return wrong_word(words, why, "a keyword of a route", nearest);
}

int
route_scan_keyword(struct words *words, struct route_draft *d, struct reason *why)
{
	const char *word = words_peek(words);
	const struct attr_ops *ops;

	for (size_t i = 0; is_letter_of_keyword(*word) && i < KEYWORDS; i++) {
		if (*word != *keywords[i].word || strcmp(word, keywords[i].word) != 0)
			continue;
		words_next(words);
		return keywords[i].scan(words, d, why);
	}
	for (const struct nlri_word *own = own_words(d); words_left(words) && own->word; own++)
		if (*word == *own->word && strcmp(word, own->word) == 0) {
			words_next(words);
			return own->scan(words, d, why);
		}
	ops = words_left(words) ? attr_by_word(word) : NULL;
	if (!ops || !ops->scan)
		return wrong_keyword(words, d, why);
	words_next(words);
	return route_scan_attribute(ops, words, d, why);
}

/* As ExaBGP guesses it where no family is named: groups are multicast. */
static enum family
family_of_prefix(const struct prefix *p)
{
	if (p->addr.family == 6)
		return IPV6_UNICAST;
	return addr_is_multicast(&p->addr) ? IPV4_MULTICAST : IPV4_UNICAST;
}

static int
scan_prefix_of(enum family family, struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t nlri[NLRI_MAX];
	struct writer w = writer_of(nlri, sizeof nlri);

	if (nlri_ops(family)->scan && nlri_ops(family)->scan(words, &w, why) < 0)
		return -1;
	octets_add(&d->nlri, nlri, w.len);
	d->family = family;
	d->has_family = true;
	return 0;
}

/* What the families of prefixes make of one that is clean, without reading it again. */
static void
put_prefix(const struct prefix *p, enum family family, struct route_draft *d)
{
	size_t len = (p->len + 7u) / 8;
	uint8_t *nlri = octets_room(&d->nlri, 1 + len);

	nlri[0] = p->len;
	memcpy(nlri + 1, p->addr.bytes, len);
	d->family = family;
	d->has_family = true;
}

int
route_scan_prefix(struct words *words, struct route_draft *d, struct reason *why)
{
	enum family family;
	struct prefix p;

	if (prefix_scan(&p, words_peek(words)) < 0)
		return words_wrong(words, why, "a prefix (10.0.0.0/24, 2001:db8::/32)");
	family = family_of_prefix(&p);
	if (d->has_family && d->family != family)
		return reason_set(why, words->at->line, words->at->column,
		    "%s is %s, the prefix before it %s", words_peek(words), family_name(family),
		    family_name(d->family));
	d->guessed = true;
	if (!prefix_clean(&p))
		return scan_prefix_of(family, words, d, why); /* it says what is wrong */
	words_next(words);
	put_prefix(&p, family, d);
	return 0;
}

/* Keywords to the end, or to a word that ends them. */
static int
scan_keywords(struct words *words, struct route_draft *d, const char *end, struct reason *why)
{
	while (more(words) && !words_are(words, end))
		if (route_scan_keyword(words, d, why) < 0)
			return -1;
	return 0;
}

bool
route_opens(const struct route_draft *d, const char *word)
{
	const struct nlri_ops *ops = d->has_family ? nlri_ops(d->family) : NULL;

	for (size_t i = 0; ops && ops->blocks && ops->blocks[i]; i++)
		if (strcmp(word, ops->blocks[i]) == 0)
			return true;
	return false;
}

/* A word that opens a block, and its brace. */
static bool
take_block(struct words *words, const struct route_draft *d)
{
	struct words ahead = *words;

	if (!route_opens(d, words_peek(words)))
		return false;
	words_next(&ahead);
	if (!words_take(&ahead, "{"))
		return false;
	*words = ahead;
	return true;
}

/* next-hop 10.0.0.1 med 5, or { next-hop 10.0.0.1; med 5; }, or with { match { ... } } in it. The end of the
 * line closes what is open, and a } too many before it means nothing: ExaBGP never told whoever had counted wrong. */
static int
scan_body(struct words *words, struct route_draft *d, struct reason *why)
{
	unsigned depth = 1;

	if (!words_take(words, "{"))
		return scan_keywords(words, d, ";", why);
	while (depth > 0 && words_left(words)) {
		if (words_take(words, "}")) {
			depth--;
			continue;
		}
		if (take_block(words, d)) {
			depth++;
			continue;
		}
		if (route_scan_keyword(words, d, why) < 0)
			return -1;
		if (!words_take(words, ";") && words_left(words) && !words_are(words, "}"))
			return words_wrong(words, why, "; or }");
	}
	while (words_take(words, "}"))
		;
	return 0;
}

/* attributes next-hop 10.0.0.1 med 5 nlri 10.0.0.0/24 10.0.1.0/24 */
static int
scan_attributes(struct words *words, struct route_draft *d, struct reason *why)
{
	if (scan_keywords(words, d, "nlri", why) < 0)
		return -1;
	if (!words_take(words, "nlri"))
		return 0;
	do {
		if (route_scan_prefix(words, d, why) < 0)
			return -1;
	} while (more(words));
	return 0;
}

/* raw 1 81 0x0102 next-hop 10.0.0.1: a family by its numbers. */
static int
scan_numbers(struct words *words, struct route_draft *d, struct reason *why)
{
	const struct word *afi = words_next(words), *safi = words_next(words);
	enum family family = afi && safi ? family_by_name(afi->at, safi->at) : FAMILY_UNKNOWN;

	if (family == FAMILY_UNKNOWN)
		return reason_set(why, words->line, words->column,
		    "expected the numbers of an AFI and a SAFI that a neighbor has");
	if (!nlri_ops(family))
		return reason_set(why, afi->line, afi->column, "%s routes are not supported yet",
		    family_name(family));
	if (scan_prefix_of(family, words, d, why) < 0)
		return -1;
	return scan_body(words, d, why);
}

/* unicast 10.0.0.0/24 next-hop 10.0.0.1, behind the AFI: the family is what is said. */
static int
scan_family(struct words *words, const char *afi, struct route_draft *d, struct reason *why)
{
	enum family family = family_by_name(afi, words_peek(words));

	if (!words_left(words) || family == FAMILY_UNKNOWN)
		return words_wrong(words, why, "a family (unicast)");
	if (!nlri_ops(family))
		return reason_set(why, words->at->line, words->at->column,
		    "%s routes are not supported yet", family_name(family));
	words_next(words);
	if (scan_prefix_of(family, words, d, why) < 0)
		return -1;
	return scan_body(words, d, why);
}

/* Routes that are no prefixes open with a word of their own. Where the words decide between families (IPv4 or
 * IPv6, with an RD or without), build settles it. */
static const struct form {
	const char *word;
	enum family family;
	const char *again; /* a word that may follow and says the same */
} forms[] = {
	{ "flow", IPV4_FLOW, "route" },
	{ "vpls", L2VPN_VPLS, NULL },
	{ "sr-policy", IPV4_SR_POLICY, NULL },
};

static const struct form *
form_of(const char *word)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (*word == *forms[i].word && strcmp(word, forms[i].word) == 0)
			return &forms[i];
	return NULL;
}

int
route_scan_form(const char *word, struct route_draft *d, struct reason *why)
{
	const struct form *f = form_of(word);

	if (!f || !nlri_ops(f->family))
		return reason_set(why, 0, 0, "%s routes are not supported yet", word);
	d->family = f->family;
	d->has_family = d->of_form = true;
	return 0;
}

/* flow route NAME { ... }: a name is for who reads it. */
static void
skip_name(struct words *words)
{
	struct words ahead = *words;

	words_next(&ahead);
	if (strcmp(words_peek(&ahead), "{") == 0 && strcmp(words_peek(words), "{") != 0)
		*words = ahead;
}

static int
scan_own_form(const struct form *f, struct words *words, struct route_draft *d, struct reason *why)
{
	const struct word *at = words_next(words);

	if (route_scan_form(f->word, d, why) < 0) {
		why->line = at->line;
		why->column = at->column;
		return -1;
	}
	if (f->again)
		words_take(words, f->again);
	skip_name(words);
	if (scan_prefix_of(d->family, words, d, why) < 0)
		return -1;
	return scan_body(words, d, why);
}

static int
scan_form(struct words *words, struct route_draft *d, struct reason *why)
{
	static const char *const names[] = { "route", "ipv4", "ipv6", "l2vpn", "bgp-ls",
		"attributes", "flow", "vpls", "sr-policy", "raw", NULL };
	const char *word = words_peek(words);
	const struct form *own = form_of(word);

	if (own)
		return scan_own_form(own, words, d, why);
	if (words_take(words, "route"))
		return route_scan_prefix(words, d, why) < 0 ? -1 : scan_body(words, d, why);
	if (words_take(words, "ipv4") || words_take(words, "ipv6") || words_take(words, "l2vpn") ||
	    words_take(words, "bgp-ls"))
		return scan_family(words, word, d, why);
	if (words_take(words, "raw"))
		return scan_numbers(words, d, why);
	if (words_take(words, "attributes"))
		return scan_attributes(words, d, why);
	if (words_take(words, "attribute")) { /* the same word, or the first keyword */
		if (strcmp(words_peek(words), "[") == 0 && route_scan_raw(words, d, why) < 0)
			return -1;
		return scan_attributes(words, d, why);
	}
	return wrong_word(words, why, "route, flow, vpls, ipv4, ipv6, l2vpn or attributes",
	    reason_nearest(word, strlen(word), names));
}

int
route_scan(struct words *words, struct route_draft *d, struct reason *why)
{
	const struct word *start = words->at;

	if (scan_form(words, d, why) < 0)
		return -1;
	if (route_draft_finish(d, why) == 0)
		return 0;
	why->line = start->line;
	why->column = start->column;
	return -1;
}
