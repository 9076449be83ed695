#include "replay.h"

#include "books.h"

enum { SAMPLE_ORDERS = 1000, COLUMNS_MAX = 64 };

/* Everything that an order writes, and by which columns a row belongs to it and is told apart. */
static const struct hot_table {
	const char *name, *order_column, *id_column;
} hot_tables[] = {
	{ "orders", "id", NULL },	  { "parties", "order_id", NULL },   { "units", "order_id", NULL },
	{ "attempts", "order_id", NULL }, { "ledger", "order_id", "id" },    { "jobs", "order_id", "id" },
	{ "events", "order_id", "id" },	  { "callbacks", "order_id", "id" },
};
enum { TABLE_ORDERS = 0, TABLE_LEDGER = 4, TABLE_EVENTS = 6, TABLES = 8 };

/* Microseconds of the years 2023 to 2042: whatever lies there is a moment and moves with the order. Ids and account
 * numbers are far smaller, amounts that large do not occur. */
static const int64_t time_first_us = 1672531200000000, time_last_us = 2272147200000000;

enum role { ROLE_KEEP, ROLE_ORDER_ID, ROLE_OWN_ID, ROLE_TIME, ROLE_KEY, ROLE_DEBIT_AFTER, ROLE_CREDIT_AFTER, ROLE_SEQ };

struct column {
	enum role role;
	sqlite3_value *value;
	int64_t number; /* ROLE_OWN_ID: its rank; ROLE_TIME: the moment in the sample */
};

struct row {
	size_t table;
	size_t column_count;
	struct column *columns;
	bool late;
	struct books_move move; /* of a ledger row */
};

struct sample_order {
	int64_t id, partner_id, created_us;
	struct row *rows;
	size_t row_count, row_cap;
	int64_t own_ids[REPLAY_IDS];
	size_t own_id_count;
};

struct replay {
	sqlite3 *db;
	struct sample_order *orders; /* by id */
	size_t order_count;
	struct books books;
	sqlite3_stmt *inserts[TABLES], *set_account, *set_counter, *begin, *commit;
};

static NORETURN void give_up(sqlite3 *db, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

sqlite3 *replay_db(struct replay *r)
{
	return r->db;
}

sqlite3_stmt *replay_prepare(struct replay *r, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v3(r->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL))
		give_up(r->db, sql);
	return statement;
}

void replay_step(struct replay *r, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		give_up(r->db, sqlite3_sql(statement));
	sqlite3_reset(statement);
}

void replay_exec(struct replay *r, const char *sql)
{
	if (sqlite3_exec(r->db, sql, NULL, NULL, NULL))
		give_up(r->db, sql);
}

int64_t replay_id_at(int64_t wall_us)
{
	static const int64_t epoch_ms = 1735689600000; /* 2025-01-01 */

	return (wall_us / 1000 - epoch_ms) << 12;
}

static int compare_orders(const void *a, const void *b)
{
	const struct sample_order *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static struct sample_order *find_order(const struct replay *r, int64_t id)
{
	struct sample_order wanted = { .id = id };

	return bsearch(&wanted, r->orders, r->order_count, sizeof(*r->orders), compare_orders);
}

static void load_orders(struct replay *r, const struct replay_options *o)
{
	size_t most = o->most_orders ? (size_t)o->most_orders : SAMPLE_ORDERS;
	sqlite3_stmt *all = replay_prepare(r, "SELECT id, partner_id, created_at FROM sample.orders "
					      "WHERE ?1 = 0 OR partner_id = ?1 ORDER BY id DESC LIMIT ?2");

	r->orders = calloc(most, sizeof(*r->orders));
	must(r->orders);
	sqlite3_bind_int64(all, 1, o->partner_id);
	sqlite3_bind_int64(all, 2, (int64_t)most);
	while (sqlite3_step(all) == SQLITE_ROW) {
		struct sample_order *order = &r->orders[r->order_count++];

		order->id = sqlite3_column_int64(all, 0);
		order->partner_id = sqlite3_column_int64(all, 1);
		order->created_us = sqlite3_column_int64(all, 2);
	}
	sqlite3_finalize(all);
	qsort(r->orders, r->order_count, sizeof(*r->orders), compare_orders);
}

/* The rank of one of the order's own ids; a new one is added behind the others. */
static int64_t own_rank(struct sample_order *order, int64_t id)
{
	for (size_t i = 0; i < order->own_id_count; i++)
		if (order->own_ids[i] == id)
			return (int64_t)i;
	must(order->own_id_count < REPLAY_IDS);
	order->own_ids[order->own_id_count] = id;
	return (int64_t)order->own_id_count++;
}

/* What a column of this name is to become; names that occur in one table only need no table beside them. */
static const struct {
	const char *name;
	enum role role;
} roles_by_name[] = {
	{ "order_id", ROLE_ORDER_ID },
	{ "posting", ROLE_OWN_ID },
	{ "ext_key", ROLE_KEY },
	{ "debit_after", ROLE_DEBIT_AFTER },
	{ "credit_after", ROLE_CREDIT_AFTER },
	{ "seq", ROLE_SEQ },
};

static enum role role_of(size_t table, const char *column, sqlite3_value *value)
{
	int64_t number = sqlite3_value_int64(value);

	if (!strcmp(column, hot_tables[table].order_column))
		return ROLE_ORDER_ID;
	if (hot_tables[table].id_column && !strcmp(column, hot_tables[table].id_column))
		return ROLE_OWN_ID;
	for (size_t i = 0; i < ARRAY_LEN(roles_by_name); i++)
		if (!strcmp(column, roles_by_name[i].name))
			return number == 0 && roles_by_name[i].role == ROLE_SEQ ? ROLE_KEEP : roles_by_name[i].role;
	if (sqlite3_value_type(value) == SQLITE_INTEGER && number >= time_first_us && number <= time_last_us)
		return ROLE_TIME;
	return ROLE_KEEP;
}

static void load_row(struct sample_order *order, size_t table, sqlite3_stmt *from)
{
	if (order->row_count == order->row_cap) {
		order->row_cap = order->row_cap ? order->row_cap * 2 : 16;
		order->rows = realloc(order->rows, order->row_cap * sizeof(*order->rows));
		must(order->rows);
	}
	struct row *row = &order->rows[order->row_count++];
	*row = (struct row){ .table = table, .column_count = (size_t)sqlite3_column_count(from) };
	row->columns = calloc(row->column_count, sizeof(*row->columns));
	must(row->columns);
	for (size_t i = 0; i < row->column_count; i++) {
		const char *name = sqlite3_column_name(from, (int)i);
		struct column *column = &row->columns[i];

		column->value = sqlite3_value_dup(sqlite3_column_value(from, (int)i));
		must(column->value);
		column->number = sqlite3_value_int64(column->value);
		column->role = role_of(table, name, column->value);
		if (column->role == ROLE_OWN_ID)
			column->number = own_rank(order, column->number);
		if (!strcmp(name, "created_at"))
			row->late = column->number > order->created_us;
		if (!strcmp(name, "debit"))
			row->move.debit = column->number;
		if (!strcmp(name, "credit"))
			row->move.credit = column->number;
		if (!strcmp(name, "amount") && table == TABLE_LEDGER)
			row->move.amount = column->number;
	}
}

static void load_rows(struct replay *r, size_t table)
{
	char sql[200], marks[3 * COLUMNS_MAX] = "?";

	snprintf(sql, sizeof(sql), "SELECT %s, * FROM sample.%s", hot_tables[table].order_column,
		 hot_tables[table].name);
	sqlite3_stmt *all = replay_prepare(r, sql);
	int columns = sqlite3_column_count(all) - 1;
	sqlite3_finalize(all);
	must(columns > 0 && columns < COLUMNS_MAX);
	for (int i = 1; i < columns; i++)
		memcpy(marks + 1 + 2 * (i - 1), ",?", 3);
	snprintf(sql, sizeof(sql), "INSERT INTO main.%s VALUES (%s)", hot_tables[table].name, marks);
	r->inserts[table] = replay_prepare(r, sql);

	snprintf(sql, sizeof(sql), "SELECT * FROM sample.%s", hot_tables[table].name);
	all = replay_prepare(r, sql);
	int order_column = -1;
	for (int i = 0; i < columns; i++)
		if (!strcmp(sqlite3_column_name(all, i), hot_tables[table].order_column))
			order_column = i;
	must(order_column >= 0);
	while (sqlite3_step(all) == SQLITE_ROW) {
		struct sample_order *order = find_order(r, sqlite3_column_int64(all, order_column));

		if (order)
			load_row(order, table, all);
	}
	sqlite3_finalize(all);
}

static void load_books(struct replay *r)
{
	sqlite3_stmt *accounts = replay_prepare(r, "SELECT id, balance, held FROM main.accounts");
	sqlite3_stmt *counters = replay_prepare(r, "SELECT partner_id, movement_seq, event_seq FROM main.counters");

	while (sqlite3_step(accounts) == SQLITE_ROW) {
		struct books_entry *e = books_find(&r->books.accounts, sqlite3_column_int64(accounts, 0));

		e->first = sqlite3_column_int64(accounts, 1);
		e->second = sqlite3_column_int64(accounts, 2);
	}
	while (sqlite3_step(counters) == SQLITE_ROW) {
		struct books_entry *e = books_find(&r->books.counters, sqlite3_column_int64(counters, 0));

		e->first = sqlite3_column_int64(counters, 1);
		e->second = sqlite3_column_int64(counters, 2);
	}
	sqlite3_finalize(accounts);
	sqlite3_finalize(counters);
}

/* The server's own (db/), so that only the work beside the store differs. */
static const char durable_settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
				       "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 0";
/* A store that is being filled is thrown away when that fails, and its rows are right by construction. */
static const char fast_settings[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
				    "PRAGMA cache_size = -4194304; PRAGMA locking_mode = EXCLUSIVE";

static void open_files(struct replay *r, const struct replay_options *o)
{
	if (sqlite3_open_v2(o->target, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
		give_up(r->db, o->target);
	replay_exec(r, o->durable ? durable_settings : fast_settings);
	sqlite3_stmt *attach = replay_prepare(r, "ATTACH ?1 AS sample");
	sqlite3_bind_text(attach, 1, o->sample, -1, SQLITE_STATIC);
	replay_step(r, attach);
	sqlite3_finalize(attach);
}

struct replay *replay_open(const struct replay_options *o)
{
	struct replay *r = calloc(1, sizeof(*r));

	must(r);
	open_files(r, o);
	load_orders(r, o);
	if (r->order_count == 0) {
		fprintf(stderr, "%s: no order in it\n", o->sample);
		replay_close(r);
		return NULL;
	}
	for (size_t table = 0; table < TABLES; table++)
		load_rows(r, table);
	load_books(r);
	r->set_account = replay_prepare(r, "INSERT INTO main.accounts (id, balance, held, overdraft, version) "
					   "VALUES (?1, ?2, ?3, 0, 1) ON CONFLICT (id) DO UPDATE SET "
					   "balance = ?2, held = ?3, version = version + 1");
	r->set_counter = replay_prepare(r, "UPDATE main.counters SET movement_seq = ?2, event_seq = ?3, "
					   "version = version + 1 WHERE partner_id = ?1");
	r->begin = replay_prepare(r, "BEGIN IMMEDIATE");
	r->commit = replay_prepare(r, "COMMIT");
	return r;
}

void replay_close(struct replay *r)
{
	for (size_t i = 0; i < r->order_count; i++) {
		for (size_t j = 0; j < r->orders[i].row_count; j++) {
			struct row *row = &r->orders[i].rows[j];

			for (size_t k = 0; k < row->column_count; k++)
				sqlite3_value_free(row->columns[k].value);
			free(row->columns);
		}
		free(r->orders[i].rows);
	}
	for (size_t i = 0; i < TABLES; i++)
		sqlite3_finalize(r->inserts[i]);
	sqlite3_finalize(r->set_account);
	sqlite3_finalize(r->set_counter);
	sqlite3_finalize(r->begin);
	sqlite3_finalize(r->commit);
	if (sqlite3_close(r->db))
		give_up(r->db, "close");
	books_done(&r->books);
	free(r->orders);
	free(r);
}

size_t replay_orders(const struct replay *r)
{
	return r->order_count;
}

double replay_rows_each(const struct replay *r)
{
	size_t rows = 0;

	for (size_t i = 0; i < r->order_count; i++)
		rows += r->orders[i].row_count;
	return (double)rows / (double)r->order_count;
}

/* "partner:dialect:reference" with another reference of 36 characters, which looks random. */
static void bind_key(sqlite3_stmt *statement, int at, const struct column *column, uint64_t key)
{
	const char *text = (const char *)sqlite3_value_text(column->value);
	const char *reference = text ? strrchr(text, ':') : NULL;
	uint64_t mixed = key * 0x9e3779b97f4a7c15u; /* odd, so a bijection */
	char made[128];

	mixed ^= mixed >> 32;
	int n = snprintf(made, sizeof(made), "%.*s%08x-%04x-%04x-%04x-%012llx",
			 reference ? (int)(reference - text + 1) : 0, reference ? text : "", (unsigned)(mixed >> 32),
			 (unsigned)(mixed >> 16) & 0xffff, (unsigned)mixed & 0xffff, 0x4000u,
			 (unsigned long long)key & 0xffffffffffff);
	must(n > 0 && n < (int)sizeof(made));
	sqlite3_bind_text(statement, at, made, n, SQLITE_TRANSIENT);
}

/* The next movement number for the ledger, the next event number for everything else that is numbered. */
static int64_t next_seq(struct replay *r, const struct sample_order *order, size_t table)
{
	struct books_entry *counter = books_find(&r->books.counters, order->partner_id);

	counter->dirty = true;
	return table == TABLE_LEDGER ? ++counter->first : ++counter->second;
}

static void write_row(struct replay *r, const struct sample_order *sample, const struct replay_order *order,
		      const struct row *row)
{
	sqlite3_stmt *insert = r->inserts[row->table];
	struct books_move move = row->move;

	if (row->table == TABLE_LEDGER)
		books_post(&r->books, &move);
	for (size_t i = 0; i < row->column_count; i++) {
		const struct column *column = &row->columns[i];
		int at = (int)i + 1;

		switch (column->role) {
		case ROLE_KEEP:
			sqlite3_bind_value(insert, at, column->value);
			break;
		case ROLE_ORDER_ID:
			sqlite3_bind_int64(insert, at, order->order_id);
			break;
		case ROLE_OWN_ID:
			sqlite3_bind_int64(insert, at, order->own_base + column->number);
			break;
		case ROLE_TIME:
			sqlite3_bind_int64(insert, at, column->number - sample->created_us + order->now_us);
			break;
		case ROLE_KEY:
			bind_key(insert, at, column, order->key);
			break;
		case ROLE_DEBIT_AFTER:
			sqlite3_bind_int64(insert, at, move.debit_after);
			break;
		case ROLE_CREDIT_AFTER:
			sqlite3_bind_int64(insert, at, move.credit_after);
			break;
		case ROLE_SEQ:
			sqlite3_bind_int64(insert, at, next_seq(r, sample, row->table));
			break;
		}
	}
	replay_step(r, insert);
}

void replay_write(struct replay *r, const struct replay_order *order, enum replay_part part)
{
	const struct sample_order *sample = &r->orders[order->sample];

	for (size_t i = 0; i < sample->row_count; i++)
		if (part & (sample->rows[i].late ? REPLAY_LATE : REPLAY_EARLY))
			write_row(r, sample, order, &sample->rows[i]);
}

void replay_begin(struct replay *r)
{
	replay_step(r, r->begin);
}

static void save_table(struct replay *r, struct books_table *t, sqlite3_stmt *save)
{
	for (size_t i = 0; i < t->size; i++) {
		struct books_entry *e = &t->places[i];

		if (!e->dirty)
			continue;
		sqlite3_bind_int64(save, 1, e->id);
		sqlite3_bind_int64(save, 2, e->first);
		sqlite3_bind_int64(save, 3, e->second);
		replay_step(r, save);
		e->dirty = false;
	}
}

void replay_commit(struct replay *r)
{
	save_table(r, &r->books.accounts, r->set_account);
	save_table(r, &r->books.counters, r->set_counter);
	replay_step(r, r->commit);
}

struct top_up {
	int64_t wallet, partner, amount; /* of one round through the sample */
};

/* What the sample's orders took from each wallet: the early ledger rows of kind authorize, whose debit is the wallet.
 */
static size_t sum_wallets(const struct replay *r, struct top_up *sums)
{
	size_t n = 0;

	for (size_t i = 0; i < r->order_count; i++)
		for (size_t j = 0; j < r->orders[i].row_count; j++) {
			const struct books_move *move = &r->orders[i].rows[j].move;
			size_t at = 0;

			if (move->amount == 0 || move->credit != (move->debit | 1) || move->debit & 1)
				continue;
			while (at < n && sums[at].wallet != move->debit)
				at++;
			if (at == n)
				sums[n++] = (struct top_up){ move->debit, r->orders[i].partner_id, 0 };
			sums[at].amount += move->amount;
		}
	return n;
}

void replay_top_up(struct replay *r, int64_t orders, int64_t first_id, int64_t now_us)
{
	struct top_up *sums = calloc(r->order_count, sizeof(*sums));
	int64_t rounds = orders / (int64_t)r->order_count + 1;

	must(sums);
	size_t n = sum_wallets(r, sums);
	/* The kind and the other account are those of the money that the wallet was opened with. */
	sqlite3_stmt *source =
		replay_prepare(r, "SELECT kind, debit FROM sample.ledger WHERE wallet_id = ?1 AND credit = ?1 "
				  "AND order_id IS NULL ORDER BY id LIMIT 1");
	sqlite3_stmt *insert = replay_prepare(
		r,
		"INSERT INTO main.ledger (id, posting, order_id, wallet_id, kind, debit, credit, amount, debit_after, "
		"credit_after, seq, created_at) VALUES (?1, ?1, NULL, ?2, ?3, ?4, ?2, ?5, ?6, ?7, ?8, ?9)");
	for (size_t i = 0; i < n; i++) {
		sqlite3_bind_int64(source, 1, sums[i].wallet);
		if (sqlite3_step(source) != SQLITE_ROW) {
			fprintf(stderr, "no top-up of wallet %lld in the sample to take after\n",
				(long long)sums[i].wallet);
			exit(1);
		}
		struct books_move move = { .debit = sqlite3_column_int64(source, 1),
					   .credit = sums[i].wallet,
					   .amount = sums[i].amount * rounds };
		struct books_entry *counter = books_find(&r->books.counters, sums[i].partner);

		books_post(&r->books, &move);
		counter->dirty = true;
		int64_t values[] = { first_id + (int64_t)i,
				     sums[i].wallet,
				     sqlite3_column_int64(source, 0),
				     move.debit,
				     move.amount,
				     move.debit_after,
				     move.credit_after,
				     ++counter->first,
				     now_us };
		for (size_t j = 0; j < ARRAY_LEN(values); j++)
			sqlite3_bind_int64(insert, (int)j + 1, values[j]);
		replay_step(r, insert);
		sqlite3_reset(source);
	}
	sqlite3_finalize(source);
	sqlite3_finalize(insert);
	free(sums);
}
