/* Events as ExaBGP's JSON, one line an event, in its order of keys and with its spaces: there are helpers that look
 * for a part of the text. Version 6 calls itself otherwise; 4.2 has other AS paths and says no router-id. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/clock.h"
#include "common/json.h"
#include "controller/api/encoder.h"
#include "controller/api/event.h"
#include "controller/api/path42.h"
#include "controller/config/config.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/open.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/refresh.h"

enum { TICKS = 10000000 }; /* of the time in a line */

/* --- the envelope --- */

static const char *
version_name(unsigned version)
{
	return version == API_6 ? "6.0.0" : "4.0.1";
}

/* "%.7f" without what printf takes for it: a line begins with this. */
static void
put_time(struct text *t, double time)
{
	uint64_t ticks =
	    (uint64_t)time * TICKS + (uint64_t)((time - (double)(uint64_t)time) * TICKS + 0.5);
	char digits[] = ".0000000";

	text_uint(t, ticks / TICKS);
	ticks %= TICKS;
	for (char *at = digits + sizeof digits - 2; ticks > 0; ticks /= 10)
		*at-- = (char)('0' + ticks % 10);
	text_add(t, digits);
}

/* Who we are: asked of the kernel once a second, not for each line. */
static void
put_host(struct text *t, double time)
{
	static struct text known;
	static uint64_t second;
	char host[256] = "";

	if (second != (uint64_t)time) {
		second = (uint64_t)time;
		(void)gethostname(host, sizeof host - 1);
		text_clear(&known);
		text_add(&known, ", \"host\" : ");
		json_string(&known, host, strlen(host));
		text_printf(
		    &known, ", \"pid\" : %d, \"ppid\" : %d, ", (int)getpid(), (int)getppid());
	}
	text_addn(t, text_str(&known), known.len);
}

static void
begin(struct text *t, unsigned version, double time)
{
	if (time <= 0)
		time = clock_wall();
	text_add(t, "{ \"exabgp\": \"");
	text_add(t, version_name(version));
	text_add(t, "\", \"time\": ");
	put_time(t, time);
	put_host(t, time);
}

static void
quoted_address(struct text *t, const char *key, const struct addr *a)
{
	char address[ADDR_TEXT];

	text_char(t, '"');
	text_add(t, key);
	text_add(t, "\": \"");
	text_add(t, a->family ? addr_print(a, address) : "auto");
	text_char(t, '"');
}

/* header and body of a message, as members of the envelope or of "message" */
static void
octets(struct text *t, struct reader original)
{
	struct reader header = reader_sub(&original, MESSAGE_HEADER);

	text_add(t, "\"header\": \"0x");
	text_hex_upper(t, header.at, header.left);
	if (original.left > 0) {
		text_add(t, "\", \"body\": \"0x");
		text_hex_upper(t, original.at, original.left);
	}
	text_char(t, '"');
}

static void
direction(struct speech *s)
{
	const char *live = s->sent ? "send" : "receive", *decoded = s->sent ? "out" : "in";

	text_add(s->text, "\"direction\": \"");
	text_add(s->text, s->decoded ? decoded : live);
	text_char(s->text, '"');
}

/* --- what is the same in every line about a neighbor is kept as text --- */

enum { KNOWN = 64 };

struct known {
	struct about {
		struct addr local, peer;
		uint32_t local_as, peer_as, router_id;
		unsigned version;
	} about;
	struct agreed {
		bool spaced; /* lists, as 4.2 has them */
		bool extended_message, asn4, multisession, operational, refresh, enhanced_refresh;
		uint16_t hold_time;
		uint32_t families, nexthop6, add_path_send, add_path_receive;
	} agreed;
	struct text neighbor, negotiated;
};

static struct known *
known_of(const struct neighbor *n)
{
	static struct known known[KNOWN];

	return &known[n->number % KNOWN];
}

static void
write_neighbor(const struct about *a, struct text *t)
{
	struct addr id = addr_v4(a->router_id);

	text_clear(t);
	text_add(t, "\"neighbor\": { \"address\": { ");
	quoted_address(t, "local", &a->local);
	text_add(t, ", ");
	quoted_address(t, "peer", &a->peer);
	text_add(t, " }, \"asn\": { \"local\": ");
	text_uint(t, a->local_as);
	text_add(t, ", \"peer\": ");
	text_uint(t, a->peer_as);
	text_add(t, " }");
	if (a->version != API_42) {
		text_add(t, ", ");
		quoted_address(t, "router-id", &id);
	}
	text_add(t, " , ");
}

static void
put_neighbor(const struct speech *s)
{
	const struct neighbor *n = s->neighbor;
	struct known *k = known_of(n);
	struct about a;

	memset(&a, 0, sizeof a);
	a.local = neighbor_local_address(n);
	a.peer = n->peer.address;
	a.local_as = neighbor_local_as(n);
	a.peer_as = neighbor_peer_as(n);
	if (n->known && a.local_as == 0) /* both OPENs tell, before the session is up */
		a.local_as = n->state.local_as;
	if (n->known && a.peer_as == 0)
		a.peer_as = n->state.peer_as;
	a.router_id = n->config->router_id;
	a.version = s->version;
	if (k->neighbor.len == 0 || memcmp(&a, &k->about, sizeof a) != 0) {
		k->about = a;
		write_neighbor(&a, &k->neighbor);
	}
	text_addn(s->text, text_str(&k->neighbor), k->neighbor.len);
}

static void
begin_neighbor(struct speech *s, const char *type, struct reader original)
{
	struct text *t = s->text;

	begin(t, s->version, s->time);
	text_add(t, "\"counter\": ");
	text_uint(t, ++*s->counter);
	text_add(t, ", \"type\": \"");
	text_add(t, type);
	text_add(t, "\", ");
	if (original.left >= MESSAGE_HEADER) {
		octets(t, original);
		text_add(t, ", ");
	}
	put_neighbor(s);
}

/* --- states --- */

static void
state(struct speech *s, const char *state, const char *reason)
{
	begin_neighbor(s, "state", (struct reader){ 0 });
	text_printf(s->text, "\"state\": \"%s\"", state);
	if (strcmp(state, "down") == 0) {
		text_add(s->text, ", \"reason\": ");
		json_string(s->text, reason, strlen(reason));
	}
	text_add(s->text, " } }\n");
}

static void
fsm(struct speech *s, enum peer_state state)
{
	begin_neighbor(s, "fsm", (struct reader){ 0 });
	text_add(s->text, "\"state\": \"");
	for (const char *c = peer_state_name(state); *c; c++)
		text_char(s->text, (char)(*c & ~0x20));
	text_add(s->text, "\" } }\n");
}

/* --- what was negotiated --- */

static void
families(struct text *t, const char *key, uint32_t set, const char *behind, bool spaced)
{
	bool first = true;

	text_printf(t, "\"%s\": [%s", key, spaced ? " " : "");
	for (int f = 0; f < FAMILIES; f++)
		if (set & family_bit((enum family)f)) {
			text_printf(t, "%s\"%s%s\"",
			    first    ? ""
			    : spaced ? " ,"
				     : ", ",
			    family_name((enum family)f), behind);
			first = false;
		}
	text_add(t, spaced ? " ]" : "]");
}

static const char *
bool_name(bool value)
{
	return value ? "true" : "false";
}

static void
write_negotiated(const struct agreed *p, struct text *t)
{
	text_clear(t);
	text_printf(t,
	    "\"negotiated\": { \"message_size\": %d, \"hold_time\": %u, \"asn4\": %s, "
	    "\"multisession\": %s, \"operational\": %s, \"refresh\": \"%s\", ",
	    p->extended_message ? MESSAGE_MAX_EXTENDED : MESSAGE_MAX, p->hold_time,
	    bool_name(p->asn4), bool_name(p->multisession), bool_name(p->operational),
	    p->enhanced_refresh ? "enhanced"
	    : p->refresh        ? "normal"
				: "absent");
	families(t, "families", p->families, "", p->spaced);
	text_add(t, ", ");
	families(t, "nexthop", p->nexthop6, " ipv6", p->spaced);
	text_add(t, p->spaced ? ", \"add_path\": { " : ", \"add_path\": {");
	families(t, "send", p->add_path_send, "", p->spaced);
	text_add(t, ", ");
	families(t, "receive", p->add_path_receive, "", p->spaced);
	text_add(t, p->spaced ? " } }" : "} }");
}

static void
negotiated_block(struct speech *s)
{
	const struct link_peer_state *p = &s->neighbor->state;
	struct known *k = known_of(s->neighbor);
	struct agreed now;

	memset(&now, 0, sizeof now);
	now.spaced = s->version == API_42;
	now.extended_message = p->extended_message;
	now.asn4 = p->asn4;
	now.multisession = p->multisession;
	now.operational = p->operational;
	now.refresh = p->refresh;
	now.enhanced_refresh = p->enhanced_refresh;
	now.hold_time = p->hold_time;
	now.families = p->families;
	now.nexthop6 = p->nexthop6;
	now.add_path_send = p->add_path_send;
	now.add_path_receive = p->add_path_receive;
	if (k->negotiated.len == 0 || memcmp(&now, &k->agreed, sizeof now) != 0) {
		k->agreed = now;
		write_negotiated(&now, &k->negotiated);
	}
	text_addn(s->text, text_str(&k->negotiated), k->negotiated.len);
}

/* With each message: 4.2 where the neighbor's `api` asks for it, 5.0 and later always. */
static bool
tells_negotiated(const struct speech *s)
{
	return !s->decoded && (s->version != API_42 || s->negotiated);
}

static void
negotiated(struct speech *s)
{
	begin_neighbor(s, "negotiated", (struct reader){ 0 });
	negotiated_block(s);
	text_add(s->text, "  } }\n");
}

/* --- messages --- */

/* AS paths alone are written without the spaces inside of brackets. */
static void
squeeze(struct text *t, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < t->len; i++) {
		char c = t->base[i], before = i > from ? t->base[i - 1] : '\0',
		     after = i + 1 < t->len ? t->base[i + 1] : '\0';

		if (c == ' ' && (before == '{' || before == '[' || after == '}' || after == ']'))
			continue;
		t->base[kept++] = c;
	}
	text_cut(t, kept);
}

static void
one_attribute(struct text *t, uint8_t code, struct reader octets)
{
	size_t from = t->len;
	struct tree tree = tree_json_members(t);

	attrs_tree(octets, &tree);
	if (code == ATTR_AS_PATH)
		squeeze(t, from);
}

/* NEXT_HOP of what announces nothing; elsewhere it stands over its NLRI. */
static void
next_hop_attribute(struct text *t, struct reader *hop)
{
	struct addr a = addr_v4(reader_u32(hop));
	char address[ADDR_TEXT];

	text_printf(t, "\"next-hop\": \"%s\"", addr_print(&a, address));
}

/* `hop`: NEXT_HOP to be shown in its place, or empty. */
static void
attributes(struct text *t, struct reader block, struct reader hop, unsigned version)
{
	bool first = true;

	text_add(t, "\"attribute\": { ");
	for (;;) {
		struct reader rest = block;
		size_t from = t->len;
		struct attr a;

		if (!attrs_next(&block, &a))
			break;
		if (hop.left > 0 && a.code > ATTR_NEXT_HOP) {
			text_add(t, first ? "" : ", ");
			next_hop_attribute(t, &hop);
			first = false;
			from = t->len;
		}
		text_add(t, first ? "" : ", ");
		size_t here = t->len;

		if (a.code == ATTR_AS_PATH && version == API_42)
			path42_json(a.value, t);
		else
			one_attribute(t, a.code, reader_of(rest.at, rest.left - block.left));
		if (t->len == here) /* it is not shown */
			text_cut(t, from);
		else
			first = false;
	}
	if (hop.left > 0) {
		text_add(t, first ? "" : ", ");
		next_hop_attribute(t, &hop);
	}
	text_add(t, " }");
}

static void
routes(struct speech *s, const struct routes_message *m)
{
	struct reader block = m->announces ? m->announce[0].value.attributes : s->attributes;
	bool hopless = m->announces > 0 || s->version == API_42;
	struct reader hop = hopless ? (struct reader){ 0 } : s->next_hop;
	bool shown = m->announces > 0 || block.left > 0 || hop.left > 0;
	struct text *t = s->text;
	struct tree tree;

	text_add(t, "\"update\": { ");
	if (shown)
		attributes(t, block, hop, s->version);
	if (m->announces == 0 && m->withdraws == 0) {
		text_add(t, " }");
		return;
	}
	if (shown)
		text_add(t, ", ");
	tree = tree_json_members(t);
	event_parts(&tree, m, &(struct event_form){ s->compact, s->version });
	text_add(t, " }");
}

static void
update(struct speech *s, const struct routes_message *m, struct reader original)
{
	begin_neighbor(s, "update", original);
	direction(s);
	text_add(s->text, ", \"message\": { ");
	if ((m->flags & ROUTES_END_OF_RIB) && m->withdraws > 0)
		text_printf(s->text, "\"eor\": { \"afi\" : \"%s\", \"safi\" : \"%s\" }",
		    family_table[m->withdraw[0].family].afi_name,
		    family_table[m->withdraw[0].family].safi_name);
	else
		routes(s, m);
	if (!tells_negotiated(s)) {
		text_add(s->text, " } } }\n");
		return;
	}
	text_add(s->text, " }, ");
	negotiated_block(s);
	text_add(s->text, "  } }\n");
}

static const char *
type_name(uint8_t type)
{
	static const char *const names[] = { "unknown", "open", "update", "notification",
		"keepalive", "refresh", "operational" };

	return type < sizeof names / sizeof *names ? names[type] : names[0];
}

enum open_whose
speech_whose(const struct speech *s)
{
	return !s->sent ? OPEN_THEIRS : s->version == API_42 ? OPEN_OURS_42 : OPEN_OURS;
}

static void
open_body(struct speech *s, struct reader body)
{
	struct tree tree = tree_json(s->text);
	struct fault f = { 0 };
	struct open o;

	text_add(s->text, ", \"open\": ");
	if (open_parse(&o, body, &f) == 0)
		open_tree(&o, &tree, speech_whose(s));
	else
		tree_null(&tree);
}

static void
notification_body(struct speech *s, struct reader body)
{
	struct tree tree = tree_json(s->text);
	struct fault f = { 0 };
	struct notification n;

	text_add(s->text, ", \"notification\": ");
	if (notification_parse(&n, body, &f) == 0)
		notification_tree(&n, &tree);
	else
		tree_null(&tree);
}

static void
refresh_body(struct speech *s, struct reader body)
{
	const struct session_params any = { .refresh = true, .enhanced_refresh = true };
	struct tree tree = tree_json(s->text);
	struct fault f = { 0 };
	struct refresh r;

	(void)refresh_parse(&r, body, &any, &f);
	text_add(s->text, ", \"route-refresh\": ");
	refresh_tree(&r, &tree);
}

static void
operational_body(struct speech *s, struct reader body)
{
	struct tree tree = tree_json(s->text);
	struct reason why = { 0 };
	struct operational o;

	text_add(s->text, ", \"operational\": ");
	if (operational_parse(&o, body, &why) >= 0)
		operational_tree(&o, &tree);
	else
		tree_null(&tree);
}

static void
message(struct speech *s, uint8_t type, struct reader body, struct reader original)
{
	begin_neighbor(s, type_name(type), original);
	direction(s);
	if (type == MESSAGE_OPEN)
		open_body(s, body);
	else if (type == MESSAGE_NOTIFICATION)
		notification_body(s, body);
	else if (type == MESSAGE_REFRESH)
		refresh_body(s, body);
	else if (type == MESSAGE_OPERATIONAL)
		operational_body(s, body);
	text_add(s->text, type == MESSAGE_OPEN ? " } }\n" : "  } }\n");
}

static void
signal_number(struct speech *s, int number)
{
	const char *name = sigabbrev_np(number);

	begin_neighbor(s, "signal", (struct reader){ 0 });
	text_printf(s->text, "\"code\": \"%d\", \"name\": \"SIG%s\"%s } }\n", number,
	    name ? name : "?", s->version == API_42 ? "" : " ");
}

static void
packet(struct speech *s, uint8_t type, struct reader original)
{
	begin_neighbor(s, type_name(type), (struct reader){ 0 });
	direction(s);
	text_printf(s->text, ", \"message\": { \"category\": %u, ", type);
	octets(s->text, original);
	if (!tells_negotiated(s)) {
		text_add(s->text, " }  } }\n");
		return;
	}
	text_add(s->text, " } , ");
	negotiated_block(s);
	text_add(s->text, "  } }\n");
}

static void
shutdown_line(unsigned version, struct text *t)
{
	begin(t, version, 0);
	text_add(t, "\"type\": \"notification\", \"notification\": \"shutdown\" }\n");
}

const struct encoder encoder_json = { state, fsm, negotiated, update, message, packet,
	signal_number, shutdown_line };
