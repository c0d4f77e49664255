#include "tests/fuzz/seeds.h"
#include "proto/bgp/update.h"
#include "proto/frame/api.h"
#include "proto/frame/link.h"
#include "proto/frame/routes.h"
#include "tests/fuzz/fuzz.h"

enum { FRAME_HEAD = 21 };

/* ---- frames, and messages of the API ---- */

static void
seed_frame(struct pack *frame)
{
	struct reader whole = reader_of(frame->base, frame->len);
	uint8_t type = (uint8_t)frame_peek(whole);

	seed("frame", 0, 0, frame->base, frame->len);
	reader_take(&whole, FRAME_HEAD); /* array, version, type and both numbers */
	seed("frame", type, 0, whole.at, whole.left);
	pack_clear(frame);
}

enum { CONVERSATION_MOST = 1900 };
static struct octets conversation; /* with lengths in front, as of command.c */

static void
seed_request(struct pack *message)
{
	uint8_t size[2] = { (uint8_t)(message->len >> 8), (uint8_t)message->len };
	struct octets alone = { 0 };

	seed("frame", FUZZ_REQUEST, 0, message->base, message->len);
	octets_add(&alone, size, sizeof size);
	octets_add(&alone, message->base, message->len);
	seed("command", FUZZ_WHOLE, 0, alone.base, alone.len);
	octets_add(&conversation, alone.base, alone.len);
	octets_fini(&alone);
	pack_clear(message);
}

/* All since the last time from one client, twice over where there is room. */
static void
seed_conversation(void)
{
	struct reader once = octets_read(&conversation);
	struct octets twice = { 0 };

	octets_add(&twice, once.at, once.left);
	if (2 * once.left <= CONVERSATION_MOST)
		octets_add(&twice, once.at, once.left);
	for (uint8_t policies = 0; policies < 2; policies++)
		seed("command", FUZZ_WHOLE, policies, twice.base, twice.len);
	octets_fini(&twice);
	octets_clear(&conversation);
}

/* Up to the body. */
static void
begin_request(struct pack *p, const char *type)
{
	pack_array(p, 4);
	pack_uint(p, API_VERSION);
	pack_text(p, type);
	pack_uint(p, 1);
}

enum given_hop { GIVEN_NONE, GIVEN_SELF, GIVEN_IPV4, GIVEN_TWO };

struct seed_group {
	const char *family;
	enum given_hop hop;
	const char *attributes; /* words; octets where it begins with \x40; NULL: none */
	const char *nlri;
	size_t len;
	bool path_ids;
};

static void
put_group(struct pack *p, const struct seed_group *g)
{
	pack_array(p, 5);
	pack_text(p, g->family);
	if (g->hop == GIVEN_NONE)
		pack_nil(p);
	else if (g->hop == GIVEN_SELF)
		pack_text(p, "self");
	else
		pack_bin(p, "\xc0\x00\x02\x01", g->hop == GIVEN_TWO ? 2 : 4);
	if (!g->attributes)
		pack_nil(p);
	else if (g->attributes[0] == '@')
		pack_bin(p, g->attributes, strlen(g->attributes));
	else
		pack_text(p, g->attributes);
	pack_bin(p, g->nlri, g->len);
	pack_bool(p, g->path_ids);
}

#define NLRI(octets) octets, sizeof octets - 1
static const struct seed_group seed_groups[] = {
	{ "ipv4 unicast", GIVEN_IPV4, "med 7 community 65000:1",
	    NLRI("\x18\x0a\x00\x01\x10\x0a\x02"), false },
	{ "ipv4 unicast", GIVEN_IPV4, "med 7", NLRI("\x18\x0a\x00\x02"), false },
	{ "ipv4 unicast", GIVEN_IPV4, "@\x01\x01\x01@\x03\x04\x01\x01\x01\x01",
	    NLRI("\x18\x0b\x00\x02"), false },
	{ "ipv4 unicast", GIVEN_NONE, "@\x01\x01\x01@\x03\x04\x01\x01\x01\x01",
	    NLRI("\x18\x0b\x00\x03"), false },
	{ "ipv4 unicast", GIVEN_IPV4, "@\x01\x01\x09", NLRI("\x18\x0b\x00\x02"), false },
	{ "ipv6 unicast", GIVEN_SELF, NULL, NLRI("\x20\x20\x01\x0d\xb8"), false },
	{ "ipv4 unicast", GIVEN_SELF, NULL, NLRI("\x00\x00\x00\x05\x18\x0a\x00\x04"), true },
	{ "ipv4 flow", GIVEN_NONE, "extended-community rate-limit:0",
	    NLRI("\x0b\x01\x20\x0a\x00\x00\x01\x03\x81\x06\x05\x81"), false },
	/* wrong */
	{ "ipv4 unicast", GIVEN_IPV4, "med", NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_IPV4, "watchdog w", NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_IPV4, "nonsense", NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_TWO, NULL, NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_NONE, NULL, NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_IPV4, NULL, NLRI("\x21\x0a\x00\x01"), false },
	{ "ipv4 unicast", GIVEN_IPV4, NULL, NLRI("\x00\x00"), true },
	{ "ipv4unicast", GIVEN_IPV4, NULL, NLRI("\x18\x0a\x00\x01"), false },
	{ "ipv4 nothing", GIVEN_IPV4, NULL, NLRI("\x18\x0a\x00\x01"), false },
};
#undef NLRI

static void
begin_bulk(struct pack *p, const char *op, const char *neighbor, uint32_t groups)
{
	begin_request(p, "bulk");
	pack_map(p, neighbor ? 4 : 3);
	pack_text(p, "op");
	pack_text(p, op);
	pack_text(p, "wait");
	pack_text(p, "sent");
	if (neighbor) {
		pack_text(p, "neighbor");
		pack_text(p, neighbor);
	}
	pack_text(p, "groups");
	pack_array(p, groups);
}

/* Each alone, and the first together. */
static void
seed_bulk(const char *op, const char *neighbor)
{
	enum { RIGHT = 8 };
	struct pack p = { 0 };

	for (size_t i = 0; i < sizeof seed_groups / sizeof seed_groups[0]; i++) {
		begin_bulk(&p, op, neighbor, 1);
		put_group(&p, &seed_groups[i]);
		seed_request(&p);
		seed_conversation();
	}
	begin_bulk(&p, op, neighbor, RIGHT);
	for (size_t i = 0; i < RIGHT; i++)
		put_group(&p, &seed_groups[i]);
	seed_request(&p);
	seed_conversation();
	pack_fini(&p);
}

static void
seed_decider(void)
{
	struct pack p = { 0 };

	begin_request(&p, "decide");
	pack_map(&p, 3);
	pack_text(&p, "name");
	pack_text(&p, "checker");
	pack_text(&p, "open");
	pack_uint(&p, 8);
	pack_text(&p, "tree");
	pack_bool(&p, false);
	seed_request(&p);
	begin_request(&p, "verdicts");
	pack_map(&p, 1);
	pack_text(&p, "verdicts");
	pack_array(&p, 1);
	pack_array(&p, 3);
	pack_uint(&p, 1);
	pack_uint(&p, 1);
	pack_text(&p, "accept");
	seed_request(&p);
	pack_fini(&p);
}

static void
seed_commands(void)
{
	static const char *const line[] = { "announce route 10.0.4.0/24 next-hop 192.0.2.9 med 9",
		"announce route 10.0.5.0/24 next-hop 192.0.2.9 med 9",
		"announce route 10.0.6.0/24 next-hop 192.0.2.9 med 9",
		"announce route 10.0.1.0/24 next-hop 192.0.2.9 med 9",
		"announce route 11.0.1.0/24 next-hop 192.0.2.9 med 5",
		"announce route 11.0.2.0/24 next-hop 192.0.2.9 med 5", "withdraw route 10.0.1.0/24",
		"withdraw route 10.0.4.0/24", "withdraw route 10.0.5.0/24", "announce watchdog w",
		"nonsense" };
	struct pack p = { 0 };
	size_t mark = api_commands_begin(&p, 1, API_WAIT_SENT);

	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
		pack_text(&p, line[i]);
	pack_end(&p, mark, sizeof line / sizeof line[0]);
	seed_request(&p);
	seed_conversation();
	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
		api_command_pack(&p, 1, line[i], strlen(line[i]), API_WAIT_ACCEPTED, false);
		seed_request(&p);
	}
	seed_conversation();
	api_command_pack_body(
	    &p, 1, "set load mine", 13, reader_of((const uint8_t *)"10.0.0.0/8\n", 11), true);
	seed_request(&p);
	pack_fini(&p);
}

/* Each frame with nothing set; below, those with many fields. */
#define SEED_FRAME(name, type)                                                                     \
	{                                                                                          \
		struct link_##name v;                                                              \
                                                                                                   \
		memset(&v, 0, sizeof v);                                                           \
		link_##name##_pack(&v, &p);                                                        \
		seed_frame(&p);                                                                    \
	}

void
frame_seeds(void)
{
	static const struct link_hello hello = { "edge", 1, 1, 1, "0.1", 5, 2 };
	static const struct link_interest interest = { 1, true, true, 7 };
	static const struct link_command command = { 1, 2, "teardown", 3, 65537, 4, "bye" };
	static const struct link_reply reply = { 1, true, "no" };
	struct link_peer peer = { .peer = 1,
		.local_as = 1,
		.peer_as = 2,
		.router_id = 3,
		.hold_time = 180,
		.families = 7,
		.graceful = true,
		.graceful_time = 120,
		.ttl_out = 1,
		.ttl_in = -1,
		.add_path = { 1, 2, 3 },
		.paths_limit = { 5 },
		.interface = "eth0",
		.md5 = "secret",
		.host_name = "h",
		.domain_name = "d",
		.software = "s",
		.nexthop6 = 1 };
	struct link_peer_state state = { .peer = 1,
		.state = PEER_ESTABLISHED,
		.why = "up",
		.families = 7,
		.session = 1,
		.local_port = 179,
		.add_path_send = 1,
		.received = 5 };
	struct link_receipt receipt = { .id = 1, .peers = { 1, 2, 3 }, .base = 8 };
	struct link_border border = { true, 1 };
	struct api_request subscribe = { .type = API_SUBSCRIBE,
		.credit = 5,
		.snapshot = true,
		.updates = true,
		.neighbor = reader_of("192.0.2.1", 9),
		.speaker = reader_of("edge", 4) };
	struct api_reply done = { 1, "done", true, reader_of("text", 4) };
	struct pack p = { 0 };

	peer.address = peer.local = peer.md5_address = addr_v4(0xc0000201);
	state.address = state.local = peer.address;
	LINK_FRAMES(SEED_FRAME)
	link_hello_pack(&hello, &p);
	seed_frame(&p);
	link_interest_pack(&interest, &p);
	seed_frame(&p);
	link_command_pack(&command, &p);
	seed_frame(&p);
	link_reply_pack(&reply, &p);
	seed_frame(&p);
	link_peer_pack(&peer, &p);
	seed_frame(&p);
	link_peer_state_pack(&state, &p);
	seed_frame(&p);
	link_receipt_pack(&receipt, &p);
	seed_frame(&p);
	link_border_pack(&border, FRAME_BEGIN, &p);
	seed_frame(&p);
	api_command_pack(&p, 1, "version", 7, API_WAIT_SENT, true);
	seed_request(&p);
	api_hello_pack(&p, 1, "anycast");
	seed_request(&p);
	api_subscribe_pack(&p, &subscribe);
	seed_request(&p);
	api_credit_pack(&p, 1, 5);
	seed_request(&p);
	api_simple_pack(&p, API_PING, 1);
	seed_request(&p);
	api_reply_pack(&p, &done);
	seed_request(&p);
	pack_fini(&p);
	seed_conversation();
	seed_bulk("announce", NULL);
	seed_bulk("withdraw", "192.0.2.1");
	seed_bulk("announce", "192.0.2.9");
	seed_decider();
	seed_conversation();
	seed_commands();
	seed_conversation();
}

void
seed_routes(struct reader body, uint8_t on)
{
	static uint8_t scratch[UPDATE_SCRATCH];
	static struct update u;
	struct session_params p = fuzz_session(on);
	struct writer w = writer_of(scratch, sizeof scratch);
	struct routes_writer out;
	struct pack frame = { 0 };

	update_parse(&u, body, &p, &w);
	if (u.worst == PENALTY_RESET)
		return;
	routes_begin(&out, &frame);
	routes_update(&out, 1, 0, &u, body);
	routes_end(&out);
	seed_frame(&frame);
	pack_fini(&frame);
}
