/* A frame of the link, or of the API. [ type, (unused), body ]: the envelope of that type is put before the body, 0 is a
 * whole frame and FUZZ_REQUEST a whole message of the API, as they come. What is taken is written again and read to the same. */
#include "proto/frame/frame.h"
#include <string.h>
#include "proto/frame/api.h"
#include "proto/frame/link.h"
#include "proto/frame/routes.h"
#include "tests/fuzz/fuzz.h"

static struct unpack *unpack;
static struct pack first, second;

/* The body of a frame that we wrote. */
static const struct node *
body_of(const struct pack *p, enum frame_type type)
{
	struct reason why = { 0 };
	struct frame f;

	fuzz_require(frame_open(unpack, p->base, p->len, &f, &why) == 0 && f.type == type,
	    "%s: not opened as written: %s", frame_type_name(type), why.text);
	fuzz_require(frame_peek(reader_of(p->base, p->len)) == type, "%s is peeked as another",
	    frame_type_name(type));
	return f.body;
}

static bool
same_packs(void)
{
	return first.len == second.len && memcmp(first.base, second.base, first.len) == 0;
}

#define CHECK(name, type)                                                                          \
	static void check_##name(const struct node *body)                                          \
	{                                                                                          \
		static struct link_##name v, again;                                                \
		struct text text = { 0 };                                                          \
		struct reason why = { 0 };                                                         \
                                                                                                   \
		memset(&v, 0, sizeof v);                                                           \
		memset(&again, 0, sizeof again);                                                   \
		if (link_##name##_unpack(&v, body, &why) < 0) {                                    \
			fuzz_require(reason_given(&why), #name " is refused without a reason");    \
			return;                                                                    \
		}                                                                                  \
		link_##name##_print(&v, &text);                                                    \
		text_fini(&text);                                                                  \
		link_##name##_pack(&v, &first);                                                    \
		fuzz_require(                                                                      \
		    link_##name##_unpack(&again, body_of(&first, FRAME_##type), &why) == 0,        \
		    #name " is refused as written: %s", why.text);                                 \
		link_##name##_pack(&again, &second);                                               \
		fuzz_require(same_packs(), #name " is written otherwise");                         \
	}
LINK_FRAMES(CHECK)

static void
check_border(enum frame_type type, const struct node *body)
{
	struct link_border v = { 0 }, again = { 0 };
	struct reason why = { 0 };

	if (link_border_unpack(&v, body, &why) < 0)
		return;
	link_border_pack(&v, type, &first);
	fuzz_require(link_border_unpack(&again, body_of(&first, type), &why) == 0, "%s", why.text);
	fuzz_require(v.received == again.received && v.peer == again.peer, "a border is another");
}

/* ---- routes ---- */

static void
write_part(struct routes_writer *w, const struct routes_part *p, bool announce)
{
	struct reader bin = p->nlri;
	struct text text = { 0 };
	struct nlri n;

	if (announce)
		routes_announce(w, p->family, p->path_ids, &p->value);
	else
		routes_withdraw(w, p->family, p->path_ids, &p->value);
	while (nlri_next(p->family, p->path_ids, &bin, &n)) {
		routes_nlri(w, p->path_ids, n.path_id, n.octets);
		route_print(p->family, p->path_ids, &n, &p->value, &text);
	}
	fuzz_require(reader_done(&bin) || !nlri_ops(p->family), "a bin that does not end");
	text_fini(&text);
}

/* All messages of a body into a frame; false when one is malformed. */
static bool
write_routes(const struct node *body, struct pack *out)
{
	struct routes_cursor c = routes_open(body);
	static struct routes_message m;
	struct routes_writer w;
	struct reason why = { 0 };
	int got;

	routes_begin(&w, out);
	while ((got = routes_next(&c, &m, &why)) > 0) {
		routes_message(&w, m.one_peer, m.peer, m.peers, m.flags, m.owner);
		for (unsigned i = 0; i < m.announces; i++)
			write_part(&w, &m.announce[i], true);
		for (unsigned i = 0; i < m.withdraws; i++)
			write_part(&w, &m.withdraw[i], false);
		routes_message_end(&w);
	}
	routes_end(&w);
	fuzz_require(got == 0 || reason_given(&why), "routes are refused without a reason");
	return got == 0;
}

static void
check_routes(const struct node *body)
{
	if (!write_routes(body, &first))
		return;
	fuzz_require(
	    write_routes(body_of(&first, FRAME_ROUTES), &second), "routes are refused as written");
	fuzz_require(same_packs(), "routes are written otherwise");
}

static void
check_body(enum frame_type type, const struct node *body)
{
#define CASE(name, type)                                                                           \
	case FRAME_##type:                                                                         \
		check_##name(body);                                                                \
		break;
	switch (type) {
		LINK_FRAMES(CASE)
	case FRAME_BEGIN:
	case FRAME_END:
		check_border(type, body);
		break;
	case FRAME_ROUTES:
		check_routes(body);
		break;
	default:
		break;
	}
}

/* A frame as it comes. */
static void
check_frame(const uint8_t *data, size_t len)
{
	struct reason why = { 0 };
	struct frame f;

	frame_peek(reader_of(data, len));
	if (frame_open(unpack, data, len, &f, &why) < 0)
		fuzz_require(reason_given(&why), "a frame is refused without a reason");
	else
		check_body(f.type, f.body);
}

/* ---- API ---- */

/* False: clients have no function that writes such a one whole. */
static bool
write_request(const struct api_request *r)
{
	switch (r->type) {
	case API_COMMAND:
		api_command_pack(
		    &first, r->id, (const char *)r->text.at, r->text.left, r->wait, r->json);
		break;
	case API_HELLO:
		api_hello_pack(&first, r->id, r->name);
		break;
	case API_SUBSCRIBE:
		api_subscribe_pack(&first, r);
		break;
	case API_CREDIT:
		api_credit_pack(&first, r->id, r->credit);
		break;
	case API_UNSUBSCRIBE:
	case API_PING:
		api_simple_pack(&first, r->type, r->id);
		break;
	default:
		return false;
	}
	return true;
}

static void
check_request(const uint8_t *data, size_t len)
{
	struct api_request r, again;
	struct reason why = { 0 };
	bool glanced = api_request_glance(unpack, data, len, &again);

	if (api_request_open(unpack, data, len, &r, &why) < 0) {
		fuzz_require(reason_given(&why), "a request is refused without a reason");
		return;
	}
	fuzz_require(!glanced || (again.type == r.type && again.id == r.id),
	    "a %s is another at a glance", api_request_name(r.type));
	if (!write_request(&r))
		return;
	fuzz_require(api_request_open(unpack, first.base, first.len, &again, &why) == 0,
	    "a %s is refused as written: %s", api_request_name(r.type), why.text);
	fuzz_require(again.type == r.type && again.id == r.id && again.wait == r.wait &&
			 again.json == r.json && reader_equal(again.text, r.text) &&
			 reader_equal(again.neighbor, r.neighbor) && again.credit == r.credit,
	    "a %s is read otherwise", api_request_name(r.type));
}

static void
check_answer(const uint8_t *data, size_t len)
{
	struct api_answer a;
	struct reason why = { 0 };
	struct text json = { 0 };
	struct tree t = tree_json(&json);

	if (api_answer_open(unpack, data, len, &a, &why) == 0)
		api_node_json(a.body, &t);
	else
		fuzz_require(reason_given(&why), "an answer is refused without a reason");
	text_fini(&json);
}

/* Once: what has no content, and the names. */
static void
check_names(void)
{
	static const enum frame_type bare[] = { FRAME_PEERS_END, FRAME_HELD_END, FRAME_RESET };

	for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
		link_bare_pack(bare[i], &first);
		fuzz_require(node_kind(body_of(&first, bare[i])) == NODE_MAP, "a bare frame");
	}
	for (unsigned type = 0; type <= FRAME_TYPES; type++)
		fuzz_require(frame_type_name((enum frame_type)type)[0], "a frame without a name");
	for (unsigned state = 0; state <= PEER_STATES; state++)
		fuzz_require(peer_state_name((enum peer_state)state)[0], "a state without a name");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pack framed = { 0 };
	uint8_t type;

	if (len < 2)
		return 0;
	if (!unpack) {
		unpack = unpack_new();
		check_names();
	}
	type = data[0];
	data += 2;
	len -= 2;
	if (type == FUZZ_REQUEST) {
		check_request(data, len);
		check_answer(data, len);
	} else if (type % FRAME_TYPES == 0) {
		check_frame(data, len);
	} else {
		frame_begin(&framed, (enum frame_type)(type % FRAME_TYPES));
		frame_stamp(&framed, 1, 2);
		pack_raw(&framed, data, len);
		check_frame(framed.base, framed.len);
	}
	pack_fini(&framed);
	return 0;
}
