/* service/directory.h: partners and their credentials, as one immutable snapshot in memory.
 *
 * Every request is authenticated against it, without the database. A change of a partner or credential commits first,
 * then a new snapshot is loaded; on other nodes when they hear of it, within two seconds at most. */
#pragma once

#include "base/crypto.h"
#include "base/zone.h"
#include "core/order.h"

struct partner {
	int64_t id;
	struct str name, email;
	struct currency home;
	struct str locale; /* default language, "en" */
	bool sandbox;	   /* its orders take sandbox routes only */
	bool active;
	struct str price_list;	       /* its name */
	int64_t rate_limit;	       /* requests a second for each credential; 0 = none */
	struct str webhook_url;	       /* absent = none */
	struct str webhook_secret;     /* sealed */
	struct str webhook_secret_old; /* sealed: the one before, which signs too until then */
	int64_t webhook_secret_until;  /* business us */
	struct str phone, country;     /* ISO 3166-1 alpha-2; absent = not known */
	int64_t created_at;	       /* business us */
	const struct zone *zone;       /* where its days begin; NULL = it has not said */
	int64_t parent_id;	       /* whose sub-account it is; 0 = nobody's */
};

/* Bits. LIMITED: without the calls for which its API asks for elevated access. */
enum { SCOPE_SELL = 1, SCOPE_ADMIN = 2, SCOPE_LIMITED = 4 };

struct credential {
	int64_t id, partner_id;
	enum dialect dialect;
	struct str public_id;		  /* DVS: the key; what the secret belongs to */
	unsigned char secret[HASH_BYTES]; /* keyed hash */
	unsigned scopes;
	int64_t valid_from, valid_to; /* business us; valid_to 0 = for ever */
	const struct partner *partner;
	struct str sealed; /* the secret that signs, of dialects that sign; else absent */
};

struct directory;

void directory_hold(const struct directory *d);	   /* thread-safe */
void directory_release(const struct directory *d); /* thread-safe; NULL is fine */

/* The label that a partner's webhook secret is sealed under. */
struct str partner_secret_label(struct arena *a, int64_t partner_id);

/* The label that a signing secret is sealed under. */
struct str credential_secret_label(struct arena *a, int64_t credential_id);
/* How a public id is kept and found: of a dialect whose public id is all that a caller sends, as a keyed hash. */
struct str credential_stored_id(struct arena *a, const struct keys *keys, enum dialect dialect, struct str public_id);
/* Whether the dialect's secret signs and is never sent. */
bool dialect_signs(enum dialect dialect);
/* Whether its secret is kept, sealed, because callbacks are signed with it. */
bool dialect_seals(enum dialect dialect);

/* Reads all partners and credentials within the open transaction of `db`. ERR_STORE_*. */
struct db;
MUST_USE enum err directory_load(struct db *db, const struct directory **ret);

const struct partner *directory_partner(const struct directory *d, int64_t id);
/* The one with the next higher id; NULL after the last. */
const struct partner *directory_next(const struct directory *d, int64_t id);

/* Whose public id that is, in a dialect whose public ids are kept as they are: 0 if nobody's. */
int64_t directory_partner_of(const struct directory *d, enum dialect dialect, struct str public_id);

/* The credential of that id, valid at `now_us`: ERR_UNAUTHORIZED otherwise. The partner may be inactive. */
MUST_USE enum err directory_credential(const struct directory *d, int64_t id, int64_t now_us,
				       const struct credential **ret);

/* The partner's live credentials of a dialect, newest first, at most `most`; how many. */
size_t directory_credentials(const struct directory *d, int64_t partner_id, enum dialect dialect, int64_t now_us,
			     const struct credential **ret, size_t most);

/* The credential whose public id and secret these are, valid at `now_us`: ERR_UNAUTHORIZED for all else, in the same
 * time whether the id is known or not. The partner may be inactive: the caller looks. */
MUST_USE enum err directory_authenticate(const struct directory *d, const struct keys *keys, enum dialect dialect,
					 struct str public_id, struct str secret, int64_t now_us,
					 const struct credential **ret);
