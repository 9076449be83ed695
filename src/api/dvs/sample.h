/* api/dvs/sample.h: a purchase with the DVS API to paste into a shell. */
#pragma once

#include "api/endpoint.h"

/* As struct dialect_api.print_sample. */
void dvs_print_sample(struct buf *b, const struct json_token *credential, const char *base_url);
