#include "proto/bgp/cap/caps.h"
#include <string.h>
#include "common/utf8.h"

int
cap_text_parse(struct reader r, char out[CAP_TEXT])
{
	const char *s = (const char *)r.at;
	size_t kept = 0, n;

	for (size_t done = 0; done < r.left; done += n) {
		n = utf8_len(s + done, r.left - done);
		if (n == 0 || utf8_control(s + done, n))
			return -1;
		if (done + n < CAP_TEXT)
			kept = done + n;
	}
	memset(out, 0, CAP_TEXT);
	memcpy(out, s, kept);
	return 0;
}

void
cap_put_empty(uint8_t code, cap_param *param, void *arg)
{
	param(arg, code, reader_of("", 0));
}

void
cap_family_text(uint16_t afi, uint8_t safi, struct text *t)
{
	enum family f = family_of(afi, safi);

	if (f == FAMILY_UNKNOWN)
		text_printf(t, "afi-%u/safi-%u", afi, safi);
	else
		text_printf(t, "%s/%s", family_table[f].afi_name, family_table[f].safi_name);
}

void
cap_family_tree(uint16_t afi, uint8_t safi, struct tree *tree)
{
	struct text t = { 0 };

	cap_family_text(afi, safi, &t);
	tree_text(tree, text_str(&t));
	text_fini(&t);
}

void
cap_name_tree(struct tree *t, const char *name)
{
	tree_map(t);
	tree_key(t, "name");
	tree_text(t, name);
}
