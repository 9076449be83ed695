/* service/token.h: access tokens: what an API gives for a secret, so that the secret need not travel with each call.
 *
 * A token names its credential, when it was issued and how long it may live, under a keyed hash: nobody else makes one,
 * and it is good on every node without being stored. Two clocks end it, whichever is first (mobip.md 4): its absolute
 * life, and TOKEN_IDLE_SECONDS without use. What was used when is in this node's memory; a token that this node has not
 * seen before (a restart, another node) counts as used now. All times are business time. Thread-safe. */
#pragma once

#include "base/crypto.h"

enum { TOKEN_IDLE_SECONDS = 3600, TOKENS_MOST = 1000000 };

struct token_book;

struct token_book *token_book_new(void);
void token_book_free(struct token_book *b); /* NULL is fine */

/* In the arena: lowercase hex digits. ERR_BUSY when TOKENS_MOST are alive. */
MUST_USE enum err token_issue(struct token_book *b, const struct keys *keys, struct arena *a, int64_t credential_id,
			      int64_t now_us, int64_t life_us, struct str *ret);
/* Whose it is; it counts as used. ERR_UNAUTHORIZED for one that we did not make, and for one that is over. */
MUST_USE enum err token_use(struct token_book *b, const struct keys *keys, struct str token, int64_t now_us,
			    int64_t *ret_credential_id);
