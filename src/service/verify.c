#include "service/verify_private.h"

#include "service/audit.h"
#include "service/work.h"
#include "store/partners.h"
#include "store/verify.h"

#include <stdarg.h>

void verify_difference(struct verify *v, const char *fmt, ...)
{
	char text[512];
	va_list args;

	v->result.differences++;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	v->options->difference(v->options->arg, str_of(text));
}

enum err verify_pages(struct verify *v, const char *what, verify_page read, enum err (*on_row)(void *arg, void *row))
{
	int64_t done = 0;
	enum err e;

	v->after = INT64_MIN;
	do {
		arena_reset(&v->page);
		v->rows_in_page = 0;
		e = read(v->db, &v->page, v->after, on_row, v);
		done += v->rows_in_page;
		if (v->options->progress)
			v->options->progress(v->options->arg, what, done);
	} while (!e && v->rows_in_page == VERIFY_PAGE);
	return e;
}

static enum err event_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct event *event = row;
	struct sums *partner = sum_map_at(&v->partners, event->partner_id);

	v->last_event = *event;
	v->rows_in_page++;
	v->result.events++;
	if (!partner->c)
		partner->c = event->seq;
	else if (event->seq != partner->b + 1)
		verify_difference(v, "events of partner %lld: %lld comes after %lld", (long long)event->partner_id,
				  (long long)event->seq, (long long)partner->b);
	partner->b = event->seq;
	return OK;
}

static enum err counter_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct counter *counter = row;
	struct sums *partner = sum_map_at(&v->partners, counter->partner_id);

	v->after = counter->partner_id;
	v->rows_in_page++;
	partner->seen = true;
	if (counter->movement_seq != partner->a)
		verify_difference(v, "partner %lld: its counter says %lld movements, the last one is %lld",
				  (long long)counter->partner_id, (long long)counter->movement_seq,
				  (long long)partner->a);
	/* Of what was dropped none is between those that are there. */
	if (!counter->events_gone && partner->c > 1)
		verify_difference(v, "events of partner %lld: the first is %lld, and none was dropped",
				  (long long)counter->partner_id, (long long)partner->c);
	if (counter->event_seq != partner->b && (partner->b || !counter->events_gone))
		verify_difference(v, "partner %lld: its counter says %lld events, the last one is %lld",
				  (long long)counter->partner_id, (long long)counter->event_seq, (long long)partner->b);
	return OK;
}

/* A partner's events lie together, so a page begins behind an event and not behind a number. */
static enum err events_numbered(struct verify *v)
{
	enum err e;

	v->last_event = (struct event){ 0 };
	do {
		arena_reset(&v->page);
		v->rows_in_page = 0;
		e = verify_events(v->db, &v->page, &v->last_event, event_seen, v);
		if (v->options->progress)
			v->options->progress(v->options->arg, "events", v->result.events);
	} while (!e && v->rows_in_page == VERIFY_PAGE);
	return e;
}

/* Movements were numbered while the ledger was read. */
static enum err check_numbers(struct verify *v)
{
	enum err e = events_numbered(v);

	if (!e)
		e = verify_pages(v, "counters", verify_counters, counter_seen);
	for (size_t i = 0; i < v->partners.room && !e; i++) {
		const struct sums *partner = sum_map_slot(&v->partners, i);

		if (partner && !partner->seen)
			verify_difference(v, "partner %lld: it has movements or events and no counter",
					  (long long)partner->key);
	}
	return e;
}

static enum err partner_seen(void *arg, void *row)
{
	const struct partner_row *p = row;

	sum_map_at(arg, p->id)->a = p->parent_id;
	return OK;
}

/* A sub-account's parent is there, and is nobody's sub-account. */
static enum err check_parents(struct verify *v)
{
	struct sum_map parents;

	sum_map_init(&parents);
	arena_reset(&v->page);
	enum err e = partners_each(v->db, &v->page, partner_seen, &parents);
	for (size_t i = 0; i < parents.room && !e; i++) {
		const struct sums *partner = sum_map_slot(&parents, i);
		const struct sums *parent = partner ? sum_map_find(&parents, partner->a) : NULL;

		if (partner && partner->a && (!parent || parent->a))
			verify_difference(v, "partner %lld: it is a sub-account of %lld, which %s",
					  (long long)partner->key, (long long)partner->a,
					  parent ? "is one itself" : "is not there");
	}
	sum_map_done(&parents);
	return e;
}

struct audit_walk {
	struct verify *v;
	unsigned char previous[HASH_BYTES];
};

static enum err audit_seen(void *arg, void *row)
{
	struct audit_walk *walk = arg;
	const struct audit_row *audit = row;
	const struct str previous = { (const char *)walk->previous, HASH_BYTES };
	unsigned char hash[HASH_BYTES];

	walk->v->result.audit_rows++;
	if (!str_eq(audit->previous, previous))
		verify_difference(walk->v, "audit %lld: it does not follow the row before it", (long long)audit->id);
	audit_hash(audit, hash);
	if (!str_eq(audit->hash, (struct str){ (const char *)hash, HASH_BYTES }))
		verify_difference(walk->v, "audit %lld: it is not what was written", (long long)audit->id);
	if (audit->hash.n == HASH_BYTES)
		memcpy(walk->previous, audit->hash.p, HASH_BYTES);
	return OK;
}

static enum err check_all(struct verify *v)
{
	struct audit_walk walk = { .v = v };
	enum err e = verify_books(v);

	if (!e)
		e = verify_all_orders(v);
	if (!e)
		e = verify_all_esims(v);
	if (!e)
		e = verify_all_payments(v);
	if (!e)
		e = verify_all_stock(v);
	if (!e)
		e = check_numbers(v);
	if (!e)
		e = check_parents(v);
	arena_reset(&v->page);
	return e ? e : audit_each(v->db, &v->page, audit_seen, &walk);
}

static enum err check_file(struct verify *v)
{
	if (v->options->progress)
		v->options->progress(v->options->arg, "file", 0);
	enum err e = db_check(v->db);
	if (e == ERR_STORE_FAILED) {
		verify_difference(v, "file: the engine's own check found damage or a row whose parent is missing");
		e = OK;
	}
	return e;
}

enum err verify_store(const struct verify_options *options, struct verify_result *ret)
{
	struct verify v = { .options = options };
	enum err e = db_open(&(struct db_options){ .uri = options->uri, .mode = DB_READ }, &v.db);

	if (e)
		return e;
	arena_init(&v.page);
	sum_map_init(&v.sides);
	sum_map_init(&v.wallets);
	sum_map_init(&v.partners);
	sum_map_init(&v.jobs);
	sum_map_init(&v.payments);
	sum_map_init(&v.pay_jobs);
	sum_map_init(&v.stock);
	e = db_begin(v.db);
	if (!e) {
		e = check_all(&v);
		db_rollback(v.db);
	}
	if (!e)
		e = check_file(&v);
	sum_map_done(&v.sides);
	sum_map_done(&v.wallets);
	sum_map_done(&v.partners);
	sum_map_done(&v.jobs);
	sum_map_done(&v.payments);
	sum_map_done(&v.pay_jobs);
	sum_map_done(&v.stock);
	arena_done(&v.page);
	db_close(v.db);
	if (!e)
		*ret = v.result;
	return e;
}
