/* service/order_list.c: lists: orders with filters, balances. On a reader, ended after LIMIT_READ_SECONDS. */
#include "service/order_index.h"
#include "service/order_unit.h"
#include "service/reader.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/orders.h"

/* Ids may run ahead of created_at by what was drawn in the same moment. */
static const int64_t id_slack_us = SECONDS_US(60);

struct list_scan {
	const struct order_list *list;
	const struct catalog *catalog;
	struct engine *engine;
	struct order_filter filter;
	struct order_matches matches;
	bool newer, older;    /* windowed: something was seen on that side */
	struct db_value *ids; /* of the page */
	size_t count;
	enum err failed; /* a product could not be read: the list would lack orders */
};

/* Whether the product of an order is one of those that are asked for. */
static bool wants_product(void *arg, int64_t id, int64_t batch)
{
	struct list_scan *scan = arg;
	const struct order_list *l = scan->list;
	enum err e = engine_need_product(scan->engine, scan->catalog, id, batch);

	if (e) {
		scan->failed = e;
		return false;
	}
	const struct product *p = engine_product(scan->engine, scan->catalog, id, batch);
	return p && (!l->type || p->type == (enum product_type)l->type) &&
	       (!l->service || p->service->id == l->service) &&
	       (!l->subservice || (p->subservice && p->subservice->id == l->subservice)) &&
	       (!l->operator_id || p->op->id == l->operator_id) &&
	       (!l->country.p || str_is(l->country, p->op->country->iso));
}

/* Entries come newest first. Of those above after_id the last ones are the next: a ring keeps one too many. */
static void window_seen(struct list_scan *scan, int64_t id)
{
	const struct order_list *l = scan->list;
	size_t room = (size_t)l->per_page + 1;

	if (l->before_id && id >= l->before_id) {
		scan->newer = true;
	} else if (l->after_id && id <= l->after_id) {
		scan->older = true;
	} else if (l->after_id) {
		scan->ids[scan->count++ % room] = DB_I64(id);
	} else if (scan->count < room) {
		scan->ids[scan->count++] = DB_I64(id);
	}
}

/* Takes the one too many away and turns the ring straight. */
static void window_close(struct list_scan *scan, struct order_list *l, struct arena *a)
{
	size_t most = (size_t)l->per_page, room = most + 1;
	bool more = scan->count > most;

	if (!l->after_id) {
		l->more_newer = scan->newer;
		l->more_older = more;
		scan->count -= more;
		return;
	}
	l->more_newer = more;
	l->more_older = scan->older;
	struct db_value *straight = ARENA_ARRAY(a, struct db_value, room);
	size_t kept = more ? most : scan->count;
	for (size_t i = 0; i < kept; i++)
		straight[i] = scan->ids[(scan->count - kept + i) % room];
	scan->ids = straight;
	scan->count = kept;
}

static void show(void *arg, int64_t id)
{
	struct list_scan *scan = arg;

	if (scan->list->windowed)
		window_seen(scan, id);
	else
		scan->ids[scan->count++] = DB_I64(id);
}

static enum err order_seen(void *arg, void *row)
{
	struct list_scan *scan = arg;

	order_filter_take(&scan->filter, row, &scan->matches);
	return OK;
}

/* A window older than the index: slice by slice from the store, until the deadline ends it. */
static enum err list_from_store(struct reader *r, const struct task *t, struct list_scan *scan)
{
	enum { SLICE = 10000 };
	int64_t first = scan->filter.first;
	struct arena rows;
	enum err e = OK;

	arena_init(&rows);
	for (int64_t last = scan->filter.end; !e && last > first;) {
		int64_t before = last;

		arena_reset(&rows);
		e = orders_before(r->db, &rows, t->partner_id, first, before, SLICE, &last, order_seen, scan);
		if (last == before)
			break;
	}
	arena_done(&rows);
	return e;
}

/* With the reference there is at most one order, whatever its age. */
static enum err list_by_reference(struct reader *r, const struct task *t, struct list_scan *scan)
{
	const struct order_list *l = t->command;
	struct unit *u = &r->unit;
	struct str key = order_ext_key(t->arena, t->partner_id, l->dialect, l->reference);

	unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY, key);
	enum err e = unit_load(u);
	if (e)
		return e;
	const struct order *o = unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY, key);
	return o ? order_seen(scan, (void *)o) : OK;
}

static enum err list_views(struct reader *r, const struct task *t, const struct list_scan *scan)
{
	struct order_list *l = t->command;
	struct unit *u = &r->unit;

	for (size_t i = 0; i < scan->count; i++)
		order_need_view(u, scan->ids[i].i);
	enum err e = unit_load(u);
	for (size_t i = 0; i < scan->count && !e; i++) {
		const struct order *o = unit_find(u, NOUN_ORDER, scan->ids[i].i);

		if (o)
			order_need_extras(u, o);
	}
	if (!e)
		e = unit_load(u);
	if (e)
		return e;
	l->views = ARENA_ARRAY(t->arena, struct order_view, scan->count + 1);
	for (size_t i = 0; i < scan->count && !e; i++) {
		const struct order *o = unit_find(u, NOUN_ORDER, scan->ids[i].i);

		e = order_need_product(u, t->catalog, o);
		if (!e)
			order_view(u, t->arena, t->catalog, o, &l->views[i]);
	}
	if (e)
		return e;
	l->count = scan->count;
	l->total = scan->matches.total;
	return OK;
}

/* The index has what was committed before this reader's moment, and also later orders: a new moment, after the scan,
 * has them all. False when it does not reach back to the window, or is not whole. */
static enum err list_from_index(struct reader *r, const struct task *t, struct list_scan *scan, bool *ret_done)
{
	enum err e = engine_follow_orders(r->engine, r->db);

	*ret_done = !e && order_index_find(engine_order_index(r->engine), t->partner_id, &scan->filter, &scan->matches);
	if (e || !*ret_done)
		return e == ERR_BUSY ? OK : e;
	db_rollback(r->db);
	return db_begin(r->db);
}

/* The index, if it has the window; else the store. */
static enum err list_window(struct reader *r, const struct task *t, struct list_scan *scan)
{
	bool done;
	enum err e = list_from_index(r, t, scan, &done);

	return e || done ? e : list_from_store(r, t, scan);
}

/* The first row of a page; INT64_MAX when that is further than anything. */
static int64_t page_start(int64_t page, int64_t per_page)
{
	int64_t start;

	return __builtin_mul_overflow(page - 1, per_page, &start) ? INT64_MAX : start;
}

static struct order_filter filter_of(struct list_scan *scan)
{
	const struct order_list *l = scan->list;
	struct order_filter filter = { .first = l->from_us ? ids_floor(l->from_us) : 0,
				       .end = l->to_us ? ids_floor(l->to_us + id_slack_us) : INT64_MAX,
				       .from_us = l->from_us,
				       .to_us = l->to_us,
				       .states = l->states,
				       .reasons = l->reasons,
				       .dialect = (uint8_t)l->dialect,
				       .credit_party = order_index_hash(l->credit_party),
				       .credit_account = order_index_hash(l->credit_account),
				       .arg = scan };

	if (l->type || l->service || l->subservice || l->country.p || l->operator_id)
		filter.wants_product = wants_product;
	return filter;
}

static enum err list_read(struct reader *r, struct task *t)
{
	const struct order_list *l = t->command;
	struct list_scan scan = { .list = l, .catalog = t->catalog, .engine = r->engine };
	enum err e = OK;

	scan.filter = filter_of(&scan);
	scan.matches = (struct order_matches){ .skip = page_start(l->page, l->per_page),
					       .take = l->windowed ? INT64_MAX : l->per_page,
					       .show = show,
					       .arg = &scan };
	scan.ids = ARENA_ARRAY(t->arena, struct db_value, (size_t)l->per_page + 2);
	if (l->reference.p) {
		e = list_by_reference(r, t, &scan);
	} else {
		e = list_window(r, t, &scan);
	}
	if (!e)
		e = scan.failed;
	if (l->windowed)
		window_close(&scan, t->command, t->arena);
	return e ? e : list_views(r, t, &scan);
}

struct balance_scan {
	struct balance_list *list;
	int64_t skip;
};

static enum err account_seen(void *arg, void *row)
{
	struct balance_scan *scan = arg;
	const struct account *a = row;
	struct account_parts parts = account_parts(a->id);

	if (parts.kind != ACCOUNT_WALLET || (scan->list->currency && parts.cur.number != scan->list->currency))
		return OK;
	if (scan->list->total++ >= scan->skip && scan->list->count < (size_t)scan->list->per_page)
		scan->list->accounts[scan->list->count++] = *a;
	return OK;
}

static enum err balance_read(struct reader *r, struct task *t)
{
	struct balance_list *l = t->command;
	struct balance_scan scan = { l, page_start(l->page, l->per_page) };
	int64_t first, end;

	l->total = 0;
	l->count = 0;
	l->accounts = ARENA_ARRAY(t->arena, struct account, (size_t)l->per_page + 1);
	account_range(t->partner_id, &first, &end);
	return accounts_range(r->db, &r->unit.arena, first, end, account_seen, &scan);
}

const struct verb verb_order_list = { .name = "order.list", .read = list_read };
const struct verb verb_balance_list = { .name = "balance.list", .read = balance_read };
