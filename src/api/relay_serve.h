/* api/relay_serve.h: what other nodes hand on, taken apart, handled, and answered together.
 *
 * Belongs to one HTTP loop thread. */
#pragma once

#include "http/server.h"

struct engine;

/* The status with which a node says that it has not taken a request; none of the dialects uses it. */
enum { RELAY_REFUSED = 421 };
/* Not taken, and it never will be: the node that handed it on does it itself. */
void relay_turn_back(struct http_exchange *x);

/* The body_limit of the listener of other nodes. */
size_t relay_body_limit(void *arg, const struct http_exchange *x);

/* Each request of the message goes to `handle`, which answers it or parks it, as any other; when all are answered the
 * message is. Turned back whole if it is not sealed, or not a message. */
void relay_serve(struct engine *engine, struct http_server *server, struct http_exchange *x, http_handler handle,
		 void *arg);
