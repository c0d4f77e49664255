#include "controller/cli/line.h"
#include <stdbool.h>
#include <string.h>

static bool
wants_quotes(const char *word, int place)
{
	if (*word == '\0')
		return true;
	if (strpbrk(word, "\"'") || place < 2 || strchr("[({", *word))
		return false;
	return strpbrk(word, " \t\r\n#") != NULL;
}

/* The shell has taken its backslashes away: one that is left stands for itself, and the reader of the line
 * takes one away again. */
static void
add_word(struct text *line, const char *word)
{
	for (; *word; word++) {
		if (*word == '\\')
			text_char(line, '\\');
		text_char(line, *word);
	}
}

void
line_join(struct text *line, int argc, char *const *argv)
{
	if (argc == 1) {
		text_add(line, argv[0]);
		return;
	}
	for (int i = 0; i < argc; i++) {
		const char *quote = wants_quotes(argv[i], i) ? "\"" : "";

		if (i > 0)
			text_char(line, ' ');
		text_add(line, quote);
		add_word(line, argv[i]);
		text_add(line, quote);
	}
}
