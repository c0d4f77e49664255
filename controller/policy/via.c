#include "controller/policy/via.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"

enum { NAME_MAX_OCTETS = 63 }; /* as a client says it: proto/frame/api.h */

/* "50ms", "2s": a number without its unit would be taken for the other one sooner or later. */
static int
scan_time(struct words *w, uint32_t *milliseconds, struct reason *why)
{
	const char *word = words_peek(w);
	size_t digits = strspn(word, "0123456789");
	unsigned long n = 0;
	char number[8];
	uint64_t unit = strcmp(word + digits, "ms") == 0  ? 1
			: strcmp(word + digits, "s") == 0 ? 1000
							  : 0;

	if (digits > 0 && digits < sizeof number) {
		snprintf(number, sizeof number, "%.*s", (int)digits, word);
		n = strtoul(number, NULL, 10);
	}
	if (unit == 0 || n == 0 || n * unit > VIA_TIMEOUT_MAX)
		return words_wrong(w, why, "a time of 1ms to 60s");
	*milliseconds = (uint32_t)(n * unit);
	words_next(w);
	return 0;
}

static int
scan_name(struct words *w, struct policy_via *v, struct reason *why)
{
	const struct word *name;

	if (!words_take(w, "client"))
		return words_wrong(w, why, "client, and its name");
	name = words_left(w) ? words_next(w) : NULL;
	if (!name || name->len == 0 || name->len > NAME_MAX_OCTETS)
		return words_wrong(w, why, "the name of a client");
	v->client = mem_text(name->at, name->len);
	return 0;
}

/* What holds when it does not answer has to be said: nobody can know it for the operator. */
static int
scan(struct words *w, struct policy_via *v, struct reason *why)
{
	if (scan_name(w, v, why) < 0 ||
	    (words_take(w, "timeout") && scan_time(w, &v->timeout, why) < 0))
		return -1;
	if (!words_take(w, "default"))
		return words_wrong(w, why, "timeout, or default and what holds without an answer");
	v->accepts = words_take(w, "accept");
	return v->accepts || words_take(w, "reject") ? 0 : words_wrong(w, why, "accept or reject");
}

static char *__attribute__((format(printf, 1, 2))) text_of(const char *format, ...)
{
	char text[480];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return mem_text(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void
name_answers(struct policy_via *v, const char *rule)
{
	const char *otherwise = v->accepts ? "accept" : "reject";

	v->label[VIA_ACCEPTED] = text_of("%s: client %s accepted it", rule, v->client);
	v->label[VIA_REJECTED] = text_of("%s: client %s rejected it", rule, v->client);
	v->label[VIA_OPEN] = text_of("%s: client %s is asked", rule, v->client);
	v->label[VIA_DEFAULT] = text_of("%s: client %s did not answer in %u ms, default %s", rule,
	    v->client, v->timeout, otherwise);
	v->label[VIA_MISSED] =
	    text_of("%s: client %s could not be asked, default %s", rule, v->client, otherwise);
}

struct policy_via *
via_scan(struct words *w, const char *label, struct reason *why)
{
	struct policy_via *v = mem_zero(sizeof *v);

	v->timeout = VIA_TIMEOUT;
	if (scan(w, v, why) < 0) {
		via_free(v);
		return NULL;
	}
	name_answers(v, label);
	return v;
}

void
via_free(struct policy_via *v)
{
	if (!v)
		return;
	for (int i = 0; i < VIA_ANSWERS; i++)
		mem_free(v->label[i]);
	mem_free(v->client);
	mem_free(v);
}
