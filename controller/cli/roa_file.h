/* A file of ROAs: JSON, as validators write it and caches are given it,
 *
 *      { "roas": [ { "prefix": "192.0.2.0/24", "maxLength": 24, "asn": "AS65001" }, ... ] }
 *
 * Every object that has a prefix and an asn is one, wherever it stands; other members are passed over. */
#ifndef CONTROLLER_CLI_ROA_FILE_H
#define CONTROLLER_CLI_ROA_FILE_H
#include "common/reason.h"
#include "controller/rpki/roas.h"

/* All of one cache, which is in use. NULL with the reason. */
struct roas *roa_file_read(const char *path, struct reason *);
struct roas *roa_file_scan(const char *text, size_t len, struct reason *);
#endif
