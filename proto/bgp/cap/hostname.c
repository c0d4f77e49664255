/* Host and domain name (draft-walton-bgp-hostname-capability). */
#include <string.h>
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	struct reader host = reader_sub(r, reader_u8(r));
	struct reader domain = reader_sub(r, reader_u8(r));
	char host_name[CAP_TEXT], domain_name[CAP_TEXT];

	if (!reader_done(r) || cap_text_parse(host, host_name) < 0 ||
	    cap_text_parse(domain, domain_name) < 0)
		return -1;
	memcpy(c->host_name, host_name, sizeof host_name);
	memcpy(c->domain_name, domain_name, sizeof domain_name);
	caps_add(c, CAP_HOSTNAME);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[2 * CAP_TEXT];
	struct writer w = writer_of(memory, sizeof memory);

	if (!caps_have(c, CAP_HOSTNAME))
		return;
	writer_u8(&w, strlen(c->host_name));
	writer_bytes(&w, c->host_name, strlen(c->host_name));
	writer_u8(&w, strlen(c->domain_name));
	writer_bytes(&w, c->domain_name, strlen(c->domain_name));
	param(arg, CAP_HOSTNAME, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	text_printf(t, "hostname(%s %s)", c->host_name, c->domain_name);
}

static void
tree(const struct caps *c, struct tree *t)
{
	tree_map(t);
	tree_key(t, "host-name");
	tree_text(t, c->host_name);
	tree_key(t, "domain-name");
	tree_text(t, c->domain_name);
	tree_map_end(t);
}

const struct cap_ops cap_hostname = { CAP_HOSTNAME, "hostname", parse, false, encode, print, tree };
