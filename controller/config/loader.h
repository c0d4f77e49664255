/* What the parts of the loader share: the configuration under construction, where we are, and the one error. */
#ifndef CONTROLLER_CONFIG_LOADER_H
#define CONTROLLER_CONFIG_LOADER_H
#include "common/reason.h"
#include "controller/config/lexer.h"
#include "controller/config/schema.h"

enum { LOADER_DEPTH = 8 };

/* An open section. */
struct frame {
	const struct row *row;
	enum section section;
	void *base; /* the object that its keywords are about */
	uint64_t *given; /* of a neighbor, or own */
	uint64_t own[CONFIG_GIVEN];
	bool inner; /* part of the route around it: match { } */
	char label[80]; /* "neighbor 192.0.2.1" */
	struct word at; /* its keyword; the text is not kept */
};

struct template
{
	char *name;
	struct config_neighbor *neighbor;
};

struct loader {
	struct config *config;
	struct config_error *error;
	struct lexer lexer;
	const struct word *start, *next; /* of the line under way: the statement, and what is not looked at yet */
	const struct config_neighbor *checking; /* its } was read: its routes are looked at before the next statement; or NULL */
	size_t checked;
	bool noted; /* of one of them */
	struct set_reading *reading; /* sets.c: that has to end before the next statement; NULL: nothing has */
	const char *file; /* borrowed from config->files */
	bool locate; /* look for the programs of processes */
	struct frame frame[LOADER_DEPTH];
	unsigned depth; /* frame[depth] is the current one; 0 is the root */
	const struct word *keyword; /* of the statement under way */
	const struct word *ending; /* its ; or { */
	struct template *templates;
	size_t template_count;
	struct word *scratch; /* words put together */
	size_t scratch_cap;
};

/* The error, at a word (NULL: at the keyword). Always -1. */
int loader_fail(struct loader *, const struct word *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int loader_fail_at(struct loader *, const char *file, unsigned line, unsigned column,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
int loader_refuse(struct loader *, const struct reason *);
/* The peer's address, or the prefix of a range. */
void loader_peer(const struct config_neighbor *, char out[PREFIX_TEXT]);
/* Something that is read and has no effect. */
void loader_note(struct loader *, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* ... of what was read before, perhaps of another file. */
void loader_note_at(struct loader *, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Nothing may be left; -1 with the error. */
int loader_end(struct loader *, const struct words *);
const struct frame *loader_frame(const struct loader *);

/* --- objects.c: process, speaker, client, controller, api --- */
void *process_enter(struct loader *, const struct row *, void *, struct words *);
int process_leave(struct loader *, void *);
void *speaker_enter(struct loader *, const struct row *, void *, struct words *);
void *client_enter(struct loader *, const struct row *, void *, struct words *);
int client_leave(struct loader *, void *);
void *controller_enter(struct loader *, const struct row *, void *, struct words *);
void *decision_enter(struct loader *, const struct row *, void *, struct words *);
void *api_enter(struct loader *, const struct row *, void *, struct words *);
void *inner_enter(
    struct loader *, const struct row *, void *, struct words *); /* part of the same object */
void config_api_free(struct config_api *);

/* --- families.c: family, add-path, nexthop --- */
void *family_enter(struct loader *, const struct row *, void *, struct words *);
int family_statement(struct loader *, const struct row *, void *, struct words *);
int add_path_statement(struct loader *, const struct row *, void *, struct words *);
int nexthop_statement(struct loader *, const struct row *, void *, struct words *);
void *add_path_enter(struct loader *, const struct row *, void *, struct words *);
void *nexthop_enter(struct loader *, const struct row *, void *, struct words *);
/* Fill families, add_path, paths_limit, nexthop* from what was written. */
void families_finish(struct config_neighbor *);
uint32_t families_built(void);

/* --- routes.c --- */
int route_statement(struct loader *, const struct row *, void *, struct words *);
void *route_enter(struct loader *, const struct row *, void *, struct words *);
int route_block_statement(struct loader *, void *, struct words *);
bool route_block_opens(void *, const char *word);
int route_leave(struct loader *, void *);
int l2vpn_leave(struct loader *, void *);
/* The routes in the order in which ExaBGP has them: what is said last of a route holds. */
void config_routes_arrange(struct config_neighbor *);
void config_route_copy(struct config_neighbor *, const struct config_route *);
uint64_t config_route_digest(const struct config_route *); /* of all that was written of it */

/* --- sessions.c --- */
/* A neighbor with multi-session becomes one for each of its families. */
void sessions_split(struct config *);

/* --- operational.c --- */
int operational_statement(struct loader *, const struct row *, void *, struct words *);
void operational_copy(struct config_neighbor *, const struct config_operational *);
void operational_free(struct config_neighbor *);
/* Notes about what will not be said. */
void operational_check(struct loader *, const struct config_neighbor *);

/* --- caches.c --- */
void *rpki_enter(struct loader *, const struct row *, void *, struct words *);
void *cache_enter(struct loader *, const struct row *, void *, struct words *);
int cache_leave(struct loader *, void *);
void caches_check(struct loader *); /* a note about policies that ask where nobody answers */
void caches_free(struct config *);

/* --- policies.c --- */
void *policy_enter(struct loader *, const struct row *, void *, struct words *);
int policy_leave(struct loader *, void *);
void *rule_enter(struct loader *, const struct row *, void *, struct words *);
int match_statement(struct loader *, const struct row *, void *, struct words *);
int then_statement(struct loader *, const struct row *, void *, struct words *);
int via_statement(struct loader *, const struct row *, void *, struct words *);
int policies_check(struct loader *, const struct config_neighbor *); /* are those that it names there? */
int imports_check(struct loader *); /* ... and those of processes and clients? */

/* --- sets.c --- */
void *set_enter(struct loader *, const struct row *, void *, struct words *);
int set_statement(struct loader *, const struct row *, void *, struct words *);
int set_file_statement(struct loader *, const struct row *, void *, struct words *);
int set_leave(struct loader *, void *);
int sets_check(struct loader *); /* are all that are called written? */
/* Some of loader.reading: 1: there is more; 0: that was all; -1 with the error. */
int set_read_some(struct loader *);
void set_reading_free(struct loader *);

/* --- neighbors.c --- */
void *neighbor_enter(struct loader *, const struct row *, void *, struct words *);
int neighbor_leave(struct loader *, void *);
void *template_neighbor_enter(struct loader *, const struct row *, void *, struct words *);
void *tcp_ao_enter(struct loader *, const struct row *, void *, struct words *);
/* Some of the routes of loader.checking, which is NULL behind the last of them. -1 with the error. */
int routes_check_some(struct loader *);
/* What can only be asked when everything was read: speakers and processes that are named. */
int neighbors_check(struct loader *);
/* Several sessions with one peer, from addresses of ours: all but the first of the file get what tells them apart. */
void config_tell_apart(struct config *);
int neighbor_by_place(const struct config_neighbor *, const struct config_neighbor *); /* in the files */

/* --- confederation.c --- */
void *confederation_enter(struct loader *, const struct row *, void *, struct words *);
int confederation_finish(struct loader *, struct config_neighbor *);

/* --- template.c --- */
void template_merge(struct config_neighbor *, const struct config_neighbor *from);

/* --- program.c --- */
/* Where ExaBGP would find it. -1 with the reason. */
int program_locate(
    const char *program, const char *config_file, char *out, size_t size, struct reason *);
#endif
