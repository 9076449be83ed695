/* admin/wallets.c: opening, filling, correcting and reading wallets. */
#include "admin/endpoint.h"

#include "service/order.h"
#include "service/wallet.h"

static enum err wallet_of_path(struct admin_request *rq, int64_t *ret_partner, struct currency *ret_cur)
{
	enum err e = admin_id(rq, 0, ret_partner);

	return e ? e : admin_currency(rq, "currency", rq->captures[1], ret_cur);
}

static void put_account(struct json_writer *w, const struct account *a)
{
	struct account_parts parts = account_parts(a->id);

	json_obj(w, NULL);
	json_int(w, "partner_id", parts.partner);
	json_str(w, "currency", currency_code(parts.cur));
	json_decimal(w, "balance", a->balance);
	json_decimal(w, "held", a->held);
	json_decimal(w, "available", a->balance - a->held);
	json_decimal(w, "overdraft", a->overdraft);
}

struct open_body {
	uint64_t set;
	int64_t overdraft;
};
static const struct field open_fields[] = {
	{ "overdraft", FIELD_DECIMAL, 0, offsetof(struct open_body, overdraft), .min = 0, .max = MONEY_ACCOUNT_MAX },
};
static const struct fields open_table = FIELDS(open_fields, struct open_body, FIELDS_CLOSED);

static enum err open_parse(struct admin_request *rq)
{
	struct wallet_open *c = ARENA_NEW(rq->arena, struct wallet_open);
	struct open_body body;

	c->by = rq->by;
	rq->task.command = c;
	enum err e = wallet_of_path(rq, &c->partner_id, &c->cur);
	if (!e)
		e = admin_body(rq, &open_table, &body);
	if (!e)
		c->overdraft = body.overdraft;
	return e;
}

static enum err open_render(struct admin_request *rq, struct json_writer *w)
{
	put_account(w, &((const struct wallet_open *)rq->task.command)->account);
	json_end(w);
	return OK;
}

struct post_body {
	uint64_t set;
	int64_t amount;
	struct str reference, note;
};
static const struct field post_fields[] = {
	{ "amount", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct post_body, amount) },
	{ "reference", FIELD_STR, FIELD_NONBLANK, offsetof(struct post_body, reference), .min = 1, .max = 100 },
	{ "note", FIELD_STR, 0, offsetof(struct post_body, note), .min = 0, .max = 500 },
};
static const struct fields post_table = FIELDS(post_fields, struct post_body, FIELDS_CLOSED);

static enum err post_parse(struct admin_request *rq, enum ledger_kind kind)
{
	struct wallet_post *c = ARENA_NEW(rq->arena, struct wallet_post);
	struct post_body body;

	rq->task.command = c;
	enum err e = wallet_of_path(rq, &c->partner_id, &c->cur);
	if (!e)
		e = admin_body(rq, &post_table, &body);
	if (e)
		return e;
	*c = (struct wallet_post){ .by = rq->by,
				   .partner_id = c->partner_id,
				   .cur = c->cur,
				   .kind = kind,
				   .amount = body.amount,
				   .reference = body.reference,
				   .note = body.note };
	return OK;
}

static enum err top_up_parse(struct admin_request *rq)
{
	return post_parse(rq, LEDGER_TOP_UP);
}

static enum err adjust_parse(struct admin_request *rq)
{
	return post_parse(rq, LEDGER_ADJUSTMENT);
}

static enum err post_render(struct admin_request *rq, struct json_writer *w)
{
	const struct wallet_post *c = rq->task.command;

	put_account(w, &c->account);
	json_bool(w, "replayed", c->replayed);
	json_end(w);
	return OK;
}

static enum err statement_parse(struct admin_request *rq)
{
	struct wallet_statement *c = ARENA_NEW(rq->arena, struct wallet_statement);

	rq->task.command = c;
	enum err e = wallet_of_path(rq, &c->partner_id, &c->cur);
	if (!e)
		e = admin_number(rq, "before", 1, INT64_MAX, 0, &c->before_seq);
	return e ? e : admin_number(rq, "limit", 1, WALLET_MOVEMENTS_MAX, 100, &c->most);
}

/* What a movement did to the posted balance. */
static int64_t movement_amount(const struct ledger_row *row)
{
	bool into = (row->credit & ~INT64_C(1)) == row->wallet_id;

	return into ? row->amount : -row->amount;
}

static enum err statement_render(struct admin_request *rq, struct json_writer *w)
{
	const struct wallet_statement *c = rq->task.command;

	put_account(w, &c->account);
	json_arr(w, "movements");
	for (size_t i = 0; i < c->count; i++) {
		const struct ledger_row *row = &c->rows[i];

		json_obj(w, NULL);
		json_int(w, "seq", row->seq);
		json_strz(w, "kind", ledger_kind_name((enum ledger_kind)row->kind));
		json_decimal(w, "amount", movement_amount(row));
		if (row->order_id)
			json_int(w, "order_id", row->order_id);
		else
			json_null(w, "order_id");
		json_int(w, "posting", row->posting);
		json_moment(w, "created_at", row->created_at);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	return OK;
}

static enum err balances_parse(struct admin_request *rq)
{
	struct balance_list *c = ARENA_NEW(rq->arena, struct balance_list);

	c->page = 1;
	c->per_page = LIMIT_PAGE_ROWS;
	rq->task.command = c;
	return admin_id(rq, 0, &rq->task.partner_id);
}

static enum err balances_render(struct admin_request *rq, struct json_writer *w)
{
	const struct balance_list *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		put_account(w, &c->accounts[i]);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "GET", "/admin/v1/partners/{id}/wallets", 0, 200, balances_parse, &verb_balance_list, balances_render },
	{ "PUT", "/admin/v1/partners/{id}/wallets/{currency}", 0, 200, open_parse, &verb_wallet_open, open_render },
	{ "GET", "/admin/v1/partners/{id}/wallets/{currency}", 0, 200, statement_parse, &verb_wallet_statement,
	  statement_render },
	{ "POST", "/admin/v1/partners/{id}/wallets/{currency}/top-up", 0, 201, top_up_parse, &verb_wallet_post,
	  post_render },
	{ "POST", "/admin/v1/partners/{id}/wallets/{currency}/adjust", 0, 201, adjust_parse, &verb_wallet_post,
	  post_render },
	/* clang-format on */
};
const struct admin_endpoints admin_wallet_endpoints = { rows, ARRAY_LEN(rows) };
