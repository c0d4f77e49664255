/* Events as lines of words. Each event is followed by an empty line: that is how ExaBGP tells it. */
#include <string.h>
#include <unistd.h>
#include "controller/api/encoder.h"
#include "controller/api/event.h"
#include "controller/api/path42.h"
#include "proto/bgp/attr/ext_community.h"
#include "proto/bgp/attr/path.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/open.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/route.h"

static void
head(struct speech *s)
{
	char address[ADDR_TEXT];

	text_printf(s->text, "neighbor %s", addr_print(&s->neighbor->peer.address, address));
}

/* "neighbor 192.0.2.1 receive" */
static void
head_message(struct speech *s)
{
	head(s);
	text_add(s->text, s->sent ? " send" : " receive");
}

static void
state(struct speech *s, const char *state, const char *reason)
{
	head(s);
	text_printf(s->text, " %s", state);
	if (strcmp(state, "down") == 0)
		text_printf(s->text, " - %s", reason);
	text_add(s->text, "\n\n");
}

static void
nothing_fsm(struct speech *s, enum peer_state state)
{
	(void)s;
	(void)state;
}

static void
nothing_negotiated(struct speech *s)
{
	(void)s;
}

/* --- attributes --- */

/* ExaBGP 5 and 6 print sequences in ( ) and sets in [ ], the other way round than they read them. */
static const struct brackets {
	const char *open, *close;
} brackets[] = {
	[SEGMENT_SET] = { "[", " ]" },
	[SEGMENT_SEQUENCE] = { "(", " )" },
	[SEGMENT_CONFED_SEQUENCE] = { "{(", " )}" },
	[SEGMENT_CONFED_SET] = { "{[", " ]}" },
};

static void
as_path(struct reader path, struct text *t)
{
	struct segment segment;

	if (path.left > 0)
		text_add(t, " as-path");
	while (segment_next(&path, 4, &segment)) {
		bool known = segment.type >= SEGMENT_SET && segment.type <= SEGMENT_CONFED_SET;
		const struct brackets *b = &brackets[known ? segment.type : SEGMENT_SEQUENCE];

		text_printf(t, " %s", b->open);
		while (segment.asns.left > 0)
			text_printf(t, " %u", segment_asn(&segment));
		text_add(t, b->close);
	}
}

static void
ext_communities(struct reader value, struct text *t)
{
	text_add(t, " extended-community ");
	ext_community_show(value, t);
}

static void
aggregator42(struct reader value, struct text *t)
{
	text_add(t, " aggregator ( ");
	attr_aggregator.print(value, t);
	text_add(t, " )");
}

void
encoder_text_attributes(enum family family, struct reader block, unsigned version, struct text *t)
{
	for (;;) {
		struct reader rest = block;
		struct attr a;

		if (!attrs_next(&block, &a))
			return;
		if (a.code == ATTR_AS_PATH && version == API_42)
			path42_print(a.value, t);
		else if (a.code == ATTR_AS_PATH)
			as_path(a.value, t);
		else if (a.code == ATTR_AGGREGATOR && version == API_42)
			aggregator42(a.value, t);
		else if (a.code == ATTR_EXT_COMMUNITY)
			ext_communities(a.value, t);
		else
			route_print_attributes(
			    family, reader_of(rest.at, rest.left - block.left), t);
	}
}

/* --- messages --- */

/* The word in front of routes that are no prefixes. */
static const char *
form_of(enum family f)
{
	switch (f) {
	case IPV4_FLOW:
	case IPV4_FLOW_VPN:
	case IPV6_FLOW:
	case IPV6_FLOW_VPN:
		return "flow ";
	case L2VPN_VPLS:
		return "vpls ";
	case IPV4_RTC:
		return "rtc ";
	default:
		return "";
	}
}

static void
nlri(struct speech *s, const struct routes_part *p, const struct nlri *n)
{
	const struct nlri_ops *ops = nlri_ops(p->family);

	text_add(s->text, form_of(p->family));
	if (ops)
		ops->print(n->octets, s->text);
	if (!p->path_ids)
		return;
	text_add(s->text, " path-information ");
	path_id_print(n->path_id, s->text);
}

/* In 4.2 the RD of a VPN's route stands behind its next hop. */
static void
rd_last(struct text *t, size_t from)
{
	const char *rd = strstr(text_str(t) + from, " rd ");
	char kept[64];
	size_t at, len;

	if (!rd)
		return;
	at = (size_t)(rd - text_str(t));
	len = 4 + strcspn(rd + 4, " ");
	if (len >= sizeof kept)
		return;
	memcpy(kept, rd, len);
	memmove(t->base + at, t->base + at + len, t->len - at - len);
	text_cut(t, t->len - len);
	text_addn(t, kept, len);
}

static void
announced(struct speech *s, const struct routes_part *p)
{
	struct reader bin = p->nlri;
	char hop[ADDR_TEXT];
	struct nlri n;

	while (nlri_next(p->family, p->path_ids, &bin, &n)) {
		size_t from;

		head_message(s);
		text_add(s->text, " update announced ");
		from = s->text->len;
		nlri(s, p, &n);
		if (p->value.next_hop.left > 0)
			text_printf(s->text, " next-hop %s",
			    event_next_hop(p->family, p->value.next_hop, hop));
		if (s->version == API_42 &&
		    (p->family == IPV4_MPLS_VPN || p->family == IPV6_MPLS_VPN))
			rd_last(s->text, from);
		encoder_text_attributes(p->family, p->value.attributes, s->version, s->text);
		text_char(s->text, '\n');
	}
}

static void
withdrawn(struct speech *s, const struct routes_part *p)
{
	struct reader bin = p->nlri;
	struct nlri n;

	while (nlri_next(p->family, p->path_ids, &bin, &n)) {
		head_message(s);
		text_add(s->text, " update withdrawn ");
		nlri(s, p, &n);
		text_char(s->text, '\n');
	}
}

static void
end_of_rib(struct speech *s, enum family f)
{
	head_message(s);
	text_printf(s->text, " update route eor %u/%u (%s)\n", family_table[f].afi,
	    family_table[f].safi, family_name(f));
}

/* " header 0x.. body 0x.." */
static void
octets(struct speech *s, struct reader original)
{
	struct reader header = reader_sub(&original, MESSAGE_HEADER);

	text_add(s->text, " header 0x");
	text_hex_upper(s->text, header.at, header.left);
	if (original.left > 0) {
		text_add(s->text, " body 0x");
		text_hex_upper(s->text, original.at, original.left);
	}
	text_char(s->text, '\n');
}

/* In the order of the message's fields, the oldest first: IPv4 unicast has its own. Withdraws are done before
 * announces (RFC 4271 section 4.3), so who does as the lines say has what the message says. */
static void
parts(struct speech *s, const struct routes_message *m, bool ipv4)
{
	for (unsigned i = 0; i < m->withdraws; i++)
		if ((m->withdraw[i].family == IPV4_UNICAST) == ipv4)
			withdrawn(s, &m->withdraw[i]);
	for (unsigned i = 0; i < m->announces; i++)
		if ((m->announce[i].family == IPV4_UNICAST) == ipv4)
			announced(s, &m->announce[i]);
}

static void
update(struct speech *s, const struct routes_message *m, struct reader original)
{
	head_message(s);
	text_add(s->text, " update start\n");
	if ((m->flags & ROUTES_END_OF_RIB) && m->withdraws > 0) {
		end_of_rib(s, m->withdraw[0].family);
	} else {
		parts(s, m, true);
		parts(s, m, false);
	}
	if (original.left >= MESSAGE_HEADER)
		octets(s, original);
	head_message(s);
	text_add(s->text, " update end\n\n");
}

static void
open_body(struct speech *s, struct reader body)
{
	struct fault f = { 0 };
	struct open o;

	text_add(s->text, " open ");
	if (open_parse(&o, body, &f) == 0)
		open_print(&o, s->text, speech_whose(s));
}

static void
notification_body(struct speech *s, struct reader body)
{
	uint8_t code = reader_u8(&body), subcode = reader_u8(&body);

	text_printf(s->text, " notification code %u subcode %u data 0x", code, subcode);
	text_hex_upper(s->text, body.at, body.left);
}

static void
refresh_body(struct speech *s, struct reader body)
{
	static const char *const kinds[] = { "query", "begin", "end" };
	uint16_t afi = reader_u16(&body);
	uint8_t kind = reader_u8(&body), safi = reader_u8(&body);
	enum family f = family_by_code((uint32_t)afi * 256 + safi);

	text_add(s->text, " route-refresh ");
	if (f < FAMILIES)
		text_printf(
		    s->text, "afi %s safi %s", family_table[f].afi_name, family_table[f].safi_name);
	else
		text_printf(s->text, "afi %u safi %u", afi, safi);
	if (kind < sizeof kinds / sizeof *kinds)
		text_printf(s->text, " %s", kinds[kind]);
	else
		text_printf(s->text, " %u", kind);
}

static void
operational_body(struct speech *s, struct reader body)
{
	struct reason why = { 0 };
	struct operational o;

	text_add(s->text, " operational ");
	if (operational_parse(&o, body, &why) >= 0)
		operational_print(&o, s->text);
}

static void
message(struct speech *s, uint8_t type, struct reader body, struct reader original)
{
	head_message(s);
	if (type == MESSAGE_OPEN)
		open_body(s, body);
	else if (type == MESSAGE_NOTIFICATION)
		notification_body(s, body);
	else if (type == MESSAGE_REFRESH)
		refresh_body(s, body);
	else if (type == MESSAGE_OPERATIONAL)
		operational_body(s, body);
	else
		text_printf(s->text, " %s", message_type_name(type));
	if (original.left >= MESSAGE_HEADER)
		octets(s, original);
	else
		text_char(s->text, '\n');
	text_char(s->text, '\n');
}

static void
nothing_signal(struct speech *s, int number)
{
	(void)s;
	(void)number;
}

static void
packet(struct speech *s, uint8_t type, struct reader original)
{
	head_message(s);
	text_printf(s->text, " %u", type);
	octets(s, original);
	text_char(s->text, '\n');
}

static void
shutdown_line(unsigned version, struct text *t)
{
	(void)version;
	text_printf(t, "shutdown %d %d\n\n", (int)getpid(), (int)getppid());
}

const struct encoder encoder_text = { state, nothing_fsm, nothing_negotiated, update, message,
	packet, nothing_signal, shutdown_line };
