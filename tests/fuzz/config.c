/* A configuration. [ section, (unused), text ]: the text stands in that section of a configuration that is right
 * besides, or is all of it (0), or an environment (1), or a file of one (2). What is refused has a place and words,
 * what is taken does not differ from itself. */
#include "controller/config/config.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "common/mem.h"
#include "controller/config/env_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sections.h"

static void
as_config(const struct place *place, const uint8_t *data, size_t len)
{
	struct text text = { 0 }, message = { 0 };
	struct config_error e;
	struct config *c;

	text_add(&text, place->before);
	text_addn(&text, (const char *)data, len);
	text_add(&text, place->behind);
	c = config_load_text("fuzz", text.base, text.len, &e);
	if (c) {
		struct config_diff *diff = config_diff(c, c);

		fuzz_require(diff->counts[CONFIG_KEPT] == diff->count, "it differs from itself");
		for (size_t i = 0; i < diff->count; i++)
			fuzz_require(!diff->change[i].settings && !diff->change[i].routes,
			    "a neighbor differs from itself");
		config_diff_print(diff, &message);
		config_diff_free(diff);
	} else {
		fuzz_require(e.text[0], "a configuration is refused without a word");
		config_error_print(&e, &message);
	}
	config_free(c);
	text_fini(&message);
	text_fini(&text);
}

/* Lines of name=value. */
static void
as_environment(const uint8_t *data, size_t len)
{
	char *text = mem_text((const char *)data, len), *rest = text, *line, *lines[64];
	struct config_error e = { 0 };
	static struct config_env env;
	size_t count = 0;

	while (count < 62 && (line = strsep(&rest, "\n")))
		lines[count++] = line;
	lines[count++] = "EXABGP_ENVFILE=/dev/null";
	lines[count] = NULL;
	if (config_env_read(&env, lines, &e) < 0)
		fuzz_require(e.text[0], "an environment is refused without a word");
	mem_free(text);
}

static void
as_environment_file(const uint8_t *data, size_t len)
{
	char path[64];
	char *environment[] = { path, NULL };
	struct config_error e = { 0 };
	static struct config_env env;
	int fd = memfd_create("env", MFD_CLOEXEC);

	fuzz_require(fd >= 0 && write(fd, data, len) == (ssize_t)len, "a file in memory");
	snprintf(path, sizeof path, "EXABGP_ENVFILE=/proc/self/fd/%d", fd);
	if (config_env_read(&env, environment, &e) < 0)
		fuzz_require(e.text[0], "an environment file is refused without a word");
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned place;

	if (len < 2)
		return 0;
	place = data[0] % PLACES;
	if (place == ENVIRONMENT)
		as_environment(data + 2, len - 2);
	else if (place == ENVIRONMENT_FILE)
		as_environment_file(data + 2, len - 2);
	else
		as_config(&places[place], data + 2, len - 2);
	return 0;
}
