#include "service/account.h"

#include "service/payment_invoice.h"
#include "service/reader.h"

/* What a merchant may see: its own account and its sub-accounts (mobip.md 9). */
static bool is_seen(const struct reader *r, int64_t caller_id, int64_t partner_id)
{
	const struct partner *p = directory_partner(r->unit.directory, partner_id);

	return !caller_id || partner_id == caller_id || (p && p->parent_id == caller_id);
}

static enum err find_account(struct reader *r, struct task *t)
{
	struct account_get *g = t->command;

	verb_merchant_get.need(&r->unit, t);
	enum err e = unit_load(&r->unit);
	if (!e)
		e = verb_merchant_get.act(&r->unit, t); /* the command begins with its own */
	if (e)
		return e;
	return is_seen(r, g->caller_id, g->get.merchant.partner_id) ? OK : ERR_ACCOUNT_NOT_FOUND;
}

static enum err find_document(struct reader *r, struct task *t, struct str name, struct account_document *ret)
{
	const struct account_get *g = t->command;
	struct payment_invoice_get invoice = {
		.partner_id = g->get.merchant.partner_id, .id = name, .language = g->language, .base_url = g->base_url
	};
	enum err e = payment_invoice_find(r, t->arena, &invoice);

	if (e == ERR_INVOICE_NOT_FOUND) {
		t->detail = arena_printf(t->arena, "Document not found: %.*s", STR_ARG(name));
		return ERR_DOCUMENT_NOT_FOUND;
	}
	*ret = (struct account_document){ .name = name,
					  .file_name = arena_printf(t->arena, "%.*s.pdf", STR_ARG(name)),
					  .mime_type = STR("application/pdf"),
					  .content = invoice.pdf };
	return e;
}

static enum err account_read(struct reader *r, struct task *t)
{
	struct account_get *g = t->command;
	enum err e = find_account(r, t);

	for (size_t i = 0; i < g->count && !e; i++)
		e = find_document(r, t, g->names[i], &g->documents[i]);
	return e;
}

const struct verb verb_account_get = { .name = "account.get", .read = account_read };
