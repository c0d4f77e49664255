/* family, add-path and nexthop: what is written are families by two words; what a neighbor has of them is
 * known when all of it was read. */
#include <string.h>
#include "controller/config/loader.h"
#include "proto/bgp/nlri.h"

/* The families that can have several paths, as ExaBGP announces them (RFC 7911). */
static const uint32_t several_paths =
    UINT32_C(1) << IPV4_UNICAST | UINT32_C(1) << IPV6_UNICAST | UINT32_C(1) << IPV4_NLRI_MPLS |
    UINT32_C(1) << IPV6_NLRI_MPLS | UINT32_C(1) << IPV4_MPLS_VPN | UINT32_C(1) << IPV6_MPLS_VPN |
    UINT32_C(1) << IPV4_MUP | UINT32_C(1) << IPV6_MUP;

uint32_t
families_built(void)
{
	uint32_t families = 0;

	for (enum family f = 0; f < FAMILIES; f++) {
		if (nlri_ops(f) != NULL)
			families |= family_bit(f);
	}
	return families;
}

/* AFI and SAFI by number, of a family that needs no name. */
static enum family
family_take_numbers(struct loader *l, const char *afi, const struct word *w)
{
	enum family f = w != NULL ? family_by_words(afi, w->at) : FAMILY_UNKNOWN;

	if (f == FAMILY_UNKNOWN)
		loader_fail(l, w,
		    "expected the numbers of an AFI and a SAFI (raw 1 81), of no more than %u "
		    "families",
		    FAMILIES - FAMILIES_NAMED);
	return f;
}

/* The SAFI behind an AFI. FAMILY_UNKNOWN with the error. */
static enum family
family_take(struct loader *l, const struct row *row, struct words *words)
{
	const char *names[16];
	size_t count = 0;
	const char *afi = words_left(words) ? words_peek(words) : "0";
	const struct word *w = words_next(words);

	if (strcmp(row->name, "raw") == 0)
		return family_take_numbers(l, afi, words_next(words));
	if (w != NULL && w->len > 0 && strspn(w->at, "0123456789") == w->len)
		return family_take_numbers(l, row->name, w);

	for (const struct choice *c = row->choices; c->name != NULL; c++)
		names[count++] = c->name;
	names[count] = NULL;
	for (size_t i = 0; w != NULL && i < count; i++) {
		if (strcmp(names[i], w->at) == 0)
			return family_by_name(row->name, names[i]);
	}
	const char *near = w != NULL ? reason_nearest(w->at, w->len, names) : NULL;
	char list[160] = "";
	for (size_t i = 0; i < count; i++) {
		strncat(list, i == 0 ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, names[i], sizeof(list) - strlen(list) - 1);
	}
	loader_fail(l, w, "expected a family after %s (%s)%s%.64s%s%s%s", row->name, list,
	    w != NULL ? ", found '" : "", w != NULL ? w->at : "", w != NULL ? "'" : "",
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
	return FAMILY_UNKNOWN;
}

/* Sections merge: only what a section names twice itself is a slip. */
void *
family_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;

	(void)l;
	(void)row;
	(void)words;
	n->written.family_section = 0;
	return n;
}

int
family_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;
	const struct word *safi = words_left(words) ? words->at : NULL;

	if (row->choices == NULL) {
		if (n->families != 0)
			return loader_fail(l, NULL, "'all' cannot stand beside other families");
		n->written.all = true;
		return 0;
	}
	enum family f = family_take(l, row, words);
	if (f == FAMILY_UNKNOWN)
		return -1;
	if (n->written.all)
		return loader_fail(l, NULL, "'all' cannot stand beside other families");
	if (n->written.family_section & family_bit(f))
		return loader_fail(l, safi, "%s is there twice", family_name(f));
	n->written.family_section |= family_bit(f);
	if (!(families_built() & family_bit(f)))
		loader_note(l, safi ? safi->line : 0,
		    "%s is offered to the peer, but its routes are not read yet", family_name(f));
	n->families |= family_bit(f);
	return 0;
}

void *
add_path_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;

	(void)l;
	(void)row;
	(void)words;
	n->written.add_path = true;
	return n;
}

int
add_path_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;
	struct reason r = { 0 };
	uint64_t limit = 0;

	if (row->choices == NULL) {
		n->written.add_path_all = true;
		return 0;
	}
	enum family f = family_take(l, row, words);
	if (f == FAMILY_UNKNOWN)
		return -1;
	if (words_take(words, "limit") &&
	    words_uint(words, 1, 65535, "a number of paths (1..65535)", &limit, &r) < 0)
		return loader_refuse(l, &r);
	n->written.add_path_families |= family_bit(f);
	n->written.paths_limit[f] = (uint16_t)limit;
	return 0;
}

void *
nexthop_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;

	(void)l;
	(void)row;
	(void)words;
	n->written.nexthop = true;
	return n;
}

/* "ipv4 unicast ipv6": routes of the first with next hops of the second. */
int
nexthop_statement(struct loader *l, const struct row *row, void *base, struct words *words)
{
	struct config_neighbor *n = base;
	bool ipv4 = strcmp(row->name, "ipv4") == 0;
	struct reason r = { 0 };

	enum family f = family_take(l, row, words);
	if (f == FAMILY_UNKNOWN)
		return -1;
	if (words_expect(words, ipv4 ? "ipv6" : "ipv4", &r) < 0)
		return loader_refuse(l, &r);
	if (ipv4)
		n->written.nexthop6 |= family_bit(f);
	else
		n->written.nexthop4 |= family_bit(f);
	return 0;
}

/* Of these families those that the neighbor has, with the same SAFI in the other AFI. */
static uint32_t
nexthops(const struct config_neighbor *n, uint32_t written)
{
	uint32_t kept = 0;

	for (enum family f = 0; f < FAMILIES; f++) {
		const struct family_info *info = &family_table[f];
		if (!(written & n->families & family_bit(f)))
			continue;
		enum family other =
		    family_of(info->afi == AFI_IPV4 ? AFI_IPV6 : AFI_IPV4, info->safi);
		if (other != FAMILY_UNKNOWN && n->families & family_bit(other))
			kept |= family_bit(f);
	}
	return kept;
}

void
families_finish(struct config_neighbor *n)
{
	uint32_t paths = several_paths;

	if (n->families == 0 || n->written.all)
		n->families = (UINT32_C(1) << FAMILIES_NAMED) - 1;
	if (n->written.add_path && !n->written.add_path_all)
		paths &= n->written.add_path_families;
	paths &= n->families;
	for (enum family f = 0; f < FAMILIES && n->capability.add_path != ADD_PATH_NONE; f++) {
		if (paths & family_bit(f)) {
			n->add_path[f] = n->capability.add_path;
			n->paths_limit[f] = n->written.paths_limit[f];
		}
	}
	const struct row *nexthop = schema_find(SECTION_CAPABILITY, "nexthop");
	if (n->written.nexthop && !row_given(nexthop, n->given))
		n->capability.nexthop = true;
	if (n->capability.nexthop) {
		n->nexthop6 = nexthops(n, n->written.nexthop6);
		n->nexthop4 = nexthops(n, n->written.nexthop4);
	}
}
