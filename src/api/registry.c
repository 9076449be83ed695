#include "api/registry.h"

static const struct dialect_api *const dialects[] = {
	&dvs_api,
};

const struct dialect_api *dialect_at(size_t i)
{
	return i < ARRAY_LEN(dialects) ? dialects[i] : NULL;
}
