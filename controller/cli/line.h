/* A command line out of the words of an argv, so that the controller cuts it into the words that were meant. */
#ifndef CONTROLLER_CLI_LINE_H
#define CONTROLLER_CLI_LINE_H
#include "common/text.h"

/* Words are joined by blanks. One with blanks, or what would end the line, in it is quoted; but not one that
 * is a list or block ('[65000:1 65000:2]', '{ match ... }'), nor the first two, nor a lone one: those are
 * commands that the shell was given in one piece. What holds quotes was quoted by its writer already. */
void line_join(struct text *, int argc, char *const *argv);
#endif
