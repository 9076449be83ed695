/* service/order_list.c: lists: orders with filters, balances, due jobs. On a reader, ended after LIMIT_READ_SECONDS. */
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
	struct arena *arena;
	int64_t skip, matched;
	struct db_value *ids;
	size_t count;
};

static bool product_matches(const struct order_list *l, const struct product *p)
{
	if (!l->type && !l->service && !l->subservice && !l->country.p && !l->operator_id)
		return true;
	return p && (!l->type || p->type == (enum product_type)l->type) &&
	       (!l->service || p->service->id == l->service) &&
	       (!l->subservice || (p->subservice && p->subservice->id == l->subservice)) &&
	       (!l->operator_id || p->op->id == l->operator_id) &&
	       (!l->country.p || str_is(l->country, p->op->country->iso));
}

static bool order_matches(const struct list_scan *scan, const struct order *o)
{
	const struct order_list *l = scan->list;

	if ((l->from_us && o->created_at < l->from_us) || (l->to_us && o->created_at > l->to_us))
		return false;
	if (l->states && !(l->states >> o->state & 1))
		return false;
	if (l->reason >= 0 && o->reason != l->reason)
		return false;
	if (l->credit_party.p && !str_eq(l->credit_party, o->credit_party))
		return false;
	if (l->credit_account.p && !str_eq(l->credit_account, o->credit_account))
		return false;
	return product_matches(l, engine_product(scan->engine, scan->catalog, o->product_id, o->product_batch));
}

static enum err line_seen(void *arg, void *row)
{
	struct list_scan *scan = arg;
	const struct order_line *line = row;
	const struct order o = { .id = line->id,
				 .product_id = line->product_id,
				 .product_batch = line->product_batch,
				 .state = line->state,
				 .reason = line->reason,
				 .credit_party = line->credit_party,
				 .credit_account = line->credit_account,
				 .created_at = line->created_at };

	if (!order_matches(scan, &o))
		return OK;
	if (scan->matched++ >= scan->skip && scan->count < (size_t)scan->list->per_page)
		scan->ids[scan->count++] = DB_I64(o.id);
	return OK;
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
	if (o && order_matches(scan, o) && scan->matched++ >= scan->skip)
		scan->ids[scan->count++] = DB_I64(o->id);
	return OK;
}

static enum err list_views(struct reader *r, const struct task *t, const struct list_scan *scan)
{
	struct order_list *l = t->command;
	struct unit *u = &r->unit;

	for (size_t i = 0; i < scan->count; i++)
		order_need_view(u, scan->ids[i].i);
	enum err e = unit_load(u);
	if (e)
		return e;
	l->views = ARENA_ARRAY(t->arena, struct order_view, scan->count + 1);
	for (size_t i = 0; i < scan->count; i++)
		order_view(u, t->arena, t->catalog, unit_find(u, NOUN_ORDER, scan->ids[i].i), &l->views[i]);
	l->count = scan->count;
	l->total = scan->matched;
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	const struct order_list *l = t->command;
	struct list_scan scan = { .list = l, .catalog = t->catalog, .engine = r->engine, .arena = t->arena };
	int64_t first = l->from_us ? ids_floor(l->from_us) : 0;
	int64_t end = l->to_us ? ids_floor(l->to_us + id_slack_us) : INT64_MAX;
	enum err e;

	scan.skip = (l->page - 1) * l->per_page;
	scan.ids = ARENA_ARRAY(t->arena, struct db_value, (size_t)l->per_page + 1);
	if (l->reference.p)
		e = list_by_reference(r, t, &scan);
	else
		e = order_lines(r->db, &r->unit.arena, t->partner_id, first, end, line_seen, &scan);
	return e ? e : list_views(r, t, &scan);
}

struct balance_scan {
	struct balance_list *list;
	struct account accounts[64];
};

static enum err account_seen(void *arg, void *row)
{
	struct balance_scan *scan = arg;
	const struct account *a = row;
	struct account_parts parts = account_parts(a->id);
	int64_t first = (scan->list->page - 1) * scan->list->per_page;

	if (parts.kind != ACCOUNT_WALLET || (scan->list->currency && parts.cur.number != scan->list->currency))
		return OK;
	if (scan->list->total >= first && scan->list->total < first + scan->list->per_page &&
	    scan->list->count < ARRAY_LEN(scan->accounts))
		scan->accounts[scan->list->count++] = *a;
	scan->list->total++;
	return OK;
}

static enum err balance_read(struct reader *r, struct task *t)
{
	struct balance_list *l = t->command;
	struct balance_scan scan = { .list = l };
	int64_t first, end;

	l->total = 0;
	l->count = 0;
	account_range(t->partner_id, &first, &end);
	enum err e = accounts_range(r->db, &r->unit.arena, first, end, account_seen, &scan);
	l->accounts = ARENA_ARRAY(t->arena, struct account, l->count + 1);
	memcpy(l->accounts, scan.accounts, l->count * sizeof(*l->accounts));
	return e;
}

static enum err job_seen(void *arg, void *row)
{
	struct jobs_due *due = arg;

	due->jobs[due->count++] = *(const struct job *)row;
	return OK;
}

static enum err jobs_read(struct reader *r, struct task *t)
{
	struct jobs_due *due = t->command;

	due->jobs = ARENA_ARRAY(t->arena, struct job, due->most + 1);
	due->count = 0;
	return jobs_due_before(r->db, &r->unit.arena, due->until_us, due->after_due, due->after_id, (int64_t)due->most,
			       job_seen, due);
}

const struct verb verb_order_list = { .name = "order.list", .read = list_read };
const struct verb verb_balance_list = { .name = "balance.list", .read = balance_read };
const struct verb verb_jobs_due = { .name = "jobs.due", .read = jobs_read };
