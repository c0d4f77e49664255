/* The configuration: ExaBGP's file format, read into plain values, plus sections of ours (speaker, client,
 * controller). A struct config is built whole or not at all and owned by who asked for it; nothing in it
 * changes after it was loaded, so pointers into it are good until config_free.
 *
 * The grammar is one table, schema.c: a keyword is a row. */
#ifndef CONTROLLER_CONFIG_CONFIG_H
#define CONTROLLER_CONFIG_CONFIG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/tcp_ao.h"
#include "common/text.h"
#include "controller/policy/policy.h"
#include "controller/rib/best.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/family.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/params.h"
#include "proto/bgp/route.h"

enum {
	CONFIG_KEY = 41, /* a key in Z85, with its NUL */
	CONFIG_MD5_MAX = 80,
	CONFIG_GIVEN = 4 /* words of a bit per row of the schema */
};

struct config_names {
	char **name;
	size_t count;
	/* the keyword; file NULL: it stands nowhere, or in several places */
	const char *file;
	unsigned line, column;
};

/* A route as it was written, with the place for messages. */
struct config_route {
	struct route_draft draft;
	const char *file;
	unsigned line, column;
};

/* A message of operational { }. */
struct config_operational {
	struct operational said;
	char *advisory; /* what it borrows */
	const char *file;
	unsigned line;
};

/* api { send {} receive {} } */
struct config_messages {
	bool parsed, packets, consolidate;
	bool open, update, notification, keepalive, refresh, operational;
};

struct config_api {
	char *name; /* NULL: none was given */
	struct config_names processes, processes_match;
	bool neighbor_changes, negotiated, fsm, signal;
	struct config_messages send, receive;
	unsigned line;
};

enum { CAPABILITY_REQUIRED = 2 };

struct config_capability {
	uint8_t asn4, extended_message, route_refresh; /* 0, 1, or CAPABILITY_REQUIRED */
	bool multi_session, operational, aigp;
	uint8_t role; /* enum bgp_role */
	bool role_strict;
	bool software_version, link_local_nexthop, link_local_prefer;
	bool nexthop; /* also when there is a nexthop section and nothing else was said */
	int32_t graceful_restart; /* seconds; -1: off. A bare keyword means the hold time */
	bool graceful_notification; /* RFC 8538 */
	uint32_t long_lived; /* seconds (RFC 9494); 0: off */
	uint8_t add_path; /* enum add_path */
};

/* RFC 5065: what we are part of, as this neighbor sees it. */
struct config_confederation {
	uint32_t identifier; /* the AS that those outside know; 0: there is none */
	struct config_names members; /* the other ASes inside; each is a number */
};

struct config_tcp_ao {
	bool given;
	uint8_t keyid, algorithm; /* enum tcp_ao_algorithm */
	char *password; /* as written */
	bool base64;
	struct tcp_ao_key key; /* derived: what TCP is given */
};

enum config_base64 { MD5_PLAIN, MD5_BASE64, MD5_BASE64_AUTO };

/* A neighbor is (speaker, address); where several have one, all but the first are told apart by their local address. The
 * first is that of the file, and stays it for as long as it runs, wherever the file has it then. */
struct config_neighbor {
	char *speaker; /* NULL: the only one */
	struct prefix peer; /* a host, or a range (passive only) */
	struct addr apart;  /* of several with that address, but of the first: its local address */
	struct addr local; /* no address: auto */
	struct addr link_local;
	uint32_t local_as, peer_as; /* 0: auto */
	struct config_confederation confederation;
	bool member; /* derived: of another member AS of it */
	uint32_t shown_as; /* derived: what the peer knows us as; local_as, or the confederation's identifier */
	uint32_t router_id; /* host order; derived from local when not given */
	char *description, *host_name, *domain_name; /* NULL: none */
	uint16_t hold_time;
	uint32_t send_hold_time, stale_time; /* seconds; 0: the default, no bound */
	uint32_t rate_limit;
	bool passive;
	uint16_t listen, connect; /* 0: none; the default port (env.tcp_port) */
	char *source_interface;
	int16_t ttl_out, ttl_in; /* -1: not set */
	char *md5_password; /* as written; NULL: none */
	uint8_t md5_base64; /* enum config_base64 */
	struct addr md5_ip; /* no address: the local one */
	uint8_t md5_key[CONFIG_MD5_MAX], md5_key_len; /* what TCP is given: decoded */
	uint8_t group_updates; /* enum group_updates */
	uint8_t propagate; /* enum propagate: may its routes travel, and others' to it? */
	uint32_t propagate_paths; /* of a prefix, where ADD-PATH lets it; 0: all */
	struct config_names import, export; /* policies; none: what RFC 8212 says */
	struct config_names export_covers; /* "client", "configuration": what they say passes export, too */
	uint8_t allow_own_as; /* so often our AS may stand in a path */
	uint32_t cluster_id; /* host order; the router id when not given */
	bool auto_flush, adj_rib_in, adj_rib_out, manual_eor;
	uint32_t maximum_prefix, maximum_prefix_out; /* 0: none */
	uint32_t
	    controller_loss; /* seconds without a controller after which it is shut down; 0: never */
	struct config_capability capability;
	struct config_tcp_ao tcp_ao;

	uint32_t families; /* bit per enum family: what is offered */
	uint8_t add_path[FAMILIES]; /* enum add_path, of the eight families that can */
	uint16_t paths_limit[FAMILIES];
	uint32_t nexthop6,
	    nexthop4; /* IPv4 families with IPv6 next hops; IPv6 families with IPv4 ones */

	struct config_api *apis;
	size_t api_count;
	struct config_operational *operational;
	size_t operational_count;
	struct config_route *
	    routes; /* its own in the order they were written but for `later`, then each template's */
	size_t route_count, route_cap;
	uint64_t digest; /* of its routes, when it is loaded: there may be a million to compare */

	bool of_range; /* made for an address of a range, by a connection */
	uint8_t session; /* multi-session: that of this enum family alone, plus 1; 0: of all */

	const char *file; /* borrowed from the config */
	unsigned line, column;

	/* As written, before the checks at the closing brace made the fields above of it. */
	uint64_t given[CONFIG_GIVEN]; /* bit per row of the schema */
	struct config_names inherit;
	struct {
		bool all, add_path, add_path_all, nexthop;
		uint32_t family_section; /* named since the last "family {" */
		uint32_t add_path_families, nexthop6, nexthop4;
		uint16_t paths_limit[FAMILIES];
		size_t
		    later; /* routes up to the end of l2vpn { }: they come behind those after it */
	} written;
};

enum config_encoder { ENCODER_TEXT, ENCODER_JSON };

struct config_process {
	char *name;
	struct config_names run; /* program (its path when a file was loaded) and arguments */
	uint8_t encoder; /* enum config_encoder */
	bool respawn;
	struct config_names import; /* policies that its routes pass; none: client_import */
	const char *file;
	unsigned line;
};

struct config_speaker {
	char *name;
	char *key; /* public, Z85; NULL: none is demanded */
	const char *file;
	unsigned line;
};

enum config_role { ROLE_READ, ROLE_ANNOUNCE, ROLE_ADMIN };

struct config_client {
	char *name;
	char *key; /* public, Z85; NULL: it is who calls itself so on a socket of this machine */
	uint8_t role; /* enum config_role */
	struct config_names import; /* policies that its routes pass; none: client_import */
	const char *file;
	unsigned line;
};

/* rpki { cache NAME { } } */
enum { CONFIG_CACHES = 16 };
struct config_cache {
	char *name;
	struct addr address;
	uint16_t port;
	uint8_t preference;
	uint32_t refresh, retry, expire; /* seconds; 0: what the cache says */
	const char *file;
	unsigned line;
};

/* controller { } */
struct config_controller {
	char *bind, *api, *key_file; /* NULL: not said */
	uint32_t adopt_time; /* seconds */
	struct config_names client_import; /* of clients and processes that have none of their own; none: all passes */
	uint32_t speaker_stale_time; /* seconds; 0: no bound */
};

/* ExaBGP's environment: exabgp.tcp.port over exabgp_tcp_port over the environment file over the default (env.c). */
struct config_env {
	uint16_t tcp_port;
	struct addr tcp_bind[16];
	uint8_t tcp_bind_count;
	uint32_t tcp_attempts; /* connections a peer; 0: unlimited */
	uint32_t tcp_delay; /* minutes */
	bool bgp_passive;
	uint32_t bgp_openwait; /* seconds */
	char daemon_pid[256], daemon_user[64];
	bool daemon_daemonize, daemon_drop;
	uint32_t daemon_umask;
	bool log_enable, log_all, log_configuration, log_reactor, log_daemon, log_processes,
	    log_network;
	bool log_statistics, log_packets, log_rib, log_message, log_timers, log_routes, log_parser;
	bool log_short;
	char log_level[16], log_destination[256];
	uint8_t api_version; /* 4 or 6; 0: not said */
	bool api_ack, api_compact, api_respawn, api_terminate, api_cli;
	uint32_t api_chunk;
	uint8_t api_encoder; /* enum config_encoder */
	bool debug_rotate;
	char api_pipename[64], api_socketname[64], api_socketpath[108];
	char cli_pipe[64], cli_socket[64]; /* directories */
	char version[48]; /* of ExaBGP, as peers are told; "": they are told ours */
};

struct config {
	struct config_neighbor **neighbors;
	size_t neighbor_count, neighbor_cap;
	struct config_process *processes;
	size_t process_count;
	struct config_speaker *speakers;
	size_t speaker_count;
	struct config_client *clients;
	size_t client_count;
	struct config_controller controller;
	struct best_rules decision;
	struct config_cache *caches;
	size_t cache_count;
	struct policy **policies;
	size_t policy_count, policy_cap;
	struct named_sets sets; /* that policies call; the one thing here that clients may change */
	struct config_env env;
	struct config_names files;
	struct config_names notes; /* what was read and has no effect: "FILE:LINE: text" */
};

/* The first thing that is wrong. */
struct config_error {
	char file[256];
	unsigned line, column; /* 1-based; 0: no place */
	char section[96]; /* "neighbor 192.0.2.1/capability"; "" at the root */
	char text[512]; /* what was expected, what was found, the nearest word */
	char source[160]; /* the line it is about; "" when it is not at hand */
};

/* Read files one after the other into one configuration, or (exabgp.debug.rotate) only the first; "-" is standard
 * input, a name that is not there is tried under /etc/exabgp. NULL with the error. */
struct config *config_load(const char *const *files, size_t count, struct config_error *);
/* The same from memory; programs of processes are not looked for. */
struct config *config_load_text(
    const char *name, const char *text, size_t len, struct config_error *);
/* The same in slices, where others wait. */
struct config_load;
struct config_load *config_load_begin(const char *const *files, size_t count);
struct config_load *config_load_begin_text(const char *name, const char *text, size_t len); /* is copied */
/* Some lines, or some of a file: false: there is more. True: that was all, the load is gone, and there is the
 * configuration, or NULL with the error. */
bool config_load_some(struct config_load *, struct config **, struct config_error *);
void config_load_drop(struct config_load *); /* before the end; NULL is fine */
void config_free(struct config *);
/* The same in slices: of at most so many routes, true when it is gone; or by who does that. */
bool config_leave(struct config *, unsigned steps);
struct retire;
void config_retire(struct retire *, struct config *);

/* "file:line:column: text", and the line with a mark under the place. */
void config_error_print(const struct config_error *, struct text *);

/* By (speaker, address); speaker NULL: one without a name. NULL: there is none. */
const struct config_neighbor *config_neighbor(
    const struct config *, const char *speaker, const struct prefix *);
const struct policy *config_policy(const struct config *, const char *name); /* or one that is always there */
/* The chain of the policies of these names, which are all there. */
void config_chain(const struct config *, const struct config_names *, struct policy_chain *);
const struct config_client *config_client(const struct config *, const char *name);
const struct config_process *config_process(const struct config *, const char *name);
const struct config_speaker *config_speaker(const struct config *, const char *name);

/* By speaker and address. */
int neighbor_address_order(const struct config_neighbor *, const struct config_neighbor *);
/* By speaker, address, local address where that tells them apart, and session. */
int neighbor_order(const struct config_neighbor *, const struct config_neighbor *);
const struct config_neighbor **neighbors_sorted(
    const struct config *, size_t *count); /* mem_free it */

/* Neighbors that come and go by command, not by a file. Added, one is the configuration's; taken out (it must be in
 * it), the caller's. */
void config_add_neighbor(struct config *, struct config_neighbor *);
struct config_neighbor *config_take_neighbor(struct config *, const struct config_neighbor *);
void config_neighbor_free(struct config_neighbor *);

/* Ranges: a neighbor that is a prefix, and what one of its addresses is configured as. */
bool config_is_range(const struct config_neighbor *);
struct config_neighbor *config_neighbor_copy(const struct config_neighbor *);
struct config_neighbor *config_neighbor_at(
    const struct config_neighbor *range, const struct addr *);
/* The narrowest that holds the address; NULL: there is none. */
const struct config_neighbor *config_range(
    const struct config *, const char *speaker, const struct addr *);

/* What a new configuration means for the neighbors of an old one. */
enum config_change_kind {
	CONFIG_ADDED,
	CONFIG_REMOVED,
	CONFIG_RESET, /* its session cannot go on */
	CONFIG_KEPT /* the same session */
};
struct config_change {
	enum config_change_kind kind;
	const struct config_neighbor *old, *new; /* NULL where there is none */
	const char *why; /* CONFIG_RESET: the first keyword that differs, "peer-as" */
	bool settings; /* CONFIG_KEPT: something that takes effect at once has changed */
	bool routes; /* CONFIG_KEPT: its routes are not the same */
};
struct config_diff {
	struct config_change *change; /* in order of speaker and address */
	size_t count;
	size_t counts[4]; /* per kind */
};
/* Before that: of several neighbors of one address, each stays who it is in the running one (or NULL). */
void config_carry_apart(const struct config *running, struct config *);
struct config_diff *config_diff(const struct config *old /* or NULL */, const struct config *new);
void config_diff_free(struct config_diff *);
/* "neighbors: 3 unchanged, 1 with other routes, 1 reset (192.0.2.1: peer-as), 2 added". */
void config_diff_print(const struct config_diff *, struct text *);

/* "api.ack"; NULL behind the last. *idle: why it has no effect, or NULL. */
const char *config_env_name(size_t, const char **idle);
/* Defaults, then what the environment file says that `environ` names (env_file.h), then what `environ` says. -1
 * with the error. */
int config_env_read(struct config_env *, char *const *environ, struct config_error *);
/* Notes about what is said there and has no effect. */
void config_env_notes(struct config *, char *const *environ);
/* -1: the file begins with #! and the interpreter that it names can't be executed; *r says why not. */
int program_interpreter(const char *file, struct reason *r);
/* -1: what `run` gives an interpreter to run (python3 /x.py) is a file that can't be read; *r says why not. */
int program_script(const struct config_names *run, struct reason *r);
#endif
