/* api/relay_message.h: what nodes send one another: several requests in one, and their answers, in the same order.
 *
 * Each message is a row of items, an item its size and then its fields; numbers are big-endian, texts have their length
 * before them and a NUL behind. A message is sealed whole, with a key that only nodes with the store's master key can
 * make; what is not exactly what was sealed is not looked into. */
#pragma once

#include "base/crypto.h"
#include "http/server.h"

#define RELAY_PATH "/relay"
#define RELAY_SEAL_HEADER "Bodega-Relay"

/* The value of the seal's header for a message that leaves now. */
void relay_seal(const struct keys *keys, int64_t wall_us, struct str message, struct buf *ret_value);
/* Whether the request carries a message that another node has sealed, just now. */
bool relay_is_sealed(const struct keys *keys, int64_t wall_us, const struct http_exchange *x);

/* One more item: the request as it came, without what is about its connection; the answer that it got. */
void relay_put_request(struct buf *message, const struct http_exchange *x);
void relay_put_answer(struct buf *message, struct http_exchange *inner);

/* Cuts the next item off the message; absent at its end. *io_bad is set when what is there is none. */
struct str relay_next_item(struct str *message, bool *io_bad);
/* Fills in x, which is fresh; the texts stay in the item. False: it is no request. */
bool relay_read_request(struct str item, struct http_exchange *x);
int relay_answer_status(struct str item); /* 0: it is no answer */
/* Status, headers and body, into an exchange that has none yet. False: it is no answer, and x is as it was. */
bool relay_read_answer(struct str item, struct http_exchange *x);
