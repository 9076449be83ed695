/* api/s2s/sample.h: a purchase to paste into a shell. */
#pragma once

#include "api/endpoint.h"

void s2s_print_sample(struct buf *b, const struct json_token *credential, const char *base_url);
