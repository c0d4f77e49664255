#include "proto/frame/field.h"
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/family.h"

static uint64_t
number_of(const struct field *f, const uint8_t *at)
{
	switch (f->kind) {
	case FIELD_BOOL:
		return *(const bool *)(const void *)at;
	case FIELD_U8:
		return *at;
	case FIELD_U16:
		return *(const uint16_t *)(const void *)at;
	case FIELD_U32:
	case FIELD_I32: /* one that is set is not negative */
		return *(const uint32_t *)(const void *)at;
	case FIELD_U64:
		return *(const uint64_t *)(const void *)at;
	default:
		return 0;
	}
}

static size_t
bits_length(const struct field *f, const uint8_t *at)
{
	size_t n = f->size;

	while (n > 0 && at[n - 1] == 0)
		n--;
	return n;
}

/* The number that a by-family field has for one family. */
static uint16_t
of_family(const struct field *f, const uint8_t *at, unsigned family)
{
	return f->kind == FIELD_FAMILY_U8 ? at[family]
					  : ((const uint16_t *)(const void *)at)[family];
}

static uint32_t
families_given(const struct field *f, const uint8_t *at)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < FAMILIES; i++)
		n += of_family(f, at, i) != 0;
	return n;
}

static bool
is_empty(const struct field *f, const uint8_t *at)
{
	switch (f->kind) {
	case FIELD_I32:
		return *(const int32_t *)(const void *)at < 0;
	case FIELD_TEXT:
	case FIELD_SECRET:
		return *at == '\0';
	case FIELD_ADDR:
		return ((const struct addr *)(const void *)at)->family == 0;
	case FIELD_BITS:
	case FIELD_KEY:
		return bits_length(f, at) == 0;
	case FIELD_FAMILIES:
		return *(const uint32_t *)(const void *)at == 0;
	case FIELD_FAMILY_U8:
	case FIELD_FAMILY_U16:
		return families_given(f, at) == 0;
	default:
		return number_of(f, at) == 0;
	}
}

static void
pack_families(uint32_t mask, struct pack *p)
{
	pack_array(p, (uint32_t)__builtin_popcount(mask));
	for (unsigned i = 0; i < FAMILIES; i++)
		if (mask & family_bit((enum family)i))
			pack_uint(p, family_code((enum family)i));
}

static void
pack_by_family(const struct field *f, const uint8_t *at, struct pack *p)
{
	pack_map(p, families_given(f, at));
	for (unsigned i = 0; i < FAMILIES; i++) {
		uint16_t v = of_family(f, at, i);

		if (v == 0)
			continue;
		pack_uint(p, family_code((enum family)i));
		pack_uint(p, v);
	}
}

static void
pack_value(const struct field *f, const uint8_t *at, struct pack *p)
{
	const struct addr *a = (const struct addr *)(const void *)at;

	switch (f->kind) {
	case FIELD_BOOL:
		pack_bool(p, true);
		break;
	case FIELD_TEXT:
	case FIELD_SECRET:
		pack_textn(p, (const char *)at, strnlen((const char *)at, f->size));
		break;
	case FIELD_ADDR:
		pack_bin(p, a->bytes, addr_size(a));
		break;
	case FIELD_BITS:
	case FIELD_KEY:
		pack_bin(p, at, bits_length(f, at));
		break;
	case FIELD_FAMILIES:
		pack_families(*(const uint32_t *)(const void *)at, p);
		break;
	case FIELD_FAMILY_U8:
	case FIELD_FAMILY_U16:
		pack_by_family(f, at, p);
		break;
	default:
		pack_uint(p, number_of(f, at));
	}
}

void
fields_pack(const struct field *table, const void *value, struct pack *p)
{
	uint32_t n = 0;

	for (const struct field *f = table; f->name; f++)
		n += !is_empty(f, (const uint8_t *)value + f->offset);
	pack_map(p, n);
	for (const struct field *f = table; f->name; f++) {
		const uint8_t *at = (const uint8_t *)value + f->offset;

		if (is_empty(f, at))
			continue;
		pack_text(p, f->name);
		pack_value(f, at, p);
	}
}

static int
unpack_number(const struct field *f, const struct node *n, uint8_t *at)
{
	uint64_t max = f->size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * f->size)) - 1;
	uint64_t v = node_uint(n, 0);

	if (node_kind(n) != NODE_UINT || v > max)
		return -1;
	switch (f->size) {
	case 1:
		*at = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)(void *)at = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)(void *)at = (uint32_t)v;
		break;
	default:
		*(uint64_t *)(void *)at = v;
	}
	return 0;
}

static int
unpack_families(const struct node *n, uint32_t *mask)
{
	*mask = 0;
	if (node_kind(n) != NODE_ARRAY)
		return -1;
	for (uint32_t i = 0; i < node_count(n); i++) {
		uint64_t code = node_uint(node_at(n, i), 0);
		enum family f = code > UINT32_MAX ? FAMILY_UNKNOWN : family_by_code((uint32_t)code);

		if (f == FAMILY_UNKNOWN && code <= FAMILY_CODE_MAX)
			f = family_by_numbers((uint16_t)(code >> 8), (uint8_t)code);
		if (f != FAMILY_UNKNOWN)
			*mask |= family_bit(f);
	}
	return 0;
}

static int
unpack_by_family(const struct field *f, const struct node *n, uint8_t *at)
{
	if (node_kind(n) != NODE_MAP)
		return -1;
	for (unsigned i = 0; i < FAMILIES; i++) {
		const struct node *given = node_find_uint(n, family_code((enum family)i));
		uint64_t v = node_uint(given, given ? UINT64_MAX : 0);

		if (v > (f->kind == FIELD_FAMILY_U8 ? UINT8_MAX : UINT16_MAX))
			return -1;
		if (f->kind == FIELD_FAMILY_U8)
			at[i] = (uint8_t)v;
		else
			((uint16_t *)(void *)at)[i] = (uint16_t)v;
	}
	return 0;
}

static int
unpack_value(const struct field *f, const struct node *n, uint8_t *at)
{
	struct reader r = node_bytes(n);

	switch (f->kind) {
	case FIELD_BOOL:
		if (node_kind(n) != NODE_BOOL)
			return -1;
		*(bool *)(void *)at = node_bool(n, false);
		return 0;
	case FIELD_I32:
		if (node_int(n, 0) == -1) {
			*(int32_t *)(void *)at = -1;
			return 0;
		}
		return node_uint(n, UINT64_MAX) > INT32_MAX ? -1 : unpack_number(f, n, at);
	case FIELD_TEXT:
	case FIELD_SECRET:
		if (node_kind(n) != NODE_TEXT || r.left >= f->size || memchr(r.at, 0, r.left))
			return -1;
		memcpy(at, r.at, r.left);
		at[r.left] = '\0';
		return 0;
	case FIELD_ADDR:
		if (node_kind(n) != NODE_BIN || (r.left != 0 && r.left != 4 && r.left != 16))
			return -1;
		*(struct addr *)(void *)at = addr_of(r.at, r.left);
		return 0;
	case FIELD_BITS:
	case FIELD_KEY:
		if (node_kind(n) != NODE_BIN || r.left > f->size)
			return -1;
		memset(at, 0, f->size);
		if (r.left > 0)
			memcpy(at, r.at, r.left);
		return 0;
	case FIELD_FAMILIES:
		return unpack_families(n, (uint32_t *)(void *)at);
	case FIELD_FAMILY_U8:
	case FIELD_FAMILY_U16:
		return unpack_by_family(f, n, at);
	default:
		return unpack_number(f, n, at);
	}
}

int
fields_unpack(const struct field *table, const struct node *map, void *value, struct reason *why)
{
	if (node_kind(map) != NODE_MAP)
		return reason_set(why, 0, 0, "the body is no map");
	for (const struct field *f = table; f->name; f++) {
		const struct node *n = node_find(map, f->name);

		if (n && unpack_value(f, n, (uint8_t *)value + f->offset) < 0)
			return reason_set(
			    why, 0, 0, "field %s: wrong kind, range or length", f->name);
	}
	return 0;
}

static void
print_families(uint32_t mask, struct text *t)
{
	for (unsigned i = 0; i < FAMILIES; i++)
		if (mask & family_bit((enum family)i))
			text_printf(t, "[%s]", family_name((enum family)i));
}

void
fields_print(const struct field *table, const void *value, struct text *t)
{
	char name[ADDR_TEXT];

	for (const struct field *f = table; f->name; f++) {
		const uint8_t *at = (const uint8_t *)value + f->offset;

		if (is_empty(f, at))
			continue;
		text_printf(t, "%s%s=", t->len > 0 ? " " : "", f->name);
		switch (f->kind) {
		case FIELD_TEXT:
			text_printf(t, "\"%s\"", (const char *)at);
			break;
		case FIELD_SECRET:
		case FIELD_KEY:
			text_add(t, "(hidden)");
			break;
		case FIELD_ADDR:
			text_add(t, addr_print((const struct addr *)(const void *)at, name));
			break;
		case FIELD_BITS:
			text_hex(t, at, bits_length(f, at));
			break;
		case FIELD_FAMILIES:
			print_families(*(const uint32_t *)(const void *)at, t);
			break;
		case FIELD_FAMILY_U8:
		case FIELD_FAMILY_U16:
			for (unsigned i = 0; i < FAMILIES; i++)
				if (of_family(f, at, i))
					text_printf(t, "[%s: %u]", family_name((enum family)i),
					    (unsigned)of_family(f, at, i));
			break;
		default:
			text_uint(t, number_of(f, at));
		}
	}
}
