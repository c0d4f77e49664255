/* The configuration as a value: finding, freeing, and the text of an error. */
#include "controller/config/config.h"
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "common/retire.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->neighbor_count; i++)
		config_neighbor_free(c->neighbors[i]);
	for (size_t i = 0; i < c->process_count; i++) {
		section_free(SECTION_PROCESS, &c->processes[i]);
		mem_free(c->processes[i].name);
	}
	for (size_t i = 0; i < c->speaker_count; i++) {
		section_free(SECTION_SPEAKER, &c->speakers[i]);
		mem_free(c->speakers[i].name);
	}
	for (size_t i = 0; i < c->client_count; i++) {
		section_free(SECTION_CLIENT, &c->clients[i]);
		mem_free(c->clients[i].name);
	}
	for (size_t i = 0; i < c->policy_count; i++)
		policy_free(c->policies[i]);
	named_sets_free(&c->sets);
	section_free(SECTION_CONTROLLER, &c->controller);
	mem_free(c->policies);
	mem_free(c->neighbors);
	mem_free(c->processes);
	mem_free(c->speakers);
	mem_free(c->clients);
	caches_free(c);
	names_free(&c->files);
	names_free(&c->notes);
	mem_free(c);
}

enum { GIVEN_BACK = 4096 };

bool
config_leave(struct config *c, unsigned steps)
{
	while (steps-- > 0) {
		struct config_neighbor *n =
		    c->neighbor_count > 0 ? c->neighbors[c->neighbor_count - 1] : NULL;
		if (n == NULL) {
			config_free(c);
			return true;
		}
		if (n->route_count > 0) {
			route_draft_fini(&n->routes[--n->route_count].draft);
			/* all of it given back at once would be a long turn, too */
			if (n->route_count > 0 && n->route_count % GIVEN_BACK == 0)
				n->routes =
				    mem_resize(n->routes, n->route_count * sizeof(n->routes[0]));
		} else {
			config_neighbor_free(n);
			c->neighbor_count--;
		}
	}
	return false;
}

static bool
leave(void *config, unsigned steps)
{
	return config_leave(config, steps);
}

void
config_retire(struct retire *r, struct config *c)
{
	retire_thing(r, leave, c);
}

static int
order_of(
    const char *speaker_a, const struct prefix *a, const char *speaker_b, const struct prefix *b)
{
	int order = strcmp(speaker_a != NULL ? speaker_a : "", speaker_b != NULL ? speaker_b : "");

	if (order == 0)
		order = addr_compare(&a->addr, &b->addr);
	return order != 0 ? order : (int)a->len - (int)b->len;
}

int
neighbor_address_order(const struct config_neighbor *a, const struct config_neighbor *b)
{
	return order_of(a->speaker, &a->peer, b->speaker, &b->peer);
}

int
neighbor_order(const struct config_neighbor *a, const struct config_neighbor *b)
{
	int order = neighbor_address_order(a, b);

	if (order == 0)
		order = addr_compare(&a->apart, &b->apart);
	return order != 0 ? order : (int)a->session - (int)b->session;
}

static int
sort_order(const void *a, const void *b)
{
	return neighbor_order(
	    *(const struct config_neighbor *const *)a, *(const struct config_neighbor *const *)b);
}

const struct config_neighbor **
neighbors_sorted(const struct config *c, size_t *count)
{
	const struct config_neighbor **sorted;

	*count = c != NULL ? c->neighbor_count : 0;
	sorted = mem_alloc((*count + 1) * sizeof(sorted[0]));
	for (size_t i = 0; i < *count; i++)
		sorted[i] = c->neighbors[i];
	qsort(sorted, *count, sizeof(sorted[0]), sort_order);
	return sorted;
}

const struct config_neighbor *
config_neighbor(const struct config *c, const char *speaker, const struct prefix *peer)
{
	for (size_t i = 0; i < c->neighbor_count; i++) {
		const struct config_neighbor *n = c->neighbors[i];
		if (order_of(n->speaker, &n->peer, speaker, peer) == 0)
			return n;
	}
	return NULL;
}

bool
config_is_range(const struct config_neighbor *n)
{
	return n->peer.len != addr_size(&n->peer.addr) * 8;
}

void
config_add_neighbor(struct config *c, struct config_neighbor *n)
{
	c->neighbors = mem_grow(
	    c->neighbors, &c->neighbor_cap, c->neighbor_count + 1, sizeof(c->neighbors[0]));
	c->neighbors[c->neighbor_count++] = n;
}

struct config_neighbor *
config_take_neighbor(struct config *c, const struct config_neighbor *which)
{
	size_t i = 0;

	while (c->neighbors[i] != which)
		i++;
	struct config_neighbor *n = c->neighbors[i];
	c->neighbor_count--;
	memmove(c->neighbors + i, c->neighbors + i + 1,
	    (c->neighbor_count - i) * sizeof(c->neighbors[0]));
	return n;
}

const struct policy *
config_policy(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->policy_count; i++)
		if (strcmp(c->policies[i]->name, name) == 0)
			return c->policies[i];
	return policy_builtin(name);
}

const struct config_process *
config_process(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->process_count; i++) {
		if (strcmp(c->processes[i].name, name) == 0)
			return &c->processes[i];
	}
	return NULL;
}

const struct config_client *
config_client(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->client_count; i++) {
		if (strcmp(c->clients[i].name, name) == 0)
			return &c->clients[i];
	}
	return NULL;
}

const struct config_speaker *
config_speaker(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->speaker_count; i++) {
		if (strcmp(c->speakers[i].name, name) == 0)
			return &c->speakers[i];
	}
	return NULL;
}

void
config_error_print(const struct config_error *e, struct text *t)
{
	text_add(t, e->file);
	if (e->line > 0)
		text_printf(t, ":%u", e->line);
	if (e->line > 0 && e->column > 0)
		text_printf(t, ":%u", e->column);
	text_printf(t, ": %s", e->text);
	if (e->section[0] != '\0')
		text_printf(t, " (in %s)", e->section);
	text_char(t, '\n');
	if (e->source[0] == '\0')
		return;
	text_printf(t, "\t%s\n", e->source);
	if (e->column == 0)
		return;
	text_char(t, '\t');
	/* A blank a character; tabs stay, so that the mark stands under the word. */
	unsigned column = 0;
	for (const char *c = e->source; *c != '\0'; c++) {
		if (((unsigned char)*c & 0xc0) == 0x80)
			continue;
		if (++column == e->column)
			break;
		text_char(t, *c == '\t' ? '\t' : ' ');
	}
	text_add(t, "^\n");
}
