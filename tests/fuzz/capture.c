/* A file of what sessions said: MRT or packets. [ form, (unused), octets ]: a file as it comes (0), the body of an MRT
 * record of that type behind an index of peers, a packet of some link, or what two ends of a TCP connection send. Each
 * message that is found in it is read. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "controller/cli/kept.h"
#include "controller/cli/pcap.h"
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"
#include "tests/fuzz/capture.h"
#include "tests/fuzz/fuzz.h"

/* ---- files ---- */

static void
put_pcap_header(struct octets *out, uint32_t link)
{
	uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, link };

	octets_add(out, head, sizeof head);
}

static void
put_packet(struct octets *out, const uint8_t *data, size_t len, size_t cut)
{
	uint32_t head[] = { 1700000000, 5, (uint32_t)(len - cut), (uint32_t)len };

	octets_add(out, head, sizeof head);
	octets_add(out, data, len - cut);
}

/* Ethernet, IP and TCP around what one end sends. */
static void
put_segment(struct octets *out, unsigned op, uint32_t sequence, const uint8_t *data, size_t len)
{
	uint8_t memory[512];
	struct writer w = writer_of(memory, sizeof memory);
	bool back = op & OP_BACK;
	unsigned flags =
	    0x10 | (op & OP_SYN ? 2 : 0) | (op & OP_FIN ? 1 : 0) | (op & OP_RST ? 4 : 0);

	for (int i = 0; i < 12; i++)
		writer_u8(&w, i);
	writer_u16(&w, op & OP_IPV6 ? 0x86dd : 0x0800);
	if (op & OP_IPV6) {
		writer_u32(&w, 0x60000000);
		writer_u16(&w, 20 + len);
		writer_u16(&w, 0x0640);
		for (int i = 0; i < 8; i++)
			writer_u32(&w, (i < 4) == back ? 2 : 1);
	} else {
		writer_u16(&w, 0x4500);
		writer_u16(&w, 40 + len);
		writer_u32(&w, 0);
		writer_u32(&w, 0x40060000);
		writer_u32(&w, back ? 2 : 1);
		writer_u32(&w, back ? 1 : 2);
	}
	writer_u16(&w, back ? 179 : 4000);
	writer_u16(&w, back ? 4000 : 179);
	writer_u32(&w, sequence);
	writer_u32(&w, 0);
	writer_u16(&w, 0x5000 | flags);
	writer_u16(&w, 1000);
	writer_u32(&w, 0);
	writer_bytes(&w, data, len);
	fuzz_require(writer_ok(&w), "a segment");
	put_packet(out, memory, w.len, op & OP_CUT && len > 3 ? 3 : 0);
}

/* [ operation, length, payload ]... */
static void
put_connection(struct octets *out, struct reader r)
{
	uint32_t sequence[2] = { 1000, 0xfffffff0 };

	put_pcap_header(out, 1);
	while (r.left > 0) {
		unsigned op = reader_u8(&r);
		size_t len = reader_u8(&r);
		struct reader payload = reader_sub(&r, len < r.left ? len : r.left);
		uint32_t *next = &sequence[op & OP_BACK ? 1 : 0];

		*next += op & OP_GAP ? 7 : 0;
		*next -= op & OP_AGAIN ? 3 : 0;
		put_segment(out, op, *next, payload.at, payload.left);
		*next += (uint32_t)payload.left + (op & OP_SYN ? 1 : 0);
	}
}

static void
put_record(struct octets *out, unsigned type, unsigned subtype, const uint8_t *data, size_t len)
{
	uint8_t memory[12];
	struct writer w = writer_of(memory, sizeof memory);

	writer_u32(&w, 1700000000);
	writer_u16(&w, type);
	writer_u16(&w, subtype);
	writer_u32(&w, len);
	octets_add(out, memory, w.len);
	octets_add(out, data, len);
}

/* Of TABLE_DUMP_V2: a view and three peers. */
static void
put_index(struct octets *out)
{
	static const uint8_t peers[] = { 10, 0, 0, 1, 0, 2, 'v', 'w', 0, 3, 0, 10, 0, 0, 1, 192, 0,
		2, 1, 0, 5, 2, 10, 0, 0, 2, 192, 0, 2, 2, 0, 0, 0, 6, 3, 10, 0, 0, 3, 0x20, 1, 0xd,
		0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 7 };

	put_record(out, 13, 1, peers, sizeof peers);
}

/* ---- what is in them ---- */

static void
read_message(void *self, const struct kept *k)
{
	static uint8_t memory[UPDATE_SCRATCH];
	static struct update u;
	struct message_limits limits = { .extended = true, .refresh = true, .operational = true };
	struct session_params p = k->agreed ? *k->agreed : fuzz_session(ON_OFFLINE);
	struct writer w = writer_of(memory, sizeof memory);
	struct message m;
	struct fault f;

	if (message_parse(&m, k->message, &limits, &f) > 0 && m.type == MESSAGE_UPDATE) {
		p.offline = true;
		update_parse(&u, m.body, &p, &w);
	}
	++*(unsigned *)self;
}

static void
read_file(struct octets *file)
{
	char path[64];
	struct source s;
	unsigned others = 0, messages = 0;
	int fd = memfd_create("capture", MFD_CLOEXEC);

	fuzz_require(
	    fd >= 0 && write(fd, file->base, file->len) == (ssize_t)file->len, "a file in memory");
	lseek(fd, 0, SEEK_SET);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (source_open(&s, path) < 0) {
		if (pcap_begins(source_peek(&s)))
			pcap_file(&s, read_message, &messages, &others);
		else
			mrt_file(&s, read_message, &messages, &others);
		source_close(&s);
	}
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint16_t links[] = { 1, 0, 101, 113, 276, 108, 228, 229, 12 };
	static const uint8_t subtypes[] = { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static FILE *silent;
	struct octets file = { 0 };
	unsigned form, which;

	if (len < 2)
		return 0;
	if (!silent) /* what is wrong with a file is told to people */
		stderr = silent = fopen("/dev/null", "w");
	form = data[0] % FORMS;
	which = data[1];
	data += 2;
	len -= 2;
	switch (form) {
	case FORM_FILE:
		octets_add(&file, data, len);
		break;
	case FORM_CONNECTION:
		put_connection(&file, reader_of(data, len));
		break;
	case FORM_PACKET:
		put_pcap_header(&file, links[which % (sizeof links / sizeof links[0])]);
		put_packet(&file, data, len, 0);
		break;
	default:
		put_index(&file);
		put_record(&file, form,
		    which < sizeof subtypes ? which : subtypes[which % sizeof subtypes], data, len);
	}
	read_file(&file);
	octets_fini(&file);
	return 0;
}
