#include "db/db_postgres_private.h"

#include "base/clock.h"
#include "base/log.h"

#include <poll.h>

static const int64_t backoff_first_us = 100000, backoff_most_us = 2000000;

/* Which SQLSTATEs, by how they begin, say that the statement was right and the store is not able. Everything that is
 * not in the list blames the statement. The first match counts. */
static const struct {
	const char *begins;
	enum err write, read;
} classes[] = {
	{ "08P01", ERR_STORE_FAILED, ERR_STORE_FAILED },	/* parameters that do not fit */
	{ "08", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE }, /* connection */
	{ "25006", ERR_STORE_UNAVAILABLE,
	  ERR_STORE_FAILED }, /* read-only: a standby by now; a reader may never write */
	{ "25P03", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE }, /* idle in a transaction for too long */
	{ "28", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE },	   /* not let in */
	{ "3D000", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE }, /* no such database */
	{ "40001", ERR_CONFLICT, ERR_STORE_UNAVAILABLE },
	{ "40P01", ERR_CONFLICT, ERR_STORE_UNAVAILABLE },	   /* deadlock */
	{ "53", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE },	   /* disk full, too many connections, no memory */
	{ "55P03", ERR_CONFLICT, ERR_STORE_UNAVAILABLE },	   /* lock_timeout */
	{ "57014", ERR_TIMEOUT, ERR_TIMEOUT },			   /* statement_timeout, or an administrator's cancel */
	{ "57", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE },	   /* shutting down, starting up */
	{ "58", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE },	   /* I/O error */
	{ "XX001", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE }, /* damaged table or index */
	{ "XX002", ERR_STORE_UNAVAILABLE, ERR_STORE_UNAVAILABLE },
};

enum err postgres_class(enum db_mode mode, const char *sqlstate)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (str_starts(str_of(sqlstate), str_of(classes[i].begins)))
			return mode == DB_WRITE ? classes[i].write : classes[i].read;
	return ERR_STORE_FAILED;
}

/* Plans are made once and for any value; they follow the indexes even while statistics say that a table is empty. A
 * node that hangs within a transaction must not hold its partners for long. What the server says it has is compared
 * with `expected`. */
static const struct {
	const char *name, *value, *expected;
} settings[] = {
	{ "plan_cache_mode", "force_generic_plan", "force_generic_plan" },
	{ "enable_seqscan", "off", "off" },
	{ "enable_hashjoin", "off", "off" },
	{ "enable_mergejoin", "off", "off" },
	{ "jit", "off", "off" },
	{ "idle_in_transaction_session_timeout", "10s", "10s" },
	{ "lock_timeout", "30s", "30s" },
	{ "fsync", NULL, "on" },
	{ "full_page_writes", NULL, "on" },
	{ "server_encoding", NULL, "UTF8" },
};

static enum err setting_take(PGconn *conn, const char *name, const char *value, const char *expected)
{
	char sql[128];

	if (value)
		snprintf(sql, sizeof(sql), "SELECT set_config('%s', '%s', false)", name, value);
	else
		snprintf(sql, sizeof(sql), "SELECT current_setting('%s')", name);
	PGresult *result = PQexec(conn, sql);
	bool answered = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
	bool good = answered && strcmp(PQgetvalue(result, 0, 0), expected) == 0;
	if (!good)
		log_error("db.setting", "engine=postgres name=%s wanted=%s got=\"%s\"", name, expected,
			  answered ? PQgetvalue(result, 0, 0) : PQerrorMessage(conn));
	PQclear(result);
	return good ? OK : answered ? ERR_STORE_FAILED : ERR_STORE_UNAVAILABLE;
}

/* A COMMIT is answered when it is on the disk, at least; a stricter wish of the server's owner stays. */
static enum err durability_take(PGconn *conn)
{
	PGresult *result = PQexec(conn, "SELECT current_setting('synchronous_commit')");
	bool stricter =
		PQresultStatus(result) == PGRES_TUPLES_OK && strcmp(PQgetvalue(result, 0, 0), "remote_apply") == 0;

	PQclear(result);
	return stricter ? OK : setting_take(conn, "synchronous_commit", "on", "on");
}

static enum err settings_take(PGconn *conn)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		enum err e = setting_take(conn, settings[i].name, settings[i].value, settings[i].expected);

		if (e)
			return e;
	}
	return durability_take(conn);
}

/* Notices are the server's remarks, such as that a table of IF NOT EXISTS is there. */
static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* The primary, whichever of the hosts of the uri it is: a reader must see what was committed a moment ago. What stands
 * before "dbname" may be said otherwise by the uri, what stands after it may not. */
static enum err connect_once(struct postgres *p)
{
	static const char *const keywords[] = {
		"connect_timeout",  "keepalives_idle", "keepalives_interval",  "keepalives_count", "tcp_user_timeout",
		"application_name", "dbname",	       "target_session_attrs", "client_encoding",  NULL,
	};
	const char *const values[] = {
		"3",	"10",	      "3",    "3",  "15000", p->db.mode == DB_WRITE ? "bodega" : "bodega reader",
		p->uri, "read-write", "UTF8", NULL,
	};
	PGconn *conn = PQconnectdbParams(keywords, values, 1);
	enum err e = PQstatus(conn) == CONNECTION_OK ? OK : ERR_STORE_UNAVAILABLE;

	if (e && !p->backoff_us)
		log_error("db.failed", "engine=postgres in=connect message=\"%s\"", PQerrorMessage(conn));
	if (!e) {
		PQsetNoticeReceiver(conn, ignore_notice, NULL);
		e = settings_take(conn);
	}
	if (!e && (PQsetnonblocking(conn, 1) || !PQenterPipelineMode(conn)))
		e = ERR_STORE_UNAVAILABLE;
	if (e) {
		PQfinish(conn);
		return e;
	}
	p->conn = conn;
	return OK;
}

enum err postgres_lost(struct postgres *p, const char *why)
{
	if (p->conn) {
		log_warn("db.lost", "engine=postgres message=\"%s\"", why);
		PQfinish(p->conn);
		p->conn = NULL;
		p->next_try_us = 0;
	}
	if (p->db.in_tx)
		p->db.tx_failed = true;
	p->leaving = p->listening = false;
	p->expected_from = p->expected_count = 0;
	postgres_statements_done(p);
	return ERR_STORE_UNAVAILABLE;
}

/* Whether the server is still there, as far as the socket knows: it costs no round trip, and spares the first unit of
 * work after a restart of the server its failure. */
static bool is_alive(struct postgres *p)
{
	struct pollfd fd = { .fd = PQsocket(p->conn), .events = POLLIN };

	while (poll(&fd, 1, 0) > 0)
		if (!PQconsumeInput(p->conn))
			return false;
	return PQstatus(p->conn) == CONNECTION_OK;
}

enum err postgres_connected(struct postgres *p)
{
	if (p->conn && !is_alive(p) && postgres_lost(p, PQerrorMessage(p->conn)) == OK)
		return OK;
	if (p->conn)
		return OK;
	if (clock_mono_us() < p->next_try_us)
		return ERR_STORE_UNAVAILABLE;
	if (p->db.meanwhile)
		p->db.meanwhile(p->db.meanwhile_arg);
	enum err e = connect_once(p);
	if (e) {
		p->backoff_us = p->backoff_us ? p->backoff_us * 2 : backoff_first_us;
		if (p->backoff_us > backoff_most_us)
			p->backoff_us = backoff_most_us;
		p->next_try_us = clock_mono_us() + p->backoff_us;
		return e;
	}
	if (p->backoff_us)
		log_info("db.back", "engine=postgres");
	p->backoff_us = p->next_try_us = 0;
	return OK;
}

static bool takes(const char *uri)
{
	return str_starts(str_of(uri), STR("postgres://")) || str_starts(str_of(uri), STR("postgresql://"));
}

static void postgres_close(struct db *db)
{
	struct postgres *p = postgres_of(db);

	PQfinish(p->conn);
	p->expected_from = p->expected_count = 0;
	postgres_statements_done(p);
	buf_done(&p->values);
	free(p->expected);
	free(p->uri);
	free(p);
}

enum { VALUES_MOST_BYTES = 512 * 1024 * 1024 };

static enum err postgres_open(const struct db_options *options, struct db **ret)
{
	struct postgres *p = calloc(1, sizeof(*p));

	must(p && PQisthreadsafe());
	p->db.engine = &db_postgres;
	p->db.mode = options->mode;
	p->uri = strdup(options->uri);
	must(p->uri);
	buf_init(&p->values, VALUES_MOST_BYTES);
	enum err e = postgres_connected(p);
	if (e) {
		postgres_close(&p->db);
		return e;
	}
	*ret = &p->db;
	return OK;
}

/* Nothing waits here: BEGIN goes with the first statement. A reader's snapshot is that of its first read. */
static enum err postgres_begin(struct db *db)
{
	struct postgres *p = postgres_of(db);
	enum err e = postgres_connected(p);

	p->timed = false;
	return e ? e
		 : postgres_send_text(p,
				      db->mode == DB_WRITE ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
							   : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
				      NULL, (struct pg_expected){ .kind = PG_DONE });
}

/* A Sync before, because the server skips what follows an error up to the next one. A reader does not wait for the
 * answer: what it reads next is sent behind it. */
static void postgres_rollback(struct db *db)
{
	struct postgres *p = postgres_of(db);

	if (!p->conn || postgres_sync(p) ||
	    postgres_send_text(p, "ROLLBACK", NULL, (struct pg_expected){ .kind = PG_DONE }) || postgres_sync(p))
		return;
	for (size_t i = p->expected_from; i < p->expected_count; i++)
		p->expected[i].ignored = true;
	bool unsent = PQflush(p->conn) != 0;
	if ((unsent || db->mode == DB_WRITE) && postgres_collect(p))
		must(!p->conn); /* only a lost connection can be told of */
}

static enum err postgres_commit(struct db *db)
{
	struct postgres *p = postgres_of(db);
	int64_t deadline_us = db->deadline_us;

	db->deadline_us = 0;
	p->commit_unknown = p->committed = false;
	enum err e = postgres_send_deadline(p);
	if (!e)
		e = postgres_send_text(p, "COMMIT", NULL, (struct pg_expected){ .kind = PG_COMMIT });
	if (!e) {
		e = postgres_sync(p);
		if (!e)
			e = postgres_collect(p);
		/* Whatever was said of the statements before: without the answer to COMMIT we know nothing. */
		p->commit_unknown = e && !p->conn && !p->committed;
	}
	if (p->committed)
		e = OK;
	else if (!e)
		e = ERR_STORE_FAILED; /* answered with ROLLBACK */
	if (e)
		postgres_rollback(db);
	db->deadline_us = deadline_us;
	return e;
}

static bool postgres_commit_unknown(const struct db *db)
{
	return ((const struct postgres *)db)->commit_unknown;
}

static enum err postgres_lock(struct db *db, int64_t what)
{
	struct postgres *p = postgres_of(db);
	static const Oid types[] = { 20 };
	static const int lengths[] = { 8 };
	char number[8];
	const char *const values[] = { number };

	for (int i = 0; i < 8; i++)
		number[i] = (char)((uint64_t)what >> (56 - 8 * i) & 255);
	return postgres_send_text(p, "SELECT pg_advisory_xact_lock($1)",
				  &(struct pg_parameters){ 1, types, values, lengths },
				  (struct pg_expected){ .kind = PG_DONE });
}

static enum err postgres_backup(struct db *db, const char *path, void (*progress)(void *arg, int64_t done, int64_t all),
				void *arg)
{
	(void)db;
	(void)path;
	(void)progress;
	(void)arg;
	return ERR_METHOD_NOT_SUPPORTED;
}

struct finding {
	struct str what;
};
static const struct column finding_columns[] = { { "what", COL_TEXT, offsetof(struct finding, what), 0 } };
static const struct table finding_shape = TABLE("finding", struct finding, finding_columns, 1, 0);

static enum err found(void *arg, void *row)
{
	*(bool *)arg = true;
	log_error("db.check", "engine=postgres finding=\"%.*s\"", STR_ARG(((struct finding *)row)->what));
	return OK;
}

/* Indexes that were left half built, constraints that were not proved, and checksums that failed since the server's
 * statistics began. The pages themselves are the business of the server's own tools. */
static enum err postgres_check(struct db *db)
{
	static const char sql[] =
		"SELECT 'index ' || indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready "
		"UNION ALL SELECT 'constraint ' || conname::text FROM pg_constraint WHERE NOT convalidated "
		"UNION ALL SELECT 'checksums' FROM pg_stat_database "
		"WHERE datname = current_database() AND checksum_failures > 0 LIMIT 20";
	struct arena a;
	bool any = false;

	arena_init(&a);
	struct db_sink sink = { .shape = &finding_shape, .arena = &a, .on_row = found, .arg = &any };
	enum err e = postgres_query(db, sql, (struct db_parameters){ 0 }, &sink);
	arena_done(&a);
	return e ? e : any ? ERR_STORE_FAILED : OK;
}

/* The log and its checkpoints are the server's. */
static void postgres_stats(const struct db *db, struct db_stats *ret)
{
	(void)db;
	*ret = (struct db_stats){ 0 };
}

static const struct db_word words[] = {
	{ "BLOB", "BYTEA" },
	{ NULL, NULL },
};

const struct db_engine db_postgres = {
	.name = "postgres",
	.words = words,
	.lock_clause = "FOR NO KEY UPDATE",
	.shared = true,
	.takes = takes,
	.open = postgres_open,
	.close = postgres_close,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.commit_unknown = postgres_commit_unknown,
	.lock = postgres_lock,
	.notify = postgres_notify,
	.listen = postgres_listen,
	.write = postgres_write,
	.fetch = postgres_fetch,
	.query = postgres_query,
	.exec = postgres_exec,
	.run = postgres_run,
	.backup = postgres_backup,
	.check = postgres_check,
	.stats = postgres_stats,
};
