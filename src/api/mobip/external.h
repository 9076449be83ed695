/* api/mobip/external.h: the invoices that a merchant keeps elsewhere, and what its words for their states mean
 * (mobip.md 11). */
#pragma once

#include "api/mobip/answer.h"
#include "core/external_invoice.h"

/* The InvoicesLists of an import, ordered by their numbers. ERR_INVOICES_WRONG with the place of the first that is not
 * right. */
MUST_USE enum err mobip_invoices_read(struct request *rq, struct str text, struct external_invoice *const **ret,
				      size_t *ret_n);

/* set_external_invoices: struct external_import_run. */
MUST_USE enum err mobip_external_import_parse(struct request *rq);
/* get_external_invoices: struct external_list. */
MUST_USE enum err mobip_external_list_parse(struct request *rq);
void mobip_external_list_render(struct request *rq, struct json_writer *w);
/* set_external_invoice_status: struct external_words_set. */
MUST_USE enum err mobip_words_set_parse(struct request *rq);
/* get_external_invoices_status: struct external_words_get. */
MUST_USE enum err mobip_words_get_parse(struct request *rq);
void mobip_words_get_render(struct request *rq, struct json_writer *w);
