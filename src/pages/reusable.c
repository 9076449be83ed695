#include "pages/reusable.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/engine.h"

/* A form is good for less time than what it began is remembered for (service/repeat.h). */
static const int64_t ticket_us = SECONDS_US(12 * 3600), payment_us = SECONDS_US(24 * 3600);

static const struct reusable *sold(const struct page *p)
{
	return &p->reusable->get.view.reusable;
}

static void say(struct page *p, enum word word)
{
	html_text(&p->x->reply, word_in(p->language, word));
}

static struct str seal_of(struct page *p, struct str ticket)
{
	return page_seal(p, arena_printf(&p->x->arena, "reusable %lld %.*s", (long long)sold(p)->id, STR_ARG(ticket)));
}

/* When it was made, and what nobody guesses. */
static struct str ticket_new(struct page *p)
{
	char token[33];

	crypto_token(token);
	return arena_printf(&p->x->arena, "%lld.%s", (long long)p->now_us, token);
}

static bool ticket_is_good(struct page *p, struct str ticket, struct str seal)
{
	struct str rest = ticket;
	int64_t made_us;

	return crypto_equal(seal, seal_of(p, ticket)) &&
	       str_to_i64(str_cut(&rest, '.'), 0, INT64_MAX, &made_us) == OK && p->now_us - made_us < ticket_us;
}

static void put_item(struct page *p)
{
	const struct reusable *r = sold(p);
	struct buf *b = &p->x->reply;

	html_lit(b, "<section class=\"item\">\n");
	if (r->photo_state == PHOTO_KEPT) {
		html_lit(b, "<img class=\"photo\" alt=\"");
		html_text(b, r->item_name);
		html_lit(b, "\" src=\"");
		html_text(b, public_link(p->keys, &p->x->arena, "", PUBLIC_PHOTO, r->id, 0, ".photo"));
		html_lit(b, "\">\n");
	}
	if (r->message.n) {
		html_lit(b, "<p class=\"message\">");
		html_text(b, r->message);
		html_lit(b, "</p>\n");
	}
	html_lit(b, "<dl>\n");
	html_pair(b, word_in(p->language, WORD_BUY_BRAND), r->brand);
	html_pair(b, word_in(p->language, WORD_BUY_CATEGORY), r->category);
	html_pair(b, word_in(p->language, WORD_PAY_REFERENCE), r->reference);
	html_lit(b, "</dl>\n");
	if (r->video_url.n) {
		html_lit(b, "<a rel=\"noreferrer\" href=\"");
		html_text(b, r->video_url);
		html_lit(b, "\">");
		say(p, WORD_BUY_VIDEO);
		html_lit(b, "</a>\n");
	}
	html_lit(b, "</section>\n");
}

/* The form asks for its own language, so that the payment is in it. */
static void put_form(struct page *p)
{
	const struct reusable *r = sold(p);
	struct str ticket = ticket_new(p);
	struct buf *b = &p->x->reply;

	html_lit(b, "<form method=\"post\" action=\"");
	html_text(b, p->x->path);
	html_lit(b, "?lang=");
	html_text(b, language_code(p->language));
	html_lit(b, "\">\n<input type=\"hidden\" name=\"ticket\" value=\"");
	html_text(b, ticket);
	html_lit(b, "\"><input type=\"hidden\" name=\"seal\" value=\"");
	html_text(b, seal_of(p, ticket));
	html_lit(b, "\">\n<button>");
	say(p, WORD_PAY_BUTTON);
	html_lit(b, " ");
	page_amount(p, r->item_amount + r->tax_amount, r->currency);
	html_lit(b, "</button>\n<p class=\"care\">");
	say(p, WORD_BUY_NEXT);
	html_lit(b, "</p></form>\n");
}

static void show(struct page *p)
{
	const struct reusable *r = sold(p);
	struct buf *b = &p->x->reply;

	page_open(p, WORD_PAYMENT, 0);
	page_languages(p);
	html_lit(b, "<p class=\"merchant\">");
	html_text(b, p->reusable->get.view.merchant_name);
	html_lit(b, "</p>\n<h1>");
	html_text(b, r->item_name);
	html_lit(b, "</h1>\n");
	if (p->x->status != 200) {
		html_lit(b, "<p class=\"notice\" role=\"alert\">");
		say(p, p->reusable->trouble);
		html_lit(b, "</p>\n");
	}
	if (r->photo_state == PHOTO_KEPT || r->message.n || r->brand.n || r->category.n || r->reference.n ||
	    r->video_url.n)
		put_item(p);
	page_bill(p, &(struct page_bill){ STR_NONE, r->currency, r->item_amount, r->tax_amount });
	put_form(p);
	page_end(p);
	page_send(p, "text/html; charset=utf-8", STR("'self'"));
}

static void show_trouble(struct page *p, int status, enum word trouble)
{
	p->x->status = status;
	p->reusable->trouble = trouble;
	show(p);
}

static void begun(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	enum err e = p->task.result;

	(void)arg;
	if (e) {
		log_info("reusable.refused", "reusable=%lld error=%s", (long long)sold(p)->id, err_name(e));
		if (e == ERR_CURRENCY || e == ERR_FORBIDDEN)
			show_trouble(p, 409, WORD_PAY_NOWHERE);
		else
			show_trouble(p, 503, WORD_BUY_LATER);
		return;
	}
	int64_t id = p->reusable->create.view.payment.id;
	x->status = 303;
	http_reply_header(x, "Location", public_link(p->keys, &x->arena, "", PUBLIC_PAYMENT, id, 0, ""));
	page_send(p, "text/html; charset=utf-8", STR("'self'"));
}

/* Each payment is a row for ever, and nobody has shown who he is: so there are so many for an address. */
static bool may_begin(struct page *p)
{
	const struct pages_options *options = &p->pages->options;
	struct rate_verdict verdict =
		rates_take(p->pages->begun, rate_key_of_peer(p->x->peer),
			   rate_share(options->qr_payments, engine_nodes(options->engine)), p->x->arrived_us);

	if (!verdict.allowed)
		http_reply_header(p->x, "Retry-After",
				  arena_printf(&p->x->arena, "%lld", (long long)verdict.retry_after_seconds));
	return verdict.allowed;
}

static void take_form(struct page *p)
{
	struct str ticket, seal;
	struct query q;

	if (query_parse(&p->x->arena, p->x->body, QUERY_PLUS_IS_SPACE, &q))
		q.count = 0;
	ticket = query_find(&q, "ticket");
	seal = query_find(&q, "seal");
	if (!ticket_is_good(p, ticket, seal)) {
		show_trouble(p, 403, WORD_PAY_OLD_FORM);
		return;
	}
	if (!may_begin(p)) {
		log_info("reusable.too_many", "reusable=%lld peer=%.*s", (long long)sold(p)->id, STR_ARG(p->x->peer));
		show_trouble(p, 429, WORD_BUY_TOO_MANY);
		return;
	}
	p->task.partner_id = sold(p)->partner_id;
	p->reusable->create =
		(struct payment_create){ .kind = PAYMENT_REUSABLE,
					 .reusable_id = sold(p)->id,
					 .language = p->language == LANGUAGE_FR ? PAY_FR : PAY_EN,
					 .ttl_us = payment_us,
					 .idempotency_key = arena_printf(&p->x->arena, "page %.*s", STR_ARG(ticket)),
					 .idempotency_hash = sold(p)->id };
	page_submit(p, &verb_payment_create, &p->reusable->create, begun);
}

static void have_reusable(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	if (p->task.result)
		page_send_nothing(p);
	else if (str_is(x->method, "POST"))
		take_form(p);
	else
		show(p);
}

void reusable_start(struct page *p, int64_t id)
{
	p->reusable = ARENA_NEW(&p->x->arena, struct reusable_page);
	p->reusable->get = (struct reusable_get){ .id = id, .is_public = true };
	page_submit(p, &verb_reusable_get, &p->reusable->get, have_reusable);
}

static void have_photo(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	const struct photo_get *photo = &p->reusable->photo;

	(void)arg;
	if (p->task.result) {
		page_send_nothing(p);
		return;
	}
	buf_str(&x->reply, photo->content);
	page_send_kept(p, arena_strz(&x->arena, photo->type), "private, max-age=86400");
}

void reusable_photo_start(struct page *p, int64_t id)
{
	p->reusable = ARENA_NEW(&p->x->arena, struct reusable_page);
	p->reusable->photo = (struct photo_get){ .reusable_id = id };
	page_submit(p, &verb_photo_get, &p->reusable->photo, have_photo);
}
