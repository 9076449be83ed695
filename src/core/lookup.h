/* core/lookup.h: the seam to whoever knows about a customer before anything is sold: bills, plans, profiles.
 *
 * One const struct of functions, like every seam; the sandbox has one (supplier/sandbox/lookup.c) and a supplier's
 * driver may have its own. Results live in the given arena. Called on a reader thread: an implementation that asks a
 * supplier bounds its own time to LIMIT_READ_SECONDS. A function may be NULL: nobody can answer that question. */
#pragma once

#include "core/catalog.h"

struct lookup_query {
	const struct service *service;				     /* what is asked about */
	const struct product *product;				     /* statements only */
	struct str mobile_number, account_number, account_qualifier; /* absent = not given */
	int64_t now_us;
};

/* A bill that waits to be paid. */
struct statement {
	struct str reference;
	int64_t due_us, statement_us; /* midnights UTC */
	struct money balance;
};

/* What a customer has left of a plan. */
struct party_benefit {
	enum benefit_type type;
	enum unit_type unit_type;
	struct str unit;
	int64_t micros;		       /* of the unit; -1000000 = unlimited */
	int64_t expires_us;	       /* 0 = never */
	const struct country *country; /* where it can be used */
};

/* What was bought for an eSIM, and what is left of it. */
struct esim_package {
	const struct product *product;
	int64_t bytes, minutes;	     /* allowance; bytes -1 = unlimited, 0 = none */
	int64_t hours;		     /* of validity; 0 = without end */
	int64_t bought_us, order_id; /* and with which order */
	/* told by whoever knows */
	int64_t activated_us, expires_us; /* 0 = not yet */
	int64_t used_bytes, used_minutes;
};

/* How a profile stands with the SM-DP+. */
enum esim_smdp { SMDP_RELEASED, SMDP_INSTALLED, SMDP_ENABLED };

struct esim_usage {
	struct esim_package *packages; /* in the order of buying; what is asked about, then what is told */
	size_t package_count;
	bool is_told; /* false: nobody told, so what follows, and what the packages have used, is not known */
	enum esim_smdp smdp;
	int64_t installed_us, seen_us;	/* 0 = not yet */
	struct str eid;			/* of the phone; absent = none yet */
	const struct country *location; /* where it was last seen; NULL = nowhere yet */
};

struct party_status {
	int64_t installed_us, activated_us; /* 0 = not yet */
};

/* All answer ERR_CREDIT_PARTY_INVALID for a customer that cannot be, ERR_METHOD_NOT_SUPPORTED when the service has no
 * such question, ERR_TIMEOUT and ERR_STORE_UNAVAILABLE when the supplier does not answer. */
struct lookup {
	const char *name;
	enum err (*statements)(void *arg, struct arena *a, const struct lookup_query *query, struct statement **ret,
			       size_t *ret_count);
	enum err (*benefits)(void *arg, struct arena *a, const struct lookup_query *query, struct party_benefit **ret,
			     size_t *ret_count);
	enum err (*status)(void *arg, struct arena *a, const struct lookup_query *query, struct party_status *ret);
	/* Fills what `usage` lacks, but is_told. `delivered_us`: since when the profile could be installed. */
	enum err (*esim)(void *arg, struct arena *a, struct str iccid, int64_t delivered_us, int64_t now_us,
			 struct esim_usage *usage);
	void *arg;
};
