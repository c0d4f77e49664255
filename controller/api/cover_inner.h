/* What the files of cover.h share. */
#ifndef CONTROLLER_API_COVER_INNER_H
#define CONTROLLER_API_COVER_INNER_H
#include "controller/api/cover.h"

#define EACH_COVER(link, n)                                                                        \
	if ((n)->coverage)                                                                         \
		LIST_EACH(link, &(n)->coverage->covers)

static inline struct cover *
cover_at(struct list *link)
{
	return LIST_ENTRY(link, struct cover, of_coverage);
}

void cover_close_readers(struct cover *);
bool cover_keeps_table(const struct cover *); /* after its snapshot, too */
#endif
