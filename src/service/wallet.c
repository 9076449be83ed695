#include "service/wallet.h"

#include "service/order_unit.h"
#include "service/reader.h"
#include "store/orders.h"

static void open_need(struct unit *u, const struct task *t)
{
	const struct wallet_open *w = t->command;

	unit_need_partner(u, w->partner_id);
	unit_need(u, NOUN_ACCOUNT, account_wallet(w->partner_id, w->cur));
}

static struct str wallet_subject(struct unit *u, int64_t partner_id, struct currency cur)
{
	return arena_printf(&u->arena, "wallet %lld %.*s", (long long)partner_id, STR_ARG(currency_code(cur)));
}

static enum err open_decide(struct unit *u, struct wallet_open *w)
{
	struct partner_row partner;
	int64_t id = account_wallet(w->partner_id, w->cur);
	enum err e = partner_get(u->db, &u->arena, w->partner_id, &partner);

	if (e)
		return e;
	if (w->overdraft < 0 || w->overdraft > MONEY_ACCOUNT_MAX)
		return ERR_BAD_REQUEST;
	struct account *account = unit_find(u, NOUN_ACCOUNT, id);
	if (!account)
		account = unit_add(u, NOUN_ACCOUNT, &(struct account){ .id = id });
	account->overdraft = w->overdraft;
	unit_touch(u, account);
	unit_counter(u, w->partner_id);
	w->account = *account;
	return OK;
}

static enum err open_act(struct unit *u, struct task *t)
{
	struct wallet_open *w = t->command;
	enum err e = open_decide(u, w);

	return audited(u, &w->by, "wallet.open", wallet_subject(u, w->partner_id, w->cur),
		       arena_printf(&u->arena, "overdraft_micros %lld", (long long)w->overdraft), e);
}

/* Partner ids are numbers, so no order's key begins like this. */
static struct str post_key(struct arena *a, const struct wallet_post *w)
{
	return arena_printf(a, "wallet:%lld:%.*s", (long long)w->partner_id, STR_ARG(w->reference));
}

static int64_t post_hash(const struct wallet_post *w)
{
	return w->amount * 31 + w->cur.number * 7 + (int64_t)w->kind;
}

static int64_t post_contra(const struct unit *u, const struct wallet_post *w)
{
	return account_id((struct account_parts){ .cur = w->cur,
						  .kind = w->kind == LEDGER_TOP_UP ? ACCOUNT_CASH : ACCOUNT_ADJUSTMENT,
						  .node = u->ids->slot });
}

static void post_need(struct unit *u, const struct task *t)
{
	const struct wallet_post *w = t->command;

	unit_need_partner(u, w->partner_id);
	unit_need(u, NOUN_ACCOUNT, account_wallet(w->partner_id, w->cur));
	unit_need(u, NOUN_ACCOUNT, post_contra(u, w));
	if (w->reference.p)
		unit_need_text(u, NOUN_IDEMPOTENCY, 0, post_key(t->arena, w));
}

/* Checks, and says what is to be moved. */
static enum err post_check(struct unit *u, const struct wallet_post *w, struct transfer *ret)
{
	struct account *wallet = unit_find(u, NOUN_ACCOUNT, account_wallet(w->partner_id, w->cur));
	bool out = w->amount < 0;

	if (!wallet)
		return ERR_BALANCE_NOT_FOUND;
	if (w->amount == 0 || w->amount < -MONEY_ACCOUNT_MAX || (out && w->kind == LEDGER_TOP_UP))
		return ERR_BAD_REQUEST;
	struct account *contra = unit_account(u, post_contra(u, w));
	*ret = (struct transfer){ .kind = w->kind,
				  .debit = out ? wallet : contra,
				  .credit = out ? contra : wallet,
				  .amount = out ? -w->amount : w->amount };
	return ledger_can_post(ret);
}

static enum err post_decide(struct unit *u, struct task *t)
{
	struct wallet_post *w = t->command;
	const int64_t day_us = INT64_C(86400000000);
	struct idempotency *known =
		w->reference.p ? unit_find_text(u, NOUN_IDEMPOTENCY, 0, post_key(t->arena, w)) : NULL;
	struct transfer transfer;
	int64_t posting = 0;

	w->replayed = known && u->now_us - known->created_at < day_us;
	if (w->replayed && known->request_hash != post_hash(w)) {
		t->detail = STR("the reference was used with another amount");
		return ERR_CONFLICT;
	}
	if (w->replayed) {
		w->account = *(struct account *)unit_find(u, NOUN_ACCOUNT, account_wallet(w->partner_id, w->cur));
		return OK;
	}
	enum err e = post_check(u, w, &transfer);
	if (e)
		return e;

	/* From here nothing can fail. The posting belongs to no order, only to the partner. */
	unit_post(u, w->partner_id, 0, &transfer, &posting);
	if (w->reference.p) {
		struct idempotency row = { post_key(t->arena, w), post_hash(w), posting, u->now_us };

		if (known) {
			*known = row;
			unit_touch(u, known);
		} else {
			unit_add(u, NOUN_IDEMPOTENCY, &row);
		}
	}
	w->account = *(transfer.kind == LEDGER_TOP_UP || w->amount > 0 ? transfer.credit : transfer.debit);
	return OK;
}

static enum err post_act(struct unit *u, struct task *t)
{
	const struct wallet_post *w = t->command;
	enum err e = post_decide(u, t);
	struct str detail = arena_printf(&u->arena, "amount_micros %lld; %.*s", (long long)w->amount, STR_ARG(w->note));

	return audited(u, &w->by, w->kind == LEDGER_TOP_UP ? "wallet.top-up" : "wallet.adjust",
		       wallet_subject(u, w->partner_id, w->cur), detail, e);
}

static enum err movement_seen(void *arg, void *row)
{
	struct wallet_statement *s = arg;

	s->rows[s->count++] = *(const struct ledger_row *)row;
	return OK;
}

/* Drops the one too many and puts the newest first. */
static void statement_trim(struct wallet_statement *s)
{
	bool more = s->count > (size_t)s->most;

	s->count -= more;
	s->more_newer = s->after_seq ? more : s->before_seq != 0;
	s->more_older = s->after_seq ? true : more;
	for (size_t i = 0; s->after_seq && i < s->count / 2; i++) {
		struct ledger_row other = s->rows[i];

		s->rows[i] = s->rows[s->count - 1 - i];
		s->rows[s->count - 1 - i] = other;
	}
}

static enum err statement_read(struct reader *r, struct task *t)
{
	struct wallet_statement *s = t->command;
	struct unit *u = &r->unit;
	int64_t wallet = account_wallet(s->partner_id, s->cur);

	unit_need(u, NOUN_ACCOUNT, wallet);
	enum err e = unit_load(u);
	if (e)
		return e;
	const struct account *account = unit_find(u, NOUN_ACCOUNT, wallet);
	if (!account)
		return ERR_BALANCE_NOT_FOUND;
	s->account = *account;
	s->rows = ARENA_ARRAY(t->arena, struct ledger_row, (size_t)s->most + 1);
	s->count = 0;
	/* One more than asked for tells whether there are more. */
	e = s->after_seq ? wallet_movements_after(r->db, t->arena, wallet, s->after_seq, s->most + 1, movement_seen, s)
			 : wallet_movements(r->db, t->arena, wallet, s->before_seq, s->most + 1, movement_seen, s);
	statement_trim(s);
	return e;
}

const struct verb verb_wallet_open = { .name = "wallet.open", .need = open_need, .act = open_act };
const struct verb verb_wallet_post = { .name = "wallet.post", .need = post_need, .act = post_act };
const struct verb verb_wallet_statement = { .name = "wallet.statement", .read = statement_read };
