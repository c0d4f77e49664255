/* confederation { identifier N; members [ ... ]; } of a neighbor (RFC 5065). */
#include <string.h>
#include "controller/config/loader.h"
#include "controller/config/value.h"

void *
confederation_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	return inner_enter(l, row, base, words);
}

/* Is the peer's AS among the members? -1: one of them is no AS. */
static int
among(struct loader *l, const struct config_neighbor *n)
{
	int found = 0;

	for (size_t i = 0; i < n->confederation.members.count; i++) {
		const char *name = n->confederation.members.name[i];
		uint64_t asn;

		if (asn_scan(name, &asn) < 0 || asn == 0)
			return loader_fail_at(l, n->file, n->line, n->column,
			    "confederation: members: '%.64s' is no AS", name);
		found |= asn == n->peer_as;
	}
	return found;
}

/* Which of the three it is: of our own member AS, of another one, or outside. */
int
confederation_finish(struct loader *l, struct config_neighbor *n)
{
	const struct config_confederation *c = &n->confederation;
	int found = among(l, n);

	if (found < 0)
		return -1;
	n->shown_as = n->local_as;
	n->member = false;
	if (c->identifier == 0 && c->members.count == 0)
		return 0;
	if (c->identifier == 0)
		return loader_fail_at(
		    l, n->file, n->line, n->column, "confederation needs 'identifier'");
	if (n->local_as == 0 || n->peer_as == 0)
		return loader_fail_at(l, n->file, n->line, n->column,
		    "confederation: local-as and peer-as cannot be auto");
	n->member = found && n->peer_as != n->local_as;
	if (n->member || n->peer_as == n->local_as)
		return 0;
	if (n->peer_as == c->identifier)
		return loader_fail_at(l, n->file, n->line, n->column,
		    "confederation: peer-as is the identifier: a peer inside has a member's AS");
	n->shown_as = c->identifier;
	return 0;
}
