/* api/mobip/stats.c: a merchant's payments of a day or a month (mobip.md 8). */
#include "api/mobip/lists.h"

#include "api/mobip/input.h"
#include "api/mobip/stats_file.h"
#include "base/clock.h"
#include "service/payment_link.h"
#include "service/payment_stats.h"

enum { DATE_CHARS = 10, MONTH_CHARS = 7 };

struct asked_period {
	struct str day, month, gz;
};

struct stats_asked {
	struct payment_stats stats; /* first: the verb's command */
	bool as_file;
};

/* Without one it is this month, by the merchant's clocks. */
static enum err read_month(struct request *rq, struct str month, struct stats_asked *c)
{
	struct str first = arena_printf(&rq->x->arena, "%.*s-01", STR_ARG(month));

	c->stats.is_month = true;
	c->stats.date_us = PAYMENT_STATS_TODAY;
	if (month.p && (month.n != MONTH_CHARS || clock_parse_date(first, &c->stats.date_us)))
		return mobip_invalid(rq, "month_period", "a month, YYYY-MM");
	return OK;
}

enum err mobip_stats_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		{ "day", NULL, MOBIP_TEXT, false, offsetof(struct asked_period, day), .max = DATE_CHARS },
		{ "month_period", NULL, MOBIP_TEXT, false, offsetof(struct asked_period, month), .max = DATE_CHARS },
		{ "get_gz_file", NULL, MOBIP_TEXT, false, offsetof(struct asked_period, gz), .max = DATE_CHARS },
	};
	struct stats_asked *c = ARENA_NEW(&rq->x->arena, struct stats_asked);
	struct asked_period asked = { STR_NONE, STR_NONE, STR_NONE };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->stats.partner_id = rq->credential->partner_id;
	if (!e)
		e = read_month(rq, asked.month, c);
	if (e || !asked.day.p)
		return e;
	c->stats.is_month = false;
	if (clock_parse_date(asked.day, &c->stats.date_us))
		return mobip_invalid(rq, "day", "a day, YYYY-MM-DD");
	c->as_file = mobip_is_true(asked.gz); /* of a month there is none */
	return OK;
}

static void put_counts(struct json_writer *w, const struct payment_stats *s)
{
	json_obj(w, "count");
	mobip_int(w, "PAID", s->count[PAYMENT_PAID] + s->count[PAYMENT_REFUNDING] + s->count[PAYMENT_REFUNDED]);
	mobip_int(w, "DENIED", s->count[PAYMENT_DENIED]);
	mobip_int(w, "PENDING", s->count[PAYMENT_PENDING] + s->count[PAYMENT_PAYING]);
	mobip_int(w, "CANCELLED", s->count[PAYMENT_CANCELLED]);
	mobip_int(w, "ERROR", s->count[PAYMENT_ERROR]);
	json_end(w);
}

static void put_payment(struct request *rq, struct json_writer *w, const struct payment *p)
{
	struct currency cur = { p->currency };

	json_obj(w, NULL);
	json_str(w, "trid", payment_trid(rq->keys, &rq->x->arena, p->id));
	mobip_text(w, "track_id", p->track_id);
	json_strz(w, "status", mobip_state(p));
	json_str(w, "item_name", p->item_name);
	mobip_int(w, "total_amount_in_cents", payment_minor(payment_total(p), cur));
	json_str(w, "currency", currency_code(cur));
	mobip_text(w, "payment_method", p->method);
	mobip_time(w, "created_at", p->created_at);
	mobip_time(w, "finished_at", p->finished_at);
	json_end(w);
}

void mobip_stats_render(struct request *rq, struct json_writer *w)
{
	const struct stats_asked *c = rq->task.command;
	const struct payment_stats *s = &c->stats;
	struct currency cur = rq->credential->partner->home;

	mobip_begin(w);
	if (c->as_file) {
		json_str(w, "url", mobip_stats_url(rq, s->from_us));
		json_end(w);
		return;
	}
	json_obj(w, "stats_data");
	struct str day = clock_date(&rq->x->arena, s->from_us);
	json_str(w, "period", (struct str){ day.p, s->is_month ? MONTH_CHARS : day.n });
	json_str(w, "currency", currency_code(cur));
	put_counts(w, s);
	mobip_int(w, "amount_paid_in_cents", payment_minor(s->paid, cur));
	mobip_int(w, "tax_paid_in_cents", payment_minor(s->tax_paid, cur));
	mobip_int(w, "refunded_in_cents", payment_minor(s->refunded, cur));
	mobip_int(w, "fees_in_cents", payment_minor(s->fees, cur));
	json_arr(w, "transactions");
	for (size_t i = 0; i < s->payment_count; i++)
		put_payment(rq, w, &s->payments[i]);
	json_end(w);
	json_end(w);
	json_end(w);
}
