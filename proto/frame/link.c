/* The cold frames: one table each. A new field is one row; an older end ignores it. */
#include "proto/frame/link.h"
#include <string.h>
#include "proto/frame/field.h"

static const struct field hello_fields[] = {
	FIELD(link_hello, name, FIELD_TEXT),
	FIELD(link_hello, epoch, FIELD_U64),
	FIELD(link_hello, oldest, FIELD_U32),
	FIELD(link_hello, newest, FIELD_U32),
	FIELD(link_hello, software, FIELD_TEXT),
	FIELD(link_hello, held, FIELD_U64),
	FIELD(link_hello, number, FIELD_U64),
	FIELD_LAST,
};

static const struct field welcome_fields[] = {
	FIELD(link_welcome, epoch, FIELD_U64),
	FIELD(link_welcome, term, FIELD_U64),
	FIELD(link_welcome, version, FIELD_U32),
	FIELD(link_welcome, adopt, FIELD_BOOL),
	FIELD(link_welcome, number, FIELD_U64),
	FIELD_LAST,
};

static const struct field refuse_fields[] = {
	FIELD(link_refuse, why, FIELD_TEXT),
	FIELD_LAST,
};

static const struct field ping_fields[] = {
	FIELD(link_ping, answer, FIELD_BOOL),
	FIELD_LAST,
};

static const struct field peer_fields[] = {
	FIELD(link_peer, peer, FIELD_U32),
	FIELD(link_peer, address, FIELD_ADDR),
	FIELD(link_peer, local, FIELD_ADDR),
	FIELD(link_peer, md5_address, FIELD_ADDR),
	FIELD(link_peer, link_local, FIELD_ADDR),
	FIELD(link_peer, range, FIELD_U8),
	FIELD(link_peer, only, FIELD_U32),
	FIELD(link_peer, apart, FIELD_ADDR),
	FIELD(link_peer, connect, FIELD_U16),
	FIELD(link_peer, listen, FIELD_U16),
	FIELD(link_peer, passive, FIELD_BOOL),
	FIELD(link_peer, local_as, FIELD_U32),
	FIELD(link_peer, peer_as, FIELD_U32),
	FIELD(link_peer, router_id, FIELD_U32),
	FIELD(link_peer, hold_time, FIELD_U16),
	FIELD(link_peer, open_wait, FIELD_U32),
	FIELD(link_peer, send_hold, FIELD_U32),
	FIELD(link_peer, stale_time, FIELD_U32),
	FIELD(link_peer, ttl_out, FIELD_I32),
	FIELD(link_peer, ttl_in, FIELD_I32),
	FIELD(link_peer, interface, FIELD_TEXT),
	FIELD(link_peer, md5, FIELD_SECRET),
	FIELD(link_peer, tcp_ao, FIELD_BOOL),
	FIELD_INNER(link_peer, "tcp_ao_id", ao.id, FIELD_U8),
	FIELD_INNER(link_peer, "tcp_ao_algorithm", ao.algorithm, FIELD_U8),
	FIELD_INNER(link_peer, "tcp_ao_len", ao.len, FIELD_U8),
	FIELD_INNER(link_peer, "tcp_ao_secret", ao.secret, FIELD_KEY),
	FIELD(link_peer, families, FIELD_FAMILIES),
	FIELD(link_peer, no_asn4, FIELD_BOOL),
	FIELD(link_peer, no_extended_message, FIELD_BOOL),
	FIELD(link_peer, refresh, FIELD_BOOL),
	FIELD(link_peer, operational, FIELD_BOOL),
	FIELD(link_peer, multisession, FIELD_BOOL),
	FIELD(link_peer, aigp, FIELD_BOOL),
	FIELD(link_peer, member, FIELD_BOOL),
	FIELD(link_peer, link_local_nexthop, FIELD_BOOL),
	FIELD(link_peer, nexthop, FIELD_BOOL),
	FIELD(link_peer, need_asn4, FIELD_BOOL),
	FIELD(link_peer, need_extended_message, FIELD_BOOL),
	FIELD(link_peer, need_refresh, FIELD_BOOL),
	FIELD(link_peer, role, FIELD_U8),
	FIELD(link_peer, role_strict, FIELD_BOOL),
	FIELD(link_peer, graceful, FIELD_BOOL),
	FIELD(link_peer, graceful_time, FIELD_U16),
	FIELD(link_peer, graceful_notification, FIELD_BOOL),
	FIELD(link_peer, long_lived_time, FIELD_U32),
	FIELD(link_peer, add_path, FIELD_FAMILY_U8),
	FIELD(link_peer, paths_limit, FIELD_FAMILY_U16),
	FIELD(link_peer, nexthop6, FIELD_FAMILIES),
	FIELD(link_peer, host_name, FIELD_TEXT),
	FIELD(link_peer, domain_name, FIELD_TEXT),
	FIELD(link_peer, software, FIELD_TEXT),
	FIELD(link_peer, as_exabgp, FIELD_BOOL),
	FIELD(link_peer, group, FIELD_U8),
	FIELD(link_peer, manual_eor, FIELD_BOOL),
	FIELD(link_peer, no_rib_in, FIELD_BOOL),
	FIELD(link_peer, no_rib_out, FIELD_BOOL),
	FIELD(link_peer, max_prefix_in, FIELD_U32),
	FIELD(link_peer, max_prefix_out, FIELD_U32),
	FIELD(link_peer, rate_limit, FIELD_U32),
	FIELD(link_peer, controller_loss, FIELD_U32),
	FIELD(link_peer, attempts, FIELD_U32),
	FIELD_LAST,
};

static const struct field peer_remove_fields[] = {
	FIELD(link_peer_remove, peer, FIELD_U32),
	FIELD(link_peer_remove, why, FIELD_TEXT),
	FIELD_LAST,
};

static const struct field peer_state_fields[] = {
	FIELD(link_peer_state, peer, FIELD_U32),
	FIELD(link_peer_state, address, FIELD_ADDR),
	FIELD(link_peer_state, range, FIELD_U8),
	FIELD(link_peer_state, only, FIELD_U32),
	FIELD(link_peer_state, apart, FIELD_ADDR),
	FIELD(link_peer_state, state, FIELD_U8),
	FIELD(link_peer_state, why, FIELD_TEXT),
	FIELD(link_peer_state, notify_code, FIELD_U8),
	FIELD(link_peer_state, notify_subcode, FIELD_U8),
	FIELD(link_peer_state, notify_sent, FIELD_BOOL),
	FIELD(link_peer_state, session, FIELD_U64),
	FIELD(link_peer_state, since, FIELD_U64),
	FIELD(link_peer_state, retry, FIELD_U64),
	FIELD(link_peer_state, exhausted, FIELD_BOOL),
	FIELD(link_peer_state, local, FIELD_ADDR),
	FIELD(link_peer_state, local_port, FIELD_U16),
	FIELD(link_peer_state, peer_port, FIELD_U16),
	FIELD(link_peer_state, local_as, FIELD_U32),
	FIELD(link_peer_state, peer_as, FIELD_U32),
	FIELD(link_peer_state, local_id, FIELD_U32),
	FIELD(link_peer_state, peer_id, FIELD_U32),
	FIELD(link_peer_state, hold_time, FIELD_U16),
	FIELD(link_peer_state, asn4, FIELD_BOOL),
	FIELD(link_peer_state, extended_message, FIELD_BOOL),
	FIELD(link_peer_state, enhanced_refresh, FIELD_BOOL),
	FIELD(link_peer_state, refresh, FIELD_BOOL),
	FIELD(link_peer_state, operational, FIELD_BOOL),
	FIELD(link_peer_state, multisession, FIELD_BOOL),
	FIELD(link_peer_state, graceful, FIELD_BOOL),
	FIELD(link_peer_state, families, FIELD_FAMILIES),
	FIELD(link_peer_state, add_path_receive, FIELD_FAMILIES),
	FIELD(link_peer_state, add_path_send, FIELD_FAMILIES),
	FIELD(link_peer_state, nexthop6, FIELD_FAMILIES),
	FIELD(link_peer_state, graceful_notification, FIELD_BOOL),
	FIELD(link_peer_state, restart_time, FIELD_U16),
	FIELD(link_peer_state, long_lived, FIELD_FAMILIES),
	FIELD(link_peer_state, stale, FIELD_FAMILIES),
	FIELD(link_peer_state, stale_long, FIELD_FAMILIES),
	FIELD(link_peer_state, stale_left, FIELD_U64),
	FIELD(link_peer_state, offered, FIELD_BITS),
	FIELD(link_peer_state, host_name, FIELD_TEXT),
	FIELD(link_peer_state, domain_name, FIELD_TEXT),
	FIELD(link_peer_state, software, FIELD_TEXT),
	FIELD(link_peer_state, received, FIELD_U64),
	FIELD(link_peer_state, sent, FIELD_U64),
	FIELD(link_peer_state, updates_in, FIELD_U64),
	FIELD(link_peer_state, updates_out, FIELD_U64),
	FIELD(link_peer_state, prefixes_in, FIELD_U64),
	FIELD(link_peer_state, prefixes_out, FIELD_U64),
	FIELD(link_peer_state, opens_in, FIELD_U64),
	FIELD(link_peer_state, opens_out, FIELD_U64),
	FIELD(link_peer_state, notifications_in, FIELD_U64),
	FIELD(link_peer_state, notifications_out, FIELD_U64),
	FIELD(link_peer_state, keepalives_in, FIELD_U64),
	FIELD(link_peer_state, keepalives_out, FIELD_U64),
	FIELD(link_peer_state, refreshes_in, FIELD_U64),
	FIELD(link_peer_state, refreshes_out, FIELD_U64),
	FIELD(link_peer_state, waiting, FIELD_U64),
	FIELD(link_peer_state, waiting_for, FIELD_U64),
	FIELD(link_peer_state, waiting_limits, FIELD_U32),
	FIELD(link_peer_state, waiting_rate, FIELD_U32),
	FIELD(link_peer_state, waiting_limit, FIELD_TEXT),
	FIELD_LAST,
};

static const struct field owner_fields[] = {
	FIELD(link_owner, owner, FIELD_U32),
	FIELD(link_owner, name, FIELD_TEXT),
	FIELD(link_owner, limit, FIELD_U32),
	FIELD_LAST,
};

static const struct field border_fields[] = {
	FIELD(link_border, received, FIELD_BOOL),
	FIELD(link_border, peer, FIELD_U32),
	FIELD(link_border, lost, FIELD_BOOL),
	FIELD_LAST,
};

static const struct field complete_fields[] = {
	FIELD(link_complete, peer, FIELD_U32),
	FIELD_LAST,
};

static const struct field interest_fields[] = {
	FIELD(link_interest, peer, FIELD_U32),
	FIELD(link_interest, updates, FIELD_BOOL),
	FIELD(link_interest, live, FIELD_BOOL),
	FIELD(link_interest, packets, FIELD_BOOL),
	FIELD(link_interest, messages, FIELD_U32),
	FIELD_LAST,
};

static const struct field command_fields[] = {
	FIELD(link_command, id, FIELD_U64),
	FIELD(link_command, term, FIELD_U64),
	FIELD(link_command, what, FIELD_TEXT),
	FIELD(link_command, peer, FIELD_U32),
	FIELD(link_command, family, FIELD_U32),
	FIELD(link_command, subcode, FIELD_U8),
	FIELD(link_command, text, FIELD_TEXT),
	FIELD(link_command, body, FIELD_BITS),
	FIELD_LAST,
};

static const struct field reply_fields[] = {
	FIELD(link_reply, id, FIELD_U64),
	FIELD(link_reply, failed, FIELD_BOOL),
	FIELD(link_reply, text, FIELD_TEXT),
	FIELD_LAST,
};

static const struct field receipt_fields[] = {
	FIELD(link_receipt, id, FIELD_U64),
	FIELD(link_receipt, peers, FIELD_BITS),
	FIELD(link_receipt, base, FIELD_U32),
	FIELD_LAST,
};

static const struct field arrival_fields[] = {
	FIELD(link_arrival, peer, FIELD_U32),
	FIELD(link_arrival, address, FIELD_ADDR),
	FIELD_LAST,
};

static const struct field sent_fields[] = {
	FIELD(link_sent, id, FIELD_U64),
	FIELD(link_sent, peer, FIELD_U32),
	FIELD(link_sent, status, FIELD_U8),
	FIELD_LAST,
};

/* What a field that may be left out is before it is read. */
static void
peer_defaults(struct link_peer *p)
{
	p->ttl_out = p->ttl_in = -1;
}

#define NO_DEFAULTS(name)                                                                          \
	static void name##_defaults(struct link_##name *v)                                         \
	{                                                                                          \
		(void)v;                                                                           \
	}
NO_DEFAULTS(hello)
NO_DEFAULTS(welcome)
NO_DEFAULTS(refuse)
NO_DEFAULTS(ping)
NO_DEFAULTS(peer_remove)
NO_DEFAULTS(peer_state)
NO_DEFAULTS(owner)
NO_DEFAULTS(complete)
NO_DEFAULTS(interest)
NO_DEFAULTS(command)
NO_DEFAULTS(reply)
NO_DEFAULTS(receipt)
NO_DEFAULTS(sent)
NO_DEFAULTS(arrival)

#define LINK_DEFINE(name, type)                                                                    \
	void link_##name##_pack(const struct link_##name *v, struct pack *p)                       \
	{                                                                                          \
		frame_begin(p, FRAME_##type);                                                      \
		fields_pack(name##_fields, v, p);                                                  \
	}                                                                                          \
	int link_##name##_unpack(                                                                  \
	    struct link_##name *v, const struct node *body, struct reason *why)                    \
	{                                                                                          \
		memset(v, 0, sizeof *v);                                                           \
		name##_defaults(v);                                                                \
		return fields_unpack(name##_fields, body, v, why);                                 \
	}                                                                                          \
	void link_##name##_print(const struct link_##name *v, struct text *t)                      \
	{                                                                                          \
		fields_print(name##_fields, v, t);                                                 \
	}
LINK_FRAMES(LINK_DEFINE)

void
link_border_pack(const struct link_border *v, enum frame_type begin_or_end, struct pack *p)
{
	frame_begin(p, begin_or_end);
	fields_pack(border_fields, v, p);
}

int
link_border_unpack(struct link_border *v, const struct node *body, struct reason *why)
{
	memset(v, 0, sizeof *v);
	return fields_unpack(border_fields, body, v, why);
}

void
link_bare_pack(enum frame_type type, struct pack *p)
{
	frame_begin(p, type);
	pack_map(p, 0);
}

const char *
peer_state_name(enum peer_state state)
{
	static const char *const names[] = { "Idle", "Connect", "Active", "OpenSent", "OpenConfirm",
		"Established" };

	return state < PEER_STATES ? names[state] : "unknown";
}
