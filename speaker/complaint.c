#include "speaker/complaint.h"
#include "common/log.h"
#include "common/text.h"
#include "proto/bgp/nlri.h"

/* A line of the log has room for this much: what is longer goes on in further lines. */
enum { NLRI_TEXT = 1500, LINE_OCTETS = 1024, MESSAGES = 3, LONG_MESSAGES = 1 };

static void
put_part(const struct update_part *part, const char *verb, struct text *t)
{
	const struct nlri_ops *n = nlri_ops(part->family);
	struct reader bin = part->nlri;
	struct nlri nlri;

	text_printf(t, "; %s %s", verb, family_name(part->family));
	while (nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		if (t->len > NLRI_TEXT) {
			text_printf(
			    t, " and %zu more", 1 + nlri_count(part->family, part->path_ids, bin));
			return;
		}
		text_char(t, ' ');
		n->print(nlri.octets, t);
	}
}

static void
put_whole(struct peer *peer, const struct message *m)
{
	struct reader r = reader_of(m->header.at, m->length);
	unsigned lines = (unsigned)((r.left + LINE_OCTETS - 1) / LINE_OCTETS);
	struct text t = { 0 };

	for (unsigned line = 1; r.left > 0; line++) {
		size_t len = r.left < LINE_OCTETS ? r.left : LINE_OCTETS;

		text_clear(&t);
		text_hex(&t, reader_take(&r, len), len);
		if (lines == 1)
			log_warning(peer->name, "the update: %s", text_str(&t));
		else
			log_warning(
			    peer->name, "the update, %u of %u: %s", line, lines, text_str(&t));
	}
	text_fini(&t);
}

/* Nothing where all is well-formed: what is withdrawn or left out all the same says so itself. */
static const char *
cost(enum penalty worst)
{
	return worst == PENALTY_WITHDRAW  ? "; treated as withdraw"
	       : worst == PENALTY_DISCARD ? "; discarded"
					  : "";
}

void
complaint_log(struct peer *peer, const struct update *u, const struct message *m)
{
	struct text t = { 0 };

	if (!log_allow(&peer->complaints, m->length > MESSAGE_MAX ? LONG_MESSAGES : MESSAGES))
		return;
	text_printf(&t, "%supdate: ", u->worst == PENALTY_NONE ? "" : "malformed ");
	for (unsigned i = 0; i < u->complaints; i++) {
		text_add(&t, i ? ", " : "");
		complaint_print(&u->complaint[i], &t);
	}
	text_add(&t, cost(u->worst));
	for (unsigned i = 0; i < u->announces; i++)
		put_part(&u->announce[i], "announces", &t);
	for (unsigned i = 0; i < u->withdraws; i++)
		put_part(&u->withdraw[i], "withdraws", &t);
	log_warning(peer->name, "%s", text_str(&t));
	put_whole(peer, m);
	text_fini(&t);
}
