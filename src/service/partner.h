/* service/partner.h: partners, their credentials, and the operators: made, shown, changed, ended.
 *
 * Secrets are given in clear once, when they are issued, and kept as keyed hashes. Of one dialect two credentials of a
 * partner may be live at once (rotation). A change commits first, then the directory is read anew. */
#pragma once

#include "service/audit.h"
#include "service/task.h"

/* What create sets and change may set; bits of partner_fields.set. */
enum partner_field_bit {
	PARTNER_NAME = 1,
	PARTNER_EMAIL = 2,
	PARTNER_CURRENCY = 4,
	PARTNER_LOCALE = 8,
	PARTNER_SANDBOX = 16,
	PARTNER_ACTIVE = 32,
	PARTNER_PRICE_LIST = 64,
	PARTNER_RATE_LIMIT = 128,
	PARTNER_WEBHOOK_URL = 256,
	PARTNER_WEBHOOK_SECRET = 512,
	PARTNER_PHONE = 1024,
	PARTNER_COUNTRY = 2048,
	PARTNER_PARENT = 4096,
};

struct partner_fields {
	unsigned set;
	struct str name, email;
	struct currency home;
	struct str locale, price_list;
	bool sandbox, active;
	int64_t rate_limit;
	struct str webhook_url;	   /* empty: none any more */
	struct str webhook_secret; /* plain; sealed by the verb */
	struct str phone, country; /* the caller has looked: phone_number_is_ok(), ISO 3166-1 alpha-2; empty: none */
	int64_t parent_id;	   /* whose sub-account it becomes; 0 = nobody's */
};

/* ERR_BAD_REQUEST without a name or currency, and for a parent that cannot be one: sub-accounts are one level deep.
 * ERR_STORE_*. What is not set: locale en, price list standard, active, no limit. */
struct partner_create {
	struct by by;
	struct partner_fields fields;
	int64_t id; /* found */
};
/* ERR_NOT_FOUND; ERR_BAD_REQUEST for such a parent. */
struct partner_change {
	struct by by;
	int64_t id;
	struct partner_fields fields;
};
struct partner_list {
	int64_t id; /* 0 = all */
	/* found */
	struct partner_row *rows;
	size_t count;
};

enum { PARTNERS_SHOWN_MAX = 10000 };

/* Fills public_id and secret where they are absent, in the dialect's form. */
struct credential_issue {
	struct by by;
	int64_t partner_id;
	enum dialect dialect;
	struct str public_id, secret;
	unsigned scopes;  /* SCOPE_*; 0 = SCOPE_SELL */
	int64_t valid_to; /* business us; 0 = for ever */
	int64_t id;	  /* found */
};
void credential_invent(struct arena *a, struct credential_issue *c);

/* ERR_NOT_FOUND (partner), ERR_CONFLICT when two are live already, or the public id is another partner's. */
extern const struct verb verb_credential_issue; /* struct credential_issue */

/* A fresh credential of the same partner and dialect beside an old one, which ends after the overlap (0: now). Where
 * the dialect's key names the partner for ever (a merchant's id), it stays and the secret alone is fresh.
 * ERR_NOT_FOUND; ERR_CONFLICT when the old one has ended, or another is live beside it already. */
struct credential_rotate {
	struct by by;
	int64_t id, overlap_us;
	struct str fresh_id, fresh_secret; /* random, made by credential_rotate_invent() */
	/* found */
	int64_t new_id, partner_id, ends_at_us;
	enum dialect dialect;
	struct str public_id, secret;
};
void credential_rotate_invent(struct arena *a, struct credential_rotate *c);
extern const struct verb verb_credential_rotate;

/* Ends a credential at `at_us`, or now. ERR_NOT_FOUND. */
struct credential_end {
	struct by by;
	int64_t id, at_us;
};
extern const struct verb verb_credential_end;

struct credential_list {
	int64_t partner_id; /* 0 = all */
	/* found; secret_hash is absent */
	struct credential_row *rows;
	size_t count;
};
extern const struct verb verb_credential_list;

extern const struct verb verb_partner_create, verb_partner_change, verb_partner_list;

struct operator_create {
	struct by by;
	struct str email;
	struct str password_hash; /* crypto_password_hash(): too slow for the committer */
	struct str token;	  /* plain */
	int64_t id;		  /* found */
};
struct operator_list {
	struct operator_row *rows; /* found */
	size_t count;
};
extern const struct verb verb_operator_create, verb_operator_list;

const char *dialect_name(enum dialect dialect); /* "dvs" */
MUST_USE enum err dialect_parse(struct str name, enum dialect *ret);
