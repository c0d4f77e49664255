/* PMSI tunnel (RFC 6514 section 5): flags, the type of the tunnel, a label, and what identifies the tunnel, which
 * its type says how to read (types that are not known here are carried: RFC 7385).
 *
 * Text is ExaBGP's, which shows them and reads none: pmsi:ingressreplication:0:100(1600):192.0.2.1, with all bits
 * of the label field in parentheses. Where ExaBGP leaves those away we do as long as they say nothing more. */
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/attr.h"
#include "proto/bgp/label.h"

enum { HEAD = 5, INGRESS = 6, TEXT_MAX = 1024, TUNNEL_MAX = 400 };

struct pmsi {
	uint8_t flags, type;
	uint32_t label; /* all 24 bits: in EVPN a VNI */
	struct reader tunnel;
};

static bool
two_addresses(struct reader r)
{
	return r.left == 2 * 4 || r.left == 2 * 16;
}

static bool
address(struct reader r)
{
	return r.left == 4 || r.left == 16;
}

static bool
nothing(struct reader r)
{
	return r.left == 0;
}

/* SESSION object of RFC 4875: P2MP ID, two zero octets, tunnel ID, extended tunnel ID (of IPv4 or IPv6). */
static bool
session(struct reader r)
{
	return r.left == 12 || r.left == 24;
}

/* FEC element of RFC 6388 section 2.2: type, address family, root, opaque value. */
static bool
fec(struct reader r)
{
	reader_u8(&r);
	reader_u16(&r);
	reader_take(&r, reader_u8(&r));
	reader_take(&r, reader_u16(&r));
	return reader_done(&r);
}

static const struct tunnel {
	uint8_t type;
	const char *name;
	bool (*sound)(struct reader);
} tunnels[] = {
	{ 0, "notunnel", nothing },
	{ 1, "rsvp-tep2mplsp", session },
	{ 2, "mldpp2mplsp", fec },
	{ 3, "pim-ssmtree", two_addresses },
	{ 4, "pim-smtree", two_addresses },
	{ 5, "bidir-pimtree", two_addresses },
	{ INGRESS, "ingressreplication", address },
	{ 7, "mldpmp2mplsp", fec },
};

enum { TUNNELS = sizeof tunnels / sizeof *tunnels };

static const struct tunnel *
tunnel_of(uint8_t type)
{
	for (size_t i = 0; i < TUNNELS; i++)
		if (tunnels[i].type == type)
			return &tunnels[i];
	return NULL;
}

static struct pmsi
cut(struct reader value)
{
	struct pmsi p = { 0 };

	p.flags = reader_u8(&value);
	p.type = reader_u8(&value);
	p.label = reader_u24(&value);
	p.tunnel = reader_rest(&value);
	return p;
}

static int
check(struct reader value, const struct session_params *p)
{
	struct pmsi pmsi = cut(value);
	const struct tunnel *tunnel = tunnel_of(pmsi.type);

	(void)p;
	if (value.left < HEAD)
		return -1;
	return !tunnel || tunnel->sound(pmsi.tunnel) ? 0 : -1;
}

/* --- text --- */

static void
print_value(const struct pmsi *p, const char *name, bool exactly, struct text *t)
{
	uint32_t label = p->label >> LABEL_SHIFT;
	char room[ADDR_TEXT];
	struct addr addr;

	text_printf(t, "pmsi:%s:%u:%u", name, p->flags, label);
	if (p->type == INGRESS || (exactly && label << LABEL_SHIFT != p->label))
		text_printf(t, "(%u)", p->label);
	text_char(t, ':');
	if (p->type == INGRESS) {
		addr = addr_of(p->tunnel.at, p->tunnel.left);
		text_add(t, addr_print(&addr, room));
	} else if (p->tunnel.left > 0) {
		text_add(t, "0x");
		text_hex_upper(t, p->tunnel.at, p->tunnel.left);
	}
}

/* Nothing of a tunnel without a name: it is shown by number. */
static void
print(struct reader value, struct text *t)
{
	struct pmsi p = cut(value);
	const struct tunnel *tunnel = tunnel_of(p.type);

	if (tunnel && p.tunnel.left <= TUNNEL_MAX)
		print_value(&p, tunnel->name, true, t);
}

static void
to_tree(struct reader value, struct tree *tree)
{
	struct pmsi p = cut(value);
	const struct tunnel *tunnel = tunnel_of(p.type);
	struct text t = { 0 };

	print_value(&p, tunnel ? tunnel->name : "unknown", false, &t);
	tree_text(tree, text_str(&t));
	text_fini(&t);
}

/* The value may be cut at its parentheses: put it together again. */
static int
gather(struct words *words, char *out, size_t size)
{
	size_t len = 0;
	bool open = false;

	do {
		const struct word *w = words_next(words);
		bool parenthesis = w && w->len == 1 && (w->at[0] == '(' || w->at[0] == ')');

		if (!w || len + w->len >= size)
			return -1;
		memcpy(out + len, w->at, w->len);
		len += w->len;
		out[len] = '\0';
		if (parenthesis)
			open = w->at[0] == '(';
		else if (open && strcmp(words_peek(words), ")") != 0)
			return -1;
	} while (open || strcmp(words_peek(words), "(") == 0 || (len > 0 && out[len - 1] == ')'));
	return 0;
}

/* A part up to `end`; what is behind it is left in *at. */
static int
part(const char **at, const char *end, const char **out, size_t *len)
{
	*out = *at;
	*len = strcspn(*at, end);
	if ((*at)[*len] == '\0')
		return -1;
	*at += *len + 1;
	return 0;
}

static int
scan_number(const char **at, const char *end, uint64_t max, uint64_t *n)
{
	const char *text;
	size_t len;

	return part(at, end, &text, &len) < 0 ? -1 : word_uint(text, len, max, n);
}

static const struct tunnel *
tunnel_named(const char *text, size_t len)
{
	for (size_t i = 0; i < TUNNELS; i++)
		if (strlen(tunnels[i].name) == len && strncmp(tunnels[i].name, text, len) == 0)
			return &tunnels[i];
	return NULL;
}

/* 100 or 100(1601), and the colon behind it. */
static int
scan_label(const char **at, uint32_t *label)
{
	size_t len = strcspn(*at, "(:");
	uint64_t high, all;

	if (word_uint(*at, len, LABEL_MAX, &high) < 0)
		return -1;
	*label = (uint32_t)high << LABEL_SHIFT;
	*at += len;
	if (**at == '(') {
		++*at;
		if (scan_number(at, ")", 0xffffff, &all) < 0 || all >> LABEL_SHIFT != high)
			return -1;
		*label = (uint32_t)all;
	}
	return *(*at)++ == ':' ? 0 : -1;
}

static int
scan_tunnel(const char *text, const struct tunnel *tunnel, struct writer *w)
{
	uint8_t octets[TUNNEL_MAX];
	size_t mark = w->len, len = strlen(text);
	struct addr addr;

	if (tunnel->type == INGRESS) {
		if (addr_scan(&addr, text) < 0)
			return -1;
		writer_bytes(w, addr.bytes, addr_size(&addr));
	} else if (len > 0) {
		if (len % 2 || len / 2 - 1 > TUNNEL_MAX || strncmp(text, "0x", 2) != 0 ||
		    word_octets(text + 2, octets, len / 2 - 1) < 0)
			return -1;
		writer_bytes(w, octets, len / 2 - 1);
	}
	return tunnel->sound(reader_of(w->base + mark, w->len - mark)) ? 0 : -1;
}

static int
scan_text(const char *at, struct writer *w)
{
	const struct tunnel *tunnel;
	const char *name;
	uint64_t flags;
	uint32_t label;
	size_t len;

	if (strncmp(at, "pmsi:", 5) == 0)
		at += 5;
	if (part(&at, ":", &name, &len) < 0 || !(tunnel = tunnel_named(name, len)) ||
	    scan_number(&at, ":", UINT8_MAX, &flags) < 0 || scan_label(&at, &label) < 0)
		return -1;
	writer_u8(w, flags);
	writer_u8(w, tunnel->type);
	writer_u24(w, label);
	return scan_tunnel(at, tunnel, w);
}

static int
scan(struct words *words, struct writer *w, struct reason *reason)
{
	struct words start = *words;
	size_t mark = w->len;
	char text[TEXT_MAX];

	if (gather(words, text, sizeof text) == 0 && scan_text(text, w) == 0)
		return 0;
	w->len = mark;
	return words_wrong(&start, reason,
	    "a tunnel (pmsi:ingressreplication:0:100:192.0.2.1, with 0x and octets for other "
	    "types)");
}

const struct attr_ops attr_pmsi = {
	.code = ATTR_PMSI,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "pmsi",
	.name = "pmsi",
	.check = check,
	.scan = scan,
	.print = print,
	.tree = to_tree,
};
