#include "api/s2s/account.h"

#include "api/s2s/order.h"
#include "api/s2s/query.h"
#include "base/uuid.h"
#include "service/wallet.h"

enum { HISTORY_PER_PAGE = 50, HISTORY_PER_PAGE_MOST = 100 };

enum err s2s_balance_parse(struct request *rq)
{
	struct balance_list *c = ARENA_NEW(&rq->x->arena, struct balance_list);

	*c = (struct balance_list){ .currency = rq->credential->partner->home.number, .page = 1, .per_page = 1 };
	rq->task.command = c;
	return OK;
}

/* s2s.md 3.2. A partner whose wallet was never opened has nothing. */
static void put_balance(struct request *rq, struct json_writer *w, const char *name)
{
	const struct balance_list *c = rq->task.command;
	struct account none = { 0 };
	const struct account *a = c->count ? &c->accounts[0] : &none;

	json_obj(w, name);
	json_decimal(w, "balance", a->balance);
	json_str(w, "currency", currency_code(rq->credential->partner->home));
	json_decimal(w, "reserved_amount", a->held);
	json_decimal(w, "available_balance", a->balance - a->held + a->overdraft);
	json_bool(w, "allow_overdraft", a->overdraft > 0);
	json_decimal(w, "overdraft_limit", a->overdraft);
	json_bool(w, "is_overdrafted", a->balance < 0);
	json_end(w);
}

void s2s_balance_render(struct request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_bool(w, "success", true);
	put_balance(rq, w, "data");
	json_end(w);
}

void s2s_me_render(struct request *rq, struct json_writer *w)
{
	const struct partner *p = rq->credential->partner;

	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_obj(w, "data");
	json_obj(w, "partner");
	json_str(w, "uuid", uuid_of_id(rq->keys, &rq->x->arena, "partner", p->id));
	json_str(w, "name", p->name);
	json_str(w, "email", p->email);
	json_str(w, "currency", currency_code(p->home));
	json_bool(w, "is_active", p->active);
	put_balance(rq, w, "balance");
	json_end(w);
	json_end(w);
	json_end(w);
}

/* ---- history ---- */

enum err s2s_history_parse(struct request *rq)
{
	struct wallet_statement *c = ARENA_NEW(&rq->x->arena, struct wallet_statement);
	struct s2s_query q = s2s_query(rq);
	struct s2s_cursor cursor;
	int64_t per_page = HISTORY_PER_PAGE;

	rq->task.command = c;
	s2s_query_int(&q, "per_page", 1, HISTORY_PER_PAGE_MOST, &per_page);
	s2s_query_cursor(&q, "seq", true, &cursor);
	*c = (struct wallet_statement){ .partner_id = rq->credential->partner_id,
					.cur = rq->credential->partner->home,
					.most = per_page };
	*(cursor.forward ? &c->before_seq : &c->after_seq) = cursor.id;
	return OK;
}

static const char *type_of(const struct ledger_row *row)
{
	static const char *const types[] = {
		[LEDGER_CAPTURE] = "charge", [LEDGER_REVERSE] = "refund",	 [LEDGER_TOP_UP] = "topup",
		[LEDGER_FEE] = "fee",	     [LEDGER_CHARGEBACK] = "adjustment", [LEDGER_ADJUSTMENT] = "adjustment",
		[LEDGER_PAYMENT] = "topup",  [LEDGER_PAYMENT_FEE] = "fee",	 [LEDGER_REFUND] = "adjustment",
	};

	return (size_t)row->kind < ARRAY_LEN(types) ? types[row->kind] : NULL;
}

static void put_movement(struct request *rq, struct json_writer *w, const struct ledger_row *row)
{
	bool in = row->credit == row->wallet_id;

	json_obj(w, NULL);
	json_strz(w, "type", type_of(row));
	json_decimal(w, "amount", in ? row->amount : -row->amount);
	json_decimal(w, "balance_after", row->posted_after);
	json_str(w, "currency", currency_code(rq->credential->partner->home));
	json_time(w, "created_at", row->created_at, 0, "+00:00");
	json_str(w, "order_id",
		 row->order_id && !ledger_is_of_payment((enum ledger_kind)row->kind)
			 ? s2s_order_uuid(rq->keys, &rq->x->arena, row->order_id)
			 : STR_NONE);
	json_strz(w, "payment_method", row->kind == LEDGER_TOP_UP ? "bank_transfer" : NULL);
	json_int(w, "fee_amount", 0);
	json_null(w, "original_amount");
	json_null(w, "original_currency");
	json_null(w, "exchange_rate");
	json_end(w);
}

static struct s2s_edge edge_of(const struct ledger_row *row)
{
	return (struct s2s_edge){ row->seq, row->created_at };
}

void s2s_history_render(struct request *rq, struct json_writer *w)
{
	const struct wallet_statement *c = rq->task.command;
	struct s2s_meta meta = { .key = "seq", .per_page = c->most };

	if (c->count) {
		meta.first = edge_of(&c->rows[0]);
		meta.last = edge_of(&c->rows[c->count - 1]);
		meta.more_before = c->more_newer;
		meta.more_after = c->more_older;
	}
	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_arr(w, "data");
	for (size_t i = 0; i < c->count; i++)
		put_movement(rq, w, &c->rows[i]);
	json_end(w);
	s2s_put_meta(rq, w, &meta);
	json_end(w);
}
