/* api/registry.h: the dialects that this server speaks. Adding one is one line in registry.c. */
#pragma once

#include "api/endpoint.h"

extern const struct dialect_api dvs_api, mobimatter_api, payvessel_api, s2s_api, mobip_api;

/* The i-th dialect; NULL past the end. */
const struct dialect_api *dialect_at(size_t i);

/* The body of a callback in the order's dialect, in the arena; absent, and logged, if it cannot be made. `keys`: the
 * struct keys that open what is sealed. */
struct str api_callback_body(void *keys, enum dialect dialect, const struct order_view *view, struct arena *a);

/* Headers of the order's dialect for one try of a callback; how many. `keys` as above. */
size_t api_callback_headers(void *keys, const struct callback_get *callback, struct arena *a,
			    struct callback_header ret[CALLBACK_HEADERS]);
/* How a payment's callback is called. `keys` as above. */
void api_payment_callback(void *keys, const struct callback_get *callback, struct arena *a,
			  struct payment_callback *ret);
/* The waits between tries of the dialect, ending with 0; NULL = as always. */
const int64_t *api_callback_waits(enum dialect dialect);

/* Appends a purchase for every dialect that the partner has a credential for. `partner`: a member of "partners" in the
 * secrets of a demo. */
void api_print_samples(struct buf *b, const struct json_token *partner, const char *base_url);
