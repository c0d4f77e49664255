#include "tests/fuzz/look.h"
#include "proto/bgp/nlri/flow_look.h"
#include "tests/fuzz/fuzz.h"

void
look(enum family f, struct reader nlri)
{
	enum { TYPES = 16, AS_MANY = 3 };
	static const uint32_t value[AS_MANY] = { 0, 2, 80 };
	struct reader component;
	struct prefix p;

	fuzz_require(!nlri_prefix(f, nlri, &p) || p.len <= 8 * addr_size(&p.addr), "a long prefix");
	for (unsigned type = 0; type < TYPES; type++) {
		if (!flow_look(f, nlri, type, &component))
			continue;
		if (flow_look_form(type) == FLOW_PREFIX)
			flow_look_prefix(f, component, &p);
		for (unsigned i = 0; i < AS_MANY && flow_look_form(type) != FLOW_PREFIX; i++) {
			flow_look_lets(component, value[i], UINT16_MAX);
			flow_look_bits(component, value[i]);
		}
	}
}
