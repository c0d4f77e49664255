/* States of a service, and what they say. No clock and no process here. */
#include "controller/cli/healthcheck.h"

const char *
health_name(enum health h)
{
	static const char *const names[] = { "INIT", "DISABLED", "RISING", "FALLING", "UP", "DOWN",
		"EXIT" };

	return names[h];
}

bool
health_speaks(enum health h)
{
	return h == HEALTH_UP || h == HEALTH_DOWN || h == HEALTH_DISABLED || h == HEALTH_EXIT;
}

static enum health
rise(const struct health_options *o, unsigned *checks)
{
	return ++*checks >= (o->rise > 1 ? (unsigned long)o->rise : 1) ? HEALTH_UP : HEALTH_RISING;
}

static enum health
fall(const struct health_options *o, unsigned *checks)
{
	return ++*checks >= (o->fall > 1 ? (unsigned long)o->fall : 1) ? HEALTH_DOWN
								       : HEALTH_FALLING;
}

enum health
health_next(
    const struct health_options *o, enum health h, unsigned *checks, bool disabled, bool well)
{
	if (disabled)
		return HEALTH_DISABLED;
	switch (h) {
	case HEALTH_DISABLED: /* the next check begins anew */
		return HEALTH_INIT;
	case HEALTH_RISING:
	case HEALTH_FALLING:
		if (well != (h == HEALTH_RISING))
			*checks = 0;
		return well ? rise(o, checks) : fall(o, checks);
	case HEALTH_UP:
	case HEALTH_DOWN:
		if (well == (h == HEALTH_UP))
			return h;
		break;
	case HEALTH_EXIT:
		return h;
	case HEALTH_INIT:
		break;
	}
	*checks = 0;
	return well ? rise(o, checks) : fall(o, checks);
}

static void
put_list(struct text *t, const char *word, const char *value)
{
	if (value && *value)
		text_printf(t, " %s [ %s ]", word, value);
}

static void
put_selector(const struct health_options *o, struct text *t)
{
	if (o->neighbors.count == 0)
		text_add(t, "peer *");
	for (size_t i = 0; i < o->neighbors.count; i++)
		text_printf(t, "%speer %s", i > 0 ? ", " : "", o->neighbors.at[i]);
}

static const char *
as_path_of(const struct health_options *o, enum health h)
{
	const char *own = h == HEALTH_UP         ? o->up_as_path
			  : h == HEALTH_DOWN     ? o->down_as_path
			  : h == HEALTH_DISABLED ? o->disabled_as_path
						 : NULL;

	return own ? own : o->as_path;
}

/* As there, that of the disabled is that of who is down too. */
static const char *
community_of(const struct health_options *o, enum health h)
{
	bool away = h == HEALTH_DISABLED || h == HEALTH_DOWN;

	return away && o->disabled_community ? o->disabled_community : o->community;
}

static void
put_attributes(const struct health_options *o, enum health h, size_t place, struct text *t)
{
	long metric = h == HEALTH_UP     ? o->up_metric
		      : h == HEALTH_DOWN ? o->down_metric
					 : o->disabled_metric;

	text_printf(t, " med %ld", metric + (long)place * o->increase);
	if (o->local_preference >= 0)
		text_printf(t, " local-preference %ld", o->local_preference);
	put_list(t, "community", community_of(o, h));
	put_list(t, "extended-community", o->extended_community);
	put_list(t, "large-community", o->large_community);
	put_list(t, "as-path", as_path_of(o, h));
}

void
health_line(const struct health_options *o, enum health h, size_t place, struct text *t)
{
	bool withdraw = h == HEALTH_EXIT || (o->withdraw_on_down && h != HEALTH_UP);
	char prefix[PREFIX_TEXT];

	put_selector(o, t);
	text_printf(t, " %s route %s next-hop %s", withdraw ? "withdraw" : "announce",
	    prefix_print(&o->addresses[place].prefix, prefix), o->next_hop);
	if (!withdraw)
		put_attributes(o, h, place, t);
	if (o->path_id)
		text_printf(t, " path-information %s", o->path_id);
	text_char(t, '\n');
}
