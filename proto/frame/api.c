/* API frames. Types and keys are text: a client in any language can be written from FRAMES.md. */
#include "proto/frame/api.h"
#include <stdio.h>
#include <string.h>

enum {
	FRONT = 3, /* version, type and id */
	FRONT_HEADER = 0x93, /* an array of these alone */
	FRONT_MAX = 64
};

static const char *const request_names[API_REQUESTS + 1] = {
	[API_COMMAND] = "command",
	[API_HELLO] = "hello",
	[API_SUBSCRIBE] = "subscribe",
	[API_CREDIT] = "credit",
	[API_UNSUBSCRIBE] = "unsubscribe",
	[API_END_OF_SYNC] = "end-of-sync",
	[API_PING] = "ping",
	[API_DECIDE] = "decide",
	[API_VERDICTS] = "verdicts",
	[API_BULK] = "bulk",
	[API_COMMANDS] = "commands",
	[API_REQUESTS] = NULL, /* for reason_nearest */
};

const char *
api_request_name(enum api_request_type type)
{
	return type < API_REQUESTS ? request_names[type] : "unknown";
}

/* Text that is whole in out[size], or -1: what is cut, or has a NUL in it, would be another text's equal.
 * What is missing is "". */
static int
word_of(const struct node *n, char *out, size_t size)
{
	struct reader r = node_bytes(n);

	node_text(n, out, size);
	return !n || (node_kind(n) == NODE_TEXT && strlen(out) == r.left) ? 0 : -1;
}

static int
type_of(const struct node *n, enum api_request_type *type, struct reason *why)
{
	char name[32];
	bool whole = word_of(n, name, sizeof name) == 0;

	for (unsigned i = 0; i < API_REQUESTS; i++)
		if (whole && strcmp(name, request_names[i]) == 0) {
			*type = (enum api_request_type)i;
			return 0;
		}
	const char *near = reason_nearest(name, strlen(name), request_names);
	return reason_set(why, 0, 0, "unknown request type \"%s\"%s%s", name,
	    near ? ": did you mean " : "", near ? near : "");
}

static struct reader
text_of(const struct node *n)
{
	return node_kind(n) == NODE_TEXT ? node_bytes(n) : (struct reader){ 0 };
}

static int
wait_of(struct api_request *r, const struct node *body, struct reason *why)
{
	char word[16];

	if (word_of(node_find(body, "wait"), word, sizeof word) < 0 ||
	    (word[0] != '\0' && strcmp(word, "accepted") != 0 && strcmp(word, "sent") != 0))
		return reason_set(
		    why, 0, 0, "\"wait\" is \"accepted\" or \"sent\", not \"%s\"", word);
	r->wait = strcmp(word, "sent") == 0 ? API_WAIT_SENT : API_WAIT_ACCEPTED;
	return 0;
}

static int
bulk_of(struct api_request *r, const struct node *body, struct reason *why)
{
	char word[16];

	if (wait_of(r, body, why) < 0)
		return -1;
	if (word_of(node_find(body, "op"), word, sizeof word) < 0 ||
	    (strcmp(word, "announce") != 0 && strcmp(word, "withdraw") != 0))
		return reason_set(
		    why, 0, 0, "\"op\" is \"announce\" or \"withdraw\", not \"%s\"", word);
	r->withdraw = strcmp(word, "withdraw") == 0;
	r->neighbor = text_of(node_find(body, "neighbor"));
	r->list = node_find(body, "groups");
	if (node_kind(r->list) != NODE_ARRAY)
		return reason_set(why, 0, 0, "a bulk needs an array of \"groups\"");
	return 0;
}

static int
commands_of(struct api_request *r, const struct node *body, struct reason *why)
{
	r->list = node_find(body, "commands");
	if (node_kind(r->list) != NODE_ARRAY)
		return reason_set(why, 0, 0, "an array of \"commands\" is needed");
	return wait_of(r, body, why);
}

static int
command_of(struct api_request *r, const struct node *body, struct reason *why)
{
	char word[16];

	r->text = text_of(node_find(body, "text"));
	r->body = text_of(node_find(body, "body"));
	if (r->text.left == 0)
		return reason_set(why, 0, 0, "a command needs \"text\"");
	if (r->body.left > API_BODY_MAX)
		return reason_set(
		    why, 0, 0, "a body of %zu octets (at most %d)", r->body.left, API_BODY_MAX);
	if (r->text.left > API_COMMAND_MAX)
		return reason_set(why, 0, 0, "a command of %zu octets (at most %d)", r->text.left,
		    API_COMMAND_MAX);
	if (wait_of(r, body, why) < 0)
		return -1;
	if (word_of(node_find(body, "format"), word, sizeof word) < 0 ||
	    (word[0] != '\0' && strcmp(word, "text") != 0 && strcmp(word, "json") != 0))
		return reason_set(
		    why, 0, 0, "\"format\" is \"text\" or \"json\", not \"%s\"", word);
	r->json = strcmp(word, "json") == 0;
	return 0;
}

static int
name_of(struct api_request *r, const struct node *body, struct reason *why)
{
	if (word_of(node_find(body, "name"), r->name, sizeof r->name) == 0 && r->name[0] != '\0')
		return 0;
	return reason_set(why, 0, 0, "%s needs a \"name\" of at most %zu octets",
	    api_request_name(r->type), sizeof r->name - 1);
}

static int
body_of(struct api_request *r, const struct node *body, struct reason *why)
{
	uint64_t open;

	switch (r->type) {
	case API_COMMAND:
		return command_of(r, body, why);
	case API_BULK:
		return bulk_of(r, body, why);
	case API_COMMANDS:
		return commands_of(r, body, why);
	case API_HELLO:
		return name_of(r, body, why);
	case API_DECIDE:
		open = node_uint(node_find(body, "open"), 0);
		r->open = open < UINT32_MAX ? (uint32_t)open : UINT32_MAX;
		r->tree = node_bool(node_find(body, "tree"), true);
		return name_of(r, body, why);
	case API_VERDICTS:
		r->verdicts = node_find(body, "verdicts");
		if (node_kind(r->verdicts) != NODE_ARRAY)
			return reason_set(why, 0, 0, "verdicts need a list \"verdicts\"");
		return 0;
	case API_SUBSCRIBE:
		r->credit = node_uint(node_find(body, "credit"), 0);
		r->snapshot = node_bool(node_find(body, "snapshot"), false);
		r->updates = node_bool(node_find(body, "updates"), false);
		r->states = node_bool(node_find(body, "states"), false);
		r->neighbor = text_of(node_find(body, "neighbor"));
		r->speaker = text_of(node_find(body, "speaker"));
		if (!r->updates && !r->states)
			r->updates = r->states = true;
		return 0;
	case API_CREDIT:
		r->credit = node_uint(node_find(body, "credit"), 0);
		if (r->credit == 0)
			return reason_set(why, 0, 0, "credit needs a number of octets above 0");
		return 0;
	default:
		return 0;
	}
}

static int
head_of(const struct node *n, struct api_request *r, struct reason *why)
{
	if (node_kind(n) != NODE_ARRAY || node_kind(node_at(n, 2)) != NODE_UINT)
		return reason_set(why, 0, 0, "not a request: expected [version, type, id, body]");
	r->id = node_uint(node_at(n, 2), 0);
	if (node_uint(node_at(n, 0), 0) != API_VERSION)
		return reason_set(why, 0, 0, "API version %llu: this controller speaks %d",
		    (unsigned long long)node_uint(node_at(n, 0), 0), API_VERSION);
	return type_of(node_at(n, 1), &r->type, why);
}

bool
api_request_glance(struct unpack *u, const void *bytes, size_t len, struct api_request *r)
{
	uint8_t front[FRONT_MAX];
	size_t octets = pack_front(bytes, len, FRONT);
	struct reason why = { 0 };

	memset(r, 0, sizeof *r);
	if (octets == 0 || octets > sizeof front)
		return false;
	memcpy(front, bytes, octets);
	front[0] = FRONT_HEADER;
	return head_of(unpack_open(u, front, octets), r, &why) == 0;
}

int
api_request_open(
    struct unpack *u, const void *bytes, size_t len, struct api_request *r, struct reason *why)
{
	const struct node *n;

	memset(r, 0, sizeof *r);
	r->message = reader_of(bytes, len);
	if (len > API_OCTETS_MAX + 1024)
		return reason_set(why, 0, 0, "a request of %zu octets", len);
	n = unpack_open(u, bytes, len);
	if (head_of(n, r, why) < 0)
		return -1;
	return body_of(r, node_at(n, 3), why);
}

/* --- requests, for clients --- */

static void
begin(struct pack *p, const char *type, uint64_t id)
{
	pack_clear(p);
	pack_array(p, 4);
	pack_uint(p, API_VERSION);
	pack_text(p, type);
	pack_uint(p, id);
}

static void
begin_request(struct pack *p, enum api_request_type type, uint64_t id, uint32_t members)
{
	begin(p, api_request_name(type), id);
	pack_map(p, members);
}

static void
put_wait(struct pack *p, enum api_wait wait)
{
	pack_text(p, "wait");
	pack_text(p, wait == API_WAIT_SENT ? "sent" : "accepted");
}

/* A command of three members, but for the last. */
static void
begin_command(struct pack *p, uint64_t id, const char *text, size_t len, bool json)
{
	begin_request(p, API_COMMAND, id, 3);
	pack_text(p, "text");
	pack_textn(p, text, len);
	pack_text(p, "format");
	pack_text(p, json ? "json" : "text");
}

void
api_command_pack(
    struct pack *p, uint64_t id, const char *text, size_t len, enum api_wait wait, bool json)
{
	begin_command(p, id, text, len, json);
	put_wait(p, wait);
}

size_t
api_commands_begin(struct pack *p, uint64_t id, enum api_wait wait)
{
	begin_request(p, API_COMMANDS, id, 2);
	put_wait(p, wait);
	pack_text(p, "commands");
	return pack_begin_array(p);
}

void
api_command_pack_body(
    struct pack *p, uint64_t id, const char *text, size_t len, struct reader body, bool json)
{
	begin_command(p, id, text, len, json);
	pack_text(p, "body");
	pack_textn(p, (const char *)body.at, body.left);
}

void
api_hello_pack(struct pack *p, uint64_t id, const char *name)
{
	begin_request(p, API_HELLO, id, 1);
	pack_text(p, "name");
	pack_text(p, name);
}

void
api_subscribe_pack(struct pack *p, const struct api_request *r)
{
	begin_request(p, API_SUBSCRIBE, r->id, 6);
	pack_text(p, "credit");
	pack_uint(p, r->credit);
	pack_text(p, "snapshot");
	pack_bool(p, r->snapshot);
	pack_text(p, "updates");
	pack_bool(p, r->updates);
	pack_text(p, "states");
	pack_bool(p, r->states);
	pack_text(p, "neighbor");
	pack_textn(p, (const char *)r->neighbor.at, r->neighbor.left);
	pack_text(p, "speaker");
	pack_textn(p, (const char *)r->speaker.at, r->speaker.left);
}

void
api_credit_pack(struct pack *p, uint64_t id, uint64_t credit)
{
	begin_request(p, API_CREDIT, id, 1);
	pack_text(p, "credit");
	pack_uint(p, credit);
}

void
api_simple_pack(struct pack *p, enum api_request_type type, uint64_t id)
{
	begin_request(p, type, id, 0);
}

/* --- answers --- */

static void
reply_head(struct pack *p, const struct api_reply *r, bool data)
{
	begin(p, "reply", r->id);
	pack_map(p, data ? 4 : 3);
	pack_text(p, "status");
	pack_text(p, r->status);
	pack_text(p, "final");
	pack_bool(p, r->final);
	pack_text(p, "text");
	pack_textn(p, (const char *)r->text.at, r->text.left);
}

void
api_reply_pack(struct pack *p, const struct api_reply *r)
{
	reply_head(p, r, false);
}

struct tree
api_reply_begin(struct pack *p, const struct api_reply *r)
{
	reply_head(p, r, true);
	pack_text(p, "data");
	return tree_pack(p);
}

void
api_events_begin(struct api_events *e, struct pack *p, uint64_t subscription)
{
	begin(p, "event", subscription);
	*e = (struct api_events){ .pack = p, .mark = pack_begin_array(p) };
}

struct tree
api_event(struct api_events *e)
{
	e->count++;
	return tree_pack(e->pack);
}

void
api_event_copy(struct api_events *e, const void *event, size_t len)
{
	e->count++;
	pack_copy(e->pack, event, len);
}

void
api_events_end(struct api_events *e)
{
	pack_end(e->pack, e->mark, e->count);
}

/* --- reading, for clients --- */

int
api_answer_open(
    struct unpack *u, const void *bytes, size_t len, struct api_answer *a, struct reason *why)
{
	const struct node *n = unpack_open(u, bytes, len);
	char type[16];

	if (node_kind(n) != NODE_ARRAY || node_count(n) < 4 ||
	    node_kind(node_at(n, 2)) != NODE_UINT)
		return reason_set(why, 0, 0, "not an answer: expected [version, type, id, body]");
	node_text(node_at(n, 1), type, sizeof type);
	if (strcmp(type, "reply") != 0 && strcmp(type, "event") != 0)
		return reason_set(why, 0, 0, "unknown answer type \"%s\"", type);
	a->type = strcmp(type, "reply") == 0 ? API_REPLY : API_EVENT;
	a->id = node_uint(node_at(n, 2), 0);
	a->body = node_at(n, 3);
	return 0;
}

/* Where a walk over nested nodes stands: no recursion, for the depth is the sender's. */
struct level {
	const struct node *node;
	uint32_t at;
};

static void
scalar_json(const struct node *n, struct tree *t)
{
	struct reader r;

	switch (node_kind(n)) {
	case NODE_BOOL:
		tree_bool(t, node_bool(n, false));
		break;
	case NODE_UINT:
		tree_uint(t, node_uint(n, 0));
		break;
	case NODE_INT:
		tree_int(t, node_int(n, 0));
		break;
	case NODE_REAL:
		tree_real(t, node_real(n, 0));
		break;
	case NODE_TEXT:
	case NODE_BIN: /* a text that is no UTF-8 (tree_pack.c): shown as JSON shows it where it is written at once */
		r = node_bytes(n);
		tree_textn(t, (const char *)r.at, r.left);
		break;
	default:
		tree_null(t);
	}
}

/* Keys of JSON are text: a number is written as one, anything else is no key of ours. */
static void
key_json(const struct node *n, struct tree *t)
{
	struct reader key = node_bytes(n);
	char number[24];

	if (node_kind(n) == NODE_UINT)
		snprintf(number, sizeof number, "%llu", (unsigned long long)node_uint(n, 0));
	else if (node_kind(n) == NODE_INT)
		snprintf(number, sizeof number, "%lld", (long long)node_int(n, 0));
	else
		number[0] = '\0';
	if (key.failed)
		tree_key(t, number);
	else
		tree_keyn(t, (const char *)key.at, key.left);
}

void
api_node_json(const struct node *node, struct tree *t)
{
	struct level stack[PACK_DEPTH + 1];
	size_t depth = 0;
	const struct node *n = node;

	for (;;) {
		enum node_kind kind = node_kind(n);

		if (kind == NODE_MAP)
			tree_map(t);
		else if (kind == NODE_ARRAY)
			tree_list(t);
		else
			scalar_json(n, t);
		if ((kind == NODE_MAP || kind == NODE_ARRAY) && depth < PACK_DEPTH)
			stack[depth++] = (struct level){ n, 0 };
		/* the next child of the innermost open container; close those that have no more */
		while (depth > 0 && stack[depth - 1].at >= node_count(stack[depth - 1].node)) {
			if (node_kind(stack[--depth].node) == NODE_MAP)
				tree_map_end(t);
			else
				tree_list_end(t);
		}
		if (depth == 0)
			return;
		struct level *l = &stack[depth - 1];

		if (node_kind(l->node) == NODE_MAP) {
			key_json(node_key(l->node, l->at), t);
			n = node_value(l->node, l->at++);
		} else {
			n = node_at(l->node, l->at++);
		}
	}
}
