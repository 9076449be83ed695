/* service/account.h: a merchant's account with the documents that we have for it.
 *
 * Nobody hands documents in over an API, so what there is are those that we have written ourselves: its invoices, each
 * under its id. */
#pragma once

#include "service/merchant.h"

enum { ACCOUNT_DOCUMENTS_MOST = 16 };

struct account_document {
	struct str name, file_name, mime_type, content;
};

/* By partner or external id, as struct merchant_get says. ERR_ACCOUNT_NOT_FOUND, also for an account that is not the
 * caller's or a sub-account of his; ERR_DOCUMENT_NOT_FOUND, said in the task's detail. */
struct account_get {
	struct merchant_get get;
	int64_t caller_id; /* whose account or sub-account it must be; 0 = an operator asks */
	struct str names[ACCOUNT_DOCUMENTS_MOST];
	size_t count;
	int language;	      /* of the documents: enum payment_language; 0 = the account's */
	const char *base_url; /* of this server: who writes them */
	/* found; in the task's arena */
	struct account_document documents[ACCOUNT_DOCUMENTS_MOST];
};
extern const struct verb verb_account_get;
