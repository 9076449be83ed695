/* http/inner.h: requests that came many in one, and are handled like any other.
 *
 * An inner exchange has no connection: whoever took the one apart makes it, fills in what a request has (method to id,
 * in bytes that outlive it) and hands it to a handler. It is answered, or parked and answered later, as any exchange
 * is; its answer goes to `on_reply`. All of this on the loop thread. */
#pragma once

#include "http/server.h"

typedef void (*http_inner_reply)(void *arg, struct http_exchange *x);

struct http_exchange *http_inner_new(struct http_server *s, http_inner_reply on_reply, void *arg);
/* Nobody waits for it any more: if it is parked its on_ready is called with x->gone set. Only while the server ends:
 * whoever was to bring it back does not run any more. */
void http_inner_give_up(struct http_exchange *x);
/* Once it is answered, or was never handled. */
void http_inner_free(struct http_exchange *x);

/* The headers of the answer, which are the exchange's; *ret_count of them. */
const struct http_header *http_inner_headers(struct http_exchange *x, size_t *ret_count);
