/* api/relay.h: requests that this node hands on to the one that owns the partner (service/shard.h).
 *
 * What gathers while earlier ones are on their way travels together, as what waits for a commit does: one message to
 * the owner's own listener, one answer with all answers (relay_message.h). There each is authenticated, decided and
 * answered like any other, and never handed on again. One whose answer may be held travels alone, so that nobody waits
 * for it.
 *
 * Owning is for speed: what certainly did not reach the owner is done here. What may have reached it is never done a
 * second time; the caller is told to come back and finds out then, as after any lost answer. So is the caller whose
 * answer a node holds that does not live any more: its lease is over, and its jobs are others'.
 *
 * A node that did not answer in time, or answered 503, is left alone until its row shows that it has written since.
 * Belongs to one HTTP loop thread, like the struct api that has it. */
#pragma once

#include "http/server.h"
#include "service/engine.h"

struct relay;
struct relayed; /* one request on its way; lives in its exchange's arena */

/* NULL if the client's thread does not start. Asks the server for its turns (http_server_each_turn). */
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

/* What became of the requests handed on, and in how many messages, as metrics. Thread-safe; NULL: zeros. */
void relay_write_metrics(const struct relay *r, struct buf *b);
