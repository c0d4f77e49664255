/* ambo healthcheck: a helper program that looks after a service and announces its addresses while it is well. Its
 * options, states and lines are those of ExaBGP's health checker, so it runs under that one too.
 *
 *      options -> check (a command, now and then) -> state -> one line an address on stdout, an answer on stdin
 *
 * A process of its own, which may wait: it serves nobody else. */
#ifndef CONTROLLER_CLI_HEALTHCHECK_H
#define CONTROLLER_CLI_HEALTHCHECK_H
#include <stdbool.h>
#include <stddef.h>
#include "common/addr.h"
#include "common/text.h"

enum health {
	HEALTH_INIT,
	HEALTH_DISABLED,
	HEALTH_RISING,
	HEALTH_FALLING,
	HEALTH_UP,
	HEALTH_DOWN,
	HEALTH_EXIT
};

/* Values of an option that may be given again and again; they borrow. */
struct health_words {
	const char **at;
	size_t count;
};

struct health_address {
	struct prefix prefix;
	const char *interface; /* NULL: the loopback's */
};

struct health_options {
	bool silent, no_syslog, debug, no_ack, sudo, deaggregate, no_ip_setup, dynamic_ip_setup,
	    label_exact, withdraw_on_down, debounce;
	const char *facility, *name, *pid, *user, *group, *disable, *command, *next_hop, *label;
	const char *community, *extended_community, *large_community, *disabled_community;
	const char *as_path, *up_as_path, *down_as_path, *disabled_as_path, *path_id;
	double interval, fast_interval, timeout; /* seconds */
	long rise, fall, start_ip, local_preference, up_metric, down_metric, disabled_metric,
	    increase;
	struct health_words neighbors, execute, up_execute, down_execute, disabled_execute;
	struct health_address *addresses;
	size_t address_count;
	char **kept; /* lines of --config, which the texts borrow from */
	size_t kept_count;
};

/* Options of a file come first. -1, or the exit status: said already. */
int health_options_read(struct health_options *, int argc, char **argv);
void health_options_fini(struct health_options *);

/* What a check leads to; *checks counts those on the way up or down. */
enum health health_next(
    const struct health_options *, enum health, unsigned *checks, bool disabled, bool well);
const char *health_name(enum health); /* "UP" */
/* Is it said to the router in this state? */
bool health_speaks(enum health);
/* The line for the address at this place, with its end. */
void health_line(const struct health_options *, enum health, size_t place, struct text *);

void health_address_add(struct health_options *, const struct health_address *);
/* The addresses on the loopback, where no --ip was given; hosts of networks (--deaggregate-networks). -1: too many. */
int health_addresses_find(struct health_options *);
/* `ip address add` or `del` of what is not there yet, or is; a failure is logged. */
void health_addresses_set(const struct health_options *, bool present);
/* Run by a shell with STATE in its environment: its exit status; -1 when it did not end within so many seconds, was
 * killed, or a signal told us to end meanwhile. The first of its output goes into `said`. */
int health_run(const char *command, const char *state, double seconds, struct text *said);
void health_log(const struct health_options *, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *health_option_name(size_t); /* without its dashes; NULL behind the last */
#endif
