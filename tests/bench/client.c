/* A client of the controller's API that costs little (FRAMES.md section 1): counts and sums the events of all
 * updates, or announces the table of table.h: a command a route, (grouped) a command for those that share attributes,
 * (bulk) a request for thousands in wire form, (lines) a request for thousands of commands; many are under way.
 *
 * usage: client ENDPOINT watch EXPECT [snapshot]
 *        client ENDPOINT announce COUNT SHARING [grouped | bulk | lines]
 *
 * Orders as load.c takes them: "go" announces, "sums" answers. Says "ready", "done" (so many came), "sending",
 * "accepted" (all were), "refused". */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "clock.h"
#include "table.h"

enum {
	CREDIT = 4 << 20,
	UNDER_WAY = 8192,
	DEPTH = 16,
	TEXT_ROOM = 4096,
	BULKS = 8, /* requests of many routes under way */
	BULK_ROUTES = 32768,
	BULK_GROUPS = 4096,
	BULK_ROOM = 1 << 20,
	SETS_FEW = 8
};

enum form { EACH_ONE, GROUPED, BULK, LINES };

/* msgpack, as one walks through it: a short or strange one ends the walk for good (p == end) */
struct walk {
	const uint8_t *p, *end;
};

struct word {
	const char *text;
	size_t length;
};

static void *lane;
static struct sum sum;
static uint64_t events, octets_left, expect;
static struct table *table;
static uint32_t next, commands, answered, refused;
static bool going;
static enum form form;
static enum sharing shared;

static void
say(const char *what, uint64_t number)
{
	printf("%s %.6f %llu\n", what, (double)now() / 1e9, (unsigned long long)number);
	fflush(stdout);
}

/* --- msgpack --- */

static uint64_t
big_endian(struct walk *w, size_t octets)
{
	uint64_t v = 0;

	if ((size_t)(w->end - w->p) < octets) {
		w->p = w->end;
		return 0;
	}
	while (octets--)
		v = v << 8 | *w->p++;
	return v;
}

/* What stands next: its count (of an array or a map), length (of text) or value. */
struct head {
	enum { OTHER, NUMBER, TEXT, ARRAY, MAP } kind;
	uint64_t n;
};

static struct head
head_of(struct walk *w)
{
	uint8_t c = (uint8_t)big_endian(w, 1);

	if (c < 0x80)
		return (struct head){ NUMBER, c };
	if (c < 0x90)
		return (struct head){ MAP, c & 15 };
	if (c < 0xa0)
		return (struct head){ ARRAY, c & 15 };
	if (c < 0xc0)
		return (struct head){ TEXT, c & 31 };
	if (c >= 0xe0)
		return (struct head){ OTHER, 0 };
	switch (c) {
	case 0xc4:
	case 0xc5:
	case 0xc6:
		return (struct head){ TEXT, big_endian(w, 1u << (c - 0xc4)) };
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		return (struct head){ NUMBER, big_endian(w, 1u << (c - 0xcc)) };
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return (struct head){ NUMBER, big_endian(w, 1u << (c - 0xd0)) };
	case 0xca:
	case 0xcb:
		return (struct head){ OTHER, big_endian(w, c == 0xca ? 4 : 8) };
	case 0xd9:
	case 0xda:
	case 0xdb:
		return (struct head){ TEXT, big_endian(w, 1u << (c - 0xd9)) };
	case 0xdc:
	case 0xdd:
		return (struct head){ ARRAY, big_endian(w, c == 0xdc ? 2 : 4) };
	case 0xde:
	case 0xdf:
		return (struct head){ MAP, big_endian(w, c == 0xde ? 2 : 4) };
	default:
		return (struct head){ OTHER, 0 };
	}
}

static struct word
text_of(struct walk *w)
{
	struct head h = head_of(w);
	struct word t = { (const char *)w->p, h.kind == TEXT ? h.n : 0 };

	if ((size_t)(w->end - w->p) < t.length)
		return (struct word){ "", 0 };
	w->p += t.length;
	return t;
}

static bool
is(struct word w, const char *text)
{
	return w.length == strlen(text) && memcmp(w.text, text, w.length) == 0;
}

/* Past one value, whatever is in it. */
static void
skip(struct walk *w)
{
	for (uint64_t left = 1; left && w->p < w->end; left--) {
		struct head h = head_of(w);

		if (h.kind == TEXT)
			w->p += (size_t)(w->end - w->p) < h.n ? (size_t)(w->end - w->p) : h.n;
		left += h.kind == ARRAY ? h.n : h.kind == MAP ? 2 * h.n : 0;
	}
}

static uint64_t
count_of(struct walk *w, int kind)
{
	struct head h = head_of(w);

	return (int)h.kind == kind ? h.n : 0;
}

/* --- events --- */

static uint64_t
path_hash(struct walk *w, uint64_t hash)
{
	for (uint64_t segments = count_of(w, MAP); segments && w->p < w->end; segments--) {
		text_of(w);
		for (uint64_t members = count_of(w, MAP); members && w->p < w->end; members--) {
			if (!is(text_of(w), "value")) {
				skip(w);
				continue;
			}
			for (uint64_t n = count_of(w, ARRAY); n && w->p < w->end; n--)
				hash = hash_add(hash, (uint32_t)head_of(w).n);
		}
	}
	return hash;
}

static uint64_t
community_hash(struct walk *w, uint64_t hash)
{
	for (uint64_t n = count_of(w, ARRAY); n && w->p < w->end; n--) {
		uint32_t v = 0;

		for (uint64_t k = count_of(w, ARRAY); k && w->p < w->end; k--)
			v = v << 16 | (uint32_t)head_of(w).n;
		hash = hash_add(hash, v);
	}
	return hash;
}

static uint64_t
attributes_hash(struct walk *w)
{
	uint64_t hash = 0;

	for (uint64_t n = count_of(w, MAP); n && w->p < w->end; n--) {
		struct word name = text_of(w);

		if (is(name, "as-path"))
			hash = path_hash(w, hash);
		else if (is(name, "community"))
			hash = community_hash(w, hash);
		else
			skip(w);
	}
	return hash;
}

static void
add_prefix(struct word t, uint64_t hash)
{
	uint32_t address = 0, part = 0;

	for (size_t i = 0; i < t.length; i++) {
		if (t.text[i] >= '0' && t.text[i] <= '9') {
			part = part * 10 + (uint32_t)(t.text[i] - '0');
			continue;
		}
		address = address << 8 | part;
		part = 0;
	}
	sum_add(&sum, address, (uint8_t)part, hash);
}

static void
announced(struct walk *w, uint64_t hash)
{
	for (uint64_t families = count_of(w, MAP); families && w->p < w->end; families--) {
		text_of(w);
		for (uint64_t hops = count_of(w, MAP); hops && w->p < w->end; hops--) {
			text_of(w);
			for (uint64_t n = count_of(w, ARRAY); n && w->p < w->end; n--)
				for (uint64_t members = count_of(w, MAP); members && w->p < w->end;
				     members--) {
					if (is(text_of(w), "nlri"))
						add_prefix(text_of(w), hash);
					else
						skip(w);
				}
		}
	}
}

/* Down the maps of an event as far as there are updates in it. */
static void
event(struct walk *w)
{
	uint64_t hash = 0, left[DEPTH];
	unsigned depth = 0;

	left[0] = count_of(w, MAP);
	events++;
	while (w->p < w->end) {
		struct word name;

		while (left[depth] == 0) {
			if (depth-- == 0)
				return;
		}
		left[depth]--;
		name = text_of(w);
		if (depth + 1 < DEPTH && (is(name, "message") || is(name, "update")))
			left[++depth] = count_of(w, MAP);
		else if (is(name, "attribute"))
			hash = attributes_hash(w);
		else if (is(name, "announce"))
			announced(w, hash);
		else
			skip(w);
	}
}

/* --- messages --- */

static uint8_t *
put_text(uint8_t *p, const char *text, size_t length)
{
	*p++ = 0xda;
	*p++ = (uint8_t)(length >> 8);
	*p++ = (uint8_t)length;
	memcpy(p, text, length);
	return p + length;
}

static uint8_t *
put_number(uint8_t *p, uint32_t v)
{
	*p++ = 0xce;
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(v >> shift);
	return p;
}

/* [1, type, id, and a map of so many members follows */
static uint8_t *
begin(uint8_t *p, const char *type, uint32_t id, uint8_t members)
{
	*p++ = 0x94;
	*p++ = 1;
	p = put_number(put_text(p, type, strlen(type)), id);
	*p++ = (uint8_t)(0x80 | members);
	return p;
}

static void
send_frame(const uint8_t *frame, const uint8_t *end)
{
	if (zmq_send(lane, frame, (size_t)(end - frame), 0) < 0)
		die("zmq_send");
}

static void
subscribe(bool snapshot)
{
	uint8_t frame[256], *p = begin(frame, "subscribe", 1, 3);

	p = put_text(p, "updates", 7);
	*p++ = 0xc3;
	p = put_text(p, "snapshot", 8);
	*p++ = snapshot ? 0xc3 : 0xc2;
	p = put_number(put_text(p, "credit", 6), CREDIT);
	send_frame(frame, p);
	octets_left = CREDIT;
}

static void
give_credit(size_t used)
{
	uint8_t frame[256];

	octets_left -= used < octets_left ? used : octets_left;
	if (octets_left > CREDIT / 2)
		return;
	send_frame(frame, put_number(put_text(begin(frame, "credit", 1, 1), "credit", 6),
			      CREDIT - (uint32_t)octets_left));
	octets_left = CREDIT;
}

static void
reply(struct walk *w)
{
	for (uint64_t n = count_of(w, MAP); n && w->p < w->end; n--) {
		if (is(text_of(w), "status")) {
			struct word status = text_of(w);

			if (is(status, "error") && refused++ == 0)
				say("refused", answered);
		} else
			skip(w);
	}
	if (expect)
		say("ready", 0);
	else if (++answered == commands && next == table->count)
		say("accepted", answered - refused);
}

static void
take(const uint8_t *data, size_t length)
{
	struct walk w = { data, data + length };
	uint64_t before = sum.count;

	count_of(&w, ARRAY);
	skip(&w);
	if (is(text_of(&w), "reply")) {
		skip(&w);
		reply(&w);
		return;
	}
	skip(&w);
	for (uint64_t n = count_of(&w, ARRAY); n && w.p < w.end; n--)
		event(&w);
	give_credit(length);
	if (before < expect && sum.count >= expect)
		say("done", events);
}

/* --- many in one request --- */

static uint8_t *
put_octets(uint8_t *p, const uint8_t *from, size_t length)
{
	*p++ = 0xc5;
	*p++ = (uint8_t)(length >> 8);
	*p++ = (uint8_t)length;
	memcpy(p, from, length);
	return p + length;
}

static uint8_t *
put_prefix(uint8_t *p, const struct item *i)
{
	*p++ = i->length;
	for (int shift = 24; shift > 24 - i->length; shift -= 8)
		*p++ = (uint8_t)(i->address >> shift);
	return p;
}

/* [ "ipv4 unicast", "self", attributes, nlri ] of the items from `from` on that have this set: all up to `end`, or, where
 * sets come one after the other, as many as follow. → behind the last that was looked at */
static uint32_t
put_group(uint8_t **to, uint32_t number, uint32_t from, uint32_t end)
{
	uint8_t attributes[512], *p = *to, *length;
	struct set s;

	set_of(number, &s);
	*p++ = 0x94;
	p = put_text(put_text(p, "ipv4 unicast", 12), "self", 4);
	p = put_octets(p, attributes, set_said(&s, attributes));
	*p++ = 0xc6;
	length = p;
	p += 4;
	for (; from < end && (shared == FEW || table->item[from].set == number); from++)
		if (table->item[from].set == number)
			p = put_prefix(p, &table->item[from]);
	put_number(length - 1, (uint32_t)(p - length - 4));
	length[-1] = 0xc6;
	*to = p;
	return from;
}

static uint8_t *
put_groups(uint8_t *p, uint32_t *count)
{
	uint32_t end = table->count - next < BULK_ROUTES ? table->count : next + BULK_ROUTES;

	if (shared == FEW) {
		for (*count = 0; *count < SETS_FEW; ++*count)
			put_group(&p, *count, next, end);
		next = end;
		return p;
	}
	for (*count = 0; next < end && *count < BULK_GROUPS; ++*count)
		next = put_group(&p, table->item[next].set, next, end);
	return p;
}

static uint8_t *
put_lines(uint8_t *p, uint32_t *count)
{
	static struct set s;
	static uint32_t number = UINT32_MAX;
	char text[TEXT_ROOM];

	for (*count = 0; next < table->count && *count < BULK_GROUPS / 2; next++, ++*count) {
		const struct item *i = &table->item[next];

		if (i->set != number)
			set_of(number = i->set, &s);
		p = put_text(p, text, item_text(i, &s, text, sizeof text) - 1);
	}
	return p;
}

static void
bulk_some(void)
{
	static uint8_t frame[BULK_ROOM];

	for (; next < table->count && commands - answered < BULKS; commands++) {
		uint8_t *p = begin(frame, form == BULK ? "bulk" : "commands", commands,
			    form == BULK ? 2 : 1),
			*at;
		uint32_t count;

		if (form == BULK)
			p = put_text(put_text(p, "op", 2), "announce", 8);
		p = put_text(p, form == BULK ? "groups" : "commands", form == BULK ? 6 : 8);
		at = p;
		p = form == BULK ? put_groups(p + 5, &count) : put_lines(p + 5, &count);
		put_number(at, count);
		*at = 0xdd; /* an array of so many */
		send_frame(frame, p);
	}
}

static enum form
form_of(const char *word)
{
	static const char *const words[] = { "", "grouped", "bulk", "lines" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum form)i;
	fprintf(stderr, "%s: not one of grouped, bulk, lines\n", word);
	exit(2);
}

static void
announce_some(void)
{
	static struct set s;
	static uint32_t number = UINT32_MAX;
	uint8_t frame[TEXT_ROOM + 64];
	char text[TEXT_ROOM];

	if (form == BULK || form == LINES) {
		bulk_some();
		return;
	}
	for (; next < table->count && commands - answered < UNDER_WAY; commands++) {
		const struct item *i = &table->item[next];
		size_t length;

		if (form == GROUPED) {
			next = group_text(table, next, text, sizeof text, &length);
		} else {
			if (i->set != number)
				set_of(number = i->set, &s);
			length = item_text(i, &s, text, sizeof text) - 1;
			next++;
		}
		send_frame(
		    frame, put_text(put_text(begin(frame, "command", commands, 1), "text", 4), text,
			       length));
	}
}

static void
order(void)
{
	char text[256];
	ssize_t n = read(STDIN_FILENO, text, sizeof text - 1);

	if (n <= 0)
		exit(0);
	text[n] = '\0';
	if (strncmp(text, "go", 2) == 0) {
		going = true;
		say("sending", table->count);
		return;
	}
	printf("sum %llu %016llx %016llx %llu\nend\n", (unsigned long long)sum.count,
	    (unsigned long long)sum.prefixes, (unsigned long long)sum.routes,
	    (unsigned long long)events);
	fflush(stdout);
}

static void
take_all(void)
{
	zmq_msg_t m;

	zmq_msg_init(&m);
	while (zmq_msg_recv(&m, lane, ZMQ_DONTWAIT) >= 0)
		take(zmq_msg_data(&m), zmq_msg_size(&m));
	zmq_msg_close(&m);
}

static void
begin_announcing(const char *count, const char *sharing)
{
	struct sum s;

	table = table_new(0, (uint32_t)atoi(count), sharing_of(sharing));
	s = table_sum(table);
	printf("table %llu %016llx %016llx 0\n", (unsigned long long)s.count,
	    (unsigned long long)s.prefixes, (unsigned long long)s.routes);
	say("ready", 0);
}

int
main(int argc, char **argv)
{
	int none = 0;

	if (argc < 4 || (strcmp(argv[2], "announce") == 0 && argc < 5)) {
		fprintf(stderr,
		    "usage: client ENDPOINT watch EXPECT [snapshot] | announce COUNT SHARING\n");
		return 2;
	}
	lane = zmq_socket(zmq_ctx_new(), ZMQ_DEALER);
	zmq_setsockopt(lane, ZMQ_RCVHWM, &none, sizeof none);
	zmq_setsockopt(lane, ZMQ_SNDHWM, &none, sizeof none);
	zmq_setsockopt(lane, ZMQ_LINGER, &none, sizeof none);
	if (zmq_connect(lane, argv[1]) < 0)
		die(argv[1]);
	if (strcmp(argv[2], "watch") == 0) {
		expect = (uint64_t)atoll(argv[3]);
		subscribe(argc > 4 && strcmp(argv[4], "snapshot") == 0);
	} else {
		form = form_of(argc > 5 ? argv[5] : "");
		shared = sharing_of(argv[4]);
		begin_announcing(argv[3], argv[4]);
	}
	for (;;) {
		zmq_pollitem_t items[] = { { .socket = lane, .events = ZMQ_POLLIN },
			{ .fd = STDIN_FILENO, .events = ZMQ_POLLIN } };

		zmq_poll(items, 2, -1);
		if (items[1].revents)
			order();
		take_all();
		if (going)
			announce_some();
	}
}
