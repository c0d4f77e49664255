#include "proto/bgp/mrt.h"

enum { BGP4MP = 16, BGP4MP_ET = 17, IPV4 = 1, IPV6 = 2 };

int
mrt_header(struct mrt_header *h, struct reader r)
{
	h->seconds = reader_u32(&r);
	h->type = reader_u16(&r);
	h->subtype = reader_u16(&r);
	h->length = reader_u32(&r);
	return reader_ok(&r) && h->length <= MRT_RECORD_MAX ? 0 : -1;
}

/* RFC 6396 section 4.4, RFC 8050 section 3. */
static bool
kind_of(uint16_t subtype, struct mrt_message *m)
{
	static const struct {
		uint8_t subtype;
		bool asn4, sent, add_path;
	} kinds[] = {
		{ 1, false, false, false },
		{ 4, true, false, false },
		{ 6, false, true, false },
		{ 7, true, true, false },
		{ 8, false, false, true },
		{ 9, true, false, true },
		{ 10, false, true, true },
		{ 11, true, true, true },
	};

	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].subtype == subtype) {
			m->asn4 = kinds[i].asn4;
			m->sent = kinds[i].sent;
			m->add_path = kinds[i].add_path;
			return true;
		}
	return false;
}

static struct addr
address(struct reader *r, uint16_t afi)
{
	struct reader octets = reader_sub(r, afi == IPV6 ? 16 : 4);

	return addr_of(octets.at, octets.left);
}

int
mrt_message(struct mrt_message *m, const struct mrt_header *h, struct reader body)
{
	uint16_t afi;

	*m = (struct mrt_message){ .seconds = h->seconds };
	if ((h->type != BGP4MP && h->type != BGP4MP_ET) || !kind_of(h->subtype, m))
		return 0;
	if (h->type == BGP4MP_ET)
		m->microseconds = reader_u32(&body);
	m->peer_as = m->asn4 ? reader_u32(&body) : reader_u16(&body);
	m->local_as = m->asn4 ? reader_u32(&body) : reader_u16(&body);
	reader_u16(&body); /* the interface */
	afi = reader_u16(&body);
	if (afi != IPV4 && afi != IPV6)
		return -1;
	m->peer = address(&body, afi);
	m->local = address(&body, afi);
	m->message = body;
	return reader_ok(&body) ? 1 : -1;
}
