/* Lines out of octets as they come: half lines are kept, one that is too long is passed over and told once. */
#ifndef CONTROLLER_API_LINES_H
#define CONTROLLER_API_LINES_H
#include <stdbool.h>
#include "common/octets.h"

enum { LINE_MAX_OCTETS = 1024 * 1024 };
enum lines_got { LINES_NONE, LINES_LINE, LINES_TOO_LONG };

struct lines {                   /* zero-initialise */
	struct octets octets;
	size_t start, looked;    /* what was handed out; how far the rest was searched for a newline */
	bool skipping;           /* the rest of a line that was too long */
};

void lines_fini(struct lines *);
void lines_clear(struct lines *);
/* Read into `len` octets of room, then say how many came. What lines_next lent is gone. */
uint8_t *lines_room(struct lines *, size_t len);
void lines_came(struct lines *, size_t room, size_t came);
/* The next whole line, without its end and the blanks before it; lent until lines_room. */
enum lines_got lines_next(struct lines *, struct reader *line);
/* What lines_next will give; of no octets where that is no line, or not known. */
struct reader lines_peek(const struct lines *);
#endif
