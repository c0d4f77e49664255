/* Intrusive doubly linked list: a head is a link that points to itself. */
#ifndef COMMON_LIST_H
#define COMMON_LIST_H
#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))
/* Safe against removal of the current element. */
#define LIST_EACH(link, head)                                                                       \
	for (struct list *link = (head)->next, *link##_next = link->next; link != (head);           \
	    link = link##_next, link##_next = link->next)

static inline void
list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_add(struct list *head, struct list *link) /* at the end */
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void
list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = link;
}
#endif
