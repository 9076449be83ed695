/* api/mobip/invoice.h: our own invoices to a merchant: what we have kept of its payments (mobip.md 10). */
#pragma once

#include "api/mobip/answer.h"

/* get_invoice_list: struct payment_invoices. */
MUST_USE enum err mobip_invoices_parse(struct request *rq);
void mobip_invoices_render(struct request *rq, struct json_writer *w);
/* get_invoice: struct payment_invoice_get. */
MUST_USE enum err mobip_invoice_parse(struct request *rq);
void mobip_invoice_render(struct request *rq, struct json_writer *w);
