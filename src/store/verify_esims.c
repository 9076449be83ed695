/* store/verify_esims.c: eSIMs held against their orders and units, links against both ends, identity checks against the
 * order's state. One query a fault; the states are the numbers of core/order.h and core/esim.h. */
#include "store/verify.h"

_Static_assert(ORDER_COMPLETED == 4 && ORDER_PARTIAL == 5 && ORDER_REVERSED == 10 && ORDER_AWAITING_KYC == 11 &&
		       ORDER_REVERSING == 12 && ORDER_CREATED == 1 && ORDER_CANCELLED == 8,
	       "stored, and named in the queries");
_Static_assert(ESIM_ACTIVE == 1 && ESIM_WITHDRAWN == 2 && UNIT_DELIVERED == 4, "stored, and named in the queries");
_Static_assert(KYC_SUBMITTED == 2 && KYC_APPROVED == 3 && KYC_REJECTED == 4 && KYC_LAPSED == 5,
	       "stored, and named in the queries");

static const struct {
	const char *words, *sql;
} faults[VERIFY_ESIM_FAULTS] = {
	{ "there is an eSIM, and no first order of that partner",
	  "SELECT e.order_id, e.unit FROM esims e LEFT JOIN orders o ON o.id = e.order_id "
	  "WHERE o.id IS NULL OR o.root_id <> 0 OR o.partner_id <> e.partner_id ORDER BY e.order_id, e.unit" },
	{ "its eSIM is not in the order's state",
	  "SELECT e.order_id, e.unit FROM esims e JOIN orders o ON o.id = e.order_id "
	  "WHERE CASE WHEN e.state = 1 THEN o.state NOT IN (4, 5, 12, 2, 3) WHEN e.state = 2 THEN o.state <> 10 "
	  "ELSE 1 = 1 END ORDER BY e.order_id, e.unit" },
	{ "there is an eSIM, and the unit was not delivered",
	  "SELECT e.order_id, e.unit FROM esims e LEFT JOIN units u ON u.order_id = e.order_id AND u.no = e.unit "
	  "WHERE u.state IS NULL OR u.state <> 4 ORDER BY e.order_id, e.unit" },
	{ "another unit of it is an eSIM, and this one was delivered without",
	  "SELECT u.order_id, u.no FROM units u LEFT JOIN esims e ON e.order_id = u.order_id AND e.unit = u.no "
	  "WHERE u.state = 4 AND e.order_id IS NULL AND EXISTS (SELECT 1 FROM esims s WHERE s.order_id = u.order_id) "
	  "ORDER BY u.order_id, u.no" },
	{ "its ICCID is that of another eSIM, or none",
	  "SELECT e.order_id, e.unit FROM esims e JOIN (SELECT iccid FROM esims GROUP BY iccid HAVING count(*) > 1 "
	  "OR iccid = '') twice ON twice.iccid = e.iccid ORDER BY e.order_id, e.unit" },
	{ "what was bought for its eSIM is no order of that kind and state",
	  "SELECT l.root_id, l.no FROM esim_links l LEFT JOIN orders o ON o.id = l.order_id "
	  "LEFT JOIN orders r ON r.id = l.root_id "
	  "WHERE o.id IS NULL OR r.id IS NULL OR r.root_id <> 0 OR o.root_id <> l.root_id OR o.state <> l.state "
	  "OR o.product_id <> l.product_id OR o.product_batch <> l.product_batch OR l.category NOT IN (3, 4) "
	  "OR (o.state = 4 AND o.completed_at <> l.completed_at) ORDER BY l.root_id, l.no" },
	{ "it was bought for an eSIM that does not know it, or knows it twice",
	  "SELECT o.id, (SELECT count(*) FROM esim_links l WHERE l.root_id = o.root_id AND l.order_id = o.id) "
	  "FROM orders o WHERE o.root_id <> 0 AND "
	  "(SELECT count(*) FROM esim_links l WHERE l.root_id = o.root_id AND l.order_id = o.id) <> 1 ORDER BY o.id" },
	{ "what was bought for its eSIM is not numbered 1, 2, 3, ...",
	  "SELECT root_id, CAST(max(no) AS BIGINT) FROM esim_links GROUP BY root_id "
	  "HAVING max(no) <> count(*) OR min(no) <> 1 ORDER BY root_id" },
	{ "its identity check is not in the order's state",
	  "SELECT o.id, CAST(coalesce(k.state, 0) AS BIGINT) FROM orders o LEFT JOIN kyc k ON k.order_id = o.id "
	  "WHERE CASE WHEN o.state = 11 THEN coalesce(k.state, 0) NOT IN (1, 2) "
	  "ELSE (coalesce(k.state, 3) < 3 OR (k.state = 3 AND o.state IN (1, 8)) OR (k.state IN (4, 5) AND o.state <> "
	  "8)) "
	  "END ORDER BY o.id" },
};

const char *verify_esim_words(size_t n)
{
	return faults[n].words;
}

static const struct column fault_columns[] = {
	{ "order_id", COL_I64, offsetof(struct esim_fault, order_id), 0 },
	{ "no", COL_I64, offsetof(struct esim_fault, no), 0 },
};
static const struct table fault_shape = TABLE("fault", struct esim_fault, fault_columns, 2, 0);

enum err verify_esims(struct db *db, struct arena *a, size_t n, db_row_fn on_row, void *arg)
{
	return db_query(db, faults[n].sql, NULL, 0, &fault_shape, a, on_row, arg);
}

static enum err take_count(void *arg, void *row)
{
	*(int64_t *)arg = ((const struct esim_fault *)row)->order_id;
	return OK;
}

enum err verify_esim_count(struct db *db, int64_t *ret)
{
	struct arena a;

	arena_init(&a);
	enum err e = db_query(db, "SELECT count(*), count(*) FROM esims", NULL, 0, &fault_shape, &a, take_count, ret);
	arena_done(&a);
	return e;
}
