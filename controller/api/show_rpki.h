/* What ROAs say of a route, for people: in `show rpki`, and in `explain route`. Events of RPKI are in origins.c. */
#ifndef CONTROLLER_API_SHOW_RPKI_H
#define CONTROLLER_API_SHOW_RPKI_H
#include "common/text.h"
#include "common/tree.h"
#include "controller/controller.h"
#include "controller/rpki/roas.h"

/* The ROAs around a prefix, and whether each of them allows the origin: lines of text, or (tree) maps of a list that
 * is begun. */
void origin_explain(const struct controller *, const struct prefix *, uint32_t origin,
    struct text *, struct tree *);
#endif
