/* api/edge.h: from a whole HTTP request to its answer, for every dialect: route, authenticate, limit, parse, submit,
 * wait, render.
 *
 * One `struct api` serves one HTTP loop thread, which owns it: caches and rate limits need no locks. A request that
 * goes to the committer or a reader is parked and no thread waits; `task.done` gives it back to the loop, which
 * renders. Snapshots are held from authentication until the answer is rendered, also when the client has gone. */
#pragma once

#include "api/endpoint.h"

struct engine;

struct api_options {
	struct engine *engine;
	struct http_server *server;  /* whose loop calls api_handle */
	const struct lookup *lookup; /* NULL: no look-ups at suppliers */
	struct api_settings settings;
	bool relays; /* requests of partners that another node owns are handed on to it (api/relay.h) */
};

/* Free it after the engine has stopped and the server was freed: until then a parked request may come back. */
struct api *api_new(const struct api_options *options);
void api_free(struct api *api); /* NULL is fine */
/* Ends what is on its way to other nodes; after the loop, before the server is freed. NULL is fine. */
void api_stop(struct api *api);

/* The http_handler and http_refuser of a listener; `arg` is the struct api. */
void api_handle(void *arg, struct http_exchange *x);
void api_refuse(void *arg, struct http_exchange *x, enum err e);
/* The body_limit of a listener: what the call that the head names takes. `arg` is the struct api. */
size_t api_body_limit(void *arg, const struct http_exchange *x);
/* The http_handler of the listener of other nodes: only what one of them has sealed, and only partners' requests. */
void api_handle_relayed(void *arg, struct http_exchange *x);

/* What has become of the requests handed on; the more_metrics of the operators' API. `arg` is the struct api. */
void api_write_metrics(void *arg, struct buf *b);
