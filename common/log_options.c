#include "common/log_options.h"
#include <string.h>

static const char *
take_format(struct log_options *o, const char *word)
{
	if (strcmp(word, "json") == 0)
		o->format = LOG_JSON;
	else if (strcmp(word, "text") == 0)
		o->format = LOG_TEXT;
	else
		return "--log-format wants text or json";
	return NULL;
}

static const char *
take_to(struct log_options *o, const char *word)
{
	if (strcmp(word, "stdout") == 0)
		o->to = STDOUT_FILENO;
	else if (strcmp(word, "stderr") == 0)
		o->to = STDERR_FILENO;
	else
		return "--log-to wants stderr or stdout";
	return NULL;
}

const char *
log_option_take(struct log_options *o, enum log_option option, const char *word)
{
	switch (option) {
	case LOG_OPTION_FORMAT:
		return take_format(o, word);
	case LOG_OPTION_TO:
		return take_to(o, word);
	default:
		return log_level_scan(&o->level, word) == 0
			   ? NULL
			   : "--log-level wants none, error, warning, info or debug";
	}
}
