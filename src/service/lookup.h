/* service/lookup.h: look-ups at a supplier, as verbs: a bill by its account, what a customer has left, whether a
 * profile is in use.
 *
 * They touch no row: the readers run them, so that the loop thread never waits for a supplier. The rules (is the
 * product for sale here, does it support the question) are here, the knowledge behind core/lookup.h. */
#pragma once

#include "core/lookup.h"
#include "service/task.h"

/* One command for the three; `list` is the partner's price list in the task's catalogue. */
struct lookup_ask {
	const struct lookup *lookup; /* NULL: ERR_METHOD_NOT_SUPPORTED */
	int list;
	int64_t product_id; /* statements */
	int64_t service_id; /* the other two */
	struct str mobile_number, account_number, account_qualifier;
	int64_t now_us;
	/* found */
	struct statement *statements;
	struct party_benefit *benefits;
	size_t count;
	struct party_status status;
};

/* ERR_PRODUCT_NOT_FOUND, ERR_METHOD_NOT_SUPPORTED, ERR_BAD_REQUEST (a field that the product requires is missing:
 * `detail` names it), then what the supplier says. */
extern const struct verb verb_lookup_statements;
/* ERR_SERVICE_NOT_FOUND, ERR_METHOD_NOT_SUPPORTED, then what the supplier says. */
extern const struct verb verb_lookup_benefits;
extern const struct verb verb_lookup_status;
