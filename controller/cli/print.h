/* What comes from a controller, shown. Text may hold what a peer chose: nothing in it reaches the terminal as a
 * control sequence. */
#ifndef CONTROLLER_CLI_PRINT_H
#define CONTROLLER_CLI_PRINT_H
#include <stdbool.h>
#include "common/pack.h"
#include "common/reader.h"
#include "common/text.h"

/* Printable text, tabs and line ends; any other control character as \xNN. */
void print_text(struct text *, struct reader);
/* The same without line ends. */
void print_word(struct text *, struct reader);
/* What became of a command: its status, and the text that says more. */
void print_outcome(struct text *, const char *status, struct reader);
/* A node as one line of JSON, without its end. */
void print_json(struct text *, const struct node *);
/* An answer that may come in pieces, as one value of JSON: lists, each the next part of one. Zero it for each answer. */
struct print_pieces {
	bool list; /* one was begun */
	uint32_t elements;
};
void print_pieces(struct print_pieces *, struct text *, const struct node *, bool final);
/* A node for people: numbers and words bare, lists as [a b], lists of numbers within as 65000:1, a map by its
 * "string" member, else as JSON. */
void print_value(struct text *, const struct node *);
#endif
