/* What may come next in a line that was begun: words of our own commands, of the controller's, of families, routes and
 * attributes, all from their tables; and the neighbors that there are. */
#ifndef CONTROLLER_CLI_CANDIDATES_H
#define CONTROLLER_CLI_CANDIDATES_H
#include <stddef.h>

/* `neighbors`: addresses as texts, NULL-terminated. Gives each word once; all begin with the last word of the line (with
 * anything, when a blank stands at its end). */
void candidates_of(const char *line, const char *const *neighbors,
    void (*each)(void *self, const char *word), void *self);
#endif
