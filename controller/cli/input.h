/* Lines of a descriptor, a file or not, as the loop lets it read them: whoever takes them is asked to when there may be
 * some, and says when it has room. A line is given without its end and the blanks around it; empty ones and comments
 * are passed over. */
#ifndef CONTROLLER_CLI_INPUT_H
#define CONTROLLER_CLI_INPUT_H
#include <stdbool.h>
#include <stddef.h>
#include "common/loop.h"
#include "common/octets.h"
#include "common/reader.h"

struct input {
	int fd;
	struct loop_item *item;
	struct octets octets;
	size_t start; /* up to there they were given */
	bool file, end, too_long;
	unsigned line; /* number of the one given last */
	void (*ready)(void *self);
	void *self;
};

/* `ready` is called when something was read, or it has ended. */
void input_open(struct input *, struct loop *, int fd, void (*ready)(void *self), void *self);
void input_close(struct input *);
/* The next line; lent until input_want. False: there is none (yet); `end` says whether that is all. */
bool input_next(struct input *, struct reader *line);
void input_want(struct input *, bool); /* read on, or wait */
#endif
