/* Answers to a helper's commands, as lines. */
#include <string.h>
#include "controller/api/helper.h"
#include "controller/api/process_inner.h"
#include "controller/api/processes.h"
#include "controller/api/request.h"

enum { MESSAGES_MAX = 64 * 1024 }; /* octets owed; with more an error goes without its message */

/* The last octet of an encoded answer says what ends it. */
enum ending { ENDING_NONE, ENDING_DONE, ENDING_ERROR };

static void
print_lines(struct reader text, struct pack *out)
{
	pack_raw(out, text.at, text.left);
	if (text.left > 0 && text.at[text.left - 1] != '\n')
		pack_raw(out, "\n", 1);
}

static void
print_value(struct process *p, const struct node *value, const char *behind, struct pack *out)
{
	struct tree t = tree_json_dense(&p->scratch);

	text_clear(&p->scratch);
	api_node_json(value, &t);
	text_add(&p->scratch, behind);
	pack_raw(out, text_str(&p->scratch), p->scratch.len);
}

/* A list may come in several answers; it is one line all the same, or one a value. */
static void
print_list(
    struct process *p, struct request *r, const struct node *list, bool final, struct pack *out)
{
	for (uint32_t i = 0; i < node_count(list); i++) {
		if (!r->lines)
			pack_raw(out, r->begun ? ", " : "[", r->begun ? 2 : 1);
		print_value(p, node_at(list, i), r->lines ? "\n" : "", out);
		r->begun = true;
	}
	if (!final || r->lines)
		return;
	pack_raw(out, "[", r->begun ? 0 : 1);
	pack_raw(out, "]\n", 2);
}

static void
print_data(
    struct process *p, struct request *r, const struct pack *data, bool final, struct pack *out)
{
	const struct node *value = unpack_open(p->all->unpack, data->base, data->len);

	if (node_kind(value) == NODE_ARRAY)
		print_list(p, r, value, final, out);
	else
		print_value(p, value, "\n", out);
}

static void
log_error_of(struct process *p, const struct request *r, struct reader why)
{
	enum { SHOWN = 160 };
	struct reader line = r == p->running ? p->line : reader_of("", 0);

	if (!log_allow(&p->complaints, 5))
		return;
	if (line.left == 0) /* what is refused later is not at hand any more */
		log_warning(p->client.name, "a command was refused: %.*s", (int)why.left,
		    (const char *)why.at);
	else
		log_warning(p->client.name, "a command was refused: %.*s: %.*s%s", (int)why.left,
		    (const char *)why.at, line.left < SHOWN ? (int)line.left : SHOWN,
		    (const char *)line.at, line.left > SHOWN ? "..." : "");
}

/* Those who speak version 6 are told what was wrong in a line of its own; to others, who know ExaBGP 4 and 5, each
 * command has exactly one line. The log has it in any case. */
static void
print_error(struct process *p, const struct request *r, struct reader why, struct pack *out)
{
	log_error_of(p, r, why);
	if (helper_version(p) != API_6 || p->owed.octets > MESSAGES_MAX)
		return;
	pack_raw(out, "error: ", 7);
	print_lines(why, out);
}

void
process_answer(
    struct request *r, const struct api_reply *a, const struct pack *data, struct pack *out)
{
	struct process *p = process_of(r->client);
	bool error = strcmp(a->status, "error") == 0, quiet = r->silent || (r->bare && !error);
	uint8_t ending = !a->final || quiet ? ENDING_NONE : error ? ENDING_ERROR : ENDING_DONE;

	pack_clear(out);
	if (error) {
		if (!r->silent)
			print_error(p, r, a->text, out);
		else
			log_debug(p->client.name, "a command was refused");
	} else if (strcmp(a->status, "done") == 0) {
		print_lines(a->text, out);
		if (data)
			print_data(p, r, data, a->final, out);
	}
	pack_raw(out, &ending, 1);
	if (a->final && p->open > 0)
		p->open--;
	if (p->attached && !p->from)
		loop_wake(p->say);
	process_read_on(p);
}

/* An encoded answer in its turn: what it shows, and how it ends. */
int
process_send(struct client *c, const void *data, size_t len)
{
	struct process *p = process_of(c);
	size_t before = p->owed.octets;
	uint8_t ending;

	if (!process_writes(p) || len == 0)
		return 0;
	ending = ((const uint8_t *)data)[len - 1];
	owed_text(&p->owed, data, len - 1);
	if (ending != ENDING_NONE)
		owed_ack(&p->owed, ending == ENDING_ERROR);
	process_owes(p, before);
	return 0;
}
