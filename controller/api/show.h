/* A show: an answer that may be long. It is made in steps by a runner, while it is the client's turn and the
 * client takes it, and leaves in pieces of at most SHOW_PIECE octets: text, or a list in `data`. */
#ifndef CONTROLLER_API_SHOW_H
#define CONTROLLER_API_SHOW_H
#include "controller/api/command.h"
#include "controller/mirror.h"

enum { SHOW_PIECE = 60 * 1024 };

struct show;

struct show_ops {
	bool (*step)(struct show *);      /* some rows (256 at most); true at the end */
	/* A neighbor of its is about to be freed, or one that it stands at has lost its speaker. May be NULL. */
	void (*lost)(struct show *, struct neighbor *);
	void (*fini)(struct show *);      /* frees what the ops hold; may be NULL */
};

struct show {
	struct list link;                 /* in api.shows */
	const struct show_ops *ops;
	struct api *api;
	struct request *request;
	struct neighbor **neighbor;       /* those it is about; NULL where one is gone */
	size_t count, at;
	bool json, begun, exabgp;
	bool waiting;                     /* for a mirror: show_go_on */
	struct text text;
	struct pack data;                 /* a list of rows, without its head */
	uint32_t rows;
	unsigned form;                    /* the command's own */
	unsigned width;                   /* show_neighbors.c: of the table's first column */
	const char *status;               /* of the answer: "done" */
	struct routes_walk *routes;       /* show_routes.c */
	struct rib_walk *rib;             /* show_rib.c */
	struct clearing *clearing;        /* clear.c */
	struct group *group;              /* group.c */
	struct listing *listing;          /* routes.c */
	struct set_work *set;             /* sets.c */
	struct trial *trial;              /* policy_diff.c */
	bool hurry;                       /* what there is leaves now, be it little or nothing: the client waits */
};

/* Takes the request over; starts with the neighbors of the call. */
struct show *show_new(struct call *, const struct show_ops *);
void show_go_on(struct show *);
/* A route that the neighbor is told, as it was typed: without what every route has that says nothing else. */
struct intent_route;
void show_given(const struct neighbor *, const struct intent_route *, struct text *);
/* show_neighbors_json.c: a neighbor as clients know it; its address, AS and state alone */
void show_neighbors_json_row(struct tree *, const struct neighbor *);
void show_neighbors_list_row(struct tree *, const struct neighbor *);
/* show_exabgp.c: a neighbor as helpers know it */
void show_exabgp_row(struct tree *, const struct neighbor *, uint64_t seconds_in_state);
void show_exabgp_configuration(struct text *, const struct neighbor *);
struct tree show_row(struct show *);      /* JSON: one row, one value through the tree */
enum loop_verdict shows_run(void *api);
void shows_neighbors_go(struct api *); /* those that are `going` */
void shows_neighbor_unknown(struct api *, struct neighbor *);
#endif
