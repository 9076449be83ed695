/* The store as it is, read row by row through the column tables, and the books recomputed from it. */
#include "unit/service/fixture.h"

#include "base/buf.h"
#include "core/account.h"
#include "store/payments.h"

#include <stdlib.h>

/* All rows of a table, in the order of a column. */
struct rows {
	char *at;
	size_t n, room, bytes;
};

static enum err row_seen(void *arg, void *row)
{
	struct rows *rows = arg;

	if (rows->n == rows->room) {
		rows->room = rows->room ? rows->room * 2 : 64;
		rows->at = realloc(rows->at, rows->room * rows->bytes);
		must(rows->at);
	}
	memcpy(rows->at + rows->n++ * rows->bytes, row, rows->bytes);
	return OK;
}

/* `end` is what follows FROM table: WHERE, ORDER BY. */
static struct rows read_rows(struct fixture *f, const struct table *table, const char *end)
{
	struct rows rows = { .bytes = table->row_bytes };
	struct buf sql;

	buf_init(&sql, 4096);
	buf_lit(&sql, "SELECT ");
	for (size_t i = 0; i < table->count; i++)
		buf_printf(&sql, "%s%s", i ? "," : "", table->columns[i].name);
	buf_printf(&sql, " FROM %s %s", table->name, end);
	buf_char(&sql, '\0');
	check_ok(db_begin(f->db));
	check_ok(db_query(f->db, sql.p, NULL, 0, table, &f->arena, row_seen, &rows));
	db_rollback(f->db);
	buf_done(&sql);
	return rows;
}

static bool read_one(struct fixture *f, const struct table *table, const char *where, void *ret)
{
	struct rows rows = read_rows(f, table, where);
	bool found = rows.n > 0;

	if (found)
		memcpy(ret, rows.at, rows.bytes);
	free(rows.at);
	return found;
}

#define WHERE(...) arena_printf(&f->arena, __VA_ARGS__).p

struct order order_now(struct fixture *f, int64_t id)
{
	struct order o;

	assert_true(read_one(f, &table_orders, WHERE("WHERE id=%lld", (long long)id), &o));
	return o;
}

struct unit_ unit_now(struct fixture *f, int64_t order_id)
{
	struct unit_ unit;

	assert_true(read_one(f, &table_units, WHERE("WHERE order_id=%lld", (long long)order_id), &unit));
	return unit;
}

struct attempt attempt_now(struct fixture *f, int64_t order_id, int no)
{
	struct attempt a;

	assert_true(read_one(f, &table_attempts, WHERE("WHERE order_id=%lld AND no=%d", (long long)order_id, no), &a));
	return a;
}

struct payment payment_now(struct fixture *f, int64_t id)
{
	struct payment p;

	assert_true(read_one(f, &table_payments, WHERE("WHERE id=%lld", (long long)id), &p));
	return p;
}

struct payment_attempt payment_attempt_now(struct fixture *f, int64_t id, int no)
{
	struct payment_attempt a;

	assert_true(
		read_one(f, &table_payment_attempts, WHERE("WHERE payment_id=%lld AND no=%d", (long long)id, no), &a));
	return a;
}

struct account wallet_now(struct fixture *f, int64_t partner, const char *code)
{
	struct currency c;
	struct account a;

	check_ok(currency_parse(str_of(code), &c));
	assert_true(read_one(f, &table_accounts, WHERE("WHERE id=%lld", (long long)account_wallet(partner, c)), &a));
	return a;
}

bool find_job(struct fixture *f, int64_t order_id, int kind, struct job *ret)
{
	return read_one(f, &table_jobs, WHERE("WHERE order_id=%lld AND kind=%d ORDER BY id", (long long)order_id, kind),
			ret);
}

bool find_task(struct fixture *f, int64_t order_id, struct work_task *ret)
{
	return read_one(f, &table_tasks, WHERE("WHERE order_id=%lld ORDER BY id", (long long)order_id), ret);
}

bool find_callback(struct fixture *f, int64_t order_id, int no, struct callback *ret)
{
	return read_one(f, &table_callbacks, WHERE("WHERE order_id=%lld AND no=%d", (long long)order_id, no), ret);
}

static enum err number_seen(void *arg, void *row)
{
	*(int64_t *)arg = *(int64_t *)row;
	return OK;
}

int64_t count_of(struct fixture *f, const char *sql)
{
	static const struct column columns[] = { { "n", COL_I64, 0, 0 } };
	static const struct table shape = TABLE("n", int64_t, columns, 1, 0);
	int64_t n = -1;

	/* PostgreSQL's sums have another type than what is summed. */
	sql = WHERE("SELECT CAST((%s) AS BIGINT)", sql);
	check_ok(db_begin(f->db));
	check_ok(db_query(f->db, sql, NULL, 0, &shape, &f->arena, number_seen, &n));
	db_rollback(f->db);
	return n;
}

/* One side of an account as the ledger's rows leave it. */
struct side {
	int64_t id, balance;
};

struct sides {
	struct side *all;
	size_t n;
};

static struct side *side_of(struct sides *s, int64_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].id == id)
			return &s->all[i];
	s->all = realloc(s->all, (s->n + 1) * sizeof(*s->all));
	must(s->all);
	s->all[s->n] = (struct side){ .id = id };
	return &s->all[s->n++];
}

/* Every transfer moves two balances by its amount, and says so. */
static void check_ledger(struct fixture *f, struct sides *sides)
{
	struct rows rows = read_rows(f, &table_ledger, "ORDER BY id");
	int64_t seqs[PARTNER_END] = { 0 };

	for (size_t i = 0; i < rows.n; i++) {
		const struct ledger_row *r = (struct ledger_row *)(void *)(rows.at + i * rows.bytes);

		side_of(sides, r->debit)->balance -= r->amount;
		side_of(sides, r->credit)->balance += r->amount;
		assert_true(r->amount > 0);
		assert_int_equal(side_of(sides, r->debit)->balance, r->debit_after);
		assert_int_equal(side_of(sides, r->credit)->balance, r->credit_after);
		assert_true(r->posting <= r->id);
		bool moved = r->wallet_id && (r->debit | 1) != (r->credit | 1);
		assert_int_equal(r->seq > 0, moved);
		if (moved)
			assert_int_equal(r->seq, ++seqs[account_parts(r->wallet_id).partner]);
	}
	free(rows.at);
	for (int64_t id = LIVE; id < PARTNER_END; id++) {
		struct counter c = { .version = 0 };

		read_one(f, &table_counters, WHERE("WHERE partner_id=%lld", (long long)id), &c);
		assert_int_equal(c.movement_seq, seqs[id]);
	}
}

static void check_accounts(struct fixture *f, struct sides *sides)
{
	struct rows rows = read_rows(f, &table_accounts, "ORDER BY id");
	int64_t sums[1000] = { 0 };

	for (size_t i = 0; i < rows.n; i++) {
		const struct account *a = (struct account *)(void *)(rows.at + i * rows.bytes);
		struct account_parts parts = account_parts(a->id);

		assert_true(a->held >= 0);
		assert_int_equal(side_of(sides, a->id)->balance, a->balance - a->held);
		assert_int_equal(side_of(sides, account_hold(a->id))->balance, a->held);
		sums[parts.cur.number] += a->balance;
		if (parts.kind != ACCOUNT_WALLET)
			continue;
		/* What was given back to payers may take it below. */
		int64_t given_back = count_of(f, WHERE("SELECT coalesce(sum(amount),0) FROM ledger WHERE kind=12 AND "
						       "wallet_id=%lld",
						       (long long)a->id));
		assert_true(a->balance - a->held >= -a->overdraft - given_back);
		int64_t open = count_of(f, WHERE("SELECT coalesce(sum(amount+fee),0) FROM orders WHERE "
						 "partner_id=%lld AND currency=%d AND state IN (1,2,3)",
						 (long long)parts.partner, parts.cur.number));
		assert_int_equal(a->held, open);
	}
	free(rows.at);
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		assert_int_equal(sums[i], 0);
}

/* Jobs are what is open: an expiry for each order that may be confirmed, one job for each unit that is being bought,
 * one for each callback that is to be delivered. */
static void check_jobs(struct fixture *f)
{
	static const char *const none[] = {
		"SELECT count(*) FROM orders o WHERE (state=1) <> EXISTS"
		"(SELECT 1 FROM jobs j WHERE j.id=o.id AND j.kind=2 AND j.order_id=o.id)",
		"SELECT count(*) FROM orders o WHERE (SELECT count(*) FROM jobs j WHERE j.order_id=o.id AND j.kind=1) "
		"<> "
		"(SELECT count(*) FROM units u WHERE u.order_id=o.id AND u.state IN (1,2,3))",
		"SELECT count(*) FROM orders o WHERE state IN (2,3) AND NOT EXISTS"
		"(SELECT 1 FROM units u WHERE u.order_id=o.id AND u.state IN (1,2,3))",
		"SELECT count(*) FROM jobs j WHERE kind IN (3,7) AND NOT EXISTS"
		"(SELECT 1 FROM callbacks c WHERE c.id=j.id AND c.order_id=j.order_id AND c.no=j.unit AND c.state=1)",
		"SELECT count(*) FROM callbacks c WHERE state=1 AND NOT EXISTS"
		"(SELECT 1 FROM jobs j WHERE j.id=c.id AND j.kind IN (3,7))",
		"SELECT count(*) FROM jobs j WHERE NOT EXISTS(SELECT 1 FROM orders o WHERE o.id=j.order_id) AND "
		"NOT EXISTS(SELECT 1 FROM payments p WHERE p.id=j.order_id)",
		"SELECT count(*) FROM attempts a WHERE state IN (1,2,3,6) AND (SELECT u.state IN (4,5) OR "
		"u.attempts<>a.no "
		"FROM units u WHERE u.order_id=a.order_id AND u.no=a.unit)",
		/* Events: without a gap, one for each order and commit, the last one tells the present state. */
		"SELECT count(*) FROM counters c WHERE event_seq <> "
		"(SELECT count(*) FROM events e WHERE e.partner_id=c.partner_id)",
		"SELECT count(*) FROM events e JOIN events n ON n.partner_id=e.partner_id AND n.id>e.id AND "
		"n.seq<=e.seq",
		"SELECT count(*) FROM orders o WHERE state <> "
		"(SELECT e.state FROM events e WHERE e.order_id=o.id ORDER BY e.id DESC LIMIT 1)",
	};

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (count_of(f, none[i]) != 0)
			fail_msg("not 0: %s", none[i]);
}

void check_books(struct fixture *f)
{
	struct sides sides = { 0 };

	check_ledger(f, &sides);
	check_accounts(f, &sides);
	check_jobs(f);
	free(sides.all);
	arena_reset(&f->arena);
}
