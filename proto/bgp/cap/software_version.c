/* The name of the software (draft-abraitis-bgp-version-capability). */
#include <string.h>
#include "proto/bgp/cap/caps.h"

static int
parse(struct caps *c, struct reader *r)
{
	struct reader text = reader_sub(r, reader_u8(r));

	if (!reader_done(r) || cap_text_parse(text, c->software) < 0)
		return -1;
	caps_add(c, CAP_SOFTWARE_VERSION);
	return 0;
}

static void
encode(const struct caps *c, cap_param *param, void *arg)
{
	uint8_t memory[CAP_TEXT + 1];
	struct writer w = writer_of(memory, sizeof memory);

	if (!caps_have(c, CAP_SOFTWARE_VERSION))
		return;
	writer_u8(&w, strlen(c->software));
	writer_bytes(&w, c->software, strlen(c->software));
	param(arg, CAP_SOFTWARE_VERSION, writer_read(&w));
}

static void
print(const struct caps *c, struct text *t)
{
	text_printf(t, "software version(%s)", c->software);
}

static void
tree(const struct caps *c, struct tree *t)
{
	tree_map(t);
	tree_key(t, "software");
	tree_text(t, c->software);
	tree_map_end(t);
}

const struct cap_ops cap_software_version = { CAP_SOFTWARE_VERSION, "software-version", parse,
	false, encode, print, tree };
