/* A message of a session. [ type, what was negotiated, body ]; type 0: a stream with its headers. What an UPDATE
 * announces is sent again and must come to the same; so must an OPEN. */
#include <string.h>
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/open.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/otc.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/role.h"
#include "proto/bgp/update.h"
#include "proto/frame/routes.h"
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

/* It goes to the controller in a frame and is the same there. */
static bool
same_part(const struct update_part *a, const struct routes_part *b, bool announce)
{
	return a->family == b->family && a->path_ids == b->path_ids &&
	       reader_equal(a->nlri, b->nlri) &&
	       (!announce || reader_equal(a->next_hop, b->value.next_hop));
}

static void
frame_it(const struct update *u, struct reader body)
{
	static struct unpack *unpack;
	static struct routes_message m;
	struct pack p = { 0 };
	struct routes_writer w;
	struct routes_cursor c;
	struct reason why = { 0 };
	struct frame f;

	if (!unpack)
		unpack = unpack_new();
	routes_begin(&w, &p);
	routes_update(&w, 1, 0, u, body);
	routes_end(&w);
	fuzz_require(!routes_empty(&w), "a frame of no messages");
	fuzz_require(frame_open(unpack, p.base, p.len, &f, &why) == 0, "%s", why.text);
	c = routes_open(f.body);
	fuzz_require(routes_next(&c, &m, &why) == 1, "%s", why.text);
	fuzz_require(m.announces == u->announces && m.withdraws == u->withdraws + u->end_of_rib,
	    "parts got lost");
	for (unsigned i = 0; i < u->announces; i++)
		fuzz_require(
		    same_part(&u->announce[i], &m.announce[i], true), "announced otherwise");
	for (unsigned i = 0; i < u->withdraws; i++)
		fuzz_require(
		    same_part(&u->withdraw[i], &m.withdraw[i], false), "withdrawn otherwise");
	pack_fini(&p);
}

static void
say_end_of_rib(enum family family, const struct session_params *p)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update u;
	struct writer w = writer_of(memory, sizeof memory);
	struct octets out = { 0 };
	struct reader body;

	update_end_of_rib(&out, family);
	body = octets_read(&out);
	reader_take(&body, MESSAGE_HEADER);
	update_parse(&u, body, p, &w);
	fuzz_require(u.end_of_rib && u.end_of_rib_family == family, "an End-of-RIB is none");
	octets_fini(&out);
}

/* Attributes alone, and along with a withdraw: whole messages that are taken. */
static void
say_attributes(
    const struct update *u, const struct update_part *part, const struct session_params *p)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update again;
	struct route_value value = value_of(u, part);
	struct message_limits limits = { .extended = p->extended_message, .refresh = true };
	struct reader bin = part->nlri, stream;
	struct octets out = { 0 };
	struct message m;
	struct fault f;
	struct nlri n;

	update_attributes(&out, p, &value);
	if (nlri_next(part->family, part->path_ids, &bin, &n))
		update_withdraw(&out, p, part->family, &value, &n, 1);
	stream = octets_read(&out);
	while (stream.left > 0) {
		struct writer w = writer_of(memory, sizeof memory);

		fuzz_require(
		    message_parse(&m, stream, &limits, &f) == 1, "no whole message: %s", f.text);
		reader_take(&stream, m.length);
		update_parse(&again, m.body, p, &w);
		fuzz_require(again.worst == PENALTY_NONE, "we would not take what we send");
	}
	octets_fini(&out);
}

/* With the attribute put in, no role adds it once more. */
static void
only_to_customers(
    const struct update *u, const struct update_part *part, const struct session_params *p)
{
	static uint8_t memory[UPDATE_SCRATCH];
	struct session_params roled = *p;

	for (roled.role = BGP_ROLE_NONE; roled.role < BGP_ROLES; roled.role++) {
		struct writer w = writer_of(memory, sizeof memory);

		otc_told(&roled, part->family, u->attributes, (struct reader){ 0 });
		if (otc_received(&roled, part->family, u->attributes) != OTC_ADD)
			continue;
		otc_put(&w, u->attributes, roled.peer_as);
		fuzz_require(writer_ok(&w) &&
				 otc_received(&roled, part->family, writer_read(&w)) == OTC_NOTHING,
		    "Only to Customer is not there though it was put there");
	}
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
	frame_it(&u, body);
	if (u.end_of_rib)
		say_end_of_rib(u.end_of_rib_family, p);
	for (unsigned i = 0; i < u.announces; i++) {
		print_part(&u, &u.announce[i]);
		send_again(&u, &u.announce[i], false, p);
		say_attributes(&u, &u.announce[i], p);
		only_to_customers(&u, &u.announce[i], p);
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

/* Of a peer capabilities and a role may be required. */
static void
check_wishes(const struct open *o)
{
	static const uint8_t needs[] = { CAP_ASN4, CAP_EXTENDED_MESSAGE, CAP_ROUTE_REFRESH,
		CAP_ADD_PATH, 0 };
	static struct caps ours;
	struct fault f = { 0 };

	for (size_t i = 0; needs[i]; i++)
		caps_add(&ours, (enum cap_code)needs[i]);
	if (open_check_needs(needs, &ours, &o->caps, &f) < 0)
		fuzz_require(f.code == NOTIFY_OPEN && f.text[0], "refused without a word");
	for (unsigned role = 0; role < BGP_ROLES; role++)
		if (role_check((enum bgp_role)role, role & 1, &o->caps, &f) < 0)
			fuzz_require(
			    f.subcode == OPEN_ROLE && role_name(role)[0], "refused without a word");
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
	check_wishes(&o);
	open_encode(&o, &w);
	fuzz_require(writer_ok(&w), "an OPEN that cannot be written");
	fuzz_require(
	    message_parse(&m, writer_read(&w), &limits, &f) == 1, "no message: %s", f.text);
	fuzz_require(read_open_body(m.body, &again), "we would refuse what we send");
	open_encode(&again, &w2);
	fuzz_require(
	    reader_equal(writer_read(&w), writer_read(&w2)), "an OPEN changes as it travels");
	params_negotiate(&p, &o, &again);
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
show_operational(const void *o, struct tree *t)
{
	operational_tree(o, t);
}

/* What is printed is typed to the same. */
static void
read_operational(struct reader body)
{
	static uint8_t sent[MESSAGE_MAX_EXTENDED];
	struct writer w = writer_of(sent, sizeof sent);
	struct operational o, again;
	struct words_line line = { 0 };
	struct text text = { 0 };
	struct reason why = { 0 };
	struct words words;
	int got = operational_parse(&o, body, &why);

	if (got < 0) {
		fuzz_require(reason_given(&why), "an OPERATIONAL is refused without a word");
		return;
	}
	operational_print(&o, &text);
	fuzz_shown(show_operational, &o);
	if (got == 0) {
		operational_encode(&o, &w);
		fuzz_require(writer_ok(&w) && operational_parse(&again, writer_read(&w), &why) == 0,
		    "an OPERATIONAL is refused as written: %s", why.text);
	}
	if (got == 0 && words_cut(&line, text_str(&text), text.len, 1, WORDS_API, &why) == 0) {
		words = words_of(&line);
		operational_scan(&words, &again, &why);
	}
	words_line_fini(&line);
	text_fini(&text);
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
	case MESSAGE_OPERATIONAL:
		read_operational(body);
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
	if (data[1] & ON_LONG)
		p.link_local = addr_of("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	family_by_numbers(AFI_IPV4, 99); /* one without a name */
	type = data[0] % (MESSAGE_OPERATIONAL + 1);
	if (type == 0)
		read_stream(reader_of(data + 2, len - 2), &p);
	else if (len - 2 <= params_message_max(&p) - MESSAGE_HEADER)
		read_body(type, reader_of(data + 2, len - 2), &p);
	return 0;
}
