/* rpki { cache NAME { address ADDRESS; ... } } */
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"
#include "controller/config/value.h"

enum { NAME_MOST = 63 };

void *
rpki_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	(void)row;
	(void)base;
	(void)words;
	return l->config;
}

static bool
is_there(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->cache_count; i++)
		if (strcmp(c->caches[i].name, name) == 0)
			return true;
	return false;
}

void *
cache_enter(struct loader *l, const struct row *row, void *base, struct words *words)
{
	const struct word *w = words_next(words);
	struct config *c = base;
	struct config_cache *k;

	(void)row;
	if (w == NULL || w->len == 0 || w->len > NAME_MOST)
		loader_fail(l, w, "expected a name of at most %d octets after cache", NAME_MOST);
	else if (is_there(c, w->at))
		loader_fail(l, w, "cache '%.64s' is there already", w->at);
	else if (c->cache_count == CONFIG_CACHES)
		loader_fail(l, w, "at most %d caches", CONFIG_CACHES);
	if (l->error->text[0] != '\0')
		return NULL;
	c->caches = mem_resize(c->caches, (c->cache_count + 1) * sizeof(c->caches[0]));
	k = &c->caches[c->cache_count++];
	*k = (struct config_cache){
		.name = mem_text(w->at, w->len), .file = l->file, .line = w->line
	};
	section_defaults(SECTION_CACHE, k);
	return k;
}

int
cache_leave(struct loader *l, void *base)
{
	const struct config_cache *k = base;

	if (k->expire > 0 && k->refresh >= k->expire) /* RFC 8210 section 6 */
		return loader_fail_at(l, k->file, k->line, 0,
		    "cache %s: what it says expires (%u s) no later than it is asked for "
		    "news (%u s)",
		    k->name, k->expire, k->refresh);
	return 0;
}

void
caches_check(struct loader *l)
{
	struct config *c = l->config;

	for (size_t i = 0; c->cache_count == 0 && i < c->policy_count; i++) {
		struct text note = { 0 };

		if (!policy_asks(c->policies[i], "rpki"))
			continue;
		text_printf(&note,
		    "policy %s asks for rpki, and there is no cache: every route is not-found",
		    c->policies[i]->name);
		names_add(&c->notes, text_str(&note), note.len);
		text_fini(&note);
	}
}

void
caches_free(struct config *c)
{
	for (size_t i = 0; i < c->cache_count; i++)
		mem_free(c->caches[i].name);
	mem_free(c->caches);
}
