/* controller/cli/watch_text.c and print.c: events as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "common/tree.h"
#include "controller/cli/print.h"
#include "controller/cli/watch_text.h"

struct event {
	struct pack pack;
	struct tree tree;
};

static void
begin(struct event *e, const char *type)
{
	*e = (struct event){ 0 };
	e->tree = tree_pack(&e->pack);
	tree_map(&e->tree);
	tree_key(&e->tree, "type");
	tree_text(&e->tree, type);
	tree_key(&e->tree, "time");
	tree_real(&e->tree, 1795331870.25);
	tree_key(&e->tree, "neighbor");
	tree_text(&e->tree, "192.0.2.1");
}

static void
shows(struct event *e, bool colour, const char *expected)
{
	struct unpack *u = unpack_new();
	struct text out = { 0 };
	const struct node *n;

	tree_map_end(&e->tree);
	n = unpack_open(u, e->pack.base, e->pack.len);
	assert_non_null(n);
	watch_text(&out, n, colour);
	assert_string_equal(text_str(&out), expected);
	text_fini(&out);
	unpack_free(u);
	pack_fini(&e->pack);
}

static void
member(struct tree *t, const char *key, const char *value)
{
	tree_key(t, key);
	tree_text(t, value);
}

static void
open_map(struct tree *t, const char *key)
{
	tree_key(t, key);
	tree_map(t);
}

static void
prefix(struct tree *t, const char *nlri)
{
	tree_map(t);
	member(t, "nlri", nlri);
	tree_map_end(t);
}

static void
an_update_is_a_line_a_route(void **state)
{
	struct event e;
	struct tree *t = &e.tree;

	(void)state;
	begin(&e, "update");
	open_map(t, "message");
	open_map(t, "update");
	open_map(t, "attribute");
	member(t, "origin", "igp");
	open_map(t, "as-path");
	open_map(t, "0");
	member(t, "element", "as-sequence");
	tree_key(t, "value");
	tree_list(t);
	tree_uint(t, 65001);
	tree_uint(t, 65002);
	tree_list_end(t);
	tree_map_end(t);
	tree_map_end(t);
	tree_key(t, "community");
	tree_list(t);
	for (unsigned i = 1; i < 3; i++) {
		tree_list(t);
		tree_uint(t, 65000);
		tree_uint(t, i);
		tree_list_end(t);
	}
	tree_list_end(t);
	tree_map_end(t);
	open_map(t, "announce");
	open_map(t, "ipv4 unicast");
	tree_key(t, "192.0.2.9");
	tree_list(t);
	prefix(t, "10.0.0.0/24");
	prefix(t, "10.0.1.0/24");
	tree_list_end(t);
	tree_map_end(t);
	tree_map_end(t);
	open_map(t, "withdraw");
	tree_key(t, "ipv4 unicast");
	tree_list(t);
	prefix(t, "10.0.2.0/24");
	tree_list_end(t);
	tree_map_end(t);
	tree_map_end(t);
	tree_map_end(t);
	shows(&e, false,
	    "2026-11-22T07:17:50.250Z 192.0.2.1 withdraw ipv4 unicast 10.0.2.0/24\n"
	    "2026-11-22T07:17:50.250Z 192.0.2.1 announce ipv4 unicast 10.0.0.0/24 next-hop "
	    "192.0.2.9 origin igp "
	    "as-path [65001 65002] community [65000:1 65000:2]\n"
	    "2026-11-22T07:17:50.250Z 192.0.2.1 announce ipv4 unicast 10.0.1.0/24 next-hop "
	    "192.0.2.9 origin igp "
	    "as-path [65001 65002] community [65000:1 65000:2]\n");
}

static void
a_state_says_why(void **state)
{
	struct event e;

	(void)state;
	begin(&e, "state");
	member(&e.tree, "state", "down");
	member(&e.tree, "reason", "hold timer expired");
	shows(&e, false, "2026-11-22T07:17:50.250Z 192.0.2.1 down: hold timer expired\n");
	begin(&e, "state");
	member(&e.tree, "state", "up");
	shows(&e, true, "\033[2m2026-11-22T07:17:50.250Z \033[0m192.0.2.1 \033[32mup\033[0m\n");
}

static void
an_end_of_rib_names_its_family(void **state)
{
	struct event e;

	(void)state;
	begin(&e, "update");
	open_map(&e.tree, "message");
	open_map(&e.tree, "eor");
	member(&e.tree, "afi", "ipv4");
	member(&e.tree, "safi", "unicast");
	tree_map_end(&e.tree);
	tree_map_end(&e.tree);
	shows(&e, false, "2026-11-22T07:17:50.250Z 192.0.2.1 end-of-rib ipv4 unicast\n");
}

static void
events_not_known_show_their_members(void **state)
{
	struct event e;

	(void)state;
	begin(&e, "lagged");
	tree_key(&e.tree, "skipped");
	tree_uint(&e.tree, 7);
	shows(&e, false, "2026-11-22T07:17:50.250Z 192.0.2.1 lagged skipped 7\n");
}

/* A peer chooses the text of its Cease (RFC 9003). */
static void
nothing_that_a_peer_says_reaches_the_terminal_as_control(void **state)
{
	struct event e;
	struct text out = { 0 };

	(void)state;
	begin(&e, "state");
	member(&e.tree, "state", "down");
	member(&e.tree, "reason", "bye\033[2J\nfake line \302\2331m \303\251");
	shows(&e, false,
	    "2026-11-22T07:17:50.250Z 192.0.2.1 down: bye\\x1b[2J\\x0afake line \\xc2\\x9b1m "
	    "\303\251\n");
	print_text(&out, reader_of("a\nb\tc\r", 6));
	assert_string_equal(text_str(&out), "a\nb\tc\\x0d");
	text_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_is_a_line_a_route),
		cmocka_unit_test(a_state_says_why),
		cmocka_unit_test(an_end_of_rib_names_its_family),
		cmocka_unit_test(events_not_known_show_their_members),
		cmocka_unit_test(nothing_that_a_peer_says_reaches_the_terminal_as_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
