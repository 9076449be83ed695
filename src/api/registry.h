/* api/registry.h: the dialects that this server speaks. Adding one is one line in registry.c. */
#pragma once

#include "api/endpoint.h"

extern const struct dialect_api dvs_api;

/* The i-th dialect; NULL past the end. */
const struct dialect_api *dialect_at(size_t i);
