/* What helpers are told about the controller, in ExaBGP's words; and the commands that only they have. */
#include "controller/api/exabgp.h"
#include <stdio.h>
#include <unistd.h>
#include "common/clock.h"
#include "controller/api/group.h"
#include "controller/api/helper.h"
#include "controller/api/processes.h"

enum { UUID = 17 };

/* Our start, as ExaBGP's daemon has an id. */
static const char *
uuid_of(const struct call *c, char out[UUID])
{
	snprintf(out, UUID, "%016llx", (unsigned long long)c->api->controller->epoch);
	return out;
}

/* With `data` or the text, as the helper is spoken to; both are freed. */
static void
exabgp_answer(struct call *c, struct pack *data, struct text *t)
{
	struct reader text = c->request->json ? reader_of("", 0) : reader_of(text_str(t), t->len);

	request_answer(&c->request, ANSWER_FINAL, "done", text, c->request->json ? data : NULL);
	pack_fini(data);
	text_fini(t);
}

void
exabgp_says(struct call *c, const char *words)
{
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };

	tree_map(&tree);
	tree_put_text(&tree, "status", words);
	tree_map_end(&tree);
	text_add(&t, words);
	exabgp_answer(c, &data, &t);
}

const char *
exabgp_version(const struct call *c)
{
	const struct config *config = c->api->controller->config;

	if (config && config->env.version[0])
		return config->env.version;
	return helper_speaks42(c->request->client) && !c->request->json ? "4.2.21" : "6.0.0";
}

void
exabgp_ping(struct call *c)
{
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };
	char uuid[UUID];

	tree_map(&tree);
	tree_put_text(&tree, "pong", uuid_of(c, uuid));
	tree_key(&tree, "active");
	tree_bool(&tree, true);
	tree_map_end(&tree);
	text_printf(&t, "pong %s active=true", uuid);
	exabgp_answer(c, &data, &t);
}

/* --- status --- */

static void
status_text(const struct call *c, uint64_t uptime, struct text *t)
{
	struct controller *k = c->api->controller;
	char uuid[UUID];

	text_printf(t, "ExaBGP Daemon Status\n====================\nVersion: %s\nUUID: %s\n",
	    exabgp_version(c), uuid_of(c, uuid));
	text_printf(t, "PID: %d\nUptime: %lluh %llum %llus\nPeers: %u\n", (int)getpid(),
	    (unsigned long long)uptime / 3600, (unsigned long long)uptime / 60 % 60,
	    (unsigned long long)uptime % 60, k->neighbor_count);
	LIST_EACH(link, &k->neighbors) {
		const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		text_add(t, "  - ");
		neighbor_full_name(n, t);
		text_printf(t, ": %s\n", neighbor_fsm(n));
	}
}

static void
status_tree(const struct call *c, uint64_t uptime, struct tree *t)
{
	struct controller *k = c->api->controller;
	struct text name = { 0 };
	char uuid[UUID];

	tree_map(t);
	tree_put_text(t, "version", exabgp_version(c));
	tree_put_text(t, "uuid", uuid_of(c, uuid));
	tree_put_uint(t, "pid", (uint64_t)getpid());
	tree_put_uint(t, "uptime", uptime);
	tree_key(t, "peers");
	tree_map(t);
	LIST_EACH(link, &k->neighbors) {
		const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		text_clear(&name);
		neighbor_full_name(n, &name);
		tree_put_text(t, text_str(&name), neighbor_fsm(n));
	}
	tree_map_end(t);
	tree_map_end(t);
	text_fini(&name);
}

void
exabgp_status(struct call *c)
{
	uint64_t uptime = (uint64_t)(clock_wall() - c->api->controller->started);
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };

	if (c->request->json)
		status_tree(c, uptime, &tree);
	else
		status_text(c, uptime, &t);
	exabgp_answer(c, &data, &t);
}

/* --- what only helpers have --- */

/* How they are answered is not queued by us: what a helper said is done, or waits for a peer. */
void
command_session_reset(struct call *c)
{
	struct process *p = process_of(c->request->client);

	if (call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	if (p)
		group_drop(p);
	exabgp_says(c, "asynchronous queue cleared");
}

/* The words behind it are the client's own. */
void
command_bye(struct call *c)
{
	request_done(&c->request, "done", "%s", "");
}

void
command_crash(struct call *c)
{
	request_done(&c->request, "error", "there is no crash for the asking");
}

void
command_queue_status(struct call *c)
{
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };

	if (call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	tree_map(&tree);
	LIST_EACH(link, &c->api->processes->list) {
		const struct process *p = LIST_ENTRY(link, struct process, link);

		tree_key(&tree, p->name);
		tree_map(&tree);
		tree_put_uint(&tree, "items", p->owed.acks);
		tree_put_uint(&tree, "bytes", p->client.queued);
		tree_map_end(&tree);
		text_printf(&t, "%s: %llu items, %zu bytes\n", p->name,
		    (unsigned long long)p->owed.acks, p->client.queued);
	}
	tree_map_end(&tree);
	exabgp_answer(c, &data, &t);
}

/* Of this helper, from its next start on. */
void
command_api_version(struct call *c)
{
	struct process *p = process_of(c->request->client);
	struct pack data = { 0 };
	struct tree tree = tree_pack(&data);
	struct text t = { 0 };
	uint64_t version = p ? helper_version(p) : API_6;

	if (version == API_42)
		version = API_4;
	if (words_left(&c->words) && words_uint(&c->words, 4, 6, "4 or 6", &version, &c->why) < 0) {
		call_refuse(c);
		return;
	}
	if (version == 5 || call_end(c) < 0) {
		reason_set(&c->why, 0, 0, "expected 4 or 6");
		call_refuse(c);
		return;
	}
	if (p)
		p->version_next = (uint8_t)version;
	tree_map(&tree);
	tree_put_uint(&tree, "api_version", version);
	tree_map_end(&tree);
	text_printf(&t, "api version %u", (unsigned)version);
	exabgp_answer(c, &data, &t);
}
