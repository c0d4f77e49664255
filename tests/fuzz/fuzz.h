/* What fuzz targets share. The first octet of an input chooses the type that is read; what does not name one is
 * folded onto those there are. A target ends the program when something is not as it must be; what must not be
 * read is seen by the sanitizers. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/text.h"
#include "common/words.h"
#include "proto/bgp/params.h"
#include "tests/tools/agree.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int LLVMFuzzerInitialize(int *count, char ***words);

#define fuzz_require(truth, ...)                                                                   \
	do {                                                                                       \
		if (!(truth)) {                                                                    \
			dprintf(2, "%s:%d: not so: %s: ", __FILE__, __LINE__, #truth);             \
			dprintf(2, __VA_ARGS__);                                                   \
			dprintf(2, "\n");                                                          \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The second octet says what session it is read on, or that it is text. */
enum {
	ON_ASN2 = 1,
	ON_EBGP = 2,
	ON_PATHS = 4,
	ON_OFFLINE = 8,
	ON_NEXTHOP6 = 16,
	ON_LONG = 32,
	ON_NO_AIGP = 64,
	AS_TEXT = 128
};

/* Of frames: the API's; others are types of frames, 0 a whole one. */
enum { FUZZ_REQUEST = 128 };
/* Of commands: a whole request. */
enum { FUZZ_WHOLE = 128 };

static inline struct session_params
fuzz_session(uint8_t on)
{
	struct session_params p = {
		.local_as = 65000,
		.peer_as = on & ON_EBGP ? 65001 : 65000,
		.asn4 = !(on & ON_ASN2),
		.aigp = !(on & ON_NO_AIGP),
		.extended_message = on & ON_LONG,
		.offline = on & ON_OFFLINE,
		.families = (UINT32_C(1) << FAMILIES) - 1,
		.refresh = true,
		.enhanced_refresh = !(on & ON_OFFLINE),
		.group = on & ON_LONG ? GROUP_ALL : GROUP_EXABGP,
	};

	p.local_address = addr_v4(0x0a090909);
	if (on & ON_PATHS)
		p.add_path_receive = p.add_path_send = p.families;
	if (on & ON_NEXTHOP6)
		p.nexthop6 = p.families;
	return p;
}

static inline void
fuzz_shown(void (*show)(const void *, struct tree *), const void *arg)
{
	struct text json = { 0 };
	const char *wrong = shown_disagrees(show, arg, &json);

	fuzz_require(!wrong, "%s: %s", wrong, text_str(&json));
	text_fini(&json);
}
#endif
