/* Which neighbors a command is for, in ExaBGP's words:
 *
 *      *    192.0.2.1    192.0.2.1 local-as 65000 router-id 192.0.2.9, 192.0.2.2    [ 192.0.2.1 peer-as 1 , ... ]
 *
 * Terms of one description must all be words of the neighbor's long name (neighbor_full_name); one matching
 * description is enough. */
#ifndef CONTROLLER_API_SELECTOR_H
#define CONTROLLER_API_SELECTOR_H
#include "common/reason.h"
#include "common/words.h"
#include "controller/api/client.h"

enum { SELECTOR_DESCRIPTIONS = 64, SELECTOR_TERMS = 8 };

struct selector_term {
	const char *key, *value;
};

struct selector_description {
	bool any;                     /* * */
	struct addr address;
	struct selector_term term[SELECTOR_TERMS];
	uint8_t terms;
};

/* Borrows from the words it was read from. No description: all neighbors. */
struct selector {
	struct selector_description description[SELECTOR_DESCRIPTIONS];
	uint8_t count;
};

/* Behind `neighbor` or `peer`. Ends at the first word that does not belong to it. */
int selector_scan(struct words *, struct selector *, struct reason *);
bool selector_starts(const char *word);  /* can a selector begin with it (when no `neighbor` says so)? */
/* Those that match and that the client may act on, into api.chosen, in the order of the configuration. */
size_t selector_choose(struct client *, const struct selector *);
const char *const *selector_keys(void);  /* NULL-terminated */
#endif
