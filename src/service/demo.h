/* service/demo.h: what a demo begins with: a catalogue, three partners, their money and their keys.
 *
 * Every step looks first what is there already, so a start that was cut short is simply finished by the next one. The
 * secrets are a JSON object that the caller keeps in a file of its own: the store has only their hashes. */
#pragma once

#include "base/buf.h"
#include "service/engine.h"

/* The members "partners", "restricted" and "admin" of the demo contract (design: the demo contract), all keys fresh. */
void demo_secrets_invent(struct buf *b);

/* Imports the demo catalogue if the store has no batch yet. For the holder of the folder's lock, before the engine is
 * opened. `progress` (may be NULL) is told lines made and lines in all (0 = not known). ERR_STORE_*. */
MUST_USE enum err demo_catalog_seed(const char *uri, size_t products, void (*progress)(void *arg, size_t done),
				    void *arg);

struct demo_partners {
	struct str secrets;	/* the JSON object of demo_secrets_invent() */
	struct str webhook_url; /* of the main partner; absent = none */
	int64_t rate_limit;	/* requests a second and credential; 0 = none */
};
/* Makes what is missing of partners, wallets, money, credentials and the operator; sets webhook and rate limit as
 * given. Needs a started engine. ERR_BAD_REQUEST when the secrets are not that object, ERR_STORE_*. */
MUST_USE enum err demo_partners_seed(struct engine *e, const struct demo_partners *options);
/* Codes for the sandbox partners, of every sample that is sold from stock and has none yet. ERR_STORE_*. */
MUST_USE enum err demo_stock_seed(struct engine *e);
