#include "store/jobs.h"

#include "base/limits.h"

#include <assert.h>

enum err jobs_due_before(struct db *db, struct arena *a, const struct jobs_window *window, db_row_fn on_job, void *arg)
{
	static const char sql[] =
		"SELECT id, kind, order_id, partner_id, unit, currency, due_at, tries, fence, owner FROM jobs "
		"WHERE due_at < $1 AND due_at >= $2 AND (due_at > $2 OR id > $3) AND ($4 = 0 OR owner = $4) "
		"ORDER BY due_at, id LIMIT $5";
	const struct db_value params[] = { DB_I64(window->until_us), DB_I64(window->after_due),
					   DB_I64(window->after_id), DB_I64(window->owner), DB_I64(window->most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_jobs, a, on_job, arg);
}

/* The nodes are read by the statement that reads the jobs: a node that has just begun is seen if a job of its is. The
 * partners' locks are taken because results are written under them; whoever has one now is not waited for. */
#define LIVE "WITH live AS MATERIALIZED (SELECT COALESCE(array_agg(fence * 32 + slot), '{}') AS tokens FROM nodes "
#define IS_ORPHAN "owner <> ALL ((SELECT tokens FROM live)::bigint[])"

enum err jobs_claim(struct db *db, struct arena *a, const struct jobs_claim_by *by, db_row_fn on_job, void *arg)
{
	static_assert(LIMIT_NODE_SLOTS == 32, "stands in the statement");
	static const char sql[] =
		LIVE "WHERE lease_until > $1), found AS (SELECT j.id FROM jobs j JOIN counters c "
		     "ON c.partner_id = j.partner_id "
		     "WHERE j.due_at >= $2 AND j." IS_ORPHAN
		     " ORDER BY j.due_at LIMIT $3 FOR NO KEY UPDATE OF c SKIP LOCKED) "
		     "UPDATE jobs SET owner = $4, fence = fence + 1 WHERE id IN (SELECT id FROM found) AND " IS_ORPHAN
		     " RETURNING id, kind, order_id, partner_id, unit, currency, due_at, tries, fence, owner";
	const struct db_value params[] = { DB_I64(by->wall_us), DB_I64(by->from_due), DB_I64(by->most),
					   DB_I64(by->owner) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_jobs, a, on_job, arg);
}

static const struct column id_columns[] = { { "id", COL_I64, 0, 0 } };
static const struct table id_shape = TABLE("jobs", int64_t, id_columns, 1, 0);

static enum err found(void *arg, void *row)
{
	(void)row;
	*(bool *)arg = true;
	return OK;
}

enum err jobs_any_orphan(struct db *db, struct arena *a, int64_t wall_us, bool *ret)
{
	static const char sql[] = LIVE "WHERE lease_until > $1) SELECT id FROM jobs WHERE " IS_ORPHAN " LIMIT 1";
	const struct db_value params[] = { DB_I64(wall_us) };

	*ret = false;
	return db_query(db, sql, params, ARRAY_LEN(params), &id_shape, a, found, ret);
}
