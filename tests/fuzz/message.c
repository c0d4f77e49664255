/* A message of a session. [ type, what was negotiated, body ]; type 0: a stream with its headers. What an UPDATE
 * announces is sent again and must come to the same; so must an OPEN. */
#include <string.h>
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/open.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/update.h"
#include "tests/fuzz/fuzz.h"

enum { NLRI_COUNT = 70000 };

/* ---- UPDATE ---- */

struct shown {
	const struct update *update;
	const struct update_part *part;
};

static void
show_update(const void *arg, struct tree *t)
{
	const struct shown *s = arg;
	struct reader bin = s->part->nlri;
	struct nlri n;

	tree_map(t);
	tree_key(t, "attribute");
	tree_map(t);
	attrs_tree(s->update->attributes, t);
	tree_map_end(t);
	tree_key(t, "nlri");
	tree_list(t);
	while (nlri_next(s->part->family, s->part->path_ids, &bin, &n)) {
		tree_map(t);
		nlri_tree(s->part->family, s->part->path_ids, &n, s->part->next_hop, t);
		tree_map_end(t);
	}
	tree_list_end(t);
	tree_map_end(t);
	fuzz_require(reader_done(&bin), "a bin that cannot be walked to its end");
}

static struct route_value
value_of(const struct update *u, const struct update_part *part)
{
	return (struct route_value){ .next_hop = part->next_hop, .attributes = u->attributes };
}

static void
print_part(const struct update *u, const struct update_part *part)
{
	struct shown shown = { u, part };
	struct route_value value = value_of(u, part);
	struct reader bin = part->nlri;
	struct text text = { 0 };
	struct nlri n;

	while (nlri_next(part->family, part->path_ids, &bin, &n))
		route_print(part->family, part->path_ids, &n, &value, &text);
	text_fini(&text);
	fuzz_shown(show_update, &shown);
}

/* Appends the messages that say a part. False when this session cannot carry it. */
static bool
send_part(const struct update *u, const struct update_part *part, bool withdraw,
    const struct session_params *p, struct octets *out)
{
	static struct nlri nlri[NLRI_COUNT];
	struct route_value value = value_of(u, part);
	struct reader bin = part->nlri;
	size_t count = 0;

	while (count < NLRI_COUNT && nlri_next(part->family, part->path_ids, &bin, &nlri[count]))
		count++;
	if (!withdraw)
		return update_announce(out, p, part->family, &value, nlri, count) == 0;
	update_withdraw(out, p, part->family, NULL, nlri, count);
	return true;
}

/* Takes what was sent and sends it on: to the same octets. */
static void
send_on(struct reader stream, bool withdraw, const struct session_params *p, struct octets *out)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update u;
	struct message_limits limits = { .extended = p->extended_message, .refresh = true };
	struct message m;
	struct fault f;

	while (stream.left > 0) {
		struct writer w = writer_of(memory, sizeof memory);

		fuzz_require(
		    message_parse(&m, stream, &limits, &f) == 1, "no whole message: %s", f.text);
		reader_take(&stream, m.length);
		update_parse(&u, m.body, p, &w);
		fuzz_require(u.worst == PENALTY_NONE && u.ignored == 0,
		    "we would not take what we send: %s (%s)", u.fault.text,
		    u.complaints ? u.complaint[0].what : "");
		fuzz_require(
		    u.announces == !withdraw && u.withdraws == withdraw, "it says something else");
		fuzz_require(send_part(&u, withdraw ? u.withdraw : u.announce, withdraw, p, out),
		    "what was sent cannot be sent");
	}
}

static void
send_again(const struct update *u, const struct update_part *part, bool withdraw,
    const struct session_params *p)
{
	struct octets first = { 0 }, second = { 0 };

	if (send_part(u, part, withdraw, p, &first)) {
		send_on(octets_read(&first), withdraw, p, &second);
		fuzz_require(reader_equal(octets_read(&first), octets_read(&second)),
		    "%s changes as it travels", family_name(part->family));
	}
	octets_fini(&first);
	octets_fini(&second);
}

static void
read_update(struct reader body, const struct session_params *p)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update u;
	struct writer w = writer_of(memory, sizeof memory);

	update_parse(&u, body, p, &w);
	fuzz_require(writer_ok(&w), "scratch is too small");
	if (u.worst == PENALTY_RESET) {
		fuzz_require(
		    u.fault.code != 0 && u.fault.text[0], "a session is ended without a word");
		return;
	}
	fuzz_require(u.worst == PENALTY_NONE || u.complaints > 0, "a penalty without a complaint");
	for (unsigned i = 0; i < u.announces; i++) {
		print_part(&u, &u.announce[i]);
		send_again(&u, &u.announce[i], false, p);
	}
	for (unsigned i = 0; i < u.withdraws; i++) {
		print_part(&u, &u.withdraw[i]);
		send_again(&u, &u.withdraw[i], true, p);
	}
}

/* ---- the others ---- */

static void
show_open(const void *o, struct tree *t)
{
	open_tree(o, t, false);
}

static void
show_sent(const void *o, struct tree *t)
{
	open_tree(o, t, true);
}

static void
show_params(const void *p, struct tree *t)
{
	params_tree(p, t);
}

static bool
read_open_body(struct reader body, struct open *o)
{
	struct fault f;

	if (open_parse(o, body, &f) == 0)
		return true;
	fuzz_require(f.code != 0 && f.text[0], "an OPEN is refused without a word");
	return false;
}

static void
print_open(const struct open *o, struct text *t)
{
	text_clear(t);
	open_print(o, t, false);
}

/* What we send of it is taken, and sent the same once more. */
static void
read_open(struct reader body)
{
	static uint8_t sent[MESSAGE_MAX_EXTENDED], second[MESSAGE_MAX_EXTENDED];
	struct writer w = writer_of(sent, sizeof sent), w2 = writer_of(second, sizeof second);
	struct message_limits limits = { .refresh = true };
	struct session_params p = { 0 };
	static struct open o, again;
	struct text text = { 0 };
	struct message m;
	struct fault f;

	if (!read_open_body(body, &o))
		return;
	print_open(&o, &text);
	fuzz_shown(show_open, &o);
	fuzz_shown(show_sent, &o);
	open_check(&o, 65000, 1, 0, &f);
	open_check(&o, 0, 1, 65001, &f);
	open_encode(&o, &w);
	fuzz_require(writer_ok(&w), "an OPEN that cannot be written");
	fuzz_require(
	    message_parse(&m, writer_read(&w), &limits, &f) == 1, "no message: %s", f.text);
	fuzz_require(read_open_body(m.body, &again), "we would refuse what we send");
	open_encode(&again, &w2);
	fuzz_require(
	    reader_equal(writer_read(&w), writer_read(&w2)), "an OPEN changes as it travels");
	params_negotiate(&p, &o, &again);
	fuzz_shown(show_params, &p);
	text_fini(&text);
}

static void
show_notification(const void *n, struct tree *t)
{
	notification_tree(n, t);
}

static void
read_notification(struct reader body)
{
	static uint8_t sent[MESSAGE_MAX];
	struct writer w = writer_of(sent, sizeof sent);
	struct notification n;
	struct text text = { 0 };
	struct fault f = { 0 };

	if (notification_parse(&n, body, &f) < 0)
		return;
	notification_print(&n, &text);
	fuzz_shown(show_notification, &n);
	fault_set(&f, n.code, n.subcode, n.data.at, n.data.left < 255 ? n.data.left : 255, "again");
	notification_encode(&f, &w);
	fuzz_require(writer_ok(&w), "a NOTIFICATION that cannot be written");
	text_fini(&text);
}

static void
show_refresh(const void *r, struct tree *t)
{
	refresh_tree(r, t);
}

static void
read_refresh(struct reader body, const struct session_params *p)
{
	uint8_t sent[64];
	struct writer w = writer_of(sent, sizeof sent);
	struct refresh r, again;
	struct reader back;
	struct fault f = { 0 };

	if (refresh_parse(&r, body, p, &f) != 0) {
		fuzz_require(f.text[0], "a refresh is not acted on without a word");
		return;
	}
	fuzz_shown(show_refresh, &r);
	refresh_encode(r.family, r.kind, &w);
	back = writer_read(&w);
	reader_take(&back, MESSAGE_HEADER);
	fuzz_require(refresh_parse(&again, back, p, &f) == 0 && again.family == r.family &&
			 again.kind == r.kind,
	    "a refresh is written otherwise");
}

static void
read_body(uint8_t type, struct reader body, const struct session_params *p)
{
	switch (type) {
	case MESSAGE_OPEN:
		read_open(body);
		break;
	case MESSAGE_UPDATE:
		read_update(body, p);
		break;
	case MESSAGE_NOTIFICATION:
		read_notification(body);
		break;
	case MESSAGE_REFRESH:
		read_refresh(body, p);
		break;
	default:
		break;
	}
}

static void
read_stream(struct reader stream, const struct session_params *p)
{
	struct message_limits limits = {
		.extended = p->extended_message, .refresh = true, .operational = p->offline
	};
	struct message m;
	struct fault f = { 0 };
	int got;

	while ((got = message_parse(&m, stream, &limits, &f)) > 0) {
		fuzz_require(m.length >= MESSAGE_HEADER && m.length <= stream.left, "a length");
		fuzz_require(message_type_name(m.type)[0], "a type without a name");
		reader_take(&stream, m.length);
		read_body(m.type, m.body, p);
	}
	fuzz_require(got == 0 || (f.code == NOTIFY_HEADER && f.text[0]), "lost without a word");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct session_params p;
	uint8_t type;

	if (len < 2 || len > MESSAGE_MAX_EXTENDED)
		return 0;
	p = fuzz_session(data[1]);
	type = data[0] % (MESSAGE_OPERATIONAL + 1);
	if (type == 0)
		read_stream(reader_of(data + 2, len - 2), &p);
	else if (len - 2 <= params_message_max(&p) - MESSAGE_HEADER)
		read_body(type, reader_of(data + 2, len - 2), &p);
	return 0;
}
