/* An event as lines for people. */
#ifndef CONTROLLER_CLI_WATCH_TEXT_H
#define CONTROLLER_CLI_WATCH_TEXT_H
#include <stdbool.h>
#include "common/pack.h"
#include "common/text.h"

/* Append what happened, one line a route: time, neighbor, what. */
void watch_text(struct text *, const struct node *event, bool colour);
#endif
