#include "controller/cli/offline.h"
#include <stdio.h>
#include <string.h>
#include "common/words.h"
#include "controller/cli/cli.h"

enum { DEFAULT_AS = 65533 }; /* as ExaBGP has it */

bool
offline_option(struct offline *o, int option, const char *value)
{
	switch (option) {
	case 'c':
		o->file = value;
		return true;
	case 'f':
		o->family = value;
		return true;
	case 'a':
		o->local_as = value;
		return true;
	case 'z':
		o->peer_as = value;
		return true;
	case 'i':
		o->add_path = true;
		return true;
	case 'd':
	case 'p':
		return true;
	default:
		return false;
	}
}

/* "ipv4 unicast": one of ours, so that it can be written into a configuration. */
static enum family
family_of_text(const char *text)
{
	char afi[16], safi[32], more;

	if (sscanf(text, "%15s %31s %c", afi, safi, &more) != 2)
		return FAMILY_UNKNOWN;
	return family_by_words(afi, safi);
}

static int
open_default(struct offline *o)
{
	struct config_error e = { 0 };
	char text[512];
	int len;

	len = snprintf(text, sizeof text,
	    "neighbor 127.0.0.1 { router-id 127.0.0.1; local-address 127.0.0.1; local-as %d; "
	    "peer-as %d; capability { add-path %s; } family { %s%s; } }",
	    DEFAULT_AS, DEFAULT_AS, o->add_path ? "send/receive" : "disable",
	    o->family && o->only >= FAMILIES_NAMED ? "raw " : "",
	    o->family ? family_name(o->only) : "all");
	o->config = config_load_text("options", text, (size_t)len, &e);
	return o->config ? -1 : cli_fail(CLI_REFUSED, "%s", e.text);
}

int
offline_open(struct offline *o)
{
	o->only = o->family ? family_of_text(o->family) : FAMILY_UNKNOWN;
	if (o->family && o->only == FAMILY_UNKNOWN)
		return cli_fail(CLI_USAGE, "there is no family \"%s\"", o->family);
	if (!o->file)
		return open_default(o);
	o->config = cli_load(&o->file, 1);
	if (!o->config)
		return CLI_REFUSED;
	if (o->config->neighbor_count > 0)
		return -1;
	/* those come by command: what is usual, as ExaBGP has it */
	offline_close(o);
	return open_default(o);
}

void
offline_close(struct offline *o)
{
	config_free(o->config);
	o->config = NULL;
}

static int
as_number(const char *text, uint32_t fallback, uint32_t *out)
{
	uint64_t number;

	*out = fallback;
	if (!text)
		return -1;
	if (word_uint(text, strlen(text), UINT32_MAX, &number) < 0 || number == 0)
		return cli_fail(CLI_USAGE, "\"%s\" is no AS number", text);
	*out = (uint32_t)number;
	return -1;
}

int
offline_params(const struct offline *o, const struct config_neighbor *n, struct session_params *p)
{
	int status;

	*p = (struct session_params){
		.local_id = n->router_id,
		.peer_id = n->router_id,
		.local_address = n->local,
		.hold_time = n->hold_time,
		.asn4 = n->capability.asn4,
		.extended_message = n->capability.extended_message,
		.refresh = n->capability.route_refresh,
		.operational = n->capability.operational,
		.link_local_nexthop = n->capability.link_local_nexthop,
		.link_local = n->capability.link_local_nexthop && n->ttl_out <= 1
				  ? n->link_local
				  : (struct addr){ 0 },
		.aigp = n->capability.aigp,
		.member = n->member,
		.role = n->capability.role,
		.families = n->families,
		.group = n->group_updates,
		.offline = true,
	};
	/* auto is what the other side has */
	if ((status = as_number(
		 o->local_as, n->shown_as ? n->shown_as : n->peer_as, &p->local_as)) >= 0 ||
	    (status = as_number(o->peer_as, n->peer_as ? n->peer_as : p->local_as, &p->peer_as)) >=
		0)
		return status;
	if (p->local_as == 0)
		p->local_as = p->peer_as ? p->peer_as : DEFAULT_AS;
	if (p->peer_as == 0)
		p->peer_as = p->local_as;
	for (enum family f = 0; f < FAMILIES; f++)
		if (n->add_path[f] != ADD_PATH_NONE)
			p->add_path_send |= family_bit(f);
	p->add_path_receive = p->add_path_send;
	return -1;
}
