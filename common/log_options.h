/* What a command line says about the log: the same three options for every program. */
#ifndef COMMON_LOG_OPTIONS_H
#define COMMON_LOG_OPTIONS_H
#include <getopt.h>
#include <unistd.h>
#include "common/log.h"

struct log_options {
	enum log_format format;
	enum log_level level;
	int to; /* descriptor */
};
#define LOG_OPTIONS_DEFAULT { LOG_AUTO, LOG_LEVEL_INFO, STDERR_FILENO }

/* For the usage, the table and the switch of a program that reads its options with getopt_long. */
enum log_option { LOG_OPTION_FORMAT = 512, LOG_OPTION_LEVEL, LOG_OPTION_TO };
#define LOG_OPTIONS_USAGE \
	"  --log-format FORMAT     text or json (default: text on a terminal)\n" \
	"  --log-level LEVEL       none, error, warning, info or debug (default info)\n" \
	"  --log-to WHERE          stderr or stdout (default stderr)\n"
#define LOG_OPTIONS_TABLE \
	{ "log-format", required_argument, NULL, LOG_OPTION_FORMAT }, \
	{ "log-level", required_argument, NULL, LOG_OPTION_LEVEL }, \
	{ "log-to", required_argument, NULL, LOG_OPTION_TO }

/* NULL: it is taken. Else what that option wants, and nothing is changed. */
const char *log_option_take(struct log_options *, enum log_option, const char *word);
#endif
