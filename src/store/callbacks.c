#include "store/callbacks.h"

#define AT(field) offsetof(struct callback_row, callback.field)
static const struct column row_columns[] = {
	{ "order_id", COL_I64, AT(order_id), 0 },
	{ "no", COL_INT, AT(no), 0 },
	{ "id", COL_I64, AT(id), 0 },
	{ "state", COL_INT, AT(state), 0 },
	{ "tries", COL_INT, AT(tries), 0 },
	{ "http_status", COL_INT, AT(http_status), 0 },
	{ "error", COL_TEXT, AT(error), 0 },
	{ "created_at", COL_I64, AT(created_at), 0 },
	{ "first_try_at", COL_I64, AT(first_try_at), 0 },
	{ "last_try_at", COL_I64, AT(last_try_at), 0 },
	{ "duration_us", COL_I64, AT(duration_us), 0 },
	{ "partner_id", COL_I64, offsetof(struct callback_row, partner_id), 0 },
	{ "dialect", COL_INT, offsetof(struct callback_row, dialect), 0 },
};
#undef AT
static const struct table row_shape = TABLE("callbacks", struct callback_row, row_columns, 2, 0);

#define ROWS                                                                                                      \
	"SELECT c.order_id, c.no, c.id, c.state, c.tries, c.http_status, c.error, c.created_at, c.first_try_at, " \
	"c.last_try_at, c.duration_us, o.partner_id, o.dialect FROM "
#define FILTERED                                                                                    \
	" AND ($2 = 0 OR c.state = $2) AND c.created_at >= $3 AND c.created_at < $4 AND o.id < $5 " \
	"ORDER BY o.id DESC, c.no LIMIT $6"

/* Each way in has a key of its own: an order, a partner's orders, all callbacks. */
enum err callbacks_list(struct db *db, struct arena *a, const struct callback_filter *f, db_row_fn on_row, void *arg)
{
	static const char of_order[] =
		ROWS "callbacks c JOIN orders o ON o.id = c.order_id WHERE c.order_id = $1" FILTERED;
	static const char of_partner[] =
		ROWS "orders o JOIN callbacks c ON c.order_id = o.id WHERE o.partner_id = $1" FILTERED;
	static const char of_all[] =
		ROWS "callbacks c JOIN orders o ON o.id = c.order_id WHERE c.order_id > $1" FILTERED;
	const struct db_value params[] = { DB_I64(f->order_id ? f->order_id : f->partner_id),
					   DB_I64(f->state),
					   DB_I64(f->from_us),
					   DB_I64(f->to_us),
					   DB_I64(f->before_id),
					   DB_I64(f->most) };
	const char *sql = f->order_id ? of_order : f->partner_id ? of_partner : of_all;

	return db_query(db, sql, params, ARRAY_LEN(params), &row_shape, a, on_row, arg);
}
