/* Host and domain name (draft-walton-bgp-hostname-capability). */
#include <string.h>
#include "common/utf8.h"
#include "proto/bgp/cap/caps.h"

static int
name(struct reader *r, char out[CAP_TEXT])
{
	size_t len = reader_u8(r), kept = len < CAP_TEXT ? len : CAP_TEXT - 1;
	const uint8_t *at = reader_take(r, len);

	if (!at)
		return -1;
	memset(out, 0, CAP_TEXT);
	memcpy(out, at, kept);
	/* it is shown to people: what is no text is not kept */
	if (!utf8_valid((const char *)at, len) || memchr(at, 0, len))
		out[0] = '\0';
	return 0;
}

static int
parse(struct caps *c, struct reader *r)
{
	if (name(r, c->host_name) < 0 || name(r, c->domain_name) < 0) {
		c->host_name[0] = c->domain_name[0] = '\0';
		return -1;
	}
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
