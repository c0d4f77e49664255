/* Every cold frame with nothing set and with everything set: both must come back octet for octet. */
#include "proto/frame/link.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/tools/unpack.h"

static const struct node *
body_of(enum frame_type type)
{
	struct reason why = { 0 };
	struct frame f;

	assert_int_equal(frame_open(unpack, packed.base, packed.len, &f, &why), 0);
	assert_int_equal(f.type, type);
	return f.body;
}

#define ADDR_4                                                                                     \
	{                                                                                          \
		.family = 4, .bytes = { 192, 0, 2, 1 }                                             \
	}
#define ADDR_6                                                                                     \
	{                                                                                          \
		.family = 6, .bytes = { 0xfe, 0x80, [15] = 1 }                                     \
	}
#define ALL      ((UINT32_C(1) << FAMILIES_NAMED) - 1)
#define TEXT_63  "123456789012345678901234567890123456789012345678901234567890123"
#define TEXT_255 TEXT_63 TEXT_63 TEXT_63 TEXT_63 "123"

static const struct link_hello hello = { .name = TEXT_63,
	.epoch = UINT64_MAX,
	.oldest = 1,
	.newest = UINT32_MAX,
	.software = TEXT_63,
	.held = 1000000 };
static const struct link_welcome welcome = {
	.epoch = 1, .term = UINT64_MAX, .version = 1, .adopt = true
};
static const struct link_refuse refuse = { .why = TEXT_255 };
static const struct link_ping ping = { .answer = true };
static const struct link_peer peer = { .peer = UINT32_MAX,
	.address = ADDR_4,
	.range = 33,
	.only = 257,
	.local = ADDR_6,
	.md5_address = ADDR_4,
	.link_local = ADDR_6,
	.connect = 1790,
	.listen = 65535,
	.passive = true,
	.local_as = UINT32_MAX,
	.peer_as = 1,
	.router_id = UINT32_MAX,
	.hold_time = 65535,
	.open_wait = UINT32_MAX,
	.send_hold = 65535,
	.stale_time = UINT32_MAX,
	.ttl_out = 255,
	.ttl_in = 254,
	.interface = "123456789012345",
	.md5 = TEXT_63 "12345678901234567",
	.families = ALL,
	.no_asn4 = true,
	.no_extended_message = true,
	.refresh = true,
	.operational = true,
	.multisession = true,
	.aigp = true,
	.link_local_nexthop = true,
	.nexthop = true,
	.need_asn4 = true,
	.need_extended_message = true,
	.need_refresh = true,
	.role = 5,
	.role_strict = true,
	.graceful = true,
	.graceful_time = 4095,
	.graceful_notification = true,
	.long_lived_time = 16777215,
	.add_path = { 1, 2, 3, [FAMILIES_NAMED - 1] = 3 },
	.paths_limit = { 65535, [FAMILIES_NAMED - 1] = 1 },
	.nexthop6 = ALL,
	.host_name = TEXT_63,
	.domain_name = "example.net",
	.software = "ambo",
	.as_exabgp = true,
	.group = GROUP_ALL,
	.manual_eor = true,
	.no_rib_in = true,
	.no_rib_out = true,
	.max_prefix_in = UINT32_MAX,
	.max_prefix_out = 1,
	.rate_limit = UINT32_MAX,
	.tcp_ao = true,
	.ao = { .id = 255, .algorithm = TCP_AO_HMAC_SHA_256, .len = TCP_AO_SECRET,
	    .secret = "\0 a secret of octets, zeros among them \0 and at its end" },
	.controller_loss = UINT32_MAX,
	.attempts = UINT32_MAX };
static const struct link_peer_remove peer_remove = { .peer = 65535, .why = TEXT_255 };
static const struct link_peer_state peer_state = { .peer = 65535,
	.address = ADDR_6,
	.range = 129,
	.only = UINT32_MAX,
	.state = PEER_ESTABLISHED,
	.why = TEXT_255,
	.notify_code = 6,
	.notify_subcode = 9,
	.notify_sent = true,
	.session = UINT64_MAX,
	.since = 1,
	.retry = UINT64_MAX,
	.exhausted = true,
	.local = ADDR_4,
	.local_port = 179,
	.peer_port = 65535,
	.local_as = 1,
	.peer_as = UINT32_MAX,
	.local_id = 1,
	.peer_id = UINT32_MAX,
	.hold_time = 65535,
	.asn4 = true,
	.extended_message = true,
	.enhanced_refresh = true,
	.refresh = true,
	.operational = true,
	.multisession = true,
	.graceful = true,
	.families = ALL,
	.add_path_receive = ALL,
	.add_path_send = 1,
	.nexthop6 = ALL,
	.graceful_notification = true,
	.restart_time = 4095,
	.long_lived = ALL,
	.stale = ALL,
	.stale_long = 1,
	.stale_left = UINT64_MAX,
	.offered = { 0x02, [31] = 0x80 },
	.host_name = TEXT_63,
	.domain_name = "x",
	.software = TEXT_63,
	.received = UINT64_MAX,
	.sent = 1,
	.updates_in = 2,
	.updates_out = 3,
	.prefixes_in = 4,
	.prefixes_out = UINT64_MAX };
static const struct link_owner owner = { .owner = UINT32_MAX, .name = TEXT_63 };
static const struct link_complete complete = { .peer = 65535 };
static const struct link_interest interest = { .peer = 65535, .updates = true, .packets = true };
static const struct link_command command = { .id = UINT64_MAX,
	.term = 1,
	.what = "1234567890123456789012345678901",
	.peer = LINK_PEER_ANY,
	.family = 257,
	.subcode = 255,
	.text = TEXT_255,
	.body = { 1, [LINK_BODY - 1] = 0x80 } };
static const struct link_reply reply = { .id = UINT64_MAX, .failed = true, .text = TEXT_255 };
static const struct link_receipt receipt = { .id = 1, .peers = { 1, [511] = 0x80 }, .base = 61440 };
static const struct link_sent sent = { .id = UINT64_MAX, .peer = 65535, .status = SENT_PEER_DOWN };
static const struct link_arrival arrival = { .peer = 65535, .address = ADDR_6 };

#define ROUND_TRIP(name, type)                                                                     \
	static void check_##name(const struct link_##name *value)                                  \
	{                                                                                          \
		static struct link_##name back;                                                    \
		struct reason why = { 0 };                                                         \
                                                                                                   \
		memset(&back, 0xa5, sizeof back);                                                  \
		link_##name##_pack(value, &packed);                                                \
		assert_int_equal(link_##name##_unpack(&back, body_of(FRAME_##type), &why), 0);     \
		assert_memory_equal(&back, value, sizeof back);                                    \
	}                                                                                          \
	static void name##_comes_back(void **state)                                                \
	{                                                                                          \
		static struct link_##name nothing;                                                 \
		struct text t = { 0 };                                                             \
		struct reason why = { 0 };                                                         \
                                                                                                   \
		/* what an empty body gives is what nothing set is */                              \
		assert_int_equal(                                                                  \
		    link_##name##_unpack(&nothing, unpack_open(unpack, "\x80", 1), &why), 0);      \
		check_##name(&nothing);                                                            \
		assert_int_equal(node_count(body_of(FRAME_##type)), 0);                            \
		check_##name(&name);                                                               \
		link_##name##_print(&name, &t);                                                    \
		assert_true(t.len > 0);                                                            \
		text_fini(&t);                                                                     \
		assert_int_equal(link_##name##_unpack(&nothing, NULL, &why), -1);                  \
		(void)state;                                                                       \
	}
LINK_FRAMES(ROUND_TRIP)

static void
borders_come_back_as_begin_and_as_end(void **state)
{
	static const struct link_border nothing, all = { .received = true, .peer = 65535 };
	struct link_border back;
	struct reason why = { 0 };

	link_border_pack(&nothing, FRAME_BEGIN, &packed);
	assert_int_equal(link_border_unpack(&back, body_of(FRAME_BEGIN), &why), 0);
	assert_true(!back.received && back.peer == 0);
	link_border_pack(&all, FRAME_END, &packed);
	assert_int_equal(link_border_unpack(&back, body_of(FRAME_END), &why), 0);
	assert_true(back.received && back.peer == 65535);
	(void)state;
}

static void
bare_frames_have_an_empty_body(void **state)
{
	static const enum frame_type types[] = { FRAME_PEERS_END, FRAME_HELD_END, FRAME_RESET };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		link_bare_pack(types[i], &packed);
		assert_int_equal(node_kind(body_of(types[i])), NODE_MAP);
		assert_int_equal(node_count(body_of(types[i])), 0);
	}
	(void)state;
}

static void
a_time_to_live_of_zero_is_not_the_same_as_none(void **state)
{
	static struct link_peer p;
	struct reason why = { 0 };

	assert_int_equal(link_peer_unpack(&p, unpack_open(unpack, "\x80", 1), &why), 0);
	assert_int_equal(p.ttl_in, -1);
	assert_int_equal(p.ttl_out, -1);
	p.ttl_in = 0;
	check_peer(&p);
	(void)state;
}

static void
a_password_is_never_printed(void **state)
{
	struct text t = { 0 };

	link_peer_print(&peer, &t);
	assert_non_null(strstr(text_str(&t), "md5=(hidden)"));
	assert_null(strstr(text_str(&t), TEXT_63 "12345678901234567"));
	assert_non_null(strstr(text_str(&t), "tcp_ao_secret=(hidden)"));
	assert_null(strstr(text_str(&t), "20612073656372"));
	text_fini(&t);
	(void)state;
}

static void
a_frame_of_a_later_release_is_read(void **state)
{
	struct link_sent back;
	struct reason why = { 0 };

	frame_begin(&packed, FRAME_SENT);
	pack_map(&packed, 3);
	pack_text(&packed, "colour");
	pack_map(&packed, 1);
	pack_nil(&packed);
	pack_nil(&packed);
	pack_text(&packed, "peer");
	pack_uint(&packed, 3);
	pack_uint(&packed, 12);
	pack_bool(&packed, true);
	assert_int_equal(link_sent_unpack(&back, body_of(FRAME_SENT), &why), 0);
	assert_int_equal(back.peer, 3);
	assert_int_equal(back.id, 0);
	(void)state;
}

static void
a_wrong_kind_is_refused_with_the_name_of_the_field(void **state)
{
	struct link_command back;
	struct reason why = { 0 };

	frame_begin(&packed, FRAME_COMMAND);
	pack_map(&packed, 2);
	pack_text(&packed, "what");
	pack_text(&packed, "flush");
	pack_text(&packed, "subcode");
	pack_uint(&packed, 256);
	assert_int_equal(link_command_unpack(&back, body_of(FRAME_COMMAND), &why), -1);
	assert_non_null(strstr(why.text, "subcode"));
	(void)state;
}

static void
states_have_the_names_of_the_rfc(void **state)
{
	assert_string_equal(peer_state_name(PEER_IDLE), "Idle");
	assert_string_equal(peer_state_name(PEER_CONNECT), "Connect");
	assert_string_equal(peer_state_name(PEER_ACTIVE), "Active");
	assert_string_equal(peer_state_name(PEER_OPEN_SENT), "OpenSent");
	assert_string_equal(peer_state_name(PEER_OPEN_CONFIRM), "OpenConfirm");
	assert_string_equal(peer_state_name(PEER_ESTABLISHED), "Established");
	assert_string_equal(peer_state_name(PEER_STATES), "unknown");
	(void)state;
}

#define TEST_OF(name, type) cmocka_unit_test(name##_comes_back),

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINK_FRAMES(TEST_OF) cmocka_unit_test(borders_come_back_as_begin_and_as_end),
		cmocka_unit_test(bare_frames_have_an_empty_body),
		cmocka_unit_test(a_time_to_live_of_zero_is_not_the_same_as_none),
		cmocka_unit_test(a_password_is_never_printed),
		cmocka_unit_test(a_frame_of_a_later_release_is_read),
		cmocka_unit_test(a_wrong_kind_is_refused_with_the_name_of_the_field),
		cmocka_unit_test(states_have_the_names_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
