/* service/audit.h: who did what in admin: one row a call, each hashed together with the one before.
 *
 * A row is written in the transaction of the change it tells of; a call that was refused leaves one too. hash =
 * BLAKE2b(previous || every field with its length), so a row that is edited, removed or put between breaks the chain.
 */
#pragma once

#include "service/unit.h"
#include "store/admin.h"

/* Who asks: "unix:1000", "operator:admin@example.com", "demo". Every command of an admin verb begins with it. */
struct by {
	struct str actor;
};

/* Writes the row of a verb that ends with `result`: that is what it returns, or ERR_STORE_* when the row could not be
 * written: then nothing of the batch is. No secret may stand in `detail`. */
MUST_USE enum err audited(struct unit *u, const struct by *by, const char *action, struct str subject,
			  struct str detail, enum err result);

/* What `row->hash` must be. */
void audit_hash(const struct audit_row *row, unsigned char ret[HASH_BYTES]);
