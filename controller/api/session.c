/* How a helper wants to be answered, and which helpers there are. Over the API's own frames each request says how
 * it wants its answer, so there these words change nothing. */
#include <string.h>
#include "controller/api/command.h"
#include "controller/api/processes.h"

void
command_session(struct call *c)
{
	struct process *p = process_of(c->request->client);

	if (call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	if (p && c->kind == SESSION_SYNC)
		p->sync = true;
	else if (p && c->kind == SESSION_NO_SYNC)
		p->sync = false;
	else if (p) {
		p->silent = c->kind != SESSION_ACK;
		c->request->silent = c->kind == SESSION_SILENCE;
	}
	request_done(&c->request, "done", "%s", "");
}

void
command_restart_process(struct call *c)
{
	const struct word *name = words_next(&c->words);
	struct process *p = name ? processes_find(c->api->processes, name->at) : NULL;

	if (call_end(c) < 0) {
		call_refuse(c);
		return;
	}
	if (!p || !p->configured) {
		request_done(&c->request, "error", "there is no process %s",
		    name ? name->at : "without a name");
		return;
	}
	processes_restart(p);
	if (p->state == PROCESS_BROKEN)
		request_done(&c->request, "error", "process %s is broken: %s", p->name, p->why);
	else
		request_done(&c->request, "accepted", "process %s is started anew", p->name);
}
