/* Addresses of ambo healthcheck: those it is to announce, and setting them up on the loopback. */
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <syslog.h>
#include "common/mem.h"
#include "controller/cli/healthcheck.h"

enum { HOSTS_MAX = 65536 };

static const char *
interface_of(const struct health_address *a)
{
	return a->interface ? a->interface : "lo";
}

/* "lo:anycast1" is labelled "anycast" too, unless only the whole label will do. */
static bool
has_label(const struct health_options *o, const char *name)
{
	const char *label = strchr(name, ':');

	if (!o->label)
		return true;
	if (!label)
		return false;
	label++;
	return o->label_exact ? strcmp(label, o->label) == 0
			      : strncmp(label, o->label, strlen(o->label)) == 0;
}

void
health_address_add(struct health_options *o, const struct health_address *a)
{
	o->addresses = mem_resize(o->addresses, (o->address_count + 1) * sizeof *o->addresses);
	o->addresses[o->address_count++] = *a;
}

static uint8_t
length_of(const struct addr *mask)
{
	unsigned len = 0;

	for (size_t i = 0; i < addr_size(mask); i++)
		len += (unsigned)__builtin_popcount(mask->bytes[i]);
	return (uint8_t)len;
}

static void
find(struct health_options *o)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct health_address a = { 0 };
		struct addr mask;

		if (!i->ifa_addr || !i->ifa_netmask || !(i->ifa_flags & IFF_LOOPBACK) ||
		    !has_label(o, i->ifa_name))
			continue;
		a.prefix.addr = addr_of_sockaddr(i->ifa_addr, NULL);
		mask = addr_of_sockaddr(i->ifa_netmask, NULL);
		a.prefix.len = length_of(&mask);
		if (a.prefix.addr.family == 0 || addr_is_loopback(&a.prefix.addr) ||
		    addr_is_link_local(&a.prefix.addr))
			continue;
		health_address_add(o, &a);
	}
	freeifaddrs(all);
}

static void
next_host(struct addr *a)
{
	for (size_t i = addr_size(a); i-- > 0 && ++a->bytes[i] == 0;)
		;
}

static int
deaggregate(struct health_options *o)
{
	struct health_address *networks = o->addresses;
	size_t count = o->address_count;
	int status = 0;

	o->addresses = NULL;
	o->address_count = 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		struct health_address a = networks[i];
		unsigned full = a.prefix.addr.family == 4 ? 32 : 128, host = full - a.prefix.len;

		if (host > 16 || o->address_count + (1ul << host) > HOSTS_MAX) {
			status = -1;
			break;
		}
		prefix_mask(&a.prefix);
		a.prefix.len = (uint8_t)full;
		for (unsigned long n = 0; n < 1ul << host; n++, next_host(&a.prefix.addr))
			health_address_add(o, &a);
	}
	mem_free(networks);
	return status;
}

static void
leave_out_first(struct health_options *o)
{
	size_t skip = (size_t)o->start_ip;

	if (skip > o->address_count)
		skip = o->address_count;
	o->address_count -= skip;
	if (o->address_count > 0)
		memmove(o->addresses, o->addresses + skip, o->address_count * sizeof *o->addresses);
}

int
health_addresses_find(struct health_options *o)
{
	if (o->address_count == 0)
		find(o);
	if (o->deaggregate && deaggregate(o) < 0)
		return -1;
	leave_out_first(o);
	return 0;
}

static bool
is_there(const struct health_address *a)
{
	struct ifaddrs *all;
	bool there = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (struct ifaddrs *i = all; i && !there; i = i->ifa_next) {
		struct addr one = { 0 };

		if (i->ifa_addr)
			one = addr_of_sockaddr(i->ifa_addr, NULL);
		there = one.family != 0 && addr_equal(&one, &a->prefix.addr);
	}
	freeifaddrs(all);
	return there;
}

static void
set_one(const struct health_options *o, const struct health_address *a, bool present)
{
	struct text command = { 0 }, said = { 0 };
	char prefix[PREFIX_TEXT];

	text_printf(&command, "%sip address %s %s dev %s", o->sudo ? "sudo " : "",
	    present ? "add" : "del", prefix_print(&a->prefix, prefix), interface_of(a));
	if (o->label && present && a->prefix.addr.family == 4)
		text_printf(&command, " label %s:%s", interface_of(a), o->label);
	if (health_run(text_str(&command), "", 5, &said) != 0)
		health_log(o, LOG_ERR, "%s: %s", text_str(&command), text_str(&said));
	text_fini(&command);
	text_fini(&said);
}

void
health_addresses_set(const struct health_options *o, bool present)
{
	for (size_t i = 0; i < o->address_count; i++)
		if (is_there(&o->addresses[i]) != present)
			set_one(o, &o->addresses[i], present);
}
