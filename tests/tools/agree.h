/* Whether what is shown agrees in all its forms: tree -> JSON -> tree, and tree -> msgpack -> JSON. For tests and
 * fuzzers; JSON is read by a small strict reader of our own, so that what we write is judged by another. */
#ifndef TESTS_TOOLS_AGREE_H
#define TESTS_TOOLS_AGREE_H
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "common/pack.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/utf8.h"
#include "proto/frame/api.h"

enum { AGREE_KEYS = 4096 };

/* JSON text being read, told to a tree as it goes. */
struct json_reader {
	const char *at;
	const char *wrong; /* what it is not; NULL: nothing so far */
	struct text word; /* the last string */
	struct text keys; /* of the maps that are open, each ended by NUL */
};

static inline void
json_blank(struct json_reader *j)
{
	while (*j->at == ' ')
		j->at++;
}

static inline void
json_wrong(struct json_reader *j, const char *what)
{
	if (!j->wrong)
		j->wrong = what;
}

static inline void
json_escape(struct json_reader *j)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = *j->at ? strchr(letters, *j->at) : NULL;
	char digits[5] = { 0 };
	char *end;
	unsigned long code;

	if (letter) {
		text_char(&j->word, meant[letter - letters]);
		j->at++;
		return;
	}
	if (*j->at != 'u' || strlen(j->at) < 5) {
		json_wrong(j, "an escape that JSON has not");
		return;
	}
	memcpy(digits, j->at + 1, 4);
	code = strtoul(digits, &end, 16);
	if (*end || code > UINT8_MAX) /* an octet that was no text: nothing else is escaped so */
		json_wrong(j, "an escape that we do not write");
	text_char(&j->word, (char)code);
	j->at += 5;
}

static inline void
json_word(struct json_reader *j)
{
	text_clear(&j->word);
	if (*j->at++ != '"')
		json_wrong(j, "a string without a quote");
	while (!j->wrong && *j->at != '"') {
		size_t len = utf8_len(j->at, strnlen(j->at, 4));

		if (len == 0 || (unsigned char)*j->at < ' ') {
			json_wrong(j, "a character that may not stand in a string");
		} else if (*j->at == '\\') {
			j->at++;
			json_escape(j);
		} else {
			text_addn(&j->word, j->at, len);
			j->at += len;
		}
	}
	j->at += !j->wrong;
}

static inline void
json_number(struct json_reader *j, struct tree *t)
{
	size_t len = strspn(j->at, "+-0123456789.eE");
	bool negative = *j->at == '-';
	const char *digits = j->at + negative;
	char *end;

	if (!isdigit((unsigned char)*digits) ||
	    (*digits == '0' && isdigit((unsigned char)digits[1])))
		json_wrong(j, "no value");
	else if (strcspn(j->at, ".eE") < len)
		tree_real(t, strtod(j->at, &end));
	else if (negative)
		tree_int(t, strtoll(j->at, &end, 10));
	else
		tree_uint(t, strtoull(j->at, &end, 10));
	if (!j->wrong && end != j->at + len)
		json_wrong(j, "no number");
	j->at += len;
}

/* The literal, when it is what comes. */
static inline bool
json_is(struct json_reader *j, const char *literal)
{
	size_t len = strlen(literal);

	if (strncmp(j->at, literal, len) != 0)
		return false;
	j->at += len;
	return true;
}

static inline void
json_scalar(struct json_reader *j, struct tree *t)
{
	if (*j->at == '"') {
		json_word(j);
		if (!j->wrong)
			tree_textn(t, text_str(&j->word), j->word.len);
	} else if (json_is(j, "true")) {
		tree_bool(t, true);
	} else if (json_is(j, "false")) {
		tree_bool(t, false);
	} else if (json_is(j, "null")) {
		tree_null(t);
	} else {
		json_number(j, t);
	}
}

/* A key, which the map that began at `mark` of the keys has not had yet. */
static inline void
json_key_of(struct json_reader *j, struct tree *t, size_t mark)
{
	json_blank(j);
	json_word(j);
	for (size_t i = mark; !j->wrong && i < j->keys.len; i += strlen(j->keys.base + i) + 1)
		if (strcmp(j->keys.base + i, text_str(&j->word)) == 0)
			json_wrong(j, "a key twice in one map");
	if (j->wrong)
		return;
	tree_keyn(t, text_str(&j->word), j->word.len);
	text_addn(&j->keys, text_str(&j->word), j->word.len + 1);
	if (!json_is(j, ": "))
		json_wrong(j, "a key without a value");
}

/* All of it, told to the tree. NULL, or what is wrong with it. */
static inline const char *
json_replay(const char *json, struct tree *t)
{
	struct json_reader j = { .at = json };
	struct {
		bool map;
		size_t mark;
	} open[TREE_DEPTH];
	unsigned depth = 0;
	bool value = true; /* one is to come */

	while (!j.wrong && (value || depth > 0)) {
		json_blank(&j);
		if (value && (*j.at == '{' || *j.at == '[')) {
			bool map = *j.at++ == '{';

			if (depth + 1 == TREE_DEPTH)
				return "too deep";
			open[depth].map = map;
			open[depth++].mark = j.keys.len;
			if (map)
				tree_map(t);
			else
				tree_list(t);
			json_blank(&j);
			value = *j.at != '}' && *j.at != ']';
			if (value && map)
				json_key_of(&j, t, j.keys.len);
			continue;
		}
		if (value) {
			json_scalar(&j, t);
			value = false;
		} else if (*j.at == ',') {
			j.at++;
			value = true;
			if (open[depth - 1].map)
				json_key_of(&j, t, open[depth - 1].mark);
		} else if (*j.at++ == (open[depth - 1].map ? '}' : ']')) {
			text_cut(&j.keys, open[--depth].mark);
			if (open[depth].map)
				tree_map_end(t);
			else
				tree_list_end(t);
		} else {
			json_wrong(&j, "a map or list without an end");
		}
	}
	if (*j.at)
		json_wrong(&j, "something behind the value");
	text_fini(&j.word);
	text_fini(&j.keys);
	return j.wrong;
}

/* NULL, or what does not agree in the tree that `show` tells. The JSON is left in *json. */
static inline const char *
shown_disagrees(void (*show)(const void *, struct tree *), const void *arg, struct text *json)
{
	struct pack packed = { 0 }, again = { 0 };
	struct text other = { 0 };
	struct unpack *unpack = unpack_new();
	struct tree t = tree_json(json);
	const struct node *node;
	const char *wrong = NULL;

	show(arg, &t);
	t = tree_pack(&packed);
	show(arg, &t);
	node = unpack_open(unpack, packed.base, packed.len);
	t = tree_json(&other);
	if (node)
		api_node_json(node, &t);
	if (!node || strcmp(text_str(&other), text_str(json)) != 0)
		wrong = "msgpack and JSON of it";
	t = tree_pack(&again);
	if (!wrong)
		wrong = json_replay(text_str(json), &t);
	/* what is no number is null in JSON */
	if (!wrong && !strstr(text_str(json), "null") &&
	    (again.len != packed.len || memcmp(again.base, packed.base, packed.len) != 0))
		wrong = "it and what JSON says of it";
	unpack_free(unpack);
	pack_fini(&again);
	pack_fini(&packed);
	text_fini(&other);
	return wrong;
}
#endif
