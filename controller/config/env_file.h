/* ExaBGP's environment file. */
#ifndef CONTROLLER_CONFIG_ENV_FILE_H
#define CONTROLLER_CONFIG_ENV_FILE_H
#include <stddef.h>
#include "controller/config/config.h"

struct env_file {
	char **lines; /* "exabgp.tcp.port=179", ended by NULL; NULL: none */
	size_t count;
	unsigned *at; /* [count]: where each stands in the file */
	char path[256];
};

/* $EXABGP_ENVFILE, else $EXABGP_ROOT/etc/exabgp/exabgp.env, which need not be there. -1 with the error. */
int env_file_read(struct env_file *, char *const *environ, struct config_error *);
void env_file_fini(struct env_file *);
#endif
