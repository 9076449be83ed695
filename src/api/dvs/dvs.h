/* api/dvs/dvs.h: the DVS API, version 1 (docs/api/dvs.md): what the rest of the server sees of it. */
#pragma once

#include "api/endpoint.h"
#include "service/order.h"

/* The body of a callback: the transaction exactly as GET by id gives it, in the arena. ERR_SEALED when a delivery
 * cannot be opened, ERR_STORE_FAILED when the product is not known any more. */
MUST_USE enum err dvs_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view,
				    struct str *ret);
