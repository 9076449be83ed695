#include "api/dvs/transaction.h"

#include "api/dvs/pages.h"
#include "core/account.h"

void dvs_transactions_render(struct request *rq, struct json_writer *w)
{
	const struct order_list *c = rq->task.command;
	struct dvs_rendering r = { w, &rq->x->arena, rq->keys, true };

	dvs_page_headers(rq, c->total, c->page, c->per_page);
	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		enum err e = dvs_put_transaction(&r, &c->views[i]);

		if (e) {
			request_add_fault(rq, e, STR_NONE);
			return;
		}
		request_shows(rq, &c->views[i]);
	}
	json_end(w);
}

static void put_balance(struct json_writer *w, const struct account *account)
{
	struct currency cur = account_parts(account->id).cur;

	json_obj(w, NULL);
	/* One balance a currency and account, so the currency's number is as good an id as any, and a small one. */
	json_int(w, "id", cur.number);
	json_strz(w, "unit_type", "CURRENCY");
	json_str(w, "unit", currency_code(cur));
	json_decimal(w, "available", account->balance - account->held);
	json_decimal(w, "holding", account->held);
	json_decimal(w, "credit_limit", account->overdraft);
	json_end(w);
}

void dvs_balances_render(struct request *rq, struct json_writer *w)
{
	const struct balance_list *c = rq->task.command;

	dvs_page_headers(rq, c->total, c->page, c->per_page);
	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++)
		put_balance(w, &c->accounts[i]);
	json_end(w);
}
