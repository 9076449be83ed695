/* Parameters of MOBIP calls: the first line is the method, the second the Content-Type, the third the query, the rest
 * the body; GET may have a body too. What a call takes is within its rules, what it does not take has a reason, and the
 * answer is JSON and XML whatever was sent. */
#include "api/mobip/account.h"
#include "api/mobip/external.h"
#include "api/mobip/input.h"
#include "api/mobip/invoice.h"
#include "api/mobip/lists.h"
#include "api/mobip/payment.h"
#include "api/mobip/reusable.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/external_invoice.h"
#include "service/payment_queue.h"
#include "service/payment_stats.h"
#include "json/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str s, size_t most)
{
	must(!s.p || (s.n > 0 && str_is_utf8(s) && str_codepoints(s) <= most));
}

static void check_url(struct str s)
{
	must(!s.p || str_starts(s, STR("http://")) || str_starts(s, STR("https://")));
	must(s.n <= 2048 && !memchr(s.p ? s.p : "", '\n', s.n));
}

static void check_create(const struct request *rq)
{
	const struct payment_create *c = rq->task.command;

	must(c->item_name.n > 0 && c->item_amount >= 0 && c->tax_amount >= 0);
	must(c->item_amount <= MONEY_ITEM_MAX && c->tax_amount <= MONEY_ITEM_MAX);
	check_text(c->item_name, 255);
	check_text(c->track_id, 255);
	check_text(c->customer_name, 255);
	check_url(c->redirect_url);
	check_url(c->callback_url);
	must(!c->customer_phone.p || (c->customer_phone.n >= 8 && c->customer_phone.p[0] == '+'));
	must(c->redirect_url.p && c->ttl_us > 0 && c->retry_attempts >= 0 && c->retry_attempts <= 50);
	must(c->kind == PAYMENT_ONE_USE || (c->customer_email.p && c->media));
}

static void check_stats(const struct request *rq)
{
	const struct payment_stats *c = rq->task.command;

	must(c->date_us == PAYMENT_STATS_TODAY ? c->is_month : c->date_us % SECONDS_US(24 * 3600) == 0);
}

static void check_ack(const struct request *rq)
{
	must(((const struct payment_queue_ack *)rq->task.command)->count <= PAYMENT_QUEUE_ACK_MOST);
}

static void check_import(const struct request *rq)
{
	const struct external_import_run *c = rq->task.command;

	must(c->count <= EXTERNAL_IMPORT_ROWS && c->source.n > 0);
	for (size_t i = 0; i < c->count; i++) {
		const struct external_invoice *one = c->invoices[i];

		must(one->invoice.n > 0 && one->customer.n > 0 && one->date.n == 10 && one->due_date.n == 10);
		must(str_cmp(one->date, one->due_date) <= 0);
		check_text(one->invoice, 64);
		check_text(one->label, 255);
		must(!i || str_cmp(c->invoices[i - 1]->invoice, one->invoice) < 0);
	}
}

static void check_list(const struct request *rq)
{
	const struct external_list *c = rq->task.command;

	must(c->invoice_count <= EXTERNAL_NAMES_MOST);
	for (size_t i = 1; i < c->invoice_count; i++)
		must(str_cmp(c->invoices[i - 1], c->invoices[i]) < 0);
}

static void check_words(const struct request *rq)
{
	const struct external_words_set *c = rq->task.command;

	for (int i = 0; i < EXTERNAL_STATUSES; i++)
		check_text(c->words[i], 64);
}

static void check_nothing(const struct request *rq)
{
	must(rq->task.command);
}

static const struct parser {
	enum err (*parse)(struct request *rq);
	void (*check)(const struct request *rq);
} parsers[] = {
	{ mobip_create_parse, check_create },
	{ mobip_send_parse, check_create },
	{ mobip_get_parse, check_nothing },
	{ mobip_cancel_parse, check_nothing },
	{ mobip_resend_parse, check_nothing },
	{ mobip_stats_parse, check_stats },
	{ mobip_invoice_parse, check_nothing },
	{ mobip_own_account_parse, check_nothing },
	{ mobip_queue_parse, check_nothing },
	{ mobip_queue_ack_parse, check_ack },
	{ mobip_external_import_parse, check_import },
	{ mobip_external_list_parse, check_list },
	{ mobip_reusable_parse, check_nothing },
	{ mobip_words_set_parse, check_words },
	{ mobip_words_get_parse, check_nothing },
};

/* A refusal says what is wrong, in both forms. */
static void check_refusal(struct request *rq, enum err e)
{
	struct http_exchange *x = rq->x;
	struct json doc;
	struct buf xml;

	if (!rq->fault_count)
		request_add_fault(rq, e, STR_NONE);
	must(rq->faults[0].code == e && mobip_error(e)->code == e);
	buf_clear(&x->reply);
	mobip_refuse(rq);
	must(!x->reply.failed && json_read(&x->arena, buf_view(&x->reply), NULL, &doc) == OK);
	must(json_count(json_root(&doc)) == 2);
	buf_init(&xml, (size_t)16 * 1024 * 1024);
	xml_put(&xml, &x->arena, "response", json_root(&doc));
	must(!xml.failed && str_is_utf8(buf_view(&xml)));
	buf_done(&xml);
}

static void run(const struct http_exchange *sent, const struct parser *parser)
{
	static const struct partner partner = { .id = 5, .price_list = { "standard", 8 }, .home = { 978 } };
	static const struct credential credential = { .id = 9, .partner_id = 5, .partner = &partner };
	static const struct api_settings settings = { .public_url = "https://pay.example" };
	static const struct keys keys = { .key_id = 1 };
	struct http_exchange x = *sent;
	struct request rq = { .x = &x,
			      .credential = &credential,
			      .settings = &settings,
			      .keys = &keys,
			      .now_us = INT64_C(1767323045678901),
			      .task.arena = &x.arena };

	arena_init(&x.arena);
	buf_init(&x.reply, (size_t)16 * 1024 * 1024);
	enum err e = mobip_read(&rq);
	if (e)
		must(e == ERR_MALFORMED || e == ERR_TOO_LARGE);
	else
		e = parser->parse(&rq);
	if (e)
		check_refusal(&rq, e);
	else
		parser->check(&rq);
	buf_done(&x.reply);
	arena_done(&x.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = { (const char *)data, size };
	struct str method = str_cut(&body, '\n'), type = str_cut(&body, '\n'), query = str_cut(&body, '\n');
	const struct http_header headers[] = { { STR("Content-Type"), type } };

	if (size > 64 * 1024)
		return 0;
	const struct http_exchange sent = { .method = method,
					    .query = query,
					    .body = body.p ? body : STR(""),
					    .headers = headers,
					    .header_count = type.n ? 1 : 0,
					    .status = 200 };
	for (size_t i = 0; i < ARRAY_LEN(parsers); i++)
		run(&sent, &parsers[i]);
	return 0;
}
