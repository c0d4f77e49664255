#include "proto/bgp/open.h"
#include <string.h>
#include "proto/bgp/message.h"
#include "proto/bgp/role.h"

enum { VERSION = 4, PARAM_AUTHENTICATION = 1, PARAM_CAPABILITY = 2, PARAM_EXTENDED = 255 };

static int
bad(struct fault *f, const char *what)
{
	return fault_set(f, NOTIFY_OPEN, OPEN_UNSPECIFIC, NULL, 0, "%s", what);
}

/* A capability that is none of ours: its code, and the start of its first value, for show. */
static void
keep_unknown(struct caps *c, uint8_t code, struct reader value)
{
	unsigned i = c->unknown_count;

	if (i == CAP_UNKNOWN_MAX || caps_have(c, (enum cap_code)code))
		return;
	caps_add(c, (enum cap_code)code);
	c->unknown[i].code = code;
	c->unknown[i].len =
	    (uint8_t)(value.left < sizeof c->unknown[i].data ? value.left
							     : sizeof c->unknown[i].data);
	if (c->unknown[i].len > 0)
		memcpy(c->unknown[i].data, value.at, c->unknown[i].len);
	c->unknown_count++;
}

/* RFC 5492 section 4: one or more capabilities. One that is malformed inside its own bounds is as if it
 * were not there; one that breaks out of them breaks the OPEN. */
static int
capabilities(struct caps *c, struct reader *r, struct fault *f)
{
	while (r->left > 0) {
		uint8_t code = reader_u8(r), len = reader_u8(r);
		struct reader value = reader_sub(r, len);
		const struct cap_ops *ops = cap_by_code(code);

		if (!reader_ok(r))
			return bad(f, "a capability is longer than its parameter");
		if (code == CAP_ROLE)
			role_note(c, value);
		if (!ops)
			keep_unknown(c, code, value);
		else if (ops->parse(c, &value) < 0 && ops->strict)
			return fault_set(f, NOTIFY_OPEN, OPEN_UNSPECIFIC, NULL, 0,
			    "capability %s is malformed", ops->name);
	}
	return 0;
}

static int
parameters(struct open *o, struct reader *r, bool extended, struct fault *f)
{
	while (r->left > 0) {
		uint8_t type = reader_u8(r);
		size_t len = extended ? reader_u16(r) : reader_u8(r);
		struct reader value = reader_sub(r, len);

		if (!reader_ok(r))
			return bad(f, "an optional parameter is longer than the message");
		if (type != PARAM_CAPABILITY)
			return fault_set(f, NOTIFY_OPEN, OPEN_PARAMETER, NULL, 0,
			    "optional parameter %u%s", type,
			    type == PARAM_AUTHENTICATION ? " (authentication)" : "");
		if (capabilities(&o->caps, &value, f) < 0)
			return -1;
	}
	return 0;
}

int
open_parse(struct open *o, struct reader body, struct fault *f)
{
	static const uint8_t we_speak[] = { 0, VERSION };
	size_t len;
	bool extended;

	memset(o, 0, sizeof *o);
	o->version = reader_u8(&body);
	o->my_as = reader_u16(&body);
	o->hold_time = reader_u16(&body);
	o->router_id = reader_u32(&body);
	len = reader_u8(&body);
	if (!reader_ok(&body))
		return bad(f, "it is too short");
	if (o->version != VERSION)
		return fault_set(f, NOTIFY_OPEN, OPEN_VERSION, we_speak, sizeof we_speak,
		    "version %u", o->version);
	/* RFC 9072: the type octet decides, whatever the length before it says (but 0: no parameters) */
	extended = len != 0 && reader_peek(&body) == PARAM_EXTENDED;
	if (extended) {
		(void)reader_u8(&body);
		len = reader_u16(&body);
		if (!reader_ok(&body))
			return bad(f, "it ends inside its extended length");
	}
	if (len != body.left)
		return bad(f, len > body.left ? "its parameters are longer than the message"
					      : "something stands behind its parameters");
	if (parameters(o, &body, extended, f) < 0)
		return -1;
	o->asn = caps_have(&o->caps, CAP_ASN4) ? o->caps.asn4 : o->my_as;
	return 0;
}

/* RFC 6793 section 9, RFC 7607: numbers that nobody can have. */
static int
check_as(const struct open *o, uint32_t expected, struct fault *f)
{
	bool asn4 = caps_have(&o->caps, CAP_ASN4);

	if (o->asn == 0 || o->my_as == 0)
		return fault_set(f, NOTIFY_OPEN, OPEN_PEER_AS, NULL, 0, "AS 0");
	if (o->asn == AS_TRANS)
		return fault_set(f, NOTIFY_OPEN, OPEN_PEER_AS, NULL, 0,
		    "AS 23456 in place of the AS it stands for");
	if (asn4 && o->my_as != AS_TRANS && o->my_as != o->asn)
		return fault_set(f, NOTIFY_OPEN, OPEN_PEER_AS, NULL, 0,
		    "AS %u and AS %u in one message", o->my_as, o->asn);
	if (expected != 0 && o->asn != expected)
		return fault_set(
		    f, NOTIFY_OPEN, OPEN_PEER_AS, NULL, 0, "AS %u, we expect %u", o->asn, expected);
	return 0;
}

int
open_check(const struct open *o, uint32_t local_as, uint32_t local_id, uint32_t expected_as,
    struct fault *f)
{
	if (check_as(o, expected_as, f) < 0)
		return -1;
	/* RFC 6286: any but 0; the same as ours only from another AS (without one of our own we take the peer's) */
	if (o->router_id == 0 ||
	    (o->router_id == local_id && (o->asn == local_as || local_as == 0)))
		return fault_set(f, NOTIFY_OPEN, OPEN_IDENTIFIER, NULL, 0, "%s",
		    o->router_id ? "its identifier is ours" : "identifier 0.0.0.0");
	if (o->hold_time == 1 || o->hold_time == 2)
		return fault_set(
		    f, NOTIFY_OPEN, OPEN_HOLD_TIME, NULL, 0, "hold time %u", o->hold_time);
	return 0;
}

static void
put_capability(void *arg, uint8_t code, struct reader value)
{
	struct writer *w = arg;

	writer_u8(w, code);
	writer_u8(w, value.left);
	writer_copy(w, value);
}

int
open_check_needs(
    const uint8_t *codes, const struct caps *ours, const struct caps *theirs, struct fault *f)
{
	uint8_t memory[sizeof f->data];
	struct writer w = writer_of(memory, sizeof memory);
	const struct cap_ops *missing = NULL;

	for (; *codes != 0; codes++) {
		if (caps_have(theirs, (enum cap_code)codes[0]))
			continue;
		missing = cap_by_code(*codes);
		missing->encode(ours, put_capability, &w);
	}
	if (!missing)
		return 0;
	return fault_set(f, NOTIFY_OPEN, OPEN_CAPABILITY, memory, writer_ok(&w) ? w.len : 0,
	    "it has no %s, which we require", missing->name);
}

/* --- writing --- */

struct params_out {
	struct writer *w;
	bool extended;
};

static void
put_param(void *arg, uint8_t code, struct reader value)
{
	struct params_out *o = arg;

	writer_u8(o->w, PARAM_CAPABILITY);
	if (o->extended)
		writer_u16(o->w, 2 + value.left);
	else
		writer_u8(o->w, 2 + value.left);
	writer_u8(o->w, code);
	writer_u8(o->w, value.left);
	writer_copy(o->w, value);
}

static void
put_params(const struct caps *c, struct writer *w, bool extended)
{
	struct params_out o = { w, extended };

	for (unsigned i = 0; i < cap_count; i++)
		if (caps_have(c, (enum cap_code)cap_table[i]->code))
			cap_table[i]->encode(c, put_param, &o);
	if (c->role) {
		const uint8_t role = c->role - 1;

		put_param(&o, CAP_ROLE, reader_of(&role, 1));
	}
}

void
open_encode(const struct open *o, struct writer *w)
{
	uint8_t memory[MESSAGE_MAX];
	struct writer params = writer_of(memory, sizeof memory);
	size_t mark = message_begin(w, MESSAGE_OPEN);

	writer_u8(w, VERSION);
	writer_u16(w, o->asn > UINT16_MAX ? AS_TRANS : o->asn);
	writer_u16(w, o->hold_time);
	writer_u32(w, o->router_id);
	put_params(&o->caps, &params, false);
	if (params.len < 255) {
		writer_u8(w, params.len);
		writer_copy(w, writer_read(&params));
	} else {
		/* RFC 9072 */
		params = writer_of(memory, sizeof memory);
		put_params(&o->caps, &params, true);
		writer_u8(w, 255);
		writer_u8(w, PARAM_EXTENDED);
		writer_u16(w, params.len);
		writer_copy(w, writer_read(&params));
	}
	message_end(w, mark);
}

/* --- showing --- */

static void
dotted(uint32_t id, char out[16])
{
	struct text t = { 0 };

	text_printf(&t, "%u.%u.%u.%u", id >> 24, id >> 16 & 0xff, id >> 8 & 0xff, id & 0xff);
	memcpy(out, text_str(&t), t.len + 1);
	text_fini(&t);
}

static bool
shown(const struct open *o, unsigned code, enum open_whose whose)
{
	return caps_have(&o->caps, (enum cap_code)code) ||
	       (whose == OPEN_OURS && code == CAP_HOSTNAME);
}

/* What Cisco had before there was an RFC or a draft, which is shown as what followed is. */
static const struct before {
	uint8_t code;
	const char *name, *text, *list;
} befores[] = { { 128, "route-refresh", "cisco route refresh", NULL },
	{ 131, "multisession", "multisession", "capabilities" } };

static const struct before *
before_of(uint8_t code)
{
	for (size_t i = 0; i < sizeof befores / sizeof *befores; i++)
		if (befores[i].code == code)
			return &befores[i];
	return NULL;
}

/* ExaBGP's word for where a code that is not known stands in IANA's registry. */
static const char *
iana_name(uint8_t code)
{
	return code <= 70 ? "unknown" : code < 128 ? "unassigned" : "reserved";
}

static void
unknown_print(uint8_t code, struct text *t)
{
	const struct before *before = before_of(code);

	if (before)
		text_add(t, before->text);
	else
		text_printf(t, "%s %u", iana_name(code), code);
}

/* In the order of their codes. */
void
open_print(const struct open *o, struct text *t, enum open_whose whose)
{
	const char *comma = "";
	char id[16];

	dotted(o->router_id, id);
	text_printf(t, "version %u asn %u hold_time %u router_id %s capabilities [", o->version,
	    o->asn, o->hold_time, id);
	for (unsigned code = 0; code <= UINT8_MAX; code++) {
		const struct cap_ops *ops = cap_by_code((uint8_t)code);

		if (!shown(o, code, whose))
			continue;
		text_add(t, comma);
		if (ops)
			ops->print(&o->caps, t);
		else
			unknown_print((uint8_t)code, t);
		comma = ", ";
	}
	if (whose != OPEN_THEIRS && o->caps.role)
		text_printf(t, "%srole(%s)", comma, role_name(o->caps.role));
	text_char(t, ']');
}

static void
code_key(struct tree *tree, uint8_t code)
{
	struct text t = { 0 };

	text_uint(&t, code);
	tree_key(tree, text_str(&t));
	text_fini(&t);
}

static void
unknown_tree(const struct caps *c, unsigned i, struct tree *t)
{
	const struct before *before = before_of(c->unknown[i].code);
	struct text octets = { 0 };

	code_key(t, c->unknown[i].code);
	tree_map(t);
	tree_put_text(t, "name", before ? before->name : "unknown");
	if (before) {
		tree_put_text(t, "variant", "Cisco");
		if (before->list) {
			tree_key(t, before->list);
			tree_list(t);
			tree_list_end(t);
		}
	} else {
		text_hex_upper(&octets, c->unknown[i].data, c->unknown[i].len);
		tree_put_text(t, "iana", iana_name(c->unknown[i].code));
		tree_put_uint(t, "value", c->unknown[i].code);
		tree_put_text(t, "raw", text_str(&octets)); /* without 0x, as ExaBGP has it */
	}
	tree_map_end(t);
	text_fini(&octets);
}

static void
caps_tree(const struct open *o, struct tree *t, enum open_whose whose)
{
	tree_map(t);
	for (unsigned i = 0; i < cap_count; i++) {
		if (!shown(o, cap_table[i]->code, whose))
			continue;
		if (whose != OPEN_THEIRS)
			tree_key(t, cap_table[i]->name);
		else
			code_key(t, cap_table[i]->code);
		cap_table[i]->tree(&o->caps, t);
	}
	if (whose != OPEN_THEIRS && o->caps.role) {
		tree_key(t, "role");
		tree_map(t);
		tree_key(t, "name");
		tree_text(t, "role");
		tree_key(t, "role");
		tree_text(t, role_name(o->caps.role));
		tree_map_end(t);
	}
	for (unsigned i = 0; i < o->caps.unknown_count; i++)
		unknown_tree(&o->caps, i, t);
	tree_map_end(t);
}

void
open_tree(const struct open *o, struct tree *t, enum open_whose whose)
{
	char id[16];

	dotted(o->router_id, id);
	tree_map(t);
	tree_key(t, "version");
	tree_uint(t, o->version);
	tree_key(t, "asn");
	tree_uint(t, o->asn);
	tree_key(t, "hold_time");
	tree_uint(t, o->hold_time);
	tree_key(t, "router_id");
	tree_text(t, id);
	tree_key(t, "capabilities");
	caps_tree(o, t, whose);
	tree_map_end(t);
}
