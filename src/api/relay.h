/* api/relay.h: requests that this node hands on to the one that owns the partner (service/shard.h).
 *
 * What is handed on goes as it came, over kept-alive connections to the owner's own listener, with a seal that only
 * nodes with the store's master key can make; there it is authenticated, decided and answered like any other, and never
 * handed on again. Owning is for speed: what certainly did not reach the owner is done here. What may have reached it
 * is never done a second time; the caller is told to come back and finds out then, as after any lost answer.
 *
 * A node that did not answer in time, or answered 503, is left alone until its row shows that it has written since.
 * Belongs to one HTTP loop thread, like the struct api that has it. */
#pragma once

#include "http/server.h"
#include "service/engine.h"

struct relay;
struct relayed; /* one request on its way; lives in its exchange's arena */

/* NULL if the client's thread does not start. */
struct relay *relay_new(struct engine *engine, struct http_server *server);
/* Ends what is under way, as unknown; before http_server_free. NULL is fine. */
void relay_free(struct relay *r);

/* Hands the exchange on if another node owns the partner and can be asked: then it is parked and `on_ready` is called
 * on the loop thread. NULL: it is to be done here. `held_seconds`: how long the owner may hold its answer. */
struct relayed *relay_start(struct relay *r, struct http_exchange *x, int64_t partner_id, int held_seconds,
			    http_handler on_ready, void *arg);

enum relay_result {
	RELAY_ANSWERED,	 /* status, headers and body of x are the owner's */
	RELAY_NOT_TAKEN, /* it certainly did nothing: do it here */
	RELAY_UNKNOWN,	 /* nobody knows whether it did */
};
/* In on_ready, once. */
enum relay_result relay_finish(struct relay *r, struct http_exchange *x, struct relayed *relayed);

/* On the listener of other nodes: whether another node has sealed exactly this request, just now. */
bool relay_is_sealed(struct engine *engine, const struct http_exchange *x);
/* The status with which a node says that it has not taken a request; none of the dialects uses it. */
enum { RELAY_REFUSED = 421 };

/* What became of the requests handed on, as metrics. Thread-safe; NULL: zeros. */
void relay_write_metrics(const struct relay *r, struct buf *b);
