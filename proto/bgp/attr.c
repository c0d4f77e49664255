#include "proto/bgp/attr.h"
#include <string.h>

static const struct attr_ops *const attr_table[] = {
	[ATTR_ORIGIN] = &attr_origin,
	[ATTR_AS_PATH] = &attr_as_path,
	[ATTR_NEXT_HOP] = &attr_next_hop,
	[ATTR_MED] = &attr_med,
	[ATTR_LOCAL_PREF] = &attr_local_pref,
	[ATTR_ATOMIC_AGGREGATE] = &attr_atomic_aggregate,
	[ATTR_AGGREGATOR] = &attr_aggregator,
	[ATTR_COMMUNITY] = &attr_community,
	[ATTR_ORIGINATOR_ID] = &attr_originator_id,
	[ATTR_CLUSTER_LIST] = &attr_cluster_list,
	[ATTR_EXT_COMMUNITY] = &attr_ext_community,
	[ATTR_AS4_PATH] = &attr_as4_path,
	[ATTR_AS4_AGGREGATOR] = &attr_as4_aggregator,
	[ATTR_PMSI] = &attr_pmsi,
	[ATTR_TUNNEL_ENCAP] = &attr_tunnel_encap,
	[ATTR_IPV6_EXT_COMMUNITY] = &attr_ipv6_ext_community,
	[ATTR_AIGP] = &attr_aigp,
	[ATTR_BGP_LS] = &attr_bgp_ls,
	[ATTR_LARGE_COMMUNITY] = &attr_large_community,
	[ATTR_OTC] = &attr_otc,
	[ATTR_PREFIX_SID] = &attr_prefix_sid,
};

enum { ATTR_TABLE = sizeof attr_table / sizeof attr_table[0] };

const struct attr_ops *
attr_ops(uint8_t code)
{
	return code < ATTR_TABLE ? attr_table[code] : NULL;
}

static bool
is(const char *word, const char *known)
{
	return known && *known == *word && strcmp(known, word) == 0;
}

/* Attributes of which a word begins with the same letter: a bit for each code. */
enum { LETTERS = 32 };
_Static_assert(ATTR_TABLE <= 64, "a bit for each");

static uint64_t
by_letter(char letter)
{
	static uint64_t codes[LETTERS];
	static bool made;

	for (unsigned code = 0; !made && code < ATTR_TABLE; code++) {
		const struct attr_ops *ops = attr_table[code];

		if (ops && ops->word)
			codes[*ops->word % LETTERS] |= UINT64_C(1) << code;
		if (ops && ops->other_word)
			codes[*ops->other_word % LETTERS] |= UINT64_C(1) << code;
	}
	made = true;
	return codes[(uint8_t)letter % LETTERS];
}

const struct attr_ops *
attr_by_word(const char *word)
{
	for (uint64_t codes = by_letter(*word); codes; codes &= codes - 1) {
		const struct attr_ops *ops = attr_table[__builtin_ctzll(codes)];

		if (is(word, ops->word) || is(word, ops->other_word))
			return ops;
	}
	return NULL;
}

const char *const *
attr_words(void)
{
	static const char *words[2 * ATTR_TABLE + 1];
	size_t count = 0;

	if (!words[0])
		for (unsigned code = 0; code < ATTR_TABLE; code++) {
			const struct attr_ops *ops = attr_table[code];

			if (ops && ops->word)
				words[count++] = ops->word;
			if (ops && ops->other_word)
				words[count++] = ops->other_word;
		}
	return words;
}
