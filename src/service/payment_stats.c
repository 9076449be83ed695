#include "service/payment_stats.h"

#include "base/clock.h"
#include "base/zone.h"
#include "service/merchant.h"
#include "service/payment_unit.h"
#include "service/reader.h"

enum { FIRST_ROOM = 256 };

struct adding {
	struct payment_stats *stats;
	const struct unit *unit;
	struct arena *arena;
	int currency;
	size_t room;
};

static void list(struct adding *a, const struct payment *p)
{
	struct payment_stats *s = a->stats;

	if (s->payment_count == a->room) {
		struct payment *grown = ARENA_ARRAY(a->arena, struct payment, a->room * 2);

		memcpy(grown, s->payments, a->room * sizeof(*grown));
		s->payments = grown;
		a->room *= 2;
	}
	s->payments[s->payment_count++] = *p;
}

/* Sums are of one currency: what was asked for in another, before the merchant changed its own, is only counted. */
static enum err payment_seen(void *arg, void *row)
{
	struct adding *a = arg;
	struct payment_stats *s = a->stats;
	struct payment p = *(const struct payment *)row;
	bool is_back = p.state == PAYMENT_REFUNDED;

	if (s->payment_count == PAYMENT_STATS_MOST)
		return ERR_TOO_LARGE;
	if (payment_is_over_time(a->unit, &p))
		p.state = PAYMENT_CANCELLED;
	s->count[p.state]++;
	list(a, &p);
	if (p.currency != a->currency || !(is_back || payment_is_credited((enum payment_state)p.state)))
		return OK;
	enum err e = micros_add(s->paid, payment_total(&p), &s->paid);
	if (!e)
		e = micros_add(s->refunded, is_back ? payment_total(&p) : 0, &s->refunded);
	s->tax_paid += p.tax_amount;
	s->fees += p.fee;
	return e;
}

/* The day or month as clocks there have it, then as moments. */
static struct payments_window window_of(struct payment_stats *s, const struct zone *zone, int64_t now_us)
{
	int64_t day_us = s->date_us != PAYMENT_STATS_TODAY ? s->date_us : zone_local(zone, now_us),
		to_us = day_us + SECONDS_US(24 * 3600);

	if (s->is_month)
		clock_month(day_us, &day_us, &to_us);
	s->from_us = day_us;
	return (struct payments_window){ s->partner_id, ids_floor(zone_moment(zone, day_us)),
					 ids_floor(zone_moment(zone, to_us)) };
}

static enum err stats_read(struct reader *r, struct task *t)
{
	struct payment_stats *s = t->command;
	const struct partner *partner = directory_partner(r->unit.directory, s->partner_id);
	struct adding a = { s, &r->unit, t->arena, partner ? partner->home.number : 0, FIRST_ROOM };
	const struct zone *zone;
	enum err e = merchant_zone(&r->unit, t->arena, s->partner_id, &zone);

	if (e)
		return e;
	const struct payments_window window = window_of(s, zone, r->unit.now_us);
	if (window.first > ids_floor(r->unit.now_us))
		return ERR_PERIOD_NOT_FOUND;
	s->payments = ARENA_ARRAY(t->arena, struct payment, FIRST_ROOM);
	return payments_of(r->db, t->arena, &window, payment_seen, &a);
}

const struct verb verb_payment_stats = { .name = "payment.stats", .read = stats_read };
