#include "proto/bgp/role.h"

const char *
role_name(unsigned role)
{
	static const char *const names[BGP_ROLES] = { "none", "provider", "rs", "rs-client",
		"customer", "peer" };

	return role < BGP_ROLES ? names[role] : "unassigned";
}

void
role_note(struct caps *c, struct reader value)
{
	bool sound = value.left == 1;
	unsigned said = reader_u8(&value) + 1U;

	if (!sound || said >= BGP_ROLES || (c->role != BGP_ROLE_NONE && c->role != said))
		c->role_bad = true;
	else
		c->role = (uint8_t)said;
}

static int
mismatch(struct fault *f, const char *ours, const char *theirs)
{
	return fault_set(f, NOTIFY_OPEN, OPEN_ROLE, NULL, 0, "our role is %s, %s", ours, theirs);
}

int
role_check(enum bgp_role ours, bool strict, const struct caps *theirs, struct fault *f)
{
	static const uint8_t goes_with[BGP_ROLES] = {
		[BGP_ROLE_PROVIDER] = BGP_ROLE_CUSTOMER,
		[BGP_ROLE_CUSTOMER] = BGP_ROLE_PROVIDER,
		[BGP_ROLE_RS] = BGP_ROLE_RS_CLIENT,
		[BGP_ROLE_RS_CLIENT] = BGP_ROLE_RS,
		[BGP_ROLE_PEER] = BGP_ROLE_PEER,
	};

	if (ours == BGP_ROLE_NONE)
		return 0;
	if (theirs->role_bad)
		return mismatch(f, role_name(ours), "theirs is none that there is, or several");
	if (theirs->role == BGP_ROLE_NONE)
		return strict ? mismatch(f, role_name(ours), "they say none") : 0;
	if (theirs->role != goes_with[ours])
		return fault_set(f, NOTIFY_OPEN, OPEN_ROLE, NULL, 0, "our role is %s, theirs %s",
		    role_name(ours), role_name(theirs->role));
	return 0;
}
